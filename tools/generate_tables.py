"""Generate `clarion.wire.tables`: routes, labels, query members and errors of every AWS operation."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from botocore.model import OperationModel, ServiceModel, Shape

from tools.models import SERVICES, attribute, is_fault, is_iso, load, module_name

ROOT = Path(__file__).resolve().parent.parent
HEADER = '''"""Operations of `{service}`. GENERATED from botocore's service model by `make gen`; do not edit."""

from __future__ import annotations

from clarion.shapes import {module} as shapes
from clarion.wire.model import {names}
'''


def files() -> dict[str, str]:
    """Path and text of every table module."""
    return {f"src/clarion/wire/tables/{module_name(service)}.py": render(load(service)) for service in SERVICES}


def render(model: ServiceModel) -> str:
    metadata = model.metadata
    operations = [_operation(model.operation_model(name)) for name in sorted(model.operation_names)]
    query = ["QueryMember"] if any("QueryMember(" in text for text in operations) else []
    names = ", ".join(["ErrorShape", "Operation", *query, "Service"])
    lines = [
        HEADER.format(service=model.service_name, module=module_name(model.service_name), names=names),
        "SERVICE = Service(",
        f'    name="{model.service_name}",',
        f'    protocol="{metadata["protocol"]}",',
        f'    signing_name="{metadata["signingName"]}",',
        f'    json_version="{metadata["jsonVersion"]}",',
        f'    target_prefix="{metadata.get("targetPrefix", "")}",',
        "    errors={",
        *(f"        {line}," for line in _errors(model)),
        "    },",
        "    operations=(",
        *operations,
        "    ),",
        ")",
    ]
    return _formatted("\n".join(lines) + "\n")


def _formatted(text: str) -> str:
    """As `ruff format` leaves it, so that the check of all formatting holds for generated tables too."""
    ruff = Path(sys.executable).parent / "ruff"
    command = [str(ruff), "format", "--stdin-filename", "src/clarion/wire/tables/new.py", "-"]
    return subprocess.run(command, input=text, text=True, capture_output=True, check=True, cwd=ROOT).stdout


def _errors(model: ServiceModel) -> list[str]:
    lines = []
    for name in sorted(model.shape_names):
        shape = model.shape_for(name)
        if not shape.metadata.get("exception"):
            continue
        error = shape.metadata.get("error", {})
        status = error.get("httpStatusCode") or (500 if is_fault(shape) else 400)
        members = "".join(f'"{member}", ' for member in shape.members)
        lines.append(f'"{name}": ErrorShape({status}, ({members.strip()}))')
    return lines


def _operation(operation: OperationModel) -> str:
    given, answer = operation.input_shape, operation.output_shape
    parts = [f'            name="{operation.name}"', f'            python_name="{attribute(operation.name)}"']
    parts.append(f'            method="{operation.http["method"]}"')
    parts.append(f'            path="{operation.http["requestUri"].split("?")[0]}"')
    parts.append(f"            status={operation.http.get('responseCode', 200)}")
    if given is not None:
        parts.append(f"            input=shapes.{given.name}")
        payload = given.serialization.get("payload")
        if payload:
            parts.append(f'            payload="{attribute(payload)}"')
            parts.append(f"            payload_type=shapes.{given.members[payload].name}")
        parts += _located(given)
    if answer is not None:
        payload = answer.serialization.get("payload")
        shape = answer.members[payload] if payload else answer
        parts.append(f"            output=shapes.{shape.name}")
        if payload:
            parts.append(f'            output_payload="{payload}"')
    errors = "".join(f'"{shape.name}", ' for shape in operation.error_shapes)
    parts.append(f"            errors=({errors.strip()})")
    return "        Operation(\n" + ",\n".join(parts) + ",\n        ),"


def _located(shape: Shape) -> list[str]:
    labels, query, body = [], [], False
    for name, member in shape.members.items():
        location = member.serialization.get("location")
        wire = member.serialization.get("name", name)
        if location == "uri":
            labels.append(f'"{wire}": "{attribute(name)}"')
        elif location == "querystring":
            required = ", required=True" if name in shape.required_members else ""
            query.append(f'"{wire}": QueryMember("{attribute(name)}", "{_query_kind(member)}"{required})')
        else:
            body = True
    parts = []
    if labels:
        parts.append(f"            labels={{{', '.join(labels)}}}")
    if query:
        parts.append(f"            query={{{', '.join(query)}}}")
    if body:
        parts.append("            has_body=True")
    return parts


def _query_kind(shape: Shape) -> str:
    if shape.type_name == "timestamp":
        return "iso" if is_iso(shape, "querystring") else "epoch"
    return {"string": "string", "boolean": "boolean", "integer": "integer", "list": "list"}[shape.type_name]

"""The OpenAPI 3.1 document of the control API, made from the structs of its routes."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import msgspec

from clarion.wire.control import PREFIX, ControlApi, ControlRoute, Nothing
from clarion.wire.http.asgi import Response
from clarion.wire.http.plain import PlainRequest, PlainRoute

PATH = f"{PREFIX}openapi.json"
_REFERENCE = "#/components/schemas/{name}"
_JSON = "application/json"
_ERROR = {
    "description": "What went wrong; the header `x-amzn-ErrorType` names the kind.",
    "content": {
        _JSON: {
            "schema": {
                "type": "object",
                "properties": {"RequestID": {"type": "string"}, "Message": {"type": "string"}},
                "required": ["RequestID", "Message"],
            }
        }
    },
}


Names = Mapping[type[msgspec.Struct], str]
"""What structs are called in the document."""


def page(control: ControlApi) -> PlainRoute:
    """The document as an unsigned page; it is made when first asked for, after all routes are there."""

    @functools.cache
    def body() -> bytes:
        return msgspec.json.format(msgspec.json.encode(document(control)))

    def openapi(request: PlainRequest) -> Response:
        return Response(200, body(), ((b"content-type", b"application/json"),))

    return PlainRoute(PATH, openapi)


def document(control: ControlApi) -> dict[str, Any]:
    """The whole document."""
    routes = list(control.routes())
    structs = {struct for route in routes for struct in (route.request, route.response)}
    ordered = sorted(structs, key=lambda struct: (struct.__name__, struct.__module__))
    references, components = msgspec.json.schema_components(ordered, ref_template=_REFERENCE)
    # Two slices may have a struct of one name each; then the whole names tell them apart.
    names = {struct: found["$ref"].rpartition("/")[2] for struct, found in zip(ordered, references, strict=True)}
    paths: dict[str, Any] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, components, names)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Clarion control API",
            "version": "1",
            "description": "What Amazon Pinpoint's API has no operation for. Requests are signed with AWS "
            "Signature Version 4 for the service `mobiletargeting`.",
        },
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "sigv4": {"type": "apiKey", "in": "header", "name": "Authorization"},
            },
        },
        "security": [{"sigv4": []}],
    }


def _operation(route: ControlRoute, components: dict[str, Any], names: Names) -> dict[str, Any]:
    schema = components[names[route.request]]
    properties, required = schema.get("properties", {}), set(schema.get("required", ()))
    in_body = route.method in ("POST", "PUT")
    found: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "description": f"Roles: {', '.join(sorted(route.roles))}.",
        "parameters": [
            _parameter(name, member, name in route.labels, name in required)
            for name, member in properties.items()
            if name in route.labels or not in_body
        ],
        "responses": {str(route.status): _answer(route, names), "default": _ERROR},
    }
    members = {name: member for name, member in properties.items() if name not in route.labels}
    if in_body and members:
        body = {"type": "object", "properties": members, "required": sorted(required - set(route.labels))}
        found["requestBody"] = {"required": True, "content": {_JSON: {"schema": body}}}
    return found


def _parameter(name: str, schema: dict[str, Any], in_path: bool, required: bool) -> dict[str, Any]:
    place = "path" if in_path else "query"
    found = {"name": name, "in": place, "required": in_path or required, "schema": schema}
    if not in_path and _is_object(schema):
        # Sent as Name.key=value, which no OpenAPI style describes.
        found["description"] = f"One parameter `{name}.<key>` for each entry."
    return found


def _is_object(schema: dict[str, Any]) -> bool:
    return any(part.get("type") == "object" for part in (schema, *schema.get("anyOf", ())))


def _answer(route: ControlRoute, names: Names) -> dict[str, Any]:
    if route.response is Nothing:
        return {"description": "Done; no body."}
    reference = {"$ref": _REFERENCE.format(name=names[route.response])}
    return {"description": "The answer.", "content": {_JSON: {"schema": reference}}}

"""A process without threads, a project and a folder of files: jobs stand still until `settle`."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import msgspec

from clarion.domain.transfers.model import export_answer, import_answer
from clarion.shapes.pinpoint import ExportJobRequest, ImportJobRequest
from tests.server.house import SCOPE, House

ROLE = "arn:aws:iam::000000000001:role/import"


class Desk:
    """Requests and answers as the API has them."""

    def __init__(self, state_url: str, events_url: str, folder: Path) -> None:
        self.files = folder / "files"
        self.files.mkdir()
        self.house = House(state_url, events_url, data=str(folder / "data"), object_folders=str(self.files))
        self.app = self.house.project()

    def put(self, name: str, content: str | bytes) -> str:
        """Write a file; answers its URL."""
        path = self.files / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return f"file://{path}"

    def create(self, url: str, *, app: str = "", **request: Any) -> dict[str, Any]:
        """CreateImportJob; registers endpoints unless told otherwise."""
        wanted = {"Format": "CSV", "RoleArn": ROLE, "S3Url": url, "RegisterEndpoints": True, **request}
        sent = msgspec.convert(wanted, ImportJobRequest)
        return _plain(import_answer(self.house.transfers.create_import(SCOPE, app or self.app, sent)))

    def get(self, job_id: str) -> dict[str, Any]:
        """GetImportJob."""
        return _plain(import_answer(*self.house.transfers.get(SCOPE, self.app, "IMPORT", job_id)))

    def load(self, url: str, **request: Any) -> dict[str, Any]:
        """Import to the end."""
        job = self.create(url, **request)
        self.house.settle()
        return self.get(job["Id"])

    def export(self, **request: Any) -> dict[str, Any]:
        """CreateExportJob below `out`."""
        wanted = {"RoleArn": ROLE, "S3UrlPrefix": f"file://{self.files}/out", **request}
        sent = msgspec.convert(wanted, ExportJobRequest)
        return _plain(export_answer(self.house.transfers.create_export(SCOPE, self.app, sent)))

    def exported(self, job_id: str) -> dict[str, Any]:
        """GetExportJob."""
        return _plain(export_answer(*self.house.transfers.get(SCOPE, self.app, "EXPORT", job_id)))

    def written(self) -> list[str]:
        """The ids of everybody in all objects of exports, in their order."""
        found = sorted(self.files.rglob("*.json.gz"))
        return [json.loads(line)["Id"] for path in found for line in gzip.decompress(path.read_bytes()).splitlines()]

    def endpoints(self) -> list[str]:
        """The ids of all endpoints in the columnar store: those of the state by way of the log."""
        rows = self.house.columnar.query(
            "SELECT endpoint_id FROM endpoints FINAL WHERE app_id = {app:String} ORDER BY endpoint_key",
            {"app": self.app},
        )
        return [str(row[0]) for row in rows]


def people(*numbers: int) -> str:
    """A CSV file of so many."""
    return "Id,ChannelType,Address\n" + "".join(f"p{n},EMAIL,p{n}@example.com\n" for n in numbers)


def _plain(answer: msgspec.Struct) -> dict[str, Any]:
    return dict(msgspec.to_builtins(answer))

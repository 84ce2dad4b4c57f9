"""`clarion export`: into a bucket or a folder of the server, or as a local file."""

from __future__ import annotations

import gzip
import os
from base64 import b64decode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Annotated, Any

import typer
from rich.markup import escape

from clarion.cli.client import Client
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Project, Region, Url
from clarion.cli.output import as_json, fail, progress, say
from clarion.cli.transfer.follow import follow
from clarion.cli.transfer.imports import INTERRUPTED
from clarion.cli.transfer.upload import PATH as UPLOADS
from clarion.cli.transfer.upload import remove
from clarion.core.ids import SystemIds
from clarion.core.settings import load

PATH = "/clarion/v1/exports"
ROLE = "arn:aws:iam::000000000001:role/clarion-export"
ENDING = ".gz"


def export(
    project: Project,
    target: Annotated[str | None, typer.Argument(metavar="URL", help="s3:// or file:// prefix to write below.")] = None,
    to: Annotated[Path | None, typer.Option("--to", help="Local file (…json.gz) instead.")] = None,
    segment: Annotated[str | None, typer.Option("--segment", help="Id of a segment; default: everybody.")] = None,
    version: Annotated[int | None, typer.Option("--version", help="Version of the segment; default: latest.")] = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Export endpoints as JSON lines, packed with gzip, and wait for the end."""
    if (target is None) == (to is None):
        fail("say where to: a URL, or --to FILE.json.gz")
    if to is not None and (to.is_dir() or to.suffix != ENDING):
        fail(f"--to: {to} must be a file whose name ends in {ENDING}")
    client = Client(load({"data": data}, config=config), url, region)
    request: dict[str, object] = {"RoleArn": ROLE, "SegmentId": segment, "SegmentVersion": version}
    if to is None:
        ended = _run(client, project, {**request, "S3UrlPrefix": target}, json)
        _conclude(ended, json)
        return
    folder = f"export-{SystemIds().hex32()}"
    there = client.call("GET", UPLOADS, {"ApplicationId": project, "Name": folder})["Url"]
    try:
        ended = _run(client, project, {**request, "S3UrlPrefix": f"{there}/"}, json)
        if ended["Job"]["JobStatus"] == "COMPLETED":
            _download(client, project, ended, to)
    finally:
        remove(client, project, [folder])
    _conclude(ended, json, to)


def _run(client: Client, project: str, request: Mapping[str, object], quiet: bool) -> dict[str, Any]:
    body = {name: value for name, value in request.items() if value is not None}
    job = client.call("POST", f"/v1/apps/{project}/jobs/export", body=body)
    query = {"ApplicationId": project, "JobId": job["Id"]}
    try:
        return follow(client, PATH, query, quiet=quiet)
    except KeyboardInterrupt:
        client.call("POST", f"{PATH}/cancel", query)
        say("cancelled")
        raise typer.Exit(INTERRUPTED) from None


def _download(client: Client, project: str, ended: Mapping[str, Any], to: Path) -> None:
    """All objects one behind the other, which is one gzip file; it appears when it is whole."""
    part = to.with_name(f"{to.name}.part")
    try:
        with part.open("wb") as file, progress(f"downloading {to}, bytes") as tell:
            for one in ended["Objects"]:
                query = {"ApplicationId": project, "JobId": ended["Job"]["Id"], "Number": one["Number"]}
                _copy(client, query, file)
                tell(file.tell())
            if not ended["Objects"]:
                file.write(gzip.compress(b"", mtime=0))
        os.replace(part, to)
    except OSError as error:
        fail(f"{to}: {error.strerror}")
    finally:
        part.unlink(missing_ok=True)


def _copy(client: Client, query: Mapping[str, object], file: IO[bytes]) -> None:
    at = 0
    while True:
        answer = client.call("GET", f"{PATH}/content", {**query, "Offset": at})
        data = b64decode(answer["Data"])
        file.write(data)
        at += len(data)
        if at >= answer["Size"]:
            return


def _conclude(ended: Mapping[str, Any], json: bool, to: Path | None = None) -> None:
    job = ended["Job"]
    if json:
        as_json(ended)
    else:
        where: Sequence[str] = [str(to)] if to else [one["Url"] for one in ended["Objects"]]
        say(f"{job['JobStatus']}: {job.get('TotalProcessed', 0):,} endpoints")
        if job["JobStatus"] == "FAILED":
            for reason in job.get("Failures", []):
                say(escape(reason))
        else:
            for one in where:
                say(escape(one))
    if job["JobStatus"] == "FAILED":
        raise typer.Exit(1)

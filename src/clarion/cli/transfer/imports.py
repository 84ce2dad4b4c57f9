"""`clarion import` and `clarion imports`.

Exit codes: 0 every row was taken; 1 a job failed, or could not be asked for; 3 rows were refused; 130 interrupted.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple, cast

import typer
from rich.markup import escape

from clarion.cli.client import Client
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Project, Region, Url
from clarion.cli.output import as_json, fail, say, table
from clarion.cli.transfer.follow import follow
from clarion.cli.transfer.upload import Uploaded, remove, upload
from clarion.core.settings import load
from clarion.domain.transfers.model import ENDINGS
from clarion.shapes.pinpoint import Format

PATH = "/clarion/v1/imports"
ROLE = "arn:aws:iam::000000000001:role/clarion-import"
REFUSED, INTERRUPTED = 3, 130
SHOWN = 10
"""Refused rows that are shown; `--report` has all."""

app = typer.Typer(help="Import jobs: list them, show one, cancel one.", no_args_is_help=True)

Job = Annotated[str, typer.Argument(help="Job id.")]
Report = Annotated[Path | None, typer.Option("--report", help="Write every refused row into this file.")]


class Source(NamedTuple):
    """What one job reads: a URL, what it is called here, and the upload behind it if it is one."""

    url: str
    format: Format
    name: str
    uploaded: Uploaded | None = None


def import_(
    sources: Annotated[list[str], typer.Argument(metavar="FILE|URL…", help="Local files; s3:// or file:// URLs.")],
    project: Project,
    segment: Annotated[str | None, typer.Option("--segment", help="Make a segment of this name of the rows.")] = None,
    into: Annotated[
        str | None, typer.Option("--into", help="Id of an imported segment to replace the list of.")
    ] = None,
    register: Annotated[bool, typer.Option(help="Write the rows to the endpoints.")] = True,
    format: Annotated[str | None, typer.Option("--format", help="csv or json; default: as the names end.")] = None,
    keep_upload: Annotated[bool, typer.Option("--keep-upload", help="Leave uploaded files on the server.")] = False,
    report: Report = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Import endpoints from local files (one job together) or from URLs (a job each), and wait for the end."""
    if segment and into:
        fail("--segment makes a new segment, --into fills one that is there: give one of them")
    client = Client(load({"data": data}, config=config), url, region)
    files = [Path(one) for one in sources if "://" not in one]
    urls = [one for one in sources if "://" in one]
    if (segment or into) and bool(files) + len(urls) > 1:
        fail("a segment is made by one job: give local files, or one URL")
    for file in files:
        if not file.is_file():
            fail(f"{file} is not a file")
    request = {"RegisterEndpoints": register, "RoleArn": ROLE}
    if segment:
        request |= {"DefineSegment": True, "SegmentName": segment}
    if into:
        request |= {"SegmentId": into}
    # Formats are checked before anything is uploaded.
    planned = [(_format([one], format), one) for one in urls]
    ended = []
    if files:
        wanted = _format([str(file) for file in files], format)
        uploaded = _uploaded(client, project, files, wanted)
        name = str(files[0]) if len(files) == 1 else f"{len(files)} files"
        ended.append(_run(client, project, Source(uploaded.url, wanted, name, uploaded), request, json, keep_upload))
    for wanted, one in planned:
        ended.append(_run(client, project, Source(one, wanted, one), request, json, keep_upload))
    _conclude(client, project, ended, report, json)


@app.command("list")
def list_(
    project: Project,
    limit: Annotated[int, typer.Option(help="At most so many, newest first.", min=1, max=1000)] = 20,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """List import jobs, newest first."""
    client = Client(load({"data": data}, config=config), url, region)
    jobs = client.call("GET", f"/v1/apps/{project}/jobs/import", {"page-size": limit})["Item"]
    if json:
        as_json(jobs)
        return
    rows = [
        (
            job["Id"],
            job["JobStatus"],
            job["CreationDate"],
            job.get("TotalProcessed"),
            job.get("TotalFailures"),
            job["Definition"]["S3Url"],
        )
        for job in jobs
    ]
    table(["JOB", "STATUS", "CREATED", "ROWS", "REFUSED", "SOURCE"], rows)


@app.command()
def show(
    job: Job,
    project: Project,
    report: Report = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Show how an import stands, with its files and the first refused rows."""
    client = Client(load({"data": data}, config=config), url, region)
    progress = client.call("GET", PATH, {"ApplicationId": project, "JobId": job})
    if report:
        _write_report(client, project, [(progress, {})], report)
    if json:
        as_json(progress)
        return
    _say_end(client, project, progress, progress["Job"]["Definition"]["S3Url"], {})
    pieces = [(piece["Url"], piece["State"], piece["Lines"], piece.get("Error")) for piece in progress["Pieces"]]
    table(["FILE", "STATE", "LINES", "ERROR"], pieces)


@app.command()
def cancel(
    job: Job,
    project: Project,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
) -> None:
    """End an import where it is; what it has written stays."""
    client = Client(load({"data": data}, config=config), url, region)
    client.call("POST", f"{PATH}/cancel", {"ApplicationId": project, "JobId": job})
    say(f"{job} is cancelled; what it has written stays")


class Ended(NamedTuple):
    """An import that has ended, and what it read."""

    progress: dict[str, Any]
    source: Source

    @property
    def local(self) -> Mapping[str, str]:
        return self.source.uploaded.local if self.source.uploaded else {}


def _format(names: Sequence[str], said: str | None) -> Format:
    if said is not None:
        if said.upper() not in ENDINGS:
            fail("--format: must be csv or json")
        return cast("Format", said.upper())
    found = {format for name in names for format, ends in ENDINGS.items() if name.lower().endswith(ends)}
    if len(found) > 1:
        fail("CSV and JSON files are different jobs: import them one after the other")
    if not found:
        fail(f"{names[0]}: the name does not tell the format; say --format csv or --format json")
    return found.pop()


def _uploaded(client: Client, project: str, files: Sequence[Path], format: Format) -> Uploaded:
    try:
        return upload(client, project, files, format)
    except KeyboardInterrupt:
        say("interrupted; what was uploaded stays, and the same command goes on from there")
        raise typer.Exit(INTERRUPTED) from None


def _run(
    client: Client, project: str, source: Source, request: Mapping[str, object], quiet: bool, keep_upload: bool
) -> Ended:
    """Ask for the job and follow it to its end."""
    body = {**request, "Format": source.format, "S3Url": source.url}
    job = client.call("POST", f"/v1/apps/{project}/jobs/import", body=body)
    query = {"ApplicationId": project, "JobId": job["Id"]}
    if not quiet:
        say(escape(f"importing {source.name}: job {job['Id']}"))
    try:
        progress = follow(client, PATH, query, quiet=quiet)
    except KeyboardInterrupt:
        if not _leaves():
            client.call("POST", f"{PATH}/cancel", query)
            say("cancelled; what it has written stays")
            _clean(client, project, source, None, keep_upload)
        else:
            say(f"it goes on: clarion imports show --app {project} {job['Id']}")
        raise typer.Exit(INTERRUPTED) from None
    _clean(client, project, source, progress.get("ReportUrl"), keep_upload)
    return Ended(progress, source)


def _leaves() -> bool:
    """Whether an interrupted command leaves its job running; only somebody at a terminal is asked."""
    if not sys.stdin.isatty():
        return False
    try:
        return not typer.confirm("Cancel the import?", default=True)
    except typer.Abort:
        return True


def _clean(client: Client, project: str, source: Source, report_url: str | None, keep_upload: bool) -> None:
    """Remove the upload with its report: the rows can be asked for."""
    if source.uploaded is not None and not keep_upload:
        reports = [report_url.rpartition("/")[2]] if report_url else []
        remove(client, project, [*source.uploaded.names, *reports])


def _conclude(client: Client, project: str, ended: Sequence[Ended], report: Path | None, json: bool) -> None:
    if report:
        _write_report(client, project, [(one.progress, one.local) for one in ended], report)
    if json:
        as_json([one.progress for one in ended])
    else:
        for one in ended:
            _say_end(client, project, one.progress, one.source.name, one.local)
            if one.progress.get("ReportUrl") and not one.source.uploaded:
                say(escape(f"the report: {one.progress['ReportUrl']}"))
        if report:
            say(escape(f"every refused row: {report}"))
    jobs = [one.progress["Job"] for one in ended]
    if any(job["JobStatus"] == "FAILED" for job in jobs):
        raise typer.Exit(1)
    if any(job.get("TotalFailures") for job in jobs):
        raise typer.Exit(REFUSED)


def _say_end(client: Client, project: str, progress: dict[str, Any], name: str, local: Mapping[str, str]) -> None:
    job = progress["Job"]
    rows, failed = job.get("TotalProcessed", 0), job.get("TotalFailures", 0)
    say(escape(f"{name}: {job['JobStatus']}, {rows:,} rows, {failed:,} refused"))
    if segment := job["Definition"].get("SegmentId"):
        say(f"segment: {segment}")
    if job["JobStatus"] == "FAILED" and (reasons := job.get("Failures")):
        say(escape(_local(reasons[0], local)))
    if failed:
        query = {"ApplicationId": project, "JobId": job["Id"]}
        first = client.call("GET", f"{PATH}/failures", query)["Failures"][:SHOWN]
        for row in first:
            say(escape(_line(row, local)))
        if failed > len(first):
            say(f"… and {failed - len(first):,} more: clarion imports show --app {project} --report FILE {job['Id']}")


def _local(text: str, local: Mapping[str, str]) -> str:
    """A text with the local names of uploaded files."""
    for url, path in local.items():
        text = text.replace(url, path)
    return text


def _line(row: Mapping[str, Any], local: Mapping[str, str]) -> str:
    return f"{local.get(row['Url'], row['Url'])}:{row['Line']}: {row['Reason']}"


def _write_report(
    client: Client, project: str, ended: Sequence[tuple[dict[str, Any], Mapping[str, str]]], path: Path
) -> None:
    try:
        with path.open("w") as report:
            for progress, local in ended:
                for row in _refused(client, project, progress["Job"]["Id"]):
                    report.write(_line(row, local) + "\n")
    except OSError as error:
        fail(f"{path}: {error.strerror}")


def _refused(client: Client, project: str, job_id: str) -> Iterator[dict[str, Any]]:
    for page in client.pages(f"{PATH}/failures", {"ApplicationId": project, "JobId": job_id}):
        yield from page["Failures"]

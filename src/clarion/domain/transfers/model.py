"""What a transfer is: the stored job and its pieces, what may be asked for, and how it answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from clarion.core.clock import iso_ms
from clarion.core.errors import Invalid
from clarion.shapes.pinpoint import (
    ExportJobRequest,
    ExportJobResource,
    ExportJobResponse,
    Format,
    ImportJobRequest,
    ImportJobResource,
    ImportJobResponse,
    JobStatus,
    SegmentImportResource,
)

PLAN_IMPORT, IMPORT_PIECE, END_IMPORT = "transfers.plan_import", "transfers.import_piece", "transfers.end_import"
EXPORT_PIECE = "transfers.export_piece"
PLAN_RECORD, RECORD_PIECE = "transfers.plan_record", "transfers.record_piece"

Kind = Literal["IMPORT", "EXPORT", "RECORD"]
"""Endpoints in, endpoints out, and events out of the record."""

PieceState = Literal["waiting", "done", "failed"]

ENDED: tuple[JobStatus, ...] = ("COMPLETED", "FAILED")
CANCELLED = "cancelled"
"""The reason of a transfer that was told to end."""

MOST_FAILURES = 100
"""Failures that the job resource itself tells; the report has all."""

ENDINGS: dict[Format, tuple[str, ...]] = {
    "CSV": (".csv", ".csv.gz"),
    "JSON": (".json", ".jsonl", ".ndjson", ".json.gz", ".jsonl.gz", ".ndjson.gz"),
}
REPORT = ".errors.txt"


RecordFormat = Literal["parquet", "jsonl", "jsonl.gz"]


class RecordExport(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An export of the record: events that arrived from one moment on and before another (Unix ms), of some types if
    any are named, below a URL."""

    url: str
    format: RecordFormat
    from_ms: int
    until_ms: int
    event_types: list[str] = []


class Definition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was asked for, as it is stored; one of the three."""

    v: int = 1
    imported: ImportJobResource | None = None
    exported: ExportJobResource | None = None
    record: RecordExport | None = None


class Job(NamedTuple):
    """A row of `transfer_jobs`. `seq` also numbers the list of members that an import makes."""

    seq: int
    id: str
    app_id: str
    account: str
    region: str
    kind: Kind
    segment_id: str | None
    status: JobStatus
    created_ms: int
    completed_ms: int | None
    definition: bytes
    pieces: int
    pieces_done: int
    pieces_failed: int
    processed: int
    failed: int
    reason: str | None
    report_url: str | None

    @property
    def imported(self) -> ImportJobResource:
        found = _decode(self.definition).imported
        assert found is not None
        return found

    @property
    def exported(self) -> ExportJobResource:
        found = _decode(self.definition).exported
        assert found is not None
        return found

    @property
    def record(self) -> RecordExport:
        found = _decode(self.definition).record
        assert found is not None
        return found

    @property
    def ended(self) -> bool:
        return self.status in ENDED


class Piece(NamedTuple):
    """An object of a job, and how far it is: bytes of its (unpacked) content and lines of it that are done."""

    job_id: str
    number: int
    url: str
    size: int
    tag: str
    state: PieceState
    at_byte: int
    at_line: int
    error: str | None


class Failure(NamedTuple):
    """A row that was refused: number of its object and its line there (from 1), and why."""

    piece: int
    line: int
    reason: str


class Turn(msgspec.Struct, frozen=True):
    """Arguments of the jobs: a transfer, and which of its pieces."""

    job_id: str
    piece: int = 0
    version: int = 1


_decode = msgspec.json.Decoder(Definition).decode


def check_import(sent: ImportJobRequest, account: str) -> ImportJobResource:
    """The definition of an import; raises Invalid naming the member at fault."""
    define = bool(sent.define_segment) or sent.segment_id is not None
    if not define and not sent.register_endpoints:
        raise Invalid("RegisterEndpoints, DefineSegment: one of them must be true")
    check_url("S3Url", sent.s3_url)
    if not sent.role_arn:
        raise Invalid("RoleArn: must not be empty")
    return ImportJobResource(
        define_segment=define,
        external_id=sent.external_id or account,
        format=sent.format,
        register_endpoints=bool(sent.register_endpoints),
        role_arn=sent.role_arn,
        s3_url=sent.s3_url,
        segment_id=sent.segment_id,
        segment_name=sent.segment_name,
    )


def check_export(sent: ExportJobRequest) -> ExportJobResource:
    """The definition of an export; raises Invalid naming the member at fault."""
    check_url("S3UrlPrefix", sent.s3_url_prefix)
    if not sent.role_arn:
        raise Invalid("RoleArn: must not be empty")
    if sent.segment_version is not None and sent.segment_id is None:
        raise Invalid("SegmentVersion: needs a SegmentId")
    return ExportJobResource(
        role_arn=sent.role_arn,
        s3_url_prefix=sent.s3_url_prefix,
        segment_id=sent.segment_id,
        segment_version=sent.segment_version,
    )


def check_url(member: str, url: str) -> None:
    """Raise Invalid for what is not the address of an object."""
    if not url.startswith(("s3://", "file://")) or len(url) > 2048 or "\0" in url:
        raise Invalid(f"{member}: must be s3://bucket/key, or file:///path in a folder that the operator allows")
    if url.startswith("s3://") and not url[5:].split("/", 1)[0]:
        raise Invalid(f"{member}: names no bucket")


def segment_name(definition: ImportJobResource) -> str:
    """The name of the segment to be made: the one asked for, or the file's without its ending."""
    if definition.segment_name:
        return definition.segment_name
    name = definition.s3_url.rstrip("/").rsplit("/", 1)[-1]
    return name.split(".", 1)[0] or name


def wanted(url: str, definition: ImportJobResource) -> bool:
    """Whether an object is to be read: by its ending, unless it is the very one that was named."""
    return url == definition.s3_url or url.lower().endswith(ENDINGS[definition.format])


def report_url(definition: ImportJobResource, job_id: str) -> str:
    """Where the report goes: beside what was read, or into it if it is a folder, under a name that no import takes
    for data."""
    url = definition.s3_url
    scheme, _, path = url.partition("://")
    if url.endswith("/") or (scheme == "s3" and "/" not in path):
        return f"{url.rstrip('/')}/{job_id}{REPORT}"
    return f"{url}.{job_id}{REPORT}"


def imported_from(definition: ImportJobResource, size: int, channels: dict[str, int]) -> SegmentImportResource:
    """The `ImportDefinition` of a segment: what it was made from, how many rows it has, its endpoints by channel."""
    return SegmentImportResource(
        channel_counts=channels,
        external_id=definition.external_id or "",
        format=definition.format,
        role_arn=definition.role_arn,
        s3_url=definition.s3_url,
        size=size,
    )


def import_answer(job: Job, failures: Sequence[str] = ()) -> ImportJobResponse:
    """The import as the API shows it; counts once it has begun."""
    return ImportJobResponse(definition=job.imported, **_answer(job, failures))


def export_answer(job: Job, failures: Sequence[str] = ()) -> ExportJobResponse:
    """The export as the API shows it; counts once it has begun."""
    return ExportJobResponse(definition=job.exported, **_answer(job, failures))


def _answer(job: Job, failures: Sequence[str]) -> dict[str, Any]:
    """What both answers have in common."""
    begun = job.status != "CREATED"
    return {
        "application_id": job.app_id,
        "completed_pieces": job.pieces_done if begun else None,
        "completion_date": None if job.completed_ms is None else iso_ms(job.completed_ms),
        "creation_date": iso_ms(job.created_ms),
        "failed_pieces": job.pieces_failed if begun else None,
        "failures": list(failures) or None,
        "id": job.id,
        "job_status": job.status,
        "total_failures": job.failed if begun else None,
        "total_pieces": job.pieces if begun else None,
        "total_processed": job.processed if begun else None,
        "type": job.kind,
    }

"""kill -9 in the middle of imports and exports: every row counts once, everybody is there once; and shared work."""

from __future__ import annotations

import gzip
import json
import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from tests.acceptance.project import Project
from tests.acceptance.running import Server, Worker, eventually
from tests.acceptance.stacks import databases, embedded

ROLE = "arn:aws:iam::000000000001:role/import"
GOOD, BAD = 12_000, 60
HEADER = "Id,ChannelType,Address,Attributes.n\n"


def files(folder: Path, parts: int) -> str:
    """GOOD rows and BAD ones in between, in packed files; answers the URL of all."""
    folder.mkdir(parents=True)
    rows = [f"p{n:05d},EMAIL,p{n:05d}@example.com,{n % 7}\n" for n in range(GOOD)]
    for number in range(BAD):
        rows.insert(number * (GOOD // BAD) + 3, f"bad{number}\n")
    size = len(rows) // parts + 1
    for part in range(parts):
        content = HEADER + "".join(rows[part * size : (part + 1) * size])
        (folder / f"{part}.csv.gz").write_bytes(gzip.compress(content.encode()))
    return f"file://{folder}/"


def begin(project: Project, url: str) -> str:
    request = {"Format": "CSV", "RoleArn": ROLE, "S3Url": url, "RegisterEndpoints": True, "DefineSegment": True}
    answer = project.pinpoint.create_import_job(ApplicationId=project.id, ImportJobRequest=request)
    return str(answer["ImportJobResponse"]["Id"])


def job_of(project: Project, job: str) -> dict[str, Any]:
    return dict(project.pinpoint.get_import_job(ApplicationId=project.id, JobId=job)["ImportJobResponse"])


def export(project: Project, prefix: str, **request: Any) -> str:
    wanted = {"RoleArn": ROLE, "S3UrlPrefix": prefix, **request}
    answer = project.pinpoint.create_export_job(ApplicationId=project.id, ExportJobRequest=wanted)
    return str(answer["ExportJobResponse"]["Id"])


def export_of(project: Project, job: str) -> dict[str, Any]:
    return dict(project.pinpoint.get_export_job(ApplicationId=project.id, JobId=job)["ExportJobResponse"])


def ids(folder: Path) -> list[str]:
    """Everybody in all objects of an export, whatever their order."""
    found = sorted(folder.rglob("*.json.gz"))
    return sorted(json.loads(line)["Id"] for path in found for line in gzip.decompress(path.read_bytes()).splitlines())


def exact(project: Project, job: str, parts: int) -> None:
    """All that has to be true of an import that has ended."""
    ended = job_of(project, job)
    names = ("JobStatus", "TotalPieces", "CompletedPieces", "FailedPieces", "TotalProcessed", "TotalFailures")
    assert [ended[name] for name in names] == ["COMPLETED", parts, parts, 0, GOOD + BAD, BAD]
    query = f"ApplicationId={project.id}&JobId={job}"
    failures = project.server.control("GET", f"imports/failures?{query}")["Failures"]
    assert len({(one["Url"], one["Line"]) for one in failures}) == len(failures) == BAD
    segment = project.pinpoint.get_segment(ApplicationId=project.id, SegmentId=ended["Definition"]["SegmentId"])
    imported = segment["SegmentResponse"]["ImportDefinition"]
    assert (imported["Size"], imported["ChannelCounts"]) == (GOOD, {"EMAIL": GOOD})
    for number in (0, GOOD // 2, GOOD - 1):
        assert project.get(f"p{number:05d}")["Attributes"] == {"n": [str(number % 7)]}


def everybody() -> list[str]:
    return [f"p{number:05d}" for number in range(GOOD)]


def kill(server: Server, project: Project, after: float) -> None:
    time.sleep(after)
    server.kill()
    server.restart()
    project.reconnect()


def test_imports_and_exports_survive_being_killed(tmp_path: Path) -> None:
    """Two servers at a time, since they spend most of it waiting for the leases of the dead."""
    with ThreadPoolExecutor(2) as pool:
        runs = [pool.submit(_kill_on_the_way, tmp_path / str(seed), seed) for seed in (1, 2)]
        assert sum(run.result() for run in runs) >= 2, "the kills came too late to hurt"


def _kill_on_the_way(folder: Path, seed: int) -> int:
    """One server, import and export; answers how many kills came before a job was over."""
    moments, hits = random.Random(seed), 0
    out = folder / "in" / "out"
    with embedded(folder, environ={"CLARION_OBJECT_FOLDERS": str(folder / "in")}) as server:
        project = Project(server)
        url = files(folder / "in" / "two", 2)
        job = begin(project, url)
        for _ in range(2):
            kill(server, project, moments.uniform(0.3, 1.5))
            hits += job_of(project, job)["JobStatus"] != "COMPLETED"
        eventually(lambda: job_of(project, job)["JobStatus"] == "COMPLETED", 120)
        exact(project, job, 2)
        exported = export(project, f"file://{out}/")
        kill(server, project, moments.uniform(0.0, 0.2))
        eventually(lambda: export_of(project, exported)["JobStatus"] == "COMPLETED", 60)
        assert export_of(project, exported)["TotalProcessed"] == GOOD
        # The export asks the columnar store: everybody is in both, once.
        assert ids(out) == everybody()
        _record_out(project, folder / "in" / "record", moments.uniform(0.0, 0.3))
    return hits


def _record_out(project: Project, folder: Path, after: float) -> None:
    """An export of the record, killed on its way: every event is in one object, once."""
    at, names = "2027-03-04T09:15:02.120Z", [f"e{number:04d}" for number in range(3_000)]
    for first in range(0, len(names), 100):
        events = {name: {"EventType": "look", "Timestamp": at} for name in names[first : first + 100]}
        project.events({f"p{first}": {"Endpoint": {}, "Events": events}})
    body = {"ApplicationId": project.id, "Url": f"file://{folder}", "Format": "parquet", "EventTypes": ["look"]}
    made = project.server.control("POST", "events/exports", body)["ExportId"]
    kill(project.server, project, after)
    path = f"events/exports?ApplicationId={project.id}&ExportId={made}"
    eventually(lambda: project.server.control("GET", path)["Exports"][0]["Status"] == "COMPLETED", 60)
    written = [pq.ParquetFile(file).read().column("event_id").to_pylist() for file in folder.rglob("*.parquet")]
    assert sorted(name for ids in written for name in ids) == names


def test_two_workers_share_an_import(tmp_path: Path) -> None:
    quiet = {"CLARION_LOG_LEVEL": "warning", "CLARION_OBJECT_FOLDERS": str(tmp_path / "in")}
    with databases(tmp_path) as options, embedded(tmp_path, *options, "--no-workers", environ=quiet) as server:
        workers = [Worker(tmp_path / "worker", *options, environ=quiet) for _ in range(2)]
        project = Project(server)
        job = begin(project, files(tmp_path / "in" / "six", 6))
        eventually(lambda: job_of(project, job)["JobStatus"] == "COMPLETED", 120)
        exact(project, job, 6)
        exported = export(project, f"file://{tmp_path}/in/out")
        eventually(lambda: export_of(project, exported)["JobStatus"] == "COMPLETED", 60)
        assert ids(tmp_path / "in" / "out") == everybody()
        for worker in workers:
            code, said = worker.stop()
            assert (code, '"level": "error"' in said) == (0, False), said

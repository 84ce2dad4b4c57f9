"""`clarion import`, `clarion imports` and `clarion export` as somebody at a terminal, or a script, uses them."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.project import Project
from tests.acceptance.running import REGION, Server, eventually

HEADER = "Id,ChannelType,Address,Attributes.plan\n"


class Terminal:
    """Commands for a project of a server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.project = Project(server)
        self.uploads = Path(server.data) / "uploads" / self.project.id

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "clarion.cli.main", *arguments, "--app", self.project.id]
        return subprocess.Popen(
            [*command, "--url", self.server.url, "--region", REGION, "--data", str(self.server.data)],
            env=self.server._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # Whoever runs the tests in the background ignores Ctrl-C, and so would its children.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, what it said, what it complained about."""
        process = self.start(*arguments)
        said, complained = process.communicate(timeout=60)
        return process.returncode, said, complained

    def job(self, said: str) -> str:
        return said.split(": job ")[1].split()[0]


@pytest.fixture
def terminal(real: Server) -> Terminal:
    return Terminal(real)


def rows(*numbers: int, plan: str = "pro") -> str:
    return "".join(f"p{n},EMAIL,p{n}@example.com,{plan}\n" for n in numbers)


def test_local_files_become_a_segment(terminal: Terminal, tmp_path: Path) -> None:
    first, second = tmp_path / "first one.csv", tmp_path / "second.csv.gz"
    first.write_text(HEADER + rows(1, 2))
    second.write_bytes(gzip.compress((HEADER + rows(3)).encode()))
    code, said, complained = terminal.run("import", str(first), str(second), "--segment", "new")
    assert (code, complained) == (0, "")
    assert "2 files: COMPLETED, 3 rows, 0 refused" in said
    segment = said.split("segment: ")[1].split()[0]
    answer = terminal.project.pinpoint.get_segment(ApplicationId=terminal.project.id, SegmentId=segment)
    assert answer["SegmentResponse"]["Name"] == "new"
    assert answer["SegmentResponse"]["ImportDefinition"]["Size"] == 3
    assert list(terminal.uploads.iterdir()) == []
    target = tmp_path / "out.json.gz"
    code, said, complained = terminal.run("export", "--segment", segment, "--to", str(target))
    assert (code, complained) == (0, "")
    assert "COMPLETED: 3 endpoints" in said
    exported = [json.loads(line) for line in gzip.decompress(target.read_bytes()).splitlines()]
    assert [one["Id"] for one in exported] == ["p1", "p2", "p3"]
    assert list(terminal.uploads.iterdir()) == []
    code, said, _ = terminal.run("import", str(target), "--into", segment, "--no-register", "--json")
    [progress] = json.loads(said)
    assert (code, progress["Job"]["JobStatus"], progress["Job"]["TotalProcessed"]) == (0, "COMPLETED", 3)


def test_refused_rows_are_told_by_the_local_name(terminal: Terminal, tmp_path: Path) -> None:
    file, report = tmp_path / "bad.csv", tmp_path / "report.txt"
    file.write_text(HEADER + rows(1) + "".join(f"short{n}\n" for n in range(12)))
    code, said, complained = terminal.run("import", str(file), "--report", str(report))
    assert (code, complained) == (3, "")
    assert f"{file}: COMPLETED, 13 rows, 12 refused" in said
    assert f"{file}:3: has 1 cells, the header names 4 columns" in said
    assert "and 2 more" in said
    written = report.read_text().splitlines()
    assert len(written) == 12
    assert written[-1] == f"{file}:14: has 1 cells, the header names 4 columns"
    assert list(terminal.uploads.iterdir()) == []
    code, said, _ = terminal.run("imports", "list")
    assert code == 0
    assert said.splitlines()[0].split("\t") == ["JOB", "STATUS", "CREATED", "ROWS", "REFUSED", "SOURCE"]
    job = said.splitlines()[1].split("\t")
    assert (job[1], job[3], job[4]) == ("COMPLETED", "13", "12")
    code, said, _ = terminal.run("imports", "show", job[0])
    assert (code, "COMPLETED, 13 rows, 12 refused" in said) == (0, True)
    code, _, complained = terminal.run("imports", "cancel", job[0])
    assert (code, "the job has ended: COMPLETED" in complained) == (1, True)


def test_what_cannot_work_is_said_before_anything_is_sent(terminal: Terminal, tmp_path: Path) -> None:
    csv, plain = tmp_path / "a.csv", tmp_path / "a.txt"
    csv.write_text(HEADER)
    plain.write_text("{}")
    for arguments, says in (
        ([str(tmp_path / "none.csv")], "none.csv is not a file"),
        ([str(plain)], "the name does not tell the format"),
        ([str(csv), "--segment", "a", "--into", "b"], "give one of them"),
        ([str(csv), "s3://bucket/a.csv", "--segment", "a"], "a segment is made by one job"),
    ):
        code, _, complained = terminal.run("import", *arguments)
        assert (code, says in complained.replace("\n", " ")) == (1, True), complained
    code, said, _ = terminal.run("import", "file:///etc/hosts.csv")
    assert code == 1
    assert "FAILED" in said
    assert "outside" in said


def test_ctrl_c_cancels_and_an_interrupted_upload_goes_on(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "many.csv"
    file.write_text(HEADER + rows(*range(150_000)))
    process = terminal.start("import", str(file), "--keep-upload")
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("PROCESSING"):
            process.send_signal(signal.SIGINT)
            break
    said, _ = process.communicate(timeout=60)
    assert (process.returncode, "cancelled; what it has written stays" in said) == (130, True)
    [job] = terminal.project.pinpoint.get_import_jobs(ApplicationId=terminal.project.id)["ImportJobsResponse"]["Item"]
    assert (job["JobStatus"], job["Failures"]) == ("FAILED", ["cancelled"])
    # The upload is as after an interruption once its end is cut off: only that is sent again.
    [there] = terminal.uploads.glob("*.csv")
    whole = there.read_bytes()
    there.write_bytes(b"#" + whole[1 : len(whole) // 2])
    size = there.stat().st_size

    def again() -> Any:
        process = terminal.start("import", str(file), "--keep-upload")
        said, _ = process.communicate(timeout=60)
        return process.returncode, said

    code, said = again()
    assert code == 1
    assert "the column '#d' is unknown" in said
    assert eventually(lambda: there.read_bytes()[1:] == whole[1:])
    assert size < there.stat().st_size

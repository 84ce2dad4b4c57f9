"""The README's commands, word for word: what it promises to a newcomer happens."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.running import Server, eventually

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()

PAYING = 666
"""Who gets the demo campaign: two thirds of the thousand."""

# Each answer is remembered, so that `APP=…` can take the Id out of the last one.
_PRELUDE = """
set -euo pipefail
aws() { "$PYTHON" -m awscli "$@" | tee last.json; }
id() { "$PYTHON" -c 'import json; [answer] = json.load(open("last.json")).values(); print(answer["Id"])'; }
"""


def section(title: str) -> str:
    """The text under a heading, up to the next one."""
    return re.split(r"^#+ ", README.split(f"# {title}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def indented(text: str) -> str:
    """The commands of a text: its indented lines."""
    return "\n".join(line[4:] for line in text.splitlines() if line.startswith("    "))


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Path, dict[str, str]]]:
    """A first server on an empty folder with a demo project, the folder it was started in, and an environment."""
    folder = tmp_path_factory.mktemp("newcomer")
    (folder / ".venv").symlink_to(Path(sys.prefix))
    keyless = {"CLARION_ACCESS_KEY_ID": "", "CLARION_SECRET_ACCESS_KEY": ""}
    server = Server(folder / "data", "--demo", environ=keyless, fresh=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CLARION_", "AWS_"))}
    port = server.url.rpartition(":")[2]
    environ = {**kept, "HOME": str(folder), "PYTHON": sys.executable, "AWS_PAGER": "", "CLARION_PORT": port}
    yield server, folder, environ
    server.end()


def run(folder: Path, environ: dict[str, str], script: str) -> str:
    """The output of a bash script, which must succeed."""
    done = subprocess.run(
        ["bash", "-c", _PRELUDE + script],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def environment(server: Server) -> str:
    """The README's exports, for the port that was free."""
    exports = indented(section("Your first campaign"))
    assert "127.0.0.1:8080" in exports
    return exports.replace("http://127.0.0.1:8080", server.url) + "\n"


def test_the_demo_project_is_there(newcomer: tuple[Server, Path, dict[str, str]]) -> None:
    server, folder, environ = newcomer
    said = eventually(lambda: "inbox" in "\n".join(server.output) and "\n".join(server.output), 60)
    assert "AWS_ENDPOINT_URL_PINPOINT" in said
    assert oct((folder / "data/credentials").stat().st_mode)[-3:] == "600"
    exports = environment(server)
    [app] = set(re.findall(r"[0-9a-f]{32}", run(folder, environ, exports + "aws pinpoint get-apps")))
    listing = f"{exports} .venv/bin/clarion inbox --json --limit 1000 --app {app}"
    assert eventually(lambda: run(folder, environ, listing).count('"MessageId"') == PAYING, 60)
    assert "clarion inbox" in said or "/inbox" in said


def test_with_the_aws_cli(newcomer: tuple[Server, Path, dict[str, str]]) -> None:
    server, folder, environ = newcomer
    commands = re.sub(r"^(APP|SEGMENT)=….*$", r"\1=$(id)", indented(section("With the AWS CLI")), flags=re.MULTILINE)
    assert commands.count("$(id)") == 2
    commands, _, last = commands.rpartition("\n")
    assert last.startswith(".venv/bin/clarion inbox")
    script = environment(server) + commands + '\necho "APP=$APP"'
    app = re.findall(r"APP=([0-9a-f]{32})", run(folder, environ, script))[-1]
    exports = environment(server) + f"APP={app}\n"
    shown = eventually(lambda: "lea@example.com" in (text := run(folder, environ, exports + last)) and text)
    assert "Hello Lea" in shown
    [why] = [line.strip() for line in README.splitlines() if "clarion why" in line]
    explained = run(folder, environ, exports + why)
    assert "_campaign.send" in explained or "SUCCESS" in explained


def test_with_boto3(newcomer: tuple[Server, Path, dict[str, str]]) -> None:
    server, folder, environ = newcomer
    [program] = re.findall(r"```python\n(.*?)```", section("With boto3"), flags=re.DOTALL)
    (folder / "first.py").write_text(program + "\nprint(app)\n")
    app = run(folder, environ, environment(server) + '"$PYTHON" first.py').strip()
    listing = environment(server) + f".venv/bin/clarion inbox --app {app}"
    assert "Hello Lea" in eventually(lambda: "lea@example.com" in (text := run(folder, environ, listing)) and text)


def test_it_carries_on_with_the_same_data(newcomer: tuple[Server, Path, dict[str, str]]) -> None:
    server, folder, environ = newcomer
    count = environment(server) + "aws pinpoint get-apps --query 'length(ApplicationsResponse.Item)'"
    before = run(folder, environ, count)
    assert server.stop() == 0
    server.restart()
    count = environment(server) + "aws pinpoint get-apps --query 'length(ApplicationsResponse.Item)'"
    eventually(lambda: "AWS_ENDPOINT_URL_PINPOINT" in "\n".join(server.output[-40:]), 60)
    assert run(folder, environ, count) == before


def test_settings_and_doctor(newcomer: tuple[Server, Path, dict[str, str]]) -> None:
    server, folder, environ = newcomer
    assert "CLARION_EMAIL_TRANSPORT" in run(folder, environ, ".venv/bin/clarion settings")
    assert "CHECK" in run(folder, environ, ".venv/bin/clarion doctor --data fresh")
    assert server.process.poll() is None

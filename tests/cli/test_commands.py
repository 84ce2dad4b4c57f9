"""The command line as a script uses it: each command a process, its output and its exit code."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.running import Server

CLARION = [sys.executable, "-m", "clarion.cli.main"]


def clarion(*arguments: str, data: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CLARION_", "AWS_"))}
    return subprocess.run(
        [*CLARION, *arguments],
        env={**clean, "CLARION_DATA": str(data), **environ},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_version(tmp_path: Path) -> None:
    answer = clarion("--version", data=tmp_path)
    assert (answer.returncode, answer.stdout.split()[0]) == (0, "clarion")


def test_settings_are_tab_separated_when_piped_and_json_on_demand(tmp_path: Path) -> None:
    lines = clarion("settings", data=tmp_path).stdout.splitlines()
    assert lines[0].split("\t") == ["SETTING", "ENVIRONMENT", "DEFAULT", "HELP"]
    assert all(len(line.split("\t")) == 4 for line in lines)
    listed = json.loads(clarion("settings", "--json", data=tmp_path).stdout)
    assert {"name": "port", "default": 8080, "environment": "CLARION_PORT"}.items() <= listed[1].items()


def test_a_setting_of_the_wrong_type_is_said_plainly(tmp_path: Path) -> None:
    answer = clarion("serve", data=tmp_path, CLARION_PORT="eighty")
    assert answer.returncode == 1
    assert "port" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_an_unknown_setting_in_the_file_is_said_plainly(tmp_path: Path) -> None:
    file = tmp_path / "clarion.toml"
    file.write_text('colour = "blue"\n')
    answer = clarion("serve", "--config", str(file), data=tmp_path)
    assert answer.returncode == 1
    assert "colour" in answer.stderr


def test_keys_come_and_go(tmp_path: Path) -> None:
    made = json.loads(
        clarion("keys", "create", "--role", "reader", "--label", "report", "--json", data=tmp_path).stdout
    )
    listed = json.loads(clarion("keys", "list", "--json", data=tmp_path).stdout)
    assert [(key["access_key_id"], key["role"], key["label"]) for key in listed] == [
        (made["AccessKeyId"], "reader", "report")
    ]
    assert "SecretAccessKey" not in json.dumps(listed)
    assert clarion("keys", "revoke", made["AccessKeyId"], data=tmp_path).returncode == 0
    assert json.loads(clarion("keys", "list", "--json", data=tmp_path).stdout) == []


def test_a_client_key_needs_a_project(tmp_path: Path) -> None:
    answer = clarion("keys", "create", "--role", "client", data=tmp_path)
    assert answer.returncode == 1
    assert "project" in answer.stderr


def test_an_unknown_role_is_refused(tmp_path: Path) -> None:
    answer = clarion("keys", "create", "--role", "king", data=tmp_path)
    assert answer.returncode == 1
    assert "king" in answer.stderr


def test_migrate_makes_the_schema_and_doctor_is_content(tmp_path: Path) -> None:
    before = {finding["Check"]: finding for finding in _doctor(tmp_path)}
    assert before["state"]["State"] == "warning"
    assert "clarion migrate" in before["state"]["Advice"]
    assert clarion("migrate", data=tmp_path).returncode == 0
    assert {finding["State"] for finding in _doctor(tmp_path)} == {"well"}


def test_doctor_says_what_is_ill_and_what_to_do(tmp_path: Path) -> None:
    answer = clarion("doctor", "--json", data=tmp_path, CLARION_STATE="postgresql://nobody@127.0.0.1:1/none")
    found = {finding["Check"]: finding for finding in json.loads(answer.stdout)}
    assert answer.returncode == 1
    assert (found["state"]["State"], found["events"]["State"]) == ("ill", "well")
    assert "CLARION_STATE" in found["state"]["Advice"]


def _doctor(data: Path) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(clarion("doctor", "--json", data=data).stdout)
    return found


def test_no_server_is_said_plainly(tmp_path: Path) -> None:
    answer = clarion("inbox", "--url", "http://127.0.0.1:1", data=tmp_path, CLARION_ACCESS_KEY_ID="AKIDROOT")
    assert answer.returncode == 1
    assert "clarion serve" in answer.stderr


def test_a_port_in_use_is_said_plainly(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", fresh=True)
    try:
        port = server.url.rsplit(":", 1)[1]
        answer = clarion("serve", "--port", port, data=tmp_path / "other")
        assert answer.returncode == 1
        assert f"cannot listen on 127.0.0.1:{port}" in answer.stderr
    finally:
        assert server.stop() == 0


@pytest.fixture
def fresh(tmp_path: Path) -> Server:
    """A server on an empty folder that makes its own root key and the demo project."""
    keyless = {"CLARION_ACCESS_KEY_ID": "", "CLARION_SECRET_ACCESS_KEY": ""}
    return Server(tmp_path / "data", "--demo", environ=keyless, fresh=True)


def test_the_first_start_makes_a_key_and_a_demo_that_outlive_it(fresh: Server) -> None:
    try:
        _wait_for(fresh, "aws pinpoint get-apps")
        file = fresh.data / "credentials"
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        key = _credentials(file)
        assert key[1] not in "\n".join(fresh.output)
        app = fresh.client(key=key, region="us-east-1").get_apps()["ApplicationsResponse"]["Item"][0]["Id"]
        _settle(fresh)
        answer = clarion("inbox", "--app", app, "--url", fresh.url, "--limit", "1000", "--json", data=fresh.data)
        messages = json.loads(answer.stdout)
        assert len(messages) == 666
        assert all("welcome to Clarion" in message["Subject"] for message in messages)
        person = messages[0]["EndpointId"]
        told = clarion("why", "--app", app, "--endpoint", person, "--url", fresh.url, "--json", data=fresh.data)
        assert [decision["Gate"] for decision in json.loads(told.stdout)][-1] in ("send", "delivery")
        missed = clarion("why", "--app", app, "--endpoint", "person-0000", "--url", fresh.url, data=fresh.data)
        assert "nothing was decided" in missed.stdout
        clock = clarion("clock", "--advance", "PT1H", "--url", fresh.url, data=fresh.data)
        assert (clock.returncode, "real" in clock.stderr) == (1, True)
        assert fresh.stop() == 0
        fresh.restart()
        assert _credentials(file) == key
        again = fresh.client(key=key, region="us-east-1").get_apps()["ApplicationsResponse"]["Item"]
        assert [item["Id"] for item in again] == [app]
    finally:
        fresh.stop()


def _settle(server: Server) -> None:
    server.control("POST", "settle", key=_credentials(server.data / "credentials"))


def _credentials(file: Path) -> tuple[str, str]:
    values = dict(line.split(" = ", 1) for line in file.read_text().splitlines()[1:])
    return values["aws_access_key_id"], values["aws_secret_access_key"]


def _wait_for(server: Server, text: str) -> None:
    from tests.acceptance.running import eventually

    eventually(lambda: any(text in line for line in server.output), 30)

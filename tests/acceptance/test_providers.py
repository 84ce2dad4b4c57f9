"""Providers and lanes from outside: configured by command, carrying what boto3 sends, steered while it goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from clarion.cli.main import app
from tests.acceptance.project import Project
from tests.acceptance.relays import Relay
from tests.acceptance.running import Server, eventually
from tests.acceptance.stacks import embedded

ENVIRON = {"CLARION_ACCESS_KEY_ID": "AKIDROOT", "CLARION_SECRET_ACCESS_KEY": "root-secret"}
MAIL = {"EmailMessage": {"SimpleEmail": {"Subject": {"Data": "Hi"}, "TextPart": {"Data": "Hello"}}}}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """On the real clock."""
    with embedded(tmp_path_factory.mktemp("providers")) as made:
        yield made


@pytest.fixture(scope="module")
def relays() -> Iterator[list[Relay]]:
    made = [Relay(), Relay()]
    yield made
    for one in made:
        one.end()


@pytest.fixture
def project(server: Server, relays: list[Relay]) -> Iterator[Project]:
    """No provider yet, and relays that are well and empty."""
    for relay in relays:
        relay.manners = "good"
        relay.received.clear()
    made = Project(server)
    yield made
    for one in server.control("GET", "providers")["Providers"]:
        server.control("POST", "providers/remove", {"Name": one["Name"]})
    server.control("POST", "lanes", {"Name": "EMAIL", "State": "open", "Rate": 0})
    made.leave()


def run(server: Server, *arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(app, [*arguments, "--url", server.url], env=ENVIRON, input=text)


def well(server: Server, *arguments: str, text: str | None = None) -> str:
    done = run(server, *arguments, text=text)
    assert done.exit_code == 0, done.output
    return done.output


def add(server: Server, name: str, relay: Relay, *more: str) -> None:
    settings = ["host=127.0.0.1", f"port={relay.port}", "tls=none", "timeout_seconds=2", *more]
    well(server, "provider", "add", name, "--channel", "email", "--kind", "smtp", *(f"--set={one}" for one in settings))


def send(project: Project, *addresses: str) -> dict[str, Any]:
    answer = project.pinpoint.send_messages(
        ApplicationId=project.id,
        MessageRequest={
            "Addresses": {address: {"ChannelType": "EMAIL"} for address in addresses},
            "MessageConfiguration": MAIL,
        },
    )
    return dict(answer["MessageResponse"]["Result"])


def got(relay: Relay) -> list[str]:
    return [one.recipient.removeprefix("TO:").strip("<>") for one in relay.received]


def lanes(server: Server) -> dict[str, Any]:
    return {one["Name"]: one for one in json.loads(well(server, "lanes", "--json"))["Lanes"]}


def test_the_inbox_until_there_is_a_provider(server: Server, project: Project, relays: list[Relay]) -> None:
    first, _ = relays
    send(project, "before@example.com")
    eventually(lambda: len(server.inbox(project.id)) == 1)
    add(server, "relay", first)
    assert send(project, "after@example.com")["after@example.com"]["DeliveryStatus"] == "SUCCESSFUL"
    eventually(lambda: got(first) == ["after@example.com"])
    assert len(server.inbox(project.id)) == 1
    found = json.loads(well(server, "provider", "show", "relay", "--json"))
    assert (found["Kind"], found["Enabled"], found["Config"]["port"]) == ("smtp", True, first.port)


def test_a_relay_that_is_gone_costs_nothing_while_there_is_another(
    server: Server, project: Project, relays: list[Relay]
) -> None:
    first, second = relays
    add(server, "main", first)
    add(server, "spare", second)
    first.close()
    names = [f"p{number}@example.com" for number in range(20)]
    send(project, *names)
    eventually(lambda: sorted(got(second)) == sorted(names), 30)
    assert not first.received
    first.open()
    eventually(lambda: any(name.startswith("EMAIL/main") and one["Failed"] for name, one in lanes(server).items()))
    assert "EMAIL/main" in well(server, "lanes")


def test_a_paused_lane_keeps_what_was_accepted_and_a_drained_one_takes_nothing_new(
    server: Server, project: Project, relays: list[Relay]
) -> None:
    first, second = relays
    add(server, "main", first)
    assert "no other provider" in run(server, "lanes", "drain", "EMAIL/main").output
    well(server, "lanes", "pause", "EMAIL/main")
    send(project, "waits@example.com")
    eventually(lambda: any(one["Queued"] == 1 and one["State"] == "paused" for one in lanes(server).values()))
    add(server, "spare", second)
    assert "no lane EMAIL/mian" in run(server, "lanes", "pause", "EMAIL/mian").output
    assert "--rate" in run(server, "lanes", "limit", "EMAIL/main").output
    well(server, "lanes", "drain", "EMAIL/main")
    send(project, "new@example.com")
    eventually(lambda: got(second) == ["new@example.com"])
    eventually(lambda: got(first) == ["waits@example.com"])

    well(server, "lanes", "pause", "EMAIL/main")
    well(server, "provider", "update", "spare", "--position", "9")
    send(project, "detour@example.com")
    well(server, "lanes", "reroute", "EMAIL/main", "spare")
    eventually(lambda: got(second) == ["new@example.com", "detour@example.com"])
    well(server, "lanes", "resume", "EMAIL/main")
    send(project, "again@example.com")
    eventually(lambda: got(first) == ["waits@example.com", "again@example.com"])


def test_secrets_go_in_and_never_come_out(server: Server, project: Project, relays: list[Relay]) -> None:
    first, _ = relays
    add(server, "relay", first)
    out = well(
        server, "provider", "update", "relay", "--set", "username=lea", "--set", "password=-", text="pssst-secret\n"
    )
    out += well(server, "provider", "show", "relay") + well(server, "provider", "list", "--json")
    assert "pssst" not in out
    assert "secrets that are set: password" in out
    assert "pssst" not in "\n".join(server.output)
    kept = [path for path in server.data.rglob("*") if path.is_file()]
    assert [path for path in kept if b"username" in path.read_bytes()]
    assert not [path for path in kept if b"pssst" in path.read_bytes()]
    kinds = well(server, "provider", "kinds")
    assert "[password]" in kinds


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--kind", "owl"], "kind: must be one of"),
        (["--kind", "smtp", "--set", "port=many"], "port: must be a whole number"),
        (["--kind", "smtp", "--set", "wings=2"], "wings: is none of"),
        (["--kind", "smtp", "--set", "host=x", "--set", "tls=maybe"], "tls"),
        (["--kind", "smtp", "--set", "nothing"], "must be member=value"),
        (["--kind", "smtp", "--set", "password=@/no/such/file"], "password"),
    ],
)
def test_mistakes_are_named(server: Server, arguments: list[str], said: str) -> None:
    done = run(server, "provider", "add", "bad", "--channel", "email", *arguments)
    assert done.exit_code != 0
    assert said in done.output.replace("\n", " ")
    assert server.control("GET", "providers")["Providers"] == []


def test_whoever_is_not_the_installations_admin_sees_nothing_of_it(server: Server) -> None:
    other, reader = server.key("admin", account="210987654321"), server.key("reader")
    for key in (other, reader):
        for method, path in (("GET", "providers"), ("GET", "lanes"), ("POST", "lanes"), ("POST", "providers/check")):
            body = None if method == "GET" else {"Name": "EMAIL"}
            status, _ = server.raw(method, f"/clarion/v1/{path}", body, key=key)
            assert status == 403, (path, status)


def test_webhooks_of_nobody(server: Server) -> None:
    assert server.raw("POST", "/providers/nobody/status", b"x=1", key=None)[0] == 404

"""Sending domains from outside: added by command, published in DNS, and what arrives is believed and bounces home."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import dkim
import pytest
from typer.testing import CliRunner, Result

from clarion.cli.main import app
from tests.acceptance.project import Project
from tests.acceptance.relays import Relay
from tests.acceptance.running import Server, eventually
from tests.acceptance.stacks import embedded
from tests.channels.zones import Zone

ENVIRON = {"CLARION_ACCESS_KEY_ID": "AKIDROOT", "CLARION_SECRET_ACCESS_KEY": "root-secret"}
MAIL = {"EmailMessage": {"SimpleEmail": {"Subject": {"Data": "Hi"}, "TextPart": {"Data": "Hello"}}}}
PUBLIC = "clarion.example.com"


class NameServer:
    """A zone on a thread of its own, whose records tests may change."""

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Sequence[str]]] = {PUBLIC: {"A": ["192.0.2.7"]}}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        # What is not there now may be there in a moment: nothing is to be kept.
        self._serving = Zone(self.records, ttl=0).serve()
        self.servers = asyncio.run_coroutine_threadsafe(self._serving.__aenter__(), self._loop).result(10)

    def end(self) -> None:
        asyncio.run_coroutine_threadsafe(self._serving.__aexit__(None, None, None), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def publish(self, lines: str) -> None:
        """Records as lines of a zone file."""
        for name, kind, value in re.findall(r"^(\S+)\. IN (\w+) (.*)$", lines, re.MULTILINE):
            self.records.setdefault(name, {})[kind] = [value]


@pytest.fixture(scope="module")
def names() -> Iterator[NameServer]:
    made = NameServer()
    yield made
    made.end()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, names: NameServer) -> Iterator[Server]:
    environ = {
        "CLARION_DNS_SERVERS": names.servers,
        "CLARION_PUBLIC_URL": f"https://{PUBLIC}",
        "CLARION_BOUNCE_DOMAIN": "bounces.example.com",
    }
    with embedded(tmp_path_factory.mktemp("domains"), environ=environ) as made:
        yield made


@pytest.fixture(scope="module")
def relay(server: Server) -> Iterator[Relay]:
    made = Relay()
    settings = ["host=127.0.0.1", f"port={made.port}", "tls=none"]
    well(server, "provider", "add", "relay", "--channel=email", "--kind=smtp", *(f"--set={one}" for one in settings))
    yield made
    made.end()


def run(server: Server, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--url", server.url], env=ENVIRON)


def well(server: Server, *arguments: str) -> str:
    done = run(server, *arguments)
    assert done.exit_code == 0, done.output
    return done.output


def sent(server: Server, relay: Relay, sender: str) -> tuple[str, bytes]:
    """Envelope sender and content of a mail that boto3 has asked for."""
    project = Project(server)
    before = len(relay.received)
    body = {"EmailMessage": {**MAIL["EmailMessage"], "FromAddress": sender}}
    project.pinpoint.send_messages(
        ApplicationId=project.id,
        MessageRequest={"Addresses": {"lea@example.com": {"ChannelType": "EMAIL"}}, "MessageConfiguration": body},
    )
    eventually(lambda: len(relay.received) > before)
    mail = relay.received[-1]
    return mail.sender.removeprefix("FROM:").split(" ")[0].strip("<>"), mail.content


def asked(names: NameServer) -> Callable[..., bytes | None]:
    """How dkimpy asks for a key."""

    def text(name: bytes, timeout: int = 5) -> bytes | None:
        values = names.records.get(name.decode().rstrip("."), {}).get("TXT")
        return values[0].replace('" "', "").strip('"').encode() if values else None

    return text


def believed(names: NameServer, content: bytes) -> bool:
    place = re.findall(rb"a=(\w+)-sha256;", content).index(b"rsa")
    return bool(dkim.DKIM(content).verify(idx=place, dnsfunc=asked(names)))


def selectors(content: bytes) -> set[str]:
    return set(re.findall(r"\bs=(c[\w-]+);", content.decode()))


def test_from_adding_a_domain_to_mail_that_is_believed(server: Server, relay: Relay, names: NameServer) -> None:
    lines = well(server, "domain", "add", "acme.test", "--bounces", "b.acme.test", "--spf", "ip4:192.0.2.7")
    assert "PRIVATE" not in lines
    check = run(server, "domain", "check", "acme.test")
    assert check.exit_code == 1
    assert check.output.count("missing") == 5
    names.publish(lines)
    assert well(server, "domain", "check", "acme.test").count("\nok") == 5
    assert well(server, "domain", "show", "acme.test") == lines

    sender, content = sent(server, relay, "shop@acme.test")
    assert believed(names, content)
    assert re.fullmatch(r"b\+[a-z2-7]{48}@b\.acme\.test", sender)
    sender, content = sent(server, relay, "shop@other.test")
    assert b"DKIM-Signature" not in content
    assert sender.endswith("@bounces.example.com")


def test_keys_are_changed_in_two_steps(server: Server, relay: Relay, names: NameServer) -> None:
    lines = well(server, "domain", "add", "rotating.test")
    names.publish(lines)
    _, content = sent(server, relay, "shop@rotating.test")
    before = selectors(content)
    coming = well(server, "domain", "rotate", "rotating.test")
    assert coming.startswith("publish these")
    refused = run(server, "domain", "rotate", "rotating.test")
    assert refused.exit_code == 1
    _, content = sent(server, relay, "shop@rotating.test")
    assert selectors(content) == before
    names.publish(coming)
    well(server, "domain", "rotate", "rotating.test")
    _, content = sent(server, relay, "shop@rotating.test")
    assert not selectors(content) & before
    assert believed(names, content)
    listed = json.loads(well(server, "domain", "list", "--json"))["Domains"]
    (one,) = [found for found in listed if found["Name"] == "rotating.test"]
    assert sorted(key["State"] for key in one["Keys"]) == ["active", "active", "retiring", "retiring"]

    well(server, "domain", "remove", "rotating.test")
    _, content = sent(server, relay, "shop@rotating.test")
    assert b"DKIM-Signature" not in content


def test_what_cannot_be_is_said(server: Server) -> None:
    assert "Name: is not a domain name" in run(server, "domain", "add", "acme").output
    assert run(server, "domain", "show", "nobody.test").exit_code == 1
    status, _ = server.raw("GET", "/clarion/v1/domains", key=None)
    assert status == 403


def test_mail_goes_straight_to_its_receiver(server: Server, relay: Relay, names: NameServer) -> None:
    """The same message by a provider of another kind: MX from DNS, a port and a network that only tests have."""
    receiver = Relay()
    try:
        names.records["straight.test"] = {"MX": ["10 mx.straight.test."]}
        names.records["mx.straight.test"] = {"A": ["127.0.0.1"]}
        config: list[str] = [f"--set=port={receiver.port}", "--set=networks=127.0.0.0/8", "--set=name=out.acme.test"]
        well(server, "provider", "add", "straight", "--channel=email", "--kind=mx", *config)
        well(server, "provider", "update", "straight", "--position", "0")
        project = Project(server)
        addresses: dict[str, Any] = {"lea@straight.test": {"ChannelType": "EMAIL"}}
        project.pinpoint.send_messages(
            ApplicationId=project.id, MessageRequest={"Addresses": addresses, "MessageConfiguration": MAIL}
        )
        eventually(lambda: [one.recipient for one in receiver.received] == ["TO:<lea@straight.test>"])
    finally:
        run(server, "provider", "remove", "straight")
        receiver.end()

"""The channels of a project: configured, read, switched and removed by boto3, rightly and wrongly."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests import credentials as made
from tests.acceptance.project import IDENTITY, SENDER, Project
from tests.acceptance.running import Server, aws, aws_environ
from tests.acceptance.stacks import databases, embedded

NAMES = {
    "APNS": "APNSChannelRequest",
    "APNS_SANDBOX": "APNSSandboxChannelRequest",
    "APNS_VOIP": "APNSVoipChannelRequest",
    "APNS_VOIP_SANDBOX": "APNSVoipSandboxChannelRequest",
    "GCM": "GCMChannelRequest",
    "ADM": "ADMChannelRequest",
    "BAIDU": "BaiduChannelRequest",
    "SMS": "SMSChannelRequest",
    "VOICE": "VoiceChannelRequest",
    "EMAIL": "EmailChannelRequest",
}
RIGHT: dict[str, dict[str, Any]] = {
    "APNS": made.token(),
    "APNS_SANDBOX": made.certified(DefaultAuthenticationMethod="CERTIFICATE"),
    "APNS_VOIP": made.token(DefaultAuthenticationMethod="KEY"),
    "APNS_VOIP_SANDBOX": {**made.token(), **made.certified()},
    "GCM": {"ServiceJson": made.service_account(), "DefaultAuthenticationMethod": "TOKEN"},
    "ADM": {"ClientId": "amzn1.application-oa2-client.1", "ClientSecret": "secret-of-adm"},
    "BAIDU": {"ApiKey": "key-of-baidu", "SecretKey": "secret-of-baidu"},
    "SMS": {"SenderId": "Acme", "ShortCode": "54321"},
    "VOICE": {},
    "EMAIL": {"FromAddress": SENDER, "Identity": IDENTITY},
}
SHOWN: dict[str, dict[str, Any]] = {
    "APNS": {"HasTokenKey": True},
    "APNS_SANDBOX": {"HasTokenKey": False, "DefaultAuthenticationMethod": "CERTIFICATE"},
    "APNS_VOIP": {"HasTokenKey": True, "DefaultAuthenticationMethod": "KEY"},
    "APNS_VOIP_SANDBOX": {"HasTokenKey": True},
    "GCM": {"HasFcmServiceCredentials": True, "DefaultAuthenticationMethod": "TOKEN"},
    "ADM": {},
    "BAIDU": {"Credential": "key-of-baidu"},
    "SMS": {
        "SenderId": "Acme",
        "ShortCode": "54321",
        "PromotionalMessagesPerSecond": 20_000,
        "TransactionalMessagesPerSecond": 20_000,
    },
    "VOICE": {},
    "EMAIL": {"FromAddress": SENDER, "Identity": IDENTITY, "MessagesPerSecond": 20_000},
}
CREDENTIALS = {kind for kind in NAMES if kind not in ("SMS", "VOICE", "EMAIL")}
COMPLETE = {"ADM", "BAIDU", "EMAIL"}
"""Kinds whose requests have members that the model requires."""


def call(project: Project, verb: str, kind: str, **arguments: Any) -> dict[str, Any]:
    """An operation on a channel; answers the one member of its output."""
    answer = getattr(project.pinpoint, f"{verb}_{kind.lower()}_channel")(ApplicationId=project.id, **arguments)
    [(name, channel)] = ((name, value) for name, value in answer.items() if name != "ResponseMetadata")
    assert name == NAMES[kind].replace("Request", "Response")
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    return dict(channel)


def update(project: Project, kind: str, **body: Any) -> dict[str, Any]:
    return call(project, "update", kind, **{NAMES[kind]: body})


def overview(project: Project) -> dict[str, Any]:
    return dict(project.pinpoint.get_channels(ApplicationId=project.id)["ChannelsResponse"]["Channels"])


@pytest.mark.parametrize("kind", NAMES)
def test_a_channel_lives(server: Server, kind: str) -> None:
    project = Project(server, channel=False)
    for verb in ("get", "delete"):
        with pytest.raises(project.pinpoint.exceptions.NotFoundException):
            call(project, verb, kind)
    first = update(project, kind, **RIGHT[kind])
    created = first["CreationDate"]
    assert first == {
        "ApplicationId": project.id,
        "CreationDate": created,
        "Enabled": True,
        "HasCredential": kind in CREDENTIALS,
        "Id": kind.lower(),
        "IsArchived": False,
        "LastModifiedBy": first["LastModifiedBy"],
        "LastModifiedDate": created,
        "Platform": kind,
        "Version": 1,
        **SHOWN[kind],
    }
    assert call(project, "get", kind) == first

    server.advance("PT1M")
    off = update(project, kind, Enabled=False, **(RIGHT[kind] if kind in COMPLETE else {}))
    assert off == {**first, "Enabled": False, "Version": 2, "LastModifiedDate": off["LastModifiedDate"]}
    assert off["LastModifiedDate"] > created
    found = overview(project)
    assert set(found) == {kind, "IN_APP"}
    common = ("ApplicationId", "CreationDate", "Enabled", "HasCredential", "Id", "IsArchived", "LastModifiedDate")
    assert found[kind] == {name: off[name] for name in (*common, "LastModifiedBy", "Version")}

    assert call(project, "delete", kind) == off
    assert set(overview(project)) == {"IN_APP"}
    with pytest.raises(project.pinpoint.exceptions.NotFoundException):
        call(project, "get", kind)
    assert update(project, kind, **RIGHT[kind])["Version"] == 1


def test_no_secret_ever_comes_back(project: Project) -> None:
    for kind in CREDENTIALS:
        update(project, kind, **RIGHT[kind])
    said = json.dumps([overview(project), *(call(project, "get", kind) for kind in NAMES if kind in CREDENTIALS)])
    for secret in ("PRIVATE", "CERTIFICATE-----", "secret-of-adm", "secret-of-baidu", "service_account", "acme-shop"):
        assert secret not in said
    assert "key-of-baidu" in said
    answer = update(project, "GCM", ApiKey="key-of-gcm", ServiceJson="", DefaultAuthenticationMethod="")
    assert (answer["Credential"], answer["HasFcmServiceCredentials"]) == ("key-of-gcm", False)


@pytest.mark.parametrize(
    ("kind", "body", "text"),
    [
        *((kind, {}, "Certificate: missing") for kind in ("APNS", "APNS_SANDBOX", "APNS_VOIP", "APNS_VOIP_SANDBOX")),
        ("APNS", made.token(TokenKey="c2VjcmV0"), "TokenKey: must be a private key in PEM"),
        ("APNS", made.token(TeamId=""), "TeamId: missing; token authentication needs BundleId, TeamId"),
        ("APNS_SANDBOX", made.certified(PrivateKey=made.pem(made.ec_key())), "PrivateKey: is not the key of"),
        ("APNS_VOIP", made.certified(Certificate="c2VjcmV0"), "Certificate: must be a certificate in PEM"),
        ("APNS_VOIP_SANDBOX", made.token(DefaultAuthenticationMethod="CERTIFICATE"), "Certificate: missing"),
        ("APNS", made.token(DefaultAuthenticationMethod="both"), "DefaultAuthenticationMethod: must be"),
        ("GCM", {}, "ApiKey: missing, and so is ServiceJson"),
        ("GCM", {"ServiceJson": "c2VjcmV0"}, "ServiceJson: is not the JSON of a service account"),
        ("GCM", {"ApiKey": "k", "DefaultAuthenticationMethod": "TOKEN"}, "ServiceJson: missing"),
        ("ADM", {"Enabled": False}, "ClientId"),
        ("ADM", {"ClientId": "i", "ClientSecret": "c2Vj cmV0"}, "ClientSecret: must be"),
        ("BAIDU", {"ApiKey": "k"}, "SecretKey"),
        ("SMS", {"SenderId": "much too long"}, "SenderId: must be"),
        ("SMS", {"ShortCode": "12a"}, "ShortCode: must be"),
        ("VOICE", {"Enabled": "yes"}, "Enabled"),
        ("EMAIL", {"FromAddress": "nobody", "Identity": IDENTITY}, "FromAddress"),
    ],
)
def test_a_wrong_channel_is_refused_and_changes_nothing(
    project: Project, kind: str, body: dict[str, Any], text: str
) -> None:
    if kind != "EMAIL":
        with pytest.raises(project.pinpoint.exceptions.BadRequestException, match=text) as caught:
            update(project, kind, **body)
        assert "c2VjcmV0" not in str(caught.value)
        with pytest.raises(project.pinpoint.exceptions.NotFoundException):
            call(project, "get", kind)
    before = update(project, kind, **RIGHT[kind])
    if body and kind != "VOICE" and "DefaultAuthenticationMethod" not in body:
        with pytest.raises(project.pinpoint.exceptions.BadRequestException):
            update(project, kind, **body)
        assert call(project, "get", kind) == before


def test_a_project_has_all_channels_at_once_and_they_go_with_it(server: Server) -> None:
    project, other = Project(server), Project(server)
    for kind in NAMES:
        update(project, kind, **RIGHT[kind])
    update(other, "GCM", **RIGHT["GCM"])
    assert set(overview(project)) == {*NAMES, "IN_APP"}
    project.delete()
    for kind in NAMES:
        with pytest.raises(project.pinpoint.exceptions.NotFoundException):
            call(project, "get", kind)
        with pytest.raises(project.pinpoint.exceptions.NotFoundException):
            update(project, kind, **RIGHT[kind])
    assert call(other, "get", "GCM")["Version"] == 1


def test_the_aws_cli_configures_a_channel_from_a_file(project: Project, tmp_path: Path) -> None:
    file = tmp_path / "gcm.json"
    file.write_text(json.dumps(RIGHT["GCM"]))
    command = ["pinpoint", "update-gcm-channel", "--application-id", project.id, "--gcm-channel-request"]
    done = aws(project.server, [*command, f"file://{file}"])
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["GCMChannelResponse"]["HasFcmServiceCredentials"] is True


def test_the_commands_of_the_documentation(real: Server, tmp_path: Path) -> None:
    project = Project(real, channel=False)
    for name, content in (
        ("AuthKey.p8", made.token()["TokenKey"]),
        ("certificate.pem", made.certificate()),
        ("key.pem", made.pem(made.rsa_key())),
        ("service-account.json", made.service_account()),
    ):
        (tmp_path / name).write_text(content)
    page = (Path(__file__).parents[2] / "docs" / "channels.md").read_text().split("## Rules")[0]
    commands = "\n".join(line for line in page.splitlines() if line.startswith("    "))
    script = 'set -eu\naws() { "$PYTHON" -m awscli "$@" > /dev/null; }\n' + commands
    environ = {**aws_environ(real), "PYTHON": sys.executable, "APP": project.id}
    done = subprocess.run(
        ["bash", "-c", script], env=environ, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    found = overview(project)
    assert set(found) == {"APNS", "APNS_SANDBOX", "GCM", "ADM", "SMS", "VOICE", "EMAIL", "IN_APP"}
    assert {kind for kind, channel in found.items() if not channel["Enabled"]} == {"GCM"}
    assert call(project, "get", "GCM")["HasFcmServiceCredentials"] is True


def test_a_check_asks_nobody_while_notifications_stay_here(project: Project) -> None:
    update(project, "GCM", **RIGHT["GCM"])
    project.server.control("PUT", f"channels/web-push?ApplicationId={project.id}", {"Subject": "mailto:a@b.example"})
    answer = project.server.control("POST", f"channels/check?ApplicationId={project.id}")
    found = {one["Channel"]: one["Findings"] for one in answer["Channels"]}
    assert (answer["Good"], found.keys()) == (True, {"EMAIL", "GCM", "WEB_PUSH"})
    for channel, setting in (("EMAIL", "email_transport"), ("GCM", "push_transport"), ("WEB_PUSH", "push_transport")):
        [finding] = found[channel]
        assert (finding["level"], setting in finding["text"]) == ("ok", True)
    status, refused = project.server.raw("POST", f"/clarion/v1/channels/check?ApplicationId={'0' * 32}")
    assert (status, "not found" in refused["Message"].lower()) == (404, True)


def key(letter: str) -> str:
    return base64.b64encode(letter.encode() * 32).decode()


def with_keys(folder: Path, options: list[str], keys: str) -> Any:
    """A server on `folder` whose `secrets_key` is `keys`."""
    return embedded(folder, *options, environ={"CLARION_SECRETS_KEY": keys})


@pytest.fixture(params=["embedded", "servers"])
def options(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    """The options of a server whose databases outlive it."""
    if request.param == "embedded":
        yield []
        return
    with databases(tmp_path) as given:
        yield given


def test_keys_are_changed_without_losing_credentials(options: list[str], tmp_path: Path) -> None:
    with with_keys(tmp_path, options, "") as server:
        project = Project(server)
        update(project, "GCM", **RIGHT["GCM"])
    with with_keys(tmp_path, options, key("a")) as server:
        project = project.seen_from(server)
        update(project, "BAIDU", **RIGHT["BAIDU"])
        assert call(project, "get", "GCM")["HasFcmServiceCredentials"] is True
        state = [*options[:2], "--data", str(server.data)]
        assert (
            "2 channels, providers, sending domains and destinations have credentials, 1 of them"
            in server.clarion("secrets", "reseal", *state).stdout
        )
    with with_keys(tmp_path, options, key("b")) as server:
        project = project.seen_from(server)
        with pytest.raises(ClientError, match=r"secrets_key: key [0-9a-f]{16}, which has sealed") as caught:
            call(project, "get", "GCM")
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503
        assert overview(project)["GCM"]["HasCredential"] is True
        assert call(project, "get", "EMAIL")["Enabled"] is True
        assert call(project, "delete", "BAIDU")["Credential"] == ""
        update(project, "BAIDU", **RIGHT["BAIDU"])
    with with_keys(tmp_path, options, f"{key('b')},{key('a')}") as server:
        project = project.seen_from(server)
        assert call(project, "get", "GCM")["Version"] == 1
        assert call(project, "get", "BAIDU")["Credential"] == "key-of-baidu"
        assert not [line for line in server.output if "PRIVATE" in line or key("a") in line or key("b") in line]

"""Channels: configuring them, what they answer, what senders are told, and what is in the database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from msgspec import convert

from clarion.core.errors import Invalid, NotFound, Unavailable
from clarion.core.ids import SystemIds
from clarion.domain.apps.channels import ApnsConfig, Channels, GcmConfig
from clarion.domain.apps.channels.sealing import examine, reseal
from clarion.shapes import pinpoint as shapes
from clarion.store.vault import Vault
from tests import credentials as made
from tests.domain.apps.conftest import House, context

CTX = context()


def project(house: House) -> str:
    return house.apps.create(CTX.scope, "p", None).app.id


def email(**members: Any) -> shapes.EmailChannelRequest:
    body = {
        "FromAddress": "Lea <lea@acme.test>",
        "Identity": "arn:aws:ses:eu-central-1:000000000001:identity/acme.test",
        **members,
    }
    return convert(body, shapes.EmailChannelRequest)


def test_the_email_channel(house: House) -> None:
    app_id = project(house)
    ops = house.channel_operations

    def update(**members: Any) -> dict[str, Any]:
        return msgspec.to_builtins(
            ops.update_email_channel(
                CTX, shapes.UpdateEmailChannelRequest(application_id=app_id, email_channel_request=email(**members))
            )
        )

    with pytest.raises(NotFound):
        ops.get_email_channel(CTX, shapes.GetEmailChannelRequest(application_id=app_id))
    with pytest.raises(NotFound):
        ops.delete_email_channel(CTX, shapes.DeleteEmailChannelRequest(application_id=app_id))
    first = update(ConfigurationSet="set", RoleArn="arn:aws:iam::1:role/r")
    assert first == {
        "ApplicationId": app_id,
        "ConfigurationSet": "set",
        "CreationDate": "2027-03-04T09:15:02.120Z",
        "Enabled": True,
        "FromAddress": "Lea <lea@acme.test>",
        "HasCredential": False,
        "Id": "email",
        "Identity": "arn:aws:ses:eu-central-1:000000000001:identity/acme.test",
        "IsArchived": False,
        "LastModifiedBy": CTX.principal_arn,
        "LastModifiedDate": "2027-03-04T09:15:02.120Z",
        "MessagesPerSecond": 20_000,
        "Platform": "EMAIL",
        "RoleArn": "arn:aws:iam::1:role/r",
        "Version": 1,
    }
    house.clock.move_to(house.clock.now() + timedelta(minutes=1))
    second = update(Enabled=False)
    assert (second["Version"], second["Enabled"]) == (2, False)
    assert (second["CreationDate"], second["LastModifiedDate"]) == (first["CreationDate"], "2027-03-04T09:16:02.120Z")
    assert "ConfigurationSet" not in second
    assert update()["Enabled"] is False
    channel = house.channels.email(app_id)
    assert channel is not None
    assert (channel.enabled, channel.from_address) == (False, "Lea <lea@acme.test>")
    current = msgspec.to_builtins(ops.get_email_channel(CTX, shapes.GetEmailChannelRequest(application_id=app_id)))
    gone = ops.delete_email_channel(CTX, shapes.DeleteEmailChannelRequest(application_id=app_id))
    assert msgspec.to_builtins(gone) == current
    with pytest.raises(NotFound):
        ops.get_email_channel(CTX, shapes.GetEmailChannelRequest(application_id=app_id))
    assert update()["Version"] == 1


def test_the_overview_of_channels(house: House) -> None:
    app_id = project(house)

    def overview() -> dict[str, Any]:
        answer = house.channel_operations.get_channels(CTX, shapes.GetChannelsRequest(application_id=app_id))
        return msgspec.to_builtins(answer)["Channels"]

    in_app = {"Enabled": True, "IsArchived": False, "Version": 0}
    assert overview() == {"IN_APP": in_app}
    house.channels.update(CTX.scope, app_id, "EMAIL", email(Enabled=False), "me")
    found = overview()
    assert found.keys() == {"EMAIL", "IN_APP"}
    assert found["EMAIL"]["Enabled"] is False
    assert (found["EMAIL"]["Id"], found["EMAIL"]["Version"]) == ("email", 1)


SECRETS = {
    "APNS": (made.token(), ["TokenKey"]),
    "APNS_SANDBOX": (made.certified(), ["Certificate", "PrivateKey"]),
    "APNS_VOIP": ({**made.token(), **made.certified()}, ["TokenKey", "Certificate", "PrivateKey"]),
    "APNS_VOIP_SANDBOX": (made.token(), ["TokenKey"]),
    "GCM": ({"ApiKey": "key-of-gcm", "ServiceJson": made.service_account()}, ["ApiKey", "ServiceJson"]),
    "ADM": ({"ClientId": "id-of-adm", "ClientSecret": "secret-of-adm"}, ["ClientSecret"]),
    "BAIDU": ({"ApiKey": "key-of-baidu", "SecretKey": "secret-of-baidu"}, ["ApiKey", "SecretKey"]),
}
REQUESTS: dict[str, Any] = {
    "APNS": shapes.APNSChannelRequest,
    "APNS_SANDBOX": shapes.APNSSandboxChannelRequest,
    "APNS_VOIP": shapes.APNSVoipChannelRequest,
    "APNS_VOIP_SANDBOX": shapes.APNSVoipSandboxChannelRequest,
    "GCM": shapes.GCMChannelRequest,
    "ADM": shapes.ADMChannelRequest,
    "BAIDU": shapes.BaiduChannelRequest,
    "SMS": shapes.SMSChannelRequest,
    "VOICE": shapes.VoiceChannelRequest,
}


def configure(house: House, app_id: str, kind: str, **body: Any) -> dict[str, Any]:
    sent = convert(body, REQUESTS[kind])
    answer = house.channels.update(CTX.scope, app_id, kind, sent, "me")
    assert house.channels.get(CTX.scope, app_id, kind) == answer
    return dict(msgspec.to_builtins(answer))


def with_vault(house: House, *keys: bytes) -> House:
    """The house as another process with other keys sees it."""
    vault = Vault(keys, SystemIds())
    return house._replace(channels=Channels(house.database, house.apps, vault, clock=house.clock))


@pytest.mark.parametrize("kind", SECRETS)
def test_what_senders_get_is_what_was_configured(house: House, kind: str) -> None:
    app_id, (body, secrets) = project(house), SECRETS[kind]
    assert house.channels.find(app_id, kind) is None
    configure(house, app_id, kind, **body, Enabled=False)
    found = house.channels.find(app_id, kind)
    assert found is not None
    assert (found.app_id, found.kind, found.enabled) == (app_id, kind, False)
    members = {name.title().replace("_", ""): getattr(found.config, name) for name in found.config.members()}
    assert {name: value for name, value in members.items() if value} == body
    shown = repr(found) + repr(found.config.__rich_repr__())
    assert not [name for name in secrets if body[name] in shown]
    assert found.config.version == 1


@pytest.mark.parametrize("kind", SECRETS)
def test_no_secret_lies_open_in_the_database(house: House, kind: str) -> None:
    body, secrets = SECRETS[kind]
    configure(house, project(house), kind, **body)
    rows = house.database.read(lambda c: c.execute(sa.text("SELECT config, sealed FROM channels")).all())
    stored = b"".join(bytes(value) for row in rows for value in row)
    for name in secrets:
        assert body[name].encode() not in stored
        assert msgspec.json.encode(body[name])[1:-1] not in stored


def test_which_kinds_are_on(house: House) -> None:
    app_id, other = project(house), project(house)
    assert house.channels.enabled_kinds(app_id) == frozenset()
    configure(house, app_id, "GCM", ApiKey="k")
    configure(house, app_id, "SMS", Enabled=False)
    configure(house, app_id, "VOICE")
    configure(house, other, "SMS")
    assert house.channels.enabled_kinds(app_id) == {"GCM", "VOICE"}
    configure(house, app_id, "GCM", Enabled=False)
    configure(house, app_id, "SMS", Enabled=True)
    assert with_vault(house, b"w" * 32).channels.enabled_kinds(app_id) == {"SMS", "VOICE"}


def test_push_credentials_stay_until_they_are_replaced_or_cleared(house: House) -> None:
    app_id = project(house)

    def now() -> ApnsConfig:
        found = house.channels.find(app_id, "APNS")
        assert found is not None
        assert isinstance(found.config, ApnsConfig)
        return found.config

    configure(house, app_id, "APNS", **made.certified(), DefaultAuthenticationMethod="CERTIFICATE")
    before = now()
    assert configure(house, app_id, "APNS", Enabled=False)["HasTokenKey"] is False
    assert now() == before
    assert configure(house, app_id, "APNS", **made.token())["HasTokenKey"] is True
    assert (now().method, now().certificate) == ("CERTIFICATE", made.certificate())
    answer = configure(house, app_id, "APNS", DefaultAuthenticationMethod="key")
    assert (answer["DefaultAuthenticationMethod"], answer["Enabled"], now().method) == ("key", False, "TOKEN")
    with pytest.raises(Invalid, match="BundleId: missing"):
        configure(house, app_id, "APNS", BundleId="")
    assert now().bundle_id == "com.acme.shop"
    assert configure(house, app_id, "APNS", Certificate="", PrivateKey="")["HasCredential"] is True
    assert (now().certificate, now().private_key, now().token_key) == ("", "", made.pem(made.ec_key()))
    with pytest.raises(Invalid, match="TeamId: missing"):
        configure(house, app_id, "APNS", TeamId="")
    answer = configure(house, app_id, "APNS", DefaultAuthenticationMethod="")
    assert "DefaultAuthenticationMethod" not in answer
    assert now().method == "TOKEN"


def test_the_method_when_none_is_named(house: House) -> None:
    app_id = project(house)
    for body, method in ((made.certified(), "CERTIFICATE"), (made.token(), "TOKEN")):
        configure(house, app_id, "APNS", **body)
        found = house.channels.find(app_id, "APNS")
        assert found is not None
        assert isinstance(found.config, ApnsConfig)
        assert found.config.method == method
    for sent, method in (({"ServiceJson": made.service_account()}, "TOKEN"), ({"ApiKey": "k"}, "KEY")):
        configure(house, app_id, "GCM", **sent)
        found = house.channels.find(app_id, "GCM")
        assert found is not None
        assert isinstance(found.config, GcmConfig)
        assert found.config.method == method


def test_gcm_answers_its_key_and_whether_it_has_an_account(house: House) -> None:
    app_id = project(house)
    first = configure(house, app_id, "GCM", ApiKey="k")
    assert (first["Credential"], first["HasFcmServiceCredentials"], first["HasCredential"]) == ("k", False, True)
    second = configure(house, app_id, "GCM", ServiceJson=made.service_account(), ApiKey="")
    assert "Credential" not in second
    assert (second["HasFcmServiceCredentials"], second["Version"]) == (True, 2)


def test_the_switch_of_text_messages_keeps_the_sender_anything_else_replaces_it(house: House) -> None:
    app_id = project(house)
    assert configure(house, app_id, "SMS", SenderId="Acme", ShortCode="54321")["ShortCode"] == "54321"
    off = configure(house, app_id, "SMS", Enabled=False)
    assert (off["Enabled"], off["SenderId"], off["ShortCode"]) == (False, "Acme", "54321")
    other = configure(house, app_id, "SMS", SenderId="Shop")
    assert (other["Enabled"], other["SenderId"]) == (False, "Shop")
    assert "ShortCode" not in other
    assert "SenderId" not in configure(house, app_id, "SMS", SenderId="")


def test_rates_are_those_of_the_lanes(house: House) -> None:
    limited = Channels(house.database, house.apps, Vault([b"k" * 32], SystemIds()), clock=house.clock, rates={"SMS": 7})
    app_id = project(house)
    assert configure(house, app_id, "SMS")["TransactionalMessagesPerSecond"] == 20_000
    answer = msgspec.to_builtins(limited.get(CTX.scope, app_id, "SMS"))
    assert (answer["PromotionalMessagesPerSecond"], answer["TransactionalMessagesPerSecond"]) == (7, 7)


@pytest.mark.parametrize("kind", SECRETS)
def test_a_wrong_key_is_said_and_nothing_but_removal_goes_on(house: House, kind: str) -> None:
    app_id, (body, _) = project(house), SECRETS[kind]
    configure(house, app_id, kind, **body)
    wrong = with_vault(house, b"w" * 32)
    for call in (
        lambda: wrong.channels.find(app_id, kind),
        lambda: wrong.channels.get(CTX.scope, app_id, kind),
        lambda: configure(wrong, app_id, kind, **body),
    ):
        with pytest.raises(Unavailable, match=f"secrets_key: .*channel {kind} of project {app_id}"):
            call()
    assert wrong.channels.overview(CTX.scope, app_id)[kind].has_credential is True
    gone = msgspec.to_builtins(wrong.channels.delete(CTX.scope, app_id, kind))
    assert (gone["HasCredential"], gone["Version"], gone.get("Credential", "")) == (True, 1, "")
    assert configure(wrong, app_id, kind, **body)["Version"] == 1


def test_credentials_of_another_row_do_not_open(house: House) -> None:
    one, two = project(house), project(house)
    for app_id in (one, two):
        configure(house, app_id, "GCM", ApiKey=app_id)
    move = "UPDATE channels SET sealed = (SELECT sealed FROM channels WHERE app_id = :one) WHERE app_id = :two"
    house.database.write(lambda c: c.execute(sa.text(move), {"one": one, "two": two}).rowcount)
    with pytest.raises(Unavailable, match="damaged"):
        house.channels.find(two, "GCM")


def test_sealing_anew_with_another_key(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clarion.domain.apps.channels.sealing._PAGE", 3)
    old, new = b"o" * 32, b"n" * 32
    before, app_id = with_vault(house, old), project(house)
    for kind, (body, _) in SECRETS.items():
        configure(before, app_id, kind, **body)
    lost, other = with_vault(house, b"l" * 32), project(house)
    configure(lost, other, "GCM", ApiKey="k")
    both = Vault([new, old], SystemIds())
    assert examine(house.database, both)[:2] == (8, 7)
    done = reseal(house.database, both)
    assert (done.found, done.older) == (8, 7)
    assert examine(house.database, both)[:2] == (8, 0)
    assert len(done.closed) == 1
    assert f"channel GCM of project {other}" in done.closed[0]
    after = with_vault(house, new)
    for kind in SECRETS:
        assert after.channels.get(CTX.scope, app_id, kind) == with_vault(house, new, old).channels.get(
            CTX.scope, app_id, kind
        )
        with pytest.raises(Unavailable):
            before.channels.find(app_id, kind)
    assert reseal(house.database, Vault([new], SystemIds()))[:2] == (8, 0)
    assert msgspec.to_builtins(after.channels.get(CTX.scope, app_id, "GCM"))["Version"] == 1


def test_channels_go_with_their_project(house: House) -> None:
    app_id, other = project(house), project(house)
    for one in (app_id, other):
        for kind, (body, _) in SECRETS.items():
            configure(house, one, kind, **body)
        configure(house, one, "SMS")
        configure(house, one, "VOICE")
    house.apps.delete(CTX.scope, app_id)
    left = house.database.read(lambda c: c.execute(sa.text("SELECT DISTINCT app_id FROM channels")).scalars().all())
    assert left == [other]
    with pytest.raises(NotFound):
        configure(house, app_id, "SMS")

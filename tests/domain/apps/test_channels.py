"""Channels: configuring them, what they answer, what senders are told, and what is in the database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from msgspec import convert

from clarion.core.errors import NotFound
from clarion.shapes import pinpoint as shapes
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

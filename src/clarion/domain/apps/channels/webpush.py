"""The Web Push channel of a project, which Pinpoint does not have: control API instead of an operation.

Its credential is a key pair of the project's own, made here: the public key is for the project's pages, the private one
is sealed like all credentials and never shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from clarion.channels.push.configs import WebPushConfig
from clarion.channels.push.services.webpush.keys import new_pair, public_of
from clarion.core.errors import Invalid, NotFound
from clarion.wire.context import Context
from clarion.wire.control import ControlApi
from clarion.wire.keys import DEVELOPERS, READERS

if TYPE_CHECKING:
    from clarion.domain.apps.channels.service import Channels

KIND = "WEB_PUSH"
PATH = "/clarion/v1/channels/web-push"

_SUBJECT = re.compile(r"mailto:[^\s@]+@[^\s@]+|https://[^\s/]+\S*")
_LONGEST = 255

Text = Annotated[str, msgspec.Meta(min_length=1)]


class WebPushRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Which project."""

    application_id: Text


class WriteWebPush(msgspec.Struct, kw_only=True, rename="pascal"):
    """How to configure it. `subject` is whom push services write to when something is wrong: a mailto: or https: URL.

    A key pair is made when there is none, or with `new_keys`: then every browser has to subscribe anew.
    """

    application_id: Text
    subject: str | None = None
    enabled: bool | None = None
    new_keys: bool = False


class WebPushChannel(msgspec.Struct, kw_only=True, rename="pascal"):
    """The channel, in the manner of all channels. Pages subscribe with `public_key` (`applicationServerKey`)."""

    application_id: str
    creation_date: str
    enabled: bool
    has_credential: bool
    id: str
    is_archived: bool
    last_modified_by: str
    last_modified_date: str
    platform: str
    public_key: str
    subject: str
    version: int


class Sent(msgspec.Struct, kw_only=True):
    """What an update changes; None leaves it."""

    subject: str | None = None
    public_key: str | None = None
    private_key: str | None = None
    enabled: bool | None = None


def check_sent(sent: WebPushConfig) -> None:
    """A subject that somebody can be reached by."""
    if sent.subject and (len(sent.subject) > _LONGEST or not _SUBJECT.fullmatch(sent.subject)):
        raise Invalid("Subject: must be mailto: with an address, or an https:// URL")


def check_whole(config: WebPushConfig) -> None:
    """A key pair, and a subject: Apple's service refuses who has none."""
    if not config.subject:
        raise Invalid("Subject: is required, as mailto:you@example.com")
    if public_of(config.private_key) != config.public_key:
        raise Invalid("PublicKey: is not that of the private key")


def show(config: WebPushConfig) -> Mapping[str, object]:
    """The members that its answer has beside those of all kinds."""
    return {"public_key": config.public_key, "subject": config.subject}


class WebPushControl:
    """Handler of `channels/web-push`."""

    def __init__(self, channels: Channels) -> None:
        self._channels = channels

    def add_to(self, control: ControlApi) -> None:
        """Add the routes."""
        control.add(
            "GET",
            PATH,
            WebPushRequest,
            WebPushChannel,
            self.get_web_push_channel,
            roles=READERS,
            summary="Show the Web Push channel and its public key.",
        )
        control.add(
            "PUT",
            PATH,
            WriteWebPush,
            WebPushChannel,
            self.put_web_push_channel,
            roles=DEVELOPERS,
            summary="Configure the Web Push channel, making its key pair.",
        )
        control.add(
            "DELETE",
            PATH,
            WebPushRequest,
            WebPushChannel,
            self.delete_web_push_channel,
            roles=DEVELOPERS,
            summary="Remove the Web Push channel and its keys.",
        )

    def get_web_push_channel(self, ctx: Context, request: WebPushRequest) -> Any:
        return self._channels.get(ctx.scope, request.application_id, KIND)

    def put_web_push_channel(self, ctx: Context, request: WriteWebPush) -> Any:
        sent = Sent(subject=request.subject, enabled=request.enabled)
        if request.new_keys or not self._exists(ctx, request.application_id):
            pair = new_pair("")
            sent.public_key, sent.private_key = pair.public_key, pair.private_key
        return self._channels.update(ctx.scope, request.application_id, KIND, sent, ctx.principal_arn)

    def delete_web_push_channel(self, ctx: Context, request: WebPushRequest) -> Any:
        return self._channels.delete(ctx.scope, request.application_id, KIND)

    def _exists(self, ctx: Context, app_id: str) -> bool:
        try:
            self._channels.get(ctx.scope, app_id, KIND)
        except NotFound:
            return False
        return True

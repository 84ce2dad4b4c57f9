"""Every kind of destination there is, by the service of its ARN or the scheme of its URI.

A kind is one file and one line in `KINDS`. What it stands on (boto3, librdkafka, pyarrow) is loaded when the first
destination of the kind is opened.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import cast

from clarion.channels.calls.web import Resolve
from clarion.channels.streaming.address import MAX_URI, Stream, kind_of, without_fragment, without_password
from clarion.channels.streaming.port import MEMBER, Destination
from clarion.core.clock import Clock
from clarion.core.errors import Invalid
from clarion.core.ids import Ids
from clarion.core.settings import Settings


@dataclasses.dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a destination may be built from. `folders` are open to `file://` besides those of `object_folders`;
    `resolve` looks host names up instead of the system. `seconds` is how long an answer may take."""

    settings: Settings
    clock: Clock
    ids: Ids
    folders: Sequence[Path] = ()
    resolve: Resolve | None = None
    seconds: float = 15.0


Opener = Callable[[Stream, Surroundings], Destination]


@dataclasses.dataclass(frozen=True)
class Kind:
    """One kind: the module that opens it (function `open_stream`), how its URIs look, and what of one may be shown."""

    module: str
    example: str
    shown: Callable[[str], str] = str


KINDS: dict[str, Kind] = {
    "kinesis": Kind("kinesis", "arn:aws:kinesis:region:account:stream/name"),
    "firehose": Kind("firehose", "arn:aws:firehose:region:account:deliverystream/name"),
    "kafka": Kind("kafka", "kafka://host:port/topic", without_password),
    "https": Kind("webhook", "https://host/path#whsec_…", without_fragment),
    "http": Kind("webhook", "https://host/path#whsec_…", without_fragment),
    "file": Kind("objects", "file:///folder"),
    "s3": Kind("objects", "s3://bucket/prefix"),
}


def open_destination(uri: str, *, role: str, account: str, app_id: str, surroundings: Surroundings) -> Destination:
    """The destination that a URI names; connects to nothing. `role` is assumed for AWS, elsewhere it means nothing.

    Raises Invalid naming DestinationStreamArn for a URI that cannot be meant, or that settings do not allow.
    """
    if len(uri) > MAX_URI or not uri.isprintable():
        raise Invalid(f"{MEMBER}: must be at most {MAX_URI} printable characters")
    kind = KINDS.get(kind_of(uri))
    if kind is None:
        raise Invalid(
            f"{MEMBER}: must look like one of {', '.join(dict.fromkeys(kind.example for kind in KINDS.values()))}"
        )
    try:
        module = import_module(f"clarion.channels.streaming.{kind.module}")
    except ModuleNotFoundError as error:
        raise Invalid(f"{MEMBER}: needs the package {error.name}, which is not installed") from error
    opener = cast(Opener, module.open_stream)
    return opener(Stream(uri, role, account, app_id), surroundings)


def shown(uri: str) -> str:
    """The URI as anybody may see it: without what is secret in it."""
    kind = KINDS.get(kind_of(uri))
    return kind.shown(uri) if kind else uri

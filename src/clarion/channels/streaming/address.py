"""Destination URIs taken apart. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple
from urllib.parse import parse_qsl

from clarion.channels.streaming.port import MEMBER
from clarion.core.errors import Invalid

MAX_URI = 2_048

_ROLE = re.compile(r"arn:aws[a-zA-Z-]*:iam::[0-9]{12}:role/[\x21-\x7e]{1,576}")


class Stream(NamedTuple):
    """What an event stream says of its destination, and whose it is."""

    uri: str
    role: str
    account: str
    app_id: str


def kind_of(uri: str) -> str:
    """The word that says what kind of destination a URI means: the service of an ARN, or the scheme. May be ``""``."""
    if uri.startswith("arn:"):
        return (uri.split(":") + [""] * 3)[2]
    scheme, found, _ = uri.partition("://")
    return scheme if found else ""


def split_options(uri: str, known: Collection[str]) -> tuple[str, Mapping[str, str]]:
    """The URI without its query, and the query's options. Raises Invalid for one that is not `known` or comes twice."""
    base, _, query = uri.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    options = dict(pairs)
    if len(options) < len(pairs):
        raise Invalid(f"{MEMBER}: an option is given twice")
    if unknown := sorted(set(options) - set(known)):
        raise Invalid(f"{MEMBER}: unknown option {unknown[0]!r}; there are {', '.join(sorted(known))}")
    return base, options


def one_of(options: Mapping[str, str], name: str, *choices: str) -> str:
    """An option that is one of these words; the first when it is not given. Raises Invalid."""
    value = options.get(name, choices[0])
    if value not in choices:
        raise Invalid(f"{MEMBER}: option {name} must be one of {', '.join(choices)}")
    return value


def whole_number(options: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    """An option that is a whole number in a range. Raises Invalid."""
    text = options.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) <= 9 and least <= int(text) <= most):
        raise Invalid(f"{MEMBER}: option {name} must be a whole number from {least} to {most}")
    return int(text)


def check_role(stream: Stream) -> None:
    """Raise Invalid naming the member unless its role is the ARN of one."""
    if not _ROLE.fullmatch(stream.role):
        raise Invalid("RoleArn: must be the ARN of a role, arn:aws:iam::account:role/name")


def without_fragment(uri: str) -> str:
    """The URI with what is after its `#` hidden."""
    url, marked, _ = uri.partition("#")
    return f"{url}#…" if marked else url


def without_password(uri: str) -> str:
    """The URI with the password of its user hidden."""
    scheme, _, rest = uri.partition("://")
    user, marked, where = rest.rpartition("@")
    return f"{scheme}://{user.partition(':')[0]}:…@{where}" if marked else uri

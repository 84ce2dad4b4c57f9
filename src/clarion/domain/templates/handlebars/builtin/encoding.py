"""Helpers that encode, hash and identify. Digests are lower-case hex over UTF-8."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence

from clarion.domain.templates.handlebars.builtin.signature import Helper, Named
from clarion.domain.templates.handlebars.errors import Problem
from clarion.domain.templates.handlebars.runtime.run import Run


def _bytes(run: Run, value: object) -> bytes:
    return run.text(value).encode("utf-8", "replace")


def _encode64(run: Run, values: Sequence[object], named: Named) -> str:
    return base64.b64encode(_bytes(run, values[0])).decode()


def _decode64(run: Run, values: Sequence[object], named: Named) -> str:
    try:
        return base64.b64decode(_bytes(run, values[0]).strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Problem("the argument is not base64 of a text") from error


def _digest(name: str) -> Callable[[Run, Sequence[object], Named], str]:
    def digest(run: Run, values: Sequence[object], named: Named) -> str:
        return hashlib.new(name, _bytes(run, values[0]), usedforsecurity=False).hexdigest()

    return digest


def _uuid(run: Run, values: Sequence[object], named: Named) -> str:
    return run.ids.uuid()


ENCODING = {
    "encode64": Helper(_encode64, 1, 1),
    "decode64": Helper(_decode64, 1, 1),
    "md5": Helper(_digest("md5"), 1, 1),
    "sha256": Helper(_digest("sha256"), 1, 1),
    "sha512": Helper(_digest("sha512"), 1, 1),
    "uuid": Helper(_uuid, 0, 0),
}

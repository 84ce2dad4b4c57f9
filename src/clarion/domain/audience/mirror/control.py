"""The control API's call that compares the mirror with the state, a part at a time."""

from __future__ import annotations

from typing import Annotated

import msgspec

from clarion.core import pages
from clarion.domain.audience.mirror.check import Difference, MirrorCheck, Position
from clarion.wire.context import Context
from clarion.wire.control import ControlApi
from clarion.wire.keys import ADMINS

_LISTING = "mirror"


class MirrorRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """One project or, without `application_id`, all of them; going on at `next_token`; `repair` what differs."""

    application_id: Annotated[str, msgspec.Meta(min_length=1)] | None = None
    repair: bool = False
    next_token: str | None = None


class MirrorAnswer(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """How many endpoints this call compared, and what differed; `next_token` while there are more to compare."""

    compared: int
    differences: list[Difference]
    next_token: str | None = None


class MirrorControl:
    """The handler of `doctor/mirror`."""

    def __init__(self, check: MirrorCheck) -> None:
        self._check = check

    def add_to(self, control: ControlApi) -> None:
        """Add the route."""
        control.add(
            "POST",
            "/clarion/v1/doctor/mirror",
            MirrorRequest,
            MirrorAnswer,
            self.check_mirror,
            roles=ADMINS,
            summary="Compare the columnar copy of the endpoints with the state, some seconds' worth of it.",
        )

    def check_mirror(self, ctx: Context, request: MirrorRequest) -> MirrorAnswer:
        key = pages.decode_token(_LISTING, request.next_token, [str, str, bool])
        position = Position() if key is None else Position(str(key[0]), str(key[1]), bool(key[2]))
        done = self._check.look(position, app_id=request.application_id, repair=request.repair)
        token = None if done.position is None else pages.encode_token(_LISTING, *done.position)
        return MirrorAnswer(compared=done.compared, differences=done.differences, next_token=token)

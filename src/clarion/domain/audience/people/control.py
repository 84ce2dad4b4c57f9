"""The control API's calls about single people: show, export, erase, and the record of erasures."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from clarion.core.clock import iso_ms
from clarion.domain.audience.model import answer
from clarion.domain.audience.people.service import People, Who, who
from clarion.domain.audience.people.store import Erasure, Kind, State
from clarion.shapes.pinpoint import EndpointResponse
from clarion.wire.context import Context
from clarion.wire.control import ControlApi
from clarion.wire.keys import DEVELOPERS, READERS

PATH = "/clarion/v1/users"
PAGE, MOST = 1_000, 5_000
WAIT_SECONDS = 20

Text = Annotated[str, msgspec.Meta(min_length=1)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=MOST)]
Seconds = Annotated[int, msgspec.Meta(ge=0, le=60)]


class UserRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Who: a user, or an endpoint without a user; one of the two."""

    application_id: Text
    user_id: Text | None = None
    endpoint_id: Text | None = None


class ExportRequest(UserRequest, kw_only=True, rename="pascal"):
    """Who, and which part: `limit` things at most, going on at `next_token`."""

    limit: Limit = PAGE
    next_token: str | None = None


class EraseRequest(UserRequest, kw_only=True, rename="pascal"):
    """Who, and how long to wait for the end."""

    wait_seconds: Seconds = WAIT_SECONDS


class ErasuresRequest(UserRequest, kw_only=True, rename="pascal"):
    """Of a project, or with an id whether and when that was erased."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100
    next_token: str | None = None


class User(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """What is known, in short. `counts` are rows by kind, `details` what is told beside."""

    application_id: str
    user_id: str | None = None
    user_attributes: dict[str, list[str]] = {}
    last_activity: str | None = None
    endpoints: list[EndpointResponse]
    counts: dict[str, int]
    details: dict[str, Any]


class Part(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """A part of an export: things of one section; `next_token` while there is more."""

    section: str
    items: list[Any]
    next_token: str | None = None


class ErasureAnswer(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """An erasure. It does not say who it was; `digest` is the id's, made with a secret of this installation."""

    erasure_id: str
    application_id: str
    kind: Kind
    digest: str
    state: State
    access_key_id: str
    requested_at: str
    completed_at: str | None = None
    counts: dict[str, int]


class ErasuresPage(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """Erasures newest first; `next_token` while there are more."""

    erasures: list[ErasureAnswer]
    next_token: str | None = None


class PeopleControl:
    """Handlers of `users`."""

    def __init__(self, people: People) -> None:
        self._people = people

    def add_to(self, control: ControlApi) -> None:
        """Add the routes."""
        control.add(
            "GET", PATH, UserRequest, User, self.show_user, roles=READERS, summary="Tell what is known about a person."
        )
        control.add(
            "GET",
            f"{PATH}/export",
            ExportRequest,
            Part,
            self.export_user,
            roles=DEVELOPERS,
            summary="Tell everything that is known about a person, part by part.",
        )
        control.add(
            "POST",
            f"{PATH}/erase",
            EraseRequest,
            ErasureAnswer,
            self.erase_user,
            roles=DEVELOPERS,
            summary="Erase a person everywhere; answers when that is done, or what it has come to.",
        )
        control.add(
            "GET",
            f"{PATH}/erasures",
            ErasuresRequest,
            ErasuresPage,
            self.list_erasures,
            roles=READERS,
            summary="List erasures, or prove that of one id.",
        )

    def show_user(self, ctx: Context, request: UserRequest) -> User:
        told = self._people.tell(ctx.scope, request.application_id, _who(request))
        return User(
            application_id=request.application_id,
            user_id=request.user_id,
            user_attributes=told.endpoints[0].user_attributes if told.endpoints else {},
            last_activity=None if told.last_seen_ms is None else iso_ms(told.last_seen_ms),
            endpoints=[answer(request.application_id, one) for one in told.endpoints],
            counts=dict(told.counts),
            details=dict(told.details),
        )

    def export_user(self, ctx: Context, request: ExportRequest) -> Part:
        found = self._people.export(ctx.scope, request.application_id, _who(request), request.limit, request.next_token)
        return Part(section=found.section, items=list(found.items), next_token=found.token)

    def erase_user(self, ctx: Context, request: EraseRequest) -> ErasureAnswer:
        begun = self._people.erase(ctx.scope, request.application_id, _who(request), ctx.access_key_id)
        return _answer(self._people.wait(begun, request.wait_seconds))

    def list_erasures(self, ctx: Context, request: ErasuresRequest) -> ErasuresPage:
        asked = None if request.user_id is None and request.endpoint_id is None else _who(request)
        found, token = self._people.erasures(
            ctx.scope, request.application_id, asked, request.limit, request.next_token
        )
        return ErasuresPage(erasures=[_answer(one) for one in found], next_token=token)


def _who(request: UserRequest) -> Who:
    return who(request.user_id, request.endpoint_id)


def _answer(erasure: Erasure) -> ErasureAnswer:
    return ErasureAnswer(
        erasure_id=erasure.id,
        application_id=erasure.app_id,
        kind=erasure.kind,
        digest=erasure.digest.hex(),
        state=erasure.state,
        access_key_id=erasure.access_key_id,
        requested_at=iso_ms(erasure.requested_ms),
        completed_at=None if erasure.completed_ms is None else iso_ms(erasure.completed_ms),
        counts=msgspec.json.decode(erasure.counts, type=dict[str, int]),
    )

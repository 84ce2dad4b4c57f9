"""The control API's calls for sending domains. They are the installation's, so they are for admins of its own account.

Private keys never leave: what is answered are the records to publish.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec

from clarion.channels.email.names import Names, asked
from clarion.core.clock import iso_ms
from clarion.core.errors import Conflict
from clarion.core.settings import Settings
from clarion.domain.messaging.domains import records
from clarion.domain.messaging.domains.checking import Looked, look
from clarion.domain.messaging.domains.model import Key, SendingDomain
from clarion.domain.messaging.domains.records import Place, Record
from clarion.domain.messaging.domains.service import Domains
from clarion.wire.context import Context
from clarion.wire.control import ControlApi, Nothing

Text = Annotated[str, msgspec.Meta(min_length=1)]
PATH = "/clarion/v1/domains"


class NameRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Which domain."""

    name: Text


class AddDomainRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """A new sending domain. `bounce_domain` and `tracking_url` are its own, "" for those of the settings; `spf` are
    the mechanisms that say which machines send for it."""

    name: Text
    bounce_domain: str = ""
    tracking_url: str = ""
    spf: str = ""


class UpdateDomainRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """What to change; "" resets a member."""

    name: Text
    bounce_domain: str | None = None
    tracking_url: str | None = None
    spf: str | None = None


class RotateRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """`force`: sign with the next keys although DNS does not have them."""

    name: Text
    force: bool = False


class DkimKeyView(msgspec.Struct, kw_only=True, rename="pascal", omit_defaults=True):
    """A key; `state` is "next", "active" or "retiring"."""

    selector: str
    algorithm: str
    state: str
    creation_date: str
    retired_date: str | None = None


class Domain(msgspec.Struct, kw_only=True, rename="pascal", omit_defaults=True):
    """A sending domain. `problem` says why its mail is kept back."""

    name: str
    creation_date: str
    last_modified_date: str
    keys: list[DkimKeyView]
    bounce_domain: str = ""
    tracking_url: str = ""
    spf: str = ""
    problem: str | None = None


class DomainList(msgspec.Struct, kw_only=True, rename="pascal"):
    """All sending domains."""

    domains: list[Domain]


class RecordView(msgspec.Struct, kw_only=True, rename="pascal", omit_defaults=True):
    """A DNS record; `verdict` ("ok", "missing", "wrong", "unknown") and `found` when it was looked up."""

    purpose: str
    name: str
    type: str
    value: str
    note: str = ""
    needed: bool = True
    verdict: str | None = None
    found: str = ""


class DomainRecords(msgspec.Struct, kw_only=True, rename="pascal"):
    """A domain with its records; `good` when nothing that is needed is missing or wrong, as far as was looked."""

    domain: Domain
    records: list[RecordView]
    good: bool


class Rotated(msgspec.Struct, kw_only=True, rename="pascal"):
    """A step of a rotation: `active` when the next keys sign from now on, else they are to be published first."""

    active: bool
    records: list[RecordView]


class DomainsControl:
    """Handlers of `domains…`."""

    def __init__(self, domains: Domains, settings: Settings) -> None:
        self._domains = domains
        self._account = settings.account
        self._servers = settings.dns_servers
        self._place = Place.at(settings.public_url, settings.bounce_domain)

    def add_to(self, control: ControlApi) -> None:
        """Add the routes."""
        one = f"{PATH}/{{Name}}"
        control.add("GET", PATH, Nothing, DomainList, self.list_domains, summary="List sending domains.")
        control.add(
            "POST", PATH, AddDomainRequest, DomainRecords, self.add_domain, summary="Add a sending domain.", status=201
        )
        control.add("GET", one, NameRequest, DomainRecords, self.get_domain, summary="Tell what to publish in DNS.")
        control.add("PUT", one, UpdateDomainRequest, DomainRecords, self.update_domain, summary="Change a domain.")
        control.add("DELETE", one, NameRequest, Nothing, self.remove_domain, summary="Remove a sending domain.")
        control.add(
            "POST",
            f"{one}/rotate",
            RotateRequest,
            Rotated,
            self.rotate_domain_keys,
            summary="Make the keys that come next; once DNS has them, sign with them.",
        )
        control.add(
            "POST", f"{one}/check", NameRequest, DomainRecords, self.check_domain, summary="Look its records up in DNS."
        )

    def list_domains(self, ctx: Context, request: Nothing) -> DomainList:
        ctx.check_installation(self._account)
        seen = self._domains.now()
        return DomainList(
            domains=[
                _domain(row, [key for key in seen.keys if key.domain == row.name], seen.closed.get(row.name))
                for row in seen.domains.values()
            ]
        )

    def add_domain(self, ctx: Context, request: AddDomainRequest) -> DomainRecords:
        ctx.check_installation(self._account)
        row = self._domains.add(
            request.name, bounce_domain=request.bounce_domain, tracking_url=request.tracking_url, spf=request.spf
        )
        return self._told(row.name)

    def get_domain(self, ctx: Context, request: NameRequest) -> DomainRecords:
        ctx.check_installation(self._account)
        return self._told(request.name)

    def update_domain(self, ctx: Context, request: UpdateDomainRequest) -> DomainRecords:
        ctx.check_installation(self._account)
        self._domains.update(
            request.name, bounce_domain=request.bounce_domain, tracking_url=request.tracking_url, spf=request.spf
        )
        return self._told(request.name)

    def remove_domain(self, ctx: Context, request: NameRequest) -> Nothing:
        ctx.check_installation(self._account)
        self._domains.remove(request.name)
        return Nothing()

    def rotate_domain_keys(self, ctx: Context, request: RotateRequest) -> Rotated:
        ctx.check_installation(self._account)
        row, keys = self._domains.get(request.name)
        if not any(key.state == "next" for key in keys):
            coming = self._domains.prepare_rotation(request.name)
            return Rotated(active=False, records=[_record(one) for one in self._dkim(row, coming)])
        coming = [key for key in keys if key.state == "next"]
        if not request.force:
            looked = self._looked(self._dkim(row, coming))
            if absent := [one.record.name for one in looked if one.verdict != "ok"]:
                raise Conflict(f"DNS does not have {absent[0]} yet: publish it, or force the rotation")
        coming = self._domains.rotate(request.name)
        return Rotated(active=True, records=[_record(one) for one in self._dkim(row, coming)])

    def check_domain(self, ctx: Context, request: NameRequest) -> DomainRecords:
        ctx.check_installation(self._account)
        row, keys = self._domains.get(request.name)
        looked = self._looked(records.to_publish(row, keys, self._place))
        good = all(one.verdict == "ok" for one in looked if one.record.needed)
        return self._answer(row, keys, [_record(one.record, one) for one in looked], good)

    def _told(self, name: str) -> DomainRecords:
        row, keys = self._domains.get(name)
        published = records.to_publish(row, keys, self._place)
        return self._answer(row, keys, [_record(one) for one in published], True)

    def _answer(self, row: SendingDomain, keys: Sequence[Key], found: list[RecordView], good: bool) -> DomainRecords:
        problem = self._domains.now().closed.get(row.name)
        return DomainRecords(domain=_domain(row, keys, problem), records=found, good=good and problem is None)

    def _looked(self, wanted: Sequence[Record]) -> list[Looked]:
        return asked(lambda: look(Names(self._servers), wanted))

    def _dkim(self, row: SendingDomain, keys: Sequence[Key]) -> list[Record]:
        return [one for one in records.to_publish(row, keys, self._place) if one.purpose == "DKIM"]


def _domain(row: SendingDomain, keys: Sequence[Key], problem: str | None) -> Domain:
    return Domain(
        name=row.name,
        creation_date=iso_ms(row.created_ms),
        last_modified_date=iso_ms(row.modified_ms),
        keys=[
            DkimKeyView(
                selector=key.selector,
                algorithm=key.algorithm,
                state=key.state,
                creation_date=iso_ms(key.created_ms),
                retired_date=iso_ms(key.retired_ms) if key.retired_ms else None,
            )
            for key in keys
        ],
        bounce_domain=row.bounce_domain,
        tracking_url=row.tracking_url,
        spf=row.spf,
        problem=problem,
    )


def _record(record: Record, looked: Looked | None = None) -> RecordView:
    return RecordView(
        purpose=record.purpose,
        name=record.name,
        type=record.type,
        value=record.value,
        note=record.note,
        needed=record.needed,
        verdict=None if looked is None else looked.verdict,
        found="" if looked is None else looked.found,
    )

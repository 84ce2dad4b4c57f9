"""The deep part of the doctor: the whole mirror compared with the state, through a running server or without one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from clarion.core.settings import Settings
from clarion.domain.audience.mirror.check import Difference
from clarion.server.doctor.findings import Finding
from clarion.server.system import System
from clarion.server.upkeep import MirrorAnswer, MirrorRequest, look

Look = Callable[[MirrorRequest], MirrorAnswer]


class MirrorFinding(Finding, kw_only=True, rename="pascal"):
    """What came of comparing `compared` endpoints: one finding for each difference, or one that there is none."""

    compared: int
    difference: Difference | None = None


@contextmanager
def without_server(settings: Settings) -> Iterator[Look]:
    """Open the stores and look by oneself. Raises Unavailable while another process has the embedded store."""
    system = System(settings, "")
    try:
        yield lambda request: look(system.mirror, request)
    finally:
        system.close()


def examine_mirror(
    look: Look, app_id: str | None, *, repair: bool, told: Callable[[int], None] = lambda compared: None
) -> list[MirrorFinding]:
    """Compare everything, and repair it if wanted; `told` hears from time to time how many are compared."""
    request: MirrorRequest | None = MirrorRequest(application_id=app_id, repair=repair)
    compared = 0
    found: dict[tuple[str, str], Difference] = {}
    while request is not None:
        answer = look(request)
        compared += answer.compared
        for one in answer.differences:
            _add(found, one)
        told(compared)
        token = answer.next_token
        request = None if token is None else msgspec.structs.replace(request, next_token=token)
    if not found:
        detail = f"{compared} endpoints compared, the mirror is equal"
        return [MirrorFinding(check="mirror", state="well", detail=detail, compared=compared)]
    return [_finding(one, compared, repair=repair) for _, one in sorted(found.items())]


def _add(found: dict[tuple[str, str], Difference], one: Difference) -> None:
    known = found.setdefault((one.application_id, one.kind), one)
    if known is not one:
        known.found += one.found
        known.repaired += one.repaired


def _finding(one: Difference, compared: int, *, repair: bool) -> MirrorFinding:
    left = one.found - one.repaired
    detail = f"{one.application_id}: {one.found} {one.kind} ({', '.join(one.examples)}{', …' if one.found > 5 else ''})"
    if not left:
        advice = "repaired; segments counted before this may have been wrong"
    elif repair:
        advice = "could not be repaired: look for errors of the pump `ingest` in the log, then run this again"
    else:
        advice = "run `clarion doctor --deep` without --no-repair"
    return MirrorFinding(
        check="mirror",
        state="ill" if left else "warning",
        detail=f"{detail}, {one.repaired} repaired" if one.repaired else detail,
        advice=advice,
        compared=compared,
        difference=one,
    )

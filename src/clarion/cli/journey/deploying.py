"""What applying a file does to a project: a journey is found by its name, and becomes what the file says.

there is none ──────────→ create                      ACTIVE, PAUSED ─→ edit: a new version for those who enter
DRAFT ─→ change, publish (State: ACTIVE)              CLOSED, COMPLETED, CANCELLED ─→ refuse what would change it
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, Literal, NamedTuple

from clarion.cli.client import Client
from clarion.cli.journey.form import NAMED, Document, definition, differences, normal, segments_mapped
from clarion.cli.journey.verbs import control_path, journeys, path_of
from clarion.cli.output import fail

Action = Literal["create", "change", "publish", "edit", "nothing", "refuse"]

FINISHED = ("COMPLETED", "CANCELLED")


class Step(NamedTuple):
    """What is to be done for one journey of a file. `wanted` is its definition with the project's ids."""

    action: Action
    wanted: Document
    journey: Mapping[str, Any] | None
    lines: list[str]
    why: str = ""

    @property
    def text(self) -> str:
        """In a line."""
        name = self.wanted["Name"]
        state = f" ({self.journey['State']})" if self.journey else ""
        count = len(self.wanted.get("Activities", {}))
        words: Mapping[Action, str] = {
            "create": f"create, {count} activities" + (", and publish" if self.publishes else ", as a draft"),
            "change": "change the draft",
            "publish": "change the draft, and publish" if self.lines else "publish",
            "edit": "a new version for those who enter from now on",
            "nothing": "nothing to do",
            "refuse": self.why,
        }
        return f"{name}{state}: {words[self.action]}"

    @property
    def publishes(self) -> bool:
        """Whether people will enter."""
        return bool(self.wanted.get("State") == "ACTIVE")


class Deployment:
    """A project that files are applied to."""

    def __init__(self, client: Client, project: str) -> None:
        self._client = client
        self._project = project

    @cached_property
    def _journeys(self) -> list[dict[str, Any]]:
        return list(journeys(self._client, self._project))

    @cached_property
    def _segments(self) -> list[tuple[str, str]]:
        pages = self._client.pages(f"/v1/apps/{self._project}/segments", {"page-size": 200}, token="token")
        return [(one["Id"], one["Name"]) for page in pages for one in page["Item"]]

    def with_ids(self, document: Document) -> Document:
        """The document with ids for segments that are named. Ends the command when a name means none or several."""
        missing: list[str] = []

        def change(segment: str) -> str:
            if not segment.startswith(NAMED):
                return segment
            name = segment.removeprefix(NAMED)
            found = [id for id, one in self._segments if one == name]
            if len(found) != 1:
                missing.append(f"{'no segment' if not found else f'{len(found)} segments'} with the name {name}")
            return found[0] if found else ""

        mapped = segments_mapped(document, change)
        if missing:
            fail(f"project {self._project} has " + ", ".join(dict.fromkeys(missing)))
        return mapped

    def with_names(self, document: Document) -> Document:
        """The document with names for segments, where they are there and no other one has the name."""
        names = dict(self._segments)
        once = [name for _, name in self._segments]
        return segments_mapped(
            document, lambda id: f"{NAMED}{names[id]}" if id in names and once.count(names[id]) == 1 else id
        )

    def plan(self, document: Document, journey_id: str | None = None, *, new: bool = False) -> Step:
        """What is to be done so that the project has this journey. With `new` a finished one is left alone."""
        wanted = self.with_ids(document)
        wanted = {**normal(wanted), **({"State": wanted["State"]} if wanted.get("State") else {})}
        found = self._match(wanted["Name"], journey_id)
        if isinstance(found, str):
            return Step("refuse", wanted, None, [], found)
        if found is None or (new and found["State"] in FINISHED):
            return Step("create", wanted, None, [])
        return _step(wanted, found)

    def apply(self, step: Step) -> dict[str, Any] | None:
        """Do it; answers the journey, or None when there is nothing to do."""
        call, body = self._client.call, step.wanted
        done: dict[str, Any] | None = None
        if step.action == "create":
            done = call("POST", f"/v1/apps/{self._project}/journeys", body=body)
        elif step.journey is not None and step.action in ("change", "publish"):
            done = call("PUT", path_of(self._project, step.journey["Id"]), body=body)
        elif step.journey is not None and step.action == "edit":
            done = self.edit(step.journey["Id"], body)["Journey"]
        return done

    def check(self, step: Step) -> None:
        """End the command with what the server would say against publishing it, or against a new version."""
        if step.journey is not None and step.action == "edit":
            self.edit(step.journey["Id"], step.wanted, dry=True)
        elif step.publishes and step.action in ("create", "publish"):
            path = f"/clarion/v1/apps/{self._project}/journeys/review"
            found = self._client.call("POST", path, body={"Journey": definition(step.wanted)})["Findings"]
            errors = [one for one in found if one["Severity"] == "ERROR"]
            if errors:
                told = "; ".join(f"{one['Code']} {one.get('ActivityId', '')}: {one['Text']}" for one in errors)
                fail(f"{step.wanted['Name']} cannot be published: {told}")

    def edit(
        self, journey_id: str, wanted: Document, *, version: int | None = None, dry: bool = False
    ) -> dict[str, Any]:
        """Write a new version of a journey under way; `version` is the one it was made of."""
        body = {"Journey": definition(wanted), "Version": version, "DryRun": dry}
        body = {name: value for name, value in body.items() if value is not None}
        answer: dict[str, Any] = self._client.call(
            "PUT", control_path(self._project, journey_id, "versions"), body=body
        )
        return answer

    def _match(self, name: str, journey_id: str | None) -> dict[str, Any] | str | None:
        """The journey that is meant, None when there is none; or why that cannot be said."""
        if journey_id is not None:
            return next((one for one in self._journeys if one["Id"] == journey_id), f"there is no journey {journey_id}")
        same = [one for one in self._journeys if one["Name"] == name]
        going = [one for one in same if one["State"] not in FINISHED]
        if len(going) > 1:
            ids = ", ".join(one["Id"] for one in going)
            return f"{len(going)} journeys have this name; say which with --journey: {ids}"
        found = going or same
        return found[-1] if found else None


def _step(wanted: Document, found: dict[str, Any]) -> Step:
    state = found["State"]
    lines = differences(normal(found), definition(wanted))
    if state == "DRAFT":
        if wanted.get("State") == "ACTIVE":
            return Step("publish", wanted, found, lines)
        return Step("change" if lines else "nothing", wanted, found, lines)
    if wanted.get("State") == "DRAFT":
        return Step("refuse", wanted, found, lines, f"is {state}, and cannot be a DRAFT again")
    if not lines:
        return Step("nothing", wanted, found, lines)
    if state in ("ACTIVE", "PAUSED"):
        return Step("edit", wanted, found, lines)
    hint = "; a new one of this name is made with --new" if state in FINISHED else ""
    return Step("refuse", wanted, found, lines, f"is {state}, nobody would enter it as it is in the file{hint}")

"""Which journeys a command is about: one that is kept, by its id, or those of a file."""

from __future__ import annotations

import re
from pathlib import Path

from clarion.cli.client import Client
from clarion.cli.journey.deploying import Deployment
from clarion.cli.journey.form import Document, read

_ID = re.compile(r"[0-9a-f]{32}")


def unsaved(client: Client, project: str, subject: str) -> list[Document] | None:
    """The journeys of a file, with the project's ids of segments; None when the subject is an id."""
    if _ID.fullmatch(subject):
        return None
    deployment = Deployment(client, project)
    return [deployment.with_ids(one) for one in read(Path(subject))]


def collection_path(project: str, what: str) -> str:
    """Where the control API has something about journeys that are not kept."""
    return f"/clarion/v1/apps/{project}/journeys/{what}"

"""The authority that transports are told to trust."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.channels.push import scenes
from tests.channels.push.authority import authority


@pytest.fixture(autouse=True)
def _trusted(tmp_path: Path) -> None:
    path = tmp_path / "trusted.pem"
    path.write_text(authority().pem)
    scenes._files["trusted"] = str(path)

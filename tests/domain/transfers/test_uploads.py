"""Uploads come in parts, again and again, and lead nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from clarion.core.errors import Conflict, Invalid
from clarion.domain.transfers.uploads import Uploads


def test_parts_make_a_file(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path)
    assert uploads.get("app", "a.csv").size == 0
    assert uploads.put("app", "a.csv", 0, b"abc").size == 3
    assert uploads.put("app", "a.csv", 3, b"def").size == 6
    # An answer was lost: the part comes again.
    assert uploads.put("app", "a.csv", 3, b"def") == uploads.get("app", "a.csv")
    assert (tmp_path / "app" / "a.csv").read_bytes() == b"abcdef"
    with pytest.raises(Conflict, match="Offset: 9 is behind the 6 bytes that are there"):
        uploads.put("app", "a.csv", 9, b"x")
    assert uploads.put("app", "a.csv", 0, b"").size == 0
    uploads.delete("app", "a.csv")
    uploads.delete("app", "a.csv")
    assert not (tmp_path / "app" / "a.csv").exists()


@pytest.mark.parametrize("name", ["", ".", "..", "../a", "a/b", ".hidden", "a b", "ä", "x" * 201, "-a", "a\n"])
def test_names_that_are_refused(tmp_path: Path, name: str) -> None:
    uploads = Uploads(tmp_path)
    with pytest.raises(Invalid, match="Name"):
        uploads.put("app", name, 0, b"x")
    with pytest.raises(Invalid, match="Name"):
        uploads.get("app", name)
    with pytest.raises(Invalid, match="Name"):
        uploads.delete("app", name)


def test_folders_of_exports_are_removed_whole(tmp_path: Path) -> None:
    (tmp_path / "app" / "export-1" / "x").mkdir(parents=True)
    (tmp_path / "app" / "export-1" / "x" / "1.json.gz").write_bytes(b"x")
    Uploads(tmp_path).delete("app", "export-1")
    assert list((tmp_path / "app").iterdir()) == []

"""`file://`: nothing outside the allowed folders, whatever the URL says and the folder holds."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from clarion.core.errors import ClarionError, Invalid, Unavailable
from clarion.core.settings import Settings
from clarion.store.objects import Changed, Denied, Found, Missing, Objects, Unreadable, open_objects
from clarion.store.objects.file_errors import told


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The allowed folder, with one file; its neighbours must stay out of reach."""
    for name in ("allowed", "allowed2", "outside"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.csv").write_text(name)
    return tmp_path / "allowed"


@pytest.fixture
def objects(folder: Path) -> Objects:
    return open_objects(Settings(object_folders=str(folder)))


def refused(objects: Objects, url: str, kind: type[Unreadable]) -> None:
    """Each verb refuses this URL, and nothing is made, changed or removed anywhere."""
    with pytest.raises(kind):
        objects.find(url)
    with pytest.raises(kind):
        list(objects.read(Found(url, 10, "tag")))
    with pytest.raises(kind), objects.write(url) as writing:
        writing.write(b"x")
    with pytest.raises(kind):
        objects.delete(url)


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "/", "{parent}", "{parent}/allowe", "{parent}/allowed2/a.csv", "{parent}/outside/a.csv"]
)
def test_other_folders_are_refused(objects: Objects, folder: Path, path: str) -> None:
    refused(objects, "file://" + path.format(parent=folder.parent), Unreadable)
    assert (folder.parent / "outside" / "a.csv").read_text() == "outside"


@pytest.mark.parametrize("path", ["/../outside/a.csv", "/..", "/sub/../../outside/a.csv", "/./a.csv", "//a.csv"])
def test_dots_are_refused(objects: Objects, folder: Path, path: str) -> None:
    refused(objects, f"file://{folder}{path}", Unreadable)


@pytest.mark.parametrize("path", ["/%2e%2e/outside/a.csv", "/..%2foutside%2fa.csv", "/%00"])
def test_percent_signs_are_only_percent_signs(objects: Objects, folder: Path, path: str) -> None:
    assert objects.find(f"file://{folder}{path}") == []


@pytest.mark.parametrize("url", ["file://a.csv", "file://localhost{folder}/a.csv", "file://"])
def test_paths_are_absolute(objects: Objects, folder: Path, url: str) -> None:
    refused(objects, url.format(folder=folder), Unreadable)


def test_a_link_out_is_refused(objects: Objects, folder: Path) -> None:
    (folder / "link.csv").symlink_to(folder.parent / "outside" / "a.csv")
    url = f"file://{folder}/link.csv"
    for attempt in (url, f"file://{folder}", f"file://{folder}/li"):
        with pytest.raises(Denied, match="link\\.csv: outside"):
            objects.find(attempt)
    with pytest.raises(Denied):
        list(objects.read(Found(url, 7, "tag")))


def test_a_folder_that_is_a_link_out_is_refused(objects: Objects, folder: Path) -> None:
    (folder / "link").symlink_to(folder.parent / "outside")
    refused(objects, f"file://{folder}/link/a.csv", Denied)
    for url in ("/link", "/link/", "/link/a"):
        with pytest.raises(Denied):
            objects.find(f"file://{folder}{url}")
    assert sorted(os.listdir(folder.parent / "outside")) == ["a.csv"]


def test_writing_and_deleting_a_link_leaves_alone_what_it_leads_to(objects: Objects, folder: Path) -> None:
    target = folder.parent / "outside" / "a.csv"
    for _ in range(2):
        (folder / "link.csv").symlink_to(target)
        with objects.write(f"file://{folder}/link.csv") as writing:
            writing.write(b"mine")
        assert not (folder / "link.csv").is_symlink()
        objects.delete(f"file://{folder}/link.csv")
    (folder / "link.csv").symlink_to(target)
    objects.delete(f"file://{folder}/link.csv")
    assert target.read_text() == "outside"


def test_a_link_out_put_there_after_the_file_was_found_is_refused(objects: Objects, folder: Path) -> None:
    [found] = objects.find(f"file://{folder}/a.csv")
    (folder / "a.csv").unlink()
    (folder / "a.csv").symlink_to(folder.parent / "outside" / "a.csv")
    with pytest.raises(Denied):
        list(objects.read(found))


def test_links_inside_are_followed(objects: Objects, folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "sub" / "b.csv").symlink_to(folder / "a.csv")
    (folder / "gone.csv").symlink_to(folder / "nothing")
    (folder / "again").symlink_to(folder)
    names = [found.url.removeprefix(f"file://{folder}/") for found in objects.find(f"file://{folder}")]
    assert names == ["a.csv", "sub/b.csv"]
    assert b"".join(objects.read(objects.find(f"file://{folder}/sub/b.csv")[0])) == b"allowed"


def test_an_allowed_folder_may_be_a_link(folder: Path) -> None:
    (folder.parent / "link").symlink_to(folder)
    objects = open_objects(Settings(), folders=[folder.parent / "link"])
    [found] = objects.find(f"file://{folder.parent}/link")
    assert found.url == f"file://{folder.parent}/link/a.csv"
    assert b"".join(objects.read(found)) == b"allowed"
    with pytest.raises(Denied):
        objects.find(f"file://{folder}/a.csv")


def test_links_in_a_circle_are_refused(objects: Objects, folder: Path) -> None:
    (folder / "x").symlink_to(folder / "y")
    (folder / "y").symlink_to(folder / "x")
    with pytest.raises(Unreadable):
        objects.find(f"file://{folder}/x")


def test_an_allowed_folder_that_does_not_exist_is_missing_until_it_is_written(tmp_path: Path) -> None:
    objects = open_objects(Settings(), folders=[tmp_path / "uploads"])
    url = f"file://{tmp_path}/uploads/a.csv"
    with pytest.raises(Missing, match="uploads does not exist"):
        objects.find(url)
    with objects.write(url) as writing:
        writing.write(b"1")
    assert [found.size for found in objects.find(url)] == [1]


def test_folders_come_from_the_setting_and_the_caller(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").touch()
    objects = open_objects(
        Settings(object_folders=f"{tmp_path}/a{os.pathsep}{os.pathsep}{tmp_path}/b/"), folders=[tmp_path / "c"]
    )
    assert [len(objects.find(f"file://{tmp_path}/{name}/")) for name in ("a", "b", "c")] == [1, 1, 1]


def test_no_folder_is_allowed_by_default(folder: Path) -> None:
    with pytest.raises(Denied, match="object_folders"):
        open_objects(Settings()).find(f"file://{folder}/a.csv")


def test_a_relative_folder_is_an_invalid_setting() -> None:
    with pytest.raises(Invalid, match="object_folders"):
        open_objects(Settings(object_folders="exports"))


def test_only_files_are_objects(objects: Objects, folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    assert [found.url for found in objects.find(f"file://{folder}")] == [f"file://{folder}/a.csv"]
    with pytest.raises(Unreadable, match="neither a file nor a folder"):
        objects.find(f"file://{folder}/pipe")
    with pytest.raises(Changed):
        list(objects.read(Found(f"file://{folder}/pipe", 1, "tag")))


def test_a_name_that_is_no_text_is_reported(objects: Objects, folder: Path) -> None:
    Path(os.fsdecode(bytes(folder) + b"/\xff.csv")).touch()
    with pytest.raises(Unreadable, match="the name is not UTF-8"):
        objects.find(f"file://{folder}")


def test_a_folder_in_the_way_of_a_write_is_refused(objects: Objects, folder: Path) -> None:
    (folder / "sub").mkdir()
    with pytest.raises(Unreadable, match="is a folder"), objects.write(f"file://{folder}/sub"):
        pass
    with pytest.raises(Unreadable), objects.write(f"file://{folder}/a.csv/b.csv"):
        pass


def test_two_writers_of_one_name_do_not_mix(objects: Objects, folder: Path) -> None:
    url = f"file://{folder}/a.csv"
    with objects.write(url) as writing:
        writing.write(b"first")
        with pytest.raises(Unavailable, match="being written"), objects.write(url) as other:
            other.write(b"second")
    assert (folder / "a.csv").read_text() == "first"
    assert os.listdir(folder) == ["a.csv"]


def test_what_a_killed_writer_left_is_not_seen_and_is_taken_over(objects: Objects, folder: Path) -> None:
    url = f"file://{folder}/new.csv"
    program = f"""
import os, signal
from clarion.core.settings import Settings
from clarion.store.objects import open_objects
with open_objects(Settings(object_folders={str(folder)!r})).write({url!r}) as writing:
    writing.write(b"x" * 5_000_000)
    os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == -9
    assert len(os.listdir(folder)) == 2
    assert [found.url for found in objects.find(f"file://{folder}")] == [f"file://{folder}/a.csv"]
    with objects.write(url) as writing:
        writing.write(b"whole")
    assert sorted(os.listdir(folder)) == ["a.csv", "new.csv"]
    assert (folder / "new.csv").read_text() == "whole"


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOENT, Missing),
        (errno.ENOTDIR, Missing),
        (errno.EACCES, Denied),
        (errno.EROFS, Denied),
        (errno.ELOOP, Denied),
        (errno.ENOSPC, Unavailable),
        (errno.EIO, Unavailable),
        (errno.ENAMETOOLONG, Unreadable),
    ],
)
def test_what_the_system_says_is_told_with_the_url(number: int, kind: type[ClarionError]) -> None:
    with pytest.raises(kind, match="file:///a: ") as raised, told("file:///a"):
        raise OSError(number, os.strerror(number))
    assert type(raised.value) is kind


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_denied(objects: Objects, folder: Path) -> None:
    [found] = objects.find(f"file://{folder}/a.csv")
    (folder / "a.csv").chmod(0)
    with pytest.raises(Denied):
        list(objects.read(found))


def test_an_error_of_the_caller_is_not_taken_for_one_of_the_file(objects: Objects, folder: Path) -> None:
    with pytest.raises(FileNotFoundError), objects.write(f"file://{folder}/b.csv"):
        raise FileNotFoundError("/elsewhere")

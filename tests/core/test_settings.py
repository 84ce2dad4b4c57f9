from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from clarion.core.errors import Invalid
from clarion.core.settings import Settings, describe, env_name, load


def toml(path: Path, text: str) -> str:
    file = path / "clarion.toml"
    file.write_text(text)
    return str(file)


def test_defaults_without_anything() -> None:
    assert load(environ={}) == Settings()


def test_command_line_beats_environment_beats_file_beats_default(tmp_path: Path) -> None:
    config = toml(tmp_path, 'port = 1\nhost = "file"\ndata = "file"\n')
    environ = {"CLARION_PORT": "2", "CLARION_HOST": "environment"}
    settings = load({"port": 3, "data": None}, environ=environ, config=config)
    assert (settings.port, settings.host, settings.data, settings.account) == (
        3,
        "environment",
        "file",
        Settings().account,
    )


def test_file_may_be_named_by_the_environment(tmp_path: Path) -> None:
    config = toml(tmp_path, "port = 7\n")
    assert load(environ={"CLARION_CONFIG": config}).port == 7
    other = tmp_path / "other"
    other.mkdir()
    assert load(environ={"CLARION_CONFIG": config}, config=toml(other, "port = 8\n")).port == 8


@pytest.mark.parametrize(("text", "value"), [("true", True), ("1", True), ("false", False), ("0", False)])
def test_environment_says_yes_and_no(text: str, value: bool) -> None:
    assert load(environ={"CLARION_WORKERS": text}).workers is value


def test_unknown_environment_variables_are_not_ours() -> None:
    assert load(environ={"CLARION_UNHEARD_OF": "1", "PORT": "9"}) == Settings()


@pytest.mark.parametrize("environ", [{"CLARION_PORT": "eighty"}, {"CLARION_WORKERS": "perhaps"}])
def test_wrong_type_in_the_environment_is_refused(environ: dict[str, str]) -> None:
    with pytest.raises(Invalid, match="settings"):
        load(environ=environ)


def test_wrong_type_names_the_setting() -> None:
    with pytest.raises(Invalid, match="port"):
        load(environ={"CLARION_PORT": "eighty"})


@pytest.mark.parametrize(
    ("text", "words"),
    [("prot = 1\n", "unknown setting prot"), ("port = \n", "clarion.toml"), ("port = [1]\n", "port")],
)
def test_bad_files_are_refused_by_name(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        load(environ={}, config=toml(tmp_path, text))


def test_missing_file_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"none\.toml"):
        load(environ={}, config=str(tmp_path / "none.toml"))


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        load(environ={}).port = 1  # type: ignore[misc]


def test_every_setting_is_described() -> None:
    described = {name: (default, variable, help) for name, default, variable, help in describe()}
    assert list(described) == [field.name for field in dataclasses.fields(Settings)]
    for name, (default, variable, help) in described.items():
        assert default == getattr(Settings(), name)
        assert variable == env_name(name) == f"CLARION_{name}".upper()
        assert help.endswith(".")

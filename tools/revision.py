"""Write a new Alembic revision: what the tables in the code have that a database at head has not.

    python -m tools.revision "Add journeys"

Read what it wrote before you commit it: a renamed column looks like one dropped and one added.
"""

from __future__ import annotations

import importlib
import subprocess
import sys
import tempfile
from pathlib import Path

import sqlalchemy as sa
from alembic import command

from clarion.store.migrate import MIGRATIONS, config, upgrade

SOURCE = Path(__file__).parent.parent / "src"


def import_tables() -> list[str]:
    """Import every module that may declare tables (all of `domain` and `engine`); answers their names."""
    files = sorted([*SOURCE.glob("clarion/domain/**/*.py"), *SOURCE.glob("clarion/engine/*.py")])
    names = [".".join(file.relative_to(SOURCE).with_suffix("").parts) for file in files if file.stem != "__init__"]
    for name in names:
        importlib.import_module(name)
    return names


def write_revision(message: str) -> Path:
    """Write the revision file and answer its path."""
    import_tables()
    number = f"{len(list((MIGRATIONS / 'versions').glob('[0-9]*.py'))) + 1:04d}"
    with tempfile.TemporaryDirectory() as folder:
        engine = sa.create_engine(f"sqlite:///{folder}/head.db", poolclass=sa.NullPool)
        with engine.begin() as connection:
            upgrade(connection)
            script = command.revision(config(connection), message, autogenerate=True, rev_id=number)
    assert script is not None
    assert not isinstance(script, list)
    path = Path(script.path)
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if "# ###" not in line))
    for step in (["format", "--quiet"], ["check", "--fix", "--quiet"]):
        subprocess.run([Path(sys.executable).with_name("ruff"), *step, path], check=True)
    return path


if __name__ == "__main__":
    if len(sys.argv) != 2 or not sys.argv[1].strip():
        sys.exit('usage: python -m tools.revision "what changes"')
    print(write_revision(sys.argv[1]))

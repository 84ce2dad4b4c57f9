"""`clarion import`, `clarion imports`, `clarion export`: audiences in and out, from local files or from buckets.

The jobs are the AWS API's own; local files go up, and come down, in parts through the control API.
"""

from __future__ import annotations

import typer

from clarion.cli.transfer import exports, imports


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("import")(imports.import_)
    app.command("export")(exports.export)
    app.add_typer(imports.app, name="imports")

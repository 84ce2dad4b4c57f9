"""`clarion template`: previews of templates, and the partials that templates share."""

from __future__ import annotations

import tempfile
import webbrowser
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from clarion.cli.client import Client
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Region, Url
from clarion.cli.output import as_json, console, fail, say, table
from clarion.core.settings import load

PATH = "/clarion/v1/templates"

app = typer.Typer(help="Preview templates; partials that templates share.", no_args_is_help=True)
partial = typer.Typer(
    help="Partials: sources by name that every template can call as {{> name}}.", no_args_is_help=True
)
app.add_typer(partial, name="partial")

Name = Annotated[str, typer.Argument(help="Name of the partial.")]

_BEGINNINGS = {".html": "HtmlPart", ".htm": "HtmlPart", ".mjml": "Mjml", ".txt": "TextPart"}


@app.command()
def preview(
    name: Annotated[str | None, typer.Argument(help="Name of a stored template.")] = None,
    kind: Annotated[str, typer.Option("--type", help="EMAIL, SMS, PUSH, VOICE or INAPP.")] = "EMAIL",
    version: Annotated[str | None, typer.Option(help="A version, or latest; default: the active one.")] = None,
    file: Annotated[
        Path | None,
        typer.Option(help="In place of a stored one: its members as JSON, or an .html, .mjml or .txt of an e-mail."),
    ] = None,
    project: Annotated[str | None, typer.Option("--app", help="Project of the endpoint.")] = None,
    endpoint: Annotated[str | None, typer.Option(help="Render it for this endpoint.")] = None,
    variables: Annotated[
        Path | None, typer.Option("--values", help="Render it with these values: a JSON file.")
    ] = None,
    locale: Annotated[str | None, typer.Option(help="The language variant for this locale, such as de_AT.")] = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write the HTML into this file.")] = None,
    show: Annotated[
        bool | None, typer.Option("--open/--no-open", help="Open the HTML in the browser; default: on a terminal.")
    ] = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Render a template for an endpoint or for given values, and list the variables without value or default."""
    if (name is None) == (file is None):
        fail("give either the name of a template or --file")
    if (endpoint is None) != (project is None):
        fail("--endpoint and --app go together")
    body: dict[str, Any] = {"TemplateType": kind, "TemplateName": name, "Version": version, "Locale": locale}
    body |= {"EndpointId": endpoint, "Data": None if variables is None else _read(variables)}
    if file is not None:
        body["Template"] = _template(file)
    client = Client(load({"data": data}, config=config), url, region)
    sent = {member: value for member, value in body.items() if value is not None}
    found = client.call("POST", f"{PATH}/preview", {"ApplicationId": project}, sent)
    html = next((part["Text"] for part in found["Parts"] if part["Name"] == "HtmlPart" and "Text" in part), None)
    wanted = console.is_terminal and not json if show is None else show
    written = _written(html, output, wanted) if html is not None else None
    if json:
        as_json(found)
    else:
        _say(found, None if written is None else str(written))
    if wanted and written is not None:
        webbrowser.open(written.absolute().as_uri())
    if any("Problem" in part for part in found["Parts"]):
        raise typer.Exit(1)


@partial.command()
def put(
    name: Name,
    file: Annotated[Path, typer.Argument(help="Its source.", exists=True, dir_okay=False)],
    description: Annotated[str, typer.Option(help="What it is for.")] = "",
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Write a partial. Messages use the new version at once."""
    body = {"Source": file.read_text(encoding="utf-8"), "Description": description}
    found = Client(load({"data": data}, config=config), url, region).call("PUT", f"{PATH}/partials/{name}", None, body)
    if json:
        as_json(found)
        return
    say(f"{found['Name']} is at version {found['Version']}")


@partial.command("list")
def list_partials(
    prefix: Annotated[str | None, typer.Option(help="Only names that begin with this.")] = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """List the partials."""
    client = Client(load({"data": data}, config=config), url, region)
    found = [one for page in client.pages(f"{PATH}/partials", {"Prefix": prefix}) for one in page.get("Partials", [])]
    if json:
        as_json(found)
        return
    rows = [(one["Name"], one["Version"], one["CreationDate"], one.get("Description")) for one in found]
    table(["PARTIAL", "VERSION", "CHANGED", "DESCRIPTION"], rows)


@partial.command("show")
def show_partial(
    name: Name,
    version: Annotated[int | None, typer.Option(help="This version; default: the latest.", min=1)] = None,
    uses: Annotated[bool, typer.Option("--uses", help="List who calls it, in place of its source.")] = False,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Print a partial's source."""
    client = Client(load({"data": data}, config=config), url, region)
    found = client.call("GET", f"{PATH}/partials/{name}", {"Version": version})
    if json:
        as_json(found)
    elif uses:
        rows = [(use["TemplateType"], use["Name"], use.get("Version")) for use in found["UsedBy"]]
        table(["TYPE", "NAME", "VERSION"], rows)
    else:
        console.print(found["Source"], markup=False, soft_wrap=True, end="")


@partial.command()
def delete(
    name: Name,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
) -> None:
    """Delete a partial that nobody calls."""
    Client(load({"data": data}, config=config), url, region).call("DELETE", f"{PATH}/partials/{name}")
    say(f"deleted {name}")


def _read(path: Path) -> Any:
    try:
        found = msgspec.json.decode(path.read_bytes())
    except (OSError, msgspec.DecodeError) as error:
        fail(f"{path}: {error}")
    if not isinstance(found, dict):
        fail(f"{path}: must be a JSON object")
    return found


def _template(path: Path) -> Any:
    member = _BEGINNINGS.get(path.suffix.lower())
    if member is None:
        return _read(path)
    try:
        return {member: path.read_text(encoding="utf-8")}
    except OSError as error:
        fail(f"{path}: {error}")


def _written(html: str, output: Path | None, wanted: bool) -> Path | None:
    """The file that the HTML is written into; None for none."""
    if output is None:
        if not wanted:
            return None
        with tempfile.NamedTemporaryFile(
            "w", prefix="clarion-", suffix=".html", delete=False, encoding="utf-8"
        ) as made:
            made.write(html)
        return Path(made.name)
    output.write_text(html, encoding="utf-8")
    return output


def _say(found: dict[str, Any], written: str | None) -> None:
    for part in found["Parts"]:
        text = part.get("Problem") or part.get("Text", "")
        if part["Name"] == "HtmlPart" and written is not None:
            text = written
        mark = " (cannot be rendered)" if "Problem" in part else " (made of HtmlPart)" if part.get("Made") else ""
        inline = "\n" not in text
        console.print(f"{part['Name']}{mark}:{' ' if inline else chr(10)}{text}", markup=False, soft_wrap=True)
    if found["Missing"]:
        console.print(f"without value: {', '.join(found['Missing'])}", markup=False, soft_wrap=True)

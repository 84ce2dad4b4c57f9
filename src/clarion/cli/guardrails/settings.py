"""`clarion guardrails`: what a project holds all its campaigns to."""

from __future__ import annotations

import re
from typing import Annotated, Any

import typer

from clarion.cli.client import Client
from clarion.cli.options import DEFAULT_REGION, Config, Data, Json, Project, Region, Url
from clarion.cli.output import as_json, fail, say, table
from clarion.core.settings import load

app = typer.Typer(help="What a project holds all its campaigns to.", no_args_is_help=True)


_CAP = re.compile(r"([0-9]+)/([0-9]+)([dh])((?::[A-Za-z_,]+)*)")


@app.command()
def show(
    project: Project,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Show a project's frequency caps, the size of its control group, and whether campaigns need approval."""
    client = Client(load({"data": data}, config=config), url, region)
    _tell(client.call("GET", f"/v1/apps/{project}/settings"), json=json)


@app.command("set")
def change(
    project: Project,
    caps: Annotated[
        list[str] | None,
        typer.Option(
            "--cap",
            help="3/7d: three messages in seven days; 1/12h:SMS,PUSH: on these channels; 1/1d:user: to all endpoints "
            "of a user together. Again for further ones; all those of before go.",
        ),
    ] = None,
    no_caps: Annotated[bool, typer.Option("--no-caps", help="No frequency caps.")] = False,
    control_group: Annotated[
        int | None,
        typer.Option("--control-group", help="Percent of people no campaign writes to; 0: none.", max=50),
    ] = None,
    approval: Annotated[
        bool | None, typer.Option("--approval/--no-approval", help="Whether campaigns need approval before they run.")
    ] = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Change them; what is not named stays."""
    if caps and no_caps:
        fail("--cap does not go with --no-caps")
    sent: dict[str, Any] = {}
    if caps or no_caps:
        sent["FrequencyCaps"] = [_cap(text) for text in caps or ()]
    if control_group is not None:
        sent["ControlGroup"] = {"Percent": control_group} if control_group else {}
    if approval is not None:
        sent["ApprovalRequired"] = approval
    if not sent:
        fail("nothing to change: name --cap, --no-caps, --control-group, --approval or --no-approval")
    client = Client(load({"data": data}, config=config), url, region)
    _tell(client.call("PUT", f"/v1/apps/{project}/settings", None, sent), json=json)


@app.command("control-group")
def member(
    project: Project,
    user: Annotated[str | None, typer.Option("--user", help="User id.")] = None,
    endpoint: Annotated[str | None, typer.Option("--endpoint", help="Endpoint id.")] = None,
    url: Url = None,
    region: Region = DEFAULT_REGION,
    config: Config = None,
    data: Data = None,
    json: Json = False,
) -> None:
    """Tell whether somebody is in the project's control group."""
    if (user is None) == (endpoint is None):
        fail("give either --user or --endpoint")
    client = Client(load({"data": data}, config=config), url, region)
    query = {"ApplicationId": project, "UserId": user, "EndpointId": endpoint}
    answer = client.call("GET", "/clarion/v1/audience/control-group", query)
    if json:
        as_json(answer)
        return
    word = "in" if answer["Member"] else "not in"
    say(f"{answer['DrawnBy']} is {word} the control group ({answer['Percent']} percent)")


def _cap(text: str) -> dict[str, Any]:
    found = _CAP.fullmatch(text)
    if found is None:
        fail(f"--cap {text}: write messages/time as 3/7d or 1/12h, then :CHANNEL,CHANNEL or :user")
    messages, number, unit, more = found.groups()
    cap: dict[str, Any] = {"Messages": int(messages), "Days" if unit == "d" else "Hours": int(number)}
    for part in more.split(":")[1:]:
        if part.lower() == "user":
            cap["PerUser"] = True
        else:
            cap["ChannelTypes"] = [one.upper() for one in part.split(",") if one]
    return cap


def _tell(settings: dict[str, Any], *, json: bool) -> None:
    members = ("FrequencyCaps", "ControlGroup", "ApprovalRequired")
    if json:
        as_json({name: settings[name] for name in members if name in settings})
        return
    rows = [("frequency cap", _words(cap)) for cap in settings.get("FrequencyCaps", ())]
    percent = settings.get("ControlGroup", {}).get("Percent")
    rows.append(("control group", f"{percent} percent" if percent else "none"))
    rows.append(("approval", "required" if settings.get("ApprovalRequired") else "not required"))
    table(["GUARDRAIL", "VALUE"], rows)


def _words(cap: dict[str, Any]) -> str:
    span = f"{cap['Days']} days" if "Days" in cap else f"{cap['Hours']} hours"
    on = f" on {', '.join(cap['ChannelTypes'])}" if cap.get("ChannelTypes") else ""
    return f"{cap['Messages']} messages in {span}{on} per {'user' if cap.get('PerUser') else 'endpoint'}"

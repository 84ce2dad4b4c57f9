"""What an in-app message must be like, in a template or written into a campaign. Source: spec of templates, 1 and 2."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import msgspec

from clarion.core.errors import Invalid
from clarion.shapes.pinpoint import InAppMessageButton, InAppMessageContent, Layout

MAX_IN_APP = 200_000
MAX_ITEMS = 5
MAX_HEADER = 64
MAX_BODY = 150
MAX_BUTTON = 64

_COLOUR = re.compile(r"#[0-9A-Fa-f]{3,8}|rgba?\([0-9.,%/ ]+\)|[0-9]{1,3}( *, *[0-9]{1,3}){2}|[A-Za-z]+")


def check_in_app(
    field: str,
    content: Sequence[InAppMessageContent] | None,
    custom_config: Mapping[str, str] | None,
    layout: Layout | None,
) -> None:
    """Raise Invalid naming the member that is missing, too long or no colour.

    `field` is what the members belong to, "" when they are the request's own.
    """
    dot = f"{field}." if field else ""
    items = content or ()
    if len(items) > MAX_ITEMS:
        raise Invalid(f"{dot}Content: at most {MAX_ITEMS} messages")
    for number, item in enumerate(items):
        _check_item(f"{dot}Content[{number}]", item)
    size = len(msgspec.json.encode([items, custom_config, layout]).decode())
    if size > MAX_IN_APP:
        raise Invalid(f"{dot}Content: has {size} characters, at most {MAX_IN_APP} are allowed")


def _check_item(field: str, item: InAppMessageContent) -> None:
    header, body = item.header_config, item.body_config
    for member, value in (("HeaderConfig", header), ("BodyConfig", body), ("BackgroundColor", item.background_color)):
        if not value:
            raise Invalid(f"{field}.{member}: is required")
    _check_colour(f"{field}.BackgroundColor", item.background_color)
    if header is not None:
        _check_text(f"{field}.HeaderConfig.Header", header.header, MAX_HEADER)
        _check_colour(f"{field}.HeaderConfig.TextColor", header.text_color)
    if body is not None:
        _check_text(f"{field}.BodyConfig.Body", body.body, MAX_BODY)
        _check_colour(f"{field}.BodyConfig.TextColor", body.text_color)
    _check_button(f"{field}.PrimaryBtn", item.primary_btn)
    _check_button(f"{field}.SecondaryBtn", item.secondary_btn)


def _check_button(field: str, button: InAppMessageButton | None) -> None:
    config = button.default_config if button else None
    if config is None:
        return
    _check_text(f"{field}.DefaultConfig.Text", config.text, MAX_BUTTON)
    _check_colour(f"{field}.DefaultConfig.BackgroundColor", config.background_color)
    _check_colour(f"{field}.DefaultConfig.TextColor", config.text_color)


def _check_text(member: str, text: str, most: int) -> None:
    if len(text) > most:
        raise Invalid(f"{member}: must have at most {most} characters")


def _check_colour(member: str, colour: str | None) -> None:
    if colour and not _COLOUR.fullmatch(colour):
        raise Invalid(f"{member}: must be a colour, such as #f8e71c")

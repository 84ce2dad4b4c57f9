"""The AWS service models inside botocore, seen the way the generators need them."""

from __future__ import annotations

import functools
import keyword

import botocore.session
from botocore import xform_name
from botocore.model import ServiceModel, Shape

SERVICES = ("pinpoint", "pinpoint-email", "pinpoint-sms-voice", "pinpoint-sms-voice-v2")


@functools.cache
def load(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


def module_name(service: str) -> str:
    return service.replace("-", "_")


def attribute(member: str) -> str:
    """The Python name of a member, botocore's own snake case."""
    name = xform_name(member)
    return f"{name}_" if keyword.iskeyword(name) else name


def is_iso(shape: Shape, location: str | None = None) -> bool:
    """Whether a timestamp travels as ISO 8601 text (else as epoch seconds)."""
    form = shape.serialization.get("timestampFormat")
    return form == "iso8601" or (form is None and location == "querystring")


def is_fault(shape: Shape) -> bool:
    """Whether an exception is the server's fault; botocore leaves this trait out of `shape.metadata`."""
    return bool(shape._shape_model.get("fault"))

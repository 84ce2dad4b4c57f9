"""What Clarion's shapes have beyond the AWS service models, in the models' own language.

    SHAPES    service → shapes the model does not have
    VALUES    service → {enumeration: values it does not have}
    MEMBERS   service → {(shape, member): shape of the new member}

An extension is an optional member of an existing shape, or a value: clients made from the AWS models never send it, and
skip it in answers. Only `clarion.shapes` is generated from the extended model; the wire is tested against the plain
one.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Mapping, Sequence
from typing import Any

import botocore.session
from botocore.model import ServiceModel

SHAPES: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "pinpoint": {
        "SegmentEventDimension": {
            "type": "structure",
            "required": ["EventType", "Days"],
            "members": {
                "EventType": {"shape": "SegmentEventType"},
                "DimensionType": {"shape": "DimensionType"},
                "MinimumCount": {"shape": "SegmentEventCount"},
                "MaximumCount": {"shape": "SegmentEventCount"},
                "Days": {"shape": "SegmentEventDays"},
                "Attributes": {"shape": "MapOfAttributeDimension"},
                "Metrics": {"shape": "MapOfMetricDimension"},
            },
        },
        "ListOfSegmentEventDimension": {"type": "list", "member": {"shape": "SegmentEventDimension"}, "max": 20},
        "SegmentEventType": {"type": "string", "min": 1, "max": 100},
        "SegmentEventCount": {"type": "integer", "min": 1, "max": 1_000_000},
        "SegmentEventDays": {"type": "integer", "min": 1, "max": 90},
        "EmailTemplateVariant": {
            "type": "structure",
            "members": {
                "Subject": {"shape": "__string"},
                "HtmlPart": {"shape": "__string"},
                "TextPart": {"shape": "__string"},
                "Mjml": {"shape": "__string"},
                "Headers": {"shape": "ListOfMessageHeader"},
            },
        },
        "SMSTemplateVariant": {"type": "structure", "members": {"Body": {"shape": "__string"}}},
        "VoiceTemplateVariant": {
            "type": "structure",
            "members": {
                "Body": {"shape": "__string"},
                "LanguageCode": {"shape": "__string"},
                "VoiceId": {"shape": "__string"},
            },
        },
        "PushTemplateVariant": {
            "type": "structure",
            "members": {
                "ADM": {"shape": "AndroidPushNotificationTemplate"},
                "APNS": {"shape": "APNSPushNotificationTemplate"},
                "Baidu": {"shape": "AndroidPushNotificationTemplate"},
                "Default": {"shape": "DefaultPushNotificationTemplate"},
                "GCM": {"shape": "AndroidPushNotificationTemplate"},
            },
        },
        "InAppTemplateVariant": {
            "type": "structure",
            "members": {
                "Content": {"shape": "ListOfInAppMessageContent"},
                "CustomConfig": {"shape": "MapOf__string"},
                "Layout": {"shape": "Layout"},
            },
        },
        **{
            f"MapOf{kind}TemplateVariant": {
                "type": "map",
                "key": {"shape": "__string"},
                "value": {"shape": f"{kind}TemplateVariant"},
            }
            for kind in ("Email", "SMS", "Voice", "Push", "InApp")
        },
        "CampaignEventRecipients": {"type": "string", "enum": ["ENDPOINT", "USER"]},
        "FrequencyCap": {
            "type": "structure",
            "required": ["Messages"],
            "members": {
                "Messages": {"shape": "FrequencyCapMessages"},
                "Days": {"shape": "FrequencyCapDays"},
                "Hours": {"shape": "FrequencyCapHours"},
                "ChannelTypes": {"shape": "ListOf__EndpointTypesElement"},
                "PerUser": {"shape": "__boolean"},
            },
        },
        "ListOfFrequencyCap": {"type": "list", "member": {"shape": "FrequencyCap"}, "max": 10},
        "FrequencyCapMessages": {"type": "integer", "min": 1, "max": 1_000},
        "FrequencyCapDays": {"type": "integer", "min": 1, "max": 90},
        "FrequencyCapHours": {"type": "integer", "min": 1, "max": 2_160},
        "ControlGroup": {"type": "structure", "members": {"Percent": {"shape": "ControlGroupPercent"}}},
        "ControlGroupPercent": {"type": "integer", "min": 1, "max": 50},
        "CampaignApproval": {
            "type": "structure",
            "members": {
                "Status": {"shape": "CampaignApprovalStatus"},
                "By": {"shape": "__string"},
                "At": {"shape": "__string"},
                "Comment": {"shape": "__string"},
            },
        },
        "CampaignApprovalStatus": {"type": "string", "enum": ["PENDING", "APPROVED", "REJECTED"]},
        "CampaignEventCoolDown": {"type": "integer", "min": 1, "max": 8_760},
        "ConversionGoal": {
            "type": "structure",
            "required": ["EventType", "Days"],
            "members": {
                "EventType": {"shape": "SegmentEventType"},
                "Days": {"shape": "SegmentEventDays"},
                "Attributes": {"shape": "MapOfAttributeDimension"},
                "Metrics": {"shape": "MapOfMetricDimension"},
            },
        },
        "CampaignWinner": {
            "type": "structure",
            "required": ["TestPercent", "Metric"],
            "members": {
                "TestPercent": {"shape": "CampaignTestPercent"},
                "Hours": {"shape": "CampaignTestHours"},
                "Minutes": {"shape": "CampaignTestMinutes"},
                "Metric": {"shape": "CampaignWinnerMetric"},
            },
        },
        "CampaignTestPercent": {"type": "integer", "min": 1, "max": 99},
        "CampaignTestHours": {"type": "integer", "min": 1, "max": 720},
        "CampaignTestMinutes": {"type": "integer", "min": 1, "max": 43_200},
        "CampaignWinnerMetric": {"type": "string", "enum": ["CONVERSION", "OPEN", "CLICK"]},
        "WaitForEventActivity": {
            "type": "structure",
            "required": ["EventFilter"],
            "members": {
                "EventFilter": {"shape": "EventFilter"},
                "Timeout": {"shape": "WaitTime"},
                "NextActivity": {"shape": "__string"},
                "TimeoutActivity": {"shape": "__string"},
            },
        },
        "JourneyExitCriteria": {"type": "structure", "members": {"Events": {"shape": "ListOfEventFilter"}}},
        "ListOfEventFilter": {"type": "list", "member": {"shape": "EventFilter"}, "max": 5},
    }
}

MEMBERS: Mapping[str, Mapping[tuple[str, str], str]] = {
    "pinpoint": {
        ("SegmentBehaviors", "Events"): "ListOfSegmentEventDimension",
        ("ActivityResponse", "Reason"): "__string",
        ("CampaignEventFilter", "Recipients"): "CampaignEventRecipients",
        **{
            (shape, member): kind
            for shape in ("WriteApplicationSettingsRequest", "ApplicationSettingsResource")
            for member, kind in (
                ("FrequencyCaps", "ListOfFrequencyCap"),
                ("ControlGroup", "ControlGroup"),
                ("ApprovalRequired", "__boolean"),
            )
        },
        ("CampaignResponse", "Approval"): "CampaignApproval",
        ("MessageRequest", "IdempotencyToken"): "__string",
        ("SendUsersMessageRequest", "IdempotencyToken"): "__string",
        ("CampaignEventFilter", "CoolDownHours"): "CampaignEventCoolDown",
        **{
            (shape, member): kind
            for shape in ("WriteCampaignRequest", "CampaignResponse")
            for member, kind in (("ConversionGoal", "ConversionGoal"), ("Winner", "CampaignWinner"))
        },
        ("Activity", "WaitForEvent"): "WaitForEventActivity",
        ("WriteJourneyRequest", "ExitCriteria"): "JourneyExitCriteria",
        ("JourneyResponse", "ExitCriteria"): "JourneyExitCriteria",
        ("JourneyResponse", "Version"): "__integer",
        ("JourneyLimits", "MaximumParticipants"): "__integer",
        ("EmailTemplateRequest", "Mjml"): "__string",
        ("EmailTemplateResponse", "Mjml"): "__string",
        **{
            (f"{shape}Template{end}", "Variants"): f"MapOf{kind}TemplateVariant"
            for kind, shape in (
                ("Email", "Email"),
                ("SMS", "SMS"),
                ("Voice", "Voice"),
                ("Push", "PushNotification"),
                ("InApp", "InApp"),
            )
            for end in ("Request", "Response")
        },
    }
}


VALUES: Mapping[str, Mapping[str, Sequence[str]]] = {
    "pinpoint": {"ChannelType": ["WEB_PUSH"], "__EndpointTypesElement": ["WEB_PUSH"]}
}


@functools.cache
def extended(service: str) -> ServiceModel:
    """The AWS model of a service with what is added to it."""
    description = copy.deepcopy(botocore.session.get_session().get_service_data(service))
    shapes = description["shapes"]
    added = SHAPES.get(service, {})
    if known := sorted(added.keys() & shapes.keys()):
        raise ValueError(f"{service} has a shape {known[0]} of its own")
    shapes.update(copy.deepcopy(dict(added)))
    for (shape, member), kind in MEMBERS.get(service, {}).items():
        if member in shapes[shape]["members"]:
            raise ValueError(f"{service}: {shape} has a member {member} of its own")
        shapes[shape]["members"][member] = {"shape": kind}
    for shape, values in VALUES.get(service, {}).items():
        if again := sorted({*values} & {*shapes[shape]["enum"]}):
            raise ValueError(f"{service}: {shape} has a value {again[0]} of its own")
        shapes[shape]["enum"] += values
    return ServiceModel(description, service)

"""Well-formed arguments for every operation on a project, for tests that call them all."""

from __future__ import annotations

from typing import Any

from tests import credentials as made
from tests.acceptance.project import IDENTITY, SENDER

_SEGMENT = {"Name": "s", "Dimensions": {}}
_MESSAGE = {"EmailMessage": {"Title": "t", "Body": "b"}}
_ADDRESSED = {"Addresses": {"lea@example.com": {"ChannelType": "EMAIL"}}}
_ROLE = "arn:aws:iam::000000000001:role/transfers"
_IMPORT = {"Format": "CSV", "RoleArn": _ROLE, "S3Url": "file:///nowhere/people.csv", "RegisterEndpoints": True}
_EXPORT = {"RoleArn": _ROLE, "S3UrlPrefix": "file:///nowhere/"}
_SIMPLE = {"EmailMessage": {"SimpleEmail": {"Subject": {"Data": "s"}, "TextPart": {"Data": "t"}}}}


def of_project(
    app_id: str, *, segment: str = "0" * 32, campaign: str = "0" * 32, journey: str = "0" * 32
) -> dict[str, dict[str, Any]]:
    """Operation (as boto3 names it) → arguments that are right in themselves, whatever the ids mean."""
    write = {
        "Name": "c",
        "SegmentId": segment,
        "Schedule": {"StartTime": "2030-01-01T00:00:00Z"},
        "MessageConfiguration": _MESSAGE,
    }
    batch = {"lea": {"Endpoint": {}, "Events": {"e": {"EventType": "t", "Timestamp": "2027-01-04T09:00:00Z"}}}}
    own: dict[str, dict[str, Any]] = {
        "create_campaign": {"WriteCampaignRequest": write},
        "create_export_job": {"ExportJobRequest": _EXPORT},
        "create_import_job": {"ImportJobRequest": _IMPORT},
        "create_segment": {"WriteSegmentRequest": _SEGMENT},
        "delete_campaign": {"CampaignId": campaign},
        "delete_email_channel": {},
        "delete_endpoint": {"EndpointId": "lea"},
        "delete_segment": {"SegmentId": segment},
        "delete_user_endpoints": {"UserId": "u1"},
        "get_app": {},
        "get_application_date_range_kpi": {"KpiName": "unique-deliveries"},
        "get_application_settings": {},
        "get_campaign": {"CampaignId": campaign},
        "get_campaign_activities": {"CampaignId": campaign},
        "get_campaign_date_range_kpi": {"CampaignId": campaign, "KpiName": "unique-deliveries"},
        "get_campaign_version": {"CampaignId": campaign, "Version": "1"},
        "get_campaign_versions": {"CampaignId": campaign},
        "get_campaigns": {},
        "get_channels": {},
        "get_email_channel": {},
        "get_endpoint": {"EndpointId": "lea"},
        "get_export_job": {"JobId": "0" * 32},
        "get_export_jobs": {},
        "get_in_app_messages": {"EndpointId": "lea"},
        "get_import_job": {"JobId": "0" * 32},
        "get_import_jobs": {},
        "get_segment": {"SegmentId": segment},
        "get_segment_export_jobs": {"SegmentId": segment},
        "get_segment_import_jobs": {"SegmentId": segment},
        "get_segment_version": {"SegmentId": segment, "Version": "1"},
        "get_segment_versions": {"SegmentId": segment},
        "get_segments": {},
        "get_user_endpoints": {"UserId": "u1"},
        "put_events": {"EventsRequest": {"BatchItem": batch}},
        "remove_attributes": {
            "AttributeType": "endpoint-custom-attributes",
            "UpdateAttributesRequest": {"Blacklist": ["x"]},
        },
        "send_messages": {"MessageRequest": {**_ADDRESSED, "MessageConfiguration": _SIMPLE}},
        "send_users_messages": {
            "SendUsersMessageRequest": {"Users": {"u1": {}}, "MessageConfiguration": _SIMPLE},
        },
        "update_application_settings": {"WriteApplicationSettingsRequest": {"Limits": {"Daily": 1}}},
        "update_campaign": {"CampaignId": campaign, "WriteCampaignRequest": write},
        "update_email_channel": {"EmailChannelRequest": {"FromAddress": SENDER, "Identity": IDENTITY}},
        "update_endpoint": {
            "EndpointId": "lea",
            "EndpointRequest": {"ChannelType": "EMAIL", "Address": "lea@example.com"},
        },
        "update_endpoints_batch": {
            "EndpointBatchRequest": {"Item": [{"Id": "lea", "ChannelType": "EMAIL", "Address": "lea@example.com"}]},
        },
        "update_segment": {"SegmentId": segment, "WriteSegmentRequest": _SEGMENT},
        "delete_app": {},
    }
    return {
        name: {"ApplicationId": app_id, **arguments}
        for name, arguments in (_channels() | _journeys(journey) | own).items()
    }


def _journeys(journey: str) -> dict[str, dict[str, Any]]:
    """The operations on journeys."""
    return {
        "create_journey": {"WriteJourneyRequest": {"Name": "j"}},
        "delete_journey": {"JourneyId": journey},
        "get_journey": {"JourneyId": journey},
        "get_journey_date_range_kpi": {"JourneyId": journey, "KpiName": "journey-emails-sent"},
        "get_journey_execution_activity_metrics": {"JourneyId": journey, "JourneyActivityId": "mailA"},
        "get_journey_execution_metrics": {"JourneyId": journey},
        "get_journey_run_execution_activity_metrics": {
            "JourneyId": journey,
            "JourneyActivityId": "mailA",
            "RunId": "0" * 32,
        },
        "get_journey_run_execution_metrics": {"JourneyId": journey, "RunId": "0" * 32},
        "get_journey_runs": {"JourneyId": journey},
        "list_journeys": {},
        "update_journey": {"JourneyId": journey, "WriteJourneyRequest": {"Name": "j"}},
    }


def _channels() -> dict[str, dict[str, Any]]:
    """The operations on all channels but the e-mail channel."""
    requests: dict[str, tuple[str, dict[str, Any]]] = {
        "apns": ("APNSChannelRequest", made.token()),
        "apns_sandbox": ("APNSSandboxChannelRequest", made.certified()),
        "apns_voip": ("APNSVoipChannelRequest", made.token()),
        "apns_voip_sandbox": ("APNSVoipSandboxChannelRequest", made.certified()),
        "gcm": ("GCMChannelRequest", {"ApiKey": "k", "ServiceJson": made.service_account()}),
        "adm": ("ADMChannelRequest", {"ClientId": "i", "ClientSecret": "s"}),
        "baidu": ("BaiduChannelRequest", {"ApiKey": "k", "SecretKey": "s"}),
        "sms": ("SMSChannelRequest", {"SenderId": "Acme"}),
        "voice": ("VoiceChannelRequest", {"Enabled": True}),
    }
    found: dict[str, dict[str, Any]] = {}
    for name, (member, body) in requests.items():
        found[f"update_{name}_channel"] = {member: body}
        found[f"get_{name}_channel"] = {}
        found[f"delete_{name}_channel"] = {}
    return found


READING = tuple(name for name in of_project("") if name.startswith("get_"))
WRITING = tuple(name for name in of_project("") if not name.startswith(("get_", "list_")))

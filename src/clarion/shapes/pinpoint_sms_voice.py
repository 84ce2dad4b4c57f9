"""Shapes of `pinpoint-sms-voice` 2018-09-05. GENERATED from botocore's service model by `make gen`; do not edit."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

EventType = Literal[
    "INITIATED_CALL",
    "RINGING",
    "ANSWERED",
    "COMPLETED_CALL",
    "BUSY",
    "FAILED",
    "NO_ANSWER",
]

class CallInstructionsMessageType(Struct, kw_only=True, omit_defaults=True):
    text: str | None = field(default=None, name="Text")


class CloudWatchLogsDestination(Struct, kw_only=True, omit_defaults=True):
    iam_role_arn: str | None = field(default=None, name="IamRoleArn")
    log_group_arn: str | None = field(default=None, name="LogGroupArn")


class CreateConfigurationSetEventDestinationRequest(Struct, kw_only=True, omit_defaults=True):
    configuration_set_name: str = field(default="", name="ConfigurationSetName")
    event_destination: EventDestinationDefinition | None = field(default=None, name="EventDestination")
    event_destination_name: str | None = field(default=None, name="EventDestinationName")


class CreateConfigurationSetEventDestinationResponse(Struct, kw_only=True, omit_defaults=True):
    pass


class CreateConfigurationSetRequest(Struct, kw_only=True, omit_defaults=True):
    configuration_set_name: str | None = field(default=None, name="ConfigurationSetName")


class CreateConfigurationSetResponse(Struct, kw_only=True, omit_defaults=True):
    pass


class DeleteConfigurationSetEventDestinationRequest(Struct, kw_only=True, omit_defaults=True):
    configuration_set_name: str = field(default="", name="ConfigurationSetName")
    event_destination_name: str = field(default="", name="EventDestinationName")


class DeleteConfigurationSetEventDestinationResponse(Struct, kw_only=True, omit_defaults=True):
    pass


class DeleteConfigurationSetRequest(Struct, kw_only=True, omit_defaults=True):
    configuration_set_name: str = field(default="", name="ConfigurationSetName")


class DeleteConfigurationSetResponse(Struct, kw_only=True, omit_defaults=True):
    pass


class EventDestination(Struct, kw_only=True, omit_defaults=True):
    cloud_watch_logs_destination: CloudWatchLogsDestination | None = field(default=None, name="CloudWatchLogsDestination")
    enabled: bool | None = field(default=None, name="Enabled")
    kinesis_firehose_destination: KinesisFirehoseDestination | None = field(default=None, name="KinesisFirehoseDestination")
    matching_event_types: list[EventType] | None = field(default=None, name="MatchingEventTypes")
    name: str | None = field(default=None, name="Name")
    sns_destination: SnsDestination | None = field(default=None, name="SnsDestination")


class EventDestinationDefinition(Struct, kw_only=True, omit_defaults=True):
    cloud_watch_logs_destination: CloudWatchLogsDestination | None = field(default=None, name="CloudWatchLogsDestination")
    enabled: bool | None = field(default=None, name="Enabled")
    kinesis_firehose_destination: KinesisFirehoseDestination | None = field(default=None, name="KinesisFirehoseDestination")
    matching_event_types: list[EventType] | None = field(default=None, name="MatchingEventTypes")
    sns_destination: SnsDestination | None = field(default=None, name="SnsDestination")


class GetConfigurationSetEventDestinationsRequest(Struct, kw_only=True, omit_defaults=True):
    configuration_set_name: str = field(default="", name="ConfigurationSetName")


class GetConfigurationSetEventDestinationsResponse(Struct, kw_only=True, omit_defaults=True):
    event_destinations: list[EventDestination] | None = field(default=None, name="EventDestinations")


class KinesisFirehoseDestination(Struct, kw_only=True, omit_defaults=True):
    delivery_stream_arn: str | None = field(default=None, name="DeliveryStreamArn")
    iam_role_arn: str | None = field(default=None, name="IamRoleArn")


class ListConfigurationSetsRequest(Struct, kw_only=True, omit_defaults=True):
    next_token: str | None = field(default=None, name="NextToken")
    page_size: str | None = field(default=None, name="PageSize")


class ListConfigurationSetsResponse(Struct, kw_only=True, omit_defaults=True):
    configuration_sets: list[str] | None = field(default=None, name="ConfigurationSets")
    next_token: str | None = field(default=None, name="NextToken")


class PlainTextMessageType(Struct, kw_only=True, omit_defaults=True):
    language_code: str | None = field(default=None, name="LanguageCode")
    text: str | None = field(default=None, name="Text")
    voice_id: str | None = field(default=None, name="VoiceId")


class SSMLMessageType(Struct, kw_only=True, omit_defaults=True):
    language_code: str | None = field(default=None, name="LanguageCode")
    text: str | None = field(default=None, name="Text")
    voice_id: str | None = field(default=None, name="VoiceId")


class SendVoiceMessageRequest(Struct, kw_only=True, omit_defaults=True):
    caller_id: str | None = field(default=None, name="CallerId")
    configuration_set_name: str | None = field(default=None, name="ConfigurationSetName")
    content: VoiceMessageContent | None = field(default=None, name="Content")
    destination_phone_number: str | None = field(default=None, name="DestinationPhoneNumber")
    origination_phone_number: str | None = field(default=None, name="OriginationPhoneNumber")


class SendVoiceMessageResponse(Struct, kw_only=True, omit_defaults=True):
    message_id: str | None = field(default=None, name="MessageId")


class SnsDestination(Struct, kw_only=True, omit_defaults=True):
    topic_arn: str | None = field(default=None, name="TopicArn")


class UpdateConfigurationSetEventDestinationRequest(Struct, kw_only=True, omit_defaults=True):
    configuration_set_name: str = field(default="", name="ConfigurationSetName")
    event_destination: EventDestinationDefinition | None = field(default=None, name="EventDestination")
    event_destination_name: str = field(default="", name="EventDestinationName")


class UpdateConfigurationSetEventDestinationResponse(Struct, kw_only=True, omit_defaults=True):
    pass


class VoiceMessageContent(Struct, kw_only=True, omit_defaults=True):
    call_instructions_message: CallInstructionsMessageType | None = field(default=None, name="CallInstructionsMessage")
    plain_text_message: PlainTextMessageType | None = field(default=None, name="PlainTextMessage")
    ssml_message: SSMLMessageType | None = field(default=None, name="SSMLMessage")

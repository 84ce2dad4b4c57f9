"""Shapes of `pinpoint` 2016-12-01. GENERATED from botocore's service model by `make gen`; do not edit."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

Integer = Annotated[int, Meta(ge=-2147483648, le=2147483647)]
Scalar = str | int | float | bool
AttributeValues = list[Scalar] | Scalar

Action = Literal[
    "OPEN_APP",
    "DEEP_LINK",
    "URL",
]

Alignment = Literal[
    "LEFT",
    "CENTER",
    "RIGHT",
]

AttributeType = Literal[
    "INCLUSIVE",
    "EXCLUSIVE",
    "CONTAINS",
    "BEFORE",
    "AFTER",
    "ON",
    "BETWEEN",
]

ButtonAction = Literal[
    "LINK",
    "DEEP_LINK",
    "CLOSE",
]

CampaignApprovalStatus = Literal[
    "PENDING",
    "APPROVED",
    "REJECTED",
]

CampaignEventRecipients = Literal[
    "ENDPOINT",
    "USER",
]

CampaignStatus = Literal[
    "SCHEDULED",
    "EXECUTING",
    "PENDING_NEXT_RUN",
    "COMPLETED",
    "PAUSED",
    "DELETED",
    "INVALID",
]

CampaignWinnerMetric = Literal[
    "CONVERSION",
    "OPEN",
    "CLICK",
]

ChannelType = Literal[
    "PUSH",
    "GCM",
    "APNS",
    "APNS_SANDBOX",
    "APNS_VOIP",
    "APNS_VOIP_SANDBOX",
    "ADM",
    "SMS",
    "VOICE",
    "EMAIL",
    "BAIDU",
    "CUSTOM",
    "IN_APP",
    "WEB_PUSH",
]

DayOfWeek = Literal[
    "MONDAY",
    "TUESDAY",
    "WEDNESDAY",
    "THURSDAY",
    "FRIDAY",
    "SATURDAY",
    "SUNDAY",
]

DeliveryStatus = Literal[
    "SUCCESSFUL",
    "THROTTLED",
    "TEMPORARY_FAILURE",
    "PERMANENT_FAILURE",
    "UNKNOWN_FAILURE",
    "OPT_OUT",
    "DUPLICATE",
]

DimensionType = Literal[
    "INCLUSIVE",
    "EXCLUSIVE",
]

Duration = Literal[
    "HR_24",
    "DAY_7",
    "DAY_14",
    "DAY_30",
]

FilterType = Literal[
    "SYSTEM",
    "ENDPOINT",
]

Format = Literal[
    "CSV",
    "JSON",
]

Frequency = Literal[
    "ONCE",
    "HOURLY",
    "DAILY",
    "WEEKLY",
    "MONTHLY",
    "EVENT",
    "IN_APP_EVENT",
]

Include = Literal[
    "ALL",
    "ANY",
    "NONE",
]

JobStatus = Literal[
    "CREATED",
    "PREPARING_FOR_INITIALIZATION",
    "INITIALIZING",
    "PROCESSING",
    "PENDING_JOB",
    "COMPLETING",
    "COMPLETED",
    "FAILING",
    "FAILED",
]

JourneyRunStatus = Literal[
    "SCHEDULED",
    "RUNNING",
    "COMPLETED",
    "CANCELLED",
]

Layout = Literal[
    "BOTTOM_BANNER",
    "TOP_BANNER",
    "OVERLAYS",
    "MOBILE_FEED",
    "MIDDLE_BANNER",
    "CAROUSEL",
]

MessageType = Literal[
    "TRANSACTIONAL",
    "PROMOTIONAL",
]

Mode = Literal[
    "DELIVERY",
    "FILTER",
]

Operator = Literal[
    "ALL",
    "ANY",
]

RecencyType = Literal[
    "ACTIVE",
    "INACTIVE",
]

SegmentType = Literal[
    "DIMENSIONAL",
    "IMPORT",
]

SourceType = Literal[
    "ALL",
    "ANY",
    "NONE",
]

State = Literal[
    "DRAFT",
    "ACTIVE",
    "COMPLETED",
    "CANCELLED",
    "CLOSED",
    "PAUSED",
]

TemplateType = Literal[
    "EMAIL",
    "SMS",
    "VOICE",
    "PUSH",
    "INAPP",
]

Type = Literal[
    "ALL",
    "ANY",
    "NONE",
]

__EndpointTypesElement = Literal[
    "PUSH",
    "GCM",
    "APNS",
    "APNS_SANDBOX",
    "APNS_VOIP",
    "APNS_VOIP_SANDBOX",
    "ADM",
    "SMS",
    "VOICE",
    "EMAIL",
    "BAIDU",
    "CUSTOM",
    "IN_APP",
    "WEB_PUSH",
]

__TimezoneEstimationMethodsElement = Literal[
    "PHONE_NUMBER",
    "POSTAL_CODE",
]

class ADMChannelRequest(Struct, kw_only=True, omit_defaults=True):
    client_id: str = field(name="ClientId")
    client_secret: str = field(name="ClientSecret")
    enabled: bool | None = field(default=None, name="Enabled")


class ADMChannelResponse(Struct, kw_only=True, omit_defaults=True):
    application_id: str | None = field(default=None, name="ApplicationId")
    creation_date: str | None = field(default=None, name="CreationDate")
    enabled: bool | None = field(default=None, name="Enabled")
    has_credential: bool | None = field(default=None, name="HasCredential")
    id: str | None = field(default=None, name="Id")
    is_archived: bool | None = field(default=None, name="IsArchived")
    last_modified_by: str | None = field(default=None, name="LastModifiedBy")
    last_modified_date: str | None = field(default=None, name="LastModifiedDate")
    platform: str = field(name="Platform")
    version: Integer | None = field(default=None, name="Version")


class ADMMessage(Struct, kw_only=True, omit_defaults=True):
    action: Action | None = field(default=None, name="Action")
    body: str | None = field(default=None, name="Body")
    consolidation_key: str | None = field(default=None, name="ConsolidationKey")
    data: dict[str, str] | None = field(default=None, name="Data")
    expires_after: str | None = field(default=None, name="ExpiresAfter")
    icon_reference: str | None = field(default=None, name="IconReference")
    image_icon_url: str | None = field(default=None, name="ImageIconUrl")
    image_url: str | None = field(default=None, name="ImageUrl")
    md5: str | None = field(default=None, name="MD5")
    raw_content: str | None = field(default=None, name="RawContent")
    silent_push: bool | None = field(default=None, name="SilentPush")
    small_image_icon_url: str | None = field(default=None, name="SmallImageIconUrl")
    sound: str | None = field(default=None, name="Sound")
    substitutions: dict[str, list[str]] | None = field(default=None, name="Substitutions")
    title: str | None = field(default=None, name="Title")
    url: str | None = field(default=None, name="Url")


class APNSChannelRequest(Struct, kw_only=True, omit_defaults=True):
    bundle_id: str | None = field(default=None, name="BundleId")
    certificate: str | None = field(default=None, name="Certificate")
    default_authentication_method: str | None = field(default=None, name="DefaultAuthenticationMethod")
    enabled: bool | None = field(default=None, name="Enabled")
    private_key: str | None = field(default=None, name="PrivateKey")
    team_id: str | None = field(default=None, name="TeamId")
    token_key: str | None = field(default=None, name="TokenKey")
    token_key_id: str | None = field(default=None, name="TokenKeyId")


class APNSChannelResponse(Struct, kw_only=True, omit_defaults=True):
    application_id: str | None = field(default=None, name="ApplicationId")
    creation_date: str | None = field(default=None, name="CreationDate")
    default_authentication_method: str | None = field(default=None, name="DefaultAuthenticationMethod")
    enabled: bool | None = field(default=None, name="Enabled")
    has_credential: bool | None = field(default=None, name="HasCredential")
    has_token_key: bool | None = field(default=None, name="HasTokenKey")
    id: str | None = field(default=None, name="Id")
    is_archived: bool | None = field(default=None, name="IsArchived")
    last_modified_by: str | None = field(default=None, name="LastModifiedBy")
    last_modified_date: str | None = field(default=None, name="LastModifiedDate")
    platform: str = field(name="Platform")
    version: Integer | None = field(default=None, name="Version")


class APNSMessage(Struct, kw_only=True, omit_defaults=True):
    apns_push_type: str | None = field(default=None, name="APNSPushType")
    action: Action | None = field(default=None, name="Action")
    badge: Integer | None = field(default=None, name="Badge")
    body: str | None = field(default=None, name="Body")
    category: str | None = field(default=None, name="Category")
    collapse_id: str | None = field(default=None, name="CollapseId")
    data: dict[str, str] | None = field(default=None, name="Data")
    media_url: str | None = field(default=None, name="MediaUrl")
    preferred_authentication_method: str | None = field(default=None, name="PreferredAuthenticationMethod")
    priority: str | None = field(default=None, name="Priority")
    raw_content: str | None = field(default=None, name="RawContent")
    silent_push: bool | None = field(default=None, name="SilentPush")
    sound: str | None = field(default=None, name="Sound")
    substitutions: dict[str, list[str]] | None = field(default=None, name="Substitutions")
    thread_id: str | None = field(default=None, name="ThreadId")
    time_to_live: Integer | None = field(default=None, name="TimeToLive")
    title: str | None = field(default=None, name="Title")
    url: str | None = field(default=None, name="Url")


class APNSPushNotificationTemplate(Struct, kw_only=True, omit_defaults=True):
    action: Action | None = field(default=None, name="Action")
    body: str | None = field(default=None, name="Body")
    media_url: str | None = field(default=None, name="MediaUrl")
    raw_content: str | None = field(default=None, name="RawContent")
    sound: str | None = field(default=None, name="Sound")
    title: str | None = field(default=None, name="Title")
    url: str | None = field(default=None, name="Url")


class APNSSandboxChannelRequest(Struct, kw_only=True, omit_defaults=True):
    bundle_id: str | None = field(default=None, name="BundleId")
    certificate: str | None = field(default=None, name="Certificate")
    default_authentication_method: str | None = field(default=None, name="DefaultAuthenticationMethod")
    enabled: bool | None = field(default=None, name="Enabled")
    private_key: str | None = field(default=None, name="PrivateKey")
    team_id: str | None = field(default=None, name="TeamId")
    token_key: str | None = field(default=None, name="TokenKey")
    token_key_id: str | None = field(default=None, name="TokenKeyId")


class APNSSandboxChannelResponse(Struct, kw_only=True, omit_defaults=True):
    application_id: str | None = field(default=None, name="ApplicationId")
    creation_date: str | None = field(default=None, name="CreationDate")
    default_authentication_method: str | None = field(default=None, name="DefaultAuthenticationMethod")
    enabled: bool | None = field(default=None, name="Enabled")
    has_credential: bool | None = field(default=None, name="HasCredential")
    has_token_key: bool | None = field(default=None, name="HasTokenKey")
    id: str | None = field(default=None, name="Id")
    is_archived: bool | None = field(default=None, name="IsArchived")
    last_modified_by: str | None = field(default=None, name="LastModifiedBy")
    last_modified_date: str | None = field(default=None, name="LastModifiedDate")
    platform: str = field(name="Platform")
    version: Integer | None = field(default=None, name="Version")


class APNSVoipChannelRequest(Struct, kw_only=True, omit_defaults=True):
    bundle_id: str | None = field(default=None, name="BundleId")
    certificate: str | None = field(default=None, name="Certificate")
    default_authentication_method: str | None = field(default=None, name="DefaultAuthenticationMethod")
    enabled: bool | None = field(default=None, name="Enabled")
    private_key: str | None = field(default=None, name="PrivateKey")
    team_id: str | None = field(default=None, name="TeamId")
    token_key: str | None = field(default=None, name="TokenKey")
    token_key_id: str | None = field(default=None, name="TokenKeyId")


class APNSVoipChannelResponse(Struct, kw_only=True, omit_defaults=True):
    application_id: str | None = field(default=None, name="ApplicationId")
    creation_date: str | None = field(default=None, name="CreationDate")
    default_authentication_method: str | None = field(default=None, name="DefaultAuthenticationMethod")
    enabled: bool | None = field(default=None, name="Enabled")
    has_credential: bool | None = field(default=None, name="HasCredential")
    has_token_key: bool | None = field(default=None, name="HasTokenKey")
    id: str | None = field(default=None, name="Id")
    is_archived: bool | None = field(default=None, name="IsArchived")
    last_modified_by: str | None = field(default=None, name="LastModifiedBy")
    last_modified_date: str | None = field(default=None, name="LastModifiedDate")
    platform: str = field(name="Platform")
    version: Integer | None = field(default=None, name="Version")


class APNSVoipSandboxChannelRequest(Struct, kw_only=True, omit_defaults=True):
    bundle_id: str | None = field(default=None, name="BundleId")
    certificate: str | None = field(default=None, name="Certificate")
    default_authentication_method: str | None = field(default=None, name="DefaultAuthenticationMethod")
    enabled: bool | None = field(default=None, name="Enabled")
    private_key: str | None = field(default=None, name="PrivateKey")
    team_id: str | None = field(default=None, name="TeamId")
    token_key: str | None = field(default=None, name="TokenKey")
    token_key_id: str | None = field(default=None, name="TokenKeyId")


class APNSVoipSandboxChannelResponse(Struct, kw_only=True, omit_defaults=True):
    application_id: str | None = field(default=None, name="ApplicationId")
    creation_date: str | None = field(default=None, name="CreationDate")
    default_authentication_method: str | None = field(default=None, name="DefaultAuthenticationMethod")
    enabled: bool | None = field(default=None, name="Enabled")
    has_credential: bool | None = field(default=None, name="HasCredential")
    has_token_key: bool | None = field(default=None, name="HasTokenKey")
    id: str | None = field(default=None, name="Id")
    is_archived: bool | None = field(default=None, name="IsArchived")
    last_modified_by: str | None = field(default=None, name="LastModifiedBy")
    last_modified_date: str | None = field(default=None, name="LastModifiedDate")
    platform: str = field(name="Platform")
    version: Integer | None = field(default=None, name="Version")


class ActivitiesResponse(Struct, kw_only=True, omit_defaults=True):
    item: list[ActivityResponse] = field(name="Item")
    next_token: str | None = field(default=None, name="NextToken")


class Activity(Struct, kw_only=True, omit_defaults=True):
    custom: CustomMessageActivity | None = field(default=None, name="CUSTOM")
    conditional_split: ConditionalSplitActivity | None = field(default=None, name="ConditionalSplit")
    description: str | None = field(default=None, name="Description")
    email: EmailMessageActivity | None = field(default=None, name="EMAIL")
    holdout: HoldoutActivity | None = field(default=None, name="Holdout")
    multi_condition: MultiConditionalSplitActivity | None = field(default=None, name="MultiCondition")
    push: PushMessageActivity | None = field(default=None, name="PUSH")
    random_split: RandomSplitActivity | None = field(default=None, name="RandomSplit")
    sms: SMSMessageActivity | None = field(default=None, name="SMS")
    wait: WaitActivity | None = field(default=None, name="Wait")
    contact_center: ContactCenterActivity | None = field(default=None, name="ContactCenter")
    wait_for_event: WaitForEventActivity | None = field(default=None, name="WaitForEvent")


class ActivityResponse(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(name="ApplicationId")
    campaign_id: str = field(name="CampaignId")
    end: str | None = field(default=None, name="End")
    id: str = field(name="Id")
    result: str | None = field(default=None, name="Result")
    scheduled_start: str | None = field(default=None, name="ScheduledStart")
    start: str | None = field(default=None, name="Start")
    state: str | None = field(default=None, name="State")
    successful_endpoint_count: Integer | None = field(default=None, name="SuccessfulEndpointCount")
    timezones_completed_count: Integer | None = field(default=None, name="TimezonesCompletedCount")
    timezones_total_count: Integer | None = field(default=None, name="TimezonesTotalCount")
    total_endpoint_count: Integer | None = field(default=None, name="TotalEndpointCount")
    treatment_id: str | None = field(default=None, name="TreatmentId")
    execution_metrics: dict[str, str] | None = field(default=None, name="ExecutionMetrics")
    reason: str | None = field(default=None, name="Reason")


class AddressConfiguration(Struct, kw_only=True, omit_defaults=True):
    body_override: str | None = field(default=None, name="BodyOverride")
    channel_type: ChannelType | None = field(default=None, name="ChannelType")
    context: dict[str, str] | None = field(default=None, name="Context")
    raw_content: str | None = field(default=None, name="RawContent")
    substitutions: dict[str, list[str]] | None = field(default=None, name="Substitutions")
    title_override: str | None = field(default=None, name="TitleOverride")


class AndroidPushNotificationTemplate(Struct, kw_only=True, omit_defaults=True):
    action: Action | None = field(default=None, name="Action")
    body: str | None = field(default=None, name="Body")
    image_icon_url: str | None = field(default=None, name="ImageIconUrl")
    image_url: str | None = field(default=None, name="ImageUrl")
    raw_content: str | None = field(default=None, name="RawContent")
    small_image_icon_url: str | None = field(default=None, name="SmallImageIconUrl")
    sound: str | None = field(default=None, name="Sound")
    title: str | None = field(default=None, name="Title")
    url: str | None = field(default=None, name="Url")


class ApplicationDateRangeKpiResponse(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(name="ApplicationId")
    end_time: Annotated[datetime, Meta(tz=True)] = field(name="EndTime")
    kpi_name: str = field(name="KpiName")
    kpi_result: BaseKpiResult = field(name="KpiResult")
    next_token: str | None = field(default=None, name="NextToken")
    start_time: Annotated[datetime, Meta(tz=True)] = field(name="StartTime")


class ApplicationResponse(Struct, kw_only=True, omit_defaults=True):
    arn: str = field(name="Arn")
    id: str = field(name="Id")
    name: str = field(name="Name")
    tags: dict[str, str] | None = field(default=None, name="tags")
    creation_date: str | None = field(default=None, name="CreationDate")


class ApplicationSettingsJourneyLimits(Struct, kw_only=True, omit_defaults=True):
    daily_cap: Integer | None = field(default=None, name="DailyCap")
    timeframe_cap: JourneyTimeframeCap | None = field(default=None, name="TimeframeCap")
    total_cap: Integer | None = field(default=None, name="TotalCap")


class ApplicationSettingsResource(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(name="ApplicationId")
    campaign_hook: CampaignHook | None = field(default=None, name="CampaignHook")
    last_modified_date: str | None = field(default=None, name="LastModifiedDate")
    limits: CampaignLimits | None = field(default=None, name="Limits")
    quiet_time: QuietTime | None = field(default=None, name="QuietTime")
    journey_limits: ApplicationSettingsJourneyLimits | None = field(default=None, name="JourneyLimits")
    frequency_caps: Annotated[list[FrequencyCap], Meta(max_length=10)] | None = field(default=None, name="FrequencyCaps")
    control_group: ControlGroup | None = field(default=None, name="ControlGroup")
    approval_required: bool | None = field(default=None, name="ApprovalRequired")


class ApplicationsResponse(Struct, kw_only=True, omit_defaults=True):
    item: list[ApplicationResponse] | None = field(default=None, name="Item")
    next_token: str | None = field(default=None, name="NextToken")


class AttributeDimension(Struct, kw_only=True, omit_defaults=True):
    attribute_type: AttributeType | None = field(default=None, name="AttributeType")
    values: list[str] = field(name="Values")


class AttributesResource(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(name="ApplicationId")
    attribute_type: str = field(name="AttributeType")
    attributes: list[str] | None = field(default=None, name="Attributes")


class BaiduChannelRequest(Struct, kw_only=True, omit_defaults=True):
    api_key: str = field(name="ApiKey")
    enabled: bool | None = field(default=None, name="Enabled")
    secret_key: str = field(name="SecretKey")


class BaiduChannelResponse(Struct, kw_only=True, omit_defaults=True):
    application_id: str | None = field(default=None, name="ApplicationId")
    creation_date: str | None = field(default=None, name="CreationDate")
    credential: str = field(name="Credential")
    enabled: bool | None = field(default=None, name="Enabled")
    has_credential: bool | None = field(default=None, name="HasCredential")
    id: str | None = field(default=None, name="Id")
    is_archived: bool | None = field(default=None, name="IsArchived")
    last_modified_by: str | None = field(default=None, name="LastModifiedBy")
    last_modified_date: str | None = field(default=None, name="LastModifiedDate")
    platform: str = field(name="Platform")
    version: Integer | None = field(default=None, name="Version")


class BaiduMessage(Struct, kw_only=True, omit_defaults=True):
    action: Action | None = field(default=None, name="Action")
    body: str | None = field(default=None, name="Body")
    data: dict[str, str] | None = field(default=None, name="Data")
    icon_reference: str | None = field(default=None, name="IconReference")
    image_icon_url: str | None = field(default=None, name="ImageIconUrl")
    image_url: str | None = field(default=None, name="ImageUrl")
    raw_content: str | None = field(default=None, name="RawContent")
    silent_push: bool | None = field(default=None, name="SilentPush")
    small_image_icon_url: str | None = field(default=None, name="SmallImageIconUrl")
    sound: str | None = field(default=None, name="Sound")
    substitutions: dict[str, list[str]] | None = field(default=None, name="Substitutions")
    time_to_live: Integer | None = field(default=None, name="TimeToLive")
    title: str | None = field(default=None, name="Title")
    url: str | None = field(default=None, name="Url")


class BaseKpiResult(Struct, kw_only=True, omit_defaults=True):
    rows: list[ResultRow] = field(name="Rows")


class CampaignApproval(Struct, kw_only=True, omit_defaults=True):
    status: CampaignApprovalStatus | None = field(default=None, name="Status")
    by: str | None = field(default=None, name="By")
    at: str | None = field(default=None, name="At")
    comment: str | None = field(default=None, name="Comment")


class CampaignCustomMessage(Struct, kw_only=True, omit_defaults=True):
    data: str | None = field(default=None, name="Data")


class CampaignDateRangeKpiResponse(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(name="ApplicationId")
    campaign_id: str = field(name="CampaignId")
    end_time: Annotated[datetime, Meta(tz=True)] = field(name="EndTime")
    kpi_name: str = field(name="KpiName")
    kpi_result: BaseKpiResult = field(name="KpiResult")
    next_token: str | None = field(default=None, name="NextToken")
    start_time: Annotated[datetime, Meta(tz=True)] = field(name="StartTime")


class CampaignEmailMessage(Struct, kw_only=True, omit_defaults=True):
    body: str | None = field(default=None, name="Body")
    from_address: str | None = field(default=None, name="FromAddress")
    headers: list[MessageHeader] | None = field(default=None, name="Headers")
    html_body: str | None = field(default=None, name="HtmlBody")
    title: str | None = field(default=None, name="Title")


class CampaignEventFilter(Struct, kw_only=True, omit_defaults=True):
    dimensions: EventDimensions = field(name="Dimensions")
    filter_type: FilterType = field(name="FilterType")
    recipients: CampaignEventRecipients | None = field(default=None, name="Recipients")
    cool_down_hours: Annotated[int, Meta(ge=1, le=8760)] | None = field(default=None, name="CoolDownHours")


class CampaignHook(Struct, kw_only=True, omit_defaults=True):
    lambda_function_name: str | None = field(default=None, name="LambdaFunctionName")
    mode: Mode | None = field(default=None, name="Mode")
    web_url: str | None = field(default=None, name="WebUrl")


class CampaignInAppMessage(Struct, kw_only=True, omit_defaults=True):
    body: str | None = field(default=None, name="Body")
    content: list[InAppMessageContent] | None = field(default=None, name="Content")
    custom_config: dict[str, str] | None = field(default=None, name="CustomConfig")
    layout: Layout | None = field(default=None, name="Layout")


class CampaignLimits(Struct, kw_only=True, omit_defaults=True):
    daily: Integer | None = field(default=None, name="Daily")
    maximum_duration: Integer | None = field(default=None, name="MaximumDuration")
    messages_per_second: Integer | None = field(default=None, name="MessagesPerSecond")
    total: Integer | None = field(default=None, name="Total")
    session: Integer | None = field(default=None, name="Session")


class CampaignResponse(Struct, kw_only=True, omit_defaults=True):
    additional_treatments: list[TreatmentResource] | None = field(default=None, name="AdditionalTreatments")
    application_id: str = field(name="ApplicationId")
    arn: str = field(name="Arn")
    creation_date: str = field(name="CreationDate")
    custom_delivery_configuration: CustomDeliveryConfiguration | None = field(default=None, name="CustomDeliveryConfiguration")
    default_state: CampaignState | None = field(default=None, name="DefaultState")
    description: str | None = field(default=None, name="Description")
    holdout_percent: Integer | None = field(default=None, name="HoldoutPercent")
    hook: CampaignHook | None = field(default=None, name="Hook")
    id: str = field(name="Id")
    is_paused: bool | None = field(default=None, name="IsPaused")
    last_modified_date: str = field(name="LastModifiedDate")
    limits: CampaignLimits | None = field(default=None, name="Limits")
    message_configuration: MessageConfiguration | None = field(default=None, name="MessageConfiguration")
    name: str | None = field(default=None, name="Name")
    schedule: Schedule | None = field(default=None, name="Schedule")
    segment_id: str = field(name="SegmentId")
    segment_version: Integer = field(name="SegmentVersion")
    state: CampaignState | None = field(default=None, name="State")
    tags: dict[str, str] | None = field(default=None, name="tags")
    template_configuration: TemplateConfiguration | None = field(default=None, name="TemplateConfiguration")
    treatment_description: str | None = field(default=None, name="TreatmentDescription")
    treatment_name: str | None = field(default=None, name="TreatmentName")
    version: Integer | None = field(default=None, name="Version")
    priority: Integer | None = field(default=None, name="Priority")
    approval: CampaignApproval | None = field(default=None, name="Approval")
    conversion_goal: ConversionGoal | None = field(default=None, name="ConversionGoal")
    winner: CampaignWinner | None = field(default=None, name="Winner")


class CampaignSmsMessage(Struct, kw_only=True, omit_defaults=True):
    body: str | None = field(default=None, name="Body")
    message_type: MessageType | None = field(default=None, name="MessageType")
    origination_number: str | None = field(default=None, name="OriginationNumber")
    sender_id: str | None = field(default=None, name="SenderId")
    entity_id: str | None = field(default=None, name="EntityId")
    template_id: str | None = field(default=None, name="TemplateId")


class CampaignState(Struct, kw_only=True, omit_defaults=True):
    campaign_status: CampaignStatus | None = field(default=None, name="CampaignStatus")


class CampaignWinner(Struct, kw_only=True, omit_defaults=True):
    test_percent: Annotated[int, Meta(ge=1, le=99)] = field(name="TestPercent")
    hours: Annotated[int, Meta(ge=1, le=720)] | None = field(default=None, name="Hours")
    minutes: Annotated[int, Meta(ge=1, le=43200)] | None = field(default=None, name="Minutes")
    metric: CampaignWinnerMetric = field(name="Metric")


class CampaignsResponse(Struct, kw_only=True, omit_defaults=True):
    item: list[CampaignResponse] = field(name="Item")
    next_token: str | None = field(default=None, name="NextToken")


class ChannelResponse(Struct, kw_only=True, omit_defaults=True):
    application_id: str | None = field(default=None, name="ApplicationId")
    creation_date: str | None = field(default=None, name="CreationDate")
    enabled: bool | None = field(default=None, name="Enabled")
    has_credential: bool | None = field(default=None, name="HasCredential")
    id: str | None = field(default=None, name="Id")
    is_archived: bool | None = field(default=None, name="IsArchived")
    last_modified_by: str | None = field(default=None, name="LastModifiedBy")
    last_modified_date: str | None = field(default=None, name="LastModifiedDate")
    version: Integer | None = field(default=None, name="Version")


class ChannelsResponse(Struct, kw_only=True, omit_defaults=True):
    channels: dict[str, ChannelResponse] = field(name="Channels")


class ClosedDays(Struct, kw_only=True, omit_defaults=True):
    email: list[ClosedDaysRule] | None = field(default=None, name="EMAIL")
    sms: list[ClosedDaysRule] | None = field(default=None, name="SMS")
    push: list[ClosedDaysRule] | None = field(default=None, name="PUSH")
    voice: list[ClosedDaysRule] | None = field(default=None, name="VOICE")
    custom: list[ClosedDaysRule] | None = field(default=None, name="CUSTOM")


class ClosedDaysRule(Struct, kw_only=True, omit_defaults=True):
    name: str | None = field(default=None, name="Name")
    start_date_time: str | None = field(default=None, name="StartDateTime")
    end_date_time: str | None = field(default=None, name="EndDateTime")


class Condition(Struct, kw_only=True, omit_defaults=True):
    conditions: list[SimpleCondition] | None = field(default=None, name="Conditions")
    operator: Operator | None = field(default=None, name="Operator")


class ConditionalSplitActivity(Struct, kw_only=True, omit_defaults=True):
    condition: Condition | None = field(default=None, name="Condition")
    evaluation_wait_time: WaitTime | None = field(default=None, name="EvaluationWaitTime")
    false_activity: str | None = field(default=None, name="FalseActivity")
    true_activity: str | None = field(default=None, name="TrueActivity")


class ContactCenterActivity(Struct, kw_only=True, omit_defaults=True):
    next_activity: str | None = field(default=None, name="NextActivity")


class ControlGroup(Struct, kw_only=True, omit_defaults=True):
    percent: Annotated[int, Meta(ge=1, le=50)] | None = field(default=None, name="Percent")


class ConversionGoal(Struct, kw_only=True, omit_defaults=True):
    event_type: Annotated[str, Meta(min_length=1, max_length=100)] = field(name="EventType")
    days: Annotated[int, Meta(ge=1, le=90)] = field(name="Days")
    attributes: dict[str, AttributeDimension] | None = field(default=None, name="Attributes")
    metrics: dict[str, MetricDimension] | None = field(default=None, name="Metrics")


class CreateAppRequest(Struct, kw_only=True, omit_defaults=True):
    create_application_request: CreateApplicationRequest = field(name="CreateApplicationRequest")


class CreateAppResponse(Struct, kw_only=True, omit_defaults=True):
    application_response: ApplicationResponse = field(name="ApplicationResponse")


class CreateApplicationRequest(Struct, kw_only=True, omit_defaults=True):
    name: str = field(name="Name")
    tags: dict[str, str] | None = field(default=None, name="tags")


class CreateCampaignRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    write_campaign_request: WriteCampaignRequest = field(name="WriteCampaignRequest")


class CreateCampaignResponse(Struct, kw_only=True, omit_defaults=True):
    campaign_response: CampaignResponse = field(name="CampaignResponse")


class CreateEmailTemplateRequest(Struct, kw_only=True, omit_defaults=True):
    email_template_request: EmailTemplateRequest = field(name="EmailTemplateRequest")
    template_name: str = field(default="", name="TemplateName")


class CreateEmailTemplateResponse(Struct, kw_only=True, omit_defaults=True):
    create_template_message_body: CreateTemplateMessageBody = field(name="CreateTemplateMessageBody")


class CreateExportJobRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    export_job_request: ExportJobRequest = field(name="ExportJobRequest")


class CreateExportJobResponse(Struct, kw_only=True, omit_defaults=True):
    export_job_response: ExportJobResponse = field(name="ExportJobResponse")


class CreateImportJobRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    import_job_request: ImportJobRequest = field(name="ImportJobRequest")


class CreateImportJobResponse(Struct, kw_only=True, omit_defaults=True):
    import_job_response: ImportJobResponse = field(name="ImportJobResponse")


class CreateInAppTemplateRequest(Struct, kw_only=True, omit_defaults=True):
    in_app_template_request: InAppTemplateRequest = field(name="InAppTemplateRequest")
    template_name: str = field(default="", name="TemplateName")


class CreateInAppTemplateResponse(Struct, kw_only=True, omit_defaults=True):
    template_create_message_body: TemplateCreateMessageBody = field(name="TemplateCreateMessageBody")


class CreateJourneyRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    write_journey_request: WriteJourneyRequest = field(name="WriteJourneyRequest")


class CreateJourneyResponse(Struct, kw_only=True, omit_defaults=True):
    journey_response: JourneyResponse = field(name="JourneyResponse")


class CreatePushTemplateRequest(Struct, kw_only=True, omit_defaults=True):
    push_notification_template_request: PushNotificationTemplateRequest = field(name="PushNotificationTemplateRequest")
    template_name: str = field(default="", name="TemplateName")


class CreatePushTemplateResponse(Struct, kw_only=True, omit_defaults=True):
    create_template_message_body: CreateTemplateMessageBody = field(name="CreateTemplateMessageBody")


class CreateRecommenderConfiguration(Struct, kw_only=True, omit_defaults=True):
    attributes: dict[str, str] | None = field(default=None, name="Attributes")
    description: str | None = field(default=None, name="Description")
    name: str | None = field(default=None, name="Name")
    recommendation_provider_id_type: str | None = field(default=None, name="RecommendationProviderIdType")
    recommendation_provider_role_arn: str = field(name="RecommendationProviderRoleArn")
    recommendation_provider_uri: str = field(name="RecommendationProviderUri")
    recommendation_transformer_uri: str | None = field(default=None, name="RecommendationTransformerUri")
    recommendations_display_name: str | None = field(default=None, name="RecommendationsDisplayName")
    recommendations_per_message: Integer | None = field(default=None, name="RecommendationsPerMessage")


class CreateRecommenderConfigurationRequest(Struct, kw_only=True, omit_defaults=True):
    create_recommender_configuration: CreateRecommenderConfiguration = field(name="CreateRecommenderConfiguration")


class CreateRecommenderConfigurationResponse(Struct, kw_only=True, omit_defaults=True):
    recommender_configuration_response: RecommenderConfigurationResponse = field(name="RecommenderConfigurationResponse")


class CreateSegmentRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    write_segment_request: WriteSegmentRequest = field(name="WriteSegmentRequest")


class CreateSegmentResponse(Struct, kw_only=True, omit_defaults=True):
    segment_response: SegmentResponse = field(name="SegmentResponse")


class CreateSmsTemplateRequest(Struct, kw_only=True, omit_defaults=True):
    sms_template_request: SMSTemplateRequest = field(name="SMSTemplateRequest")
    template_name: str = field(default="", name="TemplateName")


class CreateSmsTemplateResponse(Struct, kw_only=True, omit_defaults=True):
    create_template_message_body: CreateTemplateMessageBody = field(name="CreateTemplateMessageBody")


class CreateTemplateMessageBody(Struct, kw_only=True, omit_defaults=True):
    arn: str | None = field(default=None, name="Arn")
    message: str | None = field(default=None, name="Message")
    request_id: str | None = field(default=None, name="RequestID")


class CreateVoiceTemplateRequest(Struct, kw_only=True, omit_defaults=True):
    template_name: str = field(default="", name="TemplateName")
    voice_template_request: VoiceTemplateRequest = field(name="VoiceTemplateRequest")


class CreateVoiceTemplateResponse(Struct, kw_only=True, omit_defaults=True):
    create_template_message_body: CreateTemplateMessageBody = field(name="CreateTemplateMessageBody")


class CustomDeliveryConfiguration(Struct, kw_only=True, omit_defaults=True):
    delivery_uri: str = field(name="DeliveryUri")
    endpoint_types: list[__EndpointTypesElement] | None = field(default=None, name="EndpointTypes")


class CustomMessageActivity(Struct, kw_only=True, omit_defaults=True):
    delivery_uri: str | None = field(default=None, name="DeliveryUri")
    endpoint_types: list[__EndpointTypesElement] | None = field(default=None, name="EndpointTypes")
    message_config: JourneyCustomMessage | None = field(default=None, name="MessageConfig")
    next_activity: str | None = field(default=None, name="NextActivity")
    template_name: str | None = field(default=None, name="TemplateName")
    template_version: str | None = field(default=None, name="TemplateVersion")


class DefaultButtonConfiguration(Struct, kw_only=True, omit_defaults=True):
    background_color: str | None = field(default=None, name="BackgroundColor")
    border_radius: Integer | None = field(default=None, name="BorderRadius")
    button_action: ButtonAction = field(name="ButtonAction")
    link: str | None = field(default=None, name="Link")
    text: str = field(name="Text")
    text_color: str | None = field(default=None, name="TextColor")


class DefaultMessage(Struct, kw_only=True, omit_defaults=True):
    body: str | None = field(default=None, name="Body")
    substitutions: dict[str, list[str]] | None = field(default=None, name="Substitutions")


class DefaultPushNotificationMessage(Struct, kw_only=True, omit_defaults=True):
    action: Action | None = field(default=None, name="Action")
    body: str | None = field(default=None, name="Body")
    data: dict[str, str] | None = field(default=None, name="Data")
    silent_push: bool | None = field(default=None, name="SilentPush")
    substitutions: dict[str, list[str]] | None = field(default=None, name="Substitutions")
    title: str | None = field(default=None, name="Title")
    url: str | None = field(default=None, name="Url")


class DefaultPushNotificationTemplate(Struct, kw_only=True, omit_defaults=True):
    action: Action | None = field(default=None, name="Action")
    body: str | None = field(default=None, name="Body")
    sound: str | None = field(default=None, name="Sound")
    title: str | None = field(default=None, name="Title")
    url: str | None = field(default=None, name="Url")


class DeleteAdmChannelRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")


class DeleteAdmChannelResponse(Struct, kw_only=True, omit_defaults=True):
    adm_channel_response: ADMChannelResponse = field(name="ADMChannelResponse")


class DeleteApnsChannelRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")


class DeleteApnsChannelResponse(Struct, kw_only=True, omit_defaults=True):
    apns_channel_response: APNSChannelResponse = field(name="APNSChannelResponse")


class DeleteApnsSandboxChannelRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")


class DeleteApnsSandboxChannelResponse(Struct, kw_only=True, omit_defaults=True):
    apns_sandbox_channel_response: APNSSandboxChannelResponse = field(name="APNSSandboxChannelResponse")


class DeleteApnsVoipChannelRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")


class DeleteApnsVoipChannelResponse(Struct, kw_only=True, omit_defaults=True):
    apns_voip_channel_response: APNSVoipChannelResponse = field(name="APNSVoipChannelResponse")


class DeleteApnsVoipSandboxChannelRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")


class DeleteApnsVoipSandboxChannelResponse(Struct, kw_only=True, omit_defaults=True):
    apns_voip_sandbox_channel_response: APNSVoipSandboxChannelResponse = field(name="APNSVoipSandboxChannelResponse")


class DeleteAppRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")


class DeleteAppResponse(Struct, kw_only=True, omit_defaults=True):
    application_response: ApplicationResponse = field(name="ApplicationResponse")


class DeleteBaiduChannelRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")


class DeleteBaiduChannelResponse(Struct, kw_only=True, omit_defaults=True):
    baidu_channel_response: BaiduChannelResponse = field(name="BaiduChannelResponse")


class DeleteCampaignRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    campaign_id: str = field(default="", name="CampaignId")


class DeleteCampaignResponse(Struct, kw_only=True, omit_defaults=True):
    campaign_response: CampaignResponse = field(name="CampaignResponse")


class DeleteEmailChannelRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")


class DeleteEmailChannelResponse(Struct, kw_only=True, omit_defaults=True):
    email_channel_response: EmailChannelResponse = field(name="EmailChannelResponse")


class DeleteEmailTemplateRequest(Struct, kw_only=True, omit_defaults=True):
    template_name: str = field(default="", name="TemplateName")
    version: str | None = field(default=None, name="Version")


class DeleteEmailTemplateResponse(Struct, kw_only=True, omit_defaults=True):
    message_body: MessageBody = field(name="MessageBody")


class DeleteEndpointRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    endpoint_id: str = field(default="", name="EndpointId")


class DeleteEndpointResponse(Struct, kw_only=True, omit_defaults=True):
    endpoint_response: EndpointResponse = field(name="EndpointResponse")


class DeleteEventStreamRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")


class DeleteEventStreamResponse(Struct, kw_only=True, omit_defaults=True):
    event_stream: EventStream = field(name="EventStream")


class DeleteGcmChannelRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")


class DeleteGcmChannelResponse(Struct, kw_only=True, omit_defaults=True):
    gcm_channel_response: GCMChannelResponse = field(name="GCMChannelResponse")


class DeleteInAppTemplateRequest(Struct, kw_only=True, omit_defaults=True):
    template_name: str = field(default="", name="TemplateName")
    version: str | None = field(default=None, name="Version")


class DeleteInAppTemplateResponse(Struct, kw_only=True, omit_defaults=True):
    message_body: MessageBody = field(name="MessageBody")


class DeleteJourneyRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    journey_id: str = field(default="", name="JourneyId")


class DeleteJourneyResponse(Struct, kw_only=True, omit_defaults=True):
    journey_response: JourneyResponse = field(name="JourneyResponse")


class DeletePushTemplateRequest(Struct, kw_only=True, omit_defaults=True):
    template_name: str = field(default="", name="TemplateName")
    version: str | None = field(default=None, name="Version")


class DeletePushTemplateResponse(Struct, kw_only=True, omit_defaults=True):
    message_body: MessageBody = field(name="MessageBody")


class DeleteRecommenderConfigurationRequest(Struct, kw_only=True, omit_defaults=True):
    recommender_id: str = field(default="", name="RecommenderId")


class DeleteRecommenderConfigurationResponse(Struct, kw_only=True, omit_defaults=True):
    recommender_configuration_response: RecommenderConfigurationResponse = field(name="RecommenderConfigurationResponse")


class DeleteSegmentRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    segment_id: str = field(default="", name="SegmentId")


class DeleteSegmentResponse(Struct, kw_only=True, omit_defaults=True):
    segment_response: SegmentResponse = field(name="SegmentResponse")


class DeleteSmsChannelRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")


class DeleteSmsChannelResponse(Struct, kw_only=True, omit_defaults=True):
    sms_channel_response: SMSChannelResponse = field(name="SMSChannelResponse")


class DeleteSmsTemplateRequest(Struct, kw_only=True, omit_defaults=True):
    template_name: str = field(default="", name="TemplateName")
    version: str | None = field(default=None, name="Version")


class DeleteSmsTemplateResponse(Struct, kw_only=True, omit_defaults=True):
    message_body: MessageBody = field(name="MessageBody")


class DeleteUserEndpointsRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    user_id: str = field(default="", name="UserId")


class DeleteUserEndpointsResponse(Struct, kw_only=True, omit_defaults=True):
    endpoints_response: EndpointsResponse = field(name="EndpointsResponse")


class DeleteVoiceChannelRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")


class DeleteVoiceChannelResponse(Struct, kw_only=True, omit_defaults=True):
    voice_channel_response: VoiceChannelResponse = field(name="VoiceChannelResponse")


class DeleteVoiceTemplateRequest(Struct, kw_only=True, omit_defaults=True):
    template_name: str = field(default="", name="TemplateName")
    version: str | None = field(default=None, name="Version")


class DeleteVoiceTemplateResponse(Struct, kw_only=True, omit_defaults=True):
    message_body: MessageBody = field(name="MessageBody")


class DirectMessageConfiguration(Struct, kw_only=True, omit_defaults=True):
    adm_message: ADMMessage | None = field(default=None, name="ADMMessage")
    apns_message: APNSMessage | None = field(default=None, name="APNSMessage")
    baidu_message: BaiduMessage | None = field(default=None, name="BaiduMessage")
    default_message: DefaultMessage | None = field(default=None, name="DefaultMessage")
    default_push_notification_message: DefaultPushNotificationMessage | None = field(default=None, name="DefaultPushNotificationMessage")
    email_message: EmailMessage | None = field(default=None, name="EmailMessage")
    gcm_message: GCMMessage | None = field(default=None, name="GCMMessage")
    sms_message: SMSMessage | None = field(default=None, name="SMSMessage")
    voice_message: VoiceMessage | None = field(default=None, name="VoiceMessage")


class EmailChannelRequest(Struct, kw_only=True, omit_defaults=True):
    configuration_set: str | None = field(default=None, name="ConfigurationSet")
    enabled: bool | None = field(default=None, name="Enabled")
    from_address: str = field(name="FromAddress")
    identity: str = field(name="Identity")
    role_arn: str | None = field(default=None, name="RoleArn")
    orchestration_sending_role_arn: str | None = field(default=None, name="OrchestrationSendingRoleArn")


class EmailChannelResponse(Struct, kw_only=True, omit_defaults=True):
    application_id: str | None = field(default=None, name="ApplicationId")
    configuration_set: str | None = field(default=None, name="ConfigurationSet")
    creation_date: str | None = field(default=None, name="CreationDate")
    enabled: bool | None = field(default=None, name="Enabled")
    from_address: str | None = field(default=None, name="FromAddress")
    has_credential: bool | None = field(default=None, name="HasCredential")
    id: str | None = field(default=None, name="Id")
    identity: str | None = field(default=None, name="Identity")
    is_archived: bool | None = field(default=None, name="IsArchived")
    last_modified_by: str | None = field(default=None, name="LastModifiedBy")
    last_modified_date: str | None = field(default=None, name="LastModifiedDate")
    messages_per_second: Integer | None = field(default=None, name="MessagesPerSecond")
    platform: str = field(name="Platform")
    role_arn: str | None = field(default=None, name="RoleArn")
    orchestration_sending_role_arn: str | None = field(default=None, name="OrchestrationSendingRoleArn")
    version: Integer | None = field(default=None, name="Version")


class EmailMessage(Struct, kw_only=True, omit_defaults=True):
    body: str | None = field(default=None, name="Body")
    feedback_forwarding_address: str | None = field(default=None, name="FeedbackForwardingAddress")
    from_address: str | None = field(default=None, name="FromAddress")
    raw_email: RawEmail | None = field(default=None, name="RawEmail")
    reply_to_addresses: list[str] | None = field(default=None, name="ReplyToAddresses")
    simple_email: SimpleEmail | None = field(default=None, name="SimpleEmail")
    substitutions: dict[str, list[str]] | None = field(default=None, name="Substitutions")


class EmailMessageActivity(Struct, kw_only=True, omit_defaults=True):
    message_config: JourneyEmailMessage | None = field(default=None, name="MessageConfig")
    next_activity: str | None = field(default=None, name="NextActivity")
    template_name: str | None = field(default=None, name="TemplateName")
    template_version: str | None = field(default=None, name="TemplateVersion")


class EmailTemplateRequest(Struct, kw_only=True, omit_defaults=True):
    default_substitutions: str | None = field(default=None, name="DefaultSubstitutions")
    html_part: str | None = field(default=None, name="HtmlPart")
    recommender_id: str | None = field(default=None, name="RecommenderId")
    subject: str | None = field(default=None, name="Subject")
    headers: list[MessageHeader] | None = field(default=None, name="Headers")
    tags: dict[str, str] | None = field(default=None, name="tags")
    template_description: str | None = field(default=None, name="TemplateDescription")
    text_part: str | None = field(default=None, name="TextPart")
    mjml: str | None = field(default=None, name="Mjml")
    variants: dict[str, EmailTemplateVariant] | None = field(default=None, name="Variants")


class EmailTemplateResponse(Struct, kw_only=True, omit_defaults=True):
    arn: str | None = field(default=None, name="Arn")
    creation_date: str = field(name="CreationDate")
    default_substitutions: str | None = field(default=None, name="DefaultSubstitutions")
    html_part: str | None = field(default=None, name="HtmlPart")
    last_modified_date: str = field(name="LastModifiedDate")
    recommender_id: str | None = field(default=None, name="RecommenderId")
    subject: str | None = field(default=None, name="Subject")
    headers: list[MessageHeader] | None = field(default=None, name="Headers")
    tags: dict[str, str] | None = field(default=None, name="tags")
    template_description: str | None = field(default=None, name="TemplateDescription")
    template_name: str = field(name="TemplateName")
    template_type: TemplateType = field(name="TemplateType")
    text_part: str | None = field(default=None, name="TextPart")
    version: str | None = field(default=None, name="Version")
    mjml: str | None = field(default=None, name="Mjml")
    variants: dict[str, EmailTemplateVariant] | None = field(default=None, name="Variants")


class EmailTemplateVariant(Struct, kw_only=True, omit_defaults=True):
    subject: str | None = field(default=None, name="Subject")
    html_part: str | None = field(default=None, name="HtmlPart")
    text_part: str | None = field(default=None, name="TextPart")
    mjml: str | None = field(default=None, name="Mjml")
    headers: list[MessageHeader] | None = field(default=None, name="Headers")


class EndpointBatchItem(Struct, kw_only=True, omit_defaults=True):
    address: str | None = field(default=None, name="Address")
    attributes: dict[str, AttributeValues | None] | None = field(default=None, name="Attributes")
    channel_type: ChannelType | None = field(default=None, name="ChannelType")
    demographic: EndpointDemographic | None = field(default=None, name="Demographic")
    effective_date: str | None = field(default=None, name="EffectiveDate")
    endpoint_status: str | None = field(default=None, name="EndpointStatus")
    id: str | None = field(default=None, name="Id")
    location: EndpointLocation | None = field(default=None, name="Location")
    metrics: dict[str, float | None] | None = field(default=None, name="Metrics")
    opt_out: str | None = field(default=None, name="OptOut")
    request_id: str | None = field(default=None, name="RequestId")
    user: EndpointUser | None = field(default=None, name="User")


class EndpointBatchRequest(Struct, kw_only=True, omit_defaults=True):
    item: list[EndpointBatchItem] = field(name="Item")


class EndpointDemographic(Struct, kw_only=True, omit_defaults=True):
    app_version: str | None = field(default=None, name="AppVersion")
    locale: str | None = field(default=None, name="Locale")
    make: str | None = field(default=None, name="Make")
    model: str | None = field(default=None, name="Model")
    model_version: str | None = field(default=None, name="ModelVersion")
    platform: str | None = field(default=None, name="Platform")
    platform_version: str | None = field(default=None, name="PlatformVersion")
    timezone: str | None = field(default=None, name="Timezone")


class EndpointItemResponse(Struct, kw_only=True, omit_defaults=True):
    message: str | None = field(default=None, name="Message")
    status_code: Integer | None = field(default=None, name="StatusCode")


class EndpointLocation(Struct, kw_only=True, omit_defaults=True):
    city: str | None = field(default=None, name="City")
    country: str | None = field(default=None, name="Country")
    latitude: float | None = field(default=None, name="Latitude")
    longitude: float | None = field(default=None, name="Longitude")
    postal_code: str | None = field(default=None, name="PostalCode")
    region: str | None = field(default=None, name="Region")


class EndpointMessageResult(Struct, kw_only=True, omit_defaults=True):
    address: str | None = field(default=None, name="Address")
    delivery_status: DeliveryStatus = field(name="DeliveryStatus")
    message_id: str | None = field(default=None, name="MessageId")
    status_code: Integer = field(name="StatusCode")
    status_message: str | None = field(default=None, name="StatusMessage")
    updated_token: str | None = field(default=None, name="UpdatedToken")


class EndpointRequest(Struct, kw_only=True, omit_defaults=True):
    address: str | None = field(default=None, name="Address")
    attributes: dict[str, AttributeValues | None] | None = field(default=None, name="Attributes")
    channel_type: ChannelType | None = field(default=None, name="ChannelType")
    demographic: EndpointDemographic | None = field(default=None, name="Demographic")
    effective_date: str | None = field(default=None, name="EffectiveDate")
    endpoint_status: str | None = field(default=None, name="EndpointStatus")
    location: EndpointLocation | None = field(default=None, name="Location")
    metrics: dict[str, float | None] | None = field(default=None, name="Metrics")
    opt_out: str | None = field(default=None, name="OptOut")
    request_id: str | None = field(default=None, name="RequestId")
    user: EndpointUser | None = field(default=None, name="User")


class EndpointResponse(Struct, kw_only=True, omit_defaults=True):
    address: str | None = field(default=None, name="Address")
    application_id: str | None = field(default=None, name="ApplicationId")
    attributes: dict[str, list[str]] | None = field(default=None, name="Attributes")
    channel_type: ChannelType | None = field(default=None, name="ChannelType")
    cohort_id: str | None = field(default=None, name="CohortId")
    creation_date: str | None = field(default=None, name="CreationDate")
    demographic: EndpointDemographic | None = field(default=None, name="Demographic")
    effective_date: str | None = field(default=None, name="EffectiveDate")
    endpoint_status: str | None = field(default=None, name="EndpointStatus")
    id: str | None = field(default=None, name="Id")
    location: EndpointLocation | None = field(default=None, name="Location")
    metrics: dict[str, float] | None = field(default=None, name="Metrics")
    opt_out: str | None = field(default=None, name="OptOut")
    request_id: str | None = field(default=None, name="RequestId")
    user: EndpointUser | None = field(default=None, name="User")


class EndpointSendConfiguration(Struct, kw_only=True, omit_defaults=True):
    body_override: str | None = field(default=None, name="BodyOverride")
    context: dict[str, str] | None = field(default=None, name="Context")
    raw_content: str | None = field(default=None, name="RawContent")
    substitutions: dict[str, list[str]] | None = field(default=None, name="Substitutions")
    title_override: str | None = field(default=None, name="TitleOverride")


class EndpointUser(Struct, kw_only=True, omit_defaults=True):
    user_attributes: dict[str, AttributeValues | None] | None = field(default=None, name="UserAttributes")
    user_id: str | None = field(default=None, name="UserId")


class EndpointsResponse(Struct, kw_only=True, omit_defaults=True):
    item: list[EndpointResponse] = field(name="Item")


class Event(Struct, kw_only=True, omit_defaults=True):
    app_package_name: str | None = field(default=None, name="AppPackageName")
    app_title: str | None = field(default=None, name="AppTitle")
    app_version_code: str | None = field(default=None, name="AppVersionCode")
    attributes: dict[str, str] | None = field(default=None, name="Attributes")
    client_sdk_version: str | None = field(default=None, name="ClientSdkVersion")
    event_type: str = field(name="EventType")
    metrics: dict[str, float] | None = field(default=None, name="Metrics")
    sdk_name: str | None = field(default=None, name="SdkName")
    session: Session | None = field(default=None, name="Session")
    timestamp: str = field(name="Timestamp")


class EventCondition(Struct, kw_only=True, omit_defaults=True):
    dimensions: EventDimensions | None = field(default=None, name="Dimensions")
    message_activity: str | None = field(default=None, name="MessageActivity")


class EventDimensions(Struct, kw_only=True, omit_defaults=True):
    attributes: dict[str, AttributeDimension] | None = field(default=None, name="Attributes")
    event_type: SetDimension | None = field(default=None, name="EventType")
    metrics: dict[str, MetricDimension] | None = field(default=None, name="Metrics")


class EventFilter(Struct, kw_only=True, omit_defaults=True):
    dimensions: EventDimensions = field(name="Dimensions")
    filter_type: FilterType = field(name="FilterType")


class EventItemResponse(Struct, kw_only=True, omit_defaults=True):
    message: str | None = field(default=None, name="Message")
    status_code: Integer | None = field(default=None, name="StatusCode")


class EventStartCondition(Struct, kw_only=True, omit_defaults=True):
    event_filter: EventFilter | None = field(default=None, name="EventFilter")
    segment_id: str | None = field(default=None, name="SegmentId")


class EventStream(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(name="ApplicationId")
    destination_stream_arn: str = field(name="DestinationStreamArn")
    external_id: str | None = field(default=None, name="ExternalId")
    last_modified_date: str | None = field(default=None, name="LastModifiedDate")
    last_updated_by: str | None = field(default=None, name="LastUpdatedBy")
    role_arn: str = field(name="RoleArn")


class EventsBatch(Struct, kw_only=True, omit_defaults=True):
    endpoint: PublicEndpoint = field(name="Endpoint")
    events: dict[str, Event] = field(name="Events")


class EventsRequest(Struct, kw_only=True, omit_defaults=True):
    batch_item: dict[str, EventsBatch] = field(name="BatchItem")


class EventsResponse(Struct, kw_only=True, omit_defaults=True):
    results: dict[str, ItemResponse] | None = field(default=None, name="Results")


class ExportJobRequest(Struct, kw_only=True, omit_defaults=True):
    role_arn: str = field(name="RoleArn")
    s3_url_prefix: str = field(name="S3UrlPrefix")
    segment_id: str | None = field(default=None, name="SegmentId")
    segment_version: Integer | None = field(default=None, name="SegmentVersion")


class ExportJobResource(Struct, kw_only=True, omit_defaults=True):
    role_arn: str = field(name="RoleArn")
    s3_url_prefix: str = field(name="S3UrlPrefix")
    segment_id: str | None = field(default=None, name="SegmentId")
    segment_version: Integer | None = field(default=None, name="SegmentVersion")


class ExportJobResponse(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(name="ApplicationId")
    completed_pieces: Integer | None = field(default=None, name="CompletedPieces")
    completion_date: str | None = field(default=None, name="CompletionDate")
    creation_date: str = field(name="CreationDate")
    definition: ExportJobResource = field(name="Definition")
    failed_pieces: Integer | None = field(default=None, name="FailedPieces")
    failures: list[str] | None = field(default=None, name="Failures")
    id: str = field(name="Id")
    job_status: JobStatus = field(name="JobStatus")
    total_failures: Integer | None = field(default=None, name="TotalFailures")
    total_pieces: Integer | None = field(default=None, name="TotalPieces")
    total_processed: Integer | None = field(default=None, name="TotalProcessed")
    type: str = field(name="Type")


class ExportJobsResponse(Struct, kw_only=True, omit_defaults=True):
    item: list[ExportJobResponse] = field(name="Item")
    next_token: str | None = field(default=None, name="NextToken")


class FrequencyCap(Struct, kw_only=True, omit_defaults=True):
    messages: Annotated[int, Meta(ge=1, le=1000)] = field(name="Messages")
    days: Annotated[int, Meta(ge=1, le=90)] | None = field(default=None, name="Days")
    hours: Annotated[int, Meta(ge=1, le=2160)] | None = field(default=None, name="Hours")
    channel_types: list[__EndpointTypesElement] | None = field(default=None, name="ChannelTypes")
    per_user: bool | None = field(default=None, name="PerUser")


class GCMChannelRequest(Struct, kw_only=True, omit_defaults=True):
    api_key: str | None = field(default=None, name="ApiKey")
    default_authentication_method: str | None = field(default=None, name="DefaultAuthenticationMethod")
    enabled: bool | None = field(default=None, name="Enabled")
    service_json: str | None = field(default=None, name="ServiceJson")


class GCMChannelResponse(Struct, kw_only=True, omit_defaults=True):
    application_id: str | None = field(default=None, name="ApplicationId")
    creation_date: str | None = field(default=None, name="CreationDate")
    credential: str | None = field(default=None, name="Credential")
    default_authentication_method: str | None = field(default=None, name="DefaultAuthenticationMethod")
    enabled: bool | None = field(default=None, name="Enabled")
    has_credential: bool | None = field(default=None, name="HasCredential")
    has_fcm_service_credentials: bool | None = field(default=None, name="HasFcmServiceCredentials")
    id: str | None = field(default=None, name="Id")
    is_archived: bool | None = field(default=None, name="IsArchived")
    last_modified_by: str | None = field(default=None, name="LastModifiedBy")
    last_modified_date: str | None = field(default=None, name="LastModifiedDate")
    platform: str = field(name="Platform")
    version: Integer | None = field(default=None, name="Version")


class GCMMessage(Struct, kw_only=True, omit_defaults=True):
    action: Action | None = field(default=None, name="Action")
    body: str | None = field(default=None, name="Body")
    collapse_key: str | None = field(default=None, name="CollapseKey")
    data: dict[str, str] | None = field(default=None, name="Data")
    icon_reference: str | None = field(default=None, name="IconReference")
    image_icon_url: str | None = field(default=None, name="ImageIconUrl")
    image_url: str | None = field(default=None, name="ImageUrl")
    preferred_authentication_method: str | None = field(default=None, name="PreferredAuthenticationMethod")
    priority: str | None = field(default=None, name="Priority")
    raw_content: str | None = field(default=None, name="RawContent")
    restricted_package_name: str | None = field(default=None, name="RestrictedPackageName")
    silent_push: bool | None = field(default=None, name="SilentPush")
    small_image_icon_url: str | None = field(default=None, name="SmallImageIconUrl")
    sound: str | None = field(default=None, name="Sound")
    substitutions: dict[str, list[str]] | None = field(default=None, name="Substitutions")
    time_to_live: Integer | None = field(default=None, name="TimeToLive")
    title: str | None = field(default=None, name="Title")
    url: str | None = field(default=None, name="Url")


class GPSCoordinates(Struct, kw_only=True, omit_defaults=True):
    latitude: float = field(name="Latitude")
    longitude: float = field(name="Longitude")


class GPSPointDimension(Struct, kw_only=True, omit_defaults=True):
    coordinates: GPSCoordinates = field(name="Coordinates")
    range_in_kilometers: float | None = field(default=None, name="RangeInKilometers")


class GetAdmChannelRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")


class GetAdmChannelResponse(Struct, kw_only=True, omit_defaults=True):
    adm_channel_response: ADMChannelResponse = field(name="ADMChannelResponse")


class GetApnsChannelRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")


class GetApnsChannelResponse(Struct, kw_only=True, omit_defaults=True):
    apns_channel_response: APNSChannelResponse = field(name="APNSChannelResponse")


class GetApnsSandboxChannelRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")


class GetApnsSandboxChannelResponse(Struct, kw_only=True, omit_defaults=True):
    apns_sandbox_channel_response: APNSSandboxChannelResponse = field(name="APNSSandboxChannelResponse")


class GetApnsVoipChannelRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")


class GetApnsVoipChannelResponse(Struct, kw_only=True, omit_defaults=True):
    apns_voip_channel_response: APNSVoipChannelResponse = field(name="APNSVoipChannelResponse")


class GetApnsVoipSandboxChannelRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")


class GetApnsVoipSandboxChannelResponse(Struct, kw_only=True, omit_defaults=True):
    apns_voip_sandbox_channel_response: APNSVoipSandboxChannelResponse = field(name="APNSVoipSandboxChannelResponse")


class GetAppRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")


class GetAppResponse(Struct, kw_only=True, omit_defaults=True):
    application_response: ApplicationResponse = field(name="ApplicationResponse")


class GetApplicationDateRangeKpiRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    end_time: datetime | None = field(default=None, name="EndTime")
    kpi_name: str = field(default="", name="KpiName")
    next_token: str | None = field(default=None, name="NextToken")
    page_size: str | None = field(default=None, name="PageSize")
    start_time: datetime | None = field(default=None, name="StartTime")


class GetApplicationDateRangeKpiResponse(Struct, kw_only=True, omit_defaults=True):
    application_date_range_kpi_response: ApplicationDateRangeKpiResponse = field(name="ApplicationDateRangeKpiResponse")


class GetApplicationSettingsRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")


class GetApplicationSettingsResponse(Struct, kw_only=True, omit_defaults=True):
    application_settings_resource: ApplicationSettingsResource = field(name="ApplicationSettingsResource")


class GetAppsRequest(Struct, kw_only=True, omit_defaults=True):
    page_size: str | None = field(default=None, name="PageSize")
    token: str | None = field(default=None, name="Token")


class GetAppsResponse(Struct, kw_only=True, omit_defaults=True):
    applications_response: ApplicationsResponse = field(name="ApplicationsResponse")


class GetBaiduChannelRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")


class GetBaiduChannelResponse(Struct, kw_only=True, omit_defaults=True):
    baidu_channel_response: BaiduChannelResponse = field(name="BaiduChannelResponse")


class GetCampaignActivitiesRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    campaign_id: str = field(default="", name="CampaignId")
    page_size: str | None = field(default=None, name="PageSize")
    token: str | None = field(default=None, name="Token")


class GetCampaignActivitiesResponse(Struct, kw_only=True, omit_defaults=True):
    activities_response: ActivitiesResponse = field(name="ActivitiesResponse")


class GetCampaignDateRangeKpiRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    campaign_id: str = field(default="", name="CampaignId")
    end_time: datetime | None = field(default=None, name="EndTime")
    kpi_name: str = field(default="", name="KpiName")
    next_token: str | None = field(default=None, name="NextToken")
    page_size: str | None = field(default=None, name="PageSize")
    start_time: datetime | None = field(default=None, name="StartTime")


class GetCampaignDateRangeKpiResponse(Struct, kw_only=True, omit_defaults=True):
    campaign_date_range_kpi_response: CampaignDateRangeKpiResponse = field(name="CampaignDateRangeKpiResponse")


class GetCampaignRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    campaign_id: str = field(default="", name="CampaignId")


class GetCampaignResponse(Struct, kw_only=True, omit_defaults=True):
    campaign_response: CampaignResponse = field(name="CampaignResponse")


class GetCampaignVersionRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    campaign_id: str = field(default="", name="CampaignId")
    version: str = field(default="", name="Version")


class GetCampaignVersionResponse(Struct, kw_only=True, omit_defaults=True):
    campaign_response: CampaignResponse = field(name="CampaignResponse")


class GetCampaignVersionsRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    campaign_id: str = field(default="", name="CampaignId")
    page_size: str | None = field(default=None, name="PageSize")
    token: str | None = field(default=None, name="Token")


class GetCampaignVersionsResponse(Struct, kw_only=True, omit_defaults=True):
    campaigns_response: CampaignsResponse = field(name="CampaignsResponse")


class GetCampaignsRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    page_size: str | None = field(default=None, name="PageSize")
    token: str | None = field(default=None, name="Token")


class GetCampaignsResponse(Struct, kw_only=True, omit_defaults=True):
    campaigns_response: CampaignsResponse = field(name="CampaignsResponse")


class GetChannelsRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")


class GetChannelsResponse(Struct, kw_only=True, omit_defaults=True):
    channels_response: ChannelsResponse = field(name="ChannelsResponse")


class GetEmailChannelRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")


class GetEmailChannelResponse(Struct, kw_only=True, omit_defaults=True):
    email_channel_response: EmailChannelResponse = field(name="EmailChannelResponse")


class GetEmailTemplateRequest(Struct, kw_only=True, omit_defaults=True):
    template_name: str = field(default="", name="TemplateName")
    version: str | None = field(default=None, name="Version")


class GetEmailTemplateResponse(Struct, kw_only=True, omit_defaults=True):
    email_template_response: EmailTemplateResponse = field(name="EmailTemplateResponse")


class GetEndpointRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    endpoint_id: str = field(default="", name="EndpointId")


class GetEndpointResponse(Struct, kw_only=True, omit_defaults=True):
    endpoint_response: EndpointResponse = field(name="EndpointResponse")


class GetEventStreamRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")


class GetEventStreamResponse(Struct, kw_only=True, omit_defaults=True):
    event_stream: EventStream = field(name="EventStream")


class GetExportJobRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    job_id: str = field(default="", name="JobId")


class GetExportJobResponse(Struct, kw_only=True, omit_defaults=True):
    export_job_response: ExportJobResponse = field(name="ExportJobResponse")


class GetExportJobsRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    page_size: str | None = field(default=None, name="PageSize")
    token: str | None = field(default=None, name="Token")


class GetExportJobsResponse(Struct, kw_only=True, omit_defaults=True):
    export_jobs_response: ExportJobsResponse = field(name="ExportJobsResponse")


class GetGcmChannelRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")


class GetGcmChannelResponse(Struct, kw_only=True, omit_defaults=True):
    gcm_channel_response: GCMChannelResponse = field(name="GCMChannelResponse")


class GetImportJobRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    job_id: str = field(default="", name="JobId")


class GetImportJobResponse(Struct, kw_only=True, omit_defaults=True):
    import_job_response: ImportJobResponse = field(name="ImportJobResponse")


class GetImportJobsRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    page_size: str | None = field(default=None, name="PageSize")
    token: str | None = field(default=None, name="Token")


class GetImportJobsResponse(Struct, kw_only=True, omit_defaults=True):
    import_jobs_response: ImportJobsResponse = field(name="ImportJobsResponse")


class GetInAppMessagesRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    endpoint_id: str = field(default="", name="EndpointId")


class GetInAppMessagesResponse(Struct, kw_only=True, omit_defaults=True):
    in_app_messages_response: InAppMessagesResponse = field(name="InAppMessagesResponse")


class GetInAppTemplateRequest(Struct, kw_only=True, omit_defaults=True):
    template_name: str = field(default="", name="TemplateName")
    version: str | None = field(default=None, name="Version")


class GetInAppTemplateResponse(Struct, kw_only=True, omit_defaults=True):
    in_app_template_response: InAppTemplateResponse = field(name="InAppTemplateResponse")


class GetJourneyDateRangeKpiRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    end_time: datetime | None = field(default=None, name="EndTime")
    journey_id: str = field(default="", name="JourneyId")
    kpi_name: str = field(default="", name="KpiName")
    next_token: str | None = field(default=None, name="NextToken")
    page_size: str | None = field(default=None, name="PageSize")
    start_time: datetime | None = field(default=None, name="StartTime")


class GetJourneyDateRangeKpiResponse(Struct, kw_only=True, omit_defaults=True):
    journey_date_range_kpi_response: JourneyDateRangeKpiResponse = field(name="JourneyDateRangeKpiResponse")


class GetJourneyExecutionActivityMetricsRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    journey_activity_id: str = field(default="", name="JourneyActivityId")
    journey_id: str = field(default="", name="JourneyId")
    next_token: str | None = field(default=None, name="NextToken")
    page_size: str | None = field(default=None, name="PageSize")


class GetJourneyExecutionActivityMetricsResponse(Struct, kw_only=True, omit_defaults=True):
    journey_execution_activity_metrics_response: JourneyExecutionActivityMetricsResponse = field(name="JourneyExecutionActivityMetricsResponse")


class GetJourneyExecutionMetricsRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    journey_id: str = field(default="", name="JourneyId")
    next_token: str | None = field(default=None, name="NextToken")
    page_size: str | None = field(default=None, name="PageSize")


class GetJourneyExecutionMetricsResponse(Struct, kw_only=True, omit_defaults=True):
    journey_execution_metrics_response: JourneyExecutionMetricsResponse = field(name="JourneyExecutionMetricsResponse")


class GetJourneyRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    journey_id: str = field(default="", name="JourneyId")


class GetJourneyResponse(Struct, kw_only=True, omit_defaults=True):
    journey_response: JourneyResponse = field(name="JourneyResponse")


class GetJourneyRunExecutionActivityMetricsRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    journey_activity_id: str = field(default="", name="JourneyActivityId")
    journey_id: str = field(default="", name="JourneyId")
    next_token: str | None = field(default=None, name="NextToken")
    page_size: str | None = field(default=None, name="PageSize")
    run_id: str = field(default="", name="RunId")


class GetJourneyRunExecutionActivityMetricsResponse(Struct, kw_only=True, omit_defaults=True):
    journey_run_execution_activity_metrics_response: JourneyRunExecutionActivityMetricsResponse = field(name="JourneyRunExecutionActivityMetricsResponse")


class GetJourneyRunExecutionMetricsRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    journey_id: str = field(default="", name="JourneyId")
    next_token: str | None = field(default=None, name="NextToken")
    page_size: str | None = field(default=None, name="PageSize")
    run_id: str = field(default="", name="RunId")


class GetJourneyRunExecutionMetricsResponse(Struct, kw_only=True, omit_defaults=True):
    journey_run_execution_metrics_response: JourneyRunExecutionMetricsResponse = field(name="JourneyRunExecutionMetricsResponse")


class GetJourneyRunsRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    journey_id: str = field(default="", name="JourneyId")
    page_size: str | None = field(default=None, name="PageSize")
    token: str | None = field(default=None, name="Token")


class GetJourneyRunsResponse(Struct, kw_only=True, omit_defaults=True):
    journey_runs_response: JourneyRunsResponse = field(name="JourneyRunsResponse")


class GetPushTemplateRequest(Struct, kw_only=True, omit_defaults=True):
    template_name: str = field(default="", name="TemplateName")
    version: str | None = field(default=None, name="Version")


class GetPushTemplateResponse(Struct, kw_only=True, omit_defaults=True):
    push_notification_template_response: PushNotificationTemplateResponse = field(name="PushNotificationTemplateResponse")


class GetRecommenderConfigurationRequest(Struct, kw_only=True, omit_defaults=True):
    recommender_id: str = field(default="", name="RecommenderId")


class GetRecommenderConfigurationResponse(Struct, kw_only=True, omit_defaults=True):
    recommender_configuration_response: RecommenderConfigurationResponse = field(name="RecommenderConfigurationResponse")


class GetRecommenderConfigurationsRequest(Struct, kw_only=True, omit_defaults=True):
    page_size: str | None = field(default=None, name="PageSize")
    token: str | None = field(default=None, name="Token")


class GetRecommenderConfigurationsResponse(Struct, kw_only=True, omit_defaults=True):
    list_recommender_configurations_response: ListRecommenderConfigurationsResponse = field(name="ListRecommenderConfigurationsResponse")


class GetSegmentExportJobsRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    page_size: str | None = field(default=None, name="PageSize")
    segment_id: str = field(default="", name="SegmentId")
    token: str | None = field(default=None, name="Token")


class GetSegmentExportJobsResponse(Struct, kw_only=True, omit_defaults=True):
    export_jobs_response: ExportJobsResponse = field(name="ExportJobsResponse")


class GetSegmentImportJobsRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    page_size: str | None = field(default=None, name="PageSize")
    segment_id: str = field(default="", name="SegmentId")
    token: str | None = field(default=None, name="Token")


class GetSegmentImportJobsResponse(Struct, kw_only=True, omit_defaults=True):
    import_jobs_response: ImportJobsResponse = field(name="ImportJobsResponse")


class GetSegmentRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    segment_id: str = field(default="", name="SegmentId")


class GetSegmentResponse(Struct, kw_only=True, omit_defaults=True):
    segment_response: SegmentResponse = field(name="SegmentResponse")


class GetSegmentVersionRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    segment_id: str = field(default="", name="SegmentId")
    version: str = field(default="", name="Version")


class GetSegmentVersionResponse(Struct, kw_only=True, omit_defaults=True):
    segment_response: SegmentResponse = field(name="SegmentResponse")


class GetSegmentVersionsRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    page_size: str | None = field(default=None, name="PageSize")
    segment_id: str = field(default="", name="SegmentId")
    token: str | None = field(default=None, name="Token")


class GetSegmentVersionsResponse(Struct, kw_only=True, omit_defaults=True):
    segments_response: SegmentsResponse = field(name="SegmentsResponse")


class GetSegmentsRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    page_size: str | None = field(default=None, name="PageSize")
    token: str | None = field(default=None, name="Token")


class GetSegmentsResponse(Struct, kw_only=True, omit_defaults=True):
    segments_response: SegmentsResponse = field(name="SegmentsResponse")


class GetSmsChannelRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")


class GetSmsChannelResponse(Struct, kw_only=True, omit_defaults=True):
    sms_channel_response: SMSChannelResponse = field(name="SMSChannelResponse")


class GetSmsTemplateRequest(Struct, kw_only=True, omit_defaults=True):
    template_name: str = field(default="", name="TemplateName")
    version: str | None = field(default=None, name="Version")


class GetSmsTemplateResponse(Struct, kw_only=True, omit_defaults=True):
    sms_template_response: SMSTemplateResponse = field(name="SMSTemplateResponse")


class GetUserEndpointsRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    user_id: str = field(default="", name="UserId")


class GetUserEndpointsResponse(Struct, kw_only=True, omit_defaults=True):
    endpoints_response: EndpointsResponse = field(name="EndpointsResponse")


class GetVoiceChannelRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")


class GetVoiceChannelResponse(Struct, kw_only=True, omit_defaults=True):
    voice_channel_response: VoiceChannelResponse = field(name="VoiceChannelResponse")


class GetVoiceTemplateRequest(Struct, kw_only=True, omit_defaults=True):
    template_name: str = field(default="", name="TemplateName")
    version: str | None = field(default=None, name="Version")


class GetVoiceTemplateResponse(Struct, kw_only=True, omit_defaults=True):
    voice_template_response: VoiceTemplateResponse = field(name="VoiceTemplateResponse")


class HoldoutActivity(Struct, kw_only=True, omit_defaults=True):
    next_activity: str | None = field(default=None, name="NextActivity")
    percentage: Integer = field(name="Percentage")


class ImportJobRequest(Struct, kw_only=True, omit_defaults=True):
    define_segment: bool | None = field(default=None, name="DefineSegment")
    external_id: str | None = field(default=None, name="ExternalId")
    format: Format = field(name="Format")
    register_endpoints: bool | None = field(default=None, name="RegisterEndpoints")
    role_arn: str = field(name="RoleArn")
    s3_url: str = field(name="S3Url")
    segment_id: str | None = field(default=None, name="SegmentId")
    segment_name: str | None = field(default=None, name="SegmentName")


class ImportJobResource(Struct, kw_only=True, omit_defaults=True):
    define_segment: bool | None = field(default=None, name="DefineSegment")
    external_id: str | None = field(default=None, name="ExternalId")
    format: Format = field(name="Format")
    register_endpoints: bool | None = field(default=None, name="RegisterEndpoints")
    role_arn: str = field(name="RoleArn")
    s3_url: str = field(name="S3Url")
    segment_id: str | None = field(default=None, name="SegmentId")
    segment_name: str | None = field(default=None, name="SegmentName")


class ImportJobResponse(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(name="ApplicationId")
    completed_pieces: Integer | None = field(default=None, name="CompletedPieces")
    completion_date: str | None = field(default=None, name="CompletionDate")
    creation_date: str = field(name="CreationDate")
    definition: ImportJobResource = field(name="Definition")
    failed_pieces: Integer | None = field(default=None, name="FailedPieces")
    failures: list[str] | None = field(default=None, name="Failures")
    id: str = field(name="Id")
    job_status: JobStatus = field(name="JobStatus")
    total_failures: Integer | None = field(default=None, name="TotalFailures")
    total_pieces: Integer | None = field(default=None, name="TotalPieces")
    total_processed: Integer | None = field(default=None, name="TotalProcessed")
    type: str = field(name="Type")


class ImportJobsResponse(Struct, kw_only=True, omit_defaults=True):
    item: list[ImportJobResponse] = field(name="Item")
    next_token: str | None = field(default=None, name="NextToken")


class InAppCampaignSchedule(Struct, kw_only=True, omit_defaults=True):
    end_date: str | None = field(default=None, name="EndDate")
    event_filter: CampaignEventFilter | None = field(default=None, name="EventFilter")
    quiet_time: QuietTime | None = field(default=None, name="QuietTime")


class InAppMessage(Struct, kw_only=True, omit_defaults=True):
    content: list[InAppMessageContent] | None = field(default=None, name="Content")
    custom_config: dict[str, str] | None = field(default=None, name="CustomConfig")
    layout: Layout | None = field(default=None, name="Layout")


class InAppMessageBodyConfig(Struct, kw_only=True, omit_defaults=True):
    alignment: Alignment = field(name="Alignment")
    body: str = field(name="Body")
    text_color: str = field(name="TextColor")


class InAppMessageButton(Struct, kw_only=True, omit_defaults=True):
    android: OverrideButtonConfiguration | None = field(default=None, name="Android")
    default_config: DefaultButtonConfiguration | None = field(default=None, name="DefaultConfig")
    ios: OverrideButtonConfiguration | None = field(default=None, name="IOS")
    web: OverrideButtonConfiguration | None = field(default=None, name="Web")


class InAppMessageCampaign(Struct, kw_only=True, omit_defaults=True):
    campaign_id: str | None = field(default=None, name="CampaignId")
    daily_cap: Integer | None = field(default=None, name="DailyCap")
    in_app_message: InAppMessage | None = field(default=None, name="InAppMessage")
    priority: Integer | None = field(default=None, name="Priority")
    schedule: InAppCampaignSchedule | None = field(default=None, name="Schedule")
    session_cap: Integer | None = field(default=None, name="SessionCap")
    total_cap: Integer | None = field(default=None, name="TotalCap")
    treatment_id: str | None = field(default=None, name="TreatmentId")


class InAppMessageContent(Struct, kw_only=True, omit_defaults=True):
    background_color: str | None = field(default=None, name="BackgroundColor")
    body_config: InAppMessageBodyConfig | None = field(default=None, name="BodyConfig")
    header_config: InAppMessageHeaderConfig | None = field(default=None, name="HeaderConfig")
    image_url: str | None = field(default=None, name="ImageUrl")
    primary_btn: InAppMessageButton | None = field(default=None, name="PrimaryBtn")
    secondary_btn: InAppMessageButton | None = field(default=None, name="SecondaryBtn")


class InAppMessageHeaderConfig(Struct, kw_only=True, omit_defaults=True):
    alignment: Alignment = field(name="Alignment")
    header: str = field(name="Header")
    text_color: str = field(name="TextColor")


class InAppMessagesResponse(Struct, kw_only=True, omit_defaults=True):
    in_app_message_campaigns: list[InAppMessageCampaign] | None = field(default=None, name="InAppMessageCampaigns")


class InAppTemplateRequest(Struct, kw_only=True, omit_defaults=True):
    content: list[InAppMessageContent] | None = field(default=None, name="Content")
    custom_config: dict[str, str] | None = field(default=None, name="CustomConfig")
    layout: Layout | None = field(default=None, name="Layout")
    tags: dict[str, str] | None = field(default=None, name="tags")
    template_description: str | None = field(default=None, name="TemplateDescription")
    variants: dict[str, InAppTemplateVariant] | None = field(default=None, name="Variants")


class InAppTemplateResponse(Struct, kw_only=True, omit_defaults=True):
    arn: str | None = field(default=None, name="Arn")
    content: list[InAppMessageContent] | None = field(default=None, name="Content")
    creation_date: str = field(name="CreationDate")
    custom_config: dict[str, str] | None = field(default=None, name="CustomConfig")
    last_modified_date: str = field(name="LastModifiedDate")
    layout: Layout | None = field(default=None, name="Layout")
    tags: dict[str, str] | None = field(default=None, name="tags")
    template_description: str | None = field(default=None, name="TemplateDescription")
    template_name: str = field(name="TemplateName")
    template_type: TemplateType = field(name="TemplateType")
    version: str | None = field(default=None, name="Version")
    variants: dict[str, InAppTemplateVariant] | None = field(default=None, name="Variants")


class InAppTemplateVariant(Struct, kw_only=True, omit_defaults=True):
    content: list[InAppMessageContent] | None = field(default=None, name="Content")
    custom_config: dict[str, str] | None = field(default=None, name="CustomConfig")
    layout: Layout | None = field(default=None, name="Layout")


class ItemResponse(Struct, kw_only=True, omit_defaults=True):
    endpoint_item_response: EndpointItemResponse | None = field(default=None, name="EndpointItemResponse")
    events_item_response: dict[str, EventItemResponse] | None = field(default=None, name="EventsItemResponse")


class JourneyChannelSettings(Struct, kw_only=True, omit_defaults=True):
    connect_campaign_arn: str | None = field(default=None, name="ConnectCampaignArn")
    connect_campaign_execution_role_arn: str | None = field(default=None, name="ConnectCampaignExecutionRoleArn")


class JourneyCustomMessage(Struct, kw_only=True, omit_defaults=True):
    data: str | None = field(default=None, name="Data")


class JourneyDateRangeKpiResponse(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(name="ApplicationId")
    end_time: Annotated[datetime, Meta(tz=True)] = field(name="EndTime")
    journey_id: str = field(name="JourneyId")
    kpi_name: str = field(name="KpiName")
    kpi_result: BaseKpiResult = field(name="KpiResult")
    next_token: str | None = field(default=None, name="NextToken")
    start_time: Annotated[datetime, Meta(tz=True)] = field(name="StartTime")


class JourneyEmailMessage(Struct, kw_only=True, omit_defaults=True):
    from_address: str | None = field(default=None, name="FromAddress")


class JourneyExecutionActivityMetricsResponse(Struct, kw_only=True, omit_defaults=True):
    activity_type: str = field(name="ActivityType")
    application_id: str = field(name="ApplicationId")
    journey_activity_id: str = field(name="JourneyActivityId")
    journey_id: str = field(name="JourneyId")
    last_evaluated_time: str = field(name="LastEvaluatedTime")
    metrics: dict[str, str] = field(name="Metrics")


class JourneyExecutionMetricsResponse(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(name="ApplicationId")
    journey_id: str = field(name="JourneyId")
    last_evaluated_time: str = field(name="LastEvaluatedTime")
    metrics: dict[str, str] = field(name="Metrics")


class JourneyExitCriteria(Struct, kw_only=True, omit_defaults=True):
    events: Annotated[list[EventFilter], Meta(max_length=5)] | None = field(default=None, name="Events")


class JourneyLimits(Struct, kw_only=True, omit_defaults=True):
    daily_cap: Integer | None = field(default=None, name="DailyCap")
    endpoint_reentry_cap: Integer | None = field(default=None, name="EndpointReentryCap")
    messages_per_second: Integer | None = field(default=None, name="MessagesPerSecond")
    endpoint_reentry_interval: str | None = field(default=None, name="EndpointReentryInterval")
    timeframe_cap: JourneyTimeframeCap | None = field(default=None, name="TimeframeCap")
    total_cap: Integer | None = field(default=None, name="TotalCap")
    maximum_participants: Integer | None = field(default=None, name="MaximumParticipants")


class JourneyPushMessage(Struct, kw_only=True, omit_defaults=True):
    time_to_live: str | None = field(default=None, name="TimeToLive")


class JourneyResponse(Struct, kw_only=True, omit_defaults=True):
    activities: dict[str, Activity] | None = field(default=None, name="Activities")
    application_id: str = field(name="ApplicationId")
    creation_date: str | None = field(default=None, name="CreationDate")
    id: str = field(name="Id")
    last_modified_date: str | None = field(default=None, name="LastModifiedDate")
    limits: JourneyLimits | None = field(default=None, name="Limits")
    local_time: bool | None = field(default=None, name="LocalTime")
    name: str = field(name="Name")
    quiet_time: QuietTime | None = field(default=None, name="QuietTime")
    refresh_frequency: str | None = field(default=None, name="RefreshFrequency")
    schedule: JourneySchedule | None = field(default=None, name="Schedule")
    start_activity: str | None = field(default=None, name="StartActivity")
    start_condition: StartCondition | None = field(default=None, name="StartCondition")
    state: State | None = field(default=None, name="State")
    tags: dict[str, str] | None = field(default=None, name="tags")
    wait_for_quiet_time: bool | None = field(default=None, name="WaitForQuietTime")
    refresh_on_segment_update: bool | None = field(default=None, name="RefreshOnSegmentUpdate")
    journey_channel_settings: JourneyChannelSettings | None = field(default=None, name="JourneyChannelSettings")
    sending_schedule: bool | None = field(default=None, name="SendingSchedule")
    open_hours: OpenHours | None = field(default=None, name="OpenHours")
    closed_days: ClosedDays | None = field(default=None, name="ClosedDays")
    timezone_estimation_methods: list[__TimezoneEstimationMethodsElement] | None = field(default=None, name="TimezoneEstimationMethods")
    exit_criteria: JourneyExitCriteria | None = field(default=None, name="ExitCriteria")
    version: Integer | None = field(default=None, name="Version")


class JourneyRunExecutionActivityMetricsResponse(Struct, kw_only=True, omit_defaults=True):
    activity_type: str = field(name="ActivityType")
    application_id: str = field(name="ApplicationId")
    journey_activity_id: str = field(name="JourneyActivityId")
    journey_id: str = field(name="JourneyId")
    last_evaluated_time: str = field(name="LastEvaluatedTime")
    metrics: dict[str, str] = field(name="Metrics")
    run_id: str = field(name="RunId")


class JourneyRunExecutionMetricsResponse(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(name="ApplicationId")
    journey_id: str = field(name="JourneyId")
    last_evaluated_time: str = field(name="LastEvaluatedTime")
    metrics: dict[str, str] = field(name="Metrics")
    run_id: str = field(name="RunId")


class JourneyRunResponse(Struct, kw_only=True, omit_defaults=True):
    creation_time: str = field(name="CreationTime")
    last_update_time: str = field(name="LastUpdateTime")
    run_id: str = field(name="RunId")
    status: JourneyRunStatus = field(name="Status")


class JourneyRunsResponse(Struct, kw_only=True, omit_defaults=True):
    item: list[JourneyRunResponse] = field(name="Item")
    next_token: str | None = field(default=None, name="NextToken")


class JourneySMSMessage(Struct, kw_only=True, omit_defaults=True):
    message_type: MessageType | None = field(default=None, name="MessageType")
    origination_number: str | None = field(default=None, name="OriginationNumber")
    sender_id: str | None = field(default=None, name="SenderId")
    entity_id: str | None = field(default=None, name="EntityId")
    template_id: str | None = field(default=None, name="TemplateId")


class JourneySchedule(Struct, kw_only=True, omit_defaults=True):
    end_time: Annotated[datetime, Meta(tz=True)] | None = field(default=None, name="EndTime")
    start_time: Annotated[datetime, Meta(tz=True)] | None = field(default=None, name="StartTime")
    timezone: str | None = field(default=None, name="Timezone")


class JourneyStateRequest(Struct, kw_only=True, omit_defaults=True):
    state: State | None = field(default=None, name="State")


class JourneyTimeframeCap(Struct, kw_only=True, omit_defaults=True):
    cap: Integer | None = field(default=None, name="Cap")
    days: Integer | None = field(default=None, name="Days")


class JourneysResponse(Struct, kw_only=True, omit_defaults=True):
    item: list[JourneyResponse] = field(name="Item")
    next_token: str | None = field(default=None, name="NextToken")


class ListJourneysRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    page_size: str | None = field(default=None, name="PageSize")
    token: str | None = field(default=None, name="Token")


class ListJourneysResponse(Struct, kw_only=True, omit_defaults=True):
    journeys_response: JourneysResponse = field(name="JourneysResponse")


class ListRecommenderConfigurationsResponse(Struct, kw_only=True, omit_defaults=True):
    item: list[RecommenderConfigurationResponse] = field(name="Item")
    next_token: str | None = field(default=None, name="NextToken")


class ListTagsForResourceRequest(Struct, kw_only=True, omit_defaults=True):
    resource_arn: str = field(default="", name="ResourceArn")


class ListTagsForResourceResponse(Struct, kw_only=True, omit_defaults=True):
    tags_model: TagsModel = field(name="TagsModel")


class ListTemplateVersionsRequest(Struct, kw_only=True, omit_defaults=True):
    next_token: str | None = field(default=None, name="NextToken")
    page_size: str | None = field(default=None, name="PageSize")
    template_name: str = field(default="", name="TemplateName")
    template_type: str = field(default="", name="TemplateType")


class ListTemplateVersionsResponse(Struct, kw_only=True, omit_defaults=True):
    template_versions_response: TemplateVersionsResponse = field(name="TemplateVersionsResponse")


class ListTemplatesRequest(Struct, kw_only=True, omit_defaults=True):
    next_token: str | None = field(default=None, name="NextToken")
    page_size: str | None = field(default=None, name="PageSize")
    prefix: str | None = field(default=None, name="Prefix")
    template_type: str | None = field(default=None, name="TemplateType")


class ListTemplatesResponse(Struct, kw_only=True, omit_defaults=True):
    templates_response: TemplatesResponse = field(name="TemplatesResponse")


class Message(Struct, kw_only=True, omit_defaults=True):
    action: Action | None = field(default=None, name="Action")
    body: str | None = field(default=None, name="Body")
    image_icon_url: str | None = field(default=None, name="ImageIconUrl")
    image_small_icon_url: str | None = field(default=None, name="ImageSmallIconUrl")
    image_url: str | None = field(default=None, name="ImageUrl")
    json_body: str | None = field(default=None, name="JsonBody")
    media_url: str | None = field(default=None, name="MediaUrl")
    raw_content: str | None = field(default=None, name="RawContent")
    silent_push: bool | None = field(default=None, name="SilentPush")
    time_to_live: Integer | None = field(default=None, name="TimeToLive")
    title: str | None = field(default=None, name="Title")
    url: str | None = field(default=None, name="Url")


class MessageBody(Struct, kw_only=True, omit_defaults=True):
    message: str | None = field(default=None, name="Message")
    request_id: str | None = field(default=None, name="RequestID")


class MessageConfiguration(Struct, kw_only=True, omit_defaults=True):
    adm_message: Message | None = field(default=None, name="ADMMessage")
    apns_message: Message | None = field(default=None, name="APNSMessage")
    baidu_message: Message | None = field(default=None, name="BaiduMessage")
    custom_message: CampaignCustomMessage | None = field(default=None, name="CustomMessage")
    default_message: Message | None = field(default=None, name="DefaultMessage")
    email_message: CampaignEmailMessage | None = field(default=None, name="EmailMessage")
    gcm_message: Message | None = field(default=None, name="GCMMessage")
    sms_message: CampaignSmsMessage | None = field(default=None, name="SMSMessage")
    in_app_message: CampaignInAppMessage | None = field(default=None, name="InAppMessage")


class MessageHeader(Struct, kw_only=True, omit_defaults=True):
    name: str | None = field(default=None, name="Name")
    value: str | None = field(default=None, name="Value")


class MessageRequest(Struct, kw_only=True, omit_defaults=True):
    addresses: dict[str, AddressConfiguration] | None = field(default=None, name="Addresses")
    context: dict[str, str] | None = field(default=None, name="Context")
    endpoints: dict[str, EndpointSendConfiguration] | None = field(default=None, name="Endpoints")
    message_configuration: DirectMessageConfiguration = field(name="MessageConfiguration")
    template_configuration: TemplateConfiguration | None = field(default=None, name="TemplateConfiguration")
    trace_id: str | None = field(default=None, name="TraceId")
    idempotency_token: str | None = field(default=None, name="IdempotencyToken")


class MessageResponse(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(name="ApplicationId")
    endpoint_result: dict[str, EndpointMessageResult] | None = field(default=None, name="EndpointResult")
    request_id: str | None = field(default=None, name="RequestId")
    result: dict[str, MessageResult] | None = field(default=None, name="Result")


class MessageResult(Struct, kw_only=True, omit_defaults=True):
    delivery_status: DeliveryStatus = field(name="DeliveryStatus")
    message_id: str | None = field(default=None, name="MessageId")
    status_code: Integer = field(name="StatusCode")
    status_message: str | None = field(default=None, name="StatusMessage")
    updated_token: str | None = field(default=None, name="UpdatedToken")


class MetricDimension(Struct, kw_only=True, omit_defaults=True):
    comparison_operator: str = field(name="ComparisonOperator")
    value: float = field(name="Value")


class MultiConditionalBranch(Struct, kw_only=True, omit_defaults=True):
    condition: SimpleCondition | None = field(default=None, name="Condition")
    next_activity: str | None = field(default=None, name="NextActivity")


class MultiConditionalSplitActivity(Struct, kw_only=True, omit_defaults=True):
    branches: list[MultiConditionalBranch] | None = field(default=None, name="Branches")
    default_activity: str | None = field(default=None, name="DefaultActivity")
    evaluation_wait_time: WaitTime | None = field(default=None, name="EvaluationWaitTime")


class NumberValidateRequest(Struct, kw_only=True, omit_defaults=True):
    iso_country_code: str | None = field(default=None, name="IsoCountryCode")
    phone_number: str | None = field(default=None, name="PhoneNumber")


class NumberValidateResponse(Struct, kw_only=True, omit_defaults=True):
    carrier: str | None = field(default=None, name="Carrier")
    city: str | None = field(default=None, name="City")
    cleansed_phone_number_e164: str | None = field(default=None, name="CleansedPhoneNumberE164")
    cleansed_phone_number_national: str | None = field(default=None, name="CleansedPhoneNumberNational")
    country: str | None = field(default=None, name="Country")
    country_code_iso2: str | None = field(default=None, name="CountryCodeIso2")
    country_code_numeric: str | None = field(default=None, name="CountryCodeNumeric")
    county: str | None = field(default=None, name="County")
    original_country_code_iso2: str | None = field(default=None, name="OriginalCountryCodeIso2")
    original_phone_number: str | None = field(default=None, name="OriginalPhoneNumber")
    phone_type: str | None = field(default=None, name="PhoneType")
    phone_type_code: Integer | None = field(default=None, name="PhoneTypeCode")
    timezone: str | None = field(default=None, name="Timezone")
    zip_code: str | None = field(default=None, name="ZipCode")


class OpenHours(Struct, kw_only=True, omit_defaults=True):
    email: dict[str, list[OpenHoursRule]] | None = field(default=None, name="EMAIL")
    sms: dict[str, list[OpenHoursRule]] | None = field(default=None, name="SMS")
    push: dict[str, list[OpenHoursRule]] | None = field(default=None, name="PUSH")
    voice: dict[str, list[OpenHoursRule]] | None = field(default=None, name="VOICE")
    custom: dict[str, list[OpenHoursRule]] | None = field(default=None, name="CUSTOM")


class OpenHoursRule(Struct, kw_only=True, omit_defaults=True):
    start_time: str | None = field(default=None, name="StartTime")
    end_time: str | None = field(default=None, name="EndTime")


class OverrideButtonConfiguration(Struct, kw_only=True, omit_defaults=True):
    button_action: ButtonAction = field(name="ButtonAction")
    link: str | None = field(default=None, name="Link")


class PhoneNumberValidateRequest(Struct, kw_only=True, omit_defaults=True):
    number_validate_request: NumberValidateRequest = field(name="NumberValidateRequest")


class PhoneNumberValidateResponse(Struct, kw_only=True, omit_defaults=True):
    number_validate_response: NumberValidateResponse = field(name="NumberValidateResponse")


class PublicEndpoint(Struct, kw_only=True, omit_defaults=True):
    address: str | None = field(default=None, name="Address")
    attributes: dict[str, AttributeValues | None] | None = field(default=None, name="Attributes")
    channel_type: ChannelType | None = field(default=None, name="ChannelType")
    demographic: EndpointDemographic | None = field(default=None, name="Demographic")
    effective_date: str | None = field(default=None, name="EffectiveDate")
    endpoint_status: str | None = field(default=None, name="EndpointStatus")
    location: EndpointLocation | None = field(default=None, name="Location")
    metrics: dict[str, float | None] | None = field(default=None, name="Metrics")
    opt_out: str | None = field(default=None, name="OptOut")
    request_id: str | None = field(default=None, name="RequestId")
    user: EndpointUser | None = field(default=None, name="User")


class PushMessageActivity(Struct, kw_only=True, omit_defaults=True):
    message_config: JourneyPushMessage | None = field(default=None, name="MessageConfig")
    next_activity: str | None = field(default=None, name="NextActivity")
    template_name: str | None = field(default=None, name="TemplateName")
    template_version: str | None = field(default=None, name="TemplateVersion")


class PushNotificationTemplateRequest(Struct, kw_only=True, omit_defaults=True):
    adm: AndroidPushNotificationTemplate | None = field(default=None, name="ADM")
    apns: APNSPushNotificationTemplate | None = field(default=None, name="APNS")
    baidu: AndroidPushNotificationTemplate | None = field(default=None, name="Baidu")
    default: DefaultPushNotificationTemplate | None = field(default=None, name="Default")
    default_substitutions: str | None = field(default=None, name="DefaultSubstitutions")
    gcm: AndroidPushNotificationTemplate | None = field(default=None, name="GCM")
    recommender_id: str | None = field(default=None, name="RecommenderId")
    tags: dict[str, str] | None = field(default=None, name="tags")
    template_description: str | None = field(default=None, name="TemplateDescription")
    variants: dict[str, PushTemplateVariant] | None = field(default=None, name="Variants")


class PushNotificationTemplateResponse(Struct, kw_only=True, omit_defaults=True):
    adm: AndroidPushNotificationTemplate | None = field(default=None, name="ADM")
    apns: APNSPushNotificationTemplate | None = field(default=None, name="APNS")
    arn: str | None = field(default=None, name="Arn")
    baidu: AndroidPushNotificationTemplate | None = field(default=None, name="Baidu")
    creation_date: str = field(name="CreationDate")
    default: DefaultPushNotificationTemplate | None = field(default=None, name="Default")
    default_substitutions: str | None = field(default=None, name="DefaultSubstitutions")
    gcm: AndroidPushNotificationTemplate | None = field(default=None, name="GCM")
    last_modified_date: str = field(name="LastModifiedDate")
    recommender_id: str | None = field(default=None, name="RecommenderId")
    tags: dict[str, str] | None = field(default=None, name="tags")
    template_description: str | None = field(default=None, name="TemplateDescription")
    template_name: str = field(name="TemplateName")
    template_type: TemplateType = field(name="TemplateType")
    version: str | None = field(default=None, name="Version")
    variants: dict[str, PushTemplateVariant] | None = field(default=None, name="Variants")


class PushTemplateVariant(Struct, kw_only=True, omit_defaults=True):
    adm: AndroidPushNotificationTemplate | None = field(default=None, name="ADM")
    apns: APNSPushNotificationTemplate | None = field(default=None, name="APNS")
    baidu: AndroidPushNotificationTemplate | None = field(default=None, name="Baidu")
    default: DefaultPushNotificationTemplate | None = field(default=None, name="Default")
    gcm: AndroidPushNotificationTemplate | None = field(default=None, name="GCM")


class PutEventStreamRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    write_event_stream: WriteEventStream = field(name="WriteEventStream")


class PutEventStreamResponse(Struct, kw_only=True, omit_defaults=True):
    event_stream: EventStream = field(name="EventStream")


class PutEventsRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    events_request: EventsRequest = field(name="EventsRequest")


class PutEventsResponse(Struct, kw_only=True, omit_defaults=True):
    events_response: EventsResponse = field(name="EventsResponse")


class QuietTime(Struct, kw_only=True, omit_defaults=True):
    end: str | None = field(default=None, name="End")
    start: str | None = field(default=None, name="Start")


class RandomSplitActivity(Struct, kw_only=True, omit_defaults=True):
    branches: list[RandomSplitEntry] | None = field(default=None, name="Branches")


class RandomSplitEntry(Struct, kw_only=True, omit_defaults=True):
    next_activity: str | None = field(default=None, name="NextActivity")
    percentage: Integer | None = field(default=None, name="Percentage")


class RawEmail(Struct, kw_only=True, omit_defaults=True):
    data: bytes | None = field(default=None, name="Data")


class RecencyDimension(Struct, kw_only=True, omit_defaults=True):
    duration: Duration = field(name="Duration")
    recency_type: RecencyType = field(name="RecencyType")


class RecommenderConfigurationResponse(Struct, kw_only=True, omit_defaults=True):
    attributes: dict[str, str] | None = field(default=None, name="Attributes")
    creation_date: str = field(name="CreationDate")
    description: str | None = field(default=None, name="Description")
    id: str = field(name="Id")
    last_modified_date: str = field(name="LastModifiedDate")
    name: str | None = field(default=None, name="Name")
    recommendation_provider_id_type: str | None = field(default=None, name="RecommendationProviderIdType")
    recommendation_provider_role_arn: str = field(name="RecommendationProviderRoleArn")
    recommendation_provider_uri: str = field(name="RecommendationProviderUri")
    recommendation_transformer_uri: str | None = field(default=None, name="RecommendationTransformerUri")
    recommendations_display_name: str | None = field(default=None, name="RecommendationsDisplayName")
    recommendations_per_message: Integer | None = field(default=None, name="RecommendationsPerMessage")


class RemoveAttributesRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    attribute_type: str = field(default="", name="AttributeType")
    update_attributes_request: UpdateAttributesRequest = field(name="UpdateAttributesRequest")


class RemoveAttributesResponse(Struct, kw_only=True, omit_defaults=True):
    attributes_resource: AttributesResource = field(name="AttributesResource")


class ResultRow(Struct, kw_only=True, omit_defaults=True):
    grouped_bys: list[ResultRowValue] = field(name="GroupedBys")
    values: list[ResultRowValue] = field(name="Values")


class ResultRowValue(Struct, kw_only=True, omit_defaults=True):
    key: str = field(name="Key")
    type: str = field(name="Type")
    value: str = field(name="Value")


class SMSChannelRequest(Struct, kw_only=True, omit_defaults=True):
    enabled: bool | None = field(default=None, name="Enabled")
    sender_id: str | None = field(default=None, name="SenderId")
    short_code: str | None = field(default=None, name="ShortCode")


class SMSChannelResponse(Struct, kw_only=True, omit_defaults=True):
    application_id: str | None = field(default=None, name="ApplicationId")
    creation_date: str | None = field(default=None, name="CreationDate")
    enabled: bool | None = field(default=None, name="Enabled")
    has_credential: bool | None = field(default=None, name="HasCredential")
    id: str | None = field(default=None, name="Id")
    is_archived: bool | None = field(default=None, name="IsArchived")
    last_modified_by: str | None = field(default=None, name="LastModifiedBy")
    last_modified_date: str | None = field(default=None, name="LastModifiedDate")
    platform: str = field(name="Platform")
    promotional_messages_per_second: Integer | None = field(default=None, name="PromotionalMessagesPerSecond")
    sender_id: str | None = field(default=None, name="SenderId")
    short_code: str | None = field(default=None, name="ShortCode")
    transactional_messages_per_second: Integer | None = field(default=None, name="TransactionalMessagesPerSecond")
    version: Integer | None = field(default=None, name="Version")


class SMSMessage(Struct, kw_only=True, omit_defaults=True):
    body: str | None = field(default=None, name="Body")
    keyword: str | None = field(default=None, name="Keyword")
    media_url: str | None = field(default=None, name="MediaUrl")
    message_type: MessageType | None = field(default=None, name="MessageType")
    origination_number: str | None = field(default=None, name="OriginationNumber")
    sender_id: str | None = field(default=None, name="SenderId")
    substitutions: dict[str, list[str]] | None = field(default=None, name="Substitutions")
    entity_id: str | None = field(default=None, name="EntityId")
    template_id: str | None = field(default=None, name="TemplateId")


class SMSMessageActivity(Struct, kw_only=True, omit_defaults=True):
    message_config: JourneySMSMessage | None = field(default=None, name="MessageConfig")
    next_activity: str | None = field(default=None, name="NextActivity")
    template_name: str | None = field(default=None, name="TemplateName")
    template_version: str | None = field(default=None, name="TemplateVersion")


class SMSTemplateRequest(Struct, kw_only=True, omit_defaults=True):
    body: str | None = field(default=None, name="Body")
    default_substitutions: str | None = field(default=None, name="DefaultSubstitutions")
    recommender_id: str | None = field(default=None, name="RecommenderId")
    tags: dict[str, str] | None = field(default=None, name="tags")
    template_description: str | None = field(default=None, name="TemplateDescription")
    variants: dict[str, SMSTemplateVariant] | None = field(default=None, name="Variants")


class SMSTemplateResponse(Struct, kw_only=True, omit_defaults=True):
    arn: str | None = field(default=None, name="Arn")
    body: str | None = field(default=None, name="Body")
    creation_date: str = field(name="CreationDate")
    default_substitutions: str | None = field(default=None, name="DefaultSubstitutions")
    last_modified_date: str = field(name="LastModifiedDate")
    recommender_id: str | None = field(default=None, name="RecommenderId")
    tags: dict[str, str] | None = field(default=None, name="tags")
    template_description: str | None = field(default=None, name="TemplateDescription")
    template_name: str = field(name="TemplateName")
    template_type: TemplateType = field(name="TemplateType")
    version: str | None = field(default=None, name="Version")
    variants: dict[str, SMSTemplateVariant] | None = field(default=None, name="Variants")


class SMSTemplateVariant(Struct, kw_only=True, omit_defaults=True):
    body: str | None = field(default=None, name="Body")


class Schedule(Struct, kw_only=True, omit_defaults=True):
    end_time: str | None = field(default=None, name="EndTime")
    event_filter: CampaignEventFilter | None = field(default=None, name="EventFilter")
    frequency: Frequency | None = field(default=None, name="Frequency")
    is_local_time: bool | None = field(default=None, name="IsLocalTime")
    quiet_time: QuietTime | None = field(default=None, name="QuietTime")
    start_time: str = field(name="StartTime")
    timezone: str | None = field(default=None, name="Timezone")


class SegmentBehaviors(Struct, kw_only=True, omit_defaults=True):
    recency: RecencyDimension | None = field(default=None, name="Recency")
    events: Annotated[list[SegmentEventDimension], Meta(max_length=20)] | None = field(default=None, name="Events")


class SegmentCondition(Struct, kw_only=True, omit_defaults=True):
    segment_id: str = field(name="SegmentId")


class SegmentDemographics(Struct, kw_only=True, omit_defaults=True):
    app_version: SetDimension | None = field(default=None, name="AppVersion")
    channel: SetDimension | None = field(default=None, name="Channel")
    device_type: SetDimension | None = field(default=None, name="DeviceType")
    make: SetDimension | None = field(default=None, name="Make")
    model: SetDimension | None = field(default=None, name="Model")
    platform: SetDimension | None = field(default=None, name="Platform")


class SegmentDimensions(Struct, kw_only=True, omit_defaults=True):
    attributes: dict[str, AttributeDimension] | None = field(default=None, name="Attributes")
    behavior: SegmentBehaviors | None = field(default=None, name="Behavior")
    demographic: SegmentDemographics | None = field(default=None, name="Demographic")
    location: SegmentLocation | None = field(default=None, name="Location")
    metrics: dict[str, MetricDimension] | None = field(default=None, name="Metrics")
    user_attributes: dict[str, AttributeDimension] | None = field(default=None, name="UserAttributes")


class SegmentEventDimension(Struct, kw_only=True, omit_defaults=True):
    event_type: Annotated[str, Meta(min_length=1, max_length=100)] = field(name="EventType")
    dimension_type: DimensionType | None = field(default=None, name="DimensionType")
    minimum_count: Annotated[int, Meta(ge=1, le=1000000)] | None = field(default=None, name="MinimumCount")
    maximum_count: Annotated[int, Meta(ge=1, le=1000000)] | None = field(default=None, name="MaximumCount")
    days: Annotated[int, Meta(ge=1, le=90)] = field(name="Days")
    attributes: dict[str, AttributeDimension] | None = field(default=None, name="Attributes")
    metrics: dict[str, MetricDimension] | None = field(default=None, name="Metrics")


class SegmentGroup(Struct, kw_only=True, omit_defaults=True):
    dimensions: list[SegmentDimensions] | None = field(default=None, name="Dimensions")
    source_segments: list[SegmentReference] | None = field(default=None, name="SourceSegments")
    source_type: SourceType | None = field(default=None, name="SourceType")
    type: Type | None = field(default=None, name="Type")


class SegmentGroupList(Struct, kw_only=True, omit_defaults=True):
    groups: list[SegmentGroup] | None = field(default=None, name="Groups")
    include: Include | None = field(default=None, name="Include")


class SegmentImportResource(Struct, kw_only=True, omit_defaults=True):
    channel_counts: dict[str, Integer] | None = field(default=None, name="ChannelCounts")
    external_id: str = field(name="ExternalId")
    format: Format = field(name="Format")
    role_arn: str = field(name="RoleArn")
    s3_url: str = field(name="S3Url")
    size: Integer = field(name="Size")


class SegmentLocation(Struct, kw_only=True, omit_defaults=True):
    country: SetDimension | None = field(default=None, name="Country")
    gps_point: GPSPointDimension | None = field(default=None, name="GPSPoint")


class SegmentReference(Struct, kw_only=True, omit_defaults=True):
    id: str = field(name="Id")
    version: Integer | None = field(default=None, name="Version")


class SegmentResponse(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(name="ApplicationId")
    arn: str = field(name="Arn")
    creation_date: str = field(name="CreationDate")
    dimensions: SegmentDimensions | None = field(default=None, name="Dimensions")
    id: str = field(name="Id")
    import_definition: SegmentImportResource | None = field(default=None, name="ImportDefinition")
    last_modified_date: str | None = field(default=None, name="LastModifiedDate")
    name: str | None = field(default=None, name="Name")
    segment_groups: SegmentGroupList | None = field(default=None, name="SegmentGroups")
    segment_type: SegmentType = field(name="SegmentType")
    tags: dict[str, str] | None = field(default=None, name="tags")
    version: Integer | None = field(default=None, name="Version")


class SegmentsResponse(Struct, kw_only=True, omit_defaults=True):
    item: list[SegmentResponse] = field(name="Item")
    next_token: str | None = field(default=None, name="NextToken")


class SendMessagesRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    message_request: MessageRequest = field(name="MessageRequest")


class SendMessagesResponse(Struct, kw_only=True, omit_defaults=True):
    message_response: MessageResponse = field(name="MessageResponse")


class SendOTPMessageRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    send_otp_message_request_parameters: SendOTPMessageRequestParameters = field(name="SendOTPMessageRequestParameters")


class SendOTPMessageRequestParameters(Struct, kw_only=True, omit_defaults=True):
    allowed_attempts: Integer | None = field(default=None, name="AllowedAttempts")
    brand_name: str = field(name="BrandName")
    channel: str = field(name="Channel")
    code_length: Integer | None = field(default=None, name="CodeLength")
    destination_identity: str = field(name="DestinationIdentity")
    entity_id: str | None = field(default=None, name="EntityId")
    language: str | None = field(default=None, name="Language")
    origination_identity: str = field(name="OriginationIdentity")
    reference_id: str = field(name="ReferenceId")
    template_id: str | None = field(default=None, name="TemplateId")
    validity_period: Integer | None = field(default=None, name="ValidityPeriod")


class SendOTPMessageResponse(Struct, kw_only=True, omit_defaults=True):
    message_response: MessageResponse = field(name="MessageResponse")


class SendUsersMessageRequest(Struct, kw_only=True, omit_defaults=True):
    context: dict[str, str] | None = field(default=None, name="Context")
    message_configuration: DirectMessageConfiguration = field(name="MessageConfiguration")
    template_configuration: TemplateConfiguration | None = field(default=None, name="TemplateConfiguration")
    trace_id: str | None = field(default=None, name="TraceId")
    users: dict[str, EndpointSendConfiguration] = field(name="Users")
    idempotency_token: str | None = field(default=None, name="IdempotencyToken")


class SendUsersMessageResponse(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(name="ApplicationId")
    request_id: str | None = field(default=None, name="RequestId")
    result: dict[str, dict[str, EndpointMessageResult]] | None = field(default=None, name="Result")


class SendUsersMessagesRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    send_users_message_request: SendUsersMessageRequest = field(name="SendUsersMessageRequest")


class SendUsersMessagesResponse(Struct, kw_only=True, omit_defaults=True):
    send_users_message_response: SendUsersMessageResponse = field(name="SendUsersMessageResponse")


class Session(Struct, kw_only=True, omit_defaults=True):
    duration: Integer | None = field(default=None, name="Duration")
    id: str = field(name="Id")
    start_timestamp: str = field(name="StartTimestamp")
    stop_timestamp: str | None = field(default=None, name="StopTimestamp")


class SetDimension(Struct, kw_only=True, omit_defaults=True):
    dimension_type: DimensionType | None = field(default=None, name="DimensionType")
    values: list[str] = field(name="Values")


class SimpleCondition(Struct, kw_only=True, omit_defaults=True):
    event_condition: EventCondition | None = field(default=None, name="EventCondition")
    segment_condition: SegmentCondition | None = field(default=None, name="SegmentCondition")
    segment_dimensions: SegmentDimensions | None = field(default=None, name="segmentDimensions")


class SimpleEmail(Struct, kw_only=True, omit_defaults=True):
    html_part: SimpleEmailPart | None = field(default=None, name="HtmlPart")
    subject: SimpleEmailPart | None = field(default=None, name="Subject")
    text_part: SimpleEmailPart | None = field(default=None, name="TextPart")
    headers: list[MessageHeader] | None = field(default=None, name="Headers")


class SimpleEmailPart(Struct, kw_only=True, omit_defaults=True):
    charset: str | None = field(default=None, name="Charset")
    data: str | None = field(default=None, name="Data")


class StartCondition(Struct, kw_only=True, omit_defaults=True):
    description: str | None = field(default=None, name="Description")
    event_start_condition: EventStartCondition | None = field(default=None, name="EventStartCondition")
    segment_start_condition: SegmentCondition | None = field(default=None, name="SegmentStartCondition")


class TagResourceRequest(Struct, kw_only=True, omit_defaults=True):
    resource_arn: str = field(default="", name="ResourceArn")
    tags_model: TagsModel = field(name="TagsModel")


class TagsModel(Struct, kw_only=True, omit_defaults=True):
    tags: dict[str, str] = field(name="tags")


class Template(Struct, kw_only=True, omit_defaults=True):
    name: str | None = field(default=None, name="Name")
    version: str | None = field(default=None, name="Version")


class TemplateActiveVersionRequest(Struct, kw_only=True, omit_defaults=True):
    version: str | None = field(default=None, name="Version")


class TemplateConfiguration(Struct, kw_only=True, omit_defaults=True):
    email_template: Template | None = field(default=None, name="EmailTemplate")
    push_template: Template | None = field(default=None, name="PushTemplate")
    sms_template: Template | None = field(default=None, name="SMSTemplate")
    voice_template: Template | None = field(default=None, name="VoiceTemplate")
    in_app_template: Template | None = field(default=None, name="InAppTemplate")


class TemplateCreateMessageBody(Struct, kw_only=True, omit_defaults=True):
    arn: str | None = field(default=None, name="Arn")
    message: str | None = field(default=None, name="Message")
    request_id: str | None = field(default=None, name="RequestID")


class TemplateResponse(Struct, kw_only=True, omit_defaults=True):
    arn: str | None = field(default=None, name="Arn")
    creation_date: str = field(name="CreationDate")
    default_substitutions: str | None = field(default=None, name="DefaultSubstitutions")
    last_modified_date: str = field(name="LastModifiedDate")
    tags: dict[str, str] | None = field(default=None, name="tags")
    template_description: str | None = field(default=None, name="TemplateDescription")
    template_name: str = field(name="TemplateName")
    template_type: TemplateType = field(name="TemplateType")
    version: str | None = field(default=None, name="Version")


class TemplateVersionResponse(Struct, kw_only=True, omit_defaults=True):
    creation_date: str = field(name="CreationDate")
    default_substitutions: str | None = field(default=None, name="DefaultSubstitutions")
    last_modified_date: str = field(name="LastModifiedDate")
    template_description: str | None = field(default=None, name="TemplateDescription")
    template_name: str = field(name="TemplateName")
    template_type: str = field(name="TemplateType")
    version: str | None = field(default=None, name="Version")


class TemplateVersionsResponse(Struct, kw_only=True, omit_defaults=True):
    item: list[TemplateVersionResponse] = field(name="Item")
    message: str | None = field(default=None, name="Message")
    next_token: str | None = field(default=None, name="NextToken")
    request_id: str | None = field(default=None, name="RequestID")


class TemplatesResponse(Struct, kw_only=True, omit_defaults=True):
    item: list[TemplateResponse] = field(name="Item")
    next_token: str | None = field(default=None, name="NextToken")


class TreatmentResource(Struct, kw_only=True, omit_defaults=True):
    custom_delivery_configuration: CustomDeliveryConfiguration | None = field(default=None, name="CustomDeliveryConfiguration")
    id: str = field(name="Id")
    message_configuration: MessageConfiguration | None = field(default=None, name="MessageConfiguration")
    schedule: Schedule | None = field(default=None, name="Schedule")
    size_percent: Integer = field(name="SizePercent")
    state: CampaignState | None = field(default=None, name="State")
    template_configuration: TemplateConfiguration | None = field(default=None, name="TemplateConfiguration")
    treatment_description: str | None = field(default=None, name="TreatmentDescription")
    treatment_name: str | None = field(default=None, name="TreatmentName")


class UntagResourceRequest(Struct, kw_only=True, omit_defaults=True):
    resource_arn: str = field(default="", name="ResourceArn")
    tag_keys: list[str] | None = field(default=None, name="TagKeys")


class UpdateAdmChannelRequest(Struct, kw_only=True, omit_defaults=True):
    adm_channel_request: ADMChannelRequest = field(name="ADMChannelRequest")
    application_id: str = field(default="", name="ApplicationId")


class UpdateAdmChannelResponse(Struct, kw_only=True, omit_defaults=True):
    adm_channel_response: ADMChannelResponse = field(name="ADMChannelResponse")


class UpdateApnsChannelRequest(Struct, kw_only=True, omit_defaults=True):
    apns_channel_request: APNSChannelRequest = field(name="APNSChannelRequest")
    application_id: str = field(default="", name="ApplicationId")


class UpdateApnsChannelResponse(Struct, kw_only=True, omit_defaults=True):
    apns_channel_response: APNSChannelResponse = field(name="APNSChannelResponse")


class UpdateApnsSandboxChannelRequest(Struct, kw_only=True, omit_defaults=True):
    apns_sandbox_channel_request: APNSSandboxChannelRequest = field(name="APNSSandboxChannelRequest")
    application_id: str = field(default="", name="ApplicationId")


class UpdateApnsSandboxChannelResponse(Struct, kw_only=True, omit_defaults=True):
    apns_sandbox_channel_response: APNSSandboxChannelResponse = field(name="APNSSandboxChannelResponse")


class UpdateApnsVoipChannelRequest(Struct, kw_only=True, omit_defaults=True):
    apns_voip_channel_request: APNSVoipChannelRequest = field(name="APNSVoipChannelRequest")
    application_id: str = field(default="", name="ApplicationId")


class UpdateApnsVoipChannelResponse(Struct, kw_only=True, omit_defaults=True):
    apns_voip_channel_response: APNSVoipChannelResponse = field(name="APNSVoipChannelResponse")


class UpdateApnsVoipSandboxChannelRequest(Struct, kw_only=True, omit_defaults=True):
    apns_voip_sandbox_channel_request: APNSVoipSandboxChannelRequest = field(name="APNSVoipSandboxChannelRequest")
    application_id: str = field(default="", name="ApplicationId")


class UpdateApnsVoipSandboxChannelResponse(Struct, kw_only=True, omit_defaults=True):
    apns_voip_sandbox_channel_response: APNSVoipSandboxChannelResponse = field(name="APNSVoipSandboxChannelResponse")


class UpdateApplicationSettingsRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    write_application_settings_request: WriteApplicationSettingsRequest = field(name="WriteApplicationSettingsRequest")


class UpdateApplicationSettingsResponse(Struct, kw_only=True, omit_defaults=True):
    application_settings_resource: ApplicationSettingsResource = field(name="ApplicationSettingsResource")


class UpdateAttributesRequest(Struct, kw_only=True, omit_defaults=True):
    blacklist: list[str] | None = field(default=None, name="Blacklist")


class UpdateBaiduChannelRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    baidu_channel_request: BaiduChannelRequest = field(name="BaiduChannelRequest")


class UpdateBaiduChannelResponse(Struct, kw_only=True, omit_defaults=True):
    baidu_channel_response: BaiduChannelResponse = field(name="BaiduChannelResponse")


class UpdateCampaignRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    campaign_id: str = field(default="", name="CampaignId")
    write_campaign_request: WriteCampaignRequest = field(name="WriteCampaignRequest")


class UpdateCampaignResponse(Struct, kw_only=True, omit_defaults=True):
    campaign_response: CampaignResponse = field(name="CampaignResponse")


class UpdateEmailChannelRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    email_channel_request: EmailChannelRequest = field(name="EmailChannelRequest")


class UpdateEmailChannelResponse(Struct, kw_only=True, omit_defaults=True):
    email_channel_response: EmailChannelResponse = field(name="EmailChannelResponse")


class UpdateEmailTemplateRequest(Struct, kw_only=True, omit_defaults=True):
    create_new_version: bool | None = field(default=None, name="CreateNewVersion")
    email_template_request: EmailTemplateRequest = field(name="EmailTemplateRequest")
    template_name: str = field(default="", name="TemplateName")
    version: str | None = field(default=None, name="Version")


class UpdateEmailTemplateResponse(Struct, kw_only=True, omit_defaults=True):
    message_body: MessageBody = field(name="MessageBody")


class UpdateEndpointRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    endpoint_id: str = field(default="", name="EndpointId")
    endpoint_request: EndpointRequest = field(name="EndpointRequest")


class UpdateEndpointResponse(Struct, kw_only=True, omit_defaults=True):
    message_body: MessageBody = field(name="MessageBody")


class UpdateEndpointsBatchRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    endpoint_batch_request: EndpointBatchRequest = field(name="EndpointBatchRequest")


class UpdateEndpointsBatchResponse(Struct, kw_only=True, omit_defaults=True):
    message_body: MessageBody = field(name="MessageBody")


class UpdateGcmChannelRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    gcm_channel_request: GCMChannelRequest = field(name="GCMChannelRequest")


class UpdateGcmChannelResponse(Struct, kw_only=True, omit_defaults=True):
    gcm_channel_response: GCMChannelResponse = field(name="GCMChannelResponse")


class UpdateInAppTemplateRequest(Struct, kw_only=True, omit_defaults=True):
    create_new_version: bool | None = field(default=None, name="CreateNewVersion")
    in_app_template_request: InAppTemplateRequest = field(name="InAppTemplateRequest")
    template_name: str = field(default="", name="TemplateName")
    version: str | None = field(default=None, name="Version")


class UpdateInAppTemplateResponse(Struct, kw_only=True, omit_defaults=True):
    message_body: MessageBody = field(name="MessageBody")


class UpdateJourneyRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    journey_id: str = field(default="", name="JourneyId")
    write_journey_request: WriteJourneyRequest = field(name="WriteJourneyRequest")


class UpdateJourneyResponse(Struct, kw_only=True, omit_defaults=True):
    journey_response: JourneyResponse = field(name="JourneyResponse")


class UpdateJourneyStateRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    journey_id: str = field(default="", name="JourneyId")
    journey_state_request: JourneyStateRequest = field(name="JourneyStateRequest")


class UpdateJourneyStateResponse(Struct, kw_only=True, omit_defaults=True):
    journey_response: JourneyResponse = field(name="JourneyResponse")


class UpdatePushTemplateRequest(Struct, kw_only=True, omit_defaults=True):
    create_new_version: bool | None = field(default=None, name="CreateNewVersion")
    push_notification_template_request: PushNotificationTemplateRequest = field(name="PushNotificationTemplateRequest")
    template_name: str = field(default="", name="TemplateName")
    version: str | None = field(default=None, name="Version")


class UpdatePushTemplateResponse(Struct, kw_only=True, omit_defaults=True):
    message_body: MessageBody = field(name="MessageBody")


class UpdateRecommenderConfiguration(Struct, kw_only=True, omit_defaults=True):
    attributes: dict[str, str] | None = field(default=None, name="Attributes")
    description: str | None = field(default=None, name="Description")
    name: str | None = field(default=None, name="Name")
    recommendation_provider_id_type: str | None = field(default=None, name="RecommendationProviderIdType")
    recommendation_provider_role_arn: str = field(name="RecommendationProviderRoleArn")
    recommendation_provider_uri: str = field(name="RecommendationProviderUri")
    recommendation_transformer_uri: str | None = field(default=None, name="RecommendationTransformerUri")
    recommendations_display_name: str | None = field(default=None, name="RecommendationsDisplayName")
    recommendations_per_message: Integer | None = field(default=None, name="RecommendationsPerMessage")


class UpdateRecommenderConfigurationRequest(Struct, kw_only=True, omit_defaults=True):
    recommender_id: str = field(default="", name="RecommenderId")
    update_recommender_configuration: UpdateRecommenderConfiguration = field(name="UpdateRecommenderConfiguration")


class UpdateRecommenderConfigurationResponse(Struct, kw_only=True, omit_defaults=True):
    recommender_configuration_response: RecommenderConfigurationResponse = field(name="RecommenderConfigurationResponse")


class UpdateSegmentRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    segment_id: str = field(default="", name="SegmentId")
    write_segment_request: WriteSegmentRequest = field(name="WriteSegmentRequest")


class UpdateSegmentResponse(Struct, kw_only=True, omit_defaults=True):
    segment_response: SegmentResponse = field(name="SegmentResponse")


class UpdateSmsChannelRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    sms_channel_request: SMSChannelRequest = field(name="SMSChannelRequest")


class UpdateSmsChannelResponse(Struct, kw_only=True, omit_defaults=True):
    sms_channel_response: SMSChannelResponse = field(name="SMSChannelResponse")


class UpdateSmsTemplateRequest(Struct, kw_only=True, omit_defaults=True):
    create_new_version: bool | None = field(default=None, name="CreateNewVersion")
    sms_template_request: SMSTemplateRequest = field(name="SMSTemplateRequest")
    template_name: str = field(default="", name="TemplateName")
    version: str | None = field(default=None, name="Version")


class UpdateSmsTemplateResponse(Struct, kw_only=True, omit_defaults=True):
    message_body: MessageBody = field(name="MessageBody")


class UpdateTemplateActiveVersionRequest(Struct, kw_only=True, omit_defaults=True):
    template_active_version_request: TemplateActiveVersionRequest = field(name="TemplateActiveVersionRequest")
    template_name: str = field(default="", name="TemplateName")
    template_type: str = field(default="", name="TemplateType")


class UpdateTemplateActiveVersionResponse(Struct, kw_only=True, omit_defaults=True):
    message_body: MessageBody = field(name="MessageBody")


class UpdateVoiceChannelRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    voice_channel_request: VoiceChannelRequest = field(name="VoiceChannelRequest")


class UpdateVoiceChannelResponse(Struct, kw_only=True, omit_defaults=True):
    voice_channel_response: VoiceChannelResponse = field(name="VoiceChannelResponse")


class UpdateVoiceTemplateRequest(Struct, kw_only=True, omit_defaults=True):
    create_new_version: bool | None = field(default=None, name="CreateNewVersion")
    template_name: str = field(default="", name="TemplateName")
    version: str | None = field(default=None, name="Version")
    voice_template_request: VoiceTemplateRequest = field(name="VoiceTemplateRequest")


class UpdateVoiceTemplateResponse(Struct, kw_only=True, omit_defaults=True):
    message_body: MessageBody = field(name="MessageBody")


class VerificationResponse(Struct, kw_only=True, omit_defaults=True):
    valid: bool | None = field(default=None, name="Valid")


class VerifyOTPMessageRequest(Struct, kw_only=True, omit_defaults=True):
    application_id: str = field(default="", name="ApplicationId")
    verify_otp_message_request_parameters: VerifyOTPMessageRequestParameters = field(name="VerifyOTPMessageRequestParameters")


class VerifyOTPMessageRequestParameters(Struct, kw_only=True, omit_defaults=True):
    destination_identity: str = field(name="DestinationIdentity")
    otp: str = field(name="Otp")
    reference_id: str = field(name="ReferenceId")


class VerifyOTPMessageResponse(Struct, kw_only=True, omit_defaults=True):
    verification_response: VerificationResponse = field(name="VerificationResponse")


class VoiceChannelRequest(Struct, kw_only=True, omit_defaults=True):
    enabled: bool | None = field(default=None, name="Enabled")


class VoiceChannelResponse(Struct, kw_only=True, omit_defaults=True):
    application_id: str | None = field(default=None, name="ApplicationId")
    creation_date: str | None = field(default=None, name="CreationDate")
    enabled: bool | None = field(default=None, name="Enabled")
    has_credential: bool | None = field(default=None, name="HasCredential")
    id: str | None = field(default=None, name="Id")
    is_archived: bool | None = field(default=None, name="IsArchived")
    last_modified_by: str | None = field(default=None, name="LastModifiedBy")
    last_modified_date: str | None = field(default=None, name="LastModifiedDate")
    platform: str = field(name="Platform")
    version: Integer | None = field(default=None, name="Version")


class VoiceMessage(Struct, kw_only=True, omit_defaults=True):
    body: str | None = field(default=None, name="Body")
    language_code: str | None = field(default=None, name="LanguageCode")
    origination_number: str | None = field(default=None, name="OriginationNumber")
    substitutions: dict[str, list[str]] | None = field(default=None, name="Substitutions")
    voice_id: str | None = field(default=None, name="VoiceId")


class VoiceTemplateRequest(Struct, kw_only=True, omit_defaults=True):
    body: str | None = field(default=None, name="Body")
    default_substitutions: str | None = field(default=None, name="DefaultSubstitutions")
    language_code: str | None = field(default=None, name="LanguageCode")
    tags: dict[str, str] | None = field(default=None, name="tags")
    template_description: str | None = field(default=None, name="TemplateDescription")
    voice_id: str | None = field(default=None, name="VoiceId")
    variants: dict[str, VoiceTemplateVariant] | None = field(default=None, name="Variants")


class VoiceTemplateResponse(Struct, kw_only=True, omit_defaults=True):
    arn: str | None = field(default=None, name="Arn")
    body: str | None = field(default=None, name="Body")
    creation_date: str = field(name="CreationDate")
    default_substitutions: str | None = field(default=None, name="DefaultSubstitutions")
    language_code: str | None = field(default=None, name="LanguageCode")
    last_modified_date: str = field(name="LastModifiedDate")
    tags: dict[str, str] | None = field(default=None, name="tags")
    template_description: str | None = field(default=None, name="TemplateDescription")
    template_name: str = field(name="TemplateName")
    template_type: TemplateType = field(name="TemplateType")
    version: str | None = field(default=None, name="Version")
    voice_id: str | None = field(default=None, name="VoiceId")
    variants: dict[str, VoiceTemplateVariant] | None = field(default=None, name="Variants")


class VoiceTemplateVariant(Struct, kw_only=True, omit_defaults=True):
    body: str | None = field(default=None, name="Body")
    language_code: str | None = field(default=None, name="LanguageCode")
    voice_id: str | None = field(default=None, name="VoiceId")


class WaitActivity(Struct, kw_only=True, omit_defaults=True):
    next_activity: str | None = field(default=None, name="NextActivity")
    wait_time: WaitTime | None = field(default=None, name="WaitTime")


class WaitForEventActivity(Struct, kw_only=True, omit_defaults=True):
    event_filter: EventFilter = field(name="EventFilter")
    timeout: WaitTime | None = field(default=None, name="Timeout")
    next_activity: str | None = field(default=None, name="NextActivity")
    timeout_activity: str | None = field(default=None, name="TimeoutActivity")


class WaitTime(Struct, kw_only=True, omit_defaults=True):
    wait_for: str | None = field(default=None, name="WaitFor")
    wait_until: str | None = field(default=None, name="WaitUntil")


class WriteApplicationSettingsRequest(Struct, kw_only=True, omit_defaults=True):
    campaign_hook: CampaignHook | None = field(default=None, name="CampaignHook")
    cloud_watch_metrics_enabled: bool | None = field(default=None, name="CloudWatchMetricsEnabled")
    event_tagging_enabled: bool | None = field(default=None, name="EventTaggingEnabled")
    limits: CampaignLimits | None = field(default=None, name="Limits")
    quiet_time: QuietTime | None = field(default=None, name="QuietTime")
    journey_limits: ApplicationSettingsJourneyLimits | None = field(default=None, name="JourneyLimits")
    frequency_caps: Annotated[list[FrequencyCap], Meta(max_length=10)] | None = field(default=None, name="FrequencyCaps")
    control_group: ControlGroup | None = field(default=None, name="ControlGroup")
    approval_required: bool | None = field(default=None, name="ApprovalRequired")


class WriteCampaignRequest(Struct, kw_only=True, omit_defaults=True):
    additional_treatments: list[WriteTreatmentResource] | None = field(default=None, name="AdditionalTreatments")
    custom_delivery_configuration: CustomDeliveryConfiguration | None = field(default=None, name="CustomDeliveryConfiguration")
    description: str | None = field(default=None, name="Description")
    holdout_percent: Integer | None = field(default=None, name="HoldoutPercent")
    hook: CampaignHook | None = field(default=None, name="Hook")
    is_paused: bool | None = field(default=None, name="IsPaused")
    limits: CampaignLimits | None = field(default=None, name="Limits")
    message_configuration: MessageConfiguration | None = field(default=None, name="MessageConfiguration")
    name: str | None = field(default=None, name="Name")
    schedule: Schedule | None = field(default=None, name="Schedule")
    segment_id: str | None = field(default=None, name="SegmentId")
    segment_version: Integer | None = field(default=None, name="SegmentVersion")
    tags: dict[str, str] | None = field(default=None, name="tags")
    template_configuration: TemplateConfiguration | None = field(default=None, name="TemplateConfiguration")
    treatment_description: str | None = field(default=None, name="TreatmentDescription")
    treatment_name: str | None = field(default=None, name="TreatmentName")
    priority: Integer | None = field(default=None, name="Priority")
    conversion_goal: ConversionGoal | None = field(default=None, name="ConversionGoal")
    winner: CampaignWinner | None = field(default=None, name="Winner")


class WriteEventStream(Struct, kw_only=True, omit_defaults=True):
    destination_stream_arn: str = field(name="DestinationStreamArn")
    role_arn: str = field(name="RoleArn")


class WriteJourneyRequest(Struct, kw_only=True, omit_defaults=True):
    activities: dict[str, Activity] | None = field(default=None, name="Activities")
    creation_date: str | None = field(default=None, name="CreationDate")
    last_modified_date: str | None = field(default=None, name="LastModifiedDate")
    limits: JourneyLimits | None = field(default=None, name="Limits")
    local_time: bool | None = field(default=None, name="LocalTime")
    name: str = field(name="Name")
    quiet_time: QuietTime | None = field(default=None, name="QuietTime")
    refresh_frequency: str | None = field(default=None, name="RefreshFrequency")
    schedule: JourneySchedule | None = field(default=None, name="Schedule")
    start_activity: str | None = field(default=None, name="StartActivity")
    start_condition: StartCondition | None = field(default=None, name="StartCondition")
    state: State | None = field(default=None, name="State")
    wait_for_quiet_time: bool | None = field(default=None, name="WaitForQuietTime")
    refresh_on_segment_update: bool | None = field(default=None, name="RefreshOnSegmentUpdate")
    journey_channel_settings: JourneyChannelSettings | None = field(default=None, name="JourneyChannelSettings")
    sending_schedule: bool | None = field(default=None, name="SendingSchedule")
    open_hours: OpenHours | None = field(default=None, name="OpenHours")
    closed_days: ClosedDays | None = field(default=None, name="ClosedDays")
    timezone_estimation_methods: list[__TimezoneEstimationMethodsElement] | None = field(default=None, name="TimezoneEstimationMethods")
    exit_criteria: JourneyExitCriteria | None = field(default=None, name="ExitCriteria")


class WriteSegmentRequest(Struct, kw_only=True, omit_defaults=True):
    dimensions: SegmentDimensions | None = field(default=None, name="Dimensions")
    name: str | None = field(default=None, name="Name")
    segment_groups: SegmentGroupList | None = field(default=None, name="SegmentGroups")
    tags: dict[str, str] | None = field(default=None, name="tags")


class WriteTreatmentResource(Struct, kw_only=True, omit_defaults=True):
    custom_delivery_configuration: CustomDeliveryConfiguration | None = field(default=None, name="CustomDeliveryConfiguration")
    message_configuration: MessageConfiguration | None = field(default=None, name="MessageConfiguration")
    schedule: Schedule | None = field(default=None, name="Schedule")
    size_percent: Integer = field(name="SizePercent")
    template_configuration: TemplateConfiguration | None = field(default=None, name="TemplateConfiguration")
    treatment_description: str | None = field(default=None, name="TreatmentDescription")
    treatment_name: str | None = field(default=None, name="TreatmentName")

"""Shapes of `pinpoint-email` 2018-07-26. GENERATED from botocore's service model by `make gen`; do not edit."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

Long = Annotated[int, Meta(ge=-9223372036854775808, le=9223372036854775807)]
Integer = Annotated[int, Meta(ge=-2147483648, le=2147483647)]
BehaviorOnMxFailure = Literal[
    "USE_DEFAULT_VALUE",
    "REJECT_MESSAGE",
]

DeliverabilityDashboardAccountStatus = Literal[
    "ACTIVE",
    "PENDING_EXPIRATION",
    "DISABLED",
]

DeliverabilityTestStatus = Literal[
    "IN_PROGRESS",
    "COMPLETED",
]

DimensionValueSource = Literal[
    "MESSAGE_TAG",
    "EMAIL_HEADER",
    "LINK_TAG",
]

DkimStatus = Literal[
    "PENDING",
    "SUCCESS",
    "FAILED",
    "TEMPORARY_FAILURE",
    "NOT_STARTED",
]

EventType = Literal[
    "SEND",
    "REJECT",
    "BOUNCE",
    "COMPLAINT",
    "DELIVERY",
    "OPEN",
    "CLICK",
    "RENDERING_FAILURE",
]

IdentityType = Literal[
    "EMAIL_ADDRESS",
    "DOMAIN",
    "MANAGED_DOMAIN",
]

MailFromDomainStatus = Literal[
    "PENDING",
    "SUCCESS",
    "FAILED",
    "TEMPORARY_FAILURE",
]

TlsPolicy = Literal[
    "REQUIRE",
    "OPTIONAL",
]

WarmupStatus = Literal[
    "IN_PROGRESS",
    "DONE",
]

class BlacklistEntry(Struct, kw_only=True, omit_defaults=True):
    rbl_name: str | None = field(default=None, name="RblName")
    listing_time: float | None = field(default=None, name="ListingTime")
    description: str | None = field(default=None, name="Description")


class Body(Struct, kw_only=True, omit_defaults=True):
    text: Content | None = field(default=None, name="Text")
    html: Content | None = field(default=None, name="Html")


class CloudWatchDestination(Struct, kw_only=True, omit_defaults=True):
    dimension_configurations: list[CloudWatchDimensionConfiguration] = field(name="DimensionConfigurations")


class CloudWatchDimensionConfiguration(Struct, kw_only=True, omit_defaults=True):
    dimension_name: str = field(name="DimensionName")
    dimension_value_source: DimensionValueSource = field(name="DimensionValueSource")
    default_dimension_value: str = field(name="DefaultDimensionValue")


class Content(Struct, kw_only=True, omit_defaults=True):
    data: str = field(name="Data")
    charset: str | None = field(default=None, name="Charset")


class CreateConfigurationSetEventDestinationRequest(Struct, kw_only=True, omit_defaults=True):
    configuration_set_name: str = field(default="", name="ConfigurationSetName")
    event_destination_name: str = field(name="EventDestinationName")
    event_destination: EventDestinationDefinition = field(name="EventDestination")


class CreateConfigurationSetEventDestinationResponse(Struct, kw_only=True, omit_defaults=True):
    pass


class CreateConfigurationSetRequest(Struct, kw_only=True, omit_defaults=True):
    configuration_set_name: str = field(name="ConfigurationSetName")
    tracking_options: TrackingOptions | None = field(default=None, name="TrackingOptions")
    delivery_options: DeliveryOptions | None = field(default=None, name="DeliveryOptions")
    reputation_options: ReputationOptions | None = field(default=None, name="ReputationOptions")
    sending_options: SendingOptions | None = field(default=None, name="SendingOptions")
    tags: list[Tag] | None = field(default=None, name="Tags")


class CreateConfigurationSetResponse(Struct, kw_only=True, omit_defaults=True):
    pass


class CreateDedicatedIpPoolRequest(Struct, kw_only=True, omit_defaults=True):
    pool_name: str = field(name="PoolName")
    tags: list[Tag] | None = field(default=None, name="Tags")


class CreateDedicatedIpPoolResponse(Struct, kw_only=True, omit_defaults=True):
    pass


class CreateDeliverabilityTestReportRequest(Struct, kw_only=True, omit_defaults=True):
    report_name: str | None = field(default=None, name="ReportName")
    from_email_address: str = field(name="FromEmailAddress")
    content: EmailContent = field(name="Content")
    tags: list[Tag] | None = field(default=None, name="Tags")


class CreateDeliverabilityTestReportResponse(Struct, kw_only=True, omit_defaults=True):
    report_id: str = field(name="ReportId")
    deliverability_test_status: DeliverabilityTestStatus = field(name="DeliverabilityTestStatus")


class CreateEmailIdentityRequest(Struct, kw_only=True, omit_defaults=True):
    email_identity: str = field(name="EmailIdentity")
    tags: list[Tag] | None = field(default=None, name="Tags")


class CreateEmailIdentityResponse(Struct, kw_only=True, omit_defaults=True):
    identity_type: IdentityType | None = field(default=None, name="IdentityType")
    verified_for_sending_status: bool | None = field(default=None, name="VerifiedForSendingStatus")
    dkim_attributes: DkimAttributes | None = field(default=None, name="DkimAttributes")


class DailyVolume(Struct, kw_only=True, omit_defaults=True):
    start_date: float | None = field(default=None, name="StartDate")
    volume_statistics: VolumeStatistics | None = field(default=None, name="VolumeStatistics")
    domain_isp_placements: list[DomainIspPlacement] | None = field(default=None, name="DomainIspPlacements")


class DedicatedIp(Struct, kw_only=True, omit_defaults=True):
    ip: str = field(name="Ip")
    warmup_status: WarmupStatus = field(name="WarmupStatus")
    warmup_percentage: Integer = field(name="WarmupPercentage")
    pool_name: str | None = field(default=None, name="PoolName")


class DeleteConfigurationSetEventDestinationRequest(Struct, kw_only=True, omit_defaults=True):
    configuration_set_name: str = field(default="", name="ConfigurationSetName")
    event_destination_name: str = field(default="", name="EventDestinationName")


class DeleteConfigurationSetEventDestinationResponse(Struct, kw_only=True, omit_defaults=True):
    pass


class DeleteConfigurationSetRequest(Struct, kw_only=True, omit_defaults=True):
    configuration_set_name: str = field(default="", name="ConfigurationSetName")


class DeleteConfigurationSetResponse(Struct, kw_only=True, omit_defaults=True):
    pass


class DeleteDedicatedIpPoolRequest(Struct, kw_only=True, omit_defaults=True):
    pool_name: str = field(default="", name="PoolName")


class DeleteDedicatedIpPoolResponse(Struct, kw_only=True, omit_defaults=True):
    pass


class DeleteEmailIdentityRequest(Struct, kw_only=True, omit_defaults=True):
    email_identity: str = field(default="", name="EmailIdentity")


class DeleteEmailIdentityResponse(Struct, kw_only=True, omit_defaults=True):
    pass


class DeliverabilityTestReport(Struct, kw_only=True, omit_defaults=True):
    report_id: str | None = field(default=None, name="ReportId")
    report_name: str | None = field(default=None, name="ReportName")
    subject: str | None = field(default=None, name="Subject")
    from_email_address: str | None = field(default=None, name="FromEmailAddress")
    create_date: float | None = field(default=None, name="CreateDate")
    deliverability_test_status: DeliverabilityTestStatus | None = field(default=None, name="DeliverabilityTestStatus")


class DeliveryOptions(Struct, kw_only=True, omit_defaults=True):
    tls_policy: TlsPolicy | None = field(default=None, name="TlsPolicy")
    sending_pool_name: str | None = field(default=None, name="SendingPoolName")


class Destination(Struct, kw_only=True, omit_defaults=True):
    to_addresses: list[str] | None = field(default=None, name="ToAddresses")
    cc_addresses: list[str] | None = field(default=None, name="CcAddresses")
    bcc_addresses: list[str] | None = field(default=None, name="BccAddresses")


class DkimAttributes(Struct, kw_only=True, omit_defaults=True):
    signing_enabled: bool | None = field(default=None, name="SigningEnabled")
    status: DkimStatus | None = field(default=None, name="Status")
    tokens: list[str] | None = field(default=None, name="Tokens")


class DomainDeliverabilityCampaign(Struct, kw_only=True, omit_defaults=True):
    campaign_id: str | None = field(default=None, name="CampaignId")
    image_url: str | None = field(default=None, name="ImageUrl")
    subject: str | None = field(default=None, name="Subject")
    from_address: str | None = field(default=None, name="FromAddress")
    sending_ips: list[str] | None = field(default=None, name="SendingIps")
    first_seen_date_time: float | None = field(default=None, name="FirstSeenDateTime")
    last_seen_date_time: float | None = field(default=None, name="LastSeenDateTime")
    inbox_count: Long | None = field(default=None, name="InboxCount")
    spam_count: Long | None = field(default=None, name="SpamCount")
    read_rate: float | None = field(default=None, name="ReadRate")
    delete_rate: float | None = field(default=None, name="DeleteRate")
    read_delete_rate: float | None = field(default=None, name="ReadDeleteRate")
    projected_volume: Long | None = field(default=None, name="ProjectedVolume")
    esps: list[str] | None = field(default=None, name="Esps")


class DomainDeliverabilityTrackingOption(Struct, kw_only=True, omit_defaults=True):
    domain: str | None = field(default=None, name="Domain")
    subscription_start_date: float | None = field(default=None, name="SubscriptionStartDate")
    inbox_placement_tracking_option: InboxPlacementTrackingOption | None = field(default=None, name="InboxPlacementTrackingOption")


class DomainIspPlacement(Struct, kw_only=True, omit_defaults=True):
    isp_name: str | None = field(default=None, name="IspName")
    inbox_raw_count: Long | None = field(default=None, name="InboxRawCount")
    spam_raw_count: Long | None = field(default=None, name="SpamRawCount")
    inbox_percentage: float | None = field(default=None, name="InboxPercentage")
    spam_percentage: float | None = field(default=None, name="SpamPercentage")


class EmailContent(Struct, kw_only=True, omit_defaults=True):
    simple: Message | None = field(default=None, name="Simple")
    raw: RawMessage | None = field(default=None, name="Raw")
    template: Template | None = field(default=None, name="Template")


class EventDestination(Struct, kw_only=True, omit_defaults=True):
    name: str = field(name="Name")
    enabled: bool | None = field(default=None, name="Enabled")
    matching_event_types: list[EventType] = field(name="MatchingEventTypes")
    kinesis_firehose_destination: KinesisFirehoseDestination | None = field(default=None, name="KinesisFirehoseDestination")
    cloud_watch_destination: CloudWatchDestination | None = field(default=None, name="CloudWatchDestination")
    sns_destination: SnsDestination | None = field(default=None, name="SnsDestination")
    pinpoint_destination: PinpointDestination | None = field(default=None, name="PinpointDestination")


class EventDestinationDefinition(Struct, kw_only=True, omit_defaults=True):
    enabled: bool | None = field(default=None, name="Enabled")
    matching_event_types: list[EventType] | None = field(default=None, name="MatchingEventTypes")
    kinesis_firehose_destination: KinesisFirehoseDestination | None = field(default=None, name="KinesisFirehoseDestination")
    cloud_watch_destination: CloudWatchDestination | None = field(default=None, name="CloudWatchDestination")
    sns_destination: SnsDestination | None = field(default=None, name="SnsDestination")
    pinpoint_destination: PinpointDestination | None = field(default=None, name="PinpointDestination")


class GetAccountRequest(Struct, kw_only=True, omit_defaults=True):
    pass


class GetAccountResponse(Struct, kw_only=True, omit_defaults=True):
    send_quota: SendQuota | None = field(default=None, name="SendQuota")
    sending_enabled: bool | None = field(default=None, name="SendingEnabled")
    dedicated_ip_auto_warmup_enabled: bool | None = field(default=None, name="DedicatedIpAutoWarmupEnabled")
    enforcement_status: str | None = field(default=None, name="EnforcementStatus")
    production_access_enabled: bool | None = field(default=None, name="ProductionAccessEnabled")


class GetBlacklistReportsRequest(Struct, kw_only=True, omit_defaults=True):
    blacklist_item_names: list[str] | None = field(default=None, name="BlacklistItemNames")


class GetBlacklistReportsResponse(Struct, kw_only=True, omit_defaults=True):
    blacklist_report: dict[str, list[BlacklistEntry]] = field(name="BlacklistReport")


class GetConfigurationSetEventDestinationsRequest(Struct, kw_only=True, omit_defaults=True):
    configuration_set_name: str = field(default="", name="ConfigurationSetName")


class GetConfigurationSetEventDestinationsResponse(Struct, kw_only=True, omit_defaults=True):
    event_destinations: list[EventDestination] | None = field(default=None, name="EventDestinations")


class GetConfigurationSetRequest(Struct, kw_only=True, omit_defaults=True):
    configuration_set_name: str = field(default="", name="ConfigurationSetName")


class GetConfigurationSetResponse(Struct, kw_only=True, omit_defaults=True):
    configuration_set_name: str | None = field(default=None, name="ConfigurationSetName")
    tracking_options: TrackingOptions | None = field(default=None, name="TrackingOptions")
    delivery_options: DeliveryOptions | None = field(default=None, name="DeliveryOptions")
    reputation_options: ReputationOptions | None = field(default=None, name="ReputationOptions")
    sending_options: SendingOptions | None = field(default=None, name="SendingOptions")
    tags: list[Tag] | None = field(default=None, name="Tags")


class GetDedicatedIpRequest(Struct, kw_only=True, omit_defaults=True):
    ip: str = field(default="", name="Ip")


class GetDedicatedIpResponse(Struct, kw_only=True, omit_defaults=True):
    dedicated_ip: DedicatedIp | None = field(default=None, name="DedicatedIp")


class GetDedicatedIpsRequest(Struct, kw_only=True, omit_defaults=True):
    pool_name: str | None = field(default=None, name="PoolName")
    next_token: str | None = field(default=None, name="NextToken")
    page_size: Integer | None = field(default=None, name="PageSize")


class GetDedicatedIpsResponse(Struct, kw_only=True, omit_defaults=True):
    dedicated_ips: list[DedicatedIp] | None = field(default=None, name="DedicatedIps")
    next_token: str | None = field(default=None, name="NextToken")


class GetDeliverabilityDashboardOptionsRequest(Struct, kw_only=True, omit_defaults=True):
    pass


class GetDeliverabilityDashboardOptionsResponse(Struct, kw_only=True, omit_defaults=True):
    dashboard_enabled: bool = field(name="DashboardEnabled")
    subscription_expiry_date: float | None = field(default=None, name="SubscriptionExpiryDate")
    account_status: DeliverabilityDashboardAccountStatus | None = field(default=None, name="AccountStatus")
    active_subscribed_domains: list[DomainDeliverabilityTrackingOption] | None = field(default=None, name="ActiveSubscribedDomains")
    pending_expiration_subscribed_domains: list[DomainDeliverabilityTrackingOption] | None = field(default=None, name="PendingExpirationSubscribedDomains")


class GetDeliverabilityTestReportRequest(Struct, kw_only=True, omit_defaults=True):
    report_id: str = field(default="", name="ReportId")


class GetDeliverabilityTestReportResponse(Struct, kw_only=True, omit_defaults=True):
    deliverability_test_report: DeliverabilityTestReport = field(name="DeliverabilityTestReport")
    overall_placement: PlacementStatistics = field(name="OverallPlacement")
    isp_placements: list[IspPlacement] = field(name="IspPlacements")
    message: str | None = field(default=None, name="Message")
    tags: list[Tag] | None = field(default=None, name="Tags")


class GetDomainDeliverabilityCampaignRequest(Struct, kw_only=True, omit_defaults=True):
    campaign_id: str = field(default="", name="CampaignId")


class GetDomainDeliverabilityCampaignResponse(Struct, kw_only=True, omit_defaults=True):
    domain_deliverability_campaign: DomainDeliverabilityCampaign = field(name="DomainDeliverabilityCampaign")


class GetDomainStatisticsReportRequest(Struct, kw_only=True, omit_defaults=True):
    domain: str = field(default="", name="Domain")
    start_date: datetime | None = field(default=None, name="StartDate")
    end_date: datetime | None = field(default=None, name="EndDate")


class GetDomainStatisticsReportResponse(Struct, kw_only=True, omit_defaults=True):
    overall_volume: OverallVolume = field(name="OverallVolume")
    daily_volumes: list[DailyVolume] = field(name="DailyVolumes")


class GetEmailIdentityRequest(Struct, kw_only=True, omit_defaults=True):
    email_identity: str = field(default="", name="EmailIdentity")


class GetEmailIdentityResponse(Struct, kw_only=True, omit_defaults=True):
    identity_type: IdentityType | None = field(default=None, name="IdentityType")
    feedback_forwarding_status: bool | None = field(default=None, name="FeedbackForwardingStatus")
    verified_for_sending_status: bool | None = field(default=None, name="VerifiedForSendingStatus")
    dkim_attributes: DkimAttributes | None = field(default=None, name="DkimAttributes")
    mail_from_attributes: MailFromAttributes | None = field(default=None, name="MailFromAttributes")
    tags: list[Tag] | None = field(default=None, name="Tags")


class IdentityInfo(Struct, kw_only=True, omit_defaults=True):
    identity_type: IdentityType | None = field(default=None, name="IdentityType")
    identity_name: str | None = field(default=None, name="IdentityName")
    sending_enabled: bool | None = field(default=None, name="SendingEnabled")


class InboxPlacementTrackingOption(Struct, kw_only=True, omit_defaults=True):
    global_: bool | None = field(default=None, name="Global")
    tracked_isps: list[str] | None = field(default=None, name="TrackedIsps")


class IspPlacement(Struct, kw_only=True, omit_defaults=True):
    isp_name: str | None = field(default=None, name="IspName")
    placement_statistics: PlacementStatistics | None = field(default=None, name="PlacementStatistics")


class KinesisFirehoseDestination(Struct, kw_only=True, omit_defaults=True):
    iam_role_arn: str = field(name="IamRoleArn")
    delivery_stream_arn: str = field(name="DeliveryStreamArn")


class ListConfigurationSetsRequest(Struct, kw_only=True, omit_defaults=True):
    next_token: str | None = field(default=None, name="NextToken")
    page_size: Integer | None = field(default=None, name="PageSize")


class ListConfigurationSetsResponse(Struct, kw_only=True, omit_defaults=True):
    configuration_sets: list[str] | None = field(default=None, name="ConfigurationSets")
    next_token: str | None = field(default=None, name="NextToken")


class ListDedicatedIpPoolsRequest(Struct, kw_only=True, omit_defaults=True):
    next_token: str | None = field(default=None, name="NextToken")
    page_size: Integer | None = field(default=None, name="PageSize")


class ListDedicatedIpPoolsResponse(Struct, kw_only=True, omit_defaults=True):
    dedicated_ip_pools: list[str] | None = field(default=None, name="DedicatedIpPools")
    next_token: str | None = field(default=None, name="NextToken")


class ListDeliverabilityTestReportsRequest(Struct, kw_only=True, omit_defaults=True):
    next_token: str | None = field(default=None, name="NextToken")
    page_size: Integer | None = field(default=None, name="PageSize")


class ListDeliverabilityTestReportsResponse(Struct, kw_only=True, omit_defaults=True):
    deliverability_test_reports: list[DeliverabilityTestReport] = field(name="DeliverabilityTestReports")
    next_token: str | None = field(default=None, name="NextToken")


class ListDomainDeliverabilityCampaignsRequest(Struct, kw_only=True, omit_defaults=True):
    start_date: datetime | None = field(default=None, name="StartDate")
    end_date: datetime | None = field(default=None, name="EndDate")
    subscribed_domain: str = field(default="", name="SubscribedDomain")
    next_token: str | None = field(default=None, name="NextToken")
    page_size: Integer | None = field(default=None, name="PageSize")


class ListDomainDeliverabilityCampaignsResponse(Struct, kw_only=True, omit_defaults=True):
    domain_deliverability_campaigns: list[DomainDeliverabilityCampaign] = field(name="DomainDeliverabilityCampaigns")
    next_token: str | None = field(default=None, name="NextToken")


class ListEmailIdentitiesRequest(Struct, kw_only=True, omit_defaults=True):
    next_token: str | None = field(default=None, name="NextToken")
    page_size: Integer | None = field(default=None, name="PageSize")


class ListEmailIdentitiesResponse(Struct, kw_only=True, omit_defaults=True):
    email_identities: list[IdentityInfo] | None = field(default=None, name="EmailIdentities")
    next_token: str | None = field(default=None, name="NextToken")


class ListTagsForResourceRequest(Struct, kw_only=True, omit_defaults=True):
    resource_arn: str | None = field(default=None, name="ResourceArn")


class ListTagsForResourceResponse(Struct, kw_only=True, omit_defaults=True):
    tags: list[Tag] = field(name="Tags")


class MailFromAttributes(Struct, kw_only=True, omit_defaults=True):
    mail_from_domain: str = field(name="MailFromDomain")
    mail_from_domain_status: MailFromDomainStatus = field(name="MailFromDomainStatus")
    behavior_on_mx_failure: BehaviorOnMxFailure = field(name="BehaviorOnMxFailure")


class Message(Struct, kw_only=True, omit_defaults=True):
    subject: Content = field(name="Subject")
    body: Body = field(name="Body")


class MessageTag(Struct, kw_only=True, omit_defaults=True):
    name: str = field(name="Name")
    value: str = field(name="Value")


class OverallVolume(Struct, kw_only=True, omit_defaults=True):
    volume_statistics: VolumeStatistics | None = field(default=None, name="VolumeStatistics")
    read_rate_percent: float | None = field(default=None, name="ReadRatePercent")
    domain_isp_placements: list[DomainIspPlacement] | None = field(default=None, name="DomainIspPlacements")


class PinpointDestination(Struct, kw_only=True, omit_defaults=True):
    application_arn: str | None = field(default=None, name="ApplicationArn")


class PlacementStatistics(Struct, kw_only=True, omit_defaults=True):
    inbox_percentage: float | None = field(default=None, name="InboxPercentage")
    spam_percentage: float | None = field(default=None, name="SpamPercentage")
    missing_percentage: float | None = field(default=None, name="MissingPercentage")
    spf_percentage: float | None = field(default=None, name="SpfPercentage")
    dkim_percentage: float | None = field(default=None, name="DkimPercentage")


class PutAccountDedicatedIpWarmupAttributesRequest(Struct, kw_only=True, omit_defaults=True):
    auto_warmup_enabled: bool | None = field(default=None, name="AutoWarmupEnabled")


class PutAccountDedicatedIpWarmupAttributesResponse(Struct, kw_only=True, omit_defaults=True):
    pass


class PutAccountSendingAttributesRequest(Struct, kw_only=True, omit_defaults=True):
    sending_enabled: bool | None = field(default=None, name="SendingEnabled")


class PutAccountSendingAttributesResponse(Struct, kw_only=True, omit_defaults=True):
    pass


class PutConfigurationSetDeliveryOptionsRequest(Struct, kw_only=True, omit_defaults=True):
    configuration_set_name: str = field(default="", name="ConfigurationSetName")
    tls_policy: TlsPolicy | None = field(default=None, name="TlsPolicy")
    sending_pool_name: str | None = field(default=None, name="SendingPoolName")


class PutConfigurationSetDeliveryOptionsResponse(Struct, kw_only=True, omit_defaults=True):
    pass


class PutConfigurationSetReputationOptionsRequest(Struct, kw_only=True, omit_defaults=True):
    configuration_set_name: str = field(default="", name="ConfigurationSetName")
    reputation_metrics_enabled: bool | None = field(default=None, name="ReputationMetricsEnabled")


class PutConfigurationSetReputationOptionsResponse(Struct, kw_only=True, omit_defaults=True):
    pass


class PutConfigurationSetSendingOptionsRequest(Struct, kw_only=True, omit_defaults=True):
    configuration_set_name: str = field(default="", name="ConfigurationSetName")
    sending_enabled: bool | None = field(default=None, name="SendingEnabled")


class PutConfigurationSetSendingOptionsResponse(Struct, kw_only=True, omit_defaults=True):
    pass


class PutConfigurationSetTrackingOptionsRequest(Struct, kw_only=True, omit_defaults=True):
    configuration_set_name: str = field(default="", name="ConfigurationSetName")
    custom_redirect_domain: str | None = field(default=None, name="CustomRedirectDomain")


class PutConfigurationSetTrackingOptionsResponse(Struct, kw_only=True, omit_defaults=True):
    pass


class PutDedicatedIpInPoolRequest(Struct, kw_only=True, omit_defaults=True):
    ip: str = field(default="", name="Ip")
    destination_pool_name: str = field(name="DestinationPoolName")


class PutDedicatedIpInPoolResponse(Struct, kw_only=True, omit_defaults=True):
    pass


class PutDedicatedIpWarmupAttributesRequest(Struct, kw_only=True, omit_defaults=True):
    ip: str = field(default="", name="Ip")
    warmup_percentage: Integer = field(name="WarmupPercentage")


class PutDedicatedIpWarmupAttributesResponse(Struct, kw_only=True, omit_defaults=True):
    pass


class PutDeliverabilityDashboardOptionRequest(Struct, kw_only=True, omit_defaults=True):
    dashboard_enabled: bool = field(name="DashboardEnabled")
    subscribed_domains: list[DomainDeliverabilityTrackingOption] | None = field(default=None, name="SubscribedDomains")


class PutDeliverabilityDashboardOptionResponse(Struct, kw_only=True, omit_defaults=True):
    pass


class PutEmailIdentityDkimAttributesRequest(Struct, kw_only=True, omit_defaults=True):
    email_identity: str = field(default="", name="EmailIdentity")
    signing_enabled: bool | None = field(default=None, name="SigningEnabled")


class PutEmailIdentityDkimAttributesResponse(Struct, kw_only=True, omit_defaults=True):
    pass


class PutEmailIdentityFeedbackAttributesRequest(Struct, kw_only=True, omit_defaults=True):
    email_identity: str = field(default="", name="EmailIdentity")
    email_forwarding_enabled: bool | None = field(default=None, name="EmailForwardingEnabled")


class PutEmailIdentityFeedbackAttributesResponse(Struct, kw_only=True, omit_defaults=True):
    pass


class PutEmailIdentityMailFromAttributesRequest(Struct, kw_only=True, omit_defaults=True):
    email_identity: str = field(default="", name="EmailIdentity")
    mail_from_domain: str | None = field(default=None, name="MailFromDomain")
    behavior_on_mx_failure: BehaviorOnMxFailure | None = field(default=None, name="BehaviorOnMxFailure")


class PutEmailIdentityMailFromAttributesResponse(Struct, kw_only=True, omit_defaults=True):
    pass


class RawMessage(Struct, kw_only=True, omit_defaults=True):
    data: bytes = field(name="Data")


class ReputationOptions(Struct, kw_only=True, omit_defaults=True):
    reputation_metrics_enabled: bool | None = field(default=None, name="ReputationMetricsEnabled")
    last_fresh_start: float | None = field(default=None, name="LastFreshStart")


class SendEmailRequest(Struct, kw_only=True, omit_defaults=True):
    from_email_address: str | None = field(default=None, name="FromEmailAddress")
    destination: Destination = field(name="Destination")
    reply_to_addresses: list[str] | None = field(default=None, name="ReplyToAddresses")
    feedback_forwarding_email_address: str | None = field(default=None, name="FeedbackForwardingEmailAddress")
    content: EmailContent = field(name="Content")
    email_tags: list[MessageTag] | None = field(default=None, name="EmailTags")
    configuration_set_name: str | None = field(default=None, name="ConfigurationSetName")


class SendEmailResponse(Struct, kw_only=True, omit_defaults=True):
    message_id: str | None = field(default=None, name="MessageId")


class SendQuota(Struct, kw_only=True, omit_defaults=True):
    max24_hour_send: float | None = field(default=None, name="Max24HourSend")
    max_send_rate: float | None = field(default=None, name="MaxSendRate")
    sent_last24_hours: float | None = field(default=None, name="SentLast24Hours")


class SendingOptions(Struct, kw_only=True, omit_defaults=True):
    sending_enabled: bool | None = field(default=None, name="SendingEnabled")


class SnsDestination(Struct, kw_only=True, omit_defaults=True):
    topic_arn: str = field(name="TopicArn")


class Tag(Struct, kw_only=True, omit_defaults=True):
    key: str = field(name="Key")
    value: str = field(name="Value")


class TagResourceRequest(Struct, kw_only=True, omit_defaults=True):
    resource_arn: str = field(name="ResourceArn")
    tags: list[Tag] = field(name="Tags")


class TagResourceResponse(Struct, kw_only=True, omit_defaults=True):
    pass


class Template(Struct, kw_only=True, omit_defaults=True):
    template_arn: str | None = field(default=None, name="TemplateArn")
    template_data: Annotated[str, Meta(max_length=262144)] | None = field(default=None, name="TemplateData")


class TrackingOptions(Struct, kw_only=True, omit_defaults=True):
    custom_redirect_domain: str = field(name="CustomRedirectDomain")


class UntagResourceRequest(Struct, kw_only=True, omit_defaults=True):
    resource_arn: str | None = field(default=None, name="ResourceArn")
    tag_keys: list[str] | None = field(default=None, name="TagKeys")


class UntagResourceResponse(Struct, kw_only=True, omit_defaults=True):
    pass


class UpdateConfigurationSetEventDestinationRequest(Struct, kw_only=True, omit_defaults=True):
    configuration_set_name: str = field(default="", name="ConfigurationSetName")
    event_destination_name: str = field(default="", name="EventDestinationName")
    event_destination: EventDestinationDefinition = field(name="EventDestination")


class UpdateConfigurationSetEventDestinationResponse(Struct, kw_only=True, omit_defaults=True):
    pass


class VolumeStatistics(Struct, kw_only=True, omit_defaults=True):
    inbox_raw_count: Long | None = field(default=None, name="InboxRawCount")
    spam_raw_count: Long | None = field(default=None, name="SpamRawCount")
    projected_inbox: Long | None = field(default=None, name="ProjectedInbox")
    projected_spam: Long | None = field(default=None, name="ProjectedSpam")

"""Shapes of `pinpoint-sms-voice-v2` 2022-03-31. GENERATED from botocore's service model by `make gen`; do not edit."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

Long = Annotated[int, Meta(ge=-9223372036854775808, le=9223372036854775807)]
Integer = Annotated[int, Meta(ge=-2147483648, le=2147483647)]
AccessDeniedExceptionReason = Literal[
    "INSUFFICIENT_ACCOUNT_REPUTATION",
    "ACCOUNT_DISABLED",
]

AccountAttributeName = Literal[
    "ACCOUNT_TIER",
    "DEFAULT_PROTECT_CONFIGURATION_ID",
]

AccountLimitName = Literal[
    "PHONE_NUMBERS",
    "POOLS",
    "CONFIGURATION_SETS",
    "OPT_OUT_LISTS",
    "SENDER_IDS",
    "REGISTRATIONS",
    "REGISTRATION_ATTACHMENTS",
    "VERIFIED_DESTINATION_NUMBERS",
]

AttachmentStatus = Literal[
    "UPLOAD_IN_PROGRESS",
    "UPLOAD_COMPLETE",
    "UPLOAD_FAILED",
    "DELETED",
]

AttachmentUploadErrorReason = Literal[
    "INTERNAL_ERROR",
]

CarrierStatus = Literal[
    "PENDING",
    "ACTIVE",
    "REJECTED",
]

ConfigurationSetFilterName = Literal[
    "event-destination-name",
    "matching-event-types",
    "default-message-type",
    "default-sender-id",
    "default-message-feedback-enabled",
    "protect-configuration-id",
]

ConflictExceptionReason = Literal[
    "CREATE_REGISTRATION_VERSION_NOT_ALLOWED",
    "DELETION_PROTECTION_ENABLED",
    "DESTINATION_PHONE_NUMBER_NOT_VERIFIED",
    "DESTINATION_PHONE_NUMBER_OPTED_OUT",
    "DISASSOCIATE_REGISTRATION_NOT_ALLOWED",
    "DISCARD_REGISTRATION_VERSION_NOT_ALLOWED",
    "EDIT_REGISTRATION_FIELD_VALUES_NOT_ALLOWED",
    "EVENT_DESTINATION_MISMATCH",
    "KEYWORD_MISMATCH",
    "LAST_PHONE_NUMBER",
    "NUMBER_CAPABILITIES_MISMATCH",
    "MESSAGE_TYPE_MISMATCH",
    "NO_ORIGINATION_IDENTITIES_FOUND",
    "OPT_OUT_LIST_MISMATCH",
    "PHONE_NUMBER_ASSOCIATED_TO_POOL",
    "PHONE_NUMBER_ASSOCIATED_TO_REGISTRATION",
    "PHONE_NUMBER_NOT_ASSOCIATED_TO_POOL",
    "PHONE_NUMBER_NOT_IN_REGISTRATION_REGION",
    "REGISTRATION_ALREADY_SUBMITTED",
    "REGISTRATION_NOT_COMPLETE",
    "RESOURCE_ALREADY_ASSOCIATED",
    "SENDER_ID_ASSOCIATED_TO_POOL",
    "RCS_AGENT_ASSOCIATED_TO_POOL",
    "POOL_ASSOCIATED_TO_NOTIFY_CONFIGURATION",
    "RESOURCE_ALREADY_EXISTS",
    "RESOURCE_DELETION_NOT_ALLOWED",
    "RESOURCE_MODIFICATION_NOT_ALLOWED",
    "RESOURCE_NOT_ACTIVE",
    "RESOURCE_NOT_EMPTY",
    "SELF_MANAGED_OPT_OUTS_MISMATCH",
    "SUBMIT_REGISTRATION_VERSION_NOT_ALLOWED",
    "TWO_WAY_CONFIG_MISMATCH",
    "VERIFICATION_CODE_EXPIRED",
    "VERIFICATION_ALREADY_COMPLETE",
    "PROTECT_CONFIGURATION_IS_ACCOUNT_DEFAULT",
    "PROTECT_CONFIGURATION_ASSOCIATED_WITH_CONFIGURATION_SET",
    "PROTECT_CONFIGURATION_NOT_ASSOCIATED_WITH_CONFIGURATION_SET",
    "DESTINATION_COUNTRY_BLOCKED_BY_PROTECT_CONFIGURATION",
    "DESTINATION_PHONE_NUMBER_BLOCKED_BY_PROTECT_NUMBER_OVERRIDE",
    "RCS_AGENT_ALREADY_ASSOCIATED_TO_REGISTRATION_TYPE",
    "NOTIFY_CONFIGURATION_NOT_ACTIVE",
]

CountryLaunchStatus = Literal[
    "CREATED",
    "PENDING",
    "PARTIAL",
    "ACTIVE",
    "REJECTED",
]

CountryLaunchStatusFilterName = Literal[
    "country-launch-status",
]

DestinationCountryParameterKey = Literal[
    "IN_TEMPLATE_ID",
    "IN_ENTITY_ID",
]

EventType = Literal[
    "ALL",
    "TEXT_ALL",
    "TEXT_SENT",
    "TEXT_PENDING",
    "TEXT_QUEUED",
    "TEXT_SUCCESSFUL",
    "TEXT_DELIVERED",
    "TEXT_INVALID",
    "TEXT_INVALID_MESSAGE",
    "TEXT_UNREACHABLE",
    "TEXT_CARRIER_UNREACHABLE",
    "TEXT_BLOCKED",
    "TEXT_CARRIER_BLOCKED",
    "TEXT_SPAM",
    "TEXT_UNKNOWN",
    "TEXT_TTL_EXPIRED",
    "TEXT_PROTECT_BLOCKED",
    "VOICE_ALL",
    "VOICE_INITIATED",
    "VOICE_RINGING",
    "VOICE_ANSWERED",
    "VOICE_COMPLETED",
    "VOICE_BUSY",
    "VOICE_NO_ANSWER",
    "VOICE_FAILED",
    "VOICE_TTL_EXPIRED",
    "MEDIA_ALL",
    "MEDIA_PENDING",
    "MEDIA_QUEUED",
    "MEDIA_SUCCESSFUL",
    "MEDIA_DELIVERED",
    "MEDIA_INVALID",
    "MEDIA_INVALID_MESSAGE",
    "MEDIA_UNREACHABLE",
    "MEDIA_CARRIER_UNREACHABLE",
    "MEDIA_BLOCKED",
    "MEDIA_CARRIER_BLOCKED",
    "MEDIA_SPAM",
    "MEDIA_UNKNOWN",
    "MEDIA_TTL_EXPIRED",
    "MEDIA_FILE_INACCESSIBLE",
    "MEDIA_FILE_TYPE_UNSUPPORTED",
    "MEDIA_FILE_SIZE_EXCEEDED",
    "RCS_ALL",
    "RCS_QUEUED",
    "RCS_SENT",
    "RCS_DELIVERED",
    "RCS_READ",
    "RCS_FAILED",
    "RCS_TTL_EXPIRED",
    "RCS_PROTECT_BLOCKED",
    "RCS_FALLEN_BACK_TO_SMS",
]

FieldRequirement = Literal[
    "REQUIRED",
    "CONDITIONAL",
    "OPTIONAL",
]

FieldType = Literal[
    "SELECT",
    "TEXT",
    "ATTACHMENT",
]

KeywordAction = Literal[
    "AUTOMATIC_RESPONSE",
    "OPT_OUT",
    "OPT_IN",
]

KeywordFilterName = Literal[
    "keyword-action",
]

LanguageCode = Literal[
    "DE_DE",
    "EN_GB",
    "EN_US",
    "ES_419",
    "ES_ES",
    "FR_CA",
    "FR_FR",
    "IT_IT",
    "JA_JP",
    "KO_KR",
    "PT_BR",
    "ZH_CN",
    "ZH_TW",
]

MessageFeedbackStatus = Literal[
    "RECEIVED",
    "FAILED",
]

MessageType = Literal[
    "TRANSACTIONAL",
    "PROMOTIONAL",
]

NotifyConfigurationFilterName = Literal[
    "display-name",
    "enabled-countries",
    "enabled-channels",
    "default-template",
    "default-pool",
    "use-case",
    "status",
    "deletion-protection-enabled",
    "tier-upgrade-status",
]

NotifyConfigurationStatus = Literal[
    "PENDING",
    "ACTIVE",
    "REJECTED",
    "REQUIRES_VERIFICATION",
]

NotifyConfigurationTier = Literal[
    "BASIC",
    "ADVANCED",
]

NotifyConfigurationUseCase = Literal[
    "CODE_VERIFICATION",
]

NotifyTemplateFilterName = Literal[
    "template-type",
    "channels",
    "tier-access",
    "supported-countries",
    "language-code",
    "supported-voice-ids",
]

NotifyTemplateStatus = Literal[
    "ACTIVE",
    "INACTIVE",
]

NotifyTemplateType = Literal[
    "OTP_VERIFICATION",
]

NumberCapability = Literal[
    "SMS",
    "VOICE",
    "MMS",
    "RCS",
]

NumberStatus = Literal[
    "PENDING",
    "ACTIVE",
    "ASSOCIATING",
    "DISASSOCIATING",
    "DELETED",
]

NumberType = Literal[
    "SHORT_CODE",
    "LONG_CODE",
    "TOLL_FREE",
    "TEN_DLC",
    "SIMULATOR",
]

OptedOutFilterName = Literal[
    "end-user-opted-out",
]

Owner = Literal[
    "SELF",
    "SHARED",
]

PhoneNumberFilterName = Literal[
    "status",
    "iso-country-code",
    "message-type",
    "number-capability",
    "number-type",
    "two-way-enabled",
    "self-managed-opt-outs-enabled",
    "opt-out-list-name",
    "deletion-protection-enabled",
    "two-way-channel-arn",
]

PhoneNumberType = Literal[
    "MOBILE",
    "LANDLINE",
    "VOIP",
    "PREPAID",
    "OTHER",
    "INVALID",
]

PoolFilterName = Literal[
    "status",
    "message-type",
    "two-way-enabled",
    "self-managed-opt-outs-enabled",
    "opt-out-list-name",
    "shared-routes-enabled",
    "deletion-protection-enabled",
    "two-way-channel-arn",
]

PoolOriginationIdentitiesFilterName = Literal[
    "iso-country-code",
    "number-capability",
]

PoolStatus = Literal[
    "CREATING",
    "ACTIVE",
    "DELETING",
]

PreferenceType = Literal[
    "StartsWith",
    "EndsWith",
    "Contains",
    "ExactMatch",
]

ProtectConfigurationFilterName = Literal[
    "account-default",
    "deletion-protection-enabled",
]

ProtectConfigurationRuleOverrideAction = Literal[
    "ALLOW",
    "BLOCK",
]

ProtectConfigurationRuleSetNumberOverrideFilterName = Literal[
    "iso-country-code",
    "destination-phone-number-begins-with",
    "action",
    "expires-before",
    "expires-after",
    "created-before",
    "created-after",
]

ProtectStatus = Literal[
    "ALLOW",
    "BLOCK",
    "MONITOR",
    "FILTER",
]

RcsAgentFilterName = Literal[
    "status",
    "two-way-enabled",
    "self-managed-opt-outs-enabled",
    "opt-out-list-name",
    "deletion-protection-enabled",
    "two-way-channel-arn",
]

RcsAgentStatus = Literal[
    "CREATED",
    "PENDING",
    "TESTING",
    "PARTIAL",
    "ACTIVE",
    "DELETED",
]

RcsFallbackChannel = Literal[
    "SMS",
    "MMS",
]

RegistrationAssociationBehavior = Literal[
    "ASSOCIATE_BEFORE_SUBMIT",
    "ASSOCIATE_ON_APPROVAL",
    "ASSOCIATE_AFTER_COMPLETE",
]

RegistrationAssociationFilterName = Literal[
    "resource-type",
    "iso-country-code",
]

RegistrationAttachmentFilterName = Literal[
    "attachment-status",
]

RegistrationDisassociationBehavior = Literal[
    "DISASSOCIATE_ALL_CLOSES_REGISTRATION",
    "DISASSOCIATE_ALL_ALLOWS_DELETE_REGISTRATION",
    "DELETE_REGISTRATION_DISASSOCIATES",
]

RegistrationFilterName = Literal[
    "registration-type",
    "registration-status",
]

RegistrationStatus = Literal[
    "CREATED",
    "SUBMITTED",
    "AWS_REVIEWING",
    "REVIEWING",
    "REQUIRES_AUTHENTICATION",
    "PROVISIONING",
    "COMPLETE",
    "REQUIRES_UPDATES",
    "CLOSED",
    "DELETED",
]

RegistrationTypeFilterName = Literal[
    "supported-association-resource-type",
    "supported-association-iso-country-code",
]

RegistrationVersionFilterName = Literal[
    "registration-version-status",
]

RegistrationVersionStatus = Literal[
    "DRAFT",
    "SUBMITTED",
    "AWS_REVIEWING",
    "REVIEWING",
    "REQUIRES_AUTHENTICATION",
    "APPROVED",
    "DISCARDED",
    "DENIED",
    "REVOKED",
    "ARCHIVED",
    "REQUIRES_OFFLINE_REVIEW",
]

RequestableNumberType = Literal[
    "LONG_CODE",
    "TOLL_FREE",
    "TEN_DLC",
    "SIMULATOR",
]

ResourceType = Literal[
    "account",
    "phone-number",
    "sender-id",
    "pool",
    "configuration-set",
    "opt-out-list",
    "event-destination",
    "keyword",
    "opted-out-number",
    "registration",
    "registration-attachment",
    "verified-destination-number",
    "protect-configuration",
    "notify-configuration",
    "notify-template",
    "message-template",
    "policy",
    "message",
    "rcs-agent",
]

SearchableNumberType = Literal[
    "TEN_DLC",
]

SenderIdFilterName = Literal[
    "sender-id",
    "iso-country-code",
    "message-type",
    "deletion-protection-enabled",
    "registered",
]

ServiceQuotaExceededExceptionReason = Literal[
    "ASSOCIATIONS_PER_REGISTRATION",
    "CONFIGURATION_SETS_PER_ACCOUNT",
    "DAILY_DESTINATION_CALL_LIMIT",
    "DAILY_NOTIFY_TIER_MESSAGE_LIMIT",
    "EVENT_DESTINATIONS_PER_CONFIGURATION_SET",
    "KEYWORDS_PER_PHONE_NUMBER",
    "KEYWORDS_PER_POOL",
    "MONTHLY_SPEND_LIMIT_REACHED_FOR_MEDIA",
    "MONTHLY_SPEND_LIMIT_REACHED_FOR_NOTIFY",
    "MONTHLY_SPEND_LIMIT_REACHED_FOR_RCS",
    "MONTHLY_SPEND_LIMIT_REACHED_FOR_TEXT",
    "MONTHLY_SPEND_LIMIT_REACHED_FOR_VOICE",
    "NOTIFY_CONFIGURATIONS_PER_ACCOUNT",
    "OPT_OUT_LISTS_PER_ACCOUNT",
    "ORIGINATION_IDENTITIES_PER_POOL",
    "PHONE_NUMBERS_PER_ACCOUNT",
    "PHONE_NUMBERS_PER_REGISTRATION",
    "POOLS_PER_ACCOUNT",
    "RCS_AGENTS_PER_ACCOUNT",
    "REGISTRATION_ATTACHMENTS_CREATED_PER_DAY",
    "REGISTRATION_ATTACHMENTS_PER_ACCOUNT",
    "REGISTRATION_VERSIONS_CREATED_PER_DAY",
    "REGISTRATIONS_PER_ACCOUNT",
    "SENDER_IDS_PER_ACCOUNT",
    "TAGS_PER_RESOURCE",
    "VERIFIED_DESTINATION_NUMBERS_PER_ACCOUNT",
    "VERIFICATION_ATTEMPTS_PER_DAY",
    "PROTECT_CONFIGURATIONS_PER_ACCOUNT",
]

SpendLimitName = Literal[
    "TEXT_MESSAGE_MONTHLY_SPEND_LIMIT",
    "VOICE_MESSAGE_MONTHLY_SPEND_LIMIT",
    "MEDIA_MESSAGE_MONTHLY_SPEND_LIMIT",
    "NOTIFY_MESSAGE_MONTHLY_SPEND_LIMIT",
    "RCS_MESSAGE_MONTHLY_SPEND_LIMIT",
]

TemplateVariableSource = Literal[
    "CUSTOMER",
    "SYSTEM",
]

TemplateVariableType = Literal[
    "STRING",
    "INTEGER",
    "BOOLEAN",
]

TestingAgentStatus = Literal[
    "CREATED",
    "PENDING",
    "ACTIVE",
]

TierUpgradeStatus = Literal[
    "BASIC",
    "PENDING_UPGRADE",
    "ADVANCED",
    "REJECTED",
]

ValidationExceptionReason = Literal[
    "CANNOT_ADD_OPTED_OUT_NUMBER",
    "CANNOT_PARSE",
    "CHANNEL_NOT_ENABLED",
    "COUNTRY_CODE_MISMATCH",
    "COUNTRY_NOT_ENABLED",
    "DESTINATION_COUNTRY_BLOCKED",
    "FIELD_VALIDATION_FAILED",
    "ATTACHMENT_TYPE_NOT_SUPPORTED",
    "INTERNATIONAL_SENDING_NOT_SUPPORTED",
    "INVALID_ARN",
    "INVALID_FILTER_VALUES",
    "INVALID_IDENTITY_FOR_DESTINATION_COUNTRY",
    "INVALID_NEXT_TOKEN",
    "INVALID_PARAMETER",
    "INVALID_REQUEST",
    "INVALID_REGISTRATION_ASSOCIATION",
    "MAXIMUM_SIZE_EXCEEDED",
    "MEDIA_TYPE_NOT_SUPPORTED",
    "MISSING_PARAMETER",
    "PARAMETERS_CANNOT_BE_USED_TOGETHER",
    "PHONE_NUMBER_CANNOT_BE_OPTED_IN",
    "PHONE_NUMBER_CANNOT_BE_RELEASED",
    "PRICE_OVER_THRESHOLD",
    "RESOURCE_NOT_ACCESSIBLE",
    "REQUESTED_SPEND_LIMIT_HIGHER_THAN_SERVICE_LIMIT",
    "SENDER_ID_NOT_REGISTERED",
    "SENDER_ID_NOT_SUPPORTED",
    "SENDER_ID_REQUIRES_REGISTRATION",
    "TWO_WAY_TOPIC_NOT_PRESENT",
    "TWO_WAY_NOT_ENABLED",
    "TWO_WAY_NOT_SUPPORTED_IN_COUNTRY",
    "TWO_WAY_NOT_SUPPORTED_IN_REGION",
    "TWO_WAY_CHANNEL_NOT_PRESENT",
    "UNKNOWN_REGISTRATION_FIELD",
    "UNKNOWN_REGISTRATION_SECTION",
    "UNKNOWN_REGISTRATION_TYPE",
    "UNKNOWN_REGISTRATION_VERSION",
    "UNKNOWN_OPERATION",
    "REGISTRATION_FIELD_CANNOT_BE_DELETED",
    "VERIFICATION_CODE_MISMATCH",
    "VOICE_CAPABILITY_NOT_AVAILABLE",
    "UNSPECIFIED_PARAMETER_NOT_SUPPORTED",
    "OTHER",
]

VerificationChannel = Literal[
    "TEXT",
    "VOICE",
]

VerificationStatus = Literal[
    "PENDING",
    "VERIFIED",
    "UNSUPPORTED",
]

VerifiedDestinationNumberFilterName = Literal[
    "status",
    "rcs-agent-id",
]

VoiceId = Literal[
    "AMY",
    "ASTRID",
    "BIANCA",
    "BRIAN",
    "CAMILA",
    "CARLA",
    "CARMEN",
    "CELINE",
    "CHANTAL",
    "CONCHITA",
    "CRISTIANO",
    "DORA",
    "EMMA",
    "ENRIQUE",
    "EWA",
    "FILIZ",
    "GERAINT",
    "GIORGIO",
    "GWYNETH",
    "HANS",
    "INES",
    "IVY",
    "JACEK",
    "JAN",
    "JOANNA",
    "JOEY",
    "JUSTIN",
    "KARL",
    "KENDRA",
    "KIMBERLY",
    "LEA",
    "LIV",
    "LOTTE",
    "LUCIA",
    "LUPE",
    "MADS",
    "MAJA",
    "MARLENE",
    "MATHIEU",
    "MATTHEW",
    "MAXIM",
    "MIA",
    "MIGUEL",
    "MIZUKI",
    "NAJA",
    "NICOLE",
    "PENELOPE",
    "RAVEENA",
    "RICARDO",
    "RUBEN",
    "RUSSELL",
    "SALLI",
    "SEOYEON",
    "TAKUMI",
    "TATYANA",
    "VICKI",
    "VITORIA",
    "ZEINA",
    "ZHIYU",
]

VoiceMessageBodyTextType = Literal[
    "TEXT",
    "SSML",
]

class AccountAttribute(Struct, kw_only=True, omit_defaults=True):
    name: AccountAttributeName = field(name="Name")
    value: str = field(name="Value")


class AccountLimit(Struct, kw_only=True, omit_defaults=True):
    name: AccountLimitName = field(name="Name")
    used: Long = field(name="Used")
    max: Long = field(name="Max")


class AssociateOriginationIdentityRequest(Struct, kw_only=True, omit_defaults=True):
    pool_id: Annotated[str, Meta(min_length=0, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]*)$')] = field(name="PoolId")
    origination_identity: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="OriginationIdentity")
    iso_country_code: Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')] | None = field(default=None, name="IsoCountryCode")
    client_token: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[!-~]+)$')] | None = field(default=None, name="ClientToken")


class AssociateOriginationIdentityResult(Struct, kw_only=True, omit_defaults=True):
    pool_arn: str | None = field(default=None, name="PoolArn")
    pool_id: str | None = field(default=None, name="PoolId")
    origination_identity_arn: str | None = field(default=None, name="OriginationIdentityArn")
    origination_identity: str | None = field(default=None, name="OriginationIdentity")
    iso_country_code: Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')] | None = field(default=None, name="IsoCountryCode")


class AssociateProtectConfigurationRequest(Struct, kw_only=True, omit_defaults=True):
    protect_configuration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="ProtectConfigurationId")
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="ConfigurationSetName")


class AssociateProtectConfigurationResult(Struct, kw_only=True, omit_defaults=True):
    configuration_set_arn: str = field(name="ConfigurationSetArn")
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="ConfigurationSetName")
    protect_configuration_arn: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:arn:\\S+)$')] = field(name="ProtectConfigurationArn")
    protect_configuration_id: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="ProtectConfigurationId")


class CarrierLookupRequest(Struct, kw_only=True, omit_defaults=True):
    phone_number: Annotated[str, Meta(min_length=1, max_length=40, pattern='^(?:\\+[({\\s\\[]?[1-9][0-9(){}\\s\\[\\],.-]{1,38})$')] = field(name="PhoneNumber")
    enable_cleansing: bool | None = field(default=None, name="EnableCleansing")


class CarrierLookupResult(Struct, kw_only=True, omit_defaults=True):
    e164_phone_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+[1-9][0-9]{1,18})$')] = field(name="E164PhoneNumber")
    dialing_country_code: Annotated[str, Meta(min_length=1, max_length=3, pattern='^(?:[\\d]+)$')] | None = field(default=None, name="DialingCountryCode")
    iso_country_code: Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')] | None = field(default=None, name="IsoCountryCode")
    country: str | None = field(default=None, name="Country")
    mcc: Annotated[str, Meta(min_length=3, max_length=3, pattern='^(?:[\\d]+)$')] | None = field(default=None, name="MCC")
    mnc: Annotated[str, Meta(min_length=2, max_length=3, pattern='^(?:[\\d]+)$')] | None = field(default=None, name="MNC")
    carrier: str | None = field(default=None, name="Carrier")
    phone_number_type: PhoneNumberType = field(name="PhoneNumberType")
    original_phone_number: Annotated[str, Meta(min_length=1, max_length=40, pattern='^(?:\\+[({\\s\\[]?[1-9][0-9(){}\\s\\[\\],.-]{1,38})$')] | None = field(default=None, name="OriginalPhoneNumber")


class CarrierStatusInformation(Struct, kw_only=True, omit_defaults=True):
    carrier_name: str = field(name="CarrierName")
    status: CarrierStatus = field(name="Status")


class CloudWatchLogsDestination(Struct, kw_only=True, omit_defaults=True):
    iam_role_arn: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:arn:\\S+)$')] = field(name="IamRoleArn")
    log_group_arn: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:arn:\\S+)$')] = field(name="LogGroupArn")


class ConditionalBehavior(Struct, kw_only=True, omit_defaults=True):
    rules: Annotated[list[ConditionalRule], Meta(min_length=1, max_length=20)] = field(name="Rules")
    default_behavior: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_]+)$')] = field(name="DefaultBehavior")


class ConditionalRule(Struct, kw_only=True, omit_defaults=True):
    conditions: Annotated[list[FieldCondition], Meta(min_length=1, max_length=5)] = field(name="Conditions")
    rule_behavior: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_]+)$')] = field(name="RuleBehavior")
    conditional_validation: ConditionalValidation | None = field(default=None, name="ConditionalValidation")


class ConditionalValidation(Struct, kw_only=True, omit_defaults=True):
    min_length: Annotated[int, Meta(ge=0, le=2147483647)] | None = field(default=None, name="MinLength")
    max_length: Annotated[int, Meta(ge=0, le=2147483647)] | None = field(default=None, name="MaxLength")
    pattern: Annotated[str, Meta(min_length=1, max_length=2048)] | None = field(default=None, name="Pattern")
    allowed_values: Annotated[list[Annotated[str, Meta(min_length=1, max_length=256)]], Meta(min_length=0, max_length=100)] | None = field(default=None, name="AllowedValues")


class ConfigurationSetFilter(Struct, kw_only=True, omit_defaults=True):
    name: ConfigurationSetFilterName = field(name="Name")
    values: Annotated[list[Annotated[str, Meta(min_length=1, max_length=128, pattern='^(?:[/\\.:A-Za-z0-9+_-]+)$')]], Meta(min_length=1, max_length=20)] = field(name="Values")


class ConfigurationSetInformation(Struct, kw_only=True, omit_defaults=True):
    configuration_set_arn: str = field(name="ConfigurationSetArn")
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="ConfigurationSetName")
    event_destinations: list[EventDestination] = field(name="EventDestinations")
    default_message_type: MessageType | None = field(default=None, name="DefaultMessageType")
    default_sender_id: Annotated[str, Meta(min_length=1, max_length=11, pattern='^(?:[A-Za-z0-9_-]+)$')] | None = field(default=None, name="DefaultSenderId")
    default_message_feedback_enabled: bool | None = field(default=None, name="DefaultMessageFeedbackEnabled")
    created_timestamp: float = field(name="CreatedTimestamp")
    protect_configuration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] | None = field(default=None, name="ProtectConfigurationId")


class CountryLaunchStatusFilter(Struct, kw_only=True, omit_defaults=True):
    name: CountryLaunchStatusFilterName = field(name="Name")
    values: Annotated[list[Annotated[str, Meta(min_length=1, max_length=128, pattern='^(?:[/\\.:A-Za-z0-9+_-]+)$')]], Meta(min_length=1, max_length=20)] = field(name="Values")


class CountryLaunchStatusInformation(Struct, kw_only=True, omit_defaults=True):
    iso_country_code: Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')] = field(name="IsoCountryCode")
    status: CountryLaunchStatus = field(name="Status")
    rcs_platform_id: str | None = field(default=None, name="RcsPlatformId")
    registration_id: str = field(name="RegistrationId")
    carrier_status: list[CarrierStatusInformation] = field(name="CarrierStatus")


class CreateConfigurationSetRequest(Struct, kw_only=True, omit_defaults=True):
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="ConfigurationSetName")
    tags: Annotated[list[Tag], Meta(min_length=0, max_length=200)] | None = field(default=None, name="Tags")
    client_token: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[!-~]+)$')] | None = field(default=None, name="ClientToken")


class CreateConfigurationSetResult(Struct, kw_only=True, omit_defaults=True):
    configuration_set_arn: str | None = field(default=None, name="ConfigurationSetArn")
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] | None = field(default=None, name="ConfigurationSetName")
    tags: Annotated[list[Tag], Meta(min_length=0, max_length=200)] | None = field(default=None, name="Tags")
    created_timestamp: float | None = field(default=None, name="CreatedTimestamp")


class CreateEventDestinationRequest(Struct, kw_only=True, omit_defaults=True):
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="ConfigurationSetName")
    event_destination_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="EventDestinationName")
    matching_event_types: Annotated[list[EventType], Meta(min_length=1, max_length=52)] = field(name="MatchingEventTypes")
    cloud_watch_logs_destination: CloudWatchLogsDestination | None = field(default=None, name="CloudWatchLogsDestination")
    kinesis_firehose_destination: KinesisFirehoseDestination | None = field(default=None, name="KinesisFirehoseDestination")
    sns_destination: SnsDestination | None = field(default=None, name="SnsDestination")
    client_token: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[!-~]+)$')] | None = field(default=None, name="ClientToken")


class CreateEventDestinationResult(Struct, kw_only=True, omit_defaults=True):
    configuration_set_arn: str | None = field(default=None, name="ConfigurationSetArn")
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] | None = field(default=None, name="ConfigurationSetName")
    event_destination: EventDestination | None = field(default=None, name="EventDestination")


class CreateNotifyConfigurationRequest(Struct, kw_only=True, omit_defaults=True):
    display_name: Annotated[str, Meta(min_length=1, max_length=15, pattern='^(?:[A-Za-z0-9_ -]+)$')] = field(name="DisplayName")
    use_case: NotifyConfigurationUseCase = field(name="UseCase")
    default_template_id: Annotated[str, Meta(min_length=0, max_length=256, pattern='^(?:([A-Za-z0-9_-]*|UNSET_DEFAULT_TEMPLATE))$')] | None = field(default=None, name="DefaultTemplateId")
    pool_id: Annotated[str, Meta(min_length=0, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]*)$')] | None = field(default=None, name="PoolId")
    enabled_countries: Annotated[list[Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')]], Meta(min_length=0, max_length=300)] | None = field(default=None, name="EnabledCountries")
    enabled_channels: Annotated[list[NumberCapability], Meta(min_length=1, max_length=4)] = field(name="EnabledChannels")
    deletion_protection_enabled: bool | None = field(default=None, name="DeletionProtectionEnabled")
    client_token: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[!-~]+)$')] | None = field(default=None, name="ClientToken")
    tags: Annotated[list[Tag], Meta(min_length=0, max_length=200)] | None = field(default=None, name="Tags")


class CreateNotifyConfigurationResult(Struct, kw_only=True, omit_defaults=True):
    notify_configuration_arn: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:arn:\\S+)$')] = field(name="NotifyConfigurationArn")
    notify_configuration_id: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="NotifyConfigurationId")
    display_name: Annotated[str, Meta(min_length=1, max_length=15, pattern='^(?:[A-Za-z0-9_ -]+)$')] = field(name="DisplayName")
    use_case: NotifyConfigurationUseCase = field(name="UseCase")
    default_template_id: Annotated[str, Meta(min_length=0, max_length=256, pattern='^(?:([A-Za-z0-9_-]*|UNSET_DEFAULT_TEMPLATE))$')] | None = field(default=None, name="DefaultTemplateId")
    pool_id: str | None = field(default=None, name="PoolId")
    enabled_countries: Annotated[list[Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')]], Meta(min_length=0, max_length=300)] | None = field(default=None, name="EnabledCountries")
    enabled_channels: Annotated[list[NumberCapability], Meta(min_length=1, max_length=4)] = field(name="EnabledChannels")
    tier: NotifyConfigurationTier = field(name="Tier")
    tier_upgrade_status: TierUpgradeStatus = field(name="TierUpgradeStatus")
    status: NotifyConfigurationStatus = field(name="Status")
    rejection_reason: str | None = field(default=None, name="RejectionReason")
    deletion_protection_enabled: bool = field(name="DeletionProtectionEnabled")
    tags: Annotated[list[Tag], Meta(min_length=0, max_length=200)] | None = field(default=None, name="Tags")
    created_timestamp: float = field(name="CreatedTimestamp")


class CreateOptOutListRequest(Struct, kw_only=True, omit_defaults=True):
    opt_out_list_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="OptOutListName")
    tags: Annotated[list[Tag], Meta(min_length=0, max_length=200)] | None = field(default=None, name="Tags")
    client_token: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[!-~]+)$')] | None = field(default=None, name="ClientToken")


class CreateOptOutListResult(Struct, kw_only=True, omit_defaults=True):
    opt_out_list_arn: str | None = field(default=None, name="OptOutListArn")
    opt_out_list_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] | None = field(default=None, name="OptOutListName")
    tags: Annotated[list[Tag], Meta(min_length=0, max_length=200)] | None = field(default=None, name="Tags")
    created_timestamp: float | None = field(default=None, name="CreatedTimestamp")


class CreatePoolRequest(Struct, kw_only=True, omit_defaults=True):
    origination_identity: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="OriginationIdentity")
    iso_country_code: Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')] | None = field(default=None, name="IsoCountryCode")
    message_type: MessageType = field(name="MessageType")
    deletion_protection_enabled: bool | None = field(default=None, name="DeletionProtectionEnabled")
    tags: Annotated[list[Tag], Meta(min_length=0, max_length=200)] | None = field(default=None, name="Tags")
    client_token: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[!-~]+)$')] | None = field(default=None, name="ClientToken")


class CreatePoolResult(Struct, kw_only=True, omit_defaults=True):
    pool_arn: str | None = field(default=None, name="PoolArn")
    pool_id: str | None = field(default=None, name="PoolId")
    status: PoolStatus | None = field(default=None, name="Status")
    message_type: MessageType | None = field(default=None, name="MessageType")
    two_way_enabled: bool | None = field(default=None, name="TwoWayEnabled")
    two_way_channel_arn: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:\\S+)$')] | None = field(default=None, name="TwoWayChannelArn")
    two_way_channel_role: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:arn:\\S+)$')] | None = field(default=None, name="TwoWayChannelRole")
    self_managed_opt_outs_enabled: bool | None = field(default=None, name="SelfManagedOptOutsEnabled")
    opt_out_list_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] | None = field(default=None, name="OptOutListName")
    shared_routes_enabled: bool | None = field(default=None, name="SharedRoutesEnabled")
    deletion_protection_enabled: bool | None = field(default=None, name="DeletionProtectionEnabled")
    tags: Annotated[list[Tag], Meta(min_length=0, max_length=200)] | None = field(default=None, name="Tags")
    created_timestamp: float | None = field(default=None, name="CreatedTimestamp")


class CreateProtectConfigurationRequest(Struct, kw_only=True, omit_defaults=True):
    client_token: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[!-~]+)$')] | None = field(default=None, name="ClientToken")
    deletion_protection_enabled: bool | None = field(default=None, name="DeletionProtectionEnabled")
    tags: Annotated[list[Tag], Meta(min_length=0, max_length=200)] | None = field(default=None, name="Tags")


class CreateProtectConfigurationResult(Struct, kw_only=True, omit_defaults=True):
    protect_configuration_arn: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:arn:\\S+)$')] = field(name="ProtectConfigurationArn")
    protect_configuration_id: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="ProtectConfigurationId")
    created_timestamp: float = field(name="CreatedTimestamp")
    account_default: bool = field(name="AccountDefault")
    deletion_protection_enabled: bool = field(name="DeletionProtectionEnabled")
    tags: Annotated[list[Tag], Meta(min_length=0, max_length=200)] | None = field(default=None, name="Tags")


class CreateRcsAgentRequest(Struct, kw_only=True, omit_defaults=True):
    deletion_protection_enabled: bool | None = field(default=None, name="DeletionProtectionEnabled")
    opt_out_list_name: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] | None = field(default=None, name="OptOutListName")
    tags: Annotated[list[Tag], Meta(min_length=0, max_length=200)] | None = field(default=None, name="Tags")
    client_token: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[!-~]+)$')] | None = field(default=None, name="ClientToken")


class CreateRcsAgentResult(Struct, kw_only=True, omit_defaults=True):
    rcs_agent_arn: str = field(name="RcsAgentArn")
    rcs_agent_id: str = field(name="RcsAgentId")
    status: RcsAgentStatus = field(name="Status")
    deletion_protection_enabled: bool = field(name="DeletionProtectionEnabled")
    opt_out_list_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] | None = field(default=None, name="OptOutListName")
    created_timestamp: float = field(name="CreatedTimestamp")
    self_managed_opt_outs_enabled: bool = field(name="SelfManagedOptOutsEnabled")
    two_way_channel_arn: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:\\S+)$')] | None = field(default=None, name="TwoWayChannelArn")
    two_way_channel_role: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:arn:\\S+)$')] | None = field(default=None, name="TwoWayChannelRole")
    two_way_enabled: bool = field(name="TwoWayEnabled")
    two_way_media_s3_bucket_name: Annotated[str, Meta(min_length=3, max_length=63, pattern='^(?:[a-z0-9][a-z0-9.-]*[a-z0-9])$')] | None = field(default=None, name="TwoWayMediaS3BucketName")
    two_way_media_s3_key_prefix: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:[\\S]+)$')] | None = field(default=None, name="TwoWayMediaS3KeyPrefix")
    two_way_media_s3_role: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:arn:\\S+)$')] | None = field(default=None, name="TwoWayMediaS3Role")
    two_way_rcs_events_enabled: Annotated[list[Annotated[str, Meta(min_length=1, max_length=50)]], Meta(min_length=0, max_length=100)] | None = field(default=None, name="TwoWayRcsEventsEnabled")
    tags: Annotated[list[Tag], Meta(min_length=0, max_length=200)] | None = field(default=None, name="Tags")


class CreateRegistrationAssociationRequest(Struct, kw_only=True, omit_defaults=True):
    registration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="RegistrationId")
    resource_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="ResourceId")


class CreateRegistrationAssociationResult(Struct, kw_only=True, omit_defaults=True):
    registration_arn: str = field(name="RegistrationArn")
    registration_id: str = field(name="RegistrationId")
    registration_type: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_]+)$')] = field(name="RegistrationType")
    resource_arn: str = field(name="ResourceArn")
    resource_id: str = field(name="ResourceId")
    resource_type: str = field(name="ResourceType")
    iso_country_code: Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')] | None = field(default=None, name="IsoCountryCode")
    phone_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')] | None = field(default=None, name="PhoneNumber")


class CreateRegistrationAttachmentRequest(Struct, kw_only=True, omit_defaults=True):
    attachment_body: Annotated[bytes, Meta(min_length=1, max_length=6990508)] | None = field(default=None, name="AttachmentBody")
    attachment_url: Annotated[str, Meta(min_length=1, max_length=2048, pattern='^(?:\\S+)$')] | None = field(default=None, name="AttachmentUrl")
    tags: Annotated[list[Tag], Meta(min_length=0, max_length=200)] | None = field(default=None, name="Tags")
    client_token: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[!-~]+)$')] | None = field(default=None, name="ClientToken")


class CreateRegistrationAttachmentResult(Struct, kw_only=True, omit_defaults=True):
    registration_attachment_arn: str = field(name="RegistrationAttachmentArn")
    registration_attachment_id: str = field(name="RegistrationAttachmentId")
    attachment_status: AttachmentStatus = field(name="AttachmentStatus")
    tags: Annotated[list[Tag], Meta(min_length=0, max_length=200)] | None = field(default=None, name="Tags")
    created_timestamp: float = field(name="CreatedTimestamp")


class CreateRegistrationRequest(Struct, kw_only=True, omit_defaults=True):
    registration_type: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_]+)$')] = field(name="RegistrationType")
    tags: Annotated[list[Tag], Meta(min_length=0, max_length=200)] | None = field(default=None, name="Tags")
    client_token: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[!-~]+)$')] | None = field(default=None, name="ClientToken")


class CreateRegistrationResult(Struct, kw_only=True, omit_defaults=True):
    registration_arn: str = field(name="RegistrationArn")
    registration_id: str = field(name="RegistrationId")
    registration_type: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_]+)$')] = field(name="RegistrationType")
    registration_status: RegistrationStatus = field(name="RegistrationStatus")
    current_version_number: Annotated[int, Meta(ge=1, le=100000)] = field(name="CurrentVersionNumber")
    additional_attributes: dict[str, str] | None = field(default=None, name="AdditionalAttributes")
    tags: Annotated[list[Tag], Meta(min_length=0, max_length=200)] | None = field(default=None, name="Tags")
    created_timestamp: float = field(name="CreatedTimestamp")


class CreateRegistrationVersionRequest(Struct, kw_only=True, omit_defaults=True):
    registration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="RegistrationId")


class CreateRegistrationVersionResult(Struct, kw_only=True, omit_defaults=True):
    registration_arn: str = field(name="RegistrationArn")
    registration_id: str = field(name="RegistrationId")
    version_number: Annotated[int, Meta(ge=1, le=100000)] = field(name="VersionNumber")
    registration_version_status: RegistrationVersionStatus = field(name="RegistrationVersionStatus")
    registration_version_status_history: RegistrationVersionStatusHistory = field(name="RegistrationVersionStatusHistory")


class CreateVerifiedDestinationNumberRequest(Struct, kw_only=True, omit_defaults=True):
    destination_phone_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')] = field(name="DestinationPhoneNumber")
    rcs_agent_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] | None = field(default=None, name="RcsAgentId")
    tags: Annotated[list[Tag], Meta(min_length=0, max_length=200)] | None = field(default=None, name="Tags")
    client_token: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[!-~]+)$')] | None = field(default=None, name="ClientToken")


class CreateVerifiedDestinationNumberResult(Struct, kw_only=True, omit_defaults=True):
    verified_destination_number_arn: str = field(name="VerifiedDestinationNumberArn")
    verified_destination_number_id: str = field(name="VerifiedDestinationNumberId")
    destination_phone_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')] = field(name="DestinationPhoneNumber")
    status: VerificationStatus = field(name="Status")
    rcs_agent_id: str | None = field(default=None, name="RcsAgentId")
    tags: Annotated[list[Tag], Meta(min_length=0, max_length=200)] | None = field(default=None, name="Tags")
    created_timestamp: float = field(name="CreatedTimestamp")


class DeleteAccountDefaultProtectConfigurationRequest(Struct, kw_only=True, omit_defaults=True):
    pass


class DeleteAccountDefaultProtectConfigurationResult(Struct, kw_only=True, omit_defaults=True):
    default_protect_configuration_arn: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:arn:\\S+)$')] = field(name="DefaultProtectConfigurationArn")
    default_protect_configuration_id: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="DefaultProtectConfigurationId")


class DeleteConfigurationSetRequest(Struct, kw_only=True, omit_defaults=True):
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="ConfigurationSetName")


class DeleteConfigurationSetResult(Struct, kw_only=True, omit_defaults=True):
    configuration_set_arn: str | None = field(default=None, name="ConfigurationSetArn")
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] | None = field(default=None, name="ConfigurationSetName")
    event_destinations: list[EventDestination] | None = field(default=None, name="EventDestinations")
    default_message_type: MessageType | None = field(default=None, name="DefaultMessageType")
    default_sender_id: Annotated[str, Meta(min_length=1, max_length=11, pattern='^(?:[A-Za-z0-9_-]+)$')] | None = field(default=None, name="DefaultSenderId")
    default_message_feedback_enabled: bool | None = field(default=None, name="DefaultMessageFeedbackEnabled")
    created_timestamp: float | None = field(default=None, name="CreatedTimestamp")


class DeleteDefaultMessageTypeRequest(Struct, kw_only=True, omit_defaults=True):
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="ConfigurationSetName")


class DeleteDefaultMessageTypeResult(Struct, kw_only=True, omit_defaults=True):
    configuration_set_arn: str | None = field(default=None, name="ConfigurationSetArn")
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] | None = field(default=None, name="ConfigurationSetName")
    message_type: MessageType | None = field(default=None, name="MessageType")


class DeleteDefaultSenderIdRequest(Struct, kw_only=True, omit_defaults=True):
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="ConfigurationSetName")


class DeleteDefaultSenderIdResult(Struct, kw_only=True, omit_defaults=True):
    configuration_set_arn: str | None = field(default=None, name="ConfigurationSetArn")
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] | None = field(default=None, name="ConfigurationSetName")
    sender_id: Annotated[str, Meta(min_length=1, max_length=11, pattern='^(?:[A-Za-z0-9_-]+)$')] | None = field(default=None, name="SenderId")


class DeleteEventDestinationRequest(Struct, kw_only=True, omit_defaults=True):
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="ConfigurationSetName")
    event_destination_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="EventDestinationName")


class DeleteEventDestinationResult(Struct, kw_only=True, omit_defaults=True):
    configuration_set_arn: str | None = field(default=None, name="ConfigurationSetArn")
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] | None = field(default=None, name="ConfigurationSetName")
    event_destination: EventDestination | None = field(default=None, name="EventDestination")


class DeleteKeywordRequest(Struct, kw_only=True, omit_defaults=True):
    origination_identity: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="OriginationIdentity")
    keyword: Annotated[str, Meta(min_length=1, max_length=30, pattern='^(?:[ \\S]+)$')] = field(name="Keyword")


class DeleteKeywordResult(Struct, kw_only=True, omit_defaults=True):
    origination_identity_arn: str | None = field(default=None, name="OriginationIdentityArn")
    origination_identity: str | None = field(default=None, name="OriginationIdentity")
    keyword: Annotated[str, Meta(min_length=1, max_length=30, pattern='^(?:[ \\S]+)$')] | None = field(default=None, name="Keyword")
    keyword_message: Annotated[str, Meta(min_length=1, max_length=1600, pattern='^(?:(?!\\s*$)[\\s\\S]+)$')] | None = field(default=None, name="KeywordMessage")
    keyword_action: KeywordAction | None = field(default=None, name="KeywordAction")


class DeleteMediaMessageSpendLimitOverrideRequest(Struct, kw_only=True, omit_defaults=True):
    pass


class DeleteMediaMessageSpendLimitOverrideResult(Struct, kw_only=True, omit_defaults=True):
    monthly_limit: Annotated[int, Meta(ge=0, le=1000000000)] | None = field(default=None, name="MonthlyLimit")


class DeleteNotifyConfigurationRequest(Struct, kw_only=True, omit_defaults=True):
    notify_configuration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="NotifyConfigurationId")


class DeleteNotifyConfigurationResult(Struct, kw_only=True, omit_defaults=True):
    notify_configuration_arn: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:arn:\\S+)$')] = field(name="NotifyConfigurationArn")
    notify_configuration_id: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="NotifyConfigurationId")
    display_name: Annotated[str, Meta(min_length=1, max_length=15, pattern='^(?:[A-Za-z0-9_ -]+)$')] = field(name="DisplayName")
    use_case: NotifyConfigurationUseCase = field(name="UseCase")
    default_template_id: Annotated[str, Meta(min_length=0, max_length=256, pattern='^(?:([A-Za-z0-9_-]*|UNSET_DEFAULT_TEMPLATE))$')] | None = field(default=None, name="DefaultTemplateId")
    pool_id: str | None = field(default=None, name="PoolId")
    enabled_countries: Annotated[list[Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')]], Meta(min_length=0, max_length=300)] | None = field(default=None, name="EnabledCountries")
    enabled_channels: Annotated[list[NumberCapability], Meta(min_length=1, max_length=4)] = field(name="EnabledChannels")
    tier: NotifyConfigurationTier = field(name="Tier")
    tier_upgrade_status: TierUpgradeStatus = field(name="TierUpgradeStatus")
    status: NotifyConfigurationStatus = field(name="Status")
    rejection_reason: str | None = field(default=None, name="RejectionReason")
    deletion_protection_enabled: bool = field(name="DeletionProtectionEnabled")
    created_timestamp: float = field(name="CreatedTimestamp")


class DeleteNotifyMessageSpendLimitOverrideRequest(Struct, kw_only=True, omit_defaults=True):
    pass


class DeleteNotifyMessageSpendLimitOverrideResult(Struct, kw_only=True, omit_defaults=True):
    monthly_limit: Annotated[int, Meta(ge=0, le=1000000000)] | None = field(default=None, name="MonthlyLimit")


class DeleteOptOutListRequest(Struct, kw_only=True, omit_defaults=True):
    opt_out_list_name: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="OptOutListName")


class DeleteOptOutListResult(Struct, kw_only=True, omit_defaults=True):
    opt_out_list_arn: str | None = field(default=None, name="OptOutListArn")
    opt_out_list_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] | None = field(default=None, name="OptOutListName")
    created_timestamp: float | None = field(default=None, name="CreatedTimestamp")


class DeleteOptedOutNumberRequest(Struct, kw_only=True, omit_defaults=True):
    opt_out_list_name: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="OptOutListName")
    opted_out_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')] = field(name="OptedOutNumber")


class DeleteOptedOutNumberResult(Struct, kw_only=True, omit_defaults=True):
    opt_out_list_arn: str | None = field(default=None, name="OptOutListArn")
    opt_out_list_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] | None = field(default=None, name="OptOutListName")
    opted_out_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')] | None = field(default=None, name="OptedOutNumber")
    opted_out_timestamp: float | None = field(default=None, name="OptedOutTimestamp")
    end_user_opted_out: bool | None = field(default=None, name="EndUserOptedOut")


class DeletePoolRequest(Struct, kw_only=True, omit_defaults=True):
    pool_id: Annotated[str, Meta(min_length=0, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]*)$')] = field(name="PoolId")


class DeletePoolResult(Struct, kw_only=True, omit_defaults=True):
    pool_arn: str | None = field(default=None, name="PoolArn")
    pool_id: str | None = field(default=None, name="PoolId")
    status: PoolStatus | None = field(default=None, name="Status")
    message_type: MessageType | None = field(default=None, name="MessageType")
    two_way_enabled: bool | None = field(default=None, name="TwoWayEnabled")
    two_way_channel_arn: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:\\S+)$')] | None = field(default=None, name="TwoWayChannelArn")
    two_way_channel_role: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:arn:\\S+)$')] | None = field(default=None, name="TwoWayChannelRole")
    self_managed_opt_outs_enabled: bool | None = field(default=None, name="SelfManagedOptOutsEnabled")
    opt_out_list_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] | None = field(default=None, name="OptOutListName")
    shared_routes_enabled: bool | None = field(default=None, name="SharedRoutesEnabled")
    created_timestamp: float | None = field(default=None, name="CreatedTimestamp")


class DeleteProtectConfigurationRequest(Struct, kw_only=True, omit_defaults=True):
    protect_configuration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="ProtectConfigurationId")


class DeleteProtectConfigurationResult(Struct, kw_only=True, omit_defaults=True):
    protect_configuration_arn: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:arn:\\S+)$')] = field(name="ProtectConfigurationArn")
    protect_configuration_id: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="ProtectConfigurationId")
    created_timestamp: float = field(name="CreatedTimestamp")
    account_default: bool = field(name="AccountDefault")
    deletion_protection_enabled: bool = field(name="DeletionProtectionEnabled")


class DeleteProtectConfigurationRuleSetNumberOverrideRequest(Struct, kw_only=True, omit_defaults=True):
    protect_configuration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="ProtectConfigurationId")
    destination_phone_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')] = field(name="DestinationPhoneNumber")


class DeleteProtectConfigurationRuleSetNumberOverrideResult(Struct, kw_only=True, omit_defaults=True):
    protect_configuration_arn: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:arn:\\S+)$')] = field(name="ProtectConfigurationArn")
    protect_configuration_id: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="ProtectConfigurationId")
    destination_phone_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')] = field(name="DestinationPhoneNumber")
    created_timestamp: float = field(name="CreatedTimestamp")
    action: ProtectConfigurationRuleOverrideAction = field(name="Action")
    iso_country_code: Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')] | None = field(default=None, name="IsoCountryCode")
    expiration_timestamp: float | None = field(default=None, name="ExpirationTimestamp")


class DeleteRcsAgentRequest(Struct, kw_only=True, omit_defaults=True):
    rcs_agent_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="RcsAgentId")


class DeleteRcsAgentResult(Struct, kw_only=True, omit_defaults=True):
    rcs_agent_arn: str = field(name="RcsAgentArn")
    rcs_agent_id: str = field(name="RcsAgentId")
    status: RcsAgentStatus = field(name="Status")
    created_timestamp: float = field(name="CreatedTimestamp")
    deletion_protection_enabled: bool = field(name="DeletionProtectionEnabled")
    opt_out_list_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] | None = field(default=None, name="OptOutListName")
    self_managed_opt_outs_enabled: bool = field(name="SelfManagedOptOutsEnabled")
    two_way_channel_arn: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:\\S+)$')] | None = field(default=None, name="TwoWayChannelArn")
    two_way_channel_role: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:arn:\\S+)$')] | None = field(default=None, name="TwoWayChannelRole")
    two_way_enabled: bool = field(name="TwoWayEnabled")
    two_way_rcs_events_enabled: Annotated[list[Annotated[str, Meta(min_length=1, max_length=50)]], Meta(min_length=0, max_length=100)] | None = field(default=None, name="TwoWayRcsEventsEnabled")


class DeleteRcsMessageSpendLimitOverrideRequest(Struct, kw_only=True, omit_defaults=True):
    pass


class DeleteRcsMessageSpendLimitOverrideResult(Struct, kw_only=True, omit_defaults=True):
    monthly_limit: Annotated[int, Meta(ge=0, le=1000000000)] | None = field(default=None, name="MonthlyLimit")


class DeleteRegistrationAttachmentRequest(Struct, kw_only=True, omit_defaults=True):
    registration_attachment_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="RegistrationAttachmentId")


class DeleteRegistrationAttachmentResult(Struct, kw_only=True, omit_defaults=True):
    registration_attachment_arn: str = field(name="RegistrationAttachmentArn")
    registration_attachment_id: str = field(name="RegistrationAttachmentId")
    attachment_status: AttachmentStatus = field(name="AttachmentStatus")
    attachment_upload_error_reason: AttachmentUploadErrorReason | None = field(default=None, name="AttachmentUploadErrorReason")
    created_timestamp: float = field(name="CreatedTimestamp")


class DeleteRegistrationFieldValueRequest(Struct, kw_only=True, omit_defaults=True):
    registration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="RegistrationId")
    field_path: Annotated[str, Meta(min_length=1, max_length=100, pattern='^(?:[A-Za-z0-9_\\.]+)$')] = field(name="FieldPath")


class DeleteRegistrationFieldValueResult(Struct, kw_only=True, omit_defaults=True):
    registration_arn: str = field(name="RegistrationArn")
    registration_id: str = field(name="RegistrationId")
    version_number: Annotated[int, Meta(ge=1, le=100000)] = field(name="VersionNumber")
    field_path: Annotated[str, Meta(min_length=1, max_length=100, pattern='^(?:[A-Za-z0-9_\\.]+)$')] = field(name="FieldPath")
    select_choices: Annotated[list[Annotated[str, Meta(min_length=1, max_length=256)]], Meta(min_length=0, max_length=100)] | None = field(default=None, name="SelectChoices")
    text_value: Annotated[str, Meta(min_length=1, max_length=2048)] | None = field(default=None, name="TextValue")
    registration_attachment_id: str | None = field(default=None, name="RegistrationAttachmentId")


class DeleteRegistrationRequest(Struct, kw_only=True, omit_defaults=True):
    registration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="RegistrationId")


class DeleteRegistrationResult(Struct, kw_only=True, omit_defaults=True):
    registration_arn: str = field(name="RegistrationArn")
    registration_id: str = field(name="RegistrationId")
    registration_type: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_]+)$')] = field(name="RegistrationType")
    registration_status: RegistrationStatus = field(name="RegistrationStatus")
    current_version_number: Annotated[int, Meta(ge=1, le=100000)] = field(name="CurrentVersionNumber")
    approved_version_number: Annotated[int, Meta(ge=1, le=100000)] | None = field(default=None, name="ApprovedVersionNumber")
    latest_denied_version_number: Annotated[int, Meta(ge=1, le=100000)] | None = field(default=None, name="LatestDeniedVersionNumber")
    additional_attributes: dict[str, str] | None = field(default=None, name="AdditionalAttributes")
    created_timestamp: float = field(name="CreatedTimestamp")


class DeleteResourcePolicyRequest(Struct, kw_only=True, omit_defaults=True):
    resource_arn: Annotated[str, Meta(min_length=20, max_length=256, pattern='^(?:arn:[A-Za-z0-9_:/-]+)$')] = field(name="ResourceArn")


class DeleteResourcePolicyResult(Struct, kw_only=True, omit_defaults=True):
    resource_arn: Annotated[str, Meta(min_length=20, max_length=256, pattern='^(?:arn:[A-Za-z0-9_:/-]+)$')] | None = field(default=None, name="ResourceArn")
    policy: Annotated[str, Meta(min_length=1, max_length=10000)] | None = field(default=None, name="Policy")
    created_timestamp: float | None = field(default=None, name="CreatedTimestamp")


class DeleteTextMessageSpendLimitOverrideRequest(Struct, kw_only=True, omit_defaults=True):
    pass


class DeleteTextMessageSpendLimitOverrideResult(Struct, kw_only=True, omit_defaults=True):
    monthly_limit: Annotated[int, Meta(ge=0, le=1000000000)] | None = field(default=None, name="MonthlyLimit")


class DeleteVerifiedDestinationNumberRequest(Struct, kw_only=True, omit_defaults=True):
    verified_destination_number_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="VerifiedDestinationNumberId")


class DeleteVerifiedDestinationNumberResult(Struct, kw_only=True, omit_defaults=True):
    verified_destination_number_arn: str = field(name="VerifiedDestinationNumberArn")
    verified_destination_number_id: str = field(name="VerifiedDestinationNumberId")
    destination_phone_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')] = field(name="DestinationPhoneNumber")
    created_timestamp: float = field(name="CreatedTimestamp")


class DeleteVoiceMessageSpendLimitOverrideRequest(Struct, kw_only=True, omit_defaults=True):
    pass


class DeleteVoiceMessageSpendLimitOverrideResult(Struct, kw_only=True, omit_defaults=True):
    monthly_limit: Annotated[int, Meta(ge=0, le=1000000000)] | None = field(default=None, name="MonthlyLimit")


class DescribeAccountAttributesRequest(Struct, kw_only=True, omit_defaults=True):
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")
    max_results: Annotated[int, Meta(ge=1, le=100)] | None = field(default=None, name="MaxResults")


class DescribeAccountAttributesResult(Struct, kw_only=True, omit_defaults=True):
    account_attributes: list[AccountAttribute] | None = field(default=None, name="AccountAttributes")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")


class DescribeAccountLimitsRequest(Struct, kw_only=True, omit_defaults=True):
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")
    max_results: Annotated[int, Meta(ge=1, le=100)] | None = field(default=None, name="MaxResults")


class DescribeAccountLimitsResult(Struct, kw_only=True, omit_defaults=True):
    account_limits: list[AccountLimit] | None = field(default=None, name="AccountLimits")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")


class DescribeConfigurationSetsRequest(Struct, kw_only=True, omit_defaults=True):
    configuration_set_names: Annotated[list[Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')]], Meta(min_length=0, max_length=5)] | None = field(default=None, name="ConfigurationSetNames")
    filters: Annotated[list[ConfigurationSetFilter], Meta(min_length=0, max_length=20)] | None = field(default=None, name="Filters")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")
    max_results: Annotated[int, Meta(ge=1, le=100)] | None = field(default=None, name="MaxResults")


class DescribeConfigurationSetsResult(Struct, kw_only=True, omit_defaults=True):
    configuration_sets: list[ConfigurationSetInformation] | None = field(default=None, name="ConfigurationSets")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")


class DescribeKeywordsRequest(Struct, kw_only=True, omit_defaults=True):
    origination_identity: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="OriginationIdentity")
    keywords: Annotated[list[Annotated[str, Meta(min_length=1, max_length=30, pattern='^(?:[ \\S]+)$')]], Meta(min_length=0, max_length=5)] | None = field(default=None, name="Keywords")
    filters: Annotated[list[KeywordFilter], Meta(min_length=0, max_length=20)] | None = field(default=None, name="Filters")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")
    max_results: Annotated[int, Meta(ge=1, le=100)] | None = field(default=None, name="MaxResults")


class DescribeKeywordsResult(Struct, kw_only=True, omit_defaults=True):
    origination_identity_arn: str | None = field(default=None, name="OriginationIdentityArn")
    origination_identity: str | None = field(default=None, name="OriginationIdentity")
    keywords: list[KeywordInformation] | None = field(default=None, name="Keywords")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")


class DescribeNotifyConfigurationsRequest(Struct, kw_only=True, omit_defaults=True):
    notify_configuration_ids: Annotated[list[Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')]], Meta(min_length=0, max_length=5)] | None = field(default=None, name="NotifyConfigurationIds")
    filters: Annotated[list[NotifyConfigurationFilter], Meta(min_length=0, max_length=20)] | None = field(default=None, name="Filters")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")
    max_results: Annotated[int, Meta(ge=1, le=100)] | None = field(default=None, name="MaxResults")


class DescribeNotifyConfigurationsResult(Struct, kw_only=True, omit_defaults=True):
    notify_configurations: Annotated[list[NotifyConfigurationInformation], Meta(min_length=1, max_length=100)] | None = field(default=None, name="NotifyConfigurations")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")


class DescribeNotifyTemplatesRequest(Struct, kw_only=True, omit_defaults=True):
    template_ids: Annotated[list[Annotated[str, Meta(min_length=0, max_length=256, pattern='^(?:([A-Za-z0-9_-]*|UNSET_DEFAULT_TEMPLATE))$')]], Meta(min_length=1, max_length=10)] | None = field(default=None, name="TemplateIds")
    filters: Annotated[list[NotifyTemplateFilter], Meta(min_length=0, max_length=20)] | None = field(default=None, name="Filters")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")
    max_results: Annotated[int, Meta(ge=1, le=100)] | None = field(default=None, name="MaxResults")


class DescribeNotifyTemplatesResult(Struct, kw_only=True, omit_defaults=True):
    notify_templates: Annotated[list[NotifyTemplateInformation], Meta(min_length=0, max_length=100)] | None = field(default=None, name="NotifyTemplates")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")


class DescribeOptOutListsRequest(Struct, kw_only=True, omit_defaults=True):
    opt_out_list_names: Annotated[list[Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')]], Meta(min_length=0, max_length=5)] | None = field(default=None, name="OptOutListNames")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")
    max_results: Annotated[int, Meta(ge=1, le=100)] | None = field(default=None, name="MaxResults")
    owner: Owner | None = field(default=None, name="Owner")


class DescribeOptOutListsResult(Struct, kw_only=True, omit_defaults=True):
    opt_out_lists: list[OptOutListInformation] | None = field(default=None, name="OptOutLists")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")


class DescribeOptedOutNumbersRequest(Struct, kw_only=True, omit_defaults=True):
    opt_out_list_name: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="OptOutListName")
    opted_out_numbers: Annotated[list[Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')]], Meta(min_length=0, max_length=5)] | None = field(default=None, name="OptedOutNumbers")
    filters: Annotated[list[OptedOutFilter], Meta(min_length=0, max_length=20)] | None = field(default=None, name="Filters")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")
    max_results: Annotated[int, Meta(ge=1, le=100)] | None = field(default=None, name="MaxResults")


class DescribeOptedOutNumbersResult(Struct, kw_only=True, omit_defaults=True):
    opt_out_list_arn: str | None = field(default=None, name="OptOutListArn")
    opt_out_list_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] | None = field(default=None, name="OptOutListName")
    opted_out_numbers: list[OptedOutNumberInformation] | None = field(default=None, name="OptedOutNumbers")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")


class DescribePhoneNumbersRequest(Struct, kw_only=True, omit_defaults=True):
    phone_number_ids: Annotated[list[Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')]], Meta(min_length=0, max_length=5)] | None = field(default=None, name="PhoneNumberIds")
    filters: Annotated[list[PhoneNumberFilter], Meta(min_length=0, max_length=20)] | None = field(default=None, name="Filters")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")
    max_results: Annotated[int, Meta(ge=1, le=100)] | None = field(default=None, name="MaxResults")
    owner: Owner | None = field(default=None, name="Owner")


class DescribePhoneNumbersResult(Struct, kw_only=True, omit_defaults=True):
    phone_numbers: list[PhoneNumberInformation] | None = field(default=None, name="PhoneNumbers")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")


class DescribePoolsRequest(Struct, kw_only=True, omit_defaults=True):
    pool_ids: Annotated[list[Annotated[str, Meta(min_length=0, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]*)$')]], Meta(min_length=0, max_length=5)] | None = field(default=None, name="PoolIds")
    filters: Annotated[list[PoolFilter], Meta(min_length=0, max_length=20)] | None = field(default=None, name="Filters")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")
    max_results: Annotated[int, Meta(ge=1, le=100)] | None = field(default=None, name="MaxResults")
    owner: Owner | None = field(default=None, name="Owner")


class DescribePoolsResult(Struct, kw_only=True, omit_defaults=True):
    pools: list[PoolInformation] | None = field(default=None, name="Pools")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")


class DescribeProtectConfigurationsRequest(Struct, kw_only=True, omit_defaults=True):
    protect_configuration_ids: Annotated[list[Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')]], Meta(min_length=0, max_length=5)] | None = field(default=None, name="ProtectConfigurationIds")
    filters: Annotated[list[ProtectConfigurationFilter], Meta(min_length=0, max_length=20)] | None = field(default=None, name="Filters")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")
    max_results: Annotated[int, Meta(ge=1, le=100)] | None = field(default=None, name="MaxResults")


class DescribeProtectConfigurationsResult(Struct, kw_only=True, omit_defaults=True):
    protect_configurations: Annotated[list[ProtectConfigurationInformation], Meta(min_length=1, max_length=100)] | None = field(default=None, name="ProtectConfigurations")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")


class DescribeRcsAgentCountryLaunchStatusRequest(Struct, kw_only=True, omit_defaults=True):
    rcs_agent_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="RcsAgentId")
    iso_country_codes: Annotated[list[Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')]], Meta(min_length=0, max_length=300)] | None = field(default=None, name="IsoCountryCodes")
    filters: Annotated[list[CountryLaunchStatusFilter], Meta(min_length=0, max_length=20)] | None = field(default=None, name="Filters")
    max_results: Annotated[int, Meta(ge=1, le=100)] | None = field(default=None, name="MaxResults")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")


class DescribeRcsAgentCountryLaunchStatusResult(Struct, kw_only=True, omit_defaults=True):
    rcs_agent_id: str = field(name="RcsAgentId")
    rcs_agent_arn: str = field(name="RcsAgentArn")
    country_launch_status: list[CountryLaunchStatusInformation] | None = field(default=None, name="CountryLaunchStatus")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")


class DescribeRcsAgentsRequest(Struct, kw_only=True, omit_defaults=True):
    rcs_agent_ids: Annotated[list[Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')]], Meta(min_length=0, max_length=5)] | None = field(default=None, name="RcsAgentIds")
    owner: Owner | None = field(default=None, name="Owner")
    filters: Annotated[list[RcsAgentFilter], Meta(min_length=0, max_length=20)] | None = field(default=None, name="Filters")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")
    max_results: Annotated[int, Meta(ge=1, le=100)] | None = field(default=None, name="MaxResults")


class DescribeRcsAgentsResult(Struct, kw_only=True, omit_defaults=True):
    rcs_agents: list[RcsAgentInformation] | None = field(default=None, name="RcsAgents")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")


class DescribeRegistrationAttachmentsRequest(Struct, kw_only=True, omit_defaults=True):
    registration_attachment_ids: Annotated[list[Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')]], Meta(min_length=0, max_length=5)] | None = field(default=None, name="RegistrationAttachmentIds")
    filters: Annotated[list[RegistrationAttachmentFilter], Meta(min_length=0, max_length=20)] | None = field(default=None, name="Filters")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")
    max_results: Annotated[int, Meta(ge=1, le=100)] | None = field(default=None, name="MaxResults")


class DescribeRegistrationAttachmentsResult(Struct, kw_only=True, omit_defaults=True):
    registration_attachments: list[RegistrationAttachmentsInformation] = field(name="RegistrationAttachments")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")


class DescribeRegistrationFieldDefinitionsRequest(Struct, kw_only=True, omit_defaults=True):
    registration_type: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_]+)$')] = field(name="RegistrationType")
    section_path: Annotated[str, Meta(min_length=1, max_length=100, pattern='^(?:[A-Za-z0-9_]+)$')] | None = field(default=None, name="SectionPath")
    field_paths: Annotated[list[Annotated[str, Meta(min_length=1, max_length=100, pattern='^(?:[A-Za-z0-9_\\.]+)$')]], Meta(min_length=0, max_length=5)] | None = field(default=None, name="FieldPaths")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")
    max_results: Annotated[int, Meta(ge=1, le=100)] | None = field(default=None, name="MaxResults")


class DescribeRegistrationFieldDefinitionsResult(Struct, kw_only=True, omit_defaults=True):
    registration_type: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_]+)$')] = field(name="RegistrationType")
    registration_field_definitions: list[RegistrationFieldDefinition] = field(name="RegistrationFieldDefinitions")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")


class DescribeRegistrationFieldValuesRequest(Struct, kw_only=True, omit_defaults=True):
    registration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="RegistrationId")
    version_number: Annotated[int, Meta(ge=1, le=100000)] | None = field(default=None, name="VersionNumber")
    section_path: Annotated[str, Meta(min_length=1, max_length=100, pattern='^(?:[A-Za-z0-9_]+)$')] | None = field(default=None, name="SectionPath")
    field_paths: Annotated[list[Annotated[str, Meta(min_length=1, max_length=100, pattern='^(?:[A-Za-z0-9_\\.]+)$')]], Meta(min_length=0, max_length=5)] | None = field(default=None, name="FieldPaths")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")
    max_results: Annotated[int, Meta(ge=1, le=100)] | None = field(default=None, name="MaxResults")


class DescribeRegistrationFieldValuesResult(Struct, kw_only=True, omit_defaults=True):
    registration_arn: str = field(name="RegistrationArn")
    registration_id: str = field(name="RegistrationId")
    version_number: Annotated[int, Meta(ge=1, le=100000)] = field(name="VersionNumber")
    registration_field_values: list[RegistrationFieldValueInformation] = field(name="RegistrationFieldValues")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")


class DescribeRegistrationSectionDefinitionsRequest(Struct, kw_only=True, omit_defaults=True):
    registration_type: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_]+)$')] = field(name="RegistrationType")
    section_paths: Annotated[list[Annotated[str, Meta(min_length=1, max_length=100, pattern='^(?:[A-Za-z0-9_]+)$')]], Meta(min_length=0, max_length=5)] | None = field(default=None, name="SectionPaths")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")
    max_results: Annotated[int, Meta(ge=1, le=100)] | None = field(default=None, name="MaxResults")


class DescribeRegistrationSectionDefinitionsResult(Struct, kw_only=True, omit_defaults=True):
    registration_type: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_]+)$')] = field(name="RegistrationType")
    registration_section_definitions: list[RegistrationSectionDefinition] = field(name="RegistrationSectionDefinitions")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")


class DescribeRegistrationTypeDefinitionsRequest(Struct, kw_only=True, omit_defaults=True):
    registration_types: Annotated[list[Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_]+)$')]], Meta(min_length=0, max_length=5)] | None = field(default=None, name="RegistrationTypes")
    filters: Annotated[list[RegistrationTypeFilter], Meta(min_length=0, max_length=20)] | None = field(default=None, name="Filters")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")
    max_results: Annotated[int, Meta(ge=1, le=100)] | None = field(default=None, name="MaxResults")


class DescribeRegistrationTypeDefinitionsResult(Struct, kw_only=True, omit_defaults=True):
    registration_type_definitions: list[RegistrationTypeDefinition] = field(name="RegistrationTypeDefinitions")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")


class DescribeRegistrationVersionsRequest(Struct, kw_only=True, omit_defaults=True):
    registration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="RegistrationId")
    version_numbers: Annotated[list[Annotated[int, Meta(ge=1, le=100000)]], Meta(min_length=0, max_length=5)] | None = field(default=None, name="VersionNumbers")
    filters: Annotated[list[RegistrationVersionFilter], Meta(min_length=0, max_length=20)] | None = field(default=None, name="Filters")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")
    max_results: Annotated[int, Meta(ge=1, le=100)] | None = field(default=None, name="MaxResults")


class DescribeRegistrationVersionsResult(Struct, kw_only=True, omit_defaults=True):
    registration_arn: str = field(name="RegistrationArn")
    registration_id: str = field(name="RegistrationId")
    registration_versions: list[RegistrationVersionInformation] = field(name="RegistrationVersions")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")


class DescribeRegistrationsRequest(Struct, kw_only=True, omit_defaults=True):
    registration_ids: Annotated[list[Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')]], Meta(min_length=0, max_length=5)] | None = field(default=None, name="RegistrationIds")
    filters: Annotated[list[RegistrationFilter], Meta(min_length=0, max_length=20)] | None = field(default=None, name="Filters")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")
    max_results: Annotated[int, Meta(ge=1, le=100)] | None = field(default=None, name="MaxResults")


class DescribeRegistrationsResult(Struct, kw_only=True, omit_defaults=True):
    registrations: list[RegistrationInformation] = field(name="Registrations")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")


class DescribeSenderIdsRequest(Struct, kw_only=True, omit_defaults=True):
    sender_ids: Annotated[list[SenderIdAndCountry], Meta(min_length=0, max_length=5)] | None = field(default=None, name="SenderIds")
    filters: Annotated[list[SenderIdFilter], Meta(min_length=0, max_length=20)] | None = field(default=None, name="Filters")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")
    max_results: Annotated[int, Meta(ge=1, le=100)] | None = field(default=None, name="MaxResults")
    owner: Owner | None = field(default=None, name="Owner")


class DescribeSenderIdsResult(Struct, kw_only=True, omit_defaults=True):
    sender_ids: list[SenderIdInformation] | None = field(default=None, name="SenderIds")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")


class DescribeSpendLimitsRequest(Struct, kw_only=True, omit_defaults=True):
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")
    max_results: Annotated[int, Meta(ge=1, le=100)] | None = field(default=None, name="MaxResults")


class DescribeSpendLimitsResult(Struct, kw_only=True, omit_defaults=True):
    spend_limits: list[SpendLimit] | None = field(default=None, name="SpendLimits")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")


class DescribeVerifiedDestinationNumbersRequest(Struct, kw_only=True, omit_defaults=True):
    verified_destination_number_ids: Annotated[list[Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')]], Meta(min_length=0, max_length=5)] | None = field(default=None, name="VerifiedDestinationNumberIds")
    destination_phone_numbers: Annotated[list[Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')]], Meta(min_length=0, max_length=5)] | None = field(default=None, name="DestinationPhoneNumbers")
    filters: Annotated[list[VerifiedDestinationNumberFilter], Meta(min_length=0, max_length=20)] | None = field(default=None, name="Filters")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")
    max_results: Annotated[int, Meta(ge=1, le=100)] | None = field(default=None, name="MaxResults")


class DescribeVerifiedDestinationNumbersResult(Struct, kw_only=True, omit_defaults=True):
    verified_destination_numbers: list[VerifiedDestinationNumberInformation] = field(name="VerifiedDestinationNumbers")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")


class DisassociateOriginationIdentityRequest(Struct, kw_only=True, omit_defaults=True):
    pool_id: Annotated[str, Meta(min_length=0, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]*)$')] = field(name="PoolId")
    origination_identity: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="OriginationIdentity")
    iso_country_code: Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')] | None = field(default=None, name="IsoCountryCode")
    client_token: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[!-~]+)$')] | None = field(default=None, name="ClientToken")


class DisassociateOriginationIdentityResult(Struct, kw_only=True, omit_defaults=True):
    pool_arn: str | None = field(default=None, name="PoolArn")
    pool_id: str | None = field(default=None, name="PoolId")
    origination_identity_arn: str | None = field(default=None, name="OriginationIdentityArn")
    origination_identity: str | None = field(default=None, name="OriginationIdentity")
    iso_country_code: Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')] | None = field(default=None, name="IsoCountryCode")


class DisassociateProtectConfigurationRequest(Struct, kw_only=True, omit_defaults=True):
    protect_configuration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="ProtectConfigurationId")
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="ConfigurationSetName")


class DisassociateProtectConfigurationResult(Struct, kw_only=True, omit_defaults=True):
    configuration_set_arn: str = field(name="ConfigurationSetArn")
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="ConfigurationSetName")
    protect_configuration_arn: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:arn:\\S+)$')] = field(name="ProtectConfigurationArn")
    protect_configuration_id: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="ProtectConfigurationId")


class DiscardRegistrationVersionRequest(Struct, kw_only=True, omit_defaults=True):
    registration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="RegistrationId")


class DiscardRegistrationVersionResult(Struct, kw_only=True, omit_defaults=True):
    registration_arn: str = field(name="RegistrationArn")
    registration_id: str = field(name="RegistrationId")
    version_number: Annotated[int, Meta(ge=1, le=100000)] = field(name="VersionNumber")
    registration_version_status: RegistrationVersionStatus = field(name="RegistrationVersionStatus")
    registration_version_status_history: RegistrationVersionStatusHistory = field(name="RegistrationVersionStatusHistory")


class EventDestination(Struct, kw_only=True, omit_defaults=True):
    event_destination_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="EventDestinationName")
    enabled: bool = field(name="Enabled")
    matching_event_types: Annotated[list[EventType], Meta(min_length=1, max_length=52)] = field(name="MatchingEventTypes")
    cloud_watch_logs_destination: CloudWatchLogsDestination | None = field(default=None, name="CloudWatchLogsDestination")
    kinesis_firehose_destination: KinesisFirehoseDestination | None = field(default=None, name="KinesisFirehoseDestination")
    sns_destination: SnsDestination | None = field(default=None, name="SnsDestination")


class FieldCondition(Struct, kw_only=True, omit_defaults=True):
    depends_on_field_path: Annotated[str, Meta(min_length=1, max_length=100, pattern='^(?:[A-Za-z0-9_\\.]+)$')] = field(name="DependsOnFieldPath")
    operator: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_]+)$')] = field(name="Operator")
    values: Annotated[list[Annotated[str, Meta(min_length=1, max_length=256)]], Meta(min_length=0, max_length=20)] | None = field(default=None, name="Values")


class GetProtectConfigurationCountryRuleSetRequest(Struct, kw_only=True, omit_defaults=True):
    protect_configuration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="ProtectConfigurationId")
    number_capability: NumberCapability = field(name="NumberCapability")


class GetProtectConfigurationCountryRuleSetResult(Struct, kw_only=True, omit_defaults=True):
    protect_configuration_arn: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:arn:\\S+)$')] = field(name="ProtectConfigurationArn")
    protect_configuration_id: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="ProtectConfigurationId")
    number_capability: NumberCapability = field(name="NumberCapability")
    country_rule_set: dict[str, ProtectConfigurationCountryRuleSetInformation] = field(name="CountryRuleSet")


class GetResourcePolicyRequest(Struct, kw_only=True, omit_defaults=True):
    resource_arn: Annotated[str, Meta(min_length=20, max_length=256, pattern='^(?:arn:[A-Za-z0-9_:/-]+)$')] = field(name="ResourceArn")


class GetResourcePolicyResult(Struct, kw_only=True, omit_defaults=True):
    resource_arn: Annotated[str, Meta(min_length=20, max_length=256, pattern='^(?:arn:[A-Za-z0-9_:/-]+)$')] | None = field(default=None, name="ResourceArn")
    policy: Annotated[str, Meta(min_length=1, max_length=10000)] | None = field(default=None, name="Policy")
    created_timestamp: float | None = field(default=None, name="CreatedTimestamp")


class KeywordFilter(Struct, kw_only=True, omit_defaults=True):
    name: KeywordFilterName = field(name="Name")
    values: Annotated[list[Annotated[str, Meta(min_length=1, max_length=128, pattern='^(?:[/\\.:A-Za-z0-9+_-]+)$')]], Meta(min_length=1, max_length=20)] = field(name="Values")


class KeywordInformation(Struct, kw_only=True, omit_defaults=True):
    keyword: Annotated[str, Meta(min_length=1, max_length=30, pattern='^(?:[ \\S]+)$')] = field(name="Keyword")
    keyword_message: Annotated[str, Meta(min_length=1, max_length=1600, pattern='^(?:(?!\\s*$)[\\s\\S]+)$')] = field(name="KeywordMessage")
    keyword_action: KeywordAction = field(name="KeywordAction")


class KinesisFirehoseDestination(Struct, kw_only=True, omit_defaults=True):
    iam_role_arn: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:arn:\\S+)$')] = field(name="IamRoleArn")
    delivery_stream_arn: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:arn:\\S+)$')] = field(name="DeliveryStreamArn")


class ListAvailablePhoneNumbersRequest(Struct, kw_only=True, omit_defaults=True):
    iso_country_code: Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')] = field(name="IsoCountryCode")
    number_capabilities: Annotated[list[NumberCapability], Meta(min_length=1, max_length=4)] = field(name="NumberCapabilities")
    number_type: SearchableNumberType = field(name="NumberType")
    registration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] | None = field(default=None, name="RegistrationId")
    number_preference: Annotated[list[NumberPreferenceItem], Meta(min_length=1, max_length=1)] | None = field(default=None, name="NumberPreference")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")
    max_results: Annotated[int, Meta(ge=1, le=10)] | None = field(default=None, name="MaxResults")


class ListAvailablePhoneNumbersResult(Struct, kw_only=True, omit_defaults=True):
    available_phone_numbers: Annotated[list[Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')]], Meta(min_length=0, max_length=10)] = field(name="AvailablePhoneNumbers")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")


class ListNotifyCountriesRequest(Struct, kw_only=True, omit_defaults=True):
    channels: Annotated[list[NumberCapability], Meta(min_length=1, max_length=4)] | None = field(default=None, name="Channels")
    use_cases: Annotated[list[NotifyConfigurationUseCase], Meta(min_length=1, max_length=4)] | None = field(default=None, name="UseCases")
    tier: NotifyConfigurationTier | None = field(default=None, name="Tier")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")
    max_results: Annotated[int, Meta(ge=1, le=100)] | None = field(default=None, name="MaxResults")


class ListNotifyCountriesResult(Struct, kw_only=True, omit_defaults=True):
    notify_countries: Annotated[list[NotifyCountryInformation], Meta(min_length=0, max_length=300)] | None = field(default=None, name="NotifyCountries")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")


class ListPoolOriginationIdentitiesRequest(Struct, kw_only=True, omit_defaults=True):
    pool_id: Annotated[str, Meta(min_length=0, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]*)$')] = field(name="PoolId")
    filters: Annotated[list[PoolOriginationIdentitiesFilter], Meta(min_length=0, max_length=20)] | None = field(default=None, name="Filters")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")
    max_results: Annotated[int, Meta(ge=1, le=100)] | None = field(default=None, name="MaxResults")


class ListPoolOriginationIdentitiesResult(Struct, kw_only=True, omit_defaults=True):
    pool_arn: str | None = field(default=None, name="PoolArn")
    pool_id: str | None = field(default=None, name="PoolId")
    origination_identities: list[OriginationIdentityMetadata] | None = field(default=None, name="OriginationIdentities")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")


class ListProtectConfigurationRuleSetNumberOverridesRequest(Struct, kw_only=True, omit_defaults=True):
    protect_configuration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="ProtectConfigurationId")
    filters: Annotated[list[ProtectConfigurationRuleSetNumberOverrideFilterItem], Meta(min_length=0, max_length=100)] | None = field(default=None, name="Filters")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")
    max_results: Annotated[int, Meta(ge=1, le=100)] | None = field(default=None, name="MaxResults")


class ListProtectConfigurationRuleSetNumberOverridesResult(Struct, kw_only=True, omit_defaults=True):
    protect_configuration_arn: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:arn:\\S+)$')] = field(name="ProtectConfigurationArn")
    protect_configuration_id: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="ProtectConfigurationId")
    rule_set_number_overrides: Annotated[list[ProtectConfigurationRuleSetNumberOverride], Meta(min_length=1, max_length=100)] | None = field(default=None, name="RuleSetNumberOverrides")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")


class ListRegistrationAssociationsRequest(Struct, kw_only=True, omit_defaults=True):
    registration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="RegistrationId")
    filters: Annotated[list[RegistrationAssociationFilter], Meta(min_length=0, max_length=20)] | None = field(default=None, name="Filters")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")
    max_results: Annotated[int, Meta(ge=1, le=100)] | None = field(default=None, name="MaxResults")


class ListRegistrationAssociationsResult(Struct, kw_only=True, omit_defaults=True):
    registration_arn: str = field(name="RegistrationArn")
    registration_id: str = field(name="RegistrationId")
    registration_type: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_]+)$')] = field(name="RegistrationType")
    registration_associations: list[RegistrationAssociationMetadata] = field(name="RegistrationAssociations")
    next_token: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:.+)$')] | None = field(default=None, name="NextToken")


class ListTagsForResourceRequest(Struct, kw_only=True, omit_defaults=True):
    resource_arn: Annotated[str, Meta(min_length=20, max_length=256, pattern='^(?:arn:[A-Za-z0-9_:/-]+)$')] = field(name="ResourceArn")


class ListTagsForResourceResult(Struct, kw_only=True, omit_defaults=True):
    resource_arn: Annotated[str, Meta(min_length=20, max_length=256, pattern='^(?:arn:[A-Za-z0-9_:/-]+)$')] | None = field(default=None, name="ResourceArn")
    tags: Annotated[list[Tag], Meta(min_length=0, max_length=200)] | None = field(default=None, name="Tags")


class MessagingLimits(Struct, kw_only=True, omit_defaults=True):
    rate_limits: dict[str, Long] | None = field(default=None, name="RateLimits")
    daily_message_caps: dict[str, Long] | None = field(default=None, name="DailyMessageCaps")


class NotifyConfigurationFilter(Struct, kw_only=True, omit_defaults=True):
    name: NotifyConfigurationFilterName = field(name="Name")
    values: Annotated[list[Annotated[str, Meta(min_length=1, max_length=128, pattern='^(?:[/\\.:A-Za-z0-9+_-]+)$')]], Meta(min_length=1, max_length=20)] = field(name="Values")


class NotifyConfigurationInformation(Struct, kw_only=True, omit_defaults=True):
    notify_configuration_arn: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:arn:\\S+)$')] = field(name="NotifyConfigurationArn")
    notify_configuration_id: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="NotifyConfigurationId")
    display_name: Annotated[str, Meta(min_length=1, max_length=15, pattern='^(?:[A-Za-z0-9_ -]+)$')] = field(name="DisplayName")
    use_case: NotifyConfigurationUseCase = field(name="UseCase")
    default_template_id: Annotated[str, Meta(min_length=0, max_length=256, pattern='^(?:([A-Za-z0-9_-]*|UNSET_DEFAULT_TEMPLATE))$')] | None = field(default=None, name="DefaultTemplateId")
    pool_id: str | None = field(default=None, name="PoolId")
    enabled_countries: Annotated[list[Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')]], Meta(min_length=0, max_length=300)] | None = field(default=None, name="EnabledCountries")
    enabled_channels: Annotated[list[NumberCapability], Meta(min_length=1, max_length=4)] = field(name="EnabledChannels")
    tier: NotifyConfigurationTier = field(name="Tier")
    tier_upgrade_status: TierUpgradeStatus = field(name="TierUpgradeStatus")
    status: NotifyConfigurationStatus = field(name="Status")
    rejection_reason: str | None = field(default=None, name="RejectionReason")
    deletion_protection_enabled: bool = field(name="DeletionProtectionEnabled")
    created_timestamp: float = field(name="CreatedTimestamp")


class NotifyCountryInformation(Struct, kw_only=True, omit_defaults=True):
    iso_country_code: Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')] = field(name="IsoCountryCode")
    country_name: str = field(name="CountryName")
    supported_channels: Annotated[list[NumberCapability], Meta(min_length=1, max_length=4)] = field(name="SupportedChannels")
    supported_use_cases: Annotated[list[NotifyConfigurationUseCase], Meta(min_length=1, max_length=4)] = field(name="SupportedUseCases")
    supported_tiers: Annotated[list[NotifyConfigurationTier], Meta(min_length=1, max_length=2)] = field(name="SupportedTiers")
    customer_owned_identity_required: bool = field(name="CustomerOwnedIdentityRequired")


class NotifyTemplateFilter(Struct, kw_only=True, omit_defaults=True):
    name: NotifyTemplateFilterName = field(name="Name")
    values: Annotated[list[Annotated[str, Meta(min_length=1, max_length=128, pattern='^(?:[/\\.:A-Za-z0-9+_-]+)$')]], Meta(min_length=1, max_length=20)] = field(name="Values")


class NotifyTemplateInformation(Struct, kw_only=True, omit_defaults=True):
    template_id: Annotated[str, Meta(min_length=0, max_length=256, pattern='^(?:([A-Za-z0-9_-]*|UNSET_DEFAULT_TEMPLATE))$')] = field(name="TemplateId")
    version: Annotated[int, Meta(ge=1, le=2147483647)] = field(name="Version")
    template_type: NotifyTemplateType = field(name="TemplateType")
    channels: Annotated[list[NumberCapability], Meta(min_length=1, max_length=4)] = field(name="Channels")
    tier_access: Annotated[list[NotifyConfigurationTier], Meta(min_length=1, max_length=2)] | None = field(default=None, name="TierAccess")
    status: NotifyTemplateStatus | None = field(default=None, name="Status")
    supported_countries: Annotated[list[Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')]], Meta(min_length=0, max_length=300)] | None = field(default=None, name="SupportedCountries")
    language_code: Annotated[str, Meta(min_length=2, max_length=5, pattern='^(?:[a-z]{2}(-[A-Z]{2})?)$')] | None = field(default=None, name="LanguageCode")
    content: Annotated[str, Meta(min_length=1, max_length=4096)] | None = field(default=None, name="Content")
    variables: dict[str, TemplateVariableMetadata] | None = field(default=None, name="Variables")
    supported_voice_ids: Annotated[list[VoiceId], Meta(min_length=0, max_length=60)] | None = field(default=None, name="SupportedVoiceIds")
    created_timestamp: float = field(name="CreatedTimestamp")


class NumberPreferenceItem(Struct, kw_only=True, omit_defaults=True):
    preference_type: Annotated[list[PreferenceType], Meta(min_length=1, max_length=1)] = field(name="PreferenceType")
    filter: Annotated[list[Annotated[str, Meta(min_length=2, max_length=16, pattern='^(?:\\+?[0-9]{1,15})$')]], Meta(min_length=1, max_length=10)] = field(name="Filter")


class OptOutListInformation(Struct, kw_only=True, omit_defaults=True):
    opt_out_list_arn: str = field(name="OptOutListArn")
    opt_out_list_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="OptOutListName")
    created_timestamp: float = field(name="CreatedTimestamp")


class OptedOutFilter(Struct, kw_only=True, omit_defaults=True):
    name: OptedOutFilterName = field(name="Name")
    values: Annotated[list[Annotated[str, Meta(min_length=1, max_length=128, pattern='^(?:[/\\.:A-Za-z0-9+_-]+)$')]], Meta(min_length=1, max_length=20)] = field(name="Values")


class OptedOutNumberInformation(Struct, kw_only=True, omit_defaults=True):
    opted_out_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')] = field(name="OptedOutNumber")
    opted_out_timestamp: float = field(name="OptedOutTimestamp")
    end_user_opted_out: bool = field(name="EndUserOptedOut")


class OriginationIdentityMetadata(Struct, kw_only=True, omit_defaults=True):
    origination_identity_arn: str = field(name="OriginationIdentityArn")
    origination_identity: str = field(name="OriginationIdentity")
    iso_country_code: Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')] = field(name="IsoCountryCode")
    number_capabilities: Annotated[list[NumberCapability], Meta(min_length=1, max_length=4)] = field(name="NumberCapabilities")
    phone_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')] | None = field(default=None, name="PhoneNumber")


class PhoneNumberFilter(Struct, kw_only=True, omit_defaults=True):
    name: PhoneNumberFilterName = field(name="Name")
    values: Annotated[list[Annotated[str, Meta(min_length=1, max_length=128, pattern='^(?:[/\\.:A-Za-z0-9+_-]+)$')]], Meta(min_length=1, max_length=20)] = field(name="Values")


class PhoneNumberInformation(Struct, kw_only=True, omit_defaults=True):
    phone_number_arn: str = field(name="PhoneNumberArn")
    phone_number_id: str | None = field(default=None, name="PhoneNumberId")
    phone_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')] = field(name="PhoneNumber")
    status: NumberStatus = field(name="Status")
    iso_country_code: Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')] = field(name="IsoCountryCode")
    message_type: MessageType = field(name="MessageType")
    number_capabilities: Annotated[list[NumberCapability], Meta(min_length=1, max_length=4)] = field(name="NumberCapabilities")
    number_type: NumberType = field(name="NumberType")
    monthly_leasing_price: str = field(name="MonthlyLeasingPrice")
    two_way_enabled: bool = field(name="TwoWayEnabled")
    two_way_channel_arn: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:\\S+)$')] | None = field(default=None, name="TwoWayChannelArn")
    two_way_channel_role: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:arn:\\S+)$')] | None = field(default=None, name="TwoWayChannelRole")
    self_managed_opt_outs_enabled: bool = field(name="SelfManagedOptOutsEnabled")
    opt_out_list_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="OptOutListName")
    international_sending_enabled: bool | None = field(default=None, name="InternationalSendingEnabled")
    deletion_protection_enabled: bool = field(name="DeletionProtectionEnabled")
    pool_id: str | None = field(default=None, name="PoolId")
    registration_id: str | None = field(default=None, name="RegistrationId")
    messaging_limits: MessagingLimits | None = field(default=None, name="MessagingLimits")
    pricing_tier: str | None = field(default=None, name="PricingTier")
    created_timestamp: float = field(name="CreatedTimestamp")


class PoolFilter(Struct, kw_only=True, omit_defaults=True):
    name: PoolFilterName = field(name="Name")
    values: Annotated[list[Annotated[str, Meta(min_length=1, max_length=128, pattern='^(?:[/\\.:A-Za-z0-9+_-]+)$')]], Meta(min_length=1, max_length=20)] = field(name="Values")


class PoolInformation(Struct, kw_only=True, omit_defaults=True):
    pool_arn: str = field(name="PoolArn")
    pool_id: str = field(name="PoolId")
    status: PoolStatus = field(name="Status")
    message_type: MessageType = field(name="MessageType")
    two_way_enabled: bool = field(name="TwoWayEnabled")
    two_way_channel_arn: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:\\S+)$')] | None = field(default=None, name="TwoWayChannelArn")
    two_way_channel_role: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:arn:\\S+)$')] | None = field(default=None, name="TwoWayChannelRole")
    self_managed_opt_outs_enabled: bool = field(name="SelfManagedOptOutsEnabled")
    opt_out_list_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="OptOutListName")
    shared_routes_enabled: bool = field(name="SharedRoutesEnabled")
    deletion_protection_enabled: bool = field(name="DeletionProtectionEnabled")
    created_timestamp: float = field(name="CreatedTimestamp")


class PoolOriginationIdentitiesFilter(Struct, kw_only=True, omit_defaults=True):
    name: PoolOriginationIdentitiesFilterName = field(name="Name")
    values: Annotated[list[Annotated[str, Meta(min_length=1, max_length=128, pattern='^(?:[/\\.:A-Za-z0-9+_-]+)$')]], Meta(min_length=1, max_length=20)] = field(name="Values")


class ProtectConfigurationCountryRuleSetInformation(Struct, kw_only=True, omit_defaults=True):
    protect_status: ProtectStatus = field(name="ProtectStatus")


class ProtectConfigurationFilter(Struct, kw_only=True, omit_defaults=True):
    name: ProtectConfigurationFilterName = field(name="Name")
    values: Annotated[list[Annotated[str, Meta(min_length=1, max_length=128, pattern='^(?:[/\\.:A-Za-z0-9+_-]+)$')]], Meta(min_length=1, max_length=20)] = field(name="Values")


class ProtectConfigurationInformation(Struct, kw_only=True, omit_defaults=True):
    protect_configuration_arn: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:arn:\\S+)$')] = field(name="ProtectConfigurationArn")
    protect_configuration_id: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="ProtectConfigurationId")
    created_timestamp: float = field(name="CreatedTimestamp")
    account_default: bool = field(name="AccountDefault")
    deletion_protection_enabled: bool = field(name="DeletionProtectionEnabled")


class ProtectConfigurationRuleSetNumberOverride(Struct, kw_only=True, omit_defaults=True):
    destination_phone_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')] = field(name="DestinationPhoneNumber")
    created_timestamp: float = field(name="CreatedTimestamp")
    action: ProtectConfigurationRuleOverrideAction = field(name="Action")
    iso_country_code: Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')] | None = field(default=None, name="IsoCountryCode")
    expiration_timestamp: float | None = field(default=None, name="ExpirationTimestamp")


class ProtectConfigurationRuleSetNumberOverrideFilterItem(Struct, kw_only=True, omit_defaults=True):
    name: ProtectConfigurationRuleSetNumberOverrideFilterName = field(name="Name")
    values: Annotated[list[Annotated[str, Meta(min_length=1, max_length=128, pattern='^(?:[/\\.:A-Za-z0-9+_-]+)$')]], Meta(min_length=1, max_length=20)] = field(name="Values")


class PutKeywordRequest(Struct, kw_only=True, omit_defaults=True):
    origination_identity: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="OriginationIdentity")
    keyword: Annotated[str, Meta(min_length=1, max_length=30, pattern='^(?:[ \\S]+)$')] = field(name="Keyword")
    keyword_message: Annotated[str, Meta(min_length=1, max_length=1600, pattern='^(?:(?!\\s*$)[\\s\\S]+)$')] = field(name="KeywordMessage")
    keyword_action: KeywordAction | None = field(default=None, name="KeywordAction")


class PutKeywordResult(Struct, kw_only=True, omit_defaults=True):
    origination_identity_arn: str | None = field(default=None, name="OriginationIdentityArn")
    origination_identity: str | None = field(default=None, name="OriginationIdentity")
    keyword: Annotated[str, Meta(min_length=1, max_length=30, pattern='^(?:[ \\S]+)$')] | None = field(default=None, name="Keyword")
    keyword_message: Annotated[str, Meta(min_length=1, max_length=1600, pattern='^(?:(?!\\s*$)[\\s\\S]+)$')] | None = field(default=None, name="KeywordMessage")
    keyword_action: KeywordAction | None = field(default=None, name="KeywordAction")


class PutMessageFeedbackRequest(Struct, kw_only=True, omit_defaults=True):
    message_id: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="MessageId")
    message_feedback_status: MessageFeedbackStatus = field(name="MessageFeedbackStatus")


class PutMessageFeedbackResult(Struct, kw_only=True, omit_defaults=True):
    message_id: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="MessageId")
    message_feedback_status: MessageFeedbackStatus = field(name="MessageFeedbackStatus")


class PutOptedOutNumberRequest(Struct, kw_only=True, omit_defaults=True):
    opt_out_list_name: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="OptOutListName")
    opted_out_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')] = field(name="OptedOutNumber")


class PutOptedOutNumberResult(Struct, kw_only=True, omit_defaults=True):
    opt_out_list_arn: str | None = field(default=None, name="OptOutListArn")
    opt_out_list_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] | None = field(default=None, name="OptOutListName")
    opted_out_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')] | None = field(default=None, name="OptedOutNumber")
    opted_out_timestamp: float | None = field(default=None, name="OptedOutTimestamp")
    end_user_opted_out: bool | None = field(default=None, name="EndUserOptedOut")


class PutProtectConfigurationRuleSetNumberOverrideRequest(Struct, kw_only=True, omit_defaults=True):
    client_token: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[!-~]+)$')] | None = field(default=None, name="ClientToken")
    protect_configuration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="ProtectConfigurationId")
    destination_phone_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')] = field(name="DestinationPhoneNumber")
    action: ProtectConfigurationRuleOverrideAction = field(name="Action")
    expiration_timestamp: float | None = field(default=None, name="ExpirationTimestamp")


class PutProtectConfigurationRuleSetNumberOverrideResult(Struct, kw_only=True, omit_defaults=True):
    protect_configuration_arn: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:arn:\\S+)$')] = field(name="ProtectConfigurationArn")
    protect_configuration_id: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="ProtectConfigurationId")
    destination_phone_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')] = field(name="DestinationPhoneNumber")
    created_timestamp: float = field(name="CreatedTimestamp")
    action: ProtectConfigurationRuleOverrideAction = field(name="Action")
    iso_country_code: Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')] | None = field(default=None, name="IsoCountryCode")
    expiration_timestamp: float | None = field(default=None, name="ExpirationTimestamp")


class PutRegistrationFieldValueRequest(Struct, kw_only=True, omit_defaults=True):
    registration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="RegistrationId")
    field_path: Annotated[str, Meta(min_length=1, max_length=100, pattern='^(?:[A-Za-z0-9_\\.]+)$')] = field(name="FieldPath")
    select_choices: Annotated[list[Annotated[str, Meta(min_length=1, max_length=256)]], Meta(min_length=0, max_length=100)] | None = field(default=None, name="SelectChoices")
    text_value: Annotated[str, Meta(min_length=1, max_length=2048)] | None = field(default=None, name="TextValue")
    registration_attachment_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] | None = field(default=None, name="RegistrationAttachmentId")


class PutRegistrationFieldValueResult(Struct, kw_only=True, omit_defaults=True):
    registration_arn: str = field(name="RegistrationArn")
    registration_id: str = field(name="RegistrationId")
    version_number: Annotated[int, Meta(ge=1, le=100000)] = field(name="VersionNumber")
    field_path: Annotated[str, Meta(min_length=1, max_length=100, pattern='^(?:[A-Za-z0-9_\\.]+)$')] = field(name="FieldPath")
    select_choices: Annotated[list[Annotated[str, Meta(min_length=1, max_length=256)]], Meta(min_length=0, max_length=100)] | None = field(default=None, name="SelectChoices")
    text_value: Annotated[str, Meta(min_length=1, max_length=2048)] | None = field(default=None, name="TextValue")
    registration_attachment_id: str | None = field(default=None, name="RegistrationAttachmentId")


class PutResourcePolicyRequest(Struct, kw_only=True, omit_defaults=True):
    resource_arn: Annotated[str, Meta(min_length=20, max_length=256, pattern='^(?:arn:[A-Za-z0-9_:/-]+)$')] = field(name="ResourceArn")
    policy: Annotated[str, Meta(min_length=1, max_length=10000)] = field(name="Policy")


class PutResourcePolicyResult(Struct, kw_only=True, omit_defaults=True):
    resource_arn: Annotated[str, Meta(min_length=20, max_length=256, pattern='^(?:arn:[A-Za-z0-9_:/-]+)$')] | None = field(default=None, name="ResourceArn")
    policy: Annotated[str, Meta(min_length=1, max_length=10000)] | None = field(default=None, name="Policy")
    created_timestamp: float | None = field(default=None, name="CreatedTimestamp")


class RcsAgentFilter(Struct, kw_only=True, omit_defaults=True):
    name: RcsAgentFilterName = field(name="Name")
    values: Annotated[list[Annotated[str, Meta(min_length=1, max_length=128, pattern='^(?:[/\\.:A-Za-z0-9+_-]+)$')]], Meta(min_length=1, max_length=20)] = field(name="Values")


class RcsAgentInformation(Struct, kw_only=True, omit_defaults=True):
    rcs_agent_arn: str = field(name="RcsAgentArn")
    rcs_agent_id: str = field(name="RcsAgentId")
    status: RcsAgentStatus = field(name="Status")
    created_timestamp: float = field(name="CreatedTimestamp")
    deletion_protection_enabled: bool = field(name="DeletionProtectionEnabled")
    opt_out_list_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] | None = field(default=None, name="OptOutListName")
    self_managed_opt_outs_enabled: bool = field(name="SelfManagedOptOutsEnabled")
    two_way_channel_arn: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:\\S+)$')] | None = field(default=None, name="TwoWayChannelArn")
    two_way_channel_role: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:arn:\\S+)$')] | None = field(default=None, name="TwoWayChannelRole")
    two_way_enabled: bool = field(name="TwoWayEnabled")
    pool_id: str | None = field(default=None, name="PoolId")
    two_way_media_s3_bucket_name: Annotated[str, Meta(min_length=3, max_length=63, pattern='^(?:[a-z0-9][a-z0-9.-]*[a-z0-9])$')] | None = field(default=None, name="TwoWayMediaS3BucketName")
    two_way_media_s3_key_prefix: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:[\\S]+)$')] | None = field(default=None, name="TwoWayMediaS3KeyPrefix")
    two_way_media_s3_role: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:arn:\\S+)$')] | None = field(default=None, name="TwoWayMediaS3Role")
    two_way_rcs_events_enabled: Annotated[list[Annotated[str, Meta(min_length=1, max_length=50)]], Meta(min_length=0, max_length=100)] | None = field(default=None, name="TwoWayRcsEventsEnabled")
    testing_agent: TestingAgentInformation | None = field(default=None, name="TestingAgent")
    messaging_limits: MessagingLimits | None = field(default=None, name="MessagingLimits")


class RcsCardContent(Struct, kw_only=True, omit_defaults=True):
    title: Annotated[str, Meta(min_length=1, max_length=200)] | None = field(default=None, name="Title")
    description: Annotated[str, Meta(min_length=1, max_length=2000)] | None = field(default=None, name="Description")
    media: RcsCardMedia | None = field(default=None, name="Media")
    suggestions: Annotated[list[RcsSuggestedAction], Meta(min_length=0, max_length=4)] | None = field(default=None, name="Suggestions")


class RcsCardMedia(Struct, kw_only=True, omit_defaults=True):
    file_url: Annotated[str, Meta(min_length=1, max_length=2000, pattern='^(?:(https://|s3://).+)$')] = field(name="FileUrl")
    thumbnail_url: Annotated[str, Meta(min_length=1, max_length=2000, pattern='^(?:(https://|s3://).+)$')] | None = field(default=None, name="ThumbnailUrl")
    height: Annotated[str, Meta(min_length=1, max_length=50, pattern='^(?:[A-Z_]+)$')] | None = field(default=None, name="Height")


class RcsCarousel(Struct, kw_only=True, omit_defaults=True):
    card_width: Annotated[str, Meta(min_length=1, max_length=50, pattern='^(?:[A-Z_]+)$')] = field(name="CardWidth")
    card_contents: Annotated[list[RcsCarouselCardContent], Meta(min_length=2, max_length=10)] = field(name="CardContents")


class RcsCarouselCardContent(Struct, kw_only=True, omit_defaults=True):
    title: Annotated[str, Meta(min_length=1, max_length=200)] | None = field(default=None, name="Title")
    description: Annotated[str, Meta(min_length=1, max_length=2000)] | None = field(default=None, name="Description")
    media: RcsCarouselCardMedia | None = field(default=None, name="Media")
    suggestions: Annotated[list[RcsSuggestedAction], Meta(min_length=0, max_length=4)] | None = field(default=None, name="Suggestions")


class RcsCarouselCardMedia(Struct, kw_only=True, omit_defaults=True):
    file_url: Annotated[str, Meta(min_length=1, max_length=2000, pattern='^(?:(https://|s3://).+)$')] = field(name="FileUrl")
    thumbnail_url: Annotated[str, Meta(min_length=1, max_length=2000, pattern='^(?:(https://|s3://).+)$')] | None = field(default=None, name="ThumbnailUrl")
    height: Annotated[str, Meta(min_length=1, max_length=50, pattern='^(?:[A-Z_]+)$')] | None = field(default=None, name="Height")


class RcsContent(Struct, kw_only=True, omit_defaults=True):
    text_message: RcsTextMessage | None = field(default=None, name="TextMessage")
    file_message: RcsFileMessage | None = field(default=None, name="FileMessage")
    rich_card: RcsStandaloneCard | None = field(default=None, name="RichCard")
    carousel: RcsCarousel | None = field(default=None, name="Carousel")


class RcsCreateCalendarEventAction(Struct, kw_only=True, omit_defaults=True):
    text: Annotated[str, Meta(min_length=1, max_length=25)] = field(name="Text")
    postback_data: Annotated[str, Meta(min_length=1, max_length=2048)] = field(name="PostbackData")
    title: Annotated[str, Meta(min_length=1, max_length=100)] = field(name="Title")
    start_time: float = field(name="StartTime")
    end_time: float = field(name="EndTime")
    description: Annotated[str, Meta(min_length=1, max_length=500)] | None = field(default=None, name="Description")


class RcsDialPhoneAction(Struct, kw_only=True, omit_defaults=True):
    text: Annotated[str, Meta(min_length=1, max_length=25)] = field(name="Text")
    postback_data: Annotated[str, Meta(min_length=1, max_length=2048)] = field(name="PostbackData")
    phone_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')] = field(name="PhoneNumber")


class RcsFallbackConfiguration(Struct, kw_only=True, omit_defaults=True):
    channel: RcsFallbackChannel = field(name="Channel")
    message_body: Annotated[str, Meta(min_length=1, max_length=1600, pattern='^(?:(?!\\s*$)[\\s\\S]+)$')] | None = field(default=None, name="MessageBody")
    media_urls: Annotated[list[Annotated[str, Meta(min_length=1, max_length=2048, pattern='^(?:s3://([a-z0-9\\.-]{3,63})/(.+))$')]], Meta(min_length=1, max_length=1)] | None = field(default=None, name="MediaUrls")
    origination_identity: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/\\+-]+)$')] | None = field(default=None, name="OriginationIdentity")


class RcsFileMessage(Struct, kw_only=True, omit_defaults=True):
    file_url: Annotated[str, Meta(min_length=1, max_length=2000, pattern='^(?:(https://|s3://).+)$')] = field(name="FileUrl")
    thumbnail_url: Annotated[str, Meta(min_length=1, max_length=2000, pattern='^(?:(https://|s3://).+)$')] | None = field(default=None, name="ThumbnailUrl")


class RcsMessageContent(Struct, kw_only=True, omit_defaults=True):
    content: RcsContent = field(name="Content")
    suggestions: Annotated[list[RcsSuggestedAction], Meta(min_length=0, max_length=11)] | None = field(default=None, name="Suggestions")


class RcsOpenUrlAction(Struct, kw_only=True, omit_defaults=True):
    text: Annotated[str, Meta(min_length=1, max_length=25)] = field(name="Text")
    postback_data: Annotated[str, Meta(min_length=1, max_length=2048)] = field(name="PostbackData")
    url: Annotated[str, Meta(min_length=1, max_length=2048, pattern='^(?:https://\\S+)$')] = field(name="Url")
    application: Annotated[str, Meta(min_length=1, max_length=50, pattern='^(?:[A-Z_]+)$')] | None = field(default=None, name="Application")
    webview_view_mode: Annotated[str, Meta(min_length=1, max_length=50, pattern='^(?:[A-Z_]+)$')] | None = field(default=None, name="WebviewViewMode")


class RcsReplyAction(Struct, kw_only=True, omit_defaults=True):
    text: Annotated[str, Meta(min_length=1, max_length=25)] = field(name="Text")
    postback_data: Annotated[str, Meta(min_length=1, max_length=2048)] = field(name="PostbackData")


class RcsRequestLocationAction(Struct, kw_only=True, omit_defaults=True):
    text: Annotated[str, Meta(min_length=1, max_length=25)] = field(name="Text")
    postback_data: Annotated[str, Meta(min_length=1, max_length=2048)] = field(name="PostbackData")


class RcsShowLocationAction(Struct, kw_only=True, omit_defaults=True):
    text: Annotated[str, Meta(min_length=1, max_length=25)] = field(name="Text")
    postback_data: Annotated[str, Meta(min_length=1, max_length=2048)] = field(name="PostbackData")
    latitude: Annotated[float, Meta(ge=-90, le=90)] = field(name="Latitude")
    longitude: Annotated[float, Meta(ge=-180, le=180)] = field(name="Longitude")
    label: Annotated[str, Meta(min_length=1, max_length=100)] | None = field(default=None, name="Label")


class RcsStandaloneCard(Struct, kw_only=True, omit_defaults=True):
    card_orientation: Annotated[str, Meta(min_length=1, max_length=50, pattern='^(?:[A-Z_]+)$')] = field(name="CardOrientation")
    thumbnail_image_alignment: Annotated[str, Meta(min_length=1, max_length=50, pattern='^(?:[A-Z_]+)$')] | None = field(default=None, name="ThumbnailImageAlignment")
    card_content: RcsCardContent = field(name="CardContent")


class RcsSuggestedAction(Struct, kw_only=True, omit_defaults=True):
    reply: RcsReplyAction | None = field(default=None, name="Reply")
    open_url: RcsOpenUrlAction | None = field(default=None, name="OpenUrl")
    dial_phone: RcsDialPhoneAction | None = field(default=None, name="DialPhone")
    show_location: RcsShowLocationAction | None = field(default=None, name="ShowLocation")
    request_location: RcsRequestLocationAction | None = field(default=None, name="RequestLocation")
    create_calendar_event: RcsCreateCalendarEventAction | None = field(default=None, name="CreateCalendarEvent")


class RcsTextMessage(Struct, kw_only=True, omit_defaults=True):
    body: Annotated[str, Meta(min_length=1, max_length=3072, pattern='^(?:(?!\\s*$)[\\s\\S]+)$')] = field(name="Body")


class RegistrationAssociationFilter(Struct, kw_only=True, omit_defaults=True):
    name: RegistrationAssociationFilterName = field(name="Name")
    values: Annotated[list[Annotated[str, Meta(min_length=1, max_length=128, pattern='^(?:[/\\.:A-Za-z0-9+_-]+)$')]], Meta(min_length=1, max_length=20)] = field(name="Values")


class RegistrationAssociationMetadata(Struct, kw_only=True, omit_defaults=True):
    resource_arn: str = field(name="ResourceArn")
    resource_id: str = field(name="ResourceId")
    resource_type: str = field(name="ResourceType")
    iso_country_code: Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')] | None = field(default=None, name="IsoCountryCode")
    phone_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')] | None = field(default=None, name="PhoneNumber")


class RegistrationAttachmentFilter(Struct, kw_only=True, omit_defaults=True):
    name: RegistrationAttachmentFilterName = field(name="Name")
    values: Annotated[list[Annotated[str, Meta(min_length=1, max_length=128, pattern='^(?:[/\\.:A-Za-z0-9+_-]+)$')]], Meta(min_length=1, max_length=20)] = field(name="Values")


class RegistrationAttachmentsInformation(Struct, kw_only=True, omit_defaults=True):
    registration_attachment_arn: str = field(name="RegistrationAttachmentArn")
    registration_attachment_id: str = field(name="RegistrationAttachmentId")
    attachment_status: AttachmentStatus = field(name="AttachmentStatus")
    attachment_upload_error_reason: AttachmentUploadErrorReason | None = field(default=None, name="AttachmentUploadErrorReason")
    created_timestamp: float = field(name="CreatedTimestamp")
    attachment_url: str | None = field(default=None, name="AttachmentUrl")


class RegistrationDeniedReasonInformation(Struct, kw_only=True, omit_defaults=True):
    reason: str = field(name="Reason")
    short_description: str = field(name="ShortDescription")
    long_description: str | None = field(default=None, name="LongDescription")
    documentation_title: str | None = field(default=None, name="DocumentationTitle")
    documentation_link: str | None = field(default=None, name="DocumentationLink")


class RegistrationFieldDefinition(Struct, kw_only=True, omit_defaults=True):
    section_path: Annotated[str, Meta(min_length=1, max_length=100, pattern='^(?:[A-Za-z0-9_]+)$')] = field(name="SectionPath")
    field_path: Annotated[str, Meta(min_length=1, max_length=100, pattern='^(?:[A-Za-z0-9_\\.]+)$')] = field(name="FieldPath")
    field_type: FieldType = field(name="FieldType")
    field_requirement: FieldRequirement = field(name="FieldRequirement")
    select_validation: SelectValidation | None = field(default=None, name="SelectValidation")
    text_validation: TextValidation | None = field(default=None, name="TextValidation")
    display_hints: RegistrationFieldDisplayHints = field(name="DisplayHints")
    conditional_behavior: ConditionalBehavior | None = field(default=None, name="ConditionalBehavior")


class RegistrationFieldDisplayHints(Struct, kw_only=True, omit_defaults=True):
    title: str = field(name="Title")
    short_description: str = field(name="ShortDescription")
    long_description: str | None = field(default=None, name="LongDescription")
    documentation_title: str | None = field(default=None, name="DocumentationTitle")
    documentation_link: str | None = field(default=None, name="DocumentationLink")
    select_option_descriptions: list[SelectOptionDescription] | None = field(default=None, name="SelectOptionDescriptions")
    text_validation_description: str | None = field(default=None, name="TextValidationDescription")
    example_text_value: str | None = field(default=None, name="ExampleTextValue")


class RegistrationFieldValueInformation(Struct, kw_only=True, omit_defaults=True):
    field_path: Annotated[str, Meta(min_length=1, max_length=100, pattern='^(?:[A-Za-z0-9_\\.]+)$')] = field(name="FieldPath")
    select_choices: Annotated[list[Annotated[str, Meta(min_length=1, max_length=256)]], Meta(min_length=0, max_length=100)] | None = field(default=None, name="SelectChoices")
    text_value: Annotated[str, Meta(min_length=1, max_length=2048)] | None = field(default=None, name="TextValue")
    registration_attachment_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] | None = field(default=None, name="RegistrationAttachmentId")
    denied_reason: str | None = field(default=None, name="DeniedReason")
    feedback: str | None = field(default=None, name="Feedback")


class RegistrationFilter(Struct, kw_only=True, omit_defaults=True):
    name: RegistrationFilterName = field(name="Name")
    values: Annotated[list[Annotated[str, Meta(min_length=1, max_length=128, pattern='^(?:[/\\.:A-Za-z0-9+_-]+)$')]], Meta(min_length=1, max_length=20)] = field(name="Values")


class RegistrationInformation(Struct, kw_only=True, omit_defaults=True):
    registration_arn: str = field(name="RegistrationArn")
    registration_id: str = field(name="RegistrationId")
    registration_type: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_]+)$')] = field(name="RegistrationType")
    registration_status: RegistrationStatus = field(name="RegistrationStatus")
    current_version_number: Annotated[int, Meta(ge=1, le=100000)] = field(name="CurrentVersionNumber")
    approved_version_number: Annotated[int, Meta(ge=1, le=100000)] | None = field(default=None, name="ApprovedVersionNumber")
    latest_denied_version_number: Annotated[int, Meta(ge=1, le=100000)] | None = field(default=None, name="LatestDeniedVersionNumber")
    additional_attributes: dict[str, str] | None = field(default=None, name="AdditionalAttributes")
    created_timestamp: float = field(name="CreatedTimestamp")


class RegistrationSectionDefinition(Struct, kw_only=True, omit_defaults=True):
    section_path: Annotated[str, Meta(min_length=1, max_length=100, pattern='^(?:[A-Za-z0-9_]+)$')] = field(name="SectionPath")
    display_hints: RegistrationSectionDisplayHints = field(name="DisplayHints")


class RegistrationSectionDisplayHints(Struct, kw_only=True, omit_defaults=True):
    title: str = field(name="Title")
    short_description: str = field(name="ShortDescription")
    long_description: str | None = field(default=None, name="LongDescription")
    documentation_title: str | None = field(default=None, name="DocumentationTitle")
    documentation_link: str | None = field(default=None, name="DocumentationLink")


class RegistrationTypeDefinition(Struct, kw_only=True, omit_defaults=True):
    registration_type: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_]+)$')] = field(name="RegistrationType")
    supported_associations: list[SupportedAssociation] | None = field(default=None, name="SupportedAssociations")
    display_hints: RegistrationTypeDisplayHints = field(name="DisplayHints")


class RegistrationTypeDisplayHints(Struct, kw_only=True, omit_defaults=True):
    title: str = field(name="Title")
    short_description: str | None = field(default=None, name="ShortDescription")
    long_description: str | None = field(default=None, name="LongDescription")
    documentation_title: str | None = field(default=None, name="DocumentationTitle")
    documentation_link: str | None = field(default=None, name="DocumentationLink")


class RegistrationTypeFilter(Struct, kw_only=True, omit_defaults=True):
    name: RegistrationTypeFilterName = field(name="Name")
    values: Annotated[list[Annotated[str, Meta(min_length=1, max_length=128, pattern='^(?:[/\\.:A-Za-z0-9+_-]+)$')]], Meta(min_length=1, max_length=20)] = field(name="Values")


class RegistrationVersionFilter(Struct, kw_only=True, omit_defaults=True):
    name: RegistrationVersionFilterName = field(name="Name")
    values: Annotated[list[Annotated[str, Meta(min_length=1, max_length=128, pattern='^(?:[/\\.:A-Za-z0-9+_-]+)$')]], Meta(min_length=1, max_length=20)] = field(name="Values")


class RegistrationVersionInformation(Struct, kw_only=True, omit_defaults=True):
    version_number: Annotated[int, Meta(ge=1, le=100000)] = field(name="VersionNumber")
    registration_version_status: RegistrationVersionStatus = field(name="RegistrationVersionStatus")
    registration_version_status_history: RegistrationVersionStatusHistory = field(name="RegistrationVersionStatusHistory")
    denied_reasons: list[RegistrationDeniedReasonInformation] | None = field(default=None, name="DeniedReasons")
    feedback: str | None = field(default=None, name="Feedback")


class RegistrationVersionStatusHistory(Struct, kw_only=True, omit_defaults=True):
    draft_timestamp: float = field(name="DraftTimestamp")
    submitted_timestamp: float | None = field(default=None, name="SubmittedTimestamp")
    aws_reviewing_timestamp: float | None = field(default=None, name="AwsReviewingTimestamp")
    reviewing_timestamp: float | None = field(default=None, name="ReviewingTimestamp")
    requires_authentication_timestamp: float | None = field(default=None, name="RequiresAuthenticationTimestamp")
    approved_timestamp: float | None = field(default=None, name="ApprovedTimestamp")
    discarded_timestamp: float | None = field(default=None, name="DiscardedTimestamp")
    denied_timestamp: float | None = field(default=None, name="DeniedTimestamp")
    revoked_timestamp: float | None = field(default=None, name="RevokedTimestamp")
    archived_timestamp: float | None = field(default=None, name="ArchivedTimestamp")


class ReleasePhoneNumberRequest(Struct, kw_only=True, omit_defaults=True):
    phone_number_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="PhoneNumberId")


class ReleasePhoneNumberResult(Struct, kw_only=True, omit_defaults=True):
    phone_number_arn: str | None = field(default=None, name="PhoneNumberArn")
    phone_number_id: str | None = field(default=None, name="PhoneNumberId")
    phone_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')] | None = field(default=None, name="PhoneNumber")
    status: NumberStatus | None = field(default=None, name="Status")
    iso_country_code: Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')] | None = field(default=None, name="IsoCountryCode")
    message_type: MessageType | None = field(default=None, name="MessageType")
    number_capabilities: Annotated[list[NumberCapability], Meta(min_length=1, max_length=4)] | None = field(default=None, name="NumberCapabilities")
    number_type: NumberType | None = field(default=None, name="NumberType")
    monthly_leasing_price: str | None = field(default=None, name="MonthlyLeasingPrice")
    two_way_enabled: bool | None = field(default=None, name="TwoWayEnabled")
    two_way_channel_arn: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:\\S+)$')] | None = field(default=None, name="TwoWayChannelArn")
    two_way_channel_role: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:arn:\\S+)$')] | None = field(default=None, name="TwoWayChannelRole")
    self_managed_opt_outs_enabled: bool | None = field(default=None, name="SelfManagedOptOutsEnabled")
    opt_out_list_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] | None = field(default=None, name="OptOutListName")
    registration_id: str | None = field(default=None, name="RegistrationId")
    created_timestamp: float | None = field(default=None, name="CreatedTimestamp")


class ReleaseSenderIdRequest(Struct, kw_only=True, omit_defaults=True):
    sender_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="SenderId")
    iso_country_code: Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')] = field(name="IsoCountryCode")


class ReleaseSenderIdResult(Struct, kw_only=True, omit_defaults=True):
    sender_id_arn: str = field(name="SenderIdArn")
    sender_id: Annotated[str, Meta(min_length=1, max_length=11, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="SenderId")
    iso_country_code: Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')] = field(name="IsoCountryCode")
    message_types: Annotated[list[MessageType], Meta(min_length=0, max_length=2)] = field(name="MessageTypes")
    monthly_leasing_price: str = field(name="MonthlyLeasingPrice")
    registered: bool = field(name="Registered")
    registration_id: str | None = field(default=None, name="RegistrationId")


class RequestPhoneNumberRequest(Struct, kw_only=True, omit_defaults=True):
    iso_country_code: Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')] = field(name="IsoCountryCode")
    message_type: MessageType = field(name="MessageType")
    number_capabilities: Annotated[list[NumberCapability], Meta(min_length=1, max_length=4)] = field(name="NumberCapabilities")
    number_type: RequestableNumberType = field(name="NumberType")
    opt_out_list_name: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] | None = field(default=None, name="OptOutListName")
    pool_id: Annotated[str, Meta(min_length=0, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]*)$')] | None = field(default=None, name="PoolId")
    registration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] | None = field(default=None, name="RegistrationId")
    number_preference: Annotated[list[NumberPreferenceItem], Meta(min_length=1, max_length=1)] | None = field(default=None, name="NumberPreference")
    international_sending_enabled: bool | None = field(default=None, name="InternationalSendingEnabled")
    deletion_protection_enabled: bool | None = field(default=None, name="DeletionProtectionEnabled")
    tags: Annotated[list[Tag], Meta(min_length=0, max_length=200)] | None = field(default=None, name="Tags")
    client_token: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[!-~]+)$')] | None = field(default=None, name="ClientToken")


class RequestPhoneNumberResult(Struct, kw_only=True, omit_defaults=True):
    phone_number_arn: str | None = field(default=None, name="PhoneNumberArn")
    phone_number_id: str | None = field(default=None, name="PhoneNumberId")
    phone_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')] | None = field(default=None, name="PhoneNumber")
    status: NumberStatus | None = field(default=None, name="Status")
    iso_country_code: Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')] | None = field(default=None, name="IsoCountryCode")
    message_type: MessageType | None = field(default=None, name="MessageType")
    number_capabilities: Annotated[list[NumberCapability], Meta(min_length=1, max_length=4)] | None = field(default=None, name="NumberCapabilities")
    number_type: RequestableNumberType | None = field(default=None, name="NumberType")
    monthly_leasing_price: str | None = field(default=None, name="MonthlyLeasingPrice")
    two_way_enabled: bool | None = field(default=None, name="TwoWayEnabled")
    two_way_channel_arn: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:\\S+)$')] | None = field(default=None, name="TwoWayChannelArn")
    two_way_channel_role: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:arn:\\S+)$')] | None = field(default=None, name="TwoWayChannelRole")
    self_managed_opt_outs_enabled: bool | None = field(default=None, name="SelfManagedOptOutsEnabled")
    opt_out_list_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] | None = field(default=None, name="OptOutListName")
    international_sending_enabled: bool | None = field(default=None, name="InternationalSendingEnabled")
    deletion_protection_enabled: bool | None = field(default=None, name="DeletionProtectionEnabled")
    pool_id: str | None = field(default=None, name="PoolId")
    registration_id: str | None = field(default=None, name="RegistrationId")
    tags: Annotated[list[Tag], Meta(min_length=0, max_length=200)] | None = field(default=None, name="Tags")
    created_timestamp: float | None = field(default=None, name="CreatedTimestamp")


class RequestSenderIdRequest(Struct, kw_only=True, omit_defaults=True):
    sender_id: Annotated[str, Meta(min_length=1, max_length=11, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="SenderId")
    iso_country_code: Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')] = field(name="IsoCountryCode")
    message_types: Annotated[list[MessageType], Meta(min_length=0, max_length=2)] | None = field(default=None, name="MessageTypes")
    deletion_protection_enabled: bool | None = field(default=None, name="DeletionProtectionEnabled")
    tags: Annotated[list[Tag], Meta(min_length=0, max_length=200)] | None = field(default=None, name="Tags")
    client_token: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[!-~]+)$')] | None = field(default=None, name="ClientToken")


class RequestSenderIdResult(Struct, kw_only=True, omit_defaults=True):
    sender_id_arn: str = field(name="SenderIdArn")
    sender_id: Annotated[str, Meta(min_length=1, max_length=11, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="SenderId")
    iso_country_code: Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')] = field(name="IsoCountryCode")
    message_types: Annotated[list[MessageType], Meta(min_length=0, max_length=2)] = field(name="MessageTypes")
    monthly_leasing_price: str = field(name="MonthlyLeasingPrice")
    deletion_protection_enabled: bool = field(name="DeletionProtectionEnabled")
    registered: bool = field(name="Registered")
    tags: Annotated[list[Tag], Meta(min_length=0, max_length=200)] | None = field(default=None, name="Tags")


class SelectOptionDescription(Struct, kw_only=True, omit_defaults=True):
    option: str = field(name="Option")
    title: str | None = field(default=None, name="Title")
    description: str | None = field(default=None, name="Description")


class SelectValidation(Struct, kw_only=True, omit_defaults=True):
    min_choices: Integer = field(name="MinChoices")
    max_choices: Integer = field(name="MaxChoices")
    options: list[str] = field(name="Options")


class SendDestinationNumberVerificationCodeRequest(Struct, kw_only=True, omit_defaults=True):
    verified_destination_number_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="VerifiedDestinationNumberId")
    verification_channel: VerificationChannel = field(name="VerificationChannel")
    language_code: LanguageCode | None = field(default=None, name="LanguageCode")
    origination_identity: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/\\+-]+)$')] | None = field(default=None, name="OriginationIdentity")
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] | None = field(default=None, name="ConfigurationSetName")
    context: dict[str, Annotated[str, Meta(min_length=1, max_length=800, pattern='^(?:(?!\\s)^[\\s\\S]+(?<!\\s))$')]] | None = field(default=None, name="Context")
    destination_country_parameters: dict[str, Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:\\S+)$')]] | None = field(default=None, name="DestinationCountryParameters")


class SendDestinationNumberVerificationCodeResult(Struct, kw_only=True, omit_defaults=True):
    message_id: str = field(name="MessageId")


class SendMediaMessageRequest(Struct, kw_only=True, omit_defaults=True):
    destination_phone_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')] = field(name="DestinationPhoneNumber")
    origination_identity: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/\\+-]+)$')] = field(name="OriginationIdentity")
    message_body: Annotated[str, Meta(min_length=1, max_length=1600, pattern='^(?:(?!\\s*$)[\\s\\S]+)$')] | None = field(default=None, name="MessageBody")
    media_urls: Annotated[list[Annotated[str, Meta(min_length=1, max_length=2048, pattern='^(?:s3://([a-z0-9\\.-]{3,63})/(.+))$')]], Meta(min_length=1, max_length=1)] | None = field(default=None, name="MediaUrls")
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] | None = field(default=None, name="ConfigurationSetName")
    max_price: Annotated[str, Meta(min_length=2, max_length=8, pattern='^(?:[0-9]{0,2}\\.[0-9]{1,5})$')] | None = field(default=None, name="MaxPrice")
    time_to_live: Annotated[int, Meta(ge=5, le=259200)] | None = field(default=None, name="TimeToLive")
    context: dict[str, Annotated[str, Meta(min_length=1, max_length=800, pattern='^(?:(?!\\s)^[\\s\\S]+(?<!\\s))$')]] | None = field(default=None, name="Context")
    dry_run: bool | None = field(default=None, name="DryRun")
    protect_configuration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] | None = field(default=None, name="ProtectConfigurationId")
    message_feedback_enabled: bool | None = field(default=None, name="MessageFeedbackEnabled")


class SendMediaMessageResult(Struct, kw_only=True, omit_defaults=True):
    message_id: str | None = field(default=None, name="MessageId")


class SendNotifyTextMessageRequest(Struct, kw_only=True, omit_defaults=True):
    notify_configuration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="NotifyConfigurationId")
    destination_phone_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')] = field(name="DestinationPhoneNumber")
    template_id: Annotated[str, Meta(min_length=0, max_length=256, pattern='^(?:([A-Za-z0-9_-]*|UNSET_DEFAULT_TEMPLATE))$')] | None = field(default=None, name="TemplateId")
    template_variables: dict[str, Annotated[str, Meta(min_length=1, max_length=2048)]] = field(name="TemplateVariables")
    time_to_live: Annotated[int, Meta(ge=5, le=259200)] | None = field(default=None, name="TimeToLive")
    context: dict[str, Annotated[str, Meta(min_length=1, max_length=800, pattern='^(?:(?!\\s)^[\\s\\S]+(?<!\\s))$')]] | None = field(default=None, name="Context")
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] | None = field(default=None, name="ConfigurationSetName")
    dry_run: bool | None = field(default=None, name="DryRun")
    message_feedback_enabled: bool | None = field(default=None, name="MessageFeedbackEnabled")


class SendNotifyTextMessageResult(Struct, kw_only=True, omit_defaults=True):
    message_id: str | None = field(default=None, name="MessageId")
    template_id: Annotated[str, Meta(min_length=0, max_length=256, pattern='^(?:([A-Za-z0-9_-]*|UNSET_DEFAULT_TEMPLATE))$')] | None = field(default=None, name="TemplateId")
    resolved_message_body: str | None = field(default=None, name="ResolvedMessageBody")


class SendNotifyVoiceMessageRequest(Struct, kw_only=True, omit_defaults=True):
    notify_configuration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="NotifyConfigurationId")
    destination_phone_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')] = field(name="DestinationPhoneNumber")
    template_id: Annotated[str, Meta(min_length=0, max_length=256, pattern='^(?:([A-Za-z0-9_-]*|UNSET_DEFAULT_TEMPLATE))$')] | None = field(default=None, name="TemplateId")
    template_variables: dict[str, Annotated[str, Meta(min_length=1, max_length=2048)]] = field(name="TemplateVariables")
    voice_id: VoiceId | None = field(default=None, name="VoiceId")
    time_to_live: Annotated[int, Meta(ge=5, le=259200)] | None = field(default=None, name="TimeToLive")
    context: dict[str, Annotated[str, Meta(min_length=1, max_length=800, pattern='^(?:(?!\\s)^[\\s\\S]+(?<!\\s))$')]] | None = field(default=None, name="Context")
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] | None = field(default=None, name="ConfigurationSetName")
    dry_run: bool | None = field(default=None, name="DryRun")
    message_feedback_enabled: bool | None = field(default=None, name="MessageFeedbackEnabled")


class SendNotifyVoiceMessageResult(Struct, kw_only=True, omit_defaults=True):
    message_id: str | None = field(default=None, name="MessageId")
    template_id: Annotated[str, Meta(min_length=0, max_length=256, pattern='^(?:([A-Za-z0-9_-]*|UNSET_DEFAULT_TEMPLATE))$')] | None = field(default=None, name="TemplateId")
    resolved_message_body: str | None = field(default=None, name="ResolvedMessageBody")


class SendRcsMessageRequest(Struct, kw_only=True, omit_defaults=True):
    destination_phone_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')] = field(name="DestinationPhoneNumber")
    origination_identity: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/\\+-]+)$')] = field(name="OriginationIdentity")
    rcs_message_content: RcsMessageContent | None = field(default=None, name="RcsMessageContent")
    time_to_live: Annotated[int, Meta(ge=1, le=172800)] | None = field(default=None, name="TimeToLive")
    message_traffic_type: Annotated[str, Meta(min_length=1, max_length=50)] | None = field(default=None, name="MessageTrafficType")
    fallback_configuration: RcsFallbackConfiguration | None = field(default=None, name="FallbackConfiguration")
    protect_configuration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] | None = field(default=None, name="ProtectConfigurationId")
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] | None = field(default=None, name="ConfigurationSetName")
    max_price: Annotated[str, Meta(min_length=2, max_length=8, pattern='^(?:[0-9]{0,2}\\.[0-9]{1,5})$')] | None = field(default=None, name="MaxPrice")
    dry_run: bool | None = field(default=None, name="DryRun")
    context: dict[str, Annotated[str, Meta(min_length=1, max_length=800, pattern='^(?:(?!\\s)^[\\s\\S]+(?<!\\s))$')]] | None = field(default=None, name="Context")
    message_feedback_enabled: bool | None = field(default=None, name="MessageFeedbackEnabled")


class SendRcsMessageResult(Struct, kw_only=True, omit_defaults=True):
    message_id: str | None = field(default=None, name="MessageId")


class SendTextMessageRequest(Struct, kw_only=True, omit_defaults=True):
    destination_phone_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')] = field(name="DestinationPhoneNumber")
    origination_identity: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/\\+-]+)$')] | None = field(default=None, name="OriginationIdentity")
    message_body: Annotated[str, Meta(min_length=1, max_length=1600, pattern='^(?:(?!\\s*$)[\\s\\S]+)$')] | None = field(default=None, name="MessageBody")
    message_type: MessageType | None = field(default=None, name="MessageType")
    keyword: Annotated[str, Meta(min_length=1, max_length=30, pattern='^(?:[ \\S]+)$')] | None = field(default=None, name="Keyword")
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] | None = field(default=None, name="ConfigurationSetName")
    max_price: Annotated[str, Meta(min_length=2, max_length=8, pattern='^(?:[0-9]{0,2}\\.[0-9]{1,5})$')] | None = field(default=None, name="MaxPrice")
    time_to_live: Annotated[int, Meta(ge=5, le=259200)] | None = field(default=None, name="TimeToLive")
    context: dict[str, Annotated[str, Meta(min_length=1, max_length=800, pattern='^(?:(?!\\s)^[\\s\\S]+(?<!\\s))$')]] | None = field(default=None, name="Context")
    destination_country_parameters: dict[str, Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:\\S+)$')]] | None = field(default=None, name="DestinationCountryParameters")
    dry_run: bool | None = field(default=None, name="DryRun")
    protect_configuration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] | None = field(default=None, name="ProtectConfigurationId")
    message_feedback_enabled: bool | None = field(default=None, name="MessageFeedbackEnabled")


class SendTextMessageResult(Struct, kw_only=True, omit_defaults=True):
    message_id: str | None = field(default=None, name="MessageId")


class SendVoiceMessageRequest(Struct, kw_only=True, omit_defaults=True):
    destination_phone_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')] = field(name="DestinationPhoneNumber")
    origination_identity: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/\\+-]+)$')] = field(name="OriginationIdentity")
    message_body: Annotated[str, Meta(min_length=1, max_length=6000, pattern='^(?:(?!\\s*$)[\\s\\S]+)$')] | None = field(default=None, name="MessageBody")
    message_body_text_type: VoiceMessageBodyTextType | None = field(default=None, name="MessageBodyTextType")
    voice_id: VoiceId | None = field(default=None, name="VoiceId")
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] | None = field(default=None, name="ConfigurationSetName")
    max_price_per_minute: Annotated[str, Meta(min_length=2, max_length=8, pattern='^(?:[0-9]{0,2}\\.[0-9]{1,5})$')] | None = field(default=None, name="MaxPricePerMinute")
    time_to_live: Annotated[int, Meta(ge=5, le=259200)] | None = field(default=None, name="TimeToLive")
    context: dict[str, Annotated[str, Meta(min_length=1, max_length=800, pattern='^(?:(?!\\s)^[\\s\\S]+(?<!\\s))$')]] | None = field(default=None, name="Context")
    dry_run: bool | None = field(default=None, name="DryRun")
    protect_configuration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] | None = field(default=None, name="ProtectConfigurationId")
    message_feedback_enabled: bool | None = field(default=None, name="MessageFeedbackEnabled")


class SendVoiceMessageResult(Struct, kw_only=True, omit_defaults=True):
    message_id: str | None = field(default=None, name="MessageId")


class SenderIdAndCountry(Struct, kw_only=True, omit_defaults=True):
    sender_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="SenderId")
    iso_country_code: Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')] = field(name="IsoCountryCode")


class SenderIdFilter(Struct, kw_only=True, omit_defaults=True):
    name: SenderIdFilterName = field(name="Name")
    values: Annotated[list[Annotated[str, Meta(min_length=1, max_length=128, pattern='^(?:[/\\.:A-Za-z0-9+_-]+)$')]], Meta(min_length=1, max_length=20)] = field(name="Values")


class SenderIdInformation(Struct, kw_only=True, omit_defaults=True):
    sender_id_arn: str = field(name="SenderIdArn")
    sender_id: Annotated[str, Meta(min_length=1, max_length=11, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="SenderId")
    iso_country_code: Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')] = field(name="IsoCountryCode")
    message_types: Annotated[list[MessageType], Meta(min_length=0, max_length=2)] = field(name="MessageTypes")
    monthly_leasing_price: str = field(name="MonthlyLeasingPrice")
    deletion_protection_enabled: bool = field(name="DeletionProtectionEnabled")
    registered: bool = field(name="Registered")
    registration_id: str | None = field(default=None, name="RegistrationId")
    messaging_limits: MessagingLimits | None = field(default=None, name="MessagingLimits")
    pricing_tier: str | None = field(default=None, name="PricingTier")


class SetAccountDefaultProtectConfigurationRequest(Struct, kw_only=True, omit_defaults=True):
    protect_configuration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="ProtectConfigurationId")


class SetAccountDefaultProtectConfigurationResult(Struct, kw_only=True, omit_defaults=True):
    default_protect_configuration_arn: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:arn:\\S+)$')] = field(name="DefaultProtectConfigurationArn")
    default_protect_configuration_id: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="DefaultProtectConfigurationId")


class SetDefaultMessageFeedbackEnabledRequest(Struct, kw_only=True, omit_defaults=True):
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="ConfigurationSetName")
    message_feedback_enabled: bool = field(name="MessageFeedbackEnabled")


class SetDefaultMessageFeedbackEnabledResult(Struct, kw_only=True, omit_defaults=True):
    configuration_set_arn: str | None = field(default=None, name="ConfigurationSetArn")
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] | None = field(default=None, name="ConfigurationSetName")
    message_feedback_enabled: bool | None = field(default=None, name="MessageFeedbackEnabled")


class SetDefaultMessageTypeRequest(Struct, kw_only=True, omit_defaults=True):
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="ConfigurationSetName")
    message_type: MessageType = field(name="MessageType")


class SetDefaultMessageTypeResult(Struct, kw_only=True, omit_defaults=True):
    configuration_set_arn: str | None = field(default=None, name="ConfigurationSetArn")
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] | None = field(default=None, name="ConfigurationSetName")
    message_type: MessageType | None = field(default=None, name="MessageType")


class SetDefaultSenderIdRequest(Struct, kw_only=True, omit_defaults=True):
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="ConfigurationSetName")
    sender_id: Annotated[str, Meta(min_length=1, max_length=11, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="SenderId")


class SetDefaultSenderIdResult(Struct, kw_only=True, omit_defaults=True):
    configuration_set_arn: str | None = field(default=None, name="ConfigurationSetArn")
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] | None = field(default=None, name="ConfigurationSetName")
    sender_id: Annotated[str, Meta(min_length=1, max_length=11, pattern='^(?:[A-Za-z0-9_-]+)$')] | None = field(default=None, name="SenderId")


class SetMediaMessageSpendLimitOverrideRequest(Struct, kw_only=True, omit_defaults=True):
    monthly_limit: Annotated[int, Meta(ge=0, le=1000000000)] = field(name="MonthlyLimit")


class SetMediaMessageSpendLimitOverrideResult(Struct, kw_only=True, omit_defaults=True):
    monthly_limit: Annotated[int, Meta(ge=0, le=1000000000)] | None = field(default=None, name="MonthlyLimit")


class SetNotifyMessageSpendLimitOverrideRequest(Struct, kw_only=True, omit_defaults=True):
    monthly_limit: Annotated[int, Meta(ge=0, le=1000000000)] = field(name="MonthlyLimit")


class SetNotifyMessageSpendLimitOverrideResult(Struct, kw_only=True, omit_defaults=True):
    monthly_limit: Annotated[int, Meta(ge=0, le=1000000000)] | None = field(default=None, name="MonthlyLimit")


class SetRcsMessageSpendLimitOverrideRequest(Struct, kw_only=True, omit_defaults=True):
    monthly_limit: Annotated[int, Meta(ge=0, le=1000000000)] = field(name="MonthlyLimit")


class SetRcsMessageSpendLimitOverrideResult(Struct, kw_only=True, omit_defaults=True):
    monthly_limit: Annotated[int, Meta(ge=0, le=1000000000)] | None = field(default=None, name="MonthlyLimit")


class SetTextMessageSpendLimitOverrideRequest(Struct, kw_only=True, omit_defaults=True):
    monthly_limit: Annotated[int, Meta(ge=0, le=1000000000)] = field(name="MonthlyLimit")


class SetTextMessageSpendLimitOverrideResult(Struct, kw_only=True, omit_defaults=True):
    monthly_limit: Annotated[int, Meta(ge=0, le=1000000000)] | None = field(default=None, name="MonthlyLimit")


class SetVoiceMessageSpendLimitOverrideRequest(Struct, kw_only=True, omit_defaults=True):
    monthly_limit: Annotated[int, Meta(ge=0, le=1000000000)] = field(name="MonthlyLimit")


class SetVoiceMessageSpendLimitOverrideResult(Struct, kw_only=True, omit_defaults=True):
    monthly_limit: Annotated[int, Meta(ge=0, le=1000000000)] | None = field(default=None, name="MonthlyLimit")


class SnsDestination(Struct, kw_only=True, omit_defaults=True):
    topic_arn: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:arn:\\S+)$')] = field(name="TopicArn")


class SpendLimit(Struct, kw_only=True, omit_defaults=True):
    name: SpendLimitName = field(name="Name")
    enforced_limit: Long = field(name="EnforcedLimit")
    max_limit: Long = field(name="MaxLimit")
    overridden: bool = field(name="Overridden")


class SubmitRegistrationVersionRequest(Struct, kw_only=True, omit_defaults=True):
    registration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="RegistrationId")
    aws_review: bool | None = field(default=None, name="AwsReview")


class SubmitRegistrationVersionResult(Struct, kw_only=True, omit_defaults=True):
    registration_arn: str = field(name="RegistrationArn")
    registration_id: str = field(name="RegistrationId")
    version_number: Annotated[int, Meta(ge=1, le=100000)] = field(name="VersionNumber")
    registration_version_status: RegistrationVersionStatus = field(name="RegistrationVersionStatus")
    registration_version_status_history: RegistrationVersionStatusHistory = field(name="RegistrationVersionStatusHistory")
    aws_review: bool = field(name="AwsReview")


class SupportedAssociation(Struct, kw_only=True, omit_defaults=True):
    resource_type: str = field(name="ResourceType")
    iso_country_code: Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')] | None = field(default=None, name="IsoCountryCode")
    association_behavior: RegistrationAssociationBehavior = field(name="AssociationBehavior")
    disassociation_behavior: RegistrationDisassociationBehavior = field(name="DisassociationBehavior")


class Tag(Struct, kw_only=True, omit_defaults=True):
    key: Annotated[str, Meta(min_length=1, max_length=128, pattern='^(?:.+)$')] = field(name="Key")
    value: Annotated[str, Meta(min_length=0, max_length=256, pattern='^(?:.*)$')] = field(name="Value")


class TagResourceRequest(Struct, kw_only=True, omit_defaults=True):
    resource_arn: Annotated[str, Meta(min_length=20, max_length=256, pattern='^(?:arn:[A-Za-z0-9_:/-]+)$')] = field(name="ResourceArn")
    tags: Annotated[list[Tag], Meta(min_length=1, max_length=200)] = field(name="Tags")


class TagResourceResult(Struct, kw_only=True, omit_defaults=True):
    pass


class TemplateVariableMetadata(Struct, kw_only=True, omit_defaults=True):
    type: TemplateVariableType = field(name="Type")
    required: bool = field(name="Required")
    description: str | None = field(default=None, name="Description")
    max_length: Integer | None = field(default=None, name="MaxLength")
    min_value: Integer | None = field(default=None, name="MinValue")
    max_value: Integer | None = field(default=None, name="MaxValue")
    default_value: str | None = field(default=None, name="DefaultValue")
    pattern: str | None = field(default=None, name="Pattern")
    sample: str | None = field(default=None, name="Sample")
    source: TemplateVariableSource | None = field(default=None, name="Source")


class TestingAgentInformation(Struct, kw_only=True, omit_defaults=True):
    status: TestingAgentStatus = field(name="Status")
    testing_agent_id: str | None = field(default=None, name="TestingAgentId")
    registration_id: str = field(name="RegistrationId")


class TextValidation(Struct, kw_only=True, omit_defaults=True):
    min_length: Integer = field(name="MinLength")
    max_length: Integer = field(name="MaxLength")
    pattern: str = field(name="Pattern")


class UntagResourceRequest(Struct, kw_only=True, omit_defaults=True):
    resource_arn: Annotated[str, Meta(min_length=20, max_length=256, pattern='^(?:arn:[A-Za-z0-9_:/-]+)$')] = field(name="ResourceArn")
    tag_keys: Annotated[list[Annotated[str, Meta(min_length=1, max_length=128, pattern='^(?:.+)$')]], Meta(min_length=1, max_length=200)] = field(name="TagKeys")


class UntagResourceResult(Struct, kw_only=True, omit_defaults=True):
    pass


class UpdateEventDestinationRequest(Struct, kw_only=True, omit_defaults=True):
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="ConfigurationSetName")
    event_destination_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="EventDestinationName")
    enabled: bool | None = field(default=None, name="Enabled")
    matching_event_types: Annotated[list[EventType], Meta(min_length=1, max_length=52)] | None = field(default=None, name="MatchingEventTypes")
    cloud_watch_logs_destination: CloudWatchLogsDestination | None = field(default=None, name="CloudWatchLogsDestination")
    kinesis_firehose_destination: KinesisFirehoseDestination | None = field(default=None, name="KinesisFirehoseDestination")
    sns_destination: SnsDestination | None = field(default=None, name="SnsDestination")


class UpdateEventDestinationResult(Struct, kw_only=True, omit_defaults=True):
    configuration_set_arn: str | None = field(default=None, name="ConfigurationSetArn")
    configuration_set_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] | None = field(default=None, name="ConfigurationSetName")
    event_destination: EventDestination | None = field(default=None, name="EventDestination")


class UpdateNotifyConfigurationRequest(Struct, kw_only=True, omit_defaults=True):
    notify_configuration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="NotifyConfigurationId")
    default_template_id: Annotated[str, Meta(min_length=0, max_length=256, pattern='^(?:([A-Za-z0-9_-]*|UNSET_DEFAULT_TEMPLATE))$')] | None = field(default=None, name="DefaultTemplateId")
    pool_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:([A-Za-z0-9_:/-]+|UNSET_DEFAULT_POOL_FOR_NOTIFY))$')] | None = field(default=None, name="PoolId")
    enabled_countries: Annotated[list[Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')]], Meta(min_length=0, max_length=300)] | None = field(default=None, name="EnabledCountries")
    enabled_channels: Annotated[list[NumberCapability], Meta(min_length=1, max_length=4)] | None = field(default=None, name="EnabledChannels")
    deletion_protection_enabled: bool | None = field(default=None, name="DeletionProtectionEnabled")


class UpdateNotifyConfigurationResult(Struct, kw_only=True, omit_defaults=True):
    notify_configuration_arn: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:arn:\\S+)$')] = field(name="NotifyConfigurationArn")
    notify_configuration_id: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="NotifyConfigurationId")
    display_name: Annotated[str, Meta(min_length=1, max_length=15, pattern='^(?:[A-Za-z0-9_ -]+)$')] = field(name="DisplayName")
    use_case: NotifyConfigurationUseCase = field(name="UseCase")
    default_template_id: Annotated[str, Meta(min_length=0, max_length=256, pattern='^(?:([A-Za-z0-9_-]*|UNSET_DEFAULT_TEMPLATE))$')] | None = field(default=None, name="DefaultTemplateId")
    pool_id: str | None = field(default=None, name="PoolId")
    enabled_countries: Annotated[list[Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')]], Meta(min_length=0, max_length=300)] | None = field(default=None, name="EnabledCountries")
    enabled_channels: Annotated[list[NumberCapability], Meta(min_length=1, max_length=4)] = field(name="EnabledChannels")
    tier: NotifyConfigurationTier = field(name="Tier")
    tier_upgrade_status: TierUpgradeStatus = field(name="TierUpgradeStatus")
    status: NotifyConfigurationStatus = field(name="Status")
    rejection_reason: str | None = field(default=None, name="RejectionReason")
    deletion_protection_enabled: bool = field(name="DeletionProtectionEnabled")
    created_timestamp: float = field(name="CreatedTimestamp")


class UpdatePhoneNumberRequest(Struct, kw_only=True, omit_defaults=True):
    phone_number_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="PhoneNumberId")
    two_way_enabled: bool | None = field(default=None, name="TwoWayEnabled")
    two_way_channel_arn: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:\\S+)$')] | None = field(default=None, name="TwoWayChannelArn")
    two_way_channel_role: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:arn:\\S+)$')] | None = field(default=None, name="TwoWayChannelRole")
    self_managed_opt_outs_enabled: bool | None = field(default=None, name="SelfManagedOptOutsEnabled")
    opt_out_list_name: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] | None = field(default=None, name="OptOutListName")
    international_sending_enabled: bool | None = field(default=None, name="InternationalSendingEnabled")
    deletion_protection_enabled: bool | None = field(default=None, name="DeletionProtectionEnabled")


class UpdatePhoneNumberResult(Struct, kw_only=True, omit_defaults=True):
    phone_number_arn: str | None = field(default=None, name="PhoneNumberArn")
    phone_number_id: str | None = field(default=None, name="PhoneNumberId")
    phone_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')] | None = field(default=None, name="PhoneNumber")
    status: NumberStatus | None = field(default=None, name="Status")
    iso_country_code: Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')] | None = field(default=None, name="IsoCountryCode")
    message_type: MessageType | None = field(default=None, name="MessageType")
    number_capabilities: Annotated[list[NumberCapability], Meta(min_length=1, max_length=4)] | None = field(default=None, name="NumberCapabilities")
    number_type: NumberType | None = field(default=None, name="NumberType")
    monthly_leasing_price: str | None = field(default=None, name="MonthlyLeasingPrice")
    two_way_enabled: bool | None = field(default=None, name="TwoWayEnabled")
    two_way_channel_arn: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:\\S+)$')] | None = field(default=None, name="TwoWayChannelArn")
    two_way_channel_role: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:arn:\\S+)$')] | None = field(default=None, name="TwoWayChannelRole")
    self_managed_opt_outs_enabled: bool | None = field(default=None, name="SelfManagedOptOutsEnabled")
    opt_out_list_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] | None = field(default=None, name="OptOutListName")
    international_sending_enabled: bool | None = field(default=None, name="InternationalSendingEnabled")
    deletion_protection_enabled: bool | None = field(default=None, name="DeletionProtectionEnabled")
    registration_id: str | None = field(default=None, name="RegistrationId")
    created_timestamp: float | None = field(default=None, name="CreatedTimestamp")


class UpdatePoolRequest(Struct, kw_only=True, omit_defaults=True):
    pool_id: Annotated[str, Meta(min_length=0, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]*)$')] = field(name="PoolId")
    two_way_enabled: bool | None = field(default=None, name="TwoWayEnabled")
    two_way_channel_arn: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:\\S+)$')] | None = field(default=None, name="TwoWayChannelArn")
    two_way_channel_role: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:arn:\\S+)$')] | None = field(default=None, name="TwoWayChannelRole")
    self_managed_opt_outs_enabled: bool | None = field(default=None, name="SelfManagedOptOutsEnabled")
    opt_out_list_name: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] | None = field(default=None, name="OptOutListName")
    shared_routes_enabled: bool | None = field(default=None, name="SharedRoutesEnabled")
    deletion_protection_enabled: bool | None = field(default=None, name="DeletionProtectionEnabled")


class UpdatePoolResult(Struct, kw_only=True, omit_defaults=True):
    pool_arn: str | None = field(default=None, name="PoolArn")
    pool_id: str | None = field(default=None, name="PoolId")
    status: PoolStatus | None = field(default=None, name="Status")
    message_type: MessageType | None = field(default=None, name="MessageType")
    two_way_enabled: bool | None = field(default=None, name="TwoWayEnabled")
    two_way_channel_arn: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:\\S+)$')] | None = field(default=None, name="TwoWayChannelArn")
    two_way_channel_role: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:arn:\\S+)$')] | None = field(default=None, name="TwoWayChannelRole")
    self_managed_opt_outs_enabled: bool | None = field(default=None, name="SelfManagedOptOutsEnabled")
    opt_out_list_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] | None = field(default=None, name="OptOutListName")
    shared_routes_enabled: bool | None = field(default=None, name="SharedRoutesEnabled")
    deletion_protection_enabled: bool | None = field(default=None, name="DeletionProtectionEnabled")
    created_timestamp: float | None = field(default=None, name="CreatedTimestamp")


class UpdateProtectConfigurationCountryRuleSetRequest(Struct, kw_only=True, omit_defaults=True):
    protect_configuration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="ProtectConfigurationId")
    number_capability: NumberCapability = field(name="NumberCapability")
    country_rule_set_updates: dict[str, ProtectConfigurationCountryRuleSetInformation] = field(name="CountryRuleSetUpdates")


class UpdateProtectConfigurationCountryRuleSetResult(Struct, kw_only=True, omit_defaults=True):
    protect_configuration_arn: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:arn:\\S+)$')] = field(name="ProtectConfigurationArn")
    protect_configuration_id: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="ProtectConfigurationId")
    number_capability: NumberCapability = field(name="NumberCapability")
    country_rule_set: dict[str, ProtectConfigurationCountryRuleSetInformation] = field(name="CountryRuleSet")


class UpdateProtectConfigurationRequest(Struct, kw_only=True, omit_defaults=True):
    protect_configuration_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="ProtectConfigurationId")
    deletion_protection_enabled: bool | None = field(default=None, name="DeletionProtectionEnabled")


class UpdateProtectConfigurationResult(Struct, kw_only=True, omit_defaults=True):
    protect_configuration_arn: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:arn:\\S+)$')] = field(name="ProtectConfigurationArn")
    protect_configuration_id: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="ProtectConfigurationId")
    created_timestamp: float = field(name="CreatedTimestamp")
    account_default: bool = field(name="AccountDefault")
    deletion_protection_enabled: bool = field(name="DeletionProtectionEnabled")


class UpdateRcsAgentRequest(Struct, kw_only=True, omit_defaults=True):
    rcs_agent_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="RcsAgentId")
    deletion_protection_enabled: bool | None = field(default=None, name="DeletionProtectionEnabled")
    opt_out_list_name: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] | None = field(default=None, name="OptOutListName")
    self_managed_opt_outs_enabled: bool | None = field(default=None, name="SelfManagedOptOutsEnabled")
    two_way_channel_arn: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:\\S+)$')] | None = field(default=None, name="TwoWayChannelArn")
    two_way_channel_role: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:arn:\\S+)$')] | None = field(default=None, name="TwoWayChannelRole")
    two_way_enabled: bool | None = field(default=None, name="TwoWayEnabled")
    two_way_media_s3_bucket_name: Annotated[str, Meta(min_length=3, max_length=63, pattern='^(?:([a-z0-9][a-z0-9.-]*[a-z0-9]|UNSET_RCS_MEDIA_CONFIGURATION))$')] | None = field(default=None, name="TwoWayMediaS3BucketName")
    two_way_media_s3_key_prefix: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:[\\S]+)$')] | None = field(default=None, name="TwoWayMediaS3KeyPrefix")
    two_way_media_s3_role: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:(arn:\\S+|UNSET_RCS_MEDIA_CONFIGURATION))$')] | None = field(default=None, name="TwoWayMediaS3Role")
    two_way_rcs_events_enabled: Annotated[list[Annotated[str, Meta(min_length=1, max_length=50)]], Meta(min_length=0, max_length=100)] | None = field(default=None, name="TwoWayRcsEventsEnabled")


class UpdateRcsAgentResult(Struct, kw_only=True, omit_defaults=True):
    rcs_agent_arn: str = field(name="RcsAgentArn")
    rcs_agent_id: str = field(name="RcsAgentId")
    status: RcsAgentStatus = field(name="Status")
    created_timestamp: float = field(name="CreatedTimestamp")
    deletion_protection_enabled: bool = field(name="DeletionProtectionEnabled")
    opt_out_list_name: Annotated[str, Meta(min_length=1, max_length=64, pattern='^(?:[A-Za-z0-9_-]+)$')] | None = field(default=None, name="OptOutListName")
    self_managed_opt_outs_enabled: bool = field(name="SelfManagedOptOutsEnabled")
    two_way_channel_arn: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:\\S+)$')] | None = field(default=None, name="TwoWayChannelArn")
    two_way_channel_role: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:arn:\\S+)$')] | None = field(default=None, name="TwoWayChannelRole")
    two_way_enabled: bool = field(name="TwoWayEnabled")
    two_way_media_s3_bucket_name: Annotated[str, Meta(min_length=3, max_length=63, pattern='^(?:[a-z0-9][a-z0-9.-]*[a-z0-9])$')] | None = field(default=None, name="TwoWayMediaS3BucketName")
    two_way_media_s3_key_prefix: Annotated[str, Meta(min_length=1, max_length=1024, pattern='^(?:[\\S]+)$')] | None = field(default=None, name="TwoWayMediaS3KeyPrefix")
    two_way_media_s3_role: Annotated[str, Meta(min_length=20, max_length=2048, pattern='^(?:arn:\\S+)$')] | None = field(default=None, name="TwoWayMediaS3Role")
    two_way_rcs_events_enabled: Annotated[list[Annotated[str, Meta(min_length=1, max_length=50)]], Meta(min_length=0, max_length=100)] | None = field(default=None, name="TwoWayRcsEventsEnabled")


class UpdateSenderIdRequest(Struct, kw_only=True, omit_defaults=True):
    sender_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="SenderId")
    iso_country_code: Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')] = field(name="IsoCountryCode")
    deletion_protection_enabled: bool | None = field(default=None, name="DeletionProtectionEnabled")


class UpdateSenderIdResult(Struct, kw_only=True, omit_defaults=True):
    sender_id_arn: str = field(name="SenderIdArn")
    sender_id: Annotated[str, Meta(min_length=1, max_length=11, pattern='^(?:[A-Za-z0-9_-]+)$')] = field(name="SenderId")
    iso_country_code: Annotated[str, Meta(min_length=2, max_length=2, pattern='^(?:[A-Z]{2})$')] = field(name="IsoCountryCode")
    message_types: Annotated[list[MessageType], Meta(min_length=0, max_length=2)] = field(name="MessageTypes")
    monthly_leasing_price: str = field(name="MonthlyLeasingPrice")
    deletion_protection_enabled: bool = field(name="DeletionProtectionEnabled")
    registered: bool = field(name="Registered")
    registration_id: str | None = field(default=None, name="RegistrationId")


class ValidationExceptionField(Struct, kw_only=True, omit_defaults=True):
    name: str = field(name="Name")
    message: str = field(name="Message")


class VerifiedDestinationNumberFilter(Struct, kw_only=True, omit_defaults=True):
    name: VerifiedDestinationNumberFilterName = field(name="Name")
    values: Annotated[list[Annotated[str, Meta(min_length=1, max_length=128, pattern='^(?:[/\\.:A-Za-z0-9+_-]+)$')]], Meta(min_length=1, max_length=20)] = field(name="Values")


class VerifiedDestinationNumberInformation(Struct, kw_only=True, omit_defaults=True):
    verified_destination_number_arn: str = field(name="VerifiedDestinationNumberArn")
    verified_destination_number_id: str = field(name="VerifiedDestinationNumberId")
    destination_phone_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')] = field(name="DestinationPhoneNumber")
    status: VerificationStatus = field(name="Status")
    rcs_agent_id: str | None = field(default=None, name="RcsAgentId")
    created_timestamp: float = field(name="CreatedTimestamp")


class VerifyDestinationNumberRequest(Struct, kw_only=True, omit_defaults=True):
    verified_destination_number_id: Annotated[str, Meta(min_length=1, max_length=256, pattern='^(?:[A-Za-z0-9_:/-]+)$')] = field(name="VerifiedDestinationNumberId")
    verification_code: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:[A-Za-z0-9]+)$')] = field(name="VerificationCode")


class VerifyDestinationNumberResult(Struct, kw_only=True, omit_defaults=True):
    verified_destination_number_arn: str = field(name="VerifiedDestinationNumberArn")
    verified_destination_number_id: str = field(name="VerifiedDestinationNumberId")
    destination_phone_number: Annotated[str, Meta(min_length=1, max_length=20, pattern='^(?:\\+?[1-9][0-9]{1,18})$')] = field(name="DestinationPhoneNumber")
    status: VerificationStatus = field(name="Status")
    created_timestamp: float = field(name="CreatedTimestamp")

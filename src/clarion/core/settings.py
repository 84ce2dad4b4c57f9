"""Every setting of Clarion: default, environment variable, help.

Order of precedence: command line, environment (`CLARION_…`), TOML file (`--config` or `CLARION_CONFIG`),
default. `clarion settings` lists them from here, so a setting cannot exist without its help.
"""

from __future__ import annotations

import dataclasses
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from clarion.core.errors import Invalid


def _setting(default: Any, help: str) -> Any:
    return dataclasses.field(default=default, metadata={"help": help})


@dataclasses.dataclass(frozen=True)
class Settings:
    """One process's settings; immutable, built once by `load`."""

    host: str = _setting("127.0.0.1", "Address the HTTP server listens on.")
    port: int = _setting(8080, "Port the HTTP server listens on; 0 takes a free one.")
    data: str = _setting("data", "Folder for everything Clarion keeps with the embedded engines.")
    state: str = _setting("", "State database URL (sqlite:///… or postgresql://…); empty: SQLite in the data folder.")
    events: str = _setting("", "Columnar store URL (chdb:///… or http://…); empty: chDB in the data folder.")
    clock: str = _setting("real", "`real`, `virtual`, or `virtual:2027-01-01T00:00:00Z`.")
    workers: bool = _setting(True, "Also do the background work (jobs, ingest, lanes) in the serving process.")
    log_level: str = _setting("info", "Least severe log line that is written: debug, info, warning, error.")
    access_key_id: str = _setting("", "Root access key id to use instead of a generated one.")
    secret_access_key: str = _setting("", "Secret of the root access key given by access_key_id.")
    account: str = _setting("000000000001", "Account id that the root access key belongs to.")
    public_url: str = _setting("", "URL under which recipients reach this server (open pixel, click links).")
    secrets_key: str = _setting(
        "",
        "Keys that seal stored credentials of channels: 32 bytes in base64, several by commas, the first seals, "
        "all open; empty: one made into the state database.",
    )
    clock_skew_seconds: int = _setting(900, "How far a signature's time may be from ours, either way.")
    max_body_bytes: int = _setting(7_000_000, "Largest request body unless an operation says otherwise.")
    rate_limits: bool = _setting(False, "Enforce the service's request rates per account, region and operation.")
    project_quota: int = _setting(0, "Most projects per account and region; 0: no limit.")
    active_campaign_quota: int = _setting(0, "Most active campaigns per account and region; 0: no limit.")
    active_journey_quota: int = _setting(50, "Most active journeys per account and region; 0: no limit.")
    event_journey_quota: int = _setting(20, "Most active journeys that events start, of an account; 0: no limit.")
    journey_days: int = _setting(540, "Days a journey may run at most.")
    journey_start_delay_seconds: int = _setting(300, "From publishing a journey to the first entries, at least.")
    endpoints_per_user: int = _setting(15, "Most endpoints per user id; 0: no limit.")
    endpoints_per_user_mode: str = _setting(
        "retire",
        "One too many: `retire` retires the user's oldest idle endpoint, `strict` refuses as Pinpoint does.",
    )
    remove_attributes_physically: bool = _setting(
        False, "RemoveAttributes also erases stored values, not only future ones."
    )
    missing_variables: str = _setting("empty", "`empty` renders a variable without value as nothing, `strict` refuses.")
    message_defaults_first: bool = _setting(
        True, "Message-level substitutions beat endpoint attributes; false turns the two round."
    )
    generate_text: bool = _setting(True, "A template with HTML and no text is sent with a text part made of the HTML.")
    email_transport: str = _setting("inbox", "Where e-mail goes that no provider carries: `inbox` (local) or `smtp`.")
    smtp_host: str = _setting("localhost", "SMTP relay.")
    smtp_port: int = _setting(25, "Port of the SMTP relay.")
    smtp_tls: str = _setting("opportunistic", "`none`, `opportunistic`, `starttls` (required) or `tls` (implicit).")
    smtp_username: str = _setting("", "User name at the SMTP relay.")
    smtp_password: str = _setting("", "Password at the SMTP relay.")
    smtp_connections: int = _setting(10, "Connections kept open to the SMTP relay.")
    smtp_timeout_seconds: int = _setting(30, "How long one SMTP step may take.")
    bounce_domain: str = _setting(
        "", "Domain that bounces come back to, each mail to an address of its own; empty: to the sender's address."
    )
    dns_servers: str = _setting(
        "",
        "Name servers asked where mail goes, `address` or `address:port`, separated by commas; empty: this machine's.",
    )
    email_rate: int = _setting(0, "Most e-mails per second through the e-mail lane; 0: no limit.")
    push_transport: str = _setting(
        "inbox", "Where push notifications go: `inbox` (local) or `services` (those of each project's channels)."
    )
    push_timeout_seconds: int = _setting(30, "How long a push service may take for one notification.")
    push_in_flight: int = _setting(500, "Notifications of a batch that are under way to a push service at once.")
    apns_endpoint_url: str = _setting("", "Where APNs is, as https://proxy:2197; empty: Apple.")
    apns_sandbox_endpoint_url: str = _setting("", "Where the sandbox of APNs is; empty: Apple.")
    fcm_endpoint_url: str = _setting("", "Where FCM (HTTP v1) is; empty: Google.")
    fcm_token_url: str = _setting(
        "", "Where access tokens for FCM come from; empty: as the service account says, if that is Google."
    )
    fcm_legacy_endpoint_url: str = _setting(
        "",
        "A server that speaks FCM's legacy API, for channels with an ApiKey; empty: none, Google's is off.",
    )
    adm_endpoint_url: str = _setting("", "Where Amazon Device Messaging is; empty: Amazon.")
    adm_token_url: str = _setting("", "Where access tokens for Amazon Device Messaging come from; empty: Amazon.")
    baidu_endpoint_url: str = _setting("", "Where Baidu Cloud Push is; empty: Baidu.")
    direct_wait_ms: int = _setting(
        2_000, "Longest that SendMessages waits for what push services answer; 0: not at all."
    )
    sms_transport: str = _setting("inbox", "Where text messages go that no provider carries: `inbox` (local).")
    custom_transport: str = _setting("calls", "Where the custom channel's messages go: `calls` (functions, webhooks).")
    voice_transport: str = _setting("inbox", "Where calls go that no provider carries: `inbox` (local).")
    voice_speech: str = _setting(
        "espeak", "What turns texts of calls into speech: `espeak` (on this machine) or `polly` (Amazon Polly)."
    )
    polly_endpoint_url: str = _setting("", "Where Amazon Polly is, as http://polly:5000; empty: AWS.")
    delivery_attempts: int = _setting(5, "Attempts for one message while failures are temporary.")
    outage_hours: int = _setting(
        12, "Hours that messages wait for a provider that is ill or does not let us in; such attempts do not count."
    )
    unrecorded_handover: str = _setting(
        "resend",
        "What a restart does with a message that was being handed over: `resend` (same Message-ID) or `skip`.",
    )
    email_suppression: str = _setting(
        "bounces,complaints",
        "What puts an address on its project's suppression list: `bounces`, `complaints`, or both.",
    )
    feedback_address: str = _setting(
        "", "Address that mailbox providers send complaints to (feedback loops); empty: none is expected."
    )
    feedback_webhook_secret: str = _setting(
        "", "Secrets (whsec_…, by commas) that calls to /feedback/email are signed with; empty: none is taken."
    )
    inbound_smtp_host: str = _setting("127.0.0.1", "Address that the server for bounces and complaints listens on.")
    inbound_smtp_port: int = _setting(0, "Port for mail that brings bounces and complaints; 0: none is taken in.")
    inbound_smtp_certificate: str = _setting("", "PEM file with the certificate to offer STARTTLS with; empty: no TLS.")
    inbound_smtp_key: str = _setting("", "PEM file with its key; empty: in the same file.")
    track_opens: bool = _setting(True, "Put an open pixel into HTML e-mails when recipients can reach this server.")
    track_clicks: bool = _setting(True, "Lead the links of HTML e-mails through this server when it can be reached.")
    inbox_page: str = _setting(
        "auto",
        "Show the local inbox, everybody's mail without signing in, at /inbox: `on`, `off`, or `auto`: "
        "only while the server listens on a loopback address.",
    )
    inbox_keep: int = _setting(100_000, "Messages the local inbox keeps; the oldest go first.")
    events_days: int = _setting(90, "Days that events are kept.")
    sql_seconds: int = _setting(15, "Longest that a query of `clarion sql` may take.")
    sql_memory_mb: int = _setting(1_000, "Most memory that such a query may need, in MB.")
    stream_hours: int = _setting(24, "Hours that event streams hold events for a destination that fails.")
    stream_backlog_bytes: int = _setting(
        10_000_000_000, "Most bytes that wait for all event streams together, packed; the oldest of the largest go."
    )
    transfer_quota: int = _setting(10, "Most imports, and most exports, of an account at a time; 0: any number.")
    object_folders: str = _setting(
        "", "Folders that file:// URLs may read and write, absolute, separated as in PATH; the uploads always may."
    )
    s3_endpoint_url: str = _setting("", "Where S3 is for s3:// URLs, such as http://minio:9000; empty: AWS.")
    s3_region: str = _setting("", "Region of S3; empty: as boto3 finds it, or us-east-1.")
    s3_access_key_id: str = _setting("", "Access key for S3; empty: boto3 looks for one (environment, profile, role).")
    s3_secret_access_key: str = _setting("", "Secret of the access key for S3.")
    s3_path_style: bool = _setting(
        True, "Name the bucket in the path of s3_endpoint_url; false: in its host name. At AWS always in the host name."
    )
    callout_networks: str = _setting(
        "", "Networks besides the public ones that hooks, webhooks and models may be in, as 10.1.0.0/16, by commas."
    )
    callout_http: bool = _setting(False, "Also call hooks, webhooks and models at http:// URLs, unencrypted.")
    callout_authorities: str = _setting("", "PEM file of certificates to trust in calls, besides the system's.")
    callout_region: str = _setting(
        "", "Region of Lambda functions that are named without ARN; empty: as boto3 finds it, or us-east-1."
    )
    callout_access_key_id: str = _setting(
        "", "Access key for AWS but S3 (Lambda, Kinesis …); empty: boto3 looks for one (environment, profile, role)."
    )
    callout_secret_access_key: str = _setting("", "Secret of callout_access_key_id.")
    lambda_endpoint_url: str = _setting("", "Where Lambda functions are called, as http://lambda:9001; empty: AWS.")
    personalize_endpoint_url: str = _setting("", "Where Personalize's GetRecommendations is; empty: AWS.")
    connect_endpoint_url: str = _setting(
        "", "Where outbound campaigns of Amazon Connect are called; empty: AWS. Elsewhere no role is assumed."
    )
    ses_endpoint_url: str = _setting("", "Where Amazon SES is for providers of kind `ses`; empty: AWS.")
    sms_voice_endpoint_url: str = _setting(
        "", "Where AWS End User Messaging (pinpoint-sms-voice-v2) is for providers of kind `aws`; empty: AWS."
    )
    sns_endpoint_url: str = _setting(
        "", "Where SNS is for texts of people that go to a topic; empty: AWS. Elsewhere no role is assumed."
    )
    sts_endpoint_url: str = _setting(
        "", "Where the role of a contact center or an event stream is assumed; empty: AWS."
    )
    kinesis_endpoint_url: str = _setting(
        "", "Where Kinesis Data Streams are for event streams; empty: AWS. Elsewhere no role is assumed."
    )
    firehose_endpoint_url: str = _setting(
        "", "Where Firehose is for event streams; empty: AWS. Elsewhere no role is assumed."
    )
    kafka_brokers: str = _setting(
        "", "Kafka brokers that event streams may name, as kafka1:9092, by commas; `*`: any; empty: none."
    )


def env_name(name: str) -> str:
    """The environment variable of a setting."""
    return f"CLARION_{name.upper()}"


def load(
    overrides: Mapping[str, object] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    config: str | None = None,
) -> Settings:
    """Settings from file, environment and `overrides` (command line; None means not given).

    Raises Invalid naming the setting that is unknown or has the wrong type.
    """
    environment = os.environ if environ is None else environ
    known = {field.name for field in dataclasses.fields(Settings)}
    values: dict[str, object] = {}
    path = config or environment.get("CLARION_CONFIG")
    if path:
        try:
            values.update(tomllib.loads(Path(path).read_text()))
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise Invalid(f"{path}: {error}") from error
        if unknown := sorted(set(values) - known):
            raise Invalid(f"{path}: unknown setting {unknown[0]}")
    values.update({name: environment[env_name(name)] for name in known if env_name(name) in environment})
    values.update({name: value for name, value in (overrides or {}).items() if value is not None})
    try:
        return msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        raise Invalid(f"settings: {error}") from error


def describe() -> Iterator[tuple[str, object, str, str]]:
    """Name, default, environment variable and help of every setting, in order."""
    for field in dataclasses.fields(Settings):
        yield field.name, field.default, env_name(field.name), field.metadata["help"]

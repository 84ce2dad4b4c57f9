"""Push services at work: browsers that can read what boto3 sent, answers per address, dead tokens, and checks."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from clarion.cli.main import app
from tests import credentials
from tests.acceptance.browsers import Browser, Services, push_services
from tests.acceptance.project import Project
from tests.acceptance.running import REGION, Server
from tests.acceptance.stacks import START, embedded
from tests.channels.push.authority import authority
from tests.channels.push.fake import Reply

ENVIRON = {"CLARION_ACCESS_KEY_ID": "AKIDROOT", "CLARION_SECRET_ACCESS_KEY": "root-secret"}
HELLO = {"GCMMessage": {"Title": "Hi", "Body": "Until ten", "Action": "URL", "Url": "https://shop.example/"}}
PATIENCE_MS = "60000"
NODE = Path(__file__).parent.parent / "node" / "service_worker.cjs"
DOCS = Path(__file__).parent.parent.parent / "docs" / "web-push.md"
GONE = '{"error":{"code":404,"message":"Requested entity was not found.","status":"NOT_FOUND","details":[{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"UNREGISTERED"}]}}'  # noqa: E501


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    with push_services(tmp_path_factory.mktemp("services")) as running:
        yield running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, services: Services) -> Iterator[Server]:
    """One that sends by the services."""
    folder = tmp_path_factory.mktemp("pushing")
    trusted = folder / "trusted.pem"
    trusted.write_text(authority().pem)
    environ = {
        "CLARION_PUSH_TRANSPORT": "services",
        "CLARION_DIRECT_WAIT_MS": PATIENCE_MS,
        "CLARION_CALLOUT_NETWORKS": "127.0.0.0/8",
        "CLARION_CALLOUT_AUTHORITIES": str(trusted),
        "CLARION_APNS_ENDPOINT_URL": services.url,
        "CLARION_FCM_ENDPOINT_URL": services.url,
        "CLARION_FCM_TOKEN_URL": f"{services.url}/token",
    }
    with embedded(folder / "data", "--clock", f"virtual:{START}", environ=environ) as running:
        yield running


@pytest.fixture
def shop(server: Server, services: Services) -> Iterator[Project]:
    """A project with Web Push and FCM."""
    services.answers.clear()
    services.service.asked.clear()
    made = Project(server, channel=False)
    well(server, "channel", "webpush", made.id, "--subject", "mailto:ops@example.com")
    made.pinpoint.update_gcm_channel(
        ApplicationId=made.id,
        GCMChannelRequest={"ServiceJson": credentials.service_account(), "DefaultAuthenticationMethod": "TOKEN"},
    )
    yield made
    made.leave()


def run(server: Server, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--url", server.url, "--region", REGION], env=ENVIRON)


def well(server: Server, *arguments: str) -> Any:
    done = run(server, *arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.output)


def send(shop: Project, message: Any = HELLO, **request: Any) -> dict[str, Any]:
    wanted = {"MessageConfiguration": message, **request}
    answer = shop.pinpoint.send_messages(ApplicationId=shop.id, MessageRequest=wanted)
    return dict(answer["MessageResponse"])


def test_a_browser_reads_what_was_sent_to_its_endpoint(shop: Project, services: Services) -> None:
    browser = Browser(services, "reads")
    shop.put("Tab", ChannelType="WEB_PUSH", Address=browser.address, User={"UserId": "u1"})
    [found] = send(shop, Endpoints={"Tab": {"Context": {"order": "7"}}})["EndpointResult"].values()
    assert (found["DeliveryStatus"], found["StatusCode"], found["Address"]) == ("SUCCESSFUL", 200, browser.address)
    assert json.loads(found["StatusMessage"])["pushProviderStatusCode"] == "201"
    [message] = services.pushed(browser)
    assert message["notification"] == {"title": "Hi", "body": "Until ten"}
    assert message["data"]["url"] == "https://shop.example/"
    assert message["data"]["pinpoint"] == {
        "endpointId": "Tab",
        "order": "7",
        "campaign": {"campaign_id": "_DIRECT", "treatment_id": "0"},
    }


def test_each_address_has_its_services_answer_and_dead_endpoints_are_inactive(
    shop: Project, services: Services
) -> None:
    browser, gone = Browser(services, "alive"), Browser(services, "gone")
    services.answers |= {"gone": Reply(410), "dead": Reply(404, GONE), "busy": Reply(429), "ill": Reply(503)}
    shop.put("browser", ChannelType="WEB_PUSH", Address=gone.address, User={"UserId": "u1"})
    shop.put("phone", ChannelType="GCM", Address="dead", User={"UserId": "u1"})
    shop.put("tablet", ChannelType="GCM", Address="fine", User={"UserId": "u1"})
    wanted = {"MessageConfiguration": HELLO, "Users": {"u1": {}}}
    answer = shop.pinpoint.send_users_messages(ApplicationId=shop.id, SendUsersMessageRequest=wanted)
    found = answer["SendUsersMessageResponse"]["Result"]["u1"]
    assert {name: (one["DeliveryStatus"], one["StatusCode"]) for name, one in found.items()} == {
        "browser": ("PERMANENT_FAILURE", 410),
        "phone": ("PERMANENT_FAILURE", 410),
        "tablet": ("SUCCESSFUL", 200),
    }
    assert "UNREGISTERED" in json.loads(found["phone"]["StatusMessage"])["pushProviderResponse"]
    status = {name: shop.get(name)["EndpointStatus"] for name in ("browser", "phone", "tablet")}
    assert status == {"browser": "INACTIVE", "phone": "INACTIVE", "tablet": "ACTIVE"}
    [again] = send(shop, Endpoints={"phone": {}})["EndpointResult"].values()
    assert "UNREGISTERED" in again["StatusMessage"]
    # The app comes back with the same token, and is alive.
    services.answers.clear()
    shop.put("phone", ChannelType="GCM", Address="dead")
    [alive] = send(shop, Endpoints={"phone": {}})["EndpointResult"].values()
    assert (alive["DeliveryStatus"], shop.get("phone")["EndpointStatus"]) == ("SUCCESSFUL", "ACTIVE")
    addresses = {browser.address: {"ChannelType": "WEB_PUSH"}, "no subscription": {"ChannelType": "WEB_PUSH"}}
    direct = send(shop, Addresses=addresses)["Result"]
    assert [direct[address]["StatusCode"] for address in addresses] == [200, 410]


def test_a_campaign_reaches_browsers_and_counts_what_the_service_worker_reports(
    shop: Project, services: Services, tmp_path: Path
) -> None:
    if shutil.which("node") is None:
        pytest.skip("node is not installed: the service worker of the docs needs it")
    browser = Browser(services, "campaign")
    shop.put("Tab", ChannelType="WEB_PUSH", Address=browser.address)
    segment = shop.segment({"Demographic": {"Channel": {"DimensionType": "INCLUSIVE", "Values": ["PUSH"]}}})
    message = {"GCMMessage": {"Title": "Sale", "Body": "Now", "Action": "OPEN_APP"}}
    campaign = shop.campaign(segment, MessageConfiguration=message)
    shop.server.settle()
    [pushed] = services.pushed(browser)
    assert pushed["data"]["pinpoint"]["campaign"]["campaign_id"] == campaign["Id"]
    worker = written(shop, tmp_path)
    done = subprocess.run(
        ["node", str(NODE), str(worker), json.dumps(pushed), "click"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert [(one["title"], one["body"]) for one in seen["shown"]] == [("Sale", "Now")]
    assert (seen["opened"], seen["closed"]) == (["/"], 1)
    shop.server.settle()
    told = shop.server.control("GET", f"users?ApplicationId={shop.id}&EndpointId=Tab")
    types = {one["EventType"] for one in told["Details"]["EventTypes"]}
    assert types == {"_campaign.send", "_campaign.received_background", "_campaign.opened_notification"}


def written(shop: Project, folder: Path) -> Path:
    """The service worker of the docs, with this server and a client's key in it."""
    key = shop.server.key("client", app=shop.id)
    files = re.findall(r"`(\w+\.js)`.*?```js\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert [name for name, _ in files] == ["clarion.js", "sw.js"]
    told = {
        "https://clarion.example.com": shop.server.url,
        "APPLICATION_ID": shop.id,
        "us-east-1": REGION,
        "ACCESS_KEY_ID": key[0],
        "SECRET_ACCESS_KEY": key[1],
    }
    for name, text in files:
        for placeholder, value in sorted(told.items(), key=lambda pair: -len(pair[0])):
            text = text.replace(f'"{placeholder}"', json.dumps(value))
        (folder / name).write_text(text)
    return folder / "sw.js"


def test_the_channel_is_made_shown_and_removed(shop: Project) -> None:
    shown = well(shop.server, "channel", "webpush", shop.id)
    assert (shown["Platform"], shown["Subject"], shown["HasCredential"]) == ("WEB_PUSH", "mailto:ops@example.com", True)
    assert "PRIVATE" not in json.dumps(shown)
    off = well(shop.server, "channel", "webpush", shop.id, "--disable")
    assert (off["Enabled"], off["PublicKey"]) == (False, shown["PublicKey"])
    assert "WEB_PUSH" in shop.pinpoint.get_channels(ApplicationId=shop.id)["ChannelsResponse"]["Channels"]
    new = well(shop.server, "channel", "webpush", shop.id, "--new-keys", "--enable")
    assert new["PublicKey"] != shown["PublicKey"]
    for subject in ("ops@example.com", "mailto:", "http://x.example", ""):
        assert run(shop.server, "channel", "webpush", shop.id, "--subject", subject).exit_code == 1, subject
    well(shop.server, "channel", "webpush", shop.id, "--remove")
    assert run(shop.server, "channel", "webpush", shop.id).exit_code == 1


def test_a_check_tells_what_a_campaign_would_find_out(shop: Project, services: Services) -> None:
    found = well(shop.server, "channel", "check", shop.id)
    assert {one["Channel"]: one["Good"] for one in found["Channels"]} == {"GCM": True, "WEB_PUSH": True}
    services.service.answer = lambda asked: Reply(
        401, '{"error":{"code":401,"status":"UNAUTHENTICATED","message":"m"}}'
    )
    try:
        done = run(shop.server, "channel", "check", shop.id, "--json")
    finally:
        services.service.answer = services.answered
    assert done.exit_code == 1
    refused = {
        one["Channel"]: [each["level"] for each in one["Findings"]] for one in json.loads(done.output)["Channels"]
    }
    assert refused == {"GCM": ["error"], "WEB_PUSH": ["ok"]}


def test_a_certificate_that_is_about_to_expire_is_a_warning_to_the_doctor_as_well(shop: Project) -> None:
    certificate, key = authority().client(topic="com.acme.shop", days=10)
    shop.pinpoint.update_apns_channel(
        ApplicationId=shop.id,
        APNSChannelRequest={
            "Certificate": certificate,
            "PrivateKey": key,
            "DefaultAuthenticationMethod": "CERTIFICATE",
            "Enabled": False,
        },
    )
    done = run(shop.server, "channel", "check", shop.id, "--json")
    assert done.exit_code == 0
    found = {one["Channel"]: one for one in json.loads(done.output)["Channels"]}
    levels = [finding["level"] for finding in found["APNS"]["Findings"]]
    assert (found["APNS"]["Enabled"], found["APNS"]["Good"], levels) == (False, True, ["warning", "ok"])
    told = shop.server.clarion("doctor", "--json", "--url", shop.server.url, "--data", str(shop.server.data)).stdout
    [warned] = [one for one in json.loads(told) if one["Check"] == "channels"]
    assert warned["State"] == "warning"
    assert f"APNS of project {shop.id}: the certificate expires on" in warned["Detail"]
    shop.pinpoint.delete_apns_channel(ApplicationId=shop.id)
    assert well(shop.server, "channel", "check")["Good"]

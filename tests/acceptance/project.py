"""A project of a running server, with the calls that nearly every acceptance test makes."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from clarion.core.clock import iso, parse_duration, parse_iso
from tests.acceptance.running import Server

IDENTITY = "arn:aws:ses:eu-central-1:000000000001:identity/shop.example"
SENDER = "shop@shop.example"


class Project:
    """One app with an e-mail channel (unless `channel` is false), driven through boto3."""

    def __init__(self, server: Server, *, channel: bool = True, name: str = "shop") -> None:
        self.server = server
        self.pinpoint = server.client()
        self.id: str = self.pinpoint.create_app(CreateApplicationRequest={"Name": name})["ApplicationResponse"]["Id"]
        if channel:
            self.pinpoint.update_email_channel(
                ApplicationId=self.id, EmailChannelRequest={"FromAddress": SENDER, "Identity": IDENTITY}
            )

    def seen_from(self, server: Server) -> Project:
        """The same project through another process."""
        other = copy.copy(self)
        other.server = server
        other.reconnect()
        return other

    def reconnect(self) -> None:
        """After a restart the server has another port."""
        self.pinpoint = self.server.client()

    def delete(self) -> None:
        """Delete the app, unless the test did."""
        with suppress(self.pinpoint.exceptions.NotFoundException):
            self.pinpoint.delete_app(ApplicationId=self.id)

    def leave(self) -> None:
        """End what would go on in the next test. The app stays: erasing it costs more than the test did."""
        with suppress(self.pinpoint.exceptions.NotFoundException):
            for campaign in self.pinpoint.get_campaigns(ApplicationId=self.id)["CampaignsResponse"]["Item"]:
                self.pinpoint.delete_campaign(ApplicationId=self.id, CampaignId=campaign["Id"])
            for journey in self.pinpoint.list_journeys(ApplicationId=self.id)["JourneysResponse"]["Item"]:
                self.pinpoint.delete_journey(ApplicationId=self.id, JourneyId=journey["Id"])

    def put(self, endpoint_id: str, **endpoint: Any) -> None:
        """UpdateEndpoint."""
        self.pinpoint.update_endpoint(ApplicationId=self.id, EndpointId=endpoint_id, EndpointRequest=endpoint)

    def person(self, endpoint_id: str, **endpoint: Any) -> None:
        """An e-mail endpoint at an address made of its id."""
        self.put(endpoint_id, **{"ChannelType": "EMAIL", "Address": f"{endpoint_id}@example.com", **endpoint})

    def people(self, people: Mapping[str, Mapping[str, Any]] | Iterable[str]) -> None:
        """Many of them, in batches."""
        given = people if isinstance(people, Mapping) else {name: {} for name in people}
        items = [
            {"Id": name, "ChannelType": "EMAIL", "Address": f"{name}@example.com", **endpoint}
            for name, endpoint in given.items()
        ]
        for first in range(0, len(items), 100):
            self.pinpoint.update_endpoints_batch(
                ApplicationId=self.id, EndpointBatchRequest={"Item": items[first : first + 100]}
            )

    def get(self, endpoint_id: str) -> dict[str, Any]:
        """GetEndpoint."""
        answer = self.pinpoint.get_endpoint(ApplicationId=self.id, EndpointId=endpoint_id)
        return dict(answer["EndpointResponse"])

    def events(self, batch: Mapping[str, Any]) -> dict[str, Any]:
        """PutEvents; answers `Results`."""
        answer = self.pinpoint.put_events(ApplicationId=self.id, EventsRequest={"BatchItem": batch})
        return dict(answer["EventsResponse"]["Results"])

    def events_raw(self, batch: Mapping[str, Any]) -> dict[str, Any]:
        """PutEvents with a body that boto3 would not send; answers `Results`."""
        status, answer = self.server.raw("POST", f"/v1/apps/{self.id}/events", {"BatchItem": batch})
        assert status == 202, (status, answer)
        return dict(answer["Results"])

    def segment(self, dimensions: Mapping[str, Any] | None = None, **write: Any) -> str:
        """CreateSegment; answers its id. Without dimensions or groups: everybody."""
        if "SegmentGroups" not in write:
            write["Dimensions"] = dimensions or {}
        answer = self.pinpoint.create_segment(ApplicationId=self.id, WriteSegmentRequest={"Name": "s", **write})
        return str(answer["SegmentResponse"]["Id"])

    def write(self, segment_id: str, **write: Any) -> dict[str, Any]:
        """A WriteCampaignRequest: an immediate e-mail, changed by `write`; None takes a member out."""
        request = {
            "Name": "hello",
            "SegmentId": segment_id,
            "Schedule": {"StartTime": "IMMEDIATE"},
            "MessageConfiguration": {"EmailMessage": {"Title": "Hello", "HtmlBody": "<p>Hello</p>", "Body": "Hello"}},
            **write,
        }
        return {name: value for name, value in request.items() if value is not None}

    def campaign(self, segment_id: str, **write: Any) -> dict[str, Any]:
        """CreateCampaign of `write`; answers the campaign."""
        answer = self.pinpoint.create_campaign(
            ApplicationId=self.id, WriteCampaignRequest=self.write(segment_id, **write)
        )
        return dict(answer["CampaignResponse"])

    def update(self, campaign_id: str, segment_id: str, **write: Any) -> dict[str, Any]:
        """UpdateCampaign to `write`; answers the campaign."""
        answer = self.pinpoint.update_campaign(
            ApplicationId=self.id, CampaignId=campaign_id, WriteCampaignRequest=self.write(segment_id, **write)
        )
        return dict(answer["CampaignResponse"])

    def get_campaign(self, campaign_id: str) -> dict[str, Any]:
        """GetCampaign."""
        answer = self.pinpoint.get_campaign(ApplicationId=self.id, CampaignId=campaign_id)
        return dict(answer["CampaignResponse"])

    def status(self, campaign_id: str) -> str:
        """The campaign's status."""
        return str(self.get_campaign(campaign_id)["State"]["CampaignStatus"])

    def activities(self, campaign_id: str) -> list[dict[str, Any]]:
        """Its runs, newest first."""
        answer = self.pinpoint.get_campaign_activities(ApplicationId=self.id, CampaignId=campaign_id)
        return list(answer["ActivitiesResponse"]["Item"])

    def in_time(self, duration: str) -> str:
        """What a virtual clock will show when that ISO 8601 duration has passed."""
        now = parse_iso(self.server.control("GET", "clock")["Now"])
        return iso(now + parse_duration(duration))

    def mail(self, campaign_id: str | None = None) -> list[dict[str, Any]]:
        """What is in the inbox for this project, newest first; of one campaign, when given."""
        found = self.server.inbox(self.id)
        return [one for one in found if campaign_id is None or one.get("CampaignId") == campaign_id]

    def reached(self, campaign_id: str) -> list[str]:
        """The endpoints that a campaign's messages went to, sorted, as often as they got one."""
        return sorted(one["EndpointId"] for one in self.mail(campaign_id))

    def members(self, segment_id: str) -> list[str]:
        """Who is in a segment: the recipients of a campaign to it, proven by the inbox."""
        campaign = self.campaign(segment_id)
        self.server.settle()
        assert self.status(campaign["Id"]) == "COMPLETED"
        return self.reached(campaign["Id"])

    def selected(self, **dimensions: Any) -> list[str]:
        """`members` of a new segment of these dimensions."""
        return self.members(self.segment(dimensions))


def every_page(call: Any, envelope: str, *, token: str = "Token", **arguments: Any) -> Sequence[dict[str, Any]]:
    """All items of a paged operation, one to a page, in order; no page may be longer."""
    found: list[dict[str, Any]] = []
    following: dict[str, str] = {}
    while True:
        page = call(PageSize="1", **arguments, **following)[envelope]
        assert len(page["Item"]) <= 1
        found += page["Item"]
        if not page.get("NextToken"):
            return found
        following = {token: page["NextToken"]}

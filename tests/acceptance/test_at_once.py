"""Many callers at the same moment: every answer is one that is modelled, and the outcome is one they could agree on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import ClientError

from tests.acceptance.project import Project

CALLERS = 8


def at_once(project: Project, work: Sequence[Callable[[Any], object]]) -> Counter[str]:
    """Call all of `work`, with a client for each thread, and count how they ended: `ok` or the error's code."""
    clients = [project.server.client() for _ in range(CALLERS)]

    def one(number: int) -> str:
        try:
            work[number](clients[number % CALLERS])
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "ok"

    with ThreadPoolExecutor(CALLERS) as pool:
        return Counter(pool.map(one, range(len(work))))


def update(project: Project, endpoint_id: str, **endpoint: Any) -> Callable[[Any], object]:
    """A call of UpdateEndpoint."""
    request = {"ChannelType": "EMAIL", "Address": f"{endpoint_id}@example.com", **endpoint}
    return lambda client: client.update_endpoint(
        ApplicationId=project.id, EndpointId=endpoint_id, EndpointRequest=request
    )


def test_endpoints_of_one_user(project: Project) -> None:
    """Each write changes all endpoints of the user, in no order that callers could keep."""
    work = [
        update(project, f"e{number % 10}", User={"UserId": "u1", "UserAttributes": {"n": [str(number)]}})
        for number in range(120)
    ]
    assert at_once(project, work) == {"ok": 120}
    answer = project.pinpoint.get_user_endpoints(ApplicationId=project.id, UserId="u1")
    found = answer["EndpointsResponse"]["Item"]
    assert len(found) == 10
    assert len({str(one["User"]["UserAttributes"]) for one in found}) == 1


def test_a_user_never_has_more_than_15_endpoints(project: Project) -> None:
    project.server.control("PUT", f"audience/policy?ApplicationId={project.id}", {"Mode": "strict"})
    work = [update(project, f"e{number}", User={"UserId": "u1"}) for number in range(40)]
    assert at_once(project, work) == {"ok": 15, "BadRequestException": 25}
    answer = project.pinpoint.get_user_endpoints(ApplicationId=project.id, UserId="u1")
    assert len(answer["EndpointsResponse"]["Item"]) == 15


def test_a_user_keeps_15_endpoints_when_the_idle_ones_retire(project: Project) -> None:
    work = [update(project, f"e{number}", User={"UserId": "u1"}) for number in range(40)]
    assert at_once(project, work) == {"ok": 40}
    answer = project.pinpoint.get_user_endpoints(ApplicationId=project.id, UserId="u1")
    assert len(answer["EndpointsResponse"]["Item"]) == 15


def test_an_address_ends_with_one_active_endpoint(project: Project) -> None:
    work = [update(project, f"e{number}", Address="lea@example.com") for number in range(40)]
    assert at_once(project, work) == {"ok": 40}
    states = Counter(project.get(f"e{number}")["EndpointStatus"] for number in range(40))
    assert states == {"ACTIVE": 1, "INACTIVE": 39}
    assert len(project.members(project.segment())) == 1


def test_batches_that_cross(project: Project) -> None:
    """The same endpoints in opposite orders: a lock for each would not end well."""
    names = [f"e{number}" for number in range(40)]

    def batch(order: Sequence[str], value: int) -> Callable[[Any], object]:
        items = [
            {"Id": name, "ChannelType": "EMAIL", "Address": f"{name}@example.com", "Attributes": {"n": [str(value)]}}
            for name in order
        ]
        return lambda client: client.update_endpoints_batch(
            ApplicationId=project.id, EndpointBatchRequest={"Item": items}
        )

    work = [batch(names if number % 2 else names[::-1], number) for number in range(32)]
    assert at_once(project, work) == {"ok": 32}
    assert len({project.get(name)["Attributes"]["n"][0] for name in names}) == 1


def test_a_projects_names_stay_within_their_number(project: Project) -> None:
    work = [update(project, f"e{number}", Attributes={f"a{number}": ["v"]}) for number in range(260)]
    assert at_once(project, work) == {"ok": 250, "BadRequestException": 10}


def test_versions_of_a_template(project: Project) -> None:
    name, content = f"at-once-{project.id}", {"Subject": "s", "TextPart": "t"}

    def create(client: Any) -> object:
        return client.create_email_template(TemplateName=name, EmailTemplateRequest=content)

    def version(client: Any) -> object:
        return client.update_email_template(TemplateName=name, EmailTemplateRequest=content, CreateNewVersion=True)

    assert at_once(project, [create] * 16) == {"ok": 1, "BadRequestException": 15}
    assert at_once(project, [version] * 24) == {"ok": 24}
    answer = project.pinpoint.list_template_versions(TemplateName=name, TemplateType="EMAIL")
    versions = [int(one["Version"]) for one in answer["TemplateVersionsResponse"]["Item"]]
    assert versions == list(range(25, 0, -1))


def test_versions_of_segments_and_campaigns(project: Project) -> None:
    segment = project.segment()
    later = {"StartTime": project.in_time("P1D")}
    campaign = project.campaign(segment, Schedule=later)["Id"]

    def change_segment(client: Any) -> object:
        return client.update_segment(
            ApplicationId=project.id, SegmentId=segment, WriteSegmentRequest={"Name": "n", "Dimensions": {}}
        )

    def change_campaign(client: Any) -> object:
        return client.update_campaign(
            ApplicationId=project.id, CampaignId=campaign, WriteCampaignRequest=project.write(segment, Schedule=later)
        )

    assert at_once(project, [change_segment, change_campaign] * 12) == {"ok": 24}
    found = project.pinpoint.get_segment(ApplicationId=project.id, SegmentId=segment)["SegmentResponse"]
    assert found["Version"] == project.get_campaign(campaign)["Version"] == 13
    project.person("lea")
    project.server.advance("P2D")
    assert project.reached(campaign) == ["lea"]


def test_a_tag_limit_holds(project: Project) -> None:
    arn = project.pinpoint.get_app(ApplicationId=project.id)["ApplicationResponse"]["Arn"]

    def tag(number: int) -> Callable[[Any], object]:
        return lambda client: client.tag_resource(ResourceArn=arn, TagsModel={"tags": {f"k{number}": "v"}})

    assert at_once(project, [tag(number) for number in range(60)]) == {"ok": 50, "BadRequestException": 10}
    assert len(project.pinpoint.list_tags_for_resource(ResourceArn=arn)["TagsModel"]["tags"]) == 50


def test_a_project_deleted_among_its_callers(project: Project) -> None:
    segment = project.segment()

    def delete(client: Any) -> object:
        return client.delete_app(ApplicationId=project.id)

    def report(client: Any) -> object:
        batch = {"lea": {"Endpoint": {}, "Events": {"e": {"EventType": "t", "Timestamp": "2027-01-04T09:00:00Z"}}}}
        return client.put_events(ApplicationId=project.id, EventsRequest={"BatchItem": batch})

    def send(client: Any) -> object:
        return client.create_campaign(ApplicationId=project.id, WriteCampaignRequest=project.write(segment))

    work: list[Callable[[Any], object]] = []
    for number in range(30):
        work += [update(project, f"e{number}"), report, send]
    work[45:45] = [delete, delete]
    ended = at_once(project, work)
    assert set(ended) <= {"ok", "NotFoundException"}
    project.server.settle()
    assert at_once(project, [update(project, "late"), report, send, delete]) == {"NotFoundException": 4}


def test_direct_messages_and_a_campaign_at_once(project: Project) -> None:
    project.people(f"e{number}" for number in range(200))
    message = {"EmailMessage": {"SimpleEmail": {"Subject": {"Data": "direct"}, "TextPart": {"Data": "t"}}}}

    def send(number: int) -> Callable[[Any], object]:
        request = {"Endpoints": {f"e{number}": {}}, "MessageConfiguration": message}
        return lambda client: client.send_messages(ApplicationId=project.id, MessageRequest=request)

    campaign = project.campaign(project.segment())["Id"]
    assert at_once(project, [send(number) for number in range(40)]) == {"ok": 40}
    project.server.settle()
    direct = Counter(mail["EndpointId"] for mail in project.mail() if mail["Subject"] == "direct")
    assert direct == Counter(f"e{number}" for number in range(40))
    assert len(project.reached(campaign)) == len(set(project.reached(campaign))) == 200

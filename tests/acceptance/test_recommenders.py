"""Recommender configurations by boto3, and recommendations in the messages of campaigns.

Source: spec of recommenders.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.acceptance.outside import MODEL, ROLE, Outside
from tests.acceptance.project import Project, every_page
from tests.acceptance.running import Server
from tests.acceptance.test_gates import why
from tests.channels.calls.peers import Said


def definition(**members: Any) -> dict[str, Any]:
    """A configuration, changed by `members`; None takes one out."""
    given = {
        "RecommendationProviderUri": MODEL,
        "RecommendationProviderRoleArn": ROLE,
        "RecommendationsDisplayName": "Products",
        **members,
    }
    return {name: value for name, value in given.items() if value is not None}


def create(client: Any, **members: Any) -> dict[str, Any]:
    answer = client.create_recommender_configuration(CreateRecommenderConfiguration=definition(**members))
    return dict(answer["RecommenderConfigurationResponse"])


def refused(call: Any, code: str = "BadRequestException", **arguments: Any) -> str:
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    assert raised.value.response["Error"]["Code"] == code
    return str(raised.value.response["Error"]["Message"])


@pytest.fixture
def client(server: Server, request: pytest.FixtureRequest) -> Any:
    """A client of a region that no other test uses, since configurations belong to accounts."""
    return server.client(region=f"eu-test-{abs(hash(request.node.name)) % 10**6}")


def test_a_configuration_lives_from_creation_to_deletion(client: Any) -> None:
    made = create(client, Name="best sellers", Description="all (of) them", RecommendationsPerMessage=2)
    assert made == {
        "Id": made["Id"],
        "CreationDate": made["CreationDate"],
        "LastModifiedDate": made["CreationDate"],
        "Name": "best sellers",
        "Description": "all (of) them",
        "RecommendationProviderIdType": "PINPOINT_ENDPOINT_ID",
        "RecommendationProviderRoleArn": ROLE,
        "RecommendationProviderUri": MODEL,
        "RecommendationsDisplayName": "Products",
        "RecommendationsPerMessage": 2,
    }
    one = {"RecommenderId": made["Id"]}
    read = client.get_recommender_configuration(**one)["RecommenderConfigurationResponse"]
    assert read == made
    wanted = definition(
        Name="described",
        RecommendationTransformerUri="describe",
        Attributes={"Title": "The title"},
        RecommendationsDisplayName=None,
        RecommendationProviderIdType="PINPOINT_USER_ID",
    )
    changed = client.update_recommender_configuration(**one, UpdateRecommenderConfiguration=wanted)
    changed = changed["RecommenderConfigurationResponse"]
    assert changed == {
        **wanted,
        "Id": made["Id"],
        "CreationDate": made["CreationDate"],
        "LastModifiedDate": changed["LastModifiedDate"],
        "RecommendationsPerMessage": 5,
    }
    assert client.delete_recommender_configuration(**one)["RecommenderConfigurationResponse"] == changed
    for call in (client.get_recommender_configuration, client.delete_recommender_configuration):
        refused(call, "NotFoundException", **one)
    refused(
        client.update_recommender_configuration,
        "NotFoundException",
        **one,
        UpdateRecommenderConfiguration=definition(),
    )


def test_success_is_201_and_200(client: Any) -> None:
    answer = client.create_recommender_configuration(CreateRecommenderConfiguration=definition())
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 201
    one = {"RecommenderId": answer["RecommenderConfigurationResponse"]["Id"]}
    answer = client.update_recommender_configuration(**one, UpdateRecommenderConfiguration=definition())
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize(
    ("member", "members"),
    [
        ("RecommendationProviderUri", {"RecommendationProviderUri": None}),
        ("RecommendationProviderUri", {"RecommendationProviderUri": "shop"}),
        ("RecommendationProviderUri", {"RecommendationProviderUri": "http://models.example/"}),
        ("RecommendationProviderRoleArn", {"RecommendationProviderRoleArn": None}),
        ("RecommendationsPerMessage", {"RecommendationsPerMessage": 6}),
        ("RecommendationProviderIdType", {"RecommendationProviderIdType": "DEVICE"}),
        ("RecommendationsDisplayName", {"RecommendationsDisplayName": None}),
        ("Attributes", {"Attributes": {"Title": "Title"}}),
        ("Attributes", {"RecommendationTransformerUri": "describe"}),
        ("RecommendationTransformerUri", {"RecommendationTransformerUri": "a b", "Attributes": {"Title": "T"}}),
        ("Name", {"Name": "-"}),
        ("Description", {"Description": "?"}),
    ],
)
def test_what_breaks_a_rule_is_refused_and_nothing_kept(client: Any, member: str, members: dict[str, Any]) -> None:
    assert member in refused(
        client.create_recommender_configuration, CreateRecommenderConfiguration=definition(**members)
    )
    made = create(client)
    assert member in refused(
        client.update_recommender_configuration,
        RecommenderId=made["Id"],
        UpdateRecommenderConfiguration=definition(**members),
    )
    listed = client.get_recommender_configurations()["ListRecommenderConfigurationsResponse"]["Item"]
    assert listed == [made]


def test_they_are_listed_in_order_and_there_are_a_hundred_at_most(client: Any) -> None:
    made = [create(client, Name=f"number {number}")["Id"] for number in range(100)]
    assert "at most 100" in refused(
        client.create_recommender_configuration, CreateRecommenderConfiguration=definition()
    )
    listed = client.get_recommender_configurations()["ListRecommenderConfigurationsResponse"]
    assert sorted(one["Id"] for one in listed["Item"]) == sorted(made)
    assert "NextToken" not in listed
    paged = every_page(client.get_recommender_configurations, "ListRecommenderConfigurationsResponse")
    assert [one["Id"] for one in paged] == [one["Id"] for one in listed["Item"]]
    client.delete_recommender_configuration(RecommenderId=made[0])
    create(client)
    for arguments in ({"PageSize": "0"}, {"PageSize": "x"}, {"Token": "x"}):
        refused(client.get_recommender_configurations, **arguments)


def test_another_account_and_another_region_see_nothing(server: Server, client: Any) -> None:
    one = {"RecommenderId": create(client)["Id"]}
    stranger = server.client(key=server.key("admin", account="000000000002"), region=client.meta.region_name)
    elsewhere = server.client(region="eu-elsewhere-1")
    for other in (stranger, elsewhere):
        refused(other.get_recommender_configuration, "NotFoundException", **one)
        refused(other.delete_recommender_configuration, "NotFoundException", **one)
    assert stranger.get_recommender_configurations()["ListRecommenderConfigurationsResponse"]["Item"] == []
    reader = server.client(key=server.key("reader"), region=client.meta.region_name)
    reader.get_recommender_configuration(**one)
    refused(reader.create_recommender_configuration, "ForbiddenException", CreateRecommenderConfiguration=definition())


def test_it_outlives_projects(server: Server) -> None:
    project = Project(server)
    made = create(project.pinpoint)
    project.delete()
    project.pinpoint.get_recommender_configuration(RecommenderId=made["Id"])
    project.pinpoint.delete_recommender_configuration(RecommenderId=made["Id"])


@pytest.fixture
def world(outside: Outside) -> Iterator[Outside]:
    """`outside`, with nothing asked yet and everybody recommended "{id}-1" to "{id}-5"."""
    outside.recommended.clear()
    outside.invoked.clear()
    outside.items = lambda user_id: [f"{user_id}-{number}" for number in range(1, 6)]
    yield outside
    outside.items = lambda user_id: []


_names = iter(range(10_000))


def template(project: Project, recommender_id: str, subject: str, **members: Any) -> dict[str, Any]:
    """A TemplateConfiguration of a new e-mail template."""
    name = f"recommending-{next(_names)}"
    request = {"Subject": subject, "TextPart": "Hello", "RecommenderId": recommender_id, **members}
    project.pinpoint.create_email_template(TemplateName=name, EmailTemplateRequest=request)
    return {"EmailTemplate": {"Name": name}}


def subjects(project: Project, templates: dict[str, Any]) -> dict[str, str]:
    """Endpoint → the subject of a campaign's mail, after sending it."""
    campaign = project.campaign(project.segment(), MessageConfiguration=None, TemplateConfiguration=templates)
    project.server.settle()
    assert project.status(campaign["Id"]) == "COMPLETED"
    return {one["EndpointId"]: one["Subject"] for one in project.mail(campaign["Id"])}


def last_campaign(project: Project) -> str:
    found = project.pinpoint.get_campaigns(ApplicationId=project.id)["CampaignsResponse"]["Item"]
    return str(max(found, key=lambda one: one["CreationDate"])["Id"])


def test_items_of_a_model_are_in_the_message(shop: Project, world: Outside) -> None:
    shop.people(["lea", "tim"])
    several = create(shop.pinpoint, RecommendationsPerMessage=2)["Id"]
    text = "{{RecommendationItems.[0]}} and {{RecommendationItems.[1]}}{{RecommendationItems.[2]}}"
    assert subjects(shop, template(shop, several, text)) == {"lea": "lea-1 and lea-2", "tim": "tim-1 and tim-2"}
    assert sorted(world.recommended) == ["lea", "tim"]
    single = create(shop.pinpoint, RecommendationsPerMessage=1)["Id"]
    assert subjects(shop, template(shop, single, "{{RecommendationItems}}")) == {"lea": "lea-1", "tim": "tim-1"}


def test_users_may_be_whom_the_model_knows(shop: Project, world: Outside) -> None:
    shop.people({"lea": {"User": {"UserId": "u1"}}, "tim": {}})
    by_user = create(shop.pinpoint, RecommendationProviderIdType="PINPOINT_USER_ID")["Id"]
    assert subjects(shop, template(shop, by_user, "{{RecommendationItems.[0]}}")) == {"lea": "u1-1"}
    decision = why(shop, "tim", last_campaign(shop))
    assert (decision["Gate"], decision["Status"]) == ("recommender", "RECOMMENDATION_FAILURE")
    assert "user id" in decision["Reason"]


def test_a_function_makes_attributes_of_items(shop: Project, world: Outside) -> None:
    def describe(event: Any) -> Any:
        return {
            name: {**endpoint, "Recommendations": {"Title": [f"<{one}>" for one in endpoint["RecommendationItems"]]}}
            for name, endpoint in event["Endpoints"].items()
        }

    world.functions["describe"] = describe
    shop.people({"lea": {"Attributes": {"tier": ["gold"]}}})
    described = create(
        shop.pinpoint,
        RecommendationTransformerUri="describe",
        Attributes={"Title": "Title"},
        RecommendationsDisplayName=None,
    )["Id"]
    assert subjects(shop, template(shop, described, "{{Recommendations.Title.[1]}}")) == {"lea": "<lea-2>"}
    (told,) = world.told("describe")
    assert told["ApplicationId"] == shop.id
    assert told["CampaignId"] == last_campaign(shop)
    endpoint = told["Endpoints"]["lea"]
    assert endpoint["RecommendationItems"] == [f"lea-{number}" for number in range(1, 6)]
    assert (endpoint["ChannelType"], endpoint["Attributes"]["tier"]) == ("EMAIL", ["gold"])


def test_a_function_that_fails_stops_its_people_and_nobody_else(shop: Project, world: Outside) -> None:
    def describe(event: Any) -> Any:
        return {"lea": {"Recommendations": {"Title": "good"}}, "tim": {"Recommendations": {"Other": "bad"}}}

    page = world.page("/describe", describe)
    shop.people(["lea", "tim", "kim"])
    described = create(
        shop.pinpoint,
        RecommendationTransformerUri=page,
        Attributes={"Title": "Title"},
        RecommendationsDisplayName=None,
    )["Id"]
    assert subjects(shop, template(shop, described, "{{Recommendations.Title}}")) == {"lea": "good"}
    for name in ("tim", "kim"):
        assert why(shop, name, last_campaign(shop))["Status"] == "RECOMMENDATION_FAILURE"
    [activity] = shop.activities(last_campaign(shop))
    assert (activity["TotalEndpointCount"], activity["SuccessfulEndpointCount"]) == (1, 1)


def test_a_model_may_be_a_url(shop: Project, world: Outside) -> None:
    def model(body: Any) -> Any:
        return {"recommendations": {one: [f"{one}!"] * 9 for one in body["userIds"] if one != "tim"}}

    page = world.page("/model", model)
    shop.people([f"e{number}" for number in range(60)])
    shop.person("tim")
    by_url = create(shop.pinpoint, RecommendationProviderUri=page, RecommendationsPerMessage=1)["Id"]
    given = {"DefaultSubstitutions": '{"RecommendationItems": "our best"}'}
    found = subjects(shop, template(shop, by_url, "{{RecommendationItems}}", **given))
    assert found == {**{f"e{number}": f"e{number}!" for number in range(60)}, "tim": "our best"}
    assert sorted(len(body["userIds"]) for body in world.told("/model")) == [11, 50]
    assert {body["numResults"] for body in world.told("/model")} == {1}
    assert world.recommended == []


def test_a_model_that_fails_stops_those_it_fails_for(shop: Project, world: Outside) -> None:
    refusal = Said(400, {"message": "no"}, {"x-amzn-ErrorType": "InvalidInputException"})
    world.items = lambda user_id: refusal if user_id == "tim" else [user_id]
    shop.people(["lea", "tim"])
    named = create(shop.pinpoint)["Id"]
    assert subjects(shop, template(shop, named, "{{RecommendationItems.[0]}}")) == {"lea": "lea"}
    decision = why(shop, "tim", last_campaign(shop))
    assert decision["Status"] == "RECOMMENDATION_FAILURE"
    assert "InvalidInputException" in decision["Reason"]


def test_text_messages_have_recommendations_too(shop: Project, world: Outside) -> None:
    shop.pinpoint.update_sms_channel(ApplicationId=shop.id, SMSChannelRequest={"Enabled": True})
    shop.put("tim", ChannelType="SMS", Address="+4915550001")
    name = f"recommending-{next(_names)}"
    request = {"Body": "Try {{RecommendationItems.[1]}}", "RecommenderId": create(shop.pinpoint)["Id"]}
    shop.pinpoint.create_sms_template(TemplateName=name, SMSTemplateRequest=request)
    campaign = shop.campaign(
        shop.segment(), MessageConfiguration=None, TemplateConfiguration={"SMSTemplate": {"Name": name}}
    )["Id"]
    shop.server.settle()
    assert [one["Text"] for one in shop.mail(campaign)] == ["Try tim-2"]


def test_changes_act_at_once_and_deleting_stops_messages(shop: Project, world: Outside) -> None:
    shop.people(["lea"])
    named = create(shop.pinpoint, RecommendationsPerMessage=1)["Id"]
    templates = template(shop, named, "{{RecommendationItems.[0]}}{{RecommendationItems.[1]}}")
    later = {"StartTime": shop.in_time("PT1H"), "Frequency": "HOURLY"}
    campaign = shop.campaign(
        shop.segment(), MessageConfiguration=None, TemplateConfiguration=templates, Schedule=later
    )["Id"]
    shop.pinpoint.update_recommender_configuration(
        RecommenderId=named, UpdateRecommenderConfiguration=definition(RecommendationsPerMessage=2)
    )
    shop.server.advance("PT1H")
    assert [one["Subject"] for one in shop.mail(campaign)] == ["lea-1lea-2"]
    shop.pinpoint.delete_recommender_configuration(RecommenderId=named)
    shop.server.advance("PT1H")
    assert len(shop.mail(campaign)) == 1
    decision = why(shop, "lea", campaign)
    assert decision["Status"] == "RECOMMENDATION_FAILURE"
    assert named in decision["Reason"]


def test_nobody_is_asked_when_the_template_names_no_recommendation(shop: Project, world: Outside) -> None:
    shop.people(["lea"])
    named = create(shop.pinpoint)["Id"]
    assert subjects(shop, template(shop, named, "RecommendationItems")) == {"lea": "RecommendationItems"}
    assert world.recommended == []


def test_direct_messages_never_ask_and_defaults_serve(shop: Project, world: Outside) -> None:
    shop.people(["lea"])
    named = create(shop.pinpoint)["Id"]
    given = {"DefaultSubstitutions": '{"RecommendationItems": "our best"}'}
    request = {
        "Endpoints": {"lea": {}},
        "MessageConfiguration": {},
        "TemplateConfiguration": template(shop, named, "{{RecommendationItems}}", **given),
    }
    shop.pinpoint.send_messages(ApplicationId=shop.id, MessageRequest=request)
    shop.server.settle()
    assert [one["Subject"] for one in shop.mail()] == ["our best"]
    assert world.recommended == []

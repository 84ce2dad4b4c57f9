"""The control API's calls about e-mail addresses: suppression list, complaints, topics, preferences."""

from __future__ import annotations

from typing import Annotated

import msgspec

from clarion.core.clock import iso_ms
from clarion.domain.email.model import Complained, Entry, Reason, Topic
from clarion.domain.email.service import Complaints, Suppressions
from clarion.domain.email.topics import Topics, Wish
from clarion.wire.context import Context
from clarion.wire.control import ControlApi, Nothing
from clarion.wire.keys import DEVELOPERS, READERS

PAGE = 100

Text = Annotated[str, msgspec.Meta(min_length=1)]
Limit = Annotated[int, msgspec.Meta(ge=1, le=1000)]

_LIST = "/clarion/v1/email/suppressions"
_COMPLAINTS = "/clarion/v1/email/complaints"
_TOPICS = "/clarion/v1/email/topics"
_PREFERENCES = "/clarion/v1/email/preferences"


class ListRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Which project's; `limit` of them, going on at `next_token`. With an `address` only that one."""

    application_id: Text
    reason: Reason | None = None
    address: Text | None = None
    limit: Limit = PAGE
    next_token: str | None = None


class AddressRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """An address in a project."""

    application_id: Text
    address: Text


class Suppression(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """An address that is not written to, why and since when. Without address: its person has been erased."""

    address: str = ""
    reason: Reason
    at: str
    message_id: str = ""
    detail: str = ""


class SuppressionPage(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """Newest first; `next_token` while there are more."""

    suppressions: list[Suppression]
    next_token: str | None = None


class Header(msgspec.Struct, kw_only=True, rename="pascal"):
    """A header field."""

    name: str
    value: str


class Complaint(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """A complaint about a message, with the headers that the report showed."""

    message_id: str
    address: str
    at: str
    feedback_type: str
    endpoint_id: str = ""
    user_id: str = ""
    user_agent: str = ""
    source_ip: str = ""
    headers: list[Header] = []


class ComplaintPage(msgspec.Struct, kw_only=True, omit_defaults=True, rename="pascal"):
    """Newest first; `next_token` while there are more."""

    complaints: list[Complaint]
    next_token: str | None = None


class TopicsRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """Which project's."""

    application_id: Text


class TopicRequest(msgspec.Struct, kw_only=True, rename="pascal"):
    """A topic of a project."""

    application_id: Text
    name: Text


class WriteTopic(msgspec.Struct, kw_only=True, rename="pascal"):
    """A topic as it is to be. `subscribed`: whoever has not chosen gets it."""

    application_id: Text
    name: Text
    title: Text
    description: str = ""
    subscribed: bool = True


class TopicAnswer(msgspec.Struct, kw_only=True, rename="pascal"):
    """A topic."""

    name: str
    title: str
    description: str
    subscribed: bool


class TopicList(msgspec.Struct, kw_only=True, rename="pascal"):
    """By title."""

    topics: list[TopicAnswer]


class WritePreferences(msgspec.Struct, kw_only=True, rename="pascal"):
    """What an address wants, by the names of topics; `*` stands for all."""

    application_id: Text
    address: Text
    topics: dict[str, bool]


class Preferences(msgspec.Struct, kw_only=True, rename="pascal"):
    """What an address gets, of every topic."""

    address: str
    topics: dict[str, bool]


class EmailControl:
    """Handlers of `email/…`."""

    def __init__(self, suppressions: Suppressions, complaints: Complaints, topics: Topics) -> None:
        self._suppressions = suppressions
        self._complaints = complaints
        self._topics = topics

    def add_to(self, control: ControlApi) -> None:
        """Add the routes."""
        add, read, change = control.add, READERS, DEVELOPERS
        what = "List the addresses that are not written to."
        add("GET", _LIST, ListRequest, SuppressionPage, self.list_suppressions, roles=read, summary=what)
        what = "Put an address on the suppression list."
        add("POST", _LIST, AddressRequest, Suppression, self.suppress, roles=change, summary=what)
        what = "Take an address off the suppression list."
        add("DELETE", _LIST, AddressRequest, Nothing, self.unsuppress, roles=change, summary=what)
        what = "List complaints, with the headers of the mails they are about."
        add("GET", _COMPLAINTS, ListRequest, ComplaintPage, self.list_complaints, roles=change, summary=what)
        what = "List a project's topics."
        add("GET", _TOPICS, TopicsRequest, TopicList, self.list_topics, roles=read, summary=what)
        what = "Make a topic, or change it."
        add("PUT", _TOPICS, WriteTopic, TopicAnswer, self.put_topic, roles=change, summary=what)
        what = "Drop a topic, with what people chose of it."
        add("DELETE", _TOPICS, TopicRequest, Nothing, self.delete_topic, roles=change, summary=what)
        what = "Tell which topics an address wants mail about."
        add("GET", _PREFERENCES, AddressRequest, Preferences, self.get_preferences, roles=read, summary=what)
        what = "Note which topics an address wants mail about."
        add("PUT", _PREFERENCES, WritePreferences, Preferences, self.put_preferences, roles=change, summary=what)

    def list_suppressions(self, ctx: Context, request: ListRequest) -> SuppressionPage:
        if request.address is not None:
            return SuppressionPage(
                suppressions=[_entry(self._suppressions.find(ctx.scope, request.application_id, request.address))]
            )
        found, token = self._suppressions.page(
            ctx.scope, request.application_id, request.reason, request.limit, request.next_token
        )
        return SuppressionPage(suppressions=[_entry(entry) for entry in found], next_token=token)

    def suppress(self, ctx: Context, request: AddressRequest) -> Suppression:
        return _entry(self._suppressions.add(ctx.scope, request.application_id, request.address))

    def unsuppress(self, ctx: Context, request: AddressRequest) -> Nothing:
        self._suppressions.remove(ctx.scope, request.application_id, request.address)
        return Nothing()

    def list_complaints(self, ctx: Context, request: ListRequest) -> ComplaintPage:
        found, token = self._complaints.page(ctx.scope, request.application_id, request.limit, request.next_token)
        return ComplaintPage(complaints=[_complaint(one) for one in found], next_token=token)

    def list_topics(self, ctx: Context, request: TopicsRequest) -> TopicList:
        return TopicList(topics=[_topic(one) for one in self._topics.all(ctx.scope, request.application_id)])

    def put_topic(self, ctx: Context, request: WriteTopic) -> TopicAnswer:
        topic = Topic(
            name=request.name, title=request.title, description=request.description, subscribed=request.subscribed
        )
        self._topics.put(ctx.scope, request.application_id, topic)
        return _topic(topic)

    def delete_topic(self, ctx: Context, request: TopicRequest) -> Nothing:
        self._topics.remove(ctx.scope, request.application_id, request.name)
        return Nothing()

    def get_preferences(self, ctx: Context, request: AddressRequest) -> Preferences:
        wishes = self._topics.preferences(ctx.scope, request.application_id, request.address)
        return _preferences(request.address, wishes)

    def put_preferences(self, ctx: Context, request: WritePreferences) -> Preferences:
        wishes = self._topics.prefer(ctx.scope, request.application_id, request.address, request.topics)
        return _preferences(request.address, wishes)


def _entry(entry: Entry) -> Suppression:
    return Suppression(
        address=entry.address,
        reason=entry.reason,
        at=iso_ms(entry.at_ms),
        message_id=entry.message_id,
        detail=entry.detail,
    )


def _complaint(one: Complained) -> Complaint:
    return Complaint(
        message_id=one.message_id,
        address=one.address,
        at=iso_ms(one.at_ms),
        feedback_type=one.feedback_type,
        endpoint_id=one.endpoint_id,
        user_id=one.user_id,
        user_agent=one.user_agent,
        source_ip=one.source_ip,
        headers=[Header(name=name, value=value) for name, value in one.headers],
    )


def _topic(topic: Topic) -> TopicAnswer:
    return TopicAnswer(name=topic.name, title=topic.title, description=topic.description, subscribed=topic.subscribed)


def _preferences(address: str, wishes: list[Wish]) -> Preferences:
    return Preferences(address=address, topics={wish.topic.name: wish.subscribed for wish in wishes})

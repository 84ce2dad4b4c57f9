"""The verbs of direct messages. Everybody is answered for alone; what can leave is in the outbox when it is.

    request ─→ words (what it says) ─→ targets, one by one (`round.Round`) ─→ one transaction ─→ answer
                                                             └ push: waits for its service's answer (`waiting`)

A disabled e-mail channel still sends these, a channel of another kind has to be enabled.
Source: specs of push and direct messages (2, 3) and of e-mail (1).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from typing import Any, Generic, NamedTuple, TypeVar

import sqlalchemy as sa

from clarion.channels.port import Outcome
from clarion.channels.push.services import SERVICES
from clarion.core.clock import Clock
from clarion.core.errors import Invalid
from clarion.core.ids import Ids
from clarion.core.scope import Scope
from clarion.domain.apps.channels import Channels, SmsConfig
from clarion.domain.apps.service import Apps
from clarion.domain.audience.model import Endpoint, endpoint_key
from clarion.domain.audience.service import Audience
from clarion.domain.messaging.direct.results import result_of
from clarion.domain.messaging.direct.round import Result, Round
from clarion.domain.messaging.direct.waiting import Answers, Waiting
from clarion.domain.messaging.direct.words import (
    EmailWords,
    Named,
    PushWords,
    SmsWords,
    Target,
    VoiceWords,
    Words,
    check_overrides,
    local,
)
from clarion.domain.messaging.model import EMAIL, SMS, VOICE, Envelope, Send
from clarion.domain.messaging.service import Messaging
from clarion.domain.messaging.texting import Texting
from clarion.domain.templates.model import check_source
from clarion.domain.templates.service import Content, Templates
from clarion.shapes.pinpoint import (
    DirectMessageConfiguration,
    MessageRequest,
    SendUsersMessageRequest,
    Template,
    TemplateConfiguration,
)
from clarion.store.database import Database

MOST_TARGETS = 100

T = TypeVar("T")
First = Callable[[sa.Connection, T], bool]
"""Told the results in the transaction that sends, before anything; by False it says that nothing is to be sent."""


class Sent(NamedTuple, Generic[T]):
    """A request that is committed: what became of its targets so far, and the answers of push services to come, None
    when nobody waits for them. `awaited` are channel types by the ids of their messages."""

    results: T
    answers: Future[Answers] | None = None
    awaited: Mapping[str, str] = {}

    def known(self, result: Result, answers: Answers) -> Result:
        """A result of these, as far as answers are known."""
        outcome = answers.get(result.message_id or "")
        return result if outcome is None else result_of(self.awaited[result.message_id or ""], result, outcome)


class Direct:
    """Sends direct messages of every app. `waiting` tells what push services answer, soon enough for the caller."""

    def __init__(
        self,
        database: Database,
        apps: Apps,
        channels: Channels,
        audience: Audience,
        templates: Templates,
        messaging: Messaging,
        clock: Clock,
        ids: Ids,
        waiting: Waiting | None = None,
        texting: Texting | None = None,
    ) -> None:
        self._texting = texting
        self._database = database
        self._waiting = waiting or Waiting(0)
        self._apps = apps
        self._channels = channels
        self._audience = audience
        self._templates = templates
        self._messaging = messaging
        self._clock = clock
        self._ids = ids

    def send(
        self,
        scope: Scope,
        app_id: str,
        sent: MessageRequest,
        first: First[tuple[dict[str, Result], dict[str, Result]]] | None = None,
        *,
        urgent: bool = False,
        answer: bool = False,
    ) -> Sent[tuple[dict[str, Result], dict[str, Result]]]:
        """Send to addresses and endpoints; answers what became of each, by the caller's keys. An `answer` to
        what somebody wrote leaves even if they want nothing more.

        Raises Invalid for a request that is wrong as a whole, NotFound for the project or the template.
        """
        addresses, endpoints = sent.addresses or {}, sent.endpoints or {}
        self._apps.require(scope, app_id)
        if not addresses and not endpoints:
            raise Invalid("MessageRequest: Addresses or Endpoints is required")
        if len(addresses) + len(endpoints) > MOST_TARGETS:
            raise Invalid(f"MessageRequest: Addresses and Endpoints must name at most {MOST_TARGETS} together")
        self._check("Addresses", addresses)
        self._check("Endpoints", endpoints)
        of_request = self._round(scope, app_id, sent, urgent=urgent, answer=answer)
        stored = self._audience.load(app_id, [endpoint_key(name) for name in endpoints])
        self._foresee(of_request, [name for name, to in addresses.items() if to.channel_type == SMS], stored.values())
        to_addresses = {name: of_request.to_address(name, target) for name, target in addresses.items()}
        to_endpoints = {
            name: of_request.to_endpoint(stored.get(endpoint_key(name)), target) for name, target in endpoints.items()
        }
        return self._commit(of_request, (to_addresses, to_endpoints), first)

    def send_to_users(
        self,
        scope: Scope,
        app_id: str,
        sent: SendUsersMessageRequest,
        first: First[dict[str, dict[str, Result]]] | None = None,
    ) -> Sent[dict[str, dict[str, Result]]]:
        """Send to every endpoint of some users that the request has a message for; errors as for `send`."""
        self._apps.require(scope, app_id)
        if not 0 < len(sent.users) <= MOST_TARGETS:
            raise Invalid(f"Users: must name 1 to {MOST_TARGETS} users")
        self._check("Users", sent.users)
        of_request = self._round(scope, app_id, sent)
        found: dict[str, dict[str, Result]] = {}
        for user_id, target in sent.users.items():
            endpoints = [one for one in self._audience.user_endpoints(app_id, user_id) if of_request.addresses(one)]
            self._foresee(of_request, [], endpoints)
            found[user_id] = {one.id: of_request.to_endpoint(one, target) for one in endpoints}
        return self._commit(of_request, found, first)

    def settled(self, connection: sa.Connection, found: Sequence[tuple[Envelope, Outcome]]) -> None:
        """Lanes tell what became of messages: whoever waits for theirs learns it when it is durable."""
        told = [(sent.message.message_id, outcome) for sent, outcome in found if sent.origin == "direct"]
        if told:
            self._database.after_commit(connection, lambda: self._waiting.told(told))

    def _foresee(self, of_request: Round, numbers: Sequence[str], endpoints: Iterable[Endpoint]) -> None:
        stored = [endpoint.address for endpoint in endpoints if endpoint.channel_type == SMS]
        if self._texting is not None and (numbers or stored):
            of_request.foresee(self._texting, [*numbers, *stored])

    def _check(self, field: str, targets: Mapping[str, Target]) -> None:
        for name, target in targets.items():
            check_overrides(f"{field}.{name}", target, self._templates.cache)

    def _round(
        self,
        scope: Scope,
        app_id: str,
        sent: MessageRequest | SendUsersMessageRequest,
        *,
        urgent: bool = False,
        answer: bool = False,
    ) -> Round:
        send = Send(
            account=scope.account,
            region=scope.region,
            app_id=app_id,
            origin="direct",
            treatment_id="",
            trace_id=sent.trace_id or "",
            context=sent.context or {},
            began_ms=self._clock.now_ms(),
            urgent=urgent,
            answer=answer,
        )
        template = self._named(scope, sent.template_configuration or TemplateConfiguration())
        words, enabled = self._words(app_id, sent.message_configuration, template)
        return Round(send, words, enabled, self._messaging, self._ids)

    def _words(
        self, app_id: str, message: DirectMessageConfiguration, named: Named
    ) -> tuple[Mapping[str, Words], set[str]]:
        """What is said by channel type, and the types that the project has a channel of."""
        default = message.default_message
        check_source(
            "MessageConfiguration.DefaultMessage.Body", default.body if default else None, self._templates.cache
        )
        enabled = set(self._channels.enabled_kinds(app_id))
        email = self._channels.email(app_id)
        if email is not None:
            enabled.add(EMAIL)
        sms = self._channels.find(app_id, SMS) if SMS in enabled else None
        config = sms.config if sms is not None and isinstance(sms.config, SmsConfig) else SmsConfig()
        words: dict[str, Words] = {
            EMAIL: local(named.email, lambda one: EmailWords(self._templates, message, one, email)),
            SMS: local(named.sms, lambda one: SmsWords(self._templates, message, one, config)),
            VOICE: local(named.voice, lambda one: VoiceWords(self._templates, message, one)),
        }
        push = local(named.push, lambda one: PushWords(self._templates, message, one))
        return words | dict.fromkeys(SERVICES, push), enabled

    def _named(self, scope: Scope, wanted: TemplateConfiguration) -> Named:
        if wanted.in_app_template is not None:
            raise Invalid("TemplateConfiguration.InAppTemplate: is not for direct messages")
        return Named(
            email=self._template(scope, "EMAIL", "EmailTemplate", wanted.email_template),
            push=self._template(scope, "PUSH", "PushTemplate", wanted.push_template),
            sms=self._template(scope, "SMS", "SMSTemplate", wanted.sms_template),
            voice=self._template(scope, "VOICE", "VoiceTemplate", wanted.voice_template),
        )

    def _template(self, scope: Scope, kind: str, member: str, named: Template | None) -> Content[Any] | None:
        if named is None:
            return None
        if not named.name:
            raise Invalid(f"TemplateConfiguration.{member}.Name: is required")
        return self._templates.content(scope, kind, named.name, named.version)

    def _commit(self, of_request: Round, results: T, first: First[T] | None) -> Sent[T]:
        prepared = of_request.prepared
        if not (prepared.rows or prepared.events or first is not None):
            return Sent(results)
        rows = {row.message_id: row for row in prepared.rows}
        wanted = of_request.awaited.items()
        awaited = {name: channel for name, channel in wanted if not self._messaging.rests(rows[name])}
        # Before the messages are in the outbox, or a lane could be faster.
        answers = self._waiting.expect(awaited)

        def work(connection: sa.Connection) -> bool:
            if first is not None and not first(connection, results):
                return False
            self._messaging.hand_over(connection, prepared)
            return True

        sent = False
        try:
            sent = self._database.write(work)
        finally:
            if answers is not None and not sent:
                answers.cancel()
        return Sent(results, answers if sent else None, awaited)

"""Everything of one process, built once and wired together by hand: read here who is made of what."""

from __future__ import annotations

from prometheus_client import CollectorRegistry

from clarion.channels import catalog
from clarion.channels.catalog import Surroundings
from clarion.core.clock import Clock, SystemClock
from clarion.core.errors import ClarionError
from clarion.core.ids import Ids, SystemIds
from clarion.core.settings import Settings
from clarion.domain.apps.channels import Channels
from clarion.domain.apps.jobs import AppJobs
from clarion.domain.apps.keys import AccessKeys
from clarion.domain.apps.operations import AppsOperations
from clarion.domain.apps.service import Apps
from clarion.domain.apps.tags import Tags
from clarion.domain.audience import columnar as audience_columnar
from clarion.domain.audience.operations import AudienceOperations
from clarion.domain.audience.service import Audience
from clarion.domain.campaigns.content import Contents
from clarion.domain.campaigns.jobs import Runs
from clarion.domain.campaigns.operations import CampaignsOperations
from clarion.domain.campaigns.service import Campaigns
from clarion.domain.events import columnar as events_columnar
from clarion.domain.events import sink as events_sink
from clarion.domain.events.metrics import IngestMetrics
from clarion.domain.events.operations import EventsOperations
from clarion.domain.events.service import Events
from clarion.domain.messaging.inbox import Inbox
from clarion.domain.messaging.lanes import Lane, TransportLoop
from clarion.domain.messaging.operations import MessagingOperations
from clarion.domain.messaging.service import EMAIL, Messaging
from clarion.domain.segments import columnar as segments_columnar
from clarion.domain.segments.operations import SegmentsOperations
from clarion.domain.segments.service import Segments
from clarion.domain.templates.handlebars import TemplateCache
from clarion.domain.templates.operations import TemplatesOperations
from clarion.domain.templates.service import Templates
from clarion.engine.jobs import Jobs
from clarion.engine.log import LogConsumer
from clarion.engine.pumps import Engine
from clarion.engine.rates import TokenBucket
from clarion.engine.workers import JobsPump
from clarion.server.clocks import make_clock
from clarion.server.stores import open_events, open_state
from clarion.store.columnar import Columnar
from clarion.store.database import Database
from clarion.store.migrate import migrate
from clarion.wire.registry import Registry

LANES = 2
"""Lanes per channel: while one records, the other hands over."""

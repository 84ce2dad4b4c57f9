"""A month of a large app, made by the engine itself: endpoints, what they reported, messages and what became of them.

Of 20 events some 13 are reported by apps (sessions, custom events, purchases), the others are about messages of
campaigns, journeys and transactions. Few endpoints do much, most do little; days have their hours. Every statement
makes a few days. A store that holds a month of this size already is taken as it is.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime

from clarion.server.stores import create_tables
from clarion.store.columnar import Columnar

APP, CAMPAIGNS, JOURNEY = "bench", 20, "journey"
FIRST, NOW, DAYS = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC), 30

_ENDPOINTS = """
    INSERT INTO endpoints (app_id, endpoint_key, endpoint_id, version, channel_type, address, opt_out, status,
        effective, created, user_id, timezone, make, model, platform, platform_version, app_version, locale, country,
        attributes, metric_names, metric_values)
    SELECT {app:String}, lower(hex(MD5(toString(number)))) AS key, key, 1,
        ['EMAIL', 'SMS', 'GCM', 'APNS'][number % 4 + 1], concat('person', toString(number), '@example.com'), 'NONE',
        'ACTIVE', toDateTime64('2026-11-01', 3, 'UTC') AS seen,
        seen + toIntervalSecond(sipHash64(number, 'new') % 5184000) - toIntervalDay(30),
        if(number % 5 = 0, '', concat('u', toString(intDiv(number, 2)))),
        ['Europe/Berlin', 'America/New_York', 'Asia/Tokyo', ''][sipHash64(number, 0) % 4 + 1],
        ['Apple', 'Samsung', 'Google'][sipHash64(number, 1) % 3 + 1], concat('M', toString(sipHash64(number, 4) % 40)),
        ['ios', 'android'][sipHash64(number, 2) % 2 + 1], toString(sipHash64(number, 5) % 8 + 10),
        concat('4.', toString(sipHash64(number, 6) % 12)), ['de_DE', 'en_US', 'fr_FR'][sipHash64(number, 7) % 3 + 1],
        ['DE', 'US', 'FR', 'GB', 'ES'][sipHash64(number, 3) % 5 + 1],
        [concat('plan\\x1f', ['free', 'free', 'pro'][sipHash64(number, 8) % 3 + 1]),
         concat('city\\x1f', 'town ', toString(sipHash64(number, 9) % 3000))],
        ['age'], [sipHash64(number, 11) % 90]
    FROM numbers({first:UInt64}, {count:UInt64})
"""

# `u` is a number from 0 to 1 of its own for each thing and purpose; `n` tells the endpoint: few do much.
_BASE = """
    SELECT {day:UInt32} + intDiv(number, {count:UInt64}) AS day, {day:UInt32} * 1000000000 + number AS own,
        toUInt64({people:UInt64} * pow(sipHash64(own, {kind:String}, 'who') / 18446744073709551616., 1.6)) AS n,
        lower(hex(MD5(toString(n)))) AS key, if(n % 5 = 0, '', concat('u', toString(intDiv(n, 2)))) AS user,
        sipHash64(own, {kind:String}, 'at') % 10000 / 10000 AS u,
        toDateTime64('2026-11-01', 3, 'UTC') + toIntervalDay(day)
            + toIntervalMillisecond(toUInt64(86000000 * (u + 0.07 * sin(2 * pi() * u) + 0.07) / 1.14)
                + sipHash64(own, {kind:String}, 'ms') % 9000) AS at
    FROM numbers({count:UInt64} * {days:UInt64})
"""
_DEVICE = (
    """concat('{"platform":{"name":"', ['ios', 'android'][sipHash64(n, 2) % 2 + 1], '"},"make":"',"""
    """ ['Apple', 'Samsung', 'Google'][sipHash64(n, 1) % 3 + 1], '"}')"""
)
_REPORTED = (
    "INSERT INTO events (app_id, event_type, event_id, endpoint_key, endpoint_id, user_id, ts, arrival, account,"
    " session_id, kv, metric_names, metric_values, application, device, campaign_id, activity_id)"
)
_PRODUCED = (
    "INSERT INTO events (app_id, event_type, event_id, endpoint_key, endpoint_id, ts, arrival, account, system,"
    " kv, metric_names, metric_values, campaign_id, activity_id, journey_id, status, message_id, record)"
)
_SESSIONS = f"""
    {_REPORTED}
    SELECT {{app:String}}, one.1, concat(toString(own), one.1, toString(one.2)), key, key, user,
        at + toIntervalSecond(one.2) AS ts, ts, '1', toString(own),
        [concat('network\\x1f', ['wifi', 'mobile'][own % 2 + 1])], [], [],
        '{{"package_name":"com.acme.shop","version_name":"4.2"}}', {_DEVICE}, '', ''
    FROM (SELECT *, 20 + sipHash64(own, 'stay') % 600 AS stay, arrayJoin(if(sipHash64(own, 'back') % 20 = 0,
        [('_session.start', 0), ('_session.stop', stay), ('_session.start', stay + 3), ('_session.stop', stay + 90)],
        [('_session.start', 0), ('_session.stop', stay)])) AS one FROM ({_BASE}))
"""
_CUSTOM = f"""
    {_REPORTED}
    SELECT {{app:String}}, ['page.view', 'page.view', 'page.view', 'search', 'product.view', 'product.view',
        'cart.add', 'cart.left', 'level.done', '_userauth.sign_in'][sipHash64(own, 'type') % 10 + 1],
        concat('c', toString(own)), key, key, user, at, at, '1', toString(own % 1000003),
        [concat('category\\x1f', ['shoes', 'hats', 'bags', 'coats', 'socks'][sipHash64(own, 'cat') % 5 + 1]),
         concat('path\\x1f/p/', toString(sipHash64(own, 'path') % 1000)), 'lang\\x1fde'],
        ['amount', 'qty'], [sipHash64(own, 'amount') % 10000 / 100, own % 5],
        '{{"package_name":"com.acme.shop","version_name":"4.2"}}', {_DEVICE}, '', ''
    FROM ({_BASE})
"""
_PURCHASES = f"""
    {_REPORTED}
    SELECT {{app:String}}, '_monetization.purchase', concat('p', toString(own)), key, key, user, at, at, '1',
        toString(own), [concat('_product_id\\x1f', 'sku', toString(sipHash64(own, 'sku') % 200)), '_currency\\x1fUSD'],
        ['_quantity', '_item_price'], [sipHash64(own, 'qty') % 3 + 1, sipHash64(own, 'price') % 9000 / 100 + 1],
        '{{"package_name":"com.acme.shop","version_name":"4.2"}}', {_DEVICE}, '', ''
    FROM ({_BASE})
"""
_OPENED = f"""
    {_REPORTED}
    SELECT {{app:String}}, '_campaign.opened_notification', concat('o', toString(own)), key, key, user,
        at + toIntervalMinute(own % 300) AS ts, ts, '1', '',
        ['campaign_id\\x1fpush0', concat('campaign_activity_id\\x1f', 'push-run', toString(day))], [], [],
        '{{"package_name":"com.acme.shop","version_name":"4.2"}}', {_DEVICE}, 'push0',
        concat('push-run', toString(day))
    FROM ({_BASE})
"""
# What becomes of a mail: sent, then one of delivered and bounced, and of some that arrived opens and clicks.
_FATE = """arrayConcat(before, ['_email.send'], multiIf(fate < 15, ['_email.hardbounce'], fate < 30,
    ['_email.softbounce'], ['_email.delivered']), if(fate >= 30 AND fate < 300, ['_email.open'], []),
    if(fate >= 30 AND fate < 80, ['_email.open', '_email.click'], []), if(fate = 31, ['_email.complaint'], []))"""
_RECORD = (
    """concat('{"facets":{"email_channel":{"mail_event":{"mail":{"message_id":"', message,"""
    """ '","message_send_timestamp":', toString(toUnixTimestamp64Milli(at)),"""
    """ ',"from_address":"shop@acme.test","destination":["person', toString(n),"""
    """ '@example.com"],"headers_truncated":false,"common_headers":{"from":"shop@acme.test"}}}}}}')"""
)
_MAILS = f"""
    {_PRODUCED}
    SELECT {{app:String}}, type, concat(message, '/', type, '/', toString(place)), key, key, at,
        at + toIntervalSecond(place * 40), '1', true,
        arrayFilter(one -> one != '', [if(campaign = '', '', concat('campaign_id\\x1f', campaign)),
            if(activity = '', '', concat('campaign_activity_id\\x1f', activity)),
            if(type = '_campaign.send', 'delivery_type\\x1fEMAIL', 'feedback\\x1freceived')]), [], [], campaign,
        activity, {{journey:String}}, if(type = '_campaign.send', 'SUCCESS', ''), message,
        if(startsWith(type, '_email.'), {_RECORD}, '')
    FROM (SELECT *, lower(hex(MD5(concat({{kind:String}}, toString(own))))) AS message,
        sipHash64(own, 'fate') % 1000 AS fate, {{before:Array(String)}} AS before,
        if({{kind:String}} = 'campaign', concat('campaign', toString(sipHash64(own, 'of') % {CAMPAIGNS})), '')
            AS campaign,
        multiIf({{kind:String}} = 'campaign', concat(campaign, '-run', toString(day)),
            {{journey:String}} != '', concat('step', toString(own % 6)), '') AS activity,
        {_FATE} AS fates, arrayJoin(arrayEnumerate(fates)) AS place, fates[place] AS type FROM ({_BASE}))
"""
_TEXTS = f"""
    {_PRODUCED}
    SELECT {{app:String}}, type, concat(message, '/', type), key, key, at, at + toIntervalSecond(9), '1', true,
        [concat('message_id\\x1f', message), concat('iso_country_code\\x1f', ['DE', 'US', 'FR'][own % 3 + 1]),
         concat('number_of_message_parts\\x1f', toString(own % 3 + 1)), concat('record_status\\x1f', type)],
        ['price_in_millicents_usd'], [own % 3 * 645 + 645], '', '', '',
        if(type = '_SMS.FAILURE', ['UNREACHABLE', 'BLOCKED'][own % 2 + 1], 'SUCCESSFUL'), message, ''
    FROM (SELECT *, lower(hex(MD5(concat('sms', toString(own))))) AS message,
        arrayJoin(['_SMS.BUFFERED', if(sipHash64(own, 'fate') % 100 < 4, '_SMS.FAILURE', '_SMS.SUCCESS')]) AS type
        FROM ({_BASE}))
"""
_PUSHES = f"""
    {_PRODUCED}
    SELECT {{app:String}}, '_campaign.send', concat(message, '/_campaign.send'), key, key, at, at, '1', true,
        ['campaign_id\\x1fpush0', 'delivery_type\\x1fGCM'], [], [], 'push0',
        concat('push-run', toString(day)), '',
        if(sipHash64(own, 'fate') % 100 < 3, 'PERMANENT_FAILURE', 'SUCCESS'), message, ''
    FROM (SELECT *, lower(hex(MD5(concat('push', toString(own))))) AS message FROM ({_BASE}))
"""

# Events of a month of 20,000,000: each a statement, how many of its things a day has, and what makes them differ.
_OF_A_DAY = (
    (_SESSIONS, 130_000, {"kind": "session"}),
    (_CUSTOM, 166_000, {"kind": "custom"}),
    (_PURCHASES, 12_000, {"kind": "purchase"}),
    (_MAILS, 37_000, {"kind": "campaign", "journey": "", "before": ["_campaign.send"]}),
    (_MAILS, 10_000, {"kind": "journey", "journey": JOURNEY, "before": []}),
    (_MAILS, 10_000, {"kind": "transactional", "journey": "", "before": []}),
    (_TEXTS, 10_000, {"kind": "sms"}),
    (_PUSHES, 17_000, {"kind": "push"}),
    (_OPENED, 1_700, {"kind": "opened"}),
)
_WHOLE = 20_000_000
_AT_ONCE = 5
"""Days a statement makes."""


def fill(columnar: Columnar, events: int, people: int) -> None:
    """Fill an empty store with a month of about `events` events of `people` endpoints; says what it did."""
    create_tables(columnar, 3650)
    held = _count(columnar, "events")
    if held:
        print(f"{held:,} events are there already", flush=True)
        return
    begun = time.perf_counter()
    for first in range(0, people, 250_000):
        given = {"app": APP, "first": first, "count": min(250_000, people - first)}
        columnar.command(_ENDPOINTS, given)
    for day in range(0, DAYS, _AT_ONCE):
        for statement, count, more in _OF_A_DAY:
            given = {
                "app": APP,
                "day": day,
                "days": _AT_ONCE,
                "people": people,
                "count": count * events // _WHOLE,
                **more,
            }
            columnar.command(statement, given)
    took, held = time.perf_counter() - begun, _count(columnar, "events")
    print(f"{held:,} events made in {took:.0f} s ({held / took:,.0f}/s)", flush=True)


def _count(columnar: Columnar, table: str) -> int:
    ((found,),) = columnar.query(f"SELECT count() FROM {table}")
    return int(str(found))

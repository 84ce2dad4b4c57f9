"""Queries that must not be run, by what they try; and queries that are what the thing is for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

OTHER_TABLES = """
SELECT * FROM system.tables
SELECT * FROM {db}.events
SELECT * FROM `{db}`.`events`
SELECT * FROM "{db}.events"
SELECT * FROM `{db}.events`
SELECT * FROM secrets
SELECT * FROM Events
SELECT * FROM events AS {db}.events
SELECT (SELECT count() FROM {db}.events)
SELECT * FROM (SELECT * FROM {db}.events)
SELECT 1 UNION ALL SELECT count() FROM {db}.events
SELECT 1 INTERSECT SELECT toUInt8(count()) FROM system.tables
SELECT * FROM events e JOIN system.users u ON 1
SELECT * FROM events, system.users
SELECT * FROM events ARRAY JOIN system.users AS u
SELECT * FROM events WHERE event_type GLOBAL IN (SELECT name FROM system.tables)
SELECT * FROM events WHERE exists(SELECT 1 FROM system.tables)
SELECT count() FROM events WINDOW w AS (ORDER BY (SELECT 1 FROM system.one))
SELECT 1 ORDER BY (SELECT count() FROM {db}.events)
SELECT 1 LIMIT (SELECT count() FROM {db}.events)
SELECT [1, 2, 3][(SELECT count() FROM system.tables)]
SELECT quantile((SELECT 0.5 FROM system.one))(1)
WITH x AS (SELECT * FROM system.one) SELECT * FROM x
WITH events AS (SELECT * FROM {db}.events) SELECT * FROM events
WITH events AS (SELECT 1 AS a) SELECT * FROM events
WITH secrets AS (SELECT 1 AS a) SELECT * FROM (SELECT * FROM secrets) JOIN {db}.secrets ON 1
SELECT 1 FROM (WITH secrets AS (SELECT 1 AS a) SELECT a FROM secrets) AS x JOIN secrets ON 1
WITH RECURSIVE x AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM x) SELECT * FROM x
SELECT event_type IN secrets FROM events
SELECT event_type IN (secrets) FROM events
SELECT event_type IN ((secrets)) FROM events
SELECT event_type NOT IN (secrets) FROM events
SELECT event_type IN {db}.secrets FROM events
SELECT notIn(event_type, secrets) FROM events
SELECT globalIn(event_type, {db}.secrets) FROM events
SELECT `in`(event_type, secrets) FROM events
WITH (SELECT 1) AS t SELECT 1 IN t
SELECT clarion_with_x FROM events
SELECT * FROM clarion_with_table_events_
SELECT 1 AS clarion_with_table_events_
"""

HIDDEN_COLUMNS = """
SELECT app_id FROM events
SELECT events.app_id FROM events
SELECT kv FROM events
SELECT stored FROM events
SELECT _part, _table, _database FROM events
SELECT document FROM endpoints
SELECT CURRENT_USER
SELECT `session_user`
SELECT user AS a
SELECT CURRENT_DATABASE
SELECT events.user FROM events
SELECT version FROM endpoints
"""

TABLE_FUNCTIONS = """
SELECT * FROM file('/etc/passwd', 'LineAsString')
SELECT * FROM url('http://127.0.0.1/', 'CSV')
SELECT * FROM remote('127.0.0.1', system.one)
SELECT * FROM cluster('x', {db}.events)
SELECT * FROM merge('{db}', '.*')
SELECT * FROM numbers(10)
SELECT * FROM generateRandom('a Int')
SELECT * FROM executable('x', 'y', 'z')
SELECT * FROM view(SELECT 1)
SELECT * FROM viewExplain('EXPLAIN', '', (SELECT 1))
SELECT * FROM s3('http://x')
SELECT * FROM mysql('x', 'y', 'z', 'u', 'p')
SELECT * FROM postgresql('x', 'y', 'z', 'u', 'p')
SELECT * FROM python('x')
SELECT * FROM loop(events)
SELECT * FROM values('a Int', 1)
SELECT * FROM (VALUES (1))
SELECT * FROM dictionary('x')
SELECT * FROM mergeTreeIndex('{db}', 'events')
"""

FUNCTIONS = """
SELECT file('/etc/passwd')
SELECT "file"('/etc/passwd')
SELECT `file`('/etc/passwd')
SELECT FILE('/etc/passwd')
SELECT arrayMap(x -> file('/etc/passwd'), [1])
SELECT x -> file(x)
WITH x -> file(x) AS f SELECT f('/etc/passwd')
WITH file('/etc/passwd') AS f SELECT f
SELECT lambda(tuple(x), file(x))('/etc/passwd')
SELECT * REPLACE (file('/etc/passwd') AS event_type) FROM events
SELECT * APPLY(file) FROM events
SELECT * APPLY file FROM events
SELECT * APPLY(x -> file(x)) FROM events
SELECT COLUMNS('.*') APPLY file FROM events
SELECT toDate('2020-01-01', concat('x', file('/etc/hostname')))
SELECT fileIf('/etc/passwd', 1)
SELECT dictGet('d', 'a', 1)
SELECT dictGetOrDefault('d', 'a', 1, 2)
SELECT joinGet('{db}.x', 'a', 1)
SELECT hasColumnInTable('{db}', 'events', 'app_id')
SELECT sleep(3)
SELECT sleepEachRow(1) FROM events
SELECT getSetting('additional_table_filters')
SELECT getMacro('x')
SELECT getServerSetting('x')
SELECT currentUser(), hostName(), version()
SELECT user()
SELECT currentDatabase()
SELECT serverUUID()
SELECT tcpPort()
SELECT uptime()
SELECT queryID()
SELECT filesystemAvailable()
SELECT evalMLMethod(1, 2)
SELECT catboostEvaluate('/x', 1)
SELECT chdb('x')
SELECT aiGenerate('x')
SELECT arrayReduce('sum', [1])
SELECT editDistance('a', 'b')
SELECT arrayFold((a, x) -> a + x, [1], 0)
SELECT arrayReduceInRanges('sum', [(1, 2)], [1])
SELECT initializeAggregation('sum', 1)
SELECT addressToLine(1)
SELECT demangle('x')
SELECT logTrace('x')
SELECT throwIf(1)
SELECT regionToName(1)
SELECT formatRow('CSV', 1)
SELECT generateSerialID('x')
SELECT reinterpret(1, 'String')
SELECT CAST('x' AS AggregateFunction(sum, UInt8))
SELECT nosuchfunction(1)
"""

STATEMENTS = """
SELECT 1; DROP TABLE events
SELECT 1; SELECT 2
DROP TABLE events
TRUNCATE TABLE events
INSERT INTO events SELECT 1
INSERT INTO FUNCTION file('/tmp/x') SELECT 1
ALTER TABLE events DELETE WHERE 1
CREATE TABLE x (a Int) ENGINE = Memory
CREATE FUNCTION f AS x -> x
ATTACH DATABASE x
BACKUP TABLE events TO Disk('x', 'y')
SET readonly = 0
USE system
KILL QUERY WHERE 1
SYSTEM SHUTDOWN
EXPLAIN SELECT 1
EXPLAIN AST SELECT 1
SHOW TABLES
DESCRIBE events
SELECT * FROM (SHOW TABLES)
SELECT * FROM (EXPLAIN SELECT 1)
SELECT 1) UNION ALL SELECT * FROM (SELECT app_id FROM {db}.events
SELECT * FROM events INTO OUTFILE '/tmp/clarion-was-here'
SELECT * FROM events FORMAT JSON
SELECT * FROM events SETTINGS additional_table_filters = {{}}
SELECT * FROM (SELECT * FROM events SETTINGS max_execution_time = 0)
SELECT 1 SETTINGS readonly = 0 UNION ALL SELECT 2
SELECT * FROM events SAMPLE 0.1
SELECT * FROM events PREWHERE 1
SELECT * FROM endpoints FINAL
SELECT * FROM events PIVOT(count() FOR event_type IN ('a'))
SELECT {{app:String}}
SELECT {{x:Identifier}} FROM {{t:Identifier}}
SELECT @@version
SELECT 1 AS "a""b"
SELECT 1 AS `a\\`b`
SELECT ‘x’
nonsense
SELECT FROM WHERE
-- nothing
"""

HOSTILE: Mapping[str, str] = {
    "other tables": OTHER_TABLES,
    "hidden columns": HIDDEN_COLUMNS,
    "functions that make tables": TABLE_FUNCTIONS,
    "functions": FUNCTIONS,
    "statements": STATEMENTS,
}

TEXTS: Mapping[str, str] = {
    r"SELECT '\'; DROP TABLE events; --'": "'; DROP TABLE events; --",
    r"SELECT 'a\\'": "a\\",
    "SELECT 'it''s'": "it's",
    "SELECT $$'; DROP TABLE events; --$$": "'; DROP TABLE events; --",
    "SELECT $tag$x'$tag$": "x'",
    r"SELECT 'a\nb\tc\x41'": "a\nb\tcA",
    "SELECT 'naïve 🦊 /* */ -- {app:String}'": "naïve 🦊 /* */ -- {app:String}",
}
"""What is in a text is a text, however it is written."""

USEFUL: Sequence[str] = """
SELECT count() FROM events
SELECT * FROM events
SELECT * FROM endpoints AS e
SELECT e.* FROM endpoints AS e
SELECT event_type, count() AS n, uniqExact(endpoint_key) FROM events GROUP BY event_type ORDER BY n DESC LIMIT 10
SELECT attributes['c'] AS c, toDate(ts) AS d, metrics['m'] * 2 FROM events WHERE attributes['c'] = 'red'
WITH x AS (SELECT endpoint_key, min(ts) AS f FROM events GROUP BY endpoint_key), 5 AS y SELECT x.f, y FROM x
SELECT e.channel_type FROM events LEFT JOIN endpoints AS e ON e.endpoint_key = events.endpoint_key
SELECT k, v FROM events ARRAY JOIN mapKeys(attributes) AS k, mapValues(attributes) AS v ORDER BY k
SELECT arrayMap(x -> x + 1, [1, 2]), 1 ? 2 : 3, CAST(5 AS String), '5'::Int32, [1, 2][1], (1, 'a').2 FROM events
SELECT windowFunnel(3600)(toDateTime(ts), event_type = 'a', event_type = 'b') FROM events GROUP BY endpoint_key
SELECT row_number() OVER (PARTITION BY endpoint_key ORDER BY ts) AS r FROM events QUALIFY r = 1
SELECT sum(1) OVER w FROM events WINDOW w AS (PARTITION BY event_type ORDER BY ts DESC)
SELECT a FROM (SELECT 1 AS a UNION ALL SELECT 2) ORDER BY a DESC
SELECT 1 INTERSECT SELECT 1
SELECT count() FROM events WHERE endpoint_key IN (SELECT endpoint_key FROM endpoints) AND event_type IN ('x', 'y')
SELECT count() AS "my count", quantiles(0.5, 0.9)(metrics['m']) FROM events WHERE event_type NOT ILIKE 'Q_'
SELECT count() FROM events WHERE ts BETWEEN toDateTime64('2020-01-01 00:00:00', 3) AND now64(3)
SELECT dateDiff('day', toDate('2020-01-01'), toDate(ts)), formatDateTime(ts, '%Y-%m') FROM events
SELECT toStartOfInterval(ts, INTERVAL 15 minute) AS t, count(*) FROM events GROUP BY t ORDER BY t WITH FILL STEP 900
SELECT * EXCEPT (record, device) REPLACE (1 AS ts) FROM events LIMIT 1
SELECT countIf(event_type = 'x'), argMax(event_type, ts), groupArray(3)(event_type), topK(3)(event_type) FROM events
SELECT count(DISTINCT endpoint_key), sum(1) FILTER (WHERE event_type = 'x') FROM events
SELECT event_type FROM events ORDER BY ts DESC LIMIT 1 BY endpoint_key
SELECT event_type, count() FROM events GROUP BY ALL HAVING count() > 0 ORDER BY 2 DESC
SELECT count() FROM events GROUP BY GROUPING SETS ((event_type), (user_id))
SELECT retention(event_type = 'x', event_type = 'y') FROM events
SELECT CASE event_type WHEN 'x' THEN 1 ELSE 0 END, coalesce(NULL, 1), NOT 1, 1 - -1, 'a' || 'b' FROM events
SELECT JSONExtractString(record, 'a', 'b'), splitByChar(',', 'a,b'), extract(event_type, 'b(.)') FROM events
SELECT rand() BETWEEN 0 AND 9, log(2), uniq(event_type, user_id, ts), arrayMap((a, b) -> a + b, [1], [2]) FROM events
SELECT CAST(1, 'String'), toStartOfHour(now()), stddevPop(1), position('a' IN 'ba'), trim(BOTH 'x' FROM 'xax')
SELECT DATE '2020-01-01', extract(YEAR FROM ts), substring('abc' FROM 1 FOR 2) FROM events
SELECT a.event_type FROM events a ASOF JOIN events b ON a.endpoint_key = b.endpoint_key AND a.ts <= b.ts;
FROM events SELECT count()
SELECT 1 /* ; */ -- a comment
""".strip().splitlines()

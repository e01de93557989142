-- The portal's state. Times are Unix milliseconds. Each statement has a name and is
-- used under it; see store.py.

-- name: tables
-- What a portal remembers.
CREATE TABLE IF NOT EXISTS portal (
    one        INTEGER PRIMARY KEY CHECK (one = 1),
    portal_id  INTEGER NOT NULL,
    next_id    INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS call (
    id           INTEGER PRIMARY KEY,
    trace_id     TEXT,
    properties   TEXT    NOT NULL,
    associations TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    archived_at  INTEGER
) STRICT;
CREATE TABLE IF NOT EXISTS change (
    call_id    INTEGER PRIMARY KEY,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS unique_value (
    property TEXT    NOT NULL,
    value    TEXT    NOT NULL,
    archived INTEGER NOT NULL,
    call_id  INTEGER NOT NULL,
    PRIMARY KEY (property, value, archived, call_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS unique_value_call ON unique_value (call_id);
CREATE TABLE IF NOT EXISTS property (
    name         TEXT PRIMARY KEY,
    definition   TEXT    NOT NULL,
    visible_from INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS property_group (
    name       TEXT PRIMARY KEY,
    definition TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS late (
    place    INTEGER PRIMARY KEY,
    due      INTEGER NOT NULL,
    endpoint TEXT    NOT NULL,
    body     BLOB    NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS day (
    day      TEXT PRIMARY KEY,
    requests INTEGER NOT NULL
) STRICT;

-- name: insert_portal
-- The portal's first start.
INSERT INTO portal (one, portal_id, next_id, created_at) VALUES (1, ?, ?, ?)
ON CONFLICT (one) DO NOTHING;

-- name: read_portal
-- Which portal this is.
SELECT portal_id FROM portal;

-- name: take_ids
-- Reserve IDs for new calls; gives the first that is free afterwards.
UPDATE portal SET next_id = next_id + ? RETURNING next_id;

-- name: insert_call
-- A new call.
INSERT INTO call (id, trace_id, properties, associations, created_at)
VALUES (?, ?, ?, ?, ?);

-- name: insert_unique_value
-- A unique value that a new call holds.
INSERT INTO unique_value (property, value, archived, call_id) VALUES (?, ?, 0, ?);

-- name: holders
-- The calls that hold some values of a unique property; values as a JSON array.
SELECT value, call_id FROM unique_value
WHERE property = ? AND value IN (SELECT value FROM json_each(?)) AND archived = ?;

-- name: calls
-- Calls by ID, live or archived, and not newer than a moment; IDs as a JSON array.
SELECT id, trace_id, properties, associations, created_at, archived_at, updated_at
FROM call LEFT JOIN change ON call_id = id
WHERE id IN (SELECT value FROM json_each(?))
  AND (archived_at IS NOT NULL) = ? AND created_at <= ?;

-- name: live_calls
-- All live calls that are not newer than a moment, in order of their IDs.
SELECT id, trace_id, properties, associations, created_at, archived_at, updated_at
FROM call LEFT JOIN change ON call_id = id
WHERE archived_at IS NULL AND created_at <= ? ORDER BY id;

-- name: all_calls
-- Every call there is or was, in order of their IDs.
SELECT id, trace_id, properties, associations, created_at, archived_at, updated_at
FROM call LEFT JOIN change ON call_id = id
ORDER BY id;

-- name: archive_call
-- Take a call out of sight.
UPDATE call SET archived_at = ? WHERE id = ? AND archived_at IS NULL;

-- name: update_call
-- A call's properties after a change.
UPDATE call SET properties = ? WHERE id = ?;

-- name: note_change
-- When a call was changed last.
INSERT INTO change (updated_at, call_id) VALUES (?, ?)
ON CONFLICT (call_id) DO UPDATE SET updated_at = excluded.updated_at;

-- name: archive_values
-- Free the unique values of an archived call.
UPDATE unique_value SET archived = 1 WHERE call_id = ? AND archived = 0;

-- name: insert_property
-- A custom property.
INSERT INTO property (name, definition, visible_from) VALUES (?, ?, ?);

-- name: properties
-- All custom properties.
SELECT definition, visible_from FROM property ORDER BY visible_from, name;

-- name: insert_group
-- A group of properties; false when its name is taken.
INSERT INTO property_group (name, definition) VALUES (?, ?) ON CONFLICT DO NOTHING;

-- name: groups
-- All custom groups.
SELECT definition FROM property_group ORDER BY name;

-- name: insert_late
-- A request that is performed later.
INSERT INTO late (due, endpoint, body) VALUES (?, ?, ?);

-- name: due
-- The next request whose time has come.
SELECT place, endpoint, body FROM late WHERE due <= ? ORDER BY due, place LIMIT 1;

-- name: delete_late
-- It is performed.
DELETE FROM late WHERE place = ?;

-- name: next_due
-- When the next late request is due, and how many there are.
SELECT min(due), count(*) FROM late;

-- name: read_day
-- Requests of a day.
SELECT requests FROM day WHERE day = ?;

-- name: write_day
-- Requests of a day.
INSERT INTO day (day, requests) VALUES (?, ?)
ON CONFLICT (day) DO UPDATE SET requests = excluded.requests;

-- name: count
-- Calls, and how many of them are archived.
SELECT count(*), count(archived_at) FROM call;

-- name: unique_names
-- The unique properties that any call has.
SELECT DISTINCT property FROM unique_value ORDER BY property;

-- name: by_trace_id
-- Calls per trace ID they were created with.
SELECT trace_id, count(*) FROM call WHERE trace_id IS NOT NULL GROUP BY trace_id;

-- name: by_value
-- Calls per value of a property, given as a JSON path.
SELECT json_extract(properties, ?1) AS value, count(*) FROM call
WHERE value IS NOT NULL GROUP BY value;

-- name: ids_of_trace_id
-- The calls that were created with one trace ID.
SELECT id FROM call WHERE trace_id = ? ORDER BY id;

-- name: ids_of_value
-- The calls that have one value of a property, given as a JSON path.
SELECT id FROM call WHERE json_extract(properties, ?) = ? ORDER BY id;

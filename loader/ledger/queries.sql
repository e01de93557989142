-- name: read_load
-- What this ledger belongs to.
SELECT source_name, source_digest, portal_id, trace_property, key_property, object_type
FROM load WHERE one = 1;

-- name: insert_load
-- Bind a new ledger to its source and portal.
INSERT INTO load (one, source_name, source_digest, portal_id, trace_property,
                  key_property, object_type, created_at)
VALUES (1, ?, ?, ?, ?, ?, ?, ?);

-- name: adopt_trace_property
-- The portal got its unique property after the load began.
UPDATE load SET trace_property = ? WHERE one = 1 AND trace_property IS NULL;

-- name: has_lines
-- Whether any line of the source was ever taken.
SELECT EXISTS (SELECT 1 FROM batch WHERE lines > 0);

-- name: adopt_source
-- The source was empty so far: its first line names it.
UPDATE load SET source_name = ?, source_digest = ? WHERE one = 1;

-- name: release_claims
-- Forget the IDs of lines from this one on that no batch covers: they were read ahead,
-- never sent, and may be others by now. What a settled line repeats stays claimed.
DELETE FROM identity WHERE line >= :line AND NOT EXISTS (
    SELECT 1 FROM batch b WHERE b.end_line > identity.line AND b.first_line =
        (SELECT max(c.first_line) FROM batch c WHERE c.first_line <= identity.line)
) AND line NOT IN (SELECT duplicate_of FROM exception WHERE state = 'duplicate');

-- name: promised
-- Lines that no batch covers, and the ID that a settled line repeats of them.
SELECT DISTINCT d.duplicate_of, d.trace_id FROM exception d
WHERE d.state = 'duplicate' AND NOT EXISTS (
    SELECT 1 FROM batch b WHERE b.end_line > d.duplicate_of AND b.first_line =
        (SELECT max(c.first_line) FROM batch c WHERE c.first_line <= d.duplicate_of));

-- name: claim
-- Take an ID for a line, unless a line has it.
INSERT INTO identity (id, line, content) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING;

-- name: claimant
-- The line that has an ID.
SELECT line, content FROM identity WHERE id = ?;

-- name: arm
-- Before a request: the batch, and the positions that are in doubt from now on.
INSERT INTO batch (start_offset, end_offset, first_line, end_line, lines, inputs,
                   digest, records, attempt, keyed, payload, doubted, doubts, open)
VALUES (:start, :end, :first_line, :end_line, :lines, :inputs,
        :digest, :records, :attempt, :keyed, :payload, :doubted, :doubts, 1)
ON CONFLICT (start_offset) DO UPDATE SET
    attempt = :attempt, keyed = :keyed, payload = :payload,
    doubted = :doubted, doubts = :doubts, open = 1;

-- name: pass
-- A span without any record to send: settled as it is read.
INSERT INTO batch (start_offset, end_offset, first_line, end_line, lines, inputs,
                   digest, records, open)
VALUES (:start, :end, :first_line, :end_line, :lines, 0, :digest, :records, 0)
ON CONFLICT (start_offset) DO NOTHING;

-- name: insert_local
-- A line that is rejected before sending, or repeats an earlier one.
INSERT INTO exception (line, offset, trace_id, state, category, message,
                       duplicate_of, raw)
VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (line) DO NOTHING;

-- name: release_held
-- A held record is asked for again: the open batch speaks for it now.
DELETE FROM exception WHERE line = ? AND state = 'in_doubt';

-- name: read_objects
-- The object IDs that a batch has so far.
SELECT objects FROM batch WHERE start_offset = ?;

-- name: settle
-- What is known of a batch now.
UPDATE batch SET created = :created, objects = :objects, doubted = :doubted,
                 doubts = :doubts, open = :open
WHERE start_offset = :start;

-- name: insert_exception
-- The outcome of a record that is not simply created.
INSERT INTO exception (line, offset, trace_id, state, object_id, category, message,
                       correlation_id, keyed, raw)
VALUES (:line, :offset, :trace_id, :state, :object_id, :category, :message,
        :correlation_id, :keyed, :raw);

-- name: write_tally
-- What all runs have cost so far.
UPDATE tally SET requests = ?, throttled = ?, retried = ?, seconds = ? WHERE one = 1;

-- name: write_finished
-- Whether the source has been read to its end with nothing open.
UPDATE tally SET finished = ? WHERE one = 1;

-- name: read_tally
-- What all runs have cost so far.
SELECT requests, throttled, retried, seconds, finished FROM tally WHERE one = 1;

-- name: spans
-- Every span in order of the source, from the covering index.
SELECT start_offset, end_offset, first_line, end_line, lines, open, digest
FROM batch INDEXED BY batch_span ORDER BY start_offset;

-- name: held_spans
-- Closed batches with held records that a read or the user's word may resolve.
SELECT DISTINCT (SELECT max(b.start_offset) FROM batch b
                 WHERE b.start_offset <= e.offset)
FROM exception e WHERE e.state = 'in_doubt' AND (e.keyed OR ?);

-- name: batch
-- All there is of one batch.
SELECT records, attempt, keyed, doubted, objects
FROM batch WHERE start_offset = ?;

-- name: batches
-- All batches in order of the source, for the results.
SELECT start_offset, first_line, end_line, records, objects, doubted, open
FROM batch ORDER BY start_offset;

-- name: open_batches
-- Batches with records in doubt, in order of the source.
SELECT start_offset, first_line, end_line, records, objects, doubted, open
FROM batch WHERE doubts > 0 ORDER BY start_offset;

-- name: batch_of_line
-- The batch that covers a line.
SELECT start_offset, first_line, end_line, records, objects, doubted, open
FROM batch WHERE first_line <= :line AND end_line > :line
ORDER BY first_line DESC LIMIT 1;

-- name: exceptions
-- The exceptional records of a range of lines.
SELECT line, offset, trace_id, state, object_id, category, message, correlation_id,
       duplicate_of, keyed
FROM exception WHERE line >= ? AND line < ? ORDER BY line;

-- name: exception
-- The exceptional record of one line.
SELECT line, offset, trace_id, state, object_id, category, message, correlation_id,
       duplicate_of, keyed
FROM exception WHERE line = ?;

-- name: raw
-- An exceptional line as it was.
SELECT raw FROM exception WHERE line = ?;

-- name: count_batches
-- Sums over all batches.
SELECT coalesce(sum(lines), 0), coalesce(sum(created), 0),
       coalesce(sum(doubts), 0), coalesce(sum(open), 0)
FROM batch;

-- name: count_exceptions
-- Exceptional records by state.
SELECT state, count(*) FROM exception GROUP BY state;

-- name: count_duplicates
-- Repeated lines by what became of the first, where an exception says so.
SELECT f.state, count(*) FROM exception d
LEFT JOIN exception f ON f.line = d.duplicate_of
WHERE d.state = 'duplicate' GROUP BY f.state;

-- name: duplicates_of_open
-- Repeated lines whose first has no outcome for sure: in an open batch, or in none.
SELECT d.duplicate_of FROM exception d
LEFT JOIN batch b ON b.end_line > d.duplicate_of AND b.first_line =
    (SELECT max(c.first_line) FROM batch c WHERE c.first_line <= d.duplicate_of)
WHERE d.state = 'duplicate' AND coalesce(b.open, 1)
  AND NOT EXISTS (SELECT 1 FROM exception f WHERE f.line = d.duplicate_of);

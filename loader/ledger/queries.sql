-- name: read_load
-- What this ledger belongs to.
SELECT source_name, source_digest, portal_id, trace_property, key_property, object_type
FROM load WHERE one = 1;

-- name: read_begun
-- When the load was bound to its portal.
SELECT created_at FROM load WHERE one = 1;

-- name: insert_load
-- Bind a new ledger to its source and portal.
INSERT INTO load (one, source_name, source_digest, portal_id, trace_property,
                  key_property, object_type, created_at, checksum)
VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, row_sum(1, ?1, ?2, ?6, ?3, ?4, ?5, ?7));

-- name: adopt_trace_property
-- The portal got its unique property after the load began.
UPDATE load SET trace_property = ?1,
    checksum = row_sum(one, source_name, source_digest, object_type, portal_id, ?1,
                       key_property, created_at)
WHERE one = 1 AND trace_property IS NULL;

-- name: has_lines
-- Whether any line of the source was ever taken.
SELECT EXISTS (SELECT 1 FROM batch WHERE lines > 0);

-- name: adopt_source
-- The source was empty so far: its first line names it.
UPDATE load SET source_name = ?1, source_digest = ?2,
    checksum = row_sum(one, ?1, ?2, object_type, portal_id, trace_property,
                       key_property, created_at)
WHERE one = 1;

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
INSERT INTO identity (id, line, content, checksum)
VALUES (?1, ?2, ?3, row_sum(?1, ?2, ?3)) ON CONFLICT (id) DO NOTHING;

-- name: claimant
-- The line that has an ID.
SELECT line, content FROM identity WHERE id = ?;

-- name: arm
-- Before a request: the batch, and the positions that are in doubt from now on.
INSERT INTO batch (start_offset, end_offset, first_line, end_line, lines, inputs,
                   digest, records, attempt, keyed, payload, doubted, doubts, open,
                   checksum)
VALUES (:start, :end, :first_line, :end_line, :lines, :inputs,
        :digest, :records, :attempt, :keyed, :payload, :doubted, :doubts, 1,
        row_sum(:start, :end, :first_line, :end_line, :lines, :inputs, 0, :doubts,
                :attempt, :keyed, 1, :digest, :payload, :records, :doubted, NULL))
ON CONFLICT (start_offset) DO UPDATE SET
    attempt = :attempt, keyed = :keyed, payload = :payload,
    doubted = :doubted, doubts = :doubts, open = 1,
    checksum = row_sum(start_offset, end_offset, first_line, end_line, lines, inputs,
                       created, :doubts, :attempt, :keyed, 1, digest, :payload, records,
                       :doubted, objects);

-- name: pass
-- A span without any record to send: settled as it is read.
INSERT INTO batch (start_offset, end_offset, first_line, end_line, lines, inputs,
                   digest, records, open, checksum)
VALUES (:start, :end, :first_line, :end_line, :lines, 0, :digest, :records, 0,
        row_sum(:start, :end, :first_line, :end_line, :lines, 0, 0, 0, 0, 0, 0,
                :digest, NULL, :records, NULL, NULL))
ON CONFLICT (start_offset) DO NOTHING;

-- name: insert_local
-- A line that is rejected before sending, repeats an earlier one, or is on the portal.
INSERT INTO exception (line, offset, trace_id, state, object_id, category, message,
                       duplicate_of, raw, checksum)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,
        row_sum(?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL, ?8, 0, ?9))
ON CONFLICT (line) DO NOTHING;

-- name: release_held
-- A held record is asked for again: the open batch speaks for it now.
DELETE FROM exception WHERE line = ? AND state = 'in_doubt';

-- name: next_held
-- The first held record behind a line.
SELECT line, offset, trace_id, message, raw FROM exception
WHERE state = 'in_doubt' AND line > ? ORDER BY line LIMIT 1;

-- name: count_held
-- How many records are held.
SELECT count(*) FROM exception WHERE state = 'in_doubt';

-- name: existing_objects
-- The objects of records that the portal had before, with their lines.
SELECT object_id, line FROM exception WHERE object_id IS NOT NULL;

-- name: read_objects
-- The object IDs that a batch has so far.
SELECT objects FROM batch WHERE start_offset = ?;

-- name: settle
-- What is known of a batch now.
UPDATE batch SET created = :created, objects = :objects, doubted = :doubted,
    doubts = :doubts, open = :open,
    checksum = row_sum(start_offset, end_offset, first_line, end_line, lines, inputs,
                       :created, :doubts, attempt, keyed, :open, digest, payload,
                       records, :doubted, :objects)
WHERE start_offset = :start;

-- name: insert_exception
-- The outcome of a record that is not simply created.
INSERT INTO exception (line, offset, trace_id, state, object_id, category, message,
                       correlation_id, keyed, raw, checksum)
VALUES (:line, :offset, :trace_id, :state, :object_id, :category, :message,
        :correlation_id, :keyed, :raw,
        row_sum(:line, :offset, :trace_id, :state, :object_id, :category, :message,
                :correlation_id, NULL, :keyed, :raw));

-- name: write_tally
-- What all runs have cost so far.
UPDATE tally SET requests = ?, throttled = ?, retried = ?, seconds = ? WHERE one = 1;

-- name: insert_tally
-- Nothing has cost anything yet.
INSERT INTO tally (one) VALUES (1);

-- name: sum_tally
-- After any change of the tally, in the same transaction.
UPDATE tally SET checksum = row_sum(
    one, requests, throttled, retried, seconds, finished);

-- name: write_finished
-- Whether the source has been read to its end with nothing open.
UPDATE tally SET finished = ? WHERE one = 1;

-- name: insert_mark
-- Name a new ledger.
INSERT INTO mark (one, ledger, generation, rebuilding, unkeyed, undone)
VALUES (1, ?, 0, ?, 0, 0);

-- name: advance_mark
-- The next generation.
UPDATE mark SET generation = generation + 1;

-- name: mark_unkeyed
-- From now on records may be on the portal that cannot be asked for.
UPDATE mark SET unkeyed = 1;

-- name: mark_rebuilt
-- Every record has been asked for.
UPDATE mark SET rebuilding = 0;

-- name: mark_undone
-- From now on the created records may be archived.
UPDATE mark SET undone = 1;

-- name: sum_mark
-- After any change of the mark, in the same transaction.
UPDATE mark SET checksum = row_sum(
    one, ledger, generation, rebuilding, unkeyed, undone);

-- name: read_mark
-- Which ledger this is, and how far it has come.
SELECT ledger, generation, rebuilding, unkeyed, undone FROM mark WHERE one = 1;

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

-- name: schema
-- What the ledger is made of.
SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name;

-- name: damaged_load
-- Rows of load that are not what was written.
SELECT 'load', one FROM load WHERE checksum IS NOT row_sum(
    one, source_name, source_digest, object_type, portal_id, trace_property,
    key_property, created_at);

-- name: damaged_batch
-- Rows of batch that are not what was written.
SELECT 'batch', start_offset FROM batch WHERE checksum IS NOT row_sum(
    start_offset, end_offset, first_line, end_line, lines, inputs, created, doubts,
    attempt, keyed, open, digest, payload, records, doubted, objects);

-- name: damaged_exception
-- Rows of exception that are not what was written.
SELECT 'exception', line FROM exception WHERE checksum IS NOT row_sum(
    line, offset, trace_id, state, object_id, category, message, correlation_id,
    duplicate_of, keyed, raw);

-- name: damaged_identity
-- Rows of identity that are not what was written.
SELECT 'identity', line FROM identity WHERE checksum IS NOT row_sum(id, line, content);

-- name: damaged_tally
-- Rows of tally that are not what was written.
SELECT 'tally', one FROM tally WHERE checksum IS NOT row_sum(
    one, requests, throttled, retried, seconds, finished);

-- name: damaged_mark
-- Rows of mark that are not what was written.
SELECT 'mark', one FROM mark WHERE checksum IS NOT row_sum(
    one, ledger, generation, rebuilding, unkeyed, undone);

-- name: sheaf
-- Batches from an offset on, with what was created of them.
SELECT start_offset, end_offset, first_line, end_line, lines, digest, records, objects,
       created
FROM batch WHERE start_offset >= ? ORDER BY start_offset;

-- name: created_before
-- How many records before an offset were created.
SELECT coalesce(sum(created), 0) FROM batch WHERE start_offset < ?;

-- name: read_verification
-- How far the created records were compared.
SELECT begun_at, ended_at, frontier, compared, requests FROM verification;

-- name: write_verification
-- Begin, or replace what is known.
INSERT OR REPLACE INTO verification
    (one, begun_at, ended_at, frontier, compared, requests, checksum)
VALUES (1, ?1, ?2, ?3, ?4, ?5, row_sum(1, ?1, ?2, ?3, ?4, ?5));

-- name: forget_findings
-- A verification begins anew.
DELETE FROM finding;

-- name: insert_finding
-- A record that is not as its line has it.
INSERT INTO finding (line, offset, trace_id, object_id, standing, details, checksum)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, row_sum(?1, ?2, ?3, ?4, ?5, ?6));

-- name: findings
-- All of them, in order of lines.
SELECT line, offset, trace_id, object_id, standing, details FROM finding ORDER BY line;

-- name: count_findings
-- Findings by what they say.
SELECT standing, count(*) FROM finding GROUP BY standing;

-- name: read_undo
-- What is archived, and how far that has come.
SELECT begun_at, ended_at, digest, calls, archived, frontier FROM undo;

-- name: end_verification
-- Forget how far a verification has come that has not ended.
DELETE FROM verification WHERE ended_at IS NULL;

-- name: write_undo
-- Begin, or replace what is known.
INSERT OR REPLACE INTO undo
    (one, begun_at, ended_at, digest, calls, archived, frontier, checksum)
VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, row_sum(1, ?1, ?2, ?3, ?4, ?5, ?6));

-- name: forget_spared
-- Nothing was confirmed: who is left alone is found out anew.
DELETE FROM spared;

-- name: insert_spared
-- A record that the undo leaves alone.
INSERT INTO spared (line, object_id, reason, checksum)
VALUES (?1, ?2, ?3, row_sum(?1, ?2, ?3)) ON CONFLICT (line) DO NOTHING;

-- name: spared
-- Those of a range of lines.
SELECT line, reason FROM spared WHERE line >= ? AND line < ? ORDER BY line;

-- name: refused_after
-- Calls behind a line that are not proved to be archived.
SELECT line, object_id FROM spared WHERE line > ? AND reason = ? ORDER BY line LIMIT ?;

-- name: forget_refused
-- A call that was refused before is archived now.
DELETE FROM spared WHERE line = ?;

-- name: count_spared
-- Spared records by reason.
SELECT reason, count(*) FROM spared GROUP BY reason;

-- name: damaged_verification
-- Rows of verification that are not what was written.
SELECT 'verification', one FROM verification WHERE checksum IS NOT row_sum(
    one, begun_at, ended_at, frontier, compared, requests);

-- name: damaged_finding
-- Rows of finding that are not what was written.
SELECT 'finding', line FROM finding WHERE checksum IS NOT row_sum(
    line, offset, trace_id, object_id, standing, details);

-- name: damaged_undo
-- Rows of undo that are not what was written.
SELECT 'undo', one FROM undo WHERE checksum IS NOT row_sum(
    one, begun_at, ended_at, digest, calls, archived, frontier);

-- name: damaged_spared
-- Rows of spared that are not what was written.
SELECT 'spared', line FROM spared WHERE checksum IS NOT row_sum(
    line, object_id, reason);

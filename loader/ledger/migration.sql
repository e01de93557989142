-- name: from_1_before
-- Version 1 makes way for the tables of version 2.
ALTER TABLE load RENAME TO load_1;
ALTER TABLE batch RENAME TO batch_1;
ALTER TABLE exception RENAME TO exception_1;
ALTER TABLE identity RENAME TO identity_1;
ALTER TABLE tally RENAME TO tally_1;
DROP INDEX batch_span;
DROP INDEX batch_line;
DROP INDEX exception_state;

-- name: from_1_after
-- The same rows with their checksums, and what the mark can still know.
INSERT INTO load SELECT one, source_name, source_digest, object_type, portal_id,
    trace_property, key_property, created_at,
    row_sum(one, source_name, source_digest, object_type, portal_id, trace_property,
            key_property, created_at)
FROM load_1;
INSERT INTO batch SELECT start_offset, end_offset, first_line, end_line, lines, inputs,
    created, doubts, attempt, keyed, open, digest, payload, records, doubted, objects,
    row_sum(start_offset, end_offset, first_line, end_line, lines, inputs, created,
            doubts, attempt, keyed, open, digest, payload, records, doubted, objects)
FROM batch_1;
INSERT INTO exception SELECT line, offset, trace_id, state, object_id, category,
    message, correlation_id, duplicate_of, keyed, raw,
    row_sum(line, offset, trace_id, state, object_id, category, message,
            correlation_id, duplicate_of, keyed, raw)
FROM exception_1;
INSERT INTO identity SELECT id, line, content, row_sum(id, line, content)
FROM identity_1;
UPDATE tally SET (requests, throttled, retried, seconds, finished) =
    (SELECT requests, throttled, retried, seconds, finished FROM tally_1);
UPDATE mark SET unkeyed = 1
WHERE EXISTS (SELECT 1 FROM batch WHERE attempt > 0 AND NOT keyed)
   OR EXISTS (SELECT 1 FROM load WHERE trace_property IS NULL);

DROP TABLE load_1;
DROP TABLE batch_1;
DROP TABLE exception_1;
DROP TABLE identity_1;
DROP TABLE tally_1;

-- name: from_2_before
-- The mark of version 2 makes way for one that knows of an undo.
ALTER TABLE mark RENAME TO mark_2;

-- name: from_2_after
-- The same mark, if it is what was written: version 2 could undo nothing.
INSERT INTO mark SELECT one, ledger, generation, rebuilding, unkeyed, 0, NULL
FROM mark_2 WHERE checksum IS row_sum(one, ledger, generation, rebuilding, unkeyed);
DROP TABLE mark_2;

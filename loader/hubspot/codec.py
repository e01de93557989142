"""Records to request bodies. Pure, and byte for byte the same for the same records."""

from collections.abc import Sequence

import orjson

from loader.model.record import CallRecord


def create_body(records: Sequence[CallRecord], trace_property: str | None) -> bytes:
    """Write the body of ``batch/create``.

    Each input is the record's own content with its ``objectWriteTraceId`` put in front
    and, where there is one, the trace property put last.
    """
    if trace_property is None:
        inputs = [
            b'{"objectWriteTraceId":%b,%b'
            % (orjson.dumps(each.trace_id), each.content[1:])
            for each in records
        ]
    else:
        # spliced into content that ends with its properties, never an empty set
        name = orjson.dumps(trace_property)
        inputs = [
            b'{"objectWriteTraceId":%b,%b,%b:%b}}'
            % (
                trace_id := orjson.dumps(each.trace_id),
                each.content[1:-2],
                name,
                trace_id,
            )
            for each in records
        ]
    return b'{"inputs":[%b]}' % b",".join(inputs)


def read_body(trace_ids: Sequence[str], trace_property: str) -> bytes:
    """Write the body of ``batch/read`` by the trace property."""
    return orjson.dumps(
        {
            "idProperty": trace_property,
            "inputs": [{"id": trace_id} for trace_id in trace_ids],
            "properties": [trace_property],
            "propertiesWithHistory": [],
        }
    )

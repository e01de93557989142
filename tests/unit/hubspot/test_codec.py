"""What is sent: byte for byte."""

import msgspec
import orjson

from loader.hubspot.codec import create_body, read_body
from tests.conftest import records


def test_an_input_is_the_records_own_content_with_its_id_in_front():
    """Hold mode: nothing is added to the properties."""
    one, two = records(2)

    expected = {
        "inputs": [
            {"objectWriteTraceId": each.trace_id, **orjson.loads(each.content)}
            for each in (one, two)
        ]
    }
    assert expected == orjson.loads(create_body([one, two], None))


def test_in_key_mode_the_trace_property_carries_the_id_as_well():
    """It stands last among the properties, and nothing else changes."""
    (one,) = records(1)
    content = orjson.loads(one.content)

    body = create_body([one], "loader_trace_id")

    (sent,) = orjson.loads(body)["inputs"]
    assert sent["objectWriteTraceId"] == one.trace_id
    assert sent["associations"] == content["associations"]
    assert sent["properties"] == content["properties"] | {
        "loader_trace_id": one.trace_id
    }
    assert body.endswith(f'"loader_trace_id":"{one.trace_id}"}}}}]}}'.encode())


def test_an_id_of_the_line_is_escaped():
    """A quote in an ID neither breaks the body nor smuggles a property in."""
    trace_id = 'a"},"x":{"\\'
    one = msgspec.structs.replace(records(1)[0], trace_id=trace_id)

    (sent,) = orjson.loads(create_body([one], "p"))["inputs"]

    assert set(sent) == {"objectWriteTraceId", "associations", "properties"}
    assert sent["objectWriteTraceId"] == sent["properties"]["p"] == trace_id


def test_the_same_records_give_the_same_bytes():
    """The payload's digest in the ledger means something."""
    assert create_body(records(3), "p") == create_body(records(3), "p")


def test_a_read_asks_by_the_trace_property_and_for_nothing_else():
    """No customer's data is asked for that is not needed."""
    assert orjson.loads(read_body(["a", "b"], "p")) == {
        "idProperty": "p",
        "inputs": [{"id": "a"}, {"id": "b"}],
        "properties": ["p"],
        "propertiesWithHistory": [],
    }

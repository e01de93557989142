"""What to do about lines that ``run`` would reject, by the codes of the source."""

REASONS = {
    "NOT_UTF8": "write the file as UTF-8",
    "NOT_JSON": "give one JSON object a line, as a JSON library writes it",
    "LONE_SURROGATE": "give whole characters: both halves of a pair, or UTF-8",
    "TOO_DEEP": "give HubSpot's create input, without other data inside",
    "NUMBER_OUT_OF_RANGE": "give numbers that a double holds, or texts",
    "NOT_AN_OBJECT": 'give an object: {"properties": {...}, "associations": [...]}',
    "NO_PROPERTIES": 'put the properties into an object called "properties"',
    "PROPERTY_TYPE": "give a text, number, boolean or null; several options of one "
    "property are a text with semicolons",
    "PROPERTY_TOO_LONG": "shorten it, or keep the rest in a note of its own",
    "NO_TIMESTAMP": "give hs_timestamp: when the call was, in milliseconds",
    "ASSOCIATION_SHAPE": 'write {"to": {"id": "1"}, "types": [{"associationCategory": '
    '"HUBSPOT_DEFINED", "associationTypeId": 194}]}',
    "ASSOCIATION_CATEGORY": "use HUBSPOT_DEFINED for HubSpot's own types",
    "TRACE_ID_FORMAT": "give an ID of printable ASCII, or none: one is made",
    "TRACE_PROPERTY_SET": "leave the trace property out: the loader sets it",
    "KEY_MISSING": "give every call its ID of the source system, or use another --key",
    "LINE_TOO_LONG": "split or shorten it, or raise --max-line-bytes",
    "DUPLICATE_ID": "give each call an ID of its own; if both lines are one call, "
    "remove one",
}

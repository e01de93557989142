"""What the fast portal says, and what it has counted."""

import time
from collections.abc import Iterable

import msgspec

TRACE_PROPERTY = "loader_trace_id"
_MOMENT = b"2026-01-01T00:00:00.000Z"
_HEAD = b'{"id":"%d","properties":{"hs_object_id":"%d","hs_createdate":"' + _MOMENT
_HEAD += b'","hs_lastmodifieddate":"' + _MOMENT + b'",'
_TAIL = b',"createdAt":"' + _MOMENT + b'","updatedAt":"' + _MOMENT
_TAIL += b'","archived":false,"objectWriteTraceId":"%b"}'
_ENVELOPE = (
    b'{"status":"COMPLETE","results":[',
    b'],"requestedAt":"%b","startedAt":"%b","completedAt":"%b"}' % ((_MOMENT,) * 3),
)
_ITEM = (
    b'{"index":{"_index":"calls","_id":"%d","_version":1,"result":"created",'
    b'"status":201}}'
)
ACCOUNT = (
    b'{"portalId":62515,"timeZone":"UTC","accountType":"STANDARD",'
    b'"currency":"EUR","uiDomain":"app.hubspot.com"}'
)
_PROPERTY = (
    b'{"name":"%b","label":"Call loader trace ID","type":"string","fieldType":"text",'
    b'"groupName":"call_loader","hasUniqueValue":true,"calculated":false,'
    b'"hubspotDefined":false,"modificationMetadata":{"archivable":true,'
    b'"readOnlyDefinition":false,"readOnlyValue":false}}'
) % TRACE_PROPERTY.encode()


class _Input(msgspec.Struct, gc=False):
    properties: msgspec.Raw
    objectWriteTraceId: str = ""  # noqa: N815 - HubSpot's name


class _Create(msgspec.Struct):
    inputs: list[_Input]


class _Id(msgspec.Struct, gc=False):
    id: str


class _Read(msgspec.Struct):
    inputs: list[_Id]


class Counts(msgspec.Struct):
    """What came in since the counts began; moments are of the system's clock."""

    creates: int = 0
    reads: int = 0
    records: int = 0
    #: records whose trace ID was there already
    repeated: int = 0
    #: when the first request to create or to read came in
    first_at: float = 0.0
    #: when the last of them had its answer
    last_at: float = 0.0
    #: what the portal has worked in between
    cpu_s: float = 0.0


_decode_create = msgspec.json.Decoder(_Create).decode
_decode_document = msgspec.json.Decoder(_Input).decode
_decode_read = msgspec.json.Decoder(_Read).decode


class Answers:
    """Creates and reads. What changes: the counts, and the calls it remembers."""

    def __init__(self, remembered: int) -> None:
        self.counts = Counts()
        #: from so many records on, calls are made and nobody is told
        self._limit: int | None = None
        #: what the portal had worked when the first request came in
        self._cpu_before = 0.0
        self._next = 10**11
        self._half = max(remembered, 1)
        #: trace ID to object ID: the younger calls, and those that are soon forgotten
        self._young: dict[str, int] = {}
        self._old: dict[str, int] = {}

    def begin(self) -> None:
        """Forget what was made, and count from here."""
        self.mark()
        self._young, self._old = {}, {}

    def mark(self, limit: int | None = None) -> None:
        """Count from here; fall silent at so many records."""
        self.counts = Counts()
        self._limit = limit

    @property
    def is_silent(self) -> bool:
        """Whether answers to creates are withheld."""
        return self._limit is not None and self.counts.records >= self._limit

    def create(self, body: memoryview) -> bytes:
        """Make every call, and echo it."""
        inputs = _decode_create(body).inputs
        first = self._next
        self._next += len(inputs)
        # what has no trace ID cannot be known again
        trace_ids = [
            each.objectWriteTraceId or f"untold-{number}"
            for number, each in enumerate(inputs, first)
        ]
        self._remember(trace_ids, first)
        pieces: list[bytes | memoryview] = []
        for number, each in enumerate(inputs, first):
            if number > first:
                pieces.append(b",")
            pieces += (
                _HEAD % (number, number),
                memoryview(each.properties)[1:],
                _TAIL % each.objectWriteTraceId.encode(),
            )
        self.counts.creates += 1
        self.counts.records += len(inputs)
        return _in_envelope(pieces)

    def bulk(self, body: memoryview) -> bytes:
        """Make the same of a body in Elasticsearch's form: an action, a document."""
        documents = bytes(body).split(b"\n")[1::2]
        first = self._next
        self._next += len(documents)
        for each in documents:
            _decode_document(each)
        self.counts.creates += 1
        self.counts.records += len(documents)
        items = b",".join(_ITEM % number for number in range(first, self._next))
        return b'{"took":1,"errors":false,"items":[%b]}' % items

    def read(self, body: memoryview, *, archived: bool) -> bytes:
        """Show the calls that are remembered; nothing here is ever archived."""
        self.counts.reads += 1
        wanted = [each.id for each in _decode_read(body).inputs]
        found = [] if archived else [(each, self._find(each)) for each in wanted]
        pieces: list[bytes | memoryview] = []
        for trace_id, number in found:
            if number is not None:
                name = trace_id.encode()
                pieces += (
                    b"," if pieces else b"",
                    _HEAD % (number, number),
                    b'"%b":"%b"}' % (TRACE_PROPERTY.encode(), name),
                    _TAIL % name,
                )
        return _in_envelope(pieces)

    def start(self) -> None:
        """Note when the first request came in."""
        if not self.counts.first_at:
            self.counts.first_at = time.monotonic()
            self._cpu_before = time.process_time()

    def end(self) -> None:
        """Note when the last answer was given."""
        self.counts.last_at = time.monotonic()
        self.counts.cpu_s = time.process_time() - self._cpu_before

    def _remember(self, trace_ids: list[str], first: int) -> None:
        if len(self._young) >= self._half:
            self._young, self._old = {}, self._young
        before = len(self._young)
        self._young.update(zip(trace_ids, range(first, self._next), strict=True))
        self.counts.repeated += len(trace_ids) - (len(self._young) - before)
        if self._old:
            self.counts.repeated += sum(each in self._old for each in trace_ids)

    def _find(self, trace_id: str) -> int | None:
        found = self._young.get(trace_id)
        return self._old.get(trace_id) if found is None else found


def _in_envelope(pieces: Iterable[bytes | memoryview]) -> bytes:
    return b"".join([_ENVELOPE[0], *pieces, _ENVELOPE[1]])


def properties() -> bytes:
    """List the properties of calls, as far as a loader must know them."""
    return b'{"results":[' + _PROPERTY + b"]}"


def one_property() -> bytes:
    """Describe the trace property."""
    return _PROPERTY

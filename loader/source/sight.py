"""Lines looked at, and not sent: the same decoder, without what only sending needs."""

from loader.model.record import SeenRecord

from .decode import Decoder, encode
from .shape import Content

#: half of a pair, which no line can hold: equal to nothing that a line says of its ID
_NO_ID = "\ud800"


class SeeingDecoder(Decoder):
    """Decodes and refuses as ``Decoder`` does, and gives records as they were read.

    Their content is encoded only where the ID may come twice, and no ID is derived:
    both would cost more than all that is looked at.
    """

    __slots__ = ()

    def _line_id(self, line: int, raw: bytes) -> str:
        del line, raw
        return _NO_ID

    def _made(
        self,
        line: int,
        offset: int,
        trace_id: str,
        sent: Content,
        raw: bytes,
        *,
        named: bool,
    ) -> SeenRecord:
        return SeenRecord(
            line,
            offset,
            trace_id if named else "",
            encode(sent) if named else b"",
            raw,
            named,
            properties=sent.properties,
            associations=sent.associations,
        )

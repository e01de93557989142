"""One sheaf of created records: read back, and compared with the lines that made them.

What is neither live nor archived is asked for once more before it is called missing:
an answer that leaves calls out says the same as one that has none.
"""

import asyncio
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from loader.errors import SourceChanged, SourceFailed
from loader.hubspot.comparison import (
    Content,
    differing_links,
    differing_properties,
    read_content,
)
from loader.hubspot.linked import Kind
from loader.hubspot.objects import CallElement
from loader.ledger.sheaf import Sheaf
from loader.model.proof import Difference, Finding, Made, Standing
from loader.pipeline.abreast import all_of
from loader.pipeline.stages import changed
from loader.source.again import Again

from .reading import Links, Reader, parts


@dataclass(slots=True)
class _Seen:
    """What the portal says of calls. What changes: it grows with each answer."""

    live: dict[str, CallElement] = field(default_factory=dict[str, CallElement])
    archived: set[str] = field(default_factory=set[str])
    mute: set[str] = field(default_factory=set[str])
    links: Links = field(
        default_factory=dict[str, Mapping[str, Mapping[str, frozenset[Kind]]]]
    )
    leads_to: Mapping[Kind, str] = field(default_factory=dict[Kind, str])

    def missing(self, object_ids: Sequence[str]) -> list[str]:
        """Return those that no answer has explained."""
        known = self.live.keys() | self.archived | self.mute
        return [each for each in object_ids if each not in known]


@dataclass(slots=True, kw_only=True)
class Comparer:
    """What a comparison needs. What changes: the position in the file."""

    reader: Reader
    again: Again
    #: types of properties by name
    types: Mapping[str, str]
    trace_property: str | None
    #: some records were sent before the portal had the trace property
    unkeyed: bool
    _file: threading.Lock = field(default_factory=threading.Lock)

    async def compare(self, sheaf: Sheaf) -> list[Finding]:
        """Return what differs, in order of lines.

        Raises:
            SourceChanged: the source is no longer what was loaded.
            Stopped: the portal will not answer, or somebody asked to stop.
        """
        contents = await asyncio.to_thread(self._contents, sheaf)
        seen = _Seen()
        await all_of(
            self._look(part, contents, seen)
            for part in parts(sheaf.made, self.reader.desk.batch)
        )
        kinds = {
            each: {kind for _, kind in contents[each].links()} for each in seen.live
        }
        seen.links, unsaid, seen.leads_to = await self.reader.links(
            {call: found for call, found in kinds.items() if found}
        )
        seen.mute |= unsaid
        found = (
            self._finding(made, contents[made.object_id], seen) for made in sheaf.made
        )
        return [each for each in found if each is not None]

    def _contents(self, sheaf: Sheaf) -> dict[str, Content]:
        """Read the lines again; each must give the record that was sent."""
        try:
            with self._file:
                for span in sheaf.spans:
                    if self.again.digest_of(span.span) != span.digest:
                        raise changed(span)
                return {made.object_id: self._content(made) for made in sheaf.made}
        except OSError as error:
            raise SourceFailed(
                f"the source cannot be read ({error.strerror}); run the same command "
                "again"
            ) from error

    def _content(self, made: Made) -> Content:
        record = self.again.record(made.line, made.offset)
        if record is None or record.trace_id != made.trace_id:
            raise SourceChanged(
                f"line {made.line} (offset {made.offset}) gives another record than "
                "the one that was sent; restore the source",
                offset=made.offset,
            )
        return read_content(record.content)

    async def _look(
        self, part: Sequence[Made], contents: Mapping[str, Content], seen: _Seen
    ) -> None:
        """Ask for calls: live, archived, and what is neither once more."""
        wanted = [each.object_id for each in part]
        names = {name for each in wanted for name in contents[each].properties}
        if self.trace_property is not None:
            names.add(self.trace_property)
        for archived in (False, True, False):
            missing = seen.missing(wanted)
            if not missing:
                return
            found, mute = await self.reader.calls(missing, names, archived=archived)
            seen.mute |= mute
            if archived:
                seen.archived |= found.keys()
            else:
                seen.live |= found

    def _finding(self, made: Made, content: Content, seen: _Seen) -> Finding | None:
        differences: tuple[Difference, ...] = ()
        if made.object_id in seen.mute:
            standing = Standing.UNANSWERED
        elif made.object_id in seen.archived:
            standing = Standing.ARCHIVED
        elif made.object_id not in seen.live:
            standing = Standing.MISSING
        else:
            standing = Standing.DIFFERENT
            differences = tuple(self._differences(made, content, seen))
            if not differences:
                return None
        return Finding(
            made.line, made.offset, made.trace_id, made.object_id, standing, differences
        )

    def _differences(
        self, made: Made, content: Content, seen: _Seen
    ) -> list[Difference]:
        found = seen.live[made.object_id].properties
        sent = dict(content.properties)
        if self.trace_property is not None and not (
            self.unkeyed and not found.get(self.trace_property)
        ):
            sent[self.trace_property] = made.trace_id
        links = seen.links.get(made.object_id, {})
        return [
            *differing_properties(sent, found, self.types),
            *differing_links(list(content.links()), links, seen.leads_to),
        ]

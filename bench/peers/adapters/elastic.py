"""elasticsearch-py's ``async_streaming_bulk``, to the portal's ``_bulk`` door.

Settings, and the page each follows:

* ``chunk_size=100``: what the portal takes at once.
* ``max_retries=3``: the helper's own reference, for documents refused with 429, with
  its default backoff of 2 s. The client below it repeats broken connections, 429, 502,
  503 and 504 three times by default ("Configuration", "Retrying requests").
* ``raise_on_error=False, raise_on_exception=False``: "Helpers"; failures are reported
  for each document and do not end the load.
* Without ``_id``, as in the examples, the store gives one. With ``id`` as a third
  argument each document has the source's own.
"""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from elasticsearch import AsyncElasticsearch
from elasticsearch.helpers import async_streaming_bulk

from .shared import BATCH, TOKEN, Report, arguments, key_of, read_records


def _actions(source: Path, *, own_id: bool) -> Iterator[dict[str, Any]]:
    for record in read_records(source):
        own = {"_id": key_of(record)} if own_id else {}
        yield {"_op_type": "index", "_index": "calls", "_source": record, **own}


async def main() -> None:
    """Index everything; a failure brings its document along, a success does not."""
    source, folder, url = arguments()
    report = Report(folder)
    failed: set[str] = set()
    succeeded = 0
    async with AsyncElasticsearch(url, bearer_auth=TOKEN) as client:
        async for ok, result in async_streaming_bulk(
            client,
            _actions(source, own_id="id" in sys.argv[3:]),
            chunk_size=BATCH,
            max_retries=3,
            raise_on_error=False,
            raise_on_exception=False,
        ):
            if ok:
                succeeded += 1
                continue
            (details,) = result.values()
            if "data" in details:
                failed.add(key_of(details["data"]))
    report.tell(failed, ok=False)
    rest = [key for each in read_records(source) if (key := key_of(each)) not in failed]
    if len(rest) == succeeded:
        report.tell(rest, ok=True)


if __name__ == "__main__":
    asyncio.run(main())

"""The official Python client, ``hubspot-api-client``, in eight threads.

Settings, and the page each follows:

* ``retry=Retry(…)``: "Retry middleware" of its README, which shows one for internal
  errors and one for the rate limit; this is both, with the larger total. urllib3
  applies such a list only to methods that it holds safe to repeat, which POST is not.
* With ``post`` as a third argument, the same with ``allowed_methods=None``: urllib3's
  documentation of ``Retry``, for a user who has noticed that.
* ``host``: where requests go, as a setting of its ``Configuration``.
* Threads: the client is synchronous. Each has its own, as generated clients advise.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import local
from typing import Any

from hubspot import HubSpot
from hubspot.crm.objects.calls import (
    ApiException,
    BatchInputSimplePublicObjectBatchInputForCreate,
    SimplePublicObjectBatchInputForCreate,
)
from urllib3.exceptions import HTTPError
from urllib3.util.retry import Retry

from .shared import (
    TOKEN,
    WORKERS,
    Record,
    Report,
    arguments,
    in_batches,
    key_of,
    read_records,
)


def main() -> None:
    """Create everything; note for each batch what came of it."""
    source, folder, url = arguments()
    methods = {"allowed_methods": None} if "post" in sys.argv[3:] else {}
    statuses = (429, 500, 502, 504)
    retry = Retry(total=5, backoff_factor=0.3, status_forcelist=statuses, **methods)
    of_thread = local()

    def create(batch: list[Record]) -> set[str]:
        if not hasattr(of_thread, "client"):
            of_thread.client = HubSpot(access_token=TOKEN, retry=retry, host=url)
        try:
            answer = _send(of_thread.client, batch)
        except (ApiException, HTTPError) as error:
            print(f"a batch failed: {error}", file=sys.stderr)  # noqa: T201 - its log
            return set()
        return {key_of({"properties": each.properties}) for each in answer.results}

    report = Report(folder)
    batches = list(in_batches(read_records(source)))
    with ThreadPoolExecutor(WORKERS) as pool:
        for batch, made in zip(batches, pool.map(create, batches), strict=True):
            keys = {key_of(each) for each in batch}
            report.tell(keys & made, ok=True)
            report.tell(keys - made, ok=False)


def _send(client: Any, batch: list[Record]) -> Any:  # noqa: ANN401 - the peer's own
    """Create one batch."""
    inputs = [SimplePublicObjectBatchInputForCreate(**each) for each in batch]
    body = BatchInputSimplePublicObjectBatchInputForCreate(inputs=inputs)
    return client.crm.objects.calls.batch_api.create(body)


if __name__ == "__main__":
    main()

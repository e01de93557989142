"""The official client as its documentation shows it, 8 threads; run by path.

``python official.py BASE_URL SOURCE LINES``. It knows nothing of this package: it runs
in an environment that has the client and nothing else. Records are ready-made Python
values before the clock starts; the CPU it prints is that of sending alone.
"""

import itertools
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hubspot import HubSpot
from hubspot.crm.objects.calls import (
    BatchInputSimplePublicObjectBatchInputForCreate,
)

THREADS = 8
BATCH = 100


def main() -> None:
    """Send so many lines of a source, and print the CPU seconds that it took."""
    base_url, source, lines = sys.argv[1:]
    with Path(source).open(encoding="utf-8") as file:
        records = [json.loads(line) for line in itertools.islice(file, int(lines))]
    for number, record in enumerate(records, 1):
        record["objectWriteTraceId"] = f"official-{number}"
    client = HubSpot(access_token="any", host=base_url)  # noqa: S106 - the portal takes any
    api = client.crm.objects.calls.batch_api

    def create(start: int) -> int:
        batch = BatchInputSimplePublicObjectBatchInputForCreate(
            inputs=records[start : start + BATCH]
        )
        return len(api.create(batch).results)

    began = time.process_time()
    with ThreadPoolExecutor(THREADS) as threads:
        created = sum(threads.map(create, range(0, len(records), BATCH)))
    cpu_s = time.process_time() - began
    print(json.dumps({"created": created, "cpu_s": cpu_s}))  # noqa: T201 - its result


if __name__ == "__main__":
    main()

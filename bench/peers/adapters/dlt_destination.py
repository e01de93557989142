"""dlt with a custom destination, as its page "Reverse ETL" shows it.

Settings, and the page each follows:

* ``@dlt.destination(batch_size=100)``: "Custom destination"; the function posts what it
  is given, and raises when that fails.
* ``dlt.sources.helpers.requests``: "Requests wrapper"; five attempts, with backoff and
  ``Retry-After``, for 429, 5xx and broken connections.
* Files of 1,000 records each, so that jobs run side by side: "Performance", where file
  rotation is what makes loading parallel. Loading has its default of 20 workers.
* After a crash the same script again: "Running in production" says that ``run`` first
  finishes what the last one left. Batches that are known as done are left out then.
* Nothing is sent to dlt's makers: "Telemetry".
"""

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["NORMALIZE__DATA_WRITER__FILE_MAX_ITEMS"] = "1000"

import dlt
from dlt.sources.helpers import requests

from .shared import BATCH, CREATE, TOKEN, Report, arguments, key_of, read_records


@dlt.destination(batch_size=BATCH, name="hubspot_calls")
def hubspot_calls(items: Any, table: Any) -> None:  # noqa: ANN401 - the peer's own
    """Create one batch."""
    del table
    fields = ("properties", "associations")
    requests.post(
        os.environ["PEER_URL"] + CREATE,
        json={"inputs": [{name: each[name] for name in fields} for each in items]},
        headers={"Authorization": f"Bearer {TOKEN}"},
    )


def main() -> None:
    """Run the pipeline; report the jobs that it has completed."""
    source, folder, _ = arguments()
    report = Report(folder)
    pipeline = dlt.pipeline(
        "calls", destination=hubspot_calls, pipelines_dir=str(folder / "pipelines")
    )
    try:
        pipeline.run(dlt.resource(read_records(source), name="calls"))
    finally:
        for load_id in pipeline.list_completed_load_packages():
            jobs = pipeline.get_load_package_info(load_id).jobs
            for state, ok in (("completed_jobs", True), ("failed_jobs", False)):
                for job in jobs[state]:
                    report.tell(_keys(Path(job.file_path)), ok=ok)


def _keys(job: Path) -> Iterator[str]:
    """Give the keys of the records in a job's file; dlt's own tables have none."""
    opened = gzip.open if job.suffix == ".gz" else open
    with opened(job, "rt", encoding="utf-8") as file:
        for line in file:
            record = json.loads(line)
            for each in record if isinstance(record, list) else [record]:
                if "properties" in each:
                    yield key_of(each)


if __name__ == "__main__":
    main()

"""A target made with singer-sdk, fed by a small tap, as ``tap | target >> state``.

Settings, and the page each follows:

* ``BatchSink`` with ``max_size = 100`` and ``process_batch``: "Target SDK", and the
  template's sink. The template leaves sending to its author.
* Retries as the SDK's own REST part has them (``RESTStream.request_decorator``): the
  same exceptions, five tries, exponential waits; ``RetriableAPIError`` for 429 and 5xx.
* State as the Singer specification says: the tap names its position every 1,000
  records, the target repeats what it has loaded, and the next run begins there.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, ClassVar

import backoff
import requests
from singer_sdk import BatchSink, Target
from singer_sdk import typing as th
from singer_sdk.exceptions import FatalAPIError, RetriableAPIError

from .shared import BATCH, CREATE, TOKEN, Report, arguments, key_of, read_records


class CallsSink(BatchSink):
    """Creates calls."""

    max_size = BATCH

    def process_batch(self, context: dict[str, Any]) -> None:
        """Create one batch."""
        fields = ("properties", "associations")
        inputs = [{name: each[name] for name in fields} for each in context["records"]]
        self._post({"inputs": inputs})

    @backoff.on_exception(
        backoff.expo,
        (
            ConnectionResetError,
            RetriableAPIError,
            requests.exceptions.Timeout,
            requests.exceptions.ConnectionError,
            requests.exceptions.ChunkedEncodingError,
            requests.exceptions.ContentDecodingError,
        ),
        max_tries=5,
        factor=2,
    )
    def _post(self, body: dict[str, Any]) -> None:
        response = self._session.post(
            self.config["url"] + CREATE,
            json=body,
            headers={"Authorization": f"Bearer {TOKEN}"},
            timeout=300,
        )
        status = response.status_code
        message = f"{status} {response.reason}: {response.text}"
        if status == requests.codes.too_many_requests or status >= 500:  # noqa: PLR2004
            raise RetriableAPIError(message, response)
        if status >= 400:  # noqa: PLR2004
            raise FatalAPIError(message)

    _session = requests.Session()


class TargetCalls(Target):
    """The target."""

    name = "target-hubspot-calls"
    default_sink_class = CallsSink
    config_jsonschema: ClassVar[dict[str, Any]] = th.PropertiesList(
        th.Property("url", th.StringType, required=True)
    ).to_dict()


def tap(source: Path, position: int) -> None:
    """Write the source as Singer messages, from a position on."""
    types = {"properties": {"type": "object"}, "associations": {"type": "array"}}
    schema = {"type": "object", "properties": types}
    head = {"type": "SCHEMA", "stream": "calls", "schema": schema, "key_properties": []}
    _say(head)
    line = 0
    for line, record in enumerate(read_records(source), start=1):
        if line > position:
            _say({"type": "RECORD", "stream": "calls", "record": record})
            if line % 1_000 == 0:
                _say({"type": "STATE", "value": {"position": line}})
    _say({"type": "STATE", "value": {"position": line}})


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")


def _last_position(states: Path) -> int:
    rows = states.read_text().splitlines() if states.exists() else []
    position: int = json.loads(rows[-1])["position"] if rows else 0
    return position


def main() -> None:
    """Run tap and target, connected; report what the last state vouches for."""
    source, folder, url = arguments()
    report, states = Report(folder), folder / "state.ndjson"
    (folder / "config.json").write_text(json.dumps({"url": url}))
    this = [sys.executable, "-m", __spec__.name, str(source)]
    with states.open("a") as out:
        tapping = subprocess.Popen(
            [*this, "tap", str(_last_position(states))], stdout=subprocess.PIPE
        )
        loading = subprocess.run(
            [*this, "target", "--config", str(folder / "config.json")],
            stdin=tapping.stdout,
            stdout=out,
            check=False,
        )
    tapping.wait()
    position = _last_position(states)
    records = enumerate(read_records(source), start=1)
    report.tell((key_of(each) for at, each in records if at <= position), ok=True)
    sys.exit(loading.returncode)


if __name__ == "__main__":
    match sys.argv[2]:
        case "tap":
            tap(Path(sys.argv[1]), int(sys.argv[3]))
        case "target":
            TargetCalls.cli(sys.argv[3:])
        case _:
            main()

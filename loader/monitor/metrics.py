"""A running load as Prometheus sees it.

Counters of records and requests are those of the load, over all its runs; answers,
errors and times are of this process. What may fall, such as records in doubt, is a
gauge.
"""

from collections.abc import Iterator

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from loader.model.live import Live
from loader.model.meter import BUCKETS_S, Meter

from .server import application

_PREFIX = "call_loader"
#: name, field of ``Live``, what it says
_COUNTERS = (
    ("requests", "requests", "Requests of all kinds sent to the portal."),
    ("throttled", "throttled", "Answers 429."),
    ("records_retried", "retried", "Records sent again, or asked for, after a doubt."),
)
_GAUGES = (
    ("records_in_doubt", "in_doubt", "Records whose outcome nothing proves yet."),
    ("records_unread", "unread", "Records without any outcome yet, estimated."),
    ("requests_in_flight", "in_flight", "Requests that have no answer yet."),
    ("rate_limit_requests", "rate_limit", "Requests allowed in the rolling window."),
    ("rate_limit_window_seconds", "rate_interval_s", "Length of the rolling window."),
    ("rate_limit_used_ratio", "rate_use", "Share of the rolling window in use."),
    ("daily_requests", "daily_used", "Requests of the portal's day so far."),
    ("daily_requests_allowed", "daily_most", "Requests after which the load waits."),
    ("frontier_bytes", "frontier", "Everything before this offset is settled."),
    ("read_bytes", "read_to", "How far the source was read."),
    ("source_bytes", "size", "Size of the source."),
    ("time_left_seconds", "seconds_left", "Forecast of the time left."),
)


class LoadCollector(Collector):
    """Gives the metrics of the latest counts. What changes: these counts."""

    def __init__(self, meter: Meter, version: str) -> None:
        self._meter = meter
        self._version = version
        self.live: Live | None = None

    def collect(self) -> Iterator[Metric]:
        """Give each metric that has a value now."""
        live = self.live
        if live is None:
            return
        yield _info(live, self._version)
        yield _records(live)
        for name, field, text in _COUNTERS:
            yield CounterMetricFamily(
                f"{_PREFIX}_{name}", text, value=getattr(live, field)
            )
        for name, field, text in _GAUGES:
            value = getattr(live, field)
            if value is not None:
                yield GaugeMetricFamily(f"{_PREFIX}_{name}", text, value=value)
        yield GaugeMetricFamily(
            f"{_PREFIX}_paused", "1 while nothing is sent.", value=bool(live.paused)
        )
        yield from self._of_requests()

    def _of_requests(self) -> Iterator[Metric]:
        meter = self._meter
        answers = CounterMetricFamily(
            f"{_PREFIX}_answers",
            "Answers by what was asked and what they mean.",
            labels=["request", "meaning"],
        )
        for labels, count in meter.answers.items():
            answers.add_metric(list(labels), count)
        yield answers
        errors = CounterMetricFamily(
            f"{_PREFIX}_errors",
            "Failed requests by reason, rejected records by category.",
            labels=["kind"],
        )
        for kind, count in meter.errors.items():
            errors.add_metric([kind], count)
        yield errors
        yield _durations(meter)


def _info(live: Live, version: str) -> Metric:
    return InfoMetricFamily(
        _PREFIX,
        "The load.",
        value={
            "version": version,
            "promise": live.promise,
            "portal_id": live.portal_id or "",
        },
    )


def _records(live: Live) -> Metric:
    records = CounterMetricFamily(
        f"{_PREFIX}_records",
        "Records by what became of them.",
        labels=["outcome"],
    )
    for outcome in ("created", "existing", "rejected"):
        records.add_metric([outcome], getattr(live, outcome))
    return records


def _durations(meter: Meter) -> Metric:
    total = 0
    buckets: list[tuple[str, float]] = []
    ends = [*map(str, BUCKETS_S), "+Inf"]
    for end, count in zip(ends, meter.buckets, strict=True):
        total += count
        buckets.append((end, total))
    return HistogramMetricFamily(
        f"{_PREFIX}_request_duration_seconds",
        "Time from sending a request to the end of its answer.",
        buckets=buckets,
        sum_value=meter.seconds,
    )


class Metrics:
    """Serves the metrics of one run. What changes: the latest counts."""

    def __init__(self, meter: Meter, version: str) -> None:
        self._collector = LoadCollector(meter, version)
        self._registry = CollectorRegistry()
        self._registry.register(self._collector)
        ProcessCollector(registry=self._registry)

    def show(self, live: Live) -> None:
        """Take the latest counts."""
        self._collector.live = live

    def application(self) -> web.Application:
        """Return what is to be served."""
        return application(web.get("/metrics", self._scraped))

    async def _scraped(self, _: web.Request) -> web.Response:
        return web.Response(
            body=generate_latest(self._registry),
            headers={"Content-Type": CONTENT_TYPE_LATEST},
        )

"""What the portal is like in each case, as a scenario of the sandbox."""

from collections.abc import Sequence
from dataclasses import dataclass

TIERS = (100, 110, 190, 250)
ANSWERS_MS = (50, 500, 2000)
#: HubSpot's window, to which the tiers belong
WINDOW_S = 10.0
#: answers take so much longer or shorter than on average
_JITTER = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One portal. Times belong to a true window: a shorter one shortens them, too."""

    name: str
    limit: int
    answer_ms: int = 500
    #: answer time and limit from the middle of the run on
    then_ms: int | None = None
    then_limit: int | None = None
    headers: bool = True
    #: what somebody else uses of the limit
    neighbour: float = 0.0
    #: part of the allowance that must be used, and that may be refused of the requests
    least_use: float = 0.9
    most_throttled: float = 0.01

    def scenario(self, interval_s: float, middle_s: float) -> str:
        """Write it as TOML; ``middle_s`` counts from the portal's start."""
        lines = [
            'installed = ["loader_trace_id"]',
            f"rate_headers = {str(self.headers).lower()}",
            "[quota]",
            f"limit = {self.limit}",
            f"interval_ms = {round(interval_s * 1000)}",
        ]
        if self.neighbour:
            lines.append(f"neighbour = {{ share = {self.neighbour} }}")
        if self.then_limit is not None:
            lines += ["[[quota.change]]", f"at_s = {middle_s}"]
            lines.append(f"limit = {self.then_limit}")
        scale = interval_s / WINDOW_S
        if self.then_ms is None:
            lines += _latency(scale * self.answer_ms)
        else:
            lines += _latency(scale * self.answer_ms, f"until_s = {middle_s}")
            lines += _latency(scale * self.then_ms, f"after_s = {middle_s}")
        return "\n".join(lines) + "\n"

    def rate(self, interval_s: float) -> str:
        """Return ``--rate``: what cannot be learnt is configured."""
        if self.headers:
            return "auto"
        return f"{self.limit}/{interval_s:g}s"


def _latency(mean_ms: float, *when: str) -> list[str]:
    return [
        "[[fault]]",
        'kind = "latency"',
        'endpoint = "any"',
        f"mean_ms = {mean_ms}",
        f"jitter = {_JITTER}",
        *when,
    ]


def _tiers() -> list[Case]:
    return [
        Case(
            name=f"{limit}, {answer_ms} ms",
            limit=limit,
            answer_ms=answer_ms,
            least_use=0.98,
            most_throttled=0.001,
        )
        for limit in TIERS
        for answer_ms in ANSWERS_MS
    ]


CASES: Sequence[Case] = (
    *_tiers(),
    Case(
        name="no headers", limit=190, headers=False, least_use=0.98,
        most_throttled=0.001,
    ),
    Case(name="neighbour uses half", limit=190, neighbour=0.5),
    Case(name="answers 3 x as slow", limit=250, then_ms=1500),
    Case(name="limit falls", limit=250, then_limit=100),
    Case(name="limit rises", limit=100, then_limit=250),
)  # fmt: skip

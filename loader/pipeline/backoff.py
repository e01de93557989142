"""How long to wait after a failure: full jitter under a growing ceiling.

``uniform(0, min(cap, base * 2**n))`` after the n-th failure in a row, as in
"Exponential Backoff And Jitter" (AWS Architecture Blog, 2015), which found full jitter
to need the fewest requests among competing clients.
"""

import random

BASE_S = 0.25
CAP_S = 15.0


def full_jitter(failures: int, chance: random.Random) -> float:
    """Return seconds to wait after so many failures in a row; 0 after none."""
    if failures <= 0:
        return 0.0
    return chance.uniform(0.0, min(CAP_S, BASE_S * 2.0 ** min(failures, 16)))

"""Chance, in one word."""

import random


def happens(rng: random.Random, share: float) -> bool:
    """Say whether something happens that does so in a share of all cases."""
    return rng.random() < share

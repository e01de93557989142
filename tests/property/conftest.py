"""Hypothesis asserts nothing about time: a busy machine proves no slow code."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

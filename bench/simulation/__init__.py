"""The real pipeline, ledger and verdicts in a world that is drawn from a seed."""

from .report import Report
from .run import simulate

__all__ = ["Report", "simulate"]

"""The switchboard: every mistake by its name, in the order of the data's way."""

from types import ModuleType

from . import (
    correcting,
    doubting,
    identifying,
    judging,
    keeping,
    proving,
    resolving,
    resuming,
    sending,
    telling,
    undoing,
    verifying,
)
from .switch import Mutant

_ROOMS: tuple[ModuleType, ...] = (
    identifying,
    sending,
    judging,
    proving,
    doubting,
    resuming,
    keeping,
    telling,
    resolving,
    correcting,
    verifying,
    undoing,
)

BOARD: dict[str, Mutant] = {
    each.name: each
    for room in _ROOMS
    for each in vars(room).values()
    if isinstance(each, Mutant)
}

"""What a mistake is, how it gets into the product, and out again."""

import contextlib
import inspect
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

#: a part of the product, called as it is
Way = Callable[..., Any]
#: says what it found, or None when all is well
Check = Callable[[], str | None]

#: whoever has taken a function by name has it replaced, too
_TAKERS = ("loader.", "bench.simulation")


@dataclass(frozen=True, slots=True)
class Swap:
    """A part of the product, and the wrong one that takes its place."""

    #: the class or module that has it
    owner: object
    name: str
    wrong: object


Swaps = Sequence[Swap]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mistake. ``with mutant.on():`` the product makes it."""

    name: str
    #: the rule of the protocol that it breaks
    breaks: str
    #: the mistake in a sentence
    says: str
    make: Callable[[], Swaps]
    #: who kills it, where no simulated run comes by; None for the simulation
    check: Check | None = None

    @property
    def killed_by(self) -> str:
        """Return who kills it."""
        if self.check is None:
            return "simulation"
        return f"check: {getattr(self.check, '__name__', 'check')}"

    @contextlib.contextmanager
    def on(self) -> Iterator[None]:
        """Make the product wrong, and right again."""
        with contextlib.ExitStack() as stack:
            for swap in self.make():
                stack.enter_context(_swapped(swap))
            yield


def mistake(
    breaks: str, *, check: Check | None = None
) -> Callable[[Callable[[], Swaps]], Mutant]:
    """Make a mutant of a function that gives its swaps; its docstring is the mistake.

    The function is called each time the mistake is switched on, so that what a mistake
    remembers is forgotten with it.
    """

    def named(make: Callable[[], Swaps]) -> Mutant:
        return Mutant(
            name=make.__name__.replace("_", "-"),
            breaks=breaks,
            says=inspect.cleandoc(make.__doc__ or "").partition("\n\n")[0],
            make=make,
            check=check,
        )

    return named


@contextlib.contextmanager
def _swapped(swap: Swap) -> Iterator[None]:
    right = vars(swap.owner)[swap.name]
    owners = list(_owners(swap, right))
    for owner, name in owners:
        setattr(owner, name, swap.wrong)
    try:
        yield
    finally:
        for owner, name in owners:
            setattr(owner, name, right)


def _owners(swap: Swap, right: object) -> Iterator[tuple[object, str]]:
    """Give where a part is found: a class has it, modules take it by name."""
    yield swap.owner, swap.name
    if not inspect.ismodule(swap.owner) or not callable(right):
        return
    for name, module in list(sys.modules.items()):
        if module is swap.owner or not name.startswith(_TAKERS):
            continue
        for alias, value in list(vars(module).items()):
            if value is right:
                yield module, alias

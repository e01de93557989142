"""The name that was probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches

#: how alike a name must be to be suggested, from 0 to 1
_ALIKE = 0.7
#: a longer one is no slip of the finger, and would take long to compare
_LONGEST = 100
#: names that are compared: each costs a millisecond or so, and a source may have any
#: number of them
MOST_NAMES = 300


class Nearest:
    """Suggests, for a name that is unknown, a known one.

    Upper case, spaces and hyphens do not count as differences. What changes: the names
    that were compared; further ones get no suggestion.

    >>> Nearest(["hs_call_title", "hs_call_body"]).to("hs_call_titel")
    'hs_call_title'
    """

    def __init__(self, known: Iterable[str]) -> None:
        self._known = {_plain(each): each for each in known}
        self._found: dict[str, str | None] = {}

    def to(self, name: str) -> str | None:
        """Return the known name most like this one; None when none is like it."""
        plain = _plain(name[: _LONGEST + 1])
        exact = self._known.get(plain)
        if exact is not None or len(name) > _LONGEST:
            return exact
        if plain not in self._found and len(self._found) < MOST_NAMES:
            alike = get_close_matches(plain, self._known, 1, _ALIKE)
            self._found[plain] = self._known[alike[0]] if alike else None
        return self._found.get(plain)


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")

"""The name that was probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches

#: how alike a name must be to be suggested, from 0 to 1
_ALIKE = 0.7
#: a longer one is no slip of the finger, and would take long to compare
_LONGEST = 100


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name most like this one; None when none is like it.

    Upper case, spaces and hyphens do not count as differences.

    >>> nearest("hs_call_titel", ["hs_call_title", "hs_call_body"])
    'hs_call_title'
    """
    if len(name) > _LONGEST:
        return None
    plain = {_plain(each): each for each in known}
    found = get_close_matches(_plain(name), plain, 1, _ALIKE)
    return plain[found[0]] if found else None


def _plain(name: str) -> str:
    return name.strip().lower().replace(" ", "_").replace("-", "_")

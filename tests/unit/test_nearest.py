"""The name that was probably meant."""

import pytest

from loader.model.nearest import MOST_NAMES, Nearest

KNOWN = ("hs_call_title", "hs_call_body", "NO_ANSWER", "Left voicemail")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("hs_call_titel", "hs_call_title"),
        ("HS-Call Title ", "hs_call_title"),
        ("no answer", "NO_ANSWER"),
        ("left voice mail", "Left voicemail"),
        ("colour", None),
        ("", None),
        ("hs_call_title" * 20, None),
    ],
)
def test_a_slip_leads_to_the_known_name(name: str, meant: str | None):
    """In case, blanks, or a few letters; and to nothing where nothing is near."""
    assert Nearest(KNOWN).to(name) == meant


def test_only_so_many_names_are_compared():
    """A million unknown names must not cost a million comparisons."""
    nearest = Nearest(KNOWN)
    for number in range(MOST_NAMES):
        nearest.to(f"unlike {number}")

    assert nearest.to("hs_call_titel") is None
    assert nearest.to("HS_CALL_TITLE") == "hs_call_title"

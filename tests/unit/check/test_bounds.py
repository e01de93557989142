"""However odd a source is, ``check`` keeps little of it."""

from loader.check.examiner import Judges
from loader.check.values import Kept


def test_long_values_and_names_are_judged_each_time():
    """A source may have any number of them, of any length."""
    values = Kept(lambda _: None)
    names = Judges({}, lambda _: None)
    for text in ("short", "x" * 60_000):
        assert values[text] is None
        assert names[text] is None

    assert set(values) == {"", "short"}
    assert set(names) == {"short"}

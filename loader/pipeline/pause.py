"""Asking a run to pause and to go on: a signal, the dashboard, a caller."""


class Pause:
    """The wish to pause. What changes: ``is_set``, as often as somebody likes.

    A paused load sends nothing: what is in flight is finished and settled, everything
    else waits at the barrier, and a stop still ends the run.
    """

    def __init__(self) -> None:
        self.is_set = False

    def begin(self) -> None:
        """Let no further request out."""
        self.is_set = True

    def end(self) -> None:
        """Go on."""
        self.is_set = False

"""What the door knows of one ID, by what was really sent and answered."""

from dataclasses import dataclass


@dataclass(slots=True)
class Account:
    """What is known of one ID. Numbers count the door's events.

    What changes: all of it, as requests leave and answers come.
    """

    #: when the last doubt began
    doubt: int | None = None
    #: it was in doubt while it could not be asked for
    unkeyed: bool = False
    #: a complete answer named it: created, refused for good, or found
    proved: bool = False
    #: some sound answer named it, ever
    named: bool = False
    #: when the last reads began that did not find it: of live, of archived calls
    live: int = 0
    archived: int = 0

    def renew(self) -> None:
        """It was refused for good, and a person has made it another."""
        self.doubt, self.unkeyed, self.proved = None, False, False

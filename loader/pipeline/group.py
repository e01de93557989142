"""Records of a batch that share a fate, and the steps a delivery can take."""

from dataclasses import dataclass, replace
from enum import Enum

from loader.model.verdict import Refusal

#: doubts in a row after which a group of several is halved, to find who causes them
STRIKES = 3
#: doubts of a record alone after which it is given up as in doubt, if others fare well
LAST_STRIKE = 8
#: refusals that a record alone must meet before it is rejected: a refusal that names
#: nobody may be the portal's own trouble, all the more when it is no validation error
FINAL_REFUSALS = 2
REFUSALS = 3


class Policy(Enum):
    """What a record in doubt leads to."""

    ASK = "ask"
    HOLD = "hold"
    RESEND = "resend"


@dataclass(frozen=True, slots=True)
class Send:
    """Send these positions in one request."""

    positions: tuple[int, ...]
    #: some of them were in doubt before
    again: bool


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask the portal which of these positions it has."""

    positions: tuple[int, ...]


Step = Send | Ask


@dataclass(frozen=True, slots=True)
class Group:
    """Positions with a common fate."""

    positions: tuple[int, ...]
    #: may be on the portal: ask before anything else
    doubted: bool = False
    #: the whole group was refused, and has not been asked about since
    refusal: Refusal | None = None
    #: how often the group was refused alone
    refusals: int = 0
    #: it was refused alone because a unique value is taken
    taken: bool = False
    #: an error named each of them: a unique value is taken
    clashed: bool = False
    #: how often in a row it fell in doubt
    strikes: int = 0
    #: how often of these it was a single record
    lone_strikes: int = 0
    #: creates that the portal had accepted at the first strike
    accepted: int = 0
    #: what the last doubt was
    reason: str = ""

    @property
    def is_alone(self) -> bool:
        """It is a single record."""
        return len(self.positions) == 1

    def halves(self) -> "list[Group]":
        """Return it in two parts; a single record stays one."""
        middle = (len(self.positions) + 1) // 2
        parts = self.positions[:middle], self.positions[middle:]
        return [replace(self, positions=part) for part in parts if part]

    def after_strike(
        self, positions: tuple[int, ...], reason: str, accepted: int
    ) -> "Group":
        """Return those of it that fell in doubt once more."""
        return replace(
            self,
            positions=positions,
            refusal=None,
            strikes=self.strikes + 1,
            lone_strikes=self.lone_strikes + (len(positions) == 1),
            accepted=self.accepted if self.strikes else accepted,
            reason=reason,
        )

    def after_refusal(self, refusal: Refusal) -> "Group":
        """Return it as refused as a whole once more."""
        return replace(
            self,
            refusal=refusal,
            refusals=self.refusals + self.is_alone,
            taken=self.taken or (self.is_alone and refusal.clash),
            reason=f"{refusal.category}: {refusal.message}",
        )

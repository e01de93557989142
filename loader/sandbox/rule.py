"""What administrators demand of a property's values: validation rules."""

from typing import Literal

import msgspec


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rule. ``ALPHANUMERIC`` stands for digits only, the others for a bound."""

    property: str
    type: Literal[
        "MIN_LENGTH", "MAX_LENGTH", "MIN_NUMBER", "MAX_NUMBER", "ALPHANUMERIC"
    ]
    arguments: tuple[str, ...]

    def allows(self, value: str) -> bool:
        """Tell whether a value obeys."""
        match self.type:
            case "MIN_LENGTH":
                return len(value) >= int(self.arguments[0])
            case "MAX_LENGTH":
                return len(value) <= int(self.arguments[0])
            case "MIN_NUMBER":
                return float(value) >= float(self.arguments[0])
            case "MAX_NUMBER":
                return float(value) <= float(self.arguments[0])
            case "ALPHANUMERIC":
                return value.isdecimal()

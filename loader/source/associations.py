"""The associations of a line, checked one by one.

As strict as the typed decoder of the fast way, but with a message for people.
"""

from typing import TypeGuard

from . import shape
from .reasons import Json, Unfit, kind, shown
from .shape import Association, AssociationType, Target


def associations_of(value: Json) -> list[Association] | None:
    """Return the associations of a line, None when it has none.

    Raises:
        Unfit: one is not of HubSpot's form; names the first, and the place.
    """
    if value is None:
        return None
    each_of = _items(value, "associations", shape.MAX_ASSOCIATIONS)
    return [_association(each, where) for each, where in each_of]


def _association(value: Json, where: str) -> Association:
    fields = _fields(value, where, ("to", "types"))
    to = _fields(fields.get("to"), f"{where}.to", ("id",))
    types = _items(fields.get("types"), f"{where}.types", shape.MAX_ASSOCIATION_TYPES)
    if not types:
        raise _misshapen(f"{where}.types", "is empty; it needs at least one type")
    target = Target(_target_id(to.get("id"), f"{where}.to.id"))
    return Association(target, [_type(each, place) for each, place in types])


def _target_id(value: Json, where: str) -> str | int:
    if isinstance(value, str) and 0 < len(value) <= shape.MAX_TARGET_CHARACTERS:
        return value
    if _is_whole(value) and 0 <= value <= shape.MAX_TARGET_NUMBER:
        return value
    raise _misshapen(where, f"is {_found(value)}; it must be the ID of a record")


def _type(value: Json, where: str) -> AssociationType:
    fields = _fields(value, where, ("associationCategory", "associationTypeId"))
    given = fields.get("associationCategory")
    category = shape.CATEGORIES.get(given) if isinstance(given, str) else None
    if category is None:
        raise Unfit(
            "ASSOCIATION_CATEGORY",
            f"{where}.associationCategory must be one of {', '.join(shape.CATEGORIES)}",
        )
    type_id = fields.get("associationTypeId")
    if not _is_whole(type_id) or not 0 <= type_id <= shape.MAX_TYPE_ID:
        raise _misshapen(
            f"{where}.associationTypeId",
            f"is {_found(type_id)}; it must be a whole number such as 194",
        )
    return AssociationType(category, type_id)


def _fields(value: Json, where: str, known: tuple[str, ...]) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise _misshapen(where, f"is {_found(value)}; it must be an object")
    for name in value:
        if name not in known:
            raise _misshapen(f"{where}.{shown(name)}", "is no field of HubSpot's")
    return value


def _items(value: Json, where: str, at_most: int) -> list[tuple[Json, str]]:
    """Return the items of a list, each with the place where it stands."""
    if not isinstance(value, list):
        raise _misshapen(where, f"is {_found(value)}; it must be an array")
    if len(value) > at_most:
        raise _misshapen(where, f"has {len(value):,} items; at most {at_most:,} go")
    return [(each, f"{where}[{position}]") for position, each in enumerate(value)]


def _misshapen(where: str, what: str) -> Unfit:
    return Unfit("ASSOCIATION_SHAPE", f"{where} {what}")


def _is_whole(value: Json) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _found(value: Json) -> str:
    """Say what stands where something else should."""
    match value:
        case None:
            return "missing"
        case str():
            return f"a string of {len(value):,} characters"
        case _:
            return kind(value)

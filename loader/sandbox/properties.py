"""The counter for properties of calls and their groups."""

import re

import msgspec

from .premises import Premises
from .refusals import Refusal, invalid, read_body, refuse
from .schema import DEFAULT_GROUP, FieldType, Modification, Option, Property
from .schema import PropertyType as Type
from .store import Group
from .wire import Answer, Request, as_json

MOST_UNIQUE = 10
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class _NewProperty(msgspec.Struct, frozen=True, rename="camel"):
    """The body that asks for a property."""

    name: str
    label: str
    type: Type
    field_type: FieldType
    group_name: str
    description: str = ""
    options: tuple[Option, ...] = ()
    has_unique_value: bool = False
    hidden: bool = False
    form_field: bool = False
    display_order: int = -1

    def define(self) -> Property:
        """Return the definition that the portal keeps."""
        metadata = Modification(read_only_definition=False, archivable=True)
        return Property(
            **msgspec.structs.asdict(self),
            hubspot_defined=False,
            modification_metadata=metadata,
        )


class _NewGroup(msgspec.Struct, frozen=True, rename="camel"):
    """The body that asks for a group."""

    name: str
    label: str
    display_order: int = -1


_new_property = msgspec.json.Decoder(_NewProperty)
_new_group = msgspec.json.Decoder(_NewGroup)


class Properties:
    """Shows and adds definitions; what changes is in the store and the schema."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    def list_all(self, request: Request) -> Answer:
        """Show every definition; none is ever archived."""
        archived = request.query.get("archived") == "true"
        return as_json(
            200, {"results": [] if archived else list(self._premises.schema)}
        )

    def get(self, request: Request) -> Answer:
        """Show one definition."""
        found = self._premises.schema.find(request.name)
        if found is not None:
            return as_json(200, found)
        message = f'Property "{request.name}" does not exist'
        return refuse(request, 404, "OBJECT_NOT_FOUND", message)

    def add(self, request: Request) -> Answer:
        """Define a custom property."""
        new = read_body(request, _new_property)
        self._check(request, new)
        defined = new.define()
        lag = round(self._premises.scenario.property_lag_ms)
        visible_from = self._premises.now() + lag
        self._premises.store.insert_property(defined, visible_from)
        self._premises.hidden.append((defined, visible_from))
        self._premises.reveal()
        return as_json(201, defined)

    def list_groups(self, request: Request) -> Answer:
        """Show the groups."""
        del request
        return as_json(200, {"results": self._groups()})

    def add_group(self, request: Request) -> Answer:
        """Define a group."""
        wanted = read_body(request, _new_group)
        new = Group(wanted.name, wanted.label, wanted.display_order)
        if new.name != DEFAULT_GROUP and self._premises.store.insert_group(new):
            return as_json(201, new)
        message = f"A group named '{new.name}' already exists."
        return refuse(request, 409, "OBJECT_ALREADY_EXISTS", message)

    def list_rules(self, request: Request) -> Answer:
        """Show what administrators demand of values, property by property."""
        del request
        rules: dict[str, list[dict[str, object]]] = {}
        for each in self._premises.scenario.rule:
            shown: dict[str, object] = {
                "ruleType": each.type,
                "ruleArguments": each.arguments,
            }
            rules.setdefault(each.property, []).append(shown)
        results = [
            {"propertyName": name, "propertyValidationRules": each}
            for name, each in rules.items()
        ]
        return as_json(200, {"results": results})

    def _groups(self) -> list[Group]:
        return [Group(DEFAULT_GROUP, "Call"), *self._premises.store.groups()]

    def _check(self, request: Request, new: _NewProperty) -> None:
        """Hold a new property to the rules."""
        if self._is_taken(new.name):
            message = f"A property named '{new.name}' already exists."
            taken = "Properties.PROPERTY_WITH_NAME_EXISTS"
            category = "OBJECT_ALREADY_EXISTS"
            raise Refusal(refuse(request, 409, category, message, sub_category=taken))
        wrong = self._objection(new)
        if wrong is not None:
            raise Refusal(invalid(request, wrong))

    def _is_taken(self, name: str) -> bool:
        hidden = (each.name for each, _ in self._premises.hidden)
        return self._premises.schema.find(name) is not None or name in hidden

    def _objection(self, new: _NewProperty) -> str | None:
        if not _NAME.fullmatch(new.name):
            return (
                f"Property name '{new.name}' must begin with a lower-case letter and "
                "have only lower-case letters, digits and underscores."
            )
        if new.group_name not in (each.name for each in self._groups()):
            return f"Property group '{new.group_name}' does not exist."
        if new.type == "enumeration" and not new.options:
            return "A property of type enumeration needs options."
        return self._unique_objection(new) if new.has_unique_value else None

    def _unique_objection(self, new: _NewProperty) -> str | None:
        """Say why a property cannot be unique."""
        schema = self._premises.schema
        customs = [each for each in schema.unique if not _is_default(schema.find(each))]
        if not self._premises.scenario.unique_properties:
            return "Unique value properties are not supported for object type CALL."
        if new.type not in ("string", "number"):
            return f"A property of type {new.type} cannot have unique values."
        if len(customs) + len(self._premises.hidden) >= MOST_UNIQUE:
            return f"At most {MOST_UNIQUE} properties can have unique values."
        return None


def _is_default(known: Property | None) -> bool:
    return known is not None and known.hubspot_defined

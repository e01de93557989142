"""The counter where calls are changed, in batches."""

from collections.abc import Sequence

import msgspec

from .premises import Premises
from .reading import number_of
from .refusals import check_size, invalid, read_body
from .shown import answer_batch, show_call
from .store import Call
from .validate import as_texts, check_value
from .wire import Answer, BatchError, Request, UpdateBody, UpdateInput

_update_body = msgspec.json.Decoder(UpdateBody)


class Changing:
    """Performs ``batch/update``: all inputs, or none of them."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        self._store = premises.store

    def update(self, request: Request) -> Answer:
        """Set properties of calls; an empty value takes one away."""
        inputs = read_body(request, _update_body).inputs
        check_size(request, len(inputs))
        find = self._premises.schema.find
        for each in inputs:
            for name, value in as_texts(each.properties).items():
                objection = check_value(find(name), name, value)
                if objection is not None:
                    return invalid(request, objection.message)
        now = self._premises.now()
        calls = self._calls(inputs, now)
        missing = tuple(str(each.id) for each in inputs if str(each.id) not in calls)
        for each in inputs:
            if str(each.id) in calls:
                self._change(calls[str(each.id)], as_texts(each.properties), now)
        names = sorted({name for each in inputs for name in each.properties})
        changed = self._calls(inputs, now).values()
        results = [show_call(each, names) for each in changed]
        if not missing:
            return answer_batch(200, results, [], now)
        text = "Some CALL objects could not be found."
        error = BatchError(text, "OBJECT_NOT_FOUND", {"ids": missing})
        return answer_batch(207, results, [error], now)

    def _calls(self, inputs: Sequence[UpdateInput], now: int) -> dict[str, Call]:
        wanted = [
            number for each in inputs if (number := number_of(str(each.id))) is not None
        ]
        found = self._store.calls(wanted, archived=False, until=now)
        return {str(call.id): call for call in found}

    def _change(self, call: Call, properties: dict[str, str], now: int) -> None:
        kept = call.read_properties() | properties
        kept = {name: value for name, value in kept.items() if value}
        self._store.update(call.id, kept, now)

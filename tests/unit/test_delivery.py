"""What to do next with a batch: the state machine, case by case."""

from collections.abc import Mapping

import pytest

from loader.model.batch import Prior
from loader.model.outcome import Created, Existing, InDoubt, Outcome, Rejected
from loader.model.verdict import (
    CreateVerdict,
    Doubt,
    ErrorKind,
    Halt,
    HaltReason,
    ItemCreated,
    ItemError,
    Oversized,
    Proof,
    Refusal,
    Unsent,
    Wait,
)
from loader.pipeline.clashes import CLASHES, PERHAPS_ITSELF
from loader.pipeline.delivery import Delivery
from loader.pipeline.group import (
    FINAL_REFUSALS,
    LAST_STRIKE,
    REFUSALS,
    STRIKES,
    Ask,
    Policy,
    Send,
)

INVALID = ItemError(ErrorKind.INVALID, "VALIDATION_ERROR", "bad")
REFUSED = Refusal("VALIDATION_ERROR", "bad batch")
CLASH = ItemError(ErrorKind.CLASH, "CONFLICT", "taken", property_name="trace")


def a_delivery(size: int, policy: Policy = Policy.ASK, **more: object) -> Delivery:
    return Delivery(0, size, policy=policy, trace_property="trace", **more)


def proof(items: Mapping[int, ItemCreated | ItemError]) -> Proof:
    return Proof(items)


def created(*numbers: int) -> Proof:
    return Proof({number: ItemCreated(f"o{number}") for number in numbers})


def outcomes(delivery: Delivery) -> Mapping[int, Outcome]:
    settlement = delivery.fates.take_settlement()
    assert settlement.closed
    return settlement.outcomes


def tell(delivery: Delivery, verdict: CreateVerdict, accepted: int = 0) -> None:
    assert isinstance(delivery.step(), Send)
    delivery.answered(verdict, accepted=accepted)


def found(delivery: Delivery, *positions: int, accepted: int = 0) -> None:
    assert isinstance(delivery.step(), Ask)
    delivery.found({p: f"p{p}" for p in positions}, accepted=accepted)


def test_a_whole_batch_is_sent_once_and_settles():
    """All proved: each record has its own object, and nothing is left to do."""
    delivery = a_delivery(2)
    assert delivery.step() == Send((0, 1), again=False)
    delivery.answered(created(0, 1), accepted=1)

    assert delivery.step() is None
    assert outcomes(delivery) == {0: Created("o0"), 1: Created("o1")}


@pytest.mark.parametrize(
    "verdict",
    [Wait("429"), Unsent("refused"), Halt(HaltReason.UNAUTHORIZED, "401")],
)
def test_what_was_not_applied_is_sent_again_unasked(verdict):
    """After a refusal before any work nothing is in doubt."""
    delivery = a_delivery(2)
    tell(delivery, verdict)

    assert delivery.step() == Send((0, 1), again=False)
    assert delivery.fates.doubted == frozenset()


def test_a_verdict_counts_the_records_of_its_own_request():
    """After a part has settled, positions of a smaller request are mapped back."""
    delivery = a_delivery(4)
    tell(delivery, created(0, 2))
    found(delivery)
    assert delivery.step() == Send((1, 3), again=True)
    delivery.answered(
        Proof({0: ItemCreated("one"), 1: INVALID}),
        accepted=1,
    )

    assert outcomes(delivery) == {
        0: Created("o0"),
        2: Created("o2"),
        1: Created("one"),
        3: Rejected("VALIDATION_ERROR", "bad"),
    }


def test_doubt_is_asked_about_before_anything_is_sent_again():
    """Found is created, absent is sent again, neighbours are not touched."""
    delivery = a_delivery(3)
    tell(delivery, Doubt("timeout"))
    assert delivery.step() == Ask((0, 1, 2))
    assert delivery.fates.doubted == {0, 1, 2}
    found(delivery, 1)

    assert delivery.step() == Send((0, 2), again=True)


def test_a_record_the_answer_omits_is_in_doubt_while_others_settle():
    """Omission proves nothing."""
    delivery = a_delivery(3)
    tell(delivery, created(0, 2))

    assert delivery.step() == Ask((1,))
    assert delivery.fates.take_settlement().outcomes.keys() == {0, 2}


def test_an_error_that_names_a_record_rejects_it():
    """A validation error keeps HubSpot's category and message."""
    delivery = a_delivery(1)
    tell(delivery, proof({0: INVALID}))

    assert outcomes(delivery) == {0: Rejected("VALIDATION_ERROR", "bad")}


def test_a_clash_on_the_first_send_means_the_portal_had_it():
    """Taken, found under our ID, never in flight before: existing."""
    delivery = a_delivery(1)
    tell(delivery, proof({0: CLASH}))
    found(delivery, 0)

    assert outcomes(delivery) == {0: Existing("p0")}


def test_what_was_there_before_the_load_is_not_its_own():
    """It was in flight, and the answer was lost; but another had made the call."""
    delivery = a_delivery(2)
    tell(delivery, Doubt("timeout"))
    delivery.found({0: "a", 1: "b"}, older=frozenset({1}), accepted=0)

    assert outcomes(delivery) == {0: Created("a"), 1: Existing("b")}


def test_a_clash_after_a_doubt_means_it_was_ours():
    """A late write of our own first request is created, not existing."""
    delivery = a_delivery(1)
    tell(delivery, Doubt("timeout"))
    found(delivery)
    tell(delivery, proof({0: CLASH}))
    found(delivery, 0)

    assert outcomes(delivery) == {0: Created("p0")}


def test_a_clash_on_another_property_is_a_rejection():
    """Nothing under our ID, and the error names another unique property."""
    other = ItemError(ErrorKind.CLASH, "CONFLICT", "taken", property_name="other")
    delivery = a_delivery(1)
    tell(delivery, proof({0: other}))
    found(delivery)

    assert outcomes(delivery) == {0: Rejected("CONFLICT", "taken")}


def test_a_clash_on_our_property_without_a_call_ends_in_doubt():
    """The portal contradicts itself: it is shown, after another try."""
    delivery = a_delivery(1)
    for _ in range(CLASHES):
        tell(delivery, proof({0: CLASH}))
        found(delivery)

    assert isinstance(outcomes(delivery)[0], InDoubt)


@pytest.mark.parametrize("bad", range(8))
def test_one_bad_record_never_condemns_its_neighbours(bad):
    """A batch refused as a whole halves until the culprit stands alone."""
    delivery = a_delivery(8)
    for _ in range(3 * 8):
        match delivery.step():
            case None:
                break
            case Ask():
                delivery.found({}, accepted=0)
            case Send(positions) if bad in positions:
                delivery.answered(REFUSED, accepted=0)
            case Send(positions):
                delivery.answered(created(*range(len(positions))), accepted=0)
            case _:
                raise AssertionError
    settled = outcomes(delivery)

    assert [p for p in settled if isinstance(settled[p], Rejected)] == [bad]
    assert len(settled) == 8


def test_what_a_refused_batch_wrote_all_the_same_is_created():
    """Whether a refusal writes is disputed: found is believed."""
    delivery = a_delivery(2)
    tell(delivery, REFUSED)
    found(delivery, 0)
    for _ in range(FINAL_REFUSALS):
        tell(delivery, REFUSED)
        found(delivery)

    assert outcomes(delivery) == {
        0: Created("p0"),
        1: Rejected("VALIDATION_ERROR", "bad batch"),
    }


def test_a_refusal_that_may_pass_must_meet_a_record_alone_more_often():
    """A conflict without a name may be the portal's own trouble."""
    passing = Refusal("CONFLICT", "busy", final=False)
    delivery = a_delivery(1)
    for _ in range(REFUSALS):
        tell(delivery, passing)
        found(delivery)

    assert outcomes(delivery) == {0: Rejected("CONFLICT", "busy")}


def test_found_after_a_whole_clash_is_existing():
    """The batch was refused because the portal had the record."""
    delivery = a_delivery(1)
    tell(delivery, Refusal("CONFLICT", "taken", clash=True))
    found(delivery, 0)

    assert outcomes(delivery) == {0: Existing("p0")}


def test_a_body_refused_unread_is_halved_without_asking():
    """Nothing of it was applied; a record alone that is too large is rejected."""
    delivery = a_delivery(2)
    tell(delivery, Oversized("HTTP_413", "too large"))
    for _ in range(FINAL_REFUSALS):  # the first may be the portal's own trouble
        assert delivery.step() == Send((0,), again=False)
        delivery.answered(Oversized("HTTP_413", "too large"), accepted=0)
    tell(delivery, created(0))

    assert outcomes(delivery) == {
        0: Rejected("HTTP_413", "too large"),
        1: Created("o0"),
    }


def test_a_group_that_keeps_falling_in_doubt_is_halved():
    """After some strikes a poison record is looked for."""
    delivery = a_delivery(4)
    for _ in range(STRIKES):
        assert delivery.step() == Send((0, 1, 2, 3), again=delivery.strikes > 0)
        delivery.answered(Doubt("500"), accepted=0)
        found(delivery)

    assert delivery.step() == Send((0, 1), again=True)


def test_a_record_alone_is_given_up_only_while_others_fare_better():
    """A poison record ends in doubt; a portal in trouble condemns nobody."""
    delivery = a_delivery(1)
    for strike in range(LAST_STRIKE + 1):
        tell(delivery, Doubt("500"), accepted=7)
        found(delivery, accepted=7)
        assert delivery.step() == Send((0,), again=True), strike
    tell(delivery, Doubt("500"), accepted=8)
    found(delivery, accepted=8)

    assert outcomes(delivery) == {0: InDoubt("500")}


def test_the_last_record_is_given_up_when_nothing_is_left_to_tell():
    """A load that is run again for one poison record comes to its end."""
    delivery = a_delivery(1)
    for _ in range(LAST_STRIKE):
        tell(delivery, Doubt("500"))
        assert isinstance(delivery.step(), Ask)
        delivery.found({}, accepted=0, alone=True)

    assert outcomes(delivery) == {0: InDoubt("500")}


def test_a_record_that_the_portal_says_nothing_of_is_held():
    """Neither found nor absent: its neighbours go on."""
    delivery = a_delivery(3)
    tell(delivery, Doubt("cut"))
    assert delivery.step() == Ask((0, 1, 2))
    delivery.found({0: "p0"}, mute=frozenset({1}), accepted=0)

    assert delivery.step() == Send((2,), again=True)
    assert delivery.fates.take_settlement().outcomes == {
        0: Created("p0"),
        1: InDoubt("the portal does not say whether it has the record"),
    }


def test_without_a_key_a_clash_after_a_doubt_may_be_the_record_itself():
    """Its earlier answer was lost: to call it rejected could be false."""
    delivery = a_delivery(1, Policy.RESEND)
    tell(delivery, Doubt("cut"))
    tell(delivery, Proof({0: CLASH}))

    assert isinstance(outcomes(delivery)[0], InDoubt)


@pytest.mark.parametrize("verdict", [Doubt("cut"), REFUSED])
def test_hold_mode_never_sends_a_doubt_again(verdict):
    """Without a unique property a record in doubt is held and shown."""
    delivery = a_delivery(2, Policy.HOLD)
    tell(delivery, verdict)

    assert delivery.step() is None
    assert all(isinstance(each, InDoubt) for each in outcomes(delivery).values())


def test_hold_mode_settles_what_an_answer_proves():
    """Proved items settle, omitted ones are held."""
    delivery = a_delivery(3, Policy.HOLD)
    tell(delivery, Proof({0: ItemCreated("o"), 1: CLASH}))

    assert outcomes(delivery) == {
        0: Created("o"),
        1: Rejected("CONFLICT", "taken"),
        2: InDoubt("the answer does not mention the record"),
    }


def test_a_conflict_of_the_whole_batch_is_a_doubt_that_outlives_the_run():
    """A part may have been written: where nobody can ask, that is not forgotten."""
    delivery = a_delivery(2, Policy.RESEND)
    tell(delivery, Refusal("CONFLICT", "taken", clash=True))

    assert delivery.fates.take_settlement().doubted == {0, 1}


@pytest.mark.parametrize(
    "last", [Refusal("CONFLICT", "taken", clash=True, final=False), REFUSED]
)
def test_a_conflict_of_one_record_is_no_rejection_where_nobody_can_ask(last: Refusal):
    """Its own call, made by a request whose answer was lost, may have the value."""
    delivery = a_delivery(1, Policy.RESEND)
    tell(delivery, Doubt("cut"))
    for _ in range(REFUSALS - 1):
        tell(delivery, Refusal("CONFLICT", "taken", clash=True, final=False))
    tell(delivery, last)

    assert outcomes(delivery) == {0: InDoubt(PERHAPS_ITSELF)}


def test_resend_mode_sends_a_doubt_again_unasked():
    """The user's explicit word: at least once."""
    delivery = a_delivery(2, Policy.RESEND)
    tell(delivery, Doubt("cut"))

    assert delivery.step() == Send((0, 1), again=True)


def a_prior(*, keyed: bool = True) -> Prior:
    return Prior(
        attempt=1, undecided=frozenset({0, 1, 2}), doubted=frozenset({1}), keyed=keyed
    )


def test_after_a_crash_armed_records_are_asked_for_and_others_sent():
    """What was armed is in doubt, what was not is clean; decided ones are left."""
    delivery = a_delivery(4, prior=a_prior())
    assert delivery.step() == Ask((1,))
    delivery.found({1: "p1"}, accepted=0)

    assert delivery.step() == Send((0, 2), again=False)


def test_records_sent_before_the_portal_had_the_property_stay_held():
    """They cannot be asked for, so they are never sent again."""
    delivery = a_delivery(4, prior=a_prior(keyed=False))

    assert delivery.fates.has_news
    assert delivery.step() == Send((0, 2), again=False)
    held = delivery.fates.take_settlement().outcomes
    assert held == {1: InDoubt("sent before the portal had the property")}


def test_settlements_tell_each_outcome_once():
    """A second settlement has only what is new, and closes."""
    delivery = a_delivery(2)
    tell(delivery, created(0))
    first = delivery.fates.take_settlement()
    found(delivery, 1)
    second = delivery.fates.take_settlement()

    assert (set(first.outcomes), first.closed, first.doubted) == ({0}, False, {1})
    assert (set(second.outcomes), second.closed) == ({1}, True)

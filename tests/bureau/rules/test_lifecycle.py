"""The table of the filing's life against an independent copy of it, and a place for everything that is open."""

from __future__ import annotations

import pytest

from bureau.rules import lifecycle, routing
from bureau.rules.lifecycle import CLOSED, TABLE, TRANSITIONS, Event, IllegalTransition, State, Turn, next_state
from bureau.rules.routing import PLACES, Alarm, Queue, place_of

SUBMITTED = (
    "TRANSMITTED ACCEPTED PENDED FOLLOW_UP APPEALED REJECTED CORRECTING DENIED PART_DENIED PAID PAID_VARIANCE "
    "AWAIT_NEXT_PAYER PATIENT_DUE"
)
SHUT = "CLOSED_PAID CLOSED_WRITTEN_OFF CLOSED_NOT_BILLABLE CLOSED_TRANSFERRED"
ADJUDICABLE = f"{SUBMITTED} {SHUT} REMIT_REVIEW"

# From, event, to, whose turn: written down from the domain's table, not from the code.
RULES = """
NEW | COMMITTED | DRAFT | BUREAU
NEW | COMMITTED_SELF_PAY | PATIENT_DUE | PATIENT
DRAFT CODING SCRUB_FAILED NEEDS_INFO | INFO_MISSING | NEEDS_INFO | CLIENT
NEEDS_INFO | HANDED_BACK | NEEDS_INFO | BUREAU
NEEDS_INFO | ANSWERED | DRAFT | BUREAU
NEEDS_INFO | UNANSWERED | CLOSED_NOT_BILLABLE | NONE
DRAFT | NEEDS_CODING | CODING | BUREAU
CODING | CODED | DRAFT | BUREAU
DRAFT SCRUB_FAILED | SCRUB_FAILED | SCRUB_FAILED | BUREAU
DRAFT SCRUB_FAILED | SCRUB_PASSED | READY | BUREAU
READY SCRUB_FAILED | EDITED | DRAFT | BUREAU
READY CORRECTING | BATCHED | BATCHED | BUREAU
BATCHED | SENT | TRANSMITTED | PAYER
BATCHED | BATCH_CANCELLED | READY | BUREAU
TRANSMITTED | FILE_REJECTED | READY | BUREAU
TRANSMITTED | FILE_ACCEPTED | TRANSMITTED | PAYER
TRANSMITTED | RECEIVED | TRANSMITTED | PAYER
TRANSMITTED | PAYER_ACCEPTED | ACCEPTED | PAYER
TRANSMITTED ACCEPTED | PAYER_REJECTED | REJECTED | BUREAU
REJECTED | FIXED | DRAFT | BUREAU
REJECTED | FIXED_CORRECTION | CORRECTING | BUREAU
TRANSMITTED | NO_ACK | FOLLOW_UP | BUREAU
ACCEPTED | PENDED | PENDED | PAYER
ACCEPTED PENDED | NO_ANSWER | FOLLOW_UP | BUREAU
FOLLOW_UP | IN_PROCESS | ACCEPTED | PAYER
FOLLOW_UP | NOT_ON_FILE | DRAFT | BUREAU
{submitted} {shut} | POSTED_UNCLEAR | REMIT_REVIEW | BUREAU
{adjudicable} | POSTED_PAID | PAID | NONE
{adjudicable} | POSTED_VARIANCE | PAID_VARIANCE | BUREAU
{adjudicable} | POSTED_PART_DENIED | PART_DENIED | BUREAU
{adjudicable} | POSTED_DENIED | DENIED | BUREAU
{adjudicable} | CROSSED_OVER | AWAIT_NEXT_PAYER | PAYER
PAID PART_DENIED | NEXT_PAYER | AWAIT_NEXT_PAYER | BUREAU
DENIED PART_DENIED PAID_VARIANCE | CORRECT | CORRECTING | BUREAU
DENIED PART_DENIED PAID_VARIANCE | APPEALED | APPEALED | PAYER
APPEALED | UPHELD | DENIED | BUREAU
APPEALED | OVERTURNED | ACCEPTED | PAYER
DENIED PART_DENIED PAID_VARIANCE REJECTED FOLLOW_UP APPEALED DRAFT SCRUB_FAILED READY | WRITTEN_OFF \
| CLOSED_WRITTEN_OFF | NONE
PAID PART_DENIED DENIED | PATIENT_SHARE | PATIENT_DUE | PATIENT
PATIENT_DUE | PATIENT_SETTLED | CLOSED_PAID | NONE
PATIENT_DUE | BAD_DEBT | CLOSED_WRITTEN_OFF | NONE
PAID CLOSED_PAID PATIENT_DUE | OVERPAID | CREDIT | BUREAU
CREDIT | CREDIT_SETTLED | PAID | NONE
CREDIT | CREDIT_SETTLED_CLOSED | CLOSED_PAID | NONE
PAID PATIENT_DUE {shut} | REVERSED | REMIT_REVIEW | BUREAU
PAID | SETTLED | CLOSED_PAID | NONE
{submitted} | VOID_ACCEPTED | VOIDED | NONE
{open} | OFFBOARDED | CLOSED_TRANSFERRED | NONE
DENIED PART_DENIED | GIVEN_BACK | CLOSED_TRANSFERRED | CLIENT
{shut} VOIDED | REOPENED | REMIT_REVIEW | BUREAU
{shut} VOIDED | REOPENED_TO_BILL | DRAFT | BUREAU
AWAIT_NEXT_PAYER | NEXT_PAYER_FINAL | PAID | NONE
AWAIT_NEXT_PAYER | CROSSOVER_LATE | AWAIT_NEXT_PAYER | BUREAU
PAID_VARIANCE | VARIANCE_CLOSED | PAID | NONE
PART_DENIED | DENIALS_CLOSED | PAID | NONE
APPEALED | APPEAL_OVERDUE | FOLLOW_UP | BUREAU
DRAFT CODING SCRUB_FAILED READY | NOT_BILLABLE | CLOSED_NOT_BILLABLE | NONE
DRAFT NEEDS_INFO CODING SCRUB_FAILED READY PATIENT_DUE | UNDONE | CLOSED_NOT_BILLABLE | NONE
"""


def read_rules() -> dict[tuple[str, str], tuple[str, str]]:
    opened = " ".join(state for state in State if state not in {*f"{SHUT} VOIDED NEW".split()})
    text = RULES.format(submitted=SUBMITTED, adjudicable=ADJUDICABLE, shut=SHUT, open=opened)
    found = {}
    for row in text.strip().splitlines():
        sources, event, target, turn = (part.strip() for part in row.split("|"))
        for source in sources.split():
            assert (source, event) not in found, f"{source} + {event} stands twice"
            found[source, event] = (target, turn)
    return found


EXPECTED = read_rules()


@pytest.mark.parametrize("event", list(Event), ids=lambda event: event.name)
def test_in_every_state_an_event_does_what_the_domain_says_or_is_refused(event: Event):
    for source in State:
        if (source.name, event.name) in EXPECTED:
            after = next_state(source, event)
            assert (after.target.name, after.turn.name) == EXPECTED[source.name, event.name], source
            assert lifecycle.may_follow(source, event)
        else:
            assert not lifecycle.may_follow(source, event), source
            with pytest.raises(IllegalTransition, match=source):
                next_state(source, event)


def test_no_row_of_the_table_overrides_another():
    rows = [(source, event) for _, sources, event, *_ in TABLE for source in sources]
    assert len(rows) == len(set(rows)) == len(TRANSITIONS) == len(EXPECTED)
    assert len({number for number, *_ in TABLE}) == len(TABLE)


def test_every_state_can_be_reached_from_the_first_and_every_event_has_a_use():
    reached, before = {State.NEW}, set()
    while reached != before:
        before = set(reached)
        reached |= {after.target for (source, _), after in TRANSITIONS.items() if source in before}
    assert reached == set(State)
    assert {event for _, event in TRANSITIONS} == set(Event)


def test_every_open_state_has_one_place_and_closed_ones_have_none():
    opened = set(State) - CLOSED - {State.NEW}
    assert set(PLACES) == opened
    for state in opened:
        place = place_of(state)
        assert place is not None
        assert (place.queue is None) != (place.alarm is None), f"{state} lies in a queue or sleeps, never both"
        assert (place.queue is None) == (place.business_days == 0)
    assert [place_of(state) for state in CLOSED] == [None] * 5


def test_whose_turn_it_is_agrees_with_where_it_lies():
    """What only the payer or patient can move on sleeps; what lies in a queue is ours or the client's.

    What was handed back lies with the client and nowhere here.
    """
    for (_, event), after in TRANSITIONS.items():
        place = place_of(after.target)
        if after.turn in (Turn.PATIENT, Turn.NONE):
            assert place is None or place.queue is None, event
        if event is Event.GIVEN_BACK:
            assert (after.turn, place) == (Turn.CLIENT, None)
        elif after.turn is Turn.CLIENT:
            assert place is not None
            assert place.queue is Queue.QUESTIONS, event


def test_every_alarm_has_a_length():
    from bureau.worklist import ALARM_BUSINESS_DAYS, ALARM_DAYS

    assert set(ALARM_DAYS) | set(ALARM_BUSINESS_DAYS) == set(Alarm)
    assert not set(ALARM_DAYS) & set(ALARM_BUSINESS_DAYS)


def test_a_state_without_a_place_would_be_noticed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(PLACES, State.CREDIT)
    with pytest.raises(KeyError):
        routing.place_of(State.CREDIT)

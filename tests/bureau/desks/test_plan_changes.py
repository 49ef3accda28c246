"""Open cases of the fuller plan on the days around a change of plan: finished, or handed back, once."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from bureau.desks import denials, tiers
from bureau.models import Denial, Mail, Notice, WorkItem
from bureau.models.talk import NoticeKind
from bureau.queries.story import load_story
from bureau.rules.lifecycle import State, Turn
from bureau.rules.plan_changes import Case, HandBack, is_worked, plan_hand_back
from clients.access import Grant, Role
from clients.accounts import create_user
from clients.fees import Term
from clients.models import FeeBasis, TierRequestState
from clients.tier_changes import FINISH, HAND_BACK, Quote, Wish, set_tier
from clients.tiers import Capability, Tier, load_spans
from config.codes import Lane
from reports.frames import Period, write_csv
from reports.handed_back import load_handed_back
from tests.support.houses import OPENED, PLAIN, House, as_file, paid_claim, paid_line, remittance, visit

APRIL = date(2026, 4, 1)
EVE = datetime(2026, 4, 1, 3, 50, tzinfo=UTC)  # ten minutes to midnight in Boston, where it is still March
MORNING = datetime(2026, 4, 1, 14, tzinfo=UTC)
QUOTE = Quote((Term(FeeBasis.FLAT, cents=20_000),), {})
NECESSITY, MISSING = "50", "16"  # one is argued about, the other is put right
ALL_TIME = Period(OPENED, date(2027, 1, 1))


# -- the rule -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("denied_on", "today", "held", "worked"),
    [
        (date(2026, 3, 10), date(2026, 4, 20), [(OPENED, APRIL)], True),  # begun before the end: finished
        (date(2026, 3, 31), date(2026, 4, 1), [(OPENED, APRIL)], True),  # on the last day
        (APRIL, APRIL, [(OPENED, APRIL)], False),  # on the first day of the smaller plan
        (date(2026, 3, 10), date(2026, 3, 31), [(APRIL, None)], False),  # the fuller plan is still to come
        (date(2026, 3, 10), APRIL, [(APRIL, None)], True),  # and now it is there
        (date(2026, 3, 10), date(2026, 6, 1), [(APRIL, date(2026, 5, 1))], True),  # open while there was one
        (date(2026, 5, 1), date(2026, 6, 1), [(OPENED, APRIL), (APRIL, date(2026, 5, 1))], False),
        (APRIL, APRIL, [], False),
    ],
)
def test_a_case_is_worked_if_the_plan_held_it_while_it_was_open(denied_on, today, held, worked):
    assert is_worked(denied_on, today, held) is worked


def test_what_goes_back():
    march, held = date(2026, 3, 10), [(OPENED, APRIL)]
    cases = [
        Case(1, 10, State.DENIED, march, is_routed=True),
        Case(2, 11, State.PART_DENIED, march, is_routed=True),
        Case(3, 11, State.PART_DENIED, march, is_routed=False),  # keeps its filing here
        Case(4, 12, State.CORRECTING, march, is_routed=True),  # a correction is on its way
        Case(5, 13, State.DENIED, APRIL, is_routed=True),  # came under the smaller plan
    ]
    assert plan_hand_back(cases, APRIL, held) == HandBack((1, 2), (10,), (11,))
    assert plan_hand_back(cases, APRIL, []) == HandBack((), (), ())


# -- the desk -------------------------------------------------------------------------------------------------


@pytest.fixture
def sent(house: House) -> House:
    """A client of full RCM with four claims of two lines, sent; what the payer says comes by the test alone."""
    with house.office() as office:
        set_tier(office.session, house.client.id, Tier.FULL_RCM, on=OPENED)
    with house.office(everywhere=True) as office:
        create_user(office.session, "nora@example.test", "Nora", "correct horse battery",
                    (Grant(Role.OWNER, house.client.id),))  # fmt: skip
    house.upload(*(visit(number, payer_id=PLAIN) for number in range(1, 5)))
    house.run("scrub", "submit", "collect")
    with house.office() as office:
        for mail in office.session.scalars(select(Mail).where(Mail.kind == "835")):
            office.session.delete(mail)
    return house


def deny(house: House, encounter: str, *carcs: str) -> None:
    """The payer denies all of a claim, in equal parts for these reasons."""
    (line,), (submission,) = house.lines(encounter), house.submissions(encounter)
    reasons = [("CO", carc, 15_000 // len(carcs)) for carc in carcs]
    claim = paid_claim(submission.pcn, paid_line(line, 0, *reasons), status="4", icn=f"ICN{encounter}")
    house.receive(as_file(house.client, remittance(house.client, claim, trace=f"T{encounter}", payer=PLAIN),
                          control=900 + int(encounter[1:])), f"{encounter}.835")  # fmt: skip
    house.run("post")


def change(house: House, tier: Tier, open_cases: str = FINISH, on: date = APRIL) -> None:
    client_id = house.client.id
    with house.office() as office:
        assert tiers.ask_for(office, client_id, Wish(tier, (), on, open_cases)) == []
        assert tiers.quote(office, client_id, QUOTE) == []
        for to in (TierRequestState.ACCEPTED, TierRequestState.APPROVED):
            assert tiers.decide(office, client_id, to) == []


def route(house: House, *encounters: str) -> None:
    filings = [house.filing(encounter).id for encounter in encounters]
    with house.office() as office:
        denials.triage(office, house.client.id, filings, lane=Lane.ROUTE)


def may_route(house: House, encounter: str) -> bool:
    filing = house.filing(encounter).id
    with house.office() as office:
        return Lane.ROUTE in denials.find_lanes(office, house.client.id, [filing])


def outcomes(house: House) -> list[tuple[str, str, str]]:
    return [tuple(row) for row in house.rows(select(Denial.carc, Denial.state, Denial.outcome).order_by(Denial.id))]


def test_open_cases_are_handed_back_on_the_first_day_and_once(sent: House):
    deny(sent, "E1", NECESSITY)
    deny(sent, "E2", MISSING)
    deny(sent, "E3", NECESSITY, MISSING)
    change(sent, Tier.BILLING, HAND_BACK)
    sent.clock.set(EVE)
    assert [one.items for one in sent.run("plan")] == [0], "the fuller plan still holds at the practice's place"
    sent.clock.set(EVE + timedelta(minutes=25))
    assert [one.items for one in sent.run("plan")] == [2]
    assert outcomes(sent) == [
        (NECESSITY, "CLOSED", "handed back to the practice"), (MISSING, "OPEN", ""),
        (NECESSITY, "CLOSED", "handed back to the practice"), (MISSING, "OPEN", ""),
    ]  # fmt: skip
    assert (sent.state("E1"), sent.filing("E1").turn) == (State.CLOSED_TRANSFERRED, Turn.CLIENT)
    assert {sent.state("E2"), sent.state("E3")} == {State.DENIED}
    assert sent.count(WorkItem, WorkItem.closed_at.is_(None), WorkItem.queue == "Q11") == 2
    for encounter in ("E1", "E3"):
        filing = sent.filing(encounter).id
        with sent.office() as office:
            told = load_story(office, sent.client.id, [filing])
        assert [one.what for one in told].count("Handed back to the practice") == 1
    deny(sent, "E4", NECESSITY)
    sent.clock.set(MORNING + timedelta(days=1))
    assert [one.items for one in sent.run("plan")] == [0]
    assert sent.state("E4") == State.DENIED, "recorded, and in no list of what was handed back"
    with pytest.raises(denials.NotInPlan):
        route(sent, "E4")
    kinds = sent.rows(select(Notice.kind, Notice.count).where(Notice.kind == NoticeKind.CASES_HANDED_BACK))
    assert [tuple(one) for one in kinds] == [("cases handed back", 2)]
    assert sent.broken_laws() == []
    with sent.office() as office:
        table = load_handed_back(office, sent.client.id, ALL_TIME)
        assert load_handed_back(office, sent.client.id, Period(OPENED, APRIL)).rows == []
    assert [(row["encounter"], row["cents"], row["given_on"]) for row in table.rows] == [
        ("E1", 15_000, "2026-04-01"), ("E3", 7_500, "2026-04-01"),
    ]  # fmt: skip
    assert "E1,2026-03-02" in write_csv(table)


def test_open_cases_are_finished_and_no_new_one_is_opened(sent: House):
    deny(sent, "E1", NECESSITY)
    change(sent, Tier.BILLING, FINISH)
    sent.clock.set(MORNING)
    assert [one.items for one in sent.run("plan")] == [0]
    deny(sent, "E2", NECESSITY)
    route(sent, "E1")
    with pytest.raises(denials.NotInPlan):
        route(sent, "E2")
    with pytest.raises(denials.NotInPlan):
        route(sent, "E1", "E2")
    assert (may_route(sent, "E1"), may_route(sent, "E2")) == (True, False)
    assert outcomes(sent) == [(NECESSITY, "OPEN", "")] * 2


def test_a_change_of_today_hands_back_at_once(sent: House):
    deny(sent, "E1", NECESSITY)
    sent.tick(days=1)
    change(sent, Tier.BILLING, HAND_BACK, on=date(2026, 3, 19))
    assert sent.state("E1") == State.CLOSED_TRANSFERRED
    sent.tick(hours=20)
    assert [one.items for one in sent.run("plan")] == [0]


def test_what_the_payer_decides_later_is_still_posted(sent: House):
    deny(sent, "E1", NECESSITY)
    change(sent, Tier.BILLING, HAND_BACK)
    sent.clock.set(MORNING)
    sent.run("plan")
    (line,), (submission,) = sent.lines("E1"), sent.submissions("E1")
    paid = paid_claim(submission.pcn, paid_line(line, 12_000, ("CO", "45", 3_000)), icn="AGAIN")
    sent.receive(as_file(sent.client, remittance(sent.client, paid, trace="LATE", payer=PLAIN), control=950))
    sent.run("post")
    assert sent.state("E1") in (State.PAID, State.CLOSED_PAID)
    assert sent.broken_laws() == []


def test_from_the_day_of_an_upgrade_on_cases_are_opened(sent: House):
    with sent.office() as office:
        set_tier(office.session, sent.client.id, Tier.BILLING, on=OPENED)
    deny(sent, "E1", NECESSITY)
    change(sent, Tier.FULL_RCM, HAND_BACK, on=date(2026, 3, 25))
    sent.clock.set(datetime(2026, 3, 25, 3, 50, tzinfo=UTC))
    with pytest.raises(denials.NotInPlan):
        route(sent, "E1")
    sent.tick(minutes=15)
    assert [one.items for one in sent.run("plan")] == [0]
    route(sent, "E1")
    with sent.office() as office:
        held = load_spans(office.session, sent.client.id, Capability.DENIAL_ROUTE)
    assert held == [(date(2026, 3, 25), None)]

"""Time that does not count: pauses of a client over each other and over a question, and messages under a promise."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bureau.desks import messages
from bureau.desks.stages import Wish, move_stage
from bureau.models.talk import Side
from bureau.queries.talk import Reader, find_threads, find_waits, get_promise
from clients.models import ClientState
from clients.pauses import find_pauses, unite
from clients.promises import Clause, set_clauses
from reports.frames import Period
from reports.sla import load_attainment, load_halts, load_items, load_sla
from tests.support.houses import NOW, House

MARCH = Period(date(2026, 3, 1), date(2026, 4, 1))
ANSWERED = Clause("message_to_answered", 1, 100)


def day(number: int, hour: int = 0) -> datetime:
    return datetime(2026, 3, number, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("stretches", "united"),
    [
        ([], []),
        ([(day(1), day(2))], []),  # over before it began
        ([(day(1), day(4))], [(day(3), day(4))]),  # cut at the beginning
        ([(day(5), day(6)), (day(4), day(5))], [(day(4), day(6))]),  # one after the other, in any order
        ([(day(4), day(9)), (day(5), day(6))], [(day(4), day(9))]),  # one within the other
        ([(day(4), day(6)), (day(5), day(8)), (day(9), day(10))], [(day(4), day(8)), (day(9), day(10))]),
        ([(day(4), None), (day(5), day(6))], [(day(4), None)]),
        ([(day(4), day(6)), (day(5), None)], [(day(4), None)]),
    ],
)
def test_the_clock_stands_still_only_once(stretches, united):
    assert list(unite(stretches, day(3))) == united


def move(house: House, target: ClientState, why: str = "") -> None:
    with house.office() as office:
        assert move_stage(office, house.client.id, Wish(target, why)) == []


def write(house: House, side: Side, text: str, thread_id: int = 0) -> int:
    with house.office(by="Nora" if side is Side.CLIENT else "Priya Shah") as office:
        if thread_id:
            assert messages.reply(office, house.client.id, thread_id, side, text) == []
            return thread_id
        return messages.write_letter(office, house.client.id, messages.Letter(side, text, title="A word")).id


def attained(house: House):
    with house.office() as office:
        return next(one for one in load_attainment(office, house.client.id, MARCH) if one.measure == ANSWERED.measure)


def test_a_message_is_promised_an_answer_by_default(house: House):
    """Wednesday 11:00: due on Thursday 11:00. One answer serves all that was written; the thread has two items."""
    thread = write(house, Side.CLIENT, "Where is the payment?")
    house.tick(hours=2)
    write(house, Side.CLIENT, "And the other one?", thread)
    with house.office() as office:
        assert get_promise(office, house.client.id) == 1
        [wait] = find_waits(office)
        [line] = find_threads(office, Reader(1, Side.BUREAU))
    assert (wait.due_at, wait.seconds) == (datetime(2026, 3, 19, 15, tzinfo=UTC), 2 * 3_600)
    assert (line.due_at, line.hours) == (wait.due_at, 2.0)
    assert (attained(house).due, attained(house).running) == (0, 2)
    house.tick(hours=22, minutes=1)
    write(house, Side.BUREAU, "Both are posted.", thread)
    found = attained(house)
    assert (found.due, found.met, found.is_kept) == (2, 1, False)
    with house.office() as office:
        items = load_items(office, house.client.id, (ANSWERED.measure, 1), MARCH)
        assert find_waits(office) == []
    assert [(one.span.about, one.is_met) for one in items] == [(thread, False), (thread, True)]


def test_a_limit_of_its_own_and_none_at_all(house: House):
    write(house, Side.CLIENT, "Hello")
    with house.office() as office:
        set_clauses(office.session, house.client.id, [Clause(ANSWERED.measure, 3, 90)], on=NOW.date())
        assert find_waits(office)[0].due_at == datetime(2026, 3, 23, 15, tzinfo=UTC)
        set_clauses(office.session, house.client.id, [], on=NOW.date())
        assert find_waits(office)[0].due_at is None
        assert get_promise(office, house.client.id) is None


def test_nothing_is_late_because_the_client_was_paused(house: House):
    """Written on Wednesday 11:00, paused from 12:00 to Friday 12:00 (18 business hours), answered Friday 20:00."""
    thread = write(house, Side.CLIENT, "Hello")
    house.tick(hours=1)
    move(house, ClientState.PAUSED, "unpaid invoice")
    house.tick(hours=47)
    with house.office() as office:
        [wait] = find_waits(office)
        [halt] = load_halts(office, house.client.id, MARCH)
    assert wait.seconds == 3_600
    assert (halt.ended, halt.why) == (None, "unpaid invoice")
    house.tick(hours=1)
    move(house, ClientState.LIVE)
    house.tick(hours=8)
    write(house, Side.BUREAU, "Here is the answer.", thread)
    found = attained(house)
    assert (found.due, found.met) == (1, 1)
    assert (found.p90_seconds, found.paused_seconds) == (6 * 3_600, 18 * 3_600)
    with house.office() as office:
        [halt] = load_halts(office, house.client.id, MARCH)
        assert (halt.business_days, halt.why) == (2.0, "unpaid invoice")
        assert (
            "Not counted: 2.0 business days, 18 Mar 2026 to 20 Mar 2026 (unpaid invoice)."
            in load_sla(office, house.client.id, MARCH).definition
        )
        assert load_halts(office, house.client.id, Period(date(2026, 1, 1), date(2026, 3, 1))) == []
        assert find_pauses(office.session, [house.clients[1].id]) == {}

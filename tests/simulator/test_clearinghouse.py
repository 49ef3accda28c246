"""The simulated clearinghouse over its port: real bytes in, real bytes out, when they are due, once."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from math import sqrt

import pytest

from bureau.x12.ack277 import read_277ca
from bureau.x12.ack999 import read_999
from bureau.x12.balance import Verdict, balance
from bureau.x12.remit835 import read_835
from config.settings import PayerPace
from simulator.clearinghouse import SimulatedClearinghouse
from simulator.frontdoor import Source, find_reject
from simulator.record import PayerRecord
from simulator.streams import Dice
from tests.simulator.claims import ACCOUNT, MONDAY, a_claim, a_file, a_line, a_profile

LATER = MONDAY + timedelta(days=90)


@pytest.fixture
def record():
    opened = PayerRecord(":memory:")
    yield opened
    opened.close()


def a_house(record, *profiles, pace=PayerPace.REALISTIC, seed=1):
    return SimulatedClearinghouse(profiles or (a_profile(),), record, seed=seed, pace=pace)


def collect(house, at=LATER, account=ACCOUNT):
    found = house.waiting(account, at)
    house.taken(account, [one.name for one in found])
    return [one.content.decode() for one in found]


def kinds(texts):
    return [text.split("ST*", 1)[1][:3] for text in texts]


def remits(texts):
    found = []
    for text in texts:
        if "ST*835" in text:
            values, problems = read_835(text)
            assert not problems
            found += values
    return found


def test_a_clean_claim_is_answered_four_times(record):
    house = a_house(record)
    house.submit(ACCOUNT, "a.x12", a_file([a_claim()]), MONDAY)
    texts = collect(house)
    assert kinds(texts) == ["999", "277", "277", "835"]
    (ack,), problems = read_999(texts[0])
    assert (ack.verdict, ack.group_control, problems) == ("A", "1", [])
    said = [read_277ca(text)[0][0] for text in texts[1:3]]
    assert [one.source_kind for one in said] == ["AY", "PR"]
    assert [one.claims[0].statuses[0].category for one in said] == ["A1", "A2"]
    assert {one.batch_reference for one in said} == {"B000001"}
    (paid,) = remits(texts)
    assert paid.claims[0].pcn == a_claim().pcn
    assert paid.claims[0].payer_icn == said[1].claims[0].payer_icn
    assert balance(paid).verdict is Verdict.BALANCED


def test_answers_come_when_they_are_due(record):
    house = a_house(record, a_profile(median_days=9, sigma=0.0001))
    house.submit(ACCOUNT, "a.x12", a_file([a_claim()]), MONDAY)
    assert collect(house, MONDAY) == []
    assert kinds(collect(house, MONDAY + timedelta(minutes=15))) == ["999"]
    assert kinds(collect(house, MONDAY + timedelta(hours=2))) == ["277"]
    assert collect(house, MONDAY + timedelta(hours=10)) == []
    assert kinds(collect(house, MONDAY + timedelta(days=1))) == ["277"]
    assert collect(house, MONDAY + timedelta(days=8)) == []
    assert kinds(collect(house, MONDAY + timedelta(days=9))) == ["835"]
    assert collect(house) == []


def test_medicare_pays_nothing_before_day_fourteen(record):
    house = a_house(record, a_profile(kind="medicare"))
    house.submit(ACCOUNT, "a.x12", a_file([a_claim(number) for number in range(1, 40)]), MONDAY)
    assert remits(collect(house, MONDAY + timedelta(days=13, hours=12))) == []
    assert len(remits(collect(house))) >= 1


def test_at_once_leaves_nothing_to_wait_for(record):
    house = a_house(record, pace=PayerPace.AT_ONCE)
    house.submit(ACCOUNT, "a.x12", a_file([a_claim()]), MONDAY)
    assert kinds(collect(house, MONDAY)) == ["999", "277", "277", "835"]
    assert record.next_due() is None


def test_the_same_file_twice_is_one_file(record):
    house = a_house(record)
    for name in ("a.x12", "b.x12"):
        house.submit(ACCOUNT, name, a_file([a_claim()]), MONDAY)
    assert len(record.submissions()) == 1
    assert len(collect(house)) == 4


def test_a_file_waits_until_it_is_taken(record):
    house = a_house(record, pace=PayerPace.AT_ONCE)
    house.submit(ACCOUNT, "a.x12", a_file([a_claim()]), MONDAY)
    first, again = house.waiting(ACCOUNT, MONDAY), house.waiting(ACCOUNT, MONDAY + timedelta(hours=1))
    assert first == again
    house.taken(ACCOUNT, [first[0].name])
    assert house.waiting(ACCOUNT, MONDAY) == first[1:]
    assert house.waiting("OTHER", LATER) == []
    taken = [one.delivered_at for one in record.deliveries() if one.delivered_at]
    assert taken == [MONDAY + timedelta(hours=1)]


def test_a_new_process_finds_what_the_old_one_left(tmp_path):
    path = tmp_path / "payers.sqlite"
    before = PayerRecord(path)
    a_house(before).submit(ACCOUNT, "a.x12", a_file([a_claim()]), MONDAY)
    before.close()
    after = PayerRecord(path)
    assert kinds(collect(a_house(after))) == ["999", "277", "277", "835"]
    after.close()
    third = PayerRecord(path)
    assert collect(a_house(third)) == []
    assert third.paid_total() == third.remits()[0].cents > 0
    third.close()


def test_one_payment_for_all_claims_of_a_run(record):
    house = a_house(record, a_profile(), a_profile("OTHER"), pace=PayerPace.AT_ONCE)
    claims = [a_claim(number, payer="OTHER" if number % 3 == 0 else "QUIET") for number in range(1, 10)]
    house.submit(ACCOUNT, "a.x12", a_file(claims[:5]), MONDAY)
    house.submit(ACCOUNT, "b.x12", a_file(claims[5:], control=2), MONDAY)
    found = remits(collect(house))
    assert [len(one.claims) for one in found] == [3, 6]
    assert len({one.trace for one in found}) == 2
    assert [one.payment_cents for one in found] == [one.cents for one in record.remits()]


def test_nothing_to_pay_is_a_notice(record):
    house = a_house(record, pace=PayerPace.AT_ONCE)
    house.submit(ACCOUNT, "a.x12", a_file([a_claim(member="SIM.DENY.CO197")]), MONDAY)
    (one,) = remits(collect(house))
    assert (one.payment_cents, one.method, one.handling, one.claims[0].status) == (0, "NON", "H", "4")
    assert balance(one).verdict is Verdict.BALANCED


def test_what_cannot_be_read_is_refused_whole(record):
    house = a_house(record, pace=PayerPace.AT_ONCE)
    text = a_file([a_claim()]).decode()
    house.submit(ACCOUNT, "a.x12", text.replace("SE*", "SE*9").encode(), MONDAY)
    house.submit(ACCOUNT, "b.x12", b"PK\x03\x04 not X12 at all", MONDAY)
    texts = collect(house)
    assert kinds(texts) == ["999"]
    (ack,), _ = read_999(texts[0])
    assert (ack.verdict, ack.accepted, ack.sets[0].verdict) == ("R", 0, "R")
    assert [one.fate for one in record.submissions()] == ["file-rejected"]
    house.submit(ACCOUNT, "c.x12", text.encode(), MONDAY)
    assert record.submissions()[-1].attempt == 1


def test_a_torn_interchange_gets_a_ta1(record):
    house = a_house(record, pace=PayerPace.AT_ONCE)
    text = a_file([a_claim()]).decode()
    house.submit(ACCOUNT, "a.x12", text[: text.index("IEA*")].encode(), MONDAY)
    (only,) = collect(house)
    assert "TA1*000000001*" in only
    assert "*R*023" in only


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        (a_claim(payer="NOBODY"), "A7:480:PR"),
        (a_claim(charge_cents=1), "A7:178"),
        (a_claim(lines=[a_line(day=MONDAY.date() + timedelta(days=30))]), "A7:187"),
        (a_claim(member="SIM.REJECT.A3-33-IL"), "A3:33:IL"),
    ],
)
def test_the_door_sends_back_what_is_wrong(record, claim, reason):
    house = a_house(record, pace=PayerPace.AT_ONCE)
    house.submit(ACCOUNT, "a.x12", a_file([claim, a_claim(2)]), MONDAY)
    texts = collect(house)
    assert [(one.fate, one.reason) for one in record.submissions()] == [
        ("clearinghouse-rejected", reason),
        ("adjudicated", ""),
    ]
    said = read_277ca(texts[1])[0][0]
    assert [one.statuses[0].action for one in said.claims] == ["U", "WQ"]
    assert (said.accepted, said.rejected) == (1, 1)
    assert len(remits(texts)[0].claims) == 1


def test_the_payer_may_send_it_back_after_the_clearinghouse_took_it(record):
    house = a_house(record, a_profile(payer_reject_rate=1.0), pace=PayerPace.AT_ONCE)
    house.submit(ACCOUNT, "a.x12", a_file([a_claim()]), MONDAY)
    texts = collect(house)
    said = [read_277ca(text)[0][0].claims[0].statuses[0] for text in texts[1:]]
    assert said[0].category == "A1"
    assert said[1].category in {"A3", "A7", "A8"}
    assert record.submissions()[0].fate == "payer-rejected"
    assert [(one.source, one.category) for one in record.acks()] == [("AY", "A1"), ("PR", said[1].category)]


def test_a_rejected_claim_gets_through_when_it_comes_again(record):
    profile = a_profile(clearinghouse_reject_rate=1.0, retry_reject_share=0.0)
    house = a_house(record, profile, pace=PayerPace.AT_ONCE)
    house.submit(ACCOUNT, "a.x12", a_file([a_claim()]), MONDAY)
    house.submit(ACCOUNT, "b.x12", a_file([a_claim(attempt=2)], control=2), MONDAY)
    assert [(one.attempt, one.fate) for one in record.submissions()] == [
        (1, "clearinghouse-rejected"),
        (2, "adjudicated"),
    ]


def test_the_same_services_under_another_number_are_a_duplicate(record):
    house = a_house(record, pace=PayerPace.AT_ONCE)
    house.submit(ACCOUNT, "a.x12", a_file([a_claim(1)]), MONDAY)
    house.submit(ACCOUNT, "b.x12", a_file([a_claim(1, attempt=2)], control=2), MONDAY)
    first, second = record.decisions()
    assert first.cause == ""
    assert (second.cause, second.adjustments) == ("rule duplicate", (("CO", "18", 12_500),))


def test_a_denied_service_may_come_again(record):
    profile = a_profile(denial_rate=1.0, retry_denial_share=0.0)
    house = a_house(record, profile, pace=PayerPace.AT_ONCE)
    house.submit(ACCOUNT, "a.x12", a_file([a_claim(1)]), MONDAY)
    house.submit(ACCOUNT, "b.x12", a_file([a_claim(1, attempt=2)], control=2), MONDAY)
    assert [one.cause.split()[0] if one.cause else "" for one in record.decisions()] == ["dice", ""]


def test_the_record_says_what_the_remittances_say(record):
    house = a_house(record, a_profile(denial_rate=0.4), pace=PayerPace.AT_ONCE)
    claims = [a_claim(n, [a_line(), a_line(2, "XV205", 7_777)]) for n in range(1, 60)]
    house.submit(ACCOUNT, "a.x12", a_file(claims), MONDAY)
    assert record.totals_by_carc() == []
    found: dict[tuple[str, str], int] = {}
    for one in remits(collect(house)):
        for line in (line for claim in one.claims for line in claim.lines):
            for part in line.adjustments:
                found[part.group, part.carc] = found.get((part.group, part.carc), 0) + part.cents
    assert {(one.group, one.carc): one.cents for one in record.totals_by_carc()} == found
    denials = {one.carc for one in record.totals_by_carc(denials_only=True)}
    assert denials
    assert not denials & {"45", "1", "2", "3"}
    truth = record.decisions(delivered=True)
    assert sum(one.charge_cents for one in truth) == record.paid_total() + sum(found.values())


def test_a_dependent_is_named_beside_the_subscriber(record):
    house = a_house(record, pace=PayerPace.AT_ONCE)
    child = a_claim(2, relationship="19")
    parent = a_claim(1)
    child.subscriber, child.patient = parent.subscriber, child.subscriber
    child.patient.id = child.patient.id_kind = ""
    house.submit(ACCOUNT, "a.x12", a_file([child]), MONDAY)
    paid = remits(collect(house))[0].claims[0]
    assert (paid.patient.name, paid.subscriber.name) == ("DOE2", "DOE1")


def test_rejects_come_at_their_rates():
    many, profile = 4_000, a_profile(clearinghouse_reject_rate=0.04, payer_reject_rate=0.015)
    found = Counter()
    for number in range(many):
        reject = find_reject(a_claim(), profile, 0, MONDAY.date(), Dice(1, "QUIET", str(number)))
        found[reject[0] if reject else None] += 1
    for source, rate in ((Source.CLEARINGHOUSE, 0.04), (Source.PAYER, 0.96 * 0.015)):
        assert abs(found[source] - many * rate) < 3 * sqrt(many * rate * (1 - rate))

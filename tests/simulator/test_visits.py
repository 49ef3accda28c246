"""Practices and what they send: layout, defects, arrivals, lag, and nobody who could be real."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date, timedelta
from math import sqrt

import pytest

from config.codes import CodeStatus, diagnosis_status, payers, place_ok, procedure_status, taxonomy_ok
from config.identifiers import ein_ok, mbi_ok, npi_ok
from simulator.payers import default_profiles
from simulator.people import SELF_PAY, draw_patients
from simulator.practices import demo_practices
from simulator.visits import COLUMNS, Defect, Diary, poisson

OPENS = date(2026, 1, 5)


@pytest.fixture(scope="module")
def practices():
    return demo_practices(default_profiles(demo_only=True), OPENS)


def days(count, first=OPENS):
    return [first + timedelta(days=ahead) for ahead in range(count)]


def rows_of(upload):
    return list(csv.DictReader(io.StringIO(upload.content.decode())))


def test_four_practices_two_of_each_tier(practices):
    assert Counter(one.tier for one in practices) == {"billing": 2, "full-rcm": 2}
    assert len({one.specialty for one in practices}) == len({one.account for one in practices}) == 4
    for one in practices:
        npis = [one.npi, *(who.npi for who in one.clinicians)]
        assert all(npi_ok(npi, test_ids=True) and not npi_ok(npi) for npi in npis)
        assert ein_ok(one.tax_id, test_ids=True)
        assert not ein_ok(one.tax_id)
        assert len(one.town.zip) == 9
    everyone = [who.npi for one in practices for who in one.clinicians]
    assert len(set(everyone)) == len(everyone)


def test_what_practices_bill_is_valid(practices):
    for one in practices:
        for service in one.services:
            for code in service.diagnoses:
                assert diagnosis_status(code, OPENS) is CodeStatus.VALID, code
            for code in (*service.main, *service.extras):
                assert procedure_status(code, OPENS) is CodeStatus.VALID, code
                assert one.charge_master[code] > 0
            assert place_ok(service.place)
        assert taxonomy_ok(one.taxonomy)
        assert set(one.community.payer_mix) - {SELF_PAY} <= set(payers())


def test_the_file_has_the_standard_layout(practices):
    upload = Diary(practices[0], 1, OPENS, defect_rate=0).upload_of(OPENS + timedelta(days=3))
    header = upload.content.decode().split("\n", 1)[0]
    assert header == ",".join(COLUMNS)
    rows = rows_of(upload)
    assert len(rows) == upload.rows == sum(len(one.lines) for one in upload.visits)
    for row in rows:
        assert date.fromisoformat(row["birth_date"]) < date.fromisoformat(row["service_date"])
        assert row["charge"].replace(".", "").isdigit()
        assert row["charge"][-3] == "."
        assert row["relationship"] == "18"
        assert all(int(pointer) <= 4 and row[f"dx{pointer}"] for pointer in row["pointers"].split())
        assert (row["payer_id"] == SELF_PAY) == (row["member_id"] == "")
        assert row["provider_npi"] in {who.npi for who in practices[0].clinicians}


def test_a_practice_that_sends_no_charges_leaves_them_to_the_bureau(practices):
    (one,) = [practice for practice in practices if not practice.sends_charges]
    assert {row["charge"] for row in rows_of(Diary(one, 1, OPENS).upload_of(OPENS + timedelta(days=3)))} == {""}


def test_any_day_in_any_order_is_the_same_file(practices):
    forward, backward = Diary(practices[1], 7, OPENS), Diary(practices[1], 7, OPENS)
    wanted = days(25)
    one = {day: forward.upload_of(day) for day in wanted}
    other = {day: backward.upload_of(day) for day in reversed(wanted)}
    assert one == other
    assert Diary(practices[1], 8, OPENS).upload_of(wanted[3]).content != one[wanted[3]].content


def test_another_defect_rate_moves_nothing_else(practices):
    clean = Diary(practices[1], 7, OPENS, defect_rate=0).upload_of(OPENS + timedelta(days=3))
    spoilt = Diary(practices[1], 7, OPENS, defect_rate=1).upload_of(OPENS + timedelta(days=3))
    assert clean.defects == {}
    assert [one.number for one in clean.visits] == [one.number for one in spoilt.visits]
    assert [one.lines for one in clean.visits] == [one.lines for one in spoilt.visits]


def test_every_visit_arrives_once(practices):
    diary = Diary(practices[2], 3, OPENS)
    uploads = [upload for day in days(120) if (upload := diary.upload_of(day))]
    sent = Counter(one.number for upload in uploads for one in upload.visits)
    happened = [one.number for day in days(60) for one in Diary(practices[2], 3, OPENS).visits_on(day)]
    assert max(sent.values()) == 1
    assert set(happened) <= set(sent)


def test_arrivals_follow_the_week_and_the_mean(practices):
    practice = practices[0]
    diary = Diary(practice, 5, date(2025, 1, 1))
    counts = Counter()
    for day in days(364, date(2025, 1, 6)):
        counts[day.weekday()] += len(diary.visits_on(day))
    mean = practice.encounters_per_day
    assert counts[6] == 0
    assert abs(counts[1] - 52 * mean * 1.2) < 3 * sqrt(52 * mean * 1.2)
    assert abs(counts[5] - 52 * mean * 0.1) < 3 * sqrt(52 * mean * 0.1)
    assert diary.visits_on(date(2025, 12, 25)) == ()


def test_two_thirds_are_entered_within_three_business_days(practices):
    practice = practices[0]
    diary = Diary(practice, 5, OPENS)
    lags = [(one.entered_on - one.day).days for day in days(200) for one in diary.visits_on(day) if day.weekday() == 0]
    share = sum(lag <= 3 for lag in lags) / len(lags)
    assert abs(share - 0.64) < 3 * sqrt(0.64 * 0.36 / len(lags)) + 0.02  # a holiday now and then


def test_defects_come_at_their_rate_and_show_in_the_rows(practices):
    diary = Diary(practices[0], 2, OPENS, defect_rate=0.2)
    visits, found = 0, Counter()
    for day in days(90):
        upload = diary.upload_of(day)
        if upload is None:
            continue
        visits += len(upload.visits)
        found.update(upload.defects.values())
        spoilt = upload.defects
        by_visit: dict[str, list[dict[str, str]]] = {}
        for row in rows_of(upload):
            by_visit.setdefault(row["encounter_id"], []).append(row)
        for number, rows in by_visit.items():
            assert _shows(rows, practices[0]) == spoilt.get(number)
    total = sum(found.values())
    assert set(found) == set(Defect)
    assert abs(total - 0.2 * visits) < 3 * sqrt(visits * 0.16) + 0.01 * visits  # self-pay needs no member id


def _shows(rows, practice):
    first, last = rows[0], rows[-1]
    if len(rows) > 1 and rows[-2] == last:
        return Defect.REPEATED_ROW
    if last["procedure"] == "":
        return Defect.UNCODED
    if first["service_date"].endswith("02-30"):
        return Defect.BAD_DATE
    if first["provider_npi"] not in {who.npi for who in practice.clinicians}:
        return Defect.UNKNOWN_PROVIDER
    if first["payer_id"] != SELF_PAY and not first["member_id"]:
        return Defect.MISSING_MEMBER
    return None


def test_patients_are_the_same_however_many_are_drawn(practices):
    community = practices[0].community
    few, many = (draw_patients(1, "X", community, count, OPENS) for count in (10, 300))
    assert many[:10] == few
    assert len({one.member for one in many if not one.is_self_pay}) == sum(not one.is_self_pay for one in many)
    for one in many:
        assert one.birth < OPENS
        if one.payer in community.for_the_old:
            assert (OPENS - one.birth).days >= 65 * 365
        if one.payer in community.with_mbi:
            assert mbi_ok(one.member, test_ids=True)
            assert not mbi_ok(one.member)
    mix = Counter(one.payer for one in many)
    assert set(mix) == set(community.payer_mix)


def test_poisson_quantiles():
    drawn = [poisson((number + 0.5) / 20_000, 30.0) for number in range(20_000)]
    mean = sum(drawn) / len(drawn)
    assert mean == pytest.approx(30.0, abs=0.01)
    assert sum((one - mean) ** 2 for one in drawn) / len(drawn) == pytest.approx(30.0, rel=0.01)
    assert (poisson(0.0, 0.0), poisson(0.999999, 0.0)) == (0, 0)

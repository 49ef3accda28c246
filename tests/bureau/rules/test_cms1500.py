"""A claim on paper says in each box what the electronic claim says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from random import Random

import pytest

from bureau.rules.cms1500 import BOXES, fill_cms1500
from bureau.x12.samples import make_claim, make_npi, make_provider
from bureau.x12.values import Party
from bureau.x12.values837 import Accident, Claim, ClaimExtras, Dated, Drug, OtherPayer

TODAY = date(2026, 3, 2)
NPI = make_npi(9)


def a_claim(**changes) -> Claim:
    return replace(make_claim(Random(3), 1, make_provider(1)), **changes)


def page_of(**changes) -> dict[str, str]:
    [page] = fill_cms1500(a_claim(**changes), signed_on=TODAY).pages
    return page


def with_line(**changes) -> dict[str, str]:
    return page_of(lines=[replace(a_claim().lines[0], **changes)])


def test_a_plain_claim_fills_who_what_and_how_much():
    claim = a_claim()
    page = page_of()
    assert page["1a"] == claim.subscriber.id
    assert page["2"] == page["4"] == f"{claim.subscriber.name}, {claim.subscriber.first}"
    assert (page["6.self"], page["11d.no"], page["27.yes"], page["21.kind"]) == ("X", "X", "X", "0")
    assert page["26"] == claim.pcn
    assert (page["33a"], page["33b"]) == (claim.billing.id, "ZZ207Q00000X")
    assert page["28"].replace(" ", "") == str(claim.charge_cents)
    assert page["24.1.pointer"] == "AB"
    assert page["24.1.provider"] == claim.rendering.id


@pytest.mark.parametrize(
    ("filing", "box"),
    [("MB", "1.medicare"), ("MC", "1.medicaid"), ("CH", "1.tricare"), ("VA", "1.champva"), ("CI", "1.group"),
     ("BL", "1.group"), ("WC", "1.feca"), ("AM", "1.other")],
)  # fmt: skip
def test_the_kind_of_cover_is_crossed(filing, box):
    page = page_of(filing_code=filing)
    assert [name for name in page if name.startswith("1.")] == [box]


def test_a_dependent_is_the_patient_and_the_subscriber_the_insured():
    child = Party("DUNN", "ALMA", "ROSE", is_person=True, birth=date(2019, 7, 4), sex="F", street="5 ELM", city="SALEM")
    page = page_of(patient=child, relationship="19")
    assert (page["2"], page["6.child"]) == ("DUNN, ALMA, R", "X")
    assert (page["3.month"], page["3.day"], page["3.year"], page["3.F"]) == ("07", "04", "2019", "X")
    assert page["4"] != page["2"]


def test_a_correction_names_the_payers_number():
    page = page_of(frequency="7", payer_icn="ICN42")
    assert (page["22.code"], page["22"]) == ("7", "ICN42")
    assert "22" not in page_of()


def test_another_payer_that_paid_first():
    other = OtherPayer(Party("HARBOR", id="H1"), a_claim().subscriber, "P", group_number="G9", paid_cents=4205)
    page = page_of(other_payers=(other,), payer_rank="S")
    assert (page["11d.yes"], page["9a"], page["9d"], page["29"]) == ("X", "G9", "HARBOR", "42 05")


def test_an_accident_at_the_wheel():
    page = page_of(accident=Accident(("AA",), date(2026, 1, 3), "OR"))
    assert (page["10a.no"], page["10b.yes"], page["10b.state"], page["10c.no"]) == ("X", "X", "OR", "X")
    assert (page["15.kind"], page["15.date"]) == ("439", "01 03 2026")


def test_dates_notes_and_the_laboratory_number():
    extras = ClaimExtras(
        dates=(Dated("431", date(2026, 1, 2)), Dated("435", date(2026, 1, 5)), Dated("096", date(2026, 1, 7))),
        note=("ADD", "see letter"), refs=(("X4", "99D1234567"),), patient_paid_cents=2000,
    )  # fmt: skip
    page = page_of(extras=extras)
    assert (page["14.kind"], page["14.date"]) == ("431", "01 02 2026")
    assert (page["18.from"], page["18.to"]) == ("01 05 2026", "01 07 2026")
    assert (page["19"], page["23"], page["29"]) == ("SEE LETTER", "99D1234567", "20 00")
    assert page_of(extras=extras, prior_auth="PA1")["23"] == "PA1"


def test_whoever_referred_comes_before_whoever_supervised():
    rose = Party("REFERRER", "ROSE", is_person=True, id_kind="XX", id=NPI)
    page = page_of(referring=rose, supervising=replace(rose, name="BOSS"))
    assert (page["17.kind"], page["17"], page["17b"]) == ("DN", "ROSE REFERRER", NPI)
    assert page_of(supervising=rose)["17.kind"] == "DQ"


def test_a_drug_stands_in_the_shaded_half():
    assert with_line(drug=Drug("00002143380", Decimal("2.50"), "ML"))["24.1.note"] == "N400002143380 ML2.5"


def test_minutes_of_anesthesia_are_the_units():
    assert with_line(unit="MJ", units=Decimal(75))["24.1.units"] == "75"


def test_thirteen_lines_take_three_pages_and_the_total_stands_on_the_last():
    line = a_claim().lines[0]
    paper = fill_cms1500(a_claim(lines=[line] * 13, charge_cents=13 * line.charge_cents), signed_on=TODAY)
    assert [page["28"] for page in paper.pages[:2]] == ["CONTINUED"] * 2
    assert paper.pages[2]["28"].replace(" ", "") == str(13 * line.charge_cents)
    assert [sum(name.endswith(".code") for name in page) for page in paper.pages] == [6, 6, 1]
    assert not paper.problems


@pytest.mark.parametrize(
    ("changes", "box"),
    [({"diagnoses": tuple(f"Z{n:03d}" for n in range(13))}, "box 21"), ({"lines": []}, "box 24"),
     ({"other_payers": (OtherPayer(Party("A"), Party("B"), "P"), OtherPayer(Party("C"), Party("D"), "S"))}, "box 9")],
)  # fmt: skip
def test_what_paper_cannot_say_is_said(changes, box):
    problems = fill_cms1500(a_claim(**changes), signed_on=TODAY).problems
    assert [(problem.where, problem.code, problem.is_error) for problem in problems] == [(box, "not_on_paper", True)]


def test_a_text_too_long_is_cut_with_a_word():
    paper = fill_cms1500(a_claim(group_number="G" * 40), signed_on=TODAY)
    assert paper.pages[0]["11"] == "G" * 29
    assert [(problem.where, problem.is_error) for problem in paper.problems] == [("box 11", False)]


def test_no_box_runs_into_its_neighbour():
    taken: dict[tuple[int, int], str] = {}
    for name, box in BOXES.items():
        for column in range(box.column, box.column + box.width):
            assert (box.row, column) not in taken, (name, taken.get((box.row, column)))
            taken[box.row, column] = name
            assert 1 <= column <= 80

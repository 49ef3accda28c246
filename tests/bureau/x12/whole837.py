"""A professional claim that has every part there is, for tests that must leave none out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from bureau.x12.samples import make_npi
from bureau.x12.values import Adjustment, Party
from bureau.x12.values837 import (
    Accident,
    Ambulance,
    Attachment,
    Claim,
    ClaimExtras,
    ClaimSet,
    Condition,
    Contract,
    Dated,
    Drug,
    Form,
    LineDecision,
    LineExtras,
    OtherPayer,
    Rental,
    Repricing,
    ServiceLine,
)

NPI = make_npi(1)
DAY = date(2026, 1, 2)
ONE = Decimal(1)


def place(name: str = "", **more: object) -> Party:
    return replace(Party(name, street="1 BAY", city="SALEM", state="OR", zip="973010004"), **more)


def person(name: str, *refs: tuple[str, str], **more: object) -> Party:
    return replace(Party(name, "ANN", is_person=True, id_kind="XX", id=NPI, refs=refs), **more)


def repricing(**more: object) -> Repricing:
    return Repricing("03", 4_000, 1_000, "ORG1", Decimal("12.5"), "GRP", 4_000, rejection="T1", policy="1",
                     exception="2", **more)  # fmt: skip


def decision(payer: str, cents: int = 5_000) -> LineDecision:
    """On a line of 100 dollars."""
    return LineDecision(
        payer, cents, "A0427", ONE, DAY, "HC", ("RH",), "TRIP", "2",
        (Adjustment("CO", "45", 8_000 - cents), Adjustment("CO", "24", 1_000, ONE), Adjustment("PR", "2", 1_000)),
        1_000,
    )  # fmt: skip


def other_payer(rank: str, payer: str, cents: int = 9_500) -> OtherPayer:
    return OtherPayer(
        place("OTHER PLAN", id_kind="PI", id=payer, refs=(("2U", "U1"), ("FY", "F1"))),
        place("DOE", first="JO", is_person=True, id_kind="MI", id="M9", refs=(("SY", "990000002"),)),
        rank, "01", "GRP2", "PLAN2", "12", "CI", (Adjustment("PR", "1", 500),), cents, 100, 1_500, "W", "P", "I",
        ("", "12.5", "N1", "MA01"), DAY, "ICN9", "AUTH9", "RFL9", "Y",
        (("DN", Party(is_person=True, refs=(("G2", "A"),))), ("82", Party(is_person=True, refs=(("G2", "B"),))),
         ("77", Party(refs=(("G2", "C"),))), ("DQ", Party(is_person=True, refs=(("G2", "D"),))),
         ("85", Party(refs=(("G2", "E"),)))),
    )  # fmt: skip


def line_extras() -> LineExtras:
    return LineExtras(
        (Attachment("OZ", "EL", "ATT1"), Attachment("CT", "NS")),
        Ambulance("A", Decimal("12.5"), Decimal(180), "TO CLINIC", "STRETCHER", place(), place("HOSPITAL")),
        (Condition("07", True, ("01", "06")), Condition("70", False, ("65",)), Condition("09", True, ("38", "ZV"))),
        (Dated("471", DAY), Dated("607", DAY), Dated("738", DAY), Dated("739", DAY)),
        (("9B", "R1"), ("G1", "A1"), ("G1", "A2"), ("X4", "99D0000000"), ("9F", "F1")),
        (("ADD", "SEEN TWICE"), ("TPO", "FOR THE REPRICER")),
        (("TR", "R1", Decimal("10.2")), ("OG", "HT", Decimal(70))),
        (("PT", Decimal(2)), ("FL", Decimal(3))),
        ("STATE DATA",),
        ("R", "MO", Decimal(12)),
        Rental("E1390", Decimal(30), 10_000, 90_000, "4"),
        Contract("02", 1_000, Decimal(10), "CODE", Decimal("2.5"), "V1"),
        repricing(qualifier="HC", code="A0428", unit="UN", units=ONE),
        ("99PROV", 2_500),
        150,
        250,
        (Form("UT", "04.03", (("1A", "", "056", "", ""), ("1C", "", "", "20260101", ""), ("4", "Y", "", "", ""))),),
        (("", "G1", "A3", "P2"), ("82", "G2", "X1", "P2")),
    )  # fmt: skip


def whole_line(number: int) -> ServiceLine:
    return ServiceLine(
        number, "A0427", 10_000, Decimal("1.5"), DAY, date(2026, 1, 4), "HC", ("RH", "QN"), "UNLISTED", "UN", "42",
        (1, 2), f"A1L{number}", True, True, True, True,
        Drug("00409123456", Decimal("7.25"), "ML", "RX1", "XZ"),
        (("82", person("ROE", ("G2", "X9"), taxonomy="207Q00000X")),
         ("QB", Party(is_person=True, id_kind="XX", id=NPI)),
         ("77", place("LAB", id_kind="XX", id=NPI, refs=(("G2", "L1"),))), ("DQ", person("SUPER")),
         ("DK", person("ORDER", ("G2", "O1"), street="2 ELM", city="SALEM", state="OR", zip="97301", contact="KIM",
                       phone="5550100000", extension="12")),
         ("DN", person("REFER")), ("P3", person("FIRST"))),
        (decision("P2"), decision("P3", 1_000)), line_extras(),
    )  # fmt: skip


def whole_claim() -> Claim:
    """A claim that has every part there is, for a dependent."""
    subscriber = place("DOE", first="JANE", is_person=True, id_kind="MI", id="M1", birth=date(1970, 1, 31), sex="F",
                       refs=(("SY", "990000003"),), contact="JANE", phone="5550100003")  # fmt: skip
    lines = [whole_line(1), whole_line(2)]
    return Claim(
        "A1", 20_000, "41", "7",
        place("PRACTICE", id_kind="XX", id=NPI, tax_id="990000001", taxonomy="207Q00000X", contact="ANN",
              phone="5550100000", extension="7", fax="5550100001", refs=(("0B", "L1"),)),
        subscriber, place("PAYER", id_kind="PI", id="P1", refs=(("2U", "X2"), ("G2", "X3"))),
        "T", "CI", "GRP1", "19",
        place("DOE", first="JON", is_person=True, birth=date(2015, 2, 1), sex="M", refs=(("Y4", "PC1"),),
              contact="JANE", phone="5550100003"),
        ("E119", "I10"), "10", lines,
        person("ROE", ("G2", "X9"), taxonomy="207Q00000X"), person("REF", ("G2", "X8")),
        place("CLINIC", id_kind="XX", id=NPI, contact="LEE", phone="5550100002", refs=(("LU", "L2"),)),
        "AUTH1", "RFL1", "ICN1", "TRACE1", "Y", "A", "W", "I", "PLAN1", "12",
        place(street2="FLOOR 2"), place("LIEN PLAN", id_kind="PI", id="LP", tax_id="990000004", refs=(("2U", "U2"),)),
        person("CARE"), person("WATCH", ("LU", "L3")), Accident(("AA", "EM"), DAY, "OR", "US"),
        (other_payer("P", "P2"), other_payer("S", "P3", 1_500)),
        ClaimExtras(
            "P", "09", "11", (Dated("431", DAY), Dated("435", DAY), Dated("090", DAY)),
            (Attachment("OZ", "BM", "ATT2"), Attachment("B4", "AA")), Contract("01", 500), 2_000,
            (("4N", "3"), ("X4", "99D0000000"), ("EA", "MED1"), ("P4", "DEMO")), ("STATE DATA",),
            ("ADD", "READ THIS"), Ambulance("B", Decimal(3), Decimal(180), "", "", place(), place("CLINIC")),
            ("C", "LOW BACK", "MORE"), (Condition("E1", True, ("L1",)), Condition("ZZ", True, ("AV",))),
            ("A0100", "A0110"), ("01", "02"), repricing(), "CAD",
        ),
        date(2026, 1, 9), Decimal("8.5"), True,
    )  # fmt: skip


def set_of(*claims: Claim) -> ClaimSet:
    return ClaimSet(
        "0001", "REF1", datetime(2026, 3, 2, 9, 30), Party("DESK", id_kind="46", id="SND", contact="ANN",
        phone="5550100000"), Party("HUB", id_kind="46", id="RCV"), list(claims), "18", use="RP",
    )  # fmt: skip

"""Authorization: the 278 asked and answered.

No reader of others knows the 5010 278 (pyx12 stops at 4010, x12sdk has none), so ours is held against
the grammar, against the one sample there is, and against itself.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from bureau.x12.check import check
from bureau.x12.envelope import decode
from bureau.x12.inquiries import (
    Contact,
    Delivery,
    Diagnosis,
    Entity,
    Parties,
    Procedure,
    ProviderRole,
    Rejection,
    Trace,
)
from bureau.x12.review278 import read_278, write_278_request, write_278_response
from bureau.x12.samples import make_envelope
from bureau.x12.tree import reemit, tree
from bureau.x12.values import Party
from bureau.x12.values278 import Decision, Event, Review, ReviewKind, Service
from bureau.x12.values837 import Attachment, Condition, Dated
from tests.bureau.x12.inquiry_values import (
    DAY,
    JANE,
    JOHN,
    LATER,
    MOMENT,
    PRACTICE,
)
from tests.bureau.x12.texts import wrap
from tests.soak.mutations import mutate
from tests.support.samples import find_samples, sample_name

REVIEWER = Entity("X3", Party("PAYER", id_kind="PI", id="P1"))
ASKER = replace(PRACTICE, contacts=(Contact("ANN", (("TE", "5550100000"), ("FX", "5550100001"))),))
PATIENT = replace(JANE, traces=(), dates=(), relationship="18")
CHILD = replace(JOHN, kind="QC", traces=(), dates=())
PARTIES = Parties(REVIEWER, ASKER, PATIENT)
THERAPIST = Entity(
    "SJ", Party("WATSON", "SUSAN", is_person=True, id_kind="XX", id="9999000026", refs=(("ZH", "P7"),),
                street="1 PLAZA", city="SALEM", state="OR", zip="973010002"),
    contacts=(Contact("", (("TE", "5550111111"),)),), role=ProviderRole("PE", "PXC", "225100000X"),
)  # fmt: skip
EVENT = Event(
    (Trace("A1", "1990000001"),),
    asked=ReviewKind("HS", "I", "PT", "11", "B", ("AA", "EM"), "OR", "US", "U", "1", "2", "Y", "7"),
    refs=(("BB", "OLD1"), ("NT", "N1")),
    dates=(Dated("439", DAY), Dated("AAH", DAY, LATER), Dated("435", DAY, clock="0815")),
    diagnoses=(Diagnosis("ABK", "M5450", DAY), Diagnosis("ABF", "I10")),
    deliveries=(Delivery("VS", Decimal(3), "WK", Decimal(1), "35", Decimal(4), "A", "D"),),
    attachments=(Attachment("77", "EL", "C9"), Attachment("OZ", "AA")), messages=("SEE NOTE",), providers=[THERAPIST],
    conditions=(Condition("75", applies=True, codes=("IH", "PA")), Condition("07", applies=False, codes=("01",))),
)  # fmt: skip
VISITS = Service(
    (Trace("A2", "1990000001"),), dates=(Dated("472", DAY, LATER),), diagnoses=(Diagnosis("ABF", "R262"),),
    deliveries=(Delivery("VS", Decimal(12)),), attachments=(Attachment("77", "FX", "C8"),), messages=("TWICE A WEEK",),
    providers=[replace(THERAPIST, kind="72")], segment_id="SV1",
    procedure=Procedure("G0151", "HC", ("GP", "KX"), "THERAPY", "G0157"), cents=10_050, unit="UN", quantity=Decimal(12),
    pointers=(1, 2), early_screening="Y", nursing_level="3",
)  # fmt: skip
STAY = Service(
    asked=ReviewKind("AR", "I", "2"), segment_id="SV2", revenue="0120", procedure=Procedure("G0378"), cents=90_000,
    unit="DA", quantity=Decimal(3), rate_cents=30_000, residence="2", nursing_level="4",
)  # fmt: skip
REQUEST = Review("0001", "REF1", MOMENT, "13", parties=PARTIES, event=EVENT, services=[VISITS, STAY])
CERTIFIED = Decision("A6", "AUTH1", ("0B", "0C"), "N")
RESPONSE = Review(
    "0001", "REF1", MOMENT, "11", "18", parties=PARTIES,
    event=replace(
        EVENT, traces=(Trace("A1", "1990000001", kind="2"),), decision=CERTIFIED, rejections=(Rejection("33", "C"),),
        dates=(Dated("007", DAY, LATER), Dated("102", DAY), Dated("036", LATER)),
    ),
    services=[
        replace(VISITS, decision=Decision("A1", "AUTH1")),
        replace(STAY, decision=Decision("A3", "", ("0F",)), rejections=(Rejection("AG", "N", is_valid=False),)),
    ],
)  # fmt: skip
DOWN = Parties(replace(REVIEWER, level_rejections=(Rejection("42", "Y"),)))
STRANGER = Parties(REVIEWER, replace(ASKER, rejections=(Rejection("51", "N"),)))
NOBODY = replace(PARTIES, subscriber=replace(PATIENT, rejections=(Rejection("75", "C"), Rejection("58", "C"))))
REFUSALS = [
    Review(f"000{at}", "REF1", MOMENT, "11", "18", parties=parties)
    for at, parties in enumerate((DOWN, STRANGER, NOBODY), 2)
]
HEAD = """
    BHT*0007*13*R1*20260302*0930
    HL*1**20*1
    NM1*X3*2*PAYER*****PI*P1
    HL*2*1*21*1
    NM1*1P*2*PRACTICE*****XX*9999000018
    HL*3*2*22*1
    NM1*IL*1*DOE*JANE****MI*M1
    HL*4*3*EV*0
"""


def test_requests_come_back() -> None:
    other = replace(REQUEST, control="0002", parties=replace(PARTIES, dependent=CHILD), services=[])
    text = write_278_request(make_envelope(), [REQUEST, other])
    assert read_278(text) == ([REQUEST, other], [])
    report = check(text.encode(), "r")
    assert (report.kind, report.transactions, report.claims, report.errors, report.warnings) == ("278", 2, 2, [], [])
    assert "GS*HI*" in text
    assert "UM*HS*I*PT*11:B*AA:EM::OR:US*U*1*2*Y*7~" in text
    assert "HI*ABK:M5450:D8:20260302*ABF:I10~" in text
    assert "SV1*HC:G0151:GP:KX:::THERAPY:G0157*100.5*UN*12***1:2****Y*********3~" in text
    assert "SV2*0120*HC:G0378*900*DA*3*300***2*4~" in text


def test_responses_come_back() -> None:
    text = write_278_response(make_envelope(), [RESPONSE, *REFUSALS])
    assert read_278(text) == ([RESPONSE, *REFUSALS], [])
    report = check(text.encode(), "r")
    assert (report.kind, report.transactions, report.claims, report.errors, report.warnings) == ("278", 4, 4, [], [])
    assert "HCR*A6*AUTH1*0B^0C*N~" in text
    assert "BHT*0007*11*REF1*20260302*0930*18~" in text


def test_the_levels_and_loops_are_those_of_the_guide() -> None:
    text = write_278_request(make_envelope(), [replace(REQUEST, parties=replace(PARTIES, dependent=CHILD))])
    assert [line for line in text.split("~\n") if line.startswith("HL*")] == [
        "HL*1**20*1", "HL*2*1*21*1", "HL*3*2*22*1", "HL*4*3*23*1", "HL*5*4*EV*1", "HL*6*5*SS*0", "HL*7*5*SS*0",
    ]  # fmt: skip
    nodes = [node for node in tree(text) if node.opens][3:]
    assert [node.loop for node in nodes] == [
        "2000A", "2010A", "2000B", "2010B", "2000C", "2010C", "2000D", "2010D", "2000E", "2010EA", "2000F", "2010F",
        "2000F",
    ]  # fmt: skip
    assert (nodes[0].loop_name, nodes[8].loop_name) == ("Reviewer level", "Event under review")


@pytest.mark.parametrize("action", ["A1", "A2", "A3", "A4", "A6", "C", "CT", "NA"])
def test_every_decision_is_read_at_both_levels(action: str) -> None:
    said = Decision(action, "AUTH1" if action.startswith("A") else "")
    one = replace(RESPONSE, event=replace(EVENT, decision=said), services=[replace(VISITS, decision=said)])
    [found], problems = read_278(write_278_response(make_envelope(), [one]))
    assert (found.event.decision, found.services[0].decision, problems) == (said, said, [])


def test_whatever_repeats_comes_back_three_times() -> None:
    def thrice(one: Event | Service) -> Event | Service:
        return replace(
            one, traces=one.traces * 3, rejections=(Rejection("33", "C"),) * 3, refs=(("BB", "1"),) * 3,
            dates=tuple(Dated(kind, DAY) for kind in ("102", "007", "036")),
            deliveries=(Delivery("VS", Decimal(1)),) * 3,
            attachments=one.attachments * 3, messages=("A", "B", "C"), providers=[THERAPIST] * 3,
        )  # fmt: skip

    many = replace(THERAPIST, rejections=(Rejection("43", "C"),) * 3, contacts=THERAPIST.contacts * 3)
    parties = Parties(
        *(replace(one, rejections=(Rejection("75", "C"),) * 3) for one in (REVIEWER, ASKER, PATIENT, CHILD))
    )
    event = thrice(replace(EVENT, conditions=EVENT.conditions * 3))
    event.providers.append(many)
    reviews = [
        replace(RESPONSE, control=f"000{at}", parties=parties, event=event, services=[thrice(VISITS), thrice(STAY)] * 3)
        for at in range(3)
    ]
    text = write_278_response(make_envelope(), reviews)
    assert read_278(text) == (reviews, [])
    assert check(text.encode(), "r").errors == []


@pytest.mark.parametrize("marks", ["*:^~", "|>!\n", "+;&'", "\x1d\x1f\x1e\x1c"])
def test_any_separators_are_read(marks: str) -> None:
    """Element, component, repetition, segment."""
    text = write_278_response(make_envelope(), [RESPONSE]).replace("~\n", "~").translate(str.maketrans("*:^~", marks))
    assert read_278(text) == ([RESPONSE], [])
    assert reemit(text) == text


@pytest.mark.parametrize(
    ("rest", "code", "element", "segment"),
    [
        ("UM*HS*I\nDTP*AAH*D8*20261301", "bad_date", "DTP03", 13),
        ("UM*HS*I\nDTP*435*DT*202603029999", "bad_time", "DTP03", 13),
        ("UM*HS*I\nSV1*HC:G0151", "service_misplaced", "SV1", 13),
        ("UM*HS*I\nHSD*VS*X", "bad_quantity", "HSD02", 13),
        ("UM*XX*I", "bad_code", "UM01", 12),
        ("UM*HS*I\nHCR*ZZ", "bad_code", "HCR01", 13),
        ("UM*HS*I\nHL*5*4*SS*0\nSV2*0120**X", "bad_amount", "SV203", 14),
        ("UM*HS*I\nHL*5*4*SS*0\nSV1*HC:G0151******A", "bad_number", "SV107", 14),
        ("UM*HS*I\nAAA*N***C", "element_missing", "AAA03", 13),
        ("TRN*1*T1", "segment_missing", "UM", 11),
    ],
)
def test_what_is_wrong_is_told_with_its_place(rest: str, code: str, element: str, segment: int) -> None:
    report = check(wrap("278", HEAD + rest).encode(), "f")
    assert (code, element, segment) in [(one.code, one.element, one.segment) for one in report.errors]
    assert "DOE" not in str(report.errors)


def test_segments_outside_their_levels_are_told() -> None:
    text = wrap("278", HEAD.replace("HL*4*3*EV*0", "") + "UM*HS*I\nHCR*A1\nHI*ABK:I10\nHL*4*3*SS*0\nSV1*HC:G0151")
    [review], problems = read_278(text)
    assert (review.event, review.services) == (None, [])
    assert [problem.code for problem in problems if problem.is_error] == ["review_misplaced"] * 3 + [
        "service_misplaced"
    ]


def test_two_events_in_one_set_are_two_reviews() -> None:
    """The guide allows one; a payer that sends more is still read."""
    reviews, problems = read_278(wrap("278", HEAD.replace("EV*0", "EV*1") + """
        UM*HS*I
        HCR*A1*AUTH1
        HL*5*4*SS*0
        SV1*HC:G0151
        HL*6*3*EV*0
        UM*HS*I
        HCR*A3
    """))  # fmt: skip
    assert problems == []
    assert [(one.event.decision.action, len(one.services)) for one in reviews] == [("A1", 1), ("A3", 0)]
    assert {(one.control, one.reference, one.last_segment) for one in reviews} == {("0001", "R1", 19)}


def test_what_is_not_kept_is_said() -> None:
    report = check(wrap("278", HEAD + "UM*HS*I\nCL1*1*1*30\nCR6*1*20260302").encode(), "f")
    assert [(problem.code, problem.element) for problem in report.warnings] == [
        ("not_carried", "CL1"),
        ("not_carried", "CR6"),
    ]
    assert report.errors == []


def test_a_set_that_reviews_nothing_is_told() -> None:
    [review], problems = read_278(wrap("278", "BHT*0007*11*R1*20260302*0930*18"))
    assert (review.event, review.is_response) == (None, True)
    assert [problem.code for problem in problems] == ["review_missing"]


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (replace(REQUEST, purpose="11"), "a patient and an event"),
        (replace(REQUEST, event=None), "a patient and an event"),
        (replace(REQUEST, parties=Parties(REVIEWER, ASKER)), "a patient and an event"),
        (replace(REQUEST, event=replace(EVENT, asked=None)), "what is asked"),
        (replace(REQUEST, event=replace(EVENT, decision=CERTIFIED)), "neither decision nor refusal"),
        (
            replace(REQUEST, services=[replace(VISITS, rejections=(Rejection("33", "C"),))]),
            "neither decision nor refusal",
        ),
        (replace(REQUEST, parties=replace(PARTIES, source=STRANGER.receiver)), "neither decision nor refusal"),
        (replace(REQUEST, services=[replace(VISITS, segment_id="SV9")]), "an SV1 or an SV2"),
        (replace(REQUEST, parties=Parties(REVIEWER, None, PATIENT)), "no level"),
        (replace(REQUEST, event=replace(EVENT, diagnoses=EVENT.diagnoses * 7)), "twelve diagnoses"),
    ],
)
def test_what_a_request_cannot_hold_is_not_written(bad: Review, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        write_278_request(make_envelope(), [bad])


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (REQUEST, "in its purpose"),
        (replace(RESPONSE, event=None), "to an event"),
        (replace(RESPONSE, parties=Parties(REVIEWER, ASKER)), "to a patient"),
        (replace(RESPONSE, event=replace(EVENT, asked=None)), "what is asked"),
    ],
)
def test_what_a_response_cannot_hold_is_not_written(bad: Review, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        write_278_response(make_envelope(), [bad])


def test_no_mutation_gets_an_exception_out() -> None:
    dice, data = Random(278), write_278_response(make_envelope(), [RESPONSE, *REFUSALS]).encode()
    for _ in range(600):
        report = check(mutate(dice, data), "fuzz")
        assert report.transactions or report.errors


@pytest.mark.parametrize("path", find_samples("x12/278/*"), ids=sample_name)
def test_a_response_of_others_is_read_whole(path: Path) -> None:
    text = decode(path.read_bytes())[0]
    assert reemit(text) == text
    [one], problems = read_278(text)
    assert problems == []
    assert (one.is_response, one.mode, one.event.decision) == (True, "18", Decision("A1", "99999999999"))
    assert one.event.dates == (Dated("AAH", date(2010, 12, 21), date(2010, 12, 25)),)
    assert [provider.kind for provider in one.event.providers] == ["DK", "QV"]
    [service] = one.services
    assert (service.procedure, service.unit, service.quantity, service.decision) == (
        Procedure("A9999"), "UN", Decimal(1), Decision("A1", "1"),
    )  # fmt: skip
    again = write_278_response(make_envelope(), [one]).replace("~\n", "~").split("~")[3:-4]
    assert again == text.upper().replace("*010000*", "*0100*").split("~")[3:-4]

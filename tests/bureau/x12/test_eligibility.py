"""Eligibility: 270 and 271 read, written, read by somebody else's library, and summed up for a biller."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from x12sdk.io import X12ModelReader

from bureau.x12.check import check
from bureau.x12.eligibility270 import read_270, write_270
from bureau.x12.eligibility271 import read_271, write_271
from bureau.x12.envelope import decode
from bureau.x12.inquiries import Contact, Delivery, Diagnosis, Entity, Procedure, ProviderRole, Rejection
from bureau.x12.samples import make_envelope
from bureau.x12.tree import reemit, tree
from bureau.x12.values import Party
from bureau.x12.values271 import (
    Benefit,
    Circumstance,
    EligibilityAnswer,
    EligibilityAnswerSet,
    EligibilityInquiry,
    EligibilityInquirySet,
    Question,
)
from bureau.x12.values837 import Dated
from tests.bureau.x12.inquiry_values import (
    COPAY,
    DAY,
    JANE,
    JOHN,
    LATER,
    MOMENT,
    PAYER,
    PLAN,
    PRACTICE,
    PROCEDURE,
    VISIT,
    answer,
    inquiry,
)
from tests.bureau.x12.texts import wrap
from tests.soak.mutations import mutate
from tests.support.samples import find_samples, sample_name

QUESTIONS = EligibilityInquirySet(
    "0001", "REF1", MOMENT, mode="RT",
    inquiries=[
        inquiry(VISIT, PROCEDURE), inquiry(dependent=JOHN), inquiry(PROCEDURE, dependent=replace(JOHN, birth_order=3)),
    ],
)  # fmt: skip
OTHER = Entity(
    "PRP",
    Party("HARBOR MUTUAL", id_kind="PI", id="HBM02", street="1 PLAZA", city="SALEM", state="OR", zip="973010002"),
    contacts=(Contact("LINE", (("TE", "5550111111"), ("UR", "HARBOR"))), Contact("", (("EM", "A@B"),))),
    role=ProviderRole("PE", "PXC", "207Q00000X"),
)  # fmt: skip
DOCTOR = Entity("P3", Party("JONES", "MARCUS", is_person=True, id_kind="XX", id="9999000026"))
FULL = Benefit(
    "F", "IND", ("PT", "98"), "PR", "GOLD PLAN", "23", 1_205, Decimal("0.25"), "99", Decimal(20), "Y", "W",
    Procedure("G0151", "HC", ("GP",)), (1, 2), (Delivery("VS", Decimal(3), "WK", None, "34", Decimal(2)),),
    (("1W", "M1"),), (Dated("292", DAY, LATER), Dated("636", DAY)), (Rejection("62", "C", is_valid=False),),
    ("UP TO 20 VISITS", "A YEAR"), (), [OTHER, DOCTOR],
)  # fmt: skip
CORRECTED = replace(JANE, relationship="18", maintenance="001", maintenance_reason="25", dates=(Dated("346", DAY),))
ANSWERS = EligibilityAnswerSet(
    "0001", "REF1", MOMENT,
    answers=[
        answer(PLAN, COPAY, FULL, subscriber=CORRECTED),
        answer(PLAN, dependent=JOHN),
        answer(subscriber=replace(JANE, rejections=(Rejection("75", "C"), Rejection("73", "C")))),
        EligibilityAnswer(PAYER, replace(PRACTICE, rejections=(Rejection("51", "N"),))),
        EligibilityAnswer(replace(PAYER, level_rejections=(Rejection("42", "R"),))),
    ],
)  # fmt: skip
HEAD = """
    BHT*0022*{}*R1*20260302*0930
    HL*1**20*1
    NM1*PR*2*PAYER*****PI*P1
    HL*2*1*21*1
    NM1*1P*2*PRACTICE*****XX*9999000018
"""
PATIENT = """
    HL*3*2*22*0
    TRN*1*T1*1990000001
    NM1*IL*1*DOE*JANE****MI*M1
"""


def model_of(text: str) -> Any:
    """What x12sdk makes of the one set in a text; it does not read segments on lines of their own."""
    with X12ModelReader(text.replace("\n", "")) as reader:
        [model] = reader.models()
    return model


def question(rest: str, head: str = HEAD) -> str:
    return wrap("270", head.format("13") + rest)


def reply(rest: str, head: str = HEAD) -> str:
    return wrap("271", head.format("11") + rest)


def test_questions_come_back() -> None:
    text = write_270(make_envelope(), [QUESTIONS, replace(QUESTIONS, control="0002")])
    assert read_270(text) == ([QUESTIONS, replace(QUESTIONS, control="0002")], [])
    report = check(text.encode(), "q")
    assert (report.kind, report.transactions, report.claims, report.errors, report.warnings) == ("270", 2, 6, [], [])
    assert "GS*HS*" in text
    assert "EQ*30^98^UC**IND~" in text
    assert "EQ**HC:G0463:25:59***1:2~" in text


def test_answers_come_back() -> None:
    text = write_271(make_envelope(), [ANSWERS])
    assert read_271(text) == ([ANSWERS], [])
    report = check(text.encode(), "a")
    assert (report.kind, report.transactions, report.claims, report.errors, report.warnings) == ("271", 1, 5, [], [])
    assert "EB*B*IND*98^UC*HM**27*25****N*Y~" in text
    assert "INS*Y*18*001*25~" in text
    assert text.count("LS*2120~") == text.count("LE*2120~") == 1


def test_the_levels_are_shared_by_neighbours_and_tell_of_their_children() -> None:
    text = write_270(make_envelope(), [QUESTIONS])
    assert [line for line in text.split("~\n") if line.startswith("HL*")] == [
        "HL*1**20*1", "HL*2*1*21*1", "HL*3*2*22*0", "HL*4*2*22*1", "HL*5*4*23*0", "HL*6*4*23*0",
    ]  # fmt: skip
    text = write_271(make_envelope(), [ANSWERS])
    assert [line for line in text.split("~\n") if line.startswith("HL*")] == [
        "HL*1**20*1", "HL*2*1*21*1", "HL*3*2*22*0", "HL*4*2*22*1", "HL*5*4*23*0", "HL*6*2*22*0", "HL*7*1*21*0",
        "HL*8**20*0",
    ]  # fmt: skip


def test_the_tree_names_the_loops_of_the_guide() -> None:
    one = replace(ANSWERS, answers=[answer(replace(FULL, circumstances=(Circumstance("ZZ", "11"),)), dependent=JOHN)])
    nodes = [node for node in tree(write_271(make_envelope(), [one])) if node.opens]
    assert [node.loop for node in nodes[3:]] == [
        "2000A", "2100A", "2000B", "2100B", "2000C", "2100C", "2000D", "2100D", "2110D", "2115D", "2120D", "2120D",
    ]  # fmt: skip
    assert [node.loop_name for node in nodes[-4:]] == [
        "Benefit", "More about the benefit", "Who has to do with the benefit", "Who has to do with the benefit",
    ]  # fmt: skip
    nodes = [node for node in tree(write_270(make_envelope(), [QUESTIONS])) if node.id == "EQ"]
    assert [node.loop for node in nodes] == ["2110C", "2110C", "2110D", "2110D"]


def test_a_judge_of_others_reads_our_questions() -> None:
    text = write_270(make_envelope(), [replace(QUESTIONS, inquiries=[inquiry(), inquiry(dependent=JOHN)])])
    model = model_of(text)
    [source] = model.loop_2000a
    assert source.loop_2100a.nm1_segment.identification_code == "P1"
    [receiver] = source.loop_2000b
    assert receiver.loop_2100b.prv_segment.reference_identification == "207Q00000X"
    assert receiver.loop_2100b.ref_segment[0].reference_identification == "990000001"
    jane, above = receiver.loop_2000c
    assert jane.trn_segment[0].reference_identification_1 == "T1"
    name = jane.loop_2100c
    assert (name.nm1_segment.name_first, name.nm1_segment.identification_code) == ("JANE", "M1")
    assert (name.dmg_segment.date_time_period, name.dmg_segment.gender_code) == (JANE.party.birth, "F")
    assert (name.n4_segment.city_name, name.ref_segment[0].reference_identification) == ("SALEM", "GRP1")
    assert name.dtp_segment.date_time_period == DAY
    [john] = above.loop_2000d
    assert john.loop_2100d.nm1_segment.name_first == "JOHN"
    assert john.loop_2100d.ins_segment.birth_sequence_number == 2
    assert john.loop_2100d.loop_2110d[0].eq_segment.service_type_code == ["30", "98", "UC"]


def test_a_judge_of_others_reads_our_questions_about_a_procedure() -> None:
    """It wants a service type in every EQ, though the guide lets a procedure stand alone."""
    both = replace(PROCEDURE, service_types=("98",), pointers=())
    model = model_of(write_270(make_envelope(), [replace(QUESTIONS, inquiries=[inquiry(VISIT, both)])]))
    first, second = model.loop_2000a[0].loop_2000b[0].loop_2000c[0].loop_2100c.loop_2110c
    assert first.eq_segment.service_type_code == ["30", "98", "UC"]
    assert second.eq_segment.medical_procedure_id == ["HC", "G0463", "25", "59"]
    assert [(one.amount_qualifier_code, one.monetary_amount) for one in second.amt_segment] == [
        ("R", Decimal("12.5")), ("PB", Decimal(100)),
    ]  # fmt: skip
    assert (second.iii_segment.industry_code, second.ref_segment.reference_identification) == ("11", "REF9")
    assert second.dtp_segment.date_time_period == LATER


def test_a_judge_of_others_reads_our_answers() -> None:
    """What it gets wrong itself is kept from it.

    Its EB09 has to be a number; an III is never closed; the second name between LS and LE is lost; a
    subscriber can only be refused for a provider's reasons; and a payer must have somebody below it.
    """
    refused = replace(JANE, rejections=(Rejection("15", "C"), Rejection("79", "N")))
    told = [answer(PLAN, COPAY, replace(FULL, related=[OTHER]), subscriber=CORRECTED), answer(PLAN, dependent=JOHN)]
    told += [answer(subscriber=refused), ANSWERS.answers[3]]
    model = model_of(write_271(make_envelope(), [replace(ANSWERS, answers=told)]))
    [source] = model.loop_2000a
    receiver, down = source.loop_2000b
    assert [(one.reject_reason_code, one.follow_up_action_code) for one in down.loop_2100b.aaa_segment] == [("51", "N")]
    jane, above, unknown = receiver.loop_2000c
    name = jane.loop_2100c
    assert (name.ins_segment.maintenance_type_code, name.ins_segment.maintenance_reason_code) == ("001", "25")
    assert [one.reject_reason_code for one in unknown.loop_2100c.aaa_segment] == ["15", "79"]
    assert above.loop_2000d[0].loop_2100d.loop_2110d[0].eb_segment.plan_coverage_description == "GOLD PLAN"
    plan, copay, full = name.loop_2110c
    assert plan.dtp_segment[0].date_time_qualifier == "346"
    assert (copay.eb_segment.service_type_code, copay.eb_segment.benefit_amount) == (["98", "UC"], 25)
    eb = full.eb_segment
    assert (eb.benefit_amount, eb.benefit_percent, eb.quantity) == (Decimal("12.05"), Decimal("0.25"), 20)
    assert (eb.authorization_certification_indicator, eb.inplan_network_indicator) == ("Y", "W")
    assert (eb.procedure_identifier, eb.diagnosis_code_pointer) == (["HC", "G0151", "GP"], ["1", "2"])
    assert (full.hsd_segment[0].quantity, full.hsd_segment[0].measurement_code) == (3, "WK")
    assert [one.free_form_text for one in full.msg_segment] == ["UP TO 20 VISITS", "A YEAR"]
    assert (full.aaa_segment[0].response_code, full.aaa_segment[0].reject_reason_code) == ("N", "62")
    [other] = full.loop_2120c
    assert (other.nm1_segment.identification_code, other.per_segment[0].communication_number_1) == (
        "HBM02",
        "5550111111",
    )


def test_whatever_repeats_comes_back_three_times() -> None:
    """Payers, providers, subscribers, dependents, questions, benefits and all that hangs on them."""
    asked, told = [], []
    rich = replace(
        FULL, deliveries=FULL.deliveries * 3, refs=FULL.refs * 3, dates=tuple(Dated(f"29{at}", DAY) for at in range(3)),
        rejections=FULL.rejections * 3, messages=("A", "B", "C"), circumstances=(Circumstance("ZZ", "11"),) * 3,
        related=[OTHER, OTHER, OTHER],
    )  # fmt: skip
    for payer in (replace(PAYER, party=Party(f"PAYER {at}", id_kind="PI", id="P1")) for at in range(3)):
        for provider in (replace(PRACTICE, party=Party(f"PRACTICE {at}", id_kind="XX", id="1")) for at in range(3)):
            for jane in (replace(JANE, traces=JANE.traces * (at + 1)) for at in range(3)):
                above = {"source": payer, "receiver": provider, "subscriber": jane}
                many = replace(VISIT, amounts=(("R", 1), ("PB", 2)), circumstances=(Circumstance("ZZ", "11"),) * 3)
                asked += [EligibilityInquiry(**above, questions=[many] * 3)]
                told += [EligibilityAnswer(**above, benefits=[rich] * 3)]
                for john in (replace(JOHN, birth_order=at) for at in range(3)):
                    asked.append(EligibilityInquiry(**above, dependent=john, questions=[VISIT] * 3))
                    told.append(EligibilityAnswer(**above, dependent=john, benefits=[PLAN] * 3))
    questions = [replace(QUESTIONS, control=f"000{at}", inquiries=asked) for at in range(3)]
    text = write_270(make_envelope(), questions)
    assert read_270(text) == (questions, [])
    assert check(text.encode(), "q").errors == []
    levels = [node.elements[2] for node in tree(text) if node.id == "HL"]
    assert [levels.count(kind) for kind in ("20", "21", "22", "23")] == [9, 27, 162, 243]
    answers = [replace(ANSWERS, control=f"000{at}", answers=told) for at in range(3)]
    text = write_271(make_envelope(), answers)
    assert read_271(text) == (answers, [])
    assert check(text.encode(), "a").errors == []


@pytest.mark.parametrize("marks", ["*:^~", "|>!\n", "+;&'", "\x1d\x1f\x1e\x1c"])
def test_any_separators_are_read(marks: str) -> None:
    """Element, component, repetition, segment."""
    for text, read, value in (
        (write_270(make_envelope(), [QUESTIONS]), read_270, QUESTIONS),
        (write_271(make_envelope(), [ANSWERS]), read_271, ANSWERS),
    ):
        other = text.replace("~\n", "~").translate(str.maketrans("*:^~", marks))
        assert read(other) == ([value], [])
        assert reemit(other) == other


@pytest.mark.parametrize(
    ("text", "code", "element", "segment"),
    [
        (question(PATIENT), "segment_missing", "EQ", 9),
        (question(PATIENT + "EQ*"), "element_missing", "EQ01", 12),
        (question(PATIENT + "DTP*291*D8*20261301\nEQ*30"), "bad_date", "DTP03", 12),
        (question(PATIENT + "EQ*30\nAMT*R*X"), "bad_amount", "AMT02", 13),
        (question(PATIENT + "EQ*30***X*A"), "bad_number", "EQ05", 12),
        (question(PATIENT + "EQ*30\nAAA*N**15*C"), "refusal_misplaced", "AAA", 13),
        (question(PATIENT + "EQ*30\nNM1*P3*1*X"), "name_misplaced", "NM101", 13),
        (question("EQ*30"), "question_misplaced", "EQ", 9),
        (question(""), "inquiry_missing", "EQ", 3),
        (question("HL*3*2*22*0\nEQ*30"), "segment_missing", "NM1", 9),
        (question(PATIENT.replace("HL*3*2", "HL*3*1") + "EQ*30"), "hl_parent", "HL02", 9),
        (reply(PATIENT + "EB*1**30****X"), "bad_amount", "EB07", 12),
        (reply(PATIENT + "EB*1**30*****X"), "bad_quantity", "EB08", 12),
        (reply(PATIENT + "EB*ZZ**30"), "bad_code", "EB01", 12),
        (reply(PATIENT + "EB*F**30******VS"), "condition", "EB09", 12),
        (reply("EB*1**30"), "benefit_misplaced", "EB", 9),
        (reply(PATIENT + "AAA*Y***C"), "element_missing", "AAA03", 12),
        (reply(PATIENT + "NM1*IL*1*DOE"), "name_misplaced", "NM101", 12),
        (wrap("271", "BHT*0022*11*R1*20260302*0930"), "answer_missing", "HL", 3),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, code: str, element: str, segment: int) -> None:
    report = check(text.encode(), "f")
    assert (code, element, segment) in [(one.code, one.element, one.segment) for one in report.errors]
    assert "DOE" not in str(report.errors)


def test_a_set_inherits_nothing_from_the_one_before() -> None:
    first = reply(PATIENT)
    body = first[first.index("ST*") : first.index("GE*")]
    second = "ST*271*0002*005010X279A1~\nN3*9 LOST LANE~\n" + body.split("~\n", 1)[1]
    one, other = read_271(first.replace("GE*1", second + "GE*2"))[0]
    assert one.answers == other.answers
    assert one.answers[0].subscriber.party.street == ""


def test_an_odd_hierarchy_of_a_payer_is_worth_a_word() -> None:
    sets, problems = read_271(reply(PATIENT.replace("HL*3*2*22*0", "HL*9*7*22*1") + "EB*1**30"))
    assert {problem.code for problem in problems} == {"hl_sequence", "hl_parent", "hl_child"}
    assert not any(problem.is_error for problem in problems)
    assert sets[0].answers[0].benefits == [Benefit("1", service_types=("30",))]


@pytest.mark.parametrize(
    ("inquiries", "why"),
    [
        ([], "about somebody"),
        ([EligibilityInquiry(PAYER, PRACTICE, JANE)], "and a question"),
        ([EligibilityInquiry(PAYER, PRACTICE, questions=[VISIT])], "a subscriber"),
        ([inquiry(Question(()))], "a service type"),
        ([inquiry(source=replace(PAYER, rejections=(Rejection("42", "R"),)))], "no refusal"),
        ([inquiry(Question(procedure=Procedure("G0463", modifiers=("1",) * 5)))], "four modifiers"),
        ([inquiry(subscriber=replace(JANE, diagnoses=(Diagnosis("ABF", "I10"),) * 13))], "twelve diagnoses"),
    ],
)
def test_what_a_270_cannot_hold_is_not_written(inquiries: list[EligibilityInquiry], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        write_270(make_envelope(), [replace(QUESTIONS, inquiries=inquiries)])


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ([], "answers something"),
        ([EligibilityAnswer(PAYER, PRACTICE, benefits=[PLAN])], "to a patient"),
        ([EligibilityAnswer(PAYER, None, JANE, benefits=[PLAN])], "no level"),
    ],
)
def test_what_a_271_cannot_hold_is_not_written(answers: list[EligibilityAnswer], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        write_271(make_envelope(), [replace(ANSWERS, answers=answers)])


@pytest.mark.parametrize("kind", ["270", "271"])
def test_no_mutation_gets_an_exception_out(kind: str) -> None:
    data = (
        write_270(make_envelope(), [QUESTIONS]) if kind == "270" else write_271(make_envelope(), [ANSWERS])
    ).encode()
    dice = Random(int(kind))
    for _ in range(600):
        report = check(mutate(dice, data), "fuzz")
        assert report.transactions or report.errors


@pytest.mark.parametrize("path", find_samples("x12/27[01]/*"), ids=sample_name)
def test_files_of_others_are_read_whole(path: Path) -> None:
    text = decode(path.read_bytes())[0]
    assert reemit(text) == text
    read = read_270 if path.parent.name == "270" else read_271
    [one], problems = read(text)
    if "error" in path.name:
        assert [(problem.code, problem.element, problem.segment) for problem in problems] == [
            ("se_control", "SE02", 10)
        ]
        [refused] = one.answers
        assert (refused.receiver.rejections, refused.subscriber) == ((Rejection("50", "N"),), None)
    else:
        assert problems == []
        again = write_270(make_envelope(), [one]) if path.parent.name == "270" else write_271(make_envelope(), [one])
        assert sorted(_body(again)) == sorted(_body(text.upper()))


def _body(text: str) -> list[str]:
    """The segments between ST and SE, with amounts and times in their shortest form."""
    found = [segment.strip() for segment in text.split("~")][3:-4]
    return [segment.replace(".00*", "*").replace("*010000", "*0100") for segment in found]

"""A payer, a practice, two patients, questions and benefits, for the tests of eligibility and review."""

from __future__ import annotations

from datetime import date, datetime

from bureau.x12.inquiries import (
    Entity,
    Procedure,
    ProviderRole,
    Trace,
)
from bureau.x12.values import Party
from bureau.x12.values271 import Benefit, Circumstance, EligibilityAnswer, EligibilityInquiry, Question
from bureau.x12.values837 import Dated

DAY, LATER = date(2026, 3, 2), date(2026, 3, 9)
MOMENT = datetime(2026, 3, 2, 9, 30)
PAYER = Entity("PR", Party("PAYER", id_kind="PI", id="P1"))
PRACTICE = Entity(
    "1P", Party("PRACTICE", id_kind="XX", id="9999000018", refs=(("TJ", "990000001"),)),
    role=ProviderRole("BI", "PXC", "207Q00000X"),
)  # fmt: skip
JANE = Entity(
    "IL",
    Party(
        "DOE", "JANE", "Q", is_person=True, id_kind="MI", id="M1", street="2 ELM STREET", city="SALEM", state="OR",
        zip="973010003", birth=date(1970, 1, 31), sex="F", refs=(("6P", "GRP1"),),
    ),
    traces=(Trace("T1", "1990000001"),),
    dates=(Dated("291", DAY),),
)  # fmt: skip
JOHN = Entity(
    "03", Party("DOE", "JOHN", is_person=True, birth=date(2010, 5, 1), sex="M"), traces=(Trace("T2", "1990000001"),),
    relationship="19", birth_order=2, dates=(Dated("291", DAY, LATER),),
)  # fmt: skip
VISIT = Question(("30", "98", "UC"), None, "IND")
PROCEDURE = Question(
    (), Procedure("G0463", "HC", ("25", "59")), pointers=(1, 2), amounts=(("R", 1_250), ("PB", 10_000)),
    circumstances=(Circumstance("ZZ", "11"),), refs=(("9F", "REF9"),), dates=(Dated("291", LATER),),
)  # fmt: skip
PLAN = Benefit("1", "IND", ("30",), "HM", "GOLD PLAN", dates=(Dated("346", date(2026, 1, 1)),))
COPAY = Benefit("B", "IND", ("98", "UC"), "HM", period="27", cents=2_500, authorization="N", network="Y")


def inquiry(*questions: Question, **more: Entity | None) -> EligibilityInquiry:
    above = {"source": PAYER, "receiver": PRACTICE, "subscriber": JANE, **more}
    return EligibilityInquiry(**above, questions=list(questions) or [VISIT])


def answer(*benefits: Benefit, **more: Entity | None) -> EligibilityAnswer:
    return EligibilityAnswer(
        **{"source": PAYER, "receiver": PRACTICE, "subscriber": JANE, **more}, benefits=[*benefits]
    )

"""HL7 v2 messages of made-up people, written for tests."""

from __future__ import annotations

from tests.bureau.intake.practice import NPI, PAYER


def segment(kind: str, fields: dict[int, str]) -> str:
    """A segment with these fields by their HL7 numbers."""
    return "|".join([kind, *(fields.get(at, "") for at in range(1, max(fields) + 1))])


PATIENT = {
    1: "1", 3: "55^^^X^PI~P1^^^HARBOR^MR", 5: "Doe^Jamie^Q", 7: "19800517", 8: "F",
    11: "4 Oak Road^Apt 2^Salem^MA^01970", 18: "ACC1",
}  # fmt: skip
VISIT = {1: "1", 2: "O", 7: f"{NPI}^Reed^Alex^^^^^^NPI", 19: "V1"}
CHARGE = {
    1: "1", 2: "T1", 4: "20260302", 6: "CG", 7: "OV3^Office visit", 10: "2", 12: "75.00", 19: "R50.9^^I10~J02.9^^I10",
    20: f"17^Reed^Alex~{NPI}^Reed^Alex^^^^^^^^^^NPI", 25: "XV113^Office visit", 26: "25~59",
}  # fmt: skip
DIAGNOSES = (segment("DG1", {1: "1", 3: "J02.9^Sore throat^I10"}), segment("DG1", {1: "2", 3: "R50.9^Fever^I10"}))
COVER = {1: "1", 3: PAYER, 8: "G77", 14: "AUTH9", 16: "Doe^Jamie", 17: "SEL", 36: "M0001"}


def message(*segments: str, control: str = "C1", kind: str = "DFT^P03", mode: str = "P", version: str = "2.5.1") -> str:
    """A message with these segments after its header and event."""
    head = f"MSH|^~\\&|EHR|HARBOR|NORTHLINE|BUREAU|20260302120000||{kind}|{control}|{mode}|{version}"
    return "\r".join([head, "EVN|P03|20260302120000", *segments]) + "\r"


def visit_message(
    control: str = "C1", *, charges: tuple[dict[int, str], ...] = ({},), visit: dict[int, str] | None = None,
    cover: dict[int, str] | None = None, patient: dict[int, str] | None = None,
) -> str:  # fmt: skip
    """One visit; what is given is laid over the usual segments."""
    return message(
        segment("PID", PATIENT | (patient or {})),
        segment("PV1", VISIT | (visit or {})),
        *(segment("FT1", CHARGE | changes) for changes in charges),
        *DIAGNOSES,
        segment("GT1", {1: "1", 3: "Doe^Jamie"}),
        segment("IN1", COVER | (cover or {})),
        control=control,
    )

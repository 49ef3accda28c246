"""HL7 v2 DFT^P03 (charges) as rows of our layout: each FT1 a row, each visit an encounter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import blake2b

from bureau.rules.intake.hl7_syntax import Message, Segment, decode, read_messages
from bureau.rules.intake.layout import SELF_PAY, Reading, SheetRow, refusal
from config.money import format_cents, parse_cents
from config.problems import Problem

DESCRIPTION = (
    "HL7 v2 charges (DFT^P03), one message or a batch. Each FT1 is a line, each visit (PV1-19, else account PID-18) "
    "an encounter; providers are known by their NPI (FT1-20, else PV1-7), payers by IN1-3. A message is taken once by "
    "its control id (MSH-10). Payments and adjustments are counted; a line that takes back a charge is not applied "
    "by itself but laid before a person. Place of service is the office unless PV1-2 says emergency or inpatient."
)
_MONEY = frozenset({"PY", "AJ", "CO"})  # payments, adjustments, copayments: the practice's own books
_CREDITS = frozenset({"CD", "CR"})
_PLACES = {"E": "23", "I": "21"}
_RELATIONSHIPS = {"": "", "SEL": "18", "SPO": "01", "CHD": "19"}
_ICD9 = frozenset({"I9", "I9C", "ICD9", "ICD9CM"})
_SEXES = frozenset("MFU")


def read_hl7(name: str, data: bytes) -> Reading:
    """Read DFT messages. What is wrong with one message holds back that message, never the others."""
    text = decode(data)
    if "\x00" in text:
        return refusal(name, "file.binary", "The file holds characters that no text has.")
    messages, problems = read_messages(name, text)
    if problems:
        return Reading(problems=problems)
    reading = Reading(kinds=dict(sorted(Counter(segment.name for one in messages for segment in one.segments).items())))
    first: dict[str, Message] = {}
    for message in messages:
        earlier = first.setdefault(message.control, message)
        is_changed = earlier is not message and _content(earlier) != _content(message)
        rows = _Rows(name, message, earlier if earlier is not message and not is_changed else None)
        reading.rows += rows.build(is_changed=is_changed)
        reading.reference_rows += rows.passed
        if message.control and message is earlier:
            reading.messages[message.control] = blake2b(_content(message).encode(), digest_size=12).hexdigest()
    return reading


def _content(message: Message) -> str:
    """What the message says of the visit: sent again it has another time on it (MSH, EVN) and says the same."""
    return "\r".join("|".join(one.fields) for one in message.segments if one.name not in ("MSH", "EVN"))


def find_message_problem(message: Message) -> Problem | None:
    """What keeps a whole message from being taken; its acknowledgement is a rejection (AR)."""
    kind = (message.head.get(9, 1), message.head.get(9, 2))
    code, text = "", ""
    if kind != ("DFT", "P03"):
        code, text = "message.type", f"The message is {'^'.join(kind)}; DFT^P03 is taken."
    elif not message.control:
        code, text = "message.control", "The message has no control id (MSH-10), so a repeat could not be told."
    elif not message.head.get(12).startswith("2."):
        code, text = "message.version", "The message does not say that it is HL7 version 2 (MSH-12)."
    elif message.head.get(11)[:1] in ("T", "D"):
        code, text = "message.test", "The message is marked as a test (MSH-11); nothing of it is billed."
    elif not message.all("FT1"):
        code, text = "message.no_charge", "The message holds no charge (FT1)."
    return Problem("", code, text) if code else None


@dataclass(slots=True)
class _Rows:
    """Makes the rows of one message; `repeats` is an earlier message of the file that says the same."""

    file: str
    message: Message
    repeats: Message | None
    passed: int = 0  # transactions that are no charges
    notes: list[str] = field(default_factory=list)

    def build(self, *, is_changed: bool) -> list[SheetRow]:
        """A message that is not taken as a whole is one row, and stands in no other message's way."""
        head, codes = self._head()
        problem = find_message_problem(self.message)
        if problem is not None:
            apart = {"encounter_id": f"{head['encounter_id']}-{self.message.head.number}"}
            row = self._row(self.message.head, head | apart, 0)
            return [replace(row, problem=replace(problem, where=row.where()))]
        rows = list(self._lines(head, codes, is_changed=is_changed))
        if rows and is_changed:
            text = "An earlier message of the file has this control id (MSH-10) and other content."
            rows[0] = replace(rows[0], problem=Problem(rows[0].where(), "message.changed", text))
        return self._tell_providers_apart(rows)

    def _row(self, segment: Segment, values: dict[str, str], place: int, problem: Problem | None = None) -> SheetRow:
        whose = self.repeats or self.message
        identity = f"MSH{whose.head.number} {place}"
        return SheetRow(self.file, segment.number, values, identity, problem, "segment", message=self.message.control)

    def _lines(self, head: dict[str, str], codes: list[str], *, is_changed: bool) -> Iterator[SheetRow]:
        """A row for each charge; the procedures (PR1) that follow a transaction belong to it."""
        found: list[tuple[Segment, list[Segment]]] = []
        for segment in self.message.segments:
            if segment.name == "FT1":
                found.append((segment, []))
            elif segment.name == "PR1" and found:
                found[-1][1].append(segment)
        for place, (charge, procedures) in enumerate(found, start=1):
            kind = charge.get(6).upper()
            if kind in _MONEY:
                self.passed += 1
                continue
            values = head | self._line(charge, procedures, codes)
            if is_changed:
                values["encounter_id"] += f"-{self.message.head.number}"
            problem = self._find_problem(charge, values)
            if problem is not None and problem.code == "charge.taken_back":
                values["encounter_id"] += f"-{charge.get(2) or charge.number}"  # it holds back nothing but itself
            yield self._row(charge, values, place, problem)

    def _find_problem(self, charge: Segment, values: dict[str, str]) -> Problem | None:
        where, kind = f"{self.file} segment {charge.number}", charge.get(6).upper()
        if kind in _CREDITS or values["units"].startswith("-") or values["charge"].startswith("-"):
            text = "The line takes back a charge. Void or correct the claim of that visit, then leave this row out."
            return Problem(where, "charge.taken_back", text)
        if kind not in ("", "CG"):
            return Problem(where, "transaction.unknown", f"{kind} is no kind of transaction known here (FT1-6).")
        if any(one.get(3, 3).upper() in _ICD9 for one in self.message.all("DG1")):
            return Problem(where, "diagnosis.icd9", "The diagnoses are ICD-9-CM; ICD-10-CM is needed.")
        return None

    def _head(self) -> tuple[dict[str, str], list[str]]:
        """What all lines of the message share, and its diagnoses in order."""
        message = self.message
        patient, visit = message.first("PID"), message.first("PV1")
        said = [one.get(3) for one in message.all("DG1")]
        said += [charge.part(one, 1) for charge in message.all("FT1") for one in charge.repeats(19)]
        codes = list(dict.fromkeys(code.replace(".", "").upper() for code in said if code))[:12]
        dates = sorted(filter(None, (_day(charge.get(4)) for charge in message.all("FT1"))))
        head = {
            "encounter_id": visit.get(19) or patient.get(18) or message.control,
            "patient_id": _patient_id(patient),
            "last_name": patient.get(5, 1),
            "first_name": patient.get(5, 2),
            "birth_date": _day(patient.get(7)),
            "sex": patient.get(8) if patient.get(8) in _SEXES else "",
            "street": f"{patient.get(11, 1)} {patient.get(11, 2)}".strip(),
            "city": patient.get(11, 3),
            "state": patient.get(11, 4),
            "zip": patient.get(11, 5),
            **self._insurance(),
            "place_of_service": _PLACES.get(visit.get(2), "11"),
            "service_date": dates[0] if dates else _day(visit.get(44)),
            **{f"dx{number}": code for number, code in enumerate(codes, start=1)},
        }
        return head | ({"source_note": "; ".join(self.notes)} if self.notes else {}), codes

    def _insurance(self) -> dict[str, str]:
        listed = self.message.all("IN1")
        if not listed:
            return {"payer_id": next(iter(SELF_PAY - {""})), "member_id": ""}
        first, *others = listed
        self.notes += [f"secondary payer {one.get(3)}" for one in others]
        said = first.get(17)
        related = said if len(said) == 2 and said.isalnum() else _RELATIONSHIPS.get(said.upper(), "G8")
        found = {
            "payer_id": first.get(3), "member_id": first.get(36) or first.get(49), "group_number": first.get(8),
            "relationship": related, "prior_auth": first.get(14),
        }  # fmt: skip
        if related not in ("", "18"):
            found |= {
                "subscriber_last": first.get(16, 1), "subscriber_first": first.get(16, 2),
                "subscriber_birth_date": _day(first.get(18)), "subscriber_sex": first.get(43),
            }  # fmt: skip
        return found

    def _line(self, charge: Segment, procedures: list[Segment], codes: list[str]) -> dict[str, str]:
        done = procedures[0] if procedures else Segment(charge.number, ("PR1",), charge.delimiters)
        own = [charge.part(one, 1).replace(".", "").upper() for one in charge.repeats(19)]
        modifiers = charge.repeats(26) or done.repeats(16)
        units = charge.get(10).removesuffix(".00").removesuffix(".0") or "1"
        beyond = [one.get(3) for one in procedures[1:]]
        said = charge.get(25, 2) or done.get(3, 2) or charge.get(8) or charge.get(7, 2)
        return {
            "provider_npi": _npi(charge, 20) or _npi(self.message.first("PV1"), 7),
            "procedure": charge.get(25) or done.get(3),
            "modifiers": " ".join(filter(None, (charge.part(one, 1) for one in modifiers))),
            "units": units,
            "charge": _charge(charge, units),
            "pointers": " ".join(str(codes.index(code) + 1) for code in own if code in codes),
            "note": " ".join(filter(None, (said, *(f"and {code}" for code in beyond)))) or charge.get(7),
            "line_date": _day(charge.get(4)),
        }

    def _tell_providers_apart(self, rows: list[SheetRow]) -> list[SheetRow]:
        """A claim has one rendering provider: what others did in the visit is an encounter of its own."""
        first = rows[0].values.get("provider_npi", "") if rows else ""
        found = []
        for row in rows:
            npi = row.values.get("provider_npi", "")
            own = row.values | {"encounter_id": f"{row.values['encounter_id']}-{npi}"}
            found.append(row if npi == first else replace(row, values=own))
        return found


def _patient_id(patient: Segment) -> str:
    """The medical record number of the identifiers in PID-3, else the first of them."""
    listed = patient.repeats(3)
    best = next((one for one in listed if patient.part(one, 5) == "MR"), listed[0] if listed else "")
    return patient.part(best, 1)


def _npi(segment: Segment, at: int) -> str:
    """Of several identifiers of a person the one that is an NPI, else the first."""
    listed = segment.repeats(at)
    best = next((one for one in listed if "NPI" in (segment.part(one, 13), segment.part(one, 9))), None)
    return segment.part(best or (listed[0] if listed else ""), 1)


def _charge(charge: Segment, units: str) -> str:
    """The whole amount of the line (FT1-11), else what a unit costs times the units."""
    whole, each = charge.get(11), charge.get(12)
    if whole or not each:
        return whole
    cents = parse_cents(each)
    return format_cents(cents * int(units), grouped=False) if isinstance(cents, int) and units.isdecimal() else each


def _day(text: str) -> str:
    """YYYY-MM-DD of a time stamp; as written where it is none, so that the reader of rows can say so."""
    day = text[:8]
    return f"{day[:4]}-{day[4:6]}-{day[6:]}" if len(day) == 8 and day.isdecimal() else text

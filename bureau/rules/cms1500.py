"""A claim on paper: what goes into each box of the CMS-1500 (02/12), and what paper cannot say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bureau.x12.scalars import format_quantity
from bureau.x12.values import Party
from bureau.x12.values837 import Claim, ClaimExtras, OtherPayer, ServiceLine
from config.problems import Problem, Severity

LINES_PER_PAGE = 6
MOST_DIAGNOSES = 12
LETTERS = "ABCDEFGHIJKL"
SIGNED = "SIGNATURE ON FILE"
PLANS = {"MB": "1.medicare", "MA": "1.medicare", "MC": "1.medicaid", "CH": "1.tricare", "VA": "1.champva"}
GROUP_PLANS = frozenset({"CI", "BL", "12", "13", "14", "HM", "16"})
RELATIONS = {"18": "6.self", "01": "6.spouse", "19": "6.child"}
ONSET = ("431", "484")  # box 14: onset of the illness, last menstrual period
OTHER_DATES = ("454", "304", "453", "439", "455", "471", "090", "091", "444")  # box 15
REFERRERS = (("referring", "DN"), ("supervising", "DQ"))
BIRTH = (("month", "%m"), ("day", "%d"), ("year", "%Y"))


@dataclass(frozen=True, slots=True)
class Box:
    """Where a box stands on the form: rows of 1/6 inch and columns of 1/10 inch, counted from 1."""

    row: int
    column: int
    width: int
    right: bool = False  # whether the text stands at the right end


def _grid() -> dict[str, Box]:
    boxes = {
        "payer.1": Box(2, 41, 38), "payer.2": Box(3, 41, 38), "payer.3": Box(4, 41, 38), "payer.4": Box(5, 41, 38),
        "1.medicare": Box(8, 1, 1), "1.medicaid": Box(8, 8, 1), "1.tricare": Box(8, 15, 1),
        "1.champva": Box(8, 24, 1), "1.group": Box(8, 31, 1), "1.feca": Box(8, 39, 1), "1.other": Box(8, 45, 1),
        "1a": Box(8, 50, 29), "2": Box(10, 1, 28), "3.month": Box(10, 31, 2), "3.day": Box(10, 34, 2),
        "3.year": Box(10, 37, 4), "3.M": Box(10, 42, 1), "3.F": Box(10, 47, 1), "4": Box(10, 50, 29),
        "5.street": Box(12, 1, 28), "6.self": Box(12, 33, 1), "6.spouse": Box(12, 38, 1), "6.child": Box(12, 42, 1),
        "6.other": Box(12, 47, 1), "7.street": Box(12, 50, 29), "5.city": Box(14, 1, 24), "5.state": Box(14, 26, 3),
        "7.city": Box(14, 50, 23), "7.state": Box(14, 74, 4), "5.zip": Box(16, 1, 12), "5.phone": Box(16, 15, 14),
        "7.zip": Box(16, 50, 12), "7.phone": Box(16, 65, 14), "9": Box(18, 1, 28), "11": Box(18, 50, 29),
        "9a": Box(20, 1, 28), "10a.yes": Box(20, 35, 1), "10a.no": Box(20, 41, 1), "11a.month": Box(20, 53, 2),
        "11a.day": Box(20, 56, 2), "11a.year": Box(20, 59, 4), "11a.M": Box(20, 68, 1), "11a.F": Box(20, 75, 1),
        "10b.yes": Box(22, 35, 1), "10b.no": Box(22, 41, 1), "10b.state": Box(22, 45, 2), "11b": Box(22, 50, 29),
        "10c.yes": Box(24, 35, 1), "10c.no": Box(24, 41, 1), "11c": Box(24, 50, 29), "9d": Box(26, 1, 28),
        "10d": Box(26, 30, 19), "11d.yes": Box(26, 52, 1), "11d.no": Box(26, 57, 1), "12": Box(29, 7, 24),
        "13": Box(29, 57, 22), "14.date": Box(32, 2, 10), "14.kind": Box(32, 18, 3), "15.kind": Box(32, 33, 3),
        "15.date": Box(32, 38, 10), "16.from": Box(32, 54, 10), "16.to": Box(32, 68, 10), "17.kind": Box(34, 1, 2),
        "17": Box(34, 4, 24), "17b": Box(34, 32, 17), "18.from": Box(34, 54, 10), "18.to": Box(34, 68, 10),
        "19": Box(36, 1, 48), "20.yes": Box(36, 52, 1), "20.no": Box(36, 57, 1), "20.cents": Box(36, 62, 9, right=True),
        "21.kind": Box(37, 42, 1), "22.code": Box(38, 50, 11), "22": Box(38, 62, 18), "23": Box(40, 50, 29),
        "25": Box(56, 1, 15), "25.ssn": Box(56, 17, 1), "25.ein": Box(56, 19, 1), "26": Box(56, 23, 14),
        "27.yes": Box(56, 38, 1), "27.no": Box(56, 43, 1), "28": Box(56, 51, 10, right=True),
        "29": Box(56, 62, 9, right=True), "33.phone": Box(57, 66, 14), "32.1": Box(58, 23, 26), "32.2": Box(59, 23, 26),
        "32.3": Box(60, 23, 26), "33.1": Box(58, 50, 29), "33.2": Box(59, 50, 29), "33.3": Box(60, 50, 29),
        "31": Box(60, 1, 21), "31.date": Box(61, 1, 10), "32a": Box(61, 24, 10), "33a": Box(61, 51, 10),
        "33b": Box(61, 63, 16),
    }  # fmt: skip
    for at, letter in enumerate(LETTERS):
        boxes[f"21.{letter}"] = Box(38 + at // 4, 3 + at % 4 * 13, 7)
    for line in range(1, LINES_PER_PAGE + 1):
        boxes |= _line_grid(line, 42 + 2 * line)
    return boxes


def _line_grid(line: int, row: int) -> dict[str, Box]:
    """The boxes of item 24; the shaded half of a line stands a row above."""
    columns = {
        "from": (1, 8), "to": (10, 8), "place": (19, 2), "emergency": (22, 1), "code": (25, 6), "modifier.1": (33, 2),
        "modifier.2": (36, 2), "modifier.3": (39, 2), "modifier.4": (42, 2), "pointer": (45, 4), "epsdt": (63, 2),
        "provider": (68, 11),
    }  # fmt: skip
    boxes = {f"24.{line}.{name}": Box(row, column, width) for name, (column, width) in columns.items()}
    boxes[f"24.{line}.charge"] = Box(row, 50, 9, right=True)
    boxes[f"24.{line}.units"] = Box(row, 59, 4, right=True)
    boxes[f"24.{line}.note"] = Box(row - 1, 1, 61)
    return boxes


BOXES = _grid()


@dataclass(frozen=True, slots=True)
class Paper:
    """The pages of one claim, each box -> text, and what did not fit or cannot be said on paper."""

    pages: tuple[dict[str, str], ...]
    problems: tuple[Problem, ...] = ()


def fill_cms1500(claim: Claim, *, signed_on: date) -> Paper:
    """Put a claim on paper: six lines a page, the total on the last one, every text cut to its box.

    Boxes as the form's own instructions number them (NUCC reference manual, version 02/12). Texts that had to be
    cut are warnings; what the form has no box for at all is an error, and such a claim should not be mailed.
    """
    whole = dict(_whole(claim, signed_on))
    groups = [claim.lines[at : at + LINES_PER_PAGE] for at in range(0, max(len(claim.lines), 1), LINES_PER_PAGE)]
    pages, problems = [], list(_unsayable(claim))
    for number, lines in enumerate(groups, 1):
        page = dict(whole)
        for at, line in enumerate(lines, 1):
            page |= {f"24.{at}.{name}": text for name, text in _line(line, claim) if text}
        is_last = number == len(groups)
        page["28"] = _amount(claim.charge_cents) if is_last else "CONTINUED"
        if not is_last:
            page.pop("29", None)
        pages.append(_fit(page, problems))
    return Paper(tuple(pages), tuple(dict.fromkeys(problems)))


def _fit(page: dict[str, str], problems: list[Problem]) -> dict[str, str]:
    """The page as the boxes hold it: upper case, no empty box, nothing longer than its box."""
    fitted = {}
    for name, text in page.items():
        width = BOXES[name].width
        if len(text) > width:
            said = f"Box {name} holds {width} characters; the rest is cut."
            problems.append(Problem(f"box {name}", "box_overflow", said, Severity.WARNING))
        if text.strip():
            fitted[name] = text[:width].upper()
    return fitted


def _unsayable(claim: Claim) -> Iterator[Problem]:
    extra = len(claim.other_payers) > 1
    for wrong, box, text in (
        (len(claim.diagnoses) > MOST_DIAGNOSES, "21", "Paper holds 12 diagnoses; the claim has more."),
        (any(len(line.modifiers) > 4 for line in claim.lines), "24D", "Paper holds four modifiers on a line."),
        (extra, "9", "Paper names one other payer; send the explanation of benefits of the others along."),
        (not claim.lines, "24", "The claim has no service line."),
    ):
        if wrong:
            yield Problem(f"box {box}", "not_on_paper", text)


def _whole(claim: Claim, signed_on: date) -> Iterator[tuple[str, str]]:
    """What stands on every page."""
    yield from _payer(claim)
    yield from _people(claim)
    yield from _other_cover(claim)
    yield from _condition(claim)
    yield from _dates(claim)
    yield from _references(claim)
    yield from _codes(claim)
    yield from _providers(claim, signed_on)


def _payer(claim: Claim) -> Iterator[tuple[str, str]]:
    payer = claim.payer
    rows = [payer.name, payer.street, payer.street2, _town(payer)]
    yield from ((f"payer.{at}", text) for at, text in enumerate([row for row in rows if row], 1))
    filing = claim.filing_code
    yield PLANS.get(filing) or ("1.group" if filing in GROUP_PLANS else "1.feca" if filing == "WC" else "1.other"), "X"
    yield "1a", claim.subscriber.id


def _people(claim: Claim) -> Iterator[tuple[str, str]]:
    patient, insured = claim.patient or claim.subscriber, claim.subscriber
    yield "2", _name(patient)
    yield from _birth("3", patient)
    yield RELATIONS.get(claim.relationship, "6.other"), "X"
    yield "4", _name(insured)
    for box, party in (("5", patient), ("7", insured)):
        yield f"{box}.street", f"{party.street} {party.street2}".strip()
        yield f"{box}.city", party.city
        yield f"{box}.state", party.state
        yield f"{box}.zip", party.zip
        yield f"{box}.phone", _phone(party.phone)
    yield "11", claim.group_number or ("NONE" if claim.filing_code == "MB" and not claim.other_payers else "")
    yield from _birth("11a", insured)
    yield "11b", " ".join(part for kind, value in insured.refs if kind == "Y4" for part in (kind, value))
    yield "11c", claim.plan_name or claim.payer.name
    yield "12", SIGNED
    yield "13", SIGNED if claim.benefits == "Y" else ""


def _other_cover(claim: Claim) -> Iterator[tuple[str, str]]:
    other: OtherPayer | None = claim.other_payers[0] if claim.other_payers else None
    yield ("11d.yes" if other else "11d.no"), "X"
    if other is None:
        return
    yield "9", _name(other.subscriber)
    yield "9a", other.group_number or other.subscriber.id
    yield "9d", other.plan_name or other.payer.name
    if other.paid_cents is not None:
        yield "29", _amount(other.paid_cents)


def _condition(claim: Claim) -> Iterator[tuple[str, str]]:
    accident = claim.accident
    causes = accident.causes if accident else ()
    for box, cause in (("10a", "EM"), ("10b", "AA"), ("10c", "OA")):
        yield f"{box}.{'yes' if cause in causes else 'no'}", "X"
    if accident:
        yield "10b.state", accident.state
    if claim.extras:
        yield "10d", " ".join(claim.extras.condition_codes)


def _dates(claim: Claim) -> Iterator[tuple[str, str]]:
    extras = claim.extras or ClaimExtras()
    found = {one.kind: one for one in extras.dates}
    accident = claim.accident.on if claim.accident else None
    for kinds, box in ((ONSET, "14"), (OTHER_DATES, "15")):
        kind = next((kind for kind in kinds if kind in found), "439" if accident and box == "15" else "")
        day = found[kind].first if kind in found else accident
        if kind and day:
            yield f"{box}.kind", kind
            yield f"{box}.date", _spaced(day)
    for box, begin, end in (("16", "360", "361"), ("18", "435", "096")):
        for kind, side in ((begin, "from"), (end, "to")):
            if kind in found:
                yield f"{box}.{side}", _spaced(found[kind].first)
    if "314" in found:  # both ends of a disability in one date range
        yield "16.from", _spaced(found["314"].first)
        yield "16.to", _spaced(found["314"].last or found["314"].first)


def _references(claim: Claim) -> Iterator[tuple[str, str]]:
    ordering = next((party for line in claim.lines for role, party in line.providers if role == "DK"), None)
    choices = [(getattr(claim, name), kind) for name, kind in REFERRERS]
    for party, kind in (*choices[:1], (ordering, "DK"), *choices[1:]):
        if party is not None:
            yield "17.kind", kind
            yield "17", _full_name(party)
            yield "17b", party.id
            break
    if claim.extras and claim.extras.note:
        yield "19", claim.extras.note[1]
    bought = sum(line.extras.purchased[1] for line in claim.lines if line.extras and line.extras.purchased)
    yield ("20.yes" if bought else "20.no"), "X"
    if bought:
        yield "20.cents", _amount(bought)
    if claim.frequency in ("7", "8"):
        yield "22.code", claim.frequency
        yield "22", claim.payer_icn
    clia = next((value for kind, value in claim.extras.refs if kind == "X4"), "") if claim.extras else ""
    yield "23", claim.prior_auth or claim.referral or clia


def _codes(claim: Claim) -> Iterator[tuple[str, str]]:
    yield "21.kind", "9" if claim.diagnosis_kind == "9" else "0"
    for letter, code in zip(LETTERS, claim.diagnoses, strict=False):
        yield f"21.{letter}", code.replace(".", "")


def _providers(claim: Claim, signed_on: date) -> Iterator[tuple[str, str]]:
    billing, facility = claim.billing, claim.facility
    yield "25", billing.tax_id
    yield ("25.ssn" if billing.tax_id_kind == "SY" else "25.ein"), "X"
    yield "26", claim.pcn
    yield ("27.yes" if claim.assignment == "A" else "27.no"), "X"
    yield "31", _full_name(claim.rendering or billing) if claim.signature != "Y" else SIGNED
    yield "31.date", _spaced(signed_on)
    if facility is not None:
        for at, text in enumerate((facility.name, f"{facility.street} {facility.street2}".strip(), _town(facility)), 1):
            yield f"32.{at}", text
        yield "32a", facility.id
    mailed = claim.pay_to or billing
    yield "33.phone", _phone(billing.phone)
    for at, text in enumerate((_full_name(billing), f"{mailed.street} {mailed.street2}".strip(), _town(mailed)), 1):
        yield f"33.{at}", text
    yield "33a", billing.id
    yield "33b", f"ZZ{billing.taxonomy}" if billing.taxonomy else ""
    paid = claim.extras.patient_paid_cents if claim.extras else None
    if paid and not claim.other_payers:
        yield "29", _amount(paid)


def _line(line: ServiceLine, claim: Claim) -> Iterator[tuple[str, str]]:
    first, last = line.date_from, line.date_to or line.date_from
    if first and last:
        yield "from", f"{first:%m %d %y}"
        yield "to", f"{last:%m %d %y}"
    yield "place", line.place or claim.place
    yield "emergency", "Y" if line.emergency else ""
    yield "code", line.code
    yield from ((f"modifier.{at}", modifier) for at, modifier in enumerate(line.modifiers[:4], 1))
    yield "pointer", "".join(LETTERS[pointer - 1] for pointer in line.pointers[:4] if pointer <= len(LETTERS))
    yield "charge", _amount(line.charge_cents)
    yield "units", format_quantity(line.units)
    yield "epsdt", "Y" if line.epsdt else ""
    rendering = next((party for role, party in line.providers if role == "82"), claim.rendering)
    yield "provider", rendering.id if rendering else ""
    yield "note", _supplement(line)


def _supplement(line: ServiceLine) -> str:
    """The shaded half of a line: the drug as N4 + NDC + unit and quantity, or the words for an unlisted code."""
    drug = line.drug
    if drug is None:
        return f"ZZ{line.description}" if line.description else ""
    amount = f" {drug.unit}{format_quantity(drug.quantity)}" if drug.quantity is not None else ""
    return f"N4{drug.ndc}{amount}"


def _name(party: Party) -> str:
    """LAST, FIRST, M as the form asks."""
    parts: Sequence[str] = (f"{party.name} {party.suffix}".strip(), party.first, party.middle[:1])
    return ", ".join(part for part in parts if part)


def _full_name(party: Party) -> str:
    return " ".join(part for part in (party.first, party.middle, party.name, party.suffix) if part)


def _town(party: Party) -> str:
    return f"{party.city} {party.state} {party.zip}".strip()


def _birth(box: str, party: Party) -> Iterator[tuple[str, str]]:
    if party.birth:
        yield from ((f"{box}.{part}", f"{party.birth:{form}}") for part, form in BIRTH)
    if party.sex in ("M", "F"):
        yield f"{box}.{party.sex}", "X"


def _spaced(day: date) -> str:
    return f"{day:%m %d %Y}"


def _amount(cents: int) -> str:
    """Dollars and cents in their two halves, without a point: the form draws the line between them."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100} {abs(cents) % 100:02d}"


def _phone(phone: str) -> str:
    digits = "".join(c for c in phone if c.isdigit())
    return f"{digits[:3]} {digits[3:6]} {digits[6:]}" if len(digits) == 10 else digits

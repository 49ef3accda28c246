"""The old book: the rows of a former biller's open claims, and what a payer's answer takes off one of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from typing import NamedTuple

from bureau.rules.intake.layout import SELF_PAY
from bureau.rules.remittance import Means, read_meaning
from bureau.x12.values835 import PaidClaim
from config import codes
from config.cells import read_cell, read_day
from config.money import format_cents, parse_cents
from config.problems import Problem

AMOUNTS = ("charge", "paid", "adjusted", "payer_open", "patient_open")
COLUMNS = (
    "claim_number", "patient_id", "last_name", "first_name", "birth_date", "payer_id", "service_date", *AMOUNTS,
    "last_activity", "status", "carc",
)  # fmt: skip
REQUIRED = ("claim_number", "last_name", "service_date", "charge", "payer_open", "patient_open")
SPELLINGS = {
    "claim_number": ("claim", "claim no", "claim id", "account number", "account", "patient control number"),
    "patient_id": ("patient number", "mrn", "chart number"),
    "last_name": ("patient last name", "last"),
    "first_name": ("patient first name", "first"),
    "birth_date": ("dob", "date of birth"),
    "payer_id": ("payer", "payer name", "insurance", "insurer"),
    "service_date": ("dos", "date of service"),
    "charge": ("charges", "billed", "total charge"),
    "paid": ("payments", "paid amount"),
    "adjusted": ("adjustments", "adjustment"),
    "payer_open": ("insurance balance", "payer balance", "open payer"),
    "patient_open": ("patient balance", "open patient"),
    "last_activity": ("last activity date", "last worked"),
    "status": ("claim status",),
    "carc": ("denial", "denial code"),
}  # fmt: skip
LONGEST = 100  # characters of a text


@dataclass(frozen=True, slots=True)
class OldClaim:
    """A claim as the former biller left it; cents, charge = paid + adjusted + payer + patient."""

    row_no: int
    number: str
    patient_number: str
    last: str
    first: str
    birth_date: date | None
    payer_id: int | None
    served_on: date
    charge_cents: int
    paid_cents: int
    adjusted_cents: int
    payer_cents: int
    patient_cents: int
    last_activity_on: date | None
    status: str
    carc: str
    raw: dict[str, str] = field(compare=False)

    @property
    def fingerprint(self) -> str:
        """A hash of what the row says, wherever its columns stood."""
        said = [str(getattr(self, name)) for name in FIELDS]
        return blake2b("\x1f".join(said).encode(), digest_size=12).hexdigest()


FIELDS = tuple(name for name in OldClaim.__dataclass_fields__ if name not in ("row_no", "raw"))


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is not taken in, its cells under our column names, and why."""

    row_no: int
    raw: dict[str, str]
    problems: list[Problem]


@dataclass(slots=True)
class OpeningReading:
    """Every row of a list is in one of the three: a claim, a bad row, a duplicate. `problems` refuse the file."""

    claims: list[OldClaim] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    duplicates: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def rows(self) -> int:
        return len(self.claims) + len(self.bad) + self.duplicates

    @property
    def cents(self) -> int:
        """What is open on the claims."""
        return sum(one.payer_cents + one.patient_cents for one in self.claims)


class OldPayment(NamedTuple):
    """What a payer's answer takes off an old claim, in cents, and the reasons of what it denies."""

    paid_cents: int
    adjusted_cents: int
    patient_cents: int
    carcs: str


def read_opening(name: str, table: Sequence[Sequence[str]], payers: Mapping[str, int], today: date) -> OpeningReading:
    """The old claims of a sheet whose first row names its columns; `payers` by code and by name, in small letters."""
    header = list(table[0]) if table else []
    places = _find_places(header)
    missing = [column for column in REQUIRED if column not in places]
    if missing:
        text = f"The first row has no column called {', '.join(missing)}."
        return OpeningReading(problems=[Problem(f"{name} row 1", "file.columns", text)])
    reading = OpeningReading()
    for row_no, cells in enumerate(table[1:], start=2):
        if any(cell.strip() for cell in cells):
            raw = {column: read_cell(cells[at].strip()) if at < len(cells) else "" for column, at in places.items()}
            found = _Row(f"{name} row {row_no}", row_no, raw).read(payers, today)
            if isinstance(found, BadRow):
                reading.bad.append(found)
            else:
                reading.claims.append(found)
    if not reading.rows:
        reading.problems.append(Problem(name, "file.no_rows", "The file has a header and no rows below it."))
    return reading


def part_known(name: str, reading: OpeningReading, known: Mapping[str, str]) -> None:
    """Take out claims that repeat an earlier row or one in the book; `known`: number -> fingerprint.

    The same number with other content is a bad row: one number is one claim.
    """
    taken, kept = dict(known), []
    for one in reading.claims:
        before = taken.setdefault(one.number, "")
        if not before:
            taken[one.number] = one.fingerprint
            kept.append(one)
        elif before == one.fingerprint:
            reading.duplicates += 1
        else:
            text = "Another row has this claim number and says something else of it."
            problem = Problem(f"{name} row {one.row_no} column claim_number", "opening.number_twice", text)
            reading.bad.append(BadRow(one.row_no, one.raw, [problem]))
    reading.claims = kept
    reading.bad.sort(key=lambda row: row.row_no)


def plan_old_payment(paid: PaidClaim) -> OldPayment:
    """What an answer to an old claim takes off it; what it denies, or says in codes nobody knows, stays open."""
    lines = [one for line in paid.lines for one in line.adjustments]
    cents = dict.fromkeys(Means, 0)
    denied: dict[str, None] = {}
    for one in (*lines, *paid.adjustments):
        means = read_meaning(one.group, one.carc)
        cents[means] += one.cents
        if means in (Means.DENIED, Means.UNKNOWN):
            denied[f"{one.group}-{one.carc}"] = None
    return OldPayment(paid.paid_cents, cents[Means.CONTRACTUAL], cents[Means.PATIENT], " ".join(denied))


def _find_places(header: Iterable[str]) -> dict[str, int]:
    plain = {_squeeze(cell): at for at, cell in reversed(list(enumerate(header)))}
    found = {}
    for column in COLUMNS:
        names = [_squeeze(spelling) for spelling in (column, *SPELLINGS.get(column, ()))]
        at = next((plain[name] for name in names if name in plain), None)
        if at is not None:
            found[column] = at
    return found


def _squeeze(name: str) -> str:
    return "".join(ch for ch in name.casefold() if ch.isalnum())


class _Row:
    """One row while it is read; what is wrong is gathered."""

    def __init__(self, where: str, row_no: int, raw: dict[str, str]) -> None:
        self._where, self._row_no, self._raw = where, row_no, raw
        self._problems: list[Problem] = []

    def read(self, payers: Mapping[str, int], today: date) -> OldClaim | BadRow:
        served_on = self._day("service_date", today)
        birth_date, last_activity_on = self._day("birth_date", today), self._day("last_activity", today)
        payer_id, carc = self._payer(payers), self._carc()
        cents = {name: self._cents(name) for name in AMOUNTS}
        texts = {name: self._text(name) for name in ("claim_number", "patient_id", "last_name", "first_name", "status")}
        if not self._problems:
            self._check(cents, payer_id, is_named=bool(texts["patient_id"] or birth_date))
        if self._problems or served_on is None:
            return BadRow(self._row_no, self._raw, self._problems)
        return OldClaim(
            self._row_no, texts["claim_number"].upper(), texts["patient_id"], texts["last_name"], texts["first_name"],
            birth_date, payer_id, served_on, cents["charge"], cents["paid"], cents["adjusted"], cents["payer_open"],
            cents["patient_open"], last_activity_on, texts["status"], carc, self._raw,
        )  # fmt: skip

    def _check(self, cents: Mapping[str, int], payer_id: int | None, *, is_named: bool) -> None:
        parts = sum(cents[name] for name in AMOUNTS[1:])
        if cents["charge"] <= 0 or cents["paid"] < 0:
            self._refuse("charge", "opening.amount", "A charge is more than zero, and nothing less than zero is paid.")
        if cents["charge"] != parts:
            text = f"Paid, adjusted and open come to {format_cents(parts)}, not to {format_cents(cents['charge'])}."
            self._refuse("charge", "opening.sum", text)
        if not cents["payer_open"] and not cents["patient_open"]:
            self._refuse("payer_open", "opening.nothing_open", "Nothing is open on this claim.")
        if cents["payer_open"] and payer_id is None:
            self._refuse("payer_id", "opening.payer", "Something is open with a payer, and none is named.")
        if not is_named:
            self._refuse("birth_date", "opening.patient", "Give the date of birth or the practice's patient number.")

    def _refuse(self, column: str, code: str, text: str) -> None:
        self._problems.append(Problem(f"{self._where} column {column}", code, text))

    def _text(self, column: str) -> str:
        text = self._raw.get(column, "")
        if column in REQUIRED and not text:
            self._refuse(column, "opening.empty", "This is empty.")
        elif len(text) > LONGEST or "\x00" in text:
            self._refuse(column, "opening.text", f"A text of at most {LONGEST} characters is expected.")
        return text

    def _day(self, column: str, today: date) -> date | None:
        text = self._raw.get(column, "")
        day = read_day(text) if text else None
        if day is None and (text or column in REQUIRED):
            self._refuse(column, "opening.date", "A date like 2026-01-31 is expected.")
        elif day is not None and day > today:
            self._refuse(column, "opening.future", "This day is still to come.")
        return day

    def _cents(self, column: str) -> int:
        text = self._raw.get(column, "")
        if not text and column not in REQUIRED:
            return 0
        cents = parse_cents(text, f"{self._where} column {column}")
        if isinstance(cents, Problem):
            self._problems.append(cents)
            return 0
        return cents

    def _payer(self, payers: Mapping[str, int]) -> int | None:
        text = self._raw.get("payer_id", "")
        if text.upper() in SELF_PAY:
            return None
        found = payers.get(text.casefold())
        if found is None:
            self._refuse("payer_id", "opening.payer", "No payer has this id or name.")
        return found

    def _carc(self) -> str:
        text = self._raw.get("carc", "").upper().rpartition("-")[2].strip()
        if text and codes.carc(text) is None:
            self._refuse("carc", "opening.carc", "No adjustment reason (CARC) has this number.")
        return text

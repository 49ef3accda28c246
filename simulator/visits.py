"""A practice's days and what it sends: encounters as upload files, with the errors people make."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from math import exp
from random import Random

from config.clock import BusinessCalendar, HolidaySet
from config.identifiers import make_test_npi
from simulator.people import Patient, draw_patient
from simulator.practices import Clinician, Practice, Service
from simulator.streams import pick, stream

COLUMNS = (
    "encounter_id", "patient_id", "last_name", "first_name", "birth_date", "sex", "street", "city", "state",
    "zip", "payer_id", "member_id", "group_number", "relationship", "provider_npi", "place_of_service",
    "service_date", "dx1", "dx2", "dx3", "dx4", "procedure", "modifiers", "units",
    "charge", "pointers", "prior_auth", "note",
)  # fmt: skip
_WEEK = (1.1, 1.2, 1.0, 1.0, 0.9, 0.1, 0.0)  # Monday to Sunday, of an average weekday
# Business days from a service to its entry, and the share entered by then; 64% within three.
_LAG = (
    (0, 0.10),
    (1, 0.33),
    (2, 0.51),
    (3, 0.64),
    (4, 0.72),
    (5, 0.79),
    (7, 0.88),
    (10, 0.94),
    (14, 0.97),
    (21, 1.0),
)
LONGEST_LAG = timedelta(days=_LAG[-1][0] * 7 // 5 + 8)  # with the weekends and holidays between
_AUTHORIZED = 0.85  # of the procedures that need it
_NOBODY = make_test_npi(99_999)
_CLOSED = BusinessCalendar(holidays=HolidaySet.FEDERAL)


class Defect(StrEnum):
    """What goes wrong on the way into a file."""

    MISSING_MEMBER = "missing member id"
    BAD_DATE = "bad date"
    UNKNOWN_PROVIDER = "unknown provider"
    UNCODED = "uncoded line"
    REPEATED_ROW = "repeated row"


@dataclass(frozen=True, slots=True)
class VisitLine:
    code: str
    charge_cents: int
    units: int = 1
    modifiers: tuple[str, ...] = ()
    pointers: tuple[int, ...] = (1,)


@dataclass(frozen=True, slots=True)
class Visit:
    """One encounter as it happened, and the defect its rows will get, if any."""

    number: str
    patient: Patient
    clinician: Clinician
    day: date
    place: str
    diagnoses: tuple[str, ...]
    lines: tuple[VisitLine, ...]
    entered_on: date
    authorization: str = ""
    defect: Defect | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """One file of a practice: name, CSV bytes in the bureau's standard layout, and what it was made from."""

    name: str
    content: bytes
    rows: int
    visits: tuple[Visit, ...] = field(repr=False)

    @property
    def defects(self) -> dict[str, Defect]:
        """Encounter id -> what is wrong with it."""
        return {one.number: one.defect for one in self.visits if one.defect is not None}


class Diary:
    """A practice's appointments from `opens_on` on; each day is a stream of its own, so any may be asked."""

    def __init__(self, practice: Practice, seed: int, opens_on: date, *, defect_rate: float = 0.03) -> None:
        self.practice = practice
        self.opens_on = opens_on
        self._seed = seed
        self._defect_rate = defect_rate
        self._days: dict[date, tuple[Visit, ...]] = {}
        self._patients: dict[int, Patient] = {}

    def visits_on(self, day: date) -> tuple[Visit, ...]:
        """What happened on a day: a Poisson number round the weekday's share of the practice's daily mean."""
        if day < self.opens_on or not self._is_open(day):
            return ()
        if day not in self._days:
            self._days[day] = tuple(self._draw_day(day))
        return self._days[day]

    def upload_of(self, day: date) -> Upload | None:
        """The file a practice sends on a day: what was entered that day. None when there is nothing."""
        first = max(self.opens_on, day - LONGEST_LAG)
        days = (first + timedelta(days=ahead) for ahead in range((day - first).days + 1))
        found = tuple(one for service_day in days for one in self.visits_on(service_day) if one.entered_on == day)
        for old in [kept for kept in self._days if kept < first]:
            del self._days[old]
        return write_upload(self.practice, day, found) if found else None

    def _is_open(self, day: date) -> bool:
        return _WEEK[day.weekday()] > 0 and (day.weekday() > 4 or _CLOSED.is_business_day(day))

    def _draw_day(self, day: date) -> Iterator[Visit]:
        chance = stream(self._seed, "visits", self.practice.code, day.isoformat())
        count = poisson(chance.random(), self.practice.encounters_per_day * _WEEK[day.weekday()])
        panel = self.practice.patients
        for number, who in enumerate(chance.sample(range(1, panel + 1), min(count, panel)), 1):
            yield self._draw_visit(chance, day, number, who)

    def _draw_visit(self, chance: Random, day: date, number: int, who: int) -> Visit:
        practice = self.practice
        service = pick(chance.random(), practice.services, [one.weight for one in practice.services])
        diagnoses = tuple(chance.sample(service.diagnoses, min(len(service.diagnoses), chance.choice((1, 1, 2, 3)))))
        visit = Visit(
            number=f"{practice.code}-{day:%y%m%d}-{number:03d}",
            patient=self._patient(who),
            clinician=chance.choice(practice.clinicians),
            day=day,
            place=service.place,
            diagnoses=diagnoses,
            lines=tuple(self._draw_lines(chance, service, len(diagnoses))),
            entered_on=self._entry_day(day, chance.random()),
            authorization=f"A{chance.randrange(10**8):08d}" if self._is_authorized(service, chance) else "",
        )
        return self._with_defect(visit, chance.random(), chance.choice(tuple(Defect)))

    def _patient(self, who: int) -> Patient:
        if who not in self._patients:
            practice = self.practice
            self._patients[who] = draw_patient(self._seed, practice.code, practice.community, who, practice.panel_of)
        return self._patients[who]

    def _draw_lines(self, chance: Random, service: Service, diagnoses: int) -> Iterator[VisitLine]:
        charges = self.practice.charge_master
        main = pick(chance.random(), service.main, [1.0 / place for place in range(1, len(service.main) + 1)])
        extras = [code for code in service.extras if chance.random() < service.extra_share and code != main]
        modifiers = ("25",) if extras and service.marks_extra else ()
        yield VisitLine(main, charges[main], 1, modifiers, tuple(range(1, diagnoses + 1)))
        for code in extras[:3]:
            units = chance.choice((1, 1, 1, 2))
            yield VisitLine(code, charges[code] * units, units)

    def _is_authorized(self, service: Service, chance: Random) -> bool:
        return service.needs_auth and chance.random() < _AUTHORIZED

    def _entry_day(self, day: date, uniform: float) -> date:
        lag = next(days for days, share in _LAG if uniform <= share)
        return _CLOSED.add_business_days(day, lag)

    def _with_defect(self, visit: Visit, uniform: float, defect: Defect) -> Visit:
        if uniform >= self._defect_rate or (defect is Defect.MISSING_MEMBER and visit.patient.is_self_pay):
            return visit
        return replace(visit, defect=defect)


def poisson(uniform: float, mean: float) -> int:
    """The quantile of a Poisson distribution, by adding up; for means of a day's visits."""
    count, term = 0, exp(-mean)
    total = term
    while uniform > total and count < 10 * mean + 50:
        count += 1
        term *= mean / count
        total += term
    return count


# -- files ----------------------------------------------------------------------------------------------


def write_upload(practice: Practice, day: date, visits: tuple[Visit, ...]) -> Upload:
    """One row per charge line, in the order of service; defects are put in here."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    rows = [row for visit in visits for row in _rows(practice, visit)]
    writer.writerows(rows)
    return Upload(f"{practice.code}_{day:%Y%m%d}.csv", out.getvalue().encode(), len(rows), visits)


def _rows(practice: Practice, visit: Visit) -> list[list[str]]:
    rows = [_row(practice, visit, line) for line in visit.lines]
    if visit.defect is not None:
        _spoil(rows, visit.defect)
    return rows


def _row(practice: Practice, visit: Visit, line: VisitLine) -> list[str]:
    patient = visit.patient
    diagnoses = [*visit.diagnoses, "", "", "", ""][:4]
    charge = f"{line.charge_cents // 100}.{line.charge_cents % 100:02d}" if practice.sends_charges else ""
    return [
        visit.number, patient.number, patient.last, patient.first, patient.birth.isoformat(), patient.sex,
        patient.street, patient.town.city, patient.town.state, patient.town.zip, patient.payer,
        patient.member, patient.group, "18", visit.clinician.npi,
        visit.place, visit.day.isoformat(),
        *diagnoses, line.code, " ".join(line.modifiers), str(line.units), charge,
        " ".join(map(str, line.pointers)), visit.authorization, "",
    ]  # fmt: skip


def _spoil(rows: list[list[str]], defect: Defect) -> None:
    """Change the rows of one visit as a hurried hand would."""
    changes = {
        Defect.MISSING_MEMBER: ("member_id", ""),
        Defect.BAD_DATE: ("service_date", f"{rows[0][COLUMNS.index('service_date')][:4]}-02-30"),
        Defect.UNKNOWN_PROVIDER: ("provider_npi", _NOBODY),
    }
    if defect is Defect.REPEATED_ROW:
        rows.append(list(rows[-1]))
    elif defect is Defect.UNCODED:
        rows[-1][COLUMNS.index("procedure")] = ""
        rows[-1][COLUMNS.index("note")] = "see documentation"
    else:
        column, value = changes[defect]
        for row in rows:
            row[COLUMNS.index(column)] = value

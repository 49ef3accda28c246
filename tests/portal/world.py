"""A small book to look at: three practices, claims in every condition, people for each role, and a lab."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bureau.models import (
    Claim,
    Encounter,
    Filing,
    JobRun,
    Journal,
    Mail,
    Patient,
    Question,
    Transfer,
    Upload,
    UploadRow,
    WorkItem,
)
from bureau.models.books import Account, Kind
from bureau.office import Bureau, Delivery, NotFound, Office
from bureau.rules.lifecycle import State
from clients.access import Grant, Role
from clients.accounts import create_user
from clients.models import Client, Payer, TierPeriod
from clients.scope import Scope, ScopedSession
from clients.trail import Actor, ActorKind
from config.clock import StoppedClock
from config.database import build_engine, create_tables
from config.settings import Settings
from portal.sandbox import Book, Run, Scenario

NOW = datetime(2026, 3, 18, 15, 0, tzinfo=UTC)  # a Wednesday
TODAY = date(2026, 3, 18)
PASSWORD = "correct horse battery"
HARBOR, RIDGE, QUIET = 1, 2, 3

PEOPLE: dict[str, tuple[Grant, ...]] = {
    "admin": (Grant(Role.ADMIN, None),),
    "biller": (Grant(Role.BILLER, HARBOR),),
    "auditor": (Grant(Role.AUDITOR, None),),
    "mixed": (Grant(Role.BILLER, HARBOR), Grant(Role.AUDITOR, RIDGE)),
    "tester": (Grant(Role.TESTER, None),),
    "owner": (Grant(Role.OWNER, HARBOR),),
    "group": (Grant(Role.OWNER, HARBOR), Grant(Role.VIEWER, RIDGE)),
    "quiet": (Grant(Role.OWNER, QUIET),),
    "viewer": (Grant(Role.VIEWER, RIDGE),),
    "nobody": (),
}


def email(who: str) -> str:
    return f"{who}@example.test"


class QuietClearinghouse:
    """A clearinghouse at which nothing ever lies."""

    def submit(self, account: str, name: str, content: bytes, at: datetime) -> None:
        raise AssertionError("nothing is sent while looking at pages")

    def waiting(self, account: str, at: datetime) -> Sequence[Delivery]:
        return ()

    def taken(self, account: str, names: Sequence[str]) -> None:
        raise AssertionError("nothing lies here to be taken")


def build_book(path: Path, at: datetime = NOW, *, filled: bool = True) -> Bureau:
    """A book on disk at a stopped time."""
    settings = Settings(home=path.parent, database_url=f"sqlite:///{path}", secret_key="for tests only", _env_file=None)
    engine = build_engine(settings.database_url, durable=False)
    create_tables(engine)
    bureau = Bureau(engine, StoppedClock(at), QuietClearinghouse(), settings)
    _add_clients(bureau)
    if filled:
        with bureau.open_office(Actor(ActorKind.JOB, "demo"), Scope.all()) as office:
            for client_id, share in ((HARBOR, 1), (RIDGE, 3)):
                _fill(office, client_id, share)
    return bureau


def add_people(bureau: Bureau) -> None:
    names = {"admin": "Dana Reyes", "owner": "Priya Shah", "tester": "Tom Okafor", "group": "Lee Novak"}
    with ScopedSession(bureau.engine, scope=Scope.of()) as session, session.begin():
        for who, grants in PEOPLE.items():
            create_user(session, email(who), names.get(who, who.capitalize()), PASSWORD, grants)


def _add_clients(bureau: Bureau) -> None:
    named = (
        (HARBOR, "HARBOR", "Harbor Family Medicine", "America/New_York"),
        (RIDGE, "RIDGE", "Ridgeview Orthopedics", "America/Denver"),
        (QUIET, "QUIET", "Quiet Valley Pediatrics", "America/Chicago"),
    )
    with ScopedSession(bureau.engine, scope=Scope.all()) as session, session.begin():
        for client_id, code, name, time_zone in named:
            session.add(
                Client(
                    id=client_id, code=code, name=name, state="LIVE", time_zone=time_zone, taxonomy="207Q00000X",
                    npi=f"999900000{client_id}", tax_id="00-0000000", street="1 Main St", city="Salem",
                    region="MA", zip="01970", phone="", account=f"ACC{client_id}", is_synthetic=True,
                    opened_on=date(2026, 1, 1),
                )
            )  # fmt: skip
            session.flush()
            session.add(
                TierPeriod(
                    client_id=client_id,
                    id=client_id,
                    tier="billing",
                    starts_on=date(2026, 1, 1),
                    ends_on=None,
                )
            )
        session.add(
            Payer(id=1, code="EVER1", name="Evergreen Health", kind="commercial", filing_code="CI",
                  tax_id="00-1111111", filing_days=180, alarm_days=30)
        )  # fmt: skip


STATES: tuple[tuple[State, str, str, int], ...] = (  # state, turn, queue, claims
    (State.DRAFT, "BUREAU", "", 2),
    (State.NEEDS_INFO, "CLIENT", "Q2", 2),
    (State.SCRUB_FAILED, "BUREAU", "Q6", 3),
    (State.ACCEPTED, "PAYER", "", 9),
    (State.REJECTED, "BUREAU", "Q7", 2),
    (State.DENIED, "BUREAU", "Q11", 4),
    (State.PATIENT_DUE, "PATIENT", "", 1),
    (State.CLOSED_PAID, "NONE", "", 14),
)


def _fill(office: Office, client_id: int, share: int) -> None:
    (upload_id,) = office.insert(Upload, [_upload(client_id)])
    (patient_id,) = office.insert(Patient, [_patient(client_id)])
    conditions = [each for each in STATES for _ in range(each[3] * share)]
    encounters = office.insert(
        Encounter, [_encounter(client_id, upload_id, patient_id, place) for place in range(len(conditions))]
    )
    claims = office.insert(Claim, [_claim(client_id, patient_id, row) for row in encounters])
    filings = office.insert(Filing, [_filing(client_id, *pair) for pair in zip(claims, conditions, strict=True)])
    queued = [(row, each) for row, each in zip(filings, conditions, strict=True) if each[2]]
    office.insert(WorkItem, [_item(client_id, row, each, place) for place, (row, each) in enumerate(queued)])
    asked = [row for row, each in queued if each[0] is State.NEEDS_INFO]
    office.insert(Question, [_question(client_id, row) for row in asked])
    office.insert(UploadRow, [_bad_row(client_id, upload_id, number) for number in (7, 19)])
    office.insert(JobRun, [_failed_run(client_id)])
    office.insert(Mail, [_quarantined(client_id)])
    office.insert(Journal, [_journal(client_id)])
    office.insert(Transfer, [_payment(client_id, claims[0], 12_345_67, TODAY)])
    office.insert(Transfer, [_payment(client_id, claims[1], 98_765_43, date(2026, 2, 11))])


def _upload(client_id: int) -> dict:
    return {
        "client_id": client_id, "sha256": f"{client_id:064d}", "file_name": "visits.csv", "profile": "csv",
        "content": b"", "received_at": NOW, "sent_by": "Priya Shah", "rows": 37, "accepted": 35,
        "problems": 2,
        "duplicates": 0, "encounters": 35,
    }  # fmt: skip


def _patient(client_id: int) -> dict:
    return {
        "client_id": client_id, "external_id": "P1", "last": "Sample", "first": "Pat", "born_on": date(1980,
        5, 1),
        "sex": "F", "street": "2 Elm St", "city": "Salem", "region": "MA", "zip": "01970",
    }  # fmt: skip


def _encounter(client_id: int, upload_id: int, patient_id: int, place: int) -> dict:
    return {
        "client_id": client_id, "upload_id": upload_id, "external_id": f"E{place}", "fingerprint": "",
        "patient_id": patient_id, "provider_id": None, "served_on": date(2026, 3, 2), "received_at": NOW,
        "source": None,
    }  # fmt: skip


def _claim(client_id: int, patient_id: int, encounter_id: int) -> dict:
    return {
        "client_id": client_id, "encounter_id": encounter_id, "patient_id": patient_id, "provider_id": None,
        "served_on": date(2026, 3, 2), "place": "11", "diagnoses": "J069", "charge_cents": 185_00,
        "prior_auth": "",
        "created_at": NOW,
    }  # fmt: skip


def _filing(client_id: int, claim_id: int, condition: tuple[State, str, str, int]) -> dict:
    return {
        "client_id": client_id, "claim_id": claim_id, "payer_id": 1, "coverage_id": None, "rank": 1,
        "state": condition[0], "turn": condition[1], "since": NOW - timedelta(days=3), "file_by": date(2026,
        8, 1),
        "scrubs": 1, "clean_first_time": True, "attempt": 1, "payer_icn": "", "version": 1,
    }  # fmt: skip


def _item(client_id: int, filing_id: int, condition: tuple[State, str, str, int], place: int) -> dict:
    return {
        "client_id": client_id, "subject": "filing", "subject_id": filing_id, "queue": condition[2],
        "turn": condition[1], "reason": "", "cents": 185_00, "entered_at": NOW - timedelta(days=2 + place),
        "due_at": NOW + timedelta(hours=9 * (place - 3)), "wakes_at": None,
        "assignee": "Dana Reyes" if place % 3 == 0 else "", "lease_until": None, "closed_at": None,
    }  # fmt: skip


def _question(client_id: int, filing_id: int) -> dict:
    return {
        "client_id": client_id, "filing_id": filing_id, "category": "coverage", "field": "member_id",
        "text": "Which member id is on the card?", "state": "SENT", "asked_at": NOW - timedelta(days=6),
        "due_on": date(2026, 3, 17), "answer": "", "answered_at": None, "answered_by": "",
    }  # fmt: skip


def _bad_row(client_id: int, upload_id: int, number: int) -> dict:
    return {
        "client_id": client_id, "upload_id": upload_id, "file_name": "visits.csv", "row_no": number,
        "state": "problem", "encounter_id": None, "raw": {"DOS": "03/32/2026"}, "problems": [],
    }  # fmt: skip


def _failed_run(client_id: int) -> dict:
    return {
        "client_id": client_id, "job": "collect", "slot": NOW - timedelta(hours=2),
        "started_at": NOW - timedelta(hours=2), "ended_at": NOW - timedelta(hours=2), "state": "failed",
        "origin": "schedule", "started_by": "", "attempt": 1, "items": 3, "ok": 2, "failed": 1, "detail": None,
    }  # fmt: skip


def _quarantined(client_id: int) -> dict:
    return {
        "client_id": client_id, "outgoing": False, "kind": "unknown", "name": "odd.txt",
        "sha256": f"mail{client_id}",
        "content": b"", "size": 0, "partner": "", "control": None, "group_control": None, "reference": "",
        "state": "quarantined", "problem": "not X12", "items": 0, "cents": 0, "received_at": NOW,
        "done_at": None,
    }  # fmt: skip


def _journal(client_id: int) -> dict:
    return {
        "client_id": client_id, "at": NOW, "actor": "demo", "act": "post", "items": 1, "text": "",
        "mail_id": None,
        "filing_id": None,
    }  # fmt: skip


def _payment(client_id: int, claim_id: int, cents: int, day: date) -> dict:
    return {
        "client_id": client_id, "at": NOW, "posted_on": day, "kind": Kind.PAYMENT, "debit": Account.CASH,
        "credit": Account.INSURANCE, "cents": cents, "group": "", "carc": "", "claim_id": claim_id,
        "line_id": None,
        "filing_id": None, "remittance_id": None, "source": f"pay:{day}",
    }  # fmt: skip


@dataclass
class SmallLab:
    """A bench with two worlds, one finished run with a book of its own, and one under way."""

    books: dict[str, Bureau] = field(default_factory=dict)

    def scenarios(self) -> Sequence[Scenario]:
        return (
            Scenario("clean", "Clean claims", "Nothing goes wrong: the least a bureau can take.", 90),
            Scenario("denials", "A wave of denials", "One payer tightens its rules overnight.", 120),
        )

    def runs(self) -> Sequence[Run]:
        return (
            Run("r2", "denials", "running", 7, 41, 120, NOW, 130, 4_210),
            Run("r1", "clean", "done", 7, 90, 90, NOW - timedelta(hours=1), None, 12_803),
        )

    def open_book(self, run_id: str) -> Book:
        if run_id not in self.books:
            raise NotFound("no such run")
        return Book(self.books[run_id], run_id, "Clean claims")

"""A practice with providers, payers and prices in a real database, and sheets as its people write them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Engine, func, select

from bureau.desks.intake import Intake, check_upload, commit_upload
from bureau.models import Claim, ClaimLine, Filing, Transfer, Upload, UploadRow, WorkItem
from bureau.office import Bureau, Delivery, Office
from bureau.rules.intake.readers import build_reader, detect_profile
from clients.agreements import NewAgreement, sign
from clients.models import AgreementKind, Client, Fee, Payer, Provider
from clients.scope import Scope, ScopedSession
from clients.trail import Actor, ActorKind
from config import codes
from config.clock import StoppedClock
from config.database import build_engine, create_tables
from config.identifiers import make_test_ein, make_test_npi
from config.settings import Settings

CLIENT, OTHER = 1, 2
NOW = datetime(2026, 3, 18, 15, 0, tzinfo=UTC)  # a Wednesday
TODAY = date(2026, 3, 18)
NPI, SECOND_NPI = make_test_npi(11), make_test_npi(12)
PAYER = "SIM10"


class NoClearinghouse:
    """Nothing is sent while files are taken in."""

    def submit(self, account: str, name: str, content: bytes, at: datetime) -> None:
        raise AssertionError("intake sends nothing")

    def waiting(self, account: str, at: datetime) -> Sequence[Delivery]:
        return ()

    def taken(self, account: str, names: Sequence[str]) -> None:
        raise AssertionError("nothing lies here to be taken")


@dataclass(frozen=True)
class Practice:
    """The bureau with one practice, and how a test sends it a file."""

    bureau: Bureau

    @contextmanager
    def office(self, client_id: int = CLIENT) -> Iterator[Office]:
        with self.bureau.open_office(Actor(ActorKind.PERSON, "Priya Shah"), Scope.of(client_id)) as office:
            yield office

    def send(self, data: bytes, name: str = "visits.csv", profile: str = "", client_id: int = CLIENT) -> Intake:
        """Check a file and take it in unless it is refused."""
        profile = profile or detect_profile(name, data)
        with self.office(client_id) as office:
            read = build_reader(profile, None, office.today(client_id))
            intake = check_upload(office, client_id, name, data, profile=profile, read=read)
            if not intake.is_refused:
                commit_upload(office, intake)
        return intake

    def count(self, model: type, *where: object) -> int:
        with self.office() as office:
            return office.session.scalar(select(func.count()).select_from(model).where(*where)) or 0

    def rows(self, statement: object) -> list[tuple]:
        with self.office() as office:
            return [tuple(row) for row in office.rows(statement)]


def open_practice(url: str = "sqlite://", now: datetime = NOW, *, durable: bool = False) -> Practice:
    engine = build_engine(url, durable=durable)
    create_tables(engine)
    _add_names(engine)
    settings = Settings(database_url=url, secret_key="for tests only", _env_file=None)
    bureau = Bureau(engine, StoppedClock(now), NoClearinghouse(), settings)
    with bureau.open_office(Actor(ActorKind.JOB, "set up"), Scope.all()) as office:
        for client_id in (CLIENT, OTHER):
            agreed = NewAgreement(AgreementKind.BUSINESS_ASSOCIATE, date(2026, 1, 1), "The owner", date(2026, 1, 1))
            sign(office.session, client_id, agreed)
            office.insert(
                Provider,
                [
                    {"client_id": client_id, "npi": npi, "last": last, "first": "Alex", "taxonomy": "207Q00000X",
                     "external_id": ""}
                    for npi, last in ((NPI, "Reed"), (SECOND_NPI, "Soto"))
                ],
            )  # fmt: skip
            office.insert(
                Fee,
                [
                    {"client_id": client_id, "code": code, "modifier": modifier, "cents": cents,
                     "starts_on": date(2026, 1, 1)}
                    for code, modifier, cents in (("XV113", "", 15_000), ("XV113", "25", 17_500), ("XV101", "", 9_000))
                ],
            )  # fmt: skip
    return Practice(bureau)


def _add_names(engine: Engine) -> None:
    with ScopedSession(engine, scope=Scope.all()) as session, session.begin():
        for client_id, code in ((CLIENT, "HARBOR"), (OTHER, "RIDGE")):
            session.add(
                Client(
                    id=client_id, code=code, name=f"{code} Medicine", npi=make_test_npi(client_id),
                    tax_id=make_test_ein(client_id), taxonomy="207Q00000X", street="1 Main St", city="Salem",
                    region="MA", zip="019700001", account=f"ACC{client_id}", opened_on=date(2026, 1, 1),
                )
            )  # fmt: skip
        for number, payer in enumerate(codes.payers().values(), start=1):
            if payer.payer_id != codes.SELF_PAY:
                session.add(
                    Payer(
                        id=number, code=payer.payer_id, name=payer.name, kind=payer.kind,
                        filing_code=payer.filing_code, tax_id=make_test_ein(100 + number),
                        filing_days=payer.timely_filing_days, alarm_days=30,
                    )
                )  # fmt: skip


VISIT = {
    "encounter_id": "E1", "patient_id": "P1", "last_name": "Doe", "first_name": "Jamie", "birth_date": "1980-05-17",
    "sex": "F", "street": "4 Oak Road", "city": "Salem", "state": "MA", "zip": "01970", "payer_id": PAYER,
    "member_id": "M0001", "group_number": "", "relationship": "", "provider_npi": NPI, "place_of_service": "11",
    "service_date": "2026-03-02", "dx1": "J02.9", "dx2": "", "procedure": "XV113", "modifiers": "", "units": "1",
    "charge": "150.00", "pointers": "1", "note": "",
}  # fmt: skip


def visit(**changes: str) -> dict[str, str]:
    return {**VISIT, **changes}


def sheet(*rows: dict[str, str]) -> bytes:
    """The rows as CSV under our own column names."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def assert_adds_up(practice: Practice, intake: Intake) -> None:
    """What must hold after any upload: no row is lost, and the ledger says what the lines charge."""
    with practice.office() as office:
        upload = office.get(Upload, CLIENT, intake.upload_id)
        stored = office.rows(select(UploadRow.state, func.count()).group_by(UploadRow.state))
    assert upload.rows == intake.rows
    assert upload.rows >= upload.accepted + upload.problems + upload.duplicates
    assert sum(count for _, count in stored) >= len(intake.verdicts)
    charged = practice.rows(select(func.coalesce(func.sum(Transfer.cents), 0)).where(Transfer.kind == "charge"))
    assert charged == practice.rows(select(func.coalesce(func.sum(ClaimLine.charge_cents), 0)))
    assert charged == practice.rows(select(func.coalesce(func.sum(Claim.charge_cents), 0)))
    assert practice.count(Filing) == practice.count(Claim)
    open_rows = practice.count(UploadRow, UploadRow.state == "problem")
    assert open_rows == practice.count(WorkItem, WorkItem.subject == "upload_row", WorkItem.closed_at.is_(None))

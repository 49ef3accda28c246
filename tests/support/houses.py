"""A small house that works: two practices, calm payers who answer at once, and verbs a test can read aloud."""

from __future__ import annotations

import csv
import io
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import and_, func, make_url, select

from bureau import jobs, mailroom
from bureau.desks import intake
from bureau.mailroom import Receipt
from bureau.models import Claim, ClaimLine, Encounter, Filing, Mail, Step, Submission, Transfer
from bureau.models.books import Account
from bureau.office import Bureau, Delivery, Office
from bureau.rules.intake.readers import build_reader
from bureau.rules.lifecycle import State
from bureau.x12.remit835 import write_835
from bureau.x12.values import Adjustment, Envelope, Party
from bureau.x12.values835 import PaidClaim, PaidLine, Remittance
from clients.models import Client, Payer
from clients.onboarding import NewClient, NewProvider, open_client
from clients.scope import Scope, enable_row_security
from clients.tiers import Tier
from clients.trail import Actor, ActorKind
from config.clock import StoppedClock
from config.database import build_engine, create_tables
from config.identifiers import make_test_ein, make_test_mbi, make_test_npi
from config.settings import PayerPace, Settings
from reports import invariants
from reports.billing import net
from simulator.clearinghouse import SimulatedClearinghouse
from simulator.opening import open_payers
from simulator.payers import change_profile, default_profiles, payer_tax_id
from simulator.record import PayerRecord

NOW = datetime(2026, 3, 18, 15, 0, tzinfo=UTC)  # a Wednesday, 11:00 in Boston
OPENED = date(2026, 1, 1)
NPI = make_test_npi(11)
COPAY, PLAIN = "SIM10", "SIM50"  # a payer whose members pay 25.00 of a visit, and one who pays 80% and no more
FEES = (("XV113", 15_000), ("XV101", 9_000))
CALM: dict[str, Any] = {
    "clearinghouse_reject_rate": 0.0, "payer_reject_rate": 0.0, "denial_rate": 0.0, "pend_share": 0.0,
    "deductible_cents": 0, "copay_cents": 0, "coinsurance_basis_points": 0, "fee_basis_points": 8_000,
    "fee_spread_basis_points": 0, "auth_codes": frozenset(),
}  # fmt: skip
VISIT = {
    "encounter_id": "E1", "patient_id": "P1", "last_name": "Doe", "first_name": "Jamie", "birth_date": "1980-05-17",
    "sex": "F", "street": "4 Oak Road", "city": "Salem", "state": "MA", "zip": "01970", "payer_id": COPAY,
    "member_id": "M0001", "group_number": "", "relationship": "18", "provider_npi": NPI, "place_of_service": "11",
    "service_date": "2026-03-02", "dx1": "J02.9", "procedure": "XV113", "modifiers": "", "units": "1",
    "charge": "150.00", "pointers": "1", "prior_auth": "", "note": "",
}  # fmt: skip


@dataclass
class House:
    """The bureau, two practices of it, and the practice payers with their own record."""

    bureau: Bureau
    clock: StoppedClock
    record: PayerRecord
    clients: list[Client] = field(default_factory=list)

    @property
    def client(self) -> Client:
        return self.clients[0]

    @property
    def payers(self) -> SimulatedClearinghouse:
        assert isinstance(self.bureau.clearinghouse, SimulatedClearinghouse)
        return self.bureau.clearinghouse

    @contextmanager
    def office(
        self, *, by: str = "Priya Shah", client: Client | None = None, everywhere: bool = False
    ) -> Iterator[Office]:
        scope = Scope.all() if everywhere else Scope.of((client or self.client).id)
        with self.bureau.open_office(Actor(ActorKind.PERSON, by), scope) as office:
            yield office

    # -- what people and jobs do ------------------------------------------------------------------------

    def upload(self, *visits: dict[str, str], client: Client | None = None, name: str = "visits.csv") -> intake.Intake:
        """A practice sends a sheet; good rows become claims."""
        client = client or self.client
        with self.office(client=client, by=f"{client.code} front desk") as office:
            read = build_reader("standard", None, office.today(client.id))
            taken = intake.check_upload(office, client.id, name, sheet(*visits), profile="standard", read=read)
            if not taken.is_refused:
                intake.commit_upload(office, taken)
        return taken

    def run(self, *names: str, client: Client | None = None) -> list[jobs.Tally | None]:
        """Run jobs one after the other, a minute apart."""
        client_id = (client or self.client).id
        return [jobs.run_job(self.bureau, name, client_id, self.tick()) for name in names]

    def day(self, client: Client | None = None) -> None:
        """A working day of the machine: everything that happens by itself, in its order."""
        self.run("scrub", "submit", "collect", "post", client=client)

    def tick(self, **by: float) -> datetime:
        return self.clock.advance(timedelta(**(by or {"minutes": 1})))

    def receive(self, content: bytes, name: str = "from-payer.835") -> Receipt:
        """A file that came by another way is laid into the mailroom."""
        receipt = Receipt()
        with self.office(everywhere=True) as office:
            mailroom.store(office, [Delivery(name, content)], receipt)
        return receipt

    # -- what a test may ask ----------------------------------------------------------------------------

    def filing(self, encounter: str = "E1") -> Filing:
        with self.office(everywhere=True) as office:
            return office.session.scalars(select(Filing).join(*_claim_of(Filing)).join(*_encounter(encounter))).one()

    def state(self, encounter: str = "E1") -> State:
        return State(self.filing(encounter).state)

    def story(self, encounter: str = "E1") -> list[str]:
        """The states a claim went through."""
        filing = self.filing(encounter)
        wanted = select(Step.target).where(Step.client_id == filing.client_id, Step.filing_id == filing.id)
        return [str(row[0]) for row in self.rows(wanted.order_by(Step.id))]

    def balances(self, encounter: str | None = None) -> dict[str, int]:
        """Net cents by account that are not zero; of one claim, or of the whole book."""
        accounts = list(Account)
        wanted = select(*(net(account) for account in accounts))
        if encounter is not None:
            wanted = wanted.where(Transfer.claim_id == self.filing(encounter).claim_id)
        found = self.rows(wanted)[0]
        return {str(account): int(cents) for account, cents in zip(accounts, found, strict=True) if cents}

    def lines(self, encounter: str = "E1") -> list[ClaimLine]:
        claim_id = self.filing(encounter).claim_id
        with self.office(everywhere=True) as office:
            wanted = select(ClaimLine).where(ClaimLine.claim_id == claim_id).order_by(ClaimLine.line_no)
            return list(office.session.scalars(wanted))

    def submissions(self, encounter: str = "E1") -> list[Submission]:
        filing = self.filing(encounter)
        with self.office(everywhere=True) as office:
            wanted = select(Submission).where(Submission.filing_id == filing.id).order_by(Submission.id)
            return list(office.session.scalars(wanted))

    def rows(self, statement: Any) -> list[Any]:
        with self.office(everywhere=True) as office:
            return list(office.rows(statement))

    def count(self, model: type, *where: Any) -> int:
        return int(self.rows(select(func.count()).select_from(model).where(*where))[0][0])

    def mail(self, kind: str) -> list[tuple[str, bytes, str]]:
        """Files of a kind as (name, content, state), oldest first."""
        wanted = select(Mail.name, Mail.content, Mail.state).where(Mail.kind == kind).order_by(Mail.id)
        return [(name, zlib.decompress(content), state) for name, content, state in self.rows(wanted)]

    def broken_laws(self) -> list[str]:
        with self.office(everywhere=True) as office:
            return [f"{one.id}: {one.broken}" for one in invariants.verify(office) if not one.is_kept]

    def ledger_hash(self) -> str:
        with self.office(everywhere=True) as office:
            return invariants.hash_ledger(office)

    def close(self) -> None:
        self.bureau.engine.dispose()
        self.record.close()


def _claim_of(model: Any) -> tuple[Any, Any]:
    return Claim, and_(Claim.client_id == model.client_id, Claim.id == model.claim_id)


def _encounter(number: str) -> tuple[Any, Any]:
    same = and_(Encounter.client_id == Claim.client_id, Encounter.id == Claim.encounter_id)
    return Encounter, and_(same, Encounter.external_id == number)


def connect(url: str, payers: Path | str = ":memory:", at: datetime = NOW) -> House:
    """The house over a book that exists already: what a process does when it starts."""
    house = _build(url, payers, at)
    house.clients = house.bureau.find_clients(Scope.all())
    return house


def _build(url: str, payers: Path | str, at: datetime) -> House:
    engine = build_engine(url, durable=False)
    clock, record = StoppedClock(at), PayerRecord(payers)
    profiles = [change_profile(one, CALM | {"copay_cents": 2_500 * (one.code == COPAY)}) for one in default_profiles()]
    clearinghouse = SimulatedClearinghouse(profiles, record, seed=1, pace=PayerPace.AT_ONCE)
    settings = Settings(database_url=url, secret_key="for tests only", _env_file=None)
    return House(Bureau(engine, clock, clearinghouse, settings), clock, record)


def open_house(url: str = "sqlite://", payers: Path | str = ":memory:", at: datetime = NOW) -> House:
    """A new book with two practices that are live, known to all payers, with a short charge master."""
    if make_url(url).get_backend_name() != "sqlite":
        return _fill(_build(url, payers, at))
    house = _build(url, payers, at)
    with closing(house.bureau.engine.raw_connection()) as copy:
        _filled(at).backup(copy.driver_connection)
    house.clients = house.bureau.find_clients(Scope.all())
    return house


@cache
def _filled(at: datetime) -> sqlite3.Connection:
    """The new book in memory, to be copied: hundreds of tests begin with it."""
    connection: Any = _fill(_build("sqlite://", ":memory:", at)).bureau.engine.raw_connection().driver_connection
    return connection


def _fill(house: House) -> House:
    create_tables(house.bureau.engine)
    enable_row_security(house.bureau.engine)
    with house.office(everywhere=True) as office:
        open_payers(office)
        house.clients = [
            open_practice(office, number, code) for number, code in enumerate(("HARBOR", "RIDGE"), start=1)
        ]
    return house


def open_practice(office: Office, number: int, code: str) -> Client:
    new = NewClient(
        code=code, name=f"{code} MEDICINE", specialty="family medicine", tier=list(Tier)[(number - 1) % 2],
        npi=make_test_npi(number), tax_id=make_test_ein(number), taxonomy="207Q00000X", street="1 Main Street",
        city="Salem", region="MA", zip="019700001", phone="6175550111", time_zone="America/New_York",
        providers=[NewProvider(NPI, "Reed", "Alex", "207Q00000X")], fees=FEES,
        payers=[one.code for one in default_profiles()],
    )  # fmt: skip
    return open_client(office.session, new, on=OPENED)


def visit(number: int | str = 1, **changes: str) -> dict[str, str]:
    """One row of a sheet; the number makes encounter, patient and member its own."""
    own = {"encounter_id": f"E{number}", "patient_id": f"P{number}", "last_name": f"Doe{number}"}
    member = {"member_id": f"M{int(number):06d}"} if str(number).isdecimal() else {}
    return {**VISIT, **own, **member, **changes}


def medicare_member(number: int) -> dict[str, str]:
    return {"payer_id": "SIM20", "member_id": make_test_mbi(number)}


def sheet(*rows: dict[str, str]) -> bytes:
    """The rows as CSV under our own column names."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


# -- remittances as a payer might write them ------------------------------------------------------------------


def paid_line(line: ClaimLine, paid: int, *adjustments: tuple[str, str, int]) -> PaidLine:
    return PaidLine(
        line.code, line.charge_cents, paid, date_from=line.served_on, control=f"L{line.id}",
        adjustments=[Adjustment(*one) for one in adjustments],
    )  # fmt: skip


def paid_claim(pcn: str, *lines: PaidLine, status: str = "1", icn: str = "ICN1") -> PaidClaim:
    person = Party("DOE", "JAMIE", is_person=True, id_kind="MI", id="M0001")
    return PaidClaim(
        pcn, status, sum(line.charge_cents for line in lines), sum(line.paid_cents for line in lines),
        patient_cents=sum(one.cents for line in lines for one in line.adjustments if one.group == "PR"),
        filing_code="CI", payer_icn=icn, place="11", frequency="1", patient=person, lines=list(lines),
    )  # fmt: skip


def remittance(client: Client, *claims: PaidClaim, trace: str = "TRACE1", payer: str = COPAY) -> Remittance:
    return Remittance(
        "0001", sum(claim.paid_cents for claim in claims), "ACH", date(2026, 3, 19), trace,
        "1" + payer_tax_id(payer), Party("NORTHLAKE MUTUAL", id_kind="XV", id=payer, street="1 Payer Plaza",
        city="Hartford", state="CT", zip="061030001", contact="HELP", phone="8005550100"),
        Party(client.name, id_kind="XX", id=client.npi, tax_id=client.tax_id), produced=date(2026, 3, 18),
        claims=list(claims),
    )  # fmt: skip


def as_file(client: Client, *sets: Remittance, control: int = 900) -> bytes:
    """An 835 file under an interchange number of its own."""
    wrap = Envelope("SIM10", client.account, control, control, datetime(2026, 3, 18, 12, 0))
    for number, one in enumerate(sets, start=1):
        one.control = f"{number:04d}"
    return write_835(wrap, list(sets)).encode()


def payer_ids(house: House) -> dict[str, int]:
    return {row.code: row.id for row in house.rows(select(Payer.code, Payer.id))}


def encounters(numbers: Sequence[int], **changes: str) -> list[dict[str, str]]:
    return [visit(number, **changes) for number in numbers]

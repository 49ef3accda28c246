"""A simulated book: two practices, real uploads, desks and jobs, payers that answer at once; claims in many states."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bureau import jobs, mailroom
from bureau.desks import intake
from bureau.office import Bureau, Delivery
from bureau.rules.intake.profiles import STANDARD, map_rows
from bureau.rules.intake.sheets import read_sheet
from clients.onboarding import NewClient, NewPayer, NewProvider, add_payers, open_client
from clients.scope import Scope, enable_row_security
from clients.tiers import Tier
from clients.trail import Actor, ActorKind
from config.clock import StoppedClock
from config.database import build_engine, create_tables
from config.identifiers import make_test_ein, make_test_npi
from config.settings import PayerPace, Settings
from simulator.clearinghouse import SimulatedClearinghouse
from simulator.payers import build_profile
from simulator.record import PayerRecord

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # a Monday
HARBOR, RIDGE = 1, 2
ME = Actor(ActorKind.PERSON, "Dana Reyes")
COLUMNS = (
    "encounter_id,patient_id,last_name,first_name,birth_date,sex,street,city,state,zip,payer_id,member_id,"
    "group_number,relationship,provider_npi,place_of_service,service_date,dx1,dx2,dx3,dx4,procedure,modifiers,units,"
    "charge,pointers,prior_auth,note"
)
PAYERS = (
    NewPayer("PAY1", "Evergreen Health", "commercial", "CI", make_test_ein(901), 180, 30),
    NewPayer("PAY2", "Stonebridge Mutual", "commercial", "CI", make_test_ein(902), 365, 30),
)
LASTS = ("Abbott", "Barnes", "Castillo", "Dawson", "Ellery", "Foster", "Garrick", "Holm")


def build_simulated(folder: Path, url: str = "") -> Bureau:
    """A book in a file of the folder, or in the database of the URL, worked through a week of jobs."""
    settings = Settings(home=folder, database_url=url or f"sqlite:///{folder / 'book.sqlite'}",
                        secret_key="for tests only", _env_file=None)  # fmt: skip
    engine = build_engine(settings.database_url, durable=False)
    create_tables(engine)
    enable_row_security(engine)
    house = SimulatedClearinghouse(
        [
            build_profile("PAY1", "Evergreen Health", "commercial", PAYERS[0].tax_id, denial_rate=0.05),
            build_profile("PAY2", "Stonebridge Mutual", "commercial", PAYERS[1].tax_id, denial_rate=0.6),
        ],
        PayerRecord(folder / "payers.sqlite"), seed=3, pace=PayerPace.AT_ONCE,
    )  # fmt: skip
    bureau = Bureau(engine, StoppedClock(NOW), house, settings)
    with bureau.open_office(ME, Scope.all()) as office:
        add_payers(office.session, PAYERS)
        open_client(office.session, _practice("HARBOR", "Harbor Family Medicine", 1), on=date(2026, 1, 1))
        open_client(office.session, _practice("RIDGE", "Ridgeview Orthopedics", 2), on=date(2026, 1, 1))
        open_client(office.session, _practice("QUIET", "Quiet Valley Pediatrics", 3), on=date(2026, 1, 1))
    upload(bureau, HARBOR, [*_visits(0, 40), *troubled()])
    upload(bureau, RIDGE, _visits(100, 18))
    run(bureau, RIDGE, "scrub", "submit")  # its answers are never collected
    bureau.clock.advance(timedelta(hours=2))
    run(bureau, HARBOR, "scrub", "submit", "collect", "post")
    bureau.clock.advance(timedelta(days=9))
    run(bureau, RIDGE, "wake")
    run(bureau, HARBOR, "collect", "post", "wake")
    upload(bureau, HARBOR, _visits(200, 3))
    spoil(bureau)
    return bureau


def _practice(code: str, name: str, number: int) -> NewClient:
    return NewClient(
        code, name, "family medicine", Tier.BILLING if number != 2 else Tier.FULL_RCM, make_test_npi(number),
        make_test_ein(number), "207Q00000X", "1 Main St", "Boston", "MA", "021100000", "6175550100",
        "America/New_York", [NewProvider(make_test_npi(10 + number), "Doe", "Jane", "207Q00000X")],
        [("G0463", 10_000), ("G0008", 2_500)], ["PAY1", "PAY2"],
    )  # fmt: skip


def _visit(number: int, **changes: str) -> list[dict[str, str]]:
    visit = {
        "encounter_id": f"E{number}", "patient_id": f"P{number // 2}", "last_name": LASTS[number // 2 % 8],
        "first_name": f"Pat{number // 2}", "birth_date": "1980-01-02", "sex": "F", "street": "1 Elm St",
        "city": "Boston", "state": "MA", "zip": "02110", "payer_id": f"PAY{1 + number % 2}",
        "member_id": f"M{number:07d}", "group_number": "G1", "relationship": "18", "provider_npi": make_test_npi(11),
        "place_of_service": "11", "service_date": str(date(2026, 2, 1) + timedelta(days=number % 28)),
        "dx1": "J0190", "procedure": "G0463", "units": "1", "charge": f"{100 + number}.00", "pointers": "1",
    } | changes  # fmt: skip
    second = {**visit, "procedure": "G0008", "charge": "25.00"}
    return [visit] if changes else [visit, second]


def _visits(first: int, count: int) -> list[dict[str, str]]:
    npi = make_test_npi(11) if first != 100 else make_test_npi(12)
    return [line | {"provider_npi": npi} for number in range(first, first + count) for line in _visit(number)]


def troubled() -> list[dict[str, str]]:
    """Visits that go no straight way: no code, no member id, a wrong pointer, a wrong date."""
    return [
        *_visit(60, procedure="", note="flu shot at the clinic"),
        *_visit(61, member_id=""),
        *_visit(62, pointers="3"),
        *_visit(63, pointers="2"),
        *_visit(64, service_date="2026-02-31"),
    ]


def upload(bureau: Bureau, client_id: int, rows: list[dict[str, str]]) -> None:
    names = COLUMNS.split(",")
    lines = [COLUMNS, *(",".join(row.get(name, "") for name in names) for row in rows)]

    def read(name: str, data: bytes):
        table, _ = read_sheet(name, data)
        return map_rows(name, table, STANDARD)

    with bureau.open_office(ME, Scope.of(client_id)) as office:
        checked = intake.check_upload(
            office, client_id, "visits.csv", "\n".join(lines).encode(), profile="standard", read=read
        )
        assert not checked.is_refused, checked.problems
        intake.commit_upload(office, checked)


def run(bureau: Bureau, client_id: int, *names: str) -> None:
    for name in names:
        assert jobs.run_job(bureau, name, client_id, bureau.clock.now()) is not None, name


def spoil(bureau: Bureau) -> None:
    """A payment that does not add up is held, and a letter that is no X12 lies in quarantine."""
    from sqlalchemy import select

    from bureau.models import Mail
    from bureau.queries.files import read_content

    with bureau.open_office(ME, Scope.of(HARBOR)) as office:
        wanted = select(Mail).where(Mail.kind == "835").order_by(Mail.id).limit(1)
        first = read_content(office.session.scalars(wanted).one())
    text = first.decode()
    control = text.split("*")[13]
    amount = next(part for part in text.split("~") if part.strip().startswith("BPR")).split("*")[2]
    crooked = text.replace(f"*{amount}*C*", "*99999.99*C*", 1).replace(control, f"{int(control) + 7_000:09d}")
    crooked = crooked.replace("TRN*1*", "TRN*1*X")
    with bureau.open_office(ME, Scope.all()) as office:
        mail = [Delivery("crooked.835", crooked.encode()), Delivery("letter.txt", b"Dear practice, here is a cheque.")]
        mailroom.store(office, mail, mailroom.Receipt())
    mailroom.work_remittances(bureau, ME, HARBOR)

"""The one place that chooses concrete things: which database, which clock, which clearinghouse, which demo."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import bureau.models as _book_tables
from bureau.gateways import FolderMailer, SmtpMailer
from bureau.office import Bureau, Mailer
from clients.access import Grant, Role
from clients.accounts import create_user
from clients.scope import Scope, ScopedSession, enable_row_security
from clients.trail import Actor, ActorKind
from config.clock import Clock, SystemClock
from config.database import build_engine, create_tables, refresh_statistics
from config.settings import Settings
from simulator.clearinghouse import SimulatedClearinghouse
from simulator.opening import open_payers
from simulator.payers import default_profiles
from simulator.record import PayerRecord

if TYPE_CHECKING:  # what only a demo or the lab needs is loaded there: every command starts through this room
    from portal.sandbox import Lab
    from simulator.world import Progress

TABLES = _book_tables.__all__
PRACTICE_SEED = 1  # the dice of the practice payers of a live book
DEMO_PASSWORD = "northline-demo"  # noqa: S105  of made-up people in a made-up book; never in production


@dataclass(frozen=True, slots=True)
class SignInHint:
    """One way into a demo book."""

    door: str
    email: str
    about: str


def build_bureau(settings: Settings, *, clock: Clock | None = None, durable: bool = True) -> Bureau:
    """Open the live book, creating what is missing: tables, and the payers everybody knows."""
    settings.home.mkdir(parents=True, exist_ok=True)
    engine = build_engine(settings.database_url, durable=durable)
    create_tables(engine)
    enable_row_security(engine)
    record = PayerRecord(settings.payers_path, durable=durable)
    payers = SimulatedClearinghouse(default_profiles(), record, seed=PRACTICE_SEED, pace=settings.payer_pace)
    house = Bureau(engine, clock or SystemClock(), payers, settings)
    with house.open_office(Actor(ActorKind.JOB, "opening"), Scope.all()) as office:
        open_payers(office)
    refresh_statistics(engine)
    return house


def build_mailer(settings: Settings) -> Mailer:
    """Who takes letters: the mail server of the settings, else a folder, so that nothing leaves the machine unasked."""
    server = settings.mail_server
    return SmtpMailer(server) if server else FolderMailer(settings.mail_path)


def build_lab(settings: Settings) -> Lab | None:
    """The bench behind the lab door: scenarios, and the runs in the home folder."""
    from portal.lab import Bench
    from simulator.runs import RunShelf

    return Bench(RunShelf(settings.runs_path), settings)


def is_empty(house: Bureau) -> bool:
    return not house.find_clients(Scope.all())


def build_demo(settings: Settings, days: int, tell: Callable[[Progress], bool] | None = None) -> None:
    """Simulate the last `days` days of a small bureau into the home folder, and a practice that is not live yet.

    All of it or nothing. Only for an embedded book: raises ValueError where another database is set, or in production.
    """
    from simulator.prospect import open_prospect
    from simulator.scenarios import load_scenario
    from simulator.world import BOOK, PAYERS, World

    if settings.production or settings.database_url != f"sqlite:///{settings.home / BOOK}":
        raise ValueError("a demo is only built into the embedded book of a home folder")
    building = settings.home / "building"
    shutil.rmtree(building, ignore_errors=True)
    start = SystemClock().now().date() - timedelta(days=days)
    scenario = load_scenario("clean").model_copy(update={"start": start})
    world = World(scenario, building, days=days, seed=scenario.seed, settings=settings)
    try:
        world.run(tell)
        clients = [open_prospect(world.bureau), *(life.client for life in world.lives.values())]
        with world.bureau.open_office(Actor(ActorKind.JOB, "opening"), Scope.all()) as office:
            _add_people(office.session, {one.code: one.id for one in clients})
    finally:
        world.close()
    for name in (PAYERS, BOOK):  # the book last: where it is, the demo is whole
        (building / name).replace(settings.home / name)
    shutil.rmtree(building)


def _add_people(session: ScopedSession, clients: dict[str, int]) -> None:
    for email, name, grants in _people(clients):
        create_user(session, email, name, DEMO_PASSWORD, grants)


def _people(clients: dict[str, int]) -> list[tuple[str, str, list[Grant]]]:
    staff = [
        ("admin@northline.example", "Ada Northrop", [Grant(Role.ADMIN, None)]),
        ("biller@northline.example", "Bea Quill", [Grant(Role.BILLER, None)]),
        ("coder@northline.example", "Cole Draper", [Grant(Role.CODER, None)]),
        ("tester@northline.example", "Tess Marlow", [Grant(Role.TESTER, None)]),
    ]
    owners = [
        (f"owner@{code.lower()}.example", f"Owner of {code}", [Grant(Role.OWNER, client_id)])
        for code, client_id in sorted(clients.items())
    ]
    return staff + owners


def find_sign_ins(house: Bureau) -> list[SignInHint]:
    """The sign-ins of a demo book, for the terminal of whoever started it."""
    hints = [
        SignInHint("bureau", "admin@northline.example", "sees and does everything"),
        SignInHint("bureau", "biller@northline.example", "works the queues"),
        SignInHint("lab", "tester@northline.example", "runs simulated worlds"),
    ]
    practices = house.find_clients(Scope.all())
    return hints + [SignInHint("practice", f"owner@{one.code.lower()}.example", one.name) for one in practices]

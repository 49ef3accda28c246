"""Commands that keep the house open: demo, serve, schedule, work, doctor."""

from __future__ import annotations

import argparse
import os
import platform
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from bureau.models import JobRun, Letter, Mail
from bureau.models.letters import LetterState
from bureau.models.post import MailState
from clients.models import Payer
from clients.scope import Scope, ScopedSession
from config.settings import Settings
from config.vault import Vault
from portal.bootstrap import DEMO_PASSWORD, build_bureau, build_demo, build_mailer, find_sign_ins, is_empty
from portal.cli.output import Exit, Stop, say, show_json
from portal.cli.progress import watch_days


def demo(options: argparse.Namespace) -> Exit:
    """Build the demo where the book is empty, then serve it, with its jobs running beside it."""
    settings: Settings = options.settings
    house = build_bureau(settings)
    if is_empty(house):
        house.engine.dispose()
        say(f"Simulating {options.days} days of a small bureau into {settings.home} ...")
        try:
            with watch_days("demo") as tell:
                build_demo(settings, options.days, tell)
        except ValueError as error:
            raise Stop(Exit.USAGE, str(error)) from None
        house = build_bureau(settings)
    say(f"The book in {settings.home} is ready. Every password is {DEMO_PASSWORD}")
    for hint in find_sign_ins(house):
        say(f"  {hint.door:<9} {hint.email:<28} {hint.about}")
    house.engine.dispose()
    if options.no_serve:
        return Exit.OK
    with _timetable():
        return serve(options)


@contextmanager
def _timetable() -> Iterator[None]:
    """Keep the jobs of a demo running beside the portal, in a process of their own that ends with it."""
    mine = os.getpid()
    quiet = subprocess.DEVNULL
    child = subprocess.Popen([sys.executable, "-P", "-m", "portal.cli", "schedule"], stdout=quiet, stderr=quiet)
    try:
        yield
    finally:
        if os.getpid() == mine:  # the portal's own workers leave through here too
            child.terminate()
            child.wait(timeout=20)


def serve(options: argparse.Namespace) -> Exit:
    from portal.server import run_server

    settings: Settings = options.settings
    if options.port:
        settings = settings.model_copy(update={"port": options.port})
    say(f"The portal is open at http://{settings.host}:{settings.port}  (stop with Ctrl-C)")
    run_server(settings)
    return Exit.OK


def schedule(options: argparse.Namespace) -> Exit:
    """Keep the timetable: on PostgreSQL the workers do the jobs, on an embedded book this process does."""
    from portal.scheduler import Threads, run_scheduler
    from portal.workers import Queue, can_queue

    house = build_bureau(options.settings)
    queues = can_queue(house.engine)
    who = "`work` does the jobs" if queues else "it does the jobs itself"
    say(f"The scheduler is running; {who}.  (stop with Ctrl-C)")
    mailer = build_mailer(options.settings)
    say(f"Letters go to the {mailer.name}.")
    vault = Vault(options.settings.sealing_key())
    run_scheduler(house, Queue(house) if queues else Threads(house), mailer, vault)
    return Exit.OK


def work(options: argparse.Namespace) -> Exit:
    """Do the jobs that the scheduler hands over, on this machine."""
    from portal.workers import can_queue, run_worker

    house = build_bureau(options.settings)
    if not can_queue(house.engine):
        raise Stop(Exit.USAGE, "workers need PostgreSQL; on an embedded book `schedule` does the jobs itself")
    say(f"The worker is waiting for jobs, {options.jobs} at once.  (stop with Ctrl-C)")
    run_worker(house, concurrency=options.jobs, stalled_after=options.stalled_after)
    return Exit.OK


def doctor(options: argparse.Namespace) -> Exit:
    """Look at what an installation needs, and say in one line each what is right or wrong."""
    settings: Settings = options.settings
    checks = [_check("python", platform.python_version(), fine=platform.python_version_tuple() >= ("3", "11"))]
    checks.append(_check("sqlite", sqlite3.sqlite_version, fine=sqlite3.sqlite_version_info >= (3, 35)))
    try:
        house = build_bureau(settings)
        with ScopedSession(house.engine, scope=Scope.all(), read_only=True) as session:
            waiting = session.scalar(select(func.count()).where(Mail.state == MailState.TO_SEND)) or 0
            quarantined = session.scalar(select(func.count()).where(Mail.state == MailState.QUARANTINED)) or 0
            failed = session.scalar(select(func.count()).where(JobRun.state == "failed")) or 0
            letters = session.scalar(select(func.count()).where(Letter.state == LetterState.WAITING)) or 0
            payers = session.scalar(select(func.count()).select_from(Payer)) or 0
        clients = len(house.find_clients(Scope.all()))
        checks += [
            _check("book", settings.database_url.split("@")[-1], fine=True),
            _check("payers", f"{payers} known", fine=payers > 0),
            _check("clients", f"{clients}; `demo` makes four" if not clients else str(clients), fine=True),
            _check("outbox", f"{waiting} files not sent yet", fine=True),
            _check("quarantine", f"{quarantined} files to look at", fine=quarantined == 0),
            _check("jobs", f"{failed} failed runs to look at", fine=failed == 0),
            _check_mail(settings, letters),
        ]
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        checks.append(_check("book", f"cannot be opened: {error}".splitlines()[0], fine=False))
    is_fine = all(check["ok"] for check in checks)
    if options.json:
        show_json({"ok": is_fine, "checks": checks})
    else:
        for check in checks:
            print(f"{'ok ' if check['ok'] else 'BAD'} {check['what']:<11} {check['found']}")
    return Exit.OK if is_fine else Exit.FAILURE


def _check_mail(settings: Settings, waiting: int) -> dict[str, Any]:
    mailer = build_mailer(settings)
    trouble = mailer.check()
    return _check("letters", f"{mailer.name}; {trouble or f'{waiting} not sent yet'}", fine=not trouble)


def _check(what: str, found: str, *, fine: bool) -> dict[str, Any]:
    return {"what": what, "found": found, "ok": fine}

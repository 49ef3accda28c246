"""Commands that read the book or run its jobs: clients, report, verify, jobs."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path

from bureau.jobs import JOBS, run_job
from bureau.models.work import JobOrigin
from bureau.office import Bureau
from bureau.plans import find_standings
from clients.models import Client
from clients.scope import Scope, ScopedSession
from clients.tiers import get_tier, has
from clients.trail import Actor, ActorKind
from config.settings import Settings
from portal.bootstrap import build_bureau
from portal.cli.output import Exit, Stop, say, show_json
from reports.catalog import REPORTS, default_period
from reports.frames import Period, write_csv
from reports.invariants import hash_ledger
from reports.invariants import verify as verify_book
from simulator.world import open_run

CONSOLE = Actor(ActorKind.PERSON, "console")


def open_book(settings: Settings, book: Path | None) -> Bureau:
    """The live book, or the one of a simulation run (its sqlite file or its folder) with its clock at the end."""
    if book is None:
        return build_bureau(settings)
    path = book / "book.sqlite" if book.is_dir() else book
    if not path.is_file():
        raise Stop(Exit.NOT_FOUND, f"{book}: there is no book here")
    return open_run(path)


def find_client(house: Bureau, code: str) -> Client:
    for client in house.find_clients(Scope.all()):
        if client.code.upper() == code.upper():
            return client
    raise Stop(Exit.NOT_FOUND, f"{code}: no client has that code; `clients list` shows them")


def list_clients(options: argparse.Namespace) -> Exit:
    house = build_bureau(options.settings)
    today = house.clock.now().date()
    with ScopedSession(house.engine, scope=Scope.all(), read_only=True) as session:
        found = [
            {
                "code": one.code,
                "name": one.name,
                "tier": get_tier(session, one.id, today) or "",
                "state": one.state,
            }
            for one in house.find_clients(Scope.all())
        ]
    if options.json:
        show_json({"clients": found})
        return Exit.OK
    for row in found:
        print(f"{row['code']:<10} {row['tier']:<10} {row['state']:<8} {row['name']}")
    if not found:
        say("no clients yet; `demo` makes four")
    return Exit.OK


def report(options: argparse.Namespace) -> Exit:
    wanted = REPORTS.get(options.id)
    if wanted is None:
        raise Stop(Exit.NOT_FOUND, f"{options.id}: no such report; there are {', '.join(REPORTS)}")
    house = open_book(options.settings, options.book)
    client = find_client(house, options.client)
    with house.open_office(CONSOLE, Scope.of(client.id), read_only=True) as office:
        today = office.today(client.id)
        if wanted.capability and not has(office.session, client.id, wanted.capability, on=today):
            raise Stop(Exit.CONFLICT, f"{client.code} has not bought {wanted.title}")
        table = wanted.load(office, client.id, read_period(options.start, options.end, today))
    if options.format == "csv":
        print(write_csv(table), end="")
    else:
        show_json(asdict(table))
    return Exit.OK


def read_period(start: date | None, end: date | None, today: date) -> Period:
    """From the first to the last day named (included); by default the last 90 days."""
    usual = default_period(today)
    period = Period(start or usual.start, end + timedelta(days=1) if end else usual.end)
    if period.start >= period.end:
        raise Stop(Exit.USAGE, f"--from {period.start} is after --to {period.end - timedelta(days=1)}")
    return period


def verify(options: argparse.Namespace) -> Exit:
    house = open_book(options.settings, options.book)
    with house.open_office(CONSOLE, Scope.all(), read_only=True) as office:
        findings = verify_book(office)
        ledger_hash = hash_ledger(office)
    is_sound = all(finding.is_kept for finding in findings)
    if options.json:
        checks = [{"id": one.id, "law": one.law, "looked_at": one.looked_at, "broken": one.broken} for one in findings]
        show_json({"ok": is_sound, "checks": checks, "ledger_hash": ledger_hash})
    else:
        for one in findings:
            print(f"{'ok ' if one.is_kept else 'BAD'} {one.law} ({one.looked_at:,} looked at)")
            for row in one.broken:
                print(f"      {row}")
    return Exit.OK if is_sound else Exit.FAILURE


def jobs(options: argparse.Namespace) -> Exit:
    if options.what == "list":
        return _list_jobs(options)
    if not options.name or not options.client:
        raise Stop(Exit.USAGE, "jobs run needs the job's name and --client CODE")
    if options.name not in JOBS:
        raise Stop(Exit.NOT_FOUND, f"{options.name}: no such job; there are {', '.join(JOBS)}")
    house = build_bureau(options.settings)
    client = find_client(house, options.client)
    slot = house.clock.now()
    tally = run_job(house, options.name, client.id, slot, origin=JobOrigin.HAND, by=str(CONSOLE))
    if tally is None:
        raise Stop(Exit.CONFLICT, f"{options.name} is not done for {client.code}: not live, or not bought")
    if options.json:
        show_json({"job": options.name, "client": client.code, "slot": slot, **asdict(tally)})
    else:
        say(f"{JOBS[options.name].label} for {client.code}: {tally.items} items, {tally.ok} ok, {tally.failed} failed")
    return Exit.OK


def _list_jobs(options: argparse.Namespace) -> Exit:
    """Every job of every plan: how it stands and when it is due next."""
    house = build_bureau(options.settings)
    clients = [find_client(house, options.client)] if options.client else house.find_clients(Scope.all())
    with house.open_office(CONSOLE, Scope.of(*(one.id for one in clients)), read_only=True) as office:
        standings = find_standings(office, clients)
    found = [
        {
            "job": one.job.name, "label": one.job.label, "client": one.client.code, "health": one.health,
            "next": one.next_at, "plan": one.plan.timing.cron, "paused": one.plan.halt,
        }
        for each in standings.values()
        for one in each
    ]  # fmt: skip
    if options.json:
        show_json({"jobs": found})
        return Exit.OK
    for row in found:
        due = f"{row['next']:%a %d %b %H:%M} UTC" if row["next"] else "not planned"
        print(f"{row['job']:<8} {row['client']:<10} {due:<20} {row['health']:<8} {row['label']}")
    return Exit.OK

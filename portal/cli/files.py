"""Commands that take files into a book: import, receive."""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import select

from bureau import mailroom
from bureau.desks import intake, opening
from bureau.mailroom import Receipt
from bureau.models import Mail
from bureau.models.intake import RowState
from bureau.office import Bureau, Delivery, Office
from bureau.queries.intake import write_acknowledgements
from bureau.queries.verdicts import Intake
from bureau.rules.intake.archives import pack_folder
from bureau.rules.intake.hl7_ack import write_acks
from bureau.rules.intake.readers import DESCRIPTIONS, HL7, detect_profile
from clients.models import Client
from clients.profiles import find_profile
from clients.scope import Scope
from config.money import format_cents
from config.problems import Problem
from portal.bootstrap import build_bureau
from portal.cli.books import CONSOLE, find_client
from portal.cli.output import Exit, Stop, as_json, say, say_problems, show_json
from portal.quarantine import build_reader, open_sheet


def read_bytes(path: Path, most: int) -> bytes:
    """A file's content, or a line that says why not."""
    if not path.exists():
        raise Stop(Exit.NOT_FOUND, f"{path}: no such file")
    if path.is_dir():
        raise Stop(Exit.USAGE, f"{path}: is a folder, a file was expected")
    if path.stat().st_size > most:
        raise Stop(Exit.PROBLEMS, f"{path}: has {path.stat().st_size:,} bytes; {most:,} are taken at most")
    return path.read_bytes()


def import_files(options: argparse.Namespace) -> Exit:
    house = build_bureau(options.settings)
    client = find_client(house, options.client)
    uploads = [_gather(path, options.settings.max_upload_bytes) for path in options.paths]
    total: dict[str, Any] = {"rows": 0, "accepted": 0, "problems": [], "duplicates": 0, "encounters": 0, "claims": 0}
    is_known, kinds, acks = False, Counter[str](), []
    for name, data in uploads:
        taken, ack = _take(house, client, (name, data), options)
        kinds.update(taken.kinds)
        acks.append(ack)
        total["rows"] += taken.rows
        total["accepted"] += taken.accepted
        total["problems"] += taken.all_problems
        total["duplicates"] += taken.count(RowState.DUPLICATE)
        total["encounters"] += len(taken.drafts)
        total["claims"] += len(taken.drafts)
        is_known |= any(problem.code == "file.duplicate" for problem in taken.problems)
    problems: list[Problem] = total["problems"]
    if options.ack is not None:
        options.ack.write_text("".join(acks), "utf-8", newline="")
    if options.json:
        show_json({**total, "problems": [as_json(problem) for problem in problems]})
    else:
        say_problems(problems)
    would = "would become" if options.dry_run else "became"
    say(
        f"{total['rows']:,} rows: {total['accepted']:,} accepted, {total['duplicates']:,} duplicates, "
        f"{len(problems):,} problems; {total['claims']:,} {would} claims of {client.code}"
    )
    if kinds:
        say("read: " + ", ".join(f"{count:,} {kind}" for kind, count in sorted(kinds.items())))
    if is_known:
        return Exit.CONFLICT
    return Exit.PROBLEMS if problems else Exit.OK


def _gather(path: Path, most: int) -> tuple[str, bytes]:
    """One upload: a file as it is, a folder as one archive."""
    if not path.is_dir():
        return path.name, read_bytes(path, most)
    found = {one.name: read_bytes(one, most) for one in sorted(path.iterdir()) if one.is_file()}
    if not found:
        raise Stop(Exit.PROBLEMS, f"{path}: the folder holds no file")
    return path.resolve().name, pack_folder(found)


def _take(house: Bureau, client: Client, upload: tuple[str, bytes], options: argparse.Namespace) -> tuple[Intake, str]:
    """What became of one upload, and for HL7 messages the answer to them."""
    name, data = upload
    with house.open_office(CONSOLE, Scope.of(client.id)) as office:
        profile = options.profile or detect_profile(name, data)
        saved = None if profile in DESCRIPTIONS else find_profile(office.session, client.id, profile)
        if saved is None and options.profile and profile not in DESCRIPTIONS:
            known = ", ".join(DESCRIPTIONS)
            raise Stop(Exit.NOT_FOUND, f"{profile}: {client.code} has saved no such profile; shipped: {known}")
        mapping, version = (saved.mapping, saved.version) if saved else (None, None)
        reader = build_reader(profile, mapping, office.today(client.id))
        taken = intake.check_upload(office, client.id, name, data, profile=profile, read=reader, version=version)
        if not options.dry_run and not taken.is_refused:
            intake.commit_upload(office, taken)
        return taken, _answer(office, taken)


def _answer(office: Office, taken: Intake) -> str:
    if taken.profile != HL7:
        return ""
    if taken.upload_id is not None:
        return write_acknowledgements(office, taken.client_id, taken.upload_id)
    wrong = {verdict.row.number: [asdict(one) for one in verdict.problems] for verdict in taken.verdicts.values()}
    refused = asdict(taken.problems[0]) if taken.problems else None
    return write_acks(taken.data, wrong, office.now, refused=refused)


def open_old_book(options: argparse.Namespace) -> Exit:
    house = build_bureau(options.settings)
    client = find_client(house, options.client)
    data = read_bytes(options.path, options.settings.max_upload_bytes)
    with house.open_office(CONSOLE, Scope.of(client.id)) as office:
        found = opening.check_opening(office, client.id, options.path.name, data, open_sheet=open_sheet)
        if not options.dry_run and not found.is_refused:
            opening.commit_opening(office, found)
    reading, problems = found.reading, found.all_problems
    if options.json:
        show_json({
            "list": found.list_id, "rows": reading.rows, "accepted": len(reading.claims), "bad_rows": len(reading.bad),
            "duplicates": reading.duplicates, "open_cents": reading.cents,
            "problems": [as_json(one) for one in problems],
        })  # fmt: skip
    else:
        say_problems(problems)
    would = "would be" if options.dry_run else "are"
    say(
        f"{reading.rows:,} rows: {len(reading.claims):,} {would} in the old book of {client.code}, "
        f"{len(reading.bad):,} have problems, {reading.duplicates:,} duplicates; {format_cents(reading.cents)} open"
    )
    if any(problem.code == "file.duplicate" for problem in problems):
        return Exit.CONFLICT
    return Exit.PROBLEMS if problems else Exit.OK


def receive(options: argparse.Namespace) -> Exit:
    house = build_bureau(options.settings)
    most = options.settings.max_upload_bytes
    deliveries = [Delivery(path.name, read_bytes(path, most)) for path in options.paths]
    receipt = Receipt()
    with house.open_office(CONSOLE, Scope.all()) as office:
        mail_ids = mailroom.store(office, deliveries, receipt)
        columns = (Mail.name, Mail.kind, Mail.state, Mail.problem, Mail.client_id)
        rows = office.rows(select(*columns).where(Mail.id.in_(mail_ids)).order_by(Mail.id))
    for client_id in sorted({row.client_id for row in rows if row.client_id is not None}):
        mailroom.work_acknowledgements(house, CONSOLE, client_id)
    if options.json:
        listed = [{"file": row.name, "kind": row.kind, "state": row.state, "problem": row.problem} for row in rows]
        problems = [as_json(problem) for problem in receipt.problems]
        show_json({"stored": receipt.stored, "duplicates": receipt.duplicates, "files": listed, "problems": problems})
    else:
        say_problems(receipt.problems)
    say(f"{receipt.stored} stored, {receipt.duplicates} known already; 835s are posted by `jobs run post`")
    return Exit.PROBLEMS if receipt.problems else Exit.OK

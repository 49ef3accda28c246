"""The x12 commands: check, read, acknowledge or balance files, whoever made them, without a book."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bureau.rules.codebook import CodeBook
from bureau.x12.ackcodes import GROUP_ERRORS, INTERCHANGE_NOTES, SET_ERRORS
from bureau.x12.acknowledge import acknowledge, write_reply
from bureau.x12.acknowledge_claims import CLEARINGHOUSE, PAYER, Speaker
from bureau.x12.acknowledge_sets import Reply
from bureau.x12.acks import ClaimAck, FunctionalAck
from bureau.x12.balance import Balance, Verdict, balance
from bureau.x12.check import Inspection, Report, check, inspect
from bureau.x12.edits.edit import Context
from bureau.x12.envelope import decode
from bureau.x12.resolve import words_of
from bureau.x12.values import Envelope, Party
from bureau.x12.values835 import Remittance
from config.clock import SystemClock
from config.money import format_cents
from config.problems import Problem
from portal.cli.files import read_bytes
from portal.cli.output import Exit, Stop, as_json, say, say_problems, show_json
from portal.cli.repair import repair_files

Files = Sequence[tuple[Path, bytes]]
_SPEAKERS = {"clearinghouse": CLEARINGHOUSE, "payer": PAYER}
VERDICTS = {"A": "accepted", "E": "accepted with errors", "P": "accepted in part", "R": "rejected"}


def x12(options: argparse.Namespace) -> Exit:
    files = [(path, read_bytes(path, options.settings.max_upload_bytes)) for path in options.paths]
    if options.what == "check":
        return _check(files, options)
    if options.what == "ack":
        return _acknowledge(files, options)
    if options.what == "balance":
        return _balance(files, options)
    if options.what == "repair":
        return repair_files(files, options)
    return _read(files)


def _check(files: Files, options: argparse.Namespace) -> Exit:
    reports = [check(data, path.name, CodeBook()) for path, data in files]
    if options.json:
        show_json({"files": [_report_as_json(report) for report in reports]})
    for report in reports:
        if not options.json:
            say_problems([*report.errors, *report.warnings])
            print(
                f"{report.file}: {report.kind or 'not X12'}, {report.transactions} transactions, "
                f"{report.claims} claims, {len(report.errors)} errors, {len(report.warnings)} warnings"
            )
    return Exit.PROBLEMS if any(report.errors for report in reports) else Exit.OK


def _report_as_json(report: Report) -> dict[str, Any]:
    def plain(problem: Problem) -> dict[str, Any]:
        return {name: getattr(problem, name) for name in ("code", "severity", "segment", "element", "loop", "text")}

    return {
        "file": report.file,
        "kind": report.kind,
        "transactions": report.transactions,
        "claims": report.claims,
        "errors": [plain(problem) for problem in report.errors],
        "warnings": [plain(problem) for problem in report.warnings],
    }


def _inspect(path: Path, data: bytes) -> tuple[str, Inspection]:
    """The text of a file and what is in it; Stop for what is no X12 at all."""
    text, said = decode(data)
    if not text and said:
        raise Stop(Exit.PROBLEMS, f"{path}: {said[0].text}")
    seen = inspect(text, path.name)
    if not seen.interchanges:
        say_problems(seen.problems)
        raise Stop(Exit.PROBLEMS, f"{path}: this is no X12")
    return text, seen


def _read(files: Files) -> Exit:
    """Values are shown as JSON with or without --json: there is no other form that holds all of them."""
    if len(files) != 1:
        raise Stop(Exit.USAGE, "x12 read takes one file")
    path, data = files[0]
    _, seen = _inspect(path, data)
    kinds = sorted({one.kind for each in seen.interchanges for group in each.groups for one in group.sets})
    values = seen.values or [ack for one in seen.interchanges for ack in one.tas]
    if not values:
        say_problems(seen.problems)
        raise Stop(
            Exit.PROBLEMS, f"{path}: nothing here that can be read (found: {','.join(kinds) or 'no transaction'})"
        )
    show_json(
        {
            "file": path.name, "kind": ",".join(kinds) or "TA1",
            "interchanges": [
                {"sender": one.sender, "receiver": one.receiver, "control": one.control, "production": one.production}
                for one in seen.interchanges
            ],
            "sets": json.loads(json.dumps([asdict(value) for value in values], default=str)),
            "problems": [as_json(one) for one in seen.problems],
        }
    )  # fmt: skip
    return Exit.PROBLEMS if any(problem.is_error for problem in seen.problems) else Exit.OK


# -- ack ---------------------------------------------------------------------------------------------------


def _acknowledge(files: Files, options: argparse.Namespace) -> Exit:
    now = SystemClock().now().astimezone(ZoneInfo(options.settings.time_zone)).replace(tzinfo=None, microsecond=0)
    control, is_refused, shown = options.control, False, []
    for path, data in files:
        text, seen = _inspect(path, data)
        party = Party(options.settings.name, id_kind="46", id=seen.interchanges[0].receiver)
        speaker, context = Speaker(party, _SPEAKERS[options.speaker], now.date()), Context(now.date(), CodeBook())
        answer = acknowledge(text, speaker, context, path.name)
        replies = []
        for at, reply in enumerate(answer.replies, 1):
            texts = write_reply(reply, _envelope(reply, control, now))
            control += len(texts)
            stem = path.name if len(answer.replies) == 1 else f"{path.name}.{at}"
            replies.append(_reply_as_json(reply) | {"written": _keep(texts, stem, options.out)})
            is_refused |= _is_refused(reply)
        shown.append({"file": path.name, "replies": replies, "problems": [as_json(one) for one in answer.problems]})
        if not options.json:
            say_problems(answer.problems)
            _print_replies(path.name, replies)
    if options.json:
        show_json({"files": shown})
    return Exit.PROBLEMS if is_refused else Exit.OK


def _envelope(reply: Reply, control: int, now: datetime) -> Envelope:
    """Back to whoever sent it, in the name it was sent to."""
    one = reply.interchange
    return Envelope(
        one.receiver or "RECEIVER", one.sender or "SENDER", control, control, now,
        one.receiver_kind or "ZZ", one.sender_kind or "ZZ", one.production,
    )  # fmt: skip


def _keep(texts: Mapping[str, str], stem: str, folder: Path | None) -> list[str]:
    """Write the answers where they are wanted; none takes the place of a file that is there."""
    if folder is None:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    paths = {folder / f"{stem}.{kind.lower()}": text for kind, text in texts.items()}
    for path, text in paths.items():
        if path.exists():
            raise Stop(Exit.CONFLICT, f"{path}: is there already")
        path.write_text(text, encoding="ascii", newline="")
    return [str(path) for path in paths]


def _is_refused(reply: Reply) -> bool:
    """Whether anything in an interchange was not taken."""
    verdicts = [reply.ta1.verdict if reply.ta1 else "A", *(ack.verdict for ack in reply.functional_acks)]
    return not set(verdicts) <= {"A", "E"} or any(one.rejected for one in reply.claim_acks)


def _reply_as_json(reply: Reply) -> dict[str, Any]:
    ta1 = reply.ta1
    return {
        "control": reply.interchange.control,
        "sender": reply.interchange.sender,
        "ta1": ta1 and {"verdict": ta1.verdict, "note": ta1.note, "text": INTERCHANGE_NOTES[ta1.note]},
        "groups": [_group_as_json(ack) for ack in reply.functional_acks],
        "claims": [_claim_as_json(claim) for one in reply.claim_acks for claim in one.claims],
    }


def _group_as_json(ack: FunctionalAck) -> dict[str, Any]:
    return {
        "kind": ack.group_kind, "control": ack.group_control, "verdict": ack.verdict,
        "included": ack.included, "accepted": ack.accepted,
        "codes": [{"code": code, "text": GROUP_ERRORS[code]} for code in ack.codes],
        "sets": [
            {
                "control": one.control, "verdict": one.verdict,
                "codes": [{"code": code, "text": SET_ERRORS[code]} for code in one.codes],
                "notes": [
                    {"segment": note.segment, "position": note.position, "loop": note.loop, "element": note.element,
                     "claim": note.claim, **dict(zip(("code", "text"), words_of(note), strict=True))}
                    for note in one.notes
                ],
            }
            for one in ack.sets
        ],
    }  # fmt: skip


def _claim_as_json(claim: ClaimAck) -> dict[str, Any]:
    said = [*claim.statuses, *(status for line in claim.lines for status in line.statuses)]
    return {
        "claim": claim.pcn,
        "verdict": "rejected" if claim.statuses[0].action == "U" else "accepted",
        "statuses": [
            {"code": ":".join(part for part in (one.category, one.code, one.entity) if part), "text": one.text}
            for one in said
        ],
    }


def _print_replies(name: str, replies: Sequence[Mapping[str, Any]]) -> None:
    for reply in replies:
        if reply["ta1"]:
            print(f"{name}: interchange {reply['control']} {VERDICTS[reply['ta1']['verdict']]}, {reply['ta1']['text']}")
        for group in reply["groups"]:
            _print_group(name, group)
        refused = [claim for claim in reply["claims"] if claim["verdict"] == "rejected"]
        if reply["claims"]:
            print(f"{name}: {len(reply['claims']) - len(refused)} claims accepted, {len(refused)} rejected")
        for claim in refused:
            said = "; ".join(f"{one['code']} {one['text']}".strip() for one in claim["statuses"])
            print(f"  claim {claim['claim']}: {said}")
        for path in reply["written"]:
            say(f"written: {path}")


def _print_group(name: str, group: Mapping[str, Any]) -> None:
    said = "".join(f"; {code['text']}" for code in group["codes"])
    counts = f"{group['accepted']} of {group['included']} sets taken"
    print(f"{name}: group {group['control']} {VERDICTS[group['verdict']]}, {counts}{said}")
    for one in group["sets"]:
        for code in one["codes"]:
            print(f"  set {one['control']}: {code['text']}")
        for note in one["notes"]:
            place = f"segment {note['position']} {note['element'] or note['segment']}"
            print(f"  set {one['control']} {place}: {note['text']}")


# -- balance -----------------------------------------------------------------------------------------------


def _balance(files: Files, options: argparse.Namespace) -> Exit:
    shown, is_wrong = [], False
    for path, data in files:
        _, seen = _inspect(path, data)
        remittances = [one for one in seen.values if isinstance(one, Remittance)]
        if not remittances:
            raise Stop(Exit.PROBLEMS, f"{path}: holds no remittance")
        found = [(one, balance(one, path.name)) for one in remittances]
        is_wrong |= any(result.verdict is not Verdict.BALANCED for _, result in found)
        shown.append({"file": path.name, "remittances": [_balance_as_json(*pair) for pair in found]})
        if not options.json:
            for pair in found:
                _print_balance(path.name, *pair)
    if options.json:
        show_json({"files": shown})
    return Exit.PROBLEMS if is_wrong else Exit.OK


def _balance_as_json(one: Remittance, result: Balance) -> dict[str, Any]:
    return {
        "trace": one.trace, "payer": one.payer.name, "payment_cents": one.payment_cents, "claims": len(one.claims),
        "verdict": result.verdict,
        "levels": [
            {"level": each.level, "verdict": each.verdict, "checked": each.checked, "off": each.off,
             "delta_cents": each.delta_cents}
            for each in result.levels
        ],
        "problems": [as_json(problem) for problem in result.problems],
    }  # fmt: skip


def _print_balance(name: str, one: Remittance, result: Balance) -> None:
    verdict = result.verdict.replace("_", " ")
    print(f"{name}: payment {one.trace} of {format_cents(one.payment_cents)} is {verdict}, {len(one.claims)} claims")
    for level in result.levels:
        if level.off:
            print(f"  {level.level}: {level.off} of {level.checked} off, by {format_cents(level.delta_cents)} in all")
    say_problems(result.problems)

"""The x12 repair command: a file of claims written anew, with the form of its fields put right."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from bureau.x12.claim837 import read_837, write_837
from bureau.x12.envelope import Interchange, decode, read_envelope
from bureau.x12.repairs import Repair, repair
from bureau.x12.values import Envelope
from bureau.x12.values837 import ClaimSet
from portal.cli.output import Exit, Stop, say, say_problems, show_json

Done = tuple[str, Repair]  # claim number and repair


def repair_files(files: Sequence[tuple[Path, bytes]], options: argparse.Namespace) -> Exit:
    """Each file goes to --out under its own name; without --out it is only said what would be repaired."""
    shown = []
    for path, data in files:
        text, said = decode(data)
        envelope, sets = _take(path, text)
        mended, done = _mend(sets)
        try:
            written = _keep(path, write_837(envelope, mended), options.out)
        except ValueError as error:
            raise Stop(Exit.PROBLEMS, f"{path}: cannot be written anew: {error}") from error
        say_problems(said)
        shown.append({"file": path.name, "repairs": [_as_json(one) for one in done], "written": written})
        if not options.json:
            counts = Counter(one.rule for _, one in done)
            listed = ", ".join(f"{rule} {count}" for rule, count in sorted(counts.items()))
            print(f"{path.name}: {len(done)} repairs" + (f" ({listed})" if listed else ""))
            for name in written:
                say(f"written: {name}")
    if options.json:
        show_json({"files": shown})
    return Exit.OK


def _take(path: Path, text: str) -> tuple[Envelope, list[ClaimSet]]:
    """The claims of a file with their envelope; Stop where writing it anew would lose something."""
    sets, problems = read_837(text, path.name)
    lost = [one for one in problems if one.is_error or one.code in ("not_carried", "unknown_segment")]
    if lost:
        say_problems(lost)
        raise Stop(Exit.PROBLEMS, f"{path}: not all of it can be read, so it cannot be written anew")
    interchanges, _ = read_envelope(text)
    groups = [group for one in interchanges for group in one.groups]
    if len(interchanges) != 1 or len(groups) != 1 or len(groups[0].sets) != len(sets):
        raise Stop(Exit.PROBLEMS, f"{path}: only one interchange with one group of claims can be repaired")
    return _envelope(path, interchanges[0]), sets


def _envelope(path: Path, one: Interchange) -> Envelope:
    control, group_control = one.control, one.groups[0].control
    if one.created is None or not (control.isdecimal() and group_control.isdecimal()):
        raise Stop(Exit.PROBLEMS, f"{path}: the date or a control number of its envelope cannot be read")
    return Envelope(
        one.sender, one.receiver, int(control), int(group_control), one.created, one.sender_kind, one.receiver_kind,
        one.production, one.ack_requested,
    )  # fmt: skip


def _mend(sets: Sequence[ClaimSet]) -> tuple[list[ClaimSet], list[Done]]:
    done: list[Done] = []
    mended = []
    for one in sets:
        claims = []
        for claim in one.claims:
            repaired, repairs = repair(claim)
            claims.append(repaired)
            done += [(claim.pcn, each) for each in repairs]
        mended.append(replace(one, claims=claims))
    return mended, done


def _keep(path: Path, text: str, folder: Path | None) -> list[str]:
    """Write the file; none takes the place of another."""
    if folder is None:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / path.name
    if target.exists():
        raise Stop(Exit.CONFLICT, f"{target}: is there already")
    target.write_text(text, encoding="ascii", newline="")
    return [str(target)]


def _as_json(one: Done) -> dict[str, Any]:
    number, each = one
    return {"claim": number, "field": each.field, "rule": each.rule}

"""A process is killed at statement after statement of sending and posting; run again, nothing is lost or doubled."""

from __future__ import annotations

import multiprocessing
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bureau.models import Filing, JobRun, Mail, Submission, Transfer
from tests.bureau.desks.crashing import DIED, die_at
from tests.support.houses import NOW, PLAIN, House, connect, encounters, medicare_member, open_house, visit

POINTS = 20


def _run(url: str, payers: Path, names: tuple[str, ...], place: int, answers) -> None:
    house = connect(url, payers, NOW + timedelta(hours=1))
    seen = die_at(house, place)
    house.run(*names)
    answers.put(len(seen))
    answers.close()
    answers.join_thread()


def run_and_die(url: str, payers: Path, names: tuple[str, ...], place: int) -> int | None:
    """Run jobs in a process of their own that dies at a place; None when it did, else how many places there were."""
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    process = context.Process(target=_run, args=(url, payers, names, place, answers))
    process.start()
    process.join(timeout=60)
    if process.exitcode == DIED:
        return None
    assert process.exitcode == 0, f"the process ended with {process.exitcode}"
    return int(answers.get(timeout=10))


def prepare(folder: Path, until: tuple[str, ...]) -> None:
    house = open_house(f"sqlite:///{folder / 'book.sqlite'}", folder / "payers.sqlite")
    house.upload(*encounters(range(1, 6), payer_id=PLAIN), *(visit(n, **medicare_member(n)) for n in (6, 7)))
    house.upload(visit(8, member_id="SIM.DENY.CO197"), name="denied.csv")
    house.run(*until)
    house.close()


def state_of(house: House) -> dict[str, object]:
    """Everything that must be the same however often the work was interrupted."""
    money = house.rows(
        select(Transfer.kind, Transfer.debit, Transfer.credit, func.sum(Transfer.cents), func.count())
        .group_by(Transfer.kind, Transfer.debit, Transfer.credit)
    )  # fmt: skip
    files = house.rows(select(Mail.kind, Mail.state, func.count()).group_by(Mail.kind, Mail.state))
    return {
        "money": sorted(tuple(row) for row in money),
        "states": sorted(tuple(row) for row in house.rows(select(Filing.id, Filing.state, Filing.attempt))),
        "submissions": sorted(row.pcn for row in house.rows(select(Submission.pcn))),
        "files": sorted(tuple(row) for row in files),
        "seen by payers": sorted(one.pcn for one in house.record.submissions()),
        "paid by payers": house.record.paid_total(),
        "laws": house.broken_laws(),
    }


@pytest.fixture(scope="module", params=["submit", "collect,post"])
def work(request, tmp_path_factory) -> tuple[Path, tuple[str, ...], int, dict[str, object]]:
    """A book that stands before some work, that work, its number of places to die, and the outcome undisturbed."""
    folder = tmp_path_factory.mktemp("before")
    names = tuple(request.param.split(","))
    prepare(folder, ("scrub",) if "submit" in names else ("scrub", "submit"))
    calm = tmp_path_factory.mktemp("calm") / "home"
    shutil.copytree(folder, calm)
    places = run_and_die(*home(calm), names, 0)
    assert places is not None
    assert places > POINTS
    return folder, names, places, finish(calm)


def home(folder: Path) -> tuple[str, Path]:
    return f"sqlite:///{folder / 'book.sqlite'}", folder / "payers.sqlite"


def finish(folder: Path) -> dict[str, object]:
    """What any later day does: the same jobs at their next slots, answers being collected before files are sent."""
    house = connect(*home(folder), NOW + timedelta(hours=3))
    house.run("collect", "post", "submit", "collect", "post")
    found = state_of(house)
    assert house.count(JobRun, JobRun.state == "done") > 0
    house.close()
    return found


@pytest.mark.parametrize("part", range(POINTS))
def test_killed_there_and_run_again_the_books_are_the_same(work, part, tmp_path):
    folder, names, places, undisturbed = work
    place = 1 + part * (places - 1) // (POINTS - 1)
    shutil.copytree(folder, tmp_path / "home")
    assert run_and_die(*home(tmp_path / "home"), names, place) is None, f"there is no place {place} of {places}"
    found = finish(tmp_path / "home")
    assert found["laws"] == []
    assert found == undisturbed, f"killed at place {place} of {places}"


def test_the_undisturbed_outcome_is_what_it_should_be(work):
    found = work[3]
    assert [state for _, state, _ in found["states"]] == ["CLOSED_PAID"] * 7 + ["DENIED"]
    assert found["paid by payers"] == 7 * 12_000
    assert len(found["submissions"]) == 8 == len(found["seen by payers"])

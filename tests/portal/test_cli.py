"""The command line as other tools call it: exit codes, one line for what is wrong, one JSON object on stdout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from bureau.jobs import JOBS
from clients.models import TierPeriod
from clients.scope import Scope
from clients.trail import Actor, ActorKind
from config.clock import SystemClock
from config.settings import Settings
from portal.bootstrap import build_bureau
from portal.cli import main
from tests.support.houses import PLAIN, as_file, open_practice, paid_claim, remittance, sheet, visit

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """A live book in a folder of its own, with two practices."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("BUREAU_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("BUREAU_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("BUREAU_SECRET_KEY", "for tests only")
    house = build_bureau(Settings(_env_file=None), durable=False)
    with house.open_office(Actor(ActorKind.PERSON, "set up"), Scope.all()) as office:
        for number, code in enumerate(("HARBOR", "RIDGE"), start=1):
            open_practice(office, number, code)
    house.engine.dispose()
    return tmp_path


class Console:
    """Runs a command and keeps what it said."""

    def __init__(self, capsys) -> None:
        self.capsys = capsys

    def __call__(self, *words: object) -> tuple[int, str, str]:
        try:
            code = main([str(word) for word in words])
        except SystemExit as stop:  # how argparse ends
            code = int(stop.code or 0)
        said = self.capsys.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    def json(self, *words: object) -> dict:
        code, out, err = self(*words)
        assert code == 0, err
        value = json.loads(out)
        assert out.count("\n") == 1, "exactly one object on stdout"
        return value


@pytest.fixture
def run(home, capsys) -> Console:
    return Console(capsys)


def put(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def one_line(said: str) -> str:
    lines = said.strip().splitlines()
    assert len(lines) == 1, said
    return lines[0]


GOOD = (visit(1, payer_id=PLAIN), visit(2, payer_id=PLAIN))

# -- what works -----------------------------------------------------------------------------------------------


def test_clients_are_listed(run):
    found = run.json("clients", "list", "--json")
    assert found == {
        "clients": [
            {"code": "HARBOR", "name": "HARBOR MEDICINE", "tier": "billing", "state": "LIVE"},
            {"code": "RIDGE", "name": "RIDGE MEDICINE", "tier": "full-rcm", "state": "LIVE"},
        ]
    }
    code, out, _ = run("clients", "list")
    assert code == 0
    assert "HARBOR" in out


def test_a_file_goes_all_the_way_to_a_paid_claim(run, home):
    day = SystemClock().now().date() - timedelta(days=10)
    rows = [visit(n, payer_id=PLAIN, member_id=f"SIM.PAY.{n}", service_date=day.isoformat()) for n in (1, 2)]
    path = put(home, "visits.csv", sheet(*rows))
    dry = run.json("import", path, "--client", "HARBOR", "--dry-run", "--json")
    assert dry == {"rows": 2, "accepted": 2, "problems": [], "duplicates": 0, "encounters": 2, "claims": 2}
    assert run.json("import", path, "--client", "harbor", "--json") == dry, "a dry run has written nothing"
    for job in ("scrub", "submit", "collect", "post"):
        assert run.json("jobs", "run", job, "--client", "HARBOR", "--json")["failed"] == 0
    status = run.json("report", "claim_status", "--client", "HARBOR", "--from", day)
    assert status["total"]["claims"] == 2
    assert {row["state"] for row in status["rows"]} <= {"CLOSED_PAID", "PATIENT_DUE"}
    code, out, _ = run("report", "daily_postings", "--client", "HARBOR", "--format", "csv")
    assert (code, out.splitlines()[0].startswith("day,charges,payments")) == (0, True)
    checked = run.json("verify", "--json")
    assert checked["ok"]
    assert len(checked["ledger_hash"]) == 64
    assert run("verify")[0] == 0


def test_a_day_of_the_timetable_costs_less_than_one_percent_of_a_core(run):
    found = run.json("bench", "schedule", "--clients", "20", "--json")
    assert (found["clients"], found["jobs"], found["polls"]) == (20, 20 * len(JOBS), 2880)
    assert found["runs"] >= 20 * 12
    assert found["percent_of_one_core"] < 1


def test_jobs_are_listed_with_their_next_slot(run):
    found = run.json("jobs", "list", "--client", "HARBOR", "--json")["jobs"]
    assert {row["job"] for row in found} == set(JOBS)
    assert {row["plan"] for row in found if row["job"] == "post"} == {"40 8,14 * * mon-fri"}
    assert run("jobs", "list")[0] == 0


def test_a_simulation_leaves_its_book_its_files_and_its_summary(run, home):
    summary = run.json("simulate", "clean", "--days", "4", "--seed", "3", "--out", home / "run", "--json")
    wanted = {
        "claims", "submitted", "rejected", "adjudicated", "paid", "denied", "denials_by_carc", "sla", "charges_cents",
        "paid_cents", "ledger_ok", "ledger_hash", "seconds", "claims_per_second",
    }  # fmt: skip
    assert wanted <= set(summary)
    assert summary["ledger_ok"]
    assert list((home / "run" / "x12").rglob("*.837"))
    checked = run.json("verify", "--book", home / "run", "--json")
    assert checked["ledger_hash"] == summary["ledger_hash"]
    assert run("simulate", "clean", "--out", home / "run")[0] == 5


# -- what is refused ------------------------------------------------------------------------------------------

REFUSALS = [
    (("import", "visits.csv", "--client", "NOBODY"), 4, "NOBODY"),
    (("import", "missing.csv", "--client", "HARBOR"), 4, "missing.csv"),
    (("import", "visits.csv", "--client", "HARBOR", "--profile", "nothing"), 4, "nothing"),
    (("receive", "missing.835"), 4, "missing.835"),
    (("receive", "."), 2, "folder"),
    (("report", "nonsense", "--client", "HARBOR"), 4, "nonsense"),
    (("report", "aging", "--client", "NOBODY"), 4, "NOBODY"),
    (("report", "aging", "--client", "HARBOR", "--from", "2026-05-01", "--to", "2026-04-01"), 2, "2026-05-01"),
    (("report", "aging", "--client", "HARBOR", "--book", "nowhere"), 4, "nowhere"),
    (("verify", "--book", "nowhere.sqlite"), 4, "nowhere.sqlite"),
    (("jobs", "run", "nonsense", "--client", "HARBOR"), 4, "nonsense"),
    (("jobs", "run", "scrub", "--client", "NOBODY"), 4, "NOBODY"),
    (("jobs", "run", "scrub"), 2, "--client"),
    (("simulate", "nonsense"), 4, "nonsense"),
    (("simulate", "bad.toml"), 3, "bad.toml"),
    (("simulate", "odd.toml"), 3, "odd.toml"),
    (("x12", "read", "missing.835"), 4, "missing.835"),
    (("x12", "read", "visits.csv"), 3, None),
    (("x12", "check", "visits.csv"), 3, None),
    (("verify", "--book", "damaged.sqlite"), 1, None),
]


@pytest.mark.parametrize(
    ("words", "code", "named"), REFUSALS, ids=lambda one: " ".join(one) if isinstance(one, tuple) else ""
)
def test_bad_input_gets_its_exit_code_and_names_what_is_wrong(run, home, words, code, named):
    put(home, "visits.csv", sheet(*GOOD))
    put(home, "bad.toml", b"schema = [")
    put(home, "odd.toml", b'schema = 1\ntitle = "t"\npurpose = "p"\nwishes = 3\n')
    put(home, "damaged.sqlite", b"SQLite format 3\x00" + os.urandom(5_000))
    found, out, err = run(*words)
    assert found == code, err
    assert err or out
    if named:
        assert named in one_line(err)


@pytest.mark.parametrize(
    "words",
    [(), ("nonsense",), ("report", "aging"), ("report", "aging", "--client", "HARBOR", "--from", "31.12.2026"),
     ("simulate", "clean", "--days", "0"), ("simulate", "clean", "--days", "many"), ("clients", "list", "--nonsense"),
     ("import", "--client", "HARBOR"), ("bench", "nonsense")],
)  # fmt: skip
def test_wrong_usage_is_told_and_ends_with_2(run, words):
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert err


def test_the_same_file_twice_is_a_conflict_that_points_at_the_first(run, home):
    path = put(home, "visits.csv", sheet(*GOOD))
    run.json("import", path, "--client", "HARBOR", "--json")
    code, out, _ = run("import", path, "--client", "HARBOR", "--json")
    assert code == 5
    found = json.loads(out)
    assert [problem["code"] for problem in found["problems"]] == ["file.duplicate"]
    assert (found["rows"], found["claims"]) == (0, 0)
    assert run("import", path, "--client", "RIDGE", "--json")[0] == 0, "another practice may send the same bytes"


def test_a_sheet_with_bad_rows_takes_the_good_ones_and_names_the_others(run, home):
    path = put(home, "some.csv", sheet(visit(1), visit(2, service_date="2026-02-30")))
    code, out, _ = run("import", path, "--client", "HARBOR", "--json")
    found = json.loads(out)
    assert code == 3
    assert (found["rows"], found["accepted"], found["claims"]) == (2, 1, 1)
    assert found["problems"][0].keys() == {"where", "code", "text"}
    assert "some.csv row 3" in found["problems"][0]["where"]


@pytest.mark.parametrize("data", [b"", b"\x00\x01\x02", b'"unclosed\n1,2,3', b"PK\x03\x04broken", b"one column\n1\n"])
def test_a_broken_sheet_is_refused_with_nothing_half_done(run, home, data):
    path = put(home, "broken.csv", data)
    code, out, err = run("import", path, "--client", "HARBOR", "--json")
    assert code == 3, err
    found = json.loads(out)
    assert found["problems"]
    assert found["claims"] == 0
    status = run.json("report", "claim_status", "--client", "HARBOR", "--from", "2020-01-01")
    assert status["rows"] == []


def test_a_payer_file_is_received_once_and_a_stranger_is_told(run, home):
    house = build_bureau(Settings(_env_file=None), durable=False)
    client = house.find_clients(Scope.all())[0]
    house.engine.dispose()
    content = as_file(client, remittance(client, paid_claim("NOBODYS")))
    path = put(home, "pay.835", content)
    assert run.json("receive", path, "--json")["stored"] == 1
    assert run.json("receive", path, "--json")["duplicates"] == 1
    code, out, _ = run("receive", put(home, "junk.835", b"this is no X12"), "--json")
    assert (code, json.loads(out)["files"][0]["state"]) == (3, "quarantined")
    assert run.json("x12", "check", path, "--json")["files"][0]["transactions"] == 1
    assert run.json("x12", "read", path, "--json")["kind"] == "835"


def test_a_capability_that_is_not_bought_is_a_conflict(run, home):
    house = build_bureau(Settings(_env_file=None), durable=False)
    with house.open_office(Actor(ActorKind.PERSON, "set up"), Scope.of(1)) as office:
        office.session.execute(delete(TierPeriod))
    house.engine.dispose()
    assert run("report", "aging", "--client", "HARBOR")[0] == 5
    assert run("jobs", "run", "scrub", "--client", "HARBOR")[0] == 5


@pytest.mark.parametrize(
    ("name", "value"), [("BUREAU_PORT", "99999"), ("BUREAU_PAYER_PACE", "never"), ("BUREAU_PRODUCTION", "perhaps")]
)
def test_a_wrong_setting_is_named(run, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    code, _, err = run("clients", "list")
    assert code == 2
    assert name in one_line(err)


@pytest.mark.parametrize("url", ["nonsense", "mysql://u@h/d", "postgresql+psycopg://u@127.0.0.1:1/none"])
def test_a_database_that_cannot_be_opened_is_told_plainly(run, monkeypatch, url):
    monkeypatch.setenv("BUREAU_DATABASE_URL", url)
    code, out, err = run("clients", "list")
    assert (code, out) == (1, "")
    assert "Traceback" not in err
    assert 0 < len(err.strip().splitlines()) <= 2, "the driver's own words may fill a second line"


def test_a_home_that_is_a_file_is_one_line(run, home, monkeypatch):
    monkeypatch.setenv("BUREAU_HOME", str(put(home, "a-file", b"")))
    code, _, err = run("clients", "list")
    assert code == 1
    assert one_line(err)


def test_the_doctor_looks_and_says(run):
    found = run.json("doctor", "--json")
    assert found["ok"]
    assert {check["what"] for check in found["checks"]} >= {"python", "sqlite", "book", "payers"}


# -- as a program ---------------------------------------------------------------------------------------------


def program(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "portal.cli", *words]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False)


def test_as_a_program_data_and_messages_go_apart(home):
    put(home, "visits.csv", sheet(*GOOD))
    done = program(home, "import", str(home / "visits.csv"), "--client", "HARBOR", "--json")
    assert (done.returncode, json.loads(done.stdout)["claims"]) == (0, 2)
    assert "2 became claims" in done.stderr
    missing = program(home, "clients", "nonsense")
    assert (missing.returncode, missing.stdout) == (2, "")


def test_a_reader_that_goes_away_is_no_error(home):
    command = f"{sys.executable} -m portal.cli jobs list | head -c 1"
    done = subprocess.run(command, shell=True, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_old_claims_are_checked_then_taken_in_once(run, home):
    head = "claim_number,patient_id,last_name,service_date,charge,payer_open,patient_open"
    old = home / "old.csv"
    old.write_text(f"{head}\nA-1,P1,Doe,2025-11-03,120.00,0,120.00\n")
    told = {"rows": 1, "accepted": 1, "bad_rows": 0, "duplicates": 0, "open_cents": 12_000, "problems": []}
    assert run.json("opening", old, "--client", "HARBOR", "--dry-run", "--json") == {"list": None, **told}
    assert run.json("opening", old, "--client", "HARBOR", "--json") == {"list": 1, **told}
    code, _, said = run("opening", old, "--client", "HARBOR")
    assert (code, "taken before" in said) == (5, True)
    old.write_text(f"{head}\nA-2,P1,Doe,2025-11-03,120.00,0,119.00\n")
    code, _, said = run("opening", old, "--client", "HARBOR")
    assert (code, "not to 120.00" in said) == (3, True)
    out = run("report", "opening-aging", "--client", "HARBOR", "--format", "csv")[1]
    assert "Patient" in out

"""Reads the command line and hands over to the command."""

from __future__ import annotations

import argparse
import os
import sqlite3
import sys
from collections.abc import Callable, Sequence
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import NoReturn

from pydantic import ValidationError
from sqlalchemy.exc import DatabaseError

from bureau.office import NotFound
from config.database import OldBook
from config.settings import Settings
from portal.cli.output import Exit, Stop, say

BENCHES = ("pipeline", "schedule", "x12")
SPEAKERS = ("clearinghouse", "payer")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code (0 ok, 1 failure, 2 usage, 3 problems, 4 not found, 5 conflict)."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    try:
        options.settings = read_settings()
        return int(_find(options.act)(options))
    except Stop as stop:
        say(str(stop))
        return int(stop.code)
    except NotFound as missing:
        say(str(missing))
        return int(Exit.NOT_FOUND)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(Exit.OK)
    except KeyboardInterrupt:
        say("stopped")
        return int(Exit.FAILURE)
    except OldBook as old:
        say(f"{old}; move it away (BUREAU_HOME, BUREAU_DATABASE_URL) and let a new one be made")
        return int(Exit.CONFLICT)
    except DatabaseError as error:
        say(f"the book cannot be used: {error.orig}")
        return int(Exit.FAILURE)
    except (OSError, sqlite3.DatabaseError) as error:
        say(f"{type(error).__name__}: {error}")
        return int(Exit.FAILURE)
    except Exception as error:
        if os.environ.get("BUREAU_TRACE"):
            raise
        say(f"this should not have happened: {type(error).__name__}: {error}; BUREAU_TRACE=1 shows where")
        return int(Exit.FAILURE)


def _find(act: str) -> Callable[[argparse.Namespace], Exit]:
    """The function behind a command; only its own module is loaded, so that each command starts at once."""
    module, _, name = act.partition(":")
    found: Callable[[argparse.Namespace], Exit] = getattr(import_module(f"portal.cli.{module}"), name)
    return found


def read_settings() -> Settings:
    """Settings from the environment, or the one line that says which of them is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "BUREAU_" + "_".join(map(str, first["loc"])).upper()
        raise Stop(Exit.USAGE, f"{name}: {first['msg']}") from None


class OneLineParser(argparse.ArgumentParser):
    """Says what is wrong with a command in one line; --help has the rest."""

    def error(self, message: str) -> NoReturn:
        self.exit(int(Exit.USAGE), f"{self.prog}: {message} (--help says more)\n")


def build_parser() -> argparse.ArgumentParser:
    parser = OneLineParser(prog="run", description="The service bureau: portal, jobs, simulator, checks.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    _add_serving(commands)
    _add_books(commands)
    _add_files(commands)
    _add_runs(commands)
    return parser


Commands = "argparse._SubParsersAction[argparse.ArgumentParser]"


def _add(commands: Commands, name: str, act: str, about: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=about, description=about)
    parser.set_defaults(act=act)
    return parser


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def _add_serving(commands: Commands) -> None:
    demo = _add(commands, "demo", "serving:demo", "make a demo book where there is none, and serve it")
    demo.add_argument("--days", type=_positive, default=60, help="virtual days to simulate (60)")
    demo.add_argument("--port", type=int, help="port of the portal (8000)")
    demo.add_argument("--no-serve", action="store_true", help="only make the book")
    serve = _add(commands, "serve", "serving:serve", "serve the portal on the book that is there")
    serve.add_argument("--port", type=int, help="port of the portal (8000)")
    _add(commands, "schedule", "serving:schedule", "keep the timetable of all clients' jobs")
    work = _add(commands, "work", "serving:work", "do the jobs that are due, on PostgreSQL; start as many as you like")
    work.add_argument("--jobs", type=_positive, default=4, help="at once (4)")
    work.add_argument("--stalled-after", type=_positive, default=30, metavar="SECONDS",
                      help="silence after which another worker's job is taken over (30)")  # fmt: skip
    _add(commands, "access", "access:access", "who may do what, as docs/access.md has it")
    doctor = _add(commands, "doctor", "serving:doctor", "check this installation")
    _json(doctor)


def _add_books(commands: Commands) -> None:
    clients = _add(commands, "clients", "books:list_clients", "the clients of the bureau")
    clients.add_argument("what", choices=["list"])
    _json(clients)
    report = _add(commands, "report", "books:report", "one report of one client")
    report.add_argument("id", help="which report; an unknown one lists them")
    report.add_argument("--client", required=True, metavar="CODE")
    report.add_argument("--from", dest="start", type=_day, metavar="YYYY-MM-DD")
    report.add_argument("--to", dest="end", type=_day, metavar="YYYY-MM-DD", help="last day, included")
    report.add_argument("--book", type=Path, help="the book of a simulation run")
    report.add_argument("--format", choices=["json", "csv"], default="json")
    people = _add(commands, "people", "people:people", "let somebody in again who lost device and recovery codes")
    people.add_argument("what", choices=["reset-second-factor"])
    people.add_argument("email", metavar="EMAIL")
    verify = _add(commands, "verify", "books:verify", "check every law of the books")
    verify.add_argument("--book", type=Path, help="the book of a simulation run")
    _json(verify)
    jobs = _add(commands, "jobs", "books:jobs", "list the jobs, or run one now")
    jobs.add_argument("what", choices=["list", "run"])
    jobs.add_argument("name", nargs="?", help="which job to run")
    jobs.add_argument("--client", metavar="CODE")
    _json(jobs)


def _add_files(commands: Commands) -> None:
    take = _add(
        commands, "import", "files:import_files", "take in what a client sends: CSV, XLSX, 837P, HL7, FHIR, Synthea"
    )
    take.add_argument("paths", nargs="+", type=Path, metavar="FILE-or-folder")
    take.add_argument("--client", required=True, metavar="CODE")
    take.add_argument("--profile", help="a saved mapping, or a shipped one; an unknown one lists them")
    take.add_argument("--ack", type=Path, metavar="FILE", help="HL7: write the acknowledgements there")
    take.add_argument("--dry-run", action="store_true", help="say what would happen, write nothing")
    _json(take)
    opening = _add(commands, "opening", "files:open_old_book", "take in the claims still open at a former biller")
    opening.add_argument("path", type=Path, metavar="FILE", help="CSV or XLSX, a row per claim")
    opening.add_argument("--client", required=True, metavar="CODE")
    opening.add_argument("--dry-run", action="store_true", help="say what would happen, write nothing")
    _json(opening)
    receive = _add(commands, "receive", "files:receive", "take payer files (999, 277CA, 835) into the mailroom")
    receive.add_argument("paths", nargs="+", type=Path, metavar="FILE")
    _json(receive)
    x12 = _add(commands, "x12", "x12:x12", "check X12 files, read one as JSON, acknowledge, balance or repair them")
    x12.add_argument("what", choices=["check", "read", "ack", "balance", "repair"])
    x12.add_argument("paths", nargs="+", type=Path, metavar="FILE")
    x12.add_argument("--out", type=Path, metavar="DIR", help="ack, repair: where to write the answers or the file")
    x12.add_argument("--speaker", choices=SPEAKERS, default="clearinghouse", help="ack: who answers (clearinghouse)")
    x12.add_argument("--control", type=_positive, default=1, help="ack: control number of the first answer (1)")
    _json(x12)


def _add_runs(commands: Commands) -> None:
    simulate = _add(commands, "simulate", "runs:simulate", "run a scenario in a book of its own")
    simulate.add_argument("scenario", help="a shipped scenario by name, or a TOML file")
    simulate.add_argument("--days", type=_positive)
    simulate.add_argument("--seed", type=int)
    simulate.add_argument("--out", type=Path, metavar="DIR", help="folder of the run; must be new or empty")
    simulate.add_argument("--progress", type=Path, help=argparse.SUPPRESS)
    _json(simulate)
    measure = _add(commands, "bench", "bench:bench", "measure this installation")
    measure.add_argument("name", nargs="?", choices=BENCHES, help="which; without a name, all")
    measure.add_argument("--clients", type=_positive, help="clients in the measured timetable (200)")
    measure.add_argument("--claims", type=_positive, help="claims in the measured pipeline")
    _json(measure)


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return value


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no date written YYYY-MM-DD") from None

"""The floors keep the walls and the bans, and a planted breach of each is reported."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import indent

import pytest

from tests.house import bans, walls
from tests.house.reading import Source, read_floors, read_folders, read_source

Check = Callable[[Source], list[str]]

CHECKS: list[Check] = [
    walls.find_long_functions,
    walls.find_long_files,
    walls.find_long_signatures,
    walls.find_mute_modules,
    bans.find_wall_clocks,
    bans.find_spliced_sql,
    bans.find_strayed_libraries,
    bans.find_banned_names,
    bans.find_impurities,
]
# A test is as long as its table, and it may import what only tests import.
FOR_TESTS_TOO: list[Check] = [walls.find_long_functions, walls.find_long_files, bans.find_spliced_sql]

TALK = '"""Says what it is for."""\n'
LONG = "def f():\n" + "    pass\n" * 60
BREACHES = [
    (walls.find_long_functions, "bureau/books.py", LONG),
    (walls.find_long_functions, "bureau/books.py", LONG.replace("def", "async def")),
    (walls.find_long_functions, "bureau/books.py", "class A:\n" + indent(LONG, "    ")),
    (walls.find_long_files, "bureau/books.py", "x = 1\n" * 401),
    (walls.find_long_signatures, "bureau/books.py", "def f(a, b, c, d, e, f): ..."),
    (walls.find_long_signatures, "bureau/books.py", "def f(a, b, /, c, d, e=1, f=2): ..."),
    (walls.find_long_signatures, "bureau/books.py", "class A:\n    def f(self, a, b, c, d, e, f): ..."),
    (walls.find_mute_modules, "bureau/books.py", "x = 1"),
    (walls.find_mute_modules, "bureau/__init__.py", ""),
    (walls.find_mute_modules, "bureau/books.py", '"""Books"""'),
    (bans.find_wall_clocks, "bureau/books.py", "from datetime import datetime\ndatetime.now()"),
    (bans.find_wall_clocks, "bureau/books.py", "import datetime as dt\ndt.datetime.now(dt.UTC)"),
    (bans.find_wall_clocks, "bureau/books.py", "from datetime import datetime\ndatetime.utcnow()"),
    (bans.find_wall_clocks, "portal/app.py", "from datetime import date\nbirthday = date.today"),
    (bans.find_wall_clocks, "portal/app.py", "import time\ntime.time()"),
    (bans.find_wall_clocks, "portal/app.py", "import time\ntime.strftime('%Y')"),
    (bans.find_wall_clocks, "portal/app.py", "from time import time"),
    (bans.find_wall_clocks, "reports/frames.py", "import pandas as pd\npd.Timestamp.now()"),
    (bans.find_wall_clocks, "bureau/models/books.py", "import sqlalchemy as sa\nx(default=sa.func.now())"),
    (bans.find_wall_clocks, "config/database.py", "from datetime import datetime\ndatetime.now()"),
    (bans.find_spliced_sql, "clients/scope.py", "text(f'select {x}')"),
    (bans.find_spliced_sql, "clients/scope.py", "s.execute(sa.text('select %s' % x))"),
    (bans.find_spliced_sql, "clients/scope.py", "c.exec_driver_sql('drop table ' + x)"),
    (bans.find_spliced_sql, "clients/scope.py", "c.exec_driver_sql('a ' + x + ' b')"),
    (bans.find_spliced_sql, "clients/scope.py", "c.execute('select {}'.format(x))"),
    (bans.find_spliced_sql, "clients/scope.py", "c.execute('select ' + ','.join(x))"),
    (bans.find_strayed_libraries, "bureau/desks/intake.py", "from flask import request"),
    (bans.find_strayed_libraries, "reports/charts.py", "import jinja2.sandbox"),
    (bans.find_strayed_libraries, "simulator/world.py", "if x:\n    from werkzeug.http import dump_cookie"),
    (bans.find_strayed_libraries, "config/settings.py", "import wtforms"),
    (bans.find_strayed_libraries, "bureau/mailroom.py", "import simpy"),
    (bans.find_strayed_libraries, "portal/views/lab.py", "from simpy import Environment"),
    (bans.find_strayed_libraries, "bureau/jobs_old.py", "from apscheduler.triggers.cron import CronTrigger"),
    (bans.find_strayed_libraries, "portal/app.py", "import apscheduler"),
    (bans.find_strayed_libraries, "portal/app.py", "from procrastinate import App"),
    (bans.find_strayed_libraries, "bureau/x12/check.py", "import pyx12"),
    (bans.find_banned_names, "simulator/staff.py", "import simpy\nsimpy.PriorityResource(env)"),
    (bans.find_banned_names, "simulator/staff.py", "from simpy import FilterStore"),
    (bans.find_impurities, "bureau/x12/check.py", "import sqlalchemy"),
    (bans.find_impurities, "bureau/x12/check.py", "from config.money import parse_cents"),
    (bans.find_impurities, "bureau/x12/check.py", "from pathlib import Path"),
    (bans.find_impurities, "bureau/x12/check.py", "with open('a') as f: pass"),
    (bans.find_impurities, "bureau/rules/scrub.py", "import logging"),
    (bans.find_impurities, "bureau/rules/scrub/edits.py", "def f(clock): return clock.now()"),
    (bans.find_impurities, "bureau/rules/scrub.py", "print('seen')"),
]  # fmt: skip

PEACE = [
    ("bureau/books.py", 'import time\ntime.perf_counter()\ntime.monotonic()'),
    ("bureau/books.py", 'from datetime import time\ntime.strftime(x, "%H")'),
    ("bureau/books.py", 'def f(office, a, b, c, d, *, e, f): office.clock.now()'),
    ("bureau/books.py", 'class A:\n    def f(self, a, b, c, d, e): ...'),
    ("bureau/books.py", 'text("select :a")\nlog.info(f"{x}")\nc.execute(select(x))'),
    ("bureau/x12/check.py", 'import re\nfrom config.problems import Problem\nfrom bureau.x12 import tree'),
    ("bureau/x12/edits/people.py", 'from config.identifiers import mbi_ok'),
    ("bureau/rules/scrub.py", 'from clients.tiers import Capability\nfrom config.codes import place'),
    ("bureau/jobs.py", 'from apscheduler.triggers.cron import CronTrigger'),
    ("bureau/jobs/triggers.py", 'from apscheduler.triggers.cron import CronTrigger'),
    ("portal/scheduler.py", 'import apscheduler\nimport flask'),
    ("portal/workers.py", 'from procrastinate import App'),
    ("config/clock.py", 'from datetime import UTC, datetime\ndatetime.now(UTC)'),
]  # fmt: skip


@pytest.fixture(scope="module")
def floors() -> list[Source]:
    return read_floors()


@pytest.fixture(scope="module")
def tests() -> list[Source]:
    return read_folders("tests")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_floors_keep_it(check: Check, floors: list[Source]) -> None:
    found = [finding for source in floors for finding in check(source)]
    assert not found, "\n".join(["", *found])


@pytest.mark.parametrize("check", FOR_TESTS_TOO, ids=lambda check: check.__name__)
def test_the_tests_keep_it(check: Check, tests: list[Source]) -> None:
    found = [finding for source in tests for finding in check(source)]
    assert not found, "\n".join(["", *found])


@pytest.mark.parametrize(("check", "path", "text"), BREACHES)
def test_a_planted_breach_is_reported(check: Check, path: str, text: str) -> None:
    (finding,) = check(read_source(path, text))
    assert finding.startswith(path)


def test_each_check_has_a_planted_breach() -> None:
    assert {check for check, _, _ in BREACHES} == set(CHECKS)


@pytest.mark.parametrize(("path", "text"), PEACE)
def test_what_is_allowed_is_not_reported(path: str, text: str) -> None:
    assert [finding for check in CHECKS for finding in check(read_source(path, TALK + text))] == []

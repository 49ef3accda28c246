"""What code may not do: ask the time, splice SQL, reach for a library that belongs to another room."""

from __future__ import annotations

import ast
import sys

from tests.house.reading import Source, dotted, find_imports

CLOCK_ROOM = "config.clock"
CLOCK_OWNERS = {"datetime", "date", "Timestamp", "func", "sqlalchemy"}
CLOCK_WORDS = {"now", "utcnow", "today", "current_timestamp", "current_date", "localtimestamp"}
TIME_WORDS = {"time", "time_ns", "gmtime", "localtime", "ctime", "asctime", "strftime"}

# Where each library may be imported; a library that is not named here may be imported anywhere.
KEPT_TO = {
    "flask": ("portal",),
    "flask_login": ("portal",),
    "flask_wtf": ("portal",),
    "gunicorn": ("portal",),
    "jinja2": ("portal",),
    "werkzeug": ("portal",),
    "wtforms": ("portal",),
    "simpy": ("simulator",),
    "apscheduler": ("bureau.jobs", "portal.scheduler"),
    "procrastinate": ("portal.workers",),
    "pyx12": ("portal.cli.bench_x12",),  # measured beside ours; the tests use it as a judge
    "x12sdk": ("portal.cli.bench_x12",),
}
# SimPy's own queues scan all waiting requests: the worklist is the only queue there is.
BANNED_NAMES = {"PriorityResource", "PreemptiveResource", "FilterStore"}

SQL_CALLS = {
    "text", "execute", "executemany", "executescript", "exec_driver_sql", "read_sql", "scalar", "scalars",
}  # fmt: skip
PURE_ROOMS = {
    # room: what of the project it may lean on (None: the import contracts say)
    "bureau.x12": ("bureau.x12", "config.identifiers", "config.problems"),
    "bureau.rules": None,
}
# Standard modules that reach outside the values a pure function was given.
OUTSIDE = {
    "asyncio", "http", "logging", "multiprocessing", "os", "pathlib", "secrets", "shutil", "socket",
    "sqlite3", "subprocess", "tempfile", "threading", "time", "urllib", "uuid",
}  # fmt: skip
OUTSIDE_CALLS = {"open", "input", "print", "now"}


def find_wall_clocks(source: Source) -> list[str]:
    """Everything that asks a clock of the machine or of the database, outside the one room that may."""
    if source.is_in(CLOCK_ROOM):
        return []
    found = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute):
            owner = dotted(node.value).rsplit(".", 1)[-1]
            if (owner in CLOCK_OWNERS and node.attr in CLOCK_WORDS) or (
                owner == "time" and node.attr in TIME_WORDS and _is_module(source, "time")
            ):
                found.append(f"{source.at(node)} asks {owner}.{node.attr}; ask the Clock")
    for statement, name in find_imports(source):
        if name in {f"time.{word}" for word in TIME_WORDS} or name == "sqlalchemy.func.now":
            found.append(f"{source.at(statement)} imports {name}; ask the Clock")
    return found


def _is_module(source: Source, name: str) -> bool:
    """Whether `name` was imported as a module here: `time` is also a class of datetime."""
    return any(asked == name for _, asked in find_imports(source))


def find_spliced_sql(source: Source) -> list[str]:
    """Statements put together from strings where values or names could be bound."""
    return [
        f"{source.at(node)} splices text into SQL; bind it"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and _takes_sql(dotted(node.func)) and node.args and _is_spliced(node.args[0])
    ]


def _takes_sql(name: str) -> bool:
    """`text` is a common word: only SQLAlchemy's own counts, not a form field's method of that name."""
    owner, _, call = name.rpartition(".")
    return call in SQL_CALLS and (call != "text" or owner in ("", "sa", "sqlalchemy", "sql"))


def _is_spliced(node: ast.expr) -> bool:
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) for part in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mod):
        return _is_text(node.left) or _is_text(node.right)
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"format", "join", "replace"}
        and _is_text(node.func.value)
    )


def _is_text(node: ast.expr) -> bool:
    return (isinstance(node, ast.Constant) and isinstance(node.value, str)) or _is_spliced(node)


def find_strayed_libraries(source: Source) -> list[str]:
    """Imports of a library outside the rooms that it is kept to."""
    found = []
    for statement, name in find_imports(source):
        library = name.split(".")[0]
        rooms = KEPT_TO.get(library)
        if rooms is not None and not source.is_in(*rooms):
            home = ", ".join(rooms) or "the tests"
            found.append(f"{source.at(statement)} imports {library}, kept to {home}")
    return found


def find_banned_names(source: Source) -> list[str]:
    found = [
        f"{source.at(node)} uses {node.attr if isinstance(node, ast.Attribute) else node.id}"
        for node in ast.walk(source.tree)
        if (isinstance(node, ast.Attribute) and node.attr in BANNED_NAMES)
        or (isinstance(node, ast.Name) and node.id in BANNED_NAMES)
    ]
    imported = [(at, name.rsplit(".", 1)[-1]) for at, name in find_imports(source)]
    return found + [f"{source.at(at)} imports {name}" for at, name in imported if name in BANNED_NAMES]


def find_impurities(source: Source) -> list[str]:
    """What a rule or an X12 function may not touch: files, processes, clocks, other rooms."""
    room = next((room for room in PURE_ROOMS if source.is_in(room)), None)
    if room is None:
        return []
    leans_on = PURE_ROOMS[room]
    found = []
    for statement, name in find_imports(source):
        top = name.split(".")[0]
        if top in OUTSIDE:
            found.append(f"{source.at(statement)} imports {top}, which reaches outside")
        elif top not in sys.stdlib_module_names and leans_on is not None and not _is_below(name, leans_on):
            found.append(f"{source.at(statement)} imports {name}; {room} leans on the standard library only")
    found += [
        f"{source.at(node)} calls {dotted(node.func)}: pass the value in"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and dotted(node.func).rsplit(".", 1)[-1] in OUTSIDE_CALLS
    ]
    return found


def _is_below(name: str, rooms: tuple[str, ...]) -> bool:
    return any(name == room or name.startswith(f"{room}.") for room in rooms)

"""Every X12 file that came or went: the list, and one file read segment by segment with its problems marked."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import defer
from sqlalchemy.sql.elements import ColumnElement

from bureau.models import Mail, Remittance
from bureau.office import NotFound, Office
from bureau.queries.exchange import read_text
from bureau.queries.paging import PAGE, Page, anyones, cut, read_cursor, whole
from bureau.x12.check import check
from bureau.x12.tree import Node, tree
from config.problems import Problem

SEGMENTS = 250  # of a file, on one page
NEAR = 6  # segments within which the named one follows the head of its loop


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to; empty means all. `way` is in or out."""

    client_id: int | None = None
    way: str = ""
    kind: str = ""
    state: str = ""
    text: str = ""


class FileRow(NamedTuple):
    client_id: int | None
    id: int
    outgoing: bool
    kind: str
    name: str
    partner: str
    control: int | None
    state: str
    problem: str
    items: int
    cents: int
    size: int
    received_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class FilePage:
    """One file in front of a reader: some of its segments, all of its problems."""

    mail: Mail
    nodes: Sequence[Node]
    total: int
    raw: str  # the beginning of a file that has no segments
    errors: Sequence[Problem]
    warnings: Sequence[Problem]
    marks: Mapping[int, Sequence[Problem]]  # segment position -> what is wrong there
    remittances: Sequence[tuple[int, str, int]]  # id, state, cents


def find_files(office: Office, wanted: Wanted, after: str = "", limit: int = PAGE) -> Page[FileRow]:
    """Files newest first, without their content."""
    columns = (
        Mail.client_id, Mail.id, Mail.outgoing, Mail.kind, Mail.name, Mail.partner, Mail.control, Mail.state,
        Mail.problem, Mail.items, Mail.cents, Mail.size, Mail.received_at, Mail.done_at,
    )  # fmt: skip
    statement = select(*columns).where(*_conditions(wanted))
    cursor = read_cursor(after, whole)
    if cursor:
        statement = statement.where(Mail.id < cursor[0])
    rows = office.rows(statement.order_by(Mail.id.desc()).limit(limit + 1))
    return cut([FileRow(*row) for row in rows], lambda row: (row.id,), limit)


def count_files(office: Office, wanted: Wanted) -> int:
    return int(office.session.scalar(select(func.count()).select_from(Mail).where(*_conditions(wanted))) or 0)


def find_kinds(office: Office) -> list[str]:
    """The kinds of file there are in the scope."""
    return list(office.session.scalars(select(Mail.kind).distinct().order_by(Mail.kind)))


def get_file(office: Office, mail_id: int, *, content: bool = True) -> Mail:
    """One file of the scope. Raises NotFound; one that belongs to nobody is for those who see all clients."""
    wanted = select(Mail).where(Mail.id == mail_id)
    found = office.session.scalars(wanted if content else wanted.options(defer(Mail.content))).one_or_none()
    if found is None:
        raise NotFound("no such file")
    return found


def read_content(mail: Mail) -> bytes:
    """The bytes as they came or went."""
    return zlib.decompress(mail.content) if mail.content else b""


def load_file(office: Office, mail_id: int, start: int = 1) -> FilePage:
    """One file from a segment on (1-based), checked anew."""
    mail = get_file(office, mail_id)
    content, text = read_content(mail), read_text(mail)
    nodes = tree(text)
    report = check(content, mail.name)
    marks: dict[int, list[Problem]] = defaultdict(list)
    for problem in (*report.errors, *report.warnings):
        if problem.segment:
            marks[_segment_of(problem, nodes)].append(problem)
    inside = select(Remittance.id, Remittance.state, Remittance.payment_cents).where(
        anyones(Remittance), Remittance.mail_id == mail.id
    )
    first = max(start, 1) - 1
    return FilePage(
        mail, nodes[first : first + SEGMENTS], len(nodes), "" if nodes else text[:4_000], report.errors,
        report.warnings, marks, [(row[0], row[1], row[2]) for row in office.rows(inside.order_by(Remittance.id))],
    )  # fmt: skip


def _segment_of(problem: Problem, nodes: Sequence[Node]) -> int:
    """Where to mark a problem: the named segment itself when the place given is the head of what holds it."""
    first = problem.segment or 0
    if not problem.element:
        return first
    near = (node.position for node in nodes[first - 1 : first + NEAR] if problem.element.startswith(node.id))
    return next(near, first)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    number = int(wanted.text) if wanted.text.isdecimal() and len(wanted.text) < 10 else None
    by_text = Mail.control == number if number is not None else Mail.name.icontains(wanted.text, autoescape=True)
    given: list[tuple[Any, ColumnElement[bool]]] = [
        (wanted.client_id is not None, Mail.client_id == wanted.client_id),
        (wanted.way, Mail.outgoing.is_(wanted.way == "out")),
        (wanted.kind, Mail.kind == wanted.kind),
        (wanted.state, Mail.state == wanted.state),
        (wanted.text, by_text),
    ]
    return [one for asked, one in given if asked]

"""Every X12 file that came or went: the list, and one file read segment by segment with its problems marked."""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import defer
from sqlalchemy.sql.elements import ColumnElement

from bureau.models import Mail, Remittance
from bureau.office import NotFound, Office
from bureau.queries.exchange import cut_claim, read_text
from bureau.queries.paging import PAGE, Page, anyones, cut, read_cursor, whole
from bureau.rules.codebook import CodeBook
from bureau.x12.check import Report, check
from bureau.x12.outline import Outline, Part, read_outline
from bureau.x12.syntax import segment_of
from bureau.x12.tree import Node, tree
from config.problems import Problem

SEGMENTS = 200  # of a file, on one page; a page ends between claims
NEAR = 6  # segments within which the named one follows the head of its loop
QUICK = 400_000  # bytes of a file that is checked while the reader waits; a longer one is checked when asked
LISTED = 50  # problems named above the segments


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
    """One file in front of a reader: some of its segments, and all of its problems once they are looked for."""

    mail: Mail
    nodes: Sequence[Node]
    first: int  # of the page; its nodes may leave some out where one claim is asked for
    last: int
    outline: Outline
    claims: Sequence[Part]  # that stand on the page
    report: Report | None  # None: a long file that has not been checked
    marks: Mapping[int, Sequence[Problem]]  # segment position -> what is wrong there
    remittances: Sequence[tuple[int, str, int]]  # id, state, cents
    raw: str = ""  # the beginning of a file that has no segments

    @property
    def first_claim(self) -> int:
        """Which of the file's claims is the first on the page, from 1."""
        return self.outline.parts.index(self.claims[0]) + 1 if self.claims else 0


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


def load_file(office: Office, mail_id: int, start: int = 1, claim: str = "", *, judge: bool = False) -> FilePage:
    """The page of a file that a segment (1-based) stands on, or the segments of one claim.

    A claim that is not in the file gives no segments. A long file is checked only on `judge`.
    """
    mail = get_file(office, mail_id)
    content, text = read_content(mail), read_text(mail)
    outline = read_outline(text)
    first, last = outline.page_of(min(max(start, 1), outline.total), SEGMENTS)
    nodes = cut_claim(text, outline, claim) if claim else tree(text, first, last)
    report = _check(content, mail.name) if judge or len(content) < QUICK else None
    shown = {node.position for node in nodes}
    inside = select(Remittance.id, Remittance.state, Remittance.payment_cents).where(
        anyones(Remittance), Remittance.mail_id == mail.id
    )
    return FilePage(
        mail, nodes, first, last, outline, [part for part in outline.parts if part.first in shown], report,
        _mark(report, nodes), [(row[0], row[1], row[2]) for row in office.rows(inside.order_by(Remittance.id))],
        "" if outline.total else text[:4_000],
    )  # fmt: skip


@lru_cache(maxsize=8)
def _check(content: bytes, name: str) -> Report:
    """A file never changes, so that leafing through it does not check it again."""
    return check(content, name, CodeBook())


def _mark(report: Report | None, nodes: Sequence[Node]) -> Mapping[int, Sequence[Problem]]:
    """The problems of the segments shown, each at the segment it speaks of."""
    marks: dict[int, list[Problem]] = defaultdict(list)
    for problem in (*report.errors, *report.warnings) if report else ():
        if problem.segment and nodes and nodes[0].position <= problem.segment <= nodes[-1].position:
            marks[_segment_of(problem, nodes)].append(problem)
    return marks


def _segment_of(problem: Problem, nodes: Sequence[Node]) -> int:
    """Where to mark a problem: the named segment itself when the place given is the head of the loop it is in."""
    first = problem.segment or 0
    wanted = segment_of(problem.element)
    near = [node for node in nodes if first <= node.position <= first + NEAR]
    same = (node.position for node in near if node.loop == near[0].loop and node.id == wanted)
    return next(same, first)


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

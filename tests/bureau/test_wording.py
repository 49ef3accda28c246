"""What letters say: names, counts and links, and never a word about a patient."""

from __future__ import annotations

import types
from collections.abc import Iterator
from contextlib import closing
from dataclasses import is_dataclass
from datetime import datetime
from typing import get_args, get_type_hints

import pytest
from sqlalchemy import String, inspect, select, text

from bureau import wording
from bureau.audience import KEPT_AS, Choice, Pace, write_choices
from bureau.desks.messages import Letter as Message
from bureau.desks.messages import reply, write_letter
from bureau.desks.questions import ask_question
from bureau.models import Letter
from bureau.models.talk import NoticeKind, Side
from bureau.wording import SAYINGS, Contents, Token
from clients.models import Client, Invitation, User
from config.settings import Settings
from tests.support.houses import House, visit
from tests.support.letters import VAULT, Pile, ask_in, go, letters, open_manned, tell

MARK = "Zqxvw"  # in nobody's name


@pytest.fixture
def house() -> Iterator[House]:
    with closing(open_manned()) as opened:
        yield opened


def test_the_makers_of_letters_take_no_free_text():
    """Rows of people and clients, kinds, numbers and tokens: every parameter, down to the last field."""
    leaves, ahead = set(), [*get_args(Contents), *SHOWN]
    while ahead:
        one = ahead.pop()
        if is_dataclass(one) and one is not Token:
            ahead += get_type_hints(one).values()
        elif isinstance(one, types.UnionType | types.GenericAlias):
            ahead += [part for part in get_args(one) if part is not ...]
        else:
            leaves.add(one)
    assert leaves == {User, Invitation, Client, NoticeKind, int, Token, types.NoneType, Settings, Letter, datetime}


SHOWN = [hint for name, hint in get_type_hints(wording.write_letter).items() if name != "return"]


@pytest.mark.parametrize("symbols", ["Doe, Jamie 1980", "a b", "short", "x" * 200, "\r\nBcc: a@b.test", ""])
def test_a_token_cannot_say_anything(symbols):
    with pytest.raises(ValueError, match="no token"):
        Token(symbols)


def test_a_name_carries_neither_headers_nor_a_text(house):
    pile = Pile()
    ask_in(house, "Eve\r\nBcc: all@x.test\r\n\r\n" + "word " * 200)
    go(house, pile)
    assert pile.mails == []
    (letter,) = letters(house)
    assert letter.problem == "The address cannot be written to."
    with house.office(everywhere=True) as office:
        office.session.get_one(Invitation, letter.invitation_id).email = "eve@x.test"
        again = {"sealed": VAULT.seal("x" * 43, letter.key)}
        office.session.execute(text("UPDATE letters SET state = 'waiting', sealed = :sealed"), again)
    go(house, pile, hours=1)
    (mail,) = pile.mails
    assert mail["Bcc"] is None
    assert len(mail["To"].addresses) == 1
    assert len(str(mail["To"])) < 200


def test_no_letter_says_a_word_of_a_patient(house):
    """Marked patients, notes, questions, messages and files by every way in; then all that is told is mailed."""
    patient = {
        "last_name": MARK, "first_name": MARK, "street": MARK, "city": MARK, "note": MARK, "group_number": MARK,
        "patient_id": MARK, "encounter_id": MARK, "prior_auth": MARK,
    }  # fmt: skip
    house.upload(
        visit(1, **patient), visit(2, **patient | {"encounter_id": f"{MARK}2"}, member_id=""), name=f"{MARK}.csv"
    )
    filing = house.filing(MARK)
    with house.office(by="Biller") as office:
        assert ask_question(office, house.client.id, filing.id, "phone", f"Where does {MARK} live?") == []
        thread = write_letter(office, house.client.id, Message(Side.CLIENT, f"About {MARK}", title=MARK))
        assert not isinstance(thread, list)
        reply(office, house.client.id, thread.id, Side.BUREAU, f"{MARK} is fine")
    house.receive(f"ISA*{MARK}".encode(), f"{MARK}.835")
    house.run("scrub")
    for client in house.clients:
        for kind in NoticeKind:
            tell(house, kind, client=client)
    with house.office(everywhere=True) as office:
        for user in office.session.scalars(select(User)):
            wants = Choice(is_shown=True, pace=Pace.AT_ONCE)
            user.preferences = {KEPT_AS: write_choices(dict.fromkeys(NoticeKind, wants))}
    ask_in(house)
    pile = Pile()
    go(house, pile)
    assert count_marked(house) >= 12, "the mark is all over the book"
    assert len(pile.mails) == 7
    told = "".join(mail.get_content() for mail in pile.mails)
    for kind in NoticeKind:
        assert SAYINGS[kind].one in told or SAYINGS[kind].several.partition("{}")[2] in told, kind
    for mail in pile.mails:
        assert MARK.lower() not in mail.as_string().lower()
        assert MARK.lower() not in mail.get_content().lower()


def count_marked(house: House) -> int:
    """Columns of the book that hold the mark."""
    found = 0
    with house.bureau.engine.connect() as connection:
        for table in inspect(house.bureau.engine).get_table_names():
            for column in Letter.metadata.tables[table].columns if table in Letter.metadata.tables else ():
                if isinstance(column.type, String):
                    marked = select(column).where(column.contains(MARK)).limit(1)
                    found += connection.execute(marked).first() is not None
    return found

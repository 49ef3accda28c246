"""One file through everything that reads, judges, answers, mends or writes X12: what must hold whatever it is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from bureau.rules.codebook import CodeBook
from bureau.x12.acknowledge import acknowledge, write_reply
from bureau.x12.acknowledge_claims import CLEARINGHOUSE, Speaker
from bureau.x12.acks import ClaimAckSet, FunctionalAck
from bureau.x12.balance import Tally, balance
from bureau.x12.check import check, inspect
from bureau.x12.claim837 import iter_837, read_837, write_837
from bureau.x12.coverage271 import find_coverage
from bureau.x12.edits.edit import Context
from bureau.x12.eligibility270 import write_270
from bureau.x12.envelope import decode
from bureau.x12.locate import ClaimMap, find_claims_at, locate_claims
from bureau.x12.outline import read_outline
from bureau.x12.remit835 import iter_835, read_835, write_835
from bureau.x12.repairs import repair
from bureau.x12.resolve import resolve_277ca, resolve_999, resolve_ta1
from bureau.x12.samples import generate_837, make_envelope
from bureau.x12.secondary import Coverage, make_secondary
from bureau.x12.status276 import write_276
from bureau.x12.status277 import write_277
from bureau.x12.syntax import X12Error
from bureau.x12.ta1 import read_ta1
from bureau.x12.tree import reemit, tree
from bureau.x12.values import Party
from bureau.x12.values271 import EligibilityAnswerSet, EligibilityInquirySet
from bureau.x12.values277 import AnswerSet, InquirySet
from bureau.x12.values278 import Review
from bureau.x12.values835 import PaidClaim, Remittance
from bureau.x12.values837 import Claim, ClaimSet
from bureau.x12.verdict277 import verdict_of
from bureau.x12.write271 import write_271
from bureau.x12.write278 import write_278_response
from tests.bureau.x12.kinds import KINDS

TODAY = date(2026, 3, 20)
BOOK = CodeBook()
SPEAKER = Speaker(Party("CLEARWAY", id_kind="46", id="CLEARWAY"), CLEARINGHOUSE, TODAY)
NEXT = Coverage(Party("NEXT", id_kind="PI", id="N1"), Party("DOE", "JANE", is_person=True, id_kind="MI", id="M9"))
SENT = ClaimMap(generate_837(4))
[CLAIMS], _ = read_837(generate_837(1))
HEAD = make_envelope()
WRITERS: dict[type, Callable[[Any], str]] = {
    ClaimSet: lambda value: write_837(HEAD, [value]),
    Remittance: lambda value: write_835(HEAD, [value]),
    EligibilityInquirySet: lambda value: write_270(HEAD, [value]),
    EligibilityAnswerSet: lambda value: write_271(HEAD, [value]),
    InquirySet: lambda value: write_276(HEAD, [value]),
    AnswerSet: lambda value: write_277(HEAD, [value]),
    Review: lambda value: write_278_response(HEAD, [value]),
}
FEW = 5  # claims of a file that are mended, handed on and written again


def use_check(data: bytes) -> None:
    report = check(data, "f", BOOK)
    assert report.transactions or report.kind == "TA1" or report.errors
    for problem in (*report.errors, *report.warnings):
        assert problem.where.startswith("f ")
        assert problem.code
        assert problem.text.endswith(".")


def use_reader(name: str, data: bytes) -> None:
    """One reader, whatever the file is."""
    values, problems = KINDS[name].read(text_of(data))
    assert values or any(one.is_error for one in problems)


def use_streams(data: bytes) -> None:
    tally, text = Tally(), text_of(data)
    for paid in iter_835([text]):
        if isinstance(paid, PaidClaim):
            tally.add(paid)
    list(iter_837([text]))


def text_of(data: bytes) -> str:
    return decode(data)[0] or data.decode("latin-1")


def use_views(data: bytes) -> None:
    """The tree and the outline."""
    text = text_of(data)
    nodes, outline = tree(text), read_outline(text)
    assert outline.total == len(nodes) or not nodes
    starts = outline.pages(50)
    assert starts == sorted(set(starts))
    assert all(part.first <= part.last <= outline.total for part in outline.parts)


def use_places(data: bytes) -> None:
    """The map of claims, the text written anew."""
    text = text_of(data)
    find_claims_at(text, "0001", 20)
    for reads in (reemit, locate_claims):
        with suppress(X12Error):
            reads(text)


def use_answers(data: bytes) -> None:
    """Whatever was sent, what we answer is sound X12 that is read back without an error."""
    text = decode(data)[0]
    answer = acknowledge(text, SPEAKER, Context(TODAY, BOOK))
    with suppress(X12Error):
        sent = ClaimMap(text)
        for at, reply in enumerate(answer.replies[:FEW]):
            for kind, written in write_reply(reply, make_envelope(at + 1)).items():
                report = check(written.encode("ascii"), kind)
                assert report.transactions or kind == "TA1"
                assert not report.errors, (kind, report.errors[:2])
            for ack in reply.functional_acks:
                resolve_999(ack, sent)


def use_values(data: bytes) -> None:
    """Each value goes through what is done with its kind, then it is written: a writer may refuse, it may not break."""
    for value in inspect(text_of(data)).values[:FEW]:
        use = USES.get(type(value))
        if use is not None:
            use(value)
        write = WRITERS.get(type(value))
        if write is not None:
            with suppress(ValueError):
                _read_again(write(value))
    for ack in read_ta1(text_of(data))[0][:FEW]:
        resolve_ta1(ack, SENT)


def _mend_all(value: ClaimSet) -> None:
    value.claims = [_mend(claim) for claim in value.claims[:FEW]]


def _balance(value: Remittance) -> None:
    balance(value)
    for paid in value.claims[:FEW]:
        make_secondary(CLAIMS.claims[0], paid, TODAY, NEXT)


USES: dict[type, Callable[[Any], object]] = {
    ClaimSet: _mend_all,
    Remittance: _balance,
    EligibilityAnswerSet: lambda value: [find_coverage(one, TODAY) for one in value.answers[:FEW]],
    AnswerSet: lambda value: [verdict_of(one.statuses) for one in value.answers[:FEW]],
    FunctionalAck: lambda value: resolve_999(value, SENT),
    ClaimAckSet: lambda value: resolve_277ca(value, SENT),
}


def _mend(claim: Claim) -> Claim:
    mended, _ = repair(claim)
    assert repair(mended) == (mended, ())
    [paid], _ = PAID
    make_secondary(mended, paid.claims[0], TODAY, NEXT)
    return mended


PAID = read_835(KINDS["835"].text)


def _read_again(text: str) -> None:
    """What our writers wrote has a sound envelope and no character that X12 does not allow."""
    assert text.isascii()
    wrong = {"se_count", "se_control", "ge_count", "iea_count", "bad_character", "isa_malformed", "no_transactions"}
    found = {problem.code for problem in check(text.encode("ascii"), "w").errors}
    assert not found & wrong, found & wrong


class Step(NamedTuple):
    """Something done with a file; `passes` is how often it goes through it, for the time that it may take."""

    use: Callable[[bytes], None]
    passes: int = 1


STEPS: dict[str, Step] = {
    "check": Step(use_check),
    **{f"read {name}": Step(partial(use_reader, name)) for name in KINDS},
    "streams": Step(use_streams, 2),
    "views": Step(use_views, 2),
    "places": Step(use_places, 4),
    "answers": Step(use_answers, 3),
    "values": Step(use_values, 2),
}

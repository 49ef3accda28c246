"""What we answer to a file: TA1, 999 and 277CA from one look at it, and what such answers say of a file of ours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from bureau.x12 import ackcodes
from bureau.x12.ack277 import read_277ca
from bureau.x12.ack999 import read_999
from bureau.x12.acknowledge import Answer, acknowledge, write_reply
from bureau.x12.acknowledge_claims import CLEARINGHOUSE, PAYER, Speaker
from bureau.x12.acknowledge_sets import Reply
from bureau.x12.acks import ClaimAck, ClaimAckSet, ClaimStatus, FunctionalAck, LineAck, Note, SetAck
from bureau.x12.edits.catalog import BY_ID
from bureau.x12.envelope import InterchangeAck
from bureau.x12.locate import ClaimMap
from bureau.x12.resolve import Said, find_rejected, resolve_277ca, resolve_999, resolve_ta1
from bureau.x12.samples import generate_835, generate_837, make_envelope
from bureau.x12.ta1 import read_ta1
from bureau.x12.values import Party
from tests.bureau.x12.oracle import judge
from tests.bureau.x12.texts import CLAIM, CLAIM_HEAD, PAID, REMIT_HEAD, wrap
from tests.support.samples import find_samples

TODAY = date(2026, 3, 3)
HOUSE = Speaker(Party("CLEARWAY", id_kind="46", id="CLEARWAY"), CLEARINGHOUSE, TODAY)
TEXT = wrap("837", CLAIM_HEAD + CLAIM)
FILE = generate_837(12)


def answer(text: str, speaker: Speaker = HOUSE) -> Answer:
    return acknowledge(text, speaker)


def only(text: str) -> Reply:
    [reply] = answer(text).replies
    return reply


def group_of(text: str) -> FunctionalAck:
    [ack] = only(text).functional_acks
    return ack


def planted(old: str, new: str, text: str = TEXT) -> str:
    """The text with one defect, its counts made right again."""
    assert old in text
    text = text.replace(old, new, 1)
    segments = text.splitlines()
    first = next(at for at, one in enumerate(segments) if one.startswith("ST*"))
    last = next(at for at, one in enumerate(segments) if one.startswith("SE*"))
    segments[last] = f"SE*{last - first + 1}*0001~"
    return "\n".join(segments) + "\n"


# -- a file without fault ---------------------------------------------------------------------------------


@pytest.mark.parametrize("speaker", [HOUSE, Speaker(Party("PAYER", id_kind="PI", id="P1"), PAYER, TODAY)])
def test_a_clean_file_is_accepted_in_every_answer(speaker: Speaker) -> None:
    found = answer(FILE, speaker)
    [reply] = found.replies
    assert found.problems == []
    assert reply.ta1 is not None
    assert (reply.ta1.verdict, reply.ta1.note, reply.wants_ta1) == ("A", "000", False)
    [ack] = reply.functional_acks
    assert (ack.verdict, ack.included, ack.received, ack.accepted, ack.codes) == ("A", 1, 1, 1, ())
    assert [(one.control, one.verdict, one.notes) for one in ack.sets] == [("0001", "A", [])]
    claims = [claim for one in reply.claim_acks for claim in one.claims]
    said = ("A2", "20") if speaker.kind == PAYER else ("A1", "19")
    assert {(one.statuses[0].category, one.statuses[0].code) for one in claims} == {said}
    assert [claim.pcn for claim in claims] == [f"T{number:011d}" for number in range(12)]


def test_the_answers_are_files_that_an_outside_judge_accepts_and_we_read_back() -> None:
    text = planted("CLM*T00000000003*", "CLM*T00000000003*9", FILE).replace("*0*T*:", "*1*T*:")
    reply = only(text)
    texts = write_reply(reply, make_envelope(70))
    assert list(texts) == ["TA1", "999", "277CA"]
    assert read_ta1(texts["TA1"]) == ([reply.ta1], [])
    assert read_999(texts["999"]) == (list(reply.functional_acks), [])
    sets, problems = read_277ca(texts["277CA"])
    assert ([claim for one in sets for claim in one.claims], problems) == (
        [claim for one in reply.claim_acks for claim in one.claims],
        [],
    )
    assert [one.control for one in sets] == [f"{at:04d}" for at in range(1, len(sets) + 1)]
    assert judge(texts["999"]) == (True, [])
    assert judge(texts["277CA"]) == (True, [])
    assert [text.splitlines()[0].split("*")[13] for text in texts.values()] == ["000000070", "000000071", "000000072"]


def test_the_counts_of_the_answer_add_up_to_the_file() -> None:
    sets = only(planted("CLM*T00000000003*", "CLM*T00000000003*9", FILE)).claim_acks
    claims = [claim for one in sets for claim in one.claims]
    assert sum(one.accepted for one in sets) == 11
    assert sum(one.rejected for one in sets) == 1
    for one in sets:
        assert one.accepted_cents + one.rejected_cents == one.batch_statuses[0].cents
        assert one.accepted + one.rejected == len(one.claims)
    assert [claim.pcn for claim in claims if claim.statuses[0].action == "U"] == ["T00000000003"]


# -- the interchange --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "verdict", "note"),
    [
        (lambda text: text.replace("IEA*1*", "IEA*2*"), "E", "021"),
        (lambda text: text.replace("IEA*1*000000001", "IEA*1*000000002"), "R", "001"),
        (lambda text: text.partition("IEA*")[0], "R", "023"),
        (lambda text: text.partition("SE*")[0], "R", "023"),
        (lambda text: text.replace("*0*T*:", "*0*Q*:"), "E", "020"),
        (lambda text: text.replace("*0*T*:", "*7*T*:"), "E", "019"),
        (lambda text: text.replace("*000000001*0*T", "*00000000X*0*T"), "R", "018"),
        (lambda text: text.replace("*260302*0930*^", "*261302*0930*^"), "E", "014"),
        (lambda text: text.replace("*260302*0930*^", "*260302*2530*^"), "E", "015"),
        (lambda text: text.replace("*20260302*0930*1*X", "*20261302*0930*1*X"), "E", "024"),
        (lambda text: text.replace("GS*HC", "REF*EI*1~\nGS*HC"), "E", "024"),
        (lambda text: text.replace("ISA*", "ISA*", 1), "A", "000"),
    ],
)
def test_an_envelope_is_told_what_is_wrong_with_it(change: Callable[[str], str], verdict: str, note: str) -> None:
    reply = only(change(TEXT))
    assert reply.ta1 is not None
    assert (reply.ta1.verdict, reply.ta1.note) == (verdict, note)
    assert reply.wants_ta1 is (verdict != "A")
    assert bool(reply.functional_acks) is (verdict != "R")
    assert bool(reply.claim_acks) is (verdict != "R")


def test_the_same_interchange_twice_is_taken_once() -> None:
    first, second = answer(TEXT + TEXT).replies
    assert first.ta1 is not None
    assert second.ta1 is not None
    assert (first.ta1.verdict, second.ta1.verdict, second.ta1.note) == ("A", "R", "025")
    assert not second.functional_acks


def test_there_is_nobody_to_answer_where_there_is_no_interchange() -> None:
    for text in ("", "letter", "ISA*00"):
        assert not answer(text).replies
    assert answer("letter").problems


# -- groups and sets --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "verdict", "codes"),
    [
        ("GE*1*1~\n", "", "R", ("3",)),
        ("GE*1*1~", "GE*1*2~", "R", ("4",)),
        ("GE*1*1~", "GE*3*1~", "E", ("5",)),
        ("X*005010X222A1~", "X*004010X098A1~", "R", ("2",)),
    ],
)
def test_a_group_falls_with_its_frame(old: str, new: str, verdict: str, codes: tuple[str, ...]) -> None:
    ack = group_of(TEXT.replace(old, new))
    assert (ack.verdict, ack.codes) == (verdict, codes)
    assert ack.accepted == (1 if verdict == "E" else 0)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("SE*26*0001~\n", "", "2"),
        ("SE*26*0001", "SE*26*0002", "3"),
        ("SE*26*0001", "SE*99*0001", "4"),
        ("ST*837*0001*005010X222A1", "ST*837*0001*005010X999A1", "1"),
        ("ST*837*0001*005010X222A1", "ST*837*0001*005010X222", "19"),
    ],
)
def test_a_set_falls_with_its_frame(old: str, new: str, code: str) -> None:
    text = TEXT if old in TEXT else TEXT.replace(TEXT[TEXT.index("SE*") : TEXT.index("GE*")], old + "~\n")
    ack = group_of(text.replace(old, new))
    assert ack.verdict == "R"
    assert code in ack.sets[0].codes


@pytest.mark.parametrize(
    ("old", "new", "note"),
    [
        ("REF*EI*990000001~\n", "", Note(8, "REF", "3", loop="2010AA")),
        ("N4*SALEM*OR*973010002~\nREF", "REF", Note(8, "N4", "3", loop="2010AA")),
        ("HI*ABK:E119~\n", "", Note(19, "HI", "3", loop="2300", claim="A1")),
        ("NM1*40*2*HUB*****46*RCV~\n", "", Note(24, "NM1", "3", loop="1000B")),
        ("*Y*A*Y*Y", "*Y*Z*Y*Y", Note(19, "CLM", "8", "CLM07", "7", "2300", "A1")),
        ("*Y*A*Y*Y", "*Y*A**Y", Note(19, "CLM", "8", "CLM08", "1", "2300", "A1")),
        ("DTP*472*D8*20260115", "DTP*472*D8*20261315", Note(23, "DTP", "8", "DTP03", "8", claim="A1")),
        ("****MI*M1", "*****M1", Note(14, "NM1", "8", "NM108", "2", "2010BA")),
        ("*DOE*JANE*", f"*{'D' * 61}*JANE*", Note(14, "NM1", "8", "NM103", "5", "2010BA")),
        ("*DOE*JANE*", "*D\u00d6E*JANE*", Note(14, "NM1", "8", "NM103", "6", "2010BA")),
        ("*DOE*JANE****", "*DOE*JANE**MS**", Note(14, "NM1", "8", "NM106", "I10", "2010BA")),
        ("LX*1", "LX*1*2", Note(21, "LX", "8", "LX02", "3", "2400", "A1")),
        ("N3*2 ELM STREET~", "N3*2 ELM STREET~\nN3*2 ELM STREET~", Note(16, "N3", "5", loop="2010BA")),
        ("LX*1~", "NM1*82*1*A~\nNM1*82*1*B~\nLX*1~", Note(22, "NM1", "4", loop="2310B", claim="A1")),
        ("*OR*973010003", "*OR*973010003***X*BC", Note(16, "N4", "8", "N402", "10", "2010BA")),
    ],
)
def test_each_defect_is_noted_at_its_segment_and_element(old: str, new: str, note: Note) -> None:
    text = planted(old, new)
    ack = group_of(text)
    assert (ack.verdict, ack.accepted, ack.sets[0].verdict) == ("R", 0, "R")
    assert note in ack.sets[0].notes, ack.sets[0].notes
    assert "5" in ack.sets[0].codes
    assert only(text).claim_acks == []
    written = write_reply(only(text), make_envelope(5))["999"]
    assert judge(written) == (True, [])
    assert not any(name in written for name in ("DOE", "JANE", "D\u00d6E", "DDDD", "20261315"))  # no copy of the data


def test_what_can_be_overlooked_is_noted_and_accepted() -> None:
    ack = group_of(planted("HI*ABK:E119~", "HI*ABK:E119~\nZZZ*1~"))
    assert (ack.verdict, ack.accepted, ack.sets[0].verdict) == ("E", 1, "E")
    assert [(one.segment, one.code) for one in ack.sets[0].notes] == [("ZZZ", "2")]


def test_one_bad_set_does_not_sink_the_others() -> None:
    good = TEXT[TEXT.index("ST*") : TEXT.index("GE*")]
    bad = good.replace("*0001", "*0002").replace("CLM*A1", "CLM*A2").replace("*Y*A*Y*Y", "*Y*Z*Y*Y")
    reply = only(TEXT.replace("GE*1*1", f"{bad}GE*2*1"))
    [ack] = reply.functional_acks
    assert (ack.verdict, ack.included, ack.accepted) == ("P", 2, 1)
    assert [one.verdict for one in ack.sets] == ["A", "R"]
    assert [claim.pcn for one in reply.claim_acks for claim in one.claims] == ["A1"]


def test_no_answer_is_given_to_an_answer() -> None:
    ours = write_reply(only(TEXT), make_envelope(5))
    assert only(ours["999"]).functional_acks == []
    assert only(ours["277CA"]).functional_acks[0].verdict == "A"  # payers want a 999 for their 277CA
    ta1 = write_reply(only(TEXT.replace("IEA*1*", "IEA*2*")), make_envelope(5))["TA1"]
    assert only(ta1).ta1 is None


def test_a_payment_that_does_not_add_up_is_well_formed() -> None:
    remittance = wrap("835", REMIT_HEAD + PAID)
    for text in (generate_835(5), remittance, remittance.replace("CAS*PR*2*5", "CAS*PR*2*6")):
        assert group_of(text).verdict == "A"
        assert only(text).claim_acks == []
    assert group_of(remittance.replace("DTM*472*20260115", "DTM*472*20261315")).verdict == "R"


@pytest.mark.parametrize("verdict", ["A", "E"])
def test_nothing_is_accepted_plainly_beside_a_finding(verdict: str) -> None:
    for path in find_samples("x12/*/*"):
        for reply in answer(path.read_bytes().decode("latin-1")).replies:
            for ack in reply.functional_acks:
                taken = [one.verdict in "AE" for one in ack.sets]
                assert ack.accepted == sum(taken)
                assert (ack.verdict == "R") == (not any(taken))
                if ack.verdict == verdict == "A":
                    assert ack.codes == ()
                    assert all(one.verdict == "A" and not one.codes and not one.notes for one in ack.sets)
                for one in ack.sets:
                    assert (one.verdict == "A") == (not one.codes and not one.notes)


# -- claims -----------------------------------------------------------------------------------------------


def test_a_claim_goes_back_by_itself_with_what_the_edit_says() -> None:
    reply = only(TEXT.replace("CLM*A1*100", "CLM*A1*90"))
    assert reply.functional_acks[0].verdict == "A"
    [one] = reply.claim_acks
    [claim] = one.claims
    status = BY_ID["charge_sum"].status
    assert (claim.statuses[0].category, claim.statuses[0].code) == (status.category, status.code)
    assert (claim.statuses[0].action, claim.statuses[0].cents) == ("U", 9_000)
    assert (one.accepted, one.rejected, one.rejected_cents) == (0, 1, 9_000)


def test_what_is_wrong_with_a_line_is_said_at_the_line() -> None:
    reply = only(TEXT.replace("*UN*1*", "*UN*0*"))
    [claim] = reply.claim_acks[0].claims
    assert [(one.category, one.code) for one in claim.statuses] == [("A7", "247")]
    [line] = claim.lines
    assert (line.control, line.code, line.statuses[0].action) == ("A1L1", "G0463", "U")
    assert line.statuses[0].category in ("A6", "A7", "A8")


def test_a_repeated_claim_number_is_told_at_the_second() -> None:
    first, second = CLAIM, CLAIM.replace("100", "120")
    claims = only(wrap("837", CLAIM_HEAD + first + second)).claim_acks[0].claims
    assert len(claims) == 2
    assert claims[0].statuses[0].action == "WQ"


# -- the codes --------------------------------------------------------------------------------------------


def test_every_code_that_we_give_has_its_words() -> None:
    assert {f"{number:03d}" for number in range(32)} == set(ackcodes.INTERCHANGE_NOTES)
    for given, words in (
        ((ackcodes.NOTE_OF, ackcodes.NOTE_OF_ELEMENT), ackcodes.INTERCHANGE_NOTES),
        ((ackcodes.GROUP_CODE_OF, ackcodes.GROUP_CODE_OF_ELEMENT), ackcodes.GROUP_ERRORS),
        ((ackcodes.SET_CODE_OF, ackcodes.SET_CODE_OF_ELEMENT), ackcodes.SET_ERRORS),
        ((ackcodes.SEGMENT_CODE_OF,), ackcodes.SEGMENT_ERRORS),
        ((ackcodes.ELEMENT_CODE_OF,), ackcodes.ELEMENT_ERRORS),
    ):
        assert {code for table in given for code in table.values()} <= set(words)
    assert set(ackcodes.INTERCHANGE_NOTES) >= ackcodes.REFUSING_NOTES
    assert set(ackcodes.GROUP_ERRORS) >= ackcodes.REFUSING_GROUP_CODES


# -- back to what we sent ---------------------------------------------------------------------------------

SENT = ClaimMap(FILE)
PCNS = tuple(SENT.places)


def test_a_ta1_is_about_all_claims_of_its_interchange() -> None:
    [said] = resolve_ta1(InterchangeAck("1", "R", "023"), SENT)
    assert (said.verdict, said.claims, said.segment, said.code) == ("R", PCNS, 1, "023")
    assert said.text == ackcodes.INTERCHANGE_NOTES["023"]
    assert resolve_ta1(InterchangeAck("000000002", "R", "023"), SENT) == []


def test_a_finding_of_a_999_is_laid_at_its_claim() -> None:
    first, _ = SENT.places[PCNS[4]]
    note = Note(first - 2, "CLM", "8", "CLM05-3", "7", "2300")
    ack = FunctionalAck("0001", "1", "R", 1, 1, 0, [SetAck("0001", "R", ("5",), [note])])
    whole, said = resolve_999(ack, SENT)
    assert (whole.claims, whole.segment, whole.code, whole.control) == (PCNS, 3, "5", "0001")
    assert said == Said("R", (PCNS[4],), first, "2300", "CLM05-3", "7", ackcodes.ELEMENT_ERRORS["7"], "0001")
    assert find_rejected([whole, said]) == set(PCNS)


def test_a_finding_at_a_subscriber_or_header_is_about_all_claims_below() -> None:
    ack = FunctionalAck("0001", "1", "R", 1, 1, 0, [SetAck("0001", "R", ("5",), [Note(2, "BHT", "8", "BHT04", "8")])])
    assert resolve_999(ack, SENT)[1].claims == PCNS
    first, _ = SENT.places[PCNS[4]]
    ack.sets[0].notes = [Note(first - 3, "NM1", "8", "NM109", "1")]
    assert resolve_999(ack, SENT)[1].claims == (PCNS[4],)
    ack.sets[0].notes = [Note(99_999, "NM1", "8", "NM109", "1", claim=PCNS[2])]
    assert resolve_999(ack, SENT)[1].claims == (PCNS[2],)


@pytest.mark.parametrize(("verdict", "rejected"), [("A", set()), ("E", set()), ("R", set(PCNS)), ("X", set(PCNS))])
def test_a_set_that_is_not_named_fares_as_its_group(verdict: str, rejected: set[str]) -> None:
    said = resolve_999(FunctionalAck("0001", "1", verdict, 1, 1, 0, codes=("4",)), SENT)
    assert find_rejected(said) == rejected
    assert said[0].text == ackcodes.GROUP_ERRORS["4"]
    assert resolve_999(FunctionalAck("0001", "17", verdict, 1, 1, 0), SENT) == []


def test_our_own_999_finds_its_way_back_to_the_claim() -> None:
    text = planted("CLM*T00000000005*", "CLM*T00000000005*X", FILE)
    ack, problems = read_999(write_reply(only(text), make_envelope(5))["999"])
    said = resolve_999(ack[0], ClaimMap(text))
    assert problems == []
    assert {one.claims for one in said if one.element} == {("T00000000005",)}


def test_a_277ca_is_laid_at_claims_and_lines() -> None:
    refused = ClaimStatus("A7", "562", "85", TODAY, "U", 500, "NOT KNOWN")
    answered = ClaimAckSet(
        "0001", "R", "PR", Party(), Party(), None, "T00000001", [ClaimStatus("A1", "19", "PR")],
        [
            ClaimAck(PCNS[1], [refused], lines=[LineAck("G0463", 100, f"{PCNS[1]}L1", [refused])]),
            ClaimAck("STRANGER", [refused]),
        ],
    )  # fmt: skip
    batch, claim, line = resolve_277ca(answered, SENT)
    assert (batch.claims, batch.code) == (PCNS, "A1:19:PR")
    assert (claim.claims, claim.segment, claim.code, claim.text) == (
        (PCNS[1],), SENT.places[PCNS[1]][0], "A7:562:85", "NOT KNOWN",
    )  # fmt: skip
    assert (line.line, line.code) == (f"{PCNS[1]}L1", "A7:562:85")

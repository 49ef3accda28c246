"""What we write is held against readers of others: pyx12 for claims, payments and answers, x12sdk for inquiries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

import pytest
from x12sdk.io import X12ModelReader

from bureau.x12.acknowledge import acknowledge, write_reply
from bureau.x12.acknowledge_claims import CLEARINGHOUSE, PAYER, Speaker
from bureau.x12.check import check
from bureau.x12.claim837 import read_837, write_837
from bureau.x12.eligibility270 import write_270
from bureau.x12.samples import generate_835, generate_837, make_claim_sets, make_envelope, pay_claim
from bureau.x12.secondary import Coverage, make_secondary
from bureau.x12.values import Party
from bureau.x12.write271 import write_271
from tests.bureau.x12.inquiry_values import COPAY, PLAN, VISIT, answer, inquiry
from tests.bureau.x12.kinds import KINDS
from tests.bureau.x12.oracle import judge
from tests.bureau.x12.test_eligibility import ANSWERS, QUESTIONS
from tests.bureau.x12.test_planted_defects import CLAIMS, IN_CLAIMS, IN_REMITTANCES, REMITTANCE
from tests.support.worlds import live

DAY = date(2026, 3, 20)
NEXT = Coverage(
    Party("NEXT PAYER", id_kind="PI", id="NEXT1"),
    Party(
        "DOE", "JANE", is_person=True, id_kind="MI", id="M9", street="4 OAK ROAD", city="SALEM", state="OR",
        zip="97301", birth=date(1980, 5, 17), sex="F",
    ),
    filing_code="CI",
)  # fmt: skip
MOST = 8  # files of one kind that are judged of a run: the oracle is slow


def seconds() -> str:
    """Claims to a second payer, made of what the first one paid."""
    [one], dice = make_claim_sets(40), Random(5)
    made = [make_secondary(claim, pay_claim(dice, claim), DAY, NEXT)[0] for claim in one.claims]
    claims = [claim for claim in made if claim is not None]
    assert len(claims) > 30
    return write_837(make_envelope(), [replace(one, claims=claims)])


# What pyx12 finds in a file with everything, each a fault of its own: it takes the second PWK*CT for one of the first
# kind, which knows no NS, and a second PLB for a second footer.
FAULTS = {"837P": ["(NS) is not a valid code"] * 2, "835": ["Loop FOOTER exceeded max count"], "999": [], "277CA": []}


@pytest.mark.parametrize("name", FAULTS)
def test_a_file_with_everything_is_accepted_but_for_faults_of_the_oracle(name: str) -> None:
    accepted, found = judge(KINDS[name].text)
    assert accepted == (not FAULTS[name])
    assert len(found) == len(FAULTS[name])
    for known, said in zip(FAULTS[name], found, strict=True):
        assert known in said


@pytest.mark.parametrize("make", [generate_837, generate_835], ids=["837", "835"])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_plain_files_are_accepted(make: Callable[[int, int], str], seed: int) -> None:
    assert judge(make(25, seed)) == (True, [])


def test_claims_to_a_second_payer_are_accepted() -> None:
    text = seconds()
    assert judge(text) == (True, [])
    again, problems = read_837(text)
    assert [problem for problem in problems if problem.is_error] == []
    assert write_837(make_envelope(), again) == text


@pytest.mark.parametrize("kind", [CLEARINGHOUSE, PAYER])
def test_answers_to_files_with_a_defect_are_accepted(kind: str) -> None:
    speaker = Speaker(Party("CLEARWAY", id_kind="46" if kind == CLEARINGHOUSE else "PI", id="CLEARWAY"), kind, DAY)
    seen = set()
    for defect in (*IN_CLAIMS, *IN_REMITTANCES):
        text = (CLAIMS if defect in IN_CLAIMS else REMITTANCE).replace(defect.old, defect.new, 1)
        for reply in acknowledge(text, speaker).replies:
            for name, written in write_reply(reply, make_envelope()).items():
                seen.add(name)
                if name != "TA1":  # of which pyx12 knows nothing that stands alone
                    assert judge(written) == (True, []), (defect.name, name)
    assert {"999", "277CA"} <= seen


INQUIRIES = {
    "270": write_270(make_envelope(), [replace(QUESTIONS, inquiries=[inquiry(VISIT)])]),
    "271": write_271(make_envelope(), [replace(ANSWERS, answers=[answer(PLAN, COPAY)])]),
    "276": KINDS["276"].text,
    "277": KINDS["277"].text,
}


@pytest.mark.parametrize("name", INQUIRIES)
def test_inquiries_are_read_by_another_library(name: str) -> None:
    """It knows no segments on lines of their own; what more a 270 or 271 may say is held against it where they are."""
    with X12ModelReader(INQUIRIES[name].replace("~\n", "~")) as reader:
        [model] = reader.models()
    written = [one.split("*")[0] for one in model.x12().replace("\n", "").split("~") if one]
    sent = [
        one.split("*")[0] for one in INQUIRIES[name].split("~\n") if one[:3] not in ("ISA", "GS*", "GE*", "IEA", "")
    ]
    assert written == sent


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Path]]:
    """Every X12 file of a short run."""
    lived = live("denials", tmp_path_factory.mktemp("run"), days=21, practices=("CLEARW",), volume=0.4)
    yield sorted(path for path in (lived.folder / "x12").rglob("*.*") if path.is_file())
    lived.world.close()


@pytest.mark.slow
def test_what_a_simulated_bureau_and_its_payers_send_is_accepted(archive: list[Path]) -> None:
    judged: dict[str, int] = {}
    for path in archive:
        data = path.read_bytes()
        report = check(data, path.name)
        assert report.transactions or report.kind == "TA1", path.name
        assert report.errors == [], path.name
        judged[report.kind] = judged.get(report.kind, 0) + 1
        if report.kind in ("837", "835", "999", "277") and judged[report.kind] <= MOST:
            accepted, found = judge(data.decode("ascii"))
            assert accepted, (path.name, found[:3])
    assert {"837", "835", "999", "277"} <= set(judged)

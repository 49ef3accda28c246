"""Synthetic 837P and 835 files of any size, the same for the same seed: for the bench and for tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from bureau.x12.claim837 import write_837
from bureau.x12.remit835 import write_835
from bureau.x12.values import Adjustment, Envelope, Party
from bureau.x12.values835 import PaidClaim, PaidLine, Remittance
from bureau.x12.values837 import Claim, ClaimSet, ServiceLine
from config.identifiers import make_test_npi

MOMENT = datetime(2026, 3, 2, 9, 30)  # noqa: DTZ001 - X12 writes local time without a zone
PER_SET = 2_500  # claims in one ST; guides ask for at most 5,000

_LAST = (
    "ABBOTT",
    "BRANDT",
    "CASTILLO",
    "DUNN",
    "ESPINOZA",
    "FOWLER",
    "GIBBS",
    "HOLLOWAY",
    "IBARRA",
    "JENSEN",
)
_FIRST = ("ALMA", "BRUNO", "CLARA", "DESMOND", "EDITH", "FELIX", "GRETA", "HUGO", "INES", "JONAS")
_STREETS = ("ALDER WAY", "BIRCH LANE", "CEDAR COURT", "DOGWOOD ROAD", "ELM STREET")
_CITIES = (("SPRINGFIELD", "IL", "627010001"), ("SALEM", "OR", "973010002"), ("AUBURN", "ME", "042100003"))
_CODES = (
    ("G0463", 13150),
    ("G0402", 17225),
    ("G0008", 3100),
    ("J1885", 1250),
    ("Q9967", 99),
    ("G0444", 2845),
)
_DIAGNOSES = ("E119", "I10", "M5450", "J069", "F329", "Z0000", "K219", "R5383")
_PAYERS = (
    ("GOLDEN PLAINS HEALTH", "GPH01", "CI"),
    ("HARBOR MUTUAL", "HBM02", "BL"),
    ("STATE CARE", "STC03", "MC"),
)


def make_npi(number: int) -> str:
    """A number of the right form with the right check digit that no provider can hold, any number of them."""
    return make_test_npi(number % 100_000)


def make_envelope(control: int = 1) -> Envelope:
    return Envelope("BUREAU", "CLEARWAY", control, control, MOMENT)


def make_provider(number: int) -> Party:
    """A billing provider: a group practice with address, tax id and taxonomy."""
    city, state, code = _CITIES[number % 3]
    return Party(
        f"PRACTICE {number} MEDICAL GROUP", id_kind="XX", id=make_npi(number),
        street=f"{100 + number} MAIN STREET", city=city, state=state, zip=code, tax_id=f"99{number:07d}",
        taxonomy="207Q00000X",
    )  # fmt: skip


def _person(dice: Random, number: int, *, member: bool) -> Party:
    city, state, code = dice.choice(_CITIES)
    return Party(
        dice.choice(_LAST), dice.choice(_FIRST), is_person=True, id_kind="MI" if member else "",
        id=f"T{number:09d}" if member else "", street=f"{dice.randrange(1, 999)} {dice.choice(_STREETS)}",
        city=city, state=state, zip=code, birth=date(1940, 1, 1) + timedelta(dice.randrange(29_000)),
        sex=dice.choice("FM"),
    )  # fmt: skip


def make_claim(dice: Random, number: int, billing: Party) -> Claim:
    """One claim of one to four lines; every eighth for a dependent."""
    name, payer_id, filing = dice.choice(_PAYERS)
    dependent = number % 8 == 7
    lines = [_line(dice, number, at + 1) for at in range(dice.choice((1, 1, 2, 2, 3, 4)))]
    return Claim(
        f"T{number:011d}", sum(line.charge_cents for line in lines), "11", "1", billing,
        _person(dice, number, member=True), Party(name, id_kind="PI", id=payer_id), "P", filing, "",
        "19" if dependent else "18", _person(dice, number, member=False) if dependent else None,
        tuple(dice.sample(_DIAGNOSES, 2)), lines=lines,
        rendering=Party(
            dice.choice(_LAST), dice.choice(_FIRST), is_person=True, id_kind="XX",
            id=make_npi(number % 7 + 500), taxonomy="207Q00000X",
        ),
    )  # fmt: skip


def _line(dice: Random, number: int, at: int) -> ServiceLine:
    code, cents = dice.choice(_CODES)
    units = dice.choice((1, 1, 1, 2))
    day = date(2026, 1, 5) + timedelta(dice.randrange(50))
    return ServiceLine(
        at, code, cents * units + dice.randrange(100), Decimal(units), day,
        modifiers=("25",) if dice.random() < 0.2 else (), pointers=(1, 2), control=f"T{number:011d}L{at}",
    )  # fmt: skip


def make_claim_sets(count: int, seed: int = 1) -> list[ClaimSet]:
    """`count` claims of four billing providers, up to PER_SET in a set."""
    dice = Random(seed)
    submitter = Party("DEMO BILLING BUREAU", id_kind="46", id="BUREAU", contact="DESK ONE", phone="5550100000")
    receiver = Party("CLEARWAY", id_kind="46", id="CLEARWAY")
    providers = [make_provider(number) for number in range(1, 5)]
    sets = []
    for at, start in enumerate(range(0, count, PER_SET), 1):
        one = ClaimSet(f"{at:04d}", f"T{at:08d}", MOMENT, submitter, receiver)
        stop = min(start + PER_SET, count)
        one.claims = [make_claim(dice, number, providers[number * 4 // count]) for number in range(start, stop)]
        sets.append(one)
    return sets


def pay_claim(dice: Random, claim: Claim) -> PaidClaim:
    """An adjudication that balances: contractual, coinsurance, now and then a denial."""
    paid = PaidClaim(claim.pcn, "1", claim.charge_cents, 0, 0, "12", f"P{claim.pcn}", claim.place, claim.frequency)
    owner = claim.patient or claim.subscriber
    paid.patient = Party(owner.name, owner.first, is_person=True, id_kind="MI", id=claim.subscriber.id)
    paid.received = date(2026, 3, 3)
    if claim.rendering is not None:
        paid.rendering = replace(claim.rendering, taxonomy="")
    for line in claim.lines:
        paid.lines.append(_pay_line(dice, line))
    paid.paid_cents = sum(line.paid_cents for line in paid.lines)
    paid.patient_cents = sum(a.cents for line in paid.lines for a in line.adjustments if a.group == "PR")
    return paid


def _pay_line(dice: Random, line: ServiceLine) -> PaidLine:
    answer = PaidLine(
        line.code, line.charge_cents, 0, modifiers=line.modifiers, units=line.units, date_from=line.date_from,
        control=line.control,
    )  # fmt: skip
    if dice.random() < 0.08:
        answer.adjustments, answer.remarks = [Adjustment("CO", "16", line.charge_cents)], ("M51",)
        return answer
    allowed = line.charge_cents * dice.randrange(40, 90) // 100
    share = allowed // 5
    answer.allowed_cents, answer.paid_cents = allowed, allowed - share
    answer.adjustments = [Adjustment("CO", "45", line.charge_cents - allowed), Adjustment("PR", "2", share)]
    return answer


def make_remittances(count: int, seed: int = 1) -> list[Remittance]:
    """`count` paid claims, up to PER_SET in a remittance; every remittance balances."""
    dice = Random(seed)
    payer = Party(
        "GOLDEN PLAINS HEALTH", id_kind="PI", id="GPH01", street="1 PRAIRIE PLAZA", city="SALEM", state="OR",
        zip="973010002", contact="PROVIDER LINE", phone="5550111111",
    )  # fmt: skip
    payee = Party("PRACTICE 1 MEDICAL GROUP", id_kind="XX", id=make_npi(1), tax_id="990000001")
    out = []
    for at, one in enumerate(make_claim_sets(count, seed), 1):
        claims = [pay_claim(dice, claim) for claim in one.claims]
        total = sum(claim.paid_cents for claim in claims)
        out.append(
            Remittance(
                f"{at:04d}",
                total,
                "ACH",
                MOMENT.date(),
                f"TRACE{at:06d}",
                "1990000009",
                payer,
                payee,
                MOMENT.date(),
                claims,
            )
        )
    return out


def generate_837(count: int, seed: int = 1) -> str:
    """The text of an 837P with `count` claims."""
    return write_837(make_envelope(), make_claim_sets(count, seed))


def generate_835(count: int, seed: int = 1) -> str:
    """The text of an 835 with `count` claims."""
    return write_835(make_envelope(), make_remittances(count, seed))


def iter_chunks(text: str, times: int) -> Iterator[str]:
    """The same interchange again and again: a file of any size that is never held as a whole."""
    for _ in range(times):
        yield text

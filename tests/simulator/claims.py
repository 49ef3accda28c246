"""Claims as a practice would send them, for the tests of the payers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from bureau.x12.claim837 import write_837
from bureau.x12.values import Envelope, Party
from bureau.x12.values837 import Claim, ClaimSet, ServiceLine
from config.identifiers import make_test_ein, make_test_npi, pcn
from simulator.payers import PayerProfile, build_profile

ACCOUNT = "PRACTICE1"
MONDAY = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
DAY = date(2026, 2, 27)


def a_profile(code="QUIET", kind="commercial", **changes) -> PayerProfile:
    """A payer without chance: nothing is rejected, denied or pended unless the test says so."""
    calm = {"clearinghouse_reject_rate": 0.0, "payer_reject_rate": 0.0, "denial_rate": 0.0, "pend_share": 0.0}
    return build_profile(code, f"{code} HEALTH PLAN", kind, "000000007", **(calm | changes))


def a_line(number=1, code="XV101", cents=12_500, day=DAY, **changes) -> ServiceLine:
    return ServiceLine(number, code, cents, Decimal(1), day, pointers=(1,), control=f"L{number}", **changes)


def a_claim(number=1, lines=None, payer="QUIET", attempt=1, **changes) -> Claim:
    lines = [a_line()] if lines is None else lines
    member = changes.pop("member", f"M{number:08d}")
    billing = Party(
        "HARBOR FAMILY MEDICINE", id_kind="XX", id=make_test_npi(1), tax_id=make_test_ein(1),
        taxonomy="207Q00000X", street="12 Elm Street", city="Boston", state="MA", zip="021150001",
        contact="Billing", phone="6175550111",
    )  # fmt: skip
    person = Party(
        f"DOE{number}", "JAMIE", is_person=True, id_kind="MI", id=member, street="4 Oak Road", city="Salem",
        state="MA", zip="01970", birth=date(1980, 5, 17), sex="F",
    )  # fmt: skip
    rendering = Party("REED", "ALEX", is_person=True, id_kind="XX", id=make_test_npi(2), taxonomy="207Q00000X")
    built = Claim(
        pcn=pcn(1, number, attempt), charge_cents=sum(line.charge_cents for line in lines), place="11",
        frequency="1", billing=billing, subscriber=person,
        payer=Party(f"{payer} HEALTH PLAN", id_kind="PI", id=payer), filing_code="CI", diagnoses=("J029",),
        lines=lines, rendering=rendering,
    )  # fmt: skip
    for name, value in changes.items():
        setattr(built, name, value)
    return built


def a_file(claims, control=1, account=ACCOUNT) -> bytes:
    """One 837P with one transaction set."""
    batch = ClaimSet(
        f"{control:04d}", f"B{control:06d}", datetime(2026, 3, 2, 10, 0),
        Party("NORTHLINE BILLING BUREAU", id_kind="46", id=account, contact="EDI", phone="6175550100"),
        Party("PRACTICE CLEARINGHOUSE", id_kind="46", id="SIMCLEAR"), list(claims),
    )  # fmt: skip
    wrap = Envelope(account, "SIMCLEAR", control, control, datetime(2026, 3, 2, 10, 0))
    return write_837(wrap, [batch]).encode()

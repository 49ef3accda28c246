"""Contracts, fees, promises, plans and price lists through their desks: kept or refused, and written down."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from bureau.desks import agreements, denials, prices, tiers
from bureau.models import Journal
from bureau.office import NotFound
from clients.agreements import NewAgreement, find_agreements, in_force
from clients.fees import Term, load_terms
from clients.models import AddOn, AgreementKind, FeeBasis, TierRequestState
from clients.preferences import Preferences, read_preferences
from clients.prices import Price, find_prices
from clients.promises import Clause, load_clauses
from clients.tier_changes import Quote, Wish, find_running, split_by_tier
from clients.tiers import Capability, Tier, has
from config.codes import Lane
from tests.support.houses import COPAY, FEES, NOW, OPENED, House

TODAY, APRIL, MAY = NOW.date(), date(2026, 4, 1), date(2026, 5, 1)
SHARE = Term(FeeBasis.PERCENT, basis_points=600)
FLAT = Term(FeeBasis.FLAT, cents=20_000)
SERVICE, ASSOCIATE = AgreementKind.SERVICE, AgreementKind.BUSINESS_ASSOCIATE


def journal(house: House) -> list[tuple[str, str, str]]:
    with house.office() as office:
        wanted = select(Journal).where(Journal.client_id == house.client.id).order_by(Journal.id)
        return [(row.act, row.actor, row.text) for row in office.session.scalars(wanted)]


def receives_money(house: House) -> None:
    with house.office() as office:
        (own,) = [one for one in find_agreements(office.session, house.client.id) if one.kind == SERVICE]
        own.bureau_receives_money = True


# -- contracts ------------------------------------------------------------------------------------------------


def test_a_contract_is_signed_and_ended(house: House):
    new = NewAgreement(ASSOCIATE, TODAY, "Dr. Reed", APRIL, document_name="baa.pdf", document_sha256="ab" * 32)
    with house.office() as office:
        assert agreements.sign_agreement(office, house.client.id, new) == []
        row = in_force(office.session, house.client.id, ASSOCIATE, APRIL)
        assert (row.document_name, row.signed_by) == ("baa.pdf", "Dr. Reed")
        [problem] = agreements.end_agreement(office, house.client.id, row.id, APRIL)
        assert problem.code == "agreement.dates"
        assert agreements.end_agreement(office, house.client.id, row.id, MAY) == []
        assert in_force(office.session, house.client.id, ASSOCIATE, MAY).starts_on == OPENED
    assert journal(house) == [
        ("agreement signed", "Priya Shah", "business associate agreement from 2026-04-01"),
        ("agreement ended", "Priya Shah", "business associate agreement: open -> 2026-05-01"),
    ]


def test_another_clients_contract_is_not_found(house: House):
    with house.office(client=house.clients[1]) as office:
        theirs = find_agreements(office.session, house.clients[1].id)[0].id
    with house.office() as office, pytest.raises(NotFound):
        agreements.end_agreement(office, house.client.id, theirs, MAY)


def test_a_contract_to_receive_the_money_bars_the_share_that_is_in_force(house: House):
    new = NewAgreement(SERVICE, TODAY, "Dr. Reed", TODAY, bureau_receives_money=True)
    with house.office() as office:
        problems = agreements.sign_agreement(office, house.client.id, new)
        assert {one.code for one in problems} == {"fee.government"}
        assert len(find_agreements(office.session, house.client.id)) == 2
    assert journal(house) == []


# -- fees and promises ----------------------------------------------------------------------------------------


def test_fees_change_from_a_day_on_and_say_what_they_were(house: House):
    with house.office() as office:
        assert agreements.change_terms(office, house.client.id, [SHARE, FLAT], on=APRIL) == []
        assert load_terms(office.session, house.client.id, APRIL) == (SHARE, FLAT)
        assert SHARE not in load_terms(office.session, house.client.id, TODAY)
    [(act, _, text)] = journal(house)
    assert act == "fees changed"
    assert text == (
        "from 2026-04-01: 5.5% of collections; $500.00 a month at least -> 6% of collections; $200.00 a month"
    )


@pytest.mark.parametrize(
    ("terms", "on", "code"),
    [((), APRIL, "fee.none"), ((SHARE,), OPENED, "fee.past"), ((SHARE, SHARE), APRIL, "fee.double")],
)
def test_fees_that_cannot_be_are_not_written(house: House, terms, on, code):
    with house.office() as office:
        before = load_terms(office.session, house.client.id, APRIL)
        assert [one.code for one in agreements.change_terms(office, house.client.id, terms, on=on)] == [code]
        assert load_terms(office.session, house.client.id, APRIL) == before
    assert journal(house) == []


def test_no_share_of_government_money_while_the_bureau_receives_it(house: House):
    receives_money(house)
    spared = [
        SHARE,
        *(Term(FeeBasis.PERCENT, payer_class=name) for name in ("medicare", "medicaid", "managed_medicaid")),
    ]
    with house.office() as office:
        refused = agreements.change_terms(office, house.client.id, [SHARE], on=APRIL)
        assert {one.code for one in refused} == {"fee.government"}
        assert len(refused) == 3
        assert agreements.change_terms(office, house.client.id, spared, on=APRIL) == []


def test_where_counsel_should_be_asked_the_fee_is_kept_with_a_warning(house: House):
    with house.office() as office:
        office.client(house.client.id).region = "NY"
        [warning] = agreements.change_terms(office, house.client.id, [SHARE], on=APRIL)
        assert (warning.code, warning.is_error) == ("fee.ask_counsel", False)
        assert load_terms(office.session, house.client.id, APRIL) == (SHARE,)


def test_promises_change_from_a_day_on(house: House):
    clause = Clause("remittance_to_posted", 4, 95, 200)
    with house.office() as office:
        assert agreements.change_promises(office, house.client.id, [clause], on=OPENED)[0].code == "promise.past"
        assert agreements.change_promises(office, house.client.id, [clause], on=APRIL) == []
        assert load_clauses(office.session, house.client.id, APRIL) == (clause,)
        assert len(load_clauses(office.session, house.client.id, TODAY)) == 5
    assert journal(house)[0][2].endswith("-> remittance_to_posted 95% in 4")


def test_preferences_are_kept_once(house: House):
    chosen = Preferences(900, 5, 3, (date(2026, 12, 24),))
    with house.office() as office:
        assert agreements.keep_preferences(office, house.client.id, chosen) == []
    with house.office() as office:
        assert read_preferences(office.client(house.client.id).preferences) == chosen
        assert agreements.keep_preferences(office, house.client.id, chosen) == []
        assert agreements.keep_preferences(office, house.client.id, Preferences(-1)) != []
    [(act, _, text)] = journal(house)
    assert act == "preferences changed"
    assert "write_off_cents: 500 -> 900" in text


# -- plans ----------------------------------------------------------------------------------------------------


def test_a_plan_is_asked_for_quoted_accepted_and_approved(house: House):
    client_id, appeals = house.client.id, Capability.DENIAL_APPEAL
    with house.office(by="The owner") as office:
        assert tiers.ask_for(office, client_id, Wish(Tier.BILLING, (appeals,), APRIL)) == []
    with house.office() as office:
        [early] = tiers.decide(office, client_id, TierRequestState.APPROVED)
        assert early.code == "tier.state"
        assert tiers.quote(office, client_id, Quote((SHARE,), {appeals: 9_900})) == []
    with house.office(by="The owner") as office:
        assert tiers.decide(office, client_id, TierRequestState.ACCEPTED) == []
    with house.office() as office:
        assert tiers.decide(office, client_id, TierRequestState.APPROVED) == []
        assert find_running(office.session, client_id) is None
        assert [has(office.session, client_id, appeals, on=day) for day in (TODAY, APRIL)] == [False, True]
        assert load_terms(office.session, client_id, APRIL) == (SHARE,)
        extra = office.session.scalars(select(AddOn)).one()
        assert (extra.monthly_cents, extra.starts_on, extra.ends_on) == (9_900, APRIL, None)
    assert [(act, by) for act, by, _ in journal(house)] == [
        ("plan asked for", "The owner"), ("plan quoted", "Priya Shah"), ("plan accepted", "The owner"),
        ("plan approved", "Priya Shah"),
    ]  # fmt: skip


def test_a_change_approved_late_takes_effect_today(house: House):
    client_id = house.client.id
    with house.office() as office:
        tiers.ask_for(office, client_id, Wish(Tier.FULL_RCM, (), TODAY))
        tiers.quote(office, client_id, Quote((SHARE,), {}))
        tiers.decide(office, client_id, TierRequestState.ACCEPTED)
    house.tick(days=20)
    with house.office() as office:
        assert tiers.decide(office, client_id, TierRequestState.APPROVED) == []
        day = office.today(client_id)
        assert split_by_tier(office.session, client_id, OPENED, MAY) == [
            (OPENED, day, Tier.BILLING), (day, MAY, Tier.FULL_RCM),
        ]  # fmt: skip


def test_a_quote_is_held_against_the_guard_and_the_wish(house: House):
    client_id = house.client.id
    receives_money(house)
    with house.office() as office:
        assert tiers.quote(office, client_id, Quote((FLAT,), {})) == [tiers.GONE]
        assert tiers.decide(office, client_id, TierRequestState.ACCEPTED) == [tiers.GONE]
        tiers.ask_for(office, client_id, Wish(Tier.FULL_RCM, (), APRIL))
        assert {one.code for one in tiers.quote(office, client_id, Quote((SHARE,), {}))} == {"fee.government"}
        assert [one.code for one in tiers.quote(office, client_id, Quote((), {}))] == ["fee.none"]
        [problem] = tiers.quote(office, client_id, Quote((FLAT,), {Capability.DENIAL_APPEAL: 1}))
        assert problem.code == "tier.quote"
        assert find_running(office.session, client_id).state == TierRequestState.REQUESTED
        assert [one.code for one in tiers.ask_for(office, client_id, Wish(Tier.FULL_RCM, (), MAY))] == ["tier.running"]


# -- denials, worked by plan ----------------------------------------------------------------------------------


def test_the_lane_of_routed_denials_opens_with_the_plan(house: House):
    client_id, other = house.client.id, house.clients[1]
    with house.office() as office:
        assert set(denials.find_lanes(office, client_id)) == set(Lane) - {Lane.ROUTE}
        with pytest.raises(denials.NotInPlan):
            denials.triage(office, client_id, [], lane=Lane.ROUTE)
        row = {"client_id": client_id, "capability": Capability.DENIAL_ROUTE, "monthly_cents": 0, "starts_on": TODAY,
               "ends_on": None}  # fmt: skip
        office.insert(AddOn, [row])
        assert set(denials.find_lanes(office, client_id)) == set(Lane)
    with house.office(client=other) as office:
        assert set(denials.find_lanes(office, other.id)) == set(Lane)


# -- price lists ----------------------------------------------------------------------------------------------


def check(house: House, text: str, *, by_payer: bool = False) -> prices.PriceSheet:
    with house.office() as office:
        return prices.check_prices(office, house.client.id, "fees.csv", text.encode(), by_payer=by_payer)


def test_a_list_is_looked_at_before_it_is_loaded(house: House):
    code, cents = FEES[0]
    sheet = check(house, f"code,price,from\n{code},1.00,2024-01-01\nG0101,85.00,2026-01-01\nG0102,x,2026-01-01\n")
    assert (sheet.new, sheet.changed, sheet.same) == (1, 1, 0)
    assert {price.code: before for price, before in sheet.prices} == {code: cents, "G0101": None}
    assert [one.where for one in sheet.problems] == ["fees.csv row 4 column price"]
    assert journal(house) == []
    with house.office() as office:
        assert prices.load_prices(office, house.client.id, sheet) == 2
    assert journal(house) == [("prices loaded", "Priya Shah", f"1 new, 1 changed, 0 as before; {code} 150.00 -> 1.00")]
    again = check(house, sheet.text)
    assert (again.new, again.changed, again.same, again.problems) == (0, 0, 2, [])


def test_rates_of_a_payer_nobody_knows_are_left_out(house: House):
    text = f"payer,code,rate,from\n{COPAY},G0101,80.00,2026-01-01\nNOBODY,G0101,80.00,2026-01-01\n"
    sheet = check(house, text, by_payer=True)
    assert [price for price, _ in sheet.prices] == [Price("G0101", "", 8_000, date(2026, 1, 1), COPAY)]
    assert [one.where for one in sheet.problems] == ["payer NOBODY"]
    with house.office() as office:
        prices.load_prices(office, house.client.id, sheet)
        assert find_prices(office.session, house.client.id, by_payer=True) == [sheet.prices[0][0]]
    assert check(house, sheet.text, by_payer=True).same == 1


def test_a_list_that_is_none_loads_nothing(house: House):
    for text in ("", "\x00", "a,b\n1,2\n"):
        sheet = check(house, text)
        assert not sheet.prices
        assert sheet.problems
        with house.office() as office:
            assert prices.load_prices(office, house.client.id, sheet) == 0
    assert journal(house) == []

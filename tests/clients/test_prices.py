"""Price lists: what a sheet says is what is kept, and every row that says nothing is named."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from clients.models import ContractRate, Fee, Payer
from clients.prices import Loaded, Price, load_charge_master, load_contract_rates, read_prices
from tests.support.houses import House

DAY = date(2026, 1, 1)
HEAD = ["Code", "Modifier", "Price", "From"]


def read(*rows: list[str], by_payer: bool = False):
    return read_prices("fees.csv", [HEAD if not by_payer else ["payer", *HEAD], *rows], by_payer=by_payer)


def test_a_row_is_a_price():
    prices, problems = read(
        ["g0463", "25", "$1,131.50", "2026-01-01"], ["Q9967", "", ".99", "1/31/2026"], ["", "", "", ""]
    )
    assert prices == [Price("G0463", "25", 113_150, DAY), Price("Q9967", "", 99, date(2026, 1, 31))]
    assert not problems


@pytest.mark.parametrize(
    ("row", "where", "code"),
    [(["?", "", "1", "2026-01-01"], "column code", "prices.code"),
     (["G0463", "255", "1", "2026-01-01"], "column modifier", "prices.modifier"),
     (["G0463", "", "", "2026-01-01"], "column price", "money.empty"),
     (["G0463", "", "0", "2026-01-01"], "column price", "prices.price"),
     (["G0463", "", "-4", "2026-01-01"], "column price", "prices.price"),
     (["G0463", "", "100000.01", "2026-01-01"], "column price", "prices.price"),
     (["G0463", "", "1", "soon"], "column from", "prices.date"), (["G0463", "", "1"], "column from", "prices.date")],
)  # fmt: skip
def test_a_row_that_is_none_says_where_and_why(row, where, code):
    prices, [problem] = read(["G0402", "", "5", "2026-01-01"], row)
    assert len(prices) == 1
    assert (problem.where, problem.code) == (f"fees.csv row 3 {where}", code)


def test_one_price_twice_counts_once_and_two_prices_are_a_problem():
    prices, [problem] = read(*[["G0463", "", cents, "2026-01-01"] for cents in ("1", "1.00", "2")])
    assert prices == [Price("G0463", "", 100, DAY)]
    assert (problem.where, problem.code) == ("fees.csv row 4", "prices.double")


@pytest.mark.parametrize("rows", [[], [["a", "b"]], [["code", "price"]]])
def test_a_sheet_without_its_columns_is_refused_whole(rows):
    prices, [problem] = read_prices("fees.csv", rows, by_payer=False)
    assert not prices
    assert problem.code in ("prices.empty", "prices.columns")


def test_a_new_list_adds_and_changes_and_a_second_time_nothing(house: House):
    with house.office() as office:
        client = house.client.id
        first = [Price("G0463", "", 100, DAY), Price("G0402", "25", 200, DAY)]
        assert load_charge_master(office.session, client, first) == Loaded(2, 0, 0)
        second = [
            Price("G0463", "", 150, DAY),
            Price("G0402", "25", 200, DAY),
            Price("G0463", "", 160, date(2026, 7, 1)),
        ]
        assert load_charge_master(office.session, client, second) == Loaded(1, 1, 1)
        assert load_charge_master(office.session, client, second) == Loaded(0, 0, 3)
        wanted = select(Fee.cents).where(Fee.code == "G0463", Fee.starts_on >= DAY).order_by(Fee.starts_on)
        assert office.session.scalars(wanted).all() == [150, 160]


def test_rates_of_a_payer_nobody_knows_are_named(house: House):
    with house.office() as office:
        code = office.session.scalars(select(Payer.code)).first()
        prices, _ = read(
            [code, "G0463", "", "80", "2026-01-01"], ["NOBODY", "G0463", "", "80", "2026-01-01"], by_payer=True
        )
        loaded, [problem] = load_contract_rates(office.session, house.client.id, prices)
        assert loaded == Loaded(1, 0, 0)
        assert problem.where == "payer NOBODY"
        assert office.session.scalars(select(ContractRate.cents)).all() == [8_000]

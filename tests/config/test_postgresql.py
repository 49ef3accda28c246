"""Sums of whole cents are whole cents on both databases."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import BigInteger, Column, MetaData, Table, func, insert, select, text

from config.database import build_engine


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_sum_of_cents_is_an_int(request, database):
    url = request.getfixturevalue("fresh_postgres_url") if database == "postgresql" else "sqlite://"
    engine = build_engine(url, durable=False)
    amounts = Table("amounts", MetaData(), Column("cents", BigInteger))
    with engine.begin() as connection:
        amounts.create(connection)
        connection.execute(insert(amounts), [{"cents": 2**62}, {"cents": 2**61}, {"cents": -5}])
        total = connection.scalar(select(func.sum(amounts.c.cents)))
    assert (type(total), total) == (int, 2**62 + 2**61 - 5)
    engine.dispose()


def test_what_is_no_whole_number_stays_exact(fresh_postgres_url):
    engine = build_engine(fresh_postgres_url)
    with engine.connect() as connection:
        row = connection.execute(text("SELECT 0.1::numeric, -7.00::numeric, 'NaN'::numeric")).one()
    assert row[0] == Decimal("0.1")
    assert (type(row[1]), row[1]) == (int, -7)
    assert row[2].is_nan()
    engine.dispose()

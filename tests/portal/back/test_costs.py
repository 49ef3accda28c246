"""What a page costs: a fixed number of statements, whatever the number of rows it shows."""

from __future__ import annotations

import pytest

from tests.support.statements import counted

MOST = 20  # statements, those of sign-in, frame (counts of the navigation, bell) and audit log included
MOST_TODAY = 28  # it counts something of every room


@pytest.mark.parametrize("page", ["", "work", "work/all", "work/Q8", "claims", "files", "money", "jobs", "reports"])
def test_a_list_costs_the_same_for_few_rows_and_for_many(enter, book, page):
    client = enter("admin")
    costs = {}
    for code in ("HARBOR", "RIDGE", "QUIET"):
        client.get(f"/back/c/{code}/{page}")
        with counted(book.engine) as said:
            assert client.get(f"/back/c/{code}/{page}").status_code == 200
        costs[code] = len(said)
    assert max(costs.values()) <= (MOST if page else MOST_TODAY)
    assert abs(costs["HARBOR"] - costs["RIDGE"]) <= 3  # kinds of item differ, rows do not count


def test_all_clients_together_cost_no_more_than_one_of_them_and_one_statement_each(enter, book):
    client = enter("admin")
    for page in ("work/all", "claims", "files", "money", "jobs"):
        with counted(book.engine) as said:
            client.get(f"/back/{page}")
        assert len(said) <= MOST, page

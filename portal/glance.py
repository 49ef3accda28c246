"""The figures of the first pages, under the name the doors know them by."""

from __future__ import annotations

from bureau.queries.questions import count_open_questions
from bureau.queries.today import (
    count_overdue,
    count_problem_rows,
    find_stages,
    sum_collected,
)

__all__ = ["count_open_questions", "count_overdue", "count_problem_rows", "find_stages", "sum_collected"]

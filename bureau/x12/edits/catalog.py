"""The catalogue: every edit over a claim in one list, and the judge who holds the claims of a file against it."""

from __future__ import annotations

from collections.abc import Collection, Hashable

from bureau.x12.edits import amounts, coverage, diagnoses, others, people, providers, services
from bureau.x12.edits.edit import Context, Edit, Finding, Group
from bureau.x12.values837 import Claim

GROUPS: tuple[Group, ...] = (
    *services.GROUPS, *amounts.GROUPS, *diagnoses.GROUPS, *providers.GROUPS, *people.GROUPS, *coverage.GROUPS,
    *others.GROUPS,
)  # fmt: skip
EDITS: tuple[Edit, ...] = tuple(edit for group in GROUPS for edit in group.edits)
BY_ID: dict[str, Edit] = {edit.id: edit for edit in EDITS}
_MOST_PASSED = 1 << 16


class Judge:
    """Holds claims against the edits, as far as the context lets them judge."""

    def __init__(self, context: Context, edits: Collection[Edit] = EDITS) -> None:
        self._context = context
        chosen = {edit.id for edit in edits if not edit.needs or getattr(context, edit.needs)}
        groups = [(group.parts, tuple(edit for edit in group.edits if edit.id in chosen)) for group in GROUPS]
        self._groups = [(parts, several, set[Hashable]()) for parts, several in groups if several]

    def find(self, claim: Claim) -> list[Finding]:
        """Everything the edits have to say of one claim, in the order of the catalogue."""
        found: list[Finding] = []
        context = self._context
        for parts, edits, passed in self._groups:
            seen = parts(claim)
            if seen is not None and passed.issuperset(seen):
                continue
            marks = [Finding(edit, mark) for edit in edits for mark in edit.judge(claim, context)]
            if marks:
                found += marks
            elif seen is not None:
                if len(passed) > _MOST_PASSED:
                    passed.clear()
                passed.update(seen)
        return found

"""What a file from outside is and whom it is for, read from its envelope alone."""

from __future__ import annotations

from dataclasses import dataclass

from bureau.x12.envelope import decode, read_envelope
from config.problems import Problem

KINDS = {"FA": "999", "HN": "277CA", "HP": "835", "HC": "837P"}


@dataclass(frozen=True, slots=True)
class Label:
    """Kind of file, the account it is addressed to, who sent it under which interchange number."""

    kind: str
    account: str
    sender: str
    control: int | None
    items: int = 0


def read_label(name: str, content: bytes) -> tuple[Label | None, str, list[Problem]]:
    """The label and the decoded text of an X12 file; without a label the problems say why it cannot be sorted."""
    text, problems = decode(content)
    if any(problem.is_error for problem in problems):
        return None, text, problems
    interchanges, found = read_envelope(text, name)
    groups = [group for one in interchanges for group in one.groups]
    if not interchanges or not (groups or any(one.tas for one in interchanges)):
        return None, text, found or [Problem(name, "x12.empty", "The file holds no transaction.")]
    kinds = {KINDS.get(group.kind, group.kind) for group in groups} or {"TA1"}
    accounts = {group.receiver.strip() for group in groups} or {interchanges[0].receiver.strip()}
    if len(kinds) > 1 or len(accounts) > 1:
        text_of = "The file mixes transactions of different kinds or addressees; split it and send the parts."
        return None, text, [Problem(name, "x12.mixed", text_of)]
    control = interchanges[0].control
    label = Label(
        kinds.pop(), accounts.pop(), interchanges[0].sender.strip(), int(control) if control.isdecimal() else None,
        sum(len(group.sets) for group in groups),
    )  # fmt: skip
    return label, text, found

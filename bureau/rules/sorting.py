"""What a file from outside is and whom it is for, read from its envelope alone."""

from __future__ import annotations

from dataclasses import dataclass

from bureau.x12.envelope import Group, decode, read_envelope
from config.problems import Problem

KINDS = {"FA": "999", "HN": "277CA", "HP": "835", "HC": "837P", "HB": "271", "HS": "270", "HR": "276", "HI": "278"}
# Where one GS01 stands for two transactions, the version (GS08) tells them apart.
VERSIONS = {("HN", "005010X212"): "277", ("HC", "005010X223"): "837I"}
_FAMILY = len("005010X212")


@dataclass(frozen=True, slots=True)
class Label:
    """Kind of file, the account it is addressed to, who sent it under which interchange number."""

    kind: str
    account: str
    sender: str
    control: int | None
    items: int = 0


def kind_of(group: Group) -> str:
    """What people call the transactions of a group; an unknown GS01 stands for itself."""
    named = VERSIONS.get((group.kind, group.version[:_FAMILY]))
    return named or KINDS.get(group.kind, group.kind)


def read_label(name: str, content: bytes) -> tuple[Label | None, str, list[Problem]]:
    """The label and the decoded text of an X12 file; without a label the problems say why it cannot be sorted."""
    text, problems = decode(content)
    if any(problem.is_error for problem in problems):
        return None, text, problems
    interchanges, found = read_envelope(text, name)
    groups = [group for one in interchanges for group in one.groups]
    if not interchanges or not (groups or any(one.tas for one in interchanges)):
        return None, text, found or [Problem(name, "x12.empty", "The file holds no transaction.")]
    kinds = {kind_of(group) for group in groups} or {"TA1"}
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

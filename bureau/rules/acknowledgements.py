"""What an acknowledgement means for a claim: where it stands, in whose words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from bureau.x12.acks import ClaimAckSet, ClaimStatus
from bureau.x12.resolve import Said, find_rejected


class Standing(StrEnum):
    FILE_ACCEPTED = "file accepted"
    FILE_REJECTED = "file rejected"
    RECEIVED = "received"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Answer(NamedTuple):
    """One verdict on one claim; `code` as sent (A7:562:85), `source` TA1, 999, clearinghouse or payer."""

    standing: Standing
    code: str
    text: str
    source: str


_LONGEST = 200
REJECTING = frozenset({"A3", "A4", "A6", "A7", "A8"})


def read_standing(answer: ClaimAckSet, batch: Sequence[str] = ()) -> dict[str, Answer]:
    """The verdict per control number of ours. A rejection of the batch or the provider rejects every claim below.

    `batch` are the control numbers of the batch, for an answer that names no claim.
    Only a payer's A2 counts as accepted; a clearinghouse's A0, A1 or A2 says no more than received.
    """
    source = "payer" if answer.source_kind == "PR" else "clearinghouse"
    above = [*answer.batch_statuses, *answer.provider_statuses]
    refused = next((status for status in above if status.category in REJECTING), None)
    found = {pcn: _answer([refused], source) for pcn in batch} if refused else {}
    for claim in answer.claims:
        statuses = claim.statuses or ([refused] if refused else above)
        if statuses:
            found[claim.pcn] = _answer(statuses, source)
    return found


def read_file_standing(said: Sequence[Said], source: str) -> dict[str, Answer]:
    """The verdict of a TA1 or 999 per control number of ours, each with what was found at that claim itself.

    Where a claim is not at fault, the words are those about its whole file.
    """
    rejected = find_rejected(said)
    own: dict[str, list[str]] = defaultdict(list)
    whole: dict[str, list[str]] = defaultdict(list)
    codes: dict[str, str] = {}
    for one in said:
        for pcn in one.claims:
            codes.setdefault(pcn, one.verdict)
            if one.element:
                own[pcn].append(f"{one.element}: {one.text}")
            elif one.text:
                whole[pcn].append(one.text)
    return {
        pcn: Answer(
            Standing.FILE_REJECTED if pcn in rejected else Standing.FILE_ACCEPTED, code,
            "; ".join(own[pcn] or whole[pcn])[:_LONGEST], source,
        )
        for pcn, code in codes.items()
    }  # fmt: skip


def _answer(statuses: list[ClaimStatus], source: str) -> Answer:
    worst = next((status for status in statuses if status.category in REJECTING), statuses[0])
    code = ":".join(part for part in (worst.category, worst.code, worst.entity) if part)
    if worst.category in REJECTING:
        standing = Standing.REJECTED
    elif worst.category == "A2" and source == "payer":
        standing = Standing.ACCEPTED
    else:
        standing = Standing.RECEIVED
    return Answer(standing, code, worst.text, source)

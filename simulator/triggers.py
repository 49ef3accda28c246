"""Words in a member id or control number that force an outcome, so that a test or a demo can ask for one.

SIM.PAY pays in full terms, SIM.DENY.CO197 denies, SIM.PART.80 allows that percentage of the charge,
SIM.PEND.35 decides after that many days, SIM.REJECT.A7-562-85 sends the claim back at the door.
They come before every rule and every die, and the decision names them as its cause.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bureau.x12.values837 import Claim

_WORD = re.compile(r"SIM\.(PAY|DENY|PART|PEND|REJECT)(?:\.([A-Z0-9-]+))?")
_DENIAL = re.compile(r"(CO|PR|OA|PI)-?([A-Z]?[0-9]{1,3})")


@dataclass(frozen=True, slots=True)
class Trigger:
    """What was asked for; `text` is the word as found."""

    text: str
    verb: str
    argument: str = ""

    @property
    def denial(self) -> tuple[str, str]:
        """Group and CARC of a DENY; CO-16 when none is named or it is not readable."""
        found = _DENIAL.fullmatch(self.argument)
        return (found[1], found[2]) if found else ("CO", "16")

    @property
    def number(self) -> int | None:
        """The days of a PEND, the percentage of a PART."""
        digits = self.argument.rstrip("D")
        return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 5 else None

    @property
    def status(self) -> tuple[str, str, str]:
        """Category, code and entity of a REJECT; A7:164:IL when none is named."""
        category, code, entity = [*self.argument.split("-"), "", ""][:3]
        return (category, code, entity) if category and code else ("A7", "164", "IL")


def find_trigger(claim: Claim) -> Trigger | None:
    """The word in the subscriber's member id, else in the patient control number."""
    for text in (claim.subscriber.id, claim.pcn):
        if "SIM." in text:
            found = _WORD.search(text)
            if found:
                return Trigger(found[0], found[1], found[2] or "")
    return None

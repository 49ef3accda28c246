"""One whole file of every kind that is read here, beside its reader: what tests send through all of them alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from bureau.x12.ack277 import read_277ca, write_277ca
from bureau.x12.ack999 import read_999, write_999
from bureau.x12.claim837 import read_837, write_837
from bureau.x12.eligibility270 import read_270, write_270
from bureau.x12.eligibility271 import read_271
from bureau.x12.read837i import read_837i
from bureau.x12.remit835 import read_835, write_835
from bureau.x12.review278 import read_278
from bureau.x12.samples import make_envelope
from bureau.x12.status276 import read_276, write_276
from bureau.x12.status277 import read_277, write_277
from bureau.x12.write271 import write_271
from bureau.x12.write278 import write_278_request, write_278_response
from config.problems import Problem
from tests.bureau.x12 import hospital, test_claim_status, test_eligibility, test_review278
from tests.bureau.x12.test_acknowledgements import ACK, CLAIM_ACKS
from tests.bureau.x12.test_remit835 import whole_remittance
from tests.bureau.x12.whole837 import set_of, whole_claim

Read = Callable[[str], tuple[list[Any], list[Problem]]]
HEAD = make_envelope()


class Kind(NamedTuple):
    """A reader, and a file of its kind that has whatever such a file may hold."""

    read: Read
    text: str


KINDS: dict[str, Kind] = {
    "837P": Kind(read_837, write_837(HEAD, [set_of(whole_claim())])),
    "837I": Kind(read_837i, hospital.TEXT),
    "835": Kind(read_835, write_835(HEAD, [whole_remittance()])),
    "999": Kind(read_999, write_999(HEAD, [ACK])),
    "277CA": Kind(read_277ca, write_277ca(HEAD, [CLAIM_ACKS])),
    "270": Kind(read_270, write_270(HEAD, [test_eligibility.QUESTIONS])),
    "271": Kind(read_271, write_271(HEAD, [test_eligibility.ANSWERS])),
    "276": Kind(read_276, write_276(HEAD, [test_claim_status.INQUIRIES])),
    "277": Kind(read_277, write_277(HEAD, [test_claim_status.ANSWERS])),
    "278 request": Kind(read_278, write_278_request(HEAD, [test_review278.REQUEST])),
    "278 response": Kind(read_278, write_278_response(HEAD, [test_review278.RESPONSE])),
}

"""One plain line for every state, queue, turn and term of the trade; pages, hints and documents share it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from config.codes import Labels, carc, label


@dataclass(frozen=True, slots=True)
class Entry:
    """`name` as people see it, `text` as one plain sentence."""

    name: str
    text: str


STATES: Mapping[str, Entry] = MappingProxyType(
    {
        "DRAFT": Entry("Draft", "The claim exists and waits to be checked."),
        "NEEDS_INFO": Entry("Needs information", "The practice was asked something; our clock stands still."),
        "CODING": Entry("Coding", "A coder must settle a procedure or diagnosis code."),
        "SCRUB_FAILED": Entry("Failed checks", "Our checks found an error that must be fixed before sending."),
        "READY": Entry("Ready", "All checks passed; it goes out with the next batch."),
        "BATCHED": Entry("Batched", "Written into a file that is about to be sent."),
        "TRANSMITTED": Entry("Sent", "On its way; the payer has not said yet that it took it in."),
        "REJECTED": Entry("Rejected", "Refused at the door for an error and never judged; fix and send again."),
        "ACCEPTED": Entry("Accepted", "The payer took it in and is deciding."),
        "PENDED": Entry("Pended", "The payer holds it and may want records or information."),
        "FOLLOW_UP": Entry("Follow-up", "No answer in time; someone must ask the payer."),
        "REMIT_REVIEW": Entry("Payment to check", "An answer with money came that cannot be posted by itself."),
        "PAID": Entry("Paid", "The payer paid what was expected."),
        "PAID_VARIANCE": Entry("Paid off contract", "The payer paid more or less than the contract says."),
        "PART_DENIED": Entry("Partly denied", "Some lines were paid and some refused."),
        "DENIED": Entry("Denied", "The payer judged the claim and refused to pay it."),
        "CORRECTING": Entry("Correcting", "A corrected claim that takes the place of the first is being made."),
        "APPEALED": Entry("Appealed", "We contested the decision and wait for the payer."),
        "AWAIT_NEXT_PAYER": Entry("Next payer", "The first insurer is done; the next one has it or will get it."),
        "PATIENT_DUE": Entry("Patient owes", "What is left is the patient's share."),
        "CREDIT": Entry("Credit", "More came in than was owed; the difference must go back or be moved."),
        "CLOSED_PAID": Entry("Closed, paid", "Settled; nothing is open."),
        "CLOSED_WRITTEN_OFF": Entry("Closed, written off", "Given up with an approved reason."),
        "CLOSED_NOT_BILLABLE": Entry("Closed, not billable", "Cannot be billed, and the practice knows why."),
        "CLOSED_TRANSFERRED": Entry(
            "Closed, handed over", "The practice goes on with it: it left, or its plan is smaller."
        ),
        "VOIDED": Entry("Voided", "Withdrawn from the payer as if never sent."),
    }
)

TURNS: Mapping[str, Entry] = MappingProxyType(
    {
        "BUREAU": Entry("Our turn", "The billing service must act; its clock is running."),
        "CLIENT": Entry("Practice's turn", "The practice must answer; our clock stands still."),
        "PAYER": Entry("Payer's turn", "The insurer must answer; an alarm will ring if it does not."),
        "PATIENT": Entry("Patient's turn", "The patient must pay or answer."),
        "NONE": Entry("Nobody's turn", "Nothing is left to do."),
    }
)

QUEUES: Mapping[str, Entry] = MappingProxyType(
    {
        "Q1": Entry("Intake errors", "Uploaded rows that could not become a claim as they are."),
        "Q2": Entry("Client questions", "Questions the practice has not answered yet."),
        "Q3": Entry("Eligibility", "Coming visits without proof that the patient is covered."),
        "Q4": Entry("Authorizations", "Services that need the payer's permission beforehand."),
        "Q5": Entry("Coding review", "Lines without a sound procedure or diagnosis code."),
        "Q6": Entry("Failed checks and holds", "Claims our checks stopped, or that someone put on hold."),
        "Q7": Entry("Rejections", "Files and claims refused at the door, or never acknowledged."),
        "Q8": Entry("No response", "Claims the payer should have answered by now."),
        "Q9": Entry("Posting exceptions", "Payments that cannot be posted without a person."),
        "Q10": Entry("Deposits", "Bank deposits and remittances that do not match each other."),
        "Q11": Entry("Denials", "Claims the payer refused to pay, sorted by what can be done."),
        "Q12": Entry("Secondary claims", "Claims that another insurer must get next."),
        "Q13": Entry("Underpayments", "Claims paid below the contract."),
        "Q14": Entry("Credits and refunds", "Money that must go back, and takebacks to be explained."),
        "Q15": Entry("Patient balances", "Statements, calls and plans for what patients owe."),
        "OV-A": Entry("Deadline watch", "Anything whose time limit for filing or appeal comes near."),
        "OV-B": Entry("Supervisor", "Approvals, expired holds and items that go in circles."),
    }
)

TERMS: Mapping[str, Entry] = MappingProxyType(
    {
        "837P": Entry("837P", "The electronic form of a professional claim."),
        "835": Entry("835", "The electronic remittance: what the payer paid, cut and refused, and why."),
        "999": Entry("999", "Receipt for a file: whether its form was right, claim contents aside."),
        "277CA": Entry("277CA", "Receipt for each claim: taken in, or rejected with a reason."),
        "TA1": Entry("TA1", "Receipt for the outermost envelope of a file."),
        "270": Entry("270", "Question to a payer whether and how a patient is covered."),
        "271": Entry("271", "The payer's answer about a patient's coverage."),
        "276": Entry("276", "Question to a payer where a claim stands."),
        "277": Entry("277", "The payer's answer about where a claim stands."),
        "278": Entry("278", "Request for permission to give a service, and the answer to it."),
        "adjustment": Entry("Adjustment", "A part of the charge that is not paid, with the reason."),
        "aging": Entry("Aging", "Open money sorted by how long it has been open."),
        "allowed": Entry("Allowed amount", "What the contract lets the practice be paid, from all sides together."),
        "appeal": Entry("Appeal", "A formal request that the payer change its decision."),
        "ar": Entry("A/R", "Accounts receivable: money earned and not yet received."),
        "authorization": Entry("Prior authorization", "The payer's permission before a service is given."),
        "capitation": Entry("Capitation", "A fixed sum per member and month instead of pay per service."),
        "carc": Entry("CARC", "Code for why the paid amount differs from the charge."),
        "cas": Entry("CAS", "The part of a remittance that lists the adjustments."),
        "charge-lag": Entry("Charge lag", "Days from the visit until the charge reaches us."),
        "charge-master": Entry("Charge master", "The practice's price list."),
        "claim": Entry("Claim", "The request for payment that comes from one visit."),
        "clean-claim": Entry("Clean claim", "A claim that needs no correction by hand before it goes out."),
        "clearinghouse": Entry("Clearinghouse", "The post office between billers and payers."),
        "clp": Entry("CLP", "The line of a remittance that sums up one claim."),
        "cob": Entry("COB", "Coordination of benefits: which of several insurers pays first."),
        "coinsurance": Entry("Coinsurance", "The patient's share as a percentage."),
        "contractual": Entry("Contractual adjustment", "The cut the practice agreed to by contract."),
        "copay": Entry("Copay", "The patient's fixed share of a visit."),
        "corrected-claim": Entry("Corrected claim", "A claim that takes the place of one already judged."),
        "crossover": Entry("Crossover", "The first insurer passes the claim on to the second by itself."),
        "days-in-ar": Entry("Days in A/R", "How many days of charges are waiting to be paid."),
        "deductible": Entry("Deductible", "What the patient pays in a year before the plan starts to."),
        "denial": Entry("Denial", "The payer judged a claim or line and refused to pay; it can be appealed."),
        "dos": Entry("Date of service", "The day the patient was seen."),
        "eft": Entry("EFT", "Payment straight to the bank account."),
        "encounter": Entry("Encounter", "One visit of one patient, as the practice recorded it."),
        "enrollment": Entry("Enrollment", "The payer's consent to trade claims and payments electronically."),
        "era": Entry("ERA", "Electronic remittance advice, the same as an 835."),
        "fee-schedule": Entry("Fee schedule", "What a payer has agreed to pay for each procedure."),
        "filing": Entry("Filing", "One claim at one payer; a second insurer makes a second filing."),
        "frequency": Entry("Frequency code", "1 for a first claim, 7 for a corrected one, 8 to withdraw it."),
        "group-code": Entry("Group code", "Who carries an adjustment: provider, patient, payer or another."),
        "hcpcs": Entry("HCPCS", "The public list of codes for supplies, drugs and some services."),
        "hold": Entry("Hold", "A claim kept back on purpose, with a reason and an end."),
        "icd-10-cm": Entry("ICD-10-CM", "The public list of diagnosis codes."),
        "lane": Entry("Lane", "How a denial is worked: fix, records, other insurer, write off, or appeal."),
        "ledger": Entry("Ledger", "The book in which money moves between accounts and nothing is ever erased."),
        "mbi": Entry("MBI", "A Medicare patient's number."),
        "modifier": Entry("Modifier", "Two characters that say something special about a procedure."),
        "net-collection": Entry("Net collection rate", "What was collected of what the contracts allow."),
        "npi": Entry("NPI", "The national number of a provider or practice."),
        "payer": Entry("Payer", "The insurer or program that pays."),
        "pcn": Entry("Patient control number", "Our number on a claim, which the payer must repeat."),
        "place-of-service": Entry("Place of service", "Code for where the patient was seen."),
        "plb": Entry("PLB", "A change of a payment that belongs to no single claim of it."),
        "pointer": Entry("Diagnosis pointer", "Says which diagnosis a line was done for."),
        "proof-of-filing": Entry("Proof of timely filing", "The payer's stored receipt that a claim came in time."),
        "queue": Entry("Queue", "A list of work of one kind, most urgent first."),
        "rarc": Entry("RARC", "Remark code that tells more about an adjustment."),
        "rejection": Entry("Rejection", "Refused for an error before anyone judged it; fix it and send it as new."),
        "remittance": Entry("Remittance", "The payer's account of one payment."),
        "reversal": Entry("Reversal", "The payer undoes an earlier decision, often to decide anew."),
        "scrub": Entry("Scrub", "Our checks on a claim before it is sent."),
        "secondary": Entry("Secondary", "The insurer that pays after the first one."),
        "self-pay": Entry("Self-pay", "No insurer is billed; the patient pays."),
        "sla": Entry("SLA", "The service times we promised, counted in business hours."),
        "submission": Entry("Submission", "One sending of a claim; a claim may be sent more than once."),
        "suspense": Entry("Suspense", "Money received whose place is not known yet."),
        "takeback": Entry("Takeback", "The payer takes earlier money out of a new payment."),
        "taxonomy": Entry("Taxonomy", "Code for a provider's specialty."),
        "timely-filing": Entry("Timely filing", "The payer's time limit for sending a claim."),
        "touchless": Entry("Touchless", "Paid without any person having worked on it."),
        "underpayment": Entry("Underpayment", "The payer paid less than the contract says."),
        "write-off": Entry("Write-off", "Money given up, with a reason and an approval."),
    }
)


@lru_cache(maxsize=1)
def _entries() -> dict[str, Entry]:
    return {**TERMS, **QUEUES, **TURNS, **STATES}


def explain(key: str) -> Entry | None:
    """The entry of a state, turn, queue id or term (`days-in-ar`); None for a key nobody has explained."""
    return _entries().get(key)


def explain_adjustment(group: str, code: str) -> str:
    """One line for a group code with its CARC, as a hint beside `CO-45`."""
    known = carc(code)
    reason = known.text if known else "A reason code that is not in the published list."
    who = label(Labels.GROUP, group).partition(":")[0]
    return f"{who}: {reason}" if who else reason

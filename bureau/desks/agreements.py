"""The desk of agreements: what a client signed, pays and is promised, each change kept with what it was before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from bureau import books
from bureau.office import Office
from clients.agreements import NewAgreement, find_term_problems, set_fee_terms, sign
from clients.fee_words import say_term
from clients.fees import Term, load_terms
from clients.models import Agreement, AgreementKind
from clients.preferences import Preferences, find_preference_problems, read_preferences, write_preferences
from clients.promises import Clause, find_clause_problems, load_clauses, set_clauses
from config.problems import Problem

NOTHING = "nothing"


def sign_agreement(office: Office, client_id: int, new: NewAgreement) -> list[Problem]:
    """Register a signed contract, or say why it cannot be one.

    One under which the bureau receives the money is held against the fees that are in force then.
    """
    if new.kind == AgreementKind.SERVICE and new.bureau_receives_money:
        terms = load_terms(office.session, client_id, max(new.starts_on, office.today(client_id)))
        problems = find_term_problems(office.session, office.client(client_id), terms, received=True)
        if any(one.is_error for one in problems):
            return problems
    signed = sign(office.session, client_id, new)
    if isinstance(signed, Problem):
        return [signed]
    until = f" to before {new.ends_on}" if new.ends_on else ""
    books.record(office, client_id, "agreement signed", text=f"{_say(new.kind)} from {new.starts_on}{until}")
    return []


def end_agreement(office: Office, client_id: int, agreement_id: int, on: date) -> list[Problem]:
    """Let a contract end before a day. Raises NotFound for a foreign one."""
    row = office.get(Agreement, client_id, agreement_id)
    if on <= row.starts_on:
        return [Problem("ends_on", "agreement.dates", "The contract ends before it begins.")]
    before, row.ends_on = row.ends_on, on
    office.session.flush()
    books.record(office, client_id, "agreement ended", text=f"{_say(row.kind)}: {before or 'open'} -> {on}")
    return []


def change_terms(office: Office, client_id: int, terms: Sequence[Term], *, on: date) -> list[Problem]:
    """Let these fees hold from a day on. Returns errors, and then nothing is written, or warnings alone."""
    problems = find_term_problems(office.session, office.client(client_id), terms, on=on)
    if not terms:
        problems.append(Problem("terms", "fee.none", "Agree on at least one fee."))
    if on < office.today(client_id):
        problems.append(Problem("starts_on", "fee.past", "Fees change today at the earliest; what was billed stands."))
    if any(one.is_error for one in problems):
        return problems
    before = load_terms(office.session, client_id, on)
    set_fee_terms(office.session, client_id, terms, on=on)
    change = f"{_list(map(say_term, before))} -> {_list(map(say_term, terms))}"
    books.record(office, client_id, "fees changed", items=len(terms), text=f"from {on}: {change}"[:500])
    return problems


def change_promises(office: Office, client_id: int, clauses: Sequence[Clause], *, on: date) -> list[Problem]:
    """Let these promises hold from a day on; writes nothing where one cannot be made."""
    problems = find_clause_problems(clauses)
    if on < office.today(client_id):
        problems.append(Problem("starts_on", "promise.past", "Promises change today at the earliest."))
    if problems:
        return problems
    before = load_clauses(office.session, client_id, on)
    set_clauses(office.session, client_id, clauses, on=on)
    change = f"{_list(map(_say_clause, before))} -> {_list(map(_say_clause, clauses))}"
    books.record(office, client_id, "promises changed", items=len(clauses), text=f"from {on}: {change}"[:500])
    return []


def keep_preferences(office: Office, client_id: int, chosen: Preferences) -> list[Problem]:
    """Keep how a client wants things done; nothing is written where nothing changed."""
    problems = find_preference_problems(chosen)
    client = office.client(client_id)
    before, after = write_preferences(read_preferences(client.preferences)), write_preferences(chosen)
    if problems or before == after:
        return problems
    client.preferences = {**client.preferences, **after}
    office.session.flush()
    said = "; ".join(f"{name}: {before[name]} -> {after[name]}" for name in after if before[name] != after[name])
    books.record(office, client_id, "preferences changed", text=said[:500])
    return []


def _say(kind: str) -> str:
    return f"{kind.replace('_', ' ')} agreement"


def _say_clause(one: Clause) -> str:
    return f"{one.measure} {one.share_percent}% in {one.business_days}"


def _list(said: Iterable[str]) -> str:
    return "; ".join(said) or NOTHING

"""The forms of fees, promises, wishes and price lists, read into values; both doors use them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from flask import request
from werkzeug.datastructures import MultiDict

from bureau.desks.prices import PriceSheet, check_prices
from bureau.office import Office
from clients.capabilities import Capability
from clients.fee_words import read_term, write_rate
from clients.fees import Term
from clients.promises import Clause
from clients.tier_changes import FINISH, Wish
from clients.tiers import CAPABILITIES, Tier
from config.money import format_cents
from config.problems import Problem
from portal.forms import Fields
from portal.plan_words import EXTRAS, OPEN_CASES

ROWS = tuple(range(1, 8))  # lines of a form of fees or promises
PREVIEW, SHOWN = 25, 200  # prices of a list that is checked, and of one that is loaded
LONGEST_SHEET = 400_000  # characters of a price list that a form carries from its check to its loading


def terms_as_form(terms: Sequence[Term]) -> dict[str, str]:
    """What the form of fees shows for these terms."""
    shown = {}
    for at, term in zip(ROWS, terms, strict=False):
        shown |= {f"basis-{at}": term.basis, f"class-{at}": term.payer_class, f"rate-{at}": write_rate(term)}
    return shown


def read_terms(fields: Fields) -> list[Term]:
    """The fees of a form; a line without a rate is none, and a wrong one is told at its rate."""
    found = []
    for at in ROWS:
        if not fields[f"rate-{at}"].strip():
            continue
        text = fields.text(f"rate-{at}", most=200)
        term = read_term(fields[f"basis-{at}"], fields[f"class-{at}"], text, f"rate-{at}")
        if isinstance(term, Problem):
            fields.problems.append(term)
        else:
            found.append(term)
    return found


def place_problems(fields: Fields, problems: Iterable[Problem], what: str, column: str) -> None:
    """Tell a problem of the second fee (`fee term 2`) at the form's second line that is filled in."""
    filled = [at for at in ROWS if fields[f"{column}-{at}"].strip()]
    for one in problems:
        noun, _, number = one.where.rpartition(" ")
        if noun == what and number.isdecimal() and int(number) <= len(filled):
            fields.refuse(f"{column}-{filled[int(number) - 1]}", one.code, one.text)
        else:
            fields.problems.append(one)


def clauses_as_form(clauses: Sequence[Clause]) -> dict[str, str]:
    shown = {}
    for at, one in zip(ROWS, clauses, strict=False):
        shown |= {
            f"measure-{at}": one.measure, f"days-{at}": str(one.business_days), f"share-{at}": str(one.share_percent),
            f"credit-{at}": format_cents(one.credit_basis_points),
        }  # fmt: skip
    return shown


def read_clauses(fields: Fields) -> list[Clause]:
    """The promises of a form; a line without a limit is none. The credit is in percent of the month's fee."""
    found = []
    for at in ROWS:
        if not fields[f"days-{at}"].strip():
            continue
        days, share = read_number(fields, f"days-{at}"), read_number(fields, f"share-{at}")
        credit = fields.cents(f"credit-{at}") if fields[f"credit-{at}"].strip() else 0
        found.append(Clause(fields[f"measure-{at}"], days, share, credit))
    return found


def read_number(fields: Fields, name: str, *, digits: int = 4) -> int:
    """A whole number of at most so many digits; 0 and a problem for anything else."""
    text = fields.text(name, most=digits)
    if text.isascii() and text.isdecimal():
        return int(text)
    if not fields.error(name):
        fields.refuse(name, "form.number", "Write a whole number.")
    return 0


def wish_as_form(tier: Tier | None, add_ons: Iterable[Capability], starts_on: date) -> MultiDict[str, str]:
    shown = [("tier", str(tier or Tier.BILLING)), ("starts_on", starts_on.isoformat()), ("open_cases", FINISH)]
    return MultiDict([*shown, *(("add_on", str(name)) for name in add_ons)])


def read_wish(fields: Fields, chosen: Iterable[str]) -> Wish | None:
    """The plan a form asks for; None, and the problems at their fields, when it cannot be read.

    `chosen` are the add-ons ticked; those that the plan holds anyway are left out.
    """
    tier = fields.choice("tier", set(Tier))
    starts_on = fields.day("starts_on")
    open_cases = fields.choice("open_cases", OPEN_CASES, default=FINISH)
    if fields.problems or starts_on is None:
        return None
    known = {str(feature.capability) for feature in EXTRAS}
    wanted = (Capability(name) for name in chosen if name in known)
    add_ons = tuple(sorted(name for name in wanted if name not in CAPABILITIES[Tier(tier)]))
    return Wish(Tier(tier), add_ons, starts_on, open_cases)


def read_price_sheet(office: Office, client_id: int, fields: Fields) -> PriceSheet | None:
    """The price list of this request, from a file or from the text on the page; None when there is neither."""
    by_payer = fields["list"] == "contract"
    file = request.files.get("file")
    data = file.read() if file and file.filename else b""
    if data:
        name = (file.filename if file else "") or "file"
        return check_prices(office, client_id, name.rpartition("/")[2][:80], data, by_payer=by_payer)
    text = fields["sheet"]
    if not text.strip():
        fields.refuse("file", "prices.none", "Choose a file, or paste a list.")
        return None
    if len(text) > LONGEST_SHEET:
        fields.refuse("sheet", "prices.long", "This list is too long for a page; send it as a file.")
        return None
    return check_prices(office, client_id, "list", text.encode(), by_payer=by_payer)

"""The charges desk: keeps what a person keys until it is whole; what is whole goes the way of every upload."""

from __future__ import annotations

from bureau import books
from bureau.models import ChargeDraft
from bureau.office import Office
from bureau.rules.charge_form import CARRIED, Form


def open_draft(office: Office, client_id: int, carried: Form) -> int:
    """Begin a charge; day, provider and place are carried over from the one before. Returns the draft's id."""
    form = {name: carried[name] for name in CARRIED if name in carried}
    row = {
        "client_id": client_id, "form": form, "opened_at": office.now, "kept_at": office.now,
        "kept_by": str(office.actor), "upload_id": None,
    }  # fmt: skip
    return office.insert(ChargeDraft, [row])[0]


def keep_draft(office: Office, draft: ChargeDraft, form: Form) -> None:
    """Keep the form as it stands now; a charge that was saved stays as it is."""
    if draft.upload_id is None:
        draft.form, draft.kept_at, draft.kept_by = form, office.now, str(office.actor)
        office.session.flush()


def settle_draft(office: Office, draft: ChargeDraft, upload_id: int) -> None:
    """The charge was saved: the draft leads to it, and holds nothing of the patient any more."""
    draft.form, draft.upload_id, draft.kept_at = {}, upload_id, office.now
    office.session.flush()


def drop_draft(office: Office, draft: ChargeDraft) -> None:
    """Throw a charge away that was not saved; one that was saved is undone as an upload."""
    if draft.upload_id is None:
        books.record(office, draft.client_id, "charge draft dropped")
        office.session.delete(draft)
        office.session.flush()

"""The guard at each door: who comes in, with which permission, to which clients, in which book."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, abort, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user

from bureau.office import NotFound, Office
from clients.access import OPEN_TO_ALL, SANDBOX_PERMISSIONS, Door, Permission, Person, doors_of, may
from clients.models import Client
from clients.scope import Scope, ScopedSession
from clients.sign_ins import Visit, find_visit, touch
from clients.trail import Actor, ActorKind
from portal.sandbox import Book, live_bureau, live_url, open_book

View = TypeVar("View", bound=Callable[..., ResponseReturnValue])
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Unguarded(Exception):
    """A view says nothing about who may see it: the portal does not open like that."""


@dataclass(frozen=True, slots=True, eq=False)
class Visitor(UserMixin):  # type: ignore[misc]
    """Whoever is signed in, as Flask-Login carries them; the cookie holds nothing of them but the token."""

    token: str
    visit: Visit

    @property
    def person(self) -> Person:
        return self.visit.person

    def get_id(self) -> str:
        return self.token


def add_login(app: Flask) -> None:
    """Let Flask-Login ask our sign-ins, which are rows and can be ended; it remembers nobody by itself."""
    manager = LoginManager()
    manager.session_protection = None  # a sign-in is bound to its row, not to an address that changes on the road
    manager.user_loader(_find_visitor)
    manager.init_app(app, add_context_processor=False)


def _find_visitor(token: str) -> Visitor | None:
    bureau = live_bureau()
    with ScopedSession(bureau.engine, scope=Scope.of(), read_only=True) as book:
        visit = find_visit(book, token, bureau.clock.now())
    return Visitor(token, visit) if visit else None


class DoorBlueprint(Blueprint):
    """The pages behind one door; each has a twin under /c/<client code> that is narrowed to that client."""

    def __init__(self, door: Door) -> None:
        super().__init__(door.value, __name__, url_prefix=f"/{door.value}")
        self.door = door

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Callable[..., Any] | None = None,
        provide_automatic_options: bool | None = None,  # noqa: FBT001  (Flask's own signature)
        **options: Any,
    ) -> None:
        rules = (rule,) if self.door is Door.LAB else (rule, f"/c/<client_code>{rule}")
        for each in rules:
            super().add_url_rule(each, endpoint, view_func, provide_automatic_options, **options)


@dataclass(frozen=True, slots=True)
class Entry:
    """One request past the guard: the person, the door, the book, and the clients within reach."""

    person: Person
    permission: Permission
    door: Door | None
    book: Book
    scope: Scope
    client: Client | None  # the one client the page is about; None for all in scope
    clients: tuple[Client, ...]  # the ones the switcher offers


def permits(permission: Permission, *, polls: bool = False) -> Callable[[View], View]:
    """Say who may see a view. `polls` marks one that a page asks for by itself: it keeps nobody signed in."""

    def mark(view: View) -> View:
        view.permission, view.polls = permission, polls  # type: ignore[attr-defined]
        return view

    return mark


def check_permissions(app: Flask) -> None:
    """Raise Unguarded unless every view of the app declares its permission."""
    bare = sorted(name for name, view in app.view_functions.items() if not hasattr(view, "permission"))
    if bare:
        raise Unguarded(f"views without @permits: {', '.join(bare)}")


def guard() -> ResponseReturnValue | None:
    """Before each request: let the person in, send them to sign in, or refuse."""
    g.client_code = (request.view_args or {}).pop("client_code", None)
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None:
        return None  # no such address: the router answers
    permission: Permission = vars(view)["permission"]
    if permission is Permission.PUBLIC:
        return None
    visitor = current_visitor()
    if visitor is None:
        return _ask_to_sign_in()
    g.entry = enter(visitor.person, permission, _door(), open_book())
    return _to_first_client(g.entry)


def enter(person: Person, permission: Permission, door: Door | None, book: Book) -> Entry:
    """Decide what the person reaches here. Raises NotFound for a client outside, aborts 403 for a refusal."""
    if book.is_sandbox:
        return _enter_sandbox(person, permission, door, book)
    if door and door not in doors_of(person):
        abort(403)
    inside = person.scope(door) if door else Scope.of()
    clients = tuple(book.bureau.find_clients(inside)) if door in (Door.FRONT, Door.BACK) else ()
    client = _chosen(clients, door)
    if not may(person, permission, client.id if client else None):
        abort(403)
    scope = inside if permission in OPEN_TO_ALL else person.reach(permission)
    return Entry(person, permission, door, book, scope.narrowed_to(client.id) if client else scope, client, clients)


def _enter_sandbox(person: Person, permission: Permission, door: Door | None, book: Book) -> Entry:
    """A tester sees every client of a run's own book, whose ids have nothing to do with the live book's.

    The book of a practice's test file holds that practice's patients: it is for those who set the practice up.
    """
    if book.owner is None and not may(person, Permission.LAB_USE):
        raise NotFound("no such run")
    if book.owner is not None and not may(person, Permission.CLIENTS_MANAGE, book.owner):
        raise NotFound("no such run")
    if permission not in SANDBOX_PERMISSIONS or request.method not in SAFE_METHODS:
        abort(403, "This is the book of a simulation run: you can look at everything here and change nothing.")
    clients = tuple(book.bureau.find_clients(Scope.all()))
    client = _chosen(clients, door)
    scope = Scope.of(client.id) if client else Scope.all()
    return Entry(person, permission, door, book, scope, client, clients)


def _chosen(clients: tuple[Client, ...], door: Door | None) -> Client | None:
    """The client named in the address; at the front door a person with a single client need not name it."""
    if g.client_code is not None:
        found = next((client for client in clients if client.code == g.client_code), None)
        if found is None:
            raise NotFound("no such client")
        return found
    return clients[0] if door is Door.FRONT and len(clients) == 1 else None


def _to_first_client(entry: Entry) -> ResponseReturnValue | None:
    """A practice page is about one practice: a person with several starts with the first of them."""
    if entry.door is not Door.FRONT or entry.client is not None:
        return None
    there = {**(request.view_args or {}), **request.args.to_dict(), "client_code": entry.clients[0].code}
    return redirect(url_for(request.endpoint or "", **there))


def keep_signed_in(response: Response) -> Response:
    """After each request that a person made: move the idle time-out, once the answer is on its way."""
    view = current_app.view_functions.get(request.endpoint or "")
    visitor: Visitor | None = g.get("_login_user")  # asked for already, or nobody: never a query of its own
    if not isinstance(visitor, Visitor) or view is None or vars(view)["polls"]:
        return response
    bureau, token = live_bureau(), visitor.token
    now = bureau.clock.now()
    if not visitor.visit.wants_touch(now):
        return response

    @response.call_on_close
    def note() -> None:
        with ScopedSession(bureau.engine, scope=Scope.of()) as book, book.begin():
            touch(book, token, now)

    return response


def current_entry() -> Entry:
    entry: Entry = g.entry
    return entry


def current_person() -> Person:
    return current_entry().person


def current_client() -> Client | None:
    """The client the page is about, None when it is about all the person reaches."""
    return current_entry().client


def current_actor() -> Actor:
    """Who acts in this request, and why where its form says so."""
    entry, why = current_entry(), request.form.get("why") or request.form.get("reason") or ""
    return Actor(ActorKind.PERSON, entry.person.name, entry.person.id, entry.door or "", why.strip()[:300])


def allows(permission: Permission) -> bool:
    """Whether the person could do this here; a page offers nothing that its guard would refuse."""
    entry = current_entry()
    if entry.book.is_sandbox:
        return permission in SANDBOX_PERMISSIONS
    return may(entry.person, permission, entry.client.id if entry.client else None)


def door_scope() -> Scope:
    """The clients this request may touch, as the door decided."""
    return current_entry().scope


@contextmanager
def open_office() -> Iterator[Office]:
    """The one way from a view into the house: in the door's scope and the person's name, reading on GET."""
    entry = current_entry()
    reads = request.method in SAFE_METHODS or entry.book.is_sandbox
    with entry.book.bureau.open_office(current_actor(), entry.scope, read_only=reads) as office:
        yield office


def keep_client_in_address(endpoint: str, values: dict[str, Any]) -> None:
    """Addresses made behind a door keep the client in front of us; client_code=None lets go."""
    if request.blueprint and endpoint.startswith(f"{request.blueprint}.") and g.get("client_code"):
        values.setdefault("client_code", g.client_code)


def current_visitor() -> Visitor | None:
    """Who holds the cookie of this request, asked of the live book once; None for a stranger."""
    return current_user._get_current_object() if current_user.is_authenticated else None  # noqa: SLF001


def _door() -> Door | None:
    blueprint = current_app.blueprints.get(request.blueprint or "")
    return blueprint.door if isinstance(blueprint, DoorBlueprint) else None


def _ask_to_sign_in() -> ResponseReturnValue:
    """The sign-in page, and from there back to where the person was."""
    where = live_url("entrance.sign_in_page", back=_page_in_front() or None)
    if "HX-Request" in request.headers:
        return "", 401, {"HX-Redirect": where}
    return redirect(where)


def _page_in_front() -> str:
    """The page the person looks at: this one, or the one whose form or fragment asked."""
    if request.method == "GET" and "HX-Request" not in request.headers:
        return request.script_root + request.full_path.rstrip("?")
    page = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    return f"{page.path}?{page.query}" if page.query else page.path

"""Who may do what: roles, permissions and the one question that every door asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from clients.scope import Scope


class Door(StrEnum):
    """Where a person comes in."""

    FRONT = "front"  # a client practice
    BACK = "back"  # bureau staff
    LAB = "lab"  # testers


class Role(StrEnum):
    ADMIN = "admin"
    MANAGER = "manager"
    ACCOUNT_MANAGER = "account_manager"
    CODER = "coder"
    BILLER = "biller"
    POSTER = "poster"
    DENIAL_SPECIALIST = "denial_specialist"
    AUDITOR = "auditor"
    TESTER = "tester"
    OWNER = "owner"
    PRACTICE_MANAGER = "practice_manager"
    UPLOADER = "uploader"
    VIEWER = "viewer"


class Permission(StrEnum):
    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    CLIENT_READ = "client.read"
    CLIENT_UPLOAD = "client.upload"
    CLIENT_CHARGES = "client.charges"
    CLIENT_ANSWER = "client.answer"
    CLIENT_MESSAGES = "client.messages"
    CLIENT_PLAN = "client.plan"
    CLIENT_PEOPLE = "client.people"
    BUREAU_READ = "bureau.read"
    BUREAU_WORK = "bureau.work"
    BUREAU_CODE = "bureau.code"
    BUREAU_JOBS = "bureau.jobs"
    BUREAU_MESSAGES = "bureau.messages"
    SCHEDULE_MANAGE = "bureau.schedule"
    CLIENTS_MANAGE = "bureau.clients"
    PEOPLE_MANAGE = "bureau.people"
    AUDIT_READ = "bureau.audit"
    CLIENT_AUDIT = "client.audit"
    LAB_USE = "lab.use"


MEANS: dict[Permission, str] = {
    Permission.PUBLIC: "see the entrance and whether the portal lives; nobody need be signed in",
    Permission.SIGNED_IN: "change one's own password, second factor and preferences",
    Permission.CLIENT_READ: "look at everything of the practice",
    Permission.CLIENT_UPLOAD: "send files of visits and fix their rows",
    Permission.CLIENT_CHARGES: "enter charges by keyboard",
    Permission.CLIENT_ANSWER: "answer what the bureau asks",
    Permission.CLIENT_MESSAGES: "write to the bureau",
    Permission.CLIENT_PLAN: "ask for another tier",
    Permission.CLIENT_PEOPLE: "manage the practice's own people",
    Permission.BUREAU_READ: "look at claims, files, money, jobs and reports",
    Permission.BUREAU_WORK: "work the queues and change claims",
    Permission.BUREAU_CODE: "code visits",
    Permission.BUREAU_JOBS: "run a job by hand",
    Permission.BUREAU_MESSAGES: "write to practices",
    Permission.SCHEDULE_MANAGE: "change a client's schedule",
    Permission.CLIENTS_MANAGE: "open clients, and change agreements, fees, tiers and enrolments",
    Permission.PEOPLE_MANAGE: "invite people, and give and take roles",
    Permission.AUDIT_READ: "read and export the audit log",
    Permission.CLIENT_AUDIT: "see who looked at the practice's patients, and what its own people did",
    Permission.LAB_USE: "simulate, and look into the books of runs",
}
_READ = frozenset({Permission.BUREAU_READ})
_TALK = _READ | {Permission.BUREAU_MESSAGES}
_WORK = _TALK | {Permission.BUREAU_WORK, Permission.BUREAU_JOBS}
_ACCOUNTS = _WORK | {Permission.CLIENTS_MANAGE, Permission.SCHEDULE_MANAGE}
_LAB = frozenset({Permission.LAB_USE})
_LEAD = _ACCOUNTS | _LAB | {Permission.BUREAU_CODE, Permission.PEOPLE_MANAGE, Permission.AUDIT_READ}
_VIEW = frozenset({Permission.CLIENT_READ})
_UPLOAD = _VIEW | {Permission.CLIENT_UPLOAD, Permission.CLIENT_CHARGES, Permission.CLIENT_MESSAGES}
_PRACTICE = _UPLOAD | {Permission.CLIENT_ANSWER, Permission.CLIENT_PLAN}

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.ADMIN: _LEAD,
    Role.MANAGER: _LEAD,
    Role.ACCOUNT_MANAGER: _ACCOUNTS,
    Role.CODER: _TALK | {Permission.BUREAU_CODE},
    Role.BILLER: _WORK,
    Role.POSTER: _WORK,
    Role.DENIAL_SPECIALIST: _WORK,
    Role.AUDITOR: _READ | {Permission.AUDIT_READ},
    Role.TESTER: _LAB,
    Role.OWNER: _PRACTICE | {Permission.CLIENT_PEOPLE, Permission.CLIENT_AUDIT},
    Role.PRACTICE_MANAGER: _PRACTICE,
    Role.UPLOADER: _UPLOAD,
    Role.VIEWER: _VIEW,
}
OPEN_TO_ALL = frozenset({Permission.PUBLIC, Permission.SIGNED_IN})
ENTRY: dict[Door, Permission] = {
    Door.FRONT: Permission.CLIENT_READ,
    Door.BACK: Permission.BUREAU_READ,
    Door.LAB: Permission.LAB_USE,
}
# What a tester may do in the book of a run: look at everything, change nothing.
SANDBOX_PERMISSIONS = OPEN_TO_ALL | {Permission.CLIENT_READ, Permission.BUREAU_READ}
CLIENT_ROLES = frozenset({Role.OWNER, Role.PRACTICE_MANAGER, Role.UPLOADER, Role.VIEWER})


@dataclass(frozen=True, slots=True)
class Grant:
    """One role a person holds: for one client, or (client_id None) for all of them."""

    role: Role
    client_id: int | None


@dataclass(frozen=True, slots=True)
class Person:
    """Whoever is signed in, as everything below the portal sees them."""

    id: int
    name: str
    email: str
    grants: tuple[Grant, ...]
    preferences: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def scope(self, door: Door) -> Scope:
        """The clients this person reaches through a door: the door decides it, no view does."""
        return _scope_of(grant for grant in self.grants if door_of(grant.role) is door)

    def reach(self, permission: Permission) -> Scope:
        """The clients for which the person holds this permission; less than the door's when roles differ."""
        return _scope_of(grant for grant in self.grants if permission in GRANTS[grant.role])


def door_of(role: Role) -> Door:
    if role in CLIENT_ROLES:
        return Door.FRONT
    return Door.LAB if role is Role.TESTER else Door.BACK


def may(person: Person, permission: Permission, client_id: int | None = None) -> bool:
    """Whether one of the person's roles grants this, for that client (None: for any client at all)."""
    if permission in OPEN_TO_ALL:
        return True
    return any(
        permission in GRANTS[grant.role] and (grant.client_id is None or client_id in (None, grant.client_id))
        for grant in person.grants
    )


def may_grant(person: Person, role: Role, client_id: int | None) -> bool:
    """Whether the person may give or take this role there (None: for all clients): nobody gives what they have not.

    A practice's roles are for one practice. Only an administrator makes or unmakes one; the lab is for no one client.
    """
    if door_of(role) is Door.FRONT:
        manages = person.reach(Permission.PEOPLE_MANAGE), person.reach(Permission.CLIENT_PEOPLE)
        return client_id is not None and any(scope.holds(client_id) for scope in manages)
    if role is Role.TESTER and client_id is not None:
        return False
    if role is Role.ADMIN and Grant(Role.ADMIN, None) not in person.grants:
        return False
    return all(_holds(person, permission, client_id) for permission in GRANTS[role] | {Permission.PEOPLE_MANAGE})


def may_manage(person: Person, grants: Iterable[Grant]) -> bool:
    """Whether the person may close, reopen or renew an account: when they could have given every role it has.

    Whoever can renew a password can come in by it, so one role out of reach keeps the whole account out of reach.
    """
    held = tuple(grants)
    if not held:
        return _holds(person, Permission.PEOPLE_MANAGE, None)
    return all(may_grant(person, grant.role, grant.client_id) for grant in held)


def _holds(person: Person, permission: Permission, client_id: int | None) -> bool:
    """As `may`, but None asks for all clients there are."""
    reach = person.reach(permission)
    return reach.clients is None if client_id is None else reach.holds(client_id)


def doors_of(person: Person) -> tuple[Door, ...]:
    """The doors that open for this person, the one to start with first."""
    return tuple(door for door, permission in ENTRY.items() if may(person, permission))


def permissions_of(person: Person) -> frozenset[Permission]:
    return _union(GRANTS[grant.role] for grant in person.grants)


def _scope_of(grants: Iterable[Grant]) -> Scope:
    clients = {grant.client_id for grant in grants}
    return Scope.all() if None in clients else Scope.of(*(client for client in clients if client is not None))


def _union(sets: Iterable[frozenset[Permission]]) -> frozenset[Permission]:
    return frozenset().union(*sets)

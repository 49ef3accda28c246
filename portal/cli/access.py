"""Prints who may do what, from the one table that decides it; docs/access.md holds what it prints."""

from __future__ import annotations

import argparse

from clients.access import GRANTS, MEANS, OPEN_TO_ALL, Permission, Role, door_of
from portal.cli.output import Exit
from portal.words import DOORS, ROLES

HEAD = """# Who may do what

Made from `GRANTS` in `clients/access.py` by `./run access`; a test holds the two together. Whatever is not named here
is refused. A role is held for one client or for all; a practice's role is always for one practice.

- A page says what it asks for by `@permits`; the portal does not start with one that says nothing.
- Another client's row, and one that does not exist, are answered alike.
- Nobody gives or takes a role that reaches further than their own, nor changes their own roles. Only an administrator
  makes or unmakes one. The last administrator, and a practice's last owner, stay.
- An account is closed, reopened or given a new password only by somebody who could have given it every role it has.
- Inside the book of a simulation run everything can be looked at and nothing changed.
"""


def access(_options: argparse.Namespace) -> Exit:
    print(describe_access(), end="")
    return Exit.OK


def describe_access() -> str:
    """The roles of each door with what they may do, then each permission with who holds it, as Markdown."""
    lines = [HEAD, "## Roles", "", "| Role | Door | May |", "|---|---|---|"]
    for role in Role:
        held = ", ".join(f"`{one}`" for one in Permission if one in GRANTS[role])
        lines.append(f"| {ROLES[role]} | {DOORS[door_of(role)][0]} | {held} |")
    lines += ["", "## Permissions", "", "| Permission | To | Held by |", "|---|---|---|"]
    for permission in Permission:
        holders = [ROLES[role] for role in Role if permission in GRANTS[role]]
        told = "everybody" if permission in OPEN_TO_ALL else ", ".join(holders)
        lines.append(f"| `{permission}` | {MEANS[permission]} | {told} |")
    return "\n".join(lines) + "\n"

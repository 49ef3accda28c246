"""Looks at every view of the portal for the permission that it declares."""

from __future__ import annotations

from flask import Flask

# Files that hold no data of anyone: style sheets, scripts, icons.
NEEDS_NONE = {"static"}


def find_open_doors(app: Flask) -> list[str]:
    """Endpoints whose view declares no permission, as "endpoint at /its/rule"."""
    rules = {rule.endpoint: rule.rule for rule in app.url_map.iter_rules()}
    return sorted(
        f"{endpoint} at {rules.get(endpoint, 'no rule')}"
        for endpoint, view in app.view_functions.items()
        if endpoint not in NEEDS_NONE and getattr(view, "permission", None) is None
    )

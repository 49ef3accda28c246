"""The independent judge: what pyx12 says of a text that we wrote."""

from __future__ import annotations

import io
import json
from typing import Any

import pyx12.params
from pyx12.x12n_document import x12n_document


def _errors(node: Any, found: list[str], trail: str = "") -> None:
    if isinstance(node, dict):
        here = f"{trail}/{node.get('seg_id') or node.get('id') or ''}"
        found.extend(f"{here} {entry}" for entry in node.get("errors") or [])
        for value in node.values():
            _errors(value, found, here)
    elif isinstance(node, list):
        for value in node:
            _errors(value, found, trail)


def judge(text: str) -> tuple[bool, list[str]]:
    """(accepted, what it found); the findings come from its JSON, which unlike its 999 is whole."""
    out = io.StringIO()
    accepted = x12n_document(pyx12.params.params(), io.StringIO(text), None, None, None, out)
    found: list[str] = []
    if out.getvalue():
        _errors(json.loads(out.getvalue()), found)
    return bool(accepted), found

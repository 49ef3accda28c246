"""The walls: how large a function, a file and a signature may become, and that a module speaks."""

from __future__ import annotations

import ast

from tests.house.reading import Source, find_functions

FUNCTION_LINES = 60
FILE_LINES = 400
POSITIONAL = 5


def find_long_functions(source: Source) -> list[str]:
    return [
        f"{source.at(function)} {function.name} has {lines} lines, the wall is {FUNCTION_LINES}"
        for function in find_functions(source)
        if (lines := (function.end_lineno or 0) - function.lineno + 1) > FUNCTION_LINES
    ]


def find_long_files(source: Source) -> list[str]:
    lines = source.text.count("\n")
    return [f"{source.path} has {lines} lines, the wall is {FILE_LINES}"] if lines > FILE_LINES else []


def find_long_signatures(source: Source) -> list[str]:
    """Functions with more than five positional parameters, self and cls not counted."""
    found = []
    for function in find_functions(source):
        names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
        count = len(names) - (names[:1] in (["self"], ["cls"]))
        if count > POSITIONAL:
            found.append(f"{source.at(function)} {function.name} takes {count} positional parameters")
    return found


def find_mute_modules(source: Source) -> list[str]:
    """Modules whose first line does not say, in a sentence, what the room is for."""
    said = (ast.get_docstring(source.tree) or "").split("\n\n")[0].strip()
    return [] if said.endswith(".") else [f"{source.path}:1 does not say in a sentence what it is for"]

"""A browser without a screen: it reads the forms of a page and sends them back as filled in, as a person would."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class _Forms(HTMLParser):
    """Every form of a page with the values its fields show."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, Any]] = []
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append({"action": said.get("action", ""), "values": {}, "post": said.get("method") == "post"})
        if not self.forms:
            return
        values = self.forms[-1]["values"]
        name = said.get("name", "")
        if tag == "input" and name and said.get("type") not in ("checkbox", "radio", "file", "submit"):
            values[name] = said.get("value", "")
        elif tag == "input" and name and said.get("type") in ("checkbox", "radio") and "checked" in said:
            values[name] = said.get("value", "on")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and (self._select not in values or "selected" in said):
            values[self._select] = said.get("value", "")
        elif tag == "textarea":
            self._area = name
            values[name] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area and self.forms:
            self.forms[-1]["values"][self._area] += data


class Browser:
    """Somebody at a browser; `page` is what is in front of them."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self.page: TestResponse

    def go(self, address: str) -> str:
        parts = urlsplit(address)
        self.page = self.client.get(f"{parts.path}?{parts.query}", follow_redirects=True)
        assert self.page.status_code == 200, f"{address}: {self.page.status_code}"
        return self.page.text

    def fill(self, ending: str = "", *, where: dict[str, str] | None = None, **values: Any) -> str:
        """Send the form whose address ends like this, and that shows the values of `where`, with these on top."""
        reader = _Forms()
        reader.feed(self.page.text)
        here = urlsplit(self.page.request.full_path).path
        found = [
            form
            for form in reader.forms
            if form["post"]
            and urlsplit(form["action"] or here).path.endswith(ending)
            and (where or {}).items() <= form["values"].items()
        ]
        assert found, f"no form to {ending} with {where} on {here}: {[form['action'] for form in reader.forms]}"
        form = found[0]
        sent = {name: value for name, value in {**form["values"], **values}.items() if value is not None}
        self.page = self.client.post(
            form["action"] or here, data=sent, content_type="multipart/form-data", follow_redirects=True
        )
        return self.page.data.decode(errors="replace")

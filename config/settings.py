"""What the operator decides: read once from the environment and .env, wrong values refused at start."""

from __future__ import annotations

import re
import secrets
from enum import StrEnum
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from config.mail_server import MailServer, read_mail_server

PROJECT = Path(__file__).resolve().parent.parent


class PayerPace(StrEnum):
    """How long the practice payers of a live book take to answer."""

    AT_ONCE = "at-once"
    REALISTIC = "realistic"


class Settings(BaseSettings):
    """Every switch of an installation; the name of each in the environment is BUREAU_ + its name."""

    model_config = SettingsConfigDict(env_prefix="BUREAU_", env_file=".env", frozen=True, extra="ignore")

    home: Path = PROJECT / "var"
    database_url: str = ""
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=1, le=65535)
    time_zone: str = "America/New_York"
    name: str = "Northline Billing Bureau"
    submitter_id: str = Field(default="NORTHLINE", max_length=15)
    contact_phone: str = "6175550100"
    production: bool = False
    payer_pace: PayerPace = PayerPace.AT_ONCE
    max_upload_bytes: int = Field(default=25_000_000, ge=1_000)
    secret_key: str = ""
    vault_key: str = ""
    staff_second_factor: bool | None = None  # None: in production yes, elsewhere no
    public_url: str = ""  # where people reach the portal, for the links in letters
    mail_url: SecretStr = SecretStr("")  # empty: letters are put into a folder, and nothing leaves the machine
    mail_from: str = Field(default="", validate_default=True)

    @field_validator("public_url")
    @classmethod
    def _check_public_url(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment):
            raise ValueError("write it as https://portal.example.com")
        return value.rstrip("/")

    @field_validator("mail_url")
    @classmethod
    def _check_mail_url(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value():
            read_mail_server(value.get_secret_value())
        return value

    @field_validator("mail_from")
    @classmethod
    def _check_mail_from(cls, value: str, info: ValidationInfo) -> str:
        server = info.data.get("mail_url")
        if not value and not (server and server.get_secret_value()):
            return "bureau@localhost"
        if not re.fullmatch(r"[\w.+-]+@[\w.-]+", value, re.ASCII):
            raise ValueError("write the bare address that letters come from, such as billing@bureau.example")
        return value

    @model_validator(mode="after")
    def _fill(self) -> Self:
        if not self.database_url:
            object.__setattr__(self, "database_url", f"sqlite:///{self.home / 'book.sqlite'}")
        return self

    @property
    def test_ids_allowed(self) -> bool:
        """Identifiers that cannot be real (NPI 9999...) are accepted everywhere but in a production book."""
        return not self.production

    @property
    def staff_need_second_factor(self) -> bool:
        """Whether bureau staff and testers come in only with a second factor."""
        return self.production if self.staff_second_factor is None else self.staff_second_factor

    @property
    def portal_url(self) -> str:
        """Where a link in a letter leads."""
        return self.public_url or f"http://{self.host}:{self.port}"

    @property
    def mail_server(self) -> MailServer | None:
        """The server that letters are handed to; None: they are put into `mail_path`."""
        address = self.mail_url.get_secret_value()
        return read_mail_server(address) if address else None

    @property
    def mail_path(self) -> Path:
        """Letters as files where no mail server is set; each is readable by this account only."""
        return self.home / "mail"

    @property
    def payers_path(self) -> Path:
        """Where the practice payers keep their own record, apart from the book."""
        return self.home / "payers.sqlite"

    @property
    def runs_path(self) -> Path:
        """Each simulation run gets a folder of its own in here."""
        return self.home / "runs"

    @property
    def rehearsals_path(self) -> Path:
        """Each test file of a practice is run in a folder of its own in here; it may hold patients' data."""
        return self.home / "rehearsals"

    def session_key(self) -> str:
        """The key that signs cookies: from the environment, else made once and kept in the home folder."""
        return self.secret_key or self._kept_key("secret.key")

    def sealing_key(self) -> str:
        """The key that seals secrets in the book, kept apart from the book and from the key of the cookies."""
        return self.vault_key or self._kept_key("vault.key")

    def _kept_key(self, name: str) -> str:
        path = self.home / name
        if not path.exists():
            self.home.mkdir(parents=True, exist_ok=True)
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(32))
        return path.read_text()

"""The ways out for letters: a mail server, or a folder of this machine."""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path

from bureau.office import Refusal
from config.mail_server import MailServer, Security

TIMEOUT = 20.0  # seconds that a server may keep silent
OWNER_ONLY = 0o600  # a letter may hold a link that lets its reader in


@dataclass(frozen=True, slots=True)
class FolderMailer:
    """Puts letters into a folder, a file each; a second copy takes the place of the first."""

    folder: Path
    leaves_the_house: bool = False

    @property
    def name(self) -> str:
        return f"folder {self.folder}"

    def send(self, letter: EmailMessage) -> Refusal | None:
        place = self.folder / f"{sha256(letter['Message-ID'].encode()).hexdigest()[:32]}.eml"
        new = place.with_suffix(".new")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            new.unlink(missing_ok=True)
            new.touch(mode=OWNER_ONLY, exist_ok=False)
            new.write_bytes(letter.as_bytes())
            new.replace(place)
        except OSError as error:
            return Refusal(f"The mail folder cannot be written ({type(error).__name__}).", is_down=True)
        return None

    def check(self) -> str:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            return "cannot be made"
        return "" if os.access(self.folder, os.W_OK) else "cannot be written"


@dataclass(frozen=True, slots=True)
class SmtpMailer:
    """Hands letters to a mail server, over an encrypted way unless the server is this very machine."""

    server: MailServer
    timeout: float = TIMEOUT
    leaves_the_house: bool = True

    @property
    def name(self) -> str:
        return f"mail server {self.server}"

    def send(self, letter: EmailMessage) -> Refusal | None:
        try:
            with self._connect() as connection:
                connection.send_message(letter)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            return explain(error)
        return None

    def check(self) -> str:
        try:
            with self._connect() as connection:
                connection.noop()
        except (OSError, smtplib.SMTPException) as error:
            return explain(error).text
        return ""

    @contextmanager
    def _connect(self) -> Iterator[smtplib.SMTP]:
        """A connection that is signed in. How the server takes its leave says nothing about the letter."""
        trusted = ssl.create_default_context()
        if self.server.security is Security.TLS:
            way: smtplib.SMTP = smtplib.SMTP_SSL(
                self.server.host, self.server.port, timeout=self.timeout, context=trusted
            )
        else:
            way = smtplib.SMTP(self.server.host, self.server.port, timeout=self.timeout)
        try:
            if self.server.security is Security.STARTTLS:
                way.starttls(context=trusted)
            if self.server.user:
                way.login(self.server.user, self.server.password)
            yield way
            with suppress(OSError, smtplib.SMTPException):
                way.quit()
        finally:
            way.close()


def explain(error: Exception) -> Refusal:
    """What a failed hand-over means, without a word of the server's."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            codes = [code for code, _ in error.recipients.values()]
            return Refusal(f"The mail server refused the address ({max(codes)}).", is_final=min(codes) >= 500)
        case smtplib.SMTPAuthenticationError():
            return Refusal("The mail server did not take our user and password.", is_down=True)
        case smtplib.SMTPConnectError() | smtplib.SMTPHeloError():
            return Refusal(f"The mail server is not ready ({error.smtp_code}).", is_down=True)
        case smtplib.SMTPSenderRefused() | smtplib.SMTPDataError():
            return Refusal(f"The mail server refused the letter ({error.smtp_code}).", is_final=error.smtp_code >= 500)
        case smtplib.SMTPNotSupportedError() if "SMTPUTF8" in str(error):
            return Refusal("The mail server takes no such address.", is_final=True)
        case smtplib.SMTPNotSupportedError():
            return Refusal("The mail server offers no encryption or no sign-in.", is_down=True)
        case ssl.SSLError():
            return Refusal("The mail server could not prove who it is.", is_down=True)
        case TimeoutError():
            return Refusal("The mail server does not answer.", is_down=True)
        case ValueError():
            return Refusal("The address cannot be written to.", is_final=True)
        case _:
            return Refusal("The mail server cannot be reached.", is_down=True)

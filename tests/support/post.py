"""A mail server of a few lines: it speaks enough SMTP to take letters, to encrypt, and to refuse on demand."""

from __future__ import annotations

import socketserver
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from ipaddress import ip_address
from pathlib import Path
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from config.clock import SystemClock

HOST = "127.0.0.1"


@dataclass
class MailHost:
    """What the server was given, and what it answers instead of yes (verb -> line)."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    verbs: list[str] = field(default_factory=list)
    tls: ssl.SSLContext | None = None


class _Talk(socketserver.StreamRequestHandler):
    timeout = 10

    def handle(self) -> None:
        with suppress(OSError):  # the other side hung up
            self._say("220 ready")
            while line := self.rfile.readline():
                if not self._answer(line.decode().strip()):
                    break
        self.connection.close()

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())

    def _answer(self, line: str) -> bool:
        host: MailHost = self.server.host  # type: ignore[attr-defined]
        verb = line.split(maxsplit=1)[0].upper() if line else ""
        host.verbs.append(verb)
        if verb in host.answers:
            self._say(host.answers[verb])
        elif verb == "EHLO":
            self._say("250-here\r\n250 STARTTLS" if host.tls else "250 here")
        elif verb == "STARTTLS" and host.tls:
            self._say("220 go on")
            self.connection = host.tls.wrap_socket(self.connection, server_side=True)
            self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)
        elif verb == "DATA":
            self._take(host)
        else:
            self._say("221 bye" if verb == "QUIT" else "250 yes")
        return verb != "QUIT"

    def _take(self, host: MailHost) -> None:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        host.letters.append(message_from_bytes(b"".join(lines), policy=SMTP))
        self._say(host.answers.get("the letter", "250 taken"))


@contextmanager
def mail_host(tls: ssl.SSLContext | None = None) -> Iterator[MailHost]:
    """A server on a free port of this machine."""
    host = MailHost(tls=tls)
    with socketserver.ThreadingTCPServer((HOST, 0), _Talk) as server:
        server.daemon_threads = True
        server.host, host.port = host, server.server_address[1]  # type: ignore[attr-defined]
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield host
        server.shutdown()


def make_certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate of this machine that nobody signed but itself, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = SystemClock().now()
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path, secret = folder / "host.pem", folder / "host.key"
    path.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    private = serialization.PrivateFormat.PKCS8
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, private, serialization.NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path, secret)
    return path, context

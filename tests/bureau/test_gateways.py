"""The ways out for letters: what a server takes, refuses or never sees, and what a folder keeps."""

from __future__ import annotations

import stat
from email.message import EmailMessage

import pytest

from bureau.gateways import FolderMailer, SmtpMailer
from config.mail_server import MailServer, Security, read_mail_server
from config.settings import Settings
from tests.support.post import HOST, mail_host, make_certificate


@pytest.fixture
def letter() -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "bureau@example.test", "Priya <priya@example.test>", "Hello"
    mail["Message-ID"] = "<one@example.test>"
    mail.set_content("A word.\n.\nAnd one more.\n")
    return mail


def mailer(port: int, security: Security = Security.NONE, **who: str) -> SmtpMailer:
    return SmtpMailer(MailServer(HOST, port, security, **who), timeout=5)


def test_a_server_of_this_machine_takes_the_letter(letter):
    with mail_host() as host:
        assert mailer(host.port).check() == ""
        assert mailer(host.port).send(letter) is None
    (taken,) = host.letters
    assert taken["Message-ID"] == "<one@example.test>"
    assert taken.get_content().splitlines() == ["A word.", ".", "And one more."]


@pytest.mark.parametrize(
    ("verb", "answer", "text", "weight"),
    [
        ("RCPT", "550 who is priya@example.test", "The mail server refused the address (550).", (True, False)),
        ("RCPT", "450 later", "The mail server refused the address (450).", (False, False)),
        ("MAIL", "452 full", "The mail server refused the letter (452).", (False, False)),
        ("the letter", "554 looks odd", "The mail server refused the letter (554).", (True, False)),
        ("EHLO", "421 not now", "The mail server is not ready (421).", (False, True)),
    ],
)
def test_a_refusal_is_told_without_the_servers_words(letter, verb, answer, text, weight):
    with mail_host() as host:
        host.answers |= {verb: answer, "HELO": answer}
        refusal = mailer(host.port).send(letter)
    assert refusal is not None
    assert (refusal.text, (refusal.is_final, refusal.is_down)) == (text, weight)


def test_a_letter_that_was_taken_stays_taken_however_the_server_says_good_bye(letter):
    with mail_host() as host:
        host.answers["QUIT"] = "421 I am gone"
        assert mailer(host.port).send(letter) is None
    assert len(host.letters) == 1


def test_a_server_that_is_not_there_or_does_not_know_us_is_down(letter):
    with mail_host() as host:
        host.answers["AUTH"] = "535 no"
        host.answers["EHLO"] = "250-here\r\n250 AUTH PLAIN"
        signed = mailer(host.port, user="bureau", password="hunter2").send(letter)
    assert signed.text == "The mail server did not take our user and password."
    assert signed.is_down
    gone = mailer(host.port)
    assert gone.send(letter).is_down
    assert gone.check() == "The mail server cannot be reached."
    assert host.letters == []


def test_outside_this_machine_nothing_goes_unencrypted(letter, tmp_path, monkeypatch):
    with mail_host() as host:
        refusal = mailer(host.port, Security.STARTTLS, user="bureau", password="x").send(letter)
        assert refusal.text == "The mail server offers no encryption or no sign-in."
    assert not {"AUTH", "MAIL"} & set(host.verbs)
    certificate, context = make_certificate(tmp_path)
    with mail_host(context) as host:
        refusal = mailer(host.port, Security.STARTTLS).send(letter)
        assert refusal.text == "The mail server could not prove who it is."
        assert host.letters == []
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert mailer(host.port, Security.STARTTLS).send(letter) is None
        assert len(host.letters) == 1


def test_the_folder_keeps_a_letter_once_and_for_its_owner_only(letter, tmp_path):
    folder = FolderMailer(tmp_path / "mail")
    assert folder.check() == ""
    assert folder.send(letter) is None
    assert folder.send(letter) is None
    (kept,) = (tmp_path / "mail").iterdir()
    assert b"A word." in kept.read_bytes()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    (tmp_path / "file").touch()
    refusal = FolderMailer(tmp_path / "file").send(letter)
    assert refusal.is_down


# -- settings -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("smtp://mail.example.test", "mail.example.test:587 (STARTTLS)"),
        ("smtps://u:p%40ss@mail.example.test", "mail.example.test:465 (TLS)"),
        ("smtp://localhost", "localhost:25 (this machine only)"),
        ("smtp://10.0.0.9:2525", "10.0.0.9:2525 (STARTTLS)"),
    ],
)
def test_an_address_says_how_it_is_closed(address, said):
    assert str(read_mail_server(address)) == said


def test_user_and_password_are_read_and_never_shown():
    server = read_mail_server("smtps://bureau%40x:p%40ss@mail.example.test:470")
    assert (server.user, server.password, server.port) == ("bureau@x", "p@ss", 470)
    settings = Settings(mail_url="smtps://u:p4ssw0rd@mail.example.test", mail_from="b@x.test", _env_file=None)
    assert "p4ssw0rd" not in f"{server!r} {server} {settings!r} {settings}"


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"mail_url": "mail.example.test", "mail_from": "b@x.test"}, "mail_url"),
        ({"mail_url": "http://secret@mail.example.test", "mail_from": "b@x.test"}, "mail_url"),
        ({"mail_url": "smtp://mail.example.test:port", "mail_from": "b@x.test"}, "mail_url"),
        ({"mail_url": "smtp://mail.example.test"}, "mail_from"),
        ({"mail_from": "Bureau <b@x.test>"}, "mail_from"),
        ({"public_url": "portal.example.test"}, "public_url"),
    ],
)
def test_wrong_settings_are_refused_where_they_are_wrong(changes, where):
    with pytest.raises(ValueError, match=where) as error:
        Settings(**changes, _env_file=None)
    first = error.value.errors()[0]
    assert first["loc"] == (where,)
    assert "secret" not in first["msg"]
    assert "\n" not in first["msg"]

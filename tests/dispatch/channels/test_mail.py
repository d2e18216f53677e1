"""Letters go to a real mail server, encrypted and verified; what it says decides what becomes of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from pydantic import SecretStr

from config.citizen_channels import EmailChannel
from config.clock import wall_now
from dispatch.channels.letter import Letter, message_id_header
from dispatch.channels.mail import Mail
from dispatch.outbox_rows import Delivery, OutboxMessage
from tests.support.certificates import CertificateAuthority
from tests.support.smtp import MailServer, served_mail

LETTER = Letter("hieu@example.vn", "Hồ sơ H14-1: thông báo của Sở Tư pháp", "Đã có kết quả.", "<p>Đã có kết quả.</p>")
ID = "H14-1:citizen.result_ready:once@email"
LOGIN = {"username": "mot-cua", "password": SecretStr("geheim-nobody-may-see")}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> CertificateAuthority:
    return CertificateAuthority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def server(authority: CertificateAuthority) -> Iterator[MailServer]:
    with served_mail(MailServer(certificate=authority.issue("mail"))) as server:
        yield server


def channel(server: MailServer, authority: CertificateAuthority, **more: Any) -> EmailChannel:
    return EmailChannel(
        host="127.0.0.1",
        port=server.port,
        sender_address="mot-cua@caobang.example.vn",
        sender_name="Bộ phận Một cửa",
        opt_out_address="dung-gui@caobang.example.vn",
        **{"ca_file": authority.file, "timeout": 2.0, **more},
    )


def send(channel: EmailChannel, letter: Letter = LETTER) -> Delivery:
    return Mail(channel).deliver(OutboxMessage(id=ID, payload=letter.to_json()))


def test_a_letter_arrives_in_both_forms_with_all_that_a_mail_reader_wants(
    server: MailServer, authority: CertificateAuthority
) -> None:
    delivery = send(channel(server, authority))
    assert delivery.delivered, delivery
    (taken,) = server.taken
    email = taken.email
    assert (taken.encrypted, taken.recipient, taken.sender) == (True, LETTER.to, "mot-cua@caobang.example.vn")
    assert email["Subject"] == LETTER.subject
    assert str(email["From"]) == "Bộ phận Một cửa <mot-cua@caobang.example.vn>"
    assert email["List-Unsubscribe"] == "<mailto:dung-gui@caobang.example.vn>"
    assert email["Auto-Submitted"] == "auto-generated"
    assert email["Content-Language"] == "vi, en"
    assert abs(parsedate_to_datetime(email["Date"]) - wall_now()) < timedelta(minutes=1)
    assert taken.part("plain").strip() == "Đã có kết quả."
    assert taken.part("html").strip() == "<p>Đã có kết quả.</p>"
    assert max(len(line) for line in taken.raw.splitlines()) <= 998


def test_the_same_message_has_the_same_message_id_however_often_it_comes(
    server: MailServer, authority: CertificateAuthority
) -> None:
    mail = channel(server, authority)
    for _ in range(2):
        send(mail)
    assert {taken.email["Message-ID"] for taken in server.taken} == {message_id_header(ID, mail)}
    assert message_id_header(f"{ID}x", mail) != message_id_header(ID, mail)


def test_tls_from_the_first_byte_and_a_log_in(authority: CertificateAuthority) -> None:
    users = {"mot-cua": "geheim-nobody-may-see"}
    with served_mail(MailServer(certificate=authority.issue("tls"), implicit_tls=True, users=users)) as server:
        assert send(channel(server, authority, security="tls", **LOGIN)).delivered
        (taken,) = server.taken
        assert (taken.encrypted, taken.user) == (True, "mot-cua")
        refused = send(channel(server, authority, security="tls", username="mot-cua", password=SecretStr("wrong")))
    assert (refused.delivered, refused.gone, refused.status) == (False, False, None)
    assert refused.answer.startswith("SMTPAuthenticationError: 535")
    assert "nobody-may-see" not in refused.answer


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_server_whose_certificate_is_not_trusted_gets_nothing(authority: CertificateAuthority, security: str) -> None:
    desk = MailServer(certificate=authority.issue("stranger"), implicit_tls=security == "tls")
    with served_mail(desk) as server:
        delivery = send(channel(server, authority, ca_file=None, security=security))
    assert (delivery.delivered, delivery.gone, server.taken) == (False, False, [])
    assert "CERTIFICATE_VERIFY_FAILED" in delivery.answer


def test_a_server_that_would_not_encrypt_gets_nothing(authority: CertificateAuthority) -> None:
    with served_mail(MailServer(starttls=False)) as server:
        delivery = send(channel(server, authority))
    assert (delivery.delivered, delivery.gone, server.taken) == (False, False, [])


@pytest.mark.parametrize(
    ("verb", "answer", "gone", "about_message", "status"),
    [
        ("RCPT", "550 5.1.1 <hieu@example.vn>: no such user", True, True, 550),
        ("RCPT", "450 4.2.1 mailbox busy", False, True, 450),
        ("RCPT", "421 4.3.2 closing", False, False, None),
        ("RCPT", "530 5.7.0 authentication required", False, False, None),
        ("DATA", "554 5.6.0 refused", True, True, 554),
        ("DATA", "452 4.3.1 no room", False, True, 452),
        ("MAIL", "553 5.7.1 this sender is not ours", False, False, None),
    ],
)
def test_what_the_server_says_decides(
    server: MailServer,
    authority: CertificateAuthority,
    verb: str,
    answer: str,
    gone: bool,
    about_message: bool,
    status: int | None,
) -> None:
    server.answers[verb] = [answer]
    mail = channel(server, authority)
    delivery = send(mail)
    assert (delivery.delivered, delivery.gone, delivery.about_message) == (False, gone, about_message)
    assert delivery.status == status
    assert answer.split()[0] in delivery.answer
    assert LETTER.to not in delivery.answer
    assert server.taken == []
    assert send(mail).delivered, "and the next letter goes"


def test_a_server_that_is_gone_before_it_says_yes_gets_the_letter_again(
    server: MailServer, authority: CertificateAuthority
) -> None:
    server.hang_up_after_text = True
    delivery = send(channel(server, authority))
    assert (delivery.delivered, delivery.gone, delivery.about_message) == (False, False, False)
    server.hang_up_after_text = False
    assert send(channel(server, authority)).delivered
    first, second = server.taken
    assert first.email["Message-ID"] == second.email["Message-ID"]


def test_a_silent_server_is_not_waited_for_beyond_the_time_limit(authority: CertificateAuthority) -> None:
    with served_mail(MailServer(silent=True)) as server:
        before = wall_now()
        delivery = send(channel(server, authority, timeout=0.3))
        assert wall_now() - before < timedelta(seconds=3)
    assert (delivery.delivered, delivery.gone) == (False, False)


def test_nobody_at_the_port_is_a_failed_delivery(authority: CertificateAuthority) -> None:
    with served_mail(MailServer()) as server:
        pass
    delivery = send(channel(server, authority))
    assert (delivery.delivered, delivery.gone) == (False, False)
    assert delivery.answer.startswith("ConnectionRefusedError")


@pytest.mark.parametrize("broken", [replace(LETTER, to="no address"), replace(LETTER, subject="a\nBcc: b@c.vn")])
def test_a_letter_that_cannot_be_written_is_parked_with_the_next_step(
    server: MailServer, authority: CertificateAuthority, broken: Letter
) -> None:
    delivery = send(channel(server, authority), broken)
    assert (delivery.gone, delivery.about_message, server.attempts) == (True, True, 0)
    assert "correct the e-mail address" in delivery.answer


@contextmanager
def _relay() -> Iterator[MailServer]:
    with served_mail(MailServer(starttls=False)) as server:
        yield server


def test_a_relay_on_this_machine_needs_no_encryption_and_the_check_says_that_it_lets_us_in(
    authority: CertificateAuthority,
) -> None:
    with _relay() as server:
        mail = channel(server, authority, security="none")
        assert send(mail).delivered
        assert Mail(mail).check() == f"127.0.0.1:{server.port} lets us in (none)"

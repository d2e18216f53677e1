"""A desk that reaches its citizens by a real mail server and an SMS gateway, instead of the agency's own gateway."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import select

from config.citizen_channels import CitizenChannels, EmailChannel, SmsChannel
from dispatch import outbox
from dispatch.channels import optout
from dispatch.channels.simulator import SmsGatewaySimulator
from dispatch.messenger import Messenger
from dispatch.outbox import OutboxMessage
from tests.support.certificates import CertificateAuthority
from tests.support.desk import TestDesk, opened_desk
from tests.support.servers import serve
from tests.support.smtp import MailServer, Taken, served_mail
from tests.tracking.case import Case
from tracking.notices import tell_citizen
from tracking.telling.spreading import citizens_of

PHONE, FIXED_LINE, EMAIL = "0919393275", "0206 3852 136", "hieu.be@example.vn"
TOKEN = "a-token-nobody-may-see"


def channels(authority: CertificateAuthority, mail_port: int, sms_url: str) -> CitizenChannels:
    return CitizenChannels(
        email=EmailChannel(
            host="127.0.0.1",
            port=mail_port,
            sender_address="mot-cua@caobang.example.vn",
            sender_name="Bộ phận Một cửa",
            opt_out_address="dung-gui@caobang.example.vn",
            public_url="https://motcua.caobang.example.vn",
            ca_file=authority.file,
            timeout=2.0,
        ),
        sms=SmsChannel(url=f"{sms_url}/sms", token=SecretStr(TOKEN), sender="CAOBANG"),
        lookup="tracuu.caobang.vn",
        contact="0206 3852 136, giờ hành chính",
    )


@dataclass
class Reach:
    """The desk, the mail server and the gateway."""

    desk: TestDesk
    mail: MailServer
    gateway: SmsGatewaySimulator

    def opened(self, *, phone: str = PHONE, email: str | None = EMAIL) -> Case:
        """Open the dossier of a citizen who gave these addresses."""
        return Case.opened(self.desk, applicant={"name": "Bế Đức Hiếu", "phone": phone, "email": email})

    def tell(self, case: Case, kind: str, fact: str = "once", **values: object) -> None:
        with self.desk.context.database.write() as session:
            tell_citizen(session, case.dossier(), kind, fact, self.desk.clock.now(), **values)

    def opt_out(self, *addresses: str) -> None:
        with self.desk.context.database.write() as session:
            for address in addresses:
                optout.add(session, address, "Hà Thị Mai, theo đơn", self.desk.clock.now())

    def letters(self, case: Case) -> list[Taken]:
        return [taken for taken in self.mail.taken if case.code in str(taken.email["Subject"])]

    def texts(self, case: Case) -> list[str]:
        return [taken.text for taken in self.gateway.taken.values() if taken.id.startswith(case.code)]

    def row(self, message_id: str) -> OutboxMessage | None:
        with self.desk.read() as session:
            return session.scalars(select(OutboxMessage).where(OutboxMessage.id == message_id)).one_or_none()

    def at(self, instant: datetime) -> None:
        """It becomes ``instant``, and what is due then is delivered."""
        self.desk.clock.at(instant)
        deliver(self.desk)


def deliver(desk: TestDesk) -> None:
    """Deliver all that is due to anybody now."""
    while outbox.drain(desk.context, desk.messenger.send):
        pass


@contextmanager
def opened_reach(folder: Path, *, keep_gateway: bool = False) -> Iterator[Reach]:
    """Open a desk with both ways, in the place of the agency's gateway or beside it."""
    authority = CertificateAuthority(folder)
    mail, gateway = MailServer(certificate=authority.issue("mail")), SmsGatewaySimulator(TOKEN)
    with opened_desk(folder) as desk, served_mail(mail), serve(gateway.app) as sms_url:
        desk.messenger.close()
        own = {"citizen_channels": channels(authority, mail.port, sms_url)}
        gone = {} if keep_gateway else {"message_gateway": None}
        desk.context = replace(desk.context, accounts=desk.context.accounts.model_copy(update=own | gone))
        citizens = citizens_of(desk.context)
        desk.messenger = Messenger(desk.context.accounts, desk.context.settings, citizens=citizens)
        yield Reach(desk, mail, gateway)

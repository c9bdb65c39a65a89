"""One side of a session, as it decides: the User Monitor of RFC 5024 chapter 3, for sans_io.py."""

from __future__ import annotations

from typing import BinaryIO

import oftp
from oftp import Connect, EndResponse, Session, VirtualFile


class Peer:
    """Sends one file, `to_send` with the octets of `content`, and waits for its `response`; or
    stores what comes in `content`, and answers it."""

    def __init__(self, own: Connect, partner: Connect, content: BinaryIO) -> None:
        self.own, self.partner, self.content = own, partner, content
        self.to_send: VirtualFile | None = None
        self.response: EndResponse | None = None
        self.owed: EndResponse | None = None
        self.piece = b""

    def handle(self, session: Session, event: oftp.Event) -> None:
        """Answers what the session tells."""
        match event:
            case oftp.ConnectInd(ssid) | oftp.ConnectCf(ssid) if not self.knows(ssid):
                session.release_rq(oftp.EsidReason.USER_CODE_NOT_KNOWN)
            case oftp.ConnectInd():
                session.connect_rs(self.own)
            case oftp.StartFileInd(file):
                self.owed = oftp.end_response_for(file)
                session.start_file_rs()
            case oftp.DataInd():
                self.store(event)
            case oftp.CloseFileInd(fault=int(fault), text=text):
                self.owed = None
                session.close_file_rs_negative(fault, text)
            case oftp.CloseFileInd():
                session.close_file_rs()
            case oftp.StartFileCf() | oftp.DataCf():
                self.send_data(session)
            case oftp.EerpInd(response) | oftp.NerpInd(response):
                self.response = response
                session.rtr_rs()
            case oftp.CdInd() if self.to_send is None and self.owed is None:
                session.release_rq()
            case oftp.ConnectCf() | oftp.CloseFileCf() | oftp.RtrCf() | oftp.CdInd():
                self.go_on(session)
            case oftp.StartFileCfNegative() | oftp.CloseFileCfNegative() | oftp.AbortInd():
                raise SystemExit(str(event))
            case _:
                pass

    def knows(self, ssid: oftp.Ssid) -> bool:
        """Whether it is the partner that was expected."""
        return (ssid.code, ssid.password) == (self.partner.code, self.partner.password)

    def store(self, data: oftp.DataInd) -> None:
        """Octets of the file that comes."""
        self.content.write(data.data)

    def send_data(self, session: Session) -> None:
        """As much as credit allows; `DataCf` comes when there is credit again."""
        while session.can_send_data:
            self.piece = self.piece or self.content.read(65_536)
            if not self.piece:
                return session.close_file_rq()
            self.piece = self.piece[session.data_rq(self.piece) :]

    def go_on(self, session: Session) -> None:
        """The turn is ours."""
        if self.to_send is not None:
            session.start_file_rq(self.to_send)
            self.to_send = None
        elif self.owed is not None:
            session.eerp_rq(self.owed)
            self.owed = None
        else:
            session.cd_rq()

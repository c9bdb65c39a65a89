"""Two sessions in one process, without sockets: a file, its response, and what is said meanwhile.

    python two_sessions.py [level]

Prints each command in the order in which it arrives, with the side that sent it on its own side of
the page. `level` is a release level of the protocol, 2.0 by default.
"""

from __future__ import annotations

import sys

import oftp
from oftp import Config, Connect, Session, VirtualFile

ALPHA = "O0177ALPHA-MOTORS  HUB001"
BETA = "O0177BETA-PARTS    HUB002"
CONTENT = b"drawing " * 1000


class Station:
    """One side: a session, and a User Monitor that answers what it is told."""

    def __init__(self, code: str, config: Config) -> None:
        self.code = code
        self.session = Session(config)
        self.received = b""
        self.to_send: VirtualFile | None = None
        self.offered: VirtualFile | None = None
        self.owed: oftp.EndResponse | None = None
        self.content = b""

    def run(self, partner: Station) -> bool:
        """Drains the queue. Whether there was anything in it."""
        busy = False
        while True:
            event = self.session.poll_output()
            if isinstance(event, oftp.Wait):
                return busy
            busy = True
            self.handle(event, partner)

    def handle(self, event: oftp.Event, partner: Station) -> None:
        """The network first, then the User Monitor of RFC 5024 chapter 3."""
        session = self.session
        match event:
            case oftp.NConRq():
                partner.session.n_con_ind()
                session.n_con_cf()
            case oftp.NDataRq(octets):
                partner.session.n_data_ind(octets)
                session.sent(len(octets))
            case oftp.NDiscRq():
                partner.session.n_disc_ind()
            case oftp.Trace("received", text):
                words = text.removeprefix("received ")
                print(words if not session.is_initiator else f"{'':40}{words}")
            case oftp.ConnectInd(ssid) if ssid.code == partner.code:
                session.connect_rs(Connect(code=self.code, password="GEHEIM"))
            case oftp.ConnectInd():
                session.release_rq(oftp.EsidReason.USER_CODE_NOT_KNOWN)
            case oftp.StartFileInd(file):
                self.offered = file
                session.start_file_rs()
            case oftp.StartFileCf(position):
                self.content = CONTENT[position * 1024 :]
                self.send_data()
            case oftp.DataCf():
                self.send_data()
            case oftp.DataInd(data):
                self.received += data
            case oftp.CloseFileInd() if self.offered is not None:
                self.owed = oftp.end_response_for(self.offered)
                session.close_file_rs()
            case oftp.EerpInd():
                session.rtr_rs()
            case oftp.ConnectCf() | oftp.CloseFileCf() | oftp.CdInd() | oftp.RtrCf():
                self.next(event)
            case oftp.AbortInd(text=text):
                raise SystemExit(text)
            case _:
                pass

    def send_data(self) -> None:
        """As much as credit allows; `DataCf` comes when there is more."""
        while self.content and self.session.can_send_data:
            taken = self.session.data_rq(self.content)
            self.content = self.content[taken:]
        if not self.content and self.session.can_send_data:
            self.session.close_file_rq()

    def next(self, event: oftp.Event) -> None:
        """The turn is ours: what is there to say?"""
        if self.to_send is not None:
            self.session.start_file_rq(self.to_send)
            self.to_send = None
        elif self.owed is not None:
            self.session.eerp_rq(self.owed)
            self.owed = None
        elif isinstance(event, oftp.CdInd):
            self.session.release_rq()
        else:
            self.session.cd_rq()


def main() -> None:
    """ALPHA calls BETA and sends one file."""
    name = sys.argv[1] if len(sys.argv) > 1 else "2.0"
    level = next(level for level in oftp.Level if str(level) == name)
    config = Config(level=level, buffer_size=2048, window=2, trace=True)
    alpha, beta = Station(ALPHA, config), Station(BETA, config)
    long_stamps = level >= oftp.Level.V1_4
    alpha.to_send = VirtualFile(
        dsn="DRAWING",
        date="20261126" if long_stamps else "261126",
        time="1011120001" if long_stamps else "101112",
        destination=BETA,
        originator=ALPHA,
        size=8,
    )
    print(f"{'ALPHA, the Initiator, sends':40}BETA, the Responder, sends\n")
    alpha.session.connect_rq(Connect(code=ALPHA, password="SECRET"))
    while any([alpha.run(beta), beta.run(alpha)]):
        pass
    print(f"\n{len(beta.received):,} octets have arrived, and it is known that they have.")


if __name__ == "__main__":
    main()

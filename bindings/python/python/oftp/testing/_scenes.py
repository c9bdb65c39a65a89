"""Whole scenes for a `Peer`, as a well-behaved station plays them: a start, a file, a response, an
end. Each is made of `send` and `expect` alone, and checks what it gets."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Sequence

from oftp import Level, wire

from ._making import buffers, ssid
from ._peer import CommandPeer

__all__ = ["Peer"]

#: Counts the files of this process: two in one second have different stamps.
_COUNTER = itertools.count(1)


class Peer(CommandPeer):
    """A scripted peer on a socket, for one connection. `Peer.listen` and `Peer.call` make one, to
    be used by ``with``; the fixture `oftp_peer` makes them too, and closes them.

    Single commands are said by `send` and awaited by `expect`, `expect_any`, `expect_close` and
    `expect_nothing`; `start_session`, `send_file`, `receive_file`, `respond`, `expect_response` and
    `end` play whole scenes. What goes out passes the faults given to `fault`. All of it blocks, and
    a peer is used by one thread.

    :ivar file: The last SFID that was sent or received.
    """

    file: wire.Command | None = None

    def start_session(
        self,
        *,
        code: str = "O0000TEST-PEER",
        password: str = "",
        level: int = Level.V2_0,
        **fields: wire.Value,
    ) -> wire.Command:
        """SSRM and both SSIDs (RFC 5024 4.2), in the role that this peer has.

        :param code: Its identification code (SSIDCODE).
        :param password: Its password (SSIDPSWD).
        :param level: The level that it offers, or answers if the offer is not lower (SSIDLEV).
        :param fields: Other fields of its SSID, by the RFC's names without the command's, as in
            ``cred=1``. They are sent as they are given; else a Responder agrees to what is
            offered: buffers of up to 2,048 octets, a credit of up to 7, no compression, no
            restart, no authentication.
        :returns: The SSID of the system under test.
        """
        if self.is_initiator:
            self.expect("SSRM")
            self.send(ssid(None, code, password, level, fields))
            return self.expect("SSID")
        self.send(wire.Ssrm())
        offer = self.expect("SSID")
        self.send(ssid(offer, code, password, level, fields))
        return offer

    def authenticate(
        self, seal: Callable[[bytes], bytes], unseal: Callable[[bytes], bytes]
    ) -> None:
        """Secure authentication in both directions (RFC 5024 4.2.3): for both SSIDs with
        ``auth=True``, after `start_session`. Who wants to fail it gives functions that do.

        :param seal: Makes the envelope of a challenge, for the system under test.
        :param unseal: Opens the envelope that comes.
        :raises ExpectationFailed: The challenge came back wrong, or not at all.
        """
        if self.is_initiator:
            self.send(self._command("SECD"))
            self._answer_challenge(unseal)
            self.expect("SECD")
            self._challenge(seal)
        else:
            self.expect("SECD")
            self._challenge(seal)
            self.send(self._command("SECD"))
            self._answer_challenge(unseal)

    def send_file(
        self,
        dsn: str = "TEST",
        data: bytes = b"",
        *,
        records: Sequence[bytes] | None = None,
        **fields: wire.Value,
    ) -> wire.Command:
        """Offers a file, sends it within the credit, and takes EFPA for an answer (RFC 5024 4.3 to
        4.5). A peer that does not have the turn waits for it first; if EFPA asks for it, it goes.

        :param dsn: Dataset name.
        :param data: The file, of the format U.
        :param records: Its records, for a file of the format V; each begins a DATA of its own.
        :param fields: Other fields of SFID. Originator and destination are those of the SSIDs,
            the stamps are new.
        :returns: EFPA.
        :raises ExpectationFailed: The file was refused.
        """
        self._take_turn()
        self.offer_file(dsn, data, records=records, **fields)
        answer = self.expect("SFPA")
        position = int(answer.acnt)
        if records is None:
            self.send_data([data[position * 1024 :]])
            self.send_end(0, len(data))
        else:
            self.send_data(records[position:])
            self.send_end(len(records), sum(map(len, records)))
        answer = self.expect("EFPA")
        if answer["EFPACD"] == b"Y":
            self._give_turn()
        return answer

    def offer_file(
        self,
        dsn: str = "TEST",
        data: bytes = b"",
        *,
        records: Sequence[bytes] | None = None,
        **fields: wire.Value,
    ) -> wire.Command:
        """The SFID of `send_file`, and nothing more: for an answer that is no consent.

        :returns: What was sent."""
        size = len(data) if records is None else sum(map(len, records))
        blocks = -(-size // 1024)
        values: dict[str, wire.Value] = {
            "dsn": dsn,
            "orig": "" if self.own_ssid is None else self.own_ssid["SSIDCODE"],
            "dest": "" if self.partner_ssid is None else self.partner_ssid["SSIDCODE"],
            "fmt": "U" if records is None else "V",
            "lrecl": 0 if records is None else max(map(len, records), default=1),
            "fsiz": blocks,
            **self._stamps(),
        }
        if self.level == Level.V2_0:
            values["osiz"] = blocks
        sfid = self._command("SFID", **values | fields)
        self.file = sfid
        self.send(sfid)
        return sfid

    def send_data(self, records: Sequence[bytes]) -> None:
        """DATA, as many as needed, waiting for CDT when the credit is used up. The end of each
        record is marked; that of a U or T file is the end of the file."""
        left = credit = self._agreed("SSIDCRED", 7)
        for data, ends in buffers(records, self._agreed("SSIDSDEB", 2048)):
            if left == 0:
                self.expect("CDT")
                left = credit
            self.send(self._command("DATA", buf=wire.subrecords(data, ends)))
            left -= 1
        if records and left == 0:
            self.expect("CDT")

    def send_end(self, records: int, octets: int) -> None:
        """EFID with these counts; right ones are the records (0 for U and T files) and octets of
        the whole file."""
        self.send(self._command("EFID", rcnt=records, ucnt=octets))

    def receive_file(self, *, position: int = 0, cd: bool = False) -> bytes:
        """Takes the file that is offered, grants credit, and says EFPA. A peer that has the turn
        gives it away first. The offer is then in `file`.

        :param position: The position answered (SFPAACNT).
        :param cd: Whether EFPA asks for the turn.
        :returns: The octets of the file, from the position on.
        :raises ExpectationFailed: None was offered, or its counts are wrong.
        """
        return b"".join(self.receive_records(position=position, cd=cd))

    def receive_records(self, *, position: int = 0, cd: bool = False) -> list[bytes]:
        """The same in records: those of an F or V file; of a U or T file one, the whole."""
        if self.is_speaker:
            self._give_turn()
        offer = self.file = self.expect("SFID")
        self.send(self._command("SFPA", acnt=position))
        data, ends, end = self._receive_data()
        blocks = offer["SFIDFMT"] in (b"U", b"T")
        if not position and end.ucnt != len(data):
            raise self._failed(f"EFIDUCNT is {end.ucnt!r}, but {len(data)} octets came")
        if not position and not blocks and end.rcnt != len(ends):
            raise self._failed(f"EFIDRCNT is {end.rcnt!r}, but {len(ends)} records came")
        self.send(self._command("EFPA", cd=cd))
        if blocks:
            return [data]
        starts = [0, *ends]
        return [data[a:b] for a, b in itertools.pairwise(starts)]

    def respond(self, reason: int | None = None, **fields: wire.Value) -> None:
        """The response to the last file that came, and RTR for it (RFC 5024 4.3.2). A peer that
        does not have the turn waits for it first.

        :param reason: ``None``: an EERP; else a NERP with this reason.
        :param fields: Other fields; originator and destination are those of the file, changed over.
        """
        self._take_turn()
        file = self._known_file()
        name = "EERP" if reason is None else "NERP"
        values: dict[str, wire.Value] = {
            "dsn": file["SFIDDSN"],
            "date": file["SFIDDATE"],
            "time": file["SFIDTIME"],
            "dest": file["SFIDORIG"],
            "orig": file["SFIDDEST"],
        }
        if reason is None:
            values["user"] = file["SFIDUSER"]
        else:
            values |= {"crea": file["SFIDDEST"], "reas": reason}
        self.send(self._command(name, **values | fields))
        self.expect("RTR")

    def expect_response(self, *, within: float | None = None) -> wire.Command:
        """Takes an EERP or NERP, and says RTR. A peer that has the turn gives it away first.

        :returns: The response."""
        if self.is_speaker:
            self._give_turn()
        response = self.expect_any("EERP", "NERP", within=within)
        self.send(self._command("RTR"))
        return response

    def end(self) -> None:
        """Ends the session normally, as far as the turn allows (RFC 5024 4.6): the one to whom the
        turn was given last says ESID 00, the other one closes."""
        if self.is_speaker and not self._may_end:
            self._give_turn()
        if not self.is_speaker:
            came = self.expect_any("CD", "ESID")
            if came.name == "ESID":
                if came.reas != 0:
                    raise self._failed(f"expected the normal end, but ESIDREAS is {came.reas!r}")
                self.close()
                return
        self.send(self._command("ESID", reas=0))
        self.expect_close()

    # -- Inside

    def _challenge(self, seal: Callable[[bytes], bytes]) -> None:
        plain = os.urandom(20)
        self.send(self._command("AUCH", chal=seal(plain)))
        self.expect("AURP", rsp=plain)

    def _answer_challenge(self, unseal: Callable[[bytes], bytes]) -> None:
        challenge = self.expect("AUCH")
        self.send(self._command("AURP", rsp=unseal(challenge["AUCHCHAL"])))

    def _receive_data(self) -> tuple[bytes, list[int], wire.Command]:
        """DATA up to EFID, and CDT whenever the credit is used up."""
        left = credit = self._agreed("SSIDCRED", 7)
        data = bytearray()
        ends: list[int] = []
        while True:
            came = self.expect_any("DATA", "EFID")
            if came.name == "EFID":
                return bytes(data), ends, came
            octets, found = wire.data_of(came["DATABUF"])
            ends += [len(data) + end for end in found]
            data += octets
            left -= 1
            if left == 0:
                self.send(self._command("CDT"))
                left = credit

    def _command(self, name: str, **fields: wire.Value) -> wire.Command:
        return wire.Command(name, self.level, **fields)

    def _take_turn(self) -> None:
        if not self.is_speaker:
            self.expect("CD")

    def _give_turn(self) -> None:
        self.send(self._command("CD"))

    def _agreed(self, field: str, default: int) -> int:
        """The lower value of both SSIDs; at least 1, so that a hostile one cannot stop a scene."""
        values = [
            int(ssid[field])
            for ssid in (self.own_ssid, self.partner_ssid)
            if ssid is not None and ssid[field].isdigit()
        ]
        return max(min(values, default=default), 1)

    def _known_file(self) -> wire.Command:
        if self.file is None:
            raise self._failed("no file came that could be responded to")
        return self.file

    def _stamps(self) -> dict[str, str]:
        count = next(_COUNTER) % 10_000
        now = time.localtime()
        if self.level < Level.V1_4:
            return {"date": time.strftime("%y%m%d", now), "time": time.strftime("%H%M%S", now)}
        return {
            "date": time.strftime("%Y%m%d", now),
            "time": f"{time.strftime('%H%M%S', now)}{count:04}",
        }

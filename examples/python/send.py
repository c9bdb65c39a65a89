"""Sends files to a partner and waits for their end responses.

    python send.py 127.0.0.1:3305 --id O0177ALPHA --partner O0177BETA FILE...

Passwords are in the environment, where other users do not see them: OFTP_PASSWORD is ours,
OFTP_PARTNER_PASSWORD the partner's. With `--keys` (our private key and certificate in one file) and
`--certificate` (the partner's) it is TLS with secure authentication, files are signed, compressed
and encrypted, and their responses must be signed. Ends with 0 if every file is at its destination.
"""

from __future__ import annotations

import argparse
import os
import sys

import oftp


def arguments() -> argparse.Namespace:
    """What to send to whom."""
    parser = argparse.ArgumentParser(description="Sends files to a partner.")
    parser.add_argument("station", metavar="HOST:PORT")
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--id", required=True, help="our identification code")
    parser.add_argument("--partner", required=True, help="the partner's")
    parser.add_argument("--keys", help="our private key and certificate")
    parser.add_argument("--certificate", help="the partner's certificate")
    parser.add_argument("--timeout", type=float, default=60.0, help="seconds for a response")
    return parser.parse_args()


def report(connection: oftp.Connection, sent: oftp.SentFile, timeout: float) -> bool:
    """Waits for a response and prints it. Whether the file is at its destination."""
    try:
        response = connection.wait_response(sent, timeout=timeout)
    except (oftp.FileRefused, oftp.NotDelivered) as error:
        print(error)
    except TimeoutError as error:
        # Some stations answer in a session of their own, hours later.
        print(f"{sent.file.dsn} is {'stored' if sent.stored else 'not sent'}: {error}")
    else:
        signed = " and signed for" if sent.proof == oftp.mailbox.Proof.SIGNED else ""
        print(f"{response.dsn} is delivered{signed}")
        return True
    return False


def main() -> int:
    """Calls, sends, waits."""
    options = arguments()
    secured = options.keys is not None
    host, _, port = options.station.rpartition(":")
    me = oftp.Identity(
        code=options.id, password=os.environ.get("OFTP_PASSWORD", ""), keys=options.keys
    )
    partner = oftp.Partner(
        code=options.partner,
        password=os.environ.get("OFTP_PARTNER_PASSWORD"),
        certificates=options.certificate,
        authentication=secured,
    )
    how = oftp.How(sign=secured, encrypt=secured, compress=secured, signed_response=secured)
    with oftp.connect(host, int(port), identity=me, partner=partner, tls=secured) as connection:
        sent = [connection.queue(file, **how) for file in options.files]
        delivered = [report(connection, file, options.timeout) for file in sent]
    return 0 if all(delivered) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (oftp.OftpError, OSError) as error:
        sys.exit(str(error))

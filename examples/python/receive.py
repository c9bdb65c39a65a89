"""Waits for calls of a partner and stores the files that come in a folder.

    python receive.py 3305 inbox --id O0177BETA --partner O0177ALPHA

Passwords and keys are as in send.py. Each file is answered by an end response. Ctrl-C ends it;
`--once` ends it after one session.
"""

from __future__ import annotations

import argparse
import os
import sys

import oftp


class Prints(oftp.Handler):
    """Prints what happens."""

    def received(self, received: oftp.ReceivedFile) -> None:
        print(f"{received.file.dsn} lies in {received.path}", flush=True)

    def turned_away(
        self, file: oftp.VirtualFile, answer: str, reason: int | None, text: str
    ) -> None:
        print(f"{file.dsn} is not taken: {answer} {text}", flush=True)

    def response_sent(self, response: oftp.EndResponse) -> None:
        print(f"the partner knows that we have {response.dsn}", flush=True)

    def warning(self, text: str) -> None:
        print(text, file=sys.stderr)


def arguments() -> argparse.Namespace:
    """Where to wait, for whom."""
    parser = argparse.ArgumentParser(description="Receives files of a partner.")
    parser.add_argument("port", type=int, help="0: any that is free")
    parser.add_argument("folder")
    parser.add_argument("--id", required=True, help="our identification code")
    parser.add_argument("--partner", required=True, help="the partner's")
    parser.add_argument("--keys", help="our private key and certificate")
    parser.add_argument("--certificate", help="the partner's certificate")
    parser.add_argument("--once", action="store_true", help="end after one session")
    return parser.parse_args()


def main() -> None:
    """Serves."""
    options = arguments()
    secured = options.keys is not None
    me = oftp.Identity(
        code=options.id, password=os.environ.get("OFTP_PASSWORD", ""), keys=options.keys
    )
    partner = oftp.Partner(
        code=options.partner,
        password=os.environ.get("OFTP_PARTNER_PASSWORD"),
        certificates=options.certificate,
        authentication=secured,
        tls=secured,
    )
    with oftp.serve(
        port=options.port, identity=me, partners=[partner], inbox=options.folder,
        handler=Prints(), tls=secured,
    ) as server:  # fmt: skip
        print(f"listening on port {server.port}", flush=True)
        if options.once:
            with server.serve_one() as session:
                session.finish()
        else:
            server.serve_forever()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass

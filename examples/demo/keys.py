"""The stations make their keys, and exchange certificates."""

import stat

from reports import check
from station import give
from words import said, title


def exchange(alpha, beta):
    title(1, "Each station makes a key, and gives the certificate for it to the other")
    print("A private key (own.key) decrypts and signs; nobody else may have it. The certificate "
          "(own.pem)\nholds the public half and a name: others encrypt for its owner with it, and "
          "check what he signed.\n")
    for station, host in ((alpha, "oftp.alpha.example"), (beta, "oftp.beta.example")):
        make(station, host)
    print()
    for station, partner in ((alpha, beta), (beta, alpha)):
        take(station, partner)
    print("""
A certificate that comes by mail may be somebody else's who wrote the same name into it, so both
read the SHA-256 to each other by phone before they trust it. Large partners have an authority
(--partner-ca) do that instead.""")


def make(station, host):
    key = generate(station, host)
    print(f"{station.name}: oftp keygen --name \"{station.owner}\" --id \"{station.code}\" "
          "--passphrase-file ... --out own")
    said("own.key", f"RSA of {key['bits']} bits, encrypted by a passphrase, readable by its owner "
         "only: stays secret", after=13)
    said("own.pem", f"{key['subject']}, to {key['not_after'][:10]}: for the partner", after=13)


def generate(station, host):
    """Makes the key of a station and a certificate for it; returns what was reported."""
    made = station.oftp("keygen", "--name", station.owner, "--id", station.code, "--host", host,
                        "--bits", 2048, "--out", station.folder / "own",
                        "--passphrase-file", station.passphrase_file)
    check(made.code == 0, f"{station.name} has no key: {made.errors()}")
    key = made.one("key_made")
    check(key["encrypted"] and not made.faults(), f"the key is not protected: {made.errors()}")
    check(stat.S_IMODE(station.key.stat().st_mode) == 0o600, f"others may read {station.key}")
    station.serial = show(station, station.certificate)["serial"]
    station.sha256 = key["sha256"]
    return key


def take(station, partner):
    """The station takes the certificate of its partner, and compares it by phone."""
    copy = give(partner.certificate, station, partner.name)
    came = show(station, copy)
    check(came["sha256"] == partner.sha256, f"{copy} is not the certificate of {partner.name}")
    checked = station.oftp("cert", "check", copy)
    check(checked.code == 0, f"the certificate of {partner.name} is not good: {checked.errors()}")
    good = [e["purpose"] for e in checked.all("certificate_checked") if e["good"]]
    print(f"{station.name} looks at what came from {partner.name} (oftp cert show, oftp cert "
          "check); read out by phone, and equal:")
    said("SHA-256", came["sha256"], after=13)
    said("good to", ", ".join(good), after=13)


def show(station, certificate):
    return station.oftp("cert", "show", certificate).one("certificate")

"""Single commands: built, changed, cut and explained (RFC 5024 chapters 5, 7 and 8)."""

from __future__ import annotations

import copy
import pickle

import oftp
import pytest
from oftp import Level, RecordFormat, UserError, WireError, wire

ALPHA = "O0177ALPHA-MOTORS  HUB001"


def every_command() -> list[tuple[str, Level]]:
    everywhere = [(name, level) for name in wire.COMMANDS for level in Level]
    there: list[tuple[str, Level]] = []
    for name, level in everywhere:
        try:
            wire.layout(name, level)
        except UserError:
            continue
        there.append((name, level))
    return there


def test_there_are_the_18_commands_in_the_order_of_the_rfc() -> None:
    assert wire.COMMANDS[:4] == ("SSRM", "SSID", "SFID", "SFPA")
    assert len(wire.COMMANDS) == 18
    count = [sum(level is there for _, there in every_command()) for level in Level]
    assert count == [14, 14, 15, 18]


@pytest.mark.parametrize(("name", "level"), every_command())
def test_a_command_of_which_nothing_is_given_is_legal(name: str, level: Level) -> None:
    command = wire.Command(name, level)
    assert command.check() == ()
    assert wire.decode(command.encode(), level, ("strict",)) == command
    layout = wire.layout(name, level)
    assert command.encode()[:1] == layout.code
    assert list(command.fields) == [field.name for field in layout.fields]


@pytest.mark.parametrize("name", wire.COMMANDS)
def test_each_has_a_short_constructor(name: str) -> None:
    assert getattr(wire, name.capitalize())() == wire.Command(name)


def test_defaults_are_those_of_a_session() -> None:
    ssid = wire.Ssid(code=ALPHA)
    assert (ssid.lev, ssid.sdeb, ssid.cred, ssid.sr) == (5, 99_999, 64, "B")
    assert (ssid["SSIDAUTH"], ssid["SSIDRSV1"], ssid["SSIDCR"]) == (b"N", b"    ", b"\r")
    assert wire.Ssrm()["SSRMMSG"] == b"ODETTE FTP READY "


def test_values_take_the_form_of_their_field() -> None:
    offer = wire.Sfid(dsn="INVOICE", fsiz=3, fmt=RecordFormat.V, lrecl="80", sign=True)
    assert offer["SFIDDSN"] == b"INVOICE".ljust(26)
    assert offer["SFIDFSIZ"] == b"0000000000003"
    assert offer["SFIDLRECL"] == b"00080"
    assert (offer["SFIDFMT"], offer["SFIDSIGN"]) == (b"V", b"Y")
    assert (offer.dsn, offer.fsiz, offer.lrecl, offer.fmt) == ("INVOICE", 3, 80, "V")
    assert wire.Eerp(hsh=b"12").hshl == 2
    assert wire.Sfid(date="20070713", time="0130250001").time == "0130250001"


def test_octets_are_taken_as_they_are() -> None:
    offer = wire.Sfid(rest=b"ABC", dsn=b"")
    assert len(bytes(offer)) == 165 - 14 - 26
    assert offer.rest == b"ABC"
    assert offer["SFIDREST"] == b"ABC"
    assert wire.Eerp(hshl=b"abc").hshl == b"abc"
    assert wire.Aurp(rsp=bytearray(b"short")).rsp == b"short"
    assert wire.Sfna(reast=b"\xff").reast == b"\xff"


def test_a_length_follows_what_it_measures_unless_it_is_given() -> None:
    offer = wire.Sfid(desc="häuser")
    assert (offer.descl, offer["SFIDDESC"]) == (7, "häuser".encode())
    assert offer.replace(desc="x").descl == 1
    lying = offer.replace(descl=9)
    assert (lying.descl, lying.desc) == (9, "häuser")
    assert lying.replace(fsiz=1).descl == 9
    assert lying.replace(desc="x").descl == 1
    assert wire.Auch(chal=b"x" * 300)["AUCHCHLL"] == b"\x01\x2c"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"dsn": "X" * 27}, r"SFIDDSN at octet 1, X\(26\): 'X+' does not fit.* 26 octets"),
        ({"dsn": "€"}, "SFIDDSN.*Latin 1"),
        ({"dsn": "a\n"}, "SFIDDSN.*control character"),
        ({"dsn": 7}, "SFIDDSN.*no number"),
        ({"lrecl": 100_000}, r"SFIDLRECL at octet 107, 9\(5\): 100000.*5 digits"),
        ({"lrecl": -1}, "SFIDLRECL.*sign"),
        ({"lrecl": "ten"}, "SFIDLRECL.*digits"),
        ({"lrecl": True}, "SFIDLRECL.*bool"),
        ({"date": "991231"}, "SFIDDATE.*8 digits"),
        ({"desc": "\ud800"}, "SFIDDESC.*surrogate"),
        ({"desc": "x" * 1000}, "SFIDDESC has 1000 octets.*SFIDDESCL.*give descl"),
        ({"rst": 1}, "SFID has no field 'rst' at level 2.0; it has cmd, dsn"),
        ({"fmt": None}, "SFIDFMT.*use int, str, bool or bytes"),
    ],
)
def test_what_does_not_fit_is_the_callers_mistake(fields: dict[str, object], text: str) -> None:
    with pytest.raises(UserError, match=text):
        wire.Sfid(**fields)  # type: ignore[arg-type]


def test_binary_fields_take_octets_only() -> None:
    with pytest.raises(UserError, match="AURPRSP.*binary") as caught:
        wire.Aurp(rsp="secret")
    assert "secret" not in str(caught.value)
    with pytest.raises(UserError, match="EERPHSHL.*at most 65535"):
        wire.Eerp(hshl=65_536)
    with pytest.raises(UserError, match="AURPRSP.*binary"):
        wire.Aurp(rsp=1)


def test_names_that_do_not_exist_are_the_callers_mistake() -> None:
    with pytest.raises(UserError, match="'SFXX' is no command; there are SSRM"):
        wire.Command("SFXX")
    with pytest.raises(UserError, match=r"NERP does not exist at level 1\.3"):
        wire.Nerp(Level.V1_3)
    with pytest.raises(UserError, match="level is 3; use oftp.Level"):
        wire.Cd(3)  # type: ignore[arg-type]
    with pytest.raises(UserError, match="no field 'auth' at level 1.3"):
        wire.Ssid(lev=2, auth=True)


def test_ssid_has_the_layout_of_its_level() -> None:
    assert wire.Ssid(lev=2).level == Level.V1_3
    assert wire.Ssid(lev=4).level == Level.V1_4
    assert wire.Ssid(lev=7).level == Level.V2_0
    assert wire.Ssid(Level.V1_2).lev == 1
    # Whoever names the level has the layout of that one, whatever SSIDLEV says.
    assert "SSIDAUTH" in wire.Ssid(Level.V2_0, lev=2).fields


def test_fields_can_be_left_out() -> None:
    offer = wire.Sfid(desc="x").without("SFIDDESC", "SFIDSIGN")
    assert "SFIDSIGN" not in offer.fields
    assert offer["SFIDDESCL"] == b"001"
    assert len(offer.encode()) == 164
    with pytest.raises(AttributeError, match="sign"):
        _ = offer.sign
    with pytest.raises(KeyError):
        _ = offer["SFIDSIGN"]
    assert offer.replace(sign=True)["SFIDSIGN"] == b"Y"
    assert list(offer.replace(sign=True).fields)[-2:] == ["SFIDSIGN", "SFIDDESCL"]
    again = wire.Sfid().without("SFIDDESCL").replace(desc="x")
    assert again == wire.Sfid(desc="x"), "a length that follows comes back to its place"
    assert again.encode() == wire.Sfid(desc="x").encode()
    with pytest.raises(UserError, match="SFID has no SFIDSIGN"):
        offer.without("SFIDSIGN")


def test_a_command_can_be_cut() -> None:
    cut = wire.Cdt().truncate(2)
    assert cut == wire.Raw(b"C ")
    assert (cut.name, bytes(cut)) == ("?", b"C ")
    assert cut.check(("tolerant",)) == ("short_cdt",)
    with pytest.raises(WireError):
        cut.check()
    assert cut.truncate(0) == wire.Raw(b"")
    with pytest.raises(UserError, match="octets is 4; the Exchange Buffer has 3"):
        wire.Cdt().truncate(4)
    with pytest.raises(UserError):
        wire.Cdt().truncate(-1)


def test_commands_are_values() -> None:
    offer = wire.Sfid(dsn="A")
    assert offer == wire.Sfid(dsn=b"A".ljust(26)) != wire.Sfid(dsn="B")
    assert len({offer, wire.Sfid(dsn="A"), wire.Cd()}) == 2
    assert wire.Cd() == wire.Cd(Level.V1_3), "what is equal on the wire is equal"
    assert wire.Cd() != wire.Raw(b"R")
    assert pickle.loads(pickle.dumps(offer)) == offer == copy.deepcopy(offer)
    with pytest.raises(AttributeError):
        setattr(offer, "dsn", "B")  # noqa: B010
    with pytest.raises(TypeError):
        offer.fields["SFIDDSN"] = b""  # type: ignore[index]
    assert "dsn" in dir(offer)


def test_repr_is_the_call_and_hides_passwords() -> None:
    ssid = wire.Ssid(code=ALPHA, pswd="SECRET", lev=2)
    assert repr(ssid) == f"Ssid(Level.V1_3, code={ALPHA!r}, pswd=***)"
    assert repr(wire.Sfid(dsn="A", desc="x", rest=b"Z")) == "Sfid(dsn='A', rest=b'Z', desc='x')"
    assert repr(wire.Sfid(desc="x", descl=2)) == "Sfid(descl=2, desc='x')"
    assert repr(wire.Data(b"x" * 99_998)).endswith("...(99998))")
    assert repr(wire.parse(b"C ")) == "Cdt().without('CDTRSV1') + b' '"


def test_check_says_what_a_partner_should_refuse_and_where() -> None:
    with pytest.raises(WireError, match='"X" is not one of F, V, U, T') as caught:
        wire.Sfid(fmt=b"X").check()
    error = caught.value
    assert (error.command, error.field, error.offset) == ("SFID", "SFIDFMT", 106)
    assert error.reason == oftp.EsidReason.INVALID_DATA
    assert wire.Sfid(lrecl=80).check(("tolerant",)) == ("any_lrecl",)
    with pytest.raises(WireError):
        wire.Sfid(lrecl=80).check(("any_cr",))
    with pytest.raises(UserError, match="any_thing"):
        wire.Cd().check(("any_thing",))


def test_an_explanation_is_a_table_with_the_names_of_the_rfc() -> None:
    explanation = wire.Esid(reas=2, reast="abc").explain()
    rows = {row.name: row for row in explanation.rows}
    assert rows["ESIDREAS"].meaning == "reason: protocol violation"
    assert (rows["ESIDREAST"].offset, rows["ESIDREAST"].octets) == (6, b"abc")
    assert explanation.fault is None
    lines = str(explanation).splitlines()
    assert lines[0] == "ESID, level 2.0, 10 octets"
    assert lines[3].split() == ["1", "2", "ESIDREAS", "02", "reason:", "protocol", "violation"]


def test_an_explanation_says_what_is_wrong_and_what_is_left() -> None:
    explanation = wire.parse(b"4499").explain()
    assert explanation.trailing == b"99"
    assert isinstance(explanation.fault, WireError)
    assert "2 octets of no field: 39 39" in str(explanation)
    assert "wrong: EFPA" in str(explanation)
    unknown = wire.Raw(b"Zx").explain()
    assert (unknown.command, unknown.rows, unknown.trailing) == (None, (), b"Zx")
    assert str(unknown).startswith("?, level 2.0, 2 octets")


def test_a_text_of_the_partner_stays_in_its_cell() -> None:
    table = str(wire.Esid(reast="a\u2028b\u202ec\x1b\n\u20ac").explain())
    assert r"a\u2028b\u202ec\u{1b}\n€  reason text" in table
    assert all(line.isprintable() for line in table.split("\n"))


def test_an_explanation_hides_secrets() -> None:
    for command in (wire.Ssid(pswd="GEHEIM"), wire.Aurp(rsp=b"GEHEIM".ljust(20))):
        explanation = command.explain()
        assert "GEHEIM" not in str(explanation) + repr(explanation) + repr(command)
        assert "***" in str(explanation)


def test_decoding_raises_what_a_session_would_answer() -> None:
    with pytest.raises(WireError, match="no command code") as caught:
        wire.decode(b"Z")
    assert (caught.value.command, caught.value.reason) == (None, 1)
    with pytest.raises(WireError) as caught:
        wire.decode(b"J", Level.V1_4)
    assert (caught.value.command, caught.value.reason) == ("SECD", 1)
    with pytest.raises(WireError, match="quirk short_cdt would tolerate it"):
        wire.decode(b"C", quirks=("strict",))
    assert wire.decode(memoryview(b"C")).encode() == b"C"


def test_what_a_quirk_tolerates_keeps_its_octets() -> None:
    longer = bytes(wire.Cd()) + b"more"
    assert wire.decode(longer).trailing == b"more"
    assert wire.decode(longer).encode() == longer
    assert wire.decode(longer) != wire.Cd()
    short = bytes(wire.Eerp(dsn="A"))[:106]
    assert wire.decode(short).encode() == short
    assert "EERPHSHL" not in wire.decode(short).fields
    old = wire.Eerp(hshl=b"02", hsh=b"ab", sigl=b"03", sig=b"xyz")
    with pytest.raises(WireError):
        wire.decode(bytes(old))
    read = wire.decode(bytes(old), quirks=("tolerant", "digit_lengths"))
    assert (read.hsh, read.sig, read) == (b"ab", b"xyz", old)


def test_parsing_takes_everything() -> None:
    assert wire.parse(bytes(wire.Sfid(fmt=b"X"))) == wire.Sfid(fmt=b"X")
    assert wire.parse(b"Zx") == wire.Raw(b"Zx")
    assert wire.parse(b"") == wire.Raw(b"")
    digits = bytes(wire.Eerp())[:106] + b"00"
    assert wire.parse(digits) == wire.decode(digits, quirks=("tolerant", "digit_lengths"))
    assert wire.parse(bytes(wire.Sfid())[:100]) == wire.Raw(bytes(wire.Sfid())[:100])
    assert wire.parse(b"N" * 128, Level.V1_3) == wire.Raw(b"N" * 128, Level.V1_3)
    match wire.parse(b"F00\r", Level.V2_0):
        case wire.Command(name="ESID") as esid:
            assert (esid.reas, esid.level) == (0, Level.V1_4)
        case other:
            pytest.fail(repr(other))
    with pytest.raises(TypeError):
        wire.parse(3)  # type: ignore[arg-type]

//! Every fault has its line and its key, and none hides another.

use super::{Place, STATION, with_partner};

/// The faults of a text: line, key, and what is said.
fn faults(place: &Place, text: &str) -> Vec<(usize, String, String)> {
    let errors = match place.parse(text) {
        Ok(_) => panic!("no fault in {text}"),
        Err(errors) => errors.0,
    };
    errors
        .into_iter()
        .map(|fault| (fault.line, fault.key, fault.text))
        .collect()
}

/// What is wrong in the only partner, whose keys begin at line 7.
const OF_PARTNER: &[(&str, usize, &str, &str)] = &[
    (
        "adress = \"host\"",
        7,
        "partner.beta.adress",
        "did you mean `address`?",
    ),
    ("zzzzzzzz = 1", 7, "partner.beta.zzzzzzzz", "known are"),
    (
        "tls = \"off\"\naddress = \"http://host\"",
        8,
        "partner.beta.address",
        "HOST:PORT",
    ),
    (
        "tls = \"off\"\naddress = [\"host\", \"a b\"]",
        8,
        "partner.beta.address[1]",
        "HOST:PORT",
    ),
    ("tls = \"of\"", 7, "partner.beta.tls", "\"required\""),
    ("tls = true", 7, "partner.beta.tls", "a text in quotes"),
    (
        "address = \"host\"",
        5,
        "partner.beta.tls",
        "`certificates` or `authorities`",
    ),
    (
        "tls = \"required\"\naddress = \"host\"",
        7,
        "partner.beta.tls",
        "tls = \"off\"",
    ),
    ("tls_name = \"a b\"", 7, "partner.beta.tls_name", ""),
    (
        "client_certificate = \"yes\"",
        7,
        "partner.beta.client_certificate",
        "\"optional\"",
    ),
    (
        "stations = [\"OGAMMA\", \"o*\"]",
        7,
        "partner.beta.stations[1]",
        "identification code",
    ),
    (
        "stations = [\"OALPHA\"]",
        7,
        "partner.beta.stations",
        "a code of this station itself",
    ),
    (
        "stations = [\"OBETA\"]",
        7,
        "partner.beta.stations",
        "already the code of the partner beta",
    ),
    ("level = \"2.1\"", 7, "partner.beta.level", "\"2.0\""),
    ("level = 2.0", 7, "partner.beta.level", "a text in quotes"),
    (
        "level = \"1.2\"\nlowest_level = \"1.4\"",
        8,
        "partner.beta.lowest_level",
        "above `level`",
    ),
    (
        "authentication = true\nlevel = \"1.4\"\ncertificates = \"keys/beta.pem\"",
        8,
        "partner.beta.level",
        "need 2.0",
    ),
    (
        "authentication = true\nlowest_level = \"1.4\"\ncertificates = \"keys/beta.pem\"",
        8,
        "partner.beta.lowest_level",
        "leave it out",
    ),
    (
        "authentication = true",
        7,
        "partner.beta.authentication",
        "`auth`",
    ),
    ("buffer = 127", 7, "partner.beta.buffer", "128 to 99999"),
    (
        "buffer = \"4096\"",
        7,
        "partner.beta.buffer",
        "here it is a text",
    ),
    ("credit = 1000", 7, "partner.beta.credit", "1 to 999"),
    (
        "credit = 99999999999999999999999",
        7,
        "partner.beta.credit",
        "1 to 999",
    ),
    (
        "quirks = [\"tolerant\", \"-late_cd\"]",
        7,
        "partner.beta.quirks[1]",
        "late_cdt",
    ),
    (
        "profile = \"mendel\"",
        7,
        "partner.beta.profile",
        "mendelson",
    ),
    (
        "file_size = \"10 elephants\"",
        7,
        "partner.beta.file_size",
        "10MiB",
    ),
    ("quota = \"0\"", 7, "partner.beta.quota", "above 0"),
    (
        "origins = \"all\"",
        7,
        "partner.beta.origins",
        "identification code",
    ),
    ("sessions = 0", 7, "partner.beta.sessions", "1 to 1000"),
    (
        "certificates = \"keys/none.pem\"",
        7,
        "partner.beta.certificates",
        "is the path right?",
    ),
    (
        "certificates = \"keys/alpha.key\"",
        7,
        "partner.beta.certificates",
        "no certificate",
    ),
    (
        "certificates = { sing = \"keys/beta.pem\" }",
        7,
        "partner.beta.certificates.sing",
        "did you mean `sign`?",
    ),
    ("crl = \"keys/beta.pem\"", 7, "partner.beta.crl", "(CRL)"),
    (
        "crl_max_age = \"30\"",
        7,
        "partner.beta.crl_max_age",
        "\"400d\"",
    ),
    (
        "[partner.beta.protect]\nencrypt = true",
        7,
        "partner.beta.protect",
        "`encrypt`",
    ),
    (
        "[partner.beta.protect]\nsigned_eerp = true",
        7,
        "partner.beta.protect",
        "`eerp`",
    ),
    (
        "[partner.beta.protect]\ncompress = 10",
        8,
        "partner.beta.protect.compress",
        "0 to 9",
    ),
    (
        "[partner.beta.protect]\nsuite = \"11\"",
        8,
        "partner.beta.protect.suite",
        "\"04\"",
    ),
    (
        "[partner.beta.accept]\nsigned = \"required\"",
        8,
        "partner.beta.accept.signed",
        "no signature can be checked",
    ),
    (
        "[partner.beta.accept]\nsigned = \"must\"",
        8,
        "partner.beta.accept.signed",
        "\"required\"",
    ),
    (
        "[partner.beta.accept]\nsuites = [\"04\", \"4x\"]",
        8,
        "partner.beta.accept.suites[1]",
        "\"04\"",
    ),
    (
        "[partner.beta.accept]\nformats = [\"X\"]",
        8,
        "partner.beta.accept.formats",
        "\"U\"",
    ),
    (
        "[partner.beta.schedule]\nwindows = [\"mon 06:00-20:00\", \"mon 6-20\"]",
        8,
        "partner.beta.schedule.windows[1]",
        "mon-fri 06:00-20:00",
    ),
    (
        "[partner.beta.schedule]\npoll = \"0s\"",
        8,
        "partner.beta.schedule.poll",
        "1s",
    ),
    (
        "[partner.beta.retry]\nfirst = \"2h\"",
        8,
        "partner.beta.retry.first",
        "`longest`",
    ),
    (
        "[partner.beta.retry]\nattempts = \"ever\"",
        8,
        "partner.beta.retry.attempts",
        "\"never\"",
    ),
    (
        "[partner.beta.responses]\nexpected = \"no\"",
        8,
        "partner.beta.responses.expected",
        "true or false",
    ),
    (
        "[partner.beta.timers]\nsilence = \"long\"",
        8,
        "partner.beta.timers.silence",
        "\"30s\"",
    ),
    (
        "[[partner.beta.station]]\ncertificates = \"keys/beta.pem\"",
        7,
        "partner.beta.station.id",
        "is missing",
    ),
    (
        "[partner.beta.send]\nfiles = \"*\"",
        7,
        "partner.beta.send",
        "[[partner.beta.send]]",
    ),
    (
        "[[partner.beta.send]]\ndsn = \"{nam}\"",
        8,
        "partner.beta.send.dsn",
        "{name}",
    ),
    (
        "[[partner.beta.send]]\nformat = \"F\"",
        7,
        "partner.beta.send.record_length",
        "SFIDLRECL",
    ),
    (
        "[[partner.beta.send]]\nrecord_length = 80",
        8,
        "partner.beta.send.record_length",
        "F and V",
    ),
    (
        "[[partner.beta.send]]\nconvert = \"ebcdic\"",
        8,
        "partner.beta.send.convert",
        "037",
    ),
    (
        "[[partner.beta.send]]\npriority = 10",
        8,
        "partner.beta.send.priority",
        "0 to 9",
    ),
    (
        "certificates = \"keys/beta.pem\"\n\
         [[partner.beta.send]]\ndestination = \"OGAMMA\"\nprotect = { encrypt = true }",
        8,
        "partner.beta.send",
        "[[partner.NAME.station]]",
    ),
    (
        "[[partner.beta.send]]\nprotect = { encrypt = true }",
        7,
        "partner.beta.send",
        "`encrypt`",
    ),
    (
        "[[partner.beta.send]]\n[[partner.beta.send]]\nfile = \"a\"",
        9,
        "partner.beta.send[1].file",
        "did you mean `files`?",
    ),
    (
        "[[partner.beta.receive]]\nrecords = \"cr\"",
        8,
        "partner.beta.receive.records",
        "\"crlf\"",
    ),
];

/// What is wrong in a station with keys, from line 5 on.
const OF_STATION: &[(&str, usize, &str, &str)] = &[
    ("[stations]", 5, "stations", "did you mean `station`?"),
    ("[partner.Audi]\nid = \"OAUDI\"", 5, "partner.Audi", "a-z"),
    (
        "[partner.\"../audi\"]\nid = \"OAUDI\"",
        5,
        "partner.../audi",
        "a-z",
    ),
    ("[partner.beta]", 5, "partner.beta.id", "SSIDCODE"),
    ("[partner]\nbeta = 1", 6, "partner.beta", "a table"),
    (
        "[partner.a]\nid = \"OALPHA\"",
        6,
        "partner.a.id",
        "of this station itself",
    ),
    (
        "[partner.a]\nid = \"OA\"\n[partner.b]\nid = \"OA\"",
        8,
        "partner.b.id",
        "the partner a",
    ),
    (
        "[partner.a]\nid = \"OA\"\nown_id = \"OB\"\n[partner.b]\nid = \"OB\"",
        9,
        "partner.b.id",
        "of this station itself",
    ),
    (
        "[partner.a]\nid = \"OA\"\nauthorities = \"keys/beta.pem\"\n[partner.b]\nid = \"OB\"",
        5,
        "partner.a.certificate_names",
        "would all be this partner's",
    ),
    (
        "[[listen]]\naddress = \"host\"",
        6,
        "listen.address",
        "[::]:6619",
    ),
    ("[[listen]]\nport = 70000", 6, "listen.port", "65535"),
    (
        "[[listen]]\n[[listen]]\ntls = false\nport = 6619",
        6,
        "listen[1]",
        "listened on already",
    ),
    ("[listen]\nport = 6619", 5, "listen", "[[listen]]"),
    (
        "[security]\nunnamed_suite = \"00\"",
        6,
        "security.unnamed_suite",
        "\"01\"",
    ),
    (
        "[limits]\nfree_space = \"lots\"",
        6,
        "limits.free_space",
        "10MiB",
    ),
    ("[limits]\nincoming = -1", 6, "limits.incoming", "from 0"),
    (
        "[retention]\nidentities = \"never\"",
        6,
        "retention.identities",
        "\"400d\"",
    ),
    (
        "[retention]\nsent = \"never\"",
        6,
        "retention.sent",
        "\"none\"",
    ),
    ("[log]\nformat = \"xml\"", 6, "log.format", "\"json\""),
    ("[metrics]", 5, "metrics.address", "is missing"),
    (
        "[metrics]\naddress = \"9305\"",
        6,
        "metrics.address",
        "127.0.0.1:9305",
    ),
    (
        "[outbox]\ninterval = 2",
        6,
        "outbox.interval",
        "a text in quotes",
    ),
    (
        "[timers]\nsilence = \"200000000d\"",
        6,
        "timers.silence",
        "hundred years",
    ),
    ("[session]\nrefusals = 0", 6, "session.refusals", "from 1"),
    (
        "[[group]]\nname = \"all\"\nid = \"OALL\"",
        5,
        "group.members",
        "is missing",
    ),
    (
        "[[group]]\nname = \"all\"\nid = \"OALL\"\nmembers = [\"OX\"]",
        8,
        "group.members",
        "no partner leads to the member OX",
    ),
    (
        "[[hook]]\nname = \"h\"\nevents = [\"file_lost\"]\ncommand = [\"a\"]",
        7,
        "hook.events",
        "file_delivered",
    ),
    (
        "[[hook]]\nname = \"h\"\nevents = [\"file_done\"]",
        5,
        "hook.command",
        "there is no shell",
    ),
    (
        "[[hook]]\nname = \"h\"\nevents = [\"file_done\"]\ncommand = [\"a\", \"{pth}\"]",
        8,
        "hook.command[1]",
        "{path}",
    ),
    (
        "[[hook]]\nname = \"h\"\nevents = [\"file_done\"]\ncommand = [\"a\"]\npartners = [\"b\"]",
        9,
        "hook.partners",
        "[partner.NAME]",
    ),
    (
        "[[hook]]\nname = \"h\"\nevents = [\"file_done\"]\ncommand = [\"a\"]\nrefuses = true",
        9,
        "hook.refuses",
        "file_received",
    ),
];

/// What is not as it should be: of these keys or tables there is exactly this fault.
fn mismatch(place: &Place, text: &str, line: usize, key: &str, says: &str) -> Option<String> {
    let found = faults(place, text);
    let good = match found.as_slice() {
        [(found_line, found_key, found_text)] => {
            (*found_line, found_key.as_str()) == (line, key) && found_text.contains(says)
        }
        _ => false,
    };
    (!good).then(|| format!("{text}\nexpected {line} {key}: {says}\nfound {found:#?}\n"))
}

#[track_caller]
fn assert_none(mismatches: impl Iterator<Item = String>) {
    let all: Vec<_> = mismatches.collect();
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn every_fault_of_a_partner_has_its_line_and_key() {
    let place = Place::new();
    assert_none(OF_PARTNER.iter().filter_map(|(keys, line, key, says)| {
        mismatch(&place, &with_partner(keys), *line, key, says)
    }));
}

#[test]
fn every_fault_of_the_station_has_its_line_and_key() {
    let place = Place::new();
    assert_none(OF_STATION.iter().filter_map(|(tables, line, key, says)| {
        mismatch(&place, &format!("{STATION}{tables}\n"), *line, key, says)
    }));
}

#[test]
fn a_station_needs_a_code_and_keys_that_fit() {
    let place = Place::new();
    let wrong = [
        ("", 1, "station", "is missing"),
        ("[station]", 1, "station.id", "SSIDCODE"),
        ("[station]\nid = \"\"", 2, "station.id", "is empty"),
        ("station = 1", 1, "station", "a table"),
        (
            "[station]\nid = \"OA\"\n[[listen]]",
            3,
            "listen",
            "`oftp keygen`",
        ),
        (
            "[station]\nid = \"OA\"\n[keys]\nall = \"keys/alpha.key\"",
            3,
            "keys",
            "certificate",
        ),
        (
            "[station]\nid = \"OA\"\n[keys]\nsign = \"keys/alpha.pem\"",
            4,
            "keys.sign",
            "no private key",
        ),
        (
            "[station]\nid = \"OA\"\n[keys]\nall = [\"keys/alpha-encrypted.key\"]",
            4,
            "keys.all",
            "passphrase =",
        ),
    ];
    assert_none(
        wrong
            .into_iter()
            .filter_map(|(text, line, key, says)| mismatch(&place, text, line, key, says)),
    );
}

#[test]
fn all_faults_are_told_in_the_order_of_their_lines() {
    let place = Place::new();
    let text = with_partner(
        "adress = \"h\"\nbuffer = 1\n[partner.beta.schedule]\npoll = \"x\"\n[log]\nformat = 1",
    );
    let found = faults(&place, &text);
    let keys: Vec<_> = found.iter().map(|(line, key, _)| (*line, &**key)).collect();
    assert_eq!(
        keys,
        [
            (7, "partner.beta.adress"),
            (8, "partner.beta.buffer"),
            (10, "partner.beta.schedule.poll"),
            (12, "log.format"),
        ]
    );
}

#[test]
fn what_is_no_toml_is_told_by_its_line() {
    let place = Place::new();
    let found = faults(&place, "[station]\nid = \"OA\nx = [\n");
    assert_eq!(found.first().map(|(line, ..)| *line), Some(2), "{found:?}");
    let twice = faults(&place, "[station]\nid = \"OA\"\nid = \"OB\"\n");
    assert_eq!(twice.first().map(|(line, ..)| *line), Some(3), "{twice:?}");
}

#[test]
fn a_fault_is_told_with_its_file() {
    let place = Place::new();
    let errors = place.parse("[station]\nid = 1\n").expect_err("a fault");
    let file = place.folder().config();
    let told = format!("{}:2: station.id: is a text in quotes", file.display());
    assert!(errors.to_string().starts_with(&told), "{errors}");
}

#[test]
fn a_file_that_is_missing_or_no_text_is_told() {
    use crate::station::config::Config;
    let place = Place::new();
    let missing = Config::load(&place.folder())
        .expect_err("no file")
        .to_string();
    assert!(
        missing.contains("oftp.toml") && missing.contains("No such file"),
        "{missing}"
    );
    place.write("oftp.toml", b"[station]\nid = \"O\xFFA\"\n");
    let garbled = Config::load(&place.folder())
        .expect_err("no text")
        .to_string();
    assert!(garbled.contains("line 2 is no UTF-8"), "{garbled}");
    // Who reloads keeps what it has: there is nothing to put in its place.
    place.write("oftp.toml", STATION);
    assert!(Config::load(&place.folder()).is_ok());
}

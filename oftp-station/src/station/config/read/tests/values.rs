//! Values, and what holds where nothing is said.

use std::time::Duration;

use jiff::civil::{Weekday, time};
use oftp_core::mailbox::{Origins, Rule};
use oftp_core::wire::{Level, Quirks, RecordFormat};

use super::super::values::{duration, quirks, size, window};
use super::{Place, STATION, with_partner};
use crate::records::Format;
use crate::security::Use;
use crate::serve::Needs;
use crate::station::config::{
    Config, Conversion, EndResponses, Limits, LogConfig, Retention, Retry, Schedule,
};

#[test]
fn times() {
    for (text, seconds) in [
        ("0s", 0),
        ("30s", 30),
        ("5m", 300),
        ("2h", 7_200),
        ("400d", 34_560_000),
        ("1h 30m", 5_400),
        ("1h30m", 5_400),
        ("10 s", 10),
    ] {
        assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
    }
    for wrong in [
        "",
        "5",
        "m",
        "-1s",
        "1.5h",
        "5w",
        "5ms",
        "18446744073709551615d",
        "1é",
    ] {
        assert!(duration(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn sizes() {
    for (text, octets) in [
        ("1", 1),
        ("512B", 512),
        ("100KiB", 102_400),
        ("10 MiB", 10 << 20),
        ("2GiB", 2 << 30),
        ("1TiB", 1 << 40),
        ("5MB", 5_000_000),
    ] {
        assert_eq!(size(text), Ok(octets), "{text}");
    }
    for wrong in ["", "0", "MiB", "1.5GiB", "-1", "10mib", "9999999999TiB"] {
        assert!(size(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn windows() {
    let read = window("mon-fri 06:00-20:00").expect("a window");
    assert_eq!(read.days.len(), 5);
    assert_eq!(
        (read.from, read.until),
        (time(6, 0, 0, 0), time(20, 0, 0, 0))
    );
    let over_midnight = window("22:30-04:00").expect("a window");
    assert!(over_midnight.days.is_empty());
    assert_eq!(over_midnight.from, time(22, 30, 0, 0));
    let days = window("sat,mon 06:00-07:00").expect("a window").days;
    assert_eq!(days, [Weekday::Saturday, Weekday::Monday]);
    for wrong in [
        "",
        "mon-",
        "noon",
        "mon",
        "mon 06:00",
        "25:00-26:00",
        "é 06:00-07:00",
    ] {
        assert!(window(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn quirks_are_added_and_taken_away_in_order() {
    assert_eq!(quirks(&[]), Ok(Quirks::TOLERANT));
    assert_eq!(quirks(&["strict", "+any_cr"]), Ok(Quirks::ANY_CR));
    let without = Quirks::TOLERANT.without(Quirks::LATE_CDT);
    assert_eq!(quirks(&["tolerant,-late_cdt"]), Ok(without));
}

#[test]
fn a_station_of_which_nothing_is_said_has_the_defaults() {
    let place = Place::new();
    let config = place.good("[station]\nid = \"OALPHA\"\n");
    assert_eq!(config.own.code.trimmed(), b"OALPHA");
    assert!(config.ports.is_empty() && config.tls.is_none() && config.partners.is_empty());
    assert_eq!(config.limits, Limits::default());
    assert_eq!(config.retention, Retention::default());
    assert_eq!(config.log, LogConfig::default());
    assert_eq!(config.metrics, None);
    assert_eq!(config.warnings.0, []);
}

/// TLS and level 2.0 unless the configuration says otherwise (threat model S9, S11).
#[test]
fn a_partner_of_which_nothing_is_said_must_use_tls() {
    let partner = Place::new().partner("");
    assert_eq!(partner.needs, Needs::Tls);
    let capabilities = partner.mailbox.capabilities.clone().expect("capabilities");
    assert_eq!(
        (capabilities.min_level, capabilities.level),
        (Level::V2_0, Level::V2_0)
    );
    assert_eq!(
        (capabilities.buffer_size, capabilities.window),
        (99_999, 64)
    );
    assert!(capabilities.restart && !capabilities.compression);
    assert_eq!(partner.schedule, Schedule::default());
    assert_eq!(partner.retry, Retry::default());
    assert_eq!(partner.responses, EndResponses::default());
    assert_eq!(partner.mailbox.quirks, Some(Quirks::TOLERANT));
    assert!(!partner.protection.is_any() && !partner.mailbox.authentication);
    let policy = &partner.mailbox.policy;
    assert_eq!(policy.origins, Origins::Organisation);
    // Without a certificate of the partner no signature of it could be checked.
    assert_eq!(
        (policy.signing, policy.encryption),
        (Rule::Forbidden, Rule::Allowed)
    );
    assert_eq!(policy.suites, (0..=6).collect::<Vec<u8>>());
}

/// What is to be secured needs level 2.0 (threat model S9).
#[test]
fn the_lowest_level_follows_from_what_is_asked_for() {
    let place = Place::new();
    let lowest = |keys: &str| {
        let partner = place.partner(keys);
        partner
            .mailbox
            .capabilities
            .expect("capabilities")
            .min_level
    };
    assert_eq!(lowest("tls = \"off\""), Level::V1_2);
    assert_eq!(lowest("level = \"1.4\""), Level::V1_4);
    assert_eq!(
        lowest("tls = \"required\"\nlowest_level = \"1.3\""),
        Level::V1_3
    );
    let certificate = "tls = \"off\"\ncertificates = \"keys/beta.pem\"\n";
    for secured in [
        "authentication = true",
        "protect = { sign = true }",
        "accept = { signed = \"required\" }",
        "[[partner.beta.send]]\nprotect = { sign = true }",
    ] {
        assert_eq!(
            lowest(&format!("{certificate}{secured}")),
            Level::V2_0,
            "{secured}"
        );
    }
}

#[test]
fn keys_are_for_their_uses() {
    let place = Place::new();
    let keys =
        "address = \"host\"\ncertificates = { tls = \"keys/beta.pem\", sign = \"keys/beta.pem\" }";
    let config = place.good(&format!("{}[[listen]]\n", with_partner(keys)));
    let partner = config.partner("beta").expect("beta");
    assert!(partner.tls.is_some() && config.tls.is_some());
    let known = config.security.ring.with(&partner.mailbox.code).partner;
    assert!(known.knows(Use::Tls) && known.knows(Use::Sign));
    assert!(!known.knows(Use::Encrypt) && !known.knows(Use::Auth));
    assert_eq!(config.ports[0].address.to_string(), "[::]:6619");
}

#[test]
fn rules_say_all_they_can() {
    let place = Place::new();
    let partner = place.partner(
        "certificates = \"keys/beta.pem\"\nprotect = { sign = true, compress = true }\n\
         [[partner.beta.send]]\nfiles = \"*.edi\"\ndsn = \"A{1}\"\nformat = \"V\"\nconvert = \"273\"\n\
         destination = \"OGAMMA\"\npriority = 0\nprotect = { sign = false }\n\
         [[partner.beta.send]]\nformat = \"F\"\nrecord_length = 80\n\
         [[partner.beta.receive]]\nname = \"{dsn}\"",
    );
    let [first, second] = partner.send.as_slice() else {
        panic!("{:?}", partner.send);
    };
    assert_eq!((&*first.files.0, &*first.dsn.0), ("*.edi", "A{1}"));
    assert_eq!((first.format, first.priority), (Format::Variable(0), 0));
    assert_eq!(first.conversion, Conversion::CodePage("273"));
    let own = first.protection.expect("a protection of its own");
    assert_eq!(
        (own.sign, own.compress),
        (false, Some(6)),
        "the rest is as for the others"
    );
    assert_eq!(
        (second.format, second.protection),
        (Format::Fixed(80), None)
    );
    assert_eq!(&*second.files.0, "*");
    assert_eq!(partner.receive[0].name.as_ref().expect("a name").0, "{dsn}");
}

/// (threat model N6)
#[test]
fn a_partner_brings_files_for_others_only_where_that_is_said() {
    let place = Place::new();
    let served = |config: &Config, name: &str| {
        let partner = config.partner(name).expect("a partner");
        let codes = partner.mailbox.policy.destinations.clone();
        codes.map(|codes| {
            let mut codes: Vec<_> = codes.iter().map(ToString::to_string).collect();
            codes.sort();
            codes
        })
    };
    let config = place.good(
        "[station]\nid = \"OALPHA\"\nstations = [\"OPLANT\"]\n\
         [partner.a]\nid = \"OA\"\nforward = true\n\
         [partner.b]\nid = \"OB\"\nstations = [\"OC\"]\n\
         [[group]]\nname = \"all\"\nid = \"OALL\"\nmembers = [\"OB\", \"OC\"]\n",
    );
    assert_eq!(served(&config, "a"), None, "all whom the station reaches");
    let ours = vec!["OALPHA".to_owned(), "OPLANT".to_owned()];
    assert_eq!(served(&config, "b"), Some(ours));
}

#[test]
fn bounds_of_the_station_hold_for_its_partners() {
    let place = Place::new();
    let text = format!(
        "{}[limits]\nfile_size = \"1MiB\"\n",
        with_partner("file_size = \"2MiB\"")
    );
    let config = place.good(&text);
    assert_eq!(config.partners[0].mailbox.policy.max_blocks, Some(1024));
    let formats = place
        .partner("accept = { formats = [\"U\"] }")
        .mailbox
        .policy
        .formats;
    assert_eq!(formats, [RecordFormat::U]);
    let legacy = place.good(&format!("{}[security]\nlegacy = false\n", with_partner("")));
    assert!(!legacy.partners[0].mailbox.policy.suites.contains(&1));
    assert!(legacy.security.no_legacy && !legacy.hide_unknown);
}

#[test]
fn what_is_kept_and_hidden_is_as_it_says() {
    let place = Place::new();
    let said = "[security]\nhide_unknown = true\n[retention]\nunfinished = \"never\"\n";
    let config = place.good(&format!("{STATION}{said}"));
    assert!(config.hide_unknown);
    assert_eq!(config.retention.unfinished, None);
    let config = place.good(&format!("{STATION}[retention]\nunfinished = \"7d\"\n"));
    let week = Duration::from_secs(7 * 24 * 3600);
    assert_eq!(config.retention.unfinished, Some(week));
}

#[test]
fn failed_authentications_outlive_a_reload() {
    let place = Place::new();
    let before = place.good(STATION);
    let (code, now) = (before.own.code, std::time::Instant::now());
    for _ in 0..10 {
        before.security.attempts.failed(code.trimmed(), now);
    }
    let after = place.good(STATION);
    assert!(!after.security.attempts.are_used_up(code.trimmed(), now));
    assert!(
        after
            .succeeding(&before)
            .security
            .attempts
            .are_used_up(code.trimmed(), now)
    );
}

#[test]
fn ways_in_that_are_missing_are_warned_of() {
    let place = Place::new();
    let warned = |text: &str| {
        let warnings = place.good(text).warnings.0.into_iter();
        warnings.map(|warning| warning.key).collect::<Vec<_>>()
    };
    assert_eq!(warned(&with_partner("")), ["partner.beta.address"]);
    let plain = format!("{}[[listen]]\ntls = false\n", with_partner(""));
    assert_eq!(
        warned(&plain),
        ["partner.beta.address", "partner.beta.their_password"]
    );
    let open = format!("{STATION}[metrics]\naddress = \"0.0.0.0:9305\"\n");
    assert_eq!(warned(&open), ["metrics.address"]);
}

//! Lists of revoked certificates (CRLs): who made them, how old they may be, and what they cover.

use std::time::Duration;

use oftp_secure::trust::{Revocation, Unknown};
use oftp_secure::{Certificate, DistrustKind, Purpose, Trust};
use oftp_tests::pki::{Authority, day, params, self_signed};
use rcgen::{CrlDistributionPoint, SerialNumber};

use crate::{now, refused, refused_for, taken};

fn issue(authority: &Authority, serial: u64) -> Certificate {
    let mut params = params("partner");
    params.serial_number = Some(SerialNumber::from(serial));
    authority.issue("partner", &params).certificate
}

/// An authority's certificate is the partner's in both ways.
fn both_ways(root: &Authority, partner: &Certificate, lists: &[Vec<u8>]) -> [Trust; 2] {
    let by_path = Trust {
        anchors: vec![root.certificate.clone()],
        revoked: lists.to_vec(),
        ..Trust::default()
    };
    let mut pinned = by_path.clone();
    pinned.pinned.push(partner.clone());
    [by_path, pinned]
}

const REFUSE: Revocation = Revocation {
    unknown: Unknown::Refuse,
    max_age: None,
};

#[test]
fn revoked_is_revoked_in_every_way() {
    let root = Authority::new("root");
    let (bad, good) = (issue(&root, 0x80), issue(&root, 2));
    let list = root.list(day(2030, 1, 1), day(2030, 2, 1), &[&bad]);
    for revocation in [Revocation::default(), REFUSE] {
        for mut trust in both_ways(&root, &bad, std::slice::from_ref(&list)) {
            trust.revocation = revocation;
            let distrust = refused_for(&trust, &bad, Purpose::SignFile);
            let (on, reason) = (day(2030, 1, 1), Some("its key was stolen"));
            assert_eq!(distrust.kind, DistrustKind::Revoked { on, reason });
            let text = distrust.to_string();
            assert!(text.contains("revoked on 2030-01-01"), "{text}");
            trust.pinned.retain(|pin| pin != &bad);
            taken(&trust, &good);
        }
    }
}

#[test]
fn a_list_of_somebody_else_says_nothing() {
    let (root, other) = (Authority::new("root"), Authority::new("other"));
    let partner = issue(&root, 1);
    // The same name as the authority, and another key.
    let impostor = Authority::with_key("root", "impostor");
    for authority in [other, impostor] {
        let list = authority.list(day(2030, 1, 1), day(2030, 2, 1), &[&partner]);
        for mut trust in both_ways(&root, &partner, &[list]) {
            taken(&trust, &partner);
            trust.revocation = REFUSE;
            let issuer = "CN=root".to_owned();
            assert_eq!(
                refused(&trust, &partner),
                DistrustKind::UnknownStatus { issuer }
            );
        }
    }
}

#[test]
fn an_unknown_status_is_taken_or_not_as_the_policy_says() {
    let root = Authority::new("root");
    let partner = issue(&root, 1);
    for mut trust in both_ways(&root, &partner, &[]) {
        taken(&trust, &partner);
        trust.revocation = REFUSE;
        let issuer = "CN=root".to_owned();
        assert_eq!(
            refused(&trust, &partner),
            DistrustKind::UnknownStatus { issuer }
        );
    }
    // Nobody but ourselves revokes what is pinned and self-signed.
    let own = self_signed("own").certificate;
    let trust = Trust {
        revocation: REFUSE,
        ..crate::pins(&[&own])
    };
    taken(&trust, &own);
}

#[test]
fn a_list_grows_old() {
    let root = Authority::new("root");
    let (bad, good) = (issue(&root, 1), issue(&root, 2));
    let expired = root.list(day(2029, 12, 1), day(2030, 1, 1), &[&bad]);
    let of_january = root.list(day(2030, 1, 1), day(2031, 1, 1), &[&bad]);
    let days = |days: u64| Some(Duration::from_secs(days * 86_400));
    for (lists, max_age, is_current) in [
        (vec![expired.clone()], None, false),
        (vec![of_january.clone()], None, true),
        (vec![of_january.clone()], days(30), true),
        (vec![of_january.clone()], days(29), false),
        (vec![expired.clone(), of_january.clone()], None, true),
        (vec![of_january.clone(), expired.clone()], None, true),
    ] {
        for mut trust in both_ways(&root, &good, &lists) {
            trust.revocation = Revocation { max_age, ..REFUSE };
            // An old list still revokes what it revoked.
            assert!(matches!(
                refused(&trust, &bad),
                DistrustKind::Revoked { .. }
            ));
            if is_current {
                taken(&trust, &good);
            } else {
                let kind = refused(&trust, &good);
                assert!(matches!(kind, DistrustKind::OldList { .. }), "{kind:?}");
            }
            trust.revocation.unknown = Unknown::Allow;
            taken(&trust, &good);
        }
    }
}

#[test]
fn a_list_that_cannot_be_read_is_no_list() {
    let root = Authority::new("root");
    let partner = issue(&root, 1);
    let mut list = root.list(day(2030, 1, 1), day(2030, 2, 1), &[&partner]);
    list.truncate(list.len() / 2);
    for trust in both_ways(&root, &partner, &[list]) {
        assert_eq!(refused(&trust, &partner), DistrustKind::UnreadableList);
    }
}

#[test]
fn a_part_of_a_list_covers_its_part() {
    const HERE: &str = "http://root.example/1.crl";
    let root = Authority::new("root");
    let mut params = params("partner");
    params.crl_distribution_points.push(CrlDistributionPoint {
        uris: vec![HERE.to_owned()],
    });
    let partner = root.issue("partner", &params).certificate;
    for (point, covers) in [(HERE, true), ("http://root.example/2.crl", false)] {
        let list = root.list_for(Some(point), day(2030, 1, 1), day(2030, 2, 1), &[]);
        for mut trust in both_ways(&root, &partner, &[list]) {
            trust.revocation = REFUSE;
            let result = trust.check(&partner, &[], Purpose::SignFile, now());
            assert_eq!(result.is_ok(), covers, "{point}");
        }
    }
}

#[test]
fn a_revoked_authority_certifies_nobody() {
    let root = Authority::new("root");
    let middle = root.under("middle");
    let partner = middle.issue("partner", &params("partner")).certificate;
    let list = root.list(day(2030, 1, 1), day(2030, 2, 1), &[&middle.certificate]);
    let trust = Trust {
        anchors: vec![root.certificate.clone()],
        intermediates: vec![middle.certificate.clone()],
        revoked: vec![list],
        ..Trust::default()
    };
    let distrust = refused_for(&trust, &partner, Purpose::SignFile);
    assert!(matches!(distrust.kind, DistrustKind::Revoked { .. }));
    assert_eq!(distrust.certificate, middle.certificate.to_string());
}

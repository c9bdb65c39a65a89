//! What evidence proves, in every suite and for every kind of response.

use super::*;

#[test]
fn an_eerp_of_every_suite_is_a_proof_that_others_can_check() {
    for suite in 1..=10 {
        let place = tempfile::tempdir().expect("folder");
        let file = file(suite);
        let folder = written(place.path(), &file, &eerp(&file));
        let name = folder.file_name().expect("a name").to_string_lossy();
        assert_eq!(
            name,
            "20261126.1345010001.INVOICE_2F1.OALPHA.O0177BETA_20_20_20_20_20_20_20_20_20_20PLANT1.\
             out"
        );
        let report = verified(&folder);
        assert_eq!(report.proves, Proves::Delivery, "{suite}: {report:?}");
        says(&report, "worth", Finding::Note, "taken from this folder");
        assert_eq!(
            found(&report, "algorithm").len(),
            usize::from(suite <= 2),
            "SHA-1 is told"
        );
        let other = load("beta.pem");
        let against = Against {
            trust: Some(&other),
            ..Against::default()
        };
        let report = verify(&folder, against).expect("a folder").remove(0);
        assert_eq!(report.proves, Proves::Delivery, "{suite}: {report:?}");
        says(&report, "worth", Finding::Note, "given by --trust");
        let stranger = load("gamma.pem");
        let against = Against {
            trust: Some(&stranger),
            ..Against::default()
        };
        let report = verify(&folder, against).expect("a folder").remove(0);
        assert_eq!(report.proves, Proves::Nothing);
        says(&report, "signature", Finding::Good, "holds");
        says(&report, "trust", Finding::Bad, "CN=beta");
    }
}

#[test]
fn the_file_itself_is_compared() {
    let place = tempfile::tempdir().expect("folder");
    let row = file(6);
    let folder = written(place.path(), &row, &eerp(&row));
    let copy = place.path().join("copy");
    let check = |octets: &[u8]| {
        std::fs::write(&copy, octets).expect("a file");
        let against = Against {
            file: Some(&copy),
            ..Against::default()
        };
        verify(&folder, against).expect("a folder").remove(0)
    };
    assert!(check(CONTENT).is_good());
    let other = check(b"something else");
    assert!(!other.is_good());
    says(&other, "file", Finding::Bad, "SHA-512");
    // The records of a V file, whatever lies between them in the copy.
    let mut row = file(4);
    row.sfid.fmt = RecordFormat::V;
    row.sfid.stamp = Stamp::new("20261126", "1345010002").expect("stamp");
    let folder = written(place.path(), &row, &eerp(&row));
    let against = Against {
        file: Some(&copy),
        ..Against::default()
    };
    for copied in [
        &b"what was \ntransmitted\n"[..],
        b"\0\x09what was \0\x0btransmitted",
    ] {
        std::fs::write(&copy, copied).expect("a file");
        let report = verify(&folder, against).expect("a folder").remove(0);
        assert!(report.is_good(), "{report:?}");
    }
    // Of a sealed file the envelope was transmitted.
    let mut row = file(4);
    row.sfid.sec = Security::Encrypted;
    row.sfid.stamp = Stamp::new("20261126", "1345010003").expect("stamp");
    let folder = written(place.path(), &row, &eerp(&row));
    let report = verify(&folder, against).expect("a folder").remove(0);
    says(
        &report,
        "file",
        Finding::Bad,
        "the envelope of the file: give that",
    );
}

#[test]
fn an_unsigned_response_is_no_proof() {
    let place = tempfile::tempdir().expect("folder");
    let row = file(4);
    let response = Response::Eerp(Box::new(eerp_for(&row.sfid)));
    let folder = written(place.path(), &row, &response);
    assert!(!folder.join(SIGNATURE).exists());
    let report = verified(&folder);
    assert!(!report.is_good());
    says(&report, "signature", Finding::Bad, "it proves nothing");
    says(&report, "files", Finding::Good, "");
    says(&report, "fields", Finding::Good, "");
}

#[test]
fn a_nerp_proves_that_the_file_was_not_delivered() {
    let place = tempfile::tempdir().expect("folder");
    let row = file(4);
    let folder = written(place.path(), &row, &nerp(&row));
    let report = verified(&folder);
    assert_eq!(report.proves, Proves::NonDelivery, "{report:?}");
    let reason = "NERP 03: ";
    says(&report, "reason", Finding::Note, reason);
    says(&report, "reason", Finding::Note, "no such\\u{7} department");
    let listed = list(place.path()).expect("a folder");
    let entry = listed[0].entry.as_ref().expect("readable");
    assert_eq!(entry.response.as_str(), "NERP 03");
    assert_eq!(entry.dataset_name.as_str(), "INVOICE/1");
}

#[test]
fn an_eerp_for_other_octets_or_another_file_is_no_proof() {
    let place = tempfile::tempdir().expect("folder");
    let row = file(4);
    let mut other = row.clone();
    other.hash = hex(&Hash::Sha256.of(b"other"));
    let folder = written(place.path(), &other, &eerp(&row));
    says(
        &verified(&folder),
        "hash",
        Finding::Bad,
        "the response is for",
    );
    type Edit = fn(&mut Sfid);
    let edits: [(Edit, &str); 4] = [
        (
            |s| s.dsn = DatasetName::new("OTHER").expect("name"),
            "SFIDDSN",
        ),
        (
            |s| s.stamp = Stamp::new("20261126", "1345010009").expect("stamp"),
            "stamp",
        ),
        (
            |s| s.dest = IdentificationCode::new("OGAMMA").expect("code"),
            "OGAMMA",
        ),
        (
            |s| s.orig = IdentificationCode::new("OGAMMA").expect("code"),
            "OGAMMA",
        ),
    ];
    for (edit, text) in edits {
        let mut other = row.clone();
        edit(&mut other.sfid);
        let folder = written(place.path(), &other, &eerp(&row));
        let report = verified(&folder);
        says(&report, "fields", Finding::Bad, text);
        assert!(!report.is_good());
    }
}

#[test]
fn a_response_of_a_station_with_an_authority_is_checked_up_to_it_and_by_its_lists() {
    use rcgen::{
        BasicConstraints, CertificateParams, CertificateRevocationListParams, DnType, IsCa, Issuer,
        KeyIdMethod, KeyPair, PKCS_RSA_SHA256, RevokedCertParams, RsaKeySize, SerialNumber,
        date_time_ymd,
    };
    let key = || KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).expect("a key");
    let params = |name: &str| {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params
    };
    let mut authority = params("authority");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca_key = key();
    let ca = authority.self_signed(&ca_key).expect("a certificate");
    let issuer = Issuer::new(authority, ca_key);
    let mut client = params("client");
    client.serial_number = Some(SerialNumber::from(vec![7]));
    let client_key = key();
    let leaf = client.signed_by(&client_key, &issuer).expect("signed");
    let leaf = Certificate::from_der(leaf.der()).expect("a certificate");
    let signer = Credential {
        key: Keystore::read(client_key.serialize_pem().as_bytes(), None)
            .expect("a key")
            .keys
            .remove(0),
        certificate: leaf.clone(),
        chain: Vec::new(),
    };
    let list = |revoked: &[u8]| {
        let revoked = revoked.iter().map(|serial| RevokedCertParams {
            serial_number: SerialNumber::from(vec![*serial]),
            revocation_time: date_time_ymd(2026, 1, 1),
            reason_code: None,
            invalidity_date: None,
        });
        let list = CertificateRevocationListParams {
            this_update: date_time_ymd(2026, 1, 2),
            next_update: date_time_ymd(2030, 1, 1),
            crl_number: SerialNumber::from(vec![1]),
            issuing_distribution_point: None,
            revoked_certs: revoked.collect(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        list.signed_by(&issuer).expect("a list").der().to_vec()
    };
    let row = file(4);
    let mut eerp = eerp_for(&row.sfid);
    let suite = Suite::of(4).expect("a suite");
    let hash = suite.hash.of(CONTENT);
    sign_eerp(&mut eerp, &hash, suite, &signer, signing_time()).expect("a signature");
    let response = Response::Eerp(Box::new(eerp));
    for (revoked, is_good) in [(&[8][..], true), (&[7], false)] {
        let place = tempfile::tempdir().expect("folder");
        let trust = Trust {
            anchors: vec![Certificate::from_der(ca.der()).expect("a certificate")],
            names: vec!["client".to_owned()],
            revoked: vec![list(revoked)],
            ..Trust::default()
        };
        let proof = Proof {
            file: &row,
            response: &response,
            hash: None,
            certificates: std::slice::from_ref(&leaf),
            trust: &trust,
            times: Times::of(&row, &[], 1_795_700_003_000),
        };
        let folder = write(place.path(), &proof).expect("evidence");
        let report = verified(&folder);
        assert_eq!(report.is_good(), is_good, "{report:?}");
        if is_good {
            // A list that is taken away is missed, though the sums are counted again.
            std::fs::remove_file(folder.join(CRLS)).expect("a list");
            tampering::count_again(&folder);
            says(
                &verified(&folder),
                "trust",
                Finding::Bad,
                "lists of revoked",
            );
        } else {
            says(&report, "trust", Finding::Bad, "was revoked on 2026-01-01");
        }
    }
}

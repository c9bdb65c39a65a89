//! Plans of a caller that cannot be carried out.

use std::time::Duration;

use oftp_secure::cms::{SealError, SealPlan, Sealer};
use oftp_secure::{Certificate, Credential};
use oftp_tests::pki;

use crate::common::{Layers, alpha, beta, now, seal_plan};

#[test]
fn plans_that_cannot_be_carried_out_name_the_certificate() {
    let error = |plan: SealPlan| Sealer::new(plan).expect_err("plan");
    let none = Layers {
        sign: false,
        compress: false,
        encrypt: false,
    };
    assert_eq!(error(seal_plan(4, none)), SealError::NoLayer);
    let mut plan = seal_plan(4, none);
    plan.compression = Some(10);
    assert_eq!(error(plan), SealError::Level { level: 10 });
    let mut plan = seal_plan(4, none);
    plan.signers.push(Credential {
        key: beta().key,
        certificate: alpha().certificate,
        chain: Vec::new(),
    });
    let text = error(plan).to_string();
    assert!(
        text.contains("CN=alpha") && text.contains("not the one of the certificate"),
        "{text}"
    );
    let plain = pki::self_signed("plain");
    for sign in [true, false] {
        let mut plan = seal_plan(4, none);
        plan.by_key_identifier = true;
        if sign {
            plan.signers.push(plain.clone());
        } else {
            plan.recipients.push(plain.certificate.clone());
        }
        let text = error(plan).to_string();
        assert!(text.contains("bears no subject key identifier"), "{text}");
    }
    let key = rcgen::KeyPair::generate().expect("key");
    let certificate = pki::params("curve").self_signed(&key).expect("certificate");
    let certificate = Certificate::from_der(certificate.der()).expect("certificate");
    let mut plan = seal_plan(4, none);
    plan.recipients.push(certificate);
    let text = error(plan).to_string();
    assert!(
        text.contains("CN=curve") && text.contains("no RSA key"),
        "{text}"
    );
    let mut plan = seal_plan(4, Layers::SIGNED);
    plan.signing_time = now().checked_sub(Duration::from_secs(2_000_000_000));
    assert_eq!(error(plan), SealError::Time);
}

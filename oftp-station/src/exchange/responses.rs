//! End responses to files that were sent: which file each is for, and what it is worth
//! (RFC 5024 3.3.5, 5.3.13; threat model R1 to R5).

use oftp_core::mailbox::{Mailbox, Response};
use oftp_core::wire::Sfid;

use super::{Exchange, file_id, identity_of, response_event};
use crate::driver::Jobs;
use crate::exit_code::ExitCode;
use crate::names::stored_name;
use crate::outbox::Transfer;
use crate::report::{self, Direction};
use crate::security::{self, Checked, Evidence};

impl Exchange {
    pub(super) fn response(
        &mut self,
        mailbox: &mut Mailbox,
        response: &Response,
        jobs: &mut Jobs<Self>,
    ) {
        let partner = mailbox.partner().map(|partner| partner.code);
        let partner = partner.unwrap_or_default();
        let Some((sfid, transfer)) = self.outgoing.file_of(response, &partner) else {
            self.voice
                .tell(&response_event(response, Direction::In, None));
            self.voice.warn(
                "this response belongs to no file that was sent from here; confirmed all the same",
            );
            // A response that cannot be confirmed any more comes again in another session.
            let _ = mailbox.response_taken(false);
            return;
        };
        let evidence = Evidence {
            hash: transfer.protected.hash.clone(),
            wanted: transfer.protected.signed_response,
            receipts: self.settings.receipts.clone(),
            name: stored_name(&identity_of(&sfid)),
            no_legacy: self.settings.no_legacy,
        };
        // An EERP is signed by who has the file, a NERP by who made it.
        let signer = match response {
            Response::Eerp(_) => sfid.dest,
            Response::Nerp(nerp) => nerp.crea,
        };
        let keys = self.keys_of(&signer, mailbox);
        if signature(response).is_empty() {
            let checked = security::check(response, &evidence, &keys);
            return self.checked(mailbox, response, &sfid, &transfer, checked);
        }
        let response = response.clone();
        jobs.spawn(
            move || {
                let checked = security::check(&response, &evidence, &keys);
                (response, checked)
            },
            move |exchange, mailbox, _, (response, checked)| {
                exchange.checked(mailbox, &response, &sfid, &transfer, checked);
            },
        );
    }

    fn checked(
        &mut self,
        mailbox: &mut Mailbox,
        response: &Response,
        sfid: &Sfid,
        transfer: &Transfer,
        checked: Checked,
    ) {
        // At levels 1.2 and 1.3 a response has shorter stamps than the file has here.
        let mut event = response_event(response, Direction::In, Some(sfid));
        let is_proof = !matches!(checked, Checked::Worthless { .. });
        match checked {
            Checked::Signed {
                signer, receipt, ..
            } => {
                if let report::Event::Response {
                    signed_by,
                    receipt: kept,
                    ..
                } = &mut event
                {
                    *signed_by = Some(signer);
                    *kept = receipt;
                }
            }
            Checked::NotChecked => self.voice.warn(
                "this response is signed, and there is no certificate to check it by; \
                 --partner-cert names one",
            ),
            Checked::Worthless { why } => {
                self.outcome.note(ExitCode::NoResponse);
                self.voice.error(&format!(
                    "{}: the end response proves nothing, the file stays open: {why}",
                    file_id(sfid)
                ));
            }
            Checked::Unsigned => {}
        }
        self.voice.tell(&event);
        if is_proof {
            let keep = self.settings.envelopes.as_deref();
            let outcome = &mut self.outcome;
            self.outgoing
                .close(transfer, response, keep, &self.voice, outcome);
        }
        // It is confirmed even so: it would come again and again.
        let _ = mailbox.response_taken(true);
    }
}

/// The signature of a response; empty where it has none.
pub(super) fn signature(response: &Response) -> &[u8] {
    match response {
        Response::Eerp(eerp) => &eerp.sig,
        Response::Nerp(nerp) => &nerp.sig,
    }
}

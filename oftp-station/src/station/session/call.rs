//! A session that we call for: the first of the partner's addresses that answers.

use std::sync::Arc;
use std::time::Duration;

use oftp_core::mailbox::Mailbox;
use oftp_core::session::Addresses;
use oftp_secure::tls::server_name;
use serde_json::json;
use tokio::net::TcpStream;

use super::Visit;
use crate::args::Endpoint;
use crate::driver::{self, Clock, HANDSHAKE, Link, Tls};
use crate::exchange::Voice;
use crate::station::Shared;
use crate::station::caller::CallResult;
use crate::station::config::PartnerConfig;
use crate::station::config::partner::CallTls;
use crate::station::journal::{event, partner};

/// The longest time to open a connection.
const CONNECT: Duration = Duration::from_secs(30);

/// Calls a partner and holds the session with it, to its end. `number` tells its lines in the log
/// from those of other sessions.
pub async fn call(shared: &Shared, partner: Arc<PartnerConfig>, voice: Voice) -> CallResult {
    shared.count_session(&partner.name, |count| count.outgoing += 1);
    let result = session(shared, &partner, voice).await;
    shared.count_session(&partner.name, |count| {
        count.outgoing = count.outgoing.saturating_sub(1);
    });
    result
}

async fn session(shared: &Shared, partner: &Arc<PartnerConfig>, voice: Voice) -> CallResult {
    let link = match connect(partner).await {
        Ok(link) => link,
        Err(result) => {
            note(shared, &partner.name, &result);
            return result;
        }
    };
    let mut settings = shared.config().session.clone();
    if let Some(timers) = partner.timers {
        settings.config.timers = timers;
    }
    let mailbox = Mailbox::call(settings, partner.mailbox.clone(), Addresses::default());
    let mut mailbox = match mailbox {
        Ok(mailbox) => mailbox,
        Err(error) => return CallResult::Refused(error.to_string()),
    };
    let mut visit = Visit::calling(shared.clone(), voice, partner.clone());
    let clock = Clock::default();
    mailbox.tick(clock.now());
    mailbox.n_con_cf();
    if let Err(error) = driver::run(link, &mut mailbox, &mut visit, clock).await {
        return CallResult::NoConnection(error.to_string());
    }
    let lost = || CallResult::Lost("the session ended without a word".to_owned());
    visit.result.take().unwrap_or_else(lost)
}

/// There was no session: the journal says why.
fn note(shared: &Shared, name: &str, result: &CallResult) {
    let (word, why) = match result {
        CallResult::Tls(why) => ("tls", why.clone()),
        CallResult::NoConnection(why) => ("no_connection", why.clone()),
        _ => return,
    };
    let name = name.to_owned();
    let detail = json!({ "result": word, "why": why, "by": "us", "files": 0 });
    shared.journal().post(move |connection| {
        partner::session_failed(connection, &name, &why)?;
        event::note(
            connection,
            event::Kind::SessionEnded,
            Some(&name),
            None,
            &detail,
        )
    });
}

/// A connection to the first address that answers; the fault of the last one where none does.
async fn connect(partner: &PartnerConfig) -> Result<Link, CallResult> {
    let mut fault = CallResult::NoConnection("it has no address: it calls us".to_owned());
    for address in &partner.addresses {
        match one(address, partner.tls.as_ref()).await {
            Ok(link) => return Ok(link),
            Err(result) => fault = result,
        }
    }
    Err(fault)
}

async fn one(address: &Endpoint, tls: Option<&CallTls>) -> Result<Link, CallResult> {
    let port = address.port(tls.is_some());
    let connecting = TcpStream::connect((address.host.as_str(), port));
    let shown = Endpoint {
        port: Some(port),
        ..address.clone()
    };
    let stream = match tokio::time::timeout(CONNECT, connecting).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Err(CallResult::NoConnection(format!("{shown}: {error}"))),
        Err(_) => {
            return Err(CallResult::NoConnection(format!(
                "{shown}: no answer within {} s",
                CONNECT.as_secs()
            )));
        }
    };
    let Some(tls) = tls else {
        return Ok(stream.into());
    };
    let name = match &tls.name {
        Some(name) => name.clone(),
        None => server_name(&address.host).map_err(|error| CallResult::Tls(error.to_string()))?,
    };
    let secured = Tls::connect(stream, tls.config.clone(), name, HANDSHAKE).await;
    let secured = secured.map_err(|error| CallResult::Tls(format!("{shown}: {error}")))?;
    Ok(secured.into())
}

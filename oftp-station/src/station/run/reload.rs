//! Another configuration in the place of the present one, while the station runs.

use serde_json::json;

use super::super::Shared;
use super::super::config::Config;
use super::super::journal::event::{self, Kind};
use super::super::watch::Log;
use super::Handle;
use crate::driver::aside;
use crate::exchange::Voice;

/// Reads the configuration again whenever that is wanted, until the station stops.
pub(super) async fn reload(shared: Shared, handle: Handle, log: Option<Log>, voice: Voice) {
    let stop = handle.stopped();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => return,
            () = handle.reload_wanted() => {}
        }
        let read = aside(|| read(&shared, log.as_ref()));
        let detail = match &read {
            Ok(notes) => {
                notes.iter().for_each(|note| voice.warn(note));
                json!({ "ok": true, "notes": notes })
            }
            Err(why) => {
                voice.error(&format!(
                    "the configuration stays as it was, for the new one is wrong: {why}"
                ));
                json!({ "ok": false, "trouble": why })
            }
        };
        shared.journal().post(move |connection| {
            event::note(connection, Kind::ConfigReloaded, None, None, &detail)
        });
    }
}

/// Takes the new configuration, where it is right; gives what of it has no effect yet.
fn read(shared: &Shared, log: Option<&Log>) -> Result<Vec<String>, String> {
    let before = shared.config();
    let config = Config::load(shared.folder()).map_err(|errors| errors.to_string())?;
    let names = config.partners.iter().map(|partner| partner.name.as_str());
    let made = shared.folder().make(names);
    made.map_err(|error| format!("the folder of a partner: {error}"))?;
    let mut notes = Vec::new();
    if config.ports != before.ports {
        notes.push("the station listens on other ports when it is started again".to_owned());
    }
    if config.metrics != before.metrics {
        notes.push("metrics are served elsewhere when the station is started again".to_owned());
    }
    if config.limits.incoming != before.limits.incoming {
        notes.push("the limit of incoming sessions holds when it is started again".to_owned());
    }
    if let Some(log) = log
        && let Err(error) = log.reload(&config.log)
    {
        notes.push(format!("the log stays where it is: {error}"));
    }
    shared.replace_config(config.succeeding(&before));
    Ok(notes)
}

//! Where a station listens, and how it calls.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::net::TcpListener;

use super::super::Shared;
use super::super::caller::{Call, CallResult};
use super::super::config::{Config, PartnerConfig, PortConfig};
use super::super::session;
use super::StationError;
use crate::exchange::Voice;
use crate::serve::Port;

/// Listens on all ports of the configuration.
pub(super) async fn bind(config: &Config) -> Result<(Vec<Port>, Vec<SocketAddr>), StationError> {
    let (mut ports, mut addresses) = (Vec::new(), Vec::new());
    for port in &config.ports {
        let tls = match (port.tls, &config.tls) {
            (false, _) => None,
            (true, Some(tls)) => Some(tls.config.clone()),
            (true, None) => return Err(StationError::NoTls(port.address)),
        };
        let fault = |error| StationError::Port {
            address: port.address,
            error,
        };
        let listener = listen(port).await.map_err(fault)?;
        addresses.push(listener.local_addr().map_err(fault)?);
        ports.push(Port { listener, tls });
    }
    Ok((ports, addresses))
}

async fn listen(port: &PortConfig) -> std::io::Result<TcpListener> {
    let bound = TcpListener::bind(port.address).await;
    // All addresses: where there is no IPv6, those of IPv4 are all.
    if bound.is_err() && port.address.ip() == Ipv6Addr::UNSPECIFIED {
        return TcpListener::bind((Ipv4Addr::UNSPECIFIED, port.address.port())).await;
    }
    bound
}

/// Calls over the network.
#[derive(Debug)]
pub(super) struct Network {
    voice: Voice,
    numbers: Arc<AtomicU64>,
}

impl Network {
    /// Calls that are told by this voice; `numbers` gives each session its number in the log.
    pub(super) const fn new(voice: Voice, numbers: Arc<AtomicU64>) -> Self {
        Self { voice, numbers }
    }
}

impl Call for Network {
    async fn call(&self, shared: &Shared, partner: Arc<PartnerConfig>) -> CallResult {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed) + 1;
        session::call(shared, partner, self.voice.of_session(number)).await
    }
}

//! Name and connection.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use super::{Stage, Step};
use crate::exit_code::ExitCode;

/// The addresses of a host.
pub(super) async fn look_up(
    host: &str,
    port: u16,
    within: Duration,
) -> Result<(Vec<SocketAddr>, Step), Box<Step>> {
    if let Ok(address) = host.parse::<IpAddr>() {
        let step = Step::skipped(Stage::Dns, format!("{address} is an address already"));
        return Ok((vec![SocketAddr::new(address, port)], step));
    }
    let failed = |what: String| {
        Box::new(
            Step::failed(
                Stage::Dns,
                ExitCode::Connection,
                format!("{host}: {what}"),
                "without the address of the host nothing can be connected to",
            )
            .advice(format!(
                "check the spelling of `{host}` in `address` of the partner; ask the partner for \
                 its host, or its IP address"
            ))
            .advice("check that this machine can look up names at all: `getent hosts HOST`")
            .advice("inside a company a name may be known only in its own network or VPN"),
        )
    };
    match timeout(within, lookup_host((host, port))).await {
        Ok(Ok(addresses)) => {
            let addresses: Vec<_> = addresses.collect();
            if addresses.is_empty() {
                return Err(failed("the name has no address".to_owned()));
            }
            let list: Vec<_> = addresses.iter().map(|one| one.ip().to_string()).collect();
            let step = Step::ok(Stage::Dns, format!("{host} is {}", list.join(", ")));
            Ok((addresses, step))
        }
        Ok(Err(error)) => Err(failed(error.to_string())),
        Err(_) => Err(failed(format!(
            "no answer within {} s",
            within.as_secs_f32()
        ))),
    }
}

/// A connection to the first of these that takes one.
pub(super) async fn connect(
    addresses: &[SocketAddr],
    within: Duration,
) -> Result<(TcpStream, SocketAddr, Step), Box<Step>> {
    let mut faults = Vec::new();
    for &address in addresses {
        let begun = Instant::now();
        match timeout(within, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                let took = begun.elapsed().as_millis();
                let found = format!("connected to {address} in {took} ms");
                let mut step = Step::ok(Stage::Tcp, found);
                for (address, fault) in faults {
                    step = step.warn(format!("{address} did not take the call: {fault}"));
                }
                return Ok((stream, address, step));
            }
            Ok(Err(error)) => faults.push((address, Fault::of(error))),
            Err(_) => faults.push((address, Fault::Silent(within))),
        }
    }
    Err(Box::new(explained(&faults)))
}

/// Why there is no connection.
enum Fault {
    Refused,
    Silent(Duration),
    Unreachable(io::Error),
    Other(io::Error),
}

impl Fault {
    fn of(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::ConnectionRefused => Self::Refused,
            io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
                Self::Unreachable(error)
            }
            _ => Self::Other(error),
        }
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused => f.write_str("connection refused"),
            Self::Silent(within) => write!(f, "no answer within {} s", within.as_secs_f32()),
            Self::Unreachable(error) | Self::Other(error) => error.fmt(f),
        }
    }
}

fn explained(faults: &[(SocketAddr, Fault)]) -> Step {
    let failed =
        |found: &str, meaning: &str| Step::failed(Stage::Tcp, ExitCode::Connection, found, meaning);
    let Some((address, fault)) = faults.first() else {
        return failed("no address", "there is nothing to connect to");
    };
    let found = format!("{address}: {fault}");
    let step = match fault {
        Fault::Refused => failed(
            &found,
            "the machine is there and says that nobody listens on this port",
        )
        .advice(format!(
            "check the port: {} is configured; 3305 is usual for plain TCP, 6619 for TLS",
            address.port()
        ))
        .advice("ask the partner whether its station runs, and on which port it listens")
        .advice("a firewall may refuse in its place: ask whether our address is let in"),
        Fault::Silent(_) => failed(
            &found,
            "nobody answers at all: most often a firewall drops the call, or the address is wrong",
        )
        .advice("ask the partner whether our address (as it is seen outside) is let in")
        .advice(format!(
            "ask your own network people whether calls to {address} may go out"
        ))
        .advice("check host and port; if the partner is reached by VPN, check that it is up"),
        Fault::Unreachable(_) => failed(&found, "there is no way from here to this address")
            .advice("check the network of this machine, and the VPN if the partner is behind one"),
        Fault::Other(_) => {
            failed(&found, "the system cannot connect").advice("check the network of this machine")
        }
    };
    let others = faults.iter().skip(1);
    others.fold(step, |step, (address, fault)| {
        step.with("also tried", format!("{address}: {fault}"))
    })
}

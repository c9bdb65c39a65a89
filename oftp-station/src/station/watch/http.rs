//! `GET /metrics` and `GET /health`, over HTTP 1 on a local address. Nothing else is answered, and
//! nothing can be changed by it.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::json;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::super::Shared;
use super::{Health, Metrics};

/// So many connections are served at a time; more are closed at once.
const CONNECTIONS: usize = 16;
/// The longest time for one connection, which serves one request.
const LIMIT: Duration = Duration::from_secs(30);
/// How long a request may take to come.
const REQUEST: Duration = Duration::from_secs(5);
/// How long accepting pauses after the system refused it.
const PAUSE: Duration = Duration::from_millis(100);

/// Waits for requests at this address.
///
/// # Errors
/// The address can be reached from other machines and `anywhere` is not said; or it cannot be
/// listened on.
pub async fn bind(address: SocketAddr, anywhere: bool) -> io::Result<TcpListener> {
    if !anywhere && !address.ip().to_canonical().is_loopback() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!(
                "metrics at {address}: other machines could ask there, and nothing protects it; \
                 take an address such as 127.0.0.1:9305"
            ),
        ));
    }
    let listener = TcpListener::bind(address).await;
    listener.map_err(|error| io::Error::new(error.kind(), format!("metrics at {address}: {error}")))
}

/// Answers until `stop` is done.
pub async fn serve(
    listener: TcpListener,
    shared: Shared,
    metrics: Metrics,
    health: Health,
    stop: impl Future<Output = ()>,
) {
    let parts = Arc::new((shared, metrics, health));
    let mut connections = JoinSet::new();
    tokio::pin!(stop);
    loop {
        tokio::select! {
            () = &mut stop => return,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) if connections.len() < CONNECTIONS => {
                    connections.spawn(tokio::time::timeout(LIMIT, connection(stream, parts.clone())));
                }
                Ok(_) => {}
                Err(_) => tokio::time::sleep(PAUSE).await,
            },
        }
    }
}

type Parts = Arc<(Shared, Metrics, Health)>;

async fn connection(stream: TcpStream, parts: Parts) {
    let service = service_fn(move |request| {
        let parts = parts.clone();
        async move { Ok::<_, Infallible>(answer(request, parts).await) }
    });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(REQUEST)
        .keep_alive(false)
        .max_buf_size(16 << 10)
        .serve_connection(TokioIo::new(stream), service);
    // One that breaks off has its reasons.
    let _ = served.await;
}

async fn answer(request: Request<Incoming>, parts: Parts) -> Response<Full<Bytes>> {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and HEAD\n");
        let allowed = HeaderValue::from_static("GET, HEAD");
        response.headers_mut().insert(ALLOW, allowed);
        return response;
    }
    match request.uri().path() {
        "/metrics" => {
            let made = tokio::task::spawn_blocking(move || parts.1.text()).await;
            match made {
                Ok(Ok((of, text))) => response(StatusCode::OK, of, text),
                Ok(Err(error)) => failed(&error),
                Err(error) => failed(&error),
            }
        }
        "/health" => {
            let reasons = parts.2.reasons(&parts.0).await;
            let (code, status) = if reasons.is_empty() {
                (StatusCode::OK, "well")
            } else {
                (StatusCode::SERVICE_UNAVAILABLE, "unwell")
            };
            let mut text = json!({ "status": status, "reasons": reasons }).to_string();
            text.push('\n');
            response(code, "application/json", text.into_bytes())
        }
        _ => plain(StatusCode::NOT_FOUND, "/metrics and /health are here\n"),
    }
}

fn failed(error: &dyn std::fmt::Display) -> Response<Full<Bytes>> {
    plain(StatusCode::INTERNAL_SERVER_ERROR, &format!("{error}\n"))
}

fn plain(code: StatusCode, text: &str) -> Response<Full<Bytes>> {
    response(code, "text/plain; charset=utf-8", text.as_bytes().to_vec())
}

fn response(code: StatusCode, of: &'static str, text: Vec<u8>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = code;
    let of = HeaderValue::from_static(of);
    response.headers_mut().insert(CONTENT_TYPE, of);
    response
}

#[cfg(test)]
mod tests;

//! What the machine can do without OFTP, measured in the same run: a file copied through a bare
//! socket, and round trips of a bare echo server.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Blocks of the raw copy, near the largest exchange buffer.
const BLOCK: usize = 100 * 1024;

/// file -> socket -> file with blocking calls and blocks of 100 KB, in two threads.
pub(crate) fn raw_copy(from: &Path, to: &Path) -> io::Result<Duration> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let address = listener.local_addr()?;
    let to = to.to_owned();
    let start = Instant::now();
    let receiver = thread::spawn(move || -> io::Result<()> {
        let (mut socket, _) = listener.accept()?;
        let mut file = File::create(to)?;
        let mut block = vec![0; BLOCK];
        loop {
            match socket.read(&mut block)? {
                0 => return Ok(()),
                octets => file.write_all(&block[..octets])?,
            }
        }
    });
    let mut socket = TcpStream::connect(address)?;
    socket.set_nodelay(true)?;
    let mut file = File::open(from)?;
    let mut block = vec![0; BLOCK];
    loop {
        match file.read(&mut block)? {
            0 => break,
            octets => socket.write_all(&block[..octets])?,
        }
    }
    drop(socket);
    receiver.join().expect("the receiver does not panic")?;
    Ok(start.elapsed())
}

/// An echo server of tokio on loopback, and its address.
pub(crate) async fn echo_server() -> io::Result<std::net::SocketAddr> {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let _ = socket.set_nodelay(true);
            tokio::spawn(async move {
                let mut octets = [0; 256];
                while let Ok(n @ 1..) = socket.read(&mut octets).await {
                    if socket.write_all(&octets[..n]).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    Ok(address)
}

/// So many round trips of 64 octets over one connection.
pub(crate) async fn round_trips(
    server: std::net::SocketAddr,
    trips: usize,
) -> io::Result<Duration> {
    let mut socket = tokio::net::TcpStream::connect(server).await?;
    socket.set_nodelay(true)?;
    let start = Instant::now();
    trip(&mut socket, trips).await?;
    Ok(start.elapsed())
}

/// So many connections, each with so many round trips.
pub(crate) async fn connections(
    server: std::net::SocketAddr,
    connections: usize,
    trips: usize,
) -> io::Result<Duration> {
    let start = Instant::now();
    for _ in 0..connections {
        let mut socket = tokio::net::TcpStream::connect(server).await?;
        socket.set_nodelay(true)?;
        trip(&mut socket, trips).await?;
    }
    Ok(start.elapsed())
}

async fn trip(socket: &mut tokio::net::TcpStream, trips: usize) -> io::Result<()> {
    let mut octets = [7; 64];
    for _ in 0..trips {
        socket.write_all(&octets).await?;
        socket.read_exact(&mut octets).await?;
    }
    Ok(())
}

//! What the disk can do without OFTP, measured in the same run and the same folder.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// Blocks of the raw copy, near the largest exchange buffer.
const BLOCK: usize = 100 * 1024;

/// How many small files per second so many threads write and force to the disk, each file by
/// itself: create, write 4 KiB, fsync.
pub(crate) fn fsyncs(folder: &Path, threads: usize, files: usize) -> io::Result<f64> {
    let folder = folder.join("fsyncs");
    fs::create_dir_all(&folder)?;
    let each = files.div_ceil(threads);
    let start = Instant::now();
    thread::scope(|scope| -> io::Result<()> {
        let writers: Vec<_> = (0..threads)
            .map(|thread| {
                let folder = &folder;
                scope.spawn(move || write_files(folder, thread, each))
            })
            .collect();
        for writer in writers {
            writer.join().expect("a writer does not panic")?;
        }
        Ok(())
    })?;
    let time = start.elapsed().as_secs_f64();
    fs::remove_dir_all(&folder)?;
    Ok((each * threads) as f64 / time)
}

fn write_files(folder: &Path, thread: usize, files: usize) -> io::Result<()> {
    let octets = [7; 4096];
    for number in 0..files {
        let mut file = File::create(folder.join(format!("{thread}-{number}")))?;
        file.write_all(&octets)?;
        file.sync_all()?;
    }
    Ok(())
}

/// file -> socket -> file -> disk with blocking calls and blocks of 100 KB, in two threads.
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
                0 => return file.sync_all(),
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

//! Envelopes of a large file: `oftp cms` beside `openssl cms` doing the same to the same file in the
//! same run, as whole processes. CPU time is user and system together; the file lies in a folder in
//! memory if there is one.
//!
//! `OFTP_BENCH_DIR` names the folder, `OFTP_BENCH_MIB` the size (default 1024),
//! `OFTP_BENCH_ROUNDS` how often each is measured (default 3, the median counts).

mod process;

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use process::{Run, run};

fn main() -> io::Result<()> {
    // `cargo test --benches` only wants to know that it builds.
    if std::env::args().any(|argument| argument == "--test") {
        return Ok(());
    }
    let memory = PathBuf::from("/dev/shm");
    let folder = std::env::var_os("OFTP_BENCH_DIR")
        .map(PathBuf::from)
        .or_else(|| memory.is_dir().then_some(memory))
        .unwrap_or_else(std::env::temp_dir);
    let folder = folder.join(format!("oftp-bench-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let result = measure(&folder);
    fs::remove_dir_all(&folder)?;
    result
}

fn measure(folder: &Path) -> io::Result<()> {
    let mib = number("OFTP_BENCH_MIB", 1024);
    let rounds = number("OFTP_BENCH_ROUNDS", 3);
    let bench = Bench {
        folder,
        mib,
        rounds,
    };
    bench.keys()?;
    orders(&bench.at("file"), mib << 20)?;
    println!("a file of {mib} MiB (orders as text), suite 04, {rounds} rounds, median");
    println!("                                        wall s   CPU s    MB/s   resident MiB");
    bench.opening()?;
    bench.sealing()?;
    bench.compressing()
}

/// Where it happens, and how often.
struct Bench<'a> {
    folder: &'a Path,
    mib: usize,
    rounds: usize,
}

impl Bench<'_> {
    fn at(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Keys for both programs, made by ours.
    fn keys(&self) -> io::Result<()> {
        for name in ["alpha", "beta"] {
            let out = self.at(name);
            let out = out.to_string_lossy();
            oftp(&[
                "-q", "keygen", "--name", name, "--bits", "2048", "--out", &out,
            ])?;
        }
        Ok(())
    }

    /// Decrypting and verifying. What OpenSSL cannot do in one process is added up.
    fn opening(&self) -> io::Result<()> {
        self.seal("sealed", &["--sign", "--encrypt"])?;
        let ours = self.each(|| self.open("sealed", "opened"))?;
        self.show("oftp cms open (decrypt, verify)", &ours);
        self.same("opened")?;
        if !has_openssl() {
            println!("  SKIPPED: there is no openssl command here to compare with");
            return Ok(());
        }
        let (beta_key, beta) = (self.at("beta.key"), self.at("beta.pem"));
        let decrypt = self.each(|| {
            openssl(&[
                "-decrypt",
                "-binary",
                "-inform",
                "DER",
                "-in",
                &text(&self.at("sealed")),
                "-out",
                &text(&self.at("signed")),
                "-inkey",
                &text(&beta_key),
                "-recip",
                &text(&beta),
            ])
        })?;
        self.show("openssl cms -decrypt", &decrypt);
        let alpha = self.at("alpha.pem");
        let verify = self.each(|| {
            openssl(&[
                "-verify",
                "-binary",
                "-inform",
                "DER",
                "-purpose",
                "any",
                "-in",
                &text(&self.at("signed")),
                "-out",
                &text(&self.at("opened")),
                "-certfile",
                &text(&alpha),
                "-CAfile",
                &text(&alpha),
            ])
        })?;
        self.show("openssl cms -verify", &verify);
        self.same("opened")?;
        let theirs = Run {
            wall: decrypt.wall + verify.wall,
            cpu: decrypt.cpu + verify.cpu,
            ..verify
        };
        ratio("open: openssl / oftp", &theirs, &ours);
        fs::remove_file(self.at("signed"))
    }

    /// Signing and encrypting, in OpenSSL's forms that stream.
    fn sealing(&self) -> io::Result<()> {
        let ours = self.each(|| self.seal("sealed", &["--sign", "--encrypt"]))?;
        self.show("oftp cms seal (sign, encrypt)", &ours);
        if !has_openssl() {
            return Ok(());
        }
        let sign = self.each(|| {
            openssl(&[
                "-sign",
                "-binary",
                "-nodetach",
                "-nocerts",
                "-stream",
                "-outform",
                "DER",
                "-md",
                "sha256",
                "-in",
                &text(&self.at("file")),
                "-out",
                &text(&self.at("signed")),
                "-signer",
                &text(&self.at("alpha.pem")),
                "-inkey",
                &text(&self.at("alpha.key")),
            ])
        })?;
        self.show("openssl cms -sign -stream", &sign);
        let beta = text(&self.at("beta.pem"));
        let encrypt = self.each(|| {
            openssl(&[
                "-encrypt",
                "-binary",
                "-stream",
                "-outform",
                "DER",
                "-aes256",
                "-in",
                &text(&self.at("signed")),
                "-out",
                &text(&self.at("sealed")),
                &beta,
            ])
        })?;
        self.show("openssl cms -encrypt -stream", &encrypt);
        let theirs = Run {
            wall: sign.wall + encrypt.wall,
            cpu: sign.cpu + encrypt.cpu,
            ..sign
        };
        ratio("seal: openssl / oftp", &theirs, &ours);
        self.open("sealed", "opened")?;
        self.same("opened")?;
        fs::remove_file(self.at("signed"))
    }

    /// With zlib, which OpenSSL is mostly built without.
    fn compressing(&self) -> io::Result<()> {
        for level in ["1", "6"] {
            let compress = format!("--compress={level}");
            let options = ["--sign", &compress, "--encrypt"];
            let sealed = self.each(|| self.seal("sealed", &options))?;
            self.show(&format!("oftp cms seal, zlib {level}"), &sealed);
            let part = self.at("sealed").metadata()?.len() as f64 / (self.mib << 20) as f64;
            let opened = self.each(|| self.open("sealed", "opened"))?;
            self.show(&format!("oftp cms open, zlib {level}"), &opened);
            println!("    the envelope has {:.1} % of the file", part * 100.0);
            self.same("opened")?;
        }
        Ok(())
    }

    fn seal(&self, to: &str, options: &[&str]) -> io::Result<Run> {
        let (file, to) = (text(&self.at("file")), text(&self.at(to)));
        let (key, own) = (text(&self.at("alpha.key")), text(&self.at("alpha.pem")));
        let partner = text(&self.at("beta.pem"));
        let common = [
            "-q",
            "cms",
            "seal",
            &file,
            "-o",
            &to,
            "--force",
            "--own-key",
            &key,
            "--own-cert",
            &own,
            "--partner-cert",
            &partner,
        ];
        oftp(&[&common, options].concat())
    }

    fn open(&self, from: &str, to: &str) -> io::Result<Run> {
        let (from, to) = (text(&self.at(from)), text(&self.at(to)));
        let (key, own) = (text(&self.at("beta.key")), text(&self.at("beta.pem")));
        let partner = text(&self.at("alpha.pem"));
        oftp(&[
            "-q",
            "cms",
            "open",
            &from,
            "-o",
            &to,
            "--force",
            "--own-key",
            &key,
            "--own-cert",
            &own,
            "--partner-cert",
            &partner,
        ])
    }

    fn each(&self, mut once: impl FnMut() -> io::Result<Run>) -> io::Result<Run> {
        let runs: Result<Vec<_>, _> = (0..self.rounds).map(|_| once()).collect();
        Ok(Run::median(runs?))
    }

    fn show(&self, what: &str, run: &Run) {
        let rate = self.mib as f64 * 1.048_576 / run.wall;
        println!(
            "  {what:<36} {:8.2} {:7.2} {rate:7.0} {:12.1}",
            run.wall,
            run.cpu,
            run.resident_kib as f64 / 1024.0
        );
    }

    fn same(&self, other: &str) -> io::Result<()> {
        let (file, other) = (self.at("file"), self.at(other));
        assert_eq!(file.metadata()?.len(), other.metadata()?.len());
        assert_eq!(checksum(&file)?, checksum(&other)?, "another content");
        Ok(())
    }
}

fn ratio(what: &str, theirs: &Run, ours: &Run) {
    println!(
        "    {what}: wall {:.2}, CPU {:.2}",
        theirs.wall / ours.wall,
        theirs.cpu / ours.cpu
    );
}

fn checksum(path: &Path) -> io::Result<u64> {
    let mut file = BufReader::with_capacity(1 << 20, File::open(path)?);
    let mut sum = 0_u64;
    loop {
        let octets = file.fill_buf()?;
        if octets.is_empty() {
            return Ok(sum);
        }
        for octet in octets {
            sum = (sum ^ u64::from(*octet)).wrapping_mul(0x0100_0000_01B3);
        }
        let octets = octets.len();
        file.consume(octets);
    }
}

fn oftp(arguments: &[&str]) -> io::Result<Run> {
    run(env!("CARGO_BIN_EXE_oftp"), arguments)
}

fn openssl(arguments: &[&str]) -> io::Result<Run> {
    run("openssl", &[&["cms"], arguments].concat())
}

fn has_openssl() -> bool {
    run("openssl", &["version"]).is_ok()
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Orders in EDIFACT: they repeat themselves as orders do, and are never the same.
fn orders(path: &Path, octets: usize) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let (mut written, mut state) = (0, 0x2545_F491_4F6C_DD1D_u64);
    while written < octets {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let line = format!(
            "LIN+{}++{:010}:IN'PIA+1+{:08X}:SA'QTY+113:{}:PCE'DTM+2:202612{:02}:102'\r\n",
            written % 9999,
            state % 10_000_000_000,
            state >> 32,
            state % 5_000,
            1 + state % 28,
        );
        let piece = &line.as_bytes()[..line.len().min(octets - written)];
        out.write_all(piece)?;
        written += piece.len();
    }
    out.flush()
}

fn number(variable: &str, default: usize) -> usize {
    let value = std::env::var(variable).ok();
    value
        .and_then(|value| value.parse().ok())
        .unwrap_or(default)
}

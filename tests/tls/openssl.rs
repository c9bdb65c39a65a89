//! The command `openssl` at the other end: TLS 1.2 and 1.3 in both roles, and TLS 1.1.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use oftp_secure::Credential;
use oftp_secure::tls::{ClientCertificates, ClientTls, TlsError, client_config, server_name};
use oftp_station::driver::Tls;
use oftp_tests::pair::{ALPHA, code};
use oftp_tests::pki::self_signed;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::common::{Bed, STUCK, open, pinned, server};

/// A folder for certificates and keys, which goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = format!("oftp-tls-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(folder);
        std::fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    /// The files of a certificate and its key, in PEM.
    fn put(&self, name: &str, credential: &Credential) -> (PathBuf, PathBuf) {
        let write = |ending: &str, label: &str, der: &[u8]| {
            let path = self.0.join(format!("{name}.{ending}"));
            let pem = pem(label, der);
            std::fs::write(&path, pem).expect("a file");
            path
        };
        (
            write("crt", "CERTIFICATE", credential.certificate.der()),
            write("key", "PRIVATE KEY", credential.key.pkcs8()),
        )
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn pem(label: &str, der: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut pem = Vec::new();
    let digits = der.chunks(3).flat_map(|three| {
        let bits = three.iter().chain(&[0; 2]).take(3);
        let bits = bits.fold(0, |bits, octet| bits << 8 | usize::from(*octet));
        let digit = move |n: usize| {
            if n > three.len() {
                b'='
            } else {
                DIGITS[bits >> (18 - 6 * n) & 63]
            }
        };
        (0..4).map(digit)
    });
    let digits: Vec<u8> = digits.collect();
    writeln!(pem, "-----BEGIN {label}-----").expect("memory");
    for line in digits.chunks(64) {
        pem.extend_from_slice(line);
        pem.push(b'\n');
    }
    writeln!(pem, "-----END {label}-----").expect("memory");
    pem
}

fn is_here() -> bool {
    oftp_tests::tools::has("openssl", "version")
}

fn start(arguments: &[&str], files: &[(&str, &Path)]) -> Child {
    let mut command = Command::new("openssl");
    command.args(arguments);
    for (option, path) in files {
        command.arg(option).arg(path);
    }
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("openssl starts")
}

/// All that the command says until it ends by itself, or when its input is closed.
async fn ends(mut child: Child) -> String {
    drop(child.stdin.take());
    let output = timeout(STUCK, child.wait_with_output()).await;
    let output = output.expect("stuck").expect("it has run");
    let all = [output.stdout, output.stderr].concat();
    String::from_utf8_lossy(&all).into_owned()
}

async fn called_by_openssl(version: &str) -> (String, Vec<String>, usize) {
    let folder = Folder::new(&format!("called{version}"));
    let (alpha, beta) = (self_signed("alpha"), self_signed("beta"));
    let (certificate, key) = folder.put("alpha", &alpha);
    let partners = vec![(code(ALPHA), pinned(&alpha))];
    let bed = Bed::listen(Some(server(&beta, partners, ClientCertificates::Required))).await;
    let address = bed.address.to_string();
    // Security level 0: a system may forbid TLS 1.1 to its own commands.
    let arguments = [
        "s_client",
        "-connect",
        &address,
        version,
        "-cipher",
        "DEFAULT@SECLEVEL=0",
    ];
    let mut child = start(&arguments, &[("-cert", &certificate), ("-key", &key)]);
    // The session is up when its first octets come.
    let mut said = Vec::new();
    let stdout = child.stdout.as_mut().expect("a pipe");
    let ready = async {
        let mut octets = [0; 4096];
        while let Ok(n @ 1..) = stdout.read(&mut octets).await {
            said.extend_from_slice(&octets[..n]);
            if said.windows(6).any(|piece| piece == b"IODETT") {
                break;
            }
        }
    };
    timeout(STUCK, ready).await.expect("stuck");
    let mut text = String::from_utf8_lossy(&said).into_owned();
    text += &ends(child).await;
    let (done, failed) = bed.finish().await;
    (text, failed, done.len())
}

#[tokio::test]
async fn openssl_calls_by_tls_1_2_and_1_3() {
    if !is_here() {
        return;
    }
    for (option, protocol) in [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")] {
        let (said, failed, sessions) = called_by_openssl(option).await;
        assert!(said.contains("IODETTE FTP READY"), "{said}");
        assert!(said.contains(&format!("{protocol}, Cipher is")), "{said}");
        assert!(said.contains("CN = beta"), "{said}");
        assert_eq!((failed.len(), sessions), (0, 1), "{failed:?}");
    }
}

/// (threat model L1)
#[tokio::test]
async fn openssl_is_refused_with_tls_1_1() {
    if !is_here() {
        return;
    }
    let (said, failed, sessions) = called_by_openssl("-tls1_1").await;
    assert!(!said.contains("READY"), "{said}");
    assert!(said.contains("SSL alert number"), "{said}");
    assert_eq!(sessions, 0);
    assert!(
        failed[0].contains("offers no TLS version from 1.2 on"),
        "{failed:?}"
    );
}

/// A client that wants another handshake in the middle of a session of TLS 1.2 does not get it
/// (threat model L1).
#[tokio::test]
async fn openssl_cannot_renegotiate() {
    if !is_here() {
        return;
    }
    let bed = Bed::listen(open()).await;
    let address = bed.address.to_string();
    let mut child = start(&["s_client", "-connect", &address, "-tls1_2"], &[]);
    let mut stdin = child.stdin.take().expect("a pipe");
    let stdout = child.stdout.as_mut().expect("a pipe");
    let ready = async {
        let mut said = Vec::new();
        let mut octets = [0; 4096];
        while let Ok(n @ 1..) = stdout.read(&mut octets).await {
            said.extend_from_slice(&octets[..n]);
            if said.windows(6).any(|piece| piece == b"IODETT") {
                break;
            }
        }
    };
    timeout(STUCK, ready).await.expect("stuck");
    // A line of this one letter is what asks for it.
    stdin.write_all(b"R\n").await.expect("octets");
    stdin.flush().await.expect("octets");
    let output = timeout(STUCK, child.wait_with_output()).await;
    let output = output.expect("stuck").expect("it has run");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(said.contains("RENEGOTIATING"), "{said}");
    assert!(said.contains("no renegotiation"), "{said}");
    drop(stdin);
    let (done, failed) = bed.finish().await;
    assert_eq!((done.len(), failed.len()), (1, 0), "{failed:?}");
}

/// `openssl s_server`, on a port that is free.
async fn listening(arguments: &[&str], files: &[(&str, &Path)]) -> (Child, SocketAddr) {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .expect("a port");
    let address = free.local_addr().expect("an address");
    drop(free);
    let accept = address.to_string();
    let mut all = vec!["s_server", "-accept", accept.as_str()];
    all.extend_from_slice(arguments);
    let mut child = start(&all, files);
    let mut lines = BufReader::new(child.stdout.as_mut().expect("a pipe"));
    let mut line = String::new();
    let ready = async {
        while lines.read_line(&mut line).await.expect("text") > 0 && !line.contains("ACCEPT") {}
    };
    timeout(STUCK, ready).await.expect("stuck");
    assert!(line.contains("ACCEPT"), "{line}");
    (child, address)
}

async fn calls_openssl(version: &str) -> (Result<Tls, TlsError>, Child, Folder) {
    let folder = Folder::new(&format!("calls{version}"));
    let (alpha, beta) = (self_signed("alpha"), self_signed("beta"));
    let (certificate, key) = folder.put("beta", &beta);
    let (callers, _) = folder.put("alpha", &alpha);
    let arguments = [
        version,
        "-Verify",
        "1",
        "-verify_return_error",
        "-cipher",
        "DEFAULT@SECLEVEL=0",
    ];
    let files: [(&str, &Path); 3] = [
        ("-cert", &certificate),
        ("-key", &key),
        ("-CAfile", &callers),
    ];
    let (child, address) = listening(&arguments, &files).await;
    let stream = TcpStream::connect(address).await.expect("a connection");
    let config = client_config(ClientTls {
        trust: pinned(&beta),
        credential: Some(alpha),
    });
    let name = server_name("beta.example").expect("a name");
    let tls = Tls::connect(stream, config.expect("a configuration"), name, STUCK).await;
    (tls, child, folder)
}

#[tokio::test]
async fn openssl_is_called_by_tls_1_2_and_1_3() {
    use oftp_core::mailbox::{Ended, Mailbox};
    use oftp_core::session::Addresses;
    use oftp_station::driver::{Clock, run};
    use oftp_tests::stations::{partner, settings};
    if !is_here() {
        return;
    }
    for (option, protocol) in [("-tls1_2", "TLSv1_2"), ("-tls1_3", "TLSv1_3")] {
        let (tls, mut child, _folder) = calls_openssl(option).await;
        let tls = tls.expect("a handshake");
        assert!(tls.protocol().starts_with(protocol), "{}", tls.protocol());
        assert_eq!(tls.certificates(), [self_signed("beta").certificate]);
        // What is typed into s_server comes here: an ESID ends the session that begins.
        let mut stdin = child.stdin.take().expect("a pipe");
        stdin
            .write_all(b"\x10\0\0\x0BF08000\r\n")
            .await
            .expect("octets");
        stdin.flush().await.expect("octets");
        let mailbox = Mailbox::call(
            settings(ALPHA),
            partner(oftp_tests::pair::BETA),
            Addresses::default(),
        );
        let mut mailbox = mailbox.expect("no authentication");
        let clock = Clock::default();
        mailbox.tick(clock.now());
        mailbox.n_con_cf();
        let mut side = crate::common::Side::default();
        let session = run(tls, &mut mailbox, &mut side, clock);
        timeout(STUCK, session)
            .await
            .expect("stuck")
            .expect("a connection");
        let Some(Ended::Failed(ind)) = &side.ended else {
            panic!("{:?}", side.ended);
        };
        assert_eq!(ind.reason.map(|reason| reason.code()), Some(8));
        drop(stdin);
        let _ = child.kill().await;
    }
}

/// (threat model L1)
#[tokio::test]
async fn openssl_with_tls_1_1_is_not_called() {
    if !is_here() {
        return;
    }
    let (tls, _child, _folder) = calls_openssl("-tls1_1").await;
    let error = tls.expect_err("TLS 1.1").to_string();
    assert!(error.contains("RFC 8996"), "{error}");
}

//! Makes the folder of evidence: under a name that nobody takes for evidence first, and whole when
//! it gets its own. Whatever a crash has left, doing it again gives what it would have given.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use oftp_core::mailbox::Response;
use oftp_secure::Certificate;
use oftp_secure::crypto::Hash;
use oftp_secure::keygen::{certificate_pem, revocation_list_pem};

use super::record::Record;
use super::{
    CERTIFICATES, CRLS, MOST, Proof, RECORD, RESPONSE, SIGNATURE, SUMS, TRUST, folder_name,
};
use crate::station::journal::response::octets_of;

/// Writes the evidence of one file into the folder `evidence` of a station, and gives where it
/// lies; it is on the disk then. The same response once more changes nothing, another one is put
/// beside it. Not for the same file twice at the same time. Waits for the disk.
///
/// # Errors
/// The disk, or a response that level 2.0 cannot carry.
pub fn write(evidence: &Path, proof: &Proof<'_>) -> io::Result<PathBuf> {
    let files = contents(proof)?;
    let mut new = None;
    let written = in_steps(evidence, proof, &files, &mut new, |_| Ok(()));
    if written.is_err()
        && let Some(new) = new
    {
        // Room for others, where the disk is full; the next attempt clears it otherwise.
        let _ = fs::remove_dir_all(new);
    }
    written
}

/// The files of a folder, by their names.
pub(super) type Files = Vec<(&'static str, Vec<u8>)>;

/// Does it; `step` hears of each step before it is done, and can end it there, as a crash does.
/// `new`: what is unfinished then.
pub(super) fn in_steps(
    evidence: &Path,
    proof: &Proof<'_>,
    files: &Files,
    new: &mut Option<PathBuf>,
    mut step: impl FnMut(&str) -> io::Result<()>,
) -> io::Result<PathBuf> {
    let name = folder_name(proof.file);
    let (number, path) = match place(&evidence.join(&name), files)? {
        Place::Done(path) => {
            // It has its name, and a crash may have come before that was on the disk.
            step("sync")?;
            sync_names(evidence, &path)?;
            return Ok(path);
        }
        Place::Free(number, path) => (number, path),
    };
    let unfinished = evidence.join(format!(".{name}.{number}.new"));
    step("clear")?;
    match fs::remove_dir_all(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    step("folder")?;
    DirBuilder::new().mode(0o700).create(&unfinished)?;
    *new = Some(unfinished.clone());
    for (name, octets) in files {
        step(name)?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        let mut file = options.open(unfinished.join(name))?;
        file.write_all(octets)?;
        file.sync_all()?;
    }
    step("sync")?;
    File::open(&unfinished)?.sync_all()?;
    step("rename")?;
    fs::rename(&unfinished, &path)?;
    *new = None;
    step("sync names")?;
    sync_names(evidence, &path)?;
    Ok(path)
}

fn sync_names(evidence: &Path, path: &Path) -> io::Result<()> {
    if let Some(parent) = path.parent().filter(|parent| *parent != evidence) {
        File::open(parent)?.sync_all()?;
    }
    File::open(evidence)?.sync_all()
}

enum Place {
    Done(PathBuf),
    Free(u32, PathBuf),
}

/// Where this response lies already, or where it can lie. A folder that was damaged stays as it is.
fn place(first: &Path, files: &Files) -> io::Result<Place> {
    let response = files.iter().find(|(name, _)| *name == RESPONSE);
    let response = response.map(|(_, octets)| octets);
    for number in 1..=MOST {
        let path = match number {
            1 => first.to_owned(),
            _ => first.join(number.to_string()),
        };
        match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Place::Free(number, path));
            }
            other => other?,
        };
        match fs::read(path.join(RESPONSE)) {
            Ok(octets) if Some(&octets) == response => return Ok(Place::Done(path)),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other(format!(
        "{}: {MOST} different responses are kept here, which is enough",
        first.display()
    )))
}

/// All that is written.
pub(super) fn contents(proof: &Proof<'_>) -> io::Result<Files> {
    let record = Record::new(proof);
    let mut json = serde_json::to_vec_pretty(&record)?;
    json.push(b'\n');
    let response = octets_of(proof.response)
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.to_string()))?;
    let signature = match proof.response {
        Response::Eerp(eerp) => &eerp.sig,
        Response::Nerp(nerp) => &nerp.sig,
    };
    let mut trust = proof.trust.clone();
    let mut signers = proof.certificates.to_vec();
    signers.append(&mut trust.intermediates);
    // What came with the signature, where it can be read without the rest of it.
    if let Ok(store) = oftp_secure::Keystore::read(signature, None) {
        signers.extend(store.certificates);
    }
    let mut trusted = trust.pinned;
    trusted.append(&mut trust.anchors);
    let mut files = vec![(RECORD, json), (RESPONSE, response)];
    for (name, octets) in [
        (SIGNATURE, signature.clone()),
        (CERTIFICATES, certificates(&signers)?),
        (TRUST, certificates(&trusted)?),
        (CRLS, lists(&trust.revoked)?),
    ] {
        if !octets.is_empty() {
            files.push((name, octets));
        }
    }
    let sums = files.iter().map(|(name, octets)| sum(name, octets));
    let sums = sums.collect::<String>().into_bytes();
    files.push((SUMS, sums));
    Ok(files)
}

/// The line of a file in SHA256SUMS.
pub(super) fn sum(name: &str, octets: &[u8]) -> String {
    let hash = oftp_secure::certificate::hex(&Hash::Sha256.of(octets));
    format!("{}  {name}\n", hash.to_ascii_lowercase())
}

fn certificates(all: &[Certificate]) -> io::Result<Vec<u8>> {
    let mut pem = String::new();
    for (index, certificate) in all.iter().enumerate() {
        if !all.iter().take(index).any(|before| before == certificate) {
            pem.push_str(&certificate_pem(certificate).map_err(io::Error::other)?);
        }
    }
    Ok(pem.into_bytes())
}

fn lists(all: &[Vec<u8>]) -> io::Result<Vec<u8>> {
    let mut pem = String::new();
    for list in all {
        pem.push_str(&revocation_list_pem(list).map_err(io::Error::other)?);
    }
    Ok(pem.into_bytes())
}

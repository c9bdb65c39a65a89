//! `oftp cms`: puts files into envelopes and takes them out, without a session (RFC 5024 6.1).

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use oftp_core::wire::IdentificationCode;
use oftp_secure::cms::{self, Layer, OpenPlan, Opened, Opener};
use tempfile::NamedTempFile;

use super::security;
use super::settings::UsageError;
use crate::args::{CmsAction, CmsArgs, LayerArg, OpenArgs, OutputFileArgs, SealArgs};
use crate::exchange::Voice;
use crate::exit_code::ExitCode;
use crate::identity::{Field, Identity};
use crate::outbox::Source;
use crate::report::{Direction, Event, FileId};
use crate::security::{Keys, Use, seal};

/// Progress is told each time so many octets are done.
const PROGRESS: u64 = 1 << 20;

/// Runs the command.
pub(super) fn run(args: &CmsArgs, voice: &Voice) -> Result<ExitCode, UsageError> {
    match &args.action {
        CmsAction::Seal(args) => seal_file(args, voice),
        CmsAction::Open(args) => open_file(args, voice),
    }
}

/// Keys between us and the one partner that this is about.
fn keys(args: &crate::args::KeyArgs, voice: &Voice) -> Result<Keys, UsageError> {
    let partner = IdentificationCode::default();
    Ok(security::key_ring(args, &[partner], voice)?.with(&partner))
}

fn seal_file(args: &SealArgs, voice: &Voice) -> Result<ExitCode, UsageError> {
    let keys = keys(&args.keys, voice)?;
    let protection = security::protection(&args.protect, &keys)?;
    if !protection.seals() {
        return Err(UsageError::Option(
            "nothing to do: --sign, --compress or --encrypt says what".to_owned(),
        ));
    }
    let local = |error: &dyn std::fmt::Display| UsageError::Local(error.to_string());
    let mut source = Source::open(&args.file, args.format.format(), args.format.records)
        .map_err(|error| local(&error))?;
    let total = source.facts().octets;
    let mut progress = Progress::new(voice, &args.file, Direction::Out, total);
    let mut out = Out::create(&args.output)?;
    let sealed = seal(&mut source, &protection, &keys, &mut out, |octets| {
        progress.tell(octets);
    })
    .map_err(|error| local(&format!("{}: {error}", args.file.display())))?;
    progress.end();
    out.finish(&args.output)?;
    voice.tell(&Event::EnvelopeMade {
        path: args.file.clone(),
        octets: sealed.octets,
        hash: sealed.hash,
    });
    Ok(ExitCode::Done)
}

fn open_file(args: &OpenArgs, voice: &Voice) -> Result<ExitCode, UsageError> {
    let keys = keys(&args.keys, voice)?;
    let at = |error: io::Error| UsageError::Local(format!("{}: {error}", args.file.display()));
    let file = File::open(&args.file).map_err(at)?;
    let total = file.metadata().map_err(at)?.len();
    let mut progress = Progress::new(voice, &args.file, Direction::In, total);
    let counted = Counted {
        inner: BufReader::with_capacity(128 << 10, file),
        octets: 0,
        tell: |octets| progress.tell(octets),
    };
    let plan = OpenPlan {
        keys: keys.own.all(Use::Encrypt).to_vec(),
        refuse_legacy: args.no_legacy,
        ..OpenPlan::new(keys.partner.trust(Use::Sign), SystemTime::now())
    };
    let mut out = Out::create(&args.output)?;
    let opened = if args.layers.is_empty() {
        open_layers(counted, &plan, &mut out)
    } else {
        open_announced(counted, &plan, &args.layers, &mut out)
    };
    progress.end();
    match opened {
        // Found out, and not there: what is not even signed must not look as if it had been checked.
        Ok((layers, _)) if layers.is_empty() => {
            voice.error(&format!(
                "{}: is no envelope: it begins with neither EnvelopedData, CompressedData nor \
                 SignedData, in DER or BER",
                args.file.display()
            ));
            Ok(ExitCode::NotGood)
        }
        Ok((layers, opened)) => {
            out.finish(&args.output)?;
            voice.tell(&Event::EnvelopeOpened {
                path: args.file.clone(),
                layers: layers.iter().map(ToString::to_string).collect(),
                octets: opened.octets,
                signed_by: opened.signers.iter().map(ToString::to_string).collect(),
            });
            for other in &opened.other_signatures {
                voice.warn(&format!("a signature does not count: {other}"));
            }
            Ok(ExitCode::Done)
        }
        Err(error) => match cms::open_error(&error) {
            Some(wrong) => {
                voice.error(&format!("{}: {wrong}", args.file.display()));
                Ok(ExitCode::NotGood)
            }
            None => Err(at(error)),
        },
    }
}

/// Opens the layers that were announced, and no others.
fn open_announced(
    mut from: impl Read,
    plan: &OpenPlan,
    layers: &[LayerArg],
    out: &mut impl Write,
) -> io::Result<(Vec<Layer>, Opened)> {
    let plan = OpenPlan {
        encrypted: layers.contains(&LayerArg::Encrypt),
        compressed: layers.contains(&LayerArg::Compress),
        signed: layers.contains(&LayerArg::Sign),
        ..plan.clone()
    };
    let named = [
        (plan.encrypted, Layer::Encryption),
        (plan.compressed, Layer::Compression),
        (plan.signed, Layer::Signature),
    ];
    let named = named.into_iter().filter(|(is_named, _)| *is_named);
    let layers = named.map(|(_, layer)| layer).collect();
    Ok((layers, cms::open(plan, &mut from, out, |_| {})?))
}

/// Opens whatever layers there are, in the order of RFC 5024 6.1.
fn open_layers(
    from: impl Read,
    plan: &OpenPlan,
    out: &mut impl Write,
) -> io::Result<(Vec<Layer>, Opened)> {
    let mut layers = Vec::new();
    let mut opened = Opened::default();
    let found = peek(from)?;
    open_rest(found, plan, out, &mut layers, &mut opened)?;
    Ok((layers, opened))
}

/// Octets of which the first are known.
type Peeked<R> = io::Chain<io::Cursor<Vec<u8>>, R>;

fn open_rest(
    (head, from): (Vec<u8>, Peeked<impl Read>),
    plan: &OpenPlan,
    out: &mut impl Write,
    layers: &mut Vec<Layer>,
    opened: &mut Opened,
) -> io::Result<()> {
    let layer = Layer::of_message(&head).filter(|layer| follows(layers.last(), *layer));
    let mut from = Box::new(from) as Box<dyn Read + '_>;
    let Some(layer) = layer else {
        opened.octets = io::copy(&mut from, out)?;
        return Ok(());
    };
    layers.push(layer);
    let opener = Opener::new(OpenPlan {
        encrypted: layer == Layer::Encryption,
        compressed: layer == Layer::Compression,
        signed: layer == Layer::Signature,
        ..plan.clone()
    });
    let mut reader = cms::Reader::new(from, opener);
    open_rest(
        peek(&mut reader as &mut dyn Read)?,
        plan,
        out,
        layers,
        opened,
    )?;
    if let Some(inner) = reader.transform().opened() {
        opened.signers.extend(inner.signers);
        opened.other_signatures.extend(inner.other_signatures);
    }
    Ok(())
}

/// Encryption is outside, the signature inside, each at most once.
fn follows(outer: Option<&Layer>, inner: Layer) -> bool {
    let depth = |layer| match layer {
        Layer::Encryption => 1,
        Layer::Compression => 2,
        Layer::Signature => 3,
    };
    depth(inner) > outer.map_or(0, |outer| depth(*outer))
}

/// Enough to see of which content type a message is.
const HEAD: u64 = 32;

fn peek<R: Read>(mut from: R) -> io::Result<(Vec<u8>, Peeked<R>)> {
    let mut head = Vec::new();
    from.by_ref().take(HEAD).read_to_end(&mut head)?;
    Ok((head.clone(), io::Cursor::new(head).chain(from)))
}

/// Counts what is read.
struct Counted<R, F> {
    inner: R,
    octets: u64,
    tell: F,
}

impl<R: Read, F: FnMut(u64)> Read for Counted<R, F> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let octets = self.inner.read(out)?;
        self.octets += octets as u64;
        (self.tell)(self.octets);
        Ok(octets)
    }
}

/// Tells how far it has come, as a bar and as events.
struct Progress<'a> {
    voice: &'a Voice,
    file: FileId,
    path: PathBuf,
    direction: Direction,
    told: u64,
    total: u64,
}

impl<'a> Progress<'a> {
    fn new(voice: &'a Voice, path: &Path, direction: Direction, total: u64) -> Self {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let file = FileId::from(&Identity {
            date: Field::default(),
            time: Field::default(),
            dsn: Field::new(name.as_bytes()),
            originator: Field::default(),
            destination: Field::default(),
        });
        Self {
            voice,
            file,
            path: path.to_owned(),
            direction,
            told: 0,
            total,
        }
    }

    fn tell(&mut self, octets: u64) {
        if octets.saturating_sub(self.told) >= PROGRESS {
            self.told = octets;
            self.event(octets.min(self.total));
        }
    }

    fn end(&self) {
        if self.told > 0 {
            self.event(self.total);
        }
    }

    fn event(&self, octets: u64) {
        self.voice.tell(&Event::EnvelopeProgress {
            file: self.file.clone(),
            path: self.path.clone(),
            direction: self.direction,
            octets,
            total: self.total,
        });
    }
}

/// Where the result is written: the file gets its name when all of it is right.
struct Out {
    file: BufWriter<NamedTempFile>,
}

impl Out {
    fn create(args: &OutputFileArgs) -> Result<Self, UsageError> {
        if args.output.exists() && !args.force {
            return Err(UsageError::Option(format!(
                "{} is there already; --force replaces it",
                args.output.display()
            )));
        }
        let folder = args
            .output
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let file = NamedTempFile::new_in(folder.unwrap_or_else(|| Path::new(".")));
        Ok(Self {
            file: BufWriter::with_capacity(128 << 10, file.map_err(|error| fault(args, &error))?),
        })
    }

    fn finish(self, args: &OutputFileArgs) -> Result<(), UsageError> {
        let file = self.file.into_inner();
        let file = file.map_err(|error| fault(args, error.error()))?;
        let named = if args.force {
            file.persist(&args.output)
        } else {
            file.persist_noclobber(&args.output)
        };
        named.map(drop).map_err(|error| fault(args, &error.error))
    }
}

fn fault(args: &OutputFileArgs, error: &io::Error) -> UsageError {
    UsageError::Local(format!("{}: {error}", args.output.display()))
}

impl Write for Out {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.file.write(octets)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

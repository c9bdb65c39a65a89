//! `oftp decode`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::session::LevelArg;

const EXAMPLES: &str = "\
Examples:
  Print a session that was recorded octet by octet:
    oftp decode session.bin

  Print what a colleague sent as a hex dump (xxd, hexdump -C, od -A x -t x1, plain digits):
    xxd session.bin | oftp decode

  Look at one command without Stream Transmission Header:
    echo '53 46 ...' | oftp decode --no-header --level 1.3";

/// Options of `oftp decode`.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = EXAMPLES)]
pub struct DecodeArgs {
    /// The recording; the standard input by default
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Protocol level; by default found from the SSIDs, else 2.0
    #[arg(long)]
    pub level: Option<LevelArg>,
    /// The recording is octets as they were sent
    #[arg(long, conflicts_with = "hex")]
    pub raw: bool,
    /// The recording is a hex dump
    #[arg(long)]
    pub hex: bool,
    /// Commands follow each other without Stream Transmission Headers, one per line or chunk
    #[arg(long)]
    pub no_header: bool,
    /// Print every subrecord of DATA, not only a summary
    #[arg(long)]
    pub full: bool,
    /// Print passwords (SSIDPSWD) instead of stars
    #[arg(long)]
    pub show_passwords: bool,
}

/// How a recording is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// Found by looking at it.
    #[default]
    Auto,
    /// Octets as they were sent.
    Raw,
    /// A hex dump.
    Hex,
}

impl DecodeArgs {
    /// How the recording is written.
    #[must_use]
    pub const fn form(&self) -> Form {
        match (self.raw, self.hex) {
            (true, _) => Form::Raw,
            (_, true) => Form::Hex,
            _ => Form::Auto,
        }
    }
}

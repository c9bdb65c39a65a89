//! `oftp completion` and `oftp man`: what comes of the command line itself.

use std::path::PathBuf;

use clap::Args;

const COMPLETION: &str = "\
Examples:
  For every bash of this user:
    oftp completion bash > ~/.local/share/bash-completion/completions/oftp

  For zsh, in a folder of its $fpath:
    oftp completion zsh > ~/.zfunc/_oftp";

/// Options of `oftp completion`.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = COMPLETION)]
pub struct CompletionArgs {
    /// For which shell
    #[arg(value_name = "SHELL")]
    pub shell: clap_complete::Shell,
}

const MAN: &str = "\
Examples:
  Read the page without installing it:
    oftp man | man -l -

  Write all pages, oftp.1 and one per command:
    oftp man /usr/local/share/man/man1";

/// Options of `oftp man`.
#[derive(Args, Clone, Debug)]
#[command(after_long_help = MAN)]
pub struct ManArgs {
    /// Where the pages go; without it the first one goes to the standard output
    #[arg(value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
}

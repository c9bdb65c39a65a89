//! The command `oftp` as its users meet it: real processes on this machine that exchange files
//! with each other and with scripted partners. One file per theme.

mod common;

mod bad_files;
mod certificates;
mod files;
mod full_disk;
mod hostile;
mod left_undone;
mod many;
mod names;
mod other_protocols;
mod partners;
mod readme;
mod resume;
mod secured_files;
mod signed_responses;
mod silent;
mod words;

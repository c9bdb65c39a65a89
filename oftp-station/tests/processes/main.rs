//! The command `oftp` as its users meet it: real processes on this machine that exchange files
//! with each other and with scripted partners. One file per theme.

mod common;

mod authentication;
mod bad_files;
mod certificates;
mod cms;
mod doctor;
mod evidence;
mod files;
mod full_disk;
mod hostile;
mod keys;
mod left_undone;
mod many;
mod names;
mod other_protocols;
mod partners;
mod readme;
mod refused_envelopes;
mod resume;
mod secured_files;
mod secured_policies;
mod secured_restart;
mod signed_responses;
mod silent;
mod station_folder;
mod station_run;
mod tls;
mod tls_line;
mod words;

//! Whole sessions in memory, one scenario per file.

mod credit;
mod end_of_file;
mod formats;
mod levels;
mod modes;
mod negotiation;
mod nerp;
mod one_file_and_its_response;
mod refusals;
mod restart;

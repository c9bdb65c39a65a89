//! Whole sessions in memory, one scenario per file.

mod formats;
mod levels;
mod modes;
mod negotiation;
mod one_file_and_its_response;

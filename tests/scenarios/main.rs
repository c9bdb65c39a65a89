//! Whole sessions in memory, one scenario per file.

mod one_file_and_its_response;

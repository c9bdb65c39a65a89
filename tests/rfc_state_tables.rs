//! The state tables of the engine, held against three things: the transcription of RFC 5024
//! chapter 9 and RFC 2204 chapter 8 in spec/state_tables.toml; the text of RFC 5024 itself, where
//! OFTP_RFC_TEXTS names the folder that has it; and a model that runs every cell.

#[path = "rfc_state_tables/cells.rs"]
mod cells;
#[path = "rfc_state_tables/expected.rs"]
mod expected;
#[path = "rfc_state_tables/page.rs"]
mod page;
#[path = "rfc_state_tables/rfc2204.rs"]
mod rfc2204;
#[path = "rfc_state_tables/text.rs"]
mod text;
#[path = "rfc_state_tables/transcription.rs"]
mod transcription;

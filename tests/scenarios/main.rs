//! Whole sessions in memory, one scenario per file.

mod authentication;
mod credit;
mod data_beyond_credit;
mod deferred_answers;
mod end_of_file;
mod formats;
mod framing;
mod held_turn;
mod irregular_end;
mod levels;
mod limits;
mod memory;
mod modes;
mod negotiation;
mod nerp;
mod one_file_and_its_response;
mod refusals;
mod responses;
mod restart;
mod time_outs;
mod who_may_call;
mod wrong_protocol;

//! ODETTE File Transfer Protocol, levels 1.2 to 2.0 (RFC 5024, RFC 2204): the engine.
//!
//! The engine is sans-IO: it reads no socket, no file and no clock, and draws no random numbers.
//! Octets, primitives and the time go in; octets and events come out of one ordered queue. A
//! whole session therefore runs in a test in a millisecond, and a driver for any transport is a
//! loop of a few lines.
//!
//! | module | RFC 5024 | what it is |
//! |---|---|---|
//! | [`wire`] | chapters 5 and 8 | octets and commands, Stream Transmission Headers |
//! | [`virtual_file`] | chapters 1.5 and 7 | octets and records, restart positions, counts |
//! | [`state`] | chapter 9 | the state tables as data, and what they leave open |
//! | [`session`] | chapters 2 to 4 | the service: primitives in, one ordered queue out |
//! | [`mailbox`] | chapters 3 and 4 | a ready User Monitor: files and responses, turns, the end |
//!
//! Who wants to send and receive files starts with [`mailbox`]; who has a User Monitor of their
//! own, with [`session`].
//!
//! Names are the RFC's. A primitive `F_START_FILE_RQ` is `start_file_rq`, an indication
//! `F_START_FILE_IND` is `Event::StartFileInd`, a field `SFIDDSN` is `Sfid::dsn`.
#![forbid(unsafe_code)]

pub mod mailbox;
pub mod session;
pub mod state;
pub mod virtual_file;
pub mod wire;

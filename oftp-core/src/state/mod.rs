//! The protocol state machine (RFC 5024 chapter 9): what an entity does about each event in each
//! state.
//!
//! # How to read it
//!
//! Hold chapter 9 of the RFC beside these files. [`vocabulary`] and [`output`] have its states
//! and events (9.3 to 9.5). [`session_connection`] (9.8), [`error_and_abort`] (9.9),
//! [`speaker_1`] (9.10), [`speaker_2`] (9.11) and [`listener`] (9.12) have one section each, as
//! plain data: the state table, the transition table, the predicates and the actions, with the
//! letters, the numbers and the misprints of the page. [`completion`] has what the page leaves
//! open or prints wrongly, and nothing else has any of it. [`machine`] interprets them; it knows
//! no state and no event by name.
//!
//! A state table is read as in 9.13: find the letter where the row of the event meets the column
//! of the state, then the row of that letter in the transition table of the *same* section.
//! [`machine::step`] does that; a step prints as `9.10 K OPOP SFPA -> OPO`.
//!
//! # Reading rules
//!
//! * **ST-01** A letter is the index of a row of the transition table of its own section and of no
//!   other. Only X (impossible, or a fault of the network) and U (user error) mean the same
//!   everywhere.
//! * **ST-02** A cell in a column that names the state wins over a cell in the column "Other
//!   States" of another table. With that no event has two meanings in one state.
//! * **ST-25** The next state `UE` is not a state: the primitive is refused and the state stays.
//! * **ST-50** The predicates are evaluated first, then the actions are run and the outputs issued
//!   in printed order, then the state changes.
//!
//! A command that a state does not allow ends the session with ESID(R=02), before and after
//! authentication; ESID is understood in every connected state; nothing at all makes a cell panic.

pub mod completion;
pub mod error_and_abort;
pub mod listener;
pub mod machine;
mod matrix;
pub mod output;
pub mod session_connection;
pub mod speaker_1;
pub mod speaker_2;
pub mod table;
pub mod vocabulary;

pub use machine::{Kind, Row, Step, Trace};
pub use output::{Origin, Output, Sink};
pub use table::{Action, Predicate, Table};
pub use vocabulary::{Event, Source, State};

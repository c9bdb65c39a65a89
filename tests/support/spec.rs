//! The specifications as data: `tests/spec/state_tables.toml` and `tests/spec/vectors.toml`, as far
//! as tests of whole sessions need them.

use std::collections::BTreeMap;

use oftp_core::state::State;
use oftp_core::wire::Level;
use serde::Deserialize;

/// `state_tables.toml`.
#[derive(Debug, Deserialize)]
pub struct StateTables {
    /// The columns of [`resolved`](Self::resolved).
    pub resolved_columns: Columns,
    /// What every event does in every state.
    pub resolved: Vec<ResolvedRow>,
    /// The printed tables.
    pub table: Vec<Table>,
}

/// The states, left to right.
#[derive(Debug, Deserialize)]
pub struct Columns {
    /// Their names.
    pub states: Vec<String>,
}

/// One event in all states.
#[derive(Debug, Deserialize)]
pub struct ResolvedRow {
    /// Its name.
    pub event: String,
    /// `9.12/A`, `9.10*/C` or `+PV`, one for each state.
    pub cells: Vec<String>,
}

/// A section of chapter 9.
#[derive(Debug, Deserialize)]
pub struct Table {
    /// `9.8` to `9.12`.
    pub section: String,
    /// Its transition table.
    pub transition: Vec<Transition>,
}

/// A row of a transition table.
#[derive(Debug, Deserialize)]
pub struct Transition {
    /// Its letter.
    pub id: String,
    /// Its branches.
    pub branch: Vec<Branch>,
}

/// One case of a row.
#[derive(Debug, Deserialize)]
pub struct Branch {
    /// Its predicates.
    pub when: String,
    /// Its outputs.
    pub outputs: Vec<String>,
    /// Its next state, or `UE`.
    pub next: String,
}

/// `vectors.toml`.
#[derive(Debug, Deserialize)]
pub struct Vectors {
    /// What must be refused.
    pub negative_vector: Vec<Negative>,
    /// Recorded sessions.
    pub trace: Vec<Recorded>,
}

/// One Exchange Buffer or event that must be refused.
#[derive(Debug, Deserialize)]
pub struct Negative {
    /// `NEG-...`.
    pub id: String,
    /// The level of the session.
    pub level: String,
    /// The state in which it comes.
    pub state: String,
    /// The Exchange Buffer.
    pub hex: Option<String>,
    /// The Stream Transmission Buffer.
    pub stb: Option<String>,
    /// More about the session.
    #[serde(default)]
    pub context: BTreeMap<String, toml::Value>,
    /// What must come of it.
    pub expect: BTreeMap<String, String>,
}

/// A recorded session.
#[derive(Debug, Deserialize)]
pub struct Recorded {
    /// `TR-...`.
    pub id: String,
    /// Its level.
    pub level: String,
    /// What was agreed.
    #[serde(default)]
    pub params: BTreeMap<String, toml::Value>,
    /// The states of Initiator and Responder at the end.
    #[serde(rename = "final")]
    pub states: [String; 2],
    /// Direction, command, Stream Transmission Buffer.
    pub steps: Vec<[String; 3]>,
}

/// Reads `state_tables.toml`.
///
/// # Panics
/// When the file has another form.
#[must_use]
pub fn state_tables() -> StateTables {
    toml::from_str(include_str!("../spec/state_tables.toml")).expect("its own form")
}

/// Reads `vectors.toml`.
///
/// # Panics
/// When the file has another form.
#[must_use]
pub fn vectors() -> Vectors {
    toml::from_str(include_str!("../spec/vectors.toml")).expect("its own form")
}

/// The state of this name.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn state(name: &str) -> State {
    *State::ALL
        .iter()
        .find(|state| state.name() == name)
        .expect(name)
}

/// The level of this name.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn level(name: &str) -> Level {
    match name {
        "1.2" => Level::V1_2,
        "1.3" => Level::V1_3,
        "1.4" => Level::V1_4,
        "2.0" => Level::V2_0,
        other => panic!("{other} is no level"),
    }
}

/// Octets from hexadecimal digits.
///
/// # Panics
/// When they are none.
#[must_use]
pub fn octets(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex
        .chars()
        .map(|digit| digit.to_digit(16).expect("a hexadecimal digit"))
        .collect();
    digits
        .chunks(2)
        .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).expect("two digits"))
        .collect()
}

//! station


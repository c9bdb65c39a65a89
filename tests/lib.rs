//! Tests that cross crates live beside this file; it holds nothing itself.

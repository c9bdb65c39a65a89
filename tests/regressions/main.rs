//! What goes wrong between two stations when connections are stuck, partners are wrong, stores
//! are slow or answers come out of place.

mod ending;
mod files;
mod post;
mod start;
mod time;

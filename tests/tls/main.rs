//! TLS (RFC 5024 2.3): who is taken for whom, in both roles and both versions; whole sessions over
//! it; what is said when it fails; and the command `openssl` at the other end.

mod certificates;
mod common;
mod cuts;
mod faults;
mod hands;
mod openssl;
mod own_keys;
mod refusals;
mod sessions;

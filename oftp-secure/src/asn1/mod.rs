//! As much ASN.1 as CMS and X.509 need: BER as partners send it, DER as it is written (X.690).

pub mod oid;
mod reader;
mod writer;

pub use reader::{Element, Reader};
pub use writer::{constructed, integer, length, octet_string, oid_only, primitive};

/// Identifier octets that CMS and X.509 use; all have one octet.
pub mod tag {
    #![allow(missing_docs, reason = "the names of X.680")]
    pub const BOOLEAN: u8 = 0x01;
    pub const INTEGER: u8 = 0x02;
    pub const BIT_STRING: u8 = 0x03;
    pub const OCTET_STRING: u8 = 0x04;
    pub const OCTET_STRING_CONSTRUCTED: u8 = 0x24;
    pub const NULL: u8 = 0x05;
    pub const OID: u8 = 0x06;
    pub const UTC_TIME: u8 = 0x17;
    pub const GENERALIZED_TIME: u8 = 0x18;
    pub const SEQUENCE: u8 = 0x30;
    pub const SET: u8 = 0x31;
    /// `[0]`, primitive and constructed.
    pub const CONTEXT_0: u8 = 0x80;
    pub const CONTEXT_0_CONSTRUCTED: u8 = 0xA0;
    pub const CONTEXT_1_CONSTRUCTED: u8 = 0xA1;
    pub const CONTEXT_2_CONSTRUCTED: u8 = 0xA2;
    pub const CONTEXT_3_CONSTRUCTED: u8 = 0xA3;
}

/// How deep elements may lie in each other (threat model A8, C2).
pub const MAX_DEPTH: u32 = 16;

/// Octets are no BER, or not the BER that was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{what} at octet {at}")]
pub struct Asn1Error {
    /// What is wrong.
    pub what: &'static str,
    /// Where, counted from the beginning of what was read.
    pub at: usize,
}

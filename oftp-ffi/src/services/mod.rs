//! The file services: keys and certificates, envelopes (CMS), signed end responses, challenges,
//! hashes. Each works without a session.

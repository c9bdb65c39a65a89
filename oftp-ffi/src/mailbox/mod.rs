//! A ready User Monitor on a connected socket: files to send, a place for what comes, policies.

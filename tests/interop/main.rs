//! What others write we read, what we write others read.

mod common;
mod openssl;

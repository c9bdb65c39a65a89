//! What others write we read, what we write others read.

mod bouncycastle;
mod common;
mod openssl;
mod openssl_commands;

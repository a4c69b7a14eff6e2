//! What `stackmark demo` runs on a machine with only Rust, and what the tests run against.

pub mod aws_replay;
pub mod class;
mod history;
pub mod load_balancer;
pub mod stack;

//! What `stackmark demo` runs on a machine with only Rust, and what the tests run against.

pub mod load_balancer;

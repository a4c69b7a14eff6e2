//! Shared by the integration tests.

#![allow(dead_code, reason = "each test binary uses a part")]
#![allow(unreachable_pub, reason = "a test binary has no callers from outside")]

pub mod history;
pub mod people;

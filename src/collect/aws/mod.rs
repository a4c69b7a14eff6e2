//! The deployed stack, read through AWS's APIs with read-only operations.
//!
//! | file | holds |
//! |---|---|
//! | `config` | credentials, region, endpoint, time limits |
//! | `operations` | every operation that may be sent, and the interceptor that refuses any other |
//! | `session` | clients, paging, bounded concurrency |
//! | `errors` | failures into causes and words |

mod config;
mod errors;
mod operations;
mod session;
mod sts;

pub use config::Connection;
pub use operations::{OPERATIONS, Operation};

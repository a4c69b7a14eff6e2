//! The deployed stack, read through AWS's APIs with read-only operations.
//!
//! | file | holds |
//! |---|---|
//! | `config` | credentials, region, endpoint, time limits |
//! | `operations` | every operation that may be sent, and the interceptor that refuses any other |
//! | `session` | clients, paging, bounded concurrency |
//! | `ec2` `elbv2` `autoscaling` `sts` | one service each: replies into tables |
//! | `scope` | which resources belong to the team |
//! | `needs` | which tables a reading is made from |
//! | `errors` `xml` | failures into causes and words |

mod autoscaling;
mod collector;
mod config;
mod ec2;
mod elbv2;
mod errors;
mod needs;
mod operations;
mod scope;
mod session;
mod stack;
mod sts;
mod xml;

pub use collector::{collect, collect_over};
pub use config::Connection;
pub use needs::operations_for;
pub use operations::{OPERATIONS, Operation};

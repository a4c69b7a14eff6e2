//! Requests to the deployed stack, behind an address guard.
//!
//! [`target`] says where they go, [`probe`] sends them. What answers is hostile: every attempt is bounded in time, every
//! body in bytes, every tally in entries, and no address is connected to that the guard has not seen.

mod attempt;
mod body;
mod failure;
mod ids;
mod json;
pub mod load;
mod multipart;
mod probe;
mod pulse;
mod redirect;
mod route;
mod scenario;
mod shown;
mod tally;
mod target;

pub use probe::probe;
pub use pulse::Pulse;
pub use target::{target, target_for};

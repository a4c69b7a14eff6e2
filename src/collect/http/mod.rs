//! Requests to the deployed stack, behind an address guard.
//!
//! [`target`] says where they go.

mod resolve;
mod target;

pub use resolve::InvalidResolve;
pub use target::target;

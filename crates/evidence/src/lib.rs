//! What was read, as plain versioned data: no I/O, no judgement.
//!
//! One [`Evidence`] bundle per team is the contract between the collectors and the judge. Every piece of it is a
//! [`Reading`], so that "it is not there" and "it could not be read" can never be confused.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

pub mod asked;
pub mod aws;
pub mod bundle;
pub mod closed;
pub mod code;
mod contribution;
mod coordination;
pub mod files;
pub mod git;
pub mod http;
mod hygiene;
pub mod identities;
pub mod infrastructure;
pub mod ledger;
pub mod load;
pub mod paths;
pub mod points;
pub mod reading;
pub mod recovery;
pub mod report;
pub mod request;
pub mod schema;
mod set_aside;
pub mod signs;
pub mod unread;
pub mod unwritten;
pub mod vocabulary;
mod words;

pub use bundle::{Evidence, Member, MembersFrom, Team, Tool};
pub use ledger::Ledger;
pub use points::Points;
pub use reading::{Cause, Lack, Reading, Unreadable};
pub use set_aside::{SetAside, SetAsideKind};
pub use signs::{Sign, SignKind};
pub use words::is_word;

//! The history: identities, contribution, atomicity, messages, coordination, hygiene.

pub(crate) mod dates;
mod diff;
mod identities;
mod rename;
mod words;

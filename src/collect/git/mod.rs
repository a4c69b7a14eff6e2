//! The history: identities, contribution, atomicity, messages, coordination, hygiene.

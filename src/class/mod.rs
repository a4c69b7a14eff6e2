//! What needs more than one team.

//! Requests to the deployed stack, behind an address guard.

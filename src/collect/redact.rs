//! Secrets are replaced before anything is printed or stored.

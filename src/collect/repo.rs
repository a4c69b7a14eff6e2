//! Obtains a repository without ever checking it out.

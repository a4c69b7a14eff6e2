//! What all that is read of a repository follows from.

use git2::{Reference, Repository};

/// The references with what they lead to, a line each, sorted: a commit's id stands for its whole history.
///
/// # Errors
/// A reference that cannot be read.
pub fn state(repository: &Repository) -> Result<String, git2::Error> {
    let mut lines = Vec::new();
    for reference in repository.references()? {
        lines.push(line(&reference?));
    }
    // Not among the others, and it may lead to a branch that has no commit yet.
    lines.extend(repository.find_reference("HEAD").ok().map(|head| line(&head)));
    lines.sort_unstable();
    Ok(lines.concat())
}

fn line(reference: &Reference<'_>) -> String {
    let name = String::from_utf8_lossy(reference.name_bytes());
    let symbolic = reference.symbolic_target_bytes().map(|to| String::from_utf8_lossy(to).into_owned());
    let to = reference.target().map(|id| id.to_string()).or(symbolic).unwrap_or_default();
    format!("{name} {to}\n")
}

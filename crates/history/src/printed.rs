//! Text of a repository as it may be printed.

/// Paths or commits that are named for each kind of finding.
pub(crate) const EXAMPLES: usize = 5;

/// Control characters replaced, but for tab and line feed: what a team wrote must not steer a terminal.
pub(super) fn printable(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c })
        .collect()
}

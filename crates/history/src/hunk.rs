//! A run of changed lines, as `git diff` prints it.

/// A run of changes with three lines of context.
#[derive(Debug, Clone)]
pub(super) struct Hunk {
    /// First line afterwards, one-based; the line before it where nothing is left.
    pub(super) start: u64,
    /// First line before, one-based; the line before it where nothing was there.
    pub(super) old_start: u64,
    /// The function or section header that git shows after `@@`.
    pub(super) header: String,
    pub(super) lines: Lines,
}

/// One line of a hunk, without its end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'t> {
    pub(super) kind: LineKind,
    pub(super) text: &'t str,
}

/// The lines of a hunk, all in one text: a history has millions of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Lines {
    text: String,
    /// Of each line its kind, and where it ends in the text.
    ends: Vec<(LineKind, usize)>,
}

impl Lines {
    /// Room for lines of so many bytes together.
    pub(super) fn with_capacity(lines: usize, bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), ends: Vec::with_capacity(lines) }
    }

    /// Adds a line; what is not UTF-8 in it is replaced, and its end is cut off.
    pub(super) fn push(&mut self, kind: LineKind, line: &[u8]) {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match std::str::from_utf8(line) {
            Ok(text) => self.text.push_str(text),
            Err(_) => self.text.push_str(&String::from_utf8_lossy(line)),
        }
        self.ends.push((kind, self.text.len()));
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Line<'_>> {
        let mut start = 0;
        self.ends.iter().map(move |(kind, end)| {
            let text = &self.text[start..*end];
            start = *end;
            Line { kind: *kind, text }
        })
    }

    pub(super) fn kinds(&self) -> impl Iterator<Item = LineKind> {
        self.ends.iter().map(|(kind, _)| *kind)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineKind {
    Context,
    Added,
    Deleted,
}

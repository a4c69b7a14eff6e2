//! What is wrong with a document of the instructor's: file, line, excerpt and fix.

use std::ops::Range;
use std::sync::Arc;

use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Severity};

/// A document as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceText {
    /// Path as the user would type it, or `checks/aws/asg-size.toml (built in)`.
    pub name: String,
    /// Content.
    pub text: String,
}

impl SourceText {
    /// A document named `name`.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { name: name.into(), text: text.into() })
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The document.
    pub source: Arc<SourceText>,
    /// Bytes of it that the message is about; `None` is the whole document.
    pub span: Option<Range<usize>>,
    /// What is wrong: a lowercase fragment.
    pub message: String,
    /// What to do about it.
    pub fix: Option<String>,
    /// It is suspicious, and works.
    pub warning: bool,
}

/// Everything that is wrong, in the order found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Problems(pub Vec<Problem>);

impl Problem {
    /// An error at `span` of `source`.
    pub fn error(source: &Arc<SourceText>, span: Option<Range<usize>>, message: impl Into<String>) -> Self {
        Self { source: Arc::clone(source), span, message: message.into(), fix: None, warning: false }
    }

    /// Adds the fix.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }

    /// Makes it a warning.
    #[must_use]
    pub fn warn(mut self) -> Self {
        self.warning = true;
        self
    }

    /// One-based line of the span's start.
    pub fn line(&self) -> Option<usize> {
        let start = self.span.as_ref()?.start.min(self.source.text.len());
        Some(self.source.text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count() + 1)
    }

    fn rendered(&self, handler: &GraphicalReportHandler) -> String {
        let mut diagnostic = MietteDiagnostic::new(match self.line() {
            Some(line) => format!("{}:{line}: {}", self.source.name, self.message),
            None => format!("{}: {}", self.source.name, self.message),
        })
        .with_severity(if self.warning { Severity::Warning } else { Severity::Error });
        if let Some(span) = &self.span {
            diagnostic = diagnostic.with_label(LabeledSpan::new_with_span(None, span.clone()));
        }
        if let Some(fix) = &self.fix {
            diagnostic = diagnostic.with_help(fix.clone());
        }
        let report = miette::Report::new(diagnostic)
            .with_source_code(NamedSource::new(self.source.name.clone(), self.source.text.clone()));
        let mut out = String::new();
        if handler.render_report(&mut out, report.as_ref()).is_err() {
            out = format!("{}: {}\n", self.source.name, self.message);
        }
        out
    }
}

impl Problems {
    /// Whether anything but warnings is in it.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|problem| !problem.warning)
    }

    /// For a terminal: each problem with its source excerpt and fix, by file and position, each once; `color` and
    /// `unicode` as the terminal allows.
    pub fn render(&self, color: bool, unicode: bool, width: usize) -> String {
        let theme = match (unicode, color) {
            (true, true) => GraphicalTheme::unicode(),
            (true, false) => GraphicalTheme::unicode_nocolor(),
            (false, _) => GraphicalTheme::none(),
        };
        let handler =
            GraphicalReportHandler::new_themed(theme).with_links(false).with_width(width).with_context_lines(1);
        let mut problems: Vec<&Problem> = self.0.iter().collect();
        problems.sort_by_key(|problem| (&problem.source.name, problem.span.as_ref().map(|span| span.start)));
        problems.dedup();
        problems.iter().map(|problem| problem.rendered(&handler)).collect::<Vec<_>>().join("\n")
    }

    /// The value where there is no error; warnings are handed back with it.
    ///
    /// # Errors
    /// All problems, warnings included, where one of them is an error or there is no value.
    pub fn or_else<T>(self, value: Option<T>) -> Result<(T, Self), Self> {
        match value {
            Some(value) if !self.has_errors() => Ok((value, self)),
            _ => Err(self),
        }
    }
}

/// A document as it was read. The value is given only where nothing but warnings is wrong with it: who looks for something
/// in a broken document is told that it is broken, and does not merely fail to find it.
#[derive(Debug, Clone, PartialEq)]
#[must_use]
pub struct Parsed<T> {
    value: Option<T>,
    problems: Problems,
}

impl<T> Parsed<T> {
    /// What a reader gave.
    pub(crate) fn new((value, problems): (Option<T>, Problems)) -> Self {
        Self { value, problems }
    }

    /// Adds what is wrong with the value beside other documents, so that all problems are told at once.
    pub fn checked(mut self, check: impl FnOnce(&T) -> Problems) -> Self {
        if let Some(value) = &self.value {
            self.problems.0.extend(check(value).0);
        }
        self
    }

    /// The value with its warnings.
    ///
    /// # Errors
    /// All problems, warnings included, where one of them is an error or there is no value.
    pub fn sound(self) -> Result<(T, Problems), Problems> {
        self.problems.or_else(self.value)
    }
}

impl std::fmt::Display for Problems {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.render(false, true, 100))
    }
}

impl std::error::Error for Problems {}

/// The one of `known` that `word` was likely meant to be: the same but for case and zeros before numbers, as `Team-2` for
/// `team-02`, else the most like it.
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let known: Vec<&str> = known.into_iter().collect();
    let bare = bare(word);
    if let Some(same) = known.iter().copied().find(|candidate| self::bare(candidate) == bare) {
        return Some(same);
    }
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(likeness, _)| *likeness > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// In small letters, without zeros before numbers.
fn bare(word: &str) -> String {
    let (mut bare, mut in_number) = (String::new(), false);
    let mut letters = word.chars().peekable();
    while let Some(letter) = letters.next() {
        let leads = letter == '0' && !in_number && letters.peek().is_some_and(char::is_ascii_digit);
        if !leads {
            in_number = letter.is_ascii_digit();
            bare.extend(letter.to_lowercase());
        }
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::did_you_mean;

    #[test]
    fn a_number_is_meant_before_letters_that_are_alike() {
        let teams = ["team-01", "team-02", "team-12", "team-100"];
        for (word, meant) in
            [("team-1", "team-01"), ("team-2", "team-02"), ("Team-012", "team-12"), ("team-0100", "team-100")]
        {
            assert_eq!(did_you_mean(word, teams), Some(meant), "{word}");
        }
        assert_eq!(did_you_mean("tags", teams), None);
    }
}

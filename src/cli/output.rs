//! The result on standard output; progress, logs and errors on standard error.

use std::any::Any;
use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::timings::{Ending, Timed, Timings};
use stackmark_class::Voice;
use stackmark_collect::Progress;
use stackmark_collect::SharedProgress;
use stackmark_collect::Silent;
use stackmark_collect::redact::redact;
use stackmark_course::{Problems, Sentences};
use stackmark_render::terminal::Style;
use stackmark_render::wrapped;

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless NO_COLOR is set
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Where a command prints; a clone prints to the same place.
#[derive(Clone)]
pub(super) struct Output {
    color: Color,
    /// Whether no progress is shown.
    quiet: bool,
    /// Progress, a line a team.
    progress: ProgressLines,
    /// How much of a class is done, on a terminal.
    total: Arc<OnceLock<ProgressBar>>,
    /// What each step takes, if it is asked for.
    timings: Option<Arc<Timings>>,
    /// In what it speaks.
    language: Language,
}

/// The language of what is said, once it is known; English before, and where that language has no words for it.
#[derive(Clone, Default)]
struct Language(Arc<OnceLock<Arc<Sentences>>>);

impl Language {
    fn say(&self, english: &str) -> String {
        self.0.get().map_or_else(|| english.to_owned(), |sentences| sentences.say(english))
    }
}

/// Where progress is shown: nowhere, or on a terminal.
#[derive(Clone)]
struct ProgressLines(Option<MultiProgress>);

impl Output {
    /// As the command line asks and the terminal allows.
    pub(super) fn new(color: Color, quiet: bool, timings: bool) -> Self {
        let bars = (!quiet && std::io::stderr().is_terminal())
            .then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr()));
        let timings = timings.then(Arc::default);
        let (total, language) = (Arc::default(), Language::default());
        Self { color, quiet, progress: ProgressLines(bars), total, timings, language }
    }

    /// From now on, notes, errors and progress are in this language; the first call counts.
    pub(super) fn speak(&self, sentences: &Arc<Sentences>) {
        let _ = self.language.0.set(Arc::clone(sentences));
    }

    /// Says what took how long, if it was asked for.
    pub(super) fn say_timings(&self) {
        if let Some(timings) = &self.timings {
            self.note(&timings.lines());
        }
    }

    fn colored(&self, terminal: bool) -> bool {
        match self.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                terminal
                    && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                    && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
            }
        }
    }

    /// The style for standard output.
    pub(super) fn style(&self) -> Style {
        Style { width: width(), color: self.colored(std::io::stdout().is_terminal()), unicode: unicode() }
    }

    /// The style for a table on standard output: 80 columns if that is no terminal.
    pub(super) fn table_style(&self) -> Style {
        Style { width: self.columns().unwrap_or(80), ..self.style() }
    }

    /// How wide standard output is, if it is a terminal.
    pub(super) fn columns(&self) -> Option<usize> {
        std::io::stdout().is_terminal().then(width)
    }

    /// Prints a list for people: no wider than the terminal, and as it is for a program that reads it.
    pub(super) fn list(&self, text: &str) -> std::io::Result<()> {
        match self.columns() {
            Some(columns) => self.result(&wrapped(text, columns)),
            None => self.result(text),
        }
    }

    /// Prints a result. A reader that has gone away, as in `stackmark … | head`, is no failure.
    pub(super) fn result(&self, text: &str) -> std::io::Result<()> {
        let mut out = std::io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }
}

impl Output {
    /// How far something is, that takes long; nothing with --quiet.
    pub(super) fn progress(&self, text: &str) {
        if !self.quiet {
            self.note(text);
        }
    }

    /// A line in the words that it has.
    fn tell(&self, text: &str) {
        // An error may quote what a team wrote.
        let mut text = redact(text).0;
        if std::io::stderr().is_terminal() {
            text = wrapped(&text, width());
        }
        self.say(&text);
    }

    /// On standard error, beside the lines of progress.
    fn say(&self, text: &str) {
        let print = || {
            // Nothing is left to tell where standard error is gone.
            let _ = writeln!(std::io::stderr(), "{text}");
        };
        match &self.progress.0 {
            Some(bars) => bars.suspend(print),
            None => print(),
        }
    }
}

impl Voice for Output {
    fn note(&self, text: &str) {
        self.tell(&self.language.say(text));
    }

    fn error(&self, text: &str) {
        self.tell(&format!("error: {}", self.language.say(text)));
    }

    fn problems(&self, problems: &Problems) {
        if !problems.0.is_empty() {
            let text = problems.render(self.colored(std::io::stderr().is_terminal()), unicode(), width());
            self.say(&redact(&text).0);
        }
    }

    fn done(&self, done: usize, of: usize, left: Option<Duration>) {
        let teams = if of == 1 { "team" } else { "teams" };
        let text = match left {
            Some(left) => format!("{done} of {of} {teams} done, about {} to go", in_words(left)),
            None => format!("{done} of {of} {teams} done"),
        };
        if let Some(bars) = &self.progress.0 {
            let bar = self.total.get_or_init(|| {
                let bar = bars.add(ProgressBar::new_spinner());
                styled(&bar, "{wide_msg}");
                bar
            });
            bar.set_message(text);
            if done >= of {
                bar.finish_and_clear();
            }
        } else if !self.quiet && (done >= of || done.is_multiple_of(of.div_ceil(PIPED_LINES).max(1))) {
            self.note(&text);
        }
    }

    fn line(&self, team: &str) -> (SharedProgress, Box<dyn Any + Send>) {
        let (progress, ended) = self.progress.line(team, &self.language);
        let Some(timings) = &self.timings else { return (progress, Box::new(ended)) };
        let timed = Arc::new(Timed::new(progress, Arc::clone(timings)));
        let ending = Ending(Arc::clone(&timed));
        (timed, Box::new((ending, ended)))
    }
}

/// Lines on how much is done, at most, where nobody sees a bar.
const PIPED_LINES: usize = 50;

/// A time as people say it.
fn in_words(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..90 => format!("{} s", seconds.max(1)),
        seconds @ 90..5_400 => format!("{} min", (seconds + 30) / 60),
        seconds => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
    }
}

impl ProgressLines {
    fn line(&self, team: &str, language: &Language) -> (SharedProgress, Ended) {
        let Some(bars) = &self.0 else { return (Arc::new(Silent), Ended(None)) };
        let bar = bars.add(ProgressBar::new_spinner());
        styled(&bar, SPINNER);
        bar.set_prefix(team.to_owned());
        bar.enable_steady_tick(std::time::Duration::from_millis(120));
        let line = Line { bar: bar.clone(), filled: AtomicBool::new(false), language: language.clone() };
        (Arc::new(line), Ended(Some(bar)))
    }
}

/// Takes its line of progress away when dropped.
struct Ended(Option<ProgressBar>);

impl Drop for Ended {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}

/// What a line looks like while nobody knows how much is left, and while it is known.
const SPINNER: &str = "{spinner} {prefix} {wide_msg} {elapsed}";
const BAR: &str = "{spinner} {prefix} [{bar:20}] {pos}/{len} {wide_msg} {elapsed}";

fn styled(bar: &ProgressBar, template: &str) {
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style.progress_chars("=> "));
    }
}

struct Line {
    bar: ProgressBar,
    /// Whether it is a bar just now.
    filled: AtomicBool,
    language: Language,
}

impl Progress for Line {
    fn step(&self, what: &str) {
        if self.filled.swap(false, Ordering::Relaxed) {
            styled(&self.bar, SPINNER);
        }
        self.bar.set_message(self.language.say(what));
    }

    fn part(&self, done: u64, of: u64, what: &str) {
        if !self.filled.swap(true, Ordering::Relaxed) {
            styled(&self.bar, BAR);
        }
        self.bar.set_length(of);
        self.bar.set_position(done);
        self.bar.set_message(self.language.say(what));
    }
}

fn width() -> usize {
    terminal_size::terminal_size().map_or(100, |(width, _)| usize::from(width.0)).clamp(60, 120)
}

/// Whether the locale can show more than ASCII.
fn unicode() -> bool {
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    cfg!(windows) || locale.is_some_and(|locale| locale.to_lowercase().replace('-', "").contains("utf8"))
}

/// Logs on standard error, for `-v`; STACKMARK_LOG takes tracing's own filter syntax.
pub(super) fn start_logging(verbose: u8) {
    let default = match verbose {
        0 => "off",
        1 => "stackmark=debug",
        _ => "stackmark=trace,aws_config=debug,aws_smithy_runtime=debug",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("STACKMARK_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(default));
    let colored = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    // Only a second call fails, and keeps the first one's.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(colored)
        .with_writer(|| Redacted)
        .without_time()
        .try_init();
}

/// Standard error, for what libraries log of requests and answers: an event comes in one piece.
struct Redacted;

impl std::io::Write for Redacted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let text = redact(&String::from_utf8_lossy(bytes)).0;
        std::io::stderr().write_all(text.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        std::io::stderr().flush()
    }
}

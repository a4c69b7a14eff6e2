//! Parts of a LaTeX source that a reader may not see: white letters, tiny ones, boxes that are never set, texts of commands.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::super::unseen::{is_pale, is_pale_hex};

/// Most colours of a source's own that are kept.
const MAX_COLORS: usize = 100;
/// Letters of fewer points, and boxes of a smaller scale, cannot be read.
const SMALLEST_POINTS: f64 = 2.0;
const SMALLEST_SCALE: f64 = 0.1;
const SMALLEST_OPACITY: f64 = 0.1;
/// A command with fewer words stands for a name.
const LONG_TEXT: u64 = 20;
/// So far to the left is off the page, in points.
const OFF_PAGE: f64 = 400.0;

static EVENTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        \\definecolor\s*\{(?P<name>[^{}]*)\}\s*\{(?P<of>[^{}]*)\}\s*\{(?P<is>[^{}]*)\}
        | \\colorlet\s*\{(?P<alias>[^{}]*)\}\s*\{(?P<source>[^{}]*)\}
        | \\(?P<color>color|textcolor)\s*(?:\[(?P<model>[^\]]*)\])?\s*\{(?P<value>[^{}]*)\}
        | \\(?P<normal>normalcolor)\b
        | \\(?:(?P<argument>text)?transparent|opacity)\s*\{\s*(?P<opacity>[0-9.]+)\s*\}
        | \\fontsize\s*\{\s*(?P<points>[0-9.]+)\s*(?:pt)?\s*\}
        | \\scalebox\s*\{\s*(?P<scale>[0-9.]+)\s*\}
        | \\(?:hspace|kern|hskip)\*?\s*\{?\s*-\s*(?P<left>[0-9.]+)\s*(?P<unit>cm|mm|in|pt|em)\s*\}?
        | \\(?P<boxed>setbox|sbox|savebox)(?:\d+|\b)
        | \\(?:(?:re|provide)?newcommand|providecommand|(?:long\s*\\)?def)\*?\s*\{?\s*\\(?P<command>[A-Za-z@]+)\}?(?:\[\d\]|\#\d)*
        | \\(?P<used>[A-Za-z@]+)
        | (?P<escaped>\\[{}\\])
        | (?P<brace>[{}])
        ",
    )
    .ok()
});

static USE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\\([A-Za-z@]+)").ok());

/// What is open at this point of the source.
#[derive(Default)]
pub(super) struct Watch {
    /// What a reader may not see.
    words: u64,
    /// Words in the text of each command that nothing has used so far.
    commands: BTreeMap<String, u64>,
    /// The command whose text is under way.
    command: Option<String>,
    /// Of braces.
    depth: u32,
    /// The depth of the part that may not be seen.
    unseen: Option<u32>,
    colors: BTreeSet<String>,
    /// Commands of the source's own that set their argument so that it may not be seen.
    ghosts: BTreeSet<String>,
}

impl Watch {
    /// Takes a line with so many words; `is_unsure` if only TeX would tell whether it is set.
    pub(super) fn line(&mut self, line: &str, words: u64, is_unsure: bool) {
        let (Some(events), Some(uses)) = (EVENTS.as_ref(), USE.as_ref()) else { return };
        if !self.commands.is_empty() && self.command.is_none() {
            for used in uses.captures_iter(line) {
                self.commands.remove(&used[1]);
            }
        }
        let mut command = self.command.clone();
        let mut hides = self.unseen.is_some() && command.is_none();
        for event in events.captures_iter(line) {
            self.event(&event);
            hides |= self.unseen.is_some() && self.command.is_none();
            command = command.or_else(|| self.command.clone());
        }
        if hides || is_unsure {
            self.words += words;
        } else if let Some(command) = command {
            *self.commands.entry(command).or_default() += words;
        }
    }

    /// How many words a reader may not see.
    pub(super) fn words(&self) -> u64 {
        self.words + self.commands.values().filter(|words| **words >= LONG_TEXT).sum::<u64>()
    }

    fn event(&mut self, event: &Captures<'_>) {
        let text = |name: &str| event.name(name).map(|found| found.as_str().trim());
        let number = |name: &str| text(name)?.parse::<f64>().ok();
        if let Some(brace) = text("brace") {
            self.depth = if brace == "{" { self.depth + 1 } else { self.depth.saturating_sub(1) };
            // What a brace before it opened ends with that brace.
            if brace == "}" && self.unseen.is_some_and(|from| from > self.depth) {
                self.show();
            }
        } else if let (Some(name), Some(model), Some(value)) = (text("name"), text("of"), text("is")) {
            self.define(name, self.is_pale(Some(model), value));
        } else if let (Some(name), Some(source)) = (text("alias"), text("source")) {
            self.define(name, self.is_pale(None, source));
        } else if let (Some(command), Some(value)) = (text("color"), text("value")) {
            let argument = u32::from(command == "textcolor");
            if self.is_pale(text("model"), value) {
                self.haunt();
                self.hide(argument);
            } else if argument == 0 {
                self.show_color();
            }
        } else if text("normal").is_some() {
            self.show_color();
        } else if number("opacity").is_some_and(|opacity| opacity < SMALLEST_OPACITY)
            || number("points").is_some_and(|points| points < SMALLEST_POINTS)
        {
            self.haunt();
            self.hide(u32::from(text("argument").is_some()));
        } else if number("scale").is_some_and(|scale| scale < SMALLEST_SCALE) || text("boxed").is_some() {
            self.haunt();
            self.hide(1);
        } else if let Some(command) = text("command") {
            if self.unseen.is_none() {
                self.command = Some(command.to_owned());
            }
            self.hide(1);
        } else if let (Some(left), Some(unit)) = (number("left"), text("unit")) {
            let points = match unit {
                "cm" => 28.0,
                "mm" => 2.8,
                "in" => 72.0,
                "em" => 10.0,
                _ => 1.0,
            };
            if left * points > OFF_PAGE {
                self.haunt();
                self.hide(0);
            }
        } else if text("used").is_some_and(|used| self.ghosts.contains(used)) {
            self.hide(1);
        }
    }

    /// The command whose text is under way hides what it is given.
    fn haunt(&mut self) {
        let command = self.command.as_ref().filter(|_| self.ghosts.len() < MAX_COLORS);
        self.ghosts.extend(command.cloned());
    }

    /// From here to the end of the group, or of the argument that comes next.
    fn hide(&mut self, argument: u32) {
        self.unseen.get_or_insert(self.depth + argument);
    }

    /// Another colour ends what white hid, and no definition.
    fn show_color(&mut self) {
        if self.command.is_none() {
            self.show();
        }
    }

    fn show(&mut self) {
        (self.unseen, self.command) = (None, None);
    }

    fn define(&mut self, name: &str, is_pale: bool) {
        if is_pale && self.colors.len() < MAX_COLORS {
            self.colors.insert(name.to_owned());
        } else {
            self.colors.remove(name);
        }
    }

    fn is_pale(&self, model: Option<&str>, value: &str) -> bool {
        let parts: Vec<f64> = value.split(',').filter_map(|part| part.trim().parse().ok()).collect();
        match (model.unwrap_or_default(), parts.as_slice()) {
            ("HTML", _) => is_pale_hex(value),
            ("rgb", &[red, green, blue]) => is_pale([red, green, blue]),
            ("RGB", &[red, green, blue]) => is_pale([red / 255.0, green / 255.0, blue / 255.0]),
            ("gray", &[gray]) => is_pale([gray; 3]),
            ("cmyk", &[cyan, magenta, yellow, black]) => cyan + magenta + yellow + black < 0.05,
            // `gray!3` is three parts of grey in white.
            _ => match value.split_once('!') {
                None => value == "white" || self.colors.contains(value),
                Some((color, mix)) => {
                    let percent = mix.split('!').next().and_then(|percent| percent.trim().parse::<f64>().ok());
                    let to_white = matches!(mix.split_once('!'), None | Some((_, "white")));
                    to_white && (percent.is_some_and(|percent| percent <= 5.0) || color == "white")
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With ten words in each line.
    fn unseen(source: &str) -> u64 {
        let mut watch = Watch::default();
        source.lines().for_each(|line| watch.line(line, 10, false));
        watch.words()
    }

    #[test]
    fn what_may_not_be_seen_lasts_to_the_end_of_its_group() {
        for start in [
            "\\color{white}",
            "\\color[rgb]{1,1,1}",
            "\\color[HTML]{FEFEFE}",
            "\\color{gray!3}",
            "\\definecolor{bg}{HTML}{FFFFFF}\\color{bg}",
            "\\colorlet{paper}{white}\\color{paper}",
            "\\transparent{0}",
            "\\fontsize{0.1}{0.1}\\selectfont",
            "\\scalebox{0.001}{",
            "\\hspace{-50cm}",
            "\\setbox0=\\vbox{",
            "\\newcommand{\\x}{",
            "\\textcolor[gray]{1}{",
        ] {
            let inner = if start.ends_with('{') { "}" } else { "" };
            let source = format!("a {{\nb {start}\nc\nd{inner}}}\ne\n");
            assert_eq!(unseen(&source), 30, "{start}");
        }
    }

    #[test]
    fn a_command_of_ones_own_hides_its_argument() {
        for hides in
            ["\\textcolor{white}{#1}", "\\texttransparent{0}{#1}", "{\\color{white} #1}", "\\scalebox{0.01}{#1}"]
        {
            let source = format!("\\newcommand{{\\ghost}}[1]{{{hides}}}\na\n\\ghost{{b\nc}}\nd\n");
            assert_eq!(unseen(&source), 20, "{hides}");
        }
        assert_eq!(unseen("\\newcommand{\\loud}[1]{\\textbf{#1}}\na\n\\loud{b\nc}\nd\n"), 0);
        assert_eq!(unseen("a\n\\texttransparent{0}{b\nc}\nd\n"), 20);
    }

    #[test]
    fn what_is_seen_is_no_question() {
        for source in [
            "\\color{blue} a\n",
            "\\fontsize{12}{14}\\selectfont a\n",
            "\\scalebox{0.8}{a}\n",
            "\\hspace{-1cm} a\n",
            "\\textcolor{gray!60}{a} \\{ b\n",
        ] {
            assert_eq!(unseen(source), 0, "{source}");
        }
        assert_eq!(unseen("\\color{white}\n\\color{black}\na\n"), 20);
        let used = "\\newcommand{\\cover}{\na\nb\nc}\n";
        assert_eq!((unseen(used), unseen(&format!("{used}\\cover\n"))), (40, 0));
        assert_eq!(unseen(&"\\newcommand{\\aws}{Amazon}\n".replace("aws", "x")), 0, "a name for a word");
    }
}

//! What a LaTeX source leaves out of the document: comments, conditions that are false, text that is not set.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

/// Most environments of a source's own that are comments.
const MAX_EXCLUDED: usize = 20;
/// Conditions that `\fi` ends; others with such a name take their branches as arguments.
const CONDITIONS: [&str; 16] = [
    "if",
    "ifnum",
    "ifx",
    "ifcat",
    "ifdim",
    "ifodd",
    "ifcase",
    "ifvmode",
    "ifhmode",
    "ifmmode",
    "ifdefined",
    "ifcsname",
    "ifpdf",
    "ifxetex",
    "ifluatex",
    "ifhbox",
];

/// Stands for all commands that set a text which nobody sees.
const INVISIBLE: &str = "\\@invisible";

struct Patterns {
    word: Regex,
    invisible: Regex,
    excluded: Regex,
    swallower: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    Some(Patterns {
        word: Regex::new(r"\\newif\s*\\if([A-Za-z@]+)|\\([A-Za-z@]+)").ok()?,
        // `\textcolor{white}{`, `{\color[HTML]{FFFFFF}`, `\phantom{`: up to the brace that ends the text.
        invisible: Regex::new(
            r"(?x)
            \\textcolor\s*(?:\{\s*white\s*\}|\[[^\]]*\]\s*\{\s*(?:(?i:f{6})|1(?:\.0)?(?:\s*,\s*1(?:\.0)?){2}|255(?:\s*,\s*255){2})\s*\})\s*\{
            | \{\s*\\color\s*(?:\{\s*white\s*\}|\[[^\]]*\]\s*\{\s*(?:(?i:f{6})|1(?:\.0)?(?:\s*,\s*1(?:\.0)?){2}|255(?:\s*,\s*255){2})\s*\})
            | \\[hv]?phantom\*?\s*\{
            ",
        )
        .ok()?,
        // `\newcommand{\hide}[1]{}` and `\def\hide#1{}`.
        swallower: Regex::new(
            r"\\(?:(?:re|provide)?newcommand|providecommand)\*?\s*\{?\s*\\([A-Za-z@]+)\s*\}?\s*\[1\]\s*\{\s*\}|\\(?:long\s*\\)?def\s*\\([A-Za-z@]+)\s*#1\s*\{\s*\}",
        )
        .ok()?,
        excluded: Regex::new(r"\\excludecomment\s*\{([^{}]+)\}").ok()?,
    })
});

/// What is left out at this point of the source.
#[derive(Debug, Default)]
pub(super) struct Conditions {
    /// Open conditions, the innermost last: whether this branch is set; `None` where that is not known.
    open: Vec<Option<bool>>,
    /// How many of them are not set.
    unset: usize,
    /// What `\newif` declares, which is false until the source says otherwise.
    switches: BTreeMap<String, bool>,
    /// Environments that are comments.
    excluded: Vec<String>,
    /// Commands that set nothing of what they are given.
    swallowers: Vec<String>,
    /// How deep the braces are in what one of them is given, from the line before.
    swallowing: u32,
    /// The one under way.
    inside: Option<String>,
}

impl Conditions {
    /// What of a line, which has no comment any more, is set.
    pub(super) fn shown(&mut self, line: &str) -> String {
        let Some(patterns) = PATTERNS.as_ref() else { return line.to_owned() };
        for found in patterns.excluded.captures_iter(line) {
            if self.excluded.len() < MAX_EXCLUDED {
                self.excluded.push(found[1].trim().to_owned());
            }
        }
        for found in patterns.swallower.captures_iter(line) {
            if let Some(name) = found.get(1).or_else(|| found.get(2)).filter(|_| self.swallowers.len() < MAX_EXCLUDED) {
                self.swallowers.push(format!("\\{}", name.as_str()));
            }
        }
        let line = patterns.swallower.replace_all(line, " ");
        let line = self.without_excluded(&line);
        let line = patterns.invisible.replace_all(&line, format!("{INVISIBLE}{{").as_str());
        let line = self.without_swallowed(&line);
        let mut kept = String::with_capacity(line.len());
        let mut from = 0;
        for found in patterns.word.captures_iter(&line) {
            let Some(whole) = found.get(0) else { continue };
            if let Some(declared) = found.get(1) {
                self.switches.entry(declared.as_str().to_owned()).or_insert(false);
                continue;
            }
            let word = &found[2];
            let set = self.is_set();
            if self.turn(word) {
                if set {
                    kept.push_str(&line[from..whole.start()]);
                }
                from = whole.end();
            } else if set {
                self.switch(word);
            }
        }
        if self.is_set() {
            kept.push_str(&line[from..]);
        }
        kept
    }

    /// Whether only TeX would tell if what comes here is set.
    pub(super) fn is_unsure(&self) -> bool {
        self.open.contains(&None)
    }

    fn is_set(&self) -> bool {
        self.unset == 0
    }

    /// Opens, turns or closes a condition; `false` where the word is none of these.
    fn turn(&mut self, word: &str) -> bool {
        match word {
            "fi" => self.end(),
            "else" => match self.open.last().copied() {
                Some(branch) => self.end() && self.begin(branch.map(|set| !set)),
                None => false,
            },
            "iffalse" => self.begin(Some(false)),
            "iftrue" => self.begin(Some(true)),
            _ if CONDITIONS.contains(&word) => self.begin(None),
            _ => match word.strip_prefix("if").and_then(|name| self.switches.get(name)) {
                Some(&set) => self.begin(Some(set)),
                None => false,
            },
        }
    }

    fn begin(&mut self, branch: Option<bool>) -> bool {
        self.open.push(branch);
        self.unset += usize::from(branch == Some(false));
        true
    }

    fn end(&mut self) -> bool {
        let Some(branch) = self.open.pop() else { return false };
        self.unset -= usize::from(branch == Some(false));
        true
    }

    /// `\drafttrue` and `\draftfalse`.
    fn switch(&mut self, word: &str) {
        let said = word.strip_suffix("true").map(|name| (name, true));
        let Some((name, value)) = said.or_else(|| word.strip_suffix("false").map(|name| (name, false))) else { return };
        if let Some(switch) = self.switches.get_mut(name) {
            *switch = value;
        }
    }

    fn without_swallowed(&mut self, line: &str) -> String {
        let mut kept = String::with_capacity(line.len());
        let mut rest = line;
        loop {
            if self.swallowing > 0 {
                let end = rest.char_indices().find_map(|(at, c)| {
                    self.swallowing = match c {
                        '{' => self.swallowing + 1,
                        '}' => self.swallowing - 1,
                        _ => self.swallowing,
                    };
                    (self.swallowing == 0).then_some(at + 1)
                });
                let Some(end) = end else { return kept };
                rest = &rest[end..];
            }
            let opens = self.swallowers.iter().map(String::as_str).chain([INVISIBLE]).filter_map(|name| {
                let open = format!("{name}{{");
                Some((rest.find(&open)?, open.len()))
            });
            let Some((at, length)) = opens.min() else {
                kept.push_str(rest);
                return kept;
            };
            kept.push_str(&rest[..at]);
            rest = &rest[at + length..];
            self.swallowing = 1;
        }
    }

    fn without_excluded(&mut self, line: &str) -> String {
        let mut kept = String::with_capacity(line.len());
        let mut rest = line;
        loop {
            match self.inside.take() {
                Some(name) => {
                    let end = format!("\\end{{{name}}}");
                    match rest.split_once(end.as_str()) {
                        Some((_, after)) => rest = after,
                        None => {
                            self.inside = Some(name);
                            return kept;
                        }
                    }
                }
                None => {
                    let names = ["comment", "filecontents", "filecontents*"].into_iter().map(ToOwned::to_owned);
                    let first = names
                        .chain(self.excluded.iter().cloned())
                        .filter_map(|name| Some((rest.find(&format!("\\begin{{{name}}}"))?, name)))
                        .min();
                    match first {
                        Some((at, name)) => {
                            kept.push_str(&rest[..at]);
                            rest = &rest[at..];
                            self.inside = Some(name);
                        }
                        None => {
                            kept.push_str(rest);
                            return kept;
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(source: &str) -> String {
        let mut conditions = Conditions::default();
        let lines: Vec<String> = source.lines().map(|line| conditions.shown(line)).collect();
        lines.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_is_not_set_is_left_out() {
        for source in [
            "a \\iffalse x\n\\section{x} \\fi b",
            "a \\iffalse x \\iftrue x \\else x \\fi x \\fi b",
            "a \\iftrue b \\else x \\fi",
            "\\newif\\ifdraft a \\ifdraft x \\else b \\fi",
            "\\newif\\ifdraft \\drafttrue a \\ifdraft b \\else x \\fi",
            "a \\begin{comment} x\nx \\end{comment} b",
            "\\excludecomment{solution} a \\begin{solution}x\\end{solution} b",
            "a \\phantom{x} b \\textcolor{white}{x \\texttt{x} x}",
            "a {\\color{white} x {x}\nx} b \\textcolor[HTML]{FFFFFF}{x}{\\color[rgb]{1,1,1}x}",
            "\\newcommand{\\hide}[1]{} a \\hide{x {x} x} b",
            "\\def\\hide#1{} a \\hide{x\nx} b",
        ] {
            let words: Vec<String> =
                shown(source).split(' ').filter(|word| !word.contains('\\')).map(Into::into).collect();
            assert_eq!(words, ["a", "b"], "{source}");
        }
    }

    #[test]
    fn what_may_be_set_is_kept() {
        for source in ["\\ifnum 1=2 a \\else b \\fi", "a \\ifthenelse{x}{b}{c}", "A \\iff B", "\\fi a"] {
            assert_eq!(
                shown(source).matches(['a', 'b', 'A', 'B']).count(),
                source.matches(['a', 'b', 'A', 'B']).count(),
                "{source}"
            );
        }
    }
}

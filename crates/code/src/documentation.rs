//! How well the code explains itself.

use std::collections::{BTreeMap, BTreeSet};

use tokei::LanguageType;

use super::definitions::{self, Definition, Kind, python};
use super::lines;
use super::signs::{self, Templates};
use super::source::{Source, is_documented_in_comments};
use super::starter::{self, Part};
use stackmark_evidence::code::{Documentation, Documented, FileDocumentation, SourceFile, Undocumented};
use stackmark_evidence::{Reading, Sign};

/// A file this long needs a comment.
const BARE_LINES: u64 = 10;
/// A file this long needs something at its head.
const HEAD_LINES: u64 = 5;
const LONGEST_LIST: usize = 10;
const LONGEST_TABLE: usize = 20;
/// Names of one file in the table.
const MOST_NAMES: usize = 5;
/// What a variable or an output without description weighs among functions, in lines.
const DESCRIPTION_LINES: u64 = 10;

/// Sums `counted`, the line counts of `sources` in the same order, and looks at what the files define; `parts` is what
/// of them the course gave, and is left out. Beside it, how the documentation came about.
pub(super) fn measure(
    sources: &[Source],
    counted: &[SourceFile],
    parts: &[Part],
) -> (Reading<Documentation>, Vec<Sign>) {
    let (mut starter_files, mut starter_lines) = (0, 0);
    let mut documented: Vec<(&Source, SourceFile, Option<&Source>)> = Vec::new();
    for ((source, file), part) in sources.iter().zip(counted).zip(parts) {
        if !is_documented_in_comments(source.language) {
            continue;
        }
        match part {
            Part::Nothing => documented.push((source, file.clone(), None)),
            Part::Everything => starter_files += 1,
            Part::Some { version, kept } => {
                let given = lines::count(kept);
                starter_lines += given.code + given.comments;
                let own = SourceFile {
                    code: file.code.saturating_sub(given.code),
                    comments: file.comments.saturating_sub(given.comments),
                    commented_out: file.commented_out.saturating_sub(given.commented_out),
                    blanks: file.blanks.saturating_sub(given.blanks),
                    ..file.clone()
                };
                documented.push((source, own, Some(version)));
            }
        }
    }
    if documented.is_empty() {
        let why = match starter_files {
            0 => "no program or configuration file in a language that has comments",
            _ => "no program or configuration file beside the course's starter code, which does not count",
        };
        return (Reading::absent(why), Vec::new());
    }
    let code = documented.iter().map(|(_, file, _)| file.code).sum();
    let comments = documented.iter().map(|(_, file, _)| file.comments).sum();

    let files = documented.iter().map(|(_, file, _)| file);
    let mut bare: Vec<&SourceFile> = files.filter(|file| file.code >= BARE_LINES && file.comments == 0).collect();
    bare.sort_by(|a, b| b.code.cmp(&a.code).then_with(|| a.path.cmp(&b.path)));

    let mut tally = Tally::default();
    for (source, file, version) in &documented {
        tally.add(source, file, *version);
    }
    let functions: Documented = sum(tally.languages.values());
    // What the course gave wholly is not the team's; repeated lines of a file that it began are.
    let own = sources.iter().zip(parts).filter(|(_, part)| !matches!(part, Part::Everything)).map(|(source, _)| source);
    let signs: Vec<Sign> = tally.templates.sign().into_iter().chain(signs::repeated_comments(own)).collect();
    let documentation = Documentation {
        files: documented.len() as u64,
        starter_files,
        starter_lines,
        code,
        comments,
        comment_ratio: ratio(comments, code + comments).unwrap_or(0.0),
        definitions: functions.definitions,
        documented_definitions: functions.documented,
        documented_ratio: ratio(functions.documented, functions.definitions),
        telling_definitions: tally.telling,
        kinds: tally.kinds,
        languages: tally.languages,
        docstrings: tally.docstrings,
        bare_files: bare.into_iter().take(LONGEST_LIST).map(|file| file.path.clone()).collect(),
        worst: worst(tally.missing),
        table: table(tally.files),
    };
    (Reading::observed(documentation), signs)
}

#[derive(Default)]
struct Tally {
    kinds: BTreeMap<String, Documented>,
    languages: BTreeMap<String, Documented>,
    docstrings: Documented,
    telling: u64,
    missing: Vec<Undocumented>,
    templates: Templates,
    /// Each with its undocumented lines.
    files: Vec<(u64, FileDocumentation)>,
}

impl Tally {
    /// `version` is the course's, where the team changed a file that it was given.
    fn add(&mut self, source: &Source, file: &SourceFile, version: Option<&Source>) {
        let mut found = definitions::of(source);
        if let Some(version) = version {
            starter::without_given(&mut found, source, version);
        }
        found.retain(|definition| definition.kind != Kind::File || file.code >= HEAD_LINES);
        // The same sentence under each name tells of none of them but the first.
        let mut told = BTreeSet::new();
        for definition in &found {
            count(self.kinds.entry(definition.kind.as_str().to_owned()).or_default(), definition);
            self.templates.add(&file.path, definition);
            if matches!(definition.kind, Kind::Function | Kind::Class) {
                count(self.languages.entry(file.language.clone()).or_default(), definition);
                self.telling += u64::from(definition.is_telling() && told.insert(definition.words.as_deref()));
            }
        }
        if source.language == LanguageType::Python {
            let (definitions, documented) = python::docstrings(&source.text);
            let (given, given_documented) = version.map_or((0, 0), |version| python::docstrings(&version.text));
            self.docstrings.definitions += definitions.saturating_sub(given);
            self.docstrings.documented += documented.saturating_sub(given_documented);
        }
        let mut missing: Vec<&Definition> = found.iter().filter(|definition| !definition.is_documented()).collect();
        missing.sort_by_key(|definition| (std::cmp::Reverse(weight(definition)), definition.line));
        if !found.is_empty() {
            let names = missing.iter().take(MOST_NAMES);
            let row = FileDocumentation {
                path: file.path.clone(),
                language: file.language.clone(),
                code: file.code,
                comments: file.comments,
                definitions: found.len() as u64,
                documented: (found.len() - missing.len()) as u64,
                missing: names.map(|definition| format!("{} {}", definition.line, definition.name)).collect(),
            };
            self.files.push((missing.iter().map(|definition| weight(definition)).sum(), row));
        }
        self.missing.extend(missing.into_iter().map(|definition| Undocumented {
            path: file.path.clone(),
            line: definition.line,
            name: definition.name.clone(),
            lines: definition.lines,
            kind: definition.kind.as_str().to_owned(),
            missing: definition.kind.missing(source.language).to_owned(),
        }));
    }
}

fn count(documented: &mut Documented, definition: &Definition) {
    documented.definitions += 1;
    documented.documented += u64::from(definition.is_documented());
}

fn sum<'a>(parts: impl Iterator<Item = &'a Documented>) -> Documented {
    parts.fold(Documented::default(), |sum, part| Documented {
        definitions: sum.definitions + part.definitions,
        documented: sum.documented + part.documented,
    })
}

/// How much a reader has to find out alone. A file's parts count for themselves.
fn weight(definition: &Definition) -> u64 {
    match definition.kind {
        Kind::Variable | Kind::Output | Kind::File => DESCRIPTION_LINES,
        _ => definition.lines,
    }
}

fn worst(mut missing: Vec<Undocumented>) -> Vec<Undocumented> {
    let weight = |place: &Undocumented| {
        if matches!(place.kind.as_str(), "variable" | "output" | "file") { DESCRIPTION_LINES } else { place.lines }
    };
    missing.sort_by(|a, b| weight(b).cmp(&weight(a)).then_with(|| (&a.path, a.line).cmp(&(&b.path, b.line))));
    missing.truncate(LONGEST_TABLE);
    missing
}

fn table(mut files: Vec<(u64, FileDocumentation)>) -> Vec<FileDocumentation> {
    files.retain(|(missing, _)| *missing > 0);
    files.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.path.cmp(&b.1.path)));
    files.into_iter().take(LONGEST_TABLE).map(|(_, file)| file).collect()
}

/// To four decimals; `None` where there is nothing to divide by.
fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| (part as f64 / whole as f64 * 1e4).round() / 1e4)
}

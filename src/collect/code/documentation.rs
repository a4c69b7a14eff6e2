//! How well the code explains itself.

use tokei::LanguageType;

use super::python;
use super::source::{Source, is_documented_in_comments};
use crate::evidence::Reading;
use crate::evidence::code::{Documentation, SourceFile, Undocumented};

/// A file this long needs a comment.
const BARE_LINES: u64 = 10;
const LONGEST_LIST: usize = 10;

/// Sums `counted`, the line counts of `sources` in the same order, and looks at the Python definitions.
pub(super) fn measure(sources: &[Source], counted: &[SourceFile]) -> Reading<Documentation> {
    let documented: Vec<(&Source, &SourceFile)> =
        sources.iter().zip(counted).filter(|(source, _)| is_documented_in_comments(source.language)).collect();
    if documented.is_empty() {
        return Reading::absent("no program or configuration file in a language that has comments");
    }
    let code = documented.iter().map(|(_, file)| file.code).sum();
    let comments = documented.iter().map(|(_, file)| file.comments).sum();

    let mut bare: Vec<&SourceFile> =
        documented.iter().map(|(_, file)| *file).filter(|file| file.code >= BARE_LINES && file.comments == 0).collect();
    bare.sort_by(|a, b| b.code.cmp(&a.code).then_with(|| a.path.cmp(&b.path)));

    let mut definitions = 0;
    let mut worst = Vec::new();
    for (source, _) in documented.iter().filter(|(source, _)| source.language == LanguageType::Python) {
        for definition in python::definitions(&source.text) {
            definitions += 1;
            if !definition.documented {
                let python::Definition { name, line, lines, .. } = definition;
                worst.push(Undocumented { path: source.path.clone(), line, name, lines });
            }
        }
    }
    let documented_definitions = definitions - worst.len() as u64;
    worst.sort_by(|a, b| b.lines.cmp(&a.lines).then_with(|| (&a.path, a.line).cmp(&(&b.path, b.line))));
    worst.truncate(LONGEST_LIST);

    Reading::observed(Documentation {
        files: documented.len() as u64,
        code,
        comments,
        comment_ratio: ratio(comments, code + comments).unwrap_or(0.0),
        definitions,
        documented_definitions,
        documented_ratio: ratio(documented_definitions, definitions),
        bare_files: bare.into_iter().take(LONGEST_LIST).map(|file| file.path.clone()).collect(),
        worst,
    })
}

/// To four decimals; `None` where there is nothing to divide by.
fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| (part as f64 / whole as f64 * 1e4).round() / 1e4)
}

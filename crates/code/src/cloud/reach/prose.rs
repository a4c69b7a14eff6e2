//! Markdown: what its code says is said, and so is a name that can be nothing but one.

use std::ops::Range;

use super::words;

/// Words of sentences: `setup` and `main` in them call nothing.
pub(super) fn of(text: &str) -> Vec<Range<usize>> {
    let mut silent = Vec::new();
    let (mut at, mut is_fenced) = (0, false);
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        if ["```", "~~~"].iter().any(|fence| line.trim_start().starts_with(fence)) {
            is_fenced = !is_fenced;
            continue;
        }
        if is_fenced || line.starts_with("    ") || line.starts_with('\t') {
            continue;
        }
        let mut part_at = start;
        for (number, part) in line.split('`').enumerate() {
            if number % 2 == 0 {
                words(part, |first, _, word| {
                    let (before, after) = (&part[..first], &part[first + word.len()..]);
                    // `make_all`, `make()` and `a.make` are no words of a sentence.
                    if !word.contains('_') && !after.starts_with('(') && !before.ends_with('.') {
                        silent.push(part_at + first..part_at + first + word.len());
                    }
                });
            }
            part_at += part.len() + 1;
        }
    }
    silent
}

//! How a README says that the stack is taken down.

use std::collections::HashSet;

use super::{BODY_WORDS, RUN_WORDS, Teardown, is_command, lines_of_code, speaks_of};
use crate::markdown::Outline;
use crate::text;

/// A heading that speaks of it, a command that does it, or a script that is named for it.
pub(super) fn says_how_to_tear_down(outline: &Outline, text: &str) -> bool {
    let words = &RUN_WORDS.teardown;
    speaks_of(outline, text, &words.headings, BODY_WORDS)
        || lines_of_code(outline, text).any(|line| {
            let line = line.to_lowercase();
            words.commands.iter().any(|command| line.contains(command))
                || (is_command(&line) && speaks_of_tearing_down(&line))
        })
        || sentences(text).any(|sentence| names_a_command(sentence) && speaks_of_tearing_down(sentence))
}

/// A sentence that speaks of it. What a program printed tells nothing; a comment beside a command does.
pub(super) fn may_say_how_to_tear_down(outline: &Outline, text: &str) -> bool {
    let code: HashSet<&str> = outline.code_blocks.iter().flat_map(|block| block.lines()).map(str::trim).collect();
    let is_told = |line: &&str| line.trim().starts_with('#') || !code.contains(line.trim());
    text.lines().filter(is_told).flat_map(sentences).any(speaks_of_tearing_down)
}

/// Sentences and lines of a text: none goes over a line's end, so that a sentence over two lines is two pieces.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.split(". ")).flat_map(|piece| piece.split(['!', '?', ';']))
}

/// Whether a command stands between backticks in a sentence: `python down.py`.
fn names_a_command(sentence: &str) -> bool {
    sentence.replace("``", "`").split('`').skip(1).step_by(2).any(is_command)
}

/// Whether a sentence has a word for taking something down, and none for that not being so.
fn speaks_of_tearing_down(sentence: &str) -> bool {
    let Teardown { words, denials, .. } = &RUN_WORDS.teardown;
    let said = text::folded_words(sentence);
    let is = |word: &String, begin: &String| match begin.strip_suffix('=') {
        Some(whole) => word == whole,
        None => word.starts_with(begin.as_str()),
    };
    let denied = denials.iter().any(|denial| {
        let denial = text::folded_words(denial);
        said.windows(denial.len().max(1)).any(|window| window == denial)
    });
    !denied && said.iter().any(|word| words.iter().any(|begin| is(word, begin)))
}

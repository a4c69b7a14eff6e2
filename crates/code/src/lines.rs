//! Lines of code, comment and nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokei::{CodeStats, Config, LanguageType};

use super::definitions::{self, python};
use super::source::Source;
use super::{commented_out, infra};
use stackmark_evidence::code::SourceFile;

/// Counts the lines of one file: docstrings are comments, the interpreter line is code, code in comments is neither.
pub(super) fn count(source: &Source) -> SourceFile {
    // The library's own rule for docstrings passes over those of one line, so they are taken from the syntax tree.
    let config = Config { treat_doc_strings_as_comments: Some(false), ..Config::default() };
    let text = source.text.as_str();
    // Text that crashes the counter is counted as code: every line that is not blank.
    let stats = catch_unwind(AssertUnwindSafe(|| source.language.parse_from_str(text, &config).summarise()))
        .unwrap_or_else(|_| all_code(text));
    let (mut code, mut comments) = (stats.code as u64, stats.comments as u64);
    if text.starts_with("#!") && comments > 0 && hash_comments(source.language) {
        comments -= 1;
        code += 1;
    }
    if source.language == LanguageType::Python {
        let docstrings = python::docstring_lines(text).min(code);
        code -= docstrings;
        comments += docstrings;
    }
    let commented_out = commented_out::lines(source).min(comments);
    SourceFile {
        path: source.path.clone(),
        language: source.language.name().to_owned(),
        code,
        comments: comments - commented_out,
        commented_out,
        blanks: stats.blanks as u64,
        calls_unlisted: infra::calls_are_unlisted(source.language),
        definitions_unlisted: definitions::are_unlisted(source.language),
    }
}

fn hash_comments(language: LanguageType) -> bool {
    language.line_comments().contains(&"#")
}

fn all_code(text: &str) -> CodeStats {
    let mut stats = CodeStats::new();
    stats.blanks = text.lines().filter(|line| line.trim().is_empty()).count();
    stats.code = text.lines().count() - stats.blanks;
    stats
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_what_is_not_listed_of_its_language() {
        use LanguageType as L;
        for (language, calls, definitions) in [
            (L::Python, false, false),
            (L::Bash, false, false),
            (L::TypeScript, false, false),
            (L::Hcl, false, false),
            (L::Makefile, false, false),
            (L::Json, false, false),
            (L::Html, false, false),
            (L::PowerShell, false, true),
            (L::Rust, true, false),
            (L::Java, true, true),
            (L::CSharp, true, true),
            (L::Kotlin, true, true),
        ] {
            let file = count(&Source { path: "f".into(), language, text: "x\n".into() });
            assert_eq!((file.calls_unlisted, file.definitions_unlisted), (calls, definitions), "{language}");
        }
    }

    #[track_caller]
    fn assert_counts(language: LanguageType, text: &str, code: u64, comments: u64, commented_out: u64, blanks: u64) {
        let source = Source { path: "f".into(), language, text: text.into() };
        let file = count(&source);
        assert_eq!(
            (file.code, file.comments, file.commented_out, file.blanks),
            (code, comments, commented_out, blanks),
            "code, comments, commented out, blanks of {text}"
        );
    }

    #[test]
    fn docstrings_are_comments() {
        let module = "\"\"\"What it is.\n\nMore.\n\"\"\"\nimport os\n\n# why\nx = 1\n";
        assert_counts(LanguageType::Python, module, 2, 5, 0, 1);
        let function = "def f():\n    \"\"\"One line.\"\"\"\n    return \"\"\"a\nb\"\"\"\n";
        assert_counts(LanguageType::Python, function, 3, 1, 0, 0);
    }

    #[test]
    fn the_interpreter_line_is_no_comment() {
        assert_counts(LanguageType::Bash, "#!/bin/bash\n# start it\necho hi\n", 2, 1, 0, 0);
    }

    #[test]
    fn code_in_comments_is_neither() {
        let python = "# make the instances\n# ec2 = boto3.client('ec2')\n# for i in range(3):\n#     print(i)\nx = 1\n";
        assert_counts(LanguageType::Python, python, 1, 1, 3, 0);
        let shell = "# aws ec2 run-instances --count 5\n# sudo apt-get update\n# then we wait\nwait\n";
        assert_counts(LanguageType::Sh, shell, 1, 1, 2, 0);
        let hcl = "# one group a cluster\n# resource \"aws_lb\" \"b\" {\n#   name = \"b\"\n# }\nlocals {}\n";
        assert_counts(LanguageType::Hcl, hcl, 1, 1, 3, 0);
    }

    #[test]
    fn prose_in_comments_stays_a_comment() {
        let python = "# TODO: retry\n# instances (t2.micro)\n# see https://example.com/a\n# 1. make a key pair\n# cluster 1\n# if needed:\n# done\nx = 1\n";
        assert_counts(LanguageType::Python, python, 1, 7, 0, 0);
    }
}

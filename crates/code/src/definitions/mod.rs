//! What a file defines, and whether somebody said what it is for: by a grammar for each language.

mod braced;
mod comments;
mod infrastructure;
pub(super) mod python;
mod rust;
mod shell;
mod telling;

use tokei::LanguageType;
use tree_sitter::Tree;

use super::source::{Source, is_format};
use super::syntax;
pub(super) use comments::Comments;

/// Something with a name that can be documented.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Definition {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// One-based, of its own keyword and not of what stands above it.
    pub(super) line: u64,
    /// Lines that it spans.
    pub(super) lines: u64,
    /// What is said of it, in docstring, description or comment; `None` where nothing is.
    pub(super) words: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// The file itself.
    File,
    Function,
    /// Classes, and what other languages have for them.
    Class,
    /// Of Terraform and CloudFormation.
    Resource,
    Variable,
    Output,
    /// A `FROM` in a Dockerfile.
    Stage,
}

impl Kind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Function => "function",
            Self::Class => "class",
            Self::Resource => "resource",
            Self::Variable => "variable",
            Self::Output => "output",
            Self::Stage => "stage",
        }
    }

    /// What its author has to write.
    pub(super) fn missing(self, language: LanguageType) -> &'static str {
        match self {
            Self::File if language == LanguageType::Python => "a docstring at the head of the file",
            Self::File => "a comment at the head of the file",
            Self::Function | Self::Class if language == LanguageType::Python => "a docstring",
            Self::Variable | Self::Output => "a description",
            Self::Function | Self::Class | Self::Resource | Self::Stage => "a comment above it",
        }
    }
}

impl Definition {
    pub(super) fn is_documented(&self) -> bool {
        self.words.is_some()
    }

    /// What is said of it says more than its name does.
    pub(super) fn is_telling(&self) -> bool {
        self.words.as_ref().is_some_and(|words| telling::says_more(&self.name, words))
    }
}

/// The grammar by which a language's definitions are found; `None` where they are not.
fn grammar(language: LanguageType) -> Option<fn(&str) -> Option<Tree>> {
    match language {
        LanguageType::Python => Some(syntax::python),
        LanguageType::Sh | LanguageType::Bash | LanguageType::Zsh => Some(syntax::bash),
        LanguageType::JavaScript | LanguageType::Jsx | LanguageType::Tsx => Some(syntax::tsx),
        LanguageType::TypeScript => Some(syntax::typescript),
        LanguageType::Hcl => Some(syntax::hcl),
        LanguageType::Dockerfile => Some(syntax::dockerfile),
        LanguageType::Yaml => Some(syntax::yaml),
        LanguageType::Rust => Some(syntax::rust),
        _ => None,
    }
}

/// Whether files of a language may define functions and classes that are not counted.
pub(super) fn are_unlisted(language: LanguageType) -> bool {
    // A recipe and a batch file's label are no functions.
    let has_none = is_format(language) || matches!(language, LanguageType::Makefile | LanguageType::Batch);
    grammar(language).is_none() && !has_none
}

/// Everything that a file defines, in order, the file itself first. Empty for languages without a grammar here.
pub(super) fn of(source: &Source) -> Vec<Definition> {
    let text = source.text.as_str();
    let Some(tree) = grammar(source.language).and_then(|parse| parse(text)) else { return Vec::new() };
    let comments = Comments::of(&tree, text, source.language);
    let mut found = match source.language {
        LanguageType::Python => python::definitions(&tree, text, &comments),
        LanguageType::Sh | LanguageType::Bash | LanguageType::Zsh => shell::definitions(&tree, text, &comments),
        LanguageType::Hcl => infrastructure::terraform(&tree, text, &comments),
        LanguageType::Dockerfile => infrastructure::dockerfile(&tree, text, &comments),
        LanguageType::Yaml => infrastructure::template(text, &comments),
        LanguageType::Rust => rust::definitions(&tree, text, &comments),
        _ => braced::definitions(&tree, text, &comments),
    };
    let head = match source.language {
        LanguageType::Python => python::module_docstring(&tree, text),
        LanguageType::Yaml => infrastructure::template_description(text),
        _ => None,
    };
    let file = Definition {
        name: super::source::file_name(&source.path).to_owned(),
        kind: Kind::File,
        line: 1,
        lines: text.lines().count() as u64,
        words: head.or_else(|| comments.head(text)),
    };
    found.insert(0, file);
    for definition in &mut found {
        definition.words = definition.words.take().filter(|words| telling::says_anything(words));
    }
    found
}

#[cfg(test)]
mod tests;

//! The library of checks, rubrics and templates: embedded in the binary, and folders of the user's that come before it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use include_dir::{Dir, include_dir};

use super::Rubric;
use super::problem::SourceText;
use super::sentences::Sentences;
use stackmark_evidence::files::AtPath as _;

static CHECKS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../checks");
static SCHEMES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../schemes");
static SENTENCES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../sentences");
static RUBRICS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../rubrics");

/// Languages that the embedded templates speak; a folder's `templates/lang/<code>.toml` adds its own.
pub const LANGUAGES: [&str; 3] = ["en", "fr", "it"];

/// Documents by id.
#[derive(Debug, Clone, Default)]
pub struct Library {
    checks: BTreeMap<String, Arc<SourceText>>,
    rubrics: BTreeMap<String, Arc<SourceText>>,
    schemes: BTreeMap<String, Arc<SourceText>>,
    templates: BTreeMap<String, String>,
    /// Sentences of checks in other languages, by the check's id and the language's code.
    words: BTreeMap<(String, String), Arc<SourceText>>,
    /// Titles and parts of rubrics in other languages, by the rubric's id and the language's code.
    titles: BTreeMap<(String, String), Arc<SourceText>>,
    /// What the program itself says, by the language's code.
    sentences: BTreeMap<String, Arc<SourceText>>,
    /// The language that reports are written in instead of the rubric's own.
    language: Option<String>,
}

impl Library {
    /// What the binary carries.
    pub fn embedded() -> Self {
        let mut library = Self::default();
        collect(&CHECKS, &mut |id, text| {
            library.add_check(id, SourceText::new(format!("checks/{id}.toml (built in)"), text));
        });
        collect(&RUBRICS, &mut |id, text| {
            library.put_rubric(id, SourceText::new(format!("rubrics/{id}.toml (built in)"), text));
        });
        collect(&SCHEMES, &mut |id, text| {
            library.schemes.insert(id.to_owned(), SourceText::new(format!("schemes/{id}.toml (built in)"), text));
        });
        collect(&SENTENCES, &mut |code, text| {
            let source = SourceText::new(format!("sentences/{code}.toml (built in)"), text);
            library.sentences.insert(code.to_owned(), source);
        });
        library
    }

    /// Puts the `checks/`, `rubrics/`, `schemes/`, `sentences/` and `templates/` of a folder before what is there.
    ///
    /// # Errors
    /// The folder or a file in it cannot be read; the message names it and what to do.
    #[expect(clippy::disallowed_methods, reason = "the one place of this module that reads files")]
    pub fn add_folder(&mut self, folder: &Path) -> std::io::Result<()> {
        std::fs::read_dir(folder).at(folder)?;
        let mut own = Vec::new();
        let kinds = ["checks", "rubrics", "schemes", "sentences"].map(|kind| (kind, ".toml"));
        for (kind, ending) in kinds.into_iter().chain([("templates", "")]) {
            let root = folder.join(kind);
            let mut waiting = vec![root.clone()];
            while let Some(directory) = waiting.pop() {
                if !directory.is_dir() {
                    continue;
                }
                for entry in std::fs::read_dir(&directory).at(&directory)? {
                    let path = entry.at(&directory)?.path();
                    if path.is_dir() {
                        waiting.push(path);
                        continue;
                    }
                    let relative = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().replace('\\', "/");
                    let Some(id) = relative.strip_suffix(ending) else { continue };
                    let text = std::fs::read_to_string(&path).at(&path)?;
                    match kind {
                        "checks" => {
                            own.push((id.to_owned(), SourceText::new(path.display().to_string(), text)));
                            None
                        }
                        "schemes" => {
                            self.schemes.insert(id.to_owned(), SourceText::new(path.display().to_string(), text))
                        }
                        "sentences" => {
                            self.sentences.insert(id.to_owned(), SourceText::new(path.display().to_string(), text))
                        }
                        "rubrics" => {
                            self.put_rubric(id, SourceText::new(path.display().to_string(), text));
                            None
                        }
                        _ => {
                            self.templates.insert(id.to_owned(), text);
                            None
                        }
                    };
                }
            }
        }
        // A check is put in before its words: one that says something new has nothing to do with the words of before.
        own.sort_by_key(|(id, _)| words_of(id).is_some());
        for (id, source) in own {
            self.add_check(&id, source);
        }
        Ok(())
    }

    /// Puts in a check, or what one says in another language.
    fn add_check(&mut self, id: &str, source: Arc<SourceText>) {
        if let Some((check, code)) = words_of(id) {
            self.words.insert((check.to_owned(), code.to_owned()), source);
            return;
        }
        if self.checks.get(id).is_some_and(|known| known.text != source.text) {
            self.words.retain(|(check, _), _| check != id);
        }
        self.checks.insert(id.to_owned(), source);
    }

    /// Puts in a rubric, or its titles in another language. Titles are found by their text, so those of an earlier rubric
    /// of the same name do no harm.
    fn put_rubric(&mut self, id: &str, source: Arc<SourceText>) {
        match words_of(id) {
            Some((rubric, code)) => self.titles.insert((rubric.to_owned(), code.to_owned()), source),
            None => self.rubrics.insert(id.to_owned(), source),
        };
    }

    /// Puts one rubric in, for a file named on the command line.
    pub fn add_rubric(&mut self, id: &str, source: Arc<SourceText>) -> Option<Arc<SourceText>> {
        self.rubrics.insert(id.to_owned(), source)
    }

    /// Puts in what a rubric says in another language, for a file beside one named on the command line.
    pub fn add_titles(&mut self, rubric: &str, language: &str, source: Arc<SourceText>) {
        self.titles.insert((rubric.to_owned(), language.to_owned()), source);
    }

    /// A check's document.
    pub fn check(&self, id: &str) -> Option<&Arc<SourceText>> {
        self.checks.get(id)
    }

    /// What a check says in another language: the document beside it.
    pub fn check_words(&self, id: &str, language: &str) -> Option<&Arc<SourceText>> {
        self.words.get(&(id.to_owned(), language.to_owned()))
    }

    /// Ids of the checks that have words in another language, with its code; sorted.
    pub fn words_ids(&self) -> impl Iterator<Item = (&str, &str)> {
        self.words.keys().map(|(id, code)| (id.as_str(), code.as_str()))
    }

    /// A rubric's titles and parts in another language: the document beside it.
    pub fn rubric_titles(&self, id: &str, language: &str) -> Option<&Arc<SourceText>> {
        self.titles.get(&(id.to_owned(), language.to_owned()))
    }

    /// Ids of the rubrics that have titles in another language, with its code; sorted.
    pub fn titles_ids(&self) -> impl Iterator<Item = (&str, &str)> {
        self.titles.keys().map(|(id, code)| (id.as_str(), code.as_str()))
    }

    /// What the program itself says in a language.
    pub fn sentences(&self, language: &str) -> Option<&Arc<SourceText>> {
        self.sentences.get(language)
    }

    /// Has every rubric that is read from here speak this language, whatever its own is.
    pub fn speak(&mut self, language: &str) {
        self.language = Some(language.to_owned());
    }

    /// The language that rubrics speak instead of their own.
    pub fn spoken(&self) -> Option<&str> {
        self.language.as_deref()
    }

    /// Ids of all checks, sorted.
    pub fn check_ids(&self) -> impl Iterator<Item = &str> {
        self.checks.keys().map(String::as_str)
    }

    /// A rubric's document.
    pub fn rubric(&self, id: &str) -> Option<&Arc<SourceText>> {
        self.rubrics.get(id)
    }

    /// Ids of all rubrics, sorted.
    pub fn rubric_ids(&self) -> impl Iterator<Item = &str> {
        self.rubrics.keys().map(String::as_str)
    }

    /// A mark scheme's document.
    pub fn scheme(&self, id: &str) -> Option<&Arc<SourceText>> {
        self.schemes.get(id)
    }

    /// Ids of all mark schemes, sorted.
    pub fn scheme_ids(&self) -> impl Iterator<Item = &str> {
        self.schemes.keys().map(String::as_str)
    }

    /// Codes of the languages that a report can be written in: the built-in ones and those of the user's folders, sorted.
    pub fn languages(&self) -> Vec<&str> {
        let own = self.templates.keys().filter_map(|name| name.strip_prefix("lang/")?.strip_suffix(".toml"));
        let mut codes: Vec<&str> = LANGUAGES.into_iter().chain(own).collect();
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    /// Every document that `rubric` is made of, by its path in a library's folder: a folder with these gives the same rubric.
    pub fn documents_of(&self, rubric: &Rubric) -> BTreeMap<String, String> {
        let own = std::iter::once((&rubric.id, &rubric.source)).chain(rubric.bases.iter().map(|(id, text)| (id, text)));
        let rubrics = own.map(|(id, source)| (format!("rubrics/{id}.toml"), source.text.clone()));
        let checks = rubric.checks.iter().map(|(id, check)| (format!("checks/{id}.toml"), check.source.text.clone()));
        let schemes = self.schemes.iter().map(|(id, source)| (format!("schemes/{id}.toml"), source.text.clone()));
        let templates = self.templates.iter().map(|(name, text)| (format!("templates/{name}"), text.clone()));
        let words = self.words.iter().filter(|((id, _), _)| rubric.checks.contains_key(id));
        let words = words.map(|((id, code), source)| (format!("checks/{id}.{code}.toml"), source.text.clone()));
        let own = |id: &String| *id == rubric.id || rubric.bases.iter().any(|(base, _)| base == id);
        let titles = self.titles.iter().filter(|((id, _), _)| own(id));
        let titles = titles.map(|((id, code), source)| (format!("rubrics/{id}.{code}.toml"), source.text.clone()));
        // Those of the program itself change with what it says, and are never those of an earlier version.
        let sentences = self.sentences.iter().filter(|(code, source)| !is_embedded(code, &source.text));
        let sentences = sentences.map(|(code, source)| (format!("sentences/{code}.toml"), source.text.clone()));
        rubrics.chain(titles).chain(checks).chain(words).chain(schemes).chain(sentences).chain(templates).collect()
    }

    /// Templates of the user's, by their path below `templates/`.
    pub fn templates(&self) -> &BTreeMap<String, String> {
        &self.templates
    }
}

/// The embedded document of what the program itself says in a language.
fn sentences_text(language: &str) -> Option<&'static str> {
    SENTENCES.get_file(format!("{language}.toml")).and_then(include_dir::File::contents_utf8)
}

fn is_embedded(language: &str, text: &str) -> bool {
    sentences_text(language) == Some(text)
}

/// What the program itself says in an embedded language; English where it is none.
pub fn embedded_sentences(language: &str) -> Sentences {
    let parsed = sentences_text(language)
        .and_then(|text| Sentences::parse(&SourceText::new(format!("sentences/{language}.toml"), text)).0);
    parsed.unwrap_or_default()
}

/// `aws/asg-size.fr` is what `aws/asg-size` says in French, `day02.fr` what `day02` does.
fn words_of(id: &str) -> Option<(&str, &str)> {
    let (check, code) = id.rsplit_once('.')?;
    let is_code = (2..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_lowercase());
    (is_code && !check.is_empty() && !check.ends_with('/')).then_some((check, code))
}

fn collect(directory: &Dir<'static>, keep: &mut impl FnMut(&str, &str)) {
    for file in directory.files() {
        let path = file.path().to_string_lossy().replace('\\', "/");
        if let (Some(id), Some(text)) = (path.strip_suffix(".toml"), file.contents_utf8()) {
            keep(id, text);
        }
    }
    for inner in directory.dirs() {
        collect(inner, keep);
    }
}

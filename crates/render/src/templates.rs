//! The templates and languages that speak, embedded in the program, with the user's own before them.

use std::collections::BTreeMap;
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Serde, Value, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior};
use serde::Serialize;

use super::language::{Language, REFERENCE};
use super::{escape, load, source, style};
use stackmark_judge::picture::LoadPicture;

static EMBEDDED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../templates");

/// Steps of one rendering; the report of a team of four takes less than a hundredth of it.
const FUEL: u64 = 5_000_000;
/// Calls of macros and includes within each other.
const RECURSION: usize = 64;
/// What [`escape_as`] knows beside minijinja's own.
const MARKDOWN: &str = "markdown";

/// Templates and languages, ready to render. Reads nothing: the user's own come in as values.
#[derive(Debug, Clone)]
pub struct Templates {
    environment: Environment<'static>,
    languages: BTreeMap<String, Arc<Language>>,
}

/// Why nothing was rendered.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A template is wrong, or asks for what is not there.
    #[error("template {name}{}: {reason}", .line.map(|line| format!(", line {line}")).unwrap_or_default())]
    Template {
        /// Its name, as in the templates folder.
        name: String,
        /// One-based, where known.
        line: Option<usize>,
        /// What is wrong, and with what.
        reason: String,
    },
    /// A language file is wrong.
    #[error("language file {name}: {}", .problems.join("; "))]
    LanguageFile {
        /// Its name, as in the templates folder.
        name: String,
        /// Everything that is wrong with it.
        problems: Vec<String>,
    },
    /// No file speaks the language that was asked for.
    #[error("no language {code:?}: known are {known}; add a templates folder with lang/{code}.toml")]
    UnknownLanguage {
        /// What was asked for.
        code: String,
        /// What there is.
        known: String,
    },
}

impl Templates {
    /// What the program carries.
    ///
    /// # Errors
    /// Never for a released program: a test holds every embedded file to it.
    pub fn embedded() -> Result<Self, RenderError> {
        Self::with_overrides(&[])
    }

    /// The embedded files with the user's own before them: name (`handover.md.j2`, `lang/fr.toml`) and text.
    ///
    /// A language file of an embedded language may change some of its words only; one of a new language has them all.
    /// Names that are neither `*.j2` nor `lang/*.toml` are left alone.
    ///
    /// # Errors
    /// A template that does not parse, a language file that lacks a word or has one too many.
    pub fn with_overrides(overrides: &[(String, String)]) -> Result<Self, RenderError> {
        let (mut sources, mut words) = (BTreeMap::new(), BTreeMap::new());
        for (name, text) in embedded_files(&EMBEDDED) {
            match language_code(name) {
                Some(code) => drop(words.insert(code, vec![(name, text)])),
                None => drop(sources.insert(name, text)),
            }
        }
        for (name, text) in overrides {
            match language_code(name) {
                Some(code) => words.entry(code).or_default().push((name, text)),
                None if name.ends_with(".j2") => drop(sources.insert(name, text)),
                None => {}
            }
        }
        let languages = read_languages(&words)?;
        let mut environment = environment()?;
        for (name, text) in sources {
            environment.add_template_owned(name.to_owned(), text.to_owned()).map_err(|error| told(name, &error))?;
        }
        Ok(Self { environment, languages })
    }

    /// The words of a language.
    ///
    /// # Errors
    /// Where no file speaks it; the error lists those that do.
    pub fn language(&self, code: &str) -> Result<&Arc<Language>, RenderError> {
        self.languages.get(code).ok_or_else(|| RenderError::UnknownLanguage {
            code: code.to_owned(),
            known: self.languages.keys().map(String::as_str).collect::<Vec<_>>().join(", "),
        })
    }

    /// The code, or English's where no file speaks the language: for pages that nobody gives to a team.
    pub(crate) fn known<'a>(&self, code: &'a str) -> &'a str {
        if self.languages.contains_key(code) { code } else { REFERENCE }
    }

    /// The words of a language, or English's where no file speaks it: for what nobody gives to a team.
    ///
    /// # Errors
    /// Never: English is there.
    pub fn language_or_english(&self, code: &str) -> Result<&Arc<Language>, RenderError> {
        self.language(self.known(code))
    }

    /// Codes of the languages, sorted.
    pub fn languages(&self) -> impl Iterator<Item = &str> {
        self.languages.keys().map(String::as_str)
    }

    /// Renders template `name` over `context` in language `code`.
    ///
    /// # Errors
    /// An unknown language or template; a template that asks for what is not there, or runs for too long.
    pub fn render(&self, name: &str, code: &str, context: &impl Serialize) -> Result<String, RenderError> {
        let language = Arc::clone(self.language(code)?);
        // A copy of the tables of names; the parsed templates are shared.
        let mut environment = self.environment.clone();
        speak(&mut environment, &language);
        let template = environment.get_template(name).map_err(|error| told(name, &error))?;
        template.render(Serde(context)).map_err(|error| told(name, &error))
    }
}

fn embedded_files<'a>(dir: &'a Dir<'a>) -> Vec<(&'a str, &'a str)> {
    let mut files: Vec<_> =
        dir.files().filter_map(|file| Some((file.path().to_str()?, file.contents_utf8()?))).collect();
    files.extend(dir.dirs().flat_map(embedded_files));
    files
}

/// Whether the program carries a language.
pub(super) fn is_embedded(code: &str) -> bool {
    EMBEDDED.get_file(format!("lang/{code}.toml")).is_some()
}

/// The embedded words of a language; none where it is not embedded.
pub(super) fn embedded_language(code: &str) -> Language {
    let text = EMBEDDED.get_file(format!("lang/{code}.toml")).and_then(include_dir::File::contents_utf8);
    text.and_then(|text| Language::parse(code, text, None).ok()).unwrap_or_default()
}

fn language_code(name: &str) -> Option<&str> {
    name.strip_prefix("lang/")?.strip_suffix(".toml")
}

/// `words` holds each language's files by code, the embedded one first.
fn read_languages(words: &BTreeMap<&str, Vec<(&str, &str)>>) -> Result<BTreeMap<String, Arc<Language>>, RenderError> {
    let mut languages: BTreeMap<String, Arc<Language>> = BTreeMap::new();
    let reference = words.get(REFERENCE).and_then(|files| files.first()).map(|(name, text)| {
        let wrong = |problems| RenderError::LanguageFile { name: (*name).to_owned(), problems };
        Language::parse(REFERENCE, text, None).map_err(wrong)
    });
    let reference = reference.transpose()?.unwrap_or_default();
    for (code, files) in words {
        for (name, text) in files {
            let wrong = |problems| RenderError::LanguageFile { name: (*name).to_owned(), problems };
            let language = Language::parse(code, text, languages.get(*code).map(Arc::as_ref)).map_err(wrong)?;
            let differences = language.differences(&reference);
            if !differences.is_empty() {
                return Err(wrong(differences));
            }
            languages.insert((*code).to_owned(), Arc::new(language));
        }
    }
    Ok(languages)
}

fn environment() -> Result<Environment<'static>, RenderError> {
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
    environment.set_syntax(syntax.map_err(|error| told("syntax", &error))?);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(RECURSION);
    environment.set_auto_escape_callback(escape_for);
    environment.add_filter("mermaid", |value: &Value| Value::from_safe_string(escape::mermaid(&value.to_string())));
    environment.add_filter("code", |state: &mut State, value: &Value| {
        let text = value.to_string();
        match state.auto_escape() {
            AutoEscape::Custom(name) if name == MARKDOWN => Value::from_safe_string(escape::markdown_code(&text)),
            AutoEscape::Html => Value::from_safe_string(format!("<code>{}</code>", escape::html(&text))),
            _ => Value::from(text),
        }
    });
    // The program's own sentences: what they put between backticks is code.
    environment.add_filter("prose", |state: &mut State, value: &Value| match state.auto_escape() {
        AutoEscape::Html => Value::from_safe_string(escape::html_words(&value.to_string())),
        _ => value.clone(),
    });
    // The list of a reading that was observed. Where it was not, there is nothing to list, and the report says why.
    environment.add_filter("seen", |reading: &Value| match reading.get_attr("value") {
        Ok(list) if !list.is_undefined() => list,
        _ => Value::from(Vec::<Value>::new()),
    });
    environment
        .add_filter("style_source", |style: &Value| Value::from_safe_string(style::style_source(&style.to_string())));
    environment.add_filter("moment", |text: String| moment(&text));
    environment.add_filter("source", |text: String, first: u64| Value::from_safe_string(source::html(&text, first)));
    Ok(environment)
}

/// How a template's values are escaped, by its name.
fn escape_for(name: &str) -> AutoEscape {
    match name.strip_suffix(".j2").unwrap_or(name).rsplit('.').next() {
        Some("md") => AutoEscape::Custom(MARKDOWN.into()),
        Some("html" | "htm" | "xml" | "svg") => AutoEscape::Html,
        Some("json") => AutoEscape::Json,
        _ => AutoEscape::None,
    }
}

/// `2026-10-14 18:22 UTC` of `2026-10-14T18:22:03Z`; another offset stays, anything else comes as it is.
pub fn moment(text: &str) -> String {
    let Some((date, time)) = text.split_once('T') else { return text.to_owned() };
    let (Some(minutes), Some(rest)) = (time.get(..5), time.get(8..)) else { return text.to_owned() };
    let offset = if matches!(rest, "Z" | "+00:00") { "UTC" } else { rest };
    format!("{date} {minutes} {offset}")
}

/// Gives the templates a language: `t('key', place=value)`, `x | percent`, and numbers with its decimal sign.
fn speak(environment: &mut Environment<'static>, language: &Arc<Language>) {
    let words = Arc::clone(language);
    environment.add_function("t", move |state: &mut State, key: String, places: Kwargs| {
        let mut values = BTreeMap::new();
        let mut count = None;
        let names: Vec<String> = places.args().map(str::to_owned).collect();
        for name in &names {
            let value: Value = places.get(name)?;
            if name == "n" {
                count = Some(f64::try_from(value.clone())?);
            }
            values.insert(name.as_str(), state.format(value)?);
        }
        // The language file's own words are trusted, and written as for Markdown; what stands in their places was escaped
        // above.
        let own = if matches!(state.auto_escape(), AutoEscape::Html) { escape::html_words } else { str::to_owned };
        let said = words.say_in(&key, count, &values, own);
        said.map(Value::from_safe_string).map_err(unspoken)
    });
    environment.add_global("language_code", language.code());
    let words = Arc::clone(language);
    environment.add_function("labels", move |table: String| Value::from_safe_string(words.script(&table)));
    let words = Arc::clone(language);
    environment.add_function("latency_svg", move |picture: Serde<LoadPicture>, id: String| {
        load::latency_figure(&picture.0, &id, &words).map(Value::from_safe_string).map_err(unspoken)
    });
    let words = Arc::clone(language);
    environment.add_function("spread_svg", move |picture: Serde<LoadPicture>, path: String, id: String| {
        load::spread_figure(&picture.0, &path, &id, &words).map(Value::from_safe_string).map_err(unspoken)
    });
    let words = Arc::clone(language);
    environment.add_filter("percent", move |ratio: f64| words.percent(ratio));
    let words = Arc::clone(language);
    environment.set_formatter(move |output, state, value| write(output, state, value, &words));
}

fn unspoken(reason: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, reason)
}

/// Writes a value into the text: numbers in the language's way, `none` as a dash, all else escaped for the format.
fn write(output: &mut Output, state: &mut State, value: &Value, language: &Language) -> Result<(), Error> {
    if value.is_safe() || matches!(state.auto_escape(), AutoEscape::Json) {
        return minijinja::escape_formatter(output, state, value);
    }
    let text = match value.kind() {
        ValueKind::None => "–".to_owned(),
        ValueKind::Number => language.number(f64::try_from(value.clone())?),
        _ => escape_as(state.auto_escape(), &value.to_string()),
    };
    output.write_str(&text).map_err(Error::from)
}

fn escape_as(format: &AutoEscape, text: &str) -> String {
    match format {
        AutoEscape::Custom(name) if name == MARKDOWN => escape::markdown(text),
        AutoEscape::None => escape::clean(text),
        _ => escape::html(text),
    }
}

fn told(asked: &str, error: &Error) -> RenderError {
    let mut reason = error.kind().to_string();
    if let Some(detail) = error.detail() {
        reason.push_str(": ");
        reason.push_str(detail);
    }
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        reason.push_str(&format!("; {inner}"));
        cause = inner.source();
    }
    RenderError::Template { name: error.name().unwrap_or(asked).to_owned(), line: error.line(), reason }
}

#[cfg(test)]
mod tests {
    use super::{Templates, moment};

    fn with(name: &str, text: &str) -> Templates {
        Templates::with_overrides(&[(name.to_owned(), text.to_owned())]).unwrap()
    }

    fn rendered(name: &str, text: &str) -> Result<String, String> {
        let hostile = "<b>|`x`";
        let context = std::collections::BTreeMap::from([("name", hostile)]);
        with(name, text).render(name, "fr", &context).map_err(|error| error.to_string())
    }

    #[test]
    fn values_are_escaped_for_the_format_that_the_name_says() {
        assert_eq!(rendered("a.md.j2", "{{ name }}").as_deref(), Ok("&lt;b&gt;\\|\\`x\\`"));
        assert_eq!(rendered("a.html.j2", "{{ name }}").as_deref(), Ok("&lt;b&gt;|`x`"));
        assert_eq!(rendered("a.txt.j2", "{{ name }}").as_deref(), Ok("<b>|`x`"));
        assert_eq!(
            rendered("a.md.j2", "{{ t('report.title', team=name) }}").map(|text| text.contains("<b>")),
            Ok(false)
        );
        assert_eq!(rendered("a.md.j2", "{{ 1.5 }} {{ none }} {{ 0.5 | percent }}").as_deref(), Ok("1,5 – 50\u{a0}%"));
    }

    #[test]
    fn a_languages_own_code_is_code_on_a_page() {
        let rendered = |name: &str| rendered(name, "{{ t('marker.private') }} {{ language_code }}").unwrap();
        assert!(rendered("a.html.j2").contains("<code>evidence.json</code>"), "{}", rendered("a.html.j2"));
        assert!(rendered("a.md.j2").contains("`evidence.json`") && rendered("a.md.j2").ends_with(" fr"));
    }

    #[test]
    fn a_template_that_asks_for_what_is_not_there_is_told_with_its_line() {
        let message = rendered("a.md.j2", "one\n{{ nmae }}\n").unwrap_err();
        assert!(message.starts_with("template a.md.j2, line 2: undefined value"), "{message}");
        let message = rendered("a.md.j2", "\n\n{{ t('summary.nothing_here') }}").unwrap_err();
        assert!(message.contains("line 3") && message.contains("no label `summary.nothing_here`"), "{message}");
        let message = Templates::with_overrides(&[("b.md.j2".into(), "{% if %}".into())]).unwrap_err().to_string();
        assert!(message.starts_with("template b.md.j2, line 1: syntax error"), "{message}");
    }

    #[test]
    fn a_template_cannot_run_for_ever() {
        let endless = "{% for a in range(10000) %}{% for b in range(10000) %}{% endfor %}{% endfor %}";
        let message = rendered("a.md.j2", endless).unwrap_err();
        assert!(message.contains("fuel"), "{message}");
        let message = rendered("a.md.j2", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}").unwrap_err();
        assert!(message.contains("recursion"), "{message}");
    }

    #[test]
    fn a_users_language_file_changes_words_and_is_held_to_the_keys() {
        let templates = with("lang/fr.toml", "[summary]\nheading = 'Bilan'");
        assert_eq!(templates.language("fr").unwrap().label("summary.heading"), Some("Bilan"));
        assert!(templates.language("fr").unwrap().label("findings.heading").is_some());
        let wrong = |name: &str, text: &str| {
            Templates::with_overrides(&[(name.to_owned(), text.to_owned())]).unwrap_err().to_string()
        };
        let message = wrong("lang/fr.toml", "[summary]\nheadin = 'Bilan'");
        assert_eq!(message, "language file lang/fr.toml: `summary.headin` is used nowhere");
        assert!(wrong("lang/de.toml", "a = 'b'").contains("`summary.heading` is missing"));
        let message = Templates::embedded().unwrap().language("xx").unwrap_err().to_string();
        assert!(message.contains("known are en, fr, it"), "{message}");
    }

    #[test]
    fn moments_read_as_people_write_them() {
        assert_eq!(moment("2026-10-14T18:22:03Z"), "2026-10-14 18:22 UTC");
        assert_eq!(moment("2026-10-14T18:22:03-04:00"), "2026-10-14 18:22 -04:00");
        assert_eq!(moment("yesterday"), "yesterday");
    }
}

//! What a check says in another language: a document beside it, `checks/aws/asg-size.fr.toml`.
//!
//! It has the check's sentences and nothing that judges: the same templates over the same names. `says` lists those of the
//! `[[expect]]` in their order, or is the one of a `score`; `[params]` holds the defaults of parameters that are sentences.

use std::collections::BTreeSet;
use std::sync::Arc;

use indexmap::IndexMap;
use minijinja::Value;

use super::check::Check;
use super::expect::{Rule, Spanned, spanned};
use super::load::LoadSpec;
use super::problem::{Problem, Problems, SourceText};
use super::reader::{Reader, Table};
use stackmark_language::expression::{Engine, ExpressionError, Names};

/// A check's sentences in one language.
#[derive(Debug, Clone, PartialEq)]
pub struct Words {
    title: Spanned,
    why: Spanned,
    fix: Spanned,
    otherwise: Option<Spanned>,
    shows: Option<Spanned>,
    unsure: Option<Spanned>,
    /// Of each `[[expect]]`, or the one of a `score` or of `manual`.
    says: Vec<Spanned>,
    /// Defaults of parameters, by name.
    params: Vec<(String, Spanned)>,
}

impl Words {
    /// Reads the words of `check`, which have to say the same: as many sentences, over the same names.
    pub fn parse(source: &Arc<SourceText>, check: &Check, engine: &Engine) -> (Option<Self>, Problems) {
        let (words, mut problems) = Reader::new(source).read(|table| Self::read(table, check));
        if let Some(words) = &words {
            problems.0.extend(words.lint(source, check, engine));
        }
        let sound = !problems.has_errors();
        (words.filter(|_| sound), problems)
    }

    fn read(table: Table<'_>, check: &Check) -> Option<Self> {
        let required = |key| table.require(key, "\"…\"").and_then(|entry| spanned(&entry));
        let (title, why, fix) = (required("title"), required("why"), required("fix"));
        // What the check does not say has no words, and its key is one too many.
        let otherwise = check.applies.as_ref().map(|_| required("otherwise"));
        let shows = check.shows.as_ref().map(|_| required("shows"));
        let unsure = check.unsure.as_ref().map(|_| required("unsure"));
        let says = match &check.rule {
            Rule::Manual(_) => required("manual").map(|guidance| vec![guidance]),
            Rule::Score { .. } => required("says").map(|says| vec![says]),
            Rule::Expects(expects) => table.require("says", "[\"…\", \"…\"]").and_then(|entry| {
                let says = entry.spanned_strings();
                if says.len() != expects.len() {
                    let message = format!("`says` has {} sentences, the check says {}", says.len(), expects.len());
                    entry.error(message, "write one for each [[expect]], in their order");
                    return None;
                }
                Some(says.into_iter().map(|(text, span)| Spanned { text, span }).collect())
            }),
        };
        let mut params = Vec::new();
        for (name, span, entry) in table.table("params").iter().flat_map(Table::entries) {
            let default = check.params.get(&name).and_then(|param| param.default.as_ref());
            if default.and_then(Value::as_str).is_none() {
                let message = format!("the check has no parameter `{name}` with a text as its default");
                table.reader().error(span, message, "remove it");
            }
            params.extend(spanned(&entry).map(|text| (name, text)));
        }
        table.finish();
        let given = |words: Option<Option<Spanned>>| match words {
            Some(words) => words.map(Some),
            None => Some(None),
        };
        Some(Self {
            title: title?,
            why: why?,
            fix: fix?,
            otherwise: given(otherwise)?,
            shows: given(shows)?,
            unsure: given(unsure)?,
            says: says?,
            params,
        })
    }

    /// The check with these words in the language of this code.
    #[must_use]
    pub fn into_check(self, check: &Check, language: &str) -> Check {
        let mut check = check.clone();
        check.language = Some(language.to_owned());
        check.title = self.title;
        check.why = self.why;
        check.fix = self.fix;
        if let (Some(applies), Some(otherwise)) = (&mut check.applies, self.otherwise) {
            applies.otherwise = otherwise;
        }
        check.shows = self.shows;
        if let (Some(unsure), Some(says)) = (&mut check.unsure, self.unsure) {
            unsure.says = says;
        }
        let mut all = self.says.into_iter();
        match &mut check.rule {
            Rule::Manual(text) | Rule::Score { says: text, .. } => {
                if let Some(says) = all.next() {
                    *text = says;
                }
            }
            Rule::Expects(expects) => {
                for (expect, says) in expects.iter_mut().zip(all) {
                    expect.says = says;
                }
            }
        }
        for (name, text) in self.params {
            if let Some(param) = check.params.get_mut(&name) {
                param.default = Some(Value::from(text.text));
            }
        }
        check
    }

    /// Puts the defaults of these words in the place of the check's own among an item's parameters.
    pub fn say_defaults(&self, check: &Check, with: &mut IndexMap<String, Value>) {
        for (name, text) in &self.params {
            let default = check.params.get(name).and_then(|param| param.default.as_ref());
            if let Some(value) = with.get_mut(name)
                && default == Some(&*value)
            {
                *value = Value::from(text.text.as_str());
            }
        }
    }

    /// Names that one of the two does not use, and parameters on which more hangs than words.
    fn lint(&self, source: &Arc<SourceText>, check: &Check, engine: &Engine) -> Vec<Problem> {
        let mut problems = Vec::new();
        let error = |place: &Spanned, message: String| Problem::error(source, Some(place.span.clone()), message);
        for (of_check, own) in self.beside(check) {
            let (expected, used) = match (engine.template_names(&of_check.text), engine.template_names(&own.text)) {
                (Ok(expected), Ok(used)) => (expected, used),
                // The check's own faults are told with it.
                (Err(_), _) => continue,
                (_, Err(wrong)) => {
                    let fix = "`stackmark explain --expressions` lists the filters, tests and functions";
                    problems.push(error(own, wrong.message).fix(fix));
                    continue;
                }
            };
            if let Some(name) = expected.roots.difference(&used.roots).next() {
                let fix = format!("the check says: {}", of_check.text);
                problems.push(error(own, format!("`{name}` is left out")).fix(fix));
            }
            let unknown = used.roots.difference(&expected.roots).chain(used.paths.difference(&expected.paths)).next();
            if let Some(name) = unknown {
                let fix = format!("the check says: {}", of_check.text);
                problems.push(error(own, format!("`{name}` is not in the check's sentence")).fix(fix));
            }
            for counted in counted(&of_check.text).filter(|counted| has_one_form(&own.text, counted)) {
                let message = format!("the noun after `{{{{ {counted} }}}}` has one form for one and for many");
                let fix = format!("write {{{{ {counted} | counted('…', '…') }}}}, as the check does");
                problems.push(error(own, message).fix(fix).warn());
            }
        }
        let deciding = names_that_decide(check, engine);
        for (name, text) in self.params.iter().filter(|(name, _)| deciding.contains(name)) {
            let message = format!("the check judges or asks by `{name}`, which has no words");
            problems.push(error(text, message).fix("remove it"));
        }
        problems
    }

    /// Each sentence of the check with its words.
    fn beside<'a>(&'a self, check: &'a Check) -> Vec<(&'a Spanned, &'a Spanned)> {
        let mut all = vec![(&check.title, &self.title), (&check.why, &self.why), (&check.fix, &self.fix)];
        all.extend(check.applies.as_ref().map(|applies| &applies.otherwise).zip(self.otherwise.as_ref()));
        all.extend(check.shows.as_ref().zip(self.shows.as_ref()));
        all.extend(check.unsure.as_ref().map(|unsure| &unsure.says).zip(self.unsure.as_ref()));
        let says: Vec<&Spanned> = match &check.rule {
            Rule::Manual(text) | Rule::Score { says: text, .. } => vec![text],
            Rule::Expects(expects) => expects.iter().map(|expect| &expect.says).collect(),
        };
        all.extend(says.into_iter().zip(&self.says));
        all
    }
}

/// What a template gives to `counted`, as it is written there.
fn counted(template: &str) -> impl Iterator<Item = &str> {
    let inside = template.split("{{").skip(1).filter_map(|rest| rest.split("}}").next());
    inside.filter_map(|inside| Some(inside.split_once("counted(")?.0.trim_end().strip_suffix('|')?.trim()))
}

/// Whether a template writes this number with a word after it.
fn has_one_form(template: &str, number: &str) -> bool {
    let mut pieces = template.split("{{").skip(1).filter_map(|rest| rest.split_once("}}"));
    pieces.any(|(inside, after)| {
        let word = after.strip_prefix([' ', '\u{a0}']).unwrap_or_default();
        inside.trim() == number && word.starts_with(char::is_alphabetic)
    })
}

/// Names that more than sentences depend on: expressions, requests and loads.
pub(crate) fn names_that_decide(check: &Check, engine: &Engine) -> BTreeSet<String> {
    let mut expressions: Vec<&Spanned> =
        check.applies.iter().map(|applies| &applies.that).chain(check.bindings.values()).collect();
    expressions.extend(check.unsure.as_ref().map(|unsure| &unsure.that));
    match &check.rule {
        Rule::Manual(_) => {}
        Rule::Score { score, .. } => expressions.push(score),
        Rule::Expects(expects) => expressions.extend(expects.iter().map(|expect| &expect.that)),
    }
    let mut templates: Vec<&Spanned> = check.resource_types.iter().collect();
    templates.extend(check.requests.iter().flat_map(|step| step.templates()));
    templates.extend(check.load.iter().flat_map(LoadSpec::templates));
    templates.extend(check.recovery.iter().map(|step| &step.path));
    let of_expressions = expressions.into_iter().map(|it| engine.expression_names(&it.text));
    let of_templates = templates.into_iter().map(|it| engine.template_names(&it.text));
    let all: Vec<Result<Names, ExpressionError>> = of_expressions.chain(of_templates).collect();
    all.into_iter().flatten().flat_map(|names| names.roots).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHECK: &str = "title = \"{{ count }} things\"\nwhy = \"{{ reason }}\"\nfix = \"Make {{ count | counted('thing') }}.\"\n\
                         reads = [\"aws.instances\"]\n[params]\ncount = { type = \"integer\", default = 2 }\n\
                         reason = { type = \"string\", default = \"It matters.\" }\n[let]\nfound = \"aws.instances | length\"\n\
                         [[expect]]\nthat = \"found >= 1\"\nsays = \"there is none\"\n\
                         [[expect]]\nthat = \"found >= count\"\nsays = \"{{ found }} of {{ count }}\"\n";
    const FRENCH: &str = "title = \"{{ count }} choses\"\nwhy = \"{{ reason }}\"\nfix = \"En créer {{ count }}.\"\n\
                          says = [\"il n'y en a pas\", \"{{ found }} sur {{ count }}\"]\n\
                          [params]\nreason = \"C'est important.\"\n";

    fn check() -> Check {
        let source = SourceText::new("checks/aws/things.toml", CHECK);
        Check::parse("aws/things", &source, &Engine::new()).0.expect("a check")
    }

    fn problems(words: &str) -> String {
        let source = SourceText::new("checks/aws/things.fr.toml", words);
        Words::parse(&source, &check(), &Engine::new()).1.to_string()
    }

    #[test]
    fn a_check_speaks_with_the_words_and_judges_as_before() {
        let source = SourceText::new("checks/aws/things.fr.toml", FRENCH);
        let (words, problems) = Words::parse(&source, &check(), &Engine::new());
        assert!(problems.0.is_empty(), "{problems}");
        let words = words.expect("words");
        let given = |text: &str| IndexMap::from([("reason".to_owned(), Value::from(text))]);
        let (mut default, mut own) = (given("It matters."), given("The course says so."));
        words.say_defaults(&check(), &mut default);
        words.say_defaults(&check(), &mut own);
        assert_eq!((default, own), (given("C'est important."), given("The course says so.")));
        let spoken = words.into_check(&check(), "fr");
        assert_eq!((spoken.title.text.as_str(), spoken.language.as_deref()), ("{{ count }} choses", Some("fr")));
        let Rule::Expects(expects) = &spoken.rule else { panic!("it expects") };
        let said: Vec<(&str, &str)> =
            expects.iter().map(|expect| (expect.that.text.as_str(), expect.says.text.as_str())).collect();
        assert_eq!(said, [("found >= 1", "il n'y en a pas"), ("found >= count", "{{ found }} sur {{ count }}")]);
    }

    #[test]
    fn words_that_say_something_else_are_refused() {
        for (right, wrong, told) in [
            ("{{ found }} sur {{ count }}", "{{ found }} en tout", "`count` is left out"),
            ("{{ found }} sur", "{{ find }} sur", "`found` is left out"),
            ("il n'y en a pas", "{{ found }}", "`found` is not in the check's sentence"),
            ("il n'y en a pas\", ", "", "`says` has 1 sentences, the check says 2"),
            ("title = \"{{ count }} choses\"\n", "", "`title` is missing"),
            ("fix = ", "shows = \"x\"\nfix = ", "unknown key `shows`"),
            ("fix = ", "otherwise = \"x\"\nfix = ", "unknown key `otherwise`"),
            ("reason = \"C'est important.\"", "count = \"deux\"", "no parameter `count` with a text"),
            ("{{ count }} choses", "{{ count | cuonted }} choses", "cuonted"),
            ("En créer {{ count }}.", "Créer {{ count }} choses.", "has one form for one and for many"),
        ] {
            let text = match wrong {
                "" if right.ends_with(", ") => FRENCH.replace(&format!("\"{right}"), ""),
                _ => FRENCH.replace(right, wrong),
            };
            assert_ne!(text, FRENCH, "{right}");
            let said = problems(&text);
            assert!(said.contains(told), "{right} as {wrong}: {said}");
        }
    }
}

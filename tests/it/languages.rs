//! French and Italian are whole: every text of a check, and what the program itself says beside it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value as Json;
use stackmark_class::cases::{Case, cases_of, outcome_in, outcome_of};
use stackmark_course::words::Words;
use stackmark_course::{Check, Library, Rubric, Sentences};
use stackmark_judge::scorecard::{Outcome, Verdict};
use stackmark_language::expression::{Engine, value_of};
use stackmark_render::Templates;

const LANGUAGES: [&str; 2] = ["fr", "it"];

/// Words of which every English sentence has one, and no French or Italian one any.
const ENGLISH: [&str; 34] = [
    "the", "The", "is", "are", "was", "were", "with", "of", "and", "which", "expected", "found", "has", "have", "been",
    "that", "this", "there", "There", "cannot", "could", "each", "from", "by", "not", "nothing", "answered",
    "requests", "its", "than", "without", "what", "only", "they",
];

/// Fields of evidence in which the program itself speaks.
const SAID: [&str; 13] = [
    "reasons",
    "note",
    "detail",
    "kind",
    "place",
    "because",
    "doubt",
    "chosen_because",
    "cut_short",
    "missing",
    "unread",
    "unreachable",
    "says",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn cases(check: &str) -> Vec<Case> {
    cases_of(&root().join("tests/checks"), check).unwrap()
}

fn parsed(library: &Library, id: &str, engine: &Engine) -> Check {
    Check::parse(id, library.check(id).expect("listed"), engine).0.expect("valid")
}

fn sentences(library: &Library, language: &str) -> Arc<Sentences> {
    let (sentences, problems) = Sentences::parse(library.sentences(language).expect("embedded"));
    assert!(problems.0.is_empty(), "{problems}");
    Arc::new(sentences.expect("sentences"))
}

/// The check in a language, with the problems of its words.
fn spoken(library: &Library, check: &Check, language: &str, engine: &Engine) -> Result<Check, String> {
    let source = library.check_words(&check.id, language).ok_or(format!("{} has no words in {language}", check.id))?;
    let (words, problems) = Words::parse(source, check, engine);
    let words = words.ok_or_else(|| problems.to_string())?;
    if problems.0.is_empty() { Ok(words.into_check(check, language)) } else { Err(problems.to_string()) }
}

#[test]
fn french_puts_a_no_break_space_before_a_semicolon() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("checks");
    let folders = std::fs::read_dir(root).expect("the checks").map(|entry| entry.expect("a folder").path());
    let files = folders.filter(|path| path.is_dir()).flat_map(|path| std::fs::read_dir(path).expect("a folder"));
    let french = files.map(|entry| entry.expect("a file").path());
    let french: Vec<PathBuf> = french.filter(|path| path.to_string_lossy().ends_with(".fr.toml")).collect();
    assert!(french.len() > 50, "{}", french.len());
    for path in french {
        let text = std::fs::read_to_string(&path).expect("text");
        for (at, _) in text.match_indices("; ") {
            let before = text[..at].chars().next_back();
            assert!(matches!(before, Some('\u{a0}' | '\u{202f}')), "{}: {}", path.display(), &text[at..]);
        }
    }
}

#[test]
fn every_check_says_the_same_in_every_language() {
    let (library, engine) = (Library::embedded(), Engine::new());
    let mut wrong = Vec::new();
    for id in library.check_ids() {
        let check = parsed(&library, id, &engine);
        wrong.extend(LANGUAGES.iter().filter_map(|language| spoken(&library, &check, language, &engine).err()));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let strangers: Vec<_> = library.words_ids().filter(|(id, _)| library.check(id).is_none()).collect();
    assert!(strangers.is_empty(), "words of checks that are gone: {strangers:?}");
}

#[test]
fn the_tables_of_sentences_have_the_same_lines_and_the_program_says_each() {
    let library = Library::embedded();
    let lines = |language: &str| -> BTreeSet<Vec<String>> {
        let sentences = sentences(&library, language);
        sentences.english().map(|texts| texts.into_iter().map(str::to_owned).collect()).collect()
    };
    let french = lines("fr");
    assert_eq!(french, lines("it"));
    assert!(french.len() > 200);
    let mut sources = String::new();
    let mut waiting = vec![root().join("crates"), root().join("src"), root().join("rubrics")];
    while let Some(folder) = waiting.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs" || ending == "toml") {
                sources.push_str(&std::fs::read_to_string(path).unwrap());
            }
        }
    }
    // Long literals are broken, and parts of a sentence come from different places.
    let one_line = regex::Regex::new(r"\\\n\s*").unwrap().replace_all(&sources, "").replace("\\\"", "\"");
    let word = |text: &str| one_line.contains(text.trim_matches(|sign: char| !sign.is_alphanumeric()));
    let occurs = |texts: &Vec<String>| {
        let all: Vec<Vec<&str>> = texts.iter().map(|text| text.split_whitespace().collect()).collect();
        let long: Vec<&Vec<&str>> = all.iter().filter(|words| words.len() >= 3).collect();
        if long.is_empty() {
            return all.iter().flatten().all(|text| word(text));
        }
        long.iter().any(|words| words.windows(3).any(|near| one_line.contains(&near.join(" "))))
    };
    let stale: Vec<_> = french.iter().filter(|texts| !occurs(texts)).collect();
    assert!(stale.is_empty(), "the program says none of these any more: {stale:#?}");
}

#[test]
fn numbers_look_alike_in_sentences_and_in_labels() {
    let (library, templates) = (Library::embedded(), Templates::embedded().unwrap());
    for language in LANGUAGES {
        let (sentences, labels) = (sentences(&library, language), templates.language(language).unwrap());
        assert_eq!(sentences.numbers().say("71.25"), labels.number(71.25), "{language}");
        assert_eq!(sentences.numbers().percent(0.125), labels.percent(0.125), "{language}");
    }
}

#[test]
fn what_a_check_says_of_two_expectations_is_joined_as_the_language_does() {
    let (library, engine) = (Library::embedded(), Engine::new());
    let check = parsed(&library, "http/load-spread", &engine);
    let cases = cases("http/load-spread");
    let case = cases.iter().find(|case| case.path.ends_with("one-instance.toml")).expect("the case");
    for (language, said) in [("fr", "1 sur 2\u{a0}; c’est une seule"), ("it", "1 su 2; è una sola")] {
        let spoken = spoken(&library, &check, language, &engine).expect("words");
        let found = outcome_in(&spoken, case, &engine, &sentences(&library, language), |_| {}).expect("an outcome");
        assert!(found.actual.contains(said), "{}", found.actual);
    }
}

/// Documents in which the program speaks French, with the text of each.
fn french_documents() -> Vec<(PathBuf, String)> {
    let mut waiting = ["checks", "rubrics", "sentences", "templates/lang"].map(|name| root().join(name)).to_vec();
    let mut found = Vec::new();
    while let Some(folder) = waiting.pop() {
        for path in std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path()) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() {
                waiting.push(path);
            } else if name == "fr.toml" || name.ends_with(".fr.toml") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn french_signs_stand_behind_a_space_that_does_not_break() {
    let templates = regex::Regex::new(r"(?s)\{\{.*?\}\}|\{%.*?%\}").unwrap();
    let breaks = regex::Regex::new(r#" (?:[;!?»%]|:[\s"<,)]|:$)|« "#).unwrap();
    let mut wrong = Vec::new();
    for (path, text) in french_documents() {
        let text = templates.replace_all(&text, "X");
        for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
            // Of a line of a table, the sentence that is said.
            let said = line.split_once("\" = \"").map_or(line, |(_, said)| said);
            wrong.extend(breaks.find(said).map(|found| format!("{}: {:?} in {said}", path.display(), found.as_str())));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_number_that_the_course_sets_has_a_noun_for_one_and_for_many() {
    let one_form = regex::Regex::new(r"(\w+) \{\{ (?:count|min|min_zones|days) \}\} (\w\w+)").unwrap();
    let (library, engine) = (Library::embedded(), Engine::new());
    let mut wrong = Vec::new();
    for id in library.check_ids() {
        let check = parsed(&library, id, &engine);
        let others = LANGUAGES.iter().filter_map(|language| spoken(&library, &check, language, &engine).ok());
        for check in std::iter::once(check.clone()).chain(others) {
            for text in [&check.title.text, &check.fix.text] {
                let found = one_form
                    .captures_iter(text)
                    .find(|found| !["of", "sur", "su"].contains(&&found[1]) && !["or", "ou"].contains(&&found[2]));
                wrong.extend(found.map(|found| format!("{id}: {}", &found[0])));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Texts that are the team's, the course's or AWS's own words.
fn foreign(json: &Json, key: &str, texts: &mut BTreeSet<String>) {
    match json {
        Json::String(text) if text.contains(' ') && !SAID.contains(&key) => {
            texts.insert(text.clone());
        }
        Json::Array(all) => all.iter().for_each(|one| foreign(one, key, texts)),
        Json::Object(all) => all.iter().for_each(|(key, one)| foreign(one, key, texts)),
        _ => {}
    }
}

fn made_up(json: &Json, texts: &mut BTreeSet<String>) {
    match json {
        Json::String(text) if text.contains(' ') => {
            texts.insert(text.clone());
        }
        Json::Array(all) => all.iter().for_each(|one| made_up(one, texts)),
        Json::Object(all) => all.values().for_each(|one| made_up(one, texts)),
        _ => {}
    }
}

/// What a reader sees or hears of a page: texts between tags and in attributes, without code.
pub(super) fn seen(page: &str) -> String {
    let hidden =
        regex::Regex::new(r"(?s)<style\b.*?</style>|<script\b.*?</script>|<code>.*?</code>|<!--.*?-->").unwrap();
    let page = hidden.replace_all(page, " ");
    let told = regex::Regex::new("(?:title|aria-label|placeholder|data-is)=\"([^\"]*)\"").unwrap();
    let told: Vec<&str> =
        told.captures_iter(&page).map(|found| found.get(1).map_or("", |text| text.as_str())).collect();
    let tags = regex::Regex::new("<[^>]*>").unwrap();
    format!("{} {}", tags.replace_all(&page, " "), told.join(" "))
}

#[test]
fn the_review_page_speaks_french_and_italian_and_no_english() {
    let templates = Templates::embedded().unwrap();
    let context = serde_json::json!({ "nonce": "n", "title": "T", "marker": "M", "blind": true });
    let in_english = templates.render("review.html.j2", "en", &context).unwrap();
    for language in LANGUAGES {
        let page = templates.render("review.html.j2", language, &context).unwrap();
        assert!(page.contains(&format!("<html lang=\"{language}\">")), "{page}");
        let said = seen(&page);
        assert_eq!(english(&said, &BTreeSet::new()), None, "{language}: {said}");
        // Words of one kind stand in the same places.
        let texts = |page: &str| seen(page).split_whitespace().map(str::to_owned).collect::<BTreeSet<_>>();
        let same: Vec<String> = texts(&in_english).intersection(&texts(&page)).cloned().collect();
        let is_name = |text: &&String| {
            text.chars().count() <= 1 || ["Enter", "Points", "question", "T", "M,"].contains(&text.as_str())
        };
        assert!(same.iter().all(|text| is_name(&text)), "{language}: {same:?}");
        // What the script says is in its labels.
        let script = templates.language(language).unwrap().script("review");
        assert!(page.contains(&script), "the script has the labels");
        let labels: Json = serde_json::from_str(&script).unwrap();
        let mut all = BTreeSet::new();
        made_up(&labels, &mut all);
        assert!(all.len() > 60);
        for text in all {
            assert_eq!(english(&text, &BTreeSet::new()), None, "{language}: {text}");
        }
    }
    // And nothing else in it is a sentence.
    let script = std::fs::read_to_string(root().join("templates/review.js.j2")).unwrap();
    let literals = regex::Regex::new(r"'([^'\n]*)'").unwrap();
    for literal in literals.captures_iter(&script) {
        let words =
            literal[1].split(' ').filter(|word| word.chars().all(char::is_alphabetic) && word.len() > 2).count();
        assert!(words < 2 || ["use strict", "quiet small"].contains(&&literal[1]), "{}", &literal[0]);
    }
}

/// An English word of a text that is not in quotes and none of `texts`.
pub(super) fn english(text: &str, texts: &BTreeSet<String>) -> Option<&'static str> {
    let mut own = text.to_owned();
    let mut longest: Vec<&String> = texts.iter().collect();
    longest.sort_by_key(|text| std::cmp::Reverse(text.len()));
    for foreign in longest {
        own = own.replace(foreign.as_str(), " ");
    }
    let quoted = regex::Regex::new("“[^”]*”|«[^»]*»|`[^`]*`|\"[^\"]*\"").unwrap();
    let own = quoted.replace_all(&own, " ").into_owned();
    let trimmed = |word: &str| word.trim_matches([',', ';', ':', '.', '(', ')', '?']).to_owned();
    let words: BTreeSet<String> = own.split_whitespace().map(trimmed).collect();
    ENGLISH.into_iter().find(|word| words.contains(*word))
}

fn english_of(outcome: &Outcome, texts: &BTreeSet<String>) -> Option<String> {
    // What could not be read is told in the words of whoever refused it.
    let actual = if outcome.verdict == Verdict::Undetermined { "" } else { &outcome.actual };
    [&outcome.expected, &outcome.why, &outcome.fix, actual]
        .into_iter()
        .find_map(|text| english(text, texts).map(|word| format!("“{word}” in {text:?}")))
}

#[test]
fn each_case_comes_out_the_same_and_without_an_english_sentence() {
    let (library, engine) = (Library::embedded(), Engine::new());
    let mut wrong = Vec::new();
    for language in LANGUAGES {
        let sentences = sentences(&library, language);
        for id in library.check_ids() {
            let check = parsed(&library, id, &engine);
            let Ok(spoken) = spoken(&library, &check, language, &engine) else { continue };
            for case in cases(id) {
                let mut texts = BTreeSet::new();
                // What a case makes up is nobody's sentence.
                for own in ["with", "set"].iter().filter_map(|key| case.toml.get(*key)) {
                    made_up(&serde_json::to_value(own).unwrap(), &mut texts);
                }
                let here = outcome_of(&check, &case, &engine, |json| foreign(json, "", &mut texts)).expect("a case");
                let there = outcome_in(&spoken, &case, &engine, &sentences, |_| {}).expect("a case");
                let name = format!("{language}: {}", case.path.display());
                if (there.verdict, there.ratio.to_bits()) != (here.verdict, here.ratio.to_bits()) {
                    wrong.push(format!("{name}: {:?} instead of {:?}", there.verdict, here.verdict));
                }
                wrong.extend(english_of(&there, &texts).map(|found| format!("{name}: {found}")));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
}

/// What every item of a rubric may say before anything is measured.
#[test]
fn every_rubric_speaks_every_language() {
    let (mut library, engine) = (Library::embedded(), Engine::new());
    let ids: Vec<String> = library.rubric_ids().map(str::to_owned).collect();
    let mut wrong = Vec::new();
    for language in LANGUAGES {
        library.speak(language);
        for id in &ids {
            let source = library.rubric(id).expect("listed");
            let (rubric, problems) = Rubric::parse(id, source, &library, &engine);
            assert!(problems.0.is_empty(), "{id} in {language}:\n{problems}");
            let rubric = rubric.expect("valid");
            assert_eq!(rubric.language, language);
            for item in rubric.items() {
                let check = &rubric.checks[&item.check];
                let team = minijinja::context! { id => "t", name => "t", nonce => "t", size => 1 };
                let mut context: std::collections::BTreeMap<&str, minijinja::Value> =
                    item.with.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
                context.insert("team", team);
                context.insert("scope", rubric.sentences.say("the tags team=t").into());
                let context = value_of(&context);
                for template in [&check.title, &check.why, &check.fix] {
                    let text = engine.render(&template.text, &context).expect("a text");
                    let found = english(&text, &BTreeSet::new());
                    wrong.extend(found.map(|word| format!("{language}: {id} {}: “{word}” in {text:?}", item.id)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_check_of_ones_own_does_not_speak_with_the_words_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("checks/aws");
    std::fs::create_dir_all(&own).unwrap();
    let mut library = Library::embedded();
    let text = library.check("aws/tags").expect("embedded").text.clone();
    std::fs::write(own.join("tags.toml"), &text).unwrap();
    library.add_folder(folder.path()).unwrap();
    assert!(library.check_words("aws/tags", "fr").is_some(), "the same check keeps its words");
    std::fs::write(own.join("tags.toml"), text.replace("The stack's resources", "All resources")).unwrap();
    std::fs::write(own.join("tags.de.toml"), "title = \"Marken\"").unwrap();
    library.add_folder(folder.path()).unwrap();
    assert!(library.check_words("aws/tags", "fr").is_none(), "another check says something else");
    assert!(library.check_words("aws/tags", "de").is_some());
    assert!(library.check_ids().all(|id| !id.contains('.')), "words are no checks");
}

/// Title, criteria and parts of a rubric that a language has to say; a name without a space and with a digit is nobody's.
fn titles_of(rubric: &Rubric) -> BTreeSet<String> {
    let criteria = rubric.criteria.iter().filter_map(|criterion| criterion.title.clone());
    let parts = rubric.items().filter_map(|item| item.part.clone());
    let is_name = |text: &String| !text.contains(' ') && text.contains(|sign: char| sign.is_ascii_digit());
    std::iter::once(rubric.title.clone()).chain(criteria).chain(parts).filter(|text| !is_name(text)).collect()
}

#[test]
fn every_rubric_has_its_titles_and_parts_in_every_language() {
    let (library, engine) = (Library::embedded(), Engine::new());
    let mut wrong = Vec::new();
    for id in library.rubric_ids() {
        let rubric = Rubric::parse(id, library.rubric(id).expect("listed"), &library, &engine).0.expect("valid");
        let titles = titles_of(&rubric);
        for language in ["en", "fr", "it"].into_iter().filter(|language| *language != rubric.language) {
            let lines = |id: &str| -> BTreeSet<String> {
                let Some(source) = library.rubric_titles(id, language) else { return BTreeSet::new() };
                let (table, problems) = Sentences::parse(source);
                assert!(problems.0.is_empty(), "{problems}");
                table.expect("a table").english().map(|texts| texts.concat()).collect()
            };
            let own = lines(id);
            let all: BTreeSet<String> =
                rubric.bases.iter().flat_map(|(base, _)| lines(base)).chain(own.clone()).collect();
            wrong.extend(titles.difference(&all).map(|text| format!("{id} does not say {text:?} in {language}")));
            wrong
                .extend(own.difference(&titles).map(|text| format!("{id}.{language} says {text:?}, which it has not")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let strangers: Vec<_> = library.titles_ids().filter(|(id, _)| library.rubric(id).is_none()).collect();
    assert!(strangers.is_empty(), "titles of rubrics that are gone: {strangers:?}");
}

#[test]
fn a_rubric_speaks_its_title_and_what_it_extends_the_rest_and_a_copy_says_the_same() {
    let (mut library, engine) = (Library::embedded(), Engine::new());
    library.speak("fr");
    let read = |library: &Library| {
        let id = "day02-exercise";
        Rubric::parse(id, library.rubric(id).expect("listed"), library, &engine).0.expect("valid")
    };
    let rubric = read(&library);
    assert!(rubric.title.ends_with("exercices seuls"), "{}", rubric.title);
    // What is written beside the results is whole: the titles of both documents are among it.
    let copy = tempfile::tempdir().unwrap();
    for (path, text) in library.documents_of(&rubric) {
        let path = copy.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    assert!(copy.path().join("rubrics/day02.fr.toml").is_file());
    // The program's own sentences are not copied.
    let mut stored = Library::default();
    stored.add_folder(copy.path()).unwrap();
    stored.speak("fr");
    let again = read(&stored);
    assert_eq!(titles_of(&again), titles_of(&rubric));
    assert_eq!(again.sha256(), rubric.sha256());
}

#[test]
fn sentences_of_ones_own_are_copied_beside_the_results() {
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("sentences");
    std::fs::create_dir_all(&own).unwrap();
    std::fs::write(own.join("fr.toml"), "[said]\n\"as expected\" = \"conforme\"\n").unwrap();
    let (mut library, engine) = (Library::embedded(), Engine::new());
    library.add_folder(folder.path()).unwrap();
    let source = library.rubric("day02-exercise").expect("listed");
    let rubric = Rubric::parse("day02-exercise", source, &library, &engine).0.expect("valid");
    let documents = library.documents_of(&rubric);
    let copied: Vec<&String> = documents.keys().filter(|path| path.starts_with("sentences/")).collect();
    assert_eq!(copied, ["sentences/fr.toml"]);
}

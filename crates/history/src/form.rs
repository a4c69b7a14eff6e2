//! Is a message specific and readable, whatever was changed?
//!
//! The factors stand in [`super::messages`]. Words count wherever they are: an area before the subject, the lines of the
//! body that say what was done, and literals of the diff, as `t2.micro` or a port.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::diff_words::words;
use super::regex;
use super::vocabulary::{CHANGE, GENERIC, NOT_VERBS, STOP, VERBS};
use super::words::fold;

static PREFIX: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^\s*(\[[^\]]{1,30}\]\s*:?\s*|(feat|feature|fix|bugfix|hotfix|docs?|style|refactor|perf|tests?|build|ci|chore|revert|wip|add|update|summary)(\([^)]*\))?\s*!?\s*:\s*|[\w./-]{1,30}:\s+)",
    )
});
/// A type as in Conventional Commits.
static TYPED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^\s*(feat|feature|fix|bugfix|hotfix|docs?|style|refactor|perf|tests?|build|ci|chore|revert|wip)(\([^)]*\))?\s*!?\s*:",
    )
});
/// Those types that say what was done, as a verb would.
static TYPED_AS_A_VERB: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?i)^\s*(feat|feature|fix|bugfix|hotfix|docs?|refactor|perf|tests?|revert)(\([^)]*\))?\s*!?\s*:")
});
static TICKET: LazyLock<Regex> = LazyLock::new(|| regex(r"#\d+|\b[A-Z]{2,}-\d+\b|https?://\S+|\b[0-9a-f]{7,40}\b"));
/// Files by the ends that files have, which is a closed list: `t2.micro` and `example.com` are no files.
static FILE_NAME: LazyLock<Regex> = LazyLock::new(|| {
    const ENDS: &str = "py|pyi|ipynb|js|jsx|mjs|cjs|ts|tsx|vue|svelte|rs|go|java|kt|kts|scala|c|h|cc|cpp|hpp|cs|rb|php|pl|sh|bash|zsh|ps1|bat|cmd|tf|tfvars|tfstate|hcl|sql|html?|css|s[ac]ss|less|md|markdown|rst|txt|tex|bib|adoc|pdf|docx?|odt|xlsx?|csv|tsv|json|ya?ml|toml|ini|cfg|conf|env|lock|xml|svg|png|jpe?g|gif|pem|key|log|jar|war|zip|tar|gz|j2|jinja2?|ejs|hbs|twig|tpl|dockerfile|properties|gradle|sln|csproj|service|swift|lua|drawio|gitignore|dockerignore|gitattributes|example|sample|bak";
    regex(&format!(
        r"(?i)[\w-]*\.(?:{ENDS})\b|\b(readme|dockerfile|makefile|gitignore|license)\b|[\w.-]+/[\w./-]+|\b(config|configuration|settings|env|environment|requirements) files?\b"
    ))
});
/// Products whose names end like a file's.
static PRODUCT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)\b(?P<name>node|vue|next|nuxt|express|react|three|d3|chart|socket|angular|backbone|ember|p5|discord|nest|alpine|ext|moment|require|leaflet)\.(?:js|io|py|ts)\b",
    )
});
/// What a forge, an editor or git writes where nobody writes anything.
static TOOL_WRITTEN: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^\W*(add files via upload|apply suggestions? from code review|update[sd]? (on|from) overleaf|squashed commit of the following:?|auto[- ]?(commit|saved?|sync)\b.*|\[pre-commit\.ci\].*|(setting up |set up )?github classroom (feedback|autograding)( workflow)?|commit from (vs ?code|visual studio|android studio|intellij)\b.*|initialize project using create react app|wip on \S+: .*|index on \S+: .*|upload(ed)? files?)\W*$",
    )
});
static REVERT: LazyLock<Regex> = LazyLock::new(|| regex(r#"^Revert "(?P<subject>.+)"$"#));
/// Verbs that fit any change.
static VAGUE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^(updat\w*|chang\w*|modif\w*|edit\w*|fix\w*|maj|mise|mettre|aggiorn\w*|modific\w*|cambi\w*|upload\w*|commit\w*|work\w*|test\w*)$",
    )
});
/// Verbs and nouns that say what was done to a file, wherever in the subject they stand.
static PRECISE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^(add|ajout|aggiun|creat|cree|crea|delet|remov|rimoss|rimoz|elimin|supprim|suppress|enlev|retir|renam|renomm|rinomin|mov(e|ed|es|ing)$|deplac|spost|replac|remplac|sostitu|refactor|refonte|clean|nettoy|correct|corrig|corrett|correz|implement|introduc|improv|amelior|migliora|traduc|tradui|document|restor|revert|init)",
    )
});
static VERB_END: LazyLock<Regex> = LazyLock::new(|| regex(r"(ed|ing|ize|ise|ify|ate|er|re)$"));
/// How French and Italian make a noun of a verb.
static DEED_END: LazyLock<Regex> = LazyLock::new(|| regex(r"(tion|sion|age|ment|zione|sione|mento|aggio)$"));
static UNFINISHED: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)^\W*(wip|work in progress|temp|tmp)\b"));
static IMPRECISE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"\b(some|several|various|misc|few|minor|small|stuff|things|etc|des trucs|varie|quelques|plusieurs|diverses?|alcun[ei]|maybe|probably|hopefully|further|again|works?|working|trying|attempt)\b",
    )
});
/// `t3.small`, whose size is no vague word.
static INSTANCE_TYPE: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"\b[a-z]+[0-9][a-z0-9-]*\.(?:nano|micro|small|medium|large|xlarge|[0-9]+xlarge|metal(-[0-9a-z]+)?)\b")
});
static NUMBERED: LazyLock<Regex> = LazyLock::new(|| regex(r"^(tp|lab|v|part|week|day|lot|tpe)?\d+$"));
/// Lines that git and forges put under a message.
static TRAILER: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?im)^[ \t*>•-]*((?:signed[- ]off[- ]by|co[-_ ]?(?:authored|developed|written)[-_ ]?by|co[- ]?authors?|change-id|(?:reviewed|acked|approved)[- ]by|paired[- ]with)\b.*|this reverts commit [0-9a-f]+.*|\(cherry picked from .*|commit [0-9a-f]{7,40}|author: .*|date: .*)$",
    )
});
/// Lines of a body that are looked at one by one.
const MAX_LINES: usize = 200;

/// A message's rating before it is held against the diff.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Form {
    /// 0..1.
    pub(super) score: f64,
    /// Why it is below 1.
    pub(super) reasons: Vec<String>,
    /// Words that say what changed.
    pub(super) informative: usize,
}

impl Form {
    fn hopeless(score: f64, reason: &str) -> Self {
        Self { score, reasons: vec![reason.to_owned()], informative: 0 }
    }

    fn lower_to(&mut self, score: f64, reason: &str) {
        self.score = score;
        self.reasons.push(reason.to_owned());
    }
}

/// A body without the lines that git and forges put under it.
pub(super) fn without_trailers(body: &str) -> Cow<'_, str> {
    TRAILER.replace_all(body, "")
}

/// Rates a message; `literals` is how many of its literals stand on the changed lines.
pub(super) fn rate(subject: &str, body: &str, literals: usize) -> Form {
    let body = without_trailers(body);
    if !subject.chars().chain(body.chars()).any(char::is_alphanumeric) {
        return Form::hopeless(0.0, "is empty");
    }
    if !TOOL_WRITTEN.is_match(subject) {
        return rate_written(subject, &body, literals);
    }
    // What somebody wrote under it counts as the message.
    let mut lines = body.lines().skip_while(|line| !lower_words(line).iter().any(|word| is_informative(word)));
    match lines.next() {
        Some(first) => rate_written(first.trim(), &lines.collect::<Vec<_>>().join("\n"), literals),
        None => Form::hopeless(0.08, "is the text that a tool writes by itself"),
    }
}

fn rate_written(subject: &str, body: &str, literals: usize) -> Form {
    let reverted = REVERT.captures(subject).and_then(|found| found.name("subject"));
    let is_revert = reverted.is_some();
    let (core, prefix) = core_of(reverted.map_or(subject, |inner| inner.as_str()));
    let lower = fold(&core.to_lowercase()).into_owned();
    let all = all_words(&lower);
    let mut long = all.iter().filter(|word| word.chars().count() > 2).peekable();
    if long.peek().is_some() && long.all(|word| is_mashed(word)) {
        return Form::hopeless(0.0, "is gibberish");
    }

    let named = PRODUCT.replace_all(&core, "${name}");
    let files = FILE_NAME.find_iter(&named).count();
    let beside_files = lower_words(&FILE_NAME.replace_all(&named, " "));
    let (body, tokens) = (TICKET.replace_all(body, " "), lower_words(&core));
    let (content, in_body) = (informative_in(&core), informative_in(&body));
    let done = body.lines().take(MAX_LINES).filter(|line| says_what_was_done(line)).count();
    let terms = all.iter().filter(|word| is_technical_term(word)).count();
    // An area says where, which is something only beside what.
    let area = usize::from(!content.is_empty() && !informative_in(&prefix).is_empty());
    let informative = content.len() + area + terms.min(1).max(literals.min(2)) + (in_body.len() / 2).min(3);
    let verb = has_verb(&tokens, &all)
        || is_revert
        || done > 0
        || lower_words(&prefix).iter().any(|word| is_verb_of_change(word))
        || (informative >= 2 && TYPED_AS_A_VERB.is_match(subject));

    let mut form = Form { score: 1.0, reasons: Vec::new(), informative };
    if informative == 0 && TYPED.is_match(subject) {
        form.lower_to(0.08, "has a prefix and nothing after it that says what changed");
    } else if informative == 0 {
        form.lower_to(0.08, "says only that something changed");
    } else if files > 0 && !beside_files.iter().any(|word| is_informative(word)) && in_body.len() < 3 {
        if !is_revert && !beside_files.iter().any(|word| is_precise(word)) {
            form.lower_to(0.2, "names the file, not the change");
        } else {
            form.lower_to(if files >= 2 { 0.8 } else { 0.6 }, "names only the file");
        }
    } else if informative == 1 {
        form.lower_to(if verb { 0.6 } else { 0.45 }, "names one thing without saying which or where");
    } else if informative == 2 {
        form.lower_to(0.85, "is short: two words say what changed");
    }
    style(&mut form, subject, if done < 2 { lower.as_str() } else { "" }, verb);
    form
}

/// `lower` is the subject in which imprecise words are looked for.
fn style(form: &mut Form, subject: &str, lower: &str, verb: bool) {
    let mut times = |factor: f64, reason: String| {
        form.score *= factor;
        form.reasons.push(reason);
    };
    if UNFINISHED.is_match(subject) {
        times(0.6, "is marked as work in progress".to_owned());
    }
    if let Some(word) = IMPRECISE.find(&INSTANCE_TYPE.replace_all(lower, " ")) {
        times(0.8, format!("is imprecise: “{}”", word.as_str()));
    }
    if form.score > 0.3 && !verb {
        form.score *= 0.75;
        form.reasons.push("has no verb that says what was done".to_owned());
    }
    let length = subject.chars().count();
    if length > 72 {
        form.score *= if length <= 100 { 0.95 } else { 0.85 };
        form.reasons.push(format!("has a subject of {length} characters, more than 72"));
    }
}

/// The subject without its type, area and ticket numbers, and these; with them, where nothing else is there.
fn core_of(subject: &str) -> (String, String) {
    let (mut rest, mut prefix) = (subject, String::new());
    for _ in 0..2 {
        if let Some(found) = PREFIX.find(rest) {
            prefix.push_str(found.as_str());
            rest = &rest[found.end()..];
        }
    }
    let core = TICKET.replace_all(rest, " ");
    if core.trim().is_empty() {
        return (TICKET.replace_all(subject, " ").into_owned(), String::new());
    }
    (core.into_owned(), prefix)
}

/// Short ones as well, and the letters before an apostrophe.
fn all_words(lower: &str) -> Vec<&str> {
    lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect()
}

fn lower_words(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    words(text, |word| found.push(word.to_lowercase()));
    found
}

fn informative_in(text: &str) -> BTreeSet<String> {
    lower_words(text).into_iter().filter(|word| is_informative(word)).collect()
}

fn is_informative(word: &str) -> bool {
    !STOP.contains(word) && !CHANGE.contains(word) && !GENERIC.contains(word)
}

/// A line of the body with a verb and what it was done to.
fn says_what_was_done(line: &str) -> bool {
    let lower = fold(&line.to_lowercase()).into_owned();
    let tokens = lower_words(line);
    has_verb(&tokens, &all_words(&lower)) && tokens.iter().filter(|word| is_informative(word)).count() >= 2
}

fn is_precise(word: &str) -> bool {
    PRECISE.is_match(word) || (VERBS.contains(word) && !NOT_VERBS.contains(word) && !VAGUE.is_match(word))
}

fn is_verb_of_change(word: &str) -> bool {
    CHANGE.contains(word) && !NOT_VERBS.contains(word)
}

/// `ec2`, `s3`, `8080`'s neighbours: a digit and a letter, and not `tp2` or `v3`.
fn is_technical_term(word: &str) -> bool {
    word.chars().any(|c| c.is_ascii_digit()) && word.len() >= 2 && !NUMBERED.is_match(word)
}

/// What follows an imperative and hardly ever a noun that begins a subject.
const AFTER_A_VERB: [&str; 14] =
    ["the", "a", "an", "each", "every", "what", "how", "its", "our", "their", "whether", "more", "only", "no"];

/// French and Italian articles, accents off, which follow a verb.
const ARTICLES: [&str; 12] = ["la", "le", "les", "l", "un", "une", "il", "lo", "gli", "i", "uno", "una"];
/// What follows a noun that says what was done: `conservation des photos`.
const OF: [&str; 12] = ["de", "du", "des", "d", "di", "del", "dello", "della", "dell", "dei", "degli", "delle"];
/// Nouns that look like one and are things.
const THINGS: [&str; 22] = [
    "application",
    "applicazione",
    "argument",
    "condition",
    "document",
    "element",
    "environnement",
    "evenement",
    "fonction",
    "image",
    "instrument",
    "langage",
    "message",
    "montage",
    "option",
    "page",
    "question",
    "section",
    "sezione",
    "solution",
    "soluzione",
    "version",
];

/// Whether a French or Italian message begins as they do: with a verb in any form before an article, or with the noun of
/// what was done. Verbs are more than a list holds, and a verb that is not known is no finding.
fn begins_with_a_deed(all: &[&str]) -> bool {
    let [first, second, ..] = all else { return false };
    let is_word = first.chars().count() > 2
        && first.chars().all(char::is_alphabetic)
        && !STOP.contains(*first)
        && !GENERIC.contains(*first)
        && !NOT_VERBS.contains(*first);
    let is_noun = || DEED_END.is_match(first) && !THINGS.contains(first);
    is_word && (ARTICLES.contains(second) || (OF.contains(second) && is_noun()))
}

/// Whether a word of change stands in it, a form that verbs have, or a first word that verbs are known or seen to be; `all`
/// are its words with the short ones.
fn has_verb(tokens: &[String], all: &[&str]) -> bool {
    let imperative =
        |pair: &[String]| AFTER_A_VERB.contains(&pair[1].as_str()) && !NOT_VERBS.contains(pair[0].as_str());
    tokens.get(..2).is_some_and(imperative)
        || begins_with_a_deed(all)
        || tokens.iter().any(|token| is_verb_of_change(token))
        || tokens.iter().take(2).any(|token| VERB_END.is_match(token))
        || tokens.first().is_some_and(|token| VERBS.contains(token.as_str()))
}

/// Keys next to each other, one letter again and again, or no vowel at all.
fn is_mashed(word: &str) -> bool {
    const ROWS: [&str; 6] = ["qwertyuiop", "azertyuiop", "asdfghjkl", "qsdfghjklm", "zxcvbnm", "wxcvbn"];
    const RUN: usize = 4;
    if !word.chars().all(char::is_alphabetic) {
        return false;
    }
    let letters: Vec<char> = word.chars().collect();
    if letters.windows(RUN).any(|window| window.iter().all(|letter| *letter == window[0])) {
        return true;
    }
    let on_a_row = |window: &[char]| {
        let forth: String = window.iter().collect();
        let back: String = window.iter().rev().collect();
        ROWS.iter().any(|row| row.contains(&forth) || row.contains(&back))
    };
    letters.windows(RUN).any(on_a_row)
        || (letters.len() >= 5 && !letters.iter().any(|letter| "aeiouy".contains(*letter)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verb_and_its_object_are_told_what_they_lack() {
        assert_eq!(rate("Add benchmark", "", 0).reasons, ["names one thing without saying which or where"]);
    }

    #[test]
    fn the_table_of_factors_holds() {
        for (subject, body, low, high) in [
            ("", "", 0.0, 0.0),
            ("...", "", 0.0, 0.0),
            ("asdfgh", "", 0.0, 0.0),
            ("update", "", 0.08, 0.08),
            ("fix bug", "", 0.08, 0.08),
            ("mise à jour", "", 0.08, 0.08),
            ("modifiche varie", "", 0.0, 0.08),
            ("Update run.sh", "", 0.2, 0.2),
            ("update readme.md", "", 0.2, 0.2),
            ("Rename setup.py to deploy.py", "", 0.8, 0.8),
            ("Add benchmark", "", 0.6, 0.6),
            ("wip load balancer listener rules", "", 0.0, 0.6),
            ("Register the instances with both target groups", "", 1.0, 1.0),
            ("Mend the listener rules of both clusters", "", 1.0, 1.0),
            ("Rules and target groups of both clusters", "", 0.75, 0.75),
            ("Ajoute les règles du répartiteur de charge", "", 1.0, 1.0),
            ("Aggiunge il gruppo di sicurezza del bilanciatore", "", 0.7, 1.0),
            ("feat(alb): route /cluster1 to the m4 target group", "", 0.85, 1.0),
        ] {
            let form = rate(subject, body, 0);
            assert!((low - 1e-9..=high + 1e-9).contains(&form.score), "{subject}: {form:?}");
        }
    }

    #[test]
    fn the_order_of_words_and_what_stands_before_them_do_not_matter() {
        for (subject, low, high) in [
            ("Readme update", 0.2, 0.2),
            ("README fix", 0.2, 0.2),
            ("Mise à jour du README.md", 0.2, 0.2),
            ("Fix: health check path", 1.0, 1.0),
            ("Add: security group", 0.85, 0.85),
            ("[deploy] loadbalancers", 0.6, 0.7),
            ("[deploy] update", 0.08, 0.08),
            ("docs: deployment steps of the cluster", 1.0, 1.0),
        ] {
            let form = rate(subject, "", 0);
            assert!((low - 1e-9..=high + 1e-9).contains(&form.score), "{subject}: {form:?}");
        }
    }

    #[test]
    fn instance_types_hosts_and_products_are_no_files() {
        for subject in [
            "Change t2.micro to m4.large",
            "Use t2.large",
            "Fix m5.large",
            "Update from c5.large to m4.xlarge",
            "Update the instance type to t3.small",
            "Update Node.js",
            "Change example.com",
        ] {
            let form = rate(subject, "", 0);
            let said = form.reasons.join("; ");
            assert!(form.score >= 0.6 && !said.contains("file") && !said.contains("imprecise"), "{subject}: {form:?}");
        }
        assert!(rate("Change t2.micro to m4.large", "", 2).score >= 1.0);
        assert!(rate("Update app.js", "", 0).score <= 0.2 + 1e-9);
    }

    #[test]
    fn a_body_that_says_what_was_done_counts_and_a_tools_text_does_not() {
        let body = "- Add a health check to the target group\n- Remove the listener of the old balancer\n";
        assert!(rate("Various changes", body, 0).score >= 0.85);
        assert!(rate("TP1", body, 0).score >= 0.85);
        for subject in ["Add files via upload", "Update on Overleaf.", "Apply suggestions from code review"] {
            assert!(rate(subject, "", 0).score < 0.1, "{subject}");
        }
        assert!(rate("Squashed commit of the following:", &format!("commit 0123456789\n\n{body}"), 0).score >= 0.85);
        assert!(
            rate("Revert \"Add the listener rules of the balancer\"", "This reverts commit 0123456.", 0).score >= 1.0
        );
    }

    #[test]
    fn trailers_say_nothing_of_the_change() {
        for trailer in [
            "Co-authored-by: Ben Okafor <ben@uni.example>",
            "co authored by: Ben Okafor",
            "* Co-Developed-By : Ben Okafor",
            "Acked-by: Ben Okafor",
        ] {
            assert_eq!(rate("update", trailer, 0), rate("update", "", 0), "{trailer}");
        }
    }

    #[test]
    fn a_plain_verb_or_deed_in_french_and_italian_is_one() {
        for subject in [
            "Aggiunge il controllo della dimensione",
            "Rimuove i permessi dal bucket",
            "Corregge la porta del bilanciatore",
            "Descrive le scelte di rete",
            "Restituisce 404 per una foto assente",
            "Accetta solo immagini PNG",
            "Cancella le miniature vecchie",
            "Spiega come avviare la galleria",
            "Décrit l’architecture du cluster",
            "Attend la réponse du répartiteur",
            "Efface les miniatures orphelines",
            "Accepte seulement les images PNG",
            "Refuse les fichiers trop grands",
            "Calcule la taille des miniatures",
            "Marque les photos publiques",
            "Limite la taille des envois",
            "Conservation des photos dans S3",
            "Étiquetage des instances du cluster",
            "Redimensionnement de la photo avant stockage",
            "Envoi des photos vers S3",
            "Réception des messages de la file",
        ] {
            let form = rate(subject, "", 0);
            assert!(!form.reasons.iter().any(|it| it.contains("no verb")), "{subject}: {form:?}");
        }
        for subject in [
            "Page de connexion et galerie",
            "Images de la galerie publique",
            "Règles et groupes cibles des clusters",
            "Rules and target groups of both clusters",
        ] {
            let form = rate(subject, "", 0);
            assert!(form.reasons.iter().any(|it| it.contains("no verb")), "{subject}: {form:?}");
        }
    }

    #[test]
    fn long_subjects_and_vague_words_are_told() {
        let long = "Register every instance of the first cluster with the target group that the listener forwards to";
        assert!(rate(long, "", 0).reasons.iter().any(|reason| reason.contains("more than 72")));
        let vague = rate("Fix some listener rules of the balancer", "", 0);
        assert!(vague.reasons.iter().any(|reason| reason == "is imprecise: “some”"), "{vague:?}");
    }
}

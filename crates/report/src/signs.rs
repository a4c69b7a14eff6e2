//! What sentences hold beside the words for a part: commands, paths, figures, an alternative, a reason.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use super::outline::{Kind, Unit};
use super::refers::refers_elsewhere;
use super::words::{Hit, Role, Sign};

struct Patterns {
    command: Regex,
    path: Regex,
    drawn: Regex,
    code: Regex,
    measure: Regex,
    address: Regex,
    unfinished: Regex,
    promised: Regex,
    others: Regex,
    against: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    Some(Patterns {
        command: Regex::new(
            r"(?:^|[\s`$(«“:])(?:python3? +(?:-m +\w|[\w./-]+\.py)|(?:ba|z)?sh +[\w./-]+|terraform +(?:init|apply|plan|destroy)|aws +[a-z0-9-]+ +[a-z]|docker(?:-compose| compose)? +(?:up|run|build|down)|pip3? +install|make +(?:run|deploy|all|install|up|down|clean)|npm +(?:run|install|start)|cdk +(?:deploy|destroy)|\./[\w./-]+)|[\w/-]+\.(?:sh|py|ps1)\b",
        )
        .ok()?,
        path: Regex::new(r"(?:^|[\s`│├└─*|(])(?:[\w.-]+/[\w./-]*|[\w-]+\.(?:py|sh|tf|md|ya?ml|json|toml|txt|js|ts|ipynb|tfvars|pdf|rs|java|html|ini))\b?").ok()?,
        // Boxes, long arrows, or an arrow between two words; a tree of files has neither.
        drawn: Regex::new(r"[→►▶⟶┌┐┬╔╗]|-{2,}>|={2,}>|[\w)\]}|\x22']\s+->\s+[\w(\[{|\x22']").ok()?,
        // What a line of a program has and a drawing has not.
        code: Regex::new(r"\)\s*(?:->|=>)|=>\s*\{|[;{]\s*$|^\s*(?:def|fn|func|function|class|return|const|let|var|if|for|while|import|from|async|lambda|match|case)\b|\w->\w|^\s*[$#>]\s").ok()?,
        measure: Regex::new(r"(?i)\d[\d.,\u{a0} ]*(?:ms|µs|s|sec|secs|seconds?|secondes?|secondi|minutes?|min|minuti|%|percent|pour cent|per cento|req|rps|requests? per|requêtes? par|richieste al|[kmg]i?b|millis\w+|millièmes)(?:\W|$)|\d[.,]\d|\b(?:0|no|zero|aucune?|nessun\w*|none)\b[\w\s]{0,20}\b(?:fail|error|erreur|échou|errore|fallit)").ok()?,
        address: Regex::new(r"(?:[a-z][a-z0-9+.-]*://|git@|www\.)[^\s<>()\[\]`|]+").ok()?,
        unfinished: Regex::new(r"(?:\.{3,}|…)[\s`*)]*$|\b(?:as|with|par|con|avec|come|comme)(?:\.{3,}|…)").ok()?,
        promised: Regex::new(
            r"(?i)\b(?:will|shall)(?: still)?(?: be)? (?:choose|chosen|compare|decide|pick|select|evaluate|justif|explain)\w*|\bto be (?:chosen|compared|decided|evaluated)\b|\b(?:sera|seront) (?:choisi|compar|décidé|évalué|justifi|expliqu)\w*|\b(?:choisirons|comparerons|déciderons)\b|\b(?:sarà|saranno) (?:scelt|confrontat|decis|valutat|spiegat)\w*|\b(?:sceglieremo|confronteremo|decideremo)\b",
        )
        .ok()?,
        // `FastAPI instead of Flask`, `boto3 a été préféré à Terraform`, `FastAPI e non Flask`: two names, the one first of all.
        against: Regex::new(
            r"^\W*(?:\w+\s+)?(?:[A-Z][\w.+-]*|\w*\d[\w.-]*|`[^`]+`)\W?\s+(?:instead of|rather than|and not|(?:was|were) (?:preferred|chosen) (?:to|over)|plutôt que|au lieu (?:de |d['’])|et non|(?:a|ont) été préférée?s? à|invece di|piuttosto che|anziché|al posto di|e non|(?:è stat[oa]|sono stat[ie]) preferit[oaie] a)\s*(?:the |a |an |la |le |les |l['’]|un |une |il |lo |i |gli )?(?:[A-Z]|\w*\d|`)",
        )
        .ok()?,
        // `AWS publishes that`, `Kubernetes is a system`: facts that hold for every team.
        others: Regex::new(
            r"^\W*(?:AWS|Amazon(?: \w+)?|Kubernetes|Docker|Google|Terraform|Microsoft|Azure|Ansible|CloudFormation|EC2)\s+(?:(?:is|are) (?:an?|the|one|also|known)\b|(?:publishes|offers|provides|states|says|recommends|defines)\b|est (?:une?|le|la|aussi)\b|(?:publie|offre|propose|indique|recommande)\b|è (?:una?|uno|il|la|anche)\b|(?:pubblica|offre|fornisce|dichiara|consiglia)\b)",
        )
        .ok()?,
    })
});

/// What sentences say of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) alternative: bool,
    pub(super) reason: bool,
    /// Something is named that may have been chosen: `boto3`, Flask, the load balancer.
    pub(super) names: bool,
}

impl Told {
    pub(super) fn of(units: &[&Unit]) -> Self {
        let says = |sign: Sign| units.iter().any(|unit| unit.kind != Kind::Code && unit.has(sign));
        let names = units.iter().any(|unit| names_a_thing(unit));
        let alternative = says(Sign::Alternative) || units.iter().any(|unit| sets_one_against_another(unit));
        Self { alternative, reason: says(Sign::Reason), names }
    }

    pub(super) fn is_complete(self) -> bool {
        self.alternative && self.reason && self.names
    }
}

/// Whether a sentence begins with what was taken and goes on with what was not, both by their names.
pub(super) fn sets_one_against_another(unit: &Unit) -> bool {
    unit.kind != Kind::Code && PATTERNS.as_ref().is_some_and(|patterns| patterns.against.is_match(&unit.text))
}

/// How words begin that name what a system is made of, beside its components.
const THINGS: [&str; 34] = [
    "async",
    "bucket",
    "class",
    "conteneur",
    "container",
    "database",
    "fonction",
    "framework",
    "function",
    "funzion",
    "group",
    "gruppo",
    "image",
    "immagin",
    "instance",
    "istanz",
    "librar",
    "machine",
    "macchin",
    "modul",
    "process",
    "protocol",
    "queue",
    "region",
    "request",
    "requete",
    "richiest",
    "script",
    "server",
    "serveur",
    "template",
    "thread",
    "zona",
    "zone",
];

/// Whether a sentence has the name of a thing: a component, a word with a digit, code, a path, or a capital letter where no
/// sentence begins.
fn names_a_thing(unit: &Unit) -> bool {
    let has_capital = |word: &str| {
        let word = word.trim_start_matches(|c: char| !c.is_alphanumeric());
        word.starts_with(char::is_uppercase) && word.chars().filter(|c| c.is_alphanumeric()).count() > 1
    };
    let mut words = unit.text.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric));
    let is_named = words.next().is_some() && words.any(has_capital);
    unit.has(Sign::Component)
        || is_named
        || has_digit(unit)
        || unit.text.contains('`')
        || unit.words.iter().any(|word| THINGS.iter().any(|thing| word.starts_with(thing)))
        || has_path(unit)
}

/// The sentence, the one before it and the two after it, of the same paragraph.
pub(super) fn around<'a>(units: &[&'a Unit], at: usize) -> Vec<&'a Unit> {
    let near = &units[at.saturating_sub(1)..units.len().min(at + 3)];
    near.iter().copied().filter(|unit| unit.block == units[at].block).collect()
}

/// Different phrases of a role.
pub(super) fn different(units: &[&Unit], role: Role) -> usize {
    let mut phrases: Vec<usize> =
        units.iter().flat_map(|unit| &unit.hits).filter(|hit| hit.role == role).map(|hit| hit.phrase).collect();
    phrases.sort_unstable();
    phrases.dedup();
    phrases.len()
}

/// Cues near the sentence that are not words of its own phrase.
pub(super) fn cues_outside(around: &[&Unit], unit: &Unit, part: usize) -> usize {
    let spans: Vec<&Hit> = unit.hits.iter().filter(|hit| hit.role == Role::Text(part)).collect();
    let inside = |cue: &Hit| spans.iter().any(|span| cue.from < span.to && span.from < cue.to);
    let is_cue = |hit: &&Hit| hit.role == Role::Cue(part);
    let own = unit.hits.iter().filter(is_cue).filter(|cue| !inside(cue)).count();
    let others = around.iter().filter(|other| !std::ptr::eq(**other, unit));
    own + others.flat_map(|other| other.hits.iter().filter(is_cue)).count()
}

/// Text without addresses: the name of a repository that is cloned is no path and no command.
fn without_addresses<'t>(text: &'t str, patterns: &Patterns) -> Cow<'t, str> {
    patterns.address.replace_all(text, " ")
}

pub(super) fn is_command(unit: &Unit) -> bool {
    PATTERNS.as_ref().is_some_and(|patterns| patterns.command.is_match(&without_addresses(&unit.text, patterns)))
}

pub(super) fn has_path(unit: &Unit) -> bool {
    PATTERNS.as_ref().is_some_and(|patterns| patterns.path.is_match(&without_addresses(&unit.text, patterns)))
}

pub(super) fn paths(units: &[&Unit]) -> usize {
    let Some(patterns) = PATTERNS.as_ref() else { return 0 };
    units.iter().map(|unit| patterns.path.find_iter(&without_addresses(&unit.text, patterns)).count()).sum()
}

/// Something that was measured: a number with its unit, a fraction, that nothing failed. How many requests were sent is
/// what was done.
pub(super) fn has_measure(unit: &Unit) -> bool {
    PATTERNS.as_ref().is_some_and(|patterns| patterns.measure.is_match(&unit.text))
}

/// A sentence that shows nothing of a part, whatever words are in it: it says that something was not done, puts it off, is
/// not finished, is a task, or only leads elsewhere.
pub(super) fn shows_nothing(unit: &Unit, id: &str) -> bool {
    // What was not done is the very content of these two.
    let may_deny = matches!(id, "issues" | "decisions");
    let denies = !may_deny && (unit.has(Sign::Denial) || puts_off(unit));
    // How to do something is said in the same words as a task.
    let may_tell = matches!(
        id,
        "purpose"
            | "prerequisites"
            | "access"
            | "deployment"
            | "running"
            | "teardown"
            | "configuration"
            | "monitoring"
            | "issues"
    );
    let plans = matches!(id, "results" | "done" | "contributions") && unit.has(Sign::Planned);
    // A decision that is still to be taken is none.
    let promised = |patterns: &Patterns| patterns.promised.is_match(&unit.text);
    let plans = plans || (id == "decisions" && PATTERNS.as_ref().is_some_and(promised));
    // What is used may be said in the words of its makers.
    let is_of_others = !matches!(id, "prerequisites" | "decisions" | "issues" | "access") && is_of_others(unit);
    let asks = is_question(unit) && id != "decisions";
    let is_set = asks || is_prompt(unit) || (!may_tell && is_task(unit));
    denies
        || is_flawless(unit, id)
        || plans
        || is_set
        || is_of_others
        || is_unfinished(unit)
        || refers_elsewhere(unit, id)
}

/// It says that there is no issue, in the words of one: below a heading for issues, or after a word for them, a person looks
/// whether that is all.
pub(super) fn is_flawless(unit: &Unit, id: &str) -> bool {
    let says_it =
        |hit: &Hit| hit.role == Role::Sign(Sign::Flawless) && (unit.words[hit.from] != "any" || is_negated(unit, hit));
    id == "issues" && !goes_on_otherwise(unit) && unit.hits.iter().any(says_it)
}

/// `Not any error`, where no other clause begins between the two: in `no login, so any error is shown` there are errors.
fn is_negated(unit: &Unit, hit: &Hit) -> bool {
    const NOT: [&str; 10] = ["no", "not", "never", "without", "t", "none", "nobody", "cannot", "nor", "free"];
    const CLAUSE: [&str; 5] = ["so", "because", "hence", "thus", "therefore"];
    let word = |at: usize| unit.words.get(at).map_or("", String::as_str);
    let begins = |at: usize| CLAUSE.contains(&word(at)) && word(at + 1) != "far";
    (0..hit.from).rev().take_while(|&at| !begins(at)).any(|at| NOT.contains(&word(at)))
}

/// `No errors, but all is slow`: beside what did not happen stands what is so. `Ma` is the Italian word after a comma alone.
fn goes_on_otherwise(unit: &Unit) -> bool {
    const BUT: [&str; 11] =
        ["but", "however", "except", "mais", "cependant", "toutefois", "sauf", "pero", "tuttavia", "tranne", "salvo"];
    unit.words.iter().skip(1).any(|word| BUT.contains(&word.as_str())) || unit.text.contains(", ma ")
}

/// What somebody else says or makes, with nothing of the team's own beside it: no `we`, no script, no command, no file.
pub(super) fn is_of_others(unit: &Unit) -> bool {
    const OWN: [&str; 26] = [
        "we",
        "our",
        "us",
        "nous",
        "notre",
        "nos",
        "abbiamo",
        "nostro",
        "nostra",
        "nostri",
        "nostre",
        "here",
        "ici",
        "qui",
        "script",
        "scripts",
        "benchmark",
        "benchmarks",
        "cluster",
        "clusters",
        "grappes",
        "programme",
        "programma",
        "nine",
        "neuf",
        "nove",
    ];
    // `the load balancer` is the team's own, `a load balancer` is anybody's; French and Italian say both with an article.
    const THEIRS: [&str; 7] = ["instances", "application", "app", "balancer", "servers", "machines", "stack"];
    const TELLS: [&str; 7] = ["publishes", "states", "says", "publie", "indique", "pubblica", "dichiara"];
    let is_told = unit.words.iter().any(|word| TELLS.contains(&word.as_str()));
    // What its makers publish has their figures; beside the name of a tool, a number is the team's.
    let is_number = |word: &str| !is_told && word.chars().all(|c| c.is_ascii_digit());
    let is_own = |word: &String| OWN.contains(&word.as_str()) || is_number(word);
    let is_the_own = |near: &[String]| near[0] == "the" && near.iter().any(|word| THEIRS.contains(&word.as_str()));
    PATTERNS.as_ref().is_some_and(|patterns| patterns.others.is_match(&unit.text))
        && !unit.words.iter().any(is_own)
        && !(0..unit.words.len()).any(|at| is_the_own(&unit.words[at..unit.words.len().min(at + 4)]))
        && !is_command(unit)
        && !has_path(unit)
}

/// A question by itself; what stands after it in the same item or row answers it.
fn is_question(unit: &Unit) -> bool {
    let text =
        unit.text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '*' | '_' | '"' | '”' | '»' | ')'));
    unit.kind != Kind::Code && text.ends_with('?')
}

/// What a template asks of its author: `Explain which metrics you look at.` A step has its command or its file.
fn is_prompt(unit: &Unit) -> bool {
    // In English a step begins as well with these: `Describe the instances first`.
    const ASKS_IF: [&str; 11] =
        ["give", "list", "describe", "explain", "discuss", "justify", "tell", "say", "state", "summarize", "summarise"];
    const ASKING: [&str; 8] = ["what", "which", "how", "why", "where", "your", "you", "whether"];
    const ASKS: [&str; 21] = [
        "donner",
        "donnez",
        "decrire",
        "decrivez",
        "expliquer",
        "expliquez",
        "lister",
        "listez",
        "enumerer",
        "enumerez",
        "indiquez",
        "presentez",
        "precisez",
        "descrivere",
        "descrivete",
        "spiegare",
        "spiegate",
        "elencare",
        "elencate",
        "indicare",
        "indicate",
    ];
    // `List of the parameters: …` is a list.
    const OF: [&str; 6] = ["of", "de", "des", "du", "di", "dei"];
    let mut words = unit.words.iter().skip_while(|word| word.chars().all(|c| c.is_ascii_digit()));
    let Some(first) = words.next().map(String::as_str) else { return false };
    let asks = || unit.words.iter().any(|word| ASKING.contains(&word.as_str()));
    let begins = ASKS.contains(&first) || (ASKS_IF.contains(&first) && asks());
    let is_list = words.next().is_some_and(|second| OF.contains(&second.as_str()));
    let is_told = unit.is_row || unit.kind == Kind::Code || unit.text.contains('`');
    begins && !is_list && !is_told && !is_command(unit) && !has_path(unit)
}

/// `Later` may stand in any sentence; the other words alone are verbs: `scriveremo`.
fn puts_off(unit: &Unit) -> bool {
    let tells = |hit: &Hit| hit.to - hit.from >= 2 || unit.words[hit.from] != "later";
    unit.hits.iter().any(|hit| hit.role == Role::Sign(Sign::PutOff) && tells(hit))
}

/// `Run the container with the variables as...`: what belongs there is still to be written; `etc...` is an ending.
fn is_unfinished(unit: &Unit) -> bool {
    let ends_so = unit.words.last().is_some_and(|word| word == "etc");
    !ends_so && PATTERNS.as_ref().is_some_and(|patterns| patterns.unfinished.is_match(&unit.text))
}

/// It begins with what is to be done, as assignments do; a row of a table does not.
pub(super) fn is_task(unit: &Unit) -> bool {
    let first = unit.words.iter().position(|word| !word.chars().all(|c| c.is_ascii_digit())).unwrap_or(0);
    let is_first = |hit: &Hit| hit.role == Role::Sign(Sign::Task) && hit.from == first;
    !unit.is_row && unit.kind != Kind::Code && unit.hits.iter().any(is_first)
}

pub(super) fn has_digit(unit: &Unit) -> bool {
    unit.words.iter().any(|word| word.chars().any(|c| c.is_ascii_digit()))
}

/// Whether a block of code is a drawing: by its language, or by boxes and arrows in what no language is named for.
pub(super) fn is_drawing(language: Option<&str>, text: &str) -> bool {
    const DRAWN: [&str; 8] = ["mermaid", "plantuml", "puml", "dot", "graphviz", "d2", "ditaa", "asciiart"];
    const PLAIN: [&str; 5] = ["", "text", "txt", "ascii", "plain"];
    let language = language.unwrap_or_default().trim_matches(['{', '}', '.']).to_lowercase();
    if DRAWN.contains(&language.as_str()) {
        return text.contains("--") || text.lines().filter(|line| !line.trim().is_empty()).count() >= 2;
    }
    PLAIN.contains(&language.as_str()) && text.lines().any(is_drawn)
}

/// A line of a drawing made of letters.
pub(super) fn is_drawn(line: &str) -> bool {
    PATTERNS.as_ref().is_some_and(|patterns| patterns.drawn.is_match(line) && !patterns.code.is_match(line))
}

/// A row of a list or table that is about a file or a folder.
pub(super) fn begins_with_path(unit: &Unit) -> bool {
    let start = unit.text.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '.').len();
    let offset = unit.text.len() - start;
    let found = PATTERNS.as_ref().and_then(|patterns| patterns.path.find(&unit.text));
    found.is_some_and(|found| found.start() <= offset && found.end() > offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_of_a_function_is_no_drawing() {
        for drawn in
            ["client --> balancer", "client -> balancer -> cluster", "┌── api ──┐", "client ──► alb", "a ==> b"]
        {
            assert!(is_drawing(None, drawn), "{drawn}");
        }
        for code in [
            "def f() -> None:",
            "fn main() -> Result<()> {",
            "const f = (x) => {",
            "node->next",
            "items.map(x => x.id)",
            "$ echo a -> b",
            "├── app.py",
            "if a -> b",
            "ls -l",
        ] {
            assert!(!is_drawing(None, code), "{code}");
        }
        assert!(!is_drawing(Some("python"), "# client --> balancer"), "a comment in code");
        assert!(is_drawing(Some("mermaid"), "graph LR\na-->b") && !is_drawing(Some("mermaid"), "\n"));
    }
}

//! What report and README say that can be set beside facts: numbers and types of instances, ports, regions; files that
//! links, figures and commands name.
//!
//! Few and certain ones are worth more than many: what may be read in two ways is no claim.

use std::sync::LazyLock;

use regex::Regex;

use super::document::{Content, Line};
use super::quote;
use stackmark_code::text::folded_words;
use stackmark_evidence::closed::ClaimKind;
use stackmark_evidence::report::Claim;

/// Most claims of one document that are kept.
const MAX_CLAIMS: usize = 500;
/// A longer line is no sentence of a report: each claim would quote it whole.
pub(super) const LONGEST_LINE: usize = 10_000;
/// Words that may stand between a number and the type: `five EC2 instances of type m4.large`.
const BETWEEN: usize = 4;
/// A cluster of more machines than this is no student's.
const MOST_INSTANCES: u64 = 60;

const NUMBERS: [(&str, u64); 33] = [
    ("two", 2),
    ("three", 3),
    ("four", 4),
    ("five", 5),
    ("six", 6),
    ("seven", 7),
    ("eight", 8),
    ("nine", 9),
    ("ten", 10),
    ("eleven", 11),
    ("twelve", 12),
    ("deux", 2),
    ("trois", 3),
    ("quatre", 4),
    ("cinq", 5),
    ("sept", 7),
    ("huit", 8),
    ("neuf", 9),
    ("dix", 10),
    ("onze", 11),
    ("douze", 12),
    ("due", 2),
    ("tre", 3),
    ("quattro", 4),
    ("cinque", 5),
    ("sei", 6),
    ("sette", 7),
    ("otto", 8),
    ("nove", 9),
    ("dieci", 10),
    ("undici", 11),
    ("dodici", 12),
    ("une dizaine", 10),
];

/// Words that stand between a number and a type without making another sentence of it.
const FILLERS: [&str; 24] = [
    "ec2",
    "instances",
    "instance",
    "machines",
    "machine",
    "vms",
    "servers",
    "nodes",
    "workers",
    "of",
    "type",
    "x",
    "the",
    "serveurs",
    "de",
    "noeuds",
    "istanze",
    "macchine",
    "di",
    "tipo",
    "nodi",
    "virtual",
    "aws",
    "t",
];

struct Patterns {
    kind: Regex,
    port: Regex,
    region: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    Some(Patterns {
        kind: Regex::new(r"(?i)\b([a-z]{1,3}\d[a-z]{0,3}\.(?:nano|micro|small|medium|large|metal|\d{0,2}xlarge))\b").ok()?,
        port: Regex::new(r"(?i)\b(?:on|sur le|sulla|al|via|through|the|le|la|tcp)\s+(?:tcp\s+)?(?:port|porta)\s+(\d{2,5})\b").ok()?,
        region: Regex::new(r"\b((?:us|eu|ap|ca|sa|me|af|il)-(?:gov-)?(?:north|south|east|west|central|northeast|northwest|southeast|southwest)-\d)[a-f]?\b").ok()?,
    })
});

/// Adds what the text of `content`, the file at `path`, says of the stack.
pub(super) fn of_the_stack(content: &Content, path: &str, claims: &mut Vec<Claim>) {
    let Some(patterns) = PATTERNS.as_ref() else { return };
    let mut add = |kind: ClaimKind, value: String, count: Option<u64>, line: &Line, around: &str| {
        let claim = Claim {
            kind,
            value,
            count,
            exists: None,
            path: path.to_owned(),
            place: line.place.to_string(),
            quote: quote(around),
        };
        keep(claims, claim);
    };
    for (number, line) in content.lines.iter().enumerate().filter(|(_, line)| line.text.len() <= LONGEST_LINE) {
        // A claim may go on in the next line, and its number may stand in the line before.
        let before = number.checked_sub(1).and_then(|at| content.lines.get(at)).map_or("", |line| line.text.as_str());
        // Digits at the end of a line may belong to anything, as in a table of a PDF.
        let before = if before.trim_end().ends_with(|c: char| c.is_ascii_digit()) { "" } else { before };
        for found in patterns.kind.find_iter(&line.text) {
            let value = found.as_str().to_lowercase();
            let ahead = format!("{before} {}", &line.text[..found.start()]);
            match count_before(&ahead) {
                Some(count) => add(ClaimKind::Instances, value, Some(count), line, &line.text),
                None => add(ClaimKind::InstanceType, value, None, line, &line.text),
            }
        }
        for found in patterns.port.captures_iter(&line.text) {
            if found[1].parse::<u16>().is_ok_and(|port| port > 0) {
                add(ClaimKind::Port, found[1].to_owned(), None, line, &line.text);
            }
        }
        for found in patterns.region.captures_iter(&line.text) {
            add(ClaimKind::Region, found[1].to_owned(), None, line, &line.text);
        }
    }
}

/// The number of instances at the end of a text: `we start five EC2 instances of type`.
fn count_before(text: &str) -> Option<u64> {
    let cut = text.len().saturating_sub(120);
    let tail = &text[(cut..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(text.len())..];
    // `3.5 m4.large`, `t2.large, m4.large` and a new sentence are no number of this.
    let tail = tail.rsplit([',', ';', '.', ':', '(', ')', '|', '/', '+']).next().unwrap_or_default();
    let words = folded_words(&tail.replace(['×', '*'], " x "));
    let at = words.iter().rposition(|word| !FILLERS.contains(&word.as_str()))?;
    if words.len() - at > BETWEEN + 1 {
        return None;
    }
    let number =
        words[at].parse().ok().or_else(|| NUMBERS.iter().find(|(word, _)| *word == words[at]).map(|(_, n)| *n))?;
    // `four or five`, `between 2 and 5`, `up to 5`, `4 to 5`, `t2 large 5`.
    let vague = [
        "or", "to", "ou", "a", "o", "between", "entre", "tra", "than", "least", "most", "moins", "plus", "almeno",
        "and", "cluster", "instance", "istanza", "node", "type", "group", "table", "figure", "lab", "tp", "step",
    ];
    let before = at.checked_sub(1).and_then(|before| words.get(before));
    (!before.is_some_and(|word| vague.contains(&word.as_str())) && (2..=MOST_INSTANCES).contains(&number))
        .then_some(number)
}

/// Adds a claim that is not there yet.
pub(super) fn keep(claims: &mut Vec<Claim>, claim: Claim) {
    let same = |known: &Claim| {
        (known.kind, &known.value, known.count, &known.path) == (claim.kind, &claim.value, claim.count, &claim.path)
    };
    if claims.len() < MAX_CLAIMS && !claims.iter().any(same) {
        claims.push(claim);
    }
}

#[cfg(test)]
mod tests {
    use super::super::document;
    use super::*;

    fn claimed(text: &str) -> Vec<String> {
        let mut claims = Vec::new();
        of_the_stack(&document::markdown(text), "report.md", &mut claims);
        claims
            .into_iter()
            .map(|it| format!("{} {}{}", it.kind, it.count.map(|n| format!("{n} ")).unwrap_or_default(), it.value))
            .collect()
    }

    #[test]
    fn numbers_of_instances_are_read_in_three_languages() {
        for text in [
            "We start five m4.large.",
            "5 x m4.large",
            "5× M4.large",
            "cinq instances EC2 de type m4.large",
            "cinque istanze di tipo\nm4.large",
            "Cluster 1 has 5 EC2 instances of type `m4.large`.",
        ] {
            assert_eq!(claimed(text), ["instances 5 m4.large"], "{text}");
        }
    }

    #[test]
    fn what_may_be_read_in_two_ways_is_no_number() {
        for text in [
            "four or five m4.large",
            "at least 5 m4.large",
            "m4.large",
            "cluster 1 m4.large",
            "1000 requests to m4.large",
            "in 2023 m4.large",
            "the price is 5.2, m4.large",
            "Compute: instance 3 m4.large",
            "0.43\nm4.large 12.5",
        ] {
            assert_eq!(claimed(text), ["instance-type m4.large"], "{text}");
        }
    }

    #[test]
    fn ports_and_regions_are_read() {
        assert_eq!(claimed("It listens on port 80 in us-east-1a."), ["port 80", "region us-east-1"]);
        assert_eq!(claimed("Le serveur répond sur le port 8000."), ["port 8000"]);
        assert_eq!(claimed("Portable 80, export 443, version us-1."), [""; 0]);
    }
}

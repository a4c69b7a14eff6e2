//! Annotations for GitHub Actions, and the page of a step's summary.

use super::escape::clean;
use super::told::{self, State, Told};
use stackmark_evidence::points::Points;
use stackmark_judge::Scorecard;

/// Annotations of one kind that a step shows; what is more stands in its log alone.
const MOST: usize = 10;

/// Bytes of a summary above which its upload fails, with some room.
const LONGEST: usize = 1_000 * 1_024;

/// Workflow commands, a line each: points lost as errors, the most first, what could not be read as warnings, what waits
/// for a person as notices, and a notice with the mark. No finding is left out: those that a step does not show come last,
/// and are counted with the mark.
pub fn annotations(card: &Scorecard) -> String {
    let items = told::items(card);
    let mut lost: Vec<&Told<'_>> = items.iter().filter(|item| item.state == State::Lost).collect();
    lost.sort_by_key(|item| std::cmp::Reverse(item.mark.lost()));
    let of_state = |state: State| items.iter().filter(move |item| item.state == state);
    let deductions = card.adjustments.iter().filter(|it| it.points < Points::ZERO);
    let errors = deductions
        .map(|it| line("error", &format!("Deduction ({})", it.points), &clean(&it.reason)))
        .chain(lost.into_iter().map(|item| finding("error", item)));
    let warnings = of_state(State::Undetermined).map(|item| finding("warning", item));
    let notices = of_state(State::Manual).map(|item| finding("notice", item));
    let kinds: [(Vec<String>, usize); 3] =
        [(errors.collect(), MOST), (warnings.collect(), MOST), (notices.collect(), MOST - 1)];
    let (mut shown, mut others) = (String::new(), Vec::new());
    for (lines, most) in kinds {
        for (at, text) in lines.into_iter().enumerate() {
            if at < most { shown.push_str(&text) } else { others.push(text) }
        }
    }
    let more = match others.len() {
        0 => String::new(),
        1 => "; 1 more finding is in the log".to_owned(),
        left => format!("; {left} more findings are in the log"),
    };
    let mark = line("notice", "Stackmark", &format!("{}{more}", told::total(card)));
    shown + &mark + &others.concat()
}

fn finding(command: &str, item: &Told<'_>) -> String {
    let points = if item.mark.of == Points::whole(1) { "point" } else { "points" };
    line(command, &format!("{} ({} {points})", item.title, item.mark), &item.message())
}

/// One command. What follows it is escaped, so that no text of a team's begins a line.
fn line(command: &str, title: &str, message: &str) -> String {
    format!("::{command} title={}::{}\n", property(title), data(message))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The report as a summary's page, cut by sections where it is too long to be uploaded.
pub fn summary(report: &str) -> String {
    if report.len() <= LONGEST {
        return report.to_owned();
    }
    let mut kept = String::new();
    for (at, section) in report.split("\n## ").enumerate() {
        let section = if at == 0 { section.to_owned() } else { format!("\n## {section}") };
        if kept.len() + section.len() > LONGEST {
            break;
        }
        kept.push_str(&section);
    }
    kept.push_str(
        "\n\nThe rest of the report is too long for a summary: `stackmark check --format report` prints it.\n",
    );
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_ends_its_line_or_its_property() {
        assert_eq!(
            line("error", "a: b, c", "100 %\n::set-output name=x::y\r"),
            "::error title=a%3A b%2C c::100 %25%0A::set-output name=x::y%0D\n"
        );
    }

    #[test]
    fn a_summary_is_cut_between_sections() {
        let report = format!("# Report\n\n## One\n{}\n## Two\n{}\n", "x".repeat(600_000), "y".repeat(600_000));
        let cut = summary(&report);
        assert!(cut.len() < 1_024 * 1_024 && cut.contains("## One") && !cut.contains("## Two"), "{}", cut.len());
        assert_eq!(summary("# Report\n"), "# Report\n");
    }
}

//! `class.csv`: a line a team, for a spreadsheet.

use super::summary::Summary;
use super::whole::Class;
use crate::escape::clean;

/// A cell: quoted where it has to be, and never a formula. What begins with `=`, `+`, `-`, `@`, a tab or a line end is run by
/// spreadsheets; an apostrophe before it makes it text.
pub fn cell(text: &str) -> String {
    let runs =
        text.trim_start_matches([' ', '"', '\'', '\u{feff}']).starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    // Full-width signs are taken for the others in some languages.
    let runs = runs || text.starts_with(['＝', '＋', '－', '＠']);
    // What a terminal or an editor would obey goes, as everywhere; a cell is one line.
    let text = clean(text);
    let text = if runs { format!("'{text}") } else { text };
    if text.contains([',', ';', '"', '\n', '\r', '\t']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

/// The table, with a heading. Headings are keys and numbers are written in the way of programs, whatever the class's language:
/// a spreadsheet or a script of last year's class reads this year's. What is to be read by people, `look_at`, is in the
/// language that the class speaks.
pub fn csv(class: &Class) -> String {
    let criteria = class.criteria();
    let mut heading: Vec<String> =
        ["team", "name", "standing", "low", "high", "of", "open_items"].map(str::to_owned).into();
    for (id, _) in &criteria {
        heading.extend([cell(&format!("{id}_low")), cell(&format!("{id}_high"))]);
    }
    heading.extend(
        [
            "adjusted",
            "late_commits",
            "nobodys_share",
            "members",
            "commit",
            "collected_at",
            "rubric",
            "evidence_sha256",
            "look_at",
        ]
        .map(str::to_owned),
    );
    let mut text = heading.join(",") + "\n";
    for team in &class.teams {
        text.push_str(&line(class, team, &criteria).join(","));
        text.push('\n');
    }
    text
}

fn line(class: &Class, team: &Summary, criteria: &[(String, Option<String>)]) -> Vec<String> {
    let number = |value: Option<String>| value.unwrap_or_default();
    let mut cells = vec![
        cell(&team.team),
        cell(team.name.as_deref().unwrap_or_default()),
        team.standing.as_str().to_owned(),
        number(team.mark.map(|mark| mark.low.to_string())),
        number(team.mark.map(|mark| mark.high.to_string())),
        number(team.mark.map(|mark| mark.of.to_string())),
        number(team.mark.map(|mark| mark.open.to_string())),
    ];
    for (id, _) in criteria {
        let mark = team.criteria.iter().find(|criterion| criterion.id == *id).map(|criterion| criterion.mark);
        cells.push(number(mark.map(|mark| mark.low.to_string())));
        cells.push(number(mark.map(|mark| mark.high.to_string())));
    }
    let judged = team.mark.is_some();
    let members: Vec<String> =
        team.members.iter().map(|member| format!("{} {:.0}%", member.name, member.share * 100.0)).collect();
    cells.extend([
        if judged { team.adjusted.to_string() } else { String::new() },
        if judged { team.late.to_string() } else { String::new() },
        if judged { format!("{:.3}", team.nobody) } else { String::new() },
        cell(&members.join("; ")),
        team.commit.clone().unwrap_or_default(),
        team.collected_at.clone().unwrap_or_default(),
        cell(&class.rubric.id),
        team.evidence_sha256.clone().unwrap_or_default(),
        cell(&team.told()),
    ]);
    cells
}

#[cfg(test)]
mod tests {
    use super::cell;

    #[test]
    fn no_cell_is_a_formula() {
        for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\"=1", "＝1", "\u{feff}=1"] {
            let cell = cell(text);
            assert!(cell.trim_start_matches('"').starts_with('\''), "{text:?} became {cell:?}");
        }
        assert_eq!(cell("=HYPERLINK(\"http://x\",\"y\")"), "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
    }

    #[test]
    fn what_would_end_a_cell_is_quoted() {
        for (text, written) in
            [("plain", "plain"), ("a,b", "\"a,b\""), ("a \"b\"", "\"a \"\"b\"\"\""), ("a\nb", "a b"), ("", "")]
        {
            assert_eq!(cell(text), written);
        }
    }
}

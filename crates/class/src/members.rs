//! Each member's own mark, where the rubric's `[members]` allows a factor: a page a person, and no page shows another one.
//!
//! Factors come from `factors.csv` in the results folder, as TEAMMATES or CATME gave them, each approved by a person. What git's
//! shares suggest is written into `factors-suggested.csv` and counts nowhere: a share of lines is no share of a mark.

use serde::{Deserialize, Serialize};
use stackmark_course::Rubric;
use stackmark_course::members::Members;
use stackmark_evidence::points::Points;
use stackmark_evidence::{Evidence, Member, MembersFrom};
use stackmark_judge::Scorecard;
use stackmark_judge::scorecard::Mark;
use stackmark_render::{Templates, class::cell};

use crate::failure::Failure;
use crate::store::{self, Results};
use crate::stored::read_evidence;
use crate::voice::Voice;

/// The file of approved factors, in the results folder.
pub const FACTORS: &str = "factors.csv";
/// What git's shares suggest.
pub const SUGGESTED: &str = "factors-suggested.csv";

/// A row of `factors.csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct Factor {
    /// Its line, from 1.
    pub line: usize,
    /// The team's id.
    pub team: String,
    /// A name, an address, a login or an id.
    pub member: String,
    /// Each of these that the row has, the one above first.
    pub called: Vec<String>,
    /// As given, before the bounds.
    pub factor: f64,
    /// Who approved it; empty counts for nothing.
    pub approved_by: String,
    /// Why.
    pub reason: String,
}

/// One member's own mark: `members/<id>.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OwnMark {
    /// The team's id.
    pub team: String,
    /// The member's id.
    pub member: String,
    /// The member's name.
    pub name: String,
    /// The team's mark.
    pub of_team: Mark,
    /// What it is multiplied with; 1 where nothing was approved.
    pub factor: f64,
    /// Who approved it.
    pub approved_by: Option<String>,
    /// Why.
    pub reason: Option<String>,
    /// The member's mark.
    pub mark: Mark,
}

/// Names that TEAMMATES, CATME and people give the columns.
const COLUMNS: [(&str, &[&str]); 5] = [
    ("team", &["team", "team id", "team name", "group"]),
    ("member", &["member", "name", "student", "student name", "recipient", "email", "login", "id", "student id"]),
    (
        "factor",
        &[
            "factor",
            "adj factor (w/ self)",
            "adj factor (w/o self)",
            "adjustment factor",
            "adj factor",
            "pc",
            "perceived contribution",
        ],
    ),
    ("approved_by", &["approved_by", "approved by"]),
    ("reason", &["reason", "comment", "note", "notes"]),
];

/// Reads the factors of a results folder; none where there is no such file.
///
/// # Errors
/// A column that is missing, or factors that are no number; the message names their lines.
pub fn read(results: &Results) -> Result<Vec<Factor>, Failure> {
    let path = results.root().join(FACTORS);
    if !path.is_file() {
        return Ok(Vec::new());
    }
    let text = store::read(&path)?;
    parse(&text).map_err(|why| Failure::course(format!("{}: {why}", path.display())))
}

fn parse(text: &str) -> Result<Vec<Factor>, String> {
    let mut rows = rows(text.trim_start_matches('\u{feff}')).into_iter();
    let Some((_, heading)) = rows.next() else { return Ok(Vec::new()) };
    let heading: Vec<String> = heading.iter().map(|name| name.trim().to_lowercase()).collect();
    let column = |wanted: &str| column(&heading, wanted);
    let required = |wanted: &str| column(wanted).ok_or_else(|| format!("no column `{wanted}`: add it"));
    let (team, _, factor) = (required("team")?, required("member")?, required("factor")?);
    let people = columns(&heading, "member");
    let approved = required("approved_by")?;
    let reason = column("reason");
    let (mut factors, mut wrong) = (Vec::new(), Vec::new());
    for (line, cells) in rows {
        let text = |at: usize| cells.get(at).map(|cell| cell.trim().to_owned()).unwrap_or_default();
        let written = text(factor);
        let Some(number) = number(&written) else {
            wrong.push(format!("line {line}: `{written}` is no factor, write 0.9 or 1.1"));
            continue;
        };
        let Some(number) = number else { continue };
        let called: Vec<String> = people.iter().map(|at| text(*at)).filter(|name| !name.is_empty()).collect();
        factors.push(Factor {
            line,
            team: text(team),
            member: called.first().cloned().unwrap_or_default(),
            called,
            factor: number,
            approved_by: text(approved),
            reason: reason.map(text).unwrap_or_default(),
        });
    }
    if wrong.is_empty() { Ok(factors) } else { Err(wrong.join("; ")) }
}

/// A factor: `1.1`, `1,1`, `110%`, or as TEAMMATES has it, `Equal Share + 10%`; `Some(None)` where the cell says nothing.
fn number(written: &str) -> Option<Option<f64>> {
    let plain: String = written.to_lowercase().replace(',', ".").replace('\u{2212}', "-");
    let plain: String = plain.chars().filter(|character| !character.is_whitespace()).collect();
    if ["", "notsure", "n/a"].contains(&plain.as_str()) {
        return Some(None);
    }
    let percent = |text: &str| Some(text.strip_suffix('%')?.parse::<f64>().ok()? / 100.0);
    let number = match plain.strip_prefix("equalshare") {
        Some("") => 1.0,
        Some(more) => 1.0 + percent(more)?,
        None => percent(&plain).or_else(|| plain.parse().ok())?,
    };
    (number.is_finite() && number >= 0.0).then_some(Some(number))
}

/// Before a class is judged: factors that cannot be read stop it once, and rows of no team are told.
///
/// # Errors
/// As [`read`].
pub(crate) fn check(results: &Results, rubric: &Rubric, teams: &[&str], voice: &dyn Voice) -> Result<(), Failure> {
    if rubric.members.is_none() {
        return Ok(());
    }
    let factors = read(results)?;
    if results.shard().is_some() {
        // The file is of the whole class.
        return Ok(());
    }
    let of_none = |names: &[String], factor: &&Factor| !names.contains(&key(&factor.team));
    let ids: Vec<String> = teams.iter().map(|id| key(id)).collect();
    let mut unknown: Vec<&Factor> = factors.iter().filter(|factor| of_none(&ids, factor)).collect();
    if !unknown.is_empty() {
        let name = |id: &&str| Some(key(&read_evidence(results, id).ok()?.evidence.team.name?));
        let names: Vec<String> = teams.iter().filter_map(name).collect();
        unknown.retain(|factor| of_none(&names, factor));
    }
    for factor in unknown {
        voice.note(&format!("{FACTORS} line {}: no team \"{}\" here; write a team's id", factor.line, factor.team));
    }
    Ok(())
}

/// A team's id or name as people write it: `Team 07` is `team-07`.
fn key(text: &str) -> String {
    let words: Vec<String> = text
        .split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.join("-")
}

/// Where a heading in lower case has the column.
fn column(heading: &[String], wanted: &str) -> Option<usize> {
    columns(heading, wanted).first().copied()
}

/// The same for each of its names, in their order: a column for people comes before one for numbers.
fn columns(heading: &[String], wanted: &str) -> Vec<usize> {
    let names = COLUMNS.iter().find(|(column, _)| *column == wanted).map_or(&[][..], |(_, names)| *names);
    names.iter().filter_map(|name| heading.iter().position(|column| column == name)).collect()
}

fn separator(heading: &str) -> char {
    if heading.contains(';') && !heading.contains(',') { ';' } else { ',' }
}

/// A class's CSV text, changed but for the cells that hold the id of a team.
pub(crate) fn but_teams(text: &str, is_team: impl Fn(&str) -> bool, change: impl Fn(&str) -> String) -> String {
    let first = text.trim_start_matches('\u{feff}').lines().next().unwrap_or_default();
    let separator = separator(first);
    let heading: Vec<String> =
        first.split(separator).map(|name| name.trim().trim_matches('"').to_lowercase()).collect();
    let Some(at) = column(&heading, "team") else { return change(text) };
    let of_line = |line: &str| {
        let mut quoted = false;
        let begins: Vec<usize> = std::iter::once(0)
            .chain(line.char_indices().filter_map(|(place, character)| {
                quoted ^= character == '"';
                (character == separator && !quoted).then_some(place + 1)
            }))
            .collect();
        let begin = begins.get(at).copied().unwrap_or(line.len());
        let end = begins.get(at + 1).map_or(line.trim_end().len().max(begin), |next| next - 1);
        let cell = &line[begin..end];
        if is_team(cell.trim().trim_matches('"')) {
            format!("{}{cell}{}", change(&line[..begin]), change(&line[end..]))
        } else {
            change(line)
        }
    };
    text.split_inclusive('\n').map(of_line).collect()
}

/// Rows of a CSV text with their lines, empty ones left out; quotes as RFC 4180 has them, `;` if the heading has no comma.
fn rows(text: &str) -> Vec<(usize, Vec<String>)> {
    let separator = separator(text.lines().next().unwrap_or_default());
    let (mut rows, mut cells, mut cell) = (Vec::new(), Vec::new(), String::new());
    let (mut quoted, mut line, mut begun) = (false, 1, 1);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        line += usize::from(character == '\n');
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            '"' if quoted || cell.is_empty() => quoted = !quoted,
            '\n' if !quoted => {
                cells.push(std::mem::take(&mut cell));
                rows.push((begun, std::mem::take(&mut cells)));
                begun = line;
            }
            '\r' if !quoted => {}
            other if other == separator && !quoted => cells.push(std::mem::take(&mut cell)),
            other => cell.push(other),
        }
    }
    if !cell.is_empty() || !cells.is_empty() {
        cells.push(cell);
        rows.push((begun, cells));
    }
    rows.retain(|(_, cells)| cells.iter().any(|cell| !cell.trim().is_empty()));
    rows
}

/// Whose a row is, by each of the names in it; `None` unless they are one member's alone.
fn member_of<'e>(evidence: &'e Evidence, called: &[String]) -> Option<&'e Member> {
    let mut found = called.iter().filter_map(|named| member_called(evidence, named));
    let first = found.next()?;
    found.all(|other| other.id == first.id).then_some(first)
}

/// Whose an id, a name, an address or a login is, whatever its case; `Costa, Rui` is `Rui Costa`.
fn member_called<'e>(evidence: &'e Evidence, named: &str) -> Option<&'e Member> {
    let wanted = match named.split_once(',') {
        Some((last, first)) => format!("{} {}", first.trim(), last.trim()).to_lowercase(),
        None => named.to_lowercase(),
    };
    let is = |text: &str| text.to_lowercase() == wanted;
    let matches = |member: &&Member| {
        is(&member.id)
            || is(&member.name)
            || member.login.as_deref().is_some_and(is)
            || member.emails.iter().chain(&member.aliases).any(|text| is(text))
    };
    let mut found = evidence.team.members.iter().filter(matches);
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

fn is_of(factor: &Factor, evidence: &Evidence) -> bool {
    let team = key(&factor.team);
    team == key(&evidence.team.id) || evidence.team.name.as_deref().is_some_and(|name| key(name) == team)
}

/// Writes a page and a file for each member; without an approved factor the member's mark is the team's.
///
/// # Errors
/// A file that cannot be written, or a factor that nobody can be given.
pub(crate) fn write(
    results: &Results,
    bounds: &Members,
    card: &Scorecard,
    evidence: &Evidence,
    templates: &Templates,
    voice: &dyn Voice,
) -> Result<(), Failure> {
    if evidence.team.members_from != MembersFrom::Roster {
        return Ok(());
    }
    let factors: Vec<Factor> = read(results)?.into_iter().filter(|factor| is_of(factor, evidence)).collect();
    let mut told: Vec<(&Member, &Factor)> = Vec::new();
    for factor in &factors {
        let place = format!("{FACTORS} line {}", factor.line);
        match member_of(evidence, &factor.called) {
            Some(member) if factor.approved_by.is_empty() => {
                voice.note(&format!("{place}: the factor of {} has no `approved_by` and does not count", member.name));
            }
            Some(member) if told.iter().any(|(known, _)| known.id == member.id) => {
                return Err(Failure::course(format!("{place}: {} has two factors; keep one", member.name)));
            }
            Some(member) => told.push((member, factor)),
            None => voice.note(&format!("{place}: team {} has no member \"{}\"", card.team, factor.member)),
        }
    }
    for member in &evidence.team.members {
        let factor = told.iter().find(|(known, _)| known.id == member.id).map(|(_, factor)| *factor);
        let own = own_mark(bounds, card, member, factor);
        let text = page(&own, factor, bounds, card, evidence, templates)?;
        let file = |ending: &str| results.team(&card.team, "members").join(format!("{}.{ending}", member.id));
        store::write(&file("json"), &format!("{}\n", serde_json::to_string_pretty(&own)?))?;
        store::write(&file("md"), &text)?;
    }
    Ok(())
}

/// A team's mark times a member's factor.
pub(crate) fn times(mark: Mark, factor: f64) -> Mark {
    let moved = |points: Points| {
        let moved = Points::from_hundredths((points.hundredths() as f64 * factor).round() as i64);
        moved.clamp(Points::ZERO, mark.of)
    };
    Mark { low: moved(mark.low), high: moved(mark.high), ..mark }
}

fn own_mark(bounds: &Members, card: &Scorecard, member: &Member, factor: Option<&Factor>) -> OwnMark {
    let value = factor.map_or(1.0, |factor| bounds.bounded(factor.factor));
    OwnMark {
        team: card.team.clone(),
        member: member.id.clone(),
        name: member.name.clone(),
        of_team: card.mark,
        factor: value,
        approved_by: factor.map(|factor| factor.approved_by.clone()),
        reason: factor.map(|factor| factor.reason.clone()).filter(|reason| !reason.is_empty()),
        mark: times(card.mark, value),
    }
}

/// The page of one person: what is theirs, and nothing of the others.
fn page(
    own: &OwnMark,
    factor: Option<&Factor>,
    bounds: &Members,
    card: &Scorecard,
    evidence: &Evidence,
    templates: &Templates,
) -> Result<String, Failure> {
    #[derive(Serialize)]
    struct View<'a> {
        own: &'a OwnMark,
        rubric: &'a str,
        /// The factor as it was given, if the bounds changed it.
        given: Option<f64>,
        commits: u64,
        co_authored: u64,
        active_days: u64,
    }
    let shares = evidence.git.contribution.value();
    let share = shares.and_then(|shares| shares.members.iter().find(|share| share.member == own.member));
    let view = View {
        own,
        rubric: &card.rubric.title,
        given: factor.map(|factor| factor.factor).filter(|given| (bounds.bounded(*given) - given).abs() > 1e-9),
        commits: share.map_or(0, |share| share.commits),
        co_authored: share.map_or(0, |share| share.co_authored),
        active_days: share.map_or(0, |share| share.active_days),
    };
    templates.render("member.md.j2", &card.rubric.language, &view).map_err(Failure::unexpected)
}

/// What the shares of git suggest, for whoever decides: a member's share beside an equal one, within the bounds.
pub(crate) fn suggested(bounds: &Members, teams: &[(String, Vec<(String, f64)>)]) -> String {
    let mut text = "team,member,factor,approved_by,reason\n".to_owned();
    for (team, members) in teams {
        for (name, share) in members {
            let factor = bounds.bounded(share * members.len() as f64);
            let reason = format!("git: {:.0}% of the work", share * 100.0);
            text.push_str(&format!("{},{},{factor:.2},,{}\n", cell(team), cell(name), cell(&reason)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use stackmark_evidence::{Team, Tool};

    #[test]
    fn factors_are_read_as_people_and_programs_write_them() {
        let text = "\u{feff}Team;Student Name;Adj Factor (w/ Self);Approved by\r\nt;\"Bo \"\"B\"\" Stone\";0,9;Prof\r\n;;;\r\n";
        let read = parse(text).unwrap();
        assert_eq!(read.len(), 1);
        assert_eq!((read[0].member.as_str(), read[0].line), ("Bo \"B\" Stone", 2));
        assert!((read[0].factor - 0.9).abs() < 1e-9);
        assert!(parse("team,member,factor\nt,a,1\n").unwrap_err().contains("approved_by"));
        let wrong = parse("team,member,factor,approved_by\nt,a,good,P\nt,b,1,P\nt,c,1.l,P\n").unwrap_err();
        assert!(wrong.contains("line 2: `good`") && wrong.contains("line 4: `1.l`"), "{wrong}");
    }

    #[test]
    fn factors_are_read_as_teammates_and_catme_give_them() {
        let teammates = "Team,Name,Email,CC,PC,Ratings Received,approved_by\n\
                         Team 07,Ada Rivers,ada@x.example,Equal Share + 10%,Equal Share + 5%,Equal Share,Not Sure,P\n\
                         Team 07,Ben Okafor,ben@x.example,Equal Share,Equal Share - 20%,Not Sure,P\n\
                         Team 07,Cleo Day,cleo@x.example,Equal Share,Not Sure,Not Sure,P\n";
        let read = parse(teammates).unwrap();
        let factors: Vec<i64> = read.iter().map(|factor| (factor.factor * 100.0).round() as i64).collect();
        assert_eq!(factors, [105, 80]);
        assert_eq!(read[0].called, ["Ada Rivers", "ada@x.example"]);
        assert_eq!(key(&read[0].team), "team-07");
        for (written, expected) in [
            ("1.1", Some(Some(1.1))),
            ("1,1", Some(Some(1.1))),
            ("110%", Some(Some(1.1))),
            ("Equal Share", Some(Some(1.0))),
            ("", Some(None)),
            ("N/A", Some(None)),
            ("1.l", None),
            ("nan", None),
            ("-1", None),
            ("Equal Share + much", None),
        ] {
            assert_eq!(number(written), expected, "{written}");
        }

        let catme =
            "Team ID,Student Name,Email,Adj Factor (w/ Self),approved_by\nt,\"Costa, Rui\",u19@x.example,1.02,P\n";
        let rui = json!({ "id": "rui-costa", "name": "Rui Costa", "emails": ["u19@x.example"], "aliases": [] });
        let sam = json!({ "id": "sam-reed", "name": "Sam Reed", "emails": ["u20@x.example"], "aliases": [] });
        let tool = Tool { name: "stackmark".to_owned(), version: "0".to_owned() };
        let mut evidence = Evidence::unread(tool, "2026-11-14T10:00:00Z".to_owned(), Team::of_roster("t"));
        evidence.team.members = [rui, sam].map(|member| serde_json::from_value(member).unwrap()).into();
        let row = &parse(catme).unwrap()[0];
        let id = |called: &[&str]| {
            let called: Vec<String> = called.iter().map(|name| (*name).to_owned()).collect();
            member_of(&evidence, &called).map(|member| member.id.as_str())
        };
        assert_eq!(member_of(&evidence, &row.called).map(|member| member.id.as_str()), Some("rui-costa"));
        assert_eq!(id(&["Costa Rui", "U19@x.example"]), Some("rui-costa"));
        assert_eq!(id(&["Costa, Rui", "u20@x.example"]), None, "two people in one row");
    }

    #[test]
    fn cells_of_teams_stay_where_a_file_is_changed() {
        let change = |text: &str| text.replace("ada", "nobody");
        for (text, expected) in [
            ("team,member\nada,ada\nb,ada\n", "team,member\nada,nobody\nb,nobody\n"),
            ("Name;Team ID\n\"ada; x\";ada\r\n", "Name;Team ID\n\"nobody; x\";ada\r\n"),
            ("member\nada\n", "member\nnobody\n"),
            ("member,team\nada\nada,ada", "member,team\nnobody\nnobody,ada"),
        ] {
            assert_eq!(but_teams(text, |cell| cell == "ada", change), expected);
        }
    }

    #[test]
    fn a_suggestion_is_bounded_and_approves_nothing() {
        let teams = [("t".to_owned(), vec![("Ada".to_owned(), 0.9), ("Bo".to_owned(), 0.1)])];
        let text = suggested(&Members { lowest: 0.8, highest: 1.2 }, &teams);
        assert_eq!(
            text,
            "team,member,factor,approved_by,reason\nt,Ada,1.20,,git: 90% of the work\nt,Bo,0.80,,git: 10% of the work\n"
        );
    }
}

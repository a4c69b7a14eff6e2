//! The marks into the files that learning platforms exported: each cell that is not ours stays as it was.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;

use stackmark_evidence::points::Points;
use stackmark_judge::Scorecard;
use stackmark_judge::scorecard::Mark;
use stackmark_render::json;

use crate::support::history::{History, START};
use crate::support::sample;

/// How a run ended.
struct Ended {
    code: i32,
    shown: String,
    said: String,
}

fn stackmark(folder: &Path, arguments: &[&str]) -> Ended {
    let output = assert_cmd::Command::cargo_bin("stackmark")
        .unwrap()
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .timeout(std::time::Duration::from_secs(300))
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code().unwrap_or(-1), shown: text(output.stdout), said: text(output.stderr) }
}

fn sample_file(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/samples/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

const ROSTER: &str = r#"
[[team]]
id = "team-07"
repository = "https://git.example.org/team-07"
  [[team.member]]
  name = "Ada Rivers"
  emails = ["ada@example.org"]
  sis_id = "S0001"
  [[team.member]]
  name = "Ben Okafor"
  emails = ["ben@example.org"]
  lms_login = "bokafor"

[[team]]
id = "team-08"
repository = "https://git.example.org/team-08"
  [[team.member]]
  name = "Carla Núñez"
  emails = ["carla@example.org"]
"#;

/// A class with results, in a folder of its own.
struct Class(tempfile::TempDir);

impl Class {
    /// Two teams of which the second's mark is certain; `low` and `high` are the first's, in hundredths.
    fn new(low: i64, high: i64) -> Self {
        let class = Self(tempfile::tempdir().unwrap());
        std::fs::write(class.0.path().join("roster.toml"), ROSTER).unwrap();
        class.mark("team-07", low, high);
        class.mark("team-08", 5000, 5000);
        class
    }

    fn mark(&self, team: &str, low: i64, high: i64) {
        let [low, high] = [low, high].map(Points::from_hundredths);
        let mut card = sample::scorecard("en");
        card.team = team.to_owned();
        card.overrides_sha256 = None;
        card.adjustments.clear();
        card.mark = Mark { low, high, of: Points::whole(100), open: if low == high { 0 } else { 2 } };
        let folder = self.0.path().join("results/teams").join(team);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("scorecard.json"), json::scorecard(&card)).unwrap();
    }

    /// Fills a file; what is written, if anything is.
    fn fill(&self, name: &str, bytes: &[u8], arguments: &[&str]) -> (Ended, Option<Vec<u8>>) {
        std::fs::write(self.0.path().join(name), bytes).unwrap();
        let out = self.0.path().join("filled");
        let _ = std::fs::remove_file(&out);
        let ended = stackmark(self.0.path(), &[&["gradebook", "fill", name, "--out", "filled"], arguments].concat());
        assert_eq!(std::fs::read(self.0.path().join(name)).unwrap(), bytes, "the export is read only");
        (ended, std::fs::read(out).ok())
    }
}

fn text(bytes: &Option<Vec<u8>>) -> String {
    String::from_utf8(bytes.clone().unwrap()).unwrap()
}

/// Canvas' importer, as far as it reads a file: the titles of its assignments, and id and cell of each student.
fn canvas_import(text: &str) -> (Vec<String>, Vec<(String, String)>) {
    let rows: Vec<Vec<String>> =
        text.lines().map(cells).filter(|row| row.iter().any(|cell| !cell.is_empty())).collect();
    let head = &rows[0];
    assert!(head[0].contains("Student") && head[1] == "ID", "invalid header row: {head:?}");
    let mut columns = 3;
    if head[2].contains("SIS User ID") && head[3].contains("SIS Login ID") {
        columns = 5;
    } else if head[2].contains("SIS Login ID") {
        columns = 4;
    }
    assert!(head[columns - 1].contains("Section"), "invalid header row: {head:?}");
    let students = rows[1..].iter().filter(|row| {
        let posting = row.iter().all(|cell| cell.is_empty() || cell.starts_with("Manual Posting"));
        !row[0].contains("Points Possible") && !posting
    });
    let students = students.map(|row| (row[1].clone(), row[columns].clone())).collect();
    (head[columns..].to_vec(), students)
}

fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    for character in line.chars() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            other => cells.last_mut().unwrap().push(other),
        }
    }
    cells
}

#[test]
fn canvas_gets_its_own_columns_and_the_rows_that_change() {
    let class = Class::new(7130, 7130);
    let export = sample_file("canvas-gradebook-export.csv");
    let (ended, filled) = class.fill("grades.csv", &export, &["--column", "Team assignment 1 (9001)"]);
    assert_eq!(ended.code, 0, "{}{}", ended.shown, ended.said);
    assert_eq!(
        text(&filled),
        "Student,ID,SIS User ID,SIS Login ID,Section,Team assignment 1 (9001)\n,,,,,Manual Posting\n    Points \
         Possible,,,,,100.00\n\"Rivers, Ada\",101,S0001,arivers,LOG8415-01,71.30\n"
    );
    let (titles, students) = canvas_import(&text(&filled));
    assert_eq!(titles, ["Team assignment 1 (9001)"]);
    assert_eq!(students, [("101".to_owned(), "71.30".to_owned())]);
    for said in [
        "Ada Rivers of team-07: empty → 71.30",
        "Ben Okafor of team-07: excused (EX)",
        "Carla Núñez of team-08: not assigned to this student (N/A)",
        "line 6: Carla Núñez is matched by name alone",
        "1 changed, 0 rows have this mark already",
    ] {
        assert!(ended.shown.contains(said), "{said}\n{}", ended.shown);
    }
    let (_, whole) = class.fill("grades.csv", &export, &["--column", "Team assignment 1", "--whole"]);
    let expected = String::from_utf8(export).unwrap().replace("LOG8415-01,,18.00", "LOG8415-01,71.30,18.00");
    assert_eq!(text(&whole), expected);
}

#[test]
fn delimiter_mark_and_commas_are_kept_and_an_equal_mark_is_no_change() {
    let class = Class::new(7250, 7250);
    let export = sample_file("canvas-gradebook-export-semicolon-bom.csv");
    let (ended, filled) = class.fill("grades.csv", &export, &["--column", "Team assignment 1"]);
    assert_eq!(ended.code, 4, "Carla has no row: {}", ended.shown);
    assert_eq!(
        text(&filled),
        "\u{feff}Student;ID;SIS Login ID;Section;Team assignment 1 (9001)\n    Points Possible;;;;100,00\n\"Okafor, \
         Ben\";102;bokafor;LOG8415-01;72.50\n"
    );
    assert!(ended.shown.contains("1 changed, 1 row has this mark already"), "{}", ended.shown);
    assert!(ended.shown.contains("Carla Núñez of team-08: no row of the export is theirs"), "{}", ended.shown);
    let last_first = sample_file("canvas-gradebook-export-last-first.csv");
    let (_, filled) = class.fill("grades.csv", &last_first, &["--column", "Team assignment 1"]);
    assert!(text(&filled).contains("\nRivers,Ada,101,arivers,LOG8415-01,72.50\n"), "{}", text(&filled));
}

#[test]
fn an_open_mark_is_listed_and_written_only_where_that_is_asked_for() {
    let class = Class::new(7130, 7630);
    let export = sample_file("canvas-gradebook-export.csv");
    let column = ["--column", "Team assignment 1"];
    let (ended, filled) = class.fill("grades.csv", &export, &column);
    assert_eq!((ended.code, filled), (4, None), "{}", ended.shown);
    let said =
        "Ada Rivers of team-07: 71.3–76.3 of 100, 2 items are open; settle them, or give --open low or --open high";
    assert!(ended.shown.contains(said), "{}", ended.shown);
    for (end, mark) in [("low", "71.30"), ("high", "76.30")] {
        let (ended, filled) = class.fill("grades.csv", &export, &[&column[..], &["--open", end]].concat());
        assert_eq!(ended.code, 0, "{}", ended.shown);
        assert!(text(&filled).contains(&format!("LOG8415-01,{mark}\n")), "{}", text(&filled));
    }
    let (ended, filled) = class.fill("grades.csv", &export, &[&column[..], &["--open", "low", "--dry-run"]].concat());
    assert_eq!((ended.code, filled), (0, None), "{}", ended.said);
}

#[test]
fn a_mark_that_a_later_decision_may_have_changed_waits_for_the_report() {
    let class = Class::new(7130, 7130);
    let decided = class.0.path().join("results/teams/team-07/overrides.toml");
    std::fs::write(decided, "rubric = \"log8415-a1\"\n").unwrap();
    let export = sample_file("canvas-gradebook-export.csv");
    let (ended, filled) = class.fill("grades.csv", &export, &["--column", "Team assignment 1"]);
    assert_eq!((ended.code, filled), (4, None), "{}", ended.shown);
    let said = "Ada Rivers of team-07: overrides.toml was changed after the report; run `stackmark report`";
    assert!(ended.shown.contains(said), "{}", ended.shown);
}

#[test]
fn a_member_with_a_mark_of_their_own_gets_that_one() {
    let class = Class::new(7130, 7130);
    let members = class.0.path().join("results/teams/team-07/members");
    std::fs::create_dir_all(&members).unwrap();
    let own = |of_team: f64| {
        let mark = |low: f64| serde_json::json!({ "low": low, "high": low, "of": 100, "open": 0 });
        let own = serde_json::json!({
            "team": "team-07", "member": "ada-rivers", "name": "Ada Rivers", "factor": 1.05, "of_team": mark(of_team),
            "mark": mark(74.87),
        });
        std::fs::write(members.join("ada-rivers.json"), own.to_string()).unwrap();
    };
    own(71.3);
    let export = sample_file("canvas-gradebook-export-last-first.csv");
    let (ended, filled) = class.fill("grades.csv", &export, &["--column", "Team assignment 1"]);
    assert!(text(&filled).contains("101,arivers,LOG8415-01,74.87\n"), "{}", ended.shown);
    assert!(text(&filled).contains("102,bokafor,LOG8415-01,71.30\n"), "{}", ended.shown);
    assert!(ended.shown.contains("Assign Grades to Each Student Individually"), "{}", ended.shown);
    own(60.0);
    let (ended, _) = class.fill("grades.csv", &export, &["--column", "Team assignment 1"]);
    assert!(ended.shown.contains("it is of another mark of the team; run `stackmark report`"), "{}", ended.shown);
}

#[test]
fn another_maximum_is_never_converted_unasked() {
    let class = Class::new(7130, 7130);
    let export = sample_file("canvas-gradebook-export.csv");
    let (ended, filled) = class.fill("grades.csv", &export, &["--column", "Quiz 1 (9002)"]);
    assert_eq!((ended.code, filled), (2, None));
    assert!(
        ended.said.contains("the marks are of 100, and \"Quiz 1 (9002)\" is of 20: give --scale"),
        "{}",
        ended.said
    );
    let (ended, filled) = class.fill("grades.csv", &export, &["--column", "Quiz 1", "--scale"]);
    assert!(ended.shown.contains("Ada Rivers of team-07: 18.00 → 14.26"), "{}", ended.shown);
    assert!(text(&filled).contains(",S0002,bokafor,LOG8415-01 and LOG8415-02,14.26\n"), "{}", text(&filled));
}

#[test]
fn columns_that_are_not_to_be_filled_are_refused_with_why() {
    let class = Class::new(7130, 7130);
    let export = sample_file("canvas-gradebook-export.csv");
    for (column, said) in [
        ("Current Score", "Canvas computes \"Current Score\" and takes no mark there"),
        ("Team assignment 2", "did you mean \"Team assignment 1 (9001)\"?"),
        ("Zebra", "there is no column \"Zebra\"; \"Team assignment 1 (9001)\", \"Quiz 1 (9002)\""),
    ] {
        let (ended, filled) = class.fill("grades.csv", &export, &["--column", column]);
        assert_eq!((ended.code, filled), (3, None), "{}", ended.said);
        assert!(ended.said.contains(said), "{}", ended.said);
    }
    let nowhere = ["gradebook", "fill", "grades.csv", "--column", "Quiz 1", "--results", "nosuch"];
    let ended = stackmark(class.0.path(), &nowhere);
    assert!(ended.code == 2 && ended.said.contains("nosuch: no results there"), "{}", ended.said);
    let onto = ["gradebook", "fill", "grades.csv", "--column", "Quiz 1", "--scale", "--out", "./grades.csv"];
    let ended = stackmark(class.0.path(), &onto);
    assert_eq!(ended.code, 2, "{}", ended.said);
    assert!(ended.said.contains("--out is the export itself"), "{}", ended.said);
}

#[test]
fn moodle_in_any_language_keeps_every_cell_but_the_grade() {
    let class = Class::new(7130, 7130);
    let export = sample_file("moodle-offline-worksheet-en.csv");
    let (ended, filled) = class.fill("moodle.csv", &export, &["--dry-run"]);
    assert_eq!((ended.code, filled), (0, None), "{}{}", ended.shown, ended.said);
    assert!(ended.shown.contains("Carla Núñez of team-08: the grade is locked (No)"), "{}", ended.shown);
    for (file, before, after) in [
        ("moodle-offline-worksheet-en.csv", "\"Team 07\",,100.00", "\"Team 07\",71.30,100.00"),
        ("moodle-offline-worksheet-fr.csv", "\"Équipe 07\",,\"100,00\"", "\"Équipe 07\",71.30,\"100,00\""),
    ] {
        let export = sample_file(file);
        let (ended, filled) = class.fill("moodle.csv", &export, &[]);
        let expected = String::from_utf8(export).unwrap().replace(before, after);
        assert_eq!(text(&filled), expected, "{}", ended.shown);
        assert!(ended.shown.contains("upload the worksheet with Moodle in the language"), "{}", ended.shown);
    }
    let (ended, filled) = class.fill("moodle.csv", &sample_file("moodle-offline-worksheet-blind.csv"), &[]);
    assert_eq!((ended.code, filled), (4, None));
    assert!(ended.shown.contains("blind marking"), "{}", ended.shown);
}

#[test]
fn moodles_feedback_has_a_folder_for_each_member() {
    let class = Class::new(7130, 7130);
    for team in ["team-07", "team-08"] {
        let page = class.0.path().join("results/teams").join(team).join("report.html");
        std::fs::write(page, format!("<p>{team}</p>")).unwrap();
    }
    let export = sample_file("moodle-offline-worksheet-en.csv");
    let (ended, _) = class.fill("moodle.csv", &export, &["--feedback-zip", "feedback.zip"]);
    assert_eq!(ended.code, 0, "{}", ended.said);
    let file = std::fs::File::open(class.0.path().join("feedback.zip")).unwrap();
    let mut archive = zip::ZipArchive::new(file).unwrap();
    let mut found = Vec::new();
    for place in 0..archive.len() {
        let mut entry = archive.by_index(place).unwrap();
        let mut page = String::new();
        std::io::Read::read_to_string(&mut entry, &mut page).unwrap();
        // As Moodle's importer cuts the folder.
        let name = entry.name().unwrap().split('/').next().unwrap().to_owned();
        let parts: Vec<&str> = name.splitn(5, '_').collect();
        assert!(
            parts[1].bytes().all(|byte| byte.is_ascii_digit()) && parts[2] == "assignfeedback" && parts[3] == "file"
        );
        found.push((parts[0].to_owned(), parts[1].to_owned(), page));
    }
    let expected = [
        ("Ada Rivers", "4711", "<p>team-07</p>"),
        ("Ben Okafor", "4712", "<p>team-07</p>"),
        ("Carla Nunez", "4713", "<p>team-08</p>"),
    ]
    .map(|(name, number, page)| (name.to_owned(), number.to_owned(), page.to_owned()));
    assert_eq!(found, expected);
}

#[test]
fn brightspace_and_blackboard_keep_their_signs_and_encodings() {
    let class = Class::new(7130, 7130);
    let numbers = ROSTER.replace("S0001", "0012345");
    std::fs::write(class.0.path().join("roster.toml"), numbers).unwrap();
    let export = sample_file("brightspace-export.csv");
    let (ended, filled) = class.fill("d2l.csv", &export, &["--column", "Team assignment 1"]);
    assert_eq!(
        text(&filled),
        "OrgDefinedId,Username,Team assignment 1 Points Grade <Numeric MaxPoints:100 Weight:40 Category:Assignments \
         CategoryWeight:60>,End-of-Line Indicator\n#0012345,#arivers,71.30,#\n#0012346,#bokafor,71.30,#\n",
        "{}",
        ended.shown
    );
    assert!(ended.shown.contains("Ben Okafor of team-07: 55.5 → 71.30"), "{}", ended.shown);

    std::fs::write(class.0.path().join("roster.toml"), ROSTER).unwrap();
    let export = sample_file("blackboard-gradebook.xls");
    let (ended, filled) = class.fill("bb.xls", &export, &["--column", "Team assignment 1"]);
    let utf16 = |bytes: &[u8]| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        String::from_utf16(&units).unwrap()
    };
    let expected = utf16(&export).replace("\"Yes\"\t\"\"", "\"Yes\"\t\"71.30\"").replace("Needs Grading", "71.30");
    assert_eq!(utf16(&filled.unwrap()), expected, "{}", ended.shown);
}

#[test]
fn nobody_gets_a_mark_by_a_guess() {
    let class = Class::new(7130, 7130);
    let export = "Student,ID,SIS User ID,SIS Login ID,Section,A1 (1)\n    Points Possible,,,,,100\n\
                  \"Rivers, Ada\",101,S0009,other,1,\n\"Okafor, Ben\",102,,bokafor,1,\n\"Núñez, Carla\",103,,c1,1,\n\
                  \"Nunez, Carla\",104,,c2,1,\n\"Stone, Eve\",105,,estone,1,\n";
    let (ended, filled) = class.fill("grades.csv", export.as_bytes(), &["--column", "A1"]);
    assert_eq!(ended.code, 4, "{}", ended.shown);
    assert_eq!(canvas_import(&text(&filled)).1, [("102".to_owned(), "71.30".to_owned())]);
    for said in [
        "differ in student number S0001 and S0009; correct the roster",
        "several people are called Núñez, Carla: write sis_id",
        "line 7: Stone, Eve",
    ] {
        assert!(ended.shown.contains(said), "{said}\n{}", ended.shown);
    }
    // A person of two teams has two marks, and gets neither.
    let doubled = format!("{ROSTER}  [[team.member]]\n  name = \"Ben Okafor\"\n  lms_login = \"bokafor\"\n");
    std::fs::write(class.0.path().join("roster.toml"), doubled).unwrap();
    let (ended, filled) = class.fill("grades.csv", export.as_bytes(), &["--column", "A1"]);
    assert_eq!((ended.code, filled), (4, None), "{}", ended.shown);
    assert!(ended.shown.contains("is in team-07 and team-08; keep the person in one team"), "{}", ended.shown);
}

/// The rubric of the generated class: late work counts, a day costs two points.
const CLASS_RUBRIC: &str = r#"
title = "A class"
total = 30
scope = "account"

[late]
unit = "day"
deduction = 2
cutoff = 3

[[criterion]]
id = "version-control"
points = 12
[[criterion.item]]
check = "git/everyone-commits"
points = 5
[[criterion.item]]
check = "git/no-dump"
points = 3
[[criterion.item]]
check = "git/atomic-commits"
points = 4

[[criterion]]
id = "contribution"
points = 10
[[criterion.item]]
check = "git/contribution-evenness"
points = 10

[[criterion]]
id = "report"
points = 8
[[criterion.item]]
check = "report/exists"
points = 8
"#;
/// Two days after the first commit of each history.
const DUE: i64 = START + 2 * 86_400;
const DUE_WRITTEN: &str = "2024-09-04T08:00:00Z";
const EXTENDED_WRITTEN: &str = "2024-09-12T08:00:00Z";

/// What is the matter with a team of the generated class, by the last digit of its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Good,
    /// The report comes an hour after the deadline.
    Late,
    /// So it does here, within the team's extension.
    Extended,
    NoReport,
    /// The repository asks for a password.
    Private,
    /// All work of both in one commit, by a forge's button.
    Squash,
    Lopsided,
    /// All work in one commit, by one person.
    Dump,
    Empty,
    /// The repository was never made.
    Missing,
}

impl Kind {
    const ALL: [Self; 10] = [
        Self::Good,
        Self::Late,
        Self::Extended,
        Self::NoReport,
        Self::Private,
        Self::Squash,
        Self::Lopsided,
        Self::Dump,
        Self::Empty,
        Self::Missing,
    ];

    fn of(team: usize) -> Self {
        Self::ALL[team % 10]
    }
}

/// What a team of the generated class hands in.
fn hand_in(number: usize, path: &Path, people: &[String; 2]) {
    let kind = Kind::of(number);
    if matches!(kind, Kind::Private | Kind::Missing) {
        return;
    }
    let history = History::new();
    let address = |name: &str| format!("{}@example.org", name.to_lowercase().replace(' ', "."));
    let code =
        |part: usize| -> String { (0..22).map(|line| format!("part_{part}_{number}_{line} = {line}\n")).collect() };
    let write = |part: usize| {
        history.write(&format!("part_{part}.py"), code(part));
    };
    let by = |name: &str| {
        history.as_author(name, &address(name));
    };
    by(&people[0]);
    match kind {
        Kind::Empty => {}
        Kind::Dump => {
            (0..6).for_each(write);
            history.commit("All of it");
        }
        Kind::Squash => {
            (0..6).for_each(write);
            let trailer = format!("Co-authored-by: {} <{}>", people[1], address(&people[1]));
            history.commit(&format!("Add the service (#1)\n\n{trailer}"));
        }
        _ => {
            for part in 0..6 {
                by(&people[if kind == Kind::Lopsided { 0 } else { part % 2 }]);
                write(part);
                history.commit(&format!("Add part {part} of the service"));
            }
        }
    }
    if !matches!(kind, Kind::Empty | Kind::NoReport) {
        if matches!(kind, Kind::Late | Kind::Extended) {
            history.at(DUE + 3_600, 0);
        }
        let parts = (0..5).map(|part| {
            format!(
                "\n## Part {part}\n\nThe service listens behind the load balancer, and part {part} of it answers requests with \
                 a status of its own. We chose it since it keeps each part small and easy to replace, and measured how \
                 long each answer takes.\n"
            )
        });
        history.write("report.md", format!("# Report\n{}", parts.collect::<String>())).commit("Add the report");
    }
    let mut options = git2::build::RepoBuilder::new();
    options.bare(true).clone(&history.path().to_string_lossy(), path).unwrap();
}

/// A forge that asks everybody for a password; its address.
fn private_forge() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            // Nobody sends a body: what is there at once is the request.
            let mut request = [0; 4_096];
            if stream.read(&mut request).is_ok_and(|read| read > 0) {
                let refusal = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"forge\"\r\nContent-Length: \
                               0\r\nConnection: close\r\n\r\n";
                let _ = stream.write_all(refusal.as_bytes());
            }
        }
    });
    address
}

/// Forty teams graded once, for every platform: the lists that it exported, and the results.
struct Forty(tempfile::TempDir);

impl Forty {
    const TEAMS: usize = 40;
    /// Of the first team, and by a slip of the tenth as well.
    const DOUBLE: &str = "Ada Family00";

    fn people(team: usize) -> [String; 2] {
        ["Ada", "Ben"].map(|first| format!("{first} Family{team:02}"))
    }

    /// Writes the lists, makes the roster of Canvas' and grades, killed twice on the way.
    fn graded() -> Self {
        let class = Self(tempfile::tempdir().unwrap());
        let root = class.0.path();
        std::fs::create_dir(root.join("repos")).unwrap();
        let mut groups =
            "name,canvas_user_id,user_id,login_id,sections,group_name,canvas_group_id,group_id\n".to_owned();
        let mut book = "Student,ID,SIS User ID,SIS Login ID,Section,A1 (9001),Quiz (9002)\n    Points \
                        Possible,,,,,30.00,10.00\n"
            .to_owned();
        let mut sheet =
            "Identifier,\"Full name\",\"Email address\",Status,Group,Grade,\"Maximum Grade\",\"Grade can be \
                         changed\",\"Last modified (grade)\",\"Feedback comments\"\n"
                .to_owned();
        for team in 0..Self::TEAMS {
            let people = Self::people(team);
            hand_in(team, &root.join(format!("repos/team-{team:02}.git")), &people);
            for (place, person) in people.iter().enumerate() {
                let (first, last) = person.split_once(' ').unwrap();
                let id = 100 + 2 * team + place;
                let teams = if person == Self::DOUBLE { vec![0, 10] } else { vec![team] };
                for team in teams {
                    groups.push_str(&format!("\"{last}, {first}\",{id},S{id},u{id},01,Team {team:02},{team},\n"));
                }
                book.push_str(&format!("\"{last}, {first}\",{id},S{id},u{id},01,,{place}\n"));
                let address = format!("{first}.{last}@example.org").to_lowercase();
                sheet.push_str(&format!(
                    "\"Participant {id}\",\"{person}\",{address},\"Submitted for grading - \",\"Team {team:02}\",,30.00,Yes,-,\n"
                ));
            }
        }
        for (name, text) in [
            ("groups.csv", &groups),
            ("grades.csv", &book),
            ("sheet.csv", &sheet),
            ("class.toml", &CLASS_RUBRIC.to_owned()),
        ] {
            std::fs::write(root.join(name), text).unwrap();
        }
        let ended = class.import(&["groups.csv", "grades.csv"]);
        assert!(ended.said.contains("Ada Family00 (S100) is in 2 teams, Team 00 and Team 10"), "{}", ended.said);
        assert!(ended.code == 3 && ended.shown.contains("40 teams, 81 members"), "{}", ended.shown);
        class.set_dates();
        // Killed twice on the way, it goes on where it stopped.
        for _ in 0..2 {
            let mut run = std::process::Command::new(assert_cmd::cargo::cargo_bin("stackmark"));
            run.current_dir(root).env_clear().env("HOME", root).args(["grade", "-q", "--allow-private"]);
            let mut run = run.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
            std::thread::sleep(std::time::Duration::from_millis(1_500));
            let _ = run.kill();
            run.wait().unwrap();
        }
        let graded = class.run(&["grade", "-q", "--allow-private"]);
        assert_eq!(graded.code, 4, "{}", graded.said);
        class
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        stackmark(self.0.path(), arguments)
    }

    fn import(&self, lists: &[&str]) -> Ended {
        let pattern = format!("{}/repos/{{group}}.git", self.0.path().display());
        let options = ["--repository", &pattern, "--rubric", "class.toml", "--force"];
        self.run(&[&["roster", "import"][..], lists, &options[..]].concat())
    }

    /// What no list has: the deadline, extensions, and whose repository is at the private forge.
    fn set_dates(&self) {
        let path = self.0.path().join("roster.toml");
        let mut roster = std::fs::read_to_string(&path).unwrap();
        roster = roster.replacen("\n[[team]]", &format!("deadline = {DUE_WRITTEN}\n\n[[team]]"), 1);
        let forge = private_forge();
        for team in 0..Self::TEAMS {
            let at = format!("repository = \"{}/repos/team-{team:02}.git\"\n", self.0.path().display());
            assert!(roster.contains(&at), "{at}\n{roster}");
            let set = match Kind::of(team) {
                Kind::Private => format!("repository = \"{forge}/team-{team:02}.git\"\n"),
                Kind::Extended => {
                    format!("{at}extension.until = {EXTENDED_WRITTEN}\nextension.reason = \"illness\"\n")
                }
                _ => continue,
            };
            roster = roster.replace(&at, &set);
        }
        std::fs::write(path, roster).unwrap();
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.0.path().join(file)).unwrap()
    }

    fn card(&self, team: usize) -> Scorecard {
        json::read_scorecard(&self.read(&format!("results/teams/team-{team:02}/scorecard.json"))).unwrap()
    }

    /// The low end of a team's mark, as every platform takes it.
    fn mark(&self, team: usize) -> String {
        let hundredths = self.card(team).mark.low.hundredths();
        format!("{}.{:02}", hundredths / 100, hundredths % 100)
    }

    /// Each kind of team by what it did.
    fn kinds_are_told_apart(&self) {
        // The tenth team has a member too many.
        let of = |kind: Kind| 20 + Kind::ALL.iter().position(|known| *known == kind).unwrap();
        let card = |kind: Kind| self.card(of(kind));
        let low = |kind: Kind| card(kind).mark.low;
        let criterion = |kind: Kind, id: &str| {
            let card = card(kind);
            card.criteria.iter().find(|criterion| criterion.id == id).unwrap().mark.low
        };
        assert!(card(Kind::Good).adjustments.is_empty() && card(Kind::Good).other.is_none());
        let late = card(Kind::Late);
        assert_eq!(late.adjustments.iter().map(|it| it.points.hundredths()).collect::<Vec<_>>(), [-200]);
        assert!(late.other.is_some_and(|other| other.in_time), "the commit in time is shown beside the late one");
        assert!(low(Kind::Late) < low(Kind::Good));
        assert!(card(Kind::Extended).adjustments.is_empty() && low(Kind::Extended) == low(Kind::Good));
        assert!(criterion(Kind::NoReport, "report") == Points::ZERO && low(Kind::NoReport) > Points::ZERO);
        assert!(criterion(Kind::Good, "contribution") > criterion(Kind::Lopsided, "contribution"));
        assert!(low(Kind::Good) > low(Kind::Dump), "work in steps by both earns more than one dump");
        // Who did what of a squashed pull request, only a person can tell.
        let squash = card(Kind::Squash).mark;
        assert!(squash.open > 0 && squash.high > card(Kind::Dump).mark.high, "{squash}");
        assert!(card(Kind::Empty).mark.high == Points::ZERO);
        for kind in [Kind::Private, Kind::Missing] {
            let mark = card(kind).mark;
            assert!(mark.low == Points::ZERO && mark.high == Points::whole(30), "{kind:?}: unknown is not no: {mark}");
        }
        let page = self.read("results/class.csv");
        let line = page.lines().find(|line| line.starts_with("team-21,")).unwrap();
        assert!(line.contains("graded at a commit after the deadline; the work in time earns"), "{line}");
        assert!(page.contains("the repository is private or does not exist"), "{page}");
    }

    fn canvas_is_filled(&self) {
        let fill = ["gradebook", "fill", "grades.csv", "--column", "A1 (9001)"];
        let ended = self.run(&[&fill[..], &["--open", "low"]].concat());
        assert_eq!(ended.code, 4, "{}{}", ended.shown, ended.said);
        assert!(ended.shown.contains("is in team-00 and team-10; keep the person in one team"), "{}", ended.shown);
        let (filled, book) = (self.read("grades-filled.csv"), self.read("grades.csv"));
        let (titles, students) = canvas_import(&filled);
        assert_eq!(titles, ["A1 (9001)"]);
        // Every line but for the mark is the export's.
        for line in filled.lines() {
            let (kept, _) = line.rsplit_once(',').unwrap();
            assert!(book.lines().any(|own| own.starts_with(kept)), "{line}");
        }
        let mark = |id: usize| students.iter().find(|(known, _)| *known == id.to_string()).map(|it| it.1.clone());
        for team in 0..Self::TEAMS {
            // Each member has the team's mark; who is in two teams has none.
            let first = (team > 0).then(|| self.mark(team));
            assert_eq!([mark(100 + 2 * team), mark(101 + 2 * team)], [first, Some(self.mark(team))], "{team}");
        }
        // Without a word about open marks, what is not certain is listed and not written.
        let listed = self.run(&[&fill[..], &["--dry-run"]].concat());
        assert_eq!(listed.code, 4, "{}", listed.shown);
        assert!(listed.shown.contains("Ada Family09 of team-09: 0–"), "{}", listed.shown);
    }

    fn moodle_is_filled(&self) {
        // The worksheet gives the same teams, and there nobody is in two.
        let ended = self.run(&[
            "roster",
            "import",
            "sheet.csv",
            "--repository",
            "https://git.example.org/{group}",
            "--rubric",
            "class.toml",
            "--out",
            "moodle.toml",
        ]);
        assert!(ended.code == 0 && ended.shown.contains("40 teams, 80 members"), "{}{}", ended.shown, ended.said);
        let fill = ["gradebook", "fill", "sheet.csv", "--roster", "moodle.toml"];
        let ended = self.run(&[&fill[..], &["--open", "low", "--feedback-zip", "feedback.zip"]].concat());
        assert_eq!(ended.code, 0, "{}{}", ended.shown, ended.said);
        let expected: String = self.read("sheet.csv").lines().enumerate().fold(String::new(), |text, (at, line)| {
            let mark = at.checked_sub(1).map(|row| self.mark(row / 2)).unwrap_or_default();
            text + &line.replacen(",,30.00,", &format!(",{mark},30.00,"), 1) + "\n"
        });
        assert_eq!(self.read("sheet-filled.csv"), expected, "every cell but the grade is the worksheet's");
        let file = std::fs::File::open(self.0.path().join("feedback.zip")).unwrap();
        let mut archive = zip::ZipArchive::new(file).unwrap();
        assert_eq!(archive.len(), 2 * Self::TEAMS);
        for team in 0..Self::TEAMS {
            let report = self.read(&format!("results/teams/team-{team:02}/report.html"));
            for (place, person) in Self::people(team).iter().enumerate() {
                let name = format!("{person}_{}_assignfeedback_file_/report.html", 100 + 2 * team + place);
                let mut page = String::new();
                archive.by_name(&name).unwrap().read_to_string(&mut page).unwrap();
                assert!(page == report, "{name} is the report of team {team}");
            }
        }
    }
}

#[test]
fn a_class_of_forty_from_canvas_or_moodle_and_back() {
    let class = Forty::graded();
    class.kinds_are_told_apart();
    class.canvas_is_filled();
    class.moodle_is_filled();
}

#[test]
fn appeals_that_wait_are_named_and_a_broken_list_of_them_is_an_error() {
    let class = Class::new(7130, 7130);
    let export = sample_file("moodle-offline-worksheet-en.csv");
    let appeals = class.0.path().join("results/appeals.toml");
    let asks = "[[appeal]]\nteam = \"team-07\"\nitem = \"concepts/scaling\"\ntext = \"please\"\nby = \"a member\"\n";
    std::fs::write(&appeals, asks).unwrap();
    let (ended, _) = class.fill("moodle.csv", &export, &[]);
    let told = "team team-07: 1 appeal waits for an answer: concepts/scaling; its mark may still change";
    assert!(ended.code == 0 && ended.said.contains(told), "{} {}", ended.code, ended.said);
    std::fs::write(&appeals, asks.replace("item = ", "items = ")).unwrap();
    let (ended, filled) = class.fill("moodle.csv", &export, &[]);
    assert!(ended.code == 3 && filled.is_some(), "{} {}", ended.code, ended.said);
    assert!(ended.said.contains("appeals.toml:3") && ended.said.contains("items"), "{}", ended.said);
}

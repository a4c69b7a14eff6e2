//! The marks into the files that learning platforms exported: each cell that is not ours stays as it was.

use std::path::Path;

use stackmark_evidence::points::Points;
use stackmark_judge::scorecard::Mark;
use stackmark_render::json;

use crate::support::history::History;
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

/// What a team of the generated class hands in.
fn hand_in(number: usize, path: &Path, people: &[String; 2]) {
    if number % 10 == 9 {
        // The repository was never made.
        return;
    }
    let history = History::new();
    let address = |name: &str| format!("{}@example.org", name.to_lowercase().replace(' ', "."));
    let write = |file: &str, by: &str, lines: usize, message: &str| {
        history.as_author(by, &address(by));
        let part = file.trim_end_matches(".py");
        let code: String = (0..lines).map(|line| format!("{part}_{number}_{line} = {line}\n")).collect();
        history.write(file, code).commit(message);
    };
    match number % 10 {
        // Empty.
        8 => {}
        // One dump by one person.
        7 => write("app.py", &people[0], 120, "All of it"),
        // Lopsided.
        6 => {
            for part in 0..5 {
                write(&format!("part_{part}.py"), &people[0], 30, &format!("Add part {part} of the service"));
            }
        }
        _ => {
            for part in 0..6 {
                let by = &people[part % 2];
                write(&format!("part_{part}.py"), by, 20 + number % 3, &format!("Add part {part} of the service"));
            }
        }
    }
    let mut options = git2::build::RepoBuilder::new();
    options.bare(true).clone(&history.path().to_string_lossy(), path).unwrap();
}

#[test]
fn a_class_of_forty_from_canvas_and_back() {
    const TEAMS: usize = 40;
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    std::fs::create_dir(root.join("repos")).unwrap();
    let mut groups = "name,canvas_user_id,user_id,login_id,sections,group_name,canvas_group_id,group_id\n".to_owned();
    let mut book = "Student,ID,SIS User ID,SIS Login ID,Section,A1 (9001),Quiz (9002)\n    Points \
                    Possible,,,,,30.00,10.00\n"
        .to_owned();
    for team in 0..TEAMS {
        let people = ["Ada", "Ben"].map(|first| format!("{first} Family{team:02}"));
        hand_in(team, &root.join(format!("repos/team-{team:02}.git")), &people);
        for (place, person) in people.iter().enumerate() {
            let (first, last) = person.split_once(' ').unwrap();
            let id = 100 + 2 * team + place;
            groups.push_str(&format!("\"{last}, {first}\",{id},S{id},u{id},01,Team {team:02},{team},\n"));
            book.push_str(&format!("\"{last}, {first}\",{id},S{id},u{id},01,,{place}\n"));
        }
    }
    std::fs::write(root.join("groups.csv"), groups).unwrap();
    std::fs::write(root.join("grades.csv"), &book).unwrap();

    let pattern = format!("{}/repos/{{group}}.git", root.display());
    let arguments =
        ["roster", "import", "groups.csv", "grades.csv", "--repository", &pattern, "--rubric", "repository"];
    let ended = stackmark(root, &arguments);
    assert_eq!(ended.code, 0, "{}", ended.said);
    assert!(ended.shown.contains("40 teams, 80 members"), "{}", ended.shown);

    // Killed twice on the way, it goes on where it stopped.
    for _ in 0..2 {
        let mut run = std::process::Command::new(assert_cmd::cargo::cargo_bin("stackmark"));
        run.current_dir(root).env_clear().env("HOME", root).args(["grade", "-q"]);
        let mut run = run.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(1_500));
        let _ = run.kill();
        run.wait().unwrap();
    }
    let graded = stackmark(root, &["grade", "-q"]);
    assert!(matches!(graded.code, 0 | 4), "{}", graded.said);

    let ended = stackmark(root, &["gradebook", "fill", "grades.csv", "--column", "A1 (9001)", "--open", "low"]);
    assert!(matches!(ended.code, 0 | 4), "{}{}", ended.shown, ended.said);
    let filled = std::fs::read_to_string(root.join("grades-filled.csv")).unwrap();
    let (titles, students) = canvas_import(&filled);
    assert_eq!(titles, ["A1 (9001)"]);
    // Every line but for the mark is the export's.
    for line in filled.lines() {
        let (kept, _) = line.rsplit_once(',').unwrap();
        assert!(book.lines().any(|own| own.starts_with(kept)), "{line}");
    }
    let mark = |id: usize| students.iter().find(|(known, _)| *known == id.to_string()).map(|(_, mark)| mark.clone());
    for team in 0..TEAMS {
        let text = std::fs::read_to_string(root.join(format!("results/teams/team-{team:02}/scorecard.json"))).unwrap();
        let card = json::read_scorecard(&text).unwrap();
        let hundredths = card.mark.low.hundredths();
        let expected = format!("{}.{:02}", hundredths / 100, hundredths % 100);
        // Each member has the team's mark.
        assert_eq!([mark(100 + 2 * team), mark(101 + 2 * team)], [Some(expected.clone()), Some(expected)], "{team}");
    }
    let value = |team: usize| mark(100 + 2 * team).and_then(|mark| mark.parse::<f64>().ok()).unwrap();
    assert!(value(0) > value(7), "work in steps by both earns more than one dump: {filled}");
    let evenness = |team: usize| {
        let text = std::fs::read_to_string(root.join(format!("results/teams/team-{team:02}/scorecard.json"))).unwrap();
        let card = json::read_scorecard(&text).unwrap();
        card.criteria.iter().find(|criterion| criterion.id == "contribution").unwrap().mark.low
    };
    assert!(evenness(0) > evenness(6), "the work of both earns more than that of one");

    // Without a word about open marks, what is not certain is listed and not written.
    let listed = stackmark(root, &["gradebook", "fill", "grades.csv", "--column", "A1 (9001)", "--dry-run"]);
    assert_eq!(listed.code, 4, "{}", listed.shown);
    assert!(listed.shown.contains("Ada Family09 of team-09: 0–"), "{}", listed.shown);
}

//! From a course's lists to a roster: what is joined, what is not, and what is said of it.

use std::path::Path;

use stackmark_course::problem::SourceText;
use stackmark_course::roster::{Roster, TeamEntry};

use crate::support::history::History;

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
        .timeout(std::time::Duration::from_secs(60))
        .args(arguments)
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code().unwrap_or(-1), shown: text(output.stdout), said: text(output.stderr) }
}

fn sample(name: &str) -> String {
    format!("{}/tests/samples/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// A folder with these files.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn import(folder: &Path, arguments: &[&str]) -> Ended {
    stackmark(folder, &[&["roster", "import"], arguments].concat())
}

fn roster(folder: &Path) -> Roster {
    let text = std::fs::read_to_string(folder.join("roster.toml")).unwrap();
    let (roster, problems) = Roster::parse(&SourceText::new("roster.toml", text.clone()));
    assert!(!problems.has_errors(), "{problems}\n{text}");
    roster.unwrap()
}

fn names(team: &TeamEntry) -> Vec<&str> {
    team.members.iter().map(|member| member.name.as_str()).collect()
}

#[test]
fn canvas_and_github_classroom_are_joined_on_the_school_login() {
    let folder = folder(&[]);
    let [groups, book, grades] =
        ["canvas-group-set-export.csv", "canvas-gradebook-export.csv", "github-classroom-grades.csv"].map(sample);
    let pattern = "https://git.example.org/a1-{group}";
    let ended = import(folder.path(), &[&groups, &book, &grades, "--repository", pattern, "--rubric", "repository"]);
    // One person has no team, which is told and does not stop the others.
    assert_eq!(ended.code, 3, "{}", ended.said);
    assert!(ended.said.contains("Dan Lee (S0004) is in no team: add the person to"), "{}", ended.said);
    assert!(ended.shown.contains("2 teams, 3 members"), "{}", ended.shown);
    let roster = roster(folder.path());
    assert_eq!(roster.rubric.as_deref(), Some("repository"));
    let [seven, eight] = roster.teams.as_slice() else { panic!("{roster:?}") };
    assert_eq!((seven.id.as_str(), seven.name.as_deref()), ("team-07", Some("Team 07")));
    assert_eq!(names(seven), ["Ada Rivers", "Ben Okafor"]);
    assert_eq!(seven.repository, "https://github.com/org/a1-team-07");
    assert_eq!(eight.repository, "https://git.example.org/a1-team-08");
    assert_eq!(seven.members[0].login.as_deref(), Some("ada-rivers"));
    let account = &seven.accounts[0];
    let ids = [&account.sis_id, &account.lms_id, &account.lms_login].map(|id| id.as_deref().unwrap());
    assert_eq!(ids, ["S0001", "101", "arivers"]);

    let again = import(folder.path(), &[&groups]);
    assert_eq!(again.code, 2);
    assert!(again.said.contains("roster.toml exists: name another file with --out, or give --force"), "{}", again.said);
}

#[test]
fn a_team_without_a_repository_is_told_and_does_not_load() {
    let folder = folder(&[]);
    let ended = import(folder.path(), &[&sample("canvas-group-set-export.csv")]);
    assert_eq!(ended.code, 3, "{}", ended.said);
    assert!(
        ended.said.contains("team team-08 has no repository: give --repository 'https://…/{group}'"),
        "{}",
        ended.said
    );
    let text = std::fs::read_to_string(folder.path().join("roster.toml")).unwrap();
    assert!(text.starts_with("# To be settled:\n# - "), "{text}");
    assert!(Roster::parse(&SourceText::new("roster.toml", text)).1.has_errors());
}

#[test]
fn moodles_default_group_is_no_team() {
    let folder = folder(&[]);
    let ended = import(
        folder.path(),
        &[&sample("moodle-offline-worksheet-en.csv"), "--repository", "https://git.example.org/{group}"],
    );
    assert_eq!(ended.code, 3, "{}", ended.said);
    assert!(ended.said.contains("Carla Nunez (carla@example.org) is in no team"), "{}", ended.said);
    let roster = roster(folder.path());
    assert_eq!(roster.teams.len(), 1);
    assert_eq!(roster.teams[0].members[1].emails, ["ben@example.org"]);
}

#[test]
fn classroom50_gives_teams_repositories_and_people() {
    let folder = folder(&[]);
    let ended = import(folder.path(), &[&sample("classroom50-scores.json"), &sample("classroom50-roster.csv")]);
    assert_eq!(ended.code, 0, "{}", ended.said);
    let roster = roster(folder.path());
    let team = &roster.teams[0];
    assert_eq!((team.id.as_str(), team.repository.as_str()), ("ada-rivers", "https://github.com/org/r"));
    assert_eq!(names(team), ["Ada Rivers", "Ben Okafor"]);
    assert!(ended.said.contains("next: `stackmark identities --roster roster.toml`"), "{}", ended.said);
}

#[test]
fn plain_lists_reposense_and_addresses() {
    let plain = "team;name;email;login;repository;branch\n\
                 team-01;Ada Rivers;ada@example.org;'=ada;https://git.example.org/team-01;final\n\
                 team-01;Ben Okafor;ben@example.org;ben;https://git.example.org/team-01;final\n";
    let reposense = "Repository's Location,Branch,Author's Git Host ID,Author's Emails,Author's Display Name,Author's Git \
                     Author Name,Ignore Glob List\nhttps://git.example.org/solo.git~main,,cara,cara@a.example;cara@b.example,Cara \
                     Diaz,,\n";
    let folder = folder(&[
        ("plain.csv", plain),
        ("authors.csv", reposense),
        ("people.csv", "team,name\nteam-09,Eve Stone\n"),
        ("urls.txt", "# ours\nhttps://git.example.org/team-09.git\nhttps://git.example.org/unknown\n"),
    ]);
    let ended = import(folder.path(), &["plain.csv"]);
    assert_eq!(ended.code, 0, "{}", ended.said);
    let team = &roster(folder.path()).teams[0];
    assert_eq!((team.branch.as_deref(), team.members[0].login.as_deref()), (Some("final"), Some("=ada")));

    let ended = import(folder.path(), &["authors.csv", "--force"]);
    assert_eq!(ended.code, 0, "{}", ended.said);
    let team = &roster(folder.path()).teams[0];
    assert_eq!((team.id.as_str(), team.branch.as_deref()), ("solo", Some("main")));
    assert_eq!(team.members[0].emails, ["cara@a.example", "cara@b.example"]);

    let ended = import(folder.path(), &["people.csv", "urls.txt", "--force"]);
    assert_eq!(ended.code, 3, "{}", ended.said);
    assert!(ended.said.contains("https://git.example.org/unknown is the repository of no team"), "{}", ended.said);
    assert_eq!(roster(folder.path()).teams[0].repository, "https://git.example.org/team-09.git");
}

#[test]
fn a_person_in_two_teams_is_told_and_stops_nobody_else() {
    let folder = folder(&[(
        "class.csv",
        "team,name,email,repository\n\
         one,Ada Rivers,ada@example.org,https://git.example.org/one\n\
         one,Ben Okafor,ben@example.org,https://git.example.org/one\n\
         two,Ada Rivers,ada@example.org,https://git.example.org/two\n\
         two,Cara Diaz,cara@example.org,https://git.example.org/two\n",
    )]);
    let ended = import(folder.path(), &["class.csv"]);
    assert_eq!(ended.code, 3);
    assert!(
        ended.said.contains("Ada Rivers (ada@example.org) is in 2 teams, one and two: keep the person"),
        "{}",
        ended.said
    );
    let roster = roster(folder.path());
    assert_eq!(
        roster.teams.iter().map(names).collect::<Vec<_>>(),
        [vec!["Ada Rivers", "Ben Okafor"], vec!["Ada Rivers", "Cara Diaz"]]
    );
    assert_eq!(roster.teams[0].repository, "https://git.example.org/one");
}

#[test]
fn what_is_no_list_is_refused_with_what_it_has() {
    let folder = folder(&[("x.csv", "colour,size\nred,2\n"), ("empty.csv", ""), ("x.json", "{\"schema\": \"other\"}")]);
    for (file, said) in [
        ("x.csv", "x.csv: no known list has the columns colour, size; expected at least `name` and `team`"),
        ("empty.csv", "empty.csv: the file is empty"),
        ("x.json", "x.json: not a scores.json of Classroom50"),
    ] {
        let ended = import(folder.path(), &[file]);
        assert_eq!(ended.code, 3, "{}", ended.said);
        assert!(ended.said.contains(said), "{}", ended.said);
    }
    let people_only = import(folder.path(), &[&sample("gradescope-scores.csv")]);
    assert_eq!(people_only.code, 3);
    assert!(people_only.said.contains("give a list with a group or a repository"), "{}", people_only.said);
}

#[test]
fn init_writes_a_roster_that_is_accepted_and_overwrites_nothing() {
    let folder = folder(&[]);
    let ended = stackmark(folder.path(), &["init", "course", "--rubric", "repository"]);
    assert_eq!(ended.code, 0, "{}", ended.said);
    assert_eq!(roster(&folder.path().join("course")).rubric.as_deref(), Some("repository"));
    assert_eq!(stackmark(folder.path(), &["init", "course"]).code, 2);
    let slip = stackmark(folder.path(), &["init", "other", "--rubric", "repositry"]);
    assert_eq!(slip.code, 3, "{}", slip.said);
    assert!(slip.said.contains("did you mean \"repository\"?"), "{}", slip.said);
}

#[test]
fn the_teams_that_need_attention_come_first() {
    let (known, stranger) = (History::new(), History::new());
    known.write("app.py", "x = 1\n").commit("Add the application");
    stranger.as_author("Somebody Else", "else@example.org").write("app.py", "x = 1\n").commit("Add the application");
    let team = |id: &str, history: &History| {
        format!(
            "[[team]]\nid = \"{id}\"\nrepository = '{}'\n[[team.member]]\nname = \"Ana García\"\n",
            history.path().display()
        )
    };
    let text = team("alpha", &known) + &team("beta", &stranger);
    let folder = folder(&[("roster.toml", text.as_str())]);
    let ended = stackmark(folder.path(), &["identities", "--roster", "roster.toml"]);
    assert_eq!(ended.code, 0, "{}", ended.said);
    let mut lines = ended.shown.lines();
    assert_eq!(lines.next(), Some("1 of 2 teams need attention"), "{}", ended.shown);
    let first = lines.next().unwrap();
    assert!(
        first.starts_with("  beta: 100% of the added lines are nobody's (Somebody Else); no commit by Ana"),
        "{first}"
    );
}

#[test]
fn an_address_in_two_teams_stops_nobody() {
    let team = |id: &str| {
        format!(
            "[[team]]\nid = \"{id}\"\nrepository = \"x\"\n[[team.member]]\nname = \"Ada\"\nemails = [\"a@example.org\"]\n"
        )
    };
    let (roster, problems) = Roster::parse(&SourceText::new("roster.toml", team("one") + &team("two")));
    assert!(roster.is_some() && !problems.has_errors(), "{problems}");
    assert_eq!(problems.0[0].message, "\"a@example.org\" already belongs to Ada of one");
    let twice = team("one") + "[[team.member]]\nname = \"Ben\"\nemails = [\"a@example.org\"]\n";
    assert!(Roster::parse(&SourceText::new("roster.toml", twice)).1.has_errors(), "one person signs for one address");
}

#[test]
fn starter_code_is_proposed_where_most_repositories_begin_with_it() {
    let histories: Vec<History> = (0..4).map(|_| History::new()).collect();
    let mut roster = String::new();
    let mut starts = Vec::new();
    for (number, history) in histories.iter().enumerate() {
        // The same content under another commit, as a forge copies a template; one team began on its own.
        let content = if number < 3 { "starter = 1\n" } else { "own = 1\n" };
        history.at(1_725_264_000 + number as i64, 0);
        starts.push(history.write("app.py", content).commit("Initial commit").to_string());
        history.write("app.py", format!("x = {number}\n")).commit("Add the application");
        roster.push_str(&format!(
            "[[team]]\nid = \"team-{number}\"\nrepository = '{}'\n[[team.member]]\nname = \"Ana García\"\n",
            history.path().display()
        ));
    }
    let folder = folder(&[("roster.toml", roster.as_str())]);
    let said = stackmark(folder.path(), &["identities", "--roster", "roster.toml"]).said;
    assert!(said.contains("3 of 4 repositories begin with the same content"), "{said}");
    for (number, start) in starts.iter().enumerate() {
        let proposed = said.contains(&format!("  team-{number}: base_commit = \"{start}\""));
        assert_eq!(proposed, number < 3, "{said}");
    }
}

#[test]
fn folders_of_assignments_and_several_reports_are_proposed() {
    let (several, own, plain) = (History::new(), History::new(), History::new());
    several.write("TP1/app.py", "x = 1\n").write("TP2/app.py", "x = 2\n").commit("Add both assignments");
    own.write("report.pdf", "%PDF\n").write("docs/rapport.docx", "PK\n").commit("Add the reports");
    plain.write("app.py", "x = 1\n").write("report.md", "# Report\n").commit("Add the application");
    let entry = |id: &str, history: &History, more: &str| {
        format!(
            "[[team]]\nid = \"{id}\"\nrepository = '{}'\n{more}[[team.member]]\nname = \"Ana García\"\n",
            history.path().display()
        )
    };
    let classes = [("", true), ("folder = \"TP1\"\n", false)].map(|(more, proposed)| {
        let text = entry("several", &several, more) + &entry("own", &own, "") + &entry("plain", &plain, "");
        (folder(&[("roster.toml", text.as_str())]), proposed)
    });
    for (class, proposed) in &classes {
        let said = stackmark(class.path(), &["identities", "--roster", "roster.toml"]).said;
        assert_eq!(said.contains("  several: folder = \"TP1\" or \"TP2\""), *proposed, "{said}");
        assert!(said.contains("  own: report = \"docs/rapport.docx\" or \"report.pdf\""), "{said}");
        assert!(!said.contains("  plain: "), "{said}");
    }
    // Without --roster the current folder is a working copy, and this one is none.
    let ended = stackmark(classes[0].0.path(), &["identities"]);
    assert!(ended.code == 4 && ended.said.contains("stackmark identities --roster roster.toml"), "{}", ended.said);
}

#[test]
fn what_is_left_out_or_doubtful_is_told_and_an_unknown_rubric_is_refused() {
    let list = "team,name,email,repository\nteam-01,Ada Rivers,ada@example.org,https://git.example.org/team-01\n\
                team-01,Ben Okafor,see Moodle,https://git.example.org/team-01\n\
                team-01,\"Rivers, Ada\",rivers@example.org,https://git.example.org/team-01\n";
    let folder = folder(&[("list.csv", list)]);
    let ended = import(folder.path(), &["list.csv", "--rubric", "day02x"]);
    assert!(ended.code != 0 && ended.said.contains("there is no rubric \"day02x\"; did you mean"), "{}", ended.said);
    assert!(!folder.path().join("roster.toml").exists());
    let ended = import(folder.path(), &["list.csv", "--rubric", "day02"]);
    for said in [
        "list.csv: line 3: \"see Moodle\" is no address and is left out",
        "team team-01: Ada Rivers (ada@example.org) and Ada Rivers (rivers@example.org) have the same name",
    ] {
        assert!(ended.said.contains(said), "{said}\n{}", ended.said);
    }
}

//! Whose commits are whose: what makes an author a member's, what does not, and what `stackmark identities` tells of it.

use std::path::Path;
use std::process::{Command, Output};

use crate::support::history::{History, START};
use git2::{ObjectType, Signature, Time};
use stackmark_collect::Silent;
use stackmark_evidence::git::{Contribution, GitEvidence, Head, Person};
use stackmark_evidence::identities::{Confidence, IdentityReport, Sign, TeamIdentities, Unit};
use stackmark_evidence::{Member, MembersFrom, SignKind, Team};
use stackmark_history::RepositorySource;
use stackmark_history::repo::choose_head;
use stackmark_history::{Mailmap, measure_with, members_from_history};

fn person(name: &str, email: &str) -> Person {
    Person { name: name.to_owned(), email: email.to_owned() }
}

fn member(id: &str, name: &str, email: &str, aliases: &[&str], login: Option<&str>) -> Member {
    Member {
        id: id.to_owned(),
        name: name.to_owned(),
        emails: vec![email.to_owned()],
        aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        login: login.map(str::to_owned),
    }
}

fn team() -> Team {
    Team {
        id: "team-1".to_owned(),
        name: None,
        members: vec![
            member("ana", "Ana García", "ana@uni.example", &["anagar"], Some("ana-dev")),
            member("leo", "Léo Petit", "leo@uni.example", &[], None),
            member("mia", "Mia Rossi", "mia@uni.example", &[], None),
        ],
        members_from: MembersFrom::Roster,
        folder: None,
        nonce: None,
        distinct: Vec::new(),
    }
}

fn head_of(history: &History) -> Head {
    let source = RepositorySource { location: history.path().to_string_lossy().into_owned(), ..Default::default() };
    choose_head(history.repository(), &source).value().expect("a head").clone()
}

fn measured(history: &History, team: &Team, mailmap: &str) -> GitEvidence {
    let (mailmap, problems) = Mailmap::parse(mailmap);
    assert_eq!(problems, []);
    measure_with(history.repository(), &head_of(history), team, None, &mailmap, &Silent)
}

fn contribution(history: &History, team: &Team, mailmap: &str) -> Contribution {
    measured(history, team, mailmap).contribution.value().expect("a contribution").clone()
}

fn lines(prefix: &str, count: usize) -> String {
    (0..count).map(|n| format!("{prefix}_{n} = launch({n})\n")).collect()
}

/// One commit of each author, who adds ten lines to a file of their own.
fn commits_of(history: &History, authors: &[(&str, &str)]) {
    for (number, (name, email)) in authors.iter().enumerate() {
        history.as_author(name, email).write(&format!("part_{number}.py"), lines(&format!("p{number}"), 10));
        history.commit(&format!("Add part {number}"));
    }
}

/// Whose each author's commit is, in the order of `authors`.
fn owners(history: &History, mailmap: &str, authors: usize) -> Vec<Option<String>> {
    let evidence = measured(history, &team(), mailmap);
    let commits = evidence.commits.value().expect("commits");
    commits.iter().rev().take(authors).map(|commit| commit.member.clone()).collect()
}

/// A commit whose fields are these very bytes, whatever git would say to them.
fn raw_commit(history: &History, author: &[u8], headers: &[u8], message: &[u8]) {
    let repository = history.repository();
    let tip = history.tip().expect("a commit");
    let tree = repository.find_commit(tip).expect("the tip").tree_id();
    let mut bytes = format!("tree {tree}\nparent {tip}\nauthor ").into_bytes();
    for (part, end) in [(author, " 1725300000 +0000\ncommitter "), (author, " 1725300000 +0000\n")] {
        bytes.extend_from_slice(part);
        bytes.extend_from_slice(end.as_bytes());
    }
    bytes.extend_from_slice(headers);
    bytes.push(b'\n');
    bytes.extend_from_slice(message);
    let id = repository.odb().expect("an odb").write(ObjectType::Commit, &bytes).expect("written");
    repository.reference("refs/heads/main", id, true, "test").expect("a branch");
}

#[test]
fn an_author_is_a_members_by_what_the_roster_says_and_however_it_was_typed() {
    let rows: [(&str, &str, Option<&str>); 16] = [
        ("x", "ANA@uni.example", Some("ana")),
        ("anagar", "a@home.example", Some("ana")),
        ("Petit, Leo", "l@home.example", Some("leo")),
        ("x", "12+ana-dev@users.noreply.forge.example", Some("ana")),
        ("x", "12-ana-dev@users.noreply.forge.example", Some("ana")),
        ("x", "ana-dev@noreply.forge.example", Some("ana")),
        ("leo@uni.example", "Léo Petit", Some("leo")),
        ("unknown", "Mia Rossi", Some("mia")),
        ("mia@uni.example", "mia", Some("mia")),
        ("Mia <mia@uni.example>", "none", Some("mia")),
        ("x", "'leo@uni.example',", Some("leo")),
        ("x", "mailto:leo@uni.example]", Some("leo")),
        ("Ubuntu", "ubuntu@ip-10-0-0-1.ec2.internal", None),
        ("root", "root@laptop.local", None),
        ("Leo", "leo@gmail.example", None),
        ("dependabot[bot]", "49+dependabot[bot]@users.noreply.forge.example", None),
    ];
    let history = History::new();
    history.write("a.py", "a = 1\n").commit("Begin");
    for (name, email, _) in rows {
        raw_commit(&history, format!("{name} <{}>", email.replace(['<', '>'], "")).as_bytes(), b"", b"Add\n");
    }
    let found = owners(&history, "", rows.len() + 1);
    for ((name, email, expected), found) in rows.iter().zip(&found[1..]) {
        assert_eq!(found.as_deref(), *expected, "{name} <{email}>");
    }
}

#[test]
fn names_that_are_not_utf_8_are_read_in_the_encoding_of_the_commit() {
    let history = History::new();
    history.write("a.py", "a = 1\n").commit("Begin");
    raw_commit(&history, b"L\xe9o Petit <l@home.example>", b"", b"D\xe9ploie\n");
    raw_commit(&history, b"L\x8eo Petit <l@home.example>", b"encoding macintosh\n", b"D\x8eploie\n");
    raw_commit(&history, "Léo Petit <l@home.example>".as_bytes(), b"encoding ISO-8859-1\n", b"Add\n");
    assert_eq!(owners(&history, "", 4)[1..], [Some("leo".to_owned()), Some("leo".to_owned()), Some("leo".to_owned())]);
    let evidence = measured(&history, &team(), "");
    assert_eq!(evidence.commits.value().expect("commits")[1].subject, "Déploie");
}

#[test]
fn co_authors_are_found_however_the_trailer_was_written() {
    let history = History::new();
    history.write("a.py", lines("a", 30));
    history.commit("Add a\n\nCo-authored-by: Leo <leo@uni.example>, x <mia@uni.example>\n");
    history.write("b.py", lines("b", 30)).commit("Add b\n\nco-authored-by: leo leo@uni.example\n");
    let contribution = contribution(&history, &team(), "");
    let works: Vec<f64> = contribution.members.iter().map(|member| member.work.lines).collect();
    assert_eq!(works, [25.0, 25.0, 10.0]);
    assert!(contribution.unmapped.is_empty(), "{contribution:?}");
}

#[test]
fn the_roster_comes_before_the_instructors_mailmap_and_that_before_the_repositorys() {
    let history = History::new();
    history.write(
        ".mailmap",
        "Léo Petit <leo@uni.example> <box@lab.example>\n\
         Mia Rossi <mia@uni.example> <pc@lab.example>\n\
         Mia Rossi <mia@uni.example> <starter@school.example>\n",
    );
    let authors = [
        ("box", "box@lab.example"),
        ("pc", "pc@lab.example"),
        ("x", "leo@uni.example"),
        ("prof", "starter@school.example"),
    ];
    commits_of(&history, &authors);
    let instructor = "Ana García <ana@uni.example> <pc@lab.example>\n\
                      Ana García <ana@uni.example> <leo@uni.example>\n\
                      Starter Code <nobody@school.example> <starter@school.example>\n";
    let found = owners(&history, instructor, 4);
    assert_eq!(found, [Some("leo".to_owned()), Some("ana".to_owned()), Some("leo".to_owned()), None]);

    let contribution = contribution(&history, &team(), instructor);
    let told: Vec<(&str, &str, &str, u64)> = (contribution.remapped.iter())
        .map(|remap| (remap.by.as_str(), remap.from.name.as_str(), remap.member.as_str(), remap.commits))
        .collect();
    assert_eq!(told, [("repository", "box", "leo", 1), ("instructor", "pc", "ana", 1)]);
    assert_eq!(contribution.remapped[0].to, person("Léo Petit", "leo@uni.example"));
}

#[test]
fn changing_the_mailmap_of_the_repository_does_not_pay() {
    let authors = [
        ("Ana García", "ana@uni.example"),
        ("anagar", "a@home.example"),
        ("x", "12+ana-dev@users.noreply.forge.example"),
        ("Léo Petit", "leo@uni.example"),
        ("Mia Rossi", "mia@uni.example"),
        ("dependabot[bot]", "49+dependabot[bot]@users.noreply.forge.example"),
        ("prof", "starter@school.example"),
    ];
    let instructor = "Starter <nobody@school.example> <starter@school.example>\n";
    let with = |mailmap: &str| {
        let history = History::new();
        // As many lines in any case: the file itself is work like any other.
        history.write(".mailmap", format!("{mailmap}{}", "# nothing\n".repeat(2 - mailmap.lines().count())));
        commits_of(&history, &authors);
        contribution(&history, &team(), instructor)
    };
    let honest = with("");
    for mailmap in [
        // Everyone's work, by address, by name, by both; and mine thrown away.
        "Mia Rossi <mia@uni.example> <ana@uni.example>\nMia Rossi <mia@uni.example> <leo@uni.example>\n",
        "Mia Rossi <mia@uni.example> anagar <a@home.example>\nMia Rossi <12+ana-dev@users.noreply.forge.example>\n",
        "<mia@uni.example> <a@home.example>\n<mia@uni.example> <12+ana-dev@users.noreply.forge.example>\n",
        "Nobody <nobody@x.example> <mia@uni.example>\nNobody <nobody@x.example> <ana@uni.example>\n",
        // What a program did, and what the instructor knows to be nobody's.
        "Mia Rossi <mia@uni.example> <49+dependabot[bot]@users.noreply.forge.example>\n",
        "Mia Rossi <mia@uni.example> <starter@school.example>\n",
        // Neither file nor mailmap.
        "<<<>>>\n<mia@uni.example\n",
    ] {
        assert_eq!(with(mailmap), honest, "{mailmap}");
    }
}

/// Half of the commits are by somebody like nobody of the team, and the team says that it is Léo.
#[test]
fn a_share_by_the_word_of_the_team_alone_is_a_question() {
    let asked = |mailmap: &str, stranger: (&str, &str), instructor: &str| {
        let history = History::new();
        history.write(".mailmap", mailmap);
        let (ana, leo) = (("Ana García", "ana@uni.example"), ("Léo Petit", "leo@uni.example"));
        commits_of(&history, &[ana, stranger, leo, stranger, ana, stranger]);
        let evidence = measured(&history, &team(), instructor);
        let of = |reading: &str| evidence.signs.get(reading).cloned().unwrap_or_default();
        let found = of("contribution").into_iter().find(|sign| sign.kind == SignKind::OwnMailmap);
        assert_eq!(found, of("coordination").into_iter().find(|sign| sign.kind == SignKind::OwnMailmap));
        found.map(|sign| (sign.asks, sign.in_words()))
    };
    let linus = ("Torvald", "linus@kernel.example");
    let mailmap = "Léo Petit <leo@uni.example> <linus@kernel.example>\n";
    let said = "Torvald (linus@kernel.example): only the repository's own .mailmap says that these authors are Léo Petit, by up to \
                75% of a member's work";
    assert_eq!(asked(mailmap, linus, ""), Some((true, said.to_owned())));
    assert_eq!(asked(mailmap, linus, "Léo Petit <leo@uni.example> <linus@kernel.example>\n"), None);
    assert_eq!(asked("# nothing\n", linus, ""), None);
    // Two addresses of one person show it: by the part before the @, or by the name.
    for (name, email) in [("box", "leo@lab.example"), ("Petit", "x@lab.example"), ("leopetit", "lp@lab.example")] {
        let mailmap = format!("Léo Petit <leo@uni.example> <{email}>\n");
        assert_eq!(asked(&mailmap, (name, email), ""), None, "{name}");
    }
}

#[test]
fn a_mailmap_that_names_two_members_at_once_maps_nobody() {
    let history = History::new();
    history
        .write(".mailmap", "Léo Petit <mia@uni.example> <box@lab.example>\nSam Lee <sam@x.example> <pc@lab.example>\n");
    commits_of(&history, &[("box", "box@lab.example"), ("pc", "pc@lab.example"), ("Ana", "ana@uni.example")]);
    let mut team = team();
    team.members[0].aliases = vec!["Sam Lee".to_owned()];
    team.members[1].aliases = vec!["Lee Sam".to_owned()];
    let contribution = contribution(&history, &team, "");
    assert_eq!(contribution.unmapped.len(), 2, "{contribution:?}");
    assert!(contribution.remapped.is_empty());

    // Nor does it settle a name that two members of the roster have.
    let history = History::new();
    history.write(".mailmap", "<ana@uni.example> <sam@x.example>\n");
    commits_of(&history, &[("Sam Lee", "sam@x.example"), ("Ana", "ana@uni.example")]);
    assert_eq!(self::contribution(&history, &team, "").members[0].commits, 1);
    assert_eq!(self::contribution(&history, &team, "<leo@uni.example> <sam@x.example>\n").members[1].commits, 1);
}

#[test]
fn a_link_is_no_mailmap() {
    let history = History::new();
    history.link(".mailmap", "Léo Petit <leo@uni.example> <box@lab.example>");
    commits_of(&history, &[("box", "box@lab.example"), ("Ana", "ana@uni.example")]);
    assert!(contribution(&history, &team(), "").remapped.is_empty());
}

#[test]
fn commits_that_another_member_committed_are_told() {
    let history = History::new();
    commits_of(&history, &[("Ana García", "ana@uni.example"), ("Léo Petit", "leo@uni.example")]);
    let repository = history.repository();
    let signature =
        |name: &str, email: &str| Signature::new(name, email, &Time::new(START + 90_000, 0)).expect("valid");
    for (author, committer) in [
        (("Léo Petit", "leo@uni.example"), ("Ana García", "ana@uni.example")),
        (("leo", "LEO@uni.example"), ("x", "12+ana-dev@users.noreply.forge.example")),
        (("Mia Rossi", "mia@uni.example"), ("GitHub", "noreply@github.com")),
        (("Ana García", "ana@uni.example"), ("anagar", "a@home.example")),
        (("stranger", "s@x.example"), ("Ana García", "ana@uni.example")),
    ] {
        let tip = repository.find_commit(history.tip().expect("a commit")).expect("the tip");
        let (author, committer) = (signature(author.0, author.1), signature(committer.0, committer.1));
        let tree = tip.tree().expect("a tree");
        repository.commit(Some("refs/heads/main"), &author, &committer, "Add x", &tree, &[&tip]).expect("a commit");
    }
    let told = contribution(&history, &team(), "").other_committers;
    let told: Vec<_> = told.iter().map(|it| (it.author.as_str(), it.committer.as_str(), it.commits)).collect();
    assert_eq!(told, [("leo", "ana", 2)]);
}

#[test]
fn without_a_roster_machines_are_nobody_and_the_repositorys_mailmap_joins_in_the_open() {
    let history = History::new();
    history.write(".mailmap", "Léo Petit <leo@uni.example> <box@lab.example>\n");
    let authors = [
        ("Léo Petit", "leo@uni.example"),
        ("box", "box@lab.example"),
        ("Ubuntu", "ubuntu@ip-10-0-0-1.ec2.internal"),
        ("Ubuntu", "ana@uni.example"),
        ("Ana García", "ana@uni.example"),
    ];
    commits_of(&history, &authors);
    let members = members_from_history(history.repository(), &head_of(&history), None).expect("members");
    let names: Vec<&str> = members.iter().map(|member| member.name.as_str()).collect();
    assert_eq!(names, ["Ana García", "Léo Petit"]);
    let team = Team { members, members_from: MembersFrom::History, ..team() };
    let contribution = contribution(&history, &team, "");
    let commits: Vec<u64> = contribution.members.iter().map(|member| member.commits).collect();
    assert_eq!((commits, contribution.unmapped.len()), (vec![2, 2], 1));
    assert_eq!(contribution.remapped.len(), 1);
    assert_eq!(contribution.remapped[0].from.name, "box");
}

fn stackmark(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stackmark"));
    command.current_dir(folder).env_clear().env("HOME", folder).env("LANG", "C.UTF-8");
    command.args(arguments).output().expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// A team that signs in many ways, and its roster.
fn messy() -> (History, tempfile::TempDir) {
    let history = History::new();
    commits_of(
        &history,
        &[
            ("Ana García", "ana@uni.example"),
            ("ana-dev", "12+ana-dev@users.noreply.forge.example"),
            ("García Ana", "anagarcia92@mail.example"),
            ("ana-dev", "ana@laptop.local"),
            ("Léo Petit", "leo.petit@uni.example"),
            ("shared", "box@lab.example"),
            ("lpetit", "leo.petit@mail.example"),
            ("Mia Rosi", "m@mail.example"),
            ("root", "root@laptop.local"),
            ("Ubuntu", "ubuntu@ip-10-0-0-1.ec2.internal"),
            ("stranger", "s7@mail.example"),
            ("dependabot[bot]", "49+dependabot[bot]@users.noreply.forge.example"),
        ],
    );
    let folder = tempfile::tempdir().expect("a folder");
    let roster = format!(
        "rubric = \"repository\"\nmailmap = \"class.mailmap\"\n\n[[team]]\nid = \"team-1\"\nrepository = '{}'\n\
         [[team.member]]\nname = \"Ana García\"\nemails = [\"ana@uni.example\", \"ana@old.example\"]\nlogin = \"ana-dev\"\n\
         [[team.member]]\nname = \"Léo Petit\"\nemails = [\"leo.petit@uni.example\"]\naliases = [\"petitleo\"]\n\
         [[team.member]]\nname = \"Mia Rossi\"\nemails = [\"mia@uni.example\"]\n",
        history.path().display()
    );
    let mailmap =
        "Léo Petit <leo.petit@uni.example> shared <box@lab.example>\nSam Poe <sam@uni.example> <x@y.example>\n";
    std::fs::write(folder.path().join("roster.toml"), roster).expect("written");
    std::fs::write(folder.path().join("class.mailmap"), mailmap).expect("written");
    (history, folder)
}

fn listed(folder: &Path, arguments: &[&str]) -> TeamIdentities {
    let output = stackmark(folder, &[&["identities", "--format", "json"], arguments].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    let report: IdentityReport = serde_json::from_slice(&output.stdout).expect("a report");
    report.teams.into_iter().next().expect("a team")
}

#[test]
fn identities_tells_whose_they_are_and_why_and_whose_they_may_be() {
    let (_history, folder) = messy();
    let team = listed(folder.path(), &["--roster", "roster.toml"]);
    let whose: Vec<Vec<(&str, &str)>> = (team.members.iter())
        .map(|member| member.identities.iter().map(|it| (it.person.email.as_str(), it.by.as_str())).collect())
        .collect();
    assert_eq!(
        whose,
        [
            vec![
                ("ana@uni.example", "address"),
                ("anagarcia92@mail.example", "name"),
                ("12+ana-dev@users.noreply.forge.example", "login"),
                ("ana@laptop.local", "name"),
            ],
            vec![("leo.petit@uni.example", "address"), ("box@lab.example", "mailmap")],
            vec![],
        ]
    );
    let guessed =
        |list: &[stackmark_evidence::identities::UnmappedIdentity]| -> Vec<(String, String, Confidence, Sign)> {
            let of = |it: &stackmark_evidence::identities::UnmappedIdentity| {
                let one = it.suggestions.first()?;
                Some((it.person.name.clone(), one.member.clone(), one.confidence, one.reasons[0].sign))
            };
            list.iter().filter_map(of).collect()
        };
    assert_eq!(
        guessed(&team.unmapped),
        [
            ("Mia Rosi".to_owned(), "mia-rossi".to_owned(), Confidence::Likely, Sign::NearlySameName),
            ("lpetit".to_owned(), "léo-petit".to_owned(), Confidence::VeryLikely, Sign::SameLocalPart),
        ]
    );
    assert_eq!(
        guessed(&team.machines),
        [("root".to_owned(), "ana-garcía".to_owned(), Confidence::Likely, Sign::SameMachine)]
    );
    assert_eq!((team.unmapped.len(), team.machines.len(), team.bots.len()), (3, 2, 1));
    // Five of twelve commits of ten lines each; the program's is aside.
    assert!((team.nobodys_share - 0.4167).abs() < 1e-9, "{}", team.nobodys_share);
    let unmatched: Vec<(&str, &str)> = team.unmatched.iter().map(|it| (it.kind.as_str(), it.value.as_str())).collect();
    assert_eq!(unmatched, [("address", "ana@old.example"), ("alias", "petitleo"), ("address", "mia@uni.example")]);

    let output = stackmark(folder.path(), &["identities", "--roster", "roster.toml"]);
    let shown = text(&output.stdout);
    for said in [
        "No member's: 41.7% of the added lines",
        "Mia Rossi: no commit",
        "likely Mia Rossi: the names differ by a letter or two: mia rosi and mia rossi",
        "both committed on laptop.local",
        "alias \"petitleo\" of Léo Petit",
        "by the mailmap, as Léo Petit <leo.petit@uni.example>",
    ] {
        assert!(shown.contains(said), "{said} in {shown}");
    }
    assert!(shown.lines().all(|line| line.chars().count() <= 120), "{shown}");
    assert!(text(&output.stderr).contains("the mailmap gives commits to Sam Poe <sam@uni.example>, who is nobody"));
}

#[test]
fn the_mailmap_that_is_written_is_gits_and_holds_guesses_as_comments_only() {
    let (history, folder) = messy();
    let output = stackmark(folder.path(), &["identities", "--roster", "roster.toml", "--format", "mailmap"]);
    let mailmap = text(&output.stdout);
    assert!(text(&output.stderr).contains("no commit has alias \"petitleo\" of Léo Petit"), "{}", text(&output.stderr));
    let file = folder.path().join("written.mailmap");
    std::fs::write(&file, &mailmap).expect("written");
    let of_git = |signature: &str| {
        let mut git = Command::new("git");
        git.arg("-c").arg(format!("mailmap.file={}", file.display())).args(["-c", "safe.directory=*"]);
        git.arg("--git-dir").arg(history.path()).args(["check-mailmap", signature]);
        git.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        text(&git.output().expect("git runs").stdout).trim().to_owned()
    };
    for (from, to) in [
        ("ana-dev <12+ana-dev@users.noreply.forge.example>", "Ana García <ana@uni.example>"),
        ("García Ana <anagarcia92@mail.example>", "Ana García <ana@uni.example>"),
        ("shared <box@lab.example>", "Léo Petit <leo.petit@uni.example>"),
        ("someone <box@lab.example>", "someone <box@lab.example>"),
        ("Mia Rosi <m@mail.example>", "Mia Rosi <m@mail.example>"),
        ("lpetit <leo.petit@mail.example>", "lpetit <leo.petit@mail.example>"),
    ] {
        assert_eq!(of_git(from), to, "{mailmap}");
    }
    let guess = "# Mia Rosi <m@mail.example> is likely Mia Rossi: the names differ by a letter or two: mia rosi and mia rossi\n\
                 # Mia Rossi <mia@uni.example> Mia Rosi <m@mail.example>\n";
    assert!(mailmap.contains(guess), "{mailmap}");

    // A person takes the guesses over by taking the signs away; then they are the instructor's word.
    let decided: String = mailmap
        .lines()
        .filter(|line| !line.contains(" is "))
        .map(|line| format!("{}\n", line.trim_start_matches("# ")))
        .collect();
    std::fs::write(&file, decided).expect("written");
    let team = listed(folder.path(), &["--roster", "roster.toml", "--mailmap", "written.mailmap"]);
    assert_eq!((team.unmapped.len(), team.machines.len()), (1, 1), "{team:?}");
    assert_eq!(team.members[2].identities[0].by, "mailmap");
}

#[test]
fn the_roster_that_is_written_is_accepted_and_finds_the_same_people() {
    let (history, folder) = messy();
    let path = history.path().to_string_lossy().into_owned();
    let mine = ["--roster", "roster.toml", "--team", "team-1", &path];
    let before = listed(folder.path(), &mine);
    let output = stackmark(folder.path(), &[&["identities", "--format", "roster"], &mine[..]].concat());
    let written = text(&output.stdout);
    std::fs::write(folder.path().join("new.toml"), &written).expect("written");
    let after = listed(folder.path(), &["--roster", "new.toml"]);
    let people = |team: &TeamIdentities| -> Vec<Vec<Person>> {
        team.members.iter().map(|member| member.identities.iter().map(|it| it.person.clone()).collect()).collect()
    };
    assert_eq!(people(&before), people(&after), "{written}");
    assert!(written.contains("  # likely Mia Rosi <m@mail.example>: the names differ"), "{written}");
    let graded = stackmark(folder.path(), &["grade", "--roster", "new.toml", "--rubric", "repository"]);
    assert!(graded.status.success(), "{}{}", text(&graded.stdout), text(&graded.stderr));

    // From a history alone as well; then machines are nobody, and people who resemble each other are told.
    let output = stackmark(folder.path(), &["identities", &path, "--format", "roster"]);
    std::fs::write(folder.path().join("guessed.toml"), &output.stdout).expect("written");
    let team = listed(folder.path(), &["--roster", "guessed.toml"]);
    let names: Vec<&str> = team.members.iter().map(|member| member.name.as_str()).collect();
    assert_eq!(
        names,
        ["ana-dev", "Ana García", "Léo Petit", "lpetit", "Mia Rosi", "shared", "stranger"],
        "{}",
        text(&output.stdout)
    );
    assert_eq!(team.machines.len(), 2);

    // Used as it is, it holds one person twice: every command that reads it says so, and what to do.
    let of_lpetit = &team.members[3].suggestions;
    let of_lpetit: Vec<_> = of_lpetit.iter().map(|it| (it.member.as_str(), it.confidence)).collect();
    assert_eq!(of_lpetit, [("léo-petit", Confidence::VeryLikely)]);
    for command in [&["identities"][..], &["doctor", "--repositories"], &["grade", "--rubric", "repository"]] {
        let output = stackmark(folder.path(), &[command, &["--roster", "guessed.toml"]].concat());
        let said = text(&output.stderr);
        assert!(said.contains("Léo Petit and lpetit of ") && said.contains("`distinct = true` for both"), "{said}");
    }
    let roster = std::fs::read_to_string(folder.path().join("guessed.toml")).expect("the roster");
    let decided = roster.replace("[[team.member]]\n", "[[team.member]]\n  distinct = true\n");
    std::fs::write(folder.path().join("decided.toml"), decided).expect("written");
    let output = stackmark(folder.path(), &["identities", "--roster", "decided.toml"]);
    assert!(!text(&output.stderr).contains("one person"), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("lpetit") && !text(&output.stdout).contains("very likely Léo Petit"));
}

#[test]
fn where_files_cannot_be_read_shares_are_parts_of_the_commits() {
    let (history, folder) = messy();
    let blob = history.repository().revparse_single("main:part_4.py").expect("the file").id().to_string();
    std::fs::remove_file(history.path().join("objects").join(&blob[..2]).join(&blob[2..])).expect("removed");
    let path = history.path().to_string_lossy().into_owned();
    let team = listed(folder.path(), &["--roster", "roster.toml", "--team", "team-1", &path]);
    assert_eq!((team.unit, team.whole, team.commits), (Unit::Commits, 12, 12));
    assert!((team.nobodys_share - 0.4167).abs() < 1e-9, "{}", team.nobodys_share);
    assert!(team.unread.is_some_and(|unread| unread.contains("cannot be read")));
}

#[test]
fn a_broken_line_of_the_instructors_mailmap_is_named() {
    let (_history, folder) = messy();
    std::fs::write(folder.path().join("class.mailmap"), "# class\nAna García ana@old.example\n").expect("written");
    for command in [["identities"], ["grade"]] {
        let output = stackmark(folder.path(), &[&command[..], &["--roster", "roster.toml"]].concat());
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(3), "{said}");
        assert!(said.contains("class.mailmap:2") && said.contains("no address in <…>"), "{said}");
        assert!(said.contains("Proper Name <proper@email>"), "{said}");
    }
}

#[test]
fn a_run_goes_on_only_with_the_same_mailmap() {
    let (_history, folder) = messy();
    let grade = || text(&stackmark(folder.path(), &["grade", "--roster", "roster.toml"]).stdout);
    grade();
    let run = folder.path().join("results/run.json");
    let record = std::fs::read_to_string(&run).expect("a record");
    assert!(record.contains("\"mailmap_sha256\": \""), "{record}");
    let interrupted =
        regex::Regex::new("\"finished_at\": \"[^\"]*\"").expect("valid").replace(&record, "\"finished_at\": null");
    std::fs::write(&run, interrupted.as_bytes()).expect("written");
    std::fs::write(folder.path().join("class.mailmap"), "Mia Rossi <mia@uni.example> <m@mail.example>\n")
        .expect("written");
    grade();
    let evidence = std::fs::read_to_string(folder.path().join("results/teams/team-1/evidence.json")).expect("evidence");
    let evidence: stackmark_evidence::Evidence = serde_json::from_str(&evidence).expect("valid");
    let contribution = evidence.git.contribution.value().expect("a contribution").clone();
    assert_eq!(contribution.members[2].commits, 1);
    let report = std::fs::read_to_string(folder.path().join("results/teams/team-1/report.md")).expect("a report");
    assert!(report.contains("The instructor's mailmap gives these authors to a member:"), "{report}");
}

#[test]
fn work_that_is_all_nobodys_sends_the_reader_to_this_command() {
    let history = History::new();
    commits_of(&history, &[("x", "x@y.example")]);
    let failure = measured(&history, &team(), "").contribution.failure().cloned().expect("a failure");
    assert!(failure.detail.contains("`stackmark identities` lists them"), "{failure}");
}

#[test]
fn the_mailmap_is_read_as_git_reads_it() {
    let text = "Ana García <ana@home.example>\n<leo@uni.example> <leo@old.example> # moved\n\
                Mia Rossi <mia@uni.example> <mia@old.example>\n\
                Mia Rossi <mia@uni.example> Guest <lab@x.example>\nLéo Petit <leo@uni.example> <lab@x.example>\n\
                Other <ANA@home.example>\nBroken <x\n  \nSam <sam@uni.example> sam poe <LAB@x.example>\n";
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("mailmap");
    std::fs::write(&file, text).expect("written");
    let history = History::new();
    let (ours, _) = Mailmap::parse(text);
    for (name, email) in [
        ("a", "ana@home.example"),
        ("l", "Leo@old.example"),
        ("m", "mia@OLD.example"),
        ("guest", "lab@x.example"),
        ("SAM POE", "lab@X.example"),
        ("else", "lab@x.example"),
        ("nobody", "n@x.example"),
    ] {
        let output = Command::new("git")
            .args(["-c", &format!("mailmap.file={}", file.display()), "-c", "safe.directory=*", "--git-dir"])
            .arg(history.path())
            .args(["check-mailmap", &format!("{name} <{email}>")])
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .expect("git runs");
        let from = person(name, email);
        let to = ours.resolve(&from).unwrap_or(from);
        assert_eq!(format!("{} <{}>", to.name, to.email), self::text(&output.stdout).trim(), "{name} <{email}>");
    }
}

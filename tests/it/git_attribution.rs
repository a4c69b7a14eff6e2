//! Whose a commit is and whether it is work: one answer for every measure of the history.

use git2::{Oid, Repository, Signature, Time};
use stackmark_collect::Silent;
use stackmark_evidence::git::{Contribution, Coordination, GitEvidence, Head, MemberShare};
use stackmark_evidence::{MembersFrom, Reading, SetAsideKind, SignKind, Team};
use stackmark_history::repo::choose_head;
use stackmark_history::{Mailmap, RepositorySource, Walked, counting, measure, members_from_history_with};

use crate::support::history::{BY_ANOTHER, History, START};
use crate::support::people::{ANA, LEO, lines, member, team_of};

const DAY: i64 = 86_400;

fn team() -> Team {
    team_of(vec![member("ana", ANA), member("leo", LEO)])
}

fn head_of(repository: &Repository) -> Head {
    let location = repository.path().to_string_lossy().into_owned();
    let source = RepositorySource { location, ..RepositorySource::default() };
    choose_head(repository, &source).value().expect("a head").clone()
}

fn measured_for(history: &History, team: &Team) -> GitEvidence {
    measure(history.repository(), &head_of(history.repository()), team, None, &Silent)
}

fn measured(history: &History) -> GitEvidence {
    measured_for(history, &team())
}

fn contribution(evidence: &GitEvidence) -> &Contribution {
    evidence.contribution.value().unwrap_or_else(|| panic!("{:?}", evidence.contribution))
}

fn coordination(evidence: &GitEvidence) -> &Coordination {
    evidence.coordination.value().unwrap_or_else(|| panic!("{:?}", evidence.coordination))
}

fn share<'e>(evidence: &'e GitEvidence, id: &str) -> &'e MemberShare {
    contribution(evidence).members.iter().find(|member| member.member == id).expect("a member")
}

fn ana(history: &History) -> &History {
    history.as_author(ANA.0, ANA.1)
}

fn leo(history: &History) -> &History {
    history.as_author(LEO.0, LEO.1)
}

fn near(value: f64, expected: f64) -> bool {
    (value - expected).abs() < 1e-4
}

/// Both members commit, and Léo's messages end with a trailer.
fn with_trailer(trailer: &str) -> History {
    let history = History::new();
    for step in 0..2 {
        ana(&history).write(&format!("a{step}.py"), lines(&format!("a{step}"), 20)).commit("Launch the instances");
        let message = format!("Create the load balancer\n\n{trailer}");
        leo(&history).write(&format!("b{step}.py"), lines(&format!("b{step}"), 20)).commit(&message);
    }
    history
}

#[test]
fn an_agent_beside_a_person_changes_nothing_whoever_sells_it() {
    let plain = measured(&with_trailer(""));
    for agent in [
        "Claude <noreply@anthropic.com>",
        "Claude Opus 4.5 <noreply@anthropic.com>",
        "Copilot <175728472+Copilot@users.noreply.github.com>",
        "Cursor <cursoragent@cursor.com>",
        "aider (some-model) <aider@aider.chat>",
        "Codex <noreply@openai.com>",
        "gemini-cli <gemini-cli@google.com>",
        "opencode <noreply@opencode.ai>",
        "GPT-5",
        "renovate[bot] <29139614+renovate[bot]@users.noreply.github.com>",
    ] {
        let evidence = measured(&with_trailer(&format!("co-authored-by : {agent}")));
        let (found, expected) = (contribution(&evidence), contribution(&plain));
        assert_eq!(found.members, expected.members, "{agent}");
        assert!(found.unmapped.is_empty(), "{agent}: {:?}", found.unmapped);
        assert!(near(found.evenness, 1.0) && found.evenness_by_hand == Some(1.0), "{agent}: {found:?}");
        let told: Vec<(u64, u64)> = found.programs.iter().map(|it| (it.commits, it.co_authored)).collect();
        assert_eq!(told, [(0, 2)], "{agent}: it is told as a fact");
        let working = coordination(&evidence);
        assert_eq!((working.co_authored, working.co_authored_unknown), (0, Some(0)), "{agent}: nobody paired");
    }
}

#[test]
fn whose_work_it_is_that_agents_alone_committed_is_not_known() {
    let history = History::new();
    history.as_author("Claude", "noreply@anthropic.com").write("a.py", lines("a", 40)).commit("Launch the instances");
    let evidence = measured(&history);
    for failure in [evidence.contribution.failure(), evidence.atomicity.failure(), evidence.messages.failure()] {
        let told = failure.map(|failure| failure.detail.as_str()).unwrap_or_default();
        assert!(told.contains("coding agents alone (Claude)"), "{told}");
    }
    // A classroom's bot did what nobody asks the team about.
    let history = History::new();
    history.as_author("github-classroom[bot]", "66690702+github-classroom[bot]@users.noreply.github.com");
    history.write("a.py", lines("a", 40)).commit("Initial commit");
    assert!(matches!(measured(&history).contribution, Reading::Absent { .. }));
}

#[test]
fn an_agent_that_is_named_in_other_words_is_a_fact_as_well() {
    let plain = measured(&with_trailer(""));
    for line in ["🤖 Generated with [Claude Code](https://claude.com/claude-code)", "Assisted-by: Claude"] {
        let evidence = measured(&with_trailer(line));
        let (found, expected) = (contribution(&evidence), contribution(&plain));
        assert_eq!((&found.members, found.agent_share), (&expected.members, expected.agent_share), "{line}");
        let told: Vec<(&str, u64, u64)> =
            found.programs.iter().map(|it| (it.name.as_str(), it.commits, it.co_authored)).collect();
        assert_eq!(told, [("Claude", 0, 2)], "{line}");
    }
}

#[test]
fn what_a_program_commits_is_the_persons_it_names_and_else_nobodys() {
    let history = History::new();
    ana(&history).write("a.py", lines("a", 40)).commit("Launch the instances");
    history.as_author("copilot-swe-agent[bot]", "198982749+Copilot@users.noreply.github.com");
    history.write("b.py", lines("b", 20)).commit("Add metrics\n\nCo-authored-by: Léo Petit <leo@uni.example>");
    history.write("c.py", lines("c", 300)).commit("Add everything else");
    let evidence = measured(&history);
    let found = contribution(&evidence);
    assert!(near(share(&evidence, "ana").work.lines, 40.0) && near(share(&evidence, "leo").work.lines, 20.0));
    assert!(found.unmapped.is_empty() && near(found.unmapped_share, 0.0), "an agent is no unknown author");
    let agent = &found.programs[0];
    assert_eq!((agent.kind.as_str(), agent.commits), ("agent", 2));
    assert!(near(agent.work, 300.0) && near(agent.surviving, 300.0), "{agent:?}");
    assert!(found.agent_share.is_some_and(|share| near(share, 300.0 / 360.0)), "{found:?}");
    let atomicity = evidence.atomicity.value().expect("measured");
    assert_eq!(atomicity.commits, 2, "what an agent did alone says nothing of the team's commits");
    assert!(near(atomicity.largest_share, 40.0 / 60.0), "{atomicity:?}");
    assert_eq!(evidence.messages.value().expect("measured").commits, 2);
    // Léo's part rests on what the agent wrote.
    assert_eq!((share(&evidence, "leo").by_trailers, found.evenness_by_hand), (Some(1.0), Some(0.0)));
}

#[test]
fn a_classroom_bots_code_is_starter_code() {
    let work = |history: &History| {
        ana(history).write("a.py", lines("a", 30)).commit("Launch the instances");
        leo(history).write("b.py", lines("b", 30)).commit("Create the balancer");
    };
    let (with, without) = (History::new(), History::new());
    with.as_author("github-classroom[bot]", "66690702+github-classroom[bot]@users.noreply.github.com");
    for name in ["x", "y", "z"] {
        with.write(&format!("{name}.py"), lines(name, 90));
    }
    with.commit("Initial commit");
    work(&with);
    work(&without);
    let (with, without) = (measured(&with), measured(&without));
    assert_eq!(contribution(&with).members, contribution(&without).members);
    assert_eq!(contribution(&with).starter_lines, 270);
    assert!(contribution(&with).unmapped.is_empty());
    assert_eq!(contribution(&with).files, contribution(&without).files, "starter code is no copy of another team");
    let atomic = |evidence: &GitEvidence| evidence.atomicity.value().map(|it| (it.commits, it.largest_share));
    assert_eq!(atomic(&with), atomic(&without));
    assert_eq!(with.messages.value().map(|it| it.commits), Some(2));
    let (a, b) = (coordination(&with), coordination(&without));
    assert_eq!((a.active_days, a.shared_files_share), (b.active_days, b.shared_files_share));
}

/// Both members have three commits of 20 lines.
fn both_at_work() -> History {
    let history = History::new();
    for step in 0..3 {
        ana(&history).write(&format!("a{step}.py"), lines(&format!("a{step}"), 20)).commit("Launch the instances");
        leo(&history).write(&format!("b{step}.py"), lines(&format!("b{step}"), 20)).commit("Create the load balancer");
    }
    history
}

#[test]
fn what_git_subtree_puts_in_is_nobodys_until_a_person_says() {
    let history = both_at_work();
    let before = measured(&history);
    leo(&history).subtree("shared/aws", &[("client.py", &lines("client", 90)), ("a0.py", &lines("pool", 90))]);
    let evidence = measured(&history);
    let of_leo = share(&evidence, "leo");
    assert!(near(of_leo.work.lines, 60.0) && near(of_leo.surviving.lines, 60.0), "{of_leo:?}");
    assert_eq!(of_leo.commits, 3);
    let found = contribution(&evidence);
    let [import] = &found.unmapped[..] else { panic!("{:?}", found.unmapped) };
    assert_eq!((import.person.name.as_str(), import.commits), ("imported into shared/aws", 1));
    assert!(near(import.work, 180.0) && near(import.surviving, 180.0) && near(found.unmapped_share, 0.6), "{import:?}");
    let commits = |evidence: &GitEvidence| {
        let atomicity = evidence.atomicity.value().expect("measured");
        (atomicity.commits, atomicity.largest_share, evidence.messages.value().map(|it| it.commits))
    };
    assert_eq!(commits(&evidence), commits(&before), "who imports makes no dump");
    for reading in ["contribution", "atomicity", "messages", "coordination"] {
        let told = evidence.set_aside[reading].iter().find(|it| it.kind == SetAsideKind::Imported).expect("a fact");
        assert_eq!((told.lines, told.share, told.is_doubtful()), (Some(180), Some(0.6), true), "{reading}");
    }
    let mut of_their_own = team();
    of_their_own.members[1].aliases = vec!["imported into shared/aws".to_owned()];
    let said = measured_for(&history, &of_their_own);
    assert!(near(share(&said, "leo").work.lines, 240.0) && contribution(&said).unmapped.is_empty());
    assert!(said.set_aside.values().flatten().all(|it| it.kind != SetAsideKind::Imported));
}

#[test]
fn what_other_tools_and_forges_put_in_is_known_by_the_folder_that_they_name() {
    let quoted = "Add the client (#4)\n\n* Squashed 'shared/aws/' content from commit 0123abc\n\n\
                  git-subtree-dir: shared/aws\ngit-subtree-split: 0123abc\n\n* Use it";
    let quoted_last = quoted.trim_end_matches("\n\n* Use it");
    let subrepo = "git subrepo clone https://git.example/aws shared/aws\n\nsubrepo:\n  subdir:   \"shared/aws\"\n  \
                   merged:   \"0123abc\"\ngit-subrepo:\n  version:  \"0.4.6\"";
    for (message, own, of_leo) in [
        (quoted, 10, 60.0),
        (quoted, 200, 350.0),
        (quoted_last, 10, 60.0),
        (quoted_last, 200, 350.0),
        (subrepo, 0, 60.0),
        ("Add a client", 0, 150.0),
    ] {
        let history = both_at_work();
        leo(&history)
            .write("shared/aws/client.py", lines("client", 90))
            .write("main.py", lines("main", own))
            .commit(message);
        let evidence = measured(&history);
        assert!(
            near(share(&evidence, "leo").work.lines, of_leo),
            "{message} {own}: {:?}",
            share(&evidence, "leo").work
        );
    }
}

#[test]
fn what_git_subtree_puts_into_the_graded_folder_is_told_though_it_was_squashed_at_the_root() {
    let imported = |folder: &str, told: &str, team: Team| {
        let history = History::new();
        for step in 0..3 {
            ana(&history)
                .write(&format!("TP1/a{step}.py"), lines(&format!("a{step}"), 20))
                .commit("Launch the instances");
            leo(&history)
                .write(&format!("TP1/b{step}.py"), lines(&format!("b{step}"), 20))
                .commit("Create the balancer");
        }
        leo(&history).subtree(folder, &[("client.py", &lines("client", 90))]);
        let evidence = measured_for(&history, &Team { folder: Some("TP1".to_owned()), ..team });
        assert!(near(share(&evidence, "leo").work.lines, 60.0), "{folder}");
        let aside: Vec<_> = evidence.set_aside.get("contribution").into_iter().flatten().collect();
        assert!(aside.iter().all(|it| it.kind != SetAsideKind::OutsideFolder), "it is asked about once: {aside:?}");
        aside.iter().any(|it| it.kind == SetAsideKind::Imported && it.is_doubtful() && it.examples == [told.to_owned()])
    };
    assert!(imported("TP1/shared", "imported into TP1/shared", team()));
    assert!(!imported("TP2/shared", "imported into TP2/shared", team()), "another assignment's");
    let mut of_their_own = team();
    of_their_own.members[1].aliases = vec!["imported into TP1/shared".to_owned()];
    let told = format!("imported into TP1/shared, written by {}", of_their_own.members[1].name);
    assert!(imported("TP1/shared", &told, of_their_own), "nobody has its lines");
}

#[test]
fn nothing_is_lost_where_all_of_the_work_came_from_another_repository() {
    let history = History::new();
    ana(&history).write(".keep", "").commit("Begin");
    leo(&history).subtree("shared/aws", &[("client.py", &lines("client", 90))]);
    let evidence = measured(&history);
    let why =
        "all of the work was put in from another repository (imported into shared/aws): ask the team who wrote it";
    for failure in [evidence.atomicity.failure(), evidence.contribution.failure()] {
        assert_eq!(failure.map(|it| it.detail.as_str()), Some(why));
    }
    history.as_author("Claude", "noreply@anthropic.com").write("a.py", lines("a", 40)).commit("Launch the instances");
    let why = "the work was committed by coding agents alone (Claude) or put in from another repository (imported into \
               shared/aws): ask the team who did what";
    assert_eq!(measured(&history).contribution.failure().map(|it| it.detail.as_str()), Some(why), "both are told");
}

#[test]
fn an_unknown_co_author_takes_nothing_and_is_told() {
    let evidence = measured(&with_trailer("Co-authored-by: Lea P. <lea@home.example>"));
    assert!(near(share(&evidence, "leo").work.lines, 40.0));
    let found = contribution(&evidence);
    let told: Vec<(&str, u64, u64)> =
        found.unmapped.iter().map(|it| (it.person.name.as_str(), it.commits, it.co_authored)).collect();
    assert_eq!(told, [("Lea P.", 0, 2)]);
    assert!(near(found.unmapped_share, 0.0) && near(found.unmapped[0].work, 0.0));
    assert_eq!((coordination(&evidence).co_authored, coordination(&evidence).co_authored_unknown), (0, Some(2)));
}

#[test]
fn what_changes_no_line_is_no_work() {
    type Change<'c> = (&'c str, &'c dyn Fn(&History));
    let commits: [Change<'_>; 5] = [
        ("nothing", &|_| {}),
        ("line ends", &|history| {
            history.write("a.py", lines("a", 40).replace('\n', "\r\n"));
        }),
        ("white space", &|history| {
            history.write("a.py", lines("a", 40).replace(" = ", "   =  "));
        }),
        ("a mode", &|history| {
            history.executable("a.py");
        }),
        ("a copy", &|history| {
            history.write("copy.py", lines("a", 40));
        }),
    ];
    for (name, change) in commits {
        let history = History::new();
        ana(&history).write("a.py", lines("a", 40)).commit("Launch the instances");
        history.at(START + 3 * DAY, 0);
        change(leo(&history));
        history.commit("Review the instances");
        let evidence = measured(&history);
        let working = coordination(&evidence);
        assert_eq!(working.members_active, 1, "{name}");
        assert_eq!(working.without_work.as_deref(), Some(&["leo".to_owned()][..]), "{name}");
        assert_eq!((working.active_days, working.by_member[1].active_days), (1, 0), "{name}");
        assert!(working.last_day_ends.starts_with("2024-09-02"), "{name}: the last work was Ana's");
        assert_eq!(evidence.atomicity.value().map(|it| it.commits), Some(1), "{name}");
        assert_eq!(evidence.messages.value().map(|it| it.commits), Some(1), "{name}");
        assert!(near(share(&evidence, "leo").share, 0.0), "{name}");
    }
}

#[test]
fn what_is_set_aside_is_neither_work_nor_none() {
    let history = History::new();
    ana(&history).write("a.py", lines("a", 40)).commit("Launch the instances");
    leo(&history).write("diagram.png", b"\x89PNG\0\0").commit("Draw the architecture");
    let evidence = measured(&history);
    let working = coordination(&evidence);
    assert_eq!((working.members_active, working.by_member[1].set_aside), (1, Some(1)));
    assert_eq!(working.by_member[1].active_days, 1, "that day something was done");
    assert_eq!(evidence.messages.value().map(|it| it.commits), Some(2));
    // What a tool writes, or everybody copies, is nobody's work.
    for path in [".gitignore", "LICENSE", "package-lock.json", "infra/.terraform.lock.hcl"] {
        let history = History::new();
        ana(&history).write("a.py", lines("a", 40)).commit("Launch the instances");
        leo(&history).write("b.py", lines("b", 10)).commit("Measure the latency");
        history.write(path, "node_modules/\n").commit("Prepare the project");
        let evidence = measured(&history);
        let of_leo = &coordination(&evidence).by_member[1];
        assert_eq!((of_leo.set_aside, of_leo.set_aside_share), (Some(0), Some(0.0)), "{path}");
    }
}

#[test]
fn a_member_is_one_person_on_two_machines_and_in_the_forges_pages() {
    let mut team = team();
    team.members[1].login = Some("leopetit".to_owned());
    let history = History::new();
    ana(&history).write("a.py", lines("a", 30)).commit("Launch the instances");
    let at = START + DAY;
    history.at(at, 0).as_author("leopetit", "1234567+leopetit@users.noreply.github.com").committed_by_github(at);
    history.write("server.py", lines("server", 10)).commit("Create server.py");
    history.as_author("Leo Petit", "leo@MacBook-Pro.local").write("b.py", lines("b", 10)).commit("Create the balancer");
    history.as_author("leo petit", "leo.petit@home.example").write("c.py", lines("c", 10)).commit("Probe it");
    let evidence = measured_for(&history, &team);
    let found = contribution(&evidence);
    assert!(found.unmapped.is_empty(), "{:?}", found.unmapped);
    assert!(found.evenness > 0.95, "{found:?}");
    assert_eq!(coordination(&evidence).members_active, 2);
    assert_eq!(evidence.messages.value().map(|it| it.commits), Some(4));
}

#[test]
fn moving_a_link_to_another_repository_is_neither_work_nor_none() {
    let history = History::new();
    ana(&history).write("a.py", lines("a", 40)).commit("Launch the instances");
    for id in ["1111111111111111111111111111111111111111", "2222222222222222222222222222222222222222"] {
        leo(&history).gitlink("module", id).commit("Bump the module");
    }
    let evidence = measured(&history);
    let working = coordination(&evidence);
    assert_eq!((working.members_active, working.by_member[1].set_aside), (1, Some(2)));
    assert!(near(share(&evidence, "leo").share, 0.0));
    let open = evidence.set_aside.get("contribution").expect("a doubt");
    assert!(open.iter().any(|found| found.kind == SetAsideKind::OtherRepository && found.is_doubtful()), "{open:?}");
}

#[test]
fn a_merge_of_nothing_is_no_sign_of_working_together() {
    let history = History::new();
    ana(&history).write("a.py", lines("a", 10)).commit("Launch the instances");
    leo(history.switch("empty")).commit("Try");
    ana(history.switch("main")).merge("empty", "Merge branch 'empty'");
    leo(history.switch("real")).write("b.py", lines("b", 10)).commit("Create the balancer");
    ana(history.switch("main")).write("c.py", lines("c", 5)).commit("Read the settings");
    history.merge("real", "Merge branch 'real'");
    let evidence = measured(&history);
    let working = coordination(&evidence);
    assert_eq!((working.merges, working.merges_of_work, working.merges_of_others), (2, Some(1), 1));
}

#[test]
fn work_that_was_committed_within_merges_is_its_authors() {
    let history = History::new();
    ana(&history).write("a.py", lines("a", 30)).commit("Launch the instances");
    for (branch, made) in [("one", "b.py"), ("two", "c.py")] {
        ana(history.switch(branch)).write(&format!("{branch}.py"), lines(branch, 5)).commit("Read the settings");
        let content = lines(made, 20);
        let merged = format!("Merge branch '{branch}'");
        leo(history.switch("main")).merge_into(branch, &merged, &[(made, content.as_str())]);
    }
    let evidence = measured(&history);
    let of_leo = share(&evidence, "leo");
    assert!(near(of_leo.work.lines, 40.0) && near(of_leo.surviving.lines, 40.0), "{of_leo:?}");
    let working = coordination(&evidence);
    assert_eq!((working.members_active, working.without_work.as_deref()), (2, Some(&[][..])));
    assert_eq!(working.by_member[1].authored, Some(2));

    // A dump is one within a merge as well.
    ana(history.switch("three")).write("three.py", lines("three", 5)).commit("Read the settings");
    let dump = lines("dump", 300);
    leo(history.switch("main")).merge_into("three", "Merge branch 'three'", &[("dump.py", dump.as_str())]);
    let evidence = measured(&history);
    let atomicity = evidence.atomicity.value().expect("measured");
    let largest = atomicity.largest.as_ref().expect("a commit");
    assert_eq!((largest.subject.as_str(), largest.lines), ("Merge branch 'three'", 300));
    assert!(near(atomicity.largest_share, 300.0 / 385.0), "{atomicity:?}");
}

#[test]
fn pairing_tools_name_both() {
    for (name, subject) in [
        ("Ana García and Léo Petit", "Launch the instances"),
        ("Ana García & Léo Petit", "Launch the instances"),
        ("Ana García", "[ag/lp] Launch the instances"),
        ("Ana García", "(AG & LP) Launch the instances"),
    ] {
        let history = History::new();
        history.as_author(name, "ana@uni.example").write("a.py", lines("a", 40)).commit(subject);
        let evidence = measured(&history);
        assert!(near(share(&evidence, "leo").work.lines, 20.0), "{name}: {subject}: {evidence:?}");
        assert_eq!(coordination(&evidence).co_authored, 1, "{name}: {subject}");
    }
    for subject in ["[tp1/tp2] Launch", "[ag] Launch", "[ci/cd] Launch", "[ag/xx] Launch"] {
        let history = History::new();
        ana(&history).write("a.py", lines("a", 40)).commit(subject);
        assert!(near(share(&measured(&history), "ana").share, 1.0), "{subject}");
    }
}

#[test]
fn a_member_who_is_named_in_other_words_is_told_and_gets_nothing() {
    for line in ["Also-by: Léo Petit <leo@uni.example>", "Signed-off-by: Léo Petit <leo@uni.example>"] {
        let history = History::new();
        ana(&history).write("a.py", lines("a", 40)).commit(&format!("Launch the instances\n\n{line}"));
        let evidence = measured(&history);
        assert!(near(share(&evidence, "leo").share, 0.0));
        let of_leo = &coordination(&evidence).by_member[1];
        assert_eq!((of_leo.mentioned, of_leo.mention.as_deref(), of_leo.named), (Some(1), Some(line), Some(0)));
    }
    for (message, line) in [
        (
            "Launch the instances with Léo Petit (pair programming)",
            "Launch the instances with Léo Petit (pair programming)",
        ),
        ("Launch the instances\n\nWritten with Leo (leo@uni.example)", "Written with Leo (leo@uni.example)"),
        // For short: a first name, or initials.
        ("[Léo] Launch the instances", "[Léo] Launch the instances"),
        ("Launch the instances, fait avec léo", "Launch the instances, fait avec léo"),
        ("Launch the instances\n\nAuthor: Leo", "Author: Leo"),
        ("LP: launch the instances", "LP: launch the instances"),
    ] {
        let history = History::new();
        ana(&history).write("a.py", lines("a", 40)).commit(message);
        let evidence = measured(&history);
        let of_leo = &coordination(&evidence).by_member[1];
        assert_eq!((of_leo.mentioned, of_leo.mention.as_deref(), of_leo.named), (Some(1), Some(line), Some(0)));
    }
    // For whom an agent worked, its commits may say.
    let history = History::new();
    ana(&history).write("a.py", lines("a", 40)).commit("Launch the instances");
    history.as_author("Claude", "noreply@anthropic.com").write("b.py", lines("b", 9));
    history.commit("Measure the latency\n\nPrompted-by: Léo Petit <leo@uni.example>");
    assert_eq!(coordination(&measured(&history)).by_member[1].mentioned, Some(1));
    // Whose work it is that nobody knows, is said for each commit.
    let history = History::new();
    ana(&history).write("a.py", lines("a", 40)).commit("Launch the instances");
    history.as_author("Root", "root@ip-10-0-0-1.ec2.internal").write("b.py", lines("b", 9)).commit("Measure");
    leo(&history).write("diagram.png", b"\x89PNG\0\0").commit("Draw the architecture");
    let evidence = measured(&history);
    let working = coordination(&evidence);
    let shares: Vec<Option<f64>> = working.by_member.iter().map(|member| member.set_aside_share).collect();
    assert_eq!((working.unknown_authored, shares[0], shares[1]), (Some(1), Some(0.0), Some(1.0)));
}

#[test]
fn names_without_spaces_are_known_and_heard() {
    let minjun = ("김 민준", "minjun@uni.example");
    let team = team_of(vec![member("minjun", minjun), member("li", ("李明", "li@uni.example"))]);
    let history = History::new();
    history.as_author("김민준", "kim@home.example").write("a.py", lines("a", 40)).commit("添加监控（和李明一起完成）");
    let evidence = measured_for(&history, &team);
    assert!(contribution(&evidence).unmapped.is_empty() && near(share(&evidence, "minjun").share, 1.0), "{evidence:?}");
    let of_li = &coordination(&evidence).by_member[1];
    assert_eq!((of_li.mentioned, of_li.mention.as_deref()), (Some(1), Some("添加监控（和李明一起完成）")));
}

#[test]
fn two_whole_names_with_addresses_at_one_school_are_two_people() {
    let history = History::new();
    ana(&history).write("a.py", lines("a", 40)).commit("Launch the instances");
    for (host, doubles) in [("uni.example", 0), ("home.example", 1)] {
        let email = format!("ana.lopez@{host}");
        let team = team_of(vec![member("ana", ANA), member("lopez", ("Ana García López", email.as_str()))]);
        assert_eq!(coordination(&measured_for(&history, &team)).doubles.len(), doubles, "{host}");
    }
}

#[test]
fn what_a_member_wrote_in_files_that_are_not_counted_is_weighed_beside_any_line() {
    let history = History::new();
    let stack = |step: usize| -> String {
        (0..50).map(|n| format!("{{\"parameter\": \"value {n} of stack {step}\"}}\n")).collect()
    };
    for step in 0..4 {
        ana(&history).write(&format!("a{step}.py"), lines(&format!("a{step}"), 26)).commit("Launch the instances");
        leo(&history).write(&format!("data/stack{step}.json"), stack(step)).write("README.md", lines("told", step + 1));
        history.commit("Describe the stack");
    }
    let evidence = measured(&history);
    let found = contribution(&evidence);
    assert!(found.evenness < 0.2 && found.evenness_with_set_aside.is_some_and(|with| with > 0.6), "{found:?}");
    let lines_of = |id: &str| share(&evidence, id).set_aside_lines.expect("measured");
    assert!(lines_of("ana") == 0 && (150..=250).contains(&lines_of("leo")), "{found:?}");
    // A report in a word processor, rewritten and grown, and pictures, which are none of it.
    let history = History::new();
    ana(&history).write("a.py", lines("a", 100)).commit("Launch the instances");
    for step in 1..=3_usize {
        leo(&history).write("report.docx", vec![0; step * 8_000]).write("logo.png", vec![0; step * 90_000]);
        history.write("notes.md", lines("told", step)).commit("Write a section of the report");
    }
    assert_eq!(share(&measured(&history), "leo").set_aside_lines, Some(150));
}

#[test]
fn a_share_that_rests_on_somebody_elses_trailers_is_told() {
    let history = History::new();
    ana(&history).write("a.py", lines("a", 60)).commit("Launch\n\nCo-authored-by: Léo Petit <leo@uni.example>");
    let evidence = measured(&history);
    let found = contribution(&evidence);
    assert!(near(found.evenness, 1.0) && found.evenness_by_hand == Some(0.0), "{found:?}");
    assert_eq!((share(&evidence, "ana").by_trailers, share(&evidence, "leo").by_trailers), (Some(0.0), Some(1.0)));
    let working = coordination(&evidence);
    assert_eq!((working.co_authored, working.co_authored_only_named), (1, Some(1)));
    assert_eq!((working.by_member[1].authored, working.by_member[1].named), (Some(0), Some(1)));
    assert!(near(working.shared_files_share, 0.0), "who is only named shares no file");

    // A pair that works on both machines is taken at its word.
    let history = History::new();
    ana(&history).write("a.py", lines("a", 60)).commit("Launch\n\nCo-authored-by: Léo Petit <leo@uni.example>");
    leo(&history).write("b.py", lines("b", 60)).commit("Measure\n\nCo-authored-by: Ana <ana@uni.example>");
    let evidence = measured(&history);
    assert_eq!(contribution(&evidence).evenness_by_hand, Some(1.0));
    assert_eq!(coordination(&evidence).co_authored_only_named, Some(0));
}

#[test]
fn an_author_who_never_commits_has_no_hand() {
    let by = |forged: &[bool]| {
        let history = History::new();
        for (step, forged) in forged.iter().enumerate() {
            ana(&history).write(&format!("a{step}.py"), lines(&format!("a{step}"), 20)).commit("Launch");
            leo(&history).write(&format!("b{step}.py"), lines(&format!("b{step}"), 20));
            if *forged {
                history.committed_by(ANA.0, ANA.1, START + DAY);
            }
            history.commit("Measure");
        }
        contribution(&measured(&history)).evenness_by_hand
    };
    assert_eq!(by(&[true, true]), Some(0.0));
    assert_eq!(by(&[true, false]), Some(1.0), "rebasing changes committers as well");
}

#[test]
fn files_that_are_copied_and_deleted_later_are_moved() {
    let written = || {
        let history = History::new();
        for step in 0..5_i64 {
            history.at(START + step * DAY, 0).write(&format!("part{step}.py"), lines(&format!("part{step}"), 30));
            let author = if step % 2 == 0 { ana(&history) } else { leo(&history) };
            author.commit(&format!("Add part {step} of the benchmark"));
        }
        history.at(START + 5 * DAY, 0);
        ana(&history);
        history
    };
    let moved = written();
    for step in 0..5 {
        moved.rename(&format!("part{step}.py"), &format!("tp1/part{step}.py"));
    }
    moved.commit("Separate the files");
    let copied = written();
    for step in 0..5 {
        copied.write(&format!("tp1/part{step}.py"), lines(&format!("part{step}"), 30));
    }
    copied.commit("Separate the files");
    for step in 0..5 {
        copied.remove(&format!("part{step}.py"));
    }
    copied.at(START + 6 * DAY, 0).commit("Remove duplicates");
    for folder in [None, Some("tp1")] {
        let team = Team { folder: folder.map(str::to_owned), ..team() };
        let (moved, copied) = (measured_for(&moved, &team), measured_for(&copied, &team));
        for (a, b) in contribution(&moved).members.iter().zip(&contribution(&copied).members) {
            assert_eq!((a.surviving.lines, a.work.lines), (b.surviving.lines, b.work.lines), "{folder:?}: {b:?}");
            assert!(near(a.share, b.share), "{folder:?}: {b:?}");
        }
        let (a, b) = (coordination(&moved), coordination(&copied));
        assert_eq!((a.active_days, b.active_days), (5, 5), "{folder:?}");
        let (a, b) = (moved.atomicity.value().expect("measured"), copied.atomicity.value().expect("measured"));
        assert_eq!((a.commits, b.commits), (5, 5), "{folder:?}");
        assert!(near(a.largest_share, b.largest_share), "{folder:?}: {b:?}");
    }
}

#[test]
fn writing_copying_and_deleting_does_not_pay() {
    let history = History::new();
    ana(&history).write("a.py", lines("a", 50)).commit("Launch the instances");
    leo(&history).write("junk.py", lines("junk", 90)).commit("Try");
    history.write("copy.py", lines("junk", 90)).commit("Try again");
    history.write("copy.py", lines("other", 90)).commit("Try otherwise");
    history.remove("junk.py").commit("Stop trying");
    history.remove("copy.py").commit("Stop it all");
    let evidence = measured(&history);
    assert!(share(&evidence, "leo").work.lines <= 45.0, "{:?}", share(&evidence, "leo"));
    assert!(near(share(&evidence, "leo").surviving.lines, 0.0));
}

/// A commit of files whose paths are bytes, at most one folder deep, by one of the two.
fn commit_bytes(
    repository: &Repository,
    branch: &str,
    (name, email): (&str, &str),
    hour: i64,
    files: &[(&[u8], String)],
    parents: &[Oid],
) -> Oid {
    let blob = |content: &String| repository.blob(content.as_bytes()).expect("a blob");
    let mut root = repository.treebuilder(None).expect("a builder");
    let mut below = repository.treebuilder(None).expect("a builder");
    let mut folder: Option<Vec<u8>> = None;
    for (path, content) in files {
        match path.iter().position(|byte| *byte == b'/') {
            Some(at) => {
                folder = Some(path[..at].to_vec());
                below.insert(path[at + 1..].to_vec(), blob(content), 0o100_644).expect("an entry");
            }
            None => drop(root.insert(path.to_vec(), blob(content), 0o100_644).expect("an entry")),
        }
    }
    if let Some(folder) = folder {
        root.insert(folder, below.write().expect("a tree"), 0o040_000).expect("an entry");
    }
    let tree = repository.find_tree(root.write().expect("a tree")).expect("the tree");
    let signature = Signature::new(name, email, &Time::new(START + hour * 3_600, 0)).expect("a signature");
    let parents: Vec<_> = parents.iter().map(|id| repository.find_commit(*id).expect("a parent")).collect();
    let parents: Vec<_> = parents.iter().collect();
    repository.commit(Some(branch), &signature, &signature, "Weigh the shards", &tree, &parents).expect("a commit")
}

#[test]
fn a_path_in_another_encoding_is_like_any_other() {
    let shares = |file: &[u8], twin: &[u8]| {
        let history = History::new();
        let repository = history.repository();
        let (main, side) = ("refs/heads/main", "refs/heads/side");
        let text = lines("shard", 60);
        let (first, last) =
            (text.replacen("launch(5,", "launch(50,", 1), text.replacen("launch(55,", "launch(550,", 1));
        let both = first.replacen("launch(55,", "launch(550,", 1);
        let files = |text: &str| vec![(file, text.to_owned()), (twin, lines("twin", 40))];
        let base = commit_bytes(repository, main, ANA, 0, &files(&text), &[]);
        let ours = commit_bytes(repository, main, ANA, 1, &files(&first), &[base]);
        let theirs = commit_bytes(repository, side, LEO, 2, &files(&last), &[base]);
        commit_bytes(repository, main, LEO, 3, &files(&both), &[ours, theirs]);
        let evidence = measured(&history);
        let members = contribution(&evidence).members.clone();
        let hygiene = matches!(evidence.hygiene, Reading::Observed { .. });
        (members, contribution(&evidence).files.len(), hygiene)
    };
    let plain = shares(b"memo.py", b"mema.py");
    assert_eq!(plain.1, 2);
    assert_eq!(plain, shares("mémo.py".as_bytes(), "mèmo.py".as_bytes()));
    assert_eq!(plain, shares(b"m\xe9mo.py", b"m\xe8mo.py"), "two names that are alike where they are no UTF-8");
    assert_eq!(plain, shares(b"donn\xe9es/memo.py", b"donn\xe9es/mema.py"), "and a folder");
}

#[test]
fn any_number_of_trailers_is_read_in_no_time() {
    let history = History::new();
    let mut message = "Launch the instances\n\n".to_owned();
    for n in 0..1_500 {
        message.push_str(&format!("Co-authored-by: N{n} <n{n}@x>\n"));
    }
    message.push_str("Co-authored-by: Léo Petit <leo@uni.example>\n");
    ana(&history).write("a.py", lines("a", 400)).commit(&message);
    let start = std::time::Instant::now();
    let evidence = measured(&history);
    assert!(near(share(&evidence, "leo").share, 0.5), "the last one counts like the first");
    assert!(contribution(&evidence).unmapped.len() < 100);
    let head = head_of(history.repository());
    let members = members_from_history_with(history.repository(), &head, None, None, &Mailmap::default());
    assert!(members.expect("members").len() < 100);
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

#[test]
fn without_a_roster_only_who_worked_in_the_folder_is_a_member() {
    let history = History::new();
    ana(&history).write("lab1/a.py", lines("a", 40)).commit("Add part a");
    leo(&history).write("lab1/b.py", lines("b", 40)).commit("Add part b");
    history.as_author("Ana María García", "123+anagarcia@users.noreply.forge.example");
    history.write("lab2/c.py", lines("c", 40)).commit("Add part c");
    history.as_author("Guest", "guest@uni.example").commit("Look in");
    let repository = history.repository();
    let head = head_of(repository);
    let members = |folder: Option<&str>| {
        members_from_history_with(repository, &head, None, folder, &Mailmap::default()).expect("members")
    };
    let names = |folder| members(folder).into_iter().map(|member| member.name).collect::<Vec<_>>();
    assert_eq!(names(Some("lab1")), ["Ana García", "Léo Petit"]);
    assert_eq!(names(None), ["Ana García", "Ana María García", "Léo Petit"], "who only looked in is nobody");
    let team = Team { members: members(None), members_from: MembersFrom::History, ..team() };
    let evidence = measured_for(&history, &team);
    let doubles: Vec<(&str, &str)> =
        coordination(&evidence).doubles.iter().map(|it| (it.member.as_str(), it.of.as_str())).collect();
    assert_eq!(doubles, [("ana-maria-garcia", "ana-garcia")]);
    // A roster that was made of the same history says no more, but that they are two.
    let mut team = Team { members_from: MembersFrom::Roster, ..team };
    assert_eq!(coordination(&measured_for(&history, &team)).doubles.len(), 1);
    team.distinct = vec!["ana-garcia".to_owned(), "ana-maria-garcia".to_owned()];
    assert!(coordination(&measured_for(&history, &team)).doubles.is_empty());
}

#[test]
fn the_people_of_a_history_that_was_read_for_its_measures_are_those_that_are_looked_for_alone() {
    let history = History::new();
    let by = |name: &str| history.as_author(name, &format!("{}@uni.example", name.to_lowercase()));
    by("Adam").write("lab1/a.py", lines("a", 40)).write("lab1/note", "a.py").commit("Add part a");
    by("Boris").executable("lab1/a.py").commit("Make it executable");
    by("Cleo").link("lab1/note", "a.py").commit("Link it, with the same bytes");
    by("Dana").write("lab1/node_modules/x/package.json", "x\n").commit("Add what does not count");
    by("Elsa").write("old/e.py", lines("e", 40)).commit("Add part e");
    by("Fritz").rename("old/e.py", "lab1/e.py").commit("Move it");
    by("Gustav").write("lab2/g.py", lines("g", 40)).commit("Add part g");
    by("Hanna").commit("Look in");
    by("Ingrid").remove("lab1/note").commit("Remove the link");
    by("Jonas").write("lab2/j.py", "1\n").commit("Add part j\n\nCo-authored-by: Katrin <katrin@uni.example>\n");
    history.switch("other");
    by("Lea").write("lab1/l.py", lines("l", 40)).commit("Add part l");
    history.switch("main");
    by("Moritz").write("lab1/m.py", lines("m", 40)).commit("Add part m");
    by("Noah").merge("other", "Merge other");
    let repository = history.repository();
    let head = head_of(repository);
    let mailmap = Mailmap::default();
    for (folder, who) in [
        (None, 11),
        (Some("lab1"), 8),
        (Some("lab2"), 3),
        // Where nobody changes anything, all count.
        (Some("lab3"), 14),
    ] {
        let counting = counting(repository, &head, folder, &RepositorySource::default());
        let read =
            Walked::read(repository, &head, None, folder, &counting, &Silent).members(&mailmap).expect("members");
        let names: Vec<&str> = read.iter().map(|member| member.name.as_str()).collect();
        assert_eq!(names.len(), who, "{folder:?}: {names:?}");
        let alone = members_from_history_with(repository, &head, None, folder, &mailmap).expect("members");
        assert_eq!(read, alone, "{folder:?}");
    }
}

#[test]
fn who_an_unknown_author_very_likely_is_is_told_and_gives_nobody_anything() {
    let history = History::new();
    ana(&history).write("a.py", lines("a", 90)).commit("Add part a");
    leo(&history).write("b.py", lines("b", 40)).commit("Add part b");
    history.as_author("leopetit", "leo.petit@home.example").write("c.py", lines("c", 9)).commit("Add part c");
    history.as_author("zx", "zx@home.example").write("d.py", lines("d", 3)).commit("Add part d");
    let evidence = measured(&history);
    let likely: Vec<(&str, Option<&str>)> = (contribution(&evidence).unmapped.iter())
        .map(|author| (author.person.name.as_str(), author.likely_member.as_deref()))
        .collect();
    assert_eq!(likely, [("leopetit", Some("leo")), ("zx", None)]);
    assert!(near(share(&evidence, "leo").share, 40.0 / 130.0));
}

#[test]
fn how_fast_commits_follow_each_other_is_told() {
    let scripted = History::new();
    for step in 0..8_i64 {
        let author = if step % 2 == 0 { ana(&scripted) } else { leo(&scripted) };
        author.at(START + step * 2, 0).write(&format!("m{step}.py"), lines(&format!("m{step}"), 20));
        scripted.committed_by(ANA.0, ANA.1, START + step * 2).commit("Add a part");
    }
    let pace = coordination(&measured(&scripted)).pace.clone().expect("a pace");
    assert_eq!((pace.within_a_minute, pace.gap_variation, pace.authors_of_one_committer), (7, Some(0.0), 2));
    assert!(near(pace.within_a_minute_share, 7.0 / 8.0), "{pace:?}");

    let honest = History::new();
    for (step, hours) in [0, 3, 27, 28, 75, 100, 149].into_iter().enumerate() {
        let author = if step % 2 == 0 { ana(&honest) } else { leo(&honest) };
        author.at(START + hours * 3_600, 0).write(&format!("m{step}.py"), lines(&format!("m{step}"), 20));
        honest.commit("Add a part");
    }
    let pace = coordination(&measured(&honest)).pace.clone().expect("a pace");
    assert_eq!((pace.within_a_minute, pace.authors_of_one_committer), (0, 1));
    assert!(pace.gap_variation.is_some_and(|value| value > 0.5), "{pace:?}");
}

#[test]
fn who_commits_in_a_team_mates_name_at_once_is_told() {
    const MOMENT: i64 = START + 5 * DAY;
    let told = |finish: &dyn Fn(&History)| -> Vec<(bool, usize)> {
        let history = History::new();
        ana(&history).write("a.py", lines("a", 20)).commit("Launch the instances");
        leo(&history).write("b.py", lines("b", 20)).commit("Create the load balancer");
        finish(&history);
        let evidence = measured(&history);
        let signs = evidence.signs.get("contribution").into_iter().flatten();
        let signs = signs.filter(|sign| sign.kind == SignKind::AnotherAuthor);
        let others = "as after git commit --author, git cherry-pick or git am";
        signs
            .inspect(|sign| assert!(sign.says.contains(others), "{}", sign.says))
            .map(|sign| (sign.asks, sign.examples.len()))
            .collect()
    };
    let as_leo = |history: &History, count: usize, committed: i64, message: &str| {
        leo(history).at(MOMENT, 0).write("c.py", lines("c", count)).committed_by(ANA.0, ANA.1, committed);
        history.commit(message);
    };
    let plain = "Create the target group";
    assert_eq!(told(&|history| as_leo(history, 60, MOMENT, plain)), [(true, 1)], "three quarters of his work");
    assert_eq!(told(&|history| as_leo(history, 10, MOMENT, plain)), [(false, 1)], "a third of it: a fact");
    assert_eq!(told(&|history| as_leo(history, 60, MOMENT + 37, plain)), [(true, 1)], "a date that was typed");
    assert_eq!(told(&|history| as_leo(history, 60, MOMENT + 900, plain)), [], "a rebase, or git am");
    for trailer in ["Co-authored-by", "Signed-off-by", "Committed-by"] {
        let message = format!("{plain}\n\n{trailer}: {} <{}>", ANA.0, ANA.1);
        assert_eq!(told(&|history| as_leo(history, 60, MOMENT, &message)), [], "{trailer}");
    }
    let squashed = |history: &History| {
        for (author, path) in [(ANA, "c.py"), (LEO, "d.py")] {
            history.as_author(author.0, author.1).at(MOMENT, 0).write(path, lines(path, 60));
            history.committed_by_github(MOMENT).commit("Create the target group (#3)");
        }
    };
    assert_eq!(told(&squashed), [], "a forge commits for whoever clicks");
    let merged = |request: &str| {
        let message = format!("Merge branch 'alb' into 'main'\n\n{request}");
        move |history: &History| {
            as_leo(history.switch("alb"), 60, MOMENT, plain);
            ana(history.switch("main")).merge("alb", &message);
        }
    };
    assert_eq!(told(&merged("See merge request team/app!3")), [], "a forge that squashes in the name of who merges");
    assert_eq!(told(&merged("")), [(true, 1)]);
    let one_machine = |history: &History| {
        for (author, path) in [(ANA, "d.py"), (LEO, "e.py")] {
            history.as_author(author.0, author.1).at(MOMENT, 0).write(path, lines(path, 20));
            history.committed_by("Ubuntu", "ubuntu@ip-10-0-0-1.ec2.internal", MOMENT).commit("Add a part");
        }
    };
    assert_eq!(told(&one_machine), [(false, 2)], "a shared machine takes no side");
    let own_machine = |history: &History| {
        leo(history).at(MOMENT, 0).write("e.py", lines("e", 60));
        history.committed_by("Ubuntu", "ubuntu@ip-10-0-0-1.ec2.internal", MOMENT).commit("Add a part");
    };
    assert_eq!(told(&own_machine), [], "his own");
}

#[test]
fn who_commits_anything_is_no_name_that_another_signs_for() {
    let asking = |finish: fn(&History)| -> Vec<(SignKind, usize)> {
        let history = History::new();
        ana(&history).write("a.py", lines("a", 20)).commit("Launch the instances");
        leo(&history).write("b.py", lines("b", 20)).committed_by(ANA.0, ANA.1, START + DAY);
        history.commit("Create the load balancer");
        finish(&history);
        let evidence = measured(&history);
        let signs = evidence.signs.get("contribution").into_iter().flatten().filter(|sign| sign.asks);
        signs.map(|sign| (sign.kind, sign.examples.len())).collect()
    };
    assert_eq!(asking(|_| ()), [(SignKind::CommittedByAnother, 1)], "and the commit is named");
    let pictures: fn(&History) = |history| {
        leo(history).write("diagram.png", [0x89, b'P', b'N', b'G', 0, 1]).commit("Add files via upload");
    };
    assert_eq!(asking(pictures), [], "his own hand uploaded a picture, and Ana rebased the rest");
    let squashed: fn(&History) = |history| {
        leo(history).write("c.py", lines("c", 20)).committed_by_github(START + 2 * DAY);
        history.commit("Create the target group (#3)");
    };
    assert_eq!(asking(squashed), [], "GitHub commits for whoever clicks");
    let typed: fn(&History) = |history| {
        leo(history).write("c.py", lines("c", 20)).committed_by("GitHub", "noreply@github.com", START + 2 * DAY);
        history.commit("Create the target group (#3)");
    };
    assert_eq!(asking(typed), [(SignKind::CommittedByAnother, 2)], "and its name alone is typed by anybody");
    let own_key: fn(&History) = |history| {
        leo(history).write("c.py", lines("c", 20)).signed_with(BY_ANOTHER);
        history.committed_by("GitHub", "noreply@github.com", START + 2 * DAY).commit("Create the target group (#3)");
    };
    assert_eq!(asking(own_key), [(SignKind::CommittedByAnother, 2)], "and a key of one's own is not GitHub's");
    let merges: fn(&History) = |history| {
        ana(history.switch("alb")).write("alb.py", lines("alb", 5)).commit("Add the listener");
        leo(history.switch("main")).merge("alb", "Merge branch 'alb'");
    };
    assert_eq!(asking(merges), [], "he merged");
}

#[test]
fn what_a_program_signs_once_the_team_has_begun_is_a_question() {
    const CLASSROOM: (&str, &str) =
        ("github-classroom[bot]", "66690702+github-classroom[bot]@users.noreply.github.com");
    const DEPENDABOT: (&str, &str) = ("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com");
    const CLAUDE: (&str, &str) = ("Claude", "noreply@anthropic.com");
    let asked = |program: (&str, &str), count: usize, is_first: bool, by_ana: bool| -> Vec<String> {
        let history = History::new();
        let puts_in = || {
            history.as_author(program.0, program.1).write("z.py", lines("z", count));
            if by_ana {
                history.committed_by(ANA.0, ANA.1, START + 20 * DAY);
            }
            history.commit("Add the rest");
        };
        if is_first {
            puts_in();
        }
        ana(&history).write("a.py", lines("a", 30)).commit("Launch the instances");
        leo(&history).write("b.py", lines("b", 30)).commit("Create the balancer");
        if !is_first {
            puts_in();
        }
        let evidence = measured(&history);
        let asks = |sign: &&stackmark_evidence::Sign| sign.kind == SignKind::ByProgram && sign.asks;
        let readings = evidence.signs.iter().filter(|(_, signs)| signs.iter().any(|sign| asks(&sign)));
        readings.map(|(reading, _)| reading.clone()).collect()
    };
    let all = ["atomicity", "contribution", "coordination"];
    assert_eq!(asked(CLASSROOM, 300, true, false), [""; 0], "starter code");
    assert_eq!(asked(CLASSROOM, 300, true, true), all, "and Ana's, in its name");
    assert_eq!(asked(CLASSROOM, 300, false, false), all, "in the middle of the work");
    assert_eq!(asked(DEPENDABOT, 300, false, false), all);
    assert_eq!(asked(DEPENDABOT, 3, false, false), [""; 0], "a version");
    assert_eq!(asked(CLAUDE, 300, true, false), all, "an agent has no starter code");
    assert_eq!(asked(CLAUDE, 20, false, false), [""; 0], "a quarter by an agent is the course's to allow");
}

#[test]
fn what_a_pipeline_writes_into_the_readme_is_no_question() {
    let asked = |path: &str| -> Vec<String> {
        let history = History::new();
        ana(&history).write("a.py", lines("a", 30)).commit("Launch the instances");
        leo(&history).write("b.py", lines("b", 30)).commit("Create the balancer");
        history.as_author("github-actions[bot]", "41898282+github-actions[bot]@users.noreply.github.com");
        history.write(path, lines("z", 30)).commit("terraform-docs: automated action");
        let signs = measured(&history).signs.remove("contribution").unwrap_or_default();
        signs.into_iter().filter(|sign| sign.kind == SignKind::ByProgram).map(|sign| sign.says).collect()
    };
    assert_eq!(asked("README.md"), [""; 0]);
    let [says] = &asked("z.py")[..] else { panic!("a question") };
    assert!(says.contains("is signed by a program (github-actions[bot]) and counts for nobody"), "{says}");
}

#[test]
fn files_that_claim_a_generator_beside_no_input_of_one_are_a_question() {
    const MARK: &str = "# Code generated by protoc-gen-python. DO NOT EDIT.\n";
    let asked = |files: &[(&str, String)]| -> Vec<String> {
        let history = History::new();
        ana(&history).write("a.py", lines("a", 30)).commit("Launch the instances");
        leo(&history).write("b.py", lines("b", 30)).commit("Create the balancer");
        for (path, content) in files {
            ana(&history).write(path, content);
        }
        history.commit("Add the service");
        let signs = measured(&history).signs.remove("atomicity").unwrap_or_default();
        let found = signs.into_iter().filter(|sign| sign.kind == SignKind::ClaimedGenerated && sign.asks);
        found.flat_map(|sign| sign.examples).collect()
    };
    let claimed = |count: usize| ("service.py", MARK.to_owned() + &lines("s", count));
    assert_eq!(asked(&[claimed(300)]), ["service.py"]);
    assert_eq!(asked(&[claimed(2)]), [""; 0], "little of it");
    assert_eq!(asked(&[claimed(300), ("api/photo.proto", "syntax = \"proto3\";\n".to_owned())]), [""; 0]);
    assert_eq!(asked(&[("photo_pb2.py", MARK.to_owned() + &lines("s", 300))]), [""; 0], "its name says so");
    assert_eq!(asked(&[("service.py", lines("s", 300))]), [""; 0]);
    let store = || ("store.go", "// Code generated by MockGen. DO NOT EDIT.\n".to_owned() + &lines("s", 300));
    assert_eq!(asked(&[store()]), ["store.go"]);
    assert_eq!(asked(&[store(), ("go.mod", "module shop\n".to_owned())]), [""; 0], "a project of Go has its tools");
    assert_eq!(asked(&[claimed(300), ("go.mod", "module shop\n".to_owned())]), ["service.py"], "and none for Python");
}

//! How a team worked together, what its history should never have held, and what stands outside it.

use crate::support::history::{BY_ANOTHER, History, START};
use crate::support::people::{ANA, LEO, MIA, lines, team};
use stackmark_collect::Silent;
use stackmark_evidence::git::{Coordination, GitEvidence, Head, Hygiene, Outside};
use stackmark_evidence::{Reading, Team};
use stackmark_history::RepositorySource;
use stackmark_history::measure;
use stackmark_history::repo::choose_head;

const DAY: i64 = 86_400;

fn head_of(history: &History) -> Head {
    let location = history.path().to_string_lossy().into_owned();
    let head = choose_head(history.repository(), &RepositorySource { location, ..RepositorySource::default() });
    head.value().expect("a head").clone()
}

fn measured(history: &History) -> GitEvidence {
    measure(history.repository(), &head_of(history), &team(), None, &Silent)
}

fn coordination(history: &History) -> Coordination {
    measured(history).coordination.value().expect("a coordination").clone()
}

fn outside(history: &History, team: &Team) -> Outside {
    measure(history.repository(), &head_of(history), team, None, &Silent).outside.value().expect("branches").clone()
}

fn hygiene(history: &History) -> Hygiene {
    measured(history).hygiene.value().expect("a hygiene").clone()
}

fn by<'h>(history: &'h History, who: (&str, &str)) -> &'h History {
    history.as_author(who.0, who.1)
}

/// Made up, and put together when a test runs: no scanner takes this file for a leak.
fn access_key(end: &str) -> String {
    format!("{}Q3EGRIPT7LM2ZW{end}", "AKIA")
}

#[test]
fn who_looked_at_whose_work_is_read_from_merges_trailers_and_committers() {
    let history = History::new();
    history.write("a.py", lines("a", 5)).commit("Add a");
    by(history.switch("alb"), LEO).write("alb.py", lines("alb", 5)).commit("Add the balancer");
    // Leo brings his branch up to date, and Ana pulls: neither looked at anything.
    by(history.switch("main"), ANA).write("b.py", lines("b", 3)).commit("Add b");
    by(history.switch("alb"), LEO).merge("main", "Merge branch 'main' into alb");
    by(history.switch("main"), ANA).merge("alb", "Merge pull request #4 from team/alb");
    by(history.switch("other"), LEO).write("o.py", lines("o", 2)).commit("Add o");
    by(history.switch("main"), ANA).write("p.py", lines("p", 2)).commit("Add p");
    history.merge("other", "Merge branch 'main' of https://forge.example/t/r");
    by(&history, MIA).committed_by(ANA.0, ANA.1, START + DAY).write("m.py", lines("m", 4)).commit("Add metrics (#7)");
    by(&history, MIA).committed_by(ANA.0, ANA.1, START + DAY).write("n.py", lines("n", 4)).commit("Add n");
    by(&history, MIA).write("m.py", lines("m", 9)).commit("Extend metrics\n\nReviewed-by: Léo Petit <leo@uni.example>");
    by(&history, MIA).write("m.py", lines("m", 12)).commit("Extend more\n\nAcked-by: Mia Rossi <mia@uni.example>");

    let coordination = coordination(&history);
    assert_eq!((coordination.merges, coordination.updates, coordination.merges_of_others), (3, 2, 1));
    let reviews: Vec<(&str, &str, &str)> = (coordination.reviews.iter())
        .map(|review| (review.reviewer.as_str(), review.author.as_str(), review.shown_by.as_str()))
        .collect();
    assert_eq!(reviews, [("ana", "leo", "merge"), ("ana", "mia", "committer"), ("leo", "mia", "trailer")]);
    assert_eq!(coordination.reviewed, 3);
    let given: Vec<u64> = coordination.by_member.iter().map(|member| member.reviews_given).collect();
    let received: Vec<u64> = coordination.by_member.iter().map(|member| member.reviews_received).collect();
    assert_eq!((given, received), (vec![2, 1, 0], vec![0, 1, 2]));
}

#[test]
fn a_number_that_anyone_can_type_shows_no_pull_request() {
    let history = History::new();
    by(&history, ANA).write("a.py", lines("a", 20)).commit("Launch the instances (#1)");
    by(&history, LEO).write("b.py", lines("b", 20)).commit("Create the balancer (#2)");
    by(history.switch("nothing"), LEO).commit("Try");
    by(history.switch("main"), ANA).merge("nothing", "Merge pull request #3 from team/nothing");
    let working = coordination(&history);
    assert_eq!((working.pull_requests, working.pull_requests_claimed), (0, Some(2)));

    history.write("c.py", lines("c", 20)).committed_by_github(START);
    history.commit("Measure the latency (#4)");
    by(history.switch("probe"), LEO).write("d.py", lines("d", 20)).commit("Probe the targets");
    by(history.switch("main"), ANA).merge("probe", "Merge pull request #5 from team/probe");
    let working = coordination(&history);
    assert_eq!((working.pull_requests, working.pull_requests_claimed), (2, Some(2)));

    // Nor does the name of GitHub as committer, without the signature that it puts below its commits.
    history.write("e.py", lines("e", 20)).committed_by("GitHub", "noreply@github.com", START);
    history.commit("Draw the latency (#6)");
    let working = coordination(&history);
    assert_eq!((working.pull_requests, working.pull_requests_claimed), (2, Some(3)));

    // Nor with a signature by a key of one's own.
    history.write("f.py", lines("f", 20)).signed_with(BY_ANOTHER).committed_by("GitHub", "noreply@github.com", START);
    history.commit("Tell the latency (#7)");
    let working = coordination(&history);
    assert_eq!((working.pull_requests, working.pull_requests_claimed), (2, Some(4)));
}

#[test]
fn a_pull_request_that_one_types_over_own_work_is_only_claimed() {
    for (subject, forge, expected) in [
        ("Merge pull request #{} from team/part{}", None, (0, Some(2))),
        ("Merge branch 'part{}'", None, (0, Some(0))),
        ("Merge pull request 'Add part' (#{}) from part{} into main", None, (0, Some(2))),
        ("Merge pull request 'Add part' (#{}) from part{} into main", Some("noreply@gitea.uni.example"), (2, Some(0))),
    ] {
        let history = History::new();
        by(&history, LEO).write("b.py", lines("b", 20)).commit("Create the balancer");
        for number in ["1", "2"] {
            let (branch, path) = (format!("part{number}"), format!("part{number}.py"));
            by(history.switch(&branch), ANA).write(&path, lines(&path, 1)).commit("Add a part");
            history.switch("main");
            if let Some(address) = forge {
                history.committed_by("Gitea", address, START + DAY);
            }
            history.merge(&branch, &subject.replace("{}", number));
        }
        let working = coordination(&history);
        assert_eq!((working.pull_requests, working.pull_requests_claimed), expected, "{subject}");
        assert_eq!(working.merges_of_work, Some(2));
    }
}

#[test]
fn who_merges_own_work_reviews_nobody() {
    let history = History::new();
    history.write("a.py", lines("a", 5)).commit("Add a");
    by(history.switch("alb"), LEO).write("alb.py", lines("alb", 5)).commit("Add the balancer");
    by(&history, ANA).write("alb.py", lines("alb", 7)).commit("Extend the balancer");
    by(history.switch("main"), ANA).merge("alb", "Merge branch 'alb'");
    let coordination = coordination(&history);
    assert_eq!((coordination.merges_of_others, coordination.reviewed), (0, 0));
    assert_eq!(coordination.by_member[0].merges, 1);
}

#[test]
fn days_by_the_committers_dates_stand_beside_those_by_the_authors() {
    let history = History::new();
    for n in 0..6_i64 {
        let path = format!("part{n}.py");
        by(&history, ANA).at(START + n * DAY, 0).committed_by(ANA.0, ANA.1, START + 6 * DAY + n * 60);
        history.write(&path, lines(&path, 20)).commit("Add a part");
    }
    let working = coordination(&history);
    assert_eq!((working.active_days, working.committed_days), (6, Some(1)));
    by(&history, ANA).at(START + 8 * DAY, 0).write("end.py", lines("end", 20)).commit("Add the end");
    let working = coordination(&history);
    assert_eq!((working.active_days, working.committed_days), (7, Some(2)));
}

#[test]
fn a_file_is_handed_over_when_another_member_builds_on_it() {
    let history = History::new();
    history.write("a.py", lines("a", 20)).write("b.py", lines("b", 20)).commit("Add a and b");
    by(&history, LEO).write("a.py", lines("a", 25)).commit("Extend a");
    by(&history, LEO).write("a.py", lines("a", 30)).commit("Extend a again");
    by(&history, LEO).rename("b.py", "src/b.py").commit("Move b");
    by(&history, MIA).write("src/b.py", lines("b", 24)).commit("Extend b");
    by(&history, ANA)
        .write("a.py", lines("a", 33))
        .commit("Extend a once more\n\nCo-authored-by: Léo <leo@uni.example>");
    by(&history, ANA).remove("src/b.py").commit("Remove b");
    let coordination = coordination(&history);
    let pairs: Vec<(&str, &str, u64, &str)> = (coordination.handovers.iter())
        .map(|pair| (pair.from.as_str(), pair.to.as_str(), pair.times, pair.examples[0].as_str()))
        .collect();
    // Moving a file without a change is nobody's work, and who was there before takes nothing over.
    assert_eq!(pairs, [("ana", "leo", 1, "a.py"), ("ana", "mia", 1, "src/b.py")]);
    assert_eq!(coordination.handed_over, 2);
    assert_eq!((coordination.by_member[0].handed_on, coordination.by_member[1].took_over), (2, 1));
}

#[test]
fn the_last_day_ends_with_the_deadline_where_there_is_one() {
    let history = History::new();
    history.write("a.py", lines("a", 30)).commit("Add a");
    by(history.at(START + 10 * DAY, 0), LEO).write("b.py", lines("b", 10)).commit("Add b");
    let last_day_of = |deadline: Option<i64>, due: Option<i64>| {
        let location = history.path().to_string_lossy().into_owned();
        let source = RepositorySource { location, deadline, due, ..RepositorySource::default() };
        let head = choose_head(history.repository(), &source).value().expect("a head").clone();
        let evidence = measure(history.repository(), &head, &team(), None, &Silent);
        evidence.coordination.value().expect("a coordination").clone()
    };
    let last_day = |deadline: Option<i64>| last_day_of(deadline, None);
    let without = last_day(None);
    assert_eq!((without.last_day_share, without.last_day_before.as_str()), (Some(0.25), "last commit"));
    let members: Vec<Option<f64>> = without.by_member.iter().map(|member| member.last_day_share).collect();
    assert_eq!(members, [Some(0.0), Some(1.0), None]);
    let in_time = last_day(Some(START + 20 * DAY));
    assert_eq!((in_time.last_day_share, in_time.last_day_before.as_str()), (Some(0.0), "deadline"));
    assert_eq!(in_time.last_day_ends, "2024-09-22T08:00:00+00:00");
    assert_eq!(last_day(Some(START + 10 * DAY + 60)).last_day_share, Some(0.25));
    // The cutoff of late work is no deadline.
    let late = last_day_of(Some(START + 20 * DAY), Some(START + 10 * DAY + 60));
    assert_eq!((late.last_day_share, late.last_day_ends.as_str()), (Some(0.25), "2024-09-12T08:01:00+00:00"));

    let nothing = History::new();
    nothing.write("a.csv", "1,2\n").commit("Add data");
    assert_eq!(coordination(&nothing).last_day_share, None, "without work there is no share of it");
}

#[test]
fn a_date_in_the_future_is_no_day_of_work_and_no_last_one() {
    let history = History::new();
    history.write("a.py", lines("a", 30)).commit("Add a");
    by(history.at(START + 10 * DAY, 0), LEO).write("b.py", lines("b", 10)).commit("Add b");
    // 2099.
    by(history.at(4_070_908_800, 0), MIA).write("c.py", lines("c", 10)).commit("Add c");
    let coordination = coordination(&history);
    assert_eq!(coordination.last_day_ends, "2024-09-12T08:00:00+00:00");
    assert_eq!((coordination.last_day_share, coordination.active_days, coordination.span_days), (Some(0.2), 2, 11));
    assert_eq!(coordination.by_member[2].last_day_share, Some(0.0), "nobody can tell when it was");
}

#[test]
fn work_on_branches_that_were_not_merged_is_listed() {
    let history = History::new();
    let base = history.write("a.py", lines("a", 5)).write("TP1/x.py", "1\n").commit("Add a");
    by(history.switch("metrics"), MIA).write("m.py", lines("m", 5)).commit("Add metrics");
    by(&history, MIA).write("TP1/m.py", lines("m", 9)).commit("Extend metrics");
    by(&history, ("Ubuntu", "ubuntu@ip-10-0-0-1")).write("m.py", lines("m", 10)).commit("up");
    // A branch whose commits were squashed into one of Leo's.
    by(history.switch("main"), LEO);
    history.switch("squashed").write("s.py", "1\n").commit("Draft s");
    history.write("s.py", "2\n").commit("Finish s");
    by(history.switch("main"), LEO).write("s.py", "2\n").commit("Add s (#3)\n\n* Draft s\n\n* Finish s");

    let all = outside(&history, &team());
    assert_eq!((all.commits, all.copied), (5, 2));
    let branches: Vec<(&str, u64, u64)> =
        all.branches.iter().map(|branch| (branch.name.as_str(), branch.commits, branch.copied)).collect();
    assert_eq!(branches, [("metrics", 3, 0), ("squashed", 2, 2)]);
    let authors: Vec<(Option<&str>, &str, u64, bool)> = (all.branches[0].authors.iter())
        .map(|author| (author.member.as_deref(), author.name.as_str(), author.commits, author.only_outside))
        .collect();
    assert_eq!(authors, [(Some("mia"), "Mia Rossi", 2, true), (None, "Ubuntu", 1, true)]);
    assert!(all.authors.iter().any(|author| author.member.as_deref() == Some("leo") && !author.only_outside));

    let of_folder = outside(&history, &Team { folder: Some("TP1".to_owned()), ..team() });
    assert_eq!(of_folder.commits, 1, "only one changes the folder");
    let after_base = measure(history.repository(), &head_of(&history), &team(), Some(&base.to_string()), &Silent);
    assert_eq!(after_base.outside.value().map(|outside| outside.commits), Some(5));
    history.switch("main").merge("metrics", "Merge branch 'metrics'");
    assert_eq!(outside(&history, &team()).commits, 2, "what was merged is inside");
}

#[test]
fn what_nobody_worked_on_elsewhere_leaves_nothing_open() {
    let doubt = |on_branch: &dyn Fn(&History)| {
        let history = History::new();
        by(&history, ANA).write("a.py", lines("a", 20)).commit("Launch the instances");
        by(&history, LEO).write("b.py", lines("b", 20)).commit("Create the load balancer");
        by(history.switch("other"), LEO);
        on_branch(&history);
        history.switch("main");
        measured(&history).set_aside.get("head").map(|found| found[0].commits)
    };
    let work = |history: &History, author: (&str, &str)| {
        for n in 0..4 {
            by(history, author).write("c.py", lines("c", n + 1)).commit("Draft the probe");
        }
    };
    assert_eq!(doubt(&|history| work(history, MIA)), Some(4));
    for (name, email) in [
        ("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com"),
        ("copilot-swe-agent[bot]", "198982749+Copilot@users.noreply.github.com"),
    ] {
        assert_eq!(doubt(&|history| work(history, (name, email))), None, "{name}");
    }
    let empty = |history: &History| {
        for _ in 0..4 {
            by(history, MIA).commit("Trigger the pipeline");
        }
    };
    assert_eq!(doubt(&empty), None, "nothing was changed");
    let for_mia = |history: &History| {
        let message = format!("Draft the probe\n\nCo-authored-by: {} <{}>", MIA.0, MIA.1);
        by(history, ("copilot-swe-agent[bot]", "198982749+Copilot@users.noreply.github.com"));
        history.write("c.py", lines("c", 9)).commit(&message);
    };
    assert_eq!(doubt(&for_mia), Some(1), "an agent's commit is the person's whom it names");
    let modes = |history: &History| {
        by(history, MIA).executable("a.py").commit("Make it run");
    };
    assert_eq!(doubt(&modes), None, "modes are no work elsewhere either");
    for (other, what) in [("\r\n", "line ends"), ("  \n", "white space")] {
        let changed = lines("a", 20).replace('\n', other);
        let laid_out = |history: &History| {
            by(history, MIA).write("a.py", &changed).commit("Format the code");
        };
        assert_eq!(doubt(&laid_out), None, "{what}");
        let beside = |history: &History| {
            by(history, MIA).write("a.py", format!("{changed}x = 1\n")).commit("Format the code");
        };
        assert_eq!(doubt(&beside), Some(1), "{what} and a line");
    }
}

#[test]
fn pages_that_a_tool_publishes_are_listed_and_leave_nothing_open() {
    let with_branch = |name: &str| {
        let history = History::new();
        by(&history, ANA).write("a.py", lines("a", 20)).commit("Launch the instances");
        let repository = history.repository();
        let mut parents: Vec<git2::Commit<'_>> = Vec::new();
        for n in 0..5 {
            let blob = repository.blob(format!("<h1>{n}</h1>").as_bytes()).expect("a blob");
            let mut builder = repository.treebuilder(None).expect("a builder");
            builder.insert("index.html", blob, 0o100_644).expect("an entry");
            let tree = repository.find_tree(builder.write().expect("a tree")).expect("a tree");
            let who = git2::Signature::new(ANA.0, ANA.1, &git2::Time::new(START + n * 60, 0)).expect("a signature");
            let before: Vec<&git2::Commit<'_>> = parents.iter().collect();
            let id = repository.commit(Some(&format!("refs/heads/{name}")), &who, &who, "Updates", &tree, &before);
            parents = vec![repository.find_commit(id.expect("a commit")).expect("a commit")];
        }
        let evidence = measured(&history);
        let listed = evidence.outside.value().expect("branches").commits;
        (listed, evidence.set_aside.contains_key("head"))
    };
    assert_eq!(with_branch("gh-pages"), (5, false));
    assert_eq!(with_branch("site"), (5, true), "whose that is, nobody knows");
}

#[test]
fn a_secret_that_was_removed_is_still_in_the_history() {
    let history = History::new();
    history.write("a.py", lines("a", 5)).commit("Add a");
    let (removed, kept) = (access_key("4X"), access_key("5Y"));
    let first = history.write("src/deploy.py", format!("x = 1\nKEY = '{removed}'\n")).commit("Add deploy");
    history.write("src/other.py", format!("KEY = '{removed}'\n")).commit("Copy the key");
    history.remove("src/other.py").write("src/deploy.py", "x = 1\nKEY = load()\n").commit("Remove the key");
    let second = history.write("settings.py", format!("A = 1\nB = 2\nKEY = '{kept}'\n")).commit("Add settings");
    history.write("settings.py", format!("# settings\nA = 1\nB = 2\nKEY = '{kept}'\n")).commit("Explain settings");

    let found = hygiene(&history).secrets;
    let told: Vec<(&str, u64, Option<&str>, bool)> = (found.iter())
        .map(|secret| (secret.path.as_str(), secret.line, secret.commit.as_deref(), secret.still_there))
        .collect();
    let (first, second) = (first.to_string(), second.to_string());
    assert_eq!(told, [("settings.py", 3, Some(&*second), true), ("src/deploy.py", 2, Some(&*first), false)]);
    assert_eq!(found[0].places.iter().map(|place| place.line).collect::<Vec<_>>(), [4], "where it is now");
    let json = serde_json::to_string(&measured(&history)).expect("JSON");
    assert!(!json.contains(&removed) && !json.contains(&kept), "secrets are never in clear");
}

#[test]
fn a_password_of_a_test_is_a_leak_once_it_is_elsewhere() {
    let history = History::new();
    let password = "password = 'Tr0ub4dor3'\n";
    history.write("tests/test_login.py", password).write(".env.example", "DB_PASSWORD=Tr0ub4dor4\n");
    history.write("docker-compose.yml", "    POSTGRES_PASSWORD: postgres\n").commit("Test the login");
    assert_eq!(hygiene(&history).secrets, []);
    history.write("tests/test_key.py", format!("KEY = '{}'\n", access_key("8R"))).commit("Test with a key");
    let second = history.write("settings.py", lines("s", 9) + password).commit("Use the password");
    let found = hygiene(&history).secrets;
    let told: Vec<(&str, &str)> = found.iter().map(|secret| (secret.path.as_str(), secret.kind.as_str())).collect();
    assert_eq!(told, [("settings.py", "password"), ("tests/test_key.py", "aws access key")]);
    assert_eq!(found[0].commit.as_deref(), Some(second.to_string().as_str()));
    assert_eq!(found[0].places.len(), 1, "the test is no place of a leak");
}

#[test]
fn a_secret_that_came_and_went_within_merges_is_found() {
    let history = History::new();
    history.write("a.py", lines("a", 5)).commit("Add a");
    let (in_new, in_both) = (access_key("6Z"), access_key("7Q"));
    for (branch, path, content) in [
        ("one", "settings.py", format!("A = 1\nKEY = '{in_new}'\n")),
        ("two", "a.py", format!("{}KEY = '{in_both}'\n", lines("a", 5))),
    ] {
        history.switch(branch).write(&format!("{branch}.py"), lines(branch, 4));
        history.write("a.py", format!("{}{branch} = 1\n", lines("a", 5))).commit("Read the settings");
        history.switch("main").merge_into(branch, &format!("Merge branch '{branch}'"), &[(path, content.as_str())]);
    }
    history.write("settings.py", "A = 1\n").write("a.py", lines("a", 5)).commit("Remove the keys");
    let found = hygiene(&history).secrets;
    let told: Vec<(&str, u64, bool)> =
        found.iter().map(|secret| (secret.path.as_str(), secret.line, secret.still_there)).collect();
    assert_eq!(told, [("a.py", 6, false), ("settings.py", 2, false)]);
}

#[test]
fn files_that_do_not_count_are_searched_and_libraries_are_not() {
    let history = History::new();
    let utf16: Vec<u8> = [0xff, 0xfe]
        .into_iter()
        .chain(format!("k={}\n", access_key("9C")).encode_utf16().flat_map(u16::to_le_bytes))
        .collect();
    history
        .write("a.py", lines("a", 5))
        .write(".env", format!("AWS_ACCESS_KEY_ID={}\n", access_key("4X")))
        .write("infra/terraform.tfstate", format!("{{\"id\": \"{}\"}}\n", access_key("5Y")))
        .write("analysis.ipynb", format!("{{\"output\": \"{}\"}}\n", access_key("6Z")))
        .write("data/users.csv", format!("1,{}\n", access_key("7A")))
        .write("notes.txt", utf16)
        .write("venv/lib/site-packages/x.py", format!("K = '{}'\n", access_key("8B")))
        .commit("Add everything");
    for path in [".env", "infra/terraform.tfstate", "analysis.ipynb", "data/users.csv", "notes.txt"] {
        history.remove(path);
    }
    history.remove("venv/lib/site-packages/x.py").commit("Remove it");
    let hygiene = hygiene(&history);
    let paths: Vec<&str> = hygiene.secrets.iter().map(|secret| secret.path.as_str()).collect();
    assert_eq!(paths, [".env", "analysis.ipynb", "data/users.csv", "infra/terraform.tfstate", "notes.txt"]);
    assert!(hygiene.secrets.iter().all(|secret| !secret.still_there && secret.commit.is_some()));
    let junk: Vec<(&str, u64, u64)> =
        hygiene.junk.iter().map(|junk| (junk.kind.as_str(), junk.files, junk.removed)).collect();
    assert_eq!(junk, [("credentials file", 0, 1), ("terraform state", 0, 1), ("virtual environment", 0, 1)]);
}

#[test]
fn a_key_that_was_exchanged_is_another_secret() {
    let history = History::new();
    let key = |seed: &str| {
        let body: String = (0..6).map(|n| format!("{}\n", format!("{seed}{n}Zq/").repeat(9))).collect();
        format!("-----BEGIN RSA {0}-----\n{body}-----END RSA {0}-----\n", "PRIVATE KEY")
    };
    history.write("key.pem", key("aB")).commit("Add the key");
    history.write("key.pem", key("xY")).commit("Exchange the key");
    let secrets = hygiene(&history).secrets;
    let told: Vec<(u64, bool)> = secrets.iter().map(|secret| (secret.line, secret.still_there)).collect();
    assert_eq!(told, [(1, true), (1, false)]);
}

#[test]
fn a_certificate_is_no_private_key_whatever_its_name() {
    let certificate = "-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n";
    let history = History::new();
    history.write("global-bundle.pem", certificate).write("old.pem", certificate).commit("Add the bundle");
    history.remove("old.pem").write("labsuser.pem", "MIIC\n").commit("Add the key");
    let junk = hygiene(&history).junk;
    let [keys] = &junk[..] else { panic!("{junk:?}") };
    assert_eq!((keys.examples.as_slice(), keys.removed), (&["labsuser.pem".to_owned()][..], 0));
}

#[test]
fn secrets_of_starter_code_have_no_graded_commit() {
    let history = History::new();
    let base = history.write("starter.py", format!("K = '{}'\n", access_key("4X"))).commit("Add starter code");
    history.write("a.py", lines("a", 5)).commit("Add a");
    let evidence = measure(history.repository(), &head_of(&history), &team(), Some(&base.to_string()), &Silent);
    let secrets = &evidence.hygiene.value().expect("a hygiene").secrets;
    assert_eq!((secrets.len(), secrets[0].commit.clone(), secrets[0].still_there), (1, None, true));
}

#[test]
fn large_files_are_named_with_the_commit_that_brought_them() {
    let history = History::new();
    let first = history.write("a.py", "x = 1\n").write("app.zip", vec![0_u8; 3 << 20]).commit("Add the archive");
    history.write("app.zip", vec![0_u8; 2 << 20]).commit("Shrink it");
    history.remove("app.zip").write("small.png", vec![0_u8; 1_000]).commit("Remove it");
    let hygiene = hygiene(&history);
    assert_eq!((hygiene.large_files, hygiene.large_bytes), (1, 3 << 20));
    let large = &hygiene.large[0];
    assert_eq!((large.path.as_str(), large.reason.as_str(), large.still_there), ("app.zip", "binary", false));
    assert_eq!(large.commit, Some(first.to_string()));
}

#[test]
fn dates_out_of_order_are_shown_as_they_are() {
    let history = History::new();
    let commit = |authored: i64, committed: i64, name: &str| {
        history.at(authored, 0).committed_by(ANA.0, ANA.1, committed).write(name, lines(name, 3)).commit("Add it")
    };
    commit(START, START, "fine.py");
    commit(START + 200, START, "clock.py");
    let early = commit(START + DAY, START, "author.py");
    let back = commit(START - DAY, START - DAY, "back.py");
    commit(START, START + 8 * DAY, "late.py");
    commit(1_000_000_000, START + 8 * DAY, "old.py");
    let future = commit(32_503_680_000, 32_503_680_000, "future.py");
    for n in 0..3 {
        commit(START + 7, START + 9 * DAY + n, &format!("same{n}.py"));
    }
    let hygiene = hygiene(&history);
    let told: Vec<(&str, u64)> = hygiene.dates.iter().map(|odd| (odd.kind.as_str(), odd.commits)).collect();
    assert_eq!(
        told,
        [
            ("author-after-committer", 1),
            // Its own date, and the one after the future's.
            ("before-its-parent", 2),
            ("future", 1),
            ("before-2005", 1),
            ("far-apart", 5),
            ("same-author-date", 3),
        ]
    );
    assert_eq!(hygiene.dates[0].examples[0].commit, early.to_string());
    assert_eq!(hygiene.dates[1].examples[1].commit, back.to_string());
    assert_eq!(hygiene.dates[2].examples[0].commit, future.to_string());
    let clean = History::new();
    clean.write("a.py", "x = 1\n").commit("Add a");
    assert!(measured(&clean).hygiene.value().expect("a hygiene").dates.is_empty());
}

#[test]
fn an_unreadable_history_is_no_clean_history() {
    let history = History::new();
    history.write("a.py", "1\n").commit("Add a");
    let tip = history.write("a.py", "2\n").commit("Change a");
    let head = head_of(&history);
    std::fs::write(history.path().join("shallow"), format!("{tip}\n")).expect("a mark");
    let repository = git2::Repository::open(history.path()).expect("a repository");
    let evidence = measure(&repository, &head, &team(), None, &Silent);
    let hygiene = evidence.hygiene.value().expect("the graded tree is whole");
    assert!(hygiene.history_unread.as_ref().is_some_and(|why| why.contains("--unshallow")), "{hygiene:?}");
    assert!(matches!(evidence.outside, Reading::Unreadable(_)));
}

//! The class on one page and in one table: derived from the teams' scorecards, and nobody else's text runs in them.

use std::path::Path;

use stackmark_evidence::points::Points;
use stackmark_evidence::{Cause, Tool};
use stackmark_judge::embedded_sentences;
use stackmark_judge::scorecard::{Mark, RubricStamp};
use stackmark_render::Templates;
use stackmark_render::class::{
    About, Class, CriterionMark, ItemMark, MemberPart, Reason, Standing, Summary, csv, html,
};

use super::languages::{self, english, seen};
use super::support::sample;

const RESULTS: &str = "stackmark-demo/results";

fn team(at: usize, low: i64) -> Summary {
    let mark = |low: i64, of: i64| Mark::certain(Points::whole(low), Points::whole(of));
    let item = |id: &str, low: i64| ItemMark {
        id: id.to_owned(),
        title: format!("Expected {id}"),
        mark: mark(low, 10),
        open: None,
    };
    let criterion = |at: usize| CriterionMark {
        id: format!("c{at}"),
        title: Some(format!("Criterion {at}")),
        mark: mark(low.min(10), 14),
    };
    let member = |name: &str| MemberPart { name: name.to_owned(), share: 0.25 };
    Summary {
        mark: Some(mark(low, 100)),
        criteria: (0..7).map(criterion).collect(),
        items: vec![item("a/passed", 10), item("a/failed", 0)],
        members: ["Ada Rivers", "Bo Stone", "Cleo Marsh", "Dev Hill"].map(member).into(),
        nobody: 0.1,
        late: 2,
        reasons: vec![Reason::new(About::Late, "2 commits after the deadline are not graded")],
        ..Summary::not_judged(&format!("team-{at:04}"), Standing::Graded)
    }
}

fn class(teams: Vec<Summary>) -> Class {
    Class {
        tool: Tool { name: "stackmark".to_owned(), version: "0".to_owned() },
        rubric: RubricStamp {
            id: "own".to_owned(),
            title: "Own".to_owned(),
            language: "en".to_owned(),
            sha256: "00".to_owned(),
        },
        started_at: "2026-11-20T10:00:00Z".to_owned(),
        finished_at: None,
        teams,
        common: Vec::new(),
        shared: Vec::new(),
    }
}

fn page(class: &Class) -> String {
    html(class, "en", &Templates::embedded().unwrap()).unwrap()
}

#[test]
fn a_thousand_teams_fit_a_page_of_two_megabytes() {
    let page = page(&class((0..1_000).map(|at| team(at, (at % 100) as i64)).collect()));
    assert!(page.len() < 2_000_000, "{}", page.len());
    assert_eq!(page.matches("class=\"bar\"").count(), 1_000);
}

#[test]
fn what_a_team_writes_stays_text_on_the_page_and_in_the_table() {
    let mut hostile = team(1, 50);
    hostile.name = Some(format!("=HYPERLINK(\"x\") {}", sample::HOSTILE));
    hostile.members[0].name = "\"><script>alert(2)</script>".to_owned();
    hostile.reasons = vec![Reason::new(About::People, "@SUM(A1), <img src=x onerror=alert(1)>\u{202e}")];
    let class = class(vec![hostile]);
    let page = page(&class);
    assert_eq!(page.matches("<script>").count(), 1, "the page's own");
    assert!(!page.contains("<img") && !page.contains('\u{202e}'));
    let table = csv(&class);
    assert_eq!(table.lines().count(), 2, "{table}");
    assert!(table.contains("\"'=HYPERLINK(\"\"x\"\")") && table.contains("\"'@SUM(A1)"), "{table}");
}

/// Everything that a class's page can say of a team, as the program says it.
fn all_reasons() -> Vec<Reason> {
    let mut reasons: Vec<Reason> = [
        (About::Repository, "access to the repository denied: no answer in time"),
        (About::Repository, "repository not read (unreachable: no answer in time)"),
        (
            About::Branch,
            "branch late has more commits that are not graded (12) than are graded (1): is it the wrong branch?",
        ),
        (About::Aws(Cause::Expired), "AWS not read (expired: no answer in time)"),
        (About::Target, "no request was sent (timeout: no answer in time)"),
        (About::Evidence, "the stack is gone: judged by what was read on 2026-11-20"),
        (About::Evidence, "its answers could not be read again in full: judged by what was read on 2026-11-20"),
        (About::Evidence, "the repository was replaced since 2026-11-20"),
        (About::Evidence, "the stack was read on 2026-11-20, before the graded commit was made"),
        (About::Late, "graded at a commit after the deadline; the work in time earns 71.5–80 of 100"),
        (About::Late, "3 commits after the deadline are graded as well, and would earn 71.5 of 100"),
        (About::Late, "1 commit after the deadline is not graded"),
        (About::People, "nobody's work 12% (root): add the address to the roster"),
        (About::People, "no commit of Bo Stone"),
        (About::People, "Ada Rivers did 71% of the work"),
        (About::Shared, "2 files the same as in team-02, team-03, …"),
        (
            About::Signs,
            "2 signs of how the work came about, which cost no points: 2 of 9 calls of AWS are reached by nothing",
        ),
        (
            About::Signs,
            "1 sign of how the work came about, which costs no points: 2 of 9 calls of AWS are reached by nothing",
        ),
        (About::People, "Ada Rivers and Bo Stone are very likely one person: put them right in the roster"),
        (About::People, "pc is nobody's and very likely Bo Stone: add the alias to the roster"),
        (About::Appeals, "1 appeal waits for an answer: concepts/asg-size (2026-12-01)"),
        (About::Appeals, "2 appeals wait for an answer: concepts/asg-size (2026-12-01), documentation/readme"),
        (About::Manual, "1 item waits for a person (points: 2.5)"),
        (About::Manual, "4 items wait for a person (points: 10)"),
    ]
    .map(|(about, text)| Reason::new(about, text))
    .into();
    for cause in Cause::ALL {
        for open in ["12 points", "1 point"] {
            let text = format!("{open} open: aws.instances not read ({cause}: no answer in time)");
            reasons.push(Reason::new(About::Unread, &text));
        }
    }
    reasons
}

#[test]
fn the_page_speaks_french_and_italian_and_no_english() {
    let mut open = ["manual", "undetermined"].map(str::to_owned).to_vec();
    open.extend(Cause::ALL.map(|cause| cause.to_string()));
    let mut graded = team(1, 71);
    graded.mark =
        Some(Mark { low: Points::from_hundredths(7_150), high: Points::whole(80), of: Points::whole(100), open: 3 });
    graded.nobody = 0.125;
    graded.reasons = all_reasons();
    for (at, cause) in open.into_iter().enumerate() {
        let mark = Mark { low: Points::ZERO, high: Points::whole(1), of: Points::whole(1), open: 1 };
        graded.items.push(ItemMark { id: format!("a/open-{at}"), title: "x".to_owned(), mark, open: Some(cause) });
    }
    let mut teams: Vec<Summary> = (2..8).map(|at| Summary { reasons: Vec::new(), ..team(at, 50) }).collect();
    teams.push(graded);
    for standing in [Standing::Collected, Standing::Failed, Standing::Pending] {
        teams.push(Summary::not_judged(&format!("team-{}", standing.as_str().len()), standing));
    }
    let mut whole = class(teams);
    whole.common = vec!["all 7 teams: AWS not read (denied: no answer in time)".to_owned()];
    whole.shared = vec![(40, vec![("team-0001".to_owned(), "a.py".to_owned())])];
    let own = ["Expected a/failed", "Expected a/passed"].map(str::to_owned).into();
    for (language, number) in [("fr", "71,5–80 sur 100"), ("it", "71,5–80 su 100")] {
        let spoken = whole.clone().speaking(&embedded_sentences(language));
        for team in &spoken.teams {
            for (said, english) in team.reasons.iter().zip(all_reasons()) {
                assert_ne!(said.text, english.text, "{language}");
            }
        }
        let page = html(&spoken, language, &Templates::embedded().unwrap()).unwrap();
        assert!(page.contains(&format!("<html lang=\"{language}\">")) && page.contains(number), "{page}");
        let seen = seen(&page);
        assert_eq!(english(&seen, &own), None, "{language}: {seen}");
        // What is drawn and sorted by is for programs.
        assert!(page.contains("data-v=\"75.8\"") && page.contains("<rect class=\"low\" width=\"71.5\""), "{page}");
        for class in [class(vec![Summary::not_judged("team-1", Standing::Pending)]), class(Vec::new())] {
            let page = html(&class, language, &Templates::embedded().unwrap()).unwrap();
            assert_eq!(english(&languages::seen(&page), &own), None, "{language}: {page}");
        }
    }
}

#[test]
fn a_class_without_marks_has_no_empty_tables_and_counts_nothing() {
    let empty = page(&class(Vec::new()));
    assert!(empty.contains("0 teams · run of") && empty.contains("The run has no team."), "{empty}");
    assert!(!empty.contains("<table"), "{empty}");
    let waiting = page(&class(vec![Summary::not_judged("team-1", Standing::Pending)]));
    assert!(waiting.contains("1 team, 1 not graded yet · run of"), "{waiting}");
    assert_eq!(waiting.matches("<table").count(), 1, "the teams alone");
    // An item of which nothing is decided is not lost by 0 of 0.
    let mut open = team(1, 50);
    open.items[1].mark = Mark { low: Points::ZERO, high: Points::whole(5), of: Points::whole(10), open: 1 };
    let page = page(&class(vec![open]));
    assert!(!page.contains("0 of 0"), "{page}");
}

#[test]
fn a_criterion_that_is_open_as_a_whole_has_no_step() {
    let (mut open, of) = (team(1, 50), Points::whole(14));
    let mut criterion = open.criteria[0].clone();
    criterion.mark = Mark { low: Points::ZERO, high: of, of, open: 1 };
    open.criteria = vec![criterion];
    let page = page(&class(vec![open]));
    assert!(!page.contains("<i class=\"h") && page.contains("<i title=\"Criterion 0: "), "unknown is not nothing lost");
}

#[test]
fn an_item_that_nearly_everybody_fails_is_flagged() {
    let of = |teams: usize| page(&class((0..teams).map(|at| team(at, 50)).collect()));
    assert_eq!(of(5).matches("check the check").count(), 1);
    assert_eq!(of(4).matches("check the check").count(), 0, "four teams say nothing about a check");
}

#[test]
fn what_all_teams_lack_is_said_once() {
    let lacking = |at: usize, cause: Cause| {
        let mut team = team(at, 50);
        team.reasons.push(Reason::new(About::Aws(cause), "AWS not read (expired: the session)"));
        team
    };
    let mut all = class((0..3).map(|at| lacking(at, Cause::Expired)).collect());
    all.say_once();
    assert_eq!(all.common, ["all 3 teams: AWS not read (expired: the session)"]);
    assert!(all.teams.iter().all(|team| team.reasons.len() == 1), "{all:?}");
    assert_eq!(page(&all).matches("AWS not read").count(), 1);
    let mut some = class(vec![lacking(0, Cause::Expired), team(1, 50)]);
    some.say_once();
    assert!(some.common.is_empty() && some.teams[0].reasons.len() == 2, "{some:?}");
}

fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = assert_cmd::Command::cargo_bin("stackmark")
        .expect("the binary")
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .args(arguments)
        .timeout(std::time::Duration::from_secs(120))
        .output()
        .expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (output.status.code().expect("a code"), text(output.stdout), text(output.stderr))
}

#[test]
fn every_decision_reaches_the_record_the_table_and_the_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let (code, told, errors) = run(folder, &["demo"]);
    assert_eq!(code, 0, "{errors}");
    assert!(errors.contains("3 of 3 teams done"), "{errors}");
    assert!(told.contains("Look at"), "{told}");
    let read = |name: &str| std::fs::read_to_string(folder.join(RESULTS).join(name)).expect(name);
    let page = read("class.html");
    for words in ["Look at these", "heron", "Lost points by item", "Distribution"] {
        assert!(page.contains(words), "{words}");
    }
    assert!(!page.contains("http://") && !page.contains("https://"), "it needs nothing from elsewhere");
    let low = |table: &str| {
        let line = table.lines().find(|line| line.starts_with("heron,")).expect("a line").to_owned();
        line.split(',').nth(3).expect("a mark").parse::<f64>().expect("a number")
    };
    let before = low(&read("class.csv"));
    let decision = "[[adjustment]]\npoints = -10\nreason = \"late\"\nby = \"TA\"\nwhen = \"today\"\n";
    std::fs::write(folder.join(RESULTS).join("teams/heron/overrides.toml"), decision).expect("written");
    assert_eq!(run(folder, &["report", "--out", RESULTS, "heron"]).0, 0);
    assert!((before - low(&read("class.csv")) - 10.0).abs() < 1e-9);
    let record: serde_json::Value = serde_json::from_str(&read("run.json")).expect("JSON");
    let card: serde_json::Value = serde_json::from_str(&read("teams/heron/scorecard.json")).expect("JSON");
    assert_eq!(record["teams"][1]["mark"], card["mark"]);
    assert!(read("class.html").contains("falcon"), "the other teams stay on the page");
}

#[test]
fn several_signs_are_named_and_one_alone_is_not() {
    use stackmark_evidence::signs::Look;
    use stackmark_evidence::{Reading, Sign, SignKind};
    let sign = |kind, says: &str| Sign { kind, says: says.to_owned(), asks: false, examples: Vec::new() };
    let mut evidence = sample::evidence();
    evidence.git.signs.clear();
    evidence.code.signs.clear();
    evidence.report.signs.clear();
    let Reading::Observed { value } = &mut evidence.git.coordination else { panic!("the sample has it") };
    value.pace = None;
    let told_by = |look: &Look, evidence: &stackmark_evidence::Evidence| {
        let summary = Summary::graded(&sample::scorecard("en"), evidence, look);
        let reasons = summary.reasons.into_iter().filter(|reason| reason.about == About::Signs);
        reasons.map(|reason| reason.text).collect::<Vec<_>>()
    };
    let told = |evidence: &stackmark_evidence::Evidence| told_by(&Look::default(), evidence);
    let even = || sign(SignKind::EvenGaps, "the gaps between 40 commits are alike");
    evidence.git.signs.insert("commits".to_owned(), vec![even()]);
    // The same fact in another reading is one fact.
    evidence.git.signs.insert("teamwork".to_owned(), vec![even()]);
    assert_eq!(told(&evidence), Vec::<String>::new());
    let thin = sign(SignKind::ThinReport, "9 parts with little of its own");
    evidence.report.signs.insert("document".to_owned(), vec![thin]);
    let expected = "2 signs of how the work came about, which cost no points: the gaps between 40 commits are alike; 9 parts \
                    with little of its own";
    assert_eq!(told(&evidence), [expected]);
    // A rubric may want other facts, fewer or more of them, or none.
    let by = |look: Look| told_by(&look, &evidence);
    let one = "1 sign of how the work came about, which costs no points: 9 parts with little of its own";
    assert_eq!(by(Look { facts: vec![SignKind::ThinReport], at_least: 1, ..Look::default() }), [one]);
    assert!(by(Look { at_least: 3, ..Look::default() }).is_empty());
    assert!(by(Look { facts: Vec::new(), at_least: 1, ..Look::default() }).is_empty());
    assert!(by(Look { only_asking: true, ..Look::default() }).is_empty(), "neither asks");
    let Reading::Observed { value } = &mut evidence.git.coordination else { panic!("the sample has it") };
    value.pace = Some(stackmark_evidence::git::Pace {
        within_a_minute: 9,
        within_a_minute_share: 0.4,
        gap_variation: Some(0.6),
        authors_of_one_committer: 1,
    });
    let burst = sign(SignKind::Burst, "9 commits within a minute");
    evidence.git.signs.insert("coordination".to_owned(), vec![burst]);
    let counted = |burst_percent, gap_variation_percent| {
        let look = Look { at_least: 1, burst_percent, gap_variation_percent, ..Look::default() };
        told_by(&look, &evidence)[0].chars().next()
    };
    assert_eq!(counted(40.0, 60.0), Some('3'));
    assert_eq!(counted(41.0, 60.0), Some('2'));
    assert_eq!(counted(41.0, 59.0), Some('1'));

    // Who commits in a team-mate's name is worth a look without another sign.
    evidence.report.signs.clear();
    evidence.git.signs.clear();
    let another = sign(SignKind::AnotherAuthor, "4 commits name another author");
    evidence.git.signs.insert("contribution".to_owned(), vec![another]);
    let expected = "1 sign of how the work came about, which costs no points: 4 commits name another author";
    assert_eq!(told(&evidence), [expected]);
}

#[test]
fn open_points_name_their_reason_once() {
    use stackmark_evidence::signs::Look;
    use stackmark_evidence::{Reading, Unreadable};
    let (mut card, mut evidence) = (sample::scorecard("en"), sample::evidence());
    let told = |card: &_, evidence: &_| {
        let summary = Summary::graded(card, evidence, &Look::default());
        summary.reasons.into_iter().map(|it| (it.about, it.text)).collect::<Vec<_>>()
    };
    let of = |told: &[(About, String)], about: About| {
        told.iter().filter(|it| it.0 == about).map(|it| it.1.clone()).collect::<Vec<_>>()
    };
    let denied = "8 points open: aws.auto_scaling_groups not read (denied: autoscaling:DescribeAutoScalingGroups: \
                  AccessDenied for assumed-role/StackmarkRead/grader)";
    assert!(of(&told(&card, &evidence), About::Unread).contains(&denied.to_owned()), "{:?}", told(&card, &evidence));
    // What the repository's failure explains is said of the repository.
    let failure = Unreadable::new(Cause::Unreachable, "no such host");
    for missing in card.criteria.iter_mut().flat_map(|it| &mut it.items).flat_map(|it| &mut it.outcome.unreadable) {
        missing.pointer = "/git/coordination".to_owned();
        missing.failure = failure.clone();
    }
    assert_eq!(of(&told(&card, &evidence), About::Unread).len(), 1);
    evidence.git.head = Reading::Unreadable(failure);
    let told = told(&card, &evidence);
    assert_eq!(of(&told, About::Unread), Vec::<String>::new());
    assert_eq!(of(&told, About::Repository), ["repository not read (unreachable: no such host)"]);
}

#[test]
fn work_that_is_nobodys_asks_for_addresses() {
    use stackmark_evidence::signs::Look;
    use stackmark_evidence::{Reading, Unreadable};
    let mut evidence = sample::evidence();
    let detail = "100% of the work is by authors that no member's identity covers (pc): add their addresses or aliases to \
                  the roster (`stackmark identities` lists them), and grade again";
    evidence.git.contribution = Reading::Unreadable(Unreadable::new(Cause::Unattributed, detail));
    let summary = Summary::graded(&sample::scorecard("en"), &evidence, &Look::default());
    assert!(summary.reasons.iter().any(|it| it.about == About::People && it.text == detail), "{:?}", summary.reasons);
}

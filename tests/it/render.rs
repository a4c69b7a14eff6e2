//! Every format, on one team that holds every outcome.

use crate::support::sample;
use std::collections::BTreeSet;
use std::sync::Arc;

use insta::assert_snapshot;
use sha2::{Digest as _, Sha256};
use stackmark_evidence::aws::{AutoScalingGroup, AwsEvidence, Instance, ScalingPolicy};
use stackmark_evidence::closed::{ChosenBy, ClaimKind, OddDate};
use stackmark_evidence::git::Day;
use stackmark_evidence::points::Points;
use stackmark_evidence::report::Claim;
use stackmark_evidence::{Cause, Evidence, MembersFrom, Reading, Unreadable};
use stackmark_judge::scorecard::{Mark, Scorecard, Verdict, Zero};
use stackmark_render::language::Language;
use stackmark_render::terminal::{ClassRow, Style, class_table, summary};
use stackmark_render::{Templates, gains, html, json, markdown};
use unicode_width::UnicodeWidthStr;

fn words(language: &str) -> Arc<Language> {
    Arc::clone(Templates::embedded().unwrap().language(language).unwrap())
}

fn report(language: &str) -> String {
    markdown::report(&sample::scorecard(language), &sample::evidence(), &Templates::embedded().unwrap()).unwrap()
}

fn page(language: &str) -> String {
    page_of(&sample::scorecard(language), &sample::evidence())
}

fn page_of(card: &Scorecard, evidence: &Evidence) -> String {
    html::report(card, evidence, &Templates::embedded().unwrap(), Some("report.md")).unwrap()
}

fn class() -> Vec<ClassRow> {
    let of = Points::whole(100);
    vec![
        ClassRow {
            team: "Les Nuages".into(),
            mark: Some(Mark { low: Points::whole(71), high: Points::whole(81), of, open: 2 }),
            commit: Some("3f9c2ab1d04e5f60718293a4b5c6d7e8f9012345".into()),
            note: "2 commits after the deadline; 4 commits by nobody".into(),
        },
        ClassRow {
            team: "日本語チーム".into(),
            mark: Some(Mark::certain(Points::from_hundredths(9_325), of)),
            commit: Some("aa17".into()),
            note: String::new(),
        },
        ClassRow {
            team: format!("x {}", sample::HOSTILE),
            note: "unreachable: no such repository".into(),
            ..Default::default()
        },
    ]
}

/// Everything as earned: nothing lost, nothing open.
fn perfect() -> Scorecard {
    let mut card = sample::scorecard("en");
    for criterion in &mut card.criteria {
        for item in &mut criterion.items {
            item.mark = Mark::certain(item.mark.of, item.mark.of);
            item.outcome.verdict = Verdict::Pass;
            item.settled = None;
        }
        criterion.mark = criterion.items.iter().map(|item| item.mark).sum();
    }
    card.mark = card.criteria.iter().map(|criterion| criterion.mark).sum();
    card.adjustments.clear();
    card.unmatched_overrides.clear();
    card
}

#[test]
fn terminal_summary() {
    assert_snapshot!(summary(&sample::scorecard("en"), &sample::evidence(), Style::default()));
}

#[test]
fn terminal_summary_in_ascii_of_60_columns() {
    let style = Style { width: 60, color: false, unicode: false };
    assert_snapshot!(summary(&sample::scorecard("en"), &sample::evidence(), style));
}

#[test]
fn the_class_table_fits_80_columns() {
    for line in class_table(&class(), &words("en"), Style { width: 80, ..Style::default() }).lines() {
        assert!(unicode_width::UnicodeWidthStr::width(line) <= 80, "{line}");
    }
}

#[test]
fn the_class_table_speaks_the_language_of_the_course() {
    for (code, mark, counts) in [
        ("fr", "71–81 sur 100", "3 équipes, 1 avec des éléments ouverts, 1 non évaluée"),
        ("it", "93,25 su 100", "3 gruppi, 1 con voci aperte, 1 non valutato"),
    ] {
        let table = class_table(&class(), &words(code), Style { width: 80, ..Style::default() });
        assert!(table.contains(mark) && table.contains(counts), "{table}");
        for english in ["Team", "Mark", "Open", "Look at", " of "] {
            assert!(!table.contains(english), "{english} is in {table}");
        }
        let wide = table.lines().find(|line| line.width() > 80);
        assert_eq!(wide, None, "{table}");
    }
}

#[test]
fn a_long_note_of_a_team_is_below_it_and_not_a_column_of_single_words() {
    let note =
        "AWS not read (denied: User: arn:aws:iam::123456789012:user/grader is not authorized to perform: ".repeat(4);
    let rows = [ClassRow { team: "a-team-with-a-long-name".into(), note, ..ClassRow::default() }];
    let table = class_table(&rows, &words("en"), Style { width: 80, ..Style::default() });
    let lines: Vec<&str> = table.lines().collect();
    assert!(lines[1].ends_with('–') && lines[2].starts_with("    AWS not read (denied:"), "{table}");
    assert!(lines.len() < 14 && lines.iter().all(|line| line.width() <= 80), "{table}");
}

#[test]
fn long_lines_of_an_explanation_go_on_below_their_text() {
    let text = "aws/asg-size  Auto Scaling group: min 2, max 2 and 2 wanted\n  one two three four five six seven eight nine\nshort\n";
    let expected = "aws/asg-size  Auto Scaling group: min 2,\n              max 2 and 2 wanted\n  one two three four five six seven\n      eight nine\nshort\n";
    assert_eq!(stackmark_render::terminal::wrapped(text, 40), expected);
}

#[test]
fn terminal_class_table() {
    assert_snapshot!(class_table(&class(), &words("en"), Style { width: 110, ..Style::default() }));
}

#[test]
fn markdown_report_in_english() {
    assert_snapshot!(report("en"));
}

#[test]
fn markdown_report_in_french() {
    assert_snapshot!(report("fr"));
}

#[test]
fn markdown_report_in_italian() {
    assert_snapshot!(report("it"));
}

#[test]
fn html_report_in_english() {
    assert_snapshot!(page("en"));
}

#[test]
fn scorecard_json() {
    assert_snapshot!(json::scorecard(&sample::scorecard("en")));
}

#[test]
fn no_line_is_wider_than_the_terminal_and_nothing_is_painted_unasked() {
    for width in [40, 60, 80, 100, 140] {
        let text = summary(&sample::scorecard("en"), &sample::evidence(), Style { width, color: false, unicode: true });
        let widest = text.lines().max_by_key(|line| line.width()).unwrap();
        assert!(widest.width() <= width, "{width}: {widest}");
        assert!(!text.contains('\u{1b}'));
        assert!(text.lines().all(|line| line == line.trim_end()), "trailing spaces at {width}");
    }
}

#[test]
fn ascii_means_ascii() {
    let style = Style { width: 100, color: false, unicode: false };
    let text = summary(&sample::scorecard("en"), &sample::evidence(), style);
    assert!(text.is_ascii(), "{:?}", text.chars().find(|character| !character.is_ascii()));
}

#[test]
fn colour_changes_nothing_but_the_paint() {
    let (card, evidence) = (sample::scorecard("en"), sample::evidence());
    let painted = summary(&card, &evidence, Style { color: true, ..Style::default() });
    assert!(painted.contains("\u{1b}[31m"));
    let mut plain = String::new();
    for piece in painted.split('\u{1b}') {
        plain.push_str(if plain.is_empty() && !painted.starts_with('\u{1b}') {
            piece
        } else {
            piece.split_once('m').map_or(piece, |(_, rest)| rest)
        });
    }
    assert_eq!(plain, summary(&card, &evidence, Style::default()));
}

#[test]
fn what_a_team_writes_stays_text_in_every_format() {
    let (card, evidence) = (sample::scorecard("en"), sample::evidence());
    let terminal = summary(&card, &evidence, Style::default()) + &class_table(&class(), &words("en"), Style::default());
    let markdown = ["en", "fr", "it"].map(report).join("\n");
    for (format, text) in [("terminal", &terminal), ("markdown", &markdown)] {
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{format} obeys escapes");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("# heading")), "{format} breaks lines");
    }
    assert!(!markdown.contains("<script>"), "HTML comes to life");
    assert!(!markdown.replace("\\]", "").contains("](javascript"), "a link comes to life");
    assert!(!markdown.contains("| `rm"), "a cell or a code span comes to life");
    assert!(markdown.contains("&lt;script&gt;alert(1)&lt;/script&gt; \\](javascript:alert(1)) \\| \\`rm -rf\\`"));
}

#[test]
fn every_row_of_a_table_has_its_columns() {
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    for language in ["en", "fr", "it"] {
        let text = report(language);
        let mut columns = None;
        let mut tables = 0;
        for line in text.lines() {
            if !line.starts_with('|') {
                columns = None;
            } else if let Some(columns) = columns {
                assert_eq!(cells(line), columns, "{line}");
            } else {
                columns = Some(cells(line));
                tables += 1;
            }
        }
        assert_eq!(tables, 15, "{language}");
    }
}

#[test]
fn the_diagram_holds_nothing_but_boxes_and_arrows() {
    let text = report("en");
    let diagram = text.split("```mermaid\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(text.matches("```").count(), 2, "a fence is opened or closed by a value");
    let shapes = [
        r#"^flowchart LR$"#,
        r#"^  (n\d+|internet)(\["|\(\["|\(\(")[^"`<>#;%{}\[\]]*((<br/>)[^"`<>#;%{}\[\]]*)*("\]|"\]\)|"\)\))$"#,
        r#"^  (n\d+|internet) --> n\d+$"#,
        r#"^  classDef broken [a-z0-9:#, -]+$"#,
        r#"^  class n\d+ broken$"#,
    ]
    .map(|shape| regex::Regex::new(shape).unwrap());
    for line in diagram.lines() {
        assert!(shapes.iter().any(|shape| shape.is_match(line)), "{line}");
    }
    // Load balancer → rule → target group → instance, and the unhealthy one is marked.
    let id = |label: &str| {
        let line = diagram.lines().find(|line| line.contains(label)).unwrap_or_else(|| panic!("{label} is not drawn"));
        line.trim().split(['[', '(']).next().unwrap().to_owned()
    };
    let chain = [id("log8415-alb"), id("/cluster2"), id("<br/>cluster2"), id("i-00000000000000003")];
    for pair in chain.windows(2) {
        assert!(diagram.contains(&format!("{} --> {}\n", pair[0], pair[1])), "{pair:?} in {diagram}");
    }
    assert!(diagram.contains(&format!("class {} broken", chain[3])));
}

#[test]
fn what_could_not_be_read_is_said_and_not_drawn() {
    let mut evidence = sample::evidence();
    evidence.aws = Default::default();
    let text = markdown::report(&sample::scorecard("en"), &evidence, &Templates::embedded().unwrap()).unwrap();
    assert!(text.contains("The AWS account was not read"));
    assert!(!text.contains("mermaid"));
    let text = report("en");
    assert!(text.contains("- access denied · autoscaling:") && text.contains("- no answer in time · "));
    assert!(text.contains("no README in TP1"));
}

#[test]
fn a_team_whose_repository_could_not_be_read_still_gets_a_report() {
    let mut evidence = sample::evidence();
    evidence.git = Default::default();
    evidence.http = Default::default();
    for language in ["en", "fr", "it"] {
        let card = sample::scorecard(language);
        let text = markdown::report(&card, &evidence, &Templates::embedded().unwrap()).unwrap();
        assert!(text.contains("no collector was asked for it"), "{language}");
    }
    assert!(summary(&sample::scorecard("en"), &evidence, Style::default()).contains("no commit could be read"));
}

#[test]
fn a_team_unlike_the_sample_renders_as_well() {
    let mut evidence = sample::evidence();
    evidence.team.members_from = MembersFrom::History;
    evidence.team.folder = None;
    evidence.code.files = Reading::observed(vec![]);
    let Reading::Observed { value: head } = &mut evidence.git.head else { panic!("the sample has a commit") };
    (head.chosen_by, head.deadline, head.branch) = (ChosenBy::Tip, None, None);
    let Reading::Observed { value: work } = &mut evidence.git.contribution else { panic!("the sample has work") };
    (work.unmapped, work.excluded) = (vec![], vec![]);
    let mut days: Vec<Day> = (1..=9).map(|month| Day { date: format!("2026-0{month}-05"), commits: month }).collect();
    days.push(Day { date: "2026-13-45".into(), commits: 1 });
    work.members[0].days = days;
    let Reading::Observed { value: scope } = &mut evidence.aws.scope else { panic!("the sample has a scope") };
    scope.tags.clear();
    let Reading::Observed { value: instances } = &mut evidence.aws.instances else {
        panic!("the sample has instances")
    };
    let spare = instances[0].clone();
    instances.extend((100..140).map(|number| Instance { instance_id: format!("i-{number}"), ..spare.clone() }));
    let Reading::Observed { value: security } = &mut evidence.aws.security_groups else { panic!("and groups") };
    security[0].ingress[2].cidr = Some("::/0".into());
    evidence.aws.auto_scaling_groups = Reading::observed(vec![AutoScalingGroup {
        health_check_grace_period: None,
        suspended_processes: None,
        region: String::new(),
        auto_scaling_group_name: "web".into(),
        min_size: 2,
        max_size: 5,
        desired_capacity: 3,
        instance_ids: vec![],
        availability_zones: vec!["us-east-1a".into()],
        subnet_ids: vec![],
        target_group_arns: vec![],
        load_balancer_names: vec![],
        health_check_type: "ELB".into(),
        launch_template: None,
        launch_template_version: None,
        override_instance_types: None,
        launch_configuration_name: None,
        tags: Default::default(),
    }]);
    evidence.aws.scaling_policies = Reading::observed(vec![ScalingPolicy {
        adjustment_type: None,
        cooldown: None,
        enabled: None,
        alarm_names: vec![],
        policy_name: "cpu".into(),
        auto_scaling_group_name: "web".into(),
        policy_type: "TargetTrackingScaling".into(),
        predefined_metric_type: Some("ASGAverageCPUUtilization".into()),
        target_value: Some(40.5),
        scaling_adjustment: None,
    }]);
    let said = |language: &str| {
        markdown::report(&sample::scorecard(language), &evidence, &Templates::embedded().unwrap()).unwrap()
    };
    let detached = summary(&sample::scorecard("en"), &evidence, Style::default());
    assert!(detached.contains(", HEAD, detached"), "{detached}");
    let text = said("en");
    for sentence in [
        "There is no roster: members are the authors that the history shows",
        "No source file counts.",
        "HEAD, detached; no deadline was set",
        "| Branch | – |",
        "| AWS scope | the whole account |",
        "`cpu` | TargetTrackingScaling · ASGAverageCPUUtilization · 40.5 |",
        "`web` | minimum 2, desired 3, maximum 5 · us-east-1a · ELB |",
        "open to the internet: tcp 22, tcp 80, all ports",
        "| Instance | 25 more | |",
        "[\"29 more\"]",
        "| Zoë Tremblay | 10 | `··▄···▅···▆····▇···█······` |",
        "Commits with unreadable dates are left out: `2026-13-45`.",
    ] {
        assert!(text.contains(sentence), "{sentence} in {text}");
    }
    assert!(!text.contains("Graded folder") && !text.contains("Not counted"));
    assert!(said("fr").contains("ASGAverageCPUUtilization · 40,5 |"));
}

#[test]
fn what_the_program_puts_between_backticks_is_code_on_a_page() {
    let (mut card, mut evidence) = (sample::scorecard("en"), sample::evidence());
    evidence.aws.rules = Reading::unreadable(Cause::Denied, "see `stackmark policy` & <b>");
    for item in card.criteria.iter_mut().flat_map(|criterion| &mut criterion.items) {
        item.outcome.fix = "run `git push` once".to_owned();
    }
    let page = page_of(&card, &evidence);
    for written in ["see <code>stackmark policy</code> &amp; &lt;b&gt;", "run <code>git push</code> once"] {
        assert!(page.contains(written), "{written}");
    }
}

#[test]
fn a_perfect_mark_has_nothing_to_mend() {
    let (card, evidence) = (perfect(), sample::evidence());
    let text = markdown::report(&card, &evidence, &Templates::embedded().unwrap()).unwrap();
    for sentence in [
        "**100 of 100 points**\n",
        "No points were lost.",
        "No item lost points.",
        "Nothing is open",
        "Nothing is left to fix.",
    ] {
        assert!(text.contains(sentence), "{sentence}");
    }
    assert!(summary(&card, &evidence, Style::default()).ends_with("No points were lost.\n"));
}

#[test]
fn a_zero_by_policy_is_said_and_nothing_is_told_to_earn_more() {
    let (mut card, evidence) = (sample::scorecard("en"), sample::evidence());
    card.mark = Mark::certain(Points::ZERO, card.mark.of);
    let text = |text: &str| text.to_owned();
    card.zero = Some(Zero { reason: text("a copied client"), by: text("TA"), when: text("2026-12-01") });
    let markdown = markdown::report(&card, &evidence, &Templates::embedded().unwrap()).unwrap();
    let page = page_of(&card, &evidence);
    let summary_of = |page: &str| page.split("class=\"bars\"").next().unwrap().to_owned();
    assert!(summary_of(&page).contains("a copied client"), "the reason stands below the table");
    assert!(!page.contains("the mark is final"), "it says nothing of why the mark is zero");
    for report in [markdown, page] {
        assert!(report.contains("a copied client") && report.contains("confirmed by TA"));
        assert!(!report.contains("What would earn the most"));
    }
    assert!(summary(&card, &evidence, Style::default()).contains("a copied client (by TA, 2026-12-01)"));
}

#[test]
fn what_would_earn_the_most_is_what_is_surely_lost() {
    let card = sample::scorecard("en");
    let order: Vec<_> = gains::by_points_lost(&card)
        .iter()
        .map(|placed| (placed.item.id.as_str(), placed.lost().hundredths()))
        .collect();
    assert_eq!(
        order,
        [
            ("works/load", 800),
            ("concepts/health-checks", 500),
            ("works/answers", 400),
            ("version-control/secrets", 200),
            ("documentation/readme", 200),
            ("documentation/definitions", 183),
            ("contribution/evenness", 150),
            ("version-control/messages", 126),
            ("contribution/mapped", 50),
        ]
    );
    // What is open is not lost, and what a person settled is not open.
    let open: Vec<_> = gains::open(&card).iter().map(|placed| placed.item.id.as_str()).collect();
    assert_eq!(open, ["concepts/scaling", "report/parts"]);
}

#[test]
fn members_stand_in_the_order_of_the_roster() {
    let mut evidence = sample::evidence();
    let text = markdown::report(&sample::scorecard("en"), &evidence, &Templates::embedded().unwrap()).unwrap();
    let work = text.split("## 5.").nth(1).unwrap();
    let place = |name: &str| work.find(name).unwrap();
    assert!(place("Zoë") < place("Karim") && place("Karim") < place("Mallory") && place("Mallory") < place("Anh"));
    if let Reading::Observed { value } = &mut evidence.git.contribution {
        value.members.reverse();
    }
    let text = markdown::report(&sample::scorecard("en"), &evidence, &Templates::embedded().unwrap()).unwrap();
    let work = text.split("## 5.").nth(1).unwrap();
    assert!(work.find("Anh").unwrap() < work.find("Zoë").unwrap(), "shares must not decide the order");
}

#[test]
fn json_reads_back_as_it_was_and_ends_in_a_newline() {
    let (card, evidence) = (sample::scorecard("en"), sample::evidence());
    let text = json::scorecard(&card);
    assert!(text.ends_with("}\n"));
    assert_eq!(json::read_scorecard(&text).unwrap(), card);
    let text = json::evidence(&evidence);
    assert_eq!(text, json::evidence(&json::read_evidence(&text).unwrap()));
    assert!(json::read_scorecard(&text).unwrap_err().to_string().contains("stackmark/evidence/v1"));
}

#[test]
fn the_languages_have_the_same_words_and_every_word_is_used() {
    let templates = Templates::embedded().unwrap();
    assert_eq!(templates.languages().collect::<Vec<_>>(), ["en", "fr", "it"]);
    let keys = |code: &str| templates.language(code).unwrap().keys().map(str::to_owned).collect::<BTreeSet<_>>();
    let english = keys("en");
    for code in ["fr", "it"] {
        assert_eq!(english, keys(code), "{code}");
    }

    // Keys that templates and renderers put together from a word of the evidence.
    let mut needed: BTreeSet<String> =
        ["number.decimal", "number.percent", "delivered.rule", "delivered.default_rule"].map(str::to_owned).into();
    let verdicts = [
        Verdict::Pass,
        Verdict::Partial,
        Verdict::Fail,
        Verdict::Undetermined,
        Verdict::Manual,
        Verdict::NotApplicable,
    ];
    needed.extend(verdicts.map(|verdict| format!("verdict.{}", verdict.as_str())));
    needed.extend(Cause::ALL.iter().flat_map(|cause| [format!("cause.{cause}"), format!("remedy.{cause}")]));
    needed.extend(ChosenBy::ALL.iter().map(|chosen| format!("checked.chosen_{chosen}")));
    needed.extend(["deadline", "commit"].map(|end| format!("work.last_day_{end}")));
    for what in ["secret", "large"] {
        needed.extend(["there", "removed"].map(|state| format!("holds.{what}_{state}")));
    }
    needed.extend(OddDate::ALL.iter().map(|kind| format!("holds.{kind}")));
    let criteria = ["concepts", "works", "coordination", "contribution", "version-control", "documentation", "report"];
    needed.extend(criteria.map(|id| format!("criteria.{id}")));
    needed.extend(["asks", "told"].map(|how| format!("signs.{how}")));
    // Those that stand in pictures.
    needed.extend(["times", "times_of", "back_ends", "back_ends_of"].map(|key| format!("pictures.{key}")));
    let concerns = ["application", "infrastructure", "deployment", "interface", "database", "tests", "documentation"];
    needed.extend(concerns.iter().chain(&["configuration", "formatting"]).map(|id| format!("concern.{id}")));
    // Those of the class's page.
    let of_class = [
        "graded",
        "with_open",
        "failed",
        "pending",
        "teams",
        "not_graded",
        "run",
        "run_unfinished",
        "open_manual",
        "open_undetermined",
    ];
    needed.extend(of_class.map(|key| format!("class.{key}")));
    let standings = ["graded", "collected", "failed", "pending"];
    needed.extend(standings.map(|standing| format!("class.standing_{standing}")));
    // Those of a comparison of runs.
    needed.extend(["of_cause", "items", "teams"].map(|key| format!("diff.{key}")));
    needed.extend(["evidence", "rubric", "override", "tool"].map(|cause| format!("diff.cause_{cause}")));
    // Those of the review page that the server or the script puts together.
    let kinds = ["appealed", "manual", "doubtful", "undetermined", "decided", "measured"];
    needed.extend(kinds.map(|kind| format!("review.kind_{kind}")));
    needed.extend(["absent", "unreadable", "missing"].map(|state| format!("review.state_{state}")));
    let facts = [
        "collected",
        "commit",
        "committed",
        "deadline",
        "late",
        "member",
        "work",
        "commits",
        "days",
        "document",
        "aws",
    ];
    needed.extend(facts.map(|fact| format!("review.fact_{fact}")));
    needed.insert("review.blind_team".to_owned());
    let of_script = regex::Regex::new(r"\bsay\('([a-z_]+[a-z])'\s*[,)]").unwrap();
    let script = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/review.js.j2")).unwrap();
    needed.extend(of_script.captures_iter(&script).map(|found| format!("review.{}", &found[1])));
    // Keys that the templates name outright.
    let named = regex::Regex::new(r"\bt\('([a-z_.-]+[a-z])'\s*[,)]").unwrap();
    for template in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/templates")).unwrap() {
        let path = template.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "j2") {
            let text = std::fs::read_to_string(path).unwrap();
            needed.extend(named.captures_iter(&text).map(|found| found[1].to_owned()).filter(|key| key != "key"));
        }
    }
    assert_eq!(needed.difference(&english).collect::<Vec<_>>(), Vec::<&String>::new(), "asked for and not there");
    assert_eq!(english.difference(&needed).collect::<Vec<_>>(), Vec::<&String>::new(), "there and used nowhere");
}

#[test]
fn a_course_can_bring_its_own_template() {
    let own = vec![("handover.md.j2".to_owned(), "{{ team }}: {{ card.mark.low }}".to_owned())];
    let templates = Templates::with_overrides(&own).unwrap();
    let text = markdown::report(&sample::scorecard("it"), &sample::evidence(), &templates).unwrap();
    assert_eq!(text, "Les Nuages: 56,91");
    let wrong = Templates::with_overrides(&[("handover.md.j2".to_owned(), "x\n{{ card.marks }}".to_owned())]).unwrap();
    let message = markdown::report(&sample::scorecard("en"), &sample::evidence(), &wrong).unwrap_err().to_string();
    assert!(message.starts_with("template handover.md.j2, line 2: undefined value"), "{message}");
}

/// Tags of a page in order: whether it closes, its name, its attributes.
fn tags(page: &str) -> Vec<(bool, &str, &str)> {
    let body = page.strip_prefix("<!DOCTYPE html>\n").expect("a page");
    let (before, rest) = body.split_once("<style>").unwrap();
    let (style, after) = rest.split_once("</style>").unwrap();
    assert!(!style.contains(['<', '&']), "{style}");
    let tag = regex::Regex::new(r#"<(/?)([a-z0-9]+)((?: [a-zA-Z0-9-]+="[^"<>]*")*/?)>|(<)"#).unwrap();
    let found = [before, after].map(|part| {
        let tags = tag.captures_iter(part).map(|found| {
            assert!(found.get(4).is_none(), "no tag: {:?}", part[found.get(0).unwrap().start()..].get(..60));
            let group = |number: usize| found.get(number).unwrap().as_str();
            (group(1) == "/", group(2), group(3))
        });
        tags.collect::<Vec<_>>()
    });
    found.concat()
}

fn attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    attributes.split_once(&format!(" {name}=\"")).and_then(|(_, rest)| rest.split('"').next())
}

#[test]
fn every_tag_of_a_page_is_closed_and_every_reference_leads_somewhere() {
    for language in ["en", "fr", "it"] {
        let page = page(language);
        assert!(page.contains(&format!("<html lang=\"{language}\">")));
        let (mut open, mut ids, mut level, mut sections) = (Vec::new(), BTreeSet::new(), 0, 0);
        for (closes, name, attributes) in tags(&page) {
            if closes {
                assert_eq!(open.pop(), Some(name), "{language}");
                continue;
            }
            if !["meta", "br"].contains(&name) && !attributes.ends_with('/') {
                open.push(name);
            }
            if let Some(id) = attribute(attributes, "id") {
                assert!(ids.insert(id), "{id} stands twice");
            }
            if let Some(heading) = name.strip_prefix('h').and_then(|level| level.parse::<u32>().ok()) {
                assert!(heading <= level + 1, "{language}: h{heading} under h{level}");
                level = heading;
            }
            sections += u32::from(name == "section");
            assert!(name != "th" || attribute(attributes, "scope").is_some(), "a header of nothing");
            assert!(attribute(attributes, "style").is_none(), "the policy refuses it");
        }
        assert_eq!((open, sections), (vec![], 8), "{language}");
        let tags = tags(&page);
        let named = |name: &str| tags.iter().filter_map(|(_, _, given)| attribute(given, name)).collect::<Vec<_>>();
        for id in named("aria-labelledby").into_iter().flat_map(|ids| ids.split(' ')) {
            assert!(ids.contains(id), "{id}");
        }
        for address in named("href") {
            assert!(address == "report.md" || ids.contains(address.trim_start_matches('#')), "{address}");
        }
        assert_eq!(named("src"), Vec::<&str>::new());
    }
}

#[test]
fn what_a_report_discloses_stands_beside_what_the_history_shows() {
    let mut evidence = sample::evidence();
    let quote = "ChatGPT proposed the names of the groups";
    evidence.report.claims = Reading::observed(vec![Claim {
        kind: ClaimKind::GenerativeAi,
        value: "ChatGPT".to_owned(),
        count: None,
        exists: None,
        path: "report.md".to_owned(),
        place: "line 3".to_owned(),
        quote: quote.to_owned(),
    }]);
    let templates = Templates::embedded().unwrap();
    for language in ["en", "fr", "it"] {
        let card = sample::scorecard(language);
        let (page, text) = (page_of(&card, &evidence), markdown::report(&card, &evidence, &templates).unwrap());
        assert!(page.contains(quote) && text.contains(quote), "in {language}");
        assert!(!report(language).contains("ChatGPT"), "nothing is said of what nobody named");
    }
}

#[test]
fn what_a_team_writes_stays_text_on_a_page() {
    let mut evidence = sample::evidence();
    let attacks =
        "\"><img src=x onerror=alert(1)> ' onfocus='x' javascript:alert(1) </style></title><svg/onload=x> {{ 7 * 7 }}";
    evidence.team.name = Some(attacks.into());
    evidence.team.folder = Some(attacks.into());
    evidence.team.members[0].name = attacks.into();
    let Reading::Observed { value: source } = &mut evidence.git.source else { panic!("the sample has a source") };
    source.location = "javascript:alert(1)".into();
    let Reading::Observed { value: target } = &mut evidence.http.target else { panic!("the sample has a target") };
    target.url = "javascript:alert(2)//\"onclick=x".into();
    let mut card = sample::scorecard("en");
    for item in card.criteria.iter_mut().flat_map(|criterion| &mut criterion.items) {
        item.outcome.actual = format!("{attacks} {}", sample::HOSTILE);
        for picture in &mut item.outcome.pictures {
            picture.load = attacks.into();
            let spread = picture.spread.pop_first().unwrap().1;
            picture.spread.insert(attacks.into(), spread);
        }
    }
    let page = page_of(&card, &evidence);
    assert!(!page.contains(['\u{1b}', '\u{202e}']), "escapes are obeyed");
    assert!(page.contains("&quot;&gt;&lt;img src=x onerror=alert(1)&gt;") && page.contains("{{ 7 * 7 }}"));
    let plain = page_of(&sample::scorecard("en"), &sample::evidence());
    let known: BTreeSet<&str> = tags(&plain).into_iter().map(|(_, name, _)| name).collect();
    for (_, name, attributes) in tags(&page) {
        assert!(known.contains(name) && name != "img" && name != "script", "{name} comes to life");
        assert!(!attributes.contains(" on"), "{name}{attributes}");
        if let Some(address) = attribute(attributes, "href") {
            assert!(address == "report.md" || address.starts_with('#'), "{address}");
        }
    }
}

#[test]
fn a_page_lets_its_own_style_through_and_nothing_else() {
    let own = [("handover.css.j2".to_owned(), "p > a { color: #123456 }".to_owned())];
    for templates in [Templates::embedded().unwrap(), Templates::with_overrides(&own).unwrap()] {
        let page = html::report(&sample::scorecard("en"), &sample::evidence(), &templates, None).unwrap();
        let style = page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
        let hash = aws_smithy_types::base64::encode(Sha256::digest(style.as_bytes()));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{hash}'; img-src data:; base-uri 'none'; form-action 'none'"
        );
        assert!(
            page.contains(&format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">")),
            "{policy}"
        );
        assert_eq!(page.matches("<style").count(), 1);
        assert!(!style.contains("url(") && !style.contains("@import"));
        assert!(!page.contains("report.md\""), "it leads to what is not beside it");
    }
    assert_eq!(page("fr"), page("fr"));
}

#[test]
fn a_load_is_drawn_under_its_item_whether_it_lost_points_or_not() {
    let lost = page("fr");
    let finding = lost.split("<article").find(|part| part.contains("works/load")).unwrap();
    for words in [
        "p50 48 ms",
        "p95 90,2 ms",
        ">31,6 ms<",
        "la moitié en 48 ms au plus, 95 sur 100 en 90,2 ms",
        "i-00000000000000001 · 120",
        "20 ne nomment aucun serveur",
    ] {
        assert!(finding.contains(words), "{words} in {finding}");
    }
    assert_eq!(finding.matches("role=\"img\"").count(), 2);
    assert!(!lost.contains("qui n’ont rien perdu"));
    let kept = page_of(&perfect(), &sample::evidence());
    let (_, after) = kept.split_once("<h3>Loads of items that lost nothing</h3>").unwrap();
    let item = after.split("</article>").next().unwrap();
    assert!(item.contains("8 of 8 points") && item.contains("half came within 48 ms"), "{item}");
    assert_eq!(item.matches("role=\"img\"").count(), 2);
}

/// What is for the marker alone: guidance, keys of the evidence, pointers into it.
const FOR_THE_MARKER: [&str; 5] = [
    "Look for the deployment procedure",
    "/aws/target_groups/value/1",
    "/aws/auto_scaling_groups",
    "timeout:5000ms",
    "aws.scaling_policies",
];

#[test]
fn a_cause_that_keeps_many_items_open_is_said_once() {
    let mut card = sample::scorecard("en");
    let criterion =
        card.criteria.iter_mut().find(|all| all.items.iter().any(|item| !item.outcome.unreadable.is_empty())).unwrap();
    let open = criterion.items.iter().find(|item| !item.outcome.unreadable.is_empty()).unwrap().clone();
    for n in 0..9 {
        let mut twin = open.clone();
        twin.id = format!("concepts/twin-{n}");
        criterion.items.push(twin);
    }
    // Several readings of one item failed alike.
    for item in card.criteria.iter_mut().flat_map(|criterion| &mut criterion.items) {
        let more = item.outcome.unreadable.clone();
        item.outcome.unreadable.extend(more);
    }
    let markdown = markdown::report(&card, &sample::evidence(), &Templates::embedded().unwrap()).unwrap();
    assert_eq!(
        markdown
            .lines()
            .filter(|line| line.contains("could not be determined") && line.matches("access denied").count() == 1)
            .count(),
        1
    );
    let page = html::marker(&card, &sample::evidence(), &Templates::embedded().unwrap(), None).unwrap();
    assert_eq!(
        page.lines()
            .filter(|line| line.contains("could not be determined") && line.matches("access denied").count() == 1)
            .count(),
        1
    );
    let (_, section) = page.split_once("id=\"open\"").unwrap();
    assert_eq!(section.matches("AccessDenied for assumed-role").count(), 1);
    assert_eq!(section.matches("<code>/aws/auto_scaling_groups</code>").count(), 10);
}

#[test]
fn what_was_not_found_is_said_once_and_only_if_an_item_wants_it() {
    let (mut card, mut evidence) = (sample::scorecard("en"), sample::evidence());
    evidence.report.document = Reading::absent("no file looks like a report");
    evidence.report.parts = Reading::absent("no file looks like a report");
    evidence.report.claims = Reading::absent("no file looks like a report");
    let said = |card: &Scorecard| {
        let page = html::report(card, &evidence, &Templates::embedded().unwrap(), None).unwrap();
        page.matches("<li>no file looks like a report</li>").count()
    };
    assert_eq!(said(&card), 1);
    for criterion in &mut card.criteria {
        criterion.items.retain(|item| !item.check.starts_with("report/"));
    }
    assert_eq!(said(&card), 0);
}

#[test]
fn guidance_and_keys_of_the_evidence_go_to_the_marker_alone() {
    let (card, evidence) = (sample::scorecard("en"), sample::evidence());
    let marker = html::marker(&card, &evidence, &Templates::embedded().unwrap(), Some("report.md")).unwrap();
    for words in FOR_THE_MARKER {
        assert!(marker.contains(words), "the marker does not get {words}");
        for (view, text) in [("report.html", page("en")), ("report.md", report("en"))] {
            assert!(!text.contains(words), "{view} has {words}");
        }
    }
    tags(&marker);
    for language in ["fr", "it"] {
        let card = sample::scorecard(language);
        let marker = html::marker(&card, &evidence, &Templates::embedded().unwrap(), None).unwrap();
        assert!(marker.contains("Look for the deployment procedure"), "{language}");
    }
}

#[test]
fn how_the_work_came_about_is_not_in_the_teams_report() {
    let (mut card, evidence, templates) = (sample::scorecard("en"), sample::evidence(), Templates::embedded().unwrap());
    let items = card.criteria.iter_mut().flat_map(|criterion| &mut criterion.items);
    for outcome in items.map(|item| &mut item.outcome) {
        outcome.for_marker = Some("how it came about: Rafi: 9 commits".into());
        (outcome.fix, outcome.next_step) = ("Tell the instructor.".into(), outcome.verdict == Verdict::Manual);
    }
    let marker = html::marker(&card, &evidence, &templates, None).unwrap();
    assert!(marker.contains("; how it came about: Rafi: 9 commits</dd>"));
    for text in [page_of(&card, &evidence), markdown::report(&card, &evidence, &templates).unwrap()] {
        assert!(!text.contains("how it came about"), "the team reads it");
        assert!(text.contains(". For the team: Tell the instructor."), "and not what it can do");
    }
}

#[test]
fn each_finding_stands_once_under_its_criterion() {
    let (card, page, text) = (sample::scorecard("en"), page("en"), report("en"));
    let mut looked_for = 0;
    for placed in gains::by_points_lost(&card) {
        let outcome = &placed.item.outcome;
        // The sample's fixes are whole sentences; what a shell or HTML would read otherwise is left aside.
        let plain = outcome.fix.split(['<', '"', '|', '_', ':']).next().unwrap();
        if plain.len() > 20 {
            assert_eq!(page.matches(plain).count(), 1, "{plain}");
            assert_eq!(text.matches(plain).count(), 1, "{plain}");
            looked_for += 1;
        }
    }
    assert!(looked_for >= 2, "{looked_for} fixes");
    let place = |what: &str| page.find(what).unwrap_or_else(|| panic!("no {what}"));
    let criteria = ["<h3>Use of cloud concepts</h3>", "<h3>The application works</h3>", "<h3>Report</h3>"];
    assert!(place(criteria[0]) < place("id=\"finding-concepts-health-checks\""));
    assert!(place("id=\"finding-concepts-health-checks\"") < place(criteria[1]));
    assert!(!page.contains(criteria[2]), "a criterion that lost nothing has no heading");
}

#[test]
fn what_was_denied_is_not_called_absent() {
    let (mut card, mut evidence) = (sample::scorecard("en"), sample::evidence());
    evidence.aws = AwsEvidence {
        load_balancers: Reading::Unreadable(Unreadable::new(Cause::Denied, "elasticloadbalancing: not allowed")),
        instances: Reading::Unreadable(Unreadable::new(Cause::Denied, "ec2:DescribeInstances: not allowed")),
        ..AwsEvidence::default()
    };
    for item in card.criteria.iter_mut().flat_map(|criterion| &mut criterion.items) {
        item.mark = Mark::open(item.mark.of);
        item.outcome.verdict = Verdict::Undetermined;
        item.settled = None;
    }
    let markdown = markdown::report(&card, &evidence, &Templates::embedded().unwrap()).unwrap();
    for view in [markdown, page_of(&card, &evidence)] {
        assert!(view.contains("could not be read, so nothing is drawn"), "{view}");
        assert!(!view.contains("No load balancer, target group or instance was seen"));
        assert!(!view.contains("No points were lost"), "all is open");
    }
}

#[test]
fn verdicts_have_a_shape_each() {
    let page = page("en");
    let style = page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    for verdict in ["pass", "partial", "undetermined", "manual", "not-applicable"] {
        assert!(style.contains(&format!(".verdict.{verdict}::before")), "{verdict} is told by colour alone");
    }
    // WeasyPrint 57 draws nothing for a named colour in a gradient, and stops at currentColor.
    for line in style.lines().filter(|line| line.contains(".verdict") && line.contains("gradient(")) {
        assert!(!line.contains("var(") && !line.contains("currentColor"), "{line}");
    }
}

/// WeasyPrint gives drawings no style of the page, where currentColor is black, and drops a shorthand with a name in it.
#[test]
fn a_printer_of_few_means_gets_the_colours_of_the_page() {
    let page = page("en");
    let style = page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let print = style.split("@media print").nth(1).unwrap();
    let value = |name: &str| {
        let rest = print.split(&format!("--{name}: ")).nth(1).unwrap();
        rest.split([';', ' ']).next().unwrap().to_owned()
    };
    let accent = format!("color=\"{}\"", value("accent"));
    let tags: Vec<&str> = page.split("<svg ").skip(1).map(|rest| rest.split('>').next().unwrap()).collect();
    for drawing in ["class=\"band\"", "class=\"bar\"", "aria-labelledby=\"weeks-1\""] {
        let of_kind: Vec<_> = tags.iter().filter(|tag| tag.contains(drawing)).collect();
        assert!(!of_kind.is_empty() && of_kind.iter().all(|tag| tag.contains(&accent)), "{drawing}: {of_kind:?}");
    }
    let broken = format!("class=\"broken\" color=\"{}\"", value("bad"));
    assert!(page.contains(&broken), "no {broken}");
    assert_eq!(page.matches("class=\"broken\"").count(), page.matches(&broken).count());
    assert!(style.contains("svg[color] { color: var(--accent) }"), "an attribute would stay as it is in the dark");
    for declaration in style.split(['{', ';', '}']).filter(|it| it.contains("var(") && !it.contains("gradient(")) {
        let name = declaration.split(':').next().unwrap().trim();
        let shorthands = ["background", "border", "border-color", "border-bottom", "border-left"];
        assert!(!shorthands.contains(&name), "{declaration}");
    }
}

#[test]
fn a_page_says_what_could_not_be_read() {
    let mut evidence = sample::evidence();
    (evidence.aws, evidence.git, evidence.http) = Default::default();
    evidence.code = Default::default();
    for (language, said) in [("en", "The AWS account was not read"), ("fr", "n’a pas été"), ("it", "non è stato")]
    {
        let page = page_of(&sample::scorecard(language), &evidence);
        assert!(page.contains(said) && page.contains("no collector was asked for it"), "{language}");
        assert!(!page.contains("<a href=\"report.md\">"), "{language}: report.md has nothing of the history either");
        tags(&page);
    }
}

#[test]
fn an_address_in_an_answer_is_the_instance_that_has_it() {
    let mut evidence = sample::evidence();
    let ids = [("i-00000000000000001", 1_u64), ("172.31.16.1", 2), ("172.31.16.2", 3), ("10.9.9.9", 4)];
    let ids = ids.map(|(id, count)| (id.to_owned(), count));
    let exchange = evidence.http.exchanges.values_mut().find_map(|reading| match reading {
        Reading::Observed { value } => Some(value),
        _ => None,
    });
    let exchange = exchange.expect("the sample has an exchange");
    (exchange.path, exchange.url, exchange.median_ms) = ("/who".to_owned(), None, 7_654.0);
    exchange.instance_ids = ids.into();
    let card = sample::scorecard("en");
    let page = html::marker(&card, &evidence, &Templates::embedded().unwrap(), None).unwrap();
    let signs = page.split("missing in the inventory").nth(1).and_then(|rest| rest.split("</tr>").next());
    let signs = signs.expect("a row of strange ids");
    assert!(signs.contains("10.9.9.9") && !signs.contains("172.31.16."), "{signs}");
    let row = page.lines().find(|line| line.contains("/who") && line.contains("7654")).expect("a row of the exchange");
    assert!(row.contains("/who") && row.contains("<td class=\"n\">3</td>"), "{row}");
    let report = markdown::report(&card, &evidence, &Templates::embedded().unwrap()).unwrap();
    let row =
        report.lines().find(|line| line.contains("/who") && line.contains("7654")).expect("a row of the exchange");
    assert!(row.contains(" | 3 | 7654"), "{row}");
}

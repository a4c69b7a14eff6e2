//! Wrong checks and rubrics of every kind: each is refused when it is read, at the line where it is wrong.

use stackmark_course::{Check, Library, Problems, Rubric, SourceText};
use stackmark_language::expression::Engine;

/// The first lines of every check here.
const HEAD: &str = "title = \"T\"\nwhy = \"W\"\nfix = \"F\"\n";
const PAGE: &str = "[[request]]\nname = \"page\"\npath = \"/\"\n";

/// A wrong check: what comes after its head, a piece of the wrong line, the message, the way out.
struct Wrong {
    text: String,
    line: &'static str,
    says: &'static str,
    fix: &'static str,
}

fn wrong(text: &str, line: &'static str, says: &'static str, fix: &'static str) -> Wrong {
    Wrong { text: text.to_owned(), line, says, fix }
}

/// A check of the page that is asked for.
fn of_page(expectation: &str, line: &'static str, says: &'static str, fix: &'static str) -> Wrong {
    wrong(&format!("{PAGE}{expectation}"), line, says, fix)
}

fn expect(that: &str) -> String {
    format!("[[expect]]\nthat = \"{that}\"\nsays = \"no\"\n")
}

fn of_instances(that: &str, line: &'static str, says: &'static str, fix: &'static str) -> Wrong {
    wrong(&format!("reads = [\"aws.instances\"]\n{}", expect(that)), line, says, fix)
}

fn of_groups(filters: &str, line: &'static str, says: &'static str, fix: &'static str) -> Wrong {
    let that = format!("aws.auto_scaling_groups | {filters}");
    wrong(&format!("reads = [\"aws.auto_scaling_groups\"]\n{}", expect(&that)), line, says, fix)
}

fn wrong_checks() -> Vec<Wrong> {
    vec![
        of_page(&expect("page.statut == 200"), "page.statut", "`page` has no field `statut`", "`status`"),
        of_page(
            "[[expect]]\nthat = \"page.status == 200\"\nsays = \"status {{ page.statu }}\"\n",
            "page.statu }}",
            "`page` has no field `statu`",
            "`status`",
        ),
        of_page(&expect("page.status == '200'"), "'200'", "`page.status` is a number", "compare it with a number"),
        of_page(&expect("page.status.code == 200"), "status.code", "has no field `code`", "a number"),
        of_page(&expect("page.followed.first == ''"), "followed.first", "is a list", "| first"),
        of_page(&expect("page | where('status', 'eq', 200)"), "where", "needs a list", "a list"),
        of_page(&expect("pag.status == 200"), "pag.status", "unknown name `pag`", "`page`"),
        of_page(&expect("page.status | lenght"), "lenght", "no filter `lenght`", "length"),
        of_page(&expect("page.status =="), "page.status ==", "", ""),
        of_instances(
            "aws.instances | where('instance_typ', 'eq', 't3.micro') | length >= 1",
            "instance_typ",
            "no field `instance_typ`",
            "`instance_type`",
        ),
        of_instances(
            "aws.instances | map(attribute='imageid') | list | length >= 1",
            "imageid",
            "no field `imageid`",
            "`image_id`",
        ),
        of_instances("aws.instances | pluck('stat') | length >= 1", "'stat'", "no field `stat`", "`state`"),
        of_instances("aws.instances | any('instance_type', 'eq', 3)", "'eq', 3", "is text", "compare it with text"),
        of_instances("aws.instance | length >= 1", "aws.instance |", "unknown name `aws.instance`", "aws.instances"),
        of_instances("(aws.instances | first).publicip == ''", "publicip", "no field `publicip`", "public_ip"),
        of_instances(
            "aws.instances.instance_type == 't3.micro'",
            "instances.instance_type",
            "is a list",
            "pluck('instance_type')",
        ),
        of_instances(
            "aws.instances | selectattr('stat', 'eq', 'running') | list | length >= 1",
            "'stat'",
            "no field `stat`",
            "`state`",
        ),
        wrong(
            &format!(
                "reads = [\"aws.auto_scaling_groups\"]\n[let]\ngroups = \"aws.auto_scaling_groups\"\n{}",
                expect("groups | all('min_siz', 'ge', 2)")
            ),
            "min_siz",
            "no field `min_siz`",
            "`min_size`",
        ),
        of_groups("compared('max_size', 'gt', 'min_siz') | length >= 1", "min_siz", "no field `min_siz`", "`min_size`"),
        of_groups("shares('instance_ids', 'min_siz') | sum >= 1", "min_siz", "no field `min_siz`", "`min_size`"),
        of_groups("sharing('subnet_id', ['s']) | length >= 1", "subnet_id", "no field `subnet_id`", "`subnet_ids`"),
        wrong(
            "reads = [\"aws.instances\"]\n[[expect]]\nthat = \"aws.instances | length >= 1\"\nsays = '''\nfound:\n{% for it in aws.instances %}{{ it.instance_idd }}{% endfor %}'''\n",
            "it.instance_idd",
            "`it` has no field `instance_idd`",
            "`instance_id`",
        ),
        wrong(
            &format!("reads = [\"aws.instancs\"]\n{}", expect("true")),
            "aws.instancs",
            "no reading",
            "aws.instances",
        ),
        of_page(&expect("team.idd == page.body"), "team.idd", "`team` has no field `idd`", "`id`"),
        wrong(
            &format!("applies = \"team.size >= 2\"\n{PAGE}{}", expect("page.status == 200")),
            "team.size >= 2",
            "no words for the report",
            "otherwise",
        ),
        wrong(
            &format!("otherwise = \"one member\"\n{PAGE}{}", expect("page.status == 200")),
            "one member",
            "unknown key `otherwise`",
            "",
        ),
        of_page(&format!("expct = 1\n{}", expect("page.status == 200")), "expct", "", ""),
    ]
}

/// The document's line, from one, that holds a piece of text.
fn line_of(document: &str, piece: &str) -> usize {
    let found = document.lines().position(|line| line.contains(piece));
    found.unwrap_or_else(|| panic!("no line has {piece}:\n{document}")) + 1
}

fn refused_at(problems: &Problems, document: &str, wrong: &Wrong) {
    let line = line_of(document, wrong.line);
    let there = |problem: &&stackmark_course::Problem| {
        !problem.warning
            && problem.line() == Some(line)
            && problem.message.contains(wrong.says)
            && problem.fix.as_deref().unwrap_or_default().contains(wrong.fix)
    };
    assert!(problems.0.iter().any(|problem| there(&problem)), "line {line}, {}:\n{document}\n{problems}", wrong.says);
}

#[test]
fn wrong_checks_are_refused_at_their_line() {
    let engine = Engine::new();
    for wrong in wrong_checks() {
        let document = format!("{HEAD}{}", wrong.text);
        let (_, problems) = Check::parse("own/check", &SourceText::new("check.toml", document.clone()), &engine);
        refused_at(&problems, &document, &wrong);
    }
}

#[test]
fn a_condition_that_gives_a_list_is_doubted() {
    let engine = Engine::new();
    for (that, doubted) in [
        ("aws.instances", Some("`aws.instances` is a list")),
        ("aws.instances | where('state', 'eq', 'running')", Some("is a list")),
        ("aws.instances | length == 2 and aws.instances", Some("is a list")),
        ("aws.instances | length > 0", None),
        ("not aws.instances", None),
        ("aws.instances | all('public_ip_address')", None),
        ("ratio(aws.instances | length, 2)", None),
    ] {
        let document = format!("{HEAD}reads = [\"aws.instances\"]\n{}", expect(that));
        let (check, problems) = Check::parse("own/check", &SourceText::new("check.toml", document), &engine);
        assert!(check.is_some() && problems.0.iter().all(|problem| problem.warning), "{that}: {problems}");
        let found = problems.0.iter().find(|problem| problem.message.contains("a condition is true or false"));
        assert_eq!(found.is_some(), doubted.is_some(), "{that}: {problems}");
        if let (Some(found), Some(doubted)) = (found, doubted) {
            assert!(found.message.contains(doubted), "{that}: {problems}");
            assert!(found.fix.as_deref().is_some_and(|fix| fix.contains("| length > 0")), "{that}: {problems}");
        }
    }
}

/// What a check may well say: nothing of it is refused.
#[test]
fn right_checks_are_not_refused() {
    let engine = Engine::new();
    let right = [
        "page.json.items[0].name == 'x'",
        "page.headers['content-type'] == 'text/html'",
        "page.statuses['200'] == 10 or page.captured.token.value == ''",
        "page.location is none or page.location == '/'",
        "(page.instance_ids | list | length) >= 2",
        "(page.followed | first) == '/x' or page.followed[0] == '/y'",
        "page.statuses | items | selectattr(0, 'eq', '200') | map(attribute=1) | sum >= 1",
        "page.median_ms / 1000 < 2.5 and page.sent - page.answered == 0",
        "(page.body | reverse) == 'x'",
        "team.id in page.body and team.size >= 2",
    ];
    for that in right {
        let document = format!("{HEAD}{PAGE}{}", expect(that));
        let (_, problems) = Check::parse("own/check", &SourceText::new("check.toml", document), &engine);
        assert!(problems.0.is_empty(), "{that}\n{problems}");
    }
}

/// A rubric of one item, its lines given.
fn rubric(item: &str, points: &str, more: &str) -> String {
    format!(
        "title = \"R\"\ntotal = 10\n{more}\n[[criterion]]\nid = \"concepts\"\npoints = {points}\n[[criterion.item]]\n{item}\n"
    )
}

#[test]
fn wrong_rubrics_are_refused_at_their_line() {
    let (library, engine) = (Library::embedded(), Engine::new());
    let part = "check = \"report/part\"\npoints = 10\n";
    let cases = [
        (
            rubric(&format!("{part}with = {{ id = \"architectur\", what = \"it\" }}"), "10", ""),
            wrong("", "architectur", "no known part of a report", "\"architecture\""),
        ),
        (
            rubric(&format!("{part}with = {{ idd = \"architecture\", what = \"it\" }}"), "10", ""),
            wrong("", "idd", "has no parameter `idd`", "`id`"),
        ),
        (
            rubric(&format!("{part}with = {{ id = 3, what = \"it\" }}"), "10", ""),
            wrong("", "id = 3", "expected a string", "type string"),
        ),
        (
            rubric("check = \"aws/asg-siz\"\npoints = 10", "10", ""),
            wrong("", "aws/asg-siz", "there is no check", "aws/asg-size"),
        ),
        (rubric("check = \"aws/asg-size\"\npoints = 9", "10", ""), wrong("", "points = 10", "add up to 9", "1 point")),
        (rubric("check = \"aws/asg-size\"\npoints = 10", "10", "language = \"fx\""), wrong("", "fx", "", "")),
        (rubric("check = \"aws/asg-size\"\npoints = 10", "10", "totl = 3"), wrong("", "totl", "", "")),
        (
            rubric("check = \"aws/asg-size\"\npoints = 10", "10", "scheme = \"handover-10\""),
            wrong("", "handover-10", "", "handover-100"),
        ),
    ];
    for (document, wrong) in cases {
        let source = SourceText::new("rubric.toml", document.clone());
        let (_, problems) = Rubric::parse("own", &source, &library, &engine);
        refused_at(&problems, &document, &wrong);
    }
}

//! `stackmark review` over HTTP: who may ask, what is written, and what survives.

use serde_json::{Value as Json, json};

use crate::support::review::{Class, run, send};

const CHOICES: &str = "report/explains-choices";
const CLIENT: &str = "works/client";
const ARCHITECTURE: &str = "report/architecture";

#[test]
fn a_strangers_page_can_neither_read_nor_write() {
    let class = Class::new();
    let desk = class.serve(&[]);
    assert!(desk.host.starts_with("127.0.0.1:"), "{}", desk.host);
    let (team, item) = desk.places("team-00", CLIENT);
    let body = json!({ "team": team, "item": item, "points": "1", "reason": "x", "expected": null, "page": "p" });
    let (host, token) = (desk.host.as_str(), desk.token.as_str());
    let own = format!("http://{host}");
    let port = host.rsplit(':').next().unwrap();
    let rebound = format!("evil.example:{port}");
    let evil = format!("http://{rebound}");
    let json_type = ("content-type", "application/json");
    let good = [("host", host), ("origin", own.as_str()), ("x-stackmark-token", token), json_type];
    let without = |name: &str| -> Vec<(&str, &str)> { good.iter().copied().filter(|it| it.0 != name).collect() };
    let with = |name: &str, value: &'static str| -> Vec<(&str, &str)> {
        good.iter().map(|it| if it.0 == name { (it.0, value) } else { *it }).collect()
    };
    type Stranger<'s> = (&'s str, Vec<(&'s str, &'s str)>, u16);
    let strangers: Vec<Stranger<'_>> = vec![
        ("no token", without("x-stackmark-token"), 401),
        ("another token", with("x-stackmark-token", "00000000000000000000000000000000"), 401),
        ("an empty token", with("x-stackmark-token", ""), 401),
        ("another origin", with("origin", "http://evil.example"), 403),
        ("no origin to tell", with("origin", "null"), 403),
        ("https of the same host", with("origin", "https://127.0.0.1"), 403),
        ("no host", without("host"), 403),
        ("another host", [("host", rebound.as_str())].into_iter().chain(without("host")).collect(), 403),
        (
            "a rebound name",
            vec![("host", rebound.as_str()), ("origin", evil.as_str()), ("x-stackmark-token", token), json_type],
            403,
        ),
        ("a cross-site request", good.into_iter().chain([("sec-fetch-site", "cross-site")]).collect(), 403),
    ];
    for (who, headers, status) in &strangers {
        for (method, path) in
            [("GET", "/api/queue"), ("GET", "/api/item/0/0"), ("POST", "/api/decide"), ("POST", "/api/undo")]
        {
            let answer = send(host, method, path, headers, &body.to_string());
            assert_eq!(answer.status, *status, "{who}: {method} {path}: {}", answer.body);
            assert!(
                !answer.body.contains("team-00") && !answer.head.contains("access-control"),
                "{who}: {}",
                answer.body
            );
        }
    }
    // A form of another page can send neither the header nor this type; what lacks an origin writes nothing.
    for headers in [without("origin"), with("content-type", "text/plain"), without("content-type")] {
        assert_eq!(send(host, "POST", "/api/decide", &headers, &body.to_string()).status, 403);
    }
    for method in ["PUT", "DELETE", "OPTIONS"] {
        assert_eq!(send(host, method, "/api/decide", &good, "").status, 405, "{method}");
    }
    assert_eq!(send(host, "GET", "/", &[("host", host)], "").status, 401);
    assert_eq!(send(host, "GET", "/?token=", &[("host", host)], "").status, 401);
    assert_eq!(send(host, "GET", "/etc/passwd", &good, "").status, 404);
    assert!(!class.overrides("team-00").exists());

    // The page itself: everything in it carries the nonce, and nobody can frame it.
    let page = send(host, "GET", &format!("/?token={token}"), &[("host", host)], "");
    assert_eq!(page.status, 200, "{}", page.body);
    for said in [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
        "cache-control: no-store",
    ] {
        assert!(page.head.contains(said), "{said} is not in\n{}", page.head);
    }
    assert!(!page.head.contains("unsafe") && !page.head.contains("set-cookie"), "{}", page.head);
    let nonce = page.head.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    assert_eq!(page.body.matches(&format!("nonce=\"{nonce}\"")).count(), 2);
    assert!(!page.body.contains("http://") && !page.body.contains("https://"), "no asset from elsewhere");
    assert!(!page.body.contains(token), "the token stands in the address alone");
    assert_eq!(desk.post("/api/decide", &body).status, 200, "the page itself can");
}

#[test]
fn a_decision_moves_the_mark_and_undoing_it_brings_the_file_back() {
    let class = Class::new();
    let by_hand = "# Marked on paper.\n[[override]] # seen\nitem   = \"works/client\"\npoints = 0.5\nreason = \"half\"\n\
                   by     = \"me\"\nwhen   = \"2026-11-20\"\n\n# end\n";
    std::fs::write(class.overrides("team-00"), by_hand).unwrap();
    let desk = class.serve(&[]);
    assert_eq!(class.score("team-00", CLIENT)["mark"]["low"], 0.5, "what was decided by hand counts at once");
    for (points, reason, why) in
        [("1", "", "reason"), ("2", "x", "1.5 points"), ("-1", "x", "negative"), ("a", "x", "not a number")]
    {
        let answer = desk.decide("team-00", CHOICES, points, reason);
        assert!(answer.status == 422 && answer.body.contains(why), "{points} {reason}: {}", answer.body);
    }
    assert_eq!(class.text("teams/team-00/overrides.toml"), by_hand);

    let reason = "they weighed \"two\" options\n<script>alert(1)</script>";
    let answer = desk.decide("team-00", CHOICES, "1,25", reason);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let text = class.text("teams/team-00/overrides.toml");
    for kept in ["# Marked on paper.", "[[override]] # seen", "item   = \"works/client\"", "# end", "by = \"TA one\""] {
        assert!(text.contains(kept), "{kept} is not in\n{text}");
    }
    let settled = class.score("team-00", CHOICES)["settled"].clone();
    assert_eq!(
        (&settled["points"], &settled["reason"], &settled["by"]),
        (&json!(1.25), &json!(reason), &json!("TA one"))
    );
    assert!(settled["when"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{settled}");
    assert!(class.text("teams/team-00/report.md").contains("they weighed"));
    let page = class.text("teams/team-00/report.html");
    assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script>alert"));
    class.agrees();

    assert_eq!(desk.undo().status, 200);
    assert_eq!(class.text("teams/team-00/overrides.toml"), by_hand);
    assert_eq!(class.score("team-00", CHOICES)["settled"], Json::Null);
    class.agrees();
    assert_eq!(desk.undo().status, 422, "nothing is left");

    // Where there was no file there is none again, and an earlier decision is taken back at its item.
    assert_eq!(desk.decide("team-01", CLIENT, "1", "ran").status, 200);
    assert_eq!(desk.undo().status, 200);
    assert!(!class.overrides("team-01").exists());
    let (team, item) = desk.places("team-00", CLIENT);
    let sha = desk.item("team-00", CLIENT)["sha"].clone();
    let back = json!({ "team": team, "item": item, "points": null, "expected": sha, "page": "p" });
    assert_eq!(desk.post("/api/decide", &back).status, 200);
    assert_eq!(class.score("team-00", CLIENT)["settled"], Json::Null);
}

#[test]
fn a_file_that_changed_underneath_is_shown_and_not_overwritten() {
    let class = Class::new();
    let desk = class.serve(&[]);
    let sha = desk.item("team-03", CLIENT)["sha"].clone();
    let by_hand = "[[adjustment]]\npoints = -5\nreason = \"late\"\nby = \"me\"\nwhen = \"2026-11-20\"\n";
    std::fs::write(class.overrides("team-03"), by_hand).unwrap();
    let answer = desk.decide_on(&sha, "team-03", CLIENT, "1", "ran");
    assert_eq!(answer.status, 409, "{}", answer.body);
    let told = answer.json();
    assert!(told["changed"]["added"].as_array().unwrap().contains(&json!("points = -5")), "{told}");
    assert_eq!(class.text("teams/team-03/overrides.toml"), by_hand);
    assert_eq!(desk.decide_on(&told["changed"]["now"], "team-03", CLIENT, "1", "ran").status, 200);
    let card = class.json("teams/team-03/scorecard.json");
    assert_eq!(card["adjustments"][0]["points"], -5);
    assert_eq!(class.score("team-03", CLIENT)["mark"]["low"], 1);

    // An undo is held to the same.
    let text = format!("{}# a remark\n", class.text("teams/team-03/overrides.toml"));
    std::fs::write(class.overrides("team-03"), &text).unwrap();
    assert_eq!(desk.undo().status, 409);
    assert_eq!(class.text("teams/team-03/overrides.toml"), text);

    // A file that a person broke is left to that person.
    std::fs::write(class.overrides("team-04"), "[[override]]\nitem = \"works/client\"\n").unwrap();
    let queue = desk.queue();
    assert!(queue["problems"][0].as_str().unwrap().contains("`points` is missing"), "{}", queue["problems"]);
    let (team, item) = desk.places("team-04", CHOICES);
    let asked = json!({ "team": team, "item": item, "points": "1", "reason": "x", "expected": null, "page": "p" });
    assert!([409, 422].contains(&desk.post("/api/decide", &asked).status));
    assert_eq!(class.text("teams/team-04/overrides.toml"), "[[override]]\nitem = \"works/client\"\n");
}

#[test]
fn two_markers_on_one_folder_lose_nothing() {
    let class = Class::new();
    let desks = [class.serve(&[]), class.serve(&[])];
    let mine = [[CHOICES, "report/contributions"], [CLIENT, ARCHITECTURE]];
    std::thread::scope(|scope| {
        for (desk, items) in desks.iter().zip(mine) {
            scope.spawn(move || {
                for team in ["team-00", "team-01", "team-02"] {
                    for item in items {
                        // As a person does who is shown the other's change and decides again.
                        let decided = (0..20).any(|_| desk.decide(team, item, "1", "seen").status == 200);
                        assert!(decided, "{team} {item}");
                    }
                }
            });
        }
    });
    for team in ["team-00", "team-01", "team-02"] {
        for item in mine.concat() {
            assert_eq!(class.score(team, item)["settled"]["points"], 1, "{team} {item}");
        }
    }
    class.agrees();
}

#[test]
fn a_reason_is_used_again_and_changes_everywhere_after_asking() {
    let class = Class::new();
    let desk = class.serve(&[]);
    for (team, points) in [("team-00", "1"), ("team-01", "0.5"), ("team-02", "1")] {
        let reason = if team == "team-02" { "another" } else { "only one option" };
        assert_eq!(desk.decide(team, CHOICES, points, reason).status, 200);
    }
    let shown = desk.item("team-05", CHOICES);
    assert_eq!((&shown["reasons"][0]["text"], &shown["reasons"][0]["used"]), (&json!("only one option"), &json!(2)));
    assert_eq!(shown["others"].as_array().unwrap().len(), 3);
    let (_, item) = desk.places("team-00", CHOICES);
    let mut asked = json!({ "item": item, "from": "only one option", "to": "one option, and no reason" });
    let would = desk.post("/api/reword", &asked).json();
    assert_eq!((&would["done"], &would["labels"]), (&json!(false), &json!(["team-00", "team-01"])));
    assert!(class.text("teams/team-00/overrides.toml").contains("only one option"));

    // One of them changed meanwhile: none is written.
    let text = format!("{}# a remark\n", class.text("teams/team-01/overrides.toml"));
    std::fs::write(class.overrides("team-01"), text).unwrap();
    asked["expected"] = would["files"].clone();
    assert_eq!(desk.post("/api/reword", &asked).status, 409);
    assert!(class.text("teams/team-00/overrides.toml").contains("only one option"));
    asked.as_object_mut().unwrap().remove("expected");
    asked["expected"] = desk.post("/api/reword", &asked).json()["files"].clone();
    assert_eq!(desk.post("/api/reword", &asked).json()["done"], true);
    for (team, points, reason) in [
        ("team-00", json!(1), "one option, and no reason"),
        ("team-01", json!(0.5), "one option, and no reason"),
        ("team-02", json!(1), "another"),
    ] {
        let settled = class.score(team, CHOICES)["settled"].clone();
        assert_eq!((&settled["points"], &settled["reason"]), (&points, &json!(reason)), "{team}");
    }

    // Whether a broken file has the reason, nobody can tell: it is said and left as it is, and the others change.
    std::fs::write(class.overrides("team-03"), "x = [").unwrap();
    let mut again = json!({ "item": item, "from": "one option, and no reason", "to": "other words" });
    let would = desk.post("/api/reword", &again).json();
    assert_eq!((&would["done"], &would["labels"]), (&json!(false), &json!(["team-00", "team-01"])));
    assert_eq!(would["left"].as_array().unwrap().len(), 1, "{would}");
    assert!(would["left"].to_string().contains("team-03/overrides.toml"), "{would}");
    again["expected"] = would["files"].clone();
    assert_eq!(desk.post("/api/reword", &again).json()["done"], true);
    assert!(class.text("teams/team-00/overrides.toml").contains("other words"));
    assert!(class.text("teams/team-01/overrides.toml").contains("other words"));
    assert_eq!(class.text("teams/team-03/overrides.toml"), "x = [");
}

#[test]
fn a_request_opens_its_item_and_the_answer_is_in_the_next_report() {
    let class = Class::new();
    let request = "The second zone had no capacity during the demonstration.";
    let text = format!(
        "# from the forum\n[[appeal]]\nteam  = \"team-01\"\nitem  = \"concepts/availability-zones\"\ntext  = \"{request}\"\n\
         by    = \"a member\"\nuntil = \"2020-01-01\"\n"
    );
    std::fs::write(class.path("appeals.toml"), &text).unwrap();
    let desk = class.serve(&[]);
    let item = "concepts/availability-zones";
    let shown = desk.item("team-01", item);
    assert_eq!((&shown["kind"], &shown["appeal"]["text"]), (&json!("appealed"), &json!(request)));
    let late = desk.queue()["entries"].as_array().unwrap().iter().filter(|entry| entry["late"] == true).count();
    assert_eq!(late, 1);
    assert_eq!(desk.decide("team-01", item, "2", "seen by two of us").status, 200);
    let report = class.text("teams/team-01/report.md");
    assert!(report.contains(request) && report.contains("seen by two of us"), "{report}");
    let appeals = class.text("appeals.toml");
    assert!(appeals.contains("state = \"answered\"") && appeals.starts_with("# from the forum"), "{appeals}");
    assert_eq!(desk.item("team-01", item)["kind"], "decided");
    assert_eq!(desk.undo().status, 200);
    assert_eq!(desk.item("team-01", item)["kind"], "appealed");

    // A request that nobody would ever see is told.
    std::fs::write(class.path("appeals.toml"), text.replace("team-01", "team-1")).unwrap();
    let told = desk.queue()["problems"].to_string();
    assert!(told.contains("did you mean") && told.contains("team-01"), "{told}");
}

#[cfg(unix)]
#[test]
fn every_signal_to_stop_leaves_the_table_as_it_was_decided() {
    for name in ["INT", "TERM", "HUP"] {
        let class = Class::new();
        let mut desk = class.serve(&[]);
        assert_eq!(desk.decide("team-00", CLIENT, "1", "ran").status, 200);
        let ended = desk.signal(name);
        assert!(ended.success(), "{name}: {ended}");
        assert!(class.table_agrees(), "{name}");
    }
}

#[test]
fn a_kill_in_the_middle_loses_nothing_and_an_old_page_is_told() {
    let class = Class::new();
    let mut desk = class.serve(&[]);
    let mut decided = 0;
    std::thread::scope(|scope| {
        let (host, token) = (desk.host.clone(), desk.token.clone());
        let (_, item) = desk.places("team-00", CLIENT);
        let writer = scope.spawn(move || {
            let origin = format!("http://{host}");
            let headers =
                [("host", host.as_str()), ("origin", origin.as_str()), ("x-stackmark-token", token.as_str()), ("content-type", "application/json")];
            let mut done = 0;
            for team in 0..10 {
                let body = json!({ "team": team, "item": item, "points": "1", "reason": "ran", "expected": null, "page": "p" });
                let sent = std::panic::catch_unwind(|| send(&host, "POST", "/api/decide", &headers, &body.to_string()).status);
                done += usize::from(sent.is_ok_and(|status| status == 200));
            }
            done
        });
        while !class.overrides("team-02").exists() && !writer.is_finished() {
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        desk.kill();
        decided = writer.join().unwrap();
    });
    let written = (0..10).filter(|team| class.overrides(&format!("team-{team:02}")).exists()).count();
    assert!(decided >= 2 && (decided..=decided + 1).contains(&written), "{decided} {written}");

    let again = class.serve(&[]);
    class.agrees();
    assert!(class.table_agrees(), "what a kill kept from the page is made up for at the start");
    for team in (0..10).map(|team| format!("team-{team:02}")).filter(|team| class.overrides(team).exists()) {
        assert_eq!(class.score(&team, CLIENT)["settled"]["points"], 1, "{team}");
    }
    let old = send(
        &again.host,
        "GET",
        "/api/queue",
        &[("host", again.host.as_str()), ("x-stackmark-token", desk.token.as_str())],
        "",
    );
    assert!(old.status == 401 && old.body.contains("an earlier run of `stackmark review`"), "{}", old.body);
    assert_eq!(again.decide("team-09", CHOICES, "1", "one option").status, 200);
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while !class.table_agrees() {
        assert!(std::time::Instant::now() < end, "the class's table follows after a pause");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}

#[test]
fn blind_marking_shows_no_name() {
    let class = Class::new();
    let names: Vec<String> = ["team-00", "team-01"]
        .iter()
        .flat_map(|team| {
            let evidence = class.json(&format!("teams/{team}/evidence.json"));
            let members = evidence["team"]["members"].as_array().unwrap().clone();
            members.iter().map(|member| member["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        })
        .collect();
    assert!(names.len() >= 6, "{names:?}");
    let desk = class.serve(&["--blind"]);
    let mut shown = desk.queue().to_string();
    let item =
        desk.queue()["items"].as_array().unwrap().iter().position(|it| it["id"] == "report/contributions").unwrap();
    for team in 0..10 {
        shown.push_str(&desk.get(&format!("/api/item/{team}/{item}")).body);
    }
    assert!(shown.contains("Team 10") && shown.contains("member 1"), "{shown}");
    for name in names.iter().map(String::as_str).chain(["team-0"]) {
        assert!(!shown.contains(name), "{name} is shown");
    }
    let (_, listed, _) = run(class.folder.path(), &["review", "--list", "--blind"]);
    assert!(listed.contains("Team 1 ") && !listed.contains("team-0"), "{listed}");
    // What is wrong with a file names nobody either.
    std::fs::write(class.overrides("team-03"), "x = [").unwrap();
    let (code, listed, errors) = run(class.folder.path(), &["review", "--list", "--blind"]);
    assert!(code == Some(3) && errors.contains("overrides.toml:1: not TOML"), "{errors}");
    assert!(!listed.contains("team-0") && !errors.contains("team-0"), "{errors}");
}

#[test]
fn names_come_back_and_a_number_is_the_same_team_with_and_without_them() {
    let class = Class::new();
    std::fs::write(class.path("pseudonyms.json"), "{\"schema\": \"stackmark/pseudonyms/v1\", \"people\": {}}\n")
        .unwrap();
    let (_, hidden, said) = run(class.folder.path(), &["review", "--list"]);
    assert!(!hidden.contains("team-0") && said.contains("--names shows them"), "{said}\n{hidden}");
    let (_, named, said) = run(class.folder.path(), &["review", "--list", "--names"]);
    assert!(named.contains("team-00 ") && !named.contains("Team 1 ") && !said.contains("hidden"), "{said}\n{named}");
    // One team has a decision more, by which it is known again.
    let decision =
        "[[override]]\nitem = \"works/client\"\npoints = 1\nreason = \"seen\"\nby = \"me\"\nwhen = \"2026-11-20\"\n";
    std::fs::write(class.overrides("team-03"), decision).unwrap();
    let blocks = |arguments: &[&str]| {
        let (_, text, _) = run(class.folder.path(), &[&["review", "--skeleton", "--by", "me"], arguments].concat());
        let all = text.split("# ---- ").skip(1).map(|block| block.split_once('\n').unwrap());
        all.map(|(place, block)| (place.to_owned(), block.matches("[[override]]").count())).collect::<Vec<_>>()
    };
    let (hidden, named) = (blocks(&["--blind"]), blocks(&["--names"]));
    let fewest = |blocks: &[(String, usize)]| blocks.iter().min_by_key(|block| block.1).unwrap().0.clone();
    let (number, place) = (fewest(&hidden), fewest(&named));
    assert!(place.contains("team-03"), "{place}");
    assert!(place.ends_with(&format!("({number} where names are hidden)")), "{number}: {place}");
}

#[test]
fn a_second_marker_decides_without_the_firsts_points() {
    let class = Class::new();
    let desk = class.serve(&[]);
    for (team, points) in [("team-00", "1"), ("team-01", "0"), ("team-02", "1"), ("team-03", "1")] {
        assert_eq!(desk.decide(team, CLIENT, points, "told apart").status, 200);
    }
    drop(desk);
    let second = class.serve_as("TA two", &["--spot", "4"]);
    let queue = second.queue();
    assert_eq!(queue["spot"].as_array().unwrap().len(), 4, "{}", queue["spot"]);
    assert!(queue["spot"].as_array().unwrap().iter().all(|spot| spot["first"].is_null()));
    let hidden = second.item("team-01", CLIENT);
    assert_eq!((&hidden["settled"], hidden.to_string().contains("\"used\":3")), (&Json::Null, true), "{hidden}");
    for (team, points) in [("team-00", "1"), ("team-01", "0"), ("team-02", "0"), ("team-03", "1")] {
        let (team, item) = second.places(team, CLIENT);
        let asked = json!({ "team": team, "item": item, "points": points, "reason": "mine" });
        assert_eq!(second.post("/api/spot", &asked).status, 200);
    }
    let queue = second.queue();
    // Three of four alike, chance (3·2 + 1·2) / 16.
    let kappa = queue["agreement"]["kappa"].as_f64().unwrap();
    assert!((kappa - 0.5).abs() < 1e-9, "{}", queue["agreement"]);
    assert_eq!(class.score("team-02", CLIENT)["mark"]["low"], 1, "no mark depends on it");
}

#[test]
fn without_a_browser_there_are_a_list_and_skeletons() {
    let class = Class::new();
    let (code, listed, errors) = run(class.folder.path(), &["review", "--list"]);
    assert_eq!(code, Some(0), "{errors}");
    assert_eq!(listed.lines().count(), 41, "four items of ten teams, and the sum\n{listed}");
    let mark = class.json("teams/team-00/scorecard.json")["mark"].clone();
    let worth = 10.0 * (mark["high"].as_f64().unwrap() - mark["low"].as_f64().unwrap());
    assert!(listed.contains(&format!("40 items wait, worth {} points", worth.round())), "{worth}\n{listed}");
    let (_, blocks, _) = run(class.folder.path(), &["review", "--skeleton", "--by", "me"]);
    let block: String =
        blocks.lines().skip_while(|line| !line.starts_with("# [[")).take(6).map(|line| format!("{line}\n")).collect();
    let filled = block.replace("# ", "").replace("points = ", "points = 1").replace("\"\"", "\"seen\"");
    std::fs::write(class.overrides("team-00"), &filled).unwrap();
    let (code, listed, errors) = run(class.folder.path(), &["review", "--list"]);
    assert_eq!(code, Some(0), "{errors}\n{filled}");
    assert!(listed.contains("39 items wait"), "{listed}");

    // The block of a request names it, so that the decision answers it; a request about nothing is told, by the code as well.
    let request = "[[appeal]]\nteam = \"team-00\"\nitem = \"concepts/availability-zones\"\ntext = \"\"\"\nLook \"twice\",\n\
                   please.\"\"\"\nby = \"a member\"\n";
    std::fs::write(class.path("appeals.toml"), request).unwrap();
    // It is among what to look at in the class, too.
    assert_ne!(run(class.folder.path(), &["report"]).0, Some(3));
    assert!(class.text("class.html").contains("1 appeal waits for an answer: concepts/availability-zones"));
    let (_, listed, _) = run(class.folder.path(), &["review", "--list"]);
    assert!(listed.contains("the team asks: Look \"twice\", please.\n"), "{listed}");
    let (_, blocks, _) = run(class.folder.path(), &["review", "--skeleton", "--by", "me"]);
    let block: String = blocks
        .lines()
        .skip_while(|line| !line.starts_with("# appealed"))
        .skip(3)
        .take_while(|line| !line.is_empty())
        .map(|line| format!("{line}\n"))
        .collect();
    let answered = block.replace("# ", "").replace("points = ", "points = 1").replace("\"\"", "\"seen\"");
    let unnamed: String =
        answered.lines().filter(|line| !line.starts_with("appeal")).map(|line| format!("{line}\n")).collect();
    std::fs::write(class.overrides("team-00"), format!("{filled}\n{unnamed}")).unwrap();
    let (_, listed, _) = run(class.folder.path(), &["review", "--list"]);
    assert!(listed.contains("please. (a decision is there, and its `appeal` does not name this)\n"), "{listed}");
    std::fs::write(class.overrides("team-00"), format!("{filled}\n{answered}")).unwrap();
    let (code, listed, errors) = run(class.folder.path(), &["review", "--list"]);
    assert_eq!(code, Some(0), "{errors}\n{answered}");
    assert!(listed.contains("39 items wait") && !listed.contains("appealed"), "{listed}");
    std::fs::write(class.path("appeals.toml"), request.replace("team-00", "team-0")).unwrap();
    let (code, _, errors) = run(class.folder.path(), &["review", "--list"]);
    assert!(code == Some(3) && errors.contains("did you mean \"team-0"), "{errors}");
    let (code, _, errors) = run(class.folder.path(), &["report"]);
    assert!(
        code == Some(3) && errors.contains("appeals.toml:2") && errors.contains("did you mean \"team-0"),
        "{errors}"
    );
    std::fs::remove_file(class.path("appeals.toml")).unwrap();
    // One folder has one name, whichever a command prints.
    for option in ["--out", "--results"] {
        let (code, _, errors) = run(class.folder.path(), &["review", option, "nowhere"]);
        assert!(code == Some(2) && errors.contains("nowhere holds no run"), "{errors}");
    }
    let (code, _, errors) = run(class.folder.path(), &["review", "--no-open"]);
    assert!(code == Some(2) && errors.contains("--by"), "{errors}");
}

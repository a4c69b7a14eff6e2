//! The same work in several teams: what of each kind of copy is found, what is not flagged, and what the program writes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::support::history::History;
use crate::support::planted::{KINDS, Writer, copy, joined};
use serde_json::Value as Json;
use stackmark_similar::compare::{Class, Entry, Pair, compare};
use stackmark_similar::prints::Starter;
use stackmark_similar::{Channel, FilePrints, TeamPrints, cut};
use tempfile::TempDir;

/// A page that many courses point to; no team wrote it.
const TUTORIAL: &str = "\
def request_worker(url, count, results):
    session = requests.Session()
    for number in range(count):
        started = time.perf_counter()
        try:
            response = session.get(url, timeout=10)
            results.append((number, response.status_code, time.perf_counter() - started))
        except requests.RequestException as error:
            results.append((number, None, str(error)))


def run_threads(url, threads, count):
    results = []
    workers = [threading.Thread(target=request_worker, args=(url, count, results)) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return sorted(results)
";

type Files = Vec<(String, String)>;

fn prints(files: &[(String, String)], starter: &Starter) -> TeamPrints {
    let files = files.iter().filter_map(|(path, text)| FilePrints::of(path, text)).collect();
    let mut team = TeamPrints { files, handed_out: 0 };
    starter.remove_from(&mut team);
    team
}

/// Flagged pairs of a class, in all channels.
fn flagged(teams: &[TeamPrints]) -> BTreeSet<(usize, usize)> {
    let class = Class { entries: teams.iter().map(|prints| Entry { prints, past: false }).collect() };
    let mut flagged = BTreeSet::new();
    for channel in [Channel::Code, Channel::Infrastructure, Channel::Prose] {
        let found = compare(&class, channel);
        let scores: Vec<f64> = found.pairs.iter().map(Pair::score).collect();
        let cut = cut::suggested(&scores, found.compared);
        flagged.extend(found.pairs.iter().filter(|pair| pair.score() >= cut).map(|pair| (pair.a, pair.b)));
    }
    flagged
}

#[test]
fn copies_of_every_kind_are_found_and_no_decoy_is_flagged() {
    let starter_text = joined(&Writer::new(1).program()[..5]);
    let mut starter = Starter::default();
    starter.add("starter/app.py", &starter_text);
    let mut found: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut wrong = 0;
    for round in 0..3_u64 {
        let mut teams: Vec<Files> = Vec::new();
        let mut planted: BTreeMap<(usize, usize), &str> = BTreeMap::new();
        for (at, kind) in KINDS.iter().enumerate() {
            let seed = 100 * (round + 1) + at as u64;
            let mut writer = Writer::new(seed);
            let (functions, stack) = (writer.program(), writer.stack());
            let given = ("starter/app.py".to_owned(), starter_text.clone());
            let program = ("deploy.py".to_owned(), joined(&functions));
            teams.push(vec![given.clone(), program, ("main.tf".to_owned(), stack.concat())]);
            let mut copied = copy(kind, &functions, &stack, &mut Writer::new(seed + 5_000));
            copied.push(given);
            teams.push(copied);
            planted.insert((teams.len() - 2, teams.len() - 1), *kind);
        }
        // Decoys: the same assignment by different hands, the same starter, and for two of them the same tutorial.
        for decoy in 0..12_u64 {
            let mut writer = Writer::new(100_000 * (round + 1) + decoy);
            let mut text = joined(&writer.program());
            if decoy < 2 {
                text += TUTORIAL;
            }
            let stack = writer.stack().concat();
            let given = ("starter/app.py".to_owned(), starter_text.clone());
            teams.push(vec![given, ("deploy.py".to_owned(), text), ("main.tf".to_owned(), stack)]);
        }
        let teams: Vec<TeamPrints> = teams.iter().map(|files| prints(files, &starter)).collect();
        let flagged = flagged(&teams);
        for (pair, kind) in &planted {
            let (hits, all) = found.entry(*kind).or_default();
            *hits += usize::from(flagged.contains(pair));
            *all += 1;
        }
        wrong += flagged.iter().filter(|pair| !planted.contains_key(*pair)).count();
    }
    let hits: usize = found.values().map(|(hits, _)| hits).sum();
    for (kind, (hits, all)) in &found {
        println!("{kind:20} recall {hits} of {all}");
    }
    println!("precision {hits} of {}", hits + wrong);
    assert!(hits > 0 && found.values().all(|(hits, all)| hits == all), "{found:?}");
    assert_eq!(wrong, 0, "decoys were flagged");
}

#[test]
fn reports_are_compared_in_three_languages() {
    let words = |seed: usize, vocabulary: &[&str]| -> String {
        let mut random = crate::support::planted::Random::new(seed as u64 + 3);
        let sentence = |_| (0..12).map(|_| *random.pick(vocabulary)).collect::<Vec<_>>().join(" ") + ".\n";
        (0..25).map(sentence).collect()
    };
    let vocabularies: [&[&str]; 3] = [
        &["balancer", "cluster", "request", "latency", "instance", "deploy", "measure", "target", "region", "metric"],
        &[
            "équilibreur",
            "grappe",
            "requête",
            "latence",
            "instance",
            "déployer",
            "mesurer",
            "cible",
            "région",
            "sécurité",
        ],
        &[
            "bilanciatore",
            "richiesta",
            "latenza",
            "istanza",
            "distribuire",
            "misurare",
            "regione",
            "metrica",
            "gruppo",
            "città",
        ],
    ];
    for vocabulary in vocabularies {
        let copied = words(1, vocabulary);
        // Accents lost, lines broken otherwise.
        let changed = copied.replace(['é', 'ê'], "e").replace('à', "a").replace(' ', "\n");
        let reports = [copied, changed, words(2, vocabulary), words(4, vocabulary)];
        let teams: Vec<TeamPrints> =
            reports.map(|text| prints(&[("report.md".to_owned(), text)], &Starter::default())).into();
        assert_eq!(flagged(&teams), BTreeSet::from([(0, 1)]), "{vocabulary:?}");
    }
}

/// A team of a roster.
fn entry(id: &str, repository: &Path) -> String {
    let member = format!("[[team.member]]\nname = \"{id}\"\nemails = [\"{id}@uni.example\"]\n");
    format!("[[team]]\nid = \"{id}\"\nrepository = '{}'\n{member}", repository.display())
}

/// A folder with a roster of three teams: the second copied the first's program, later, and under another name.
struct Course {
    folder: TempDir,
    histories: Vec<History>,
}

impl Course {
    fn new() -> Self {
        let mut writer = Writer::new(77);
        let functions = writer.program();
        let third = joined(&Writer::new(78).program());
        let one = History::new();
        one.write("deploy.py", joined(&functions[..8])).commit("Begin");
        one.write("deploy.py", joined(&functions)).commit("Go on");
        let other = History::new();
        other.as_author("Léo Petit", "leo@uni.example").at(1_730_000_000, 60);
        other.write("notes.txt", "to do\n").commit("Begin");
        let mut copied = copy("renamed", &functions, &[], &mut Writer::new(79));
        copied.truncate(1);
        other.write("src/copied.py", &copied[0].1).commit("Add everything");
        let alone = History::new();
        alone.as_author("Mia Rossi", "mia@uni.example").write("deploy.py", third).commit("Begin");
        let course = Self { folder: TempDir::new().unwrap(), histories: vec![one, other, alone] };
        let teams = ["ash", "birch", "cedar"].into_iter().zip(&course.histories);
        let roster: String = teams.map(|(id, history)| entry(id, history.path())).collect();
        std::fs::write(course.folder.path().join("roster.toml"), roster).unwrap();
        course
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn stackmark(&self, arguments: &[&str]) -> (i32, String) {
        let output = assert_cmd::Command::cargo_bin("stackmark")
            .unwrap()
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .args(arguments)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code().unwrap(), said)
    }
}

fn json(path: &Path) -> Json {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn a_pair_is_shown_with_its_places_and_who_was_first() {
    let course = Course::new();
    let (code, said) = course.stackmark(&["similar"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("ash · birch") && said.contains("nobody loses points"), "{said}");
    let findings = json(&course.path("results/similar.json"));
    let pair = &findings["pairs"][0];
    assert_eq!((pair["id"].as_str(), pair["above_cut"].as_bool()), (Some("ash--birch"), Some(true)));
    assert!(pair["code"]["of_a"].as_f64().unwrap() > 0.9, "{pair:#}");
    let region = &pair["regions"][0];
    assert_eq!(
        (region["a"]["path"].as_str(), region["b"]["path"].as_str()),
        (Some("deploy.py"), Some("src/copied.py"))
    );
    assert!(region["lines"].as_u64().unwrap() > 40, "{region:#}");
    assert_eq!(region["b"]["appeared"]["subject"], "Add everything");
    assert_eq!(region["b"]["appeared"]["author"], "Léo Petit");
    let when = |side: &str| region[side]["appeared"]["at"].as_str().unwrap().to_owned();
    assert!(when("a") < when("b"), "{region:#}");
    assert_eq!(findings["clusters"], serde_json::json!([["ash", "birch"]]));
    let text = std::fs::read_to_string(course.path("results/similar.json")).unwrap();
    assert!(!text.contains("def "), "no text of a team's is stored");
    let page = std::fs::read_to_string(course.path("results/similar.html")).unwrap();
    assert!(page.contains("marker") && page.contains("<span class=\"k\">def</span>"), "{page}");
    let stored = std::fs::read_to_string(course.path("results/teams/ash/fingerprints.json")).unwrap();
    assert!(stored.contains("\"prints\"") && !stored.contains("boto3"), "{stored}");
}

#[test]
fn only_a_team_whose_commit_changed_is_read_again() {
    let course = Course::new();
    assert_eq!(course.stackmark(&["similar"]).0, 0);
    let before = json(&course.path("results/teams/ash/fingerprints.json"));
    let other = json(&course.path("results/teams/cedar/fingerprints.json"));
    // A remark that no reading writes: what is read again loses it.
    for team in ["ash", "birch", "cedar"] {
        let path = course.path(&format!("results/teams/{team}/fingerprints.json"));
        let mut stored = json(&path);
        stored["unread"] = serde_json::json!(["a remark of this test"]);
        std::fs::write(&path, stored.to_string()).unwrap();
    }
    course.histories[2].write("more.py", joined(&Writer::new(80).program())).commit("More");
    let (code, said) = course.stackmark(&["similar"]);
    assert_eq!(code, 0, "{said}");
    for (team, again) in [("ash", false), ("birch", false), ("cedar", true)] {
        let kept = format!("team {team}: compared without a remark of this test");
        assert_eq!(said.contains(&kept), !again, "{team}: {said}");
    }
    let after = |team: &str| json(&course.path(&format!("results/teams/{team}/fingerprints.json")));
    assert_eq!(after("ash")["prints"], before["prints"]);
    assert_ne!(after("cedar")["prints"], other["prints"]);
}

#[test]
fn a_past_class_is_compared_by_fingerprints_alone() {
    let course = Course::new();
    let (code, said) = course.stackmark(&["similar", "index", "past.json", "--label", "2025"]);
    assert_eq!(code, 0, "{said}");
    let text = std::fs::read_to_string(course.path("past.json")).unwrap();
    for word in ["deploy", "copied", "boto3", "Petit"] {
        assert!(!text.contains(word), "{word}");
    }
    std::fs::write(course.path("roster.toml"), entry("dove", course.histories[1].path())).unwrap();
    let (code, said) = course.stackmark(&["similar", "--past", "past.json"]);
    assert_eq!(code, 0, "{said}");
    let findings = json(&course.path("results/similar.json"));
    let pairs: Vec<_> = findings["pairs"].as_array().unwrap().iter().filter(|pair| pair["above_cut"] == true).collect();
    // The very work and the one that it was copied from; never two past ones.
    assert_eq!(pairs.len(), 2, "{findings:#}");
    assert!(pairs.iter().all(|pair| pair["a"]["past"].is_null() && pair["b"]["past"] == "2025"), "{findings:#}");

    let (code, said) = course.stackmark(&["similar", "index", "past.json", "--forget", "birch"]);
    assert_eq!(code, 0, "{said}");
    assert!(!std::fs::read_to_string(course.path("past.json")).unwrap().contains("birch"));
    let (code, said) = course.stackmark(&["similar", "index", "past.json", "--forget", "birch"]);
    assert!(code == 2 && said.contains("it has ash, cedar"), "{said}");
}

#[test]
fn a_repository_that_is_not_there_is_said_and_the_others_are_compared() {
    let course = Course::new();
    let roster = std::fs::read_to_string(course.path("roster.toml")).unwrap();
    let roster = roster + &entry("elm", Path::new("no/such/place"));
    std::fs::write(course.path("roster.toml"), roster).unwrap();
    let (code, said) = course.stackmark(&["similar"]);
    assert_eq!(code, 4, "{said}");
    assert!(said.contains("team elm: ") && said.contains("ash · birch"), "{said}");
    let findings = json(&course.path("results/similar.json"));
    assert_eq!(findings["not_compared"][0]["team"], "elm");
    assert!(said.contains("stackmark doctor --roster roster.toml --repositories"), "{said}");
    let page = std::fs::read_to_string(course.path("results/similar.html")).unwrap();
    assert!(page.contains("Nothing is known about what could not be read"), "{page}");
    for (language, why) in [("fr", "injoignable"), ("it", "irraggiungibile")] {
        course.stackmark(&["similar", "--language", language]);
        let page = std::fs::read_to_string(course.path("results/similar.html")).unwrap();
        assert!(page.contains(why) && !page.contains("unreachable"), "{language}: {page}");
        let findings = json(&course.path("results/similar.json"));
        let stored = findings["not_compared"][0]["why"].as_str().unwrap();
        assert!(stored.starts_with("unreachable"), "{stored}");
    }
}

/// Nothing is heard of it.
#[cfg(unix)]
struct Deaf;

#[cfg(unix)]
impl stackmark_class::Voice for Deaf {
    fn note(&self, _text: &str) {}
    fn error(&self, _text: &str) {}
    fn problems(&self, _problems: &stackmark_course::Problems) {}
    fn line(&self, _team: &str) -> (stackmark_collect::SharedProgress, Box<dyn std::any::Any + Send>) {
        (std::sync::Arc::new(stackmark_collect::Silent), Box::new(()))
    }
}

#[cfg(unix)]
#[test]
fn what_ends_the_process_of_a_team_costs_that_team_alone() {
    use stackmark_class::similar::{Asked, findings, gather};
    use std::os::unix::fs::PermissionsExt as _;

    let course = Course::new();
    let birch = course.histories[1].path().display().to_string();
    // As if what birch holds took more processor time than a process has, when the part is read that is named.
    let of_course = |ended: &str| {
        let program = course.path(ended);
        let tried = course.path(&format!("{ended}-tried"));
        let script = format!(
            "#!/bin/sh\ncat > \"$TMPDIR/task\"\nif [ \"$2\" = {ended} ] && grep -q '\"location\":\"{birch}\"' \"$TMPDIR/task\"; \
             then echo tried >> '{}'; kill -XCPU $$; fi\nexec '{}' \"$@\" < \"$TMPDIR/task\"\n",
            tried.display(),
            assert_cmd::cargo::cargo_bin("stackmark").display()
        );
        std::fs::write(&program, script).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
        let mut limits = stackmark_collect::Limits::default();
        limits.repository.program = Some(program);
        let results = stackmark_class::store::Results::at(course.path(&format!("results-{ended}")));
        let text = std::fs::read_to_string(course.path("roster.toml")).unwrap();
        let (roster, _) = stackmark_course::Roster::parse(&stackmark_course::SourceText::new("roster.toml", text));
        let roster = roster.unwrap();
        let mut asked =
            Asked::of_roster(&results, &roster, course.folder.path(), limits, "2026-11-28T10:00:00Z".to_owned());
        let compare = |asked: &Asked<'_>| {
            let (found, exit) = findings(asked, gather(asked, &Deaf), &Deaf).unwrap();
            assert_eq!(exit, stackmark_class::Exit::Unreadable, "{ended}");
            let unread: Vec<_> = found.not_compared.iter().filter(|team| team.why.contains("processor time")).collect();
            assert_eq!(unread.len(), 1, "{ended}: {:?}", found.not_compared);
            assert_eq!(unread[0].team, "birch", "{ended}");
            let (why, tries) = (unread[0].why.clone(), std::fs::read_to_string(&tried).unwrap().lines().count());
            (found, why, tries)
        };
        let (found, why, tries) = compare(&asked);
        assert!(tries == 1 && !why.contains("--fresh"), "{ended}: {tries}: {why}");
        // It is not walked into again, unless somebody wants it.
        let (_, why, tries) = compare(&asked);
        assert!(tries == 1 && why.contains("not read again without --fresh"), "{ended}: {tries}: {why}");
        asked.fresh = true;
        assert_eq!(compare(&asked).2, 2, "{ended}");
        found
    };
    let found = of_course("fingerprints");
    assert!(found.pairs.iter().all(|pair| pair.a.id != "birch" && pair.b.id != "birch"), "{:?}", found.pairs);
    assert!(found.channels.iter().any(|channel| channel.compared == 1), "ash and cedar are compared");
    let found = of_course("details");
    let pair = &found.pairs[0];
    assert_eq!((pair.id.as_str(), pair.above_cut), ("ash--birch", true));
    assert!(pair.regions[0].a.appeared.is_some() && pair.regions[0].b.appeared.is_none(), "{pair:?}");
}

#[test]
fn commits_that_were_taken_over_whole_are_told() {
    let course = Course::new();
    let change = joined(&Writer::new(91).program());
    for (history, first) in [(&course.histories[0], "a"), (&course.histories[1], "b")] {
        history.write("other.txt", first).commit("Of its own");
        history.write("taken.py", &change).commit("Add the client");
    }
    assert_eq!(course.stackmark(&["similar"]).0, 0);
    let findings = json(&course.path("results/similar.json"));
    let commits = findings["pairs"][0]["commits"].as_array().unwrap();
    assert_eq!(commits.len(), 1, "{commits:?}");
    assert_eq!(commits[0]["a"]["subject"], "Add the client");
    assert_eq!(commits[0]["same_commit"], false);
}

//! A class of ten teams to decide about, and the review server over it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value as Json, json};

/// The binary with nothing of this machine's environment.
pub(crate) fn stackmark(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stackmark"));
    command.current_dir(folder).env_clear().env("HOME", folder).env("LANG", "C.UTF-8");
    command
}

/// Runs it to its end; code, result and errors.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = stackmark(folder).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A results folder with ten teams, `team-00` to `team-09`, each as the demo's heron: four items wait for a person.
pub(crate) struct Class {
    pub(crate) folder: tempfile::TempDir,
}

impl Class {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (code, _, errors) = run(folder.path(), &["demo"]);
        assert_eq!(code, Some(0), "{errors}");
        std::fs::rename(folder.path().join("stackmark-demo/results"), folder.path().join("results")).unwrap();
        let class = Self { folder };
        let mut record = class.json("run.json");
        let pending = record["teams"][0].clone();
        let teams = class.path("teams");
        let mut entries = Vec::new();
        for number in 0..10 {
            let id = format!("team-{number:02}");
            let mut evidence = class.json("teams/heron/evidence.json");
            evidence["team"]["id"] = id.as_str().into();
            std::fs::create_dir(teams.join(&id)).unwrap();
            std::fs::write(teams.join(&id).join("evidence.json"), evidence.to_string()).unwrap();
            let mut entry = pending.clone();
            entry["id"] = id.into();
            entries.push(entry);
        }
        for demo in ["falcon", "heron", "osprey"] {
            std::fs::remove_dir_all(teams.join(demo)).unwrap();
        }
        record["teams"] = entries.into();
        std::fs::write(class.path("run.json"), record.to_string()).unwrap();
        let (code, _, errors) = run(class.folder.path(), &["report"]);
        assert_eq!(code, Some(0), "{errors}");
        assert_eq!(class.json("teams/team-00/scorecard.json")["mark"]["open"], 4, "the tests count on it");
        class
    }

    /// Judges the class again by the same rubric in another language.
    pub(crate) fn speak(&self, language: &str) {
        let path = self.path("course/rubrics/log8415-a1.toml");
        let (before, text) = ("language = \"en\"", std::fs::read_to_string(&path).unwrap());
        assert_eq!(text.matches(before).count(), 1);
        std::fs::write(&path, text.replace(before, &format!("language = \"{language}\""))).unwrap();
        let (code, _, errors) = run(self.folder.path(), &["report"]);
        assert_eq!(code, Some(0), "{errors}");
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join("results").join(file)
    }

    pub(crate) fn text(&self, file: &str) -> String {
        std::fs::read_to_string(self.path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    pub(crate) fn json(&self, file: &str) -> Json {
        serde_json::from_str(&self.text(file)).unwrap()
    }

    pub(crate) fn overrides(&self, team: &str) -> PathBuf {
        self.path(&format!("teams/{team}/overrides.toml"))
    }

    /// An item on a team's card.
    pub(crate) fn score(&self, team: &str, item: &str) -> Json {
        let card = self.json(&format!("teams/{team}/scorecard.json"));
        let criteria = card["criteria"].as_array().unwrap().clone();
        let mut items = criteria.iter().flat_map(|criterion| criterion["items"].as_array().unwrap());
        items.find(|score| score["id"] == item).unwrap().clone()
    }

    /// Whether `run.json` has the marks of the cards.
    pub(crate) fn agrees(&self) {
        for team in self.json("run.json")["teams"].as_array().unwrap() {
            let card = self.json(&format!("teams/{}/scorecard.json", team["id"].as_str().unwrap()));
            assert_eq!(team["mark"], card["mark"], "{team}");
        }
    }

    /// Whether the class's table has the marks of the cards.
    pub(crate) fn table_agrees(&self) -> bool {
        self.text("class.csv").lines().skip(1).all(|line| {
            let cells: Vec<&str> = line.split(',').collect();
            let card = self.json(&format!("teams/{}/scorecard.json", cells[0]));
            cells[3].parse::<f64>().ok() == card["mark"]["low"].as_f64()
        })
    }

    pub(crate) fn serve(&self, more: &[&str]) -> Desk {
        self.serve_as("TA one", more)
    }

    pub(crate) fn serve_as(&self, marker: &str, more: &[&str]) -> Desk {
        let mut command = stackmark(self.folder.path());
        command.args(["review", "--no-open", "--by", marker]).args(more).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().to_owned();
        let (host, token) = address.strip_prefix("http://").unwrap().split_once("/?token=").unwrap();
        Desk { host: host.to_owned(), token: token.to_owned(), address: address.clone(), child }
    }
}

/// A running review server; it is killed, not ended, when dropped.
pub(crate) struct Desk {
    pub(crate) host: String,
    pub(crate) token: String,
    pub(crate) address: String,
    child: Child,
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer: status, head and body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

/// Sends these very header lines.
pub(crate) fn send(host: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut stream = TcpStream::connect(host).unwrap();
    let mut text = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{text}\r\n{body}").as_bytes()).unwrap();
    let mut answer = Vec::new();
    let mut part = [0; 65_536];
    // A server that is killed meanwhile ends the connection in its own way.
    while !is_whole(&answer)
        && let Ok(read) = stream.read(&mut part)
        && read > 0
    {
        answer.extend_from_slice(&part[..read]);
    }
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer.as_str(), ""));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    Answer { status, head: head.to_lowercase(), body: body.to_owned() }
}

/// Whether as much has come as the head says.
fn is_whole(answer: &[u8]) -> bool {
    let text = String::from_utf8_lossy(answer);
    let Some((head, _)) = text.split_once("\r\n\r\n") else { return false };
    let lower = head.to_lowercase();
    let length = lower.lines().find_map(|line| line.strip_prefix("content-length:"));
    length
        .and_then(|length| length.trim().parse::<usize>().ok())
        .is_some_and(|length| answer.len() >= head.len() + 4 + length)
}

impl Desk {
    pub(crate) fn get(&self, path: &str) -> Answer {
        send(&self.host, "GET", path, &[("host", self.host.as_str()), ("x-stackmark-token", self.token.as_str())], "")
    }

    pub(crate) fn post(&self, path: &str, body: &Json) -> Answer {
        let origin = format!("http://{}", self.host);
        let headers = [
            ("host", self.host.as_str()),
            ("origin", origin.as_str()),
            ("x-stackmark-token", self.token.as_str()),
            ("content-type", "application/json"),
        ];
        send(&self.host, "POST", path, &headers, &body.to_string())
    }

    pub(crate) fn queue(&self) -> Json {
        let answer = self.get("/api/queue");
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    }

    /// Places of a team and an item.
    pub(crate) fn places(&self, team: &str, item: &str) -> (usize, usize) {
        let queue = self.queue();
        let place = |list: &str, key: &str, wanted: &str| {
            queue[list].as_array().unwrap().iter().position(|it| it[key] == wanted).unwrap()
        };
        (place("teams", "label", team), place("items", "id", item))
    }

    pub(crate) fn item(&self, team: &str, item: &str) -> Json {
        let (team, item) = self.places(team, item);
        self.get(&format!("/api/item/{team}/{item}")).json()
    }

    /// Decides on what the page shows now.
    pub(crate) fn decide(&self, team: &str, item: &str, points: &str, reason: &str) -> Answer {
        let sha = self.item(team, item)["sha"].clone();
        self.decide_on(&sha, team, item, points, reason)
    }

    /// Decides on what a page was shown.
    pub(crate) fn decide_on(&self, sha: &Json, team: &str, item: &str, points: &str, reason: &str) -> Answer {
        let (team, item) = self.places(team, item);
        let asked =
            json!({ "team": team, "item": item, "points": points, "reason": reason, "expected": sha, "page": "p" });
        self.post("/api/decide", &asked)
    }

    pub(crate) fn undo(&self) -> Answer {
        self.post("/api/undo", &json!({ "page": "p" }))
    }

    /// Sends it a signal, as `TERM`, and waits for its end.
    #[cfg(unix)]
    pub(crate) fn signal(&mut self, name: &str) -> std::process::ExitStatus {
        let sent = std::process::Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status();
        assert!(sent.unwrap().success());
        self.child.wait().unwrap()
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

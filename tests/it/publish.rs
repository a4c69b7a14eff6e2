//! Reports to the teams: nothing without being asked, nothing twice, nothing to another team.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use serde_json::{Value as Json, json};
use stackmark_evidence::points::Points;
use stackmark_judge::scorecard::Mark;
use stackmark_render::json as stored;

use crate::support::sample;

/// How a run ended.
struct Ended {
    code: i32,
    shown: String,
    said: String,
}

/// A class with results, in a folder of its own.
struct Class(tempfile::TempDir);

const SECRET: &str = "what only the second team may read";

impl Class {
    fn new() -> Self {
        let class = Self(tempfile::tempdir().unwrap());
        let team = |id: &str, name: &str, email: &str| {
            format!(
                "[[team]]\nid = \"{id}\"\nrepository = \"https://github.com/org/{id}.git\"\n[[team.member]]\nname = \
                 \"{name}\"\nemails = [\"{email}\"]\n"
            )
        };
        let roster =
            team("team-07", "Ada Rivers", "ada@example.org") + &team("team-08", "Zoë Núñez", "zoe@example.org");
        std::fs::write(class.path("roster.toml"), roster).unwrap();
        class.store("team-07", 7130, 7130, "# Report of the first team\n");
        class.store("team-08", 5000, 5000, &format!("# Report\n\n{SECRET}\n"));
        class
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn store(&self, team: &str, low: i64, high: i64, report: &str) {
        let mut evidence = sample::evidence();
        evidence.team.id = team.to_owned();
        let mut source = evidence.git.source.value().unwrap().clone();
        source.location = format!("https://github.com/org/{team}.git");
        evidence.git.source = stackmark_evidence::Reading::observed(source);
        let evidence = stored::evidence(&evidence);
        let mut card = sample::scorecard("en");
        card.team = team.to_owned();
        card.overrides_sha256 = None;
        card.evidence_sha256 = stored::sha256_hex(evidence.as_bytes());
        let [low, high] = [low, high].map(Points::from_hundredths);
        card.mark = Mark { low, high, of: Points::whole(100), open: if low == high { 0 } else { 1 } };
        let folder = self.path("results/teams").join(team);
        std::fs::create_dir_all(&folder).unwrap();
        for (file, text) in [
            ("evidence.json", evidence),
            ("scorecard.json", stored::scorecard(&card)),
            ("report.md", report.to_owned()),
            ("report.html", format!("<p>{report}</p>")),
        ] {
            std::fs::write(folder.join(file), text).unwrap();
        }
    }

    fn publish(&self, arguments: &[&str]) -> Ended {
        let output = assert_cmd::Command::cargo_bin("stackmark")
            .unwrap()
            .current_dir(self.0.path())
            .env_clear()
            .env("HOME", self.0.path())
            .env("GITHUB_TOKEN", "t0ken")
            .timeout(std::time::Duration::from_secs(60))
            .arg("publish")
            .args(arguments)
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Ended { code: output.status.code().unwrap_or(-1), shown: text(output.stdout), said: text(output.stderr) }
    }
}

/// A forge with the repositories of the two teams: what was sent to it, and the comments and statuses that it keeps.
#[derive(Default)]
struct Kept {
    requests: Vec<String>,
    comments: Vec<Json>,
    statuses: Vec<Json>,
    public: bool,
}

struct Forge {
    url: String,
    kept: Arc<Mutex<Kept>>,
}

impl Forge {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let kept = Arc::new(Mutex::new(Kept::default()));
        let state = Arc::clone(&kept);
        // It ends with the test's process.
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                answer(stream, &state);
            }
        });
        Self { url, kept }
    }

    fn changes(&self) -> Vec<String> {
        let kept = self.kept.lock().unwrap();
        kept.requests.iter().filter(|request| !request.starts_with("GET ")).cloned().collect()
    }
}

fn answer(mut stream: TcpStream, kept: &Mutex<Kept>) {
    let (mut bytes, mut chunk) = (Vec::new(), [0_u8; 4096]);
    let head_end = loop {
        let read = stream.read(&mut chunk).unwrap_or(0);
        if read == 0 {
            return;
        }
        bytes.extend_from_slice(&chunk[..read]);
        if let Some(at) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
    };
    let head = String::from_utf8_lossy(&bytes[..head_end]).into_owned();
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    while bytes.len() < head_end + length.unwrap_or(0) {
        let read = stream.read(&mut chunk).unwrap_or(0);
        if read == 0 {
            break;
        }
        bytes.extend_from_slice(&chunk[..read]);
    }
    let body: Json = serde_json::from_slice(&bytes[head_end..]).unwrap_or_default();
    let request =
        head.lines().next().unwrap_or_default().rsplit_once(' ').map_or("", |(request, _)| request).to_owned();
    let allowed = head.to_lowercase().contains("authorization: bearer t0ken");
    let reply = if allowed { reply(&request, body, &mut kept.lock().unwrap()) } else { (401, json!({})) };
    let text = reply.1.to_string();
    let _ = stream.write_all(
        format!(
            "HTTP/1.1 {} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{text}",
            reply.0,
            text.len()
        )
        .as_bytes(),
    );
}

fn reply(request: &str, body: Json, kept: &mut Kept) -> (u16, Json) {
    kept.requests.push(request.to_owned());
    let (method, target) = request.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    match (method, parts.as_slice()) {
        ("GET", ["user"]) => (200, json!({ "login": "grader" })),
        ("GET", ["repos", "org", _]) => (200, json!({ "private": !kept.public })),
        ("GET", ["repos", "org", repository, "issues", "1", "comments"]) => {
            let own: Vec<&Json> = kept.comments.iter().filter(|it| it["repository"] == **repository).collect();
            (200, if query.ends_with("&page=1") { json!(own) } else { json!([]) })
        }
        ("POST", ["repos", "org", repository, "issues", "1", "comments"]) => {
            let id = kept.comments.len() as u64 + 1;
            let comment =
                json!({ "id": id, "user": { "login": "grader" }, "body": body["body"], "repository": repository });
            kept.comments.push(comment.clone());
            (201, comment)
        }
        ("PATCH", ["repos", "org", _, "issues", "comments", id]) => {
            let id: u64 = id.parse().unwrap();
            let comment = kept.comments.iter_mut().find(|it| it["id"] == id).unwrap();
            comment["body"] = body["body"].clone();
            (200, comment.clone())
        }
        ("GET", ["repos", "org", repository, "commits", _, "statuses"]) => {
            let own: Vec<&Json> = kept.statuses.iter().rev().filter(|it| it["repository"] == **repository).collect();
            (200, json!(own))
        }
        ("POST", ["repos", "org", repository, "statuses", commit]) => {
            let mut status = body;
            status["repository"] = json!(repository);
            status["sha"] = json!(commit);
            status["creator"] = json!({ "login": "grader" });
            kept.statuses.push(status.clone());
            (201, status)
        }
        _ => (404, json!({ "message": "Not Found" })),
    }
}

#[test]
fn nothing_goes_out_without_send() {
    let (class, forge) = (Class::new(), Forge::start());
    let ended = class.publish(&["--to", "comment", "--issue", "1", "--api-url", &forge.url]);
    assert_eq!(ended.code, 0, "{}", ended.said);
    assert!(ended.said.contains("team-07: comment on org/team-07#1, 71.3 of 100"), "{}", ended.said);
    assert!(ended.shown.contains("2 would be published, 0 not"), "{}", ended.shown);
    assert!(forge.kept.lock().unwrap().requests.is_empty());
    let ended = class.publish(&["--to", "mail", "--from", "teacher@example.org", "--out", "mail"]);
    assert_eq!(ended.code, 0, "{}", ended.said);
    assert!(!class.path("mail").exists());
}

#[test]
fn a_comment_is_made_once_and_renewed_where_the_mark_changed() {
    let (class, forge) = (Class::new(), Forge::start());
    let send = ["--to", "comment", "--issue", "1", "--send", "--api-url", &forge.url];
    let ended = class.publish(&send);
    assert_eq!(ended.code, 0, "{}", ended.said);
    assert_eq!(
        forge.changes(),
        ["POST /repos/org/team-07/issues/1/comments", "POST /repos/org/team-08/issues/1/comments"]
    );
    let ended = class.publish(&send);
    assert!(ended.shown.contains("0 published, 0 not"), "{}", ended.shown);
    assert_eq!(forge.changes().len(), 2, "the same scorecard goes out once");

    class.store("team-07", 7200, 7200, "# Report of the first team, again\n");
    class.publish(&send);
    assert_eq!(forge.changes()[2..], ["PATCH /repos/org/team-07/issues/comments/1"]);
    let kept = forge.kept.lock().unwrap();
    assert_eq!(kept.comments.len(), 2);
    assert!(kept.comments[0]["body"].as_str().unwrap().starts_with("# Report of the first team, again\n"));
    for comment in &kept.comments {
        let own = comment["repository"] == "team-08";
        assert_eq!(comment["body"].as_str().unwrap().contains(SECRET), own, "one team never reads another's");
    }
}

#[test]
fn what_a_student_wrote_is_not_taken_for_ours() {
    let (class, forge) = (Class::new(), Forge::start());
    let card = std::fs::read(class.path("results/teams/team-07/scorecard.json")).unwrap();
    let forged = format!("done\n\n<!-- stackmark scorecard {} -->", stored::sha256_hex(&card));
    let comment = json!({ "id": 1, "user": { "login": "ada" }, "body": forged, "repository": "team-07" });
    forge.kept.lock().unwrap().comments.push(comment);
    class.publish(&["team-07", "--to", "comment", "--issue", "1", "--send", "--api-url", &forge.url]);
    assert_eq!(forge.changes(), ["POST /repos/org/team-07/issues/1/comments"]);
}

#[test]
fn a_status_is_set_on_the_graded_commit_and_a_low_mark_is_no_failure() {
    let (class, forge) = (Class::new(), Forge::start());
    let send = ["--to", "status", "--send", "--open", "--api-url", &forge.url];
    class.store("team-08", 100, 9000, "# Report\n");
    let ended = class.publish(&send);
    assert_eq!(ended.code, 0, "{}", ended.said);
    class.publish(&send);
    let kept = forge.kept.lock().unwrap();
    assert_eq!(kept.statuses.len(), 2, "the same status is set once");
    let commit = sample::evidence().git.head.value().unwrap().commit.clone();
    for (status, state, mark) in
        [(&kept.statuses[0], "success", "71.3 of 100"), (&kept.statuses[1], "pending", "1–90 of 100")]
    {
        assert_eq!((status["sha"].as_str(), status["state"].as_str()), (Some(commit.as_str()), Some(state)));
        let description = status["description"].as_str().unwrap();
        assert!(description.starts_with(mark) && description.chars().count() <= 140, "{description}");
    }
}

#[test]
fn what_would_show_a_team_to_others_is_refused() {
    let (class, forge) = (Class::new(), Forge::start());
    let send = ["--to", "comment", "--issue", "1", "--send", "--api-url", &forge.url];
    forge.kept.lock().unwrap().public = true;
    let ended = class.publish(&send);
    assert_eq!(ended.code, 4, "{}", ended.said);
    assert!(ended.said.contains("team-07: anybody can read org/team-07; make it private"), "{}", ended.said);
    forge.kept.lock().unwrap().public = false;

    let roster = std::fs::read_to_string(class.path("roster.toml")).unwrap();
    let refused = |roster: String, said: &str| {
        std::fs::write(class.path("roster.toml"), roster).unwrap();
        let ended = class.publish(&send);
        assert_eq!(ended.code, 4, "{}", ended.said);
        assert!(ended.said.contains(said), "{said}\n{}", ended.said);
    };
    let shared = roster.replace("org/team-08.git", "org/team-07.git");
    refused(shared, "team-07: team-08 has the same repository and would read it; use mail");
    let other = roster.replace("org/team-08.git", "org/team-09.git");
    refused(other, "team-08: the results are of the repository https://github.com/org/team-08.git, and the roster has");
    assert!(forge.changes().iter().all(|change| change.contains("/team-07/")), "{:?}", forge.changes());
    std::fs::write(class.path("roster.toml"), roster).unwrap();
    let clear = class.publish(&["--to", "comment", "--issue", "1", "--send", "--api-url", "http://forge.example"]);
    assert_eq!(clear.code, 2, "{}", clear.said);
    assert!(clear.said.contains("the token is sent over https only"), "{}", clear.said);
}

#[test]
fn open_marks_and_stale_reports_wait() {
    let class = Class::new();
    class.store("team-07", 7000, 8000, "# Report\n");
    let evidence = class.path("results/teams/team-08/evidence.json");
    let changed = std::fs::read_to_string(&evidence).unwrap().replacen("\"redactions\": 3", "\"redactions\": 4", 1);
    std::fs::write(&evidence, changed).unwrap();
    let mail = ["--to", "mail", "--from", "teacher@example.org", "--out", "mail", "--send"];
    let ended = class.publish(&mail);
    assert_eq!(ended.code, 4, "{}", ended.said);
    for said in [
        "not published: team-07: 70–80 of 100, 1 item is open; settle them, or give --open",
        "not published: team-08: the evidence is newer than the report; run `stackmark report`",
    ] {
        assert!(ended.said.contains(said), "{said}\n{}", ended.said);
    }
    assert!(!class.path("mail").exists());
    class.publish(&[&mail[..], &["--open"]].concat());
    assert!(class.path("mail/team-07_ada-rivers.eml").exists());
}

/// Lines of a message's headers, those that go on joined.
fn headers(message: &str) -> Vec<String> {
    let head = message.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
    head.split("\r\n").map(ToOwned::to_owned).collect()
}

#[test]
fn a_letter_goes_to_one_member_and_the_same_goes_once() {
    let class = Class::new();
    let mail = ["--to", "mail", "--from", "teacher@example.org", "--out", "mail", "--send"];
    let ended = class.publish(&mail);
    assert_eq!(ended.code, 0, "{}", ended.said);
    assert!(ended.shown.contains("2 published, 0 not"), "{}", ended.shown);
    let read = |name: &str| std::fs::read_to_string(class.path("mail").join(name)).unwrap();
    let letters: Vec<PathBuf> = std::fs::read_dir(class.path("mail")).unwrap().map(|it| it.unwrap().path()).collect();
    assert_eq!(letters.len(), 2, "{letters:?}");
    let ada = read("team-07_ada-rivers.eml");
    let head = headers(&ada);
    assert!(head.contains(&"From: teacher@example.org".to_owned()), "{head:?}");
    assert!(head.contains(&"To: Ada Rivers <ada@example.org>".to_owned()), "{head:?}");
    assert!(ada.lines().all(|line| line.len() <= 998) && ada.is_ascii(), "{ada}");
    assert!(!ada.contains("zoe@example.org"));
    let other = letters.iter().find(|path| *path != Path::new(&class.path("mail/team-07_ada-rivers.eml"))).unwrap();
    let zoe = std::fs::read_to_string(other).unwrap();
    assert!(headers(&zoe).iter().any(|line| line.starts_with("To: =?utf-8?B?") && line.ends_with("<zoe@example.org>")));

    let ended = class.publish(&mail);
    assert!(ended.shown.contains("0 published, 0 not"), "{}", ended.shown);
    assert!(ended.said.contains("team-07: the same went to mail ada@example.org on "), "{}", ended.said);
}

#[test]
fn a_person_in_two_teams_gets_neither_report() {
    let class = Class::new();
    let roster = std::fs::read_to_string(class.path("roster.toml")).unwrap();
    let doubled = roster + "[[team.member]]\nname = \"Ada Rivers\"\nemails = [\"ada@example.org\"]\n";
    std::fs::write(class.path("roster.toml"), doubled).unwrap();
    let ended = class.publish(&["--to", "mail", "--from", "teacher@example.org", "--out", "mail", "--send"]);
    assert_eq!(ended.code, 4, "{}", ended.said);
    assert!(
        ended.said.contains("Ada Rivers of team-08: also in team-07; keep the person in one team"),
        "{}",
        ended.said
    );
    let letters: Vec<String> = std::fs::read_dir(class.path("mail"))
        .unwrap()
        .map(|it| it.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert!(letters.len() == 1 && letters[0] == "team-08_zoe-nunez.eml", "{letters:?}");
}

#[test]
fn moodles_zip_has_the_members_of_the_worksheet() {
    let class = Class::new();
    let worksheet = "Identifier,\"Full name\",\"Email address\",Status,Group,Grade,\"Maximum Grade\",\"Grade can be \
                     changed\",\"Last modified (grade)\"\n\"Participant 1\",\"Ada Rivers\",ada@example.org,-,A,,100.00,Yes,-\n\
                     \"Participant 2\",\"Eve Stone\",eve@example.org,-,A,,100.00,Yes,-\n";
    std::fs::write(class.path("worksheet.csv"), worksheet).unwrap();
    let send = ["--to", "moodle", "--worksheet", "worksheet.csv", "--out", "feedback.zip", "--send"];
    let ended = class.publish(&send);
    assert_eq!(ended.code, 4, "{}", ended.said);
    assert!(ended.said.contains("Zoë Núñez of team-08: no row of the worksheet is theirs"), "{}", ended.said);
    let archive = zip::ZipArchive::new(std::fs::File::open(class.path("feedback.zip")).unwrap()).unwrap();
    let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert_eq!(names, ["Ada Rivers_1_assignfeedback_file_/report.html"]);
}

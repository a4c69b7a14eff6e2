//! A comment on an issue or pull request, and a commit status, with GitHub's REST API.
//!
//! A repository that anybody can read gets nothing unless whoever publishes says so, and what somebody else wrote is
//! never taken for ours: a comment is renewed only if the token's own user wrote it.

use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::Handout;
use crate::failure::Failure;

/// Characters of the longest comment that GitHub takes.
const LONGEST: usize = 65_536;

/// Characters of the longest description of a status.
const DESCRIPTION: usize = 140;

/// The status' name.
const CONTEXT: &str = "stackmark";

/// What ends our comments: which scorecard they show.
const MARKER: &str = "<!-- stackmark scorecard ";

/// A repository at the forge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Its owner.
    pub owner: String,
    /// Its name.
    pub name: String,
}

impl Place {
    /// Of a repository's address: `https://HOST/owner/name.git`, `git@HOST:owner/name`; `None` where it is no such.
    pub fn of(repository: &str) -> Option<Self> {
        let path = match repository.split_once("://") {
            Some((_, rest)) => rest.split_once('/')?.1,
            None => repository.split_once('@')?.1.split_once(':')?.1,
        };
        let path = path.trim_matches('/');
        let (owner, name) = path.strip_suffix(".git").unwrap_or(path).split_once('/')?;
        let plain = |text: &str| {
            !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)) && text != ".."
        };
        (plain(owner) && plain(name)).then(|| Self { owner: owner.to_owned(), name: name.to_owned() })
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.owner, self.name)
    }
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// It was not there before.
    Made,
    /// An earlier one was replaced.
    Renewed,
    /// This very scorecard is shown there already.
    Same,
}

/// The forge, for one token.
pub struct Forge {
    client: Client,
    api: String,
    user: String,
}

impl Forge {
    /// Asks who the token's user is.
    ///
    /// # Errors
    /// The address would send the token in the clear, or the forge does not know the token.
    pub async fn open(api: &str, token: &str) -> Result<Self, Failure> {
        let url = url::Url::parse(api).map_err(|error| Failure::usage(format!("--api-url: {error}")))?;
        let loopback = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        if url.scheme() != "https" && !(url.scheme() == "http" && loopback) {
            return Err(Failure::usage("--api-url: the token is sent over https only"));
        }
        let mut authorization = HeaderValue::from_str(&format!("Bearer {token}"))
            .map_err(|_| Failure::usage("the token has a character that is not allowed in a header"))?;
        authorization.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, authorization);
        headers.insert(ACCEPT, HeaderValue::from_static("application/vnd.github+json"));
        let mut builder = Client::builder()
            .user_agent(concat!("stackmark/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            // A redirect would take the token along.
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(30));
        if url.scheme() == "http" {
            builder = builder.no_proxy().tls_certs_only([]);
        }
        let client = builder.build().map_err(Failure::unexpected)?;
        let mut forge = Self { client, api: api.trim_end_matches('/').to_owned(), user: String::new() };
        let user = forge.ask(Method::GET, "/user", None).await?;
        forge.user = user["login"].as_str().unwrap_or_default().to_owned();
        if forge.user.is_empty() {
            return Err(Failure::unexpected("the forge does not say who the token's user is"));
        }
        Ok(forge)
    }

    /// Whether only those who were let in can read the repository.
    ///
    /// # Errors
    /// The forge refuses or cannot be reached.
    pub async fn is_private(&self, place: &Place) -> Result<bool, Failure> {
        let repository = self.ask(Method::GET, &format!("/repos/{place}"), None).await?;
        Ok(repository["private"].as_bool() == Some(true))
    }

    /// Puts the report under an issue or pull request, in place of an earlier one.
    ///
    /// # Errors
    /// The forge refuses or cannot be reached.
    pub async fn comment(&self, place: &Place, issue: u64, handout: &Handout<'_>) -> Result<Done, Failure> {
        const PAGES: u32 = 20;
        let body = comment(&handout.report, &handout.sha256);
        let mut earlier = None;
        for page in 1..=PAGES {
            let path = format!("/repos/{place}/issues/{issue}/comments?per_page=100&page={page}");
            let comments = self.ask(Method::GET, &path, None).await?;
            let Some(comments) = comments.as_array().filter(|comments| !comments.is_empty()) else { break };
            for known in comments.iter().filter(|known| known["user"]["login"] == self.user.as_str()) {
                let text = known["body"].as_str().unwrap_or_default();
                if last_line(text).starts_with(MARKER) {
                    earlier = known["id"].as_u64().map(|id| (id, last_line(text).contains(&handout.sha256)));
                }
            }
        }
        match earlier {
            Some((_, true)) => Ok(Done::Same),
            Some((id, false)) => {
                let path = format!("/repos/{place}/issues/comments/{id}");
                self.ask(Method::PATCH, &path, Some(json!({ "body": body }))).await?;
                Ok(Done::Renewed)
            }
            None => {
                let path = format!("/repos/{place}/issues/{issue}/comments");
                self.ask(Method::POST, &path, Some(json!({ "body": body }))).await?;
                Ok(Done::Made)
            }
        }
    }

    /// Sets the status of the graded commit.
    ///
    /// # Errors
    /// The forge refuses or cannot be reached.
    pub async fn status(&self, place: &Place, commit: &str, handout: &Handout<'_>) -> Result<Done, Failure> {
        let path = format!("/repos/{place}/commits/{commit}/statuses?per_page=100");
        let statuses = self.ask(Method::GET, &path, None).await?;
        let ours = |status: &&Value| status["context"] == CONTEXT && status["creator"]["login"] == self.user.as_str();
        // Newest first.
        let earlier = statuses.as_array().into_iter().flatten().find(ours);
        let status = status(handout);
        if earlier.is_some_and(|earlier| {
            earlier["description"] == status["description"] && earlier["state"] == status["state"]
        }) {
            return Ok(Done::Same);
        }
        let renewed = earlier.is_some();
        self.ask(Method::POST, &format!("/repos/{place}/statuses/{commit}"), Some(status)).await?;
        Ok(if renewed { Done::Renewed } else { Done::Made })
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Result<Value, Failure> {
        let mut request = self.client.request(method.clone(), format!("{}{path}", self.api));
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let failed = |what: String| Failure::unexpected(format!("{method} {path}: {what}"));
        let response = request.send().await.map_err(|error| failed(error.without_url().to_string()))?;
        let status = response.status();
        let text = response.text().await.map_err(|error| failed(error.without_url().to_string()))?;
        if !status.is_success() {
            let reply: Value = serde_json::from_str(&text).unwrap_or_default();
            let why = stackmark_render::escape::clean(reply["message"].as_str().unwrap_or("no reason given"));
            let fix = match status.as_u16() {
                401 => "; renew the token",
                403 | 404 => "; the token needs the right to write issues or statuses of this repository",
                410 => "; switch the repository's issues on",
                _ => "",
            };
            return Err(failed(format!("{status}: {why}{fix}")));
        }
        serde_json::from_str(&text).map_err(|error| failed(error.to_string()))
    }
}

fn last_line(text: &str) -> &str {
    text.trim_end().lines().next_back().unwrap_or_default()
}

/// The report as a comment, cut by sections where it is too long, and its scorecard's hash in a last, unseen line.
pub fn comment(report: &str, sha256: &str) -> String {
    let end = format!("\n\n{MARKER}{sha256} -->");
    let cut =
        "\n\nThe rest of the report is too long for a comment: it is in the file that you get from your instructor.";
    let room = LONGEST - end.len() - cut.len();
    let report = report.trim_end();
    if report.chars().count() <= room {
        return format!("{report}{end}");
    }
    let mut kept = String::new();
    for (at, section) in report.split("\n## ").enumerate() {
        let section = if at == 0 { section.to_owned() } else { format!("\n## {section}") };
        if kept.chars().count() + section.chars().count() > room {
            if at == 0 {
                kept = section.chars().take(room).collect();
            }
            break;
        }
        kept.push_str(&section);
    }
    format!("{}{cut}{end}", kept.trim_end())
}

/// The status of a graded commit: a low mark is no failure, and an open one is not final.
pub fn status(handout: &Handout<'_>) -> Value {
    let mark = handout.card.mark;
    let state = if mark.low == mark.high { "success" } else { "pending" };
    let description = format!("{mark} · scorecard {}", handout.sha256.get(..12).unwrap_or_default());
    let description: String = description.chars().take(DESCRIPTION).collect();
    json!({ "state": state, "context": CONTEXT, "description": description })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_an_owner_and_a_repository() {
        for address in [
            "https://github.com/org/a1.git",
            "git@github.com:org/a1.git",
            "ssh://git@github.com/org/a1",
            "https://h/org/a1/",
        ] {
            assert_eq!(Place::of(address).map(|place| place.to_string()).as_deref(), Some("org/a1"), "{address}");
        }
        for address in ["/srv/git/a1", "https://github.com/org", "https://h/a/b/c", "https://h/../a", "repo.bundle"] {
            assert_eq!(Place::of(address), None, "{address}");
        }
    }

    #[test]
    fn a_comment_fits_and_ends_in_its_hash() {
        let short = comment("# Report\n", "ab");
        assert_eq!(short, "# Report\n\n<!-- stackmark scorecard ab -->");
        let long = format!("# Report\n{}\n## Two\n{}\n## Three\n", "é".repeat(40_000), "x".repeat(40_000));
        let cut = comment(&long, "ab");
        assert!(cut.chars().count() <= LONGEST && !cut.contains("## Two") && cut.contains("too long"), "{}", cut.len());
        assert!(last_line(&cut).starts_with(MARKER));
        let one = comment(&"x".repeat(100_000), "ab");
        assert!(one.chars().count() <= LONGEST && last_line(&one).contains(" ab "));
    }
}

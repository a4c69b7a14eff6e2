//! A headless Chromium, driven as W3C WebDriver has it: the few commands that a keyboard needs, over plain HTTP.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};

use super::review::send;

/// The Enter key, as WebDriver names it.
pub(crate) const ENTER: &str = "\u{e007}";
/// The Escape key.
pub(crate) const ESCAPE: &str = "\u{e00c}";

const PATIENCE: Duration = Duration::from_secs(60);

/// One window of a browser; it is closed when dropped.
pub(crate) struct Browser {
    driver: Child,
    host: String,
    session: String,
    _profile: tempfile::TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            send(&self.host, "DELETE", &format!("/session/{}", self.session), &[("host", self.host.as_str())], "");
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

impl Browser {
    /// A browser; `None`, with a word, where the machine has none, unless `STACKMARK_TEST_BROWSER=required`.
    pub(crate) fn start() -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new("chromedriver");
        command.arg(format!("--port={port}")).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let driver = match command.spawn() {
            Ok(driver) => driver,
            Err(error) if std::env::var("STACKMARK_TEST_BROWSER").is_ok_and(|value| value == "required") => {
                panic!("chromedriver does not start: {error}")
            }
            Err(error) => {
                eprintln!(
                    "passed over: chromedriver does not start ({error}); STACKMARK_TEST_BROWSER=required makes this a \
                     failure"
                );
                return None;
            }
        };
        let profile = tempfile::tempdir().unwrap();
        let host = format!("127.0.0.1:{port}");
        let mut browser = Self { driver, host, session: String::new(), _profile: profile };
        let begun = Instant::now();
        while std::net::TcpStream::connect(&browser.host).is_err() {
            assert!(begun.elapsed() < PATIENCE, "chromedriver does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        let arguments = [
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--window-size=1280,900".to_owned(),
            format!("--user-data-dir={}", browser._profile.path().display()),
        ];
        let wanted = json!({ "browserName": "chrome", "goog:chromeOptions": { "args": arguments } });
        let made = browser.ask("/session", &json!({ "capabilities": { "alwaysMatch": wanted } }));
        browser.session = made["sessionId"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
        Some(browser)
    }

    fn ask(&self, path: &str, body: &Json) -> Json {
        let headers = [("host", self.host.as_str()), ("content-type", "application/json; charset=utf-8")];
        let answer = send(&self.host, "POST", path, &headers, &body.to_string());
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.json()["value"].clone()
    }

    fn of_session(&self, command: &str, body: &Json) -> Json {
        self.ask(&format!("/session/{}/{command}", self.session), body)
    }

    /// Makes the window this large, in pixels; Chromium's own is never narrower than 500.
    pub(crate) fn resize(&self, width: u32, height: u32) {
        self.of_session("window/rect", &json!({ "width": width, "height": height }));
    }

    /// Shows the page as it is printed.
    pub(crate) fn on_paper(&self) {
        let media = json!({ "cmd": "Emulation.setEmulatedMedia", "params": { "media": "print" } });
        self.of_session("goog/cdp/execute", &media);
    }

    /// Opens an address.
    pub(crate) fn goto(&self, address: &str) {
        self.of_session("url", &json!({ "url": address }));
    }

    /// What an expression gives on the page.
    pub(crate) fn value(&self, expression: &str) -> Json {
        self.of_session("execute/sync", &json!({ "script": format!("return {expression}"), "args": [] }))
    }

    /// The text of an element.
    pub(crate) fn text(&self, id: &str) -> String {
        let value = self.value(&format!("document.getElementById('{id}').textContent"));
        value.as_str().unwrap_or_default().to_owned()
    }

    /// Presses one key after the other, wherever the focus is.
    pub(crate) fn press(&self, keys: &str) {
        let strokes: Vec<Json> = keys
            .chars()
            .flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key.to_string() })))
            .collect();
        self.of_session("actions", &json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": strokes }] }));
    }

    /// Waits until an expression is true on the page.
    pub(crate) fn until(&self, expression: &str) {
        let begun = Instant::now();
        while self.value(expression) != Json::Bool(true) {
            assert!(begun.elapsed() < PATIENCE, "never: {expression}; {}", self.value("document.body.innerText"));
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

//! A moto server: AWS's APIs on loopback.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Runs moto for as long as its standard input is open, so that no server is left by a test process that was killed.
const SERVE: &str = "import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
from moto.server import main
main(sys.argv[1:])";

/// A server of its own for each test. To start one takes as long as some hundred calls: emptied, it serves the next test.
pub(crate) struct Moto {
    server: Option<Server>,
    python: PathBuf,
    /// Whether it can be emptied as if it were new.
    is_plain: std::cell::Cell<bool>,
}

struct Server {
    process: Child,
    endpoint: String,
}

/// Emptied servers that no test uses.
static IDLE: Mutex<Vec<Server>> = Mutex::new(Vec::new());

/// The Python that has moto and junitparser: the one that `STACKMARK_TEST_PYTHON` names, else a private environment below the target
/// folder, made on first use.
///
/// A test that cannot run is a failure: a suite that skips in silence proves nothing.
pub(crate) fn python() -> PathBuf {
    if let Some(python) = std::env::var_os("STACKMARK_TEST_PYTHON") {
        return PathBuf::from(python);
    }
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("..");
    let folder = target.join("test-python");
    // Tests run at the same time; the first one makes the environment, the others wait for it. The lock lies beside the
    // folder, which venv empties: a lock in it would be gone for whoever comes next.
    let lock = std::fs::File::create(target.join("test-python.lock")).unwrap();
    lock.lock().unwrap();
    let wanted = include_str!("../../requirements.txt");
    let (python, made) = (folder.join("bin/python"), folder.join("requirements.txt"));
    if !std::fs::read_to_string(&made).is_ok_and(|present| present == wanted) {
        prepare(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder), "python3 -m venv");
        let requirements = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/requirements.txt");
        let mut install = Command::new(&python);
        install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements]);
        prepare(&mut install, "pip install -r tests/requirements.txt");
        std::fs::write(&made, wanted).unwrap();
    }
    python
}

fn prepare(command: &mut Command, what: &str) {
    let needs = "the tests need python3 with venv, and the Python packages of tests/requirements.txt";
    let output = command.output().unwrap_or_else(|error| panic!("{what}: {error}; {needs}"));
    assert!(output.status.success(), "{what} failed; {needs}\n{}", String::from_utf8_lossy(&output.stderr));
}

#[allow(dead_code, reason = "each test binary uses a part")]
impl Moto {
    /// Starts a server and builds the scenarios of `seed.py` in it.
    pub(crate) fn with(scenarios: &[&str]) -> Self {
        let moto = Self::start(None);
        if !scenarios.is_empty() {
            moto.seed(scenarios);
        }
        moto
    }

    /// Starts an empty server, with the images of this file instead of moto's hundreds: emptying it is then four times
    /// as fast.
    pub(crate) fn with_images(images: &std::path::Path) -> Self {
        Self::start(Some(images))
    }

    fn start(images: Option<&std::path::Path>) -> Self {
        let python = python();
        let is_plain = std::cell::Cell::new(images.is_none());
        let idle = images.is_none().then(|| IDLE.lock().unwrap().pop()).flatten();
        let server = Some(idle.unwrap_or_else(|| Server::start(&python, images)));
        Self { server, python, is_plain }
    }

    /// Builds more, and returns what the script prints.
    pub(crate) fn seed(&self, scenarios: &[&str]) -> String {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/seed.py");
        let output = Command::new(&self.python).arg(script).arg(self.endpoint()).args(scenarios).output().unwrap();
        assert!(output.status.success(), "seed.py failed:\n{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The Python that runs it.
    pub(crate) fn python(&self) -> &std::path::Path {
        &self.python
    }

    /// Where it listens.
    pub(crate) fn endpoint(&self) -> &str {
        &self.server.as_ref().expect("until it is dropped").endpoint
    }

    /// From now on, signatures and rights are checked.
    pub(crate) fn check_rights(&self) {
        self.is_plain.set(false);
        let reply = self.server.as_ref().expect("until it is dropped").post("reset-auth", "0").unwrap();
        assert!(reply.contains(" 200 "), "{reply}");
    }
}

impl Server {
    fn start(python: &std::path::Path, images: Option<&std::path::Path>) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let process = Command::new(python)
            .args(["-c", SERVE, "-H", "127.0.0.1", "-p", &port.to_string()])
            .env_remove("AWS_ENDPOINT_URL")
            .envs(images.map(|path| ("MOTO_AMIS_PATH", path)))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Self { process, endpoint: format!("http://127.0.0.1:{port}") };
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Some(status) = server.process.try_wait().unwrap() {
                panic!("moto ended with {status}: does {} have moto[server]?", python.display());
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "moto does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        server
    }

    /// Sends a request to moto itself and gives the reply.
    fn post(&self, what: &str, body: &str) -> std::io::Result<String> {
        use std::io::{Read, Write};
        let mut connection = std::net::TcpStream::connect(self.endpoint.trim_start_matches("http://"))?;
        connection.set_read_timeout(Some(Duration::from_secs(60)))?;
        let length = body.len();
        write!(
            connection,
            "POST /moto-api/{what} HTTP/1.1\r\nHost: moto\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        )?;
        let mut reply = String::new();
        connection.read_to_string(&mut reply)?;
        Ok(reply)
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let Some(mut server) = self.server.take() else { return };
        let is_empty = || server.post("reset", "").is_ok_and(|reply| reply.contains(" 200 "));
        if self.is_plain.get() && !std::thread::panicking() && is_empty() {
            IDLE.lock().unwrap().push(server);
            return;
        }
        let _ = server.process.kill();
        let _ = server.process.wait();
    }
}

//! A moto server: AWS's APIs on loopback.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server of its own for each test; killed with it.
pub(crate) struct Moto {
    server: Child,
    endpoint: String,
    python: PathBuf,
}

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
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let server = Command::new(&python)
            .args(["-m", "moto.server", "-H", "127.0.0.1", "-p", &port.to_string()])
            .env_remove("AWS_ENDPOINT_URL")
            .envs(images.map(|path| ("MOTO_AMIS_PATH", path)))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut moto = Self { server, endpoint: format!("http://127.0.0.1:{port}"), python };
        moto.wait(port);
        moto
    }

    /// Builds more, and returns what the script prints.
    pub(crate) fn seed(&self, scenarios: &[&str]) -> String {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/seed.py");
        let output = Command::new(&self.python).arg(script).arg(&self.endpoint).args(scenarios).output().unwrap();
        assert!(output.status.success(), "seed.py failed:\n{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// The Python that runs it.
    pub(crate) fn python(&self) -> &std::path::Path {
        &self.python
    }

    /// Where it listens.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// From now on, signatures and rights are checked.
    pub(crate) fn check_rights(&self) {
        use std::io::{Read, Write};
        let address = self.endpoint.trim_start_matches("http://");
        let mut connection = std::net::TcpStream::connect(address).unwrap();
        let request =
            "POST /moto-api/reset-auth HTTP/1.1\r\nHost: moto\r\nConnection: close\r\nContent-Length: 1\r\n\r\n0";
        connection.write_all(request.as_bytes()).unwrap();
        let mut reply = String::new();
        connection.read_to_string(&mut reply).unwrap();
        assert!(reply.contains(" 200 "), "{reply}");
    }

    fn wait(&mut self, port: u16) {
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Some(status) = self.server.try_wait().unwrap() {
                panic!("moto ended with {status}: does {} have moto[server]?", self.python.display());
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "moto does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

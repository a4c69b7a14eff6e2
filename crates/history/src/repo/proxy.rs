//! The way out of a clone: a proxy within this process, which resolves each host itself and asks the guard before it
//! connects. libgit2 follows a redirect on its own, and a name may stand for another address at the next look: here every
//! hop is seen, and what was looked at is what is connected to.
//!
//! For `https` it is a tunnel (`CONNECT`). For `http` libgit2 takes no proxy, so that it is given an address of this one
//! with the true one in its path, `http://127.0.0.1:PORT/HOST:PORT/team.git`, and so is every redirect to `http`. From
//! `https` back to `http` libgit2 follows none.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use stackmark_collect::guard::{self, Consent};
use stackmark_evidence::Lack;
use stackmark_evidence::files::lack_of;

/// Bytes of one request's head.
const MAX_HEAD: u64 = 64 << 10;
/// For one connection.
const CONNECT: Duration = Duration::from_secs(30);

/// A host and a port of a URL, the host in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    host: String,
    port: u16,
}

/// What became of a connection that was not made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failed {
    /// The guard refused the address.
    Refused(String),
    /// There is no such host, or it does not answer; or what this machine lacked to ask it.
    Unreachable(String, Option<Lack>),
}

/// The proxy, for as long as this value lives.
#[derive(Debug)]
pub(super) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    /// What the roster names: it may be in a private network, as a university's forge is.
    named: Place,
    allow_private: bool,
    failed: Mutex<Option<Failed>>,
    is_over: AtomicBool,
}

impl Proxy {
    /// Starts it for a clone of `url`; `None` where the address is none of HTTP's, which is connected to as it is.
    ///
    /// # Errors
    /// This machine gives no port.
    pub(super) fn start(url: &str, allow_private: bool) -> std::io::Result<Option<Self>> {
        let Some(named) = place_of(url) else { return Ok(None) };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let shared =
            Arc::new(Shared { named, allow_private, failed: Mutex::default(), is_over: AtomicBool::new(false) });
        let of_thread = Arc::clone(&shared);
        std::thread::Builder::new().name("clone-proxy".to_owned()).spawn(move || {
            for stream in listener.incoming() {
                if of_thread.is_over.load(Ordering::Relaxed) {
                    return;
                }
                let (Ok(stream), shared) = (stream, Arc::clone(&of_thread)) else { continue };
                // What fails here, libgit2 sees as a closed connection.
                if let Err(error) = std::thread::Builder::new().spawn(move || drop(shared.serve(stream))) {
                    of_thread.lacks_a_thread(&error);
                }
            }
        })?;
        Ok(Some(Self { address, shared }))
    }

    /// Its own address.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address for libgit2 in place of `url`.
    pub(super) fn through(&self, url: &str) -> String {
        let Some((scheme, rest)) = url.split_once("://").filter(|(scheme, _)| scheme.eq_ignore_ascii_case("http"))
        else {
            return url.to_owned();
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        // User and password stay where libgit2 looks for them.
        let user = rest[..end].rsplit_once('@').map_or(String::new(), |(user, _)| format!("{user}@"));
        let Place { host, port } = &self.shared.named;
        format!("{scheme}://{user}{}/{host}:{port}{}", self.address, &rest[end..])
    }

    /// Why the last connection was not made.
    pub(super) fn failed(&self) -> Option<Failed> {
        self.shared.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::Relaxed);
        // Wakes who waits for a connection.
        drop(TcpStream::connect_timeout(&self.address, Duration::from_secs(1)));
    }
}

impl Shared {
    fn serve(&self, mut client: TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(client.try_clone()?);
        let Some(head) = head_of(&mut reader)? else { return Ok(()) };
        let Some(request) = Request::of(&head) else { return answer(&mut client, "400 Bad Request") };
        let mut server = match self.connect(&request.place) {
            Ok(server) => server,
            Err(failed) => {
                let status = if matches!(failed, Failed::Refused(_)) { "403 Forbidden" } else { "502 Bad Gateway" };
                *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(failed);
                return answer(&mut client, status);
            }
        };
        let is_tunnel = request.fields.is_none();
        match &request.fields {
            // The name and password of one host are not another's.
            Some(fields) => server.write_all(fields.head(&request.place, request.place == self.named).as_bytes())?,
            None => client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?,
        }
        server.write_all(reader.buffer())?;
        let (mut from_server, mut to_client) = (BufReader::new(server.try_clone()?), client.try_clone()?);
        let (own, place) = (client.local_addr()?, request.place.clone());
        let back = std::thread::Builder::new().spawn(move || {
            // What is no answer of HTTP is none for libgit2 either.
            if is_tunnel || pass_head(&mut from_server, &mut to_client, own, &place).unwrap_or(false) {
                let _ = std::io::copy(&mut from_server, &mut to_client);
            }
            let _ = to_client.shutdown(Shutdown::Write);
        });
        let back = back.inspect_err(|error| self.lacks_a_thread(error))?;
        let _ = std::io::copy(&mut client, &mut server);
        let _ = server.shutdown(Shutdown::Write);
        let _ = back.join();
        Ok(())
    }

    /// A lack of this machine's is told as one, and not as a connection that was closed.
    fn lacks_a_thread(&self, error: &std::io::Error) {
        let failed = Failed::Unreachable(format!("no thread to clone with: {error}"), Some(Lack::Machine));
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = Some(failed);
    }

    /// Connects to the first address of a place that the guard lets pass and that answers.
    fn connect(&self, place: &Place) -> Result<TcpStream, Failed> {
        let Place { host, port } = place;
        let bare = host.trim_matches(['[', ']']);
        let unreachable = |error: std::io::Error| Failed::Unreachable(format!("{host}: {error}"), lack_of(&error));
        let mut last = Failed::Unreachable(format!("{host}: it has no address"), None);
        let mut refused = None;
        for address in (bare, *port).to_socket_addrs().map_err(unreachable)? {
            if let Err(refusal) = self.check(place, address.ip()) {
                refused = Some(Failed::Refused(refusal.to_string()));
                continue;
            }
            match TcpStream::connect_timeout(&address, CONNECT) {
                Ok(stream) => return Ok(stream),
                Err(error) => last = unreachable(error),
            }
        }
        Err(refused.unwrap_or(last))
    }

    fn check(&self, place: &Place, address: IpAddr) -> Result<(), guard::Refusal> {
        let Place { host, port } = place;
        if self.allow_private {
            return guard::check(host, address, Consent::Private);
        }
        // The same host by TLS is what forges redirect to; another port of it is another service.
        let is_named = *host == self.named.host && (*port == self.named.port || (self.named.port, *port) == (80, 443));
        if is_named { guard::check_named(host, address) } else { guard::check(host, address, Consent::Public) }
    }
}

/// One request.
struct Request {
    place: Place,
    /// `None` for a tunnel, through which nothing is looked at.
    fields: Option<Fields>,
}

/// The head of a request that is passed on.
struct Fields {
    method: String,
    path: String,
    /// Its lines but the first, and but those that are about this connection.
    lines: Vec<String>,
}

impl Request {
    fn of(head: &str) -> Option<Self> {
        let mut lines = lines_of(head);
        let first = lines.next()?;
        let mut words = first.split(' ');
        let (method, target) = (words.next()?, words.next()?);
        if method == "CONNECT" {
            return Some(Self { place: authority(target, 443)?, fields: None });
        }
        // With a proxy in its options libgit2 writes the whole address, which is this proxy's own.
        let path = match target.strip_prefix("http://") {
            Some(whole) => &whole[whole.find('/')?..],
            None => target,
        };
        let rest = path.strip_prefix('/')?;
        let (host, path) = rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash));
        let ours = ["host", "connection", "proxy-connection", "proxy-authorization", "keep-alive"];
        let kept = lines.filter(|line| !ours.iter().any(|ours| name_of(line).eq_ignore_ascii_case(ours)));
        let (method, path, lines) = (method.to_owned(), path.to_owned(), kept.map(str::to_owned).collect());
        Some(Self { place: authority(host, 80)?, fields: Some(Fields { method, path, lines }) })
    }
}

impl Fields {
    /// As the server gets it; one request a connection, for the next one may be for another host.
    fn head(&self, Place { host, port }: &Place, is_named: bool) -> String {
        let kept = self.lines.iter().filter(|line| is_named || !name_of(line).eq_ignore_ascii_case("authorization"));
        let kept: String = kept.map(|line| format!("{line}\r\n")).collect();
        let host = if *port == 80 { host.clone() } else { format!("{host}:{port}") };
        format!("{} {} HTTP/1.1\r\nHost: {host}\r\n{kept}Connection: close\r\n\r\n", self.method, self.path)
    }
}

/// The lines of a head up to the empty one, without what some parsers take for more than one line.
fn lines_of(head: &str) -> impl Iterator<Item = &str> {
    let lines = head.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    lines.filter(|line| {
        !line.is_empty() && !line.starts_with([' ', '\t']) && !line.contains(|c: char| c.is_control() && c != '\t')
    })
}

fn name_of(line: &str) -> &str {
    line.split(':').next().unwrap_or_default().trim()
}

/// Passes the head of an answer on, with its redirect led through this proxy; whether there is one.
fn pass_head(
    server: &mut BufReader<TcpStream>,
    client: &mut TcpStream,
    own: SocketAddr,
    place: &Place,
) -> std::io::Result<bool> {
    let head = loop {
        let Some(head) = head_of(server)? else { return Ok(false) };
        // An answer on the way is not passed on: the true one comes behind it.
        if !head.split(' ').nth(1).is_some_and(|status| status.starts_with('1')) {
            break head;
        }
    };
    let mut passed = String::new();
    for line in lines_of(&head) {
        if !name_of(line).eq_ignore_ascii_case("location") {
            passed.push_str(&format!("{line}\r\n"));
        } else if let Some(to) = line.split_once(':').and_then(|(_, to)| redirected(to.trim(), own, place)) {
            passed.push_str(&format!("Location: {to}\r\n"));
        }
    }
    client.write_all(format!("{passed}\r\n").as_bytes())?;
    Ok(true)
}

/// Where a redirect leads libgit2: to `https` as it is, to `http` through this proxy; `None` for anything else.
fn redirected(to: &str, own: SocketAddr, place: &Place) -> Option<String> {
    let lower = to.to_ascii_lowercase();
    if lower.starts_with("https://") {
        return Some(to.to_owned());
    }
    if to.starts_with('/') && !to.starts_with("//") {
        return Some(format!("http://{own}/{}:{}{to}", place.host, place.port));
    }
    let rest = if lower.starts_with("http://") { &to[7..] } else { to.strip_prefix("//")? };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let Place { host, port } = authority(rest[..end].rsplit('@').next()?, 80)?;
    Some(format!("http://{own}/{host}:{port}{}", &rest[end..]))
}

/// A head with the empty line at its end; `None` where the connection was closed before one came, or it is no text.
fn head_of(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<String>> {
    let mut head = Vec::new();
    let mut left = MAX_HEAD;
    loop {
        let read = reader.by_ref().take(left).read_until(b'\n', &mut head)?;
        left -= read as u64;
        if read == 0 {
            return Ok(None);
        }
        if head.ends_with(b"\r\n\r\n") || head.ends_with(b"\n\n") {
            return Ok(String::from_utf8(head).ok());
        }
    }
}

fn answer(client: &mut TcpStream, status: &str) -> std::io::Result<()> {
    client.write_all(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").as_bytes())
}

/// Host and port of `http://` and `https://` addresses.
fn place_of(url: &str) -> Option<Place> {
    let (scheme, rest) = url.split_once("://")?;
    let port = match scheme.to_ascii_lowercase().as_str() {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    authority(rest[..end].rsplit('@').next()?, port)
}

/// `host`, `host:port` or `[address]:port`.
fn authority(text: &str, port: u16) -> Option<Place> {
    let split = match text.rfind(']') {
        Some(end) => (&text[..=end], text[end + 1..].strip_prefix(':')),
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let (host, given) = split;
    let port = match given {
        Some(given) => given.parse().ok()?,
        None => port,
    };
    (!host.is_empty()).then(|| Place { host: host.to_ascii_lowercase(), port })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shared(named: &str, allow_private: bool) -> Shared {
        let named = place_of(named).expect("an address of HTTP");
        Shared { named, allow_private, failed: Mutex::default(), is_over: AtomicBool::new(false) }
    }

    #[test]
    fn a_private_forge_is_the_rosters_word_and_a_redirect_is_the_teams() {
        let public = shared("https://forge.example/team.git", false);
        let campus = shared("http://10.1.2.3:8080/team.git", false);
        for (shared, place, address, passes) in [
            (&public, "forge.example:443", "3.5.140.2", true),
            (&public, "other.example:443", "3.5.140.2", true),
            (&public, "other.example:80", "10.0.0.1", false),
            (&public, "other.example:80", "127.0.0.1", false),
            (&public, "forge.example:443", "127.0.0.1", false),
            (&public, "forge.example:443", "10.1.2.3", true),
            (&public, "forge.example:9200", "10.1.2.3", false),
            (&public, "169.254.169.254:80", "169.254.169.254", false),
            (&public, "[::1]:80", "::1", false),
            (&campus, "10.1.2.3:8080", "10.1.2.3", true),
            (&campus, "10.1.2.3:9200", "10.1.2.3", false),
            (&campus, "10.1.2.4:8080", "10.1.2.4", false),
        ] {
            let place = authority(place, 80).unwrap();
            assert_eq!(shared.check(&place, address.parse().unwrap()).is_ok(), passes, "{place:?} {address}");
        }
        let allowed = shared("https://forge.example/team.git", true);
        let check =
            |host: &str, address: &str| allowed.check(&authority(host, 80).unwrap(), address.parse().unwrap()).is_ok();
        assert!(check("other.example", "127.0.0.1"));
        assert!(!check("other.example", "169.254.169.254"), "nothing permits that");
    }

    #[test]
    fn a_request_is_passed_on_in_the_form_for_its_server() {
        let head = "GET /h.example:81/a/info/refs?service=x HTTP/1.1\r\nHost: 127.0.0.1:9\r\nAuthorization: Basic eDp5\r\nConnection: keep-alive\r\n\r\n";
        let request = Request::of(head).unwrap();
        assert_eq!(request.place, Place { host: "h.example".to_owned(), port: 81 });
        let fields = request.fields.unwrap();
        let passed = "GET /a/info/refs?service=x HTTP/1.1\r\nHost: h.example:81\r\nConnection: close\r\n\r\n";
        assert_eq!(fields.head(&request.place, false), passed);
        assert!(fields.head(&request.place, true).contains("Authorization: Basic eDp5\r\n"));
        let tunnel = Request::of("CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n\r\n").unwrap();
        assert!(tunnel.fields.is_none());
        assert_eq!(tunnel.place, Place { host: "[::1]".to_owned(), port: 443 });
        let whole = Request::of("GET http://127.0.0.1:9/h.example:81/a HTTP/1.1\r\n\r\n").unwrap();
        assert_eq!((whole.place.host.as_str(), whole.fields.unwrap().path.as_str()), ("h.example", "/a"));
        assert!(Request::of("GET http://h.example/ HTTP/1.1\r\n\r\n").is_none());
    }

    #[test]
    fn every_redirect_to_http_leads_through_it() {
        let (own, place) = ("127.0.0.1:9".parse().unwrap(), Place { host: "h.example".to_owned(), port: 81 });
        for (to, expected) in [
            ("https://forge.example/a", Some("https://forge.example/a")),
            ("http://10.0.0.1/a?b", Some("http://127.0.0.1:9/10.0.0.1:80/a?b")),
            ("HTTP://u:p@[::1]:8080/a", Some("http://127.0.0.1:9/[::1]:8080/a")),
            ("//other.example/a", Some("http://127.0.0.1:9/other.example:80/a")),
            ("/b/info/refs", Some("http://127.0.0.1:9/h.example:81/b/info/refs")),
            ("file:///etc/passwd", None),
            ("b", None),
        ] {
            assert_eq!(redirected(to, own, &place).as_deref(), expected, "{to}");
        }
        let folded = "HTTP/1.1 302 Found\r\nX: a\nLocation: http://10.0.0.1/\r\nLocation:\r\n http://10.0.0.1/\r\n\r\n";
        let lines: Vec<&str> = lines_of(folded).collect();
        assert_eq!(lines, ["HTTP/1.1 302 Found", "X: a", "Location: http://10.0.0.1/", "Location:"]);
    }

    #[test]
    fn the_true_address_stands_in_the_path() {
        let proxy = Proxy::start("http://u:p@h.example/team.git?x", false).unwrap().unwrap();
        let (own, url) = (proxy.address, "http://u:p@h.example/team.git?x");
        assert_eq!(proxy.through(url), format!("http://u:p@{own}/h.example:80/team.git?x"));
        assert_eq!(proxy.through("https://h.example/x"), "https://h.example/x");
    }

    #[test]
    fn only_addresses_of_http_go_through_it() {
        assert_eq!(place_of("https://u:p@Forge.example/x").unwrap().host, "forge.example");
        assert_eq!(place_of("http://[::1]:8080/x").unwrap().port, 8080);
        assert!(place_of("ssh://forge.example/x").is_none() && place_of("/srv/x").is_none());
    }
}

//! The way out of a clone: a proxy within this process, which resolves each host itself and asks the guard before it
//! connects. libgit2 follows a redirect on its own, and a name may stand for another address at the next look: here every
//! hop is seen, and what was looked at is what is connected to.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use stackmark_collect::guard::{self, Consent};

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
    /// There is no such host, or it does not answer.
    Unreachable(String),
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
                std::thread::spawn(move || drop(shared.serve(stream)));
            }
        })?;
        Ok(Some(Self { address, shared }))
    }

    /// Its own address.
    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
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
        match &request.head {
            Some(head) => server.write_all(head.as_bytes())?,
            None => client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?,
        }
        server.write_all(reader.buffer())?;
        let (mut from_server, mut to_client) = (server.try_clone()?, client.try_clone()?);
        let back = std::thread::spawn(move || {
            let _ = std::io::copy(&mut from_server, &mut to_client);
            let _ = to_client.shutdown(Shutdown::Write);
        });
        let _ = std::io::copy(&mut client, &mut server);
        let _ = server.shutdown(Shutdown::Write);
        let _ = back.join();
        Ok(())
    }

    /// Connects to the first address of a place that the guard lets pass and that answers.
    fn connect(&self, place: &Place) -> Result<TcpStream, Failed> {
        let Place { host, port } = place;
        let bare = host.trim_matches(['[', ']']);
        let unreachable = |error: std::io::Error| Failed::Unreachable(format!("{host}: {error}"));
        let mut last = Failed::Unreachable(format!("{host}: it has no address"));
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

/// One request as it is passed on.
struct Request {
    place: Place,
    /// `None` for a tunnel, through which nothing is looked at.
    head: Option<String>,
}

impl Request {
    fn of(head: &str) -> Option<Self> {
        let (first, fields) = head.split_once("\r\n")?;
        let mut words = first.split(' ');
        let (method, target, version) = (words.next()?, words.next()?, words.next()?);
        if method == "CONNECT" {
            return Some(Self { place: authority(target, 443)?, head: None });
        }
        let rest = target.strip_prefix("http://")?;
        let (host, path) = rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash));
        let place = authority(host, 80)?;
        // One request a connection: the next one may be for another host.
        let kept = fields.split("\r\n").filter(|field| {
            let name = field.split(':').next().unwrap_or_default();
            !field.is_empty()
                && !["connection", "proxy-connection", "proxy-authorization", "keep-alive"]
                    .iter()
                    .any(|ours| name.eq_ignore_ascii_case(ours))
        });
        let kept: String = kept.map(|field| format!("{field}\r\n")).collect();
        Some(Self { place, head: Some(format!("{method} {path} {version}\r\n{kept}Connection: close\r\n\r\n")) })
    }
}

/// A request's head, with the empty line at its end; `None` where the connection was closed before one came.
fn head_of(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<String>> {
    let mut head = Vec::new();
    let mut left = MAX_HEAD;
    loop {
        let read = reader.by_ref().take(left).read_until(b'\n', &mut head)?;
        left -= read as u64;
        if read == 0 {
            return Ok(None);
        }
        if head.ends_with(b"\r\n\r\n") {
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
        let head = "GET http://h.example:81/a/info/refs?service=x HTTP/1.1\r\nHost: h.example:81\r\nConnection: keep-alive\r\n\r\n";
        let request = Request::of(head).unwrap();
        assert_eq!(request.place, Place { host: "h.example".to_owned(), port: 81 });
        let expected = "GET /a/info/refs?service=x HTTP/1.1\r\nHost: h.example:81\r\nConnection: close\r\n\r\n";
        assert_eq!(request.head.as_deref(), Some(expected));
        let tunnel = Request::of("CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n\r\n").unwrap();
        assert_eq!((tunnel.place.host.as_str(), tunnel.place.port, tunnel.head), ("[::1]", 443, None));
        assert!(Request::of("GET /relative HTTP/1.1\r\n\r\n").is_none());
    }

    #[test]
    fn only_addresses_of_http_go_through_it() {
        assert_eq!(place_of("https://u:p@Forge.example/x").unwrap().host, "forge.example");
        assert_eq!(place_of("http://[::1]:8080/x").unwrap().port, 8080);
        assert!(place_of("ssh://forge.example/x").is_none() && place_of("/srv/x").is_none());
    }
}

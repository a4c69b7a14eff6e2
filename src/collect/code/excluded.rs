//! Which files nobody of the team wrote by hand.

/// Why the file at `path` does not count, or `None` where it does; `content_head` is how it begins.
pub(in crate::collect) fn why_excluded(path: &str, content_head: Option<&[u8]>) -> Option<&'static str> {
    const VENDORED: [&str; 8] =
        [".venv", "venv", "env", "node_modules", "site-packages", "vendor", "__pycache__", ".terraform"];
    if path.split('/').any(|part| VENDORED.contains(&part)) {
        return Some("vendored");
    }
    if path.ends_with(".lock") || path.ends_with("-lock.json") || path.ends_with(".lock.hcl") {
        return Some("lock file");
    }
    let utf16 = content_head.is_some_and(|head| head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]));
    if !utf16 && content_head.is_some_and(|head| head.iter().take(8000).any(|&byte| byte == 0)) {
        return Some("binary");
    }
    None
}

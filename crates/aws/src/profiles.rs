//! What is wrong with the shared profile files, which the SDK tells without the line. Nothing of a line is ever repeated: it
//! may be half a secret.

use std::collections::BTreeSet;
use std::path::PathBuf;

/// One of the two shared files.
struct Shared {
    /// As messages name it.
    name: String,
    path: Option<PathBuf>,
    /// In the file of credentials a section is `[name]`, in the other one `[profile name]`.
    of_credentials: bool,
}

/// Where the files are: the environment's, else those below the home folder.
fn shared_files() -> [Shared; 2] {
    let file = |variable: &str, default: &str, of_credentials| {
        let own = std::env::var_os(variable).filter(|path| !path.is_empty());
        match own {
            Some(path) => Shared { name: variable.to_owned(), path: Some(path.into()), of_credentials },
            None => {
                let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"));
                let path = home.map(|home| PathBuf::from(home).join(".aws").join(default));
                Shared { name: format!("~/.aws/{default}"), path, of_credentials }
            }
        }
    };
    [file("AWS_SHARED_CREDENTIALS_FILE", "credentials", true), file("AWS_CONFIG_FILE", "config", false)]
}

/// The first line of the files that does not parse, in words.
pub(super) fn bad_line() -> Option<String> {
    shared_files().into_iter().find_map(|file| {
        let text = std::fs::read(file.path?).ok()?;
        let (line, what) = fault_of(&String::from_utf8_lossy(&text))?;
        Some(format!("{}, line {line}: {what}", file.name))
    })
}

/// That no file has this profile, in words; `None` where one does, or where there is no file.
pub(super) fn no_such_profile(profile: &str) -> Option<String> {
    let mut found = BTreeSet::new();
    let mut misnamed = false;
    let mut looked_in = Vec::new();
    for file in shared_files() {
        let Some(text) = file.path.and_then(|path| std::fs::read(path).ok()) else { continue };
        looked_in.push(file.name);
        for section in sections(&String::from_utf8_lossy(&text)) {
            let in_full = section.strip_prefix("profile ").map(str::trim);
            match (file.of_credentials, in_full) {
                (true, Some(name)) => misnamed |= name == profile,
                (false, Some(name)) => {
                    found.insert(name.to_owned());
                }
                (true, None) => {
                    found.insert(section);
                }
                (false, None) if section == "default" => {
                    found.insert(section);
                }
                (false, None) => misnamed |= section == profile,
            }
        }
    }
    if looked_in.is_empty() || found.contains(profile) {
        return None;
    }
    let looked_in = looked_in.join(" or ");
    if misnamed {
        return Some(format!(
            "the section of profile `{profile}` is misnamed: write [{profile}] in ~/.aws/credentials, [profile {profile}] in \
             ~/.aws/config"
        ));
    }
    let there: Vec<String> = found.into_iter().collect();
    Some(format!("no profile `{profile}` in {looked_in}; there are: {}", there.join(", ")))
}

fn sections(text: &str) -> Vec<String> {
    let inside = |line: &str| Some(line.trim().strip_prefix('[')?.split_once(']')?.0.trim().to_owned());
    text.trim_start_matches('\u{feff}').lines().filter_map(inside).collect()
}

/// The first line that does not parse, from 1, and what is wrong with it.
fn fault_of(text: &str) -> Option<(usize, &'static str)> {
    if text.starts_with('\u{feff}') {
        return Some((1, "the file begins with a byte order mark: save it as UTF-8 without BOM"));
    }
    let (mut in_section, mut in_property) = (false, false);
    for (number, line) in text.lines().enumerate().map(|(at, line)| (at + 1, line)) {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if line.starts_with([' ', '\t']) {
            if !in_property {
                return Some((number, "the line is indented: remove the blanks before it"));
            }
            continue;
        }
        if trimmed.starts_with('[') {
            if !trimmed.contains(']') {
                return Some((number, "the section's name has no closing bracket"));
            }
            (in_section, in_property) = (true, false);
            continue;
        }
        if !trimmed.contains('=') {
            return Some((number, "neither a section nor a setting (`name = value`): a value goes on one line"));
        }
        if !in_section {
            return Some((number, "a setting before the first section"));
        }
        in_property = true;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_does_not_parse_is_found() {
        let plain = "[lab]\naws_access_key_id = A\naws_secret_access_key=B\naws_session_token = C=\n";
        for (text, line) in [
            (plain.to_owned(), None),
            (plain.replace('\n', "\r\n"), None),
            (format!("# mine\n\n{plain}"), None),
            ("[default]\ns3 =\n  max_concurrent_requests = 20\n".to_owned(), None),
            (format!("\u{feff}{plain}"), Some(1)),
            (plain.replace("\naws", "\n  aws"), Some(2)),
            (plain.replace("C=", "C\nD"), Some(5)),
            (format!("[other\nfoo\n{plain}"), Some(1)),
            ("region = x\n".to_owned(), Some(1)),
        ] {
            assert_eq!(fault_of(&text).map(|(line, _)| line), line, "{text}");
        }
    }

    #[test]
    fn sections_are_read_without_their_comments() {
        assert_eq!(sections("[ lab ] # mine\nx = 1\n[profile two]\n"), ["lab", "profile two"]);
    }
}

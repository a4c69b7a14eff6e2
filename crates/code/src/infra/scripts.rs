//! What user data leads to: files that it installs from or runs, a script that the program writes first, and user data of
//! which only the name is known.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use tokei::LanguageType;

use super::installs::package;
use crate::source::{Source, file_name};
use stackmark_evidence::infrastructure::UserData;

struct Patterns {
    led_to: Regex,
    address: Regex,
    given: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    Some(Patterns {
        led_to: Regex::new(
            r#"(?:^|[\s;&|/"'])([\w.-]+\.(?:sh|bash))\b|(?:\s-r|--requirement)[\s=]*["']?(?:[^\s"']*/)?([\w.-]+\.txt)\b"#,
        )
        .ok()?,
        address: Regex::new(r#"--user-data[=\s]+["']?(fileb?://[^\s"']+)"#).ok()?,
        given: Regex::new(
            r#"(?:\b(?:UserData|userData|user_data|user_data_base64|UserDataBase64)\b["']?\s*[:=]|--user-data\b[=\s]|\s-(?:UserData|EncodeUserData)\b)\s*(.*)"#,
        )
        .ok()?,
    })
});

/// The names of files that a script runs or installs from, each with the files of the repository that have it.
pub(super) fn led_to<'p>(script: &str, paths: &[&'p str]) -> Vec<(String, Vec<&'p str>)> {
    let Some(patterns) = PATTERNS.as_ref() else { return Vec::new() };
    let lines = script.lines().filter(|line| !line.trim_start().starts_with('#'));
    let names: BTreeSet<String> = lines
        .flat_map(|line| patterns.led_to.captures_iter(line))
        .filter_map(|found| found.get(1).or_else(|| found.get(2)).map(|name| name.as_str().to_owned()))
        .collect();
    let with_files = |name: String| {
        let files = paths.iter().copied().filter(|path| file_name(path) == name).collect();
        (name, files)
    };
    names.into_iter().map(with_files).collect()
}

/// The packages of a `requirements.txt`.
pub(super) fn requirements(text: &str) -> Vec<String> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    lines.filter(|line| !line.is_empty() && !line.starts_with('-')).take(300).map(package).collect()
}

/// What a shell script writes into the file that `given` names, between `<<EOF` and `EOF`.
pub(super) fn written(script: &str, given: &str) -> Option<String> {
    let name = file_name(given);
    let is_between = |c: char| c.is_whitespace() || matches!(c, '>' | '"' | '\'' | '/');
    let mut lines = script.lines();
    let opening = lines.by_ref().find(|line| line.contains("<<") && line.split(is_between).any(|word| word == name))?;
    let mark = opening.split_once("<<")?.1.trim_start_matches('-').trim_start().trim_start_matches(['"', '\'', '\\']);
    let mark: String = mark.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let body: Vec<&str> = lines.take_while(|line| line.trim() != mark).collect();
    (!mark.is_empty()).then(|| body.join("\n"))
}

/// Line and address of the scripts that commands give in files whose shell is not parsed: makefiles, pipelines, batch files.
pub(super) fn addresses(source: &Source) -> Vec<(u64, String)> {
    let is_parsed = matches!(source.language, LanguageType::Sh | LanguageType::Bash | LanguageType::Zsh);
    let Some(patterns) = PATTERNS.as_ref().filter(|_| !is_parsed && source.language != LanguageType::Markdown) else {
        return Vec::new();
    };
    let lines = (1..).zip(source.text.lines()).filter(|(_, line)| !is_comment(line));
    let found = lines.filter_map(|(line, text)| Some((line, patterns.address.captures(text)?.get(1)?)));
    found.map(|(line, address)| (line, address.as_str().to_owned())).collect()
}

fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with(['#', '*']) || line.starts_with("//")
}

/// User data that a file gives in a way that is not read, at its first place; files in `known` are read.
pub(super) fn mentioned(sources: &[Source], known: &BTreeSet<String>) -> Vec<UserData> {
    let Some(patterns) = PATTERNS.as_ref() else { return Vec::new() };
    let is_something = |value: &str| {
        let value = value.trim();
        !["\"\"", "''", "None", "null", "undefined", "="].iter().any(|nothing| value.starts_with(nothing))
            && !value.is_empty()
    };
    let mut found = Vec::new();
    for source in sources {
        if known.contains(&source.path) || matches!(source.language, LanguageType::Markdown | LanguageType::Json) {
            continue;
        }
        let mut lines = (1..).zip(source.text.lines()).filter(|(_, line)| !is_comment(line));
        let gives = |line: &str| patterns.given.captures(line).is_some_and(|found| is_something(&found[1]));
        let Some((line, _)) = lines.find(|(_, line)| gives(line)) else { continue };
        found.push(UserData {
            path: source.path.clone(),
            line,
            script: None,
            text: String::new(),
            bytes: 0,
            installs: Vec::new(),
            open: Some("user data whose script is not read".to_owned()),
            unreachable: None,
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_a_script_leads_to_are_named() {
        let paths = ["app/requirements.txt", "setup.sh", "other.sh"];
        let led =
            led_to("#!/bin/bash\n# bash other.sh\npip3 install -r /app/requirements.txt\n./setup.sh && x\n", &paths);
        assert_eq!(led, [("requirements.txt".to_owned(), vec![paths[0]]), ("setup.sh".to_owned(), vec![paths[1]])]);
        assert_eq!(led_to("pip install -r needs.txt\n", &paths), [("needs.txt".to_owned(), Vec::<&str>::new())]);
        assert_eq!(requirements("flask==2.0\n# no\n-e .\nboto3 # aws\n"), ["flask", "boto3"]);
    }

    #[test]
    fn a_script_that_a_program_writes_is_read() {
        let script = "cat > /tmp/ud.sh <<'EOF'\n#!/bin/bash\npip install flask\nEOF\naws ec2 run-instances --user-data file://ud.sh\n";
        assert_eq!(written(script, "file:///tmp/ud.sh").as_deref(), Some("#!/bin/bash\npip install flask"));
        assert_eq!(written(script, "file://other.sh"), None);
    }

    #[test]
    fn addresses_are_found_where_no_shell_is_parsed() {
        let of = |language: LanguageType| {
            let text = "up:\n\taws ec2 run-instances --user-data file://a/u.sh\n# --user-data file://b.sh\n";
            addresses(&Source { path: "f".into(), language, text: text.into() })
        };
        assert_eq!(of(LanguageType::Makefile), [(2, "file://a/u.sh".to_owned())]);
        assert!(of(LanguageType::Sh).is_empty());
    }

    #[test]
    fn user_data_that_is_not_read_is_told_and_none_is_not() {
        let lines = |language: LanguageType, text: &str| -> Vec<u64> {
            let source = Source { path: "f".into(), language, text: text.into() };
            mentioned(&[source], &BTreeSet::new()).into_iter().map(|row| row.line).collect()
        };
        assert_eq!(lines(LanguageType::Python, "x = 1\nWeb().launch(UserData=DATA)\n"), [2]);
        assert_eq!(lines(LanguageType::Yaml, "- run: aws ec2 run-instances --user-data file://a.sh\n"), [1]);
        for text in ["launch(UserData='')\n", "# UserData=x\n", "def f(user_data=None):\n", "if user_data == x:\n"] {
            assert!(lines(LanguageType::Python, text).is_empty(), "{text}");
        }
    }
}

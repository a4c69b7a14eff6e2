//! Ways by which software gets onto machines beside user data: what they bring is a person's question, never nothing.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;
use tokei::LanguageType;

use super::calls;
use super::value::Budget;
use crate::source::{Source, file_name};
use stackmark_evidence::infrastructure::UserData;

/// How calls and commands of these names bring something; a name that begins with a dot fits any object's method.
const WAYS: [(&str, &str); 18] = [
    ("scp", "scp"),
    ("rsync", "rsync"),
    ("sftp", "sftp"),
    ("ssh", "ssh"),
    ("sshpass", "ssh"),
    ("ansible-playbook", "Ansible"),
    ("ansible", "Ansible"),
    ("packer", "Packer"),
    ("eb", "the Elastic Beanstalk command line"),
    ("paramiko.SSHClient", "paramiko"),
    (".exec_command", "a command over SSH"),
    ("fabric.Connection", "Fabric"),
    ("scp.SCPClient", "scp"),
    (".send_command", "Systems Manager's Run Command"),
    ("aws ssm send-command", "Systems Manager's Run Command"),
    ("aws deploy create-deployment", "CodeDeploy"),
    ("provisioner.remote-exec", "a remote-exec provisioner"),
    ("provisioner.file", "a file provisioner"),
];

/// Commands in strings of programs: `os.system("scp app.py …")`, `["ssh", "-i", key]`.
static IN_STRING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"["'`](?:sudo )?(scp|rsync|sftp|ssh|sshpass|ansible-playbook|eb (?:create|deploy)|packer build)\b["' ]"#,
    )
    .ok()
});

/// One row for each way and file, at the first place.
pub(super) fn find(sources: &[Source]) -> Vec<UserData> {
    let budget = Budget::new();
    let mut ways: BTreeMap<(&str, String), u64> = BTreeMap::new();
    let mut add = |path, way: &str, line: u64| {
        let first = ways.entry((path, way.to_owned())).or_insert(line);
        *first = line.min(*first);
    };
    for source in sources {
        let path = source.path.as_str();
        for call in calls::of(source, &budget) {
            let fits = |name: &str| call.name == name || (name.starts_with('.') && call.name.ends_with(name));
            if let Some((_, way)) = WAYS.iter().find(|(name, _)| fits(name)) {
                add(path, way, call.line);
            }
        }
        if !matches!(source.language, LanguageType::Markdown | LanguageType::Json) {
            for (line, text) in (1..).zip(source.text.lines()) {
                let comment = text.trim_start().starts_with(['#', '*']) || text.trim_start().starts_with("//");
                let found = IN_STRING.as_ref().filter(|_| !comment).and_then(|pattern| pattern.captures(text));
                if let Some(word) = found.and_then(|found| found.get(1)) {
                    let program = word.as_str().split(' ').next().unwrap_or_default();
                    let way = WAYS.iter().find(|(name, _)| *name == program).map_or(program, |(_, way)| *way);
                    add(path, way, line);
                }
            }
        }
        if let Some(way) = of_file(source) {
            add(path, way, 1);
        }
    }
    let row = |((path, way), line): ((&str, String), u64)| UserData {
        path: path.to_owned(),
        line,
        script: None,
        text: String::new(),
        bytes: 0,
        installs: Vec::new(),
        open: Some(way),
        unreachable: None,
    };
    ways.into_iter().map(row).collect()
}

/// A file that is such a way by its name or its shape.
fn of_file(source: &Source) -> Option<&'static str> {
    let name = file_name(&source.path).to_ascii_lowercase();
    let has_key = |key: &str| source.text.lines().any(|line| line.trim_start_matches(['-', ' ']).starts_with(key));
    match source.language {
        LanguageType::Yaml if name == "appspec.yml" || name == "appspec.yaml" => Some("CodeDeploy"),
        LanguageType::Yaml if has_key("hosts:") && (has_key("tasks:") || has_key("roles:")) => Some("Ansible"),
        LanguageType::Hcl if name.ends_with(".pkr.hcl") => Some("Packer"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &str, language: LanguageType, text: &str) -> Vec<String> {
        let source = Source { path: path.into(), language, text: text.into() };
        find(&[source]).into_iter().map(|row| format!("{} {}", row.line, row.open.unwrap_or_default())).collect()
    }

    #[test]
    fn other_ways_are_told_with_their_place() {
        let sh = "#!/bin/bash\nscp -i k app.py ubuntu@$IP:\n# rsync a b\neb create shop\n";
        assert_eq!(found("up.sh", LanguageType::Sh, sh), ["2 scp", "4 the Elastic Beanstalk command line"]);
        let py = "import paramiko, os\nc = paramiko.SSHClient()\nos.system('scp app.py host:')\nssm.send_command(Parameters=p)\n";
        assert_eq!(
            found("up.py", LanguageType::Python, py),
            ["4 Systems Manager's Run Command", "2 paramiko", "3 scp"]
        );
        assert_eq!(found("appspec.yml", LanguageType::Yaml, "version: 0.0\nos: linux\n"), ["1 CodeDeploy"]);
        assert_eq!(found("app.py", LanguageType::Python, "x = 'sshd'\n"), Vec::<String>::new());
    }
}

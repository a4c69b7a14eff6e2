//! What the system starts at boot: units of systemd, in files of their own or within scripts, and other managers.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use tokei::LanguageType;

use crate::cloud::reach::WhenAsked;
use crate::source::{Source, file_name};
use crate::text::{decode, one_line};
use stackmark_collect::tree::{Blobs, TreeFile};
use stackmark_evidence::Unreadable;
use stackmark_evidence::infrastructure::Service;

/// Larger files are no units.
const MOST_BYTES: u64 = 64 << 10;
/// Longest command that is kept, in characters.
const LONGEST: usize = 200;
/// Lines before a unit's first in which its name may stand.
const LINES_BEFORE: usize = 8;

static UNIT_NAME: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"([\w@.${}\-]+\.service)\b").ok());
static ENABLES: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"systemctl\s+(?:--?\S+\s+)*enable\s+(?:--?\S+\s+)*([\w@.${}\-]+)").ok());
static OTHERS: LazyLock<Vec<(&str, Option<Regex>)>> = LazyLock::new(|| {
    [
        ("supervisor", r"^\s*\[program:"),
        ("pm2", r"\bpm2\s+(?:startup|save)\b"),
        ("cron @reboot", r"@reboot\s+\S"),
        ("docker restart policy", r"--restart[= ](?:always|unless-stopped)|^\s*restart:\s*.?(?:always|unless-stopped)"),
        ("init script", r"\b(?:update-rc\.d|chkconfig|rc-update)\s+\S|/etc/rc\.local\b"),
    ]
    .into_iter()
    .map(|(manager, pattern)| (manager, Regex::new(pattern).ok()))
    .collect()
});

/// All of them, by path and line.
///
/// # Errors
/// `Malformed` where a blob is missing.
pub(super) fn find(
    blobs: &dyn Blobs,
    tree: &[TreeFile],
    sources: &[Source],
    reach: &WhenAsked<'_>,
) -> Result<Vec<Service>, Unreadable> {
    let mut found = Vec::new();
    let is_unit = |file: &&TreeFile| {
        unit_name(&file.path).ends_with(".service") && !file.link && file.size <= MOST_BYTES && file.aside.is_none()
    };
    for file in tree.iter().filter(is_unit) {
        let text = decode(&blobs.read(file)?);
        let mut units = units(&file.path, &text);
        for unit in &mut units {
            unit.name = unit_name(&file.path).to_owned();
        }
        found.extend(units);
    }
    let mut enabled: BTreeSet<String> = BTreeSet::new();
    for source in sources.iter().filter(|source| !is_prose(source.language)) {
        found.extend(units(&source.path, &source.text));
        found.extend(others(source, reach));
        for (number, line) in (1..).zip(source.text.lines()).filter(|(_, line)| !is_comment(line)) {
            let names = ENABLES.as_ref().and_then(|pattern| pattern.captures(line)).and_then(|found| found.get(1));
            let names = names.filter(|_| reach.why_not(&source.path, number).is_none());
            enabled.extend(names.map(|name| stem(name.as_str()).to_owned()));
        }
    }
    for service in &mut found {
        service.unreachable = reach.why_not(&service.path, service.line);
    }
    for unit in found.iter_mut().filter(|unit| unit.manager == "systemd") {
        let name = stem(&unit.name).to_owned();
        // A name that only a run would tell may be this one.
        unit.enabled = enabled.iter().any(|enabled| *enabled == name || enabled.contains('$') || name.contains('$'));
    }
    found.sort_by(|a, b| (&a.path, a.line, &a.manager).cmp(&(&b.path, b.line, &b.manager)));
    found.dedup();
    Ok(found)
}

/// The name of a unit's file, also of a template that is filled in: `app.service.tftpl`. Jinja's are read as source.
fn unit_name(path: &str) -> &str {
    let name = file_name(path);
    [".tftpl", ".template", ".tmpl", ".in"].iter().find_map(|ending| name.strip_suffix(ending)).unwrap_or(name)
}

fn is_prose(language: LanguageType) -> bool {
    matches!(language, LanguageType::Markdown | LanguageType::Text | LanguageType::Html)
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

fn stem(name: &str) -> &str {
    name.strip_suffix(".service").unwrap_or(name)
}

/// Units of systemd within a text: from the first section to the first line that can be none of a unit's.
fn units(path: &str, text: &str) -> Vec<Service> {
    if !text.contains("[Service]") {
        return Vec::new();
    }
    // `printf '[Unit]\n…'` has its lines written out.
    let lines: Vec<(u64, &str)> =
        (1..).zip(text.lines()).flat_map(|(n, line)| line.split("\\n").map(move |l| (n, l))).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        if !is_section(lines[at].1) {
            at += 1;
            continue;
        }
        let mut unit = Service {
            manager: "systemd".to_owned(),
            name: name_before(&lines[at.saturating_sub(LINES_BEFORE)..at]),
            path: path.to_owned(),
            line: lines[at].0,
            exec_start: String::new(),
            wanted_by: Vec::new(),
            enabled: false,
            unreachable: None,
        };
        let (mut is_service, mut goes_on) = (false, false);
        while let Some((_, line)) = lines.get(at) {
            let bare = line.trim().trim_matches(['"', '\'']);
            let setting =
                bare.split_once('=').filter(|(key, _)| key.chars().all(char::is_alphanumeric) && !key.is_empty());
            if let Some((key, value)) = setting {
                match key {
                    "ExecStart" => unit.exec_start = one_line(value, LONGEST),
                    "WantedBy" | "RequiredBy" => unit.wanted_by.extend(value.split_whitespace().map(str::to_owned)),
                    _ => {}
                }
            } else if is_section(bare) {
                is_service |= bare.ends_with("[Service]");
            } else if !bare.is_empty() && !bare.starts_with(['#', ';']) && !goes_on {
                break;
            }
            goes_on = bare.ends_with('\\');
            at += 1;
        }
        if is_service {
            found.push(unit);
        }
    }
    found
}

/// `[Unit]`, also at the end of what writes it: `echo "[Unit]`.
fn is_section(line: &str) -> bool {
    let bare = line.trim().trim_matches(['"', '\'']);
    ["[Unit]", "[Service]", "[Install]"].iter().any(|section| {
        bare == *section || bare.ends_with(&format!("\"{section}")) || bare.ends_with(&format!("'{section}"))
    })
}

/// The last name of a unit in these lines.
fn name_before(lines: &[(u64, &str)]) -> String {
    let named = |line: &str| {
        let found = UNIT_NAME.as_ref()?.captures_iter(line).last()?.get(1)?.as_str();
        Some(file_name(found).to_owned())
    };
    lines.iter().rev().find_map(|(_, line)| named(line)).unwrap_or_default()
}

/// Other managers, each once a file, at the first place that something reaches; what they start is a person's question.
fn others(source: &Source, reach: &WhenAsked<'_>) -> Vec<Service> {
    let mut found: Vec<Service> = Vec::new();
    for (number, line) in (1..).zip(source.text.lines()) {
        if is_comment(line) {
            continue;
        }
        for (manager, pattern) in OTHERS.iter() {
            let known = found.iter().position(|service| service.manager == *manager);
            let is_settled = known.is_some_and(|at| found[at].unreachable.is_none());
            if is_settled || !pattern.as_ref().is_some_and(|pattern| pattern.is_match(line)) {
                continue;
            }
            let service = Service {
                manager: (*manager).to_owned(),
                name: String::new(),
                path: source.path.clone(),
                line: number,
                exec_start: one_line(line, LONGEST),
                wanted_by: Vec::new(),
                enabled: true,
                unreachable: reach.why_not(&source.path, number),
            };
            match known {
                None => found.push(service),
                Some(at) if service.unreachable.is_none() => found[at] = service,
                Some(_) => {}
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Memory;

    fn of(unit: &'static [u8], sources: &[(&str, LanguageType, &str)]) -> Vec<String> {
        let tree = [TreeFile {
            path: "app.service".into(),
            id: [0; 20],
            size: unit.len() as u64,
            link: false,
            missing: false,
            aside: None,
        }];
        let sources: Vec<Source> = sources
            .iter()
            .map(|(path, language, text)| Source { path: (*path).into(), language: *language, text: (*text).into() })
            .collect();
        find(&Memory(unit), &tree, &sources, &WhenAsked::of(&sources))
            .expect("all are there")
            .into_iter()
            .filter(|it| it.unreachable.is_none())
            .map(|it| format!("{} {}:{} {} [{}] {}", it.manager, it.path, it.line, it.name, it.exec_start, it.enabled))
            .collect()
    }

    #[test]
    fn units_are_read_in_files_and_in_scripts() {
        let unit = b"[Unit]\nDescription=App\n\n[Service]\nExecStart=/usr/bin/python3 \\\n  /srv/app.py\nRestart=always\n\n[Install]\nWantedBy=multi-user.target\n";
        let heredoc = "#!/bin/bash\ncat > /etc/systemd/system/gallery.service <<'EOF'\n[Unit]\nDescription=Gallery\n[Service]\nExecStart=/usr/bin/gunicorn app:app\n[Install]\nWantedBy=multi-user.target\nEOF\nsystemctl enable --now gallery\n";
        assert_eq!(
            of(unit, &[("setup.sh", LanguageType::Sh, heredoc)]),
            [
                "systemd app.service:1 app.service [/usr/bin/python3 \\] false",
                "systemd setup.sh:3 gallery.service [/usr/bin/gunicorn app:app] true",
            ]
        );
    }

    #[test]
    fn an_empty_unit_and_nohup_are_no_service() {
        let script = "nohup python3 app.py > log 2>&1 &\n# systemctl enable app\n";
        assert_eq!(of(b"", &[("setup.sh", LanguageType::Sh, script)]), Vec::<String>::new());
        assert_eq!(of(b"[Unit]\nDescription=no more\n", &[]), Vec::<String>::new());
    }

    #[test]
    fn what_nothing_reaches_starts_nothing() {
        let unit = b"[Service]\nExecStart=/srv/app\n";
        let off = "if false; then\n  systemctl enable app\n  pm2 startup\nfi\n";
        assert_eq!(
            of(unit, &[("up.sh", LanguageType::Sh, off)]),
            ["systemd app.service:1 app.service [/srv/app] false"]
        );
        let both = format!("{off}pm2 save\n");
        assert_eq!(of(b"", &[("up.sh", LanguageType::Sh, &both)]), ["pm2 up.sh:5  [pm2 save] true"]);
        let heredoc = "make() {\n  cat > /etc/systemd/system/a.service <<'EOF'\n[Service]\nExecStart=/srv/a\nEOF\n}\n";
        assert_eq!(of(b"", &[("up.sh", LanguageType::Sh, heredoc)]), Vec::<String>::new());
        let called = format!("{heredoc}make\n");
        assert_eq!(of(b"", &[("up.sh", LanguageType::Sh, &called)]), ["systemd up.sh:3 a.service [/srv/a] false"]);
    }

    #[test]
    fn other_managers_are_named() {
        let found = of(b"", &[("up.sh", LanguageType::Sh, "pm2 startup\ndocker run --restart always web\n")]);
        assert_eq!(found.len(), 2, "{found:?}");
        let cloud = "#cloud-config\nwrite_files:\n  - path: /etc/systemd/system/web.service\n    content: |\n      [Service]\n      ExecStart=/srv/web\nruncmd:\n  - systemctl enable web\n";
        assert_eq!(
            of(b"", &[("init.yaml", LanguageType::Yaml, cloud)]),
            ["systemd init.yaml:5 web.service [/srv/web] true"]
        );
    }

    #[test]
    fn templates_of_units_are_units() {
        for path in ["app.service", "deploy/app.service.tftpl", "app.service.in"] {
            assert_eq!(unit_name(path), "app.service");
        }
        assert_eq!(unit_name("plan.template"), "plan");
    }
}

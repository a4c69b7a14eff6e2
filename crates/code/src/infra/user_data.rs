//! Scripts that instances run when they start, and what these install.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::Value;

use super::installs;
use super::scripts;
use super::value::Budget;
use crate::source::{Source, file_name};
use crate::text::{decode, one_line};
use stackmark_collect::redact::redact;
use stackmark_evidence::closed::DeclaredTool;
use stackmark_evidence::infrastructure::{Declared, UserData};

/// Longest script that is kept, in characters.
const LONGEST: usize = 16_000;
/// Longest expression that is kept, in characters.
const LONGEST_OPEN: usize = 200;
/// Most scripts of one repository.
const MOST: usize = 500;
/// Most files of one name that a script may mean.
const MOST_LED_TO: usize = 5;

/// A file that is named within an expression: `file("${path.module}/setup.sh")`, `file://setup.sh`.
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?:["'/\s]|^|://)([\w.\-]+\.(?:sh|bash|tpl|tftpl|yml|yaml|txt|cfg|ps1|py|j2|jinja|userdata))["']?"#)
        .ok()
});

/// All scripts: of `resources`, those that the code has under such a name (path, line, value), and files that are named
/// for one where nothing else leads to them.
///
/// `read` gives the bytes of a file of the repository by its path, where it is small enough to be a script.
pub(super) fn find(
    resources: &[Declared],
    named: &[(String, u64, Value)],
    sources: &[Source],
    paths: &[&str],
    read: &dyn Fn(&str) -> Option<Vec<u8>>,
) -> Vec<UserData> {
    let budget = Budget::new();
    let text_of = |path: &str| {
        let parsed = sources.iter().find(|source| source.path == path).map(|source| source.text.clone());
        parsed.or_else(|| read(path).map(|bytes| decode(&bytes)))
    };
    let mut found: Vec<UserData> = Vec::new();
    let mut used = BTreeSet::new();
    // Commands of the CDK are found where they are added: the object that holds them says nothing.
    let has_commands = |path: &str| named.iter().any(|(known, ..)| known == path);
    let of_resources =
        resources.iter().filter(|it| it.tool != DeclaredTool::Cdk || !has_commands(&it.path)).flat_map(|declared| {
            let given = declared.arguments.iter().flat_map(|(name, value)| given(name, value, 0));
            given.map(|given| (declared.path.as_str(), declared.line, given, false))
        });
    let of_names = named.iter().filter_map(|(path, line, value)| Some((path.as_str(), *line, value.as_str()?, true)));
    for (path, line, given, by_name) in of_resources.chain(of_names).take(20 * MOST) {
        let script = script_of(given, path, paths);
        let text = match &script {
            Some(path) => text_of(path),
            // Only a name is known, or one word: whatever stands behind it, it is not this.
            None if !given.contains('\n') && (by_name || given.starts_with("${")) => None,
            // A file that is not in the repository: the script may write it before.
            None if is_address(given) => text_of(path).and_then(|program| scripts::written(&program, given)),
            None => Some(given.to_owned()),
        };
        let row = match text {
            Some(text) => {
                used.extend(script.clone());
                row(path, line, script, &text, &budget)
            }
            // A resource is given a script that only a run would tell. A variable that is called so may be anything.
            None if !by_name => {
                UserData { open: Some(one_line(&redact(given).0, LONGEST_OPEN)), ..row(path, line, None, "", &budget) }
            }
            None => continue,
        };
        if !(by_name && found.iter().any(|known| known.text == row.text)) && found.len() < MOST {
            found.push(row);
        }
    }
    for path in paths.iter().filter(|path| is_named_for_it(path) && !used.contains(**path)) {
        if found.len() >= MOST {
            break;
        }
        if let Some(text) = text_of(path) {
            let row = row(path, 1, Some((*path).to_owned()), &text, &budget);
            found.push(UserData { unreachable: named_by_nothing(path, sources), ..row });
        }
    }
    for row in &mut found {
        add_what_it_leads_to(row, paths, &text_of, &budget);
    }
    found.sort_by(|a, b| (&a.path, a.line, &a.script).cmp(&(&b.path, b.line, &b.script)));
    found.dedup();
    found
}

/// What the scripts and the lists of packages bring that a script runs or installs from.
fn add_what_it_leads_to(row: &mut UserData, paths: &[&str], text_of: &dyn Fn(&str) -> Option<String>, budget: &Budget) {
    for (name, files) in scripts::led_to(&row.text, paths) {
        let is_list = name.ends_with(".txt");
        // A list that is not here comes with what the script fetches.
        if is_list && files.is_empty() {
            row.open.get_or_insert(name);
            continue;
        }
        for path in files.into_iter().take(MOST_LED_TO).filter(|path| row.script.as_deref() != Some(*path)) {
            let Some(text) = text_of(path) else { continue };
            let brought = if is_list { scripts::requirements(&text) } else { installs::of(&text, budget) };
            row.installs.extend(brought);
        }
    }
    row.installs.sort();
    row.installs.dedup();
    row.installs.truncate(MOST);
}

/// A script that is named for it may be given by hand, and nothing in the repository says so.
fn named_by_nothing(path: &str, sources: &[Source]) -> Option<String> {
    let name = file_name(path);
    let is_named = sources.iter().any(|source| source.path != path && source.text.contains(name));
    (!is_named).then(|| "in a file that nothing names".to_owned())
}

fn is_address(given: &str) -> bool {
    !given.contains('\n') && (given.starts_with("file://") || given.starts_with("fileb://"))
}

fn row(path: &str, line: u64, script: Option<String>, text: &str, budget: &Budget) -> UserData {
    let (clean, _) = redact(text);
    let cut = clean.char_indices().nth(LONGEST).map_or(clean.len(), |(at, _)| at);
    let installs = installs::of(text, budget);
    let open = unknown_line(&clean[..cut]).or_else(|| installs::container_of(text, &installs));
    UserData {
        path: path.to_owned(),
        line,
        script,
        bytes: text.len() as u64,
        installs,
        open,
        text: clean[..cut].to_owned(),
        unreachable: None,
    }
}

/// A line of a script that is nothing but what only a run would tell: a whole part of it is not known.
fn unknown_line(script: &str) -> Option<String> {
    let is_unknown = |line: &&str| line.starts_with("${") && line.ends_with('}') && line.matches("${").count() == 1;
    script.lines().map(str::trim).find(is_unknown).map(|line| one_line(line, LONGEST_OPEN))
}

/// The texts that are given as user data, in launch templates' data too.
fn given<'a>(name: &str, value: &'a Value, depth: u32) -> Vec<&'a str> {
    match value {
        Value::String(text) if matches!(name, "user_data" | "user_data_base64" | "userdata") => vec![text.as_str()],
        Value::Object(fields) if depth < 4 => {
            fields.iter().flat_map(|(name, value)| given(name, value, depth + 1)).collect()
        }
        Value::Array(items) if depth < 4 => items.iter().flat_map(|item| given(name, item, depth + 1)).collect(),
        _ => Vec::new(),
    }
}

/// The file of the repository that an expression names: next to the code that names it, or the only one of that name.
fn script_of(given: &str, from: &str, paths: &[&str]) -> Option<String> {
    if given.contains('\n') || !(given.contains("${") || is_address(given)) {
        return None;
    }
    let name = NAMED.as_ref()?.captures_iter(given).last()?.get(1)?.as_str();
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut candidates: Vec<&str> = paths.iter().copied().filter(|path| file_name(path) == name).collect();
    let near = |path: &&str| !folder.is_empty() && path.starts_with(&format!("{folder}/"));
    if candidates.len() > 1 && candidates.iter().filter(|path| near(path)).count() == 1 {
        candidates.retain(near);
    }
    match candidates.as_slice() {
        [only] => Some((*only).to_owned()),
        _ => None,
    }
}

fn is_named_for_it(path: &str) -> bool {
    let name: String =
        file_name(path).chars().filter(|c| c.is_alphanumeric() || *c == '.').flat_map(char::to_lowercase).collect();
    let stem_is = ["userdata", "cloudinit", "cloudconfig"].iter().any(|word| name.contains(word));
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    stem_is && matches!(extension, "sh" | "bash" | "tpl" | "tftpl" | "yml" | "yaml" | "txt" | "")
}

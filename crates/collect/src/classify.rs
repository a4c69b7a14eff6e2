//! Which files are a team's own work, and which should not be in a repository at all.
//!
//! Both tables work on paths alone, so that a folder of fifteen thousand library files is set aside without reading one
//! of them; only what is left is looked into. Patterns are compared without regard to case.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// How much of a file's beginning [`why_excluded`] wants to see: enough to know a large text from a small one.
pub const HEAD_BYTES: usize = 64 << 10;

/// Where a NUL byte makes a file binary, as for git.
const BINARY_BYTES: usize = 8_000;

/// Lines at the top in which a generator signs its output.
const MARKER_LINES: usize = 6;

/// A reason and the paths that it holds for. The first that fits gives the reason.
const EXCLUDED: &[(&str, &[&str])] = &[
    (
        "vendored",
        &[
            "**/node_modules/**",
            "**/bower_components/**",
            "**/site-packages/**",
            "**/dist-packages/**",
            "**/{.venv,venv,.virtualenv,virtualenv}/**",
            "**/pyvenv.cfg",
            "**/.terraform/**",
            "**/.gradle/**",
            "**/{gradlew,gradlew.bat,mvnw,mvnw.cmd}",
            "**/.mvn/wrapper/**",
            "**/.yarn/**",
        ],
    ),
    (
        "lock file",
        &[
            "**/{package-lock.json,npm-shrinkwrap.json,yarn.lock,pnpm-lock.yaml,bun.lock,bun.lockb}",
            "**/{Cargo.lock,poetry.lock,Pipfile.lock,uv.lock,pdm.lock,composer.lock,Gemfile.lock,go.sum,go.work.sum}",
            "**/{.terraform.lock.hcl,flake.lock,mix.lock,pubspec.lock,packages.lock.json}",
        ],
    ),
    // Of a notebook the cells count, and its outputs do not: [`crate::notebook`].
    ("notebook output", &["**/.ipynb_checkpoints/**"]),
    (
        "generated",
        &[
            "**/{.next,.nuxt,.svelte-kit,htmlcov,.nyc_output,cdk.out,.serverless}/**",
            "**/{__pycache__,.pytest_cache,.mypy_cache,.ruff_cache,.tox,.eggs,*.egg-info}/**",
            "**/{.idea,.vscode,.vs}/**",
            "**/*.{pyc,pyo,class,o,obj}",
            "**/*.min.{js,css,mjs}",
            "**/*.{js,css}.map",
            "**/*.{tfstate,tfplan}",
            "**/*.tfstate.*",
            "**/*.{pb.go,pb.rs,g.dart,designer.cs}",
            "**/*_pb2.{py,pyi}",
            "**/*_pb2_grpc.{py,pyi}",
            "**/{templates_c,__generated__,.sass-cache}/**",
            "**/storage/framework/views/*.php",
            "**/*.generated.*",
            "**/*.{snap,po,pot,mo}",
            "**/*.{log,out,dot}",
            "**/.DS_Store",
            "**/Thumbs.db",
            "**/*:Zone.Identifier",
        ],
    ),
    (
        "binary",
        &[
            "**/*.{png,jpg,jpeg,gif,bmp,ico,webp,tif,tiff,heic,psd,ai,eps,drawio.png}",
            "**/*.{pdf,doc,docx,odt,xls,xlsx,ods,ppt,pptx,odp,pages,numbers,key}",
            "**/*.{zip,tar,gz,tgz,bz2,xz,7z,rar,jar,war,ear,whl,egg,deb,rpm,dmg,iso}",
            "**/*.{exe,dll,so,dylib,a,lib,bin,wasm,node}",
            "**/*.{mp3,wav,ogg,mp4,mov,avi,mkv,webm}",
            "**/*.{woff,woff2,ttf,otf,eot}",
            "**/*.{db,sqlite,sqlite3,pickle,pkl,npy,npz,h5,hdf5,pt,pth,onnx,parquet,feather,avro,orc,mat,rds}",
        ],
    ),
    (
        "data",
        &[
            "**/*.{csv,tsv,psv,jsonl,ndjson,arff,libsvm,xlsb,dat,data,geojson,svg,dump,sql.gz}",
            "**/{data,dataset,datasets}/**/*.{json,txt,xml}",
            "**/{data,dataset,datasets}/*.{json,txt,xml}",
        ],
    ),
];

/// Folders of others' work or of a tool's output by their name alone; people write code in folders of these names, too.
pub(crate) const DOUBTFUL_FOLDERS: &[(&str, &str)] = &[
    ("vendor", "vendored"),
    ("third_party", "vendored"),
    ("dist", "generated"),
    ("target", "generated"),
    ("out", "generated"),
    ("coverage", "generated"),
    ("build", "generated"),
];

/// Endings of text that people write: code, configuration, prose.
const WRITTEN: &[&str] = &[
    "py", "sh", "bash", "zsh", "ps1", "bat", "tf", "tfvars", "hcl", "js", "mjs", "cjs", "jsx", "ts", "tsx", "vue",
    "svelte", "java", "kt", "kts", "scala", "groovy", "go", "rs", "rb", "php", "pl", "r", "lua", "c", "h", "cc", "cpp",
    "hpp", "cs", "swift", "sql", "yml", "yaml", "json", "toml", "ini", "cfg", "conf", "env", "xml", "html", "htm",
    "css", "scss", "md", "rst", "adoc", "txt", "tex", "ipynb", "j2", "tpl", "template",
];

const JUNK: &[(&str, &[&str])] = &[
    ("virtual environment", &["**/{.venv,venv,.virtualenv,virtualenv}/**", "**/pyvenv.cfg", "**/site-packages/**"]),
    ("installed packages", &["**/node_modules/**", "**/bower_components/**"]),
    ("terraform state", &["**/*.tfstate", "**/*.tfstate.*", "**/.terraform/**", "**/*.tfplan"]),
    ("bytecode", &["**/*.{pyc,pyo,class}", "**/__pycache__/**"]),
    (
        "private key file",
        &["**/*.{pem,ppk,p12,pfx,jks,keystore}", "**/{id_rsa,id_dsa,id_ecdsa,id_ed25519}", "**/*_rsa"],
    ),
    ("credentials file", &["**/.aws/credentials", "**/.env", "**/.env.{local,production,prod,dev}", "**/.netrc"]),
    ("editor settings", &["**/{.idea,.vs}/**", "**/*.{iml,swp,swo,sublime-workspace}", "**/*~"]),
    ("office lock file", &["**/~$*", "**/.~lock.*#"]),
    ("download marker", &["**/*:Zone.Identifier", "**/*.Identifier"]),
    (
        "OS metadata",
        &["**/.DS_Store", "**/Thumbs.db", "**/desktop.ini", "**/__MACOSX/**", "**/.Spotlight-V100/**", "**/._*"],
    ),
    (
        "build output",
        &[
            "**/{.pytest_cache,.mypy_cache,.ruff_cache,.tox,.next,cdk.out,htmlcov,.nyc_output,.ipynb_checkpoints}/**",
            "**/*.egg-info/**",
        ],
    ),
    ("log file", &["**/*.log"]),
];

/// Paths by reason; the index of a pattern leads to its reason.
struct Table {
    patterns: GlobSet,
    reasons: Vec<&'static str>,
}

impl Table {
    #[expect(clippy::expect_used, reason = "the patterns are constants, and a test compiles them")]
    fn new(rows: &'static [(&'static str, &'static [&'static str])]) -> Self {
        let mut builder = GlobSetBuilder::new();
        let mut reasons = Vec::new();
        for (reason, patterns) in rows {
            for pattern in *patterns {
                let glob = GlobBuilder::new(pattern).case_insensitive(true).literal_separator(true).build();
                builder.add(glob.expect("a constant pattern"));
                reasons.push(*reason);
            }
        }
        Self { patterns: builder.build().expect("constant patterns"), reasons }
    }

    fn reason(&self, path: &str) -> Option<&'static str> {
        self.patterns.matches(path).first().map(|index| self.reasons[*index])
    }
}

/// What Git LFS leaves in place of a file.
const LFS_POINTER_START: &[u8] = b"version https://git-lfs.github.com/spec/";
/// A pointer is three or four short lines.
const LFS_POINTER_BYTES: usize = 1024;

/// Why a pointer of Git LFS does not count: the file is elsewhere.
pub const LFS_POINTER: &str = "Git LFS pointer";
/// Why a file named like text does not count that holds no text in an encoding that is read.
pub const UNDECODABLE: &str = "undecodable text";

static EXCLUDED_PATHS: LazyLock<Table> = LazyLock::new(|| Table::new(EXCLUDED));
static JUNK_PATHS: LazyLock<Table> = LazyLock::new(|| Table::new(JUNK));

/// Why a file is not a team's own work; `None` where it counts.
///
/// `path` has `/` between its parts. `content_head` is the beginning of the content, [`HEAD_BYTES`] of it or the whole;
/// without it only the path is judged. The reasons: `vendored`, `lock file`, `notebook output`, `generated`, `binary`,
/// `data`, [`LFS_POINTER`], [`UNDECODABLE`]. Folders that may be the team's own all the same are looked into by
/// [`crate::counting::Counting`]; here their name decides.
pub fn why_excluded(path: &str, content_head: Option<&[u8]>) -> Option<&'static str> {
    let of_folder = doubtful_folder(path).map(|(_, reason)| reason);
    let by_path = earlier(why_excluded_by_path(path), of_folder);
    by_path.or_else(|| content_head.and_then(|head| why_excluded_by_content(path, head)))
}

/// Why a path is certainly none of the team's own work.
pub(crate) fn why_excluded_by_path(path: &str) -> Option<&'static str> {
    EXCLUDED_PATHS.reason(path)
}

/// The outermost folder of a path whose name is one of `DOUBTFUL_FOLDERS`, and what the name says of its files.
pub fn doubtful_folder(path: &str) -> Option<(&str, &'static str)> {
    let mut start = 0;
    while let Some(length) = path[start..].find('/') {
        let end = start + length;
        let known = DOUBTFUL_FOLDERS.iter().find(|(name, _)| path[start..end].eq_ignore_ascii_case(name));
        if let Some((_, reason)) = known {
            return Some((&path[..end], *reason));
        }
        start = end + 1;
    }
    None
}

/// Of two reasons the one that comes first in the table.
pub(crate) fn earlier(one: Option<&'static str>, other: Option<&'static str>) -> Option<&'static str> {
    let place = |reason: &&'static str| EXCLUDED.iter().position(|(known, _)| known == reason);
    one.into_iter().chain(other).min_by_key(place)
}

/// Whether a path is named like text that people write.
pub fn is_written(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    match name.rsplit_once('.') {
        Some((_, extension)) => WRITTEN.contains(&extension) || name.starts_with("dockerfile."),
        None => matches!(name.as_str(), "dockerfile" | "containerfile" | "makefile" | "jenkinsfile" | "vagrantfile"),
    }
}

/// Whether a content is what Git LFS leaves in place of a file.
pub fn is_lfs_pointer(content: &[u8]) -> bool {
    content.len() <= LFS_POINTER_BYTES && content.starts_with(LFS_POINTER_START)
}

/// Why a file does not count whose path does not speak against it; `head` as for [`why_excluded`].
pub fn why_excluded_by_content(path: &str, head: &[u8]) -> Option<&'static str> {
    let head = &head[..head.len().min(HEAD_BYTES)];
    if is_lfs_pointer(head) {
        return Some(LFS_POINTER);
    }
    if head[..head.len().min(BINARY_BYTES)].contains(&0) {
        return Some(if is_written(path) { UNDECODABLE } else { "binary" });
    }
    let start = String::from_utf8_lossy(head);
    let lower = path.to_ascii_lowercase();
    if is_signed_by_a_generator(&lower, &start) {
        return Some("generated");
    }
    if head.len() == HEAD_BYTES && [".txt", ".json", ".xml", ".crdownload"].iter().any(|end| lower.ends_with(end)) {
        return Some("data");
    }
    if (lower.ends_with(".txt") && is_table_of_numbers(&start)) || (lower.ends_with(".json") && is_data_json(&start)) {
        return Some("data");
    }
    (may_hold_measurements(&lower) && is_measurements(&start, lower.ends_with(".json"))).then_some("data")
}

/// Prose, in which a heading or a list speaks about generated files more often than it is one.
const PROSE: [&str; 6] = [".md", ".markdown", ".rst", ".txt", ".adoc", ".tex"];

/// Whether a generator claims the file in its first lines: `Code generated by protoc. DO NOT EDIT.` and its kin, as a
/// comment's claim and not a sentence about it.
fn is_signed_by_a_generator(lower_path: &str, text: &str) -> bool {
    const COMMENTS: [char; 10] = ['#', '/', '*', '<', ';', '-', '"', '\'', '%', '('];
    let prose = PROSE.iter().any(|end| lower_path.ends_with(end));
    let head: Vec<String> = (text.lines().take(MARKER_LINES))
        .map(|line| line.trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase())
        .filter(
            |line| {
                if prose { line.starts_with("<!--") || line.starts_with('%') } else { line.starts_with(COMMENTS) }
            },
        )
        .collect();
    // The claim and the warning may stand on two lines.
    let warns = head.iter().any(|line| is_do_not_edit(line));
    head.iter().any(|line| is_generator_mark(line) || (warns && names_a_generator(line)) || is_bare_do_not_edit(line))
}

/// What generators write of themselves, in lower case: as a line's beginning, since "the key is generated by AWS" is said
/// of something else.
fn is_generator_mark(line: &str) -> bool {
    const CLAIMS: [&str; 16] = [
        "code generated by",
        "this file is generated",
        "this file was generated",
        "this file has been generated",
        "this file is automatically generated",
        "this file was automatically generated",
        "this file is auto-generated",
        "this file was auto-generated",
        "this file is autogenerated",
        "this code was generated",
        "this class was generated",
        "file generated by",
        "generated by django",
        "generated by the protocol buffer compiler",
        "mysql dump",
        "postgresql database dump",
    ];
    let claim = line.trim_start_matches(|c: char| !c.is_alphanumeric());
    // What an assistant wrote is a fact about the work, no reason to leave it out.
    !names_an_assistant(line)
        && (line.contains("@generated")
            || is_compiled_template(line)
            || CLAIMS.iter().any(|words| claim.starts_with(words))
            || says_generated(claim))
}

/// `Auto-generated by …`, `Generated code, do not touch`, and not "auto-generated passwords are read from SSM", which is
/// about something else than the file.
fn says_generated(claim: &str) -> bool {
    const WORDS: [&str; 5] =
        ["generated code", "automatically generated", "auto-generated", "auto generated", "autogenerated"];
    const HOW: [&str; 8] = ["by", "from", "with", "using", "on", "at", "do", "don't"];
    const WHAT: [&str; 12] = [
        "file",
        "code",
        "source",
        "documentation",
        "types",
        "bindings",
        "stubs",
        "client",
        "schema",
        "module",
        "header",
        "wrapper",
    ];
    WORDS.iter().filter_map(|words| claim.strip_prefix(words)).any(|rest| {
        let is_told_apart = rest.starts_with(|c: char| !c.is_whitespace() && !c.is_alphanumeric());
        let mut words = rest.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
        let first = words.next().unwrap_or_default();
        let is_how = first.is_empty() || HOW.contains(&first);
        is_told_apart || is_how || WHAT.contains(&first) || words.any(|word| WHAT.contains(&word))
    })
}

/// `/* Smarty version 3.1.33, created on 2021-04-06 10:11:12`.
fn is_compiled_template(line: &str) -> bool {
    line.contains("smarty version") && line.contains("created on")
}

fn names_a_generator(line: &str) -> bool {
    const WORDS: [&str; 6] = ["generated", "autogen", "compiled from", "compiled by", "created by", "exported by"];
    const BY_PEOPLE: [&str; 3] = ["generated by hand", "created by hand", "generated manually"];
    !names_an_assistant(line)
        && !BY_PEOPLE.iter().any(|words| line.contains(words))
        && WORDS.iter().any(|word| line.contains(word))
}

fn names_an_assistant(line: &str) -> bool {
    ["chatgpt", "copilot", "claude", "gemini", "codex", "cursor", "openai", "gpt-"]
        .iter()
        .any(|name| line.contains(name))
}

fn is_do_not_edit(line: &str) -> bool {
    [
        "do not edit",
        "don't edit",
        "do not modify",
        "do not change",
        "ne pas modifier",
        "ne pas éditer",
        "non modificare",
    ]
    .iter()
    .any(|warning| line.contains(warning))
}

/// The warning alone, said of the whole file: `# DO NOT EDIT`, and not `# do not edit below this line`.
fn is_bare_do_not_edit(line: &str) -> bool {
    let words = line.trim_matches(|c: char| !c.is_alphanumeric());
    [
        "do not edit",
        "do not edit this file",
        "do not edit manually",
        "do not edit by hand",
        "do not edit this file manually",
        "do not edit this file by hand",
        "do not edit this file directly",
        "do not modify this file",
    ]
    .contains(&words)
}

/// Files that a program may have written its measurements to: text without a format of its own, and JSON.
fn may_hold_measurements(lower_path: &str) -> bool {
    const ENDS: [&str; 10] =
        [".txt", ".text", ".json", ".res", ".result", ".results", ".trace", ".stats", ".perf", ".bench"];
    let name = lower_path.rsplit('/').next().unwrap_or(lower_path);
    let numbered = name.rsplit_once('.').is_some_and(|(_, end)| end.bytes().all(|byte| byte.is_ascii_digit()));
    // A name without an end is Hadoop's `part-00000`, and `Dockerfile`, whose lines are not alike.
    !name.contains('.') || numbered || ENDS.iter().any(|end| name.ends_with(end))
}

/// Nearly all lines are a few forms again and again, numbers aside: `power=1.0 mW` twenty times is a log of
/// measurements, whatever its size. A format with brackets and keys, as JSON, needs more of them.
fn is_measurements(text: &str, structured: bool) -> bool {
    const TIMES: usize = 20;
    let mut forms: BTreeMap<String, usize> = BTreeMap::new();
    let mut lines = 0;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        lines += 1;
        *forms.entry(without_numbers(line)).or_default() += 1;
    }
    let repeated = || forms.iter().filter(|(_, times)| **times >= TIMES);
    let covered: usize = repeated().map(|(_, times)| times).sum();
    let with_numbers: usize = repeated().filter(|(form, _)| form.contains('#')).map(|(_, times)| times).sum();
    let (share, of_numbers) = if structured { (9, 3) } else { (8, 2) };
    lines >= TIMES && covered * 10 >= lines * share && with_numbers * of_numbers >= lines
}

/// The line with `#` for each word that holds a digit, and for a row of such words.
fn without_numbers(line: &str) -> String {
    let mut form = String::with_capacity(line.len());
    let mut word = String::new();
    // What stands between two numbers, and nothing but separators.
    let mut gap: Option<String> = None;
    for c in line.trim().chars().chain(std::iter::once('\n')) {
        if c.is_alphanumeric() {
            word.push(c);
            continue;
        }
        if word.bytes().any(|byte| byte.is_ascii_digit()) {
            if gap.take().is_none() {
                form.push('#');
            }
            gap = Some(String::new());
        } else if !word.is_empty() {
            form.push_str(&gap.take().unwrap_or_default());
            form.push_str(&word);
        }
        word.clear();
        if (c.is_whitespace() || ",;|.:-+/".contains(c))
            && let Some(gap) = &mut gap
        {
            gap.push(c);
        } else {
            form.push_str(&gap.take().unwrap_or_default());
            form.push(c);
        }
    }
    form
}

/// Most lines hold no letter: a graph's edges, a matrix, measurements.
fn is_table_of_numbers(text: &str) -> bool {
    const ENOUGH: usize = 20;
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let numeric = lines.iter().filter(|line| !line.chars().any(char::is_alphabetic)).count();
    lines.len() >= ENOUGH && numeric * 10 >= lines.len() * 9
}

/// A list of records, or everything on one long line: no configuration is written so.
fn is_data_json(text: &str) -> bool {
    const LONG: usize = 4_000;
    let text = text.trim_start();
    let first = text.lines().next().unwrap_or_default();
    first.len() >= LONG || (text.starts_with('[') && text.len() >= LONG)
}

/// What kind of thing that does not belong in a repository `path` is: `virtual environment`, `installed packages`,
/// `terraform state`, `bytecode`, `private key file`, `credentials file`, `editor settings`, `office lock file`,
/// `download marker` (Zone.Identifier), `OS metadata`, `build output`, `log file`. `None` where nothing speaks against
/// it.
pub fn junk_kind(path: &str) -> Option<&'static str> {
    JUNK_PATHS.reason(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_others_work_are_set_aside_with_their_reason() {
        for (path, reason) in [
            ("TP1/.venv/lib/python3.11/site-packages/boto3/session.py", Some("vendored")),
            ("venv/bin/activate", Some("vendored")),
            ("web/node_modules/react/index.js", Some("vendored")),
            ("infra/.terraform/providers/x", Some("vendored")),
            ("package-lock.json", Some("lock file")),
            ("api/Cargo.lock", Some("lock file")),
            ("infra/.terraform.lock.hcl", Some("lock file")),
            ("src/__pycache__/main.cpython-311.pyc", Some("generated")),
            ("static/jquery.min.js", Some("generated")),
            ("api/user_pb2.py", Some("generated")),
            ("api/user_pb2_grpc.pyi", Some("generated")),
            ("infra/terraform.tfstate", Some("generated")),
            ("infra/terraform.tfstate.backup", Some("generated")),
            ("Rapport final été.PDF", Some("binary")),
            ("results/latency.csv", Some("data")),
            ("TP2/datasets/users.json", Some("data")),
            ("analysis.ipynb", None),
            (".ipynb_checkpoints/analysis-checkpoint.ipynb", Some("notebook output")),
            ("vendor/lib/a.go", Some("vendored")),
            ("web/dist/app.png", Some("generated")),
            ("Build/app.py", Some("generated")),
            ("build.py", None),
            ("web/templates_c/5f1e46_0.file.footer.tpl.php", Some("generated")),
            ("src/__generated__/schema.ts", Some("generated")),
            ("storage/framework/views/0a1b.php", Some("generated")),
            ("web/templates/footer.tpl", None),
            ("src/build_cluster.py", None),
            ("src/main.py", None),
            ("infra/main.tf", None),
            ("README.md", None),
            ("requirements.txt", None),
            ("scripts/distribute.sh", None),
            ("environment/venv.py", None),
        ] {
            assert_eq!(why_excluded(path, None), reason, "{path}");
        }
    }

    #[test]
    fn content_tells_what_the_name_hides() {
        let numbers = "12 34\n".repeat(40);
        let records = format!("[{}]", "{\"id\": 1},\n".repeat(500));
        for (path, content, reason) in [
            ("requirements.txt", &b"b\0o\0t\0o\0"[..], Some("undecodable text")),
            ("photo", &b"\x89PNG\0\0"[..], Some("binary")),
            (
                "deploy.py",
                b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n",
                Some("Git LFS pointer"),
            ),
            ("api.go", b"// Code generated by protoc-gen-go. DO NOT EDIT.\n", Some("generated")),
            ("client.py", b"# coding: utf-8\n# This file was generated by swagger\n", Some("generated")),
            ("deploy.py", b"print('do not edit me, generated by hand')\n", None),
            ("README.md", b"The report is generated by `make`.\n", None),
            ("footer.php", b"<?php\n/* Smarty version 3.1.33, created on 2021-04-06 10:11:12\n", Some("generated")),
            ("client.ts", b"/* eslint-disable */\n/* Created by openapi 3.\n * Do not edit. */\n", Some("generated")),
            ("settings.py", b"# DO NOT EDIT THIS FILE\nREGION = 1\n", Some("generated")),
            ("settings.py", b"# Do not edit below this line\nREGION = 1\n", None),
            ("keys.tf", b"# Auto-generated passwords are read from SSM\n", None),
            ("gen.py", b"# Generated code lives in gen/, and this makes it\n", None),
            ("tags.tf", b"# Created by hand, do not modify without asking Ana\n", None),
            ("api.ts", b"/* Auto-generated: run make api */\n", Some("generated")),
            ("api.ts", b"// AUTOGENERATED FILE\n", Some("generated")),
            ("api.ts", b"// Automatically generated GraphQL types\n", Some("generated")),
            ("api.ts", b"// Generated code - do not edit by hand\n", Some("generated")),
            ("keys.tf", b"# The key pair is automatically generated by AWS\n", None),
            ("conftest.py", b"# This file is automatically loaded by pytest\n", None),
            ("app.py", b"# Code generated by ChatGPT, reviewed by us\n", None),
            ("NOTES.md", b"# Do not edit\n", None),
            ("seed.sql", b"-- MySQL dump 10.13  Distrib 8.0\n", Some("generated")),
            ("graph.txt", numbers.as_bytes(), Some("data")),
            ("pg4300.txt", "Stately, plump Buck Mulligan\n".repeat(3_000).as_bytes(), Some("data")),
            ("users.json", records.as_bytes(), Some("data")),
            ("package.json", b"{\n  \"name\": \"web\"\n}\n", None),
            ("requirements.txt", b"boto3==1.34\nflask\n", None),
        ] {
            assert_eq!(why_excluded(path, Some(content)), reason, "{path}");
        }
    }

    #[test]
    fn measurements_are_data_whatever_their_size_and_name() {
        let power = |n: usize| -> String {
            (0..n).map(|k| format!("muid=e61e-{k};timestamp={};power={}.0 mW\n", 1493 + k, k * 37)).collect()
        };
        let friends: String = (0..30)
            .map(|k| format!("({k}, [{}])\n", (0..=k % 7).map(|f| format!("{f}, ")).collect::<String>()))
            .collect();
        let points: String = (0..60)
            .map(|k| format!("  {{\n    \"Average\": {k}.5,\n    \"Timestamp\": \"2022-10-27T06:{k}:00\"\n  }},\n"))
            .collect();
        let packages: String = ["boto3", "flask", "uvicorn", "requests", "paramiko"]
            .map(|name| format!("{name}==1.2.3\n"))
            .concat()
            .repeat(4);
        let steps: String = (1..30).map(|k| format!("{k}. Step {}\n", "x".repeat(k))).collect();
        let script: String = (0..40).map(|k| format!("curl http://lb/{k}\n")).collect();
        for (path, content, reason) in [
            ("results/power_1.txt", power(20), Some("data")),
            ("results/power_1.txt", power(19), None),
            ("results/power.1", power(400), Some("data")),
            ("out-dir/part-00000", friends, Some("data")),
            ("graphs/response.json", points, Some("data")),
            ("requirements.txt", packages.lines().take(5).map(|line| format!("{line}\n")).collect(), None),
            ("plan.txt", steps, None),
            ("bench.sh", script, None),
        ] {
            assert_eq!(why_excluded(path, Some(content.as_bytes())), reason, "{path}");
        }
        assert_eq!(without_numbers("(4, [13, 16, 19])"), without_numbers("(9, [1])"));
        assert_ne!(without_numbers("launch 4 nodes"), without_numbers("stop 4 nodes"));
    }

    #[test]
    fn junk_is_told_by_kind() {
        for (path, kind) in [
            ("TP1/.venv/bin/python", Some("virtual environment")),
            ("terraform/terraform.tfstate", Some("terraform state")),
            ("a/__pycache__/b.pyc", Some("bytecode")),
            (".idea/workspace.xml", Some("editor settings")),
            ("rapport/~$pport.docx", Some("office lock file")),
            ("tp1.pdf:Zone.Identifier", Some("download marker")),
            ("keys/labsuser.pem", Some("private key file")),
            (".env", Some("credentials file")),
            (".env.example", None),
            (".DS_Store", Some("OS metadata")),
            (".gitignore", None),
            ("src/environment.py", None),
            (".vscode/settings.json", None),
        ] {
            assert_eq!(junk_kind(path), kind, "{path}");
        }
    }
}

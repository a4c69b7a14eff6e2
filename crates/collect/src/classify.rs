//! Which files are a team's own work, and which should not be in a repository at all.
//!
//! Both tables work on paths alone, so that a folder of fifteen thousand library files is set aside without reading one
//! of them; only what is left is looked into. Patterns are compared without regard to case.

use std::sync::LazyLock;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

pub use crate::content::{
    BOILERPLATE, HEAD_BYTES, LFS_POINTER, UNDECODABLE, is_lfs_pointer, size_in_pointer, why_excluded_by_content,
};

/// Why a file does not count that a package manager writes.
pub const LOCK_FILE: &str = "lock file";

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
        LOCK_FILE,
        &[
            "**/{package-lock.json,npm-shrinkwrap.json,yarn.lock,pnpm-lock.yaml,bun.lock,bun.lockb}",
            "**/{Cargo.lock,poetry.lock,Pipfile.lock,uv.lock,pdm.lock,composer.lock,Gemfile.lock,go.sum,go.work.sum}",
            "**/{.terraform.lock.hcl,flake.lock,mix.lock,pubspec.lock,packages.lock.json}",
        ],
    ),
    (
        BOILERPLATE,
        &[
            "**/{LICENSE,LICENCE,COPYING,UNLICENSE}",
            "**/{LICENSE,LICENCE,COPYING,UNLICENSE}.{txt,md,rst,adoc,lesser}",
            "**/{LICENSE,LICENCE}-{MIT,APACHE,APACHE-2.0,BSD,GPL}",
            "**/{CODE_OF_CONDUCT,CODE-OF-CONDUCT}.{md,txt,rst,adoc}",
            "**/{.gitignore,.editorconfig,.pylintrc}",
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
            "**/*.{csv,tsv,psv,jsonl,ndjson,arff,libsvm,xlsb,dat,data,geojson,svg,drawio,excalidraw,dump,sql.gz}",
            // Of JSON the content tells: a template of CloudFormation is none.
            "**/{data,dataset,datasets}/**/*.{txt,xml}",
            "**/{data,dataset,datasets}/*.{txt,xml}",
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
    (".venv", "vendored"),
    ("venv", "vendored"),
    (".virtualenv", "vendored"),
    ("virtualenv", "vendored"),
    ("node_modules", "vendored"),
    ("bower_components", "vendored"),
];

/// Whether a folder is called as those into which tools install packages, where nobody looks for a team's own code.
pub(crate) fn is_for_packages(folder: &str) -> bool {
    const NAMES: [&str; 6] = [".venv", "venv", ".virtualenv", "virtualenv", "node_modules", "bower_components"];
    let name = folder.rsplit('/').next().unwrap_or(folder);
    NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Endings of text that people write: code, configuration, prose.
const WRITTEN: &[&str] = &[
    "py", "sh", "bash", "zsh", "ps1", "bat", "tf", "tfvars", "hcl", "js", "mjs", "cjs", "jsx", "ts", "tsx", "vue",
    "svelte", "java", "kt", "kts", "scala", "groovy", "go", "rs", "rb", "php", "pl", "r", "lua", "c", "h", "cc", "cpp",
    "hpp", "cs", "swift", "sql", "yml", "yaml", "json", "toml", "ini", "cfg", "conf", "env", "xml", "html", "htm",
    "css", "scss", "md", "rst", "adoc", "txt", "tex", "ipynb", "j2", "tpl", "template",
];

const PRIVATE_KEY_FILE: &str = "private key file";

const JUNK: &[(&str, &[&str])] = &[
    ("virtual environment", &["**/{.venv,venv,.virtualenv,virtualenv}/**", "**/pyvenv.cfg", "**/site-packages/**"]),
    ("installed packages", &["**/node_modules/**", "**/bower_components/**"]),
    ("terraform state", &["**/*.tfstate", "**/*.tfstate.*", "**/.terraform/**", "**/*.tfplan"]),
    ("bytecode", &["**/*.{pyc,pyo,class}", "**/__pycache__/**"]),
    (PRIVATE_KEY_FILE, &["**/*.{pem,ppk,p12,pfx,jks,keystore}", "**/{id_rsa,id_dsa,id_ecdsa,id_ed25519}", "**/*_rsa"]),
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

static EXCLUDED_PATHS: LazyLock<Table> = LazyLock::new(|| Table::new(EXCLUDED));
static JUNK_PATHS: LazyLock<Table> = LazyLock::new(|| Table::new(JUNK));

/// Why a file is not a team's own work; `None` where it counts.
///
/// `path` has `/` between its parts. `content_head` is the beginning of the content, [`HEAD_BYTES`] of it or the whole;
/// without it only the path is judged. The reasons: `vendored`, [`LOCK_FILE`], [`BOILERPLATE`], `notebook output`,
/// `generated`, `binary`, `data`, [`LFS_POINTER`], [`UNDECODABLE`]. Folders that may be the team's own all the same are looked into by
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

/// Whether a path is an archive by its name. A program's own package (`.jar`, `.war`, `.whl`) is none: it holds what a tool
/// made of the source.
pub fn is_archive(path: &str) -> bool {
    const ENDINGS: [&str; 10] =
        [".zip", ".tar", ".tgz", ".tar.gz", ".tbz2", ".tar.bz2", ".txz", ".tar.xz", ".7z", ".rar"];
    let path = path.to_ascii_lowercase();
    ENDINGS.iter().any(|ending| path.ends_with(ending))
}

/// Whether a path is an archive by its name, and may hold what the team wrote: not a report's, nor data's or pictures'.
pub fn is_archive_of_work(path: &str) -> bool {
    const OTHERWISE: [&str; 14] = [
        "report",
        "rapport",
        "relazione",
        "data",
        "result",
        "resultat",
        "risultat",
        "logs",
        "image",
        "photo",
        "screenshot",
        "capture",
        "plots",
        "figures",
    ];
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    is_archive(&name) && !OTHERWISE.iter().any(|word| name.contains(word))
}

/// What kind of thing that does not belong in a repository `path` is: `virtual environment`, `installed packages`,
/// `terraform state`, `bytecode`, `private key file`, `credentials file`, `editor settings`, `office lock file`,
/// `download marker` (Zone.Identifier), `OS metadata`, `build output`, `log file`. `None` where nothing speaks against
/// it.
pub fn junk_kind(path: &str) -> Option<&'static str> {
    JUNK_PATHS.reason(path)
}

/// As [`junk_kind`], where the content can be asked: certificates and public keys are for everybody, whatever the file's name.
pub fn junk_kind_of(path: &str, contents: impl FnOnce() -> Option<Vec<Vec<u8>>>) -> Option<&'static str> {
    let kind = junk_kind(path)?;
    let all_public = |contents: Vec<Vec<u8>>| !contents.is_empty() && contents.iter().all(|it| is_public_pem(it));
    let is_public = kind == PRIVATE_KEY_FILE && contents().is_some_and(all_public);
    (!is_public).then_some(kind)
}

/// Whether a file of PEM holds nothing but what is meant to be given away.
fn is_public_pem(content: &[u8]) -> bool {
    const BEGIN: &str = "-----BEGIN ";
    const PUBLIC: [&str; 4] = ["CERTIFICATE", "PUBLIC KEY", "X509 CRL", "PARAMETERS"];
    let text = String::from_utf8_lossy(content);
    let labels = || text.match_indices(BEGIN).map(|(at, _)| &text[at + BEGIN.len()..]);
    let is_public = |label: &str| {
        let label = label.split("-----").next().unwrap_or_default();
        !label.contains("PRIVATE") && PUBLIC.iter().any(|known| label.contains(known))
    };
    labels().next().is_some() && labels().all(is_public)
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
            ("LICENSE", Some("boilerplate")),
            ("tp1/Licence.md", Some("boilerplate")),
            ("COPYING.LESSER", Some("boilerplate")),
            ("LICENSE-MIT", Some("boilerplate")),
            ("license.py", None),
            ("src/license-server.py", None),
            (".gitignore", Some("boilerplate")),
            ("CODE_OF_CONDUCT.md", Some("boilerplate")),
            (".pylintrc", Some("boilerplate")),
            ("web/.editorconfig", Some("boilerplate")),
            ("CONTRIBUTING.md", None),
            ("docs/architecture.drawio", Some("data")),
            ("docs/plan.excalidraw", Some("data")),
            ("infra/terraform.tfstate", Some("generated")),
            ("infra/terraform.tfstate.backup", Some("generated")),
            ("Rapport final été.PDF", Some("binary")),
            ("results/latency.csv", Some("data")),
            ("TP2/datasets/users.xml", Some("data")),
            ("TP2/datasets/users.json", None),
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
            (
                "legal.txt",
                b"    GNU GENERAL PUBLIC LICENSE\n    Version 3, 29 June 2007\n\n Everyone is permitted to copy and distribute\n",
                Some("boilerplate"),
            ),
            (
                "THIRD-PARTY",
                b"Apache License\nVersion 2.0, January 2004\n\n   TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION\n",
                Some("boilerplate"),
            ),
            ("mit.md", b"# MIT License\n\nCopyright 2026 Ana\n\nPermission is hereby granted, free of charge\n", Some("boilerplate")),
            ("README.md", b"# TP1\n\nPermission is hereby granted, free of charge\n", None),
            ("app.py", b"# Permission is hereby granted, free of charge\nimport boto3\n", None),
            ("deploy", b"#!/bin/sh\n# Permission is hereby granted, free of charge\naws s3 ls\n", None),
            ("NOTES.md", b"# Choices\n\nWe take the Apache License since Permission is hereby granted.\n", None),
            ("load.html", b"<html><head>\n<title>Test Report for locustfile.py</title></head>\n", Some("generated")),
            ("docs/report.html", b"<html><head><title>Locust Test Report</title></head><body>\n", Some("generated")),
            ("index.html", b"<html><head><title>Photo gallery</title></head><body>\n", None),
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
    fn a_template_is_no_data_wherever_it_is_and_however_alike_its_parts() {
        let resources: String = (0..40)
            .map(|k| {
                format!("    \"I{k}\": {{\n      \"Type\": \"AWS::EC2::Instance\",\n      \"Count\": {k}\n    }},\n")
            })
            .collect();
        let template = format!("{{\n  \"Resources\": {{\n{resources}  }}\n}}\n");
        let long = resources.replace('\n', "");
        let policy = "{\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\"}]}".to_owned();
        for (path, content) in [
            ("infra/stack.json", template.clone()),
            ("data/stack.json", template.clone()),
            ("infra/stack.json", template.repeat(20)),
            ("infra/stack.json", long),
            ("TP1/Data/deep/policy.json", policy),
            ("data/api.json", "{\n  \"openapi\": \"3.0.1\"\n}\n".to_owned()),
        ] {
            assert_eq!(why_excluded(path, Some(content.as_bytes())), None, "{path}");
        }
        let records = "{\"users\": [1]}\n";
        for (path, reason) in [("data/a.json", Some("data")), ("TP2/Datasets/x/a.json", Some("data")), ("a.json", None)]
        {
            assert_eq!(why_excluded(path, Some(records.as_bytes())), reason, "{path}");
        }
        let outputs = template.replace("\"Type\"", "\"ResourceType\"");
        assert_eq!(why_excluded("infra/stack.json", Some(outputs.as_bytes())), Some("data"), "what the tool printed");
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
    }

    #[test]
    fn certificates_and_public_keys_are_for_everybody() {
        let pem = |label: &str| format!("-----BEGIN {label}-----\nMIIC\n-----END {label}-----\n");
        let kind = |path: &str, content: String| junk_kind_of(path, || Some(vec![content.into_bytes()]));
        for label in ["CERTIFICATE", "PUBLIC KEY", "RSA PUBLIC KEY", "CERTIFICATE REQUEST"] {
            assert_eq!(kind("global-bundle.pem", pem(label).repeat(2)), None, "{label}");
        }
        for content in [pem("RSA PRIVATE KEY"), pem("CERTIFICATE") + &pem("PRIVATE KEY"), "MIIC".to_owned()] {
            assert_eq!(kind("a.pem", content.clone()), Some("private key file"), "{content}");
        }
        assert_eq!(junk_kind_of("a.pem", || None), Some("private key file"));
        assert_eq!(kind(".DS_Store", pem("CERTIFICATE")), Some("OS metadata"));
    }

    #[test]
    fn an_archive_may_hold_what_the_team_wrote() {
        for path in ["tp1.zip", "TP1/Code.tar.gz", "src.7z", "a/lambda.RAR", "code.tgz"] {
            assert!(is_archive_of_work(path), "{path}");
        }
        assert!(is_archive("rapport.zip") && is_archive("TP1/Data.TGZ"));
        assert!(!["app.jar", "shop.war", "lib.whl", "a.gz", "zip.py"].into_iter().any(is_archive));
        for path in ["rapport.zip", "dataset.zip", "dump.sql.gz", "app.jar", "zip.py", "screenshots.zip"] {
            assert!(!is_archive_of_work(path), "{path}");
        }
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

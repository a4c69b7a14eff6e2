//! Files that a generator claims in their first lines, in a repository that has nothing which a generator reads.
//!
//! Such files are nobody's work. The claim is one comment, which anyone can type; what a generator made it of is harder to do
//! without: an interface (`.proto`, OpenAPI, GraphQL), a grammar, the application of a framework that writes migrations.

use std::collections::BTreeMap;

use stackmark_collect::classify::{is_written, why_excluded};

use super::aside::LINE_BYTES;
use super::attribution::Attribution;
use super::diff::Status;
use super::printed::{EXAMPLES, printable};
use super::record::{Change, History};
use stackmark_evidence::{Sign, SignKind};

/// Part of all lines that such files have at a guess, from which points may rest on what they leave out.
const SHARE: f64 = 0.1;

/// Endings of what generators read.
const INPUTS: [&str; 20] = [
    ".proto",
    ".thrift",
    ".graphql",
    ".graphqls",
    ".gql",
    ".avsc",
    ".prisma",
    ".wsdl",
    ".xsd",
    ".idl",
    ".smithy",
    ".fbs",
    ".capnp",
    ".ui",
    ".y",
    ".yy",
    ".l",
    ".g4",
    "/manage.py",
    "/sqlc.yaml",
];
/// Endings of what the tools of one language read, and of what they write: a module of Go explains no script in Python.
const INPUTS_OF: [(&str, &[&str]); 4] = [
    (".csproj", &[".cs"]),
    ("/go.mod", &[".go"]),
    ("/package.json", &[".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx"]),
    (".in", &[".txt"]),
];
/// Parts of names, and folders, by which tools call what they write: `AppModelSnapshot.cs`, `routeTree.gen.ts`.
const MARKS: [&str; 7] = [".gen.", "_gen.", ".designer.", "modelsnapshot.", "/migrations/", "/mocks/", "/generated/"];
/// Words in the names of interfaces that are written in YAML or JSON.
const INTERFACES: [&str; 3] = ["openapi", "swagger", "asyncapi"];

/// What people committed so, where it is much and of nothing.
pub(super) fn sign(history: &History, attributions: &[Attribution]) -> Option<Sign> {
    let changes = || history.commits.iter().chain(&history.elsewhere).map(|commit| &commit.change);
    if changes().any(|change| paths(change).any(is_input)) {
        return None;
    }
    let of_people = || history.commits.iter().zip(attributions).filter(|(_, it)| it.is_of_people());
    let mut claimed: BTreeMap<&str, u64> = BTreeMap::new();
    let excluded = of_people().flat_map(|(commit, _)| &commit.change.excluded);
    let has_input = |path: &str| changes().flat_map(paths).any(|input| is_input_of(input, path));
    for file in excluded.filter(|file| file.status != Status::Deleted && is_claim(&file.path, file.reason)) {
        if has_input(&file.path) {
            continue;
        }
        let bytes = claimed.entry(file.path.as_str()).or_default();
        *bytes = (*bytes).max(file.bytes.unwrap_or(0));
    }
    let lines: u64 = claimed.values().map(|bytes| bytes.div_ceil(LINE_BYTES)).sum();
    let counted: u64 = of_people().map(|(commit, _)| commit.change.added()).sum();
    let share = lines as f64 / (lines + counted).max(1) as f64;
    if share < SHARE {
        return None;
    }
    let percent = share * 100.0;
    let says = match claimed.len() {
        1 => format!(
            "1 file with about {percent:.0}% of the lines says that a generator wrote it, and nothing that one reads is in the \
             repository"
        ),
        n => format!(
            "{n} files with about {percent:.0}% of the lines say that a generator wrote them, and nothing that one reads is in \
             the repository"
        ),
    };
    let mut by_size: Vec<(&str, u64)> = claimed.into_iter().collect();
    by_size.sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
    let examples = by_size.into_iter().take(EXAMPLES).map(|(path, _)| printable(path)).collect();
    Some(Sign { kind: SignKind::ClaimedGenerated, says, asks: true, examples })
}

fn paths(change: &Change) -> impl Iterator<Item = &str> {
    let counted = change.files.iter().map(|file| file.path.as_str());
    counted.chain(change.excluded.iter().map(|file| file.path.as_str()))
}

/// Whether only the file's own words make it generated: neither its path nor what a tool prints says so.
fn is_claim(path: &str, reason: &str) -> bool {
    let lower = format!("/{}", path.to_ascii_lowercase());
    let is_printed = [".sql", ".html", ".htm"].iter().any(|end| lower.ends_with(end));
    let is_marked = MARKS.iter().any(|mark| lower.contains(mark));
    reason == "generated" && !is_printed && !is_marked && is_written(path) && why_excluded(path, None).is_none()
}

/// Whether a tool of the claim's language reads a file.
fn is_input_of(path: &str, claim: &str) -> bool {
    let (path, claim) = (format!("/{}", path.to_ascii_lowercase()), claim.to_ascii_lowercase());
    let fits = |ends: &[&str]| ends.iter().any(|end| claim.ends_with(end));
    INPUTS_OF.iter().any(|(input, ends)| path.ends_with(input) && fits(ends))
}

fn is_input(path: &str) -> bool {
    let lower = format!("/{}", path.to_ascii_lowercase());
    let name = lower.rsplit('/').next().unwrap_or_default();
    let is_interface = [".yaml", ".yml", ".json"].iter().any(|end| name.ends_with(end))
        && INTERFACES.iter().any(|word| name.contains(word));
    is_interface || INPUTS.iter().any(|end| lower.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_generators_read_and_what_only_claims_one_is_told_by_the_path() {
        for path in ["api/photo.proto", "openapi.yaml", "docs/Swagger.json", "manage.py", "web/manage.py", "calc.g4"] {
            assert!(is_input(path), "{path}");
        }
        for path in ["app.py", "stage_manage.py", "swagger.py", "infra/main.tf", "package.json"] {
            assert!(!is_input(path), "{path}");
        }
        assert!(is_claim("app.py", "generated"));
        for (path, reason) in
            [("app.py", "data"), ("api_pb2.py", "generated"), ("seed.sql", "generated"), ("dist/app.js", "generated")]
        {
            assert!(!is_claim(path, reason), "{path}");
        }
    }

    #[test]
    fn what_tools_write_into_an_ordinary_project_is_no_claim() {
        for path in [
            "Migrations/AppModelSnapshot.cs",
            "Data/ShopDbContextModelSnapshot.cs",
            "Forms/Main.Designer.cs",
            "web/src/routeTree.gen.ts",
            "mocks/store.go",
            "store/mocks/store.go",
            "api/types_gen.go",
        ] {
            assert!(!is_claim(path, "generated"), "{path}");
        }
        for path in ["infra/main.tf", "regeneration.py", "smocks/app.py", "oxygen.py"] {
            assert!(is_claim(path, "generated"), "{path}");
        }
        for (input, claim) in
            [("Shop.csproj", "Api/Client.cs"), ("go.mod", "store.go"), ("web/package.json", "web/client.ts")]
        {
            assert!(is_input_of(input, claim), "{input}: {claim}");
            assert!(!is_input_of(input, "app.py") && !is_input_of(input, "main.tf"), "{input}");
        }
        assert!(is_input_of("requirements.in", "requirements.txt") && !is_input_of("MANIFEST.in", "app.py"));
    }
}

//! What counts in one team's repository: the tables of [`crate::classify`], what its folders show, what the roster says.
//!
//! A folder called `build` or `vendor` holds a tool's output, or others' work, or code that the team wrote. Its name
//! alone takes nothing away: what lies in it, and beside it, decides; where that does not tell, its files are set aside,
//! and a loss that they could have turned is left to a person.

use std::collections::{BTreeMap, BTreeSet};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::classify::{
    BOILERPLATE, LFS_POINTER, doubtful_folder, earlier, is_for_packages, is_lfs_pointer, is_written,
    why_excluded_by_content, why_excluded_by_path,
};
use crate::tree::TreeFile;

/// Why a file is set aside that may be the team's own.
pub const FOLDER_NAME: &str = "folder named for generated files or libraries";
/// Why a file does not count that the roster names under `ignore`.
pub const IGNORED: &str = "ignored by the roster";

/// More files in one folder were hardly written by a team.
const MOST_OWN: usize = 100;

/// Files that tools leave in what they make.
const PRODUCTS: &[&str] = &[
    "cachedir.tag",
    ".rustc_info.json",
    "lcov.info",
    "coverage.xml",
    "coverage-final.json",
    "clover.xml",
    "asset-manifest.json",
    "cmakecache.txt",
    "cmake_install.cmake",
    "build.ninja",
    "objects.inv",
    "searchindex.js",
];
/// Endings of what tools make.
const PRODUCT_ENDINGS: &[&str] = &[
    ".class",
    ".o",
    ".obj",
    ".jar",
    ".war",
    ".whl",
    ".egg",
    ".exe",
    ".dll",
    ".so",
    ".dylib",
    ".a",
    ".lib",
    ".pyc",
    ".wasm",
    ".map",
    ".min.js",
    ".min.css",
    ".d.ts",
    ".tsbuildinfo",
    ".tar.gz",
];
/// Folders within such a folder that only a tool makes.
const PRODUCT_FOLDERS: &[&str] =
    &["cmakefiles/", "lcov-report/", "_next/", ".fingerprint/", "maven-status/", "lib/python", "bdist."];
/// What stands at the top of a library.
const LIBRARY_HEADS: &[&str] = &[
    "license",
    "licence",
    "copying",
    "notice",
    "package.json",
    "go.mod",
    "setup.py",
    "cargo.toml",
    "composer.json",
    "autoload.php",
    "modules.txt",
];
/// What tools leave where they install packages.
const INSTALLED: &[&str] = &[
    "pyvenv.cfg",
    "activate",
    "activate.bat",
    "activate.ps1",
    "activate_this.py",
    ".package-lock.json",
    ".yarn-integrity",
    ".modules.yaml",
    ".bower.json",
    "bower.json",
];
/// Folders below one for packages that only a tool makes; what the packages' own tools keep there for the next time, too.
const INSTALLED_FOLDERS: &[&str] =
    &["/site-packages/", ".dist-info/", "/.bin/", "/.pnpm/", "/.vite/", "/.cache/", "/.turbo/", "/.yarn/"];
/// Files beside a folder that make it, by convention, a tool's output.
const MAKERS: &[(&str, &[&str])] = &[
    ("dist", &["package.json", "tsconfig.json"]),
    ("build", &["package.json", "tsconfig.json", "build.gradle", "build.gradle.kts", "CMakeLists.txt"]),
    ("out", &["package.json", "tsconfig.json"]),
    ("coverage", &["package.json"]),
    ("target", &["pom.xml", "Cargo.toml", "build.sbt"]),
    ("vendor", &["go.mod", "composer.json", "Gemfile"]),
];
/// Sources that become JavaScript of the same name.
const SCRIPT_SOURCES: &[&str] = &["ts", "tsx", "jsx", "vue", "coffee"];

/// What a folder of a doubtful name holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FolderKind {
    /// Written by the team.
    Own,
    /// A tool's output, or a library.
    Foreign,
    /// It cannot be told.
    Unknown,
}

/// What counts in one repository; the default knows nothing of it.
#[derive(Debug, Clone, Default)]
pub struct Counting {
    counts: GlobSet,
    ignore: GlobSet,
    folders: BTreeMap<String, FolderKind>,
}

impl Counting {
    /// With the paths that the roster names: patterns from the repository's root, in which `*` stays within a folder and
    /// `**` does not; one without such signs names a file or a folder. Patterns that are not valid name nothing.
    pub fn of_roster(counts: &[String], ignore: &[String]) -> Self {
        Self { counts: patterns(counts), ignore: patterns(ignore), folders: BTreeMap::new() }
    }

    /// With what the folders of a tree show: `paths` are all its files, `gitignore` is the text of the file of that name
    /// at its root, and `graded` is the folder that is graded, whose own name speaks against nothing.
    #[must_use]
    pub fn with_tree<'p>(
        mut self,
        paths: impl IntoIterator<Item = &'p str>,
        gitignore: &str,
        graded: Option<&str>,
    ) -> Self {
        let all: BTreeSet<&str> = paths.into_iter().collect();
        let mut folders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for path in &all {
            if let Some((folder, _)) = doubtful_folder(path) {
                folders.entry(folder).or_default().push(path);
            }
        }
        for (folder, files) in folders {
            let is_graded = graded.is_some_and(|graded| {
                graded.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            });
            let kind = match kind_of(folder, &files, &|path| all.contains(path)) {
                _ if is_graded => FolderKind::Own,
                // Many a list of what is not to be committed is a template's, and here it was committed all the same.
                FolderKind::Own if is_ignored(folder, gitignore) => FolderKind::Unknown,
                kind => kind,
            };
            self.folders.insert(folder.to_owned(), kind);
        }
        self
    }

    /// Why a file does not count; as [`crate::classify::why_excluded`], and [`FOLDER_NAME`] and [`IGNORED`] beside it.
    pub fn why_excluded(&self, path: &str, content_head: Option<&[u8]>) -> Option<&'static str> {
        if self.ignore.is_match(path) {
            return Some(IGNORED);
        }
        let by_content = || content_head.and_then(|head| why_excluded_by_content(path, head));
        if self.counts.is_match(path) {
            // Nobody can count the lines of a picture, or of a file that is elsewhere.
            return content_head.and_then(|head| {
                let pointer = is_lfs_pointer(head).then_some(LFS_POINTER);
                pointer.or_else(|| by_content().filter(|reason| !matches!(*reason, "generated" | "data" | BOILERPLATE)))
            });
        }
        let certain = why_excluded_by_path(path);
        let by_path = match doubtful_folder(path) {
            None => certain,
            // Code that the team put where packages are installed is not read, and not nothing.
            Some((folder, _)) if is_for_packages(folder) => match self.folders.get(folder) {
                Some(FolderKind::Own) => Some(FOLDER_NAME),
                Some(FolderKind::Foreign | FolderKind::Unknown) | None => certain,
            },
            Some((folder, reason)) => match self.folders.get(folder) {
                Some(FolderKind::Own) => certain,
                Some(FolderKind::Foreign) => earlier(certain, Some(reason)),
                Some(FolderKind::Unknown) | None => certain.or(Some(FOLDER_NAME)),
            },
        };
        by_path.or_else(by_content)
    }
}

impl Counting {
    /// Writes to each file what its path says.
    pub fn mark(&self, files: &mut [TreeFile]) {
        for file in files {
            file.aside = self.why_excluded(&file.path, None);
        }
    }
}

fn patterns(texts: &[String]) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    for text in texts {
        let text = text.trim_start_matches("./").trim_end_matches('/');
        let within = format!("{text}/**");
        for pattern in [text, within.as_str()] {
            if let Ok(glob) = GlobBuilder::new(pattern).literal_separator(true).build() {
                set.add(glob);
            }
        }
    }
    set.build().unwrap_or_default()
}

/// Whether the repository itself says that a folder is not to be committed.
fn is_ignored(folder: &str, gitignore: &str) -> bool {
    let name = folder.rsplit('/').next().unwrap_or(folder);
    let mut lines = gitignore.lines().map(|line| line.trim().trim_start_matches("**/").trim_matches('/'));
    lines.any(|line| line == folder || line == name)
}

/// What a folder of a doubtful name holds, by the paths of its files and of those around it.
pub fn kind_of(folder: &str, files: &[&str], is_there: &dyn Fn(&str) -> bool) -> FolderKind {
    let (parent, name) = match folder.rsplit_once('/') {
        Some((parent, name)) => (format!("{parent}/"), name.to_ascii_lowercase()),
        None => (String::new(), folder.to_ascii_lowercase()),
    };
    let for_packages = is_for_packages(folder);
    let of_others = for_packages || matches!(name.as_str(), "vendor" | "third_party");
    let within = |path: &str| path[folder.len()..].trim_start_matches('/').to_ascii_lowercase();
    let is_product = |path: &&str| {
        let path = within(path);
        let file = path.rsplit('/').next().unwrap_or(&path);
        PRODUCTS.contains(&file)
            || PRODUCT_ENDINGS.iter().any(|ending| file.ends_with(ending))
            || PRODUCT_FOLDERS.iter().any(|start| path.starts_with(start) || path.contains(&format!("/{start}")))
            || is_hashed(file)
            || (for_packages && (INSTALLED.contains(&file) || is_installed(&path)))
            || (of_others && LIBRARY_HEADS.iter().any(|head| file == *head || file.starts_with(&format!("{head}."))))
    };
    if files.iter().any(is_product) || files.iter().any(|path| is_compiled(folder, &parent, path, is_there)) {
        return FolderKind::Foreign;
    }
    let beside = |file: &str| is_there(&format!("{parent}{file}"));
    let mut makers = MAKERS.iter().filter(|(made, _)| *made == name).flat_map(|(_, makers)| makers.iter());
    let is_made = makers.any(|maker| beside(maker));
    // Where setuptools copies modules to.
    let is_packed = name == "build" && (beside("setup.py") || beside("pyproject.toml"));
    if is_packed && files.iter().any(|path| within(path).starts_with("lib/")) {
        return FolderKind::Foreign;
    }
    if is_made || files.len() > MOST_OWN || !files.iter().any(|path| is_written(path)) {
        return FolderKind::Unknown;
    }
    FolderKind::Own
}

/// Whether a path within such a folder is in one of those, at its top or deeper.
fn is_installed(path: &str) -> bool {
    let path = format!("/{path}");
    INSTALLED_FOLDERS.iter().any(|folder| path.contains(folder))
}

/// `main.8d2f1a3c.js`: bundlers put a hash of the content into the name.
fn is_hashed(file: &str) -> bool {
    let Some((stem, extension)) = file.rsplit_once('.') else { return false };
    let hash = stem.rsplit(['.', '-']).next().unwrap_or_default();
    matches!(extension, "js" | "mjs" | "css" | "html")
        && hash.len() < stem.len()
        && (8..=32).contains(&hash.len())
        && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
        && hash.bytes().any(|byte| byte.is_ascii_digit())
}

/// A script whose source stands outside of the folder, by the same name.
fn is_compiled(folder: &str, parent: &str, path: &str, is_there: &dyn Fn(&str) -> bool) -> bool {
    let Some(stem) = path.strip_suffix(".js").or_else(|| path.strip_suffix(".mjs")) else { return false };
    let rest = stem[folder.len()..].trim_start_matches('/');
    SCRIPT_SOURCES.iter().any(|source| {
        ["", "src/", "lib/", "app/"].iter().any(|root| is_there(&format!("{parent}{root}{rest}.{source}")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(folder: &str, tree: &[&str]) -> FolderKind {
        let inside = format!("{folder}/");
        let files: Vec<&str> = tree.iter().copied().filter(|path| path.starts_with(&inside)).collect();
        kind_of(folder, &files, &|path| tree.contains(&path))
    }

    #[test]
    fn code_in_a_folder_of_a_tools_name_is_the_teams() {
        for folder in ["build", "target", "out", "dist", "vendor", "coverage", "third_party", "tp1/Build"] {
            let path = format!("{folder}/image.py");
            assert_eq!(kind(folder, &["src/a.py", &path]), FolderKind::Own, "{folder}");
        }
        assert_eq!(kind("build", &["setup.py", "build/image.py"]), FolderKind::Own);
    }

    #[test]
    fn what_tools_leave_is_told_from_it() {
        for (folder, tree) in [
            ("target", &["pom.xml", "target/classes/App.class"][..]),
            ("target", &["target/CACHEDIR.TAG", "target/notes.md"]),
            ("dist", &["dist/index.html", "dist/assets/index-3f9a1c2b.js"]),
            ("dist", &["src/app.ts", "dist/app.js"]),
            ("build", &["build/lib/python3/app.py"]),
            ("coverage", &["coverage/lcov-report/index.html"]),
            ("vendor", &["vendor/github.com/x/y/LICENSE", "vendor/github.com/x/y/y.go"]),
            ("vendor", &["vendor/modules.txt"]),
        ] {
            assert_eq!(kind(folder, tree), FolderKind::Foreign, "{tree:?}");
        }
    }

    #[test]
    fn own_code_where_packages_are_installed_is_not_read_and_not_nothing() {
        for folder in ["venv", ".venv", "tp1/venv", "node_modules", "web/node_modules"] {
            let own = format!("{folder}/x/app.py");
            assert_eq!(kind(folder, &["README.md", &own]), FolderKind::Own, "{folder}");
            let counting = |paths: &[&str]| Counting::default().with_tree(paths.iter().copied(), "", None);
            assert_eq!(counting(&["README.md", &own]).why_excluded(&own, None), Some(FOLDER_NAME), "{folder}");
            for left in
                ["pyvenv.cfg", "bin/activate", "lib/python3.12/site-packages/boto3/session.py", "x/package.json"]
            {
                let left = format!("{folder}/{left}");
                let found = counting(&[&left, &own]).why_excluded(&own, None);
                assert_eq!(found, Some("vendored"), "{left}");
            }
            assert_eq!(counting(&[]).why_excluded(&own, None), Some("vendored"), "what the tree does not hold");
        }
        for cache in [".vite/deps/react.js", ".cache/babel-loader/a1.js", ".turbo/run.js", "x/.yarn/a.js"] {
            let left = format!("node_modules/{cache}");
            assert_eq!(kind("node_modules", &["package.json", &left]), FolderKind::Foreign, "{left}");
        }
        let own = "node_modules/redis.cache/app.py";
        assert_eq!(kind("node_modules", &[own]), FolderKind::Own);
        let python = "venv/bin/python";
        assert_eq!(kind("venv", &[python]), FolderKind::Unknown);
        assert_eq!(Counting::default().with_tree([python], "", None).why_excluded(python, None), Some("vendored"));
    }

    #[test]
    fn what_cannot_be_told_is_set_aside() {
        assert_eq!(kind("build", &["package.json", "build/webpack.conf.js"]), FolderKind::Unknown);
        assert_eq!(kind("out", &["out/plan"]), FolderKind::Unknown);
        let many: Vec<String> = (0..200).map(|n| format!("vendor/m{n}.py")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(kind("vendor", &many), FolderKind::Unknown);
    }

    #[test]
    fn the_roster_comes_before_all_else() {
        let of = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<String>>();
        let counting = Counting::of_roster(&of(&["build/", "results/*.csv"]), &of(&["handout"]));
        assert_eq!(counting.why_excluded("build/webpack.conf.js", None), None);
        assert_eq!(counting.why_excluded("results/a.csv", Some(&b"1;2\n"[..])), None);
        assert_eq!(counting.why_excluded("results/deep/a.csv", None), Some("data"));
        assert_eq!(counting.why_excluded("build/a.py", Some(&b"\0\0"[..])), Some("undecodable text"));
        assert_eq!(counting.why_excluded("handout/a.py", None), Some(IGNORED));
        assert_eq!(counting.why_excluded("handouts.py", None), None);
        assert_eq!(counting.why_excluded("src/build/a.py", None), Some(FOLDER_NAME));
    }

    #[test]
    fn a_tree_decides_for_its_folders() {
        let tree =
            ["build/image.py", "web/package.json", "web/dist/app.js", "target/a.py", "vendor/x.go", "vendor/LICENSE"];
        let counting = Counting::default().with_tree(tree, "target/\n*.log\n", None);
        assert_eq!(counting.why_excluded("build/image.py", None), None);
        assert_eq!(counting.why_excluded("build/image.png", None), Some("binary"));
        assert_eq!(counting.why_excluded("web/dist/app.js", None), Some(FOLDER_NAME));
        assert_eq!(counting.why_excluded("target/a.py", None), Some(FOLDER_NAME), "the .gitignore speaks against it");
        assert_eq!(counting.why_excluded("vendor/x.go", None), Some("vendored"));
        let graded = Counting::default().with_tree(["dist/package.json", "dist/build/a.js"], "", Some("dist"));
        assert_eq!(graded.why_excluded("dist/build/a.js", None), None);
    }
}

//! The references of a repository on this machine, as its files have them: they tell whether anything has changed before
//! anything of it is copied, and before a process is started for it. Nothing of it is read as git would.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::location::{self, Kind};
use super::salvage::{MAX_DEPTH, MAX_REFERENCES_BYTES, git_folder, small};

/// Loose references that are read: who has more packs them.
const MAX_LOOSE: usize = 2_000;

/// The references with what they lead to, a line each, sorted, and `HEAD`; the same whether they are packed or not. `None`
/// where the repository is elsewhere, is no folder of plain files, or has too many.
pub fn tips(location: &str) -> Option<String> {
    let Ok(Kind::Local(path)) = location::kind_of(location) else { return None };
    let folder = git_folder(&path).ok()?;
    let mut tips = BTreeMap::new();
    let packed = folder.join("packed-refs");
    if let Ok(metadata) = fs::symlink_metadata(&packed) {
        if !metadata.is_file() || metadata.len() > MAX_REFERENCES_BYTES {
            return None;
        }
        let text = String::from_utf8_lossy(&fs::read(&packed).ok()?).into_owned();
        let lines = text.lines().filter(|line| line.starts_with(|first: char| first.is_ascii_hexdigit()));
        tips.extend(lines.filter_map(|line| line.split_once(' ')).map(|(to, name)| (name.to_owned(), to.to_owned())));
    }
    let mut left = MAX_LOOSE;
    for kind in ["refs/heads", "refs/tags"] {
        loose(&folder.join(kind), kind, 0, &mut left, &mut tips)?;
    }
    // Without a branch, whatever is there is read.
    if !tips.keys().any(|name: &String| name.starts_with("refs/heads/")) {
        loose(&folder.join("refs"), "refs", 0, &mut left, &mut tips)?;
    }
    tips.insert("HEAD".to_owned(), small(&folder.join("HEAD")).trim().to_owned());
    Some(tips.into_iter().map(|(name, to)| format!("{name} {to}\n")).collect())
}

/// Adds the loose references in a folder, which come before packed ones of the same name; `None` where there are too many.
fn loose(
    folder: &Path,
    within: &str,
    depth: usize,
    left: &mut usize,
    tips: &mut BTreeMap<String, String>,
) -> Option<()> {
    if depth > MAX_DEPTH {
        return None;
    }
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Some(()),
        Err(_) => return None,
    };
    for entry in entries {
        let entry = entry.ok()?;
        let name = format!("{within}/{}", entry.file_name().to_string_lossy());
        if entry.file_type().ok()?.is_dir() {
            loose(&entry.path(), &name, depth + 1, left, tips)?;
        } else {
            *left = left.checked_sub(1)?;
            tips.insert(name, small(&entry.path()).trim().to_owned());
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "1111111111111111111111111111111111111111";
    const TWO: &str = "2222222222222222222222222222222222222222";

    #[test]
    fn they_change_with_each_reference_and_not_with_how_it_is_stored() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        let now = || tips(&folder.path().to_string_lossy());
        assert_eq!(now(), None, "no repository");
        fs::create_dir_all(folder.path().join("objects")).unwrap();
        write("HEAD", "ref: refs/heads/main\n");
        write("refs/heads/main", &format!("{ONE}\n"));
        write("refs/heads/ada/fix", &format!("{TWO}\n"));
        let first = now();
        let expected = format!("HEAD ref: refs/heads/main\nrefs/heads/ada/fix {TWO}\nrefs/heads/main {ONE}\n");
        assert_eq!(first.as_deref(), Some(expected.as_str()));
        write(
            "packed-refs",
            &format!("# pack-refs with: peeled\n{ONE} refs/heads/main\n^{TWO}\n{ONE} refs/heads/ada/fix\n"),
        );
        fs::remove_file(folder.path().join("refs/heads/main")).unwrap();
        assert_eq!(now(), first, "a loose one comes before a packed one");
        write("refs/tags/v1", ONE);
        assert_ne!(now(), first);
        fs::remove_file(folder.path().join("refs/tags/v1")).unwrap();
        write("HEAD", "ref: refs/heads/ada/fix\n");
        assert_ne!(now(), first);
        fs::remove_file(folder.path().join("refs/heads/ada/fix")).unwrap();
        write("packed-refs", &format!("{ONE} refs/tags/v1\n"));
        let without_branch = now();
        write("refs/for/main", &format!("{TWO}\n"));
        assert_ne!(now(), without_branch, "without a branch, whatever is there");
        write("commondir", "../other\n");
        assert_eq!(now(), None, "what leads elsewhere");
        assert_eq!(tips("https://git.example/a.git"), None);
    }
}

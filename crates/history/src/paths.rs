//! Paths of a repository, which are bytes, as texts that lose nothing.
//!
//! What is no UTF-8 (`m\xe9mo.py` of an old archive), and what would steer a terminal, is written as git writes it:
//! `m\351mo.py`. Two paths have the same text only where they are the same, and a text leads back to its path.

use git2::{Error, ObjectType, Oid, Repository, Tree, TreeEntry, TreeWalkResult};

use crate::repo::over_cap;

/// Entries of one tree, folders too, beyond which it is not gone through.
const MAX_ENTRIES: usize = 1_000_000;
/// Folders within each other.
const MAX_DEPTH: usize = 100;

/// The text of a path.
pub(crate) fn text(path: &[u8]) -> String {
    let mut text = String::with_capacity(path.len());
    for chunk in path.utf8_chunks() {
        for (at, character) in chunk.valid().char_indices() {
            let rest = &chunk.valid()[at..];
            if character.is_control() || escaped(rest.as_bytes()).is_some() {
                rest[..character.len_utf8()].bytes().for_each(|byte| escape(&mut text, byte));
            } else {
                text.push(character);
            }
        }
        chunk.invalid().iter().for_each(|byte| escape(&mut text, *byte));
    }
    text
}

/// The path of a text.
pub(crate) fn bytes(text: &str) -> Vec<u8> {
    let mut rest = text.as_bytes();
    let mut path = Vec::with_capacity(rest.len());
    while let Some(first) = rest.first() {
        let (byte, length) = escaped(rest).map_or((*first, 1), |byte| (byte, 4));
        path.push(byte);
        rest = &rest[length..];
    }
    path
}

fn escape(text: &mut String, byte: u8) {
    text.push_str(&format!("\\{byte:03o}"));
}

/// The byte that is written here as a backslash and three octal digits.
fn escaped(text: &[u8]) -> Option<u8> {
    let [b'\\', high @ b'0'..=b'3', middle @ b'0'..=b'7', low @ b'0'..=b'7', ..] = text else { return None };
    Some((high - b'0') * 64 + (middle - b'0') * 8 + (low - b'0'))
}

/// What stands at a path of a tree, with its kind; `None` where nothing does.
pub(crate) fn find(repo: &Repository, tree: &Tree<'_>, path: &str) -> Option<(Oid, ObjectType)> {
    let path = bytes(path);
    let mut found = (tree.id(), ObjectType::Tree);
    for part in path.split(|byte| *byte == b'/') {
        let tree = repo.find_tree(found.0).ok()?;
        let entry = tree.get_name_bytes(part)?;
        found = (entry.id(), entry.kind()?);
    }
    Some(found)
}

/// The file at a path of a tree; `None` where there is none.
pub(crate) fn blob(repo: &Repository, tree: &Tree<'_>, path: &str) -> Option<Oid> {
    find(repo, tree, path).filter(|(_, kind)| *kind == ObjectType::Blob).map(|(id, _)| id)
}

/// Goes through a tree as [`Tree::walk`] does, folders before what they hold; that one stops at the first folder whose name
/// is no UTF-8. `each` gets the text of the folder's path, with `/` at its end, and the entry.
///
/// # Errors
/// Where a tree is missing or damaged, or `each` aborts.
pub(crate) fn walk(
    repo: &Repository,
    tree: &Tree<'_>,
    mut each: impl FnMut(&str, &TreeEntry<'_>) -> TreeWalkResult,
) -> Result<(), Error> {
    let mut open = vec![(String::new(), repo.find_tree(tree.id())?, 0_usize)];
    let mut visited = 0_usize;
    while let Some((root, tree, next)) = open.last_mut() {
        let Some(entry) = tree.get(*next) else {
            open.pop();
            continue;
        };
        *next += 1;
        visited += 1;
        if visited > MAX_ENTRIES {
            return Err(over_cap("the tree has more than", MAX_ENTRIES, "entries"));
        }
        match each(root, &entry) {
            TreeWalkResult::Ok => {}
            TreeWalkResult::Skip => continue,
            TreeWalkResult::Abort => return Err(Error::from_str("stopped")),
        }
        let below = (entry.kind() == Some(ObjectType::Tree))
            .then(|| (format!("{root}{}/", text(entry.name_bytes())), entry.id()));
        drop(entry);
        if let Some((root, id)) = below {
            if open.len() > MAX_DEPTH {
                return Err(over_cap("its folders are nested deeper than", MAX_DEPTH, ""));
            }
            open.push((root, repo.find_tree(id)?, 0));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_leads_back_to_its_path() {
        for (path, shown) in [
            (&b"src/app.py"[..], "src/app.py"),
            ("été/mémo.py".as_bytes(), "été/mémo.py"),
            (b"m\xe9mo.py", "m\\351mo.py"),
            (b"a\x1b[31m\n.py", "a\\033[31m\\012.py"),
            (b"windows\\name.py", "windows\\name.py"),
            (b"m\\351mo.py", "m\\134351mo.py"),
            (b"\\\xe9", "\\\\351"),
            (b"", ""),
        ] {
            assert_eq!(text(path), shown);
            assert_eq!(bytes(shown), path);
        }
    }

    #[test]
    fn any_bytes_come_back() {
        let mut seed = 7_u32;
        for length in 0..200 {
            let path: Vec<u8> = (0..length)
                .map(|_| {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    // Backslashes and digits often.
                    if seed >> 30 == 0 { (seed >> 16) as u8 } else { b"\\0123489\xe9"[(seed >> 16) as usize % 9] }
                })
                .collect();
            assert_eq!(bytes(&text(&path)), path);
        }
    }
}

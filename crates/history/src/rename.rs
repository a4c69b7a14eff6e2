//! Which deleted file an added one was, as git finds it.
//!
//! Source: git's `diffcore-rename.c` and `diffcore-delta.c`. Equal contents first; then files that alone carry a name on
//! both sides, from 75 % similarity; then the best pairs from 50 %. Similarity is the part of the bytes that both have
//! in equal lines, of the larger one's size.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::words::hash_bytes;

const THRESHOLD: f64 = 0.5;
const SAME_NAME_THRESHOLD: f64 = 0.75;
/// Pairs beyond this many are compared by name alone, as git does past its rename limit.
const MAX_PAIRS: usize = 250_000;
const MAX_CHUNK: usize = 64;

/// A file that was added or deleted, with its content's fingerprint.
#[derive(Debug, Clone)]
pub(super) struct Candidate<'p> {
    /// Its path.
    pub(super) path: &'p str,
    /// Its content's id.
    pub(super) id: git2::Oid,
    /// Bytes.
    pub(super) size: u64,
}

/// Bytes by the hash of the line (or of 64 bytes of it) that they stand in, ascending by hash.
pub(super) struct Fingerprint(Vec<(u64, u64)>);

impl Fingerprint {
    /// Of a file's content; a carriage return before a line feed does not tell lines apart.
    pub(super) fn of(content: &[u8]) -> Self {
        let mut chunks = Vec::new();
        for line in content.split_inclusive(|byte| *byte == b'\n') {
            for chunk in line.chunks(MAX_CHUNK) {
                let hash = match chunk.strip_suffix(b"\r\n") {
                    Some(start) => hash_bytes(start).wrapping_mul(31).wrapping_add(u64::from(b'\n')),
                    None => match chunk.strip_suffix(b"\n") {
                        Some(start) => hash_bytes(start).wrapping_mul(31).wrapping_add(u64::from(b'\n')),
                        None => hash_bytes(chunk).wrapping_mul(31),
                    },
                };
                chunks.push((hash, chunk.len() as u64));
            }
        }
        chunks.sort_unstable();
        chunks.dedup_by(|next, kept| {
            let same = next.0 == kept.0;
            if same {
                kept.1 += next.1;
            }
            same
        });
        Self(chunks)
    }

    fn bytes_shared(&self, other: &Self) -> u64 {
        let (mut left, mut right, mut shared) = (0, 0, 0);
        while let (Some(a), Some(b)) = (self.0.get(left), other.0.get(right)) {
            match a.0.cmp(&b.0) {
                std::cmp::Ordering::Less => left += 1,
                std::cmp::Ordering::Greater => right += 1,
                std::cmp::Ordering::Equal => {
                    shared += a.1.min(b.1);
                    left += 1;
                    right += 1;
                }
            }
        }
        shared
    }
}

/// For each added file, the index of the deleted one that it was. No deleted file is used twice.
///
/// `fingerprint` reads a content; its error ends the search.
pub(super) fn find<E>(
    added: &[Candidate<'_>],
    deleted: &[Candidate<'_>],
    mut fingerprint: impl FnMut(git2::Oid) -> Result<Fingerprint, E>,
) -> Result<Vec<Option<usize>>, E> {
    let mut source_of: Vec<Option<usize>> = vec![None; added.len()];
    let mut used = vec![false; deleted.len()];
    if added.is_empty() || deleted.is_empty() {
        return Ok(source_of);
    }

    let mut by_id: BTreeMap<git2::Oid, Vec<usize>> = BTreeMap::new();
    for (index, file) in deleted.iter().enumerate().filter(|(_, file)| file.size > 0) {
        by_id.entry(file.id).or_default().push(index);
    }
    for (target, file) in added.iter().enumerate() {
        let Some(same) = by_id.get(&file.id) else { continue };
        let free = || same.iter().copied().filter(|source| !used[*source]);
        let named_so = free().find(|source| name_of(deleted[*source].path) == name_of(file.path));
        if let Some(source) = named_so.or_else(|| free().next()) {
            source_of[target] = Some(source);
            used[source] = true;
        }
    }

    let targets: Vec<usize> = (0..added.len()).filter(|i| source_of[*i].is_none() && added[*i].size > 0).collect();
    let sources: Vec<usize> = (0..deleted.len()).filter(|i| !used[*i] && deleted[*i].size > 0).collect();
    let mut fingerprints: BTreeMap<git2::Oid, Fingerprint> = BTreeMap::new();
    let mut similarity = |target: &Candidate<'_>, source: &Candidate<'_>| -> Result<f64, E> {
        let (small, large) = (target.size.min(source.size), target.size.max(source.size));
        if (small as f64) < large as f64 * THRESHOLD {
            return Ok(0.0);
        }
        for id in [target.id, source.id] {
            if let Entry::Vacant(entry) = fingerprints.entry(id) {
                entry.insert(fingerprint(id)?);
            }
        }
        Ok(fingerprints[&target.id].bytes_shared(&fingerprints[&source.id]) as f64 / large as f64)
    };

    let only = |indices: &[usize], files: &[Candidate<'_>]| {
        let mut names: BTreeMap<String, Option<usize>> = BTreeMap::new();
        for index in indices {
            names.entry(name_of(files[*index].path).to_owned()).and_modify(|only| *only = None).or_insert(Some(*index));
        }
        names
    };
    let (target_names, source_names) = (only(&targets, added), only(&sources, deleted));
    for (name, target) in &target_names {
        let (Some(target), Some(Some(source))) = (*target, source_names.get(name)) else { continue };
        if similarity(&added[target], &deleted[*source])? >= SAME_NAME_THRESHOLD {
            source_of[target] = Some(*source);
            used[*source] = true;
        }
    }

    let targets: Vec<usize> = targets.into_iter().filter(|target| source_of[*target].is_none()).collect();
    let sources: Vec<usize> = sources.into_iter().filter(|source| !used[*source]).collect();
    if targets.len().saturating_mul(sources.len()) > MAX_PAIRS {
        return Ok(source_of);
    }
    let mut pairs = Vec::new();
    for target in &targets {
        for source in &sources {
            let score = similarity(&added[*target], &deleted[*source])?;
            if score >= THRESHOLD {
                let same_name = name_of(added[*target].path) == name_of(deleted[*source].path);
                pairs.push((score, same_name, *target, *source));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.cmp(&a.1)).then(a.2.cmp(&b.2)).then(a.3.cmp(&b.3)));
    for (_, _, target, source) in pairs {
        if source_of[target].is_none() && !used[source] {
            source_of[target] = Some(source);
            used[source] = true;
        }
    }
    Ok(source_of)
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find_among(added: &[(&str, &str)], deleted: &[(&str, &str)]) -> Vec<Option<usize>> {
        let mut contents = BTreeMap::new();
        let mut candidate = |path: &'static str, content: &'static str| {
            let id = git2::Oid::hash_object(git2::ObjectType::Blob, content.as_bytes()).expect("a hash");
            contents.insert(id, content);
            Candidate { path, id, size: content.len() as u64 }
        };
        let leak = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
        let added: Vec<_> = added.iter().map(|(path, text)| candidate(leak(path), leak(text))).collect();
        let deleted: Vec<_> = deleted.iter().map(|(path, text)| candidate(leak(path), leak(text))).collect();
        let read = |id| Ok::<_, ()>(Fingerprint::of(contents[&id].as_bytes()));
        find(&added, &deleted, read).expect("contents are there")
    }

    #[test]
    fn equal_contents_prefer_the_same_name() {
        let found = find_among(&[("new/b.py", "x = 1\n")], &[("a.py", "x = 1\n"), ("b.py", "x = 1\n")]);
        assert_eq!(found, [Some(1)]);
    }

    #[test]
    fn half_of_the_bytes_is_the_border() {
        let old =
            "one line of text\n".to_owned() + "another line here\n" + "a third line is it\n" + "and the fourth one\n";
        let near = old.replace("a third line is it", "something different");
        let far = "nothing\nin common\nwith the old file\nat all here but its size\n";
        assert_eq!(find_among(&[("new.py", &near)], &[("old.py", &old)]), [Some(0)]);
        assert_eq!(find_among(&[("new.py", far)], &[("old.py", &old)]), [None]);
    }

    #[test]
    fn a_deleted_file_is_the_source_of_one_only() {
        let found = find_among(&[("a.py", "same\n"), ("b.py", "same\n")], &[("old.py", "same\n")]);
        assert_eq!(found, [Some(0), None]);
    }

    #[test]
    fn empty_files_are_not_renames() {
        assert_eq!(find_among(&[("a/__init__.py", "")], &[("b/__init__.py", "")]), [None]);
    }
}

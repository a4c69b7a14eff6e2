//! When a region first appeared in a history: by its fingerprints, so that a later renaming or reformatting does not make
//! it younger.

/// Part of a region's fingerprints that a version of a file has to hold.
const ENOUGH: f64 = 0.6;

/// The first of `versions`, oldest first, that holds most of the `wanted` fingerprints; each version's are sorted.
pub fn first<'v>(versions: impl IntoIterator<Item = &'v [u64]>, wanted: &[u64]) -> Option<usize> {
    if wanted.is_empty() {
        return None;
    }
    versions.into_iter().position(|hashes| {
        let held = wanted.iter().filter(|hash| hashes.binary_search(hash).is_ok()).count();
        held as f64 >= ENOUGH * wanted.len() as f64
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_version_that_holds_most_of_it_counts() {
        let versions: [&[u64]; 3] = [&[1], &[1, 2, 3], &[1, 2, 3, 4]];
        assert_eq!(first(versions, &[1, 2, 3, 4]), Some(1));
        assert_eq!(first(versions, &[9]), None);
        assert_eq!(first(versions, &[]), None);
    }
}

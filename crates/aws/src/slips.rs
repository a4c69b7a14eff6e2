//! Tags that are the wanted ones but for a slip: `Team` for `team`, `"t1 "` for `t1`.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;

use stackmark_evidence::aws::Tags;

/// Whether two keys or values differ in no more than case, blanks around them, or the form of their accents.
pub(super) fn same(one: &str, other: &str) -> bool {
    one == other || plain(one) == plain(other)
}

fn plain(text: &str) -> String {
    text.trim().to_lowercase().nfc().collect()
}

/// The tags that stand in for the wanted ones, where nothing carries these and it is plain which ones are meant: of each, one
/// form alone is in use, and something carries all of them.
pub(super) fn meant(all: &[&Tags], wanted: &Tags) -> Option<Tags> {
    let mut meant = Tags::new();
    for (key, value) in wanted {
        let pairs = all.iter().flat_map(|tags| tags.iter());
        let forms: BTreeSet<(&String, &String)> =
            pairs.filter(|(other, text)| same(other, key) && same(text, value)).collect();
        let (own_key, own_value) = match forms.contains(&(key, value)) {
            true => (key, value),
            false if forms.len() == 1 => forms.first().copied()?,
            false => return None,
        };
        meant.insert(own_key.clone(), own_value.clone());
    }
    let carried = all.iter().any(|tags| meant.iter().all(|(key, value)| tags.get(key) == Some(value)));
    (carried && meant != *wanted).then_some(meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn slips_are_seen_through_where_one_form_is_in_use() {
        let wanted = tags(&[("project", "lab"), ("team", "équipe 1")]);
        for slip in [[("project", "lab"), ("Team", "équipe 1")], [("project", "Lab"), ("team", "e\u{301}quipe 1 ")]] {
            let slip = tags(&slip);
            assert_eq!(meant(&[&slip, &tags(&[("Name", "x")])], &wanted), Some(slip.clone()), "{slip:?}");
        }
        let (upper, blank) = (tags(&[("team", "T1")]), tags(&[("team", "t1 ")]));
        let wanted = tags(&[("team", "t1")]);
        assert_eq!(meant(&[&upper, &blank], &wanted), None, "two forms: nobody knows which is meant");
        assert_eq!(meant(&[&tags(&[("team", "t2")])], &wanted), None);
        assert_eq!(meant(&[&wanted], &wanted), None, "no slip");
    }

    #[test]
    fn tags_on_different_resources_are_not_put_together() {
        let wanted = tags(&[("project", "lab"), ("team", "t1")]);
        assert_eq!(meant(&[&tags(&[("Project", "lab")]), &tags(&[("Team", "t1")])], &wanted), None);
    }
}

//! The words of all closed sets of the evidence, for whoever rewrites its strings.

use serde::Deserialize;
use serde::de::value::{BorrowedStrDeserializer, Error as NoWord};

use super::aws::Missing;
use super::closed::*;
use super::ledger::{Because, Used};
use super::unread::WhyUnread;
use super::{Cause, MembersFrom, SetAsideKind};

/// Whether the whole of `text` is a word of a closed set of the evidence, those of readings among them. Whoever rewrites
/// the strings of stored evidence leaves these be: another word is no evidence any more.
pub fn is_word(text: &str) -> bool {
    fn is<'t, T: Deserialize<'t>>(text: &'t str) -> bool {
        T::deserialize(BorrowedStrDeserializer::<NoWord>::new(text)).is_ok()
    }
    macro_rules! any {
        ($($name:ident),+) => { $(is::<$name>(text))||+ };
    }
    let is_state = matches!(text, "observed" | "absent" | "unreadable");
    let of_readings = is_state || is::<Cause>(text) || is::<SetAsideKind>(text) || is::<MembersFrom>(text);
    let of_gaps = is::<Missing>(text) || is::<WhyUnread>(text) || is::<Used>(text) || is::<Because>(text);
    of_readings || of_gaps || with_all_sets!(any)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_of_all_sets_are_known_and_nothing_else() {
        macro_rules! known {
            ($($name:ident),+) => {$(assert!($name::ALL.iter().all(|it| is_word(it.as_str()))));+};
        }
        with_all_sets!(known);
        assert!(["observed", "not-collected", "dates", "roster"].into_iter().all(is_word));
        assert!(!["chance", "Terraform", "terraform apply", ""].into_iter().any(is_word));
    }
}

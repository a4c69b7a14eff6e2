//! Names and addresses, made comparable.

use unicode_normalization::UnicodeNormalization;

use crate::words::fold;
use stackmark_evidence::git::Person;

/// What a signature says once its fields are put right: an address in the field for the name is an address, a name in the
/// field for the address is a name, and quotes and brackets around either are nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Signed {
    /// Addresses, lower case, that of the address field first.
    pub(super) addresses: Vec<String>,
    /// Names as they were written, that of the name field first.
    pub(super) names: Vec<String>,
}

impl Signed {
    /// Of a signature.
    pub(super) fn of(person: &Person) -> Self {
        let mut signed = Self::default();
        for field in [&person.email, &person.name] {
            signed.take_addresses(field);
        }
        for field in [&person.name, &person.email] {
            let name = without_addresses(field);
            if !normal_name(&name).is_empty() && !signed.names.contains(&name) {
                signed.names.push(name);
            }
        }
        signed
    }

    fn take_addresses(&mut self, field: &str) {
        // A word with an @ in it is an address, whatever stands around it: `Ana <ana@uni.example>`, `mailto:a@b`.
        for address in field.split_whitespace().filter_map(address_in) {
            if !self.addresses.contains(&address) {
                self.addresses.push(address);
            }
        }
    }
}

/// Whether a signature has an address in either field.
pub(crate) fn has_address(person: &Person) -> bool {
    !Signed::of(person).addresses.is_empty()
}

/// The address that a word holds, lower case, without what editors and forms put around it.
pub(super) fn address_in(word: &str) -> Option<String> {
    let word = word.to_lowercase();
    let bare = word.trim_matches(|c: char| !c.is_alphanumeric() && !"_+-[]".contains(c));
    // Brackets are part of a bot's address, and a slip around anyone else's.
    let bare = if bare.contains("[bot]") { bare } else { bare.trim_matches(['[', ']']) };
    let bare = bare.strip_prefix("mailto:").unwrap_or(bare);
    let (local, host) = bare.split_once('@')?;
    (!local.is_empty() && !host.is_empty() && !host.contains('@')).then(|| bare.to_owned())
}

fn without_addresses(field: &str) -> String {
    let words: Vec<&str> = field.split_whitespace().filter(|word| address_in(word).is_none()).collect();
    words.join(" ")
}

/// Lower case, accents and punctuation off, words in order of the alphabet: `García-López, Ana` is `ana garcia lopez`.
pub(super) fn normal_name(name: &str) -> String {
    let mut words = words_of(name);
    words.sort_unstable();
    words.join(" ")
}

/// The words of a name in their order, lower case, accents and punctuation off.
pub(super) fn words_of(name: &str) -> Vec<String> {
    let folded = fold(name).to_lowercase();
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// A name of a script that sets no spaces between words, without any: `李 明` is `李明`; `None` of any other.
pub(super) fn unspaced(name: &str) -> Option<String> {
    let letters: String = name.nfkc().filter(|c| c.is_alphanumeric()).collect();
    (letters.chars().count() >= 2 && letters.chars().all(is_unspaced)).then_some(letters)
}

/// Whether a letter is Chinese, Japanese or Korean.
pub(super) fn is_unspaced(letter: char) -> bool {
    matches!(letter,
        '\u{3005}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// The logins that a forge's private address can stand for, the likelier first: `login`, or `123+login` or (at GitLab)
/// `123-login`, at `users.noreply.<forge>` or `noreply.<forge>`. Empty for any other address.
pub(super) fn logins_of(email: &str) -> Vec<String> {
    let Some(address) = address_in(email) else { return Vec::new() };
    let Some((local, host)) = address.split_once('@') else { return Vec::new() };
    if !host.starts_with("users.noreply.") && !host.starts_with("noreply.") {
        return Vec::new();
    }
    let numbered = |mark| match local.split_once(mark) {
        Some((number, login)) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => Some(login),
        _ => None,
    };
    let logins = match (numbered('+'), numbered('-')) {
        (Some(login), _) => vec![login],
        // A login may itself begin with digits and a dash.
        (None, Some(login)) => vec![local, login],
        (None, None) => vec![local],
    };
    logins.into_iter().filter(|login| !login.is_empty()).map(str::to_owned).collect()
}

//! Whose an identity may be: signs that a person should look at, and nothing is decided by.
//!
//! Signs are weighed as good as they are alone: a login made of a member's whole name is rarely someone else's, a given
//! name may be. Two different signs of one kind of strength count as one of the next. Where two members have equally
//! strong signs, both are named and neither is more than possible.

use std::collections::BTreeSet;

use super::names::{Signed, logins_of, normal_name, words_of};
use super::nobody::{is_nobodys_name, is_of_a_machine};
use stackmark_evidence::identities::Confidence::{Likely, Possible, VeryLikely};
use stackmark_evidence::identities::{Confidence, Reason, Sign, Suggestion};

/// Members that are named where none has the stronger signs.
const MAX_TIED: usize = 2;

/// A name of more words, and a login of more letters, are not taken apart: nobody has them, and it would take for ever.
const MAX_WORDS: usize = 6;
const MAX_LETTERS: usize = 40;

/// What is known of one person, or of one signature.
#[derive(Debug, Clone, Default)]
pub(super) struct Profile {
    /// Names, as lists of words.
    names: BTreeSet<Vec<String>>,
    /// Names before the `@` of addresses that people chose, with the host.
    locals: BTreeSet<(String, String)>,
    /// Logins at a forge, and names without a space.
    logins: BTreeSet<String>,
    /// Names of machines that gave an address.
    machines: BTreeSet<String>,
}

impl Profile {
    /// Takes in a signature.
    pub(super) fn add(&mut self, signed: &Signed) {
        for name in signed.names.iter().filter(|name| !is_nobodys_name(name)) {
            self.add_name(name);
        }
        for address in &signed.addresses {
            let Some((local, host)) = address.split_once('@') else { continue };
            let logins = logins_of(address);
            if is_of_a_machine(address) {
                self.machines.insert(host.to_owned());
            }
            if let Some(login) = logins.last() {
                self.logins.insert(login.clone());
            } else if !is_nobodys_name(local) && !is_of_everyone(local) {
                self.locals.insert((local.to_owned(), host.to_owned()));
            }
        }
    }

    /// Takes in a name that the roster has.
    pub(super) fn add_name(&mut self, name: &str) {
        let words = words_of(name);
        if !words.is_empty() && !name.trim().contains(char::is_whitespace) {
            self.logins.insert(name.trim().to_lowercase());
        }
        // `AnaGarcía` is two words as well, and `ana92` is ana.
        let spaced = with_spaces(name.trim_end_matches(|c: char| c.is_ascii_digit()));
        for words in [words, words_of(&spaced)] {
            if !words.is_empty() {
                self.names.insert(words);
            }
        }
    }

    /// Takes in a login that the roster has.
    pub(super) fn add_login(&mut self, login: &str) {
        self.logins.insert(login.trim().to_lowercase());
    }

    /// Logins and names before the `@`, with letters and digits only.
    fn handles(&self) -> BTreeSet<Handle> {
        let locals = self.locals.iter().map(|(local, host)| Handle::of(local, format!("{local}@{host}"), true));
        let logins = self.logins.iter().map(|login| Handle::of(login, login.clone(), false));
        locals.chain(logins).filter(|handle| handle.bare.len() >= 3).collect()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Handle {
    /// Letters and digits, lower case, accents off.
    bare: String,
    /// As it is shown.
    shown: String,
    is_local: bool,
}

impl Handle {
    fn of(text: &str, shown: String, is_local: bool) -> Self {
        // `ana+git@…` is ana's.
        let text = if is_local { text.split('+').next().unwrap_or(text) } else { text };
        Self { bare: words_of(text).concat(), shown, is_local }
    }

    fn letters(&self) -> &str {
        self.bare.trim_end_matches(|c: char| c.is_ascii_digit())
    }
}

/// Whose the signature may be, of members that are known as well as the history allows.
///
/// `committer` is the member who committed everything that this signature authored.
pub(super) fn suggest(subject: &Profile, members: &[(&str, Profile)], committer: Option<&str>) -> Vec<Suggestion> {
    let mut found = alike(subject, members, committer);
    let best = found.iter().map(|suggestion| suggestion.confidence).max();
    found.retain(|suggestion| Some(suggestion.confidence) == best);
    if found.len() > MAX_TIED {
        return Vec::new();
    }
    if found.len() > 1 {
        found.iter_mut().for_each(|suggestion| suggestion.confidence = Possible);
    }
    found
}

/// All members whom the signature resembles. Somebody who is there three times is each of the other two, and neither takes
/// anything from the other's likeness.
pub(super) fn alike(subject: &Profile, members: &[(&str, Profile)], committer: Option<&str>) -> Vec<Suggestion> {
    (members.iter())
        .filter_map(|(id, member)| {
            let others = || members.iter().filter(|(other, _)| other != id).map(|(_, profile)| profile);
            let mut signs = signs(subject, member, &others);
            if committer == Some(*id) {
                signs.push((Possible, reason(Sign::CommittedBy, "", "")));
            }
            weighed(id, signs)
        })
        .collect()
}

fn weighed(member: &str, mut signs: Vec<(Confidence, Reason)>) -> Option<Suggestion> {
    signs.sort_by(|a, b| (b.0, &a.1).cmp(&(a.0, &b.1)));
    let mut kinds = BTreeSet::new();
    signs.retain(|(_, reason)| kinds.insert(reason.sign));
    let strongest = signs.first()?.0;
    let equals = signs.iter().filter(|(confidence, _)| *confidence == strongest).count();
    let confidence = match (strongest, equals) {
        (Possible, 1) => Possible,
        (Possible, _) | (Likely, 1) => Likely,
        _ => VeryLikely,
    };
    Some(Suggestion {
        member: member.to_owned(),
        confidence,
        reasons: signs.into_iter().map(|(_, reason)| reason).collect(),
    })
}

fn reason(sign: Sign, theirs: &str, members: &str) -> Reason {
    Reason { sign, theirs: theirs.to_owned(), members: members.to_owned() }
}

fn signs<'p, I: Iterator<Item = &'p Profile>>(
    subject: &Profile,
    member: &Profile,
    others: &dyn Fn() -> I,
) -> Vec<(Confidence, Reason)> {
    let mut signs = Vec::new();
    let (theirs, ours) = (subject.handles(), member.handles());
    for (a, b) in theirs.iter().flat_map(|a| ours.iter().map(move |b| (a, b))) {
        signs.extend(of_handles(a, b, member));
    }
    for (handle, name) in theirs.iter().flat_map(|handle| member.names.iter().map(move |name| (handle, name))) {
        signs.extend(
            of_handle_and_name(handle, name).map(|(how, sign)| (how, reason(sign, &handle.shown, &name.join(" ")))),
        );
    }
    for (handle, name) in ours.iter().flat_map(|handle| subject.names.iter().map(move |name| (handle, name))) {
        signs.extend(
            of_handle_and_name(handle, name).map(|(how, sign)| (how, reason(sign, &name.join(" "), &handle.shown))),
        );
    }
    for (a, b) in subject.names.iter().flat_map(|a| member.names.iter().map(move |b| (a, b))) {
        signs.extend(of_names(a, b, others));
    }
    signs.extend(of_machines(subject, member, others));
    signs
}

fn of_handles(a: &Handle, b: &Handle, member: &Profile) -> Option<(Confidence, Reason)> {
    let told = |sign| reason(sign, &a.shown, &b.shown);
    if a.bare == b.bare {
        let sign = if a.is_local && b.is_local { Sign::SameLocalPart } else { Sign::SameLogin };
        let is_word_of_name = member.names.iter().any(|name| name.len() > 1 && name.contains(&a.bare));
        let how = match a.bare.chars().count() {
            7.. if !is_word_of_name => VeryLikely,
            4.. => Likely,
            _ => Possible,
        };
        return Some((how, told(sign)));
    }
    let letters = if a.letters() == b.letters() { a.letters().chars().count() } else { 0 };
    let one_letter = a.bare.chars().count() >= 8 && strsim::damerau_levenshtein(&a.bare, &b.bare) == 1;
    match letters {
        10.. => Some((Likely, told(Sign::NearlySameLogin))),
        6.. => Some((Possible, told(Sign::NearlySameLogin))),
        _ => one_letter.then(|| (Possible, told(Sign::NearlySameLogin))),
    }
}

/// Whether a login is made of a name's words, initials or beginnings.
fn of_handle_and_name(handle: &Handle, name: &[String]) -> Option<(Confidence, Sign)> {
    if !(2..=MAX_WORDS).contains(&name.len()) || !(4..=MAX_LETTERS).contains(&handle.letters().chars().count()) {
        return None;
    }
    let made = pieces(handle.letters(), name, &mut vec![false; name.len()])?;
    match made {
        Pieces { words: 2.., initials: 0, beginnings: 0 } => Some((VeryLikely, Sign::MadeOfName)),
        Pieces { words: 1.., beginnings: 0, initials: 1.. } => Some((Likely, Sign::InitialsOfName)),
        Pieces { words: 1.., beginnings: 1.., .. } => Some((Likely, Sign::ShortOfName)),
        Pieces { beginnings: 1.., initials: 1.., .. } | Pieces { beginnings: 2.., .. } => {
            Some((Possible, Sign::ShortOfName))
        }
        _ => None,
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Pieces {
    words: u32,
    beginnings: u32,
    initials: u32,
}

/// Takes `handle` apart into words, beginnings of three letters or more, and initials of the name, each word used once; the
/// way with the most whole words.
fn pieces(handle: &str, name: &[String], used: &mut Vec<bool>) -> Option<Pieces> {
    if handle.is_empty() {
        return Some(Pieces::default());
    }
    let mut best: Option<Pieces> = None;
    for (at, word) in name.iter().enumerate() {
        if used[at] {
            continue;
        }
        let common = handle.chars().zip(word.chars()).take_while(|(a, b)| a == b).count();
        let whole = word.chars().count();
        used[at] = true;
        for taken in (1..=common).rev().filter(|taken| *taken == whole || *taken == 1 || *taken >= 3) {
            let rest = handle.char_indices().nth(taken).map_or("", |(from, _)| &handle[from..]);
            let Some(mut made) = pieces(rest, name, used) else { continue };
            // A word of one or two letters says no more than an initial.
            match taken {
                taken if taken == whole && whole >= 3 => made.words += 1,
                taken if taken >= 3 => made.beginnings += 1,
                _ => made.initials += 1,
            }
            let rank = |pieces: Pieces| (pieces.words, pieces.beginnings, std::cmp::Reverse(pieces.initials));
            if best.is_none_or(|best| rank(made) > rank(best)) {
                best = Some(made);
            }
        }
        used[at] = false;
    }
    best
}

fn of_names<'p, I: Iterator<Item = &'p Profile>>(
    a: &[String],
    b: &[String],
    others: &dyn Fn() -> I,
) -> Option<(Confidence, Reason)> {
    let told = |sign| reason(sign, &a.join(" "), &b.join(" "));
    let (shorter, longer) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if shorter.iter().all(|word| longer.contains(word)) {
        let how = match shorter {
            [word] => {
                let shared = others().flat_map(|other| &other.names).any(|name| name.contains(word));
                // One login alone is compared as a login.
                (word.chars().count() >= 3 && longer.len() > 1 && !shared).then_some(Likely)?
            }
            _ => VeryLikely,
        };
        return Some((how, told(Sign::NameInName)));
    }
    let joined = [a, b].map(|words| normal_name(&words.join(" ")));
    let length = joined.iter().map(|name| name.chars().count()).min().unwrap_or(0);
    let far = strsim::damerau_levenshtein(&joined[0], &joined[1]);
    // `Student 1` and `Student 2` are as near as names get, and two people.
    let number = |name: &[String]| name.iter().find(|word| word.bytes().all(|byte| byte.is_ascii_digit())).cloned();
    let near = shorter.len() > 1
        && ((far <= 1 && length >= 6) || (far <= 2 && length >= 10))
        && number(shorter) == number(longer);
    near.then(|| (Likely, told(Sign::NearlySameName)))
}

fn of_machines<'p, I: Iterator<Item = &'p Profile>>(
    subject: &Profile,
    member: &Profile,
    others: &dyn Fn() -> I,
) -> Vec<(Confidence, Reason)> {
    let mut signs = Vec::new();
    for machine in subject.machines.iter().filter(|machine| !machine.starts_with("localhost")) {
        let shared = others().any(|other| other.machines.contains(machine));
        if member.machines.contains(machine) && !shared {
            let how = if machine.starts_with("ip-") { Possible } else { Likely };
            signs.push((how, reason(Sign::SameMachine, machine, machine)));
        }
        let words = words_of(machine);
        let holds = |profile: &Profile| {
            let mut names = profile.names.iter().flatten().filter(|word| word.chars().count() >= 4);
            let is_in = |name: &str| words.iter().any(|word| word == name || word.strip_suffix('s') == Some(name));
            names.find(|name| is_in(name)).cloned()
        };
        if let Some(name) = holds(member).filter(|_| !others().any(|other| holds(other).is_some())) {
            signs.push((Possible, reason(Sign::MachineOfName, machine, &name)));
        }
    }
    signs
}

/// Whether many people have this before their `@`.
fn is_of_everyone(local: &str) -> bool {
    const LOCALS: [&str; 12] =
        ["contact", "dev", "email", "github", "gitlab", "hello", "info", "mail", "me", "moi", "no-reply", "noreply"];
    LOCALS.contains(&local)
}

/// `AnaGarcía` as `Ana García`.
fn with_spaces(name: &str) -> String {
    let mut spaced = String::with_capacity(name.len() + 4);
    let mut previous = ' ';
    for character in name.chars() {
        if character.is_uppercase() && previous.is_lowercase() {
            spaced.push(' ');
        }
        spaced.push(character);
        previous = character;
    }
    spaced
}

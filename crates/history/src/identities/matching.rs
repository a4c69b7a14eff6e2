//! Which member an author is.
//!
//! An author is a member where one of these holds for exactly one member. The first source that knows the author decides,
//! also where what it says is that the author is nobody's:
//!
//! 1. the **roster**, in this order: the address is one of the member's, without regard to case; the address is a forge's
//!    private one, `123+login@users.noreply.<forge>`, of the member's login; the name is the member's name, one of the
//!    aliases or the login, without regard to case, accents and punctuation, and of names of two words or more, the
//!    order is free; of Chinese, Japanese and Korean names, spaces say nothing either;
//! 2. the **instructor's mailmap**, where what it gives is a member by 1;
//! 3. the **repository's own `.mailmap`** at the graded commit, where every part of what it gives that the roster knows
//!    is one and the same member's. The team can edit that file: it is asked last, only about authors whom neither
//!    the roster nor the instructor knows, never about bots, and whatever it decided is listed in the evidence.
//!
//! A program is nobody ([`super::programs`]): one that its address gives away is not a member for a name that a member has
//! as well.
//!
//! Fields that were swapped, and addresses in quotes or brackets, are put right first ([`Signed`]). Nothing else makes an
//! author a member's: no likeness of names and no shared machine. An author who fits nobody, or two members, is nobody's.

use std::collections::{BTreeMap, BTreeSet};

use super::mailmap::Mailmap;
use super::names::{Signed, logins_of, normal_name, unspaced, words_of};
use super::programs::program;
use super::spoken::Spoken;
use stackmark_evidence::Member;
use stackmark_evidence::git::Person;

/// Who the members are, ready to be asked.
#[derive(Debug)]
pub(crate) struct Identities {
    /// Key → indices of the members that have it.
    keys: BTreeMap<Key, BTreeSet<usize>>,
    ids: Vec<String>,
    /// The first letters of a name of two words or more → the member; `None` where several have them.
    initials: BTreeMap<String, Option<usize>>,
    spoken: Spoken,
    instructor: Mailmap,
    repository: Mailmap,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Email(String),
    Login(String),
    Name(String),
    /// A name without its spaces, of a script that sets none.
    Unspaced(String),
}

/// A member, and how it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Match {
    /// Index of the member.
    pub(crate) member: usize,
    pub(crate) by: By,
}

/// What makes an author a member's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum By {
    /// An address of the roster.
    Address,
    /// A login of the roster.
    Login,
    /// A name or alias of the roster.
    Name,
    /// The instructor's mailmap, which gives this.
    Instructor(Person),
    /// The repository's own `.mailmap`, which gives this.
    Repository(Person),
}

/// What the roster says of a signature.
enum Said {
    Member(Match),
    /// Two members have what it says.
    Contested,
    Nothing,
}

impl Identities {
    /// Of a team's members, in the roster's order.
    pub(crate) fn new(members: &[Member]) -> Self {
        let mut keys: BTreeMap<Key, BTreeSet<usize>> = BTreeMap::new();
        for (index, member) in members.iter().enumerate() {
            for key in keys_of(member) {
                keys.entry(key).or_default().insert(index);
            }
        }
        let mut initials: BTreeMap<String, Option<usize>> = BTreeMap::new();
        for (index, member) in members.iter().enumerate() {
            let words = words_of(&member.name);
            if words.len() > 1 {
                let letters: String = words.iter().filter_map(|word| word.chars().next()).collect();
                initials.entry(letters).and_modify(|only| *only = None).or_insert(Some(index));
            }
        }
        let ids = members.iter().map(|member| member.id.clone()).collect();
        let spoken = Spoken::of(members);
        Self { keys, ids, initials, spoken, instructor: Mailmap::default(), repository: Mailmap::default() }
    }

    /// The same, with the instructor's mailmap and the repository's own.
    pub(crate) fn with_mailmaps(self, instructor: &Mailmap, repository: Mailmap) -> Self {
        Self { instructor: instructor.clone(), repository, ..self }
    }

    /// Whether a mailmap can make anybody a member's.
    pub(crate) fn have_mailmaps(&self) -> bool {
        !self.instructor.is_empty() || !self.repository.is_empty()
    }

    /// The index of the member who `person` is.
    pub(crate) fn member_of(&self, person: &Person) -> Option<usize> {
        self.find(person).map(|found| found.member)
    }

    /// The member who `person` is, and why.
    pub(crate) fn find(&self, person: &Person) -> Option<Match> {
        let by_address = program(person).map(|program| program.by_address);
        let known = match self.roster(person) {
            // `Claude <noreply@…>` is not the member whose name is Claude.
            Said::Member(found) if by_address == Some(true) && found.by != By::Address => return None,
            Said::Member(found) => return Some(found),
            Said::Contested => true,
            Said::Nothing => false,
        };
        if let Some(to) = self.instructor.resolve(person) {
            return match self.roster(&to) {
                Said::Member(found) => Some(Match { by: By::Instructor(to), ..found }),
                Said::Contested | Said::Nothing => None,
            };
        }
        if known || by_address.is_some() {
            return None;
        }
        let to = self.repository.resolve(person)?;
        let member = self.only(&to)?;
        Some(Match { member, by: By::Repository(to) })
    }

    /// The index of the member whose name, alias, login or address this text is.
    pub(crate) fn member_called(&self, text: &str) -> Option<usize> {
        self.member_of(&Person { name: text.to_owned(), email: String::new() })
    }

    /// The same, by the roster or the instructor's mailmap alone.
    pub(crate) fn member_said(&self, text: &str) -> Option<usize> {
        let found = self.find(&Person { name: text.to_owned(), email: String::new() })?;
        (!matches!(found.by, By::Repository(_))).then_some(found.member)
    }

    /// The index of the member whom these letters stand for, as `[ag/lp]` in a subject has them.
    pub(crate) fn member_with_initials(&self, letters: &str) -> Option<usize> {
        self.initials.get(&words_of(letters).concat()).copied().flatten()
    }

    /// The members whom a message names in words, each once with the line that does.
    pub(crate) fn named_in<'m>(&self, message: &'m str) -> Vec<(usize, &'m str)> {
        self.spoken.named_in(message)
    }

    /// The id of the member at `index`.
    pub(crate) fn id(&self, index: usize) -> String {
        self.ids[index].clone()
    }

    /// Whether the roster has anything of `person`, be it of several members.
    pub(super) fn knows(&self, person: &Person) -> bool {
        !matches!(self.roster(person), Said::Nothing)
    }

    fn roster(&self, person: &Person) -> Said {
        let known = asked(person).into_iter().find_map(|key| Some((self.keys.get(&key)?, key)));
        let Some((members, key)) = known else { return Said::Nothing };
        let [member] = members.iter().copied().collect::<Vec<_>>()[..] else { return Said::Contested };
        let by = match key {
            Key::Email(_) => By::Address,
            Key::Login(_) => By::Login,
            Key::Name(_) | Key::Unspaced(_) => By::Name,
        };
        Said::Member(Match { member, by })
    }

    /// The one member whom everything known of `person` names.
    fn only(&self, person: &Person) -> Option<usize> {
        let known: BTreeSet<usize> =
            asked(person).iter().filter_map(|key| self.keys.get(key)).flatten().copied().collect();
        if known.len() == 1 { known.first().copied() } else { None }
    }
}

/// All that makes an author this member.
fn keys_of(member: &Member) -> Vec<Key> {
    let mut keys = Vec::new();
    for email in &member.emails {
        // `Ana <ana@uni.example>` is an address with more around it.
        let written = Signed::of(&Person { name: String::new(), email: email.clone() });
        keys.extend(written.addresses.iter().flat_map(|address| logins_of(address)).map(Key::Login));
        keys.extend(written.addresses.into_iter().map(Key::Email));
    }
    keys.extend(member.login.iter().map(|login| Key::Login(login.trim().to_lowercase())));
    let names = || std::iter::once(&member.name).chain(&member.aliases).chain(&member.login);
    keys.extend(names().filter_map(|name| unspaced(name)).map(Key::Unspaced));
    keys.extend(names().map(|name| normal_name(name)).filter(|name| !name.is_empty()).map(Key::Name));
    keys
}

/// What a signature can be known by, the surest first.
fn asked(person: &Person) -> Vec<Key> {
    let signed = Signed::of(person);
    let mut keys: Vec<Key> = signed.addresses.iter().cloned().map(Key::Email).collect();
    keys.extend(signed.addresses.iter().flat_map(|address| logins_of(address)).map(Key::Login));
    keys.extend(signed.names.iter().map(|name| Key::Name(normal_name(name))));
    keys.extend(signed.names.iter().filter_map(|name| unspaced(name)).map(Key::Unspaced));
    keys
}

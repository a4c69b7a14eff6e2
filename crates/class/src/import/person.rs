//! What a list says of a person, and when two lists speak of the same one.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// What is known of a person. Ids are as written; they are compared without case.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    /// As printed.
    pub name: String,
    /// Addresses.
    pub emails: Vec<String>,
    /// Login at the forge.
    pub login: Option<String>,
    /// Student number.
    pub sis_id: Option<String>,
    /// The learning platform's own number.
    pub lms_id: Option<String>,
    /// Login at the learning platform.
    pub lms_login: Option<String>,
    /// What a roster calls the person, and which of the above it is nobody says.
    pub identifier: Option<String>,
}

/// What identifies one person only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// The learning platform's number.
    Lms(String),
    /// A student number or the school's login: one is often the other.
    School(String),
    /// An address.
    Email(String),
    /// A login at the forge.
    Forge(String),
}

impl Person {
    /// Everything that identifies this person.
    pub fn keys(&self) -> BTreeSet<Key> {
        let mut keys = BTreeSet::new();
        let plain = |text: &String| text.trim().to_lowercase();
        keys.extend(self.lms_id.iter().map(|id| Key::Lms(plain(id))));
        keys.extend(self.sis_id.iter().chain(&self.lms_login).map(|id| Key::School(plain(id))));
        keys.extend(self.emails.iter().map(|email| Key::Email(plain(email))));
        keys.extend(self.login.iter().map(|login| Key::Forge(plain(login))));
        for identifier in self.identifier.iter().chain(&self.lms_login) {
            let identifier = plain(identifier);
            keys.insert(if identifier.contains('@') { Key::Email(identifier) } else { Key::School(identifier) });
        }
        keys
    }

    /// Takes over what another list says of the same person.
    ///
    /// # Errors
    /// What both say, where they cannot be the same person; nothing is taken over then.
    pub fn merge(&mut self, other: &Self) -> Result<(), String> {
        let pairs = [
            ("student number", &self.sis_id, &other.sis_id),
            ("platform id", &self.lms_id, &other.lms_id),
            ("platform login", &self.lms_login, &other.lms_login),
            ("login", &self.login, &other.login),
        ];
        for (what, mine, theirs) in pairs {
            if let (Some(mine), Some(theirs)) = (mine, theirs)
                && !mine.eq_ignore_ascii_case(theirs)
            {
                return Err(format!("{what} {mine} and {theirs}"));
            }
        }
        for email in &other.emails {
            if !self.emails.iter().any(|known| known.eq_ignore_ascii_case(email)) {
                self.emails.push(email.clone());
            }
        }
        let fill = |mine: &mut Option<String>, theirs: &Option<String>| {
            if mine.is_none() {
                mine.clone_from(theirs);
            }
        };
        fill(&mut self.sis_id, &other.sis_id);
        fill(&mut self.lms_id, &other.lms_id);
        fill(&mut self.lms_login, &other.lms_login);
        fill(&mut self.login, &other.login);
        fill(&mut self.identifier, &other.identifier);
        if self.name.is_empty() {
            self.name.clone_from(&other.name);
        }
        Ok(())
    }

    /// How the person is called in a message.
    pub fn called(&self) -> String {
        let ids = [&self.identifier, &self.sis_id, &self.lms_login, &self.login, &self.lms_id];
        let id = self.emails.first().or_else(|| ids.into_iter().flatten().next());
        match (self.name.is_empty(), id) {
            (false, Some(id)) => format!("{} ({id})", self.name),
            (false, None) => self.name.clone(),
            (true, Some(id)) => id.clone(),
            (true, None) => "a person without a name".to_owned(),
        }
    }
}

/// A name as it is compared: without case, accents, punctuation and the order of its words.
pub fn name_key(name: &str) -> String {
    let plain: String = name.nfkd().filter(|c| !is_combining_mark(*c)).collect::<String>().to_lowercase();
    let mut words: Vec<&str> = plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    words.join(" ")
}

/// `Rivers, Ada` as people say it.
pub fn said_name(name: &str) -> String {
    match name.split_once(',') {
        Some((last, first)) if !first.contains(',') && !first.trim().is_empty() && !last.trim().is_empty() => {
            format!("{} {}", first.trim(), last.trim())
        }
        _ => name.trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_case_accents_and_order() {
        assert_eq!(name_key("Núñez, Carla"), name_key("carla NUNEZ"));
        assert_ne!(name_key("Ann Rivers"), name_key("Ada Rivers"));
        assert_eq!(said_name("Núñez, Carla"), "Carla Núñez");
        assert_eq!(said_name("Rivers, Ada, Jr"), "Rivers, Ada, Jr");
    }

    #[test]
    fn two_people_do_not_become_one() {
        let mut ada = Person { sis_id: Some("S1".to_owned()), ..Person::default() };
        let ben = Person { sis_id: Some("S2".to_owned()), emails: vec!["b@x".to_owned()], ..Person::default() };
        assert_eq!(ada.merge(&ben).unwrap_err(), "student number S1 and S2");
        assert!(ada.emails.is_empty());
        let more = Person { sis_id: Some("s1".to_owned()), emails: vec!["a@x".to_owned()], ..Person::default() };
        ada.merge(&more).unwrap();
        assert_eq!((ada.sis_id.as_deref(), ada.emails.len()), (Some("S1"), 1));
    }
}

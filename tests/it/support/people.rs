//! A team of three, and what its members write.

use stackmark_evidence::{Member, MembersFrom, Team};

pub(crate) const ANA: (&str, &str) = ("Ana García", "ana@uni.example");
pub(crate) const LEO: (&str, &str) = ("Léo Petit", "leo@uni.example");
pub(crate) const MIA: (&str, &str) = ("Mia Rossi", "mia@uni.example");

pub(crate) fn member(id: &str, (name, email): (&str, &str)) -> Member {
    Member { id: id.to_owned(), name: name.to_owned(), emails: vec![email.to_owned()], aliases: vec![], login: None }
}

pub(crate) fn team_of(members: Vec<Member>) -> Team {
    Team {
        id: "team-1".to_owned(),
        name: None,
        members,
        members_from: MembersFrom::Roster,
        folder: None,
        nonce: None,
        distinct: Vec::new(),
    }
}

/// Ana, Léo and Mia.
pub(crate) fn team() -> Team {
    team_of(vec![member("ana", ANA), member("leo", LEO), member("mia", MIA)])
}

/// Different lines that no two prefixes share.
pub(crate) fn lines(prefix: &str, count: usize) -> String {
    (0..count).map(|n| format!("{prefix}_{n} = launch({n}, \"{prefix}\")\n")).collect()
}

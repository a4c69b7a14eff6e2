use super::members::id_from;
use super::names::Signed;
use super::suggest::{Profile, suggest};
use super::*;
use stackmark_evidence::git::Person;
use stackmark_evidence::identities::{Confidence, Sign};
use stackmark_evidence::{Member, MembersFrom, Team};

fn person(name: &str, email: &str) -> Person {
    Person { name: name.to_owned(), email: email.to_owned() }
}

fn member(name: &str, emails: &[&str], aliases: &[&str], login: Option<&str>) -> Member {
    let strings = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect();
    Member {
        id: id_from(name),
        name: name.to_owned(),
        emails: strings(emails),
        aliases: strings(aliases),
        login: login.map(str::to_owned),
    }
}

#[test]
fn an_author_is_found_by_address_login_or_name() {
    let members = [
        member("Ana García", &["Ana@uni.example"], &["anagar"], Some("ana-dev")),
        member("Léo Petit", &[], &[], Some("leop")),
    ];
    let identities = Identities::new(&members);
    for (name, email, expected) in [
        ("whoever", "ana@UNI.example", Some(0)),
        ("x", "4321+ana-dev@users.noreply.forge.example", Some(0)),
        ("x", "leop@users.noreply.forge.example", Some(1)),
        ("LEO PETIT", "root@laptop.local", Some(1)),
        ("Petit, Léo", "l@p", Some(1)),
        ("anagar", "", Some(0)),
        ("leop", "x@y", Some(1)),
        ("", "Ana Garcia", Some(0)),
        ("Ana Garcia Lopez", "other@uni.example", None),
        ("Ana", "ana@gmail.example", None),
        ("", "", None),
    ] {
        assert_eq!(identities.member_of(&person(name, email)), expected, "{name} <{email}>");
    }
}

#[test]
fn spaces_in_a_name_say_nothing_where_its_script_sets_none() {
    let members = [member("김 민준", &[], &[], None), member("李明", &[], &[], None)];
    let identities = Identities::new(&members);
    for (name, expected) in [
        ("김민준", Some(0)),
        ("김 민준", Some(0)),
        ("李 明", Some(1)),
        ("李　明", Some(1)),
        ("김민주", None),
        ("李", None),
    ] {
        assert_eq!(identities.member_of(&person(name, "x@home.example")), expected, "{name}");
    }
    let identities = Identities::new(&[member("Le Gall", &[], &[], None)]);
    assert_eq!(identities.member_of(&person("Legall", "x@home.example")), None, "of Latin letters they do");
    let both = [member("李明", &[], &[], None), member("李 明", &[], &[], None)];
    assert_eq!(Identities::new(&both).member_of(&person("李明", "x@home.example")), Some(0), "as it is written");
}

#[test]
fn a_program_is_not_the_member_whose_name_it_has() {
    let members = [member("Claude Martin", &["claude.martin@uni.example"], &["claude"], None)];
    let identities = Identities::new(&members);
    for (name, email, expected) in [
        ("Claude", "noreply@anthropic.com", None),
        ("claude", "claude@home.example", Some(0)),
        ("Claude", "", Some(0)),
        ("whoever", "claude.martin@uni.example", Some(0)),
    ] {
        assert_eq!(identities.member_of(&person(name, email)), expected, "{name} <{email}>");
    }
}

#[test]
fn an_address_of_the_roster_is_read_with_its_name_around_it() {
    let identities = Identities::new(&[member("Ana García", &["Ana <ana@uni.example>"], &[], None)]);
    assert_eq!(identities.member_of(&person("x", "ana@uni.example")), Some(0));
}

#[test]
fn members_who_may_be_one_person_are_told() {
    let members = [
        member("Ada Rivers", &["ada@uni.example"], &[], None),
        member("Ada Marie Rivers", &["123+adarivers@users.noreply.forge.example"], &[], Some("adarivers")),
        member("Ben Okafor", &["ben@uni.example"], &[], None),
    ];
    let pairs = |team: &Team| -> Vec<(String, String)> {
        doubles_among(team).into_iter().map(|it| (it.member, it.of)).collect()
    };
    let pair = |member: &str, of: &str| (member.to_owned(), of.to_owned());
    let marie = pair("ada-marie-rivers", "ada-rivers");
    let mut team = Team { members: members.to_vec(), ..Team::of_roster("t") };
    assert_eq!(
        pairs(&team),
        std::slice::from_ref(&marie),
        "a roster that nobody edited doubts itself as a history does"
    );
    team.members_from = MembersFrom::History;
    assert_eq!(pairs(&team), std::slice::from_ref(&marie));

    // Of three entries of one person none takes the others' likeness away.
    team.members_from = MembersFrom::Roster;
    team.members.push(member("Ada M. Rivers", &["adarivers@home.example"], &[], None));
    let more = [pair("ada-m-rivers", "ada-rivers"), pair("ada-m-rivers", "ada-marie-rivers")];
    assert_eq!(pairs(&team), [marie, more[0].clone(), more[1].clone()]);

    // Whoever wrote the roster has the last word, of both.
    team.distinct = vec!["ada-rivers".to_owned(), "ada-marie-rivers".to_owned()];
    assert_eq!(pairs(&team), more);
    team.distinct.push("ada-m-rivers".to_owned());
    assert_eq!(pairs(&team), []);
}

#[test]
fn a_roster_is_not_doubted_for_less_than_a_very_likely_double() {
    let members = vec![
        member("Ana García", &["ana@uni.example"], &[], None),
        member("Ana Garcia-Lopes", &["alopes@home.example"], &[], None),
        member("Mia Rossi", &["mia@uni.example"], &[], None),
        member("Mia Rosso", &["mrosso@uni.example"], &[], None),
    ];
    let doubles = doubles_in_roster(&members, &[]);
    let pairs: Vec<&str> = doubles.iter().map(|it| it.member.as_str()).collect();
    assert_eq!(pairs, ["ana-garcia-lopes"], "a name within a name is rarely chance; a letter may be");
    // Each has an address of their own at one school.
    let pair = |names: [&str; 2], emails: [&str; 2]| {
        let [one, other] = [0, 1].map(|at| member(names[at], &[emails[at]], &[], None));
        doubles_in_roster(&[one, other], &[]).len()
    };
    let own = ["jean.tremblay@uni.example", "jeanne.tremblay@uni.example"];
    assert_eq!(pair(["Jean Tremblay", "Jean Tremblay Roy"], own), 0);
    assert_eq!(pair(["An Li", "Li An"], ["an.li@uni.example", "li.an@uni.example"]), 0);
    assert_eq!(pair(["Li An", "An Li Wu"], ["an.li@uni.example", "li.an@home.example"]), 1, "of two hosts");
    assert_eq!(pair(["Li An", "An Li Wu"], ["an.li@gmail.com", "li.an@gmail.com"]), 1, "anybody may have two of these");
    assert_eq!(pair(["lpetit", "Leo Petit"], ["leo.petit@uni.example", "lpetit@uni.example"]), 1, "a login is no name");
    let numbered = ["Student 1", "Student 2"].map(|name| member(name, &[], &[], None));
    assert_eq!(doubles_in_roster(&numbered, &[]), [], "a number tells people apart");
}

#[test]
fn who_fits_two_members_is_nobodys() {
    let twins = [member("Sam Lee", &["a@x.example"], &[], None), member("Lee Sam", &["b@x.example"], &[], None)];
    let identities = Identities::new(&twins);
    assert_eq!(identities.member_of(&person("Sam Lee", "c@x.example")), None);
    assert_eq!(identities.member_of(&person("Sam Lee", "b@x.example")), Some(1));
}

#[test]
fn trailers_name_co_authors_once() {
    let message =
        "Add x\n\nCo-authored-by: Ana <ana@x.example>\nco-Authored-By: Ana <ana@x.example>\nCo-authored-by:\n";
    assert_eq!(co_authors_in(message, &|_| false), [person("Ana", "ana@x.example")]);
}

#[test]
fn identities_of_one_person_become_one_member() {
    let seen = [
        person("Ana García", "ana@uni.example"),
        person("ana-dev", "ana@uni.example"),
        person("Ana Garcia", "ana@home.example"),
        person("x", "12+ana-dev@users.noreply.forge.example"),
        person("Ubuntu", "ubuntu@ip-10-0-0-1.ec2.internal"),
        person("Ubuntu", "ana@uni.example"),
        person("unknown", "Léo"),
        person("root", "root@ip-10-0-0-1.ec2.internal"),
        person("Léo", "leo@uni.example"),
        person("dependabot[bot]", "49+dependabot[bot]@users.noreply.forge.example"),
    ];
    let members = members_among(&seen);
    let ids: Vec<&str> = members.iter().map(|member| member.id.as_str()).collect();
    assert_eq!(ids, ["ana-garcia", "leo"], "whose the machines are, nothing tells");
    assert_eq!(members[0].emails.len(), 3);
    assert_eq!(members[0].login.as_deref(), Some("ana-dev"));
}

#[test]
fn who_signs_from_machines_only_is_somebody_all_the_same() {
    let seen = [person("Ubuntu", "ubuntu@ip-10-0-0-1.ec2.internal"), person("root", "root@laptop.local")];
    let names: Vec<String> = members_among(&seen).into_iter().map(|member| member.name).collect();
    assert_eq!(names, ["root", "Ubuntu"]);
}

#[test]
fn suggestions_have_a_reason_and_are_as_sure_as_it() {
    let profile = |name: &str, email: &str| {
        let mut profile = Profile::default();
        profile.add(&Signed::of(&person(name, email)));
        profile
    };
    let members = [
        ("ana", profile("Ana García López", "ana.garcia@uni.example")),
        ("leo", profile("Léonard Petit", "leonard.petit@uni.example")),
        ("mia", profile("Mia Rossi", "mia@MiasBook.local")),
        ("leonor", profile("Leonor Rossi", "l.r@uni.example")),
    ];
    use Confidence::{Likely, Possible, VeryLikely};
    for (name, email, expected) in [
        ("x", "ana.garcia@mail.example", Some(("ana", VeryLikely, Sign::SameLocalPart))),
        ("ana.garcia", "1+x@users.noreply.forge.example", Some(("ana", VeryLikely, Sign::SameLogin))),
        ("x", "garcia_ana92@mail.example", Some(("ana", VeryLikely, Sign::MadeOfName))),
        ("AnaGarcía", "x@mail.example", Some(("ana", VeryLikely, Sign::SameLogin))),
        ("García Ana", "x@mail.example", Some(("ana", VeryLikely, Sign::MadeOfName))),
        ("x", "agarcia@mail.example", Some(("ana", Likely, Sign::InitialsOfName))),
        ("x", "leonpetit@mail.example", Some(("leo", Likely, Sign::ShortOfName))),
        ("Léonard", "x@mail.example", Some(("leo", Likely, Sign::NameInName))),
        ("Léonard Pettit", "x@mail.example", Some(("leo", Likely, Sign::NearlySameName))),
        ("x", "anagarcía1@mail.example", Some(("ana", VeryLikely, Sign::MadeOfName))),
        ("root", "root@MiasBook.local", Some(("mia", Likely, Sign::SameMachine))),
        ("root", "root@Leonors-Laptop.local", Some(("leonor", Possible, Sign::MachineOfName))),
        // A surname that two have, a first name that nobody has, what everybody has, and an instance that anybody may use.
        ("Rossi", "x@mail.example", None),
        ("Zoe", "zoe@mail.example", None),
        ("x", "info@mail.example", None),
        ("Ubuntu", "ubuntu@ip-10-0-0-1.ec2.internal", None),
        ("AG", "a@mail.example", None),
    ] {
        let found = suggest(&profile(name, email), &members, None);
        let found = found.first().map(|it| (it.member.as_str(), it.confidence, it.reasons[0].sign));
        assert_eq!(found, expected, "{name} <{email}>");
    }
    let committed = suggest(&profile("x", "x@mail.example"), &members, Some("mia"));
    assert_eq!((committed[0].confidence, committed[0].reasons[0].sign), (Possible, Sign::CommittedBy));
}

#[test]
fn of_equally_strong_signs_none_is_more_than_possible() {
    let profile = |name: &str| {
        let mut profile = Profile::default();
        profile.add_name(name);
        profile
    };
    let members = [("a", profile("Ana María García")), ("b", profile("Ana Luz García")), ("c", profile("Léo Petit"))];
    let found = suggest(&profile("Ana García"), &members, None);
    let told: Vec<_> = found.iter().map(|it| (it.member.as_str(), it.confidence)).collect();
    assert_eq!(told, [("a", Confidence::Possible), ("b", Confidence::Possible)]);
}

#[test]
fn a_name_without_end_is_not_taken_apart() {
    let mut member = Profile::default();
    member.add_name(&"aaaa ".repeat(200));
    let mut subject = Profile::default();
    subject.add_login(&"a".repeat(2_000));
    assert!(suggest(&subject, &[("a", member)], None).is_empty());
}

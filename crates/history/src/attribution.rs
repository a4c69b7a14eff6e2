//! Whose is a commit, and is it work? Every measure of the history asks this, and nothing else decides it.
//!
//! **Whose.** The author is a member, a program, or somebody unknown; a machine's made-up signature (`root@ip-…`) is
//! somebody unknown as well. Co-authors are the members whom trailers name, whom a pairing tool names beside the author
//! (`Ana García and Léo Petit`), or whose initials stand before the subject (`[ag/lp]`, where each is one member's and the
//! author is among them). Programs are nobody, as author and as co-author: a commit belongs to its people in equal parts,
//! and to the program only where it has none. An unknown co-author takes nothing from people who are known, and a member
//! whom the message names without saying what for gets nothing and is told. What a tool put in from another repository is
//! not whoever's who ran it ([`super::imports`]): it is nobody's until a person says whose.
//!
//! **Work.** A commit is work where a line that counts was written, taken out or moved by it. White space, line ends, modes,
//! renames, and copies of what the repository held before are none. Where all that changed was set aside (a notebook, a
//! picture), whether it is work is not known, and that is another answer than no.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;
use stackmark_collect::classify::{BOILERPLATE, LOCK_FILE};
use stackmark_collect::counting::IGNORED;
use stackmark_evidence::closed::ProgramKind;
use stackmark_evidence::git::Person;
use stackmark_evidence::{Cause, Unreadable};

use super::diff::{ExcludedFile, OUTSIDE};
use super::identities::{Identities, Program, assistants_in, co_authors_in, is_made_up, mentions_in, program};
use super::imports;
use super::provenance::Tally;
use super::record::{History, Record};
use super::regex;

/// Unknown people, and programs, that are kept of one commit: nobody pairs with more, and a message can name any number.
const MAX_UNKNOWN: usize = 16;

/// Characters of a line that is quoted.
const MAX_QUOTE: usize = 160;

/// `[ag/lp]` or `(ag & lp)` before a subject.
static INITIALS: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^\s*[\[(]\s*([\p{L}\d._-]+(?:\s*[/|,&+]\s*[\p{L}\d._-]+)+)\s*[\])]"));
/// How pairing tools join the names of an author.
static JOINED: LazyLock<Regex> = LazyLock::new(|| regex(r"\s+(?:and|et|&|\+)\s+|\s*[,/|]\s*"));

/// Who signed as author.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Who {
    /// The member at this place of the roster.
    Member(usize),
    /// A coding agent or a bot: nobody.
    Program(Program),
    /// A tool that put another repository's content in, under the name of whoever ran it: nobody who is known.
    Imported(Person),
    /// A signature that a machine made up: somebody, be it a member.
    Machine,
    /// Somebody, be it a member.
    Unknown,
}

/// What a commit is, as far as work goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Substance {
    /// A merge: its work, if any, is the lines that stand in none of its parents.
    Merge,
    /// A counted line was written, taken out or moved.
    Work,
    /// All that it changed does not count: whether it is work is not known.
    SetAside,
    /// Nothing but white space, line ends, modes, renames or copies, or nothing at all.
    Nothing,
}

/// Whether a file that does not count may be somebody's work: not one that a tool writes or everybody copies, as a lock file, a
/// licence or a `.gitignore`, nor one that is none of this assignment's.
fn may_be_work(file: &ExcludedFile) -> bool {
    ![OUTSIDE, IGNORED, BOILERPLATE, LOCK_FILE].contains(&file.reason)
}

impl Substance {
    /// Of what is no merge: by the lines that it writes, takes out or moves, and by its files that do not count.
    pub(super) fn of(acts: u64, excluded: &[ExcludedFile]) -> Self {
        let is_set_aside = |file: &ExcludedFile| file.reason != OUTSIDE && file.reason != IGNORED;
        if acts > 0 {
            Self::Work
        } else if excluded.iter().any(is_set_aside) {
            Self::SetAside
        } else {
            Self::Nothing
        }
    }
}

/// Who holds a part of a commit.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Holder {
    Member(usize),
    Unknown(Person),
    Program(Program),
}

/// Whose a commit is, and whether it is work.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Attribution {
    pub(super) author: Who,
    /// Members beside the author, ascending.
    pub(super) co_authors: Vec<usize>,
    /// People that trailers name who are no members, the first few.
    pub(super) unknown: Vec<Person>,
    /// Other members whom the message names without saying that they wrote it, each with the line that does.
    pub(super) mentioned: BTreeMap<usize, String>,
    /// Programs that the message names, each once.
    pub(super) programs: Vec<Program>,
    /// The member who committed it.
    pub(super) committer: Option<usize>,
    /// Whether its committer is GitHub by name alone, without its signature.
    pub(super) only_claims_github: bool,
    /// Known once the whole history was followed.
    pub(super) substance: Substance,
}

impl Attribution {
    /// Of one commit; whether it is work is left to [`settle`].
    pub(super) fn of(commit: &Record, identities: &Identities) -> Self {
        if let Some(holder) = imports::holder(commit) {
            return Self::of_import(commit, holder, identities);
        }
        let (author, mut co_authors) = signed_by(&commit.author, identities);
        let author_member = if let Who::Member(member) = author { Some(member) } else { None };
        let (mut unknown, mut programs) = (Vec::new(), BTreeSet::new());
        let known = |person: &Person| identities.member_of(person).is_some();
        let message = commit.message();
        for person in co_authors_in(&message, &known) {
            if let Some(member) = identities.member_of(&person) {
                co_authors.insert(member);
            } else if let Some(program) = program(&person) {
                if programs.len() < MAX_UNKNOWN {
                    programs.insert(program);
                }
            } else if !is_same(&person, &commit.author) && unknown.len() < MAX_UNKNOWN {
                unknown.push(person);
            }
        }
        programs.extend(assistants_in(&message, &known).into_iter().take(MAX_UNKNOWN));
        co_authors.extend(paired_in(&commit.subject, author_member, identities));
        co_authors.retain(|member| Some(*member) != author_member);
        let mut mentioned = BTreeMap::new();
        let by_trailers = mentions_in(&message, &known);
        let by_trailers =
            by_trailers.into_iter().filter_map(|(person, line)| Some((identities.member_of(&person)?, line)));
        for (member, line) in by_trailers.chain(identities.named_in(&message)) {
            if author_member != Some(member) && !co_authors.contains(&member) {
                mentioned.entry(member).or_insert_with(|| line.chars().take(MAX_QUOTE).collect());
            }
        }
        Self {
            author,
            co_authors: co_authors.into_iter().collect(),
            unknown,
            mentioned,
            programs: programs.into_iter().collect(),
            committer: identities.member_of(&commit.committer),
            only_claims_github: commit.only_claims_github(),
            substance: if commit.is_merge() { Substance::Merge } else { Substance::Nothing },
        }
    }

    /// Of a commit that puts another repository's content in: the member's whose alias says so, else nobody's.
    fn of_import(commit: &Record, holder: Person, identities: &Identities) -> Self {
        Self {
            author: identities.member_said(&holder.name).map_or(Who::Imported(holder), Who::Member),
            co_authors: Vec::new(),
            unknown: Vec::new(),
            mentioned: BTreeMap::new(),
            programs: Vec::new(),
            committer: identities.member_of(&commit.committer),
            only_claims_github: commit.only_claims_github(),
            substance: Substance::Nothing,
        }
    }

    /// Who holds the content of another repository that it puts in; `None` where it does not.
    pub(super) fn imported(&self) -> Option<&Person> {
        if let Who::Imported(holder) = &self.author { Some(holder) } else { None }
    }

    /// The author, where a member is.
    pub(super) fn author_member(&self) -> Option<usize> {
        if let Who::Member(member) = self.author { Some(member) } else { None }
    }

    /// The author, where a program is.
    pub(super) fn author_program(&self) -> Option<&Program> {
        if let Who::Program(program) = &self.author { Some(program) } else { None }
    }

    /// Whether it is starter code that a program put in: nobody's, and no work of this team.
    pub(super) fn is_starter(&self) -> bool {
        !self.is_of_people() && self.author_program().is_some_and(|program| program.kind != ProgramKind::Agent)
    }

    /// Author and co-authors that are members.
    pub(super) fn members(&self) -> impl Iterator<Item = usize> + '_ {
        self.author_member().into_iter().chain(self.co_authors.iter().copied())
    }

    /// The same; `None` is somebody who is no member. Empty where no person made it.
    pub(super) fn people(&self) -> BTreeSet<Option<usize>> {
        let mut people: BTreeSet<Option<usize>> = self.members().map(Some).collect();
        if matches!(self.author, Who::Machine | Who::Unknown) || (people.is_empty() && !self.unknown.is_empty()) {
            people.insert(None);
        }
        people
    }

    /// Whether all that it changed does not count, and may be work.
    pub(super) fn may_be_work(&self, commit: &Record) -> bool {
        self.substance == Substance::SetAside && commit.change.excluded.iter().any(may_be_work)
    }

    /// Whether a person made it: neither a program alone, nor a tool that put in what another repository has, whoever wrote that.
    pub(super) fn is_of_people(&self) -> bool {
        !matches!(self.author, Who::Program(_) | Who::Imported(_))
            || !self.co_authors.is_empty()
            || !self.unknown.is_empty()
    }

    /// Whether it is a person's work; never true of a merge.
    pub(super) fn is_work(&self) -> bool {
        self.substance == Substance::Work && self.is_of_people()
    }

    /// Whether a person wrote lines by it, be it within a merge.
    pub(super) fn is_writing(&self, commit: &Record) -> bool {
        let in_merge = || commit.is_merge() && self.is_of_people() && commit.change.own.work() > 0.0;
        self.is_work() || in_merge()
    }

    /// Whether a person changed something by it, be it only what does not count; never true of a merge.
    pub(super) fn is_act(&self) -> bool {
        matches!(self.substance, Substance::Work | Substance::SetAside) && self.is_of_people()
    }

    /// Programs that made it or that it names, by their names.
    pub(super) fn programs(&self) -> BTreeSet<&Program> {
        self.programs.iter().chain(self.author_program()).collect()
    }

    /// Who holds it, in equal parts; never empty.
    pub(super) fn holders(&self, commit: &Record) -> Vec<Holder> {
        let mut holders: Vec<Holder> = self.members().map(Holder::Member).collect();
        match &self.author {
            Who::Machine | Who::Unknown => holders.push(Holder::Unknown(commit.author.clone())),
            Who::Imported(holder) => holders.push(Holder::Unknown(holder.clone())),
            Who::Program(_) if holders.is_empty() && !self.unknown.is_empty() => {
                holders.extend(self.unknown.iter().cloned().map(Holder::Unknown));
            }
            Who::Program(program) if holders.is_empty() => holders.push(Holder::Program(program.clone())),
            Who::Program(_) | Who::Member(_) => {}
        }
        holders
    }
}

fn is_same(a: &Person, b: &Person) -> bool {
    !a.email.is_empty() && a.email.eq_ignore_ascii_case(&b.email)
}

/// Who an author is, and the members that a pairing tool wrote beside.
fn signed_by(person: &Person, identities: &Identities) -> (Who, BTreeSet<usize>) {
    let mut joined = BTreeSet::new();
    let names: Vec<&str> = JOINED.split(&person.name).filter(|name| !name.is_empty()).collect();
    if names.len() > 1 && identities.member_called(&person.name).is_none() {
        let members: Vec<usize> = names.iter().filter_map(|name| identities.member_called(name)).collect();
        // One part that is nobody's, and the name is something else.
        if members.len() == names.len() {
            joined.extend(members);
        }
    }
    let who = match (identities.member_of(person), joined.first()) {
        (Some(member), _) => Who::Member(member),
        (None, Some(first)) => Who::Member(*first),
        (None, None) => match program(person) {
            Some(program) => Who::Program(program),
            None if is_made_up(person) => Who::Machine,
            None => Who::Unknown,
        },
    };
    (who, joined)
}

/// The members whose initials or logins stand before a subject, the author among them; else none.
fn paired_in(subject: &str, author: Option<usize>, identities: &Identities) -> BTreeSet<usize> {
    let Some(found) = INITIALS.captures(subject) else { return BTreeSet::new() };
    let tokens: Vec<&str> = found[1].split(['/', '|', ',', '&', '+']).map(str::trim).collect();
    let member = |token: &&str| identities.member_with_initials(token).or_else(|| identities.member_called(token));
    let members: BTreeSet<usize> = tokens.iter().filter_map(member).collect();
    let are_all = members.len() == tokens.len() && author.is_some_and(|author| members.contains(&author));
    if are_all { members } else { BTreeSet::new() }
}

/// Says of each commit whether it is work, now that it is known which lines were there before.
pub(super) fn settle(attributions: &mut [Attribution], history: &History, tallies: &[Tally]) {
    for ((attribution, commit), tally) in attributions.iter_mut().zip(&history.commits).zip(tallies) {
        attribution.substance =
            if commit.is_merge() { Substance::Merge } else { Substance::of(tally.acts, &commit.change.excluded) };
    }
}

/// Why nothing can be said of the members' work where all of it was committed by coding agents, or put in from another
/// repository: somebody told them what to do, or wrote it there, and the history does not say who. `None` where a person has
/// work, and where there is none.
pub(super) fn by_nobody_known(attributions: &[Attribution]) -> Option<Unreadable> {
    let work = || attributions.iter().filter(|attribution| attribution.substance == Substance::Work);
    if work().any(Attribution::is_of_people) {
        return None;
    }
    let agents = work().filter_map(Attribution::author_program).filter(|program| program.kind == ProgramKind::Agent);
    let names: BTreeSet<&str> = agents.map(|program| program.name.as_str()).collect();
    let imported: BTreeSet<&str> = work().filter_map(Attribution::imported).map(|it| it.name.as_str()).collect();
    let listed = |names: BTreeSet<&str>| names.into_iter().take(MAX_UNKNOWN).collect::<Vec<_>>().join(", ");
    let what = match (names.is_empty(), imported.is_empty()) {
        (true, true) => return None,
        (false, false) => {
            let (names, imported) = (listed(names), listed(imported));
            format!(
                "the work was committed by coding agents alone ({names}) or put in from another repository ({imported}): ask the \
                 team who did what"
            )
        }
        (false, true) => {
            let names = listed(names);
            format!("all of the work was committed by coding agents alone ({names}): ask the team who did what")
        }
        (true, false) => {
            let names = listed(imported);
            format!("all of the work was put in from another repository ({names}): ask the team who wrote it")
        }
    };
    Some(Unreadable::new(Cause::Unattributed, what))
}

/// Tells the authors of commits apart: the same number is the same member, or the same address of nobody's.
pub(super) fn author_numbers(history: &History, attributions: &[Attribution]) -> Vec<usize> {
    let mut numbers: BTreeMap<(Option<usize>, String), usize> = BTreeMap::new();
    let authors = history.commits.iter().zip(attributions).map(|(commit, attribution)| {
        let member = attribution.author_member();
        let address = if member.is_some() { String::new() } else { commit.author.email.to_lowercase() };
        (member, address)
    });
    authors
        .map(|author| {
            let next = numbers.len();
            *numbers.entry(author).or_insert(next)
        })
        .collect()
}

/// Members who committed anything of their own: work, a merge, or what does not count, as an upload of pictures.
///
/// A forge commits for whoever clicks, and a committer who is nobody's identity may be the member on another machine.
/// GitHub's name without its signature vouches for nobody: whoever commits in another's name can type it.
pub(super) fn committing(attributions: &[Attribution]) -> BTreeSet<usize> {
    let own = |attribution: &&Attribution| {
        let author = attribution.author_member();
        attribution.substance != Substance::Nothing
            && !attribution.only_claims_github
            && attribution.committer.is_none_or(|committer| Some(committer) == author)
    };
    attributions.iter().filter(own).filter_map(Attribution::author_member).collect()
}

/// The member by whose own hand each commit came, trailers aside: its author, or whoever committed it where the author
/// never committed anything. `None` where that is no member.
///
/// Rebasing and merging change committers as well, and so a single commit that its author committed, or a forge, is enough
/// to take the author at their word.
pub(super) fn hands(attributions: &[Attribution]) -> Vec<Option<usize>> {
    let vouched = committing(attributions);
    let hand = |attribution: &Attribution| {
        let author = attribution.author_member()?;
        if vouched.contains(&author) { Some(author) } else { attribution.committer.or(Some(author)) }
    };
    attributions.iter().map(hand).collect()
}

//! A part of a class: `--shard 3/8`, or the index that an engine gives to each of its tasks.
//!
//! Which teams belong to a shard follows from the roster and the number of shards alone, so that no task has to ask
//! another. Teams that share an account stay in one shard where the rubric puts load on stacks: within a process loads
//! wait for each other, between processes nothing could make them wait.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use stackmark_course::Rubric;
use stackmark_course::roster::TeamEntry;

use crate::failure::Failure;
use crate::inputs::ClassRun;
use crate::part::Shard;
use crate::voice::Voice;

/// The class with the teams of one shard only, recorded in the shard's own folder.
///
/// # Errors
/// A team is named that another shard has.
pub fn narrow(mut class: ClassRun, shard: Shard, voice: &dyn Voice) -> Result<ClassRun, Failure> {
    let teams = std::mem::take(&mut class.roster.teams);
    let (all, of_shard) = (teams.len(), assign(&teams, shard.count(), puts_load(&class.rubric)));
    if let Some((id, other)) = teams
        .iter()
        .zip(&of_shard)
        .find(|(team, index)| class.only.contains(&team.id) && **index != shard.index())
        .and_then(|(team, index)| Some((&team.id, Shard::new(*index, shard.count())?)))
    {
        return Err(Failure::usage(format!("team \"{id}\" belongs to shard {other}, not to {shard}")));
    }
    class.roster.teams =
        teams.into_iter().zip(of_shard).filter(|(_, index)| *index == shard.index()).map(|(team, _)| team).collect();
    let mine = class.roster.teams.len();
    voice.note(&format!("shard {shard}: {mine} of {all} teams"));
    if shard.count() > 1 && mine > all.div_ceil(shard.count()).max(1) {
        voice.note(
            "its teams share an account, and loads on one account run one at a time, so that they stay in one shard; give \
             each team its own `account`, `role` or `profile` if it has one",
        );
    }
    class.results = class.results.of_shard(shard);
    Ok(class)
}

/// Refuses results that were begun with another number of shards: each record is of one division of the class.
/// `folders` are the names below `shards/`.
///
/// # Errors
/// A shard of another division is there.
pub fn refuse_other_division<'f>(shard: Shard, folders: impl IntoIterator<Item = &'f str>) -> Result<(), Failure> {
    let other = folders.into_iter().filter_map(Shard::of_folder).find(|known| known.count() != shard.count());
    match other {
        None => Ok(()),
        Some(known) => Err(Failure::usage(format!(
            "these results were begun with {} shards, and this is shard {shard}: go on with --shards {}, name another --out, \
             or merge and remove shards/",
            known.count(),
            known.count()
        ))),
    }
}

/// Whether a check of the rubric sends a whole load or ends an instance: two of these at once would measure each other.
fn puts_load(rubric: &Rubric) -> bool {
    rubric
        .items()
        .filter_map(|item| rubric.checks.get(&item.check))
        .any(|check| check.load.is_some() || check.recovery.is_some())
}

/// The shard of each team, from 0. With `together`, teams that may share an account are in the same one.
fn assign(teams: &[TeamEntry], count: usize, together: bool) -> Vec<usize> {
    let mut groups: Vec<Vec<usize>> =
        if together { by_account(teams) } else { (0..teams.len()).map(|n| vec![n]).collect() };
    // The largest first, each into the shard with the fewest teams: no shard is then far above the others.
    groups.sort_by_key(|group| (Reverse(group.len()), group[0]));
    let mut shards: BinaryHeap<Reverse<(usize, usize)>> = (0..count).map(|index| Reverse((0, index))).collect();
    let mut of_team = vec![0; teams.len()];
    for group in groups {
        let Some(Reverse((size, index))) = shards.pop() else { break };
        for team in &group {
            of_team[*team] = index;
        }
        shards.push(Reverse((size + group.len(), index)));
    }
    of_team
}

/// Teams by what they share, each group in the roster's order, and none empty.
fn by_account(teams: &[TeamEntry]) -> Vec<Vec<usize>> {
    // The first team of a key leads its group; a team with two keys joins their groups.
    let mut leader: Vec<usize> = (0..teams.len()).collect();
    let mut first: BTreeMap<String, usize> = BTreeMap::new();
    for (number, team) in teams.iter().enumerate() {
        for key in keys(team) {
            let known = *first.entry(key).or_insert(number);
            let (one, other) = (lead(&leader, known), lead(&leader, number));
            leader[one.max(other)] = one.min(other);
        }
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for number in 0..teams.len() {
        groups.entry(lead(&leader, number)).or_default().push(number);
    }
    groups.into_values().collect()
}

fn lead(leader: &[usize], mut number: usize) -> usize {
    while leader[number] != number {
        number = leader[number];
    }
    number
}

/// What tells a team's account: its number, its role's, or the credentials that lead to it. One without any is reached
/// with the credentials of the process, like every other such team.
fn keys(team: &TeamEntry) -> Vec<String> {
    let aws = &team.aws;
    let mut keys: Vec<String> = aws.account.iter().map(|account| format!("account {account}")).collect();
    if let Some(role) = &aws.role {
        // arn:aws:iam::123456789012:role/name; a profile beside it is only where the role is assumed from.
        let account = role.split(':').nth(4).filter(|account| !account.is_empty());
        keys.push(account.map_or_else(|| format!("role {role}"), |account| format!("account {account}")));
    } else if let Some(profile) = &aws.profile {
        keys.push(format!("profile {profile}"));
    } else if keys.is_empty() {
        keys.push(format!("endpoint {}", aws.endpoint_url.as_deref().unwrap_or_default()));
    }
    keys
}

#[cfg(test)]
mod tests {
    use stackmark_course::{Roster, SourceText};

    use super::*;

    fn teams(aws: &[&str]) -> Vec<TeamEntry> {
        let mut text = String::new();
        for (number, aws) in aws.iter().enumerate() {
            text.push_str(&format!(
                "[[team]]\nid = \"t{number}\"\nrepository = \"t{number}.git\"\n[team.aws]\n{aws}\n\
                 [[team.member]]\nname = \"Ana\"\nemails = [\"a{number}@uni.example\"]\n"
            ));
        }
        let (roster, problems) = Roster::parse(&SourceText::new("roster.toml", text));
        problems.or_else(roster).unwrap().0.teams
    }

    #[test]
    fn every_team_is_in_one_shard_and_none_is_far_larger() {
        let class = teams(&["profile = \"p\"\n"; 23]);
        for count in [1, 2, 3, 5, 23, 40] {
            let mut sizes = vec![0; count];
            for index in assign(&class, count, false) {
                sizes[index] += 1;
            }
            let (least, most) = (sizes.iter().min().unwrap(), sizes.iter().max().unwrap());
            assert!(sizes.iter().sum::<usize>() == 23 && most - least <= 1, "{count}: {sizes:?}");
        }
    }

    #[test]
    fn teams_of_one_account_stay_together_however_it_is_said() {
        let class = teams(&[
            "account = \"111111111111\"\nprofile = \"one\"",
            "role = \"arn:aws:iam::222222222222:role/grader\"\nprofile = \"hub\"",
            "profile = \"one\"",
            "account = \"222222222222\"",
            "",
            "role = \"arn:aws:iam::333333333333:role/grader\"\nprofile = \"hub\"",
            "region = \"eu-west-1\"",
            "profile = \"one\"\naccount = \"444444444444\"",
        ]);
        for count in 2..=8 {
            let of = assign(&class, count, true);
            for same in [&[0, 2, 7][..], &[1, 3], &[4, 6]] {
                assert!(same.iter().all(|team| of[*team] == of[same[0]]), "{count}: {same:?} in {of:?}");
            }
        }
        assert_eq!(by_account(&class), [vec![0, 2, 7], vec![1, 3], vec![4, 6], vec![5]]);
    }

    #[test]
    fn results_are_of_one_division() {
        let shard = Shard::new(0, 4).unwrap();
        assert!(refuse_other_division(shard, ["2-of-4", "notes"]).is_ok());
        let refused = refuse_other_division(shard, ["2-of-4", "1-of-8"]).unwrap_err().message;
        assert!(refused.contains("begun with 8 shards"), "{refused}");
    }
}

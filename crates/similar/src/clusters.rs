//! Groups of teams that hang together, directly or through others.

/// Groups of two and more among `teams` teams, from the pairs that are worth a look: sorted, the largest first.
pub fn clusters(teams: usize, pairs: impl IntoIterator<Item = (usize, usize)>) -> Vec<Vec<usize>> {
    let mut parents: Vec<usize> = (0..teams).collect();
    for (a, b) in pairs {
        let (a, b) = (root(&mut parents, a), root(&mut parents, b));
        parents[a.max(b)] = a.min(b);
    }
    let mut groups: Vec<Vec<usize>> = vec![Vec::new(); teams];
    for team in 0..teams {
        let of = root(&mut parents, team);
        groups[of].push(team);
    }
    groups.retain(|group| group.len() > 1);
    groups.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
    groups
}

fn root(parents: &mut [usize], mut team: usize) -> usize {
    while parents[team] != team {
        parents[team] = parents[parents[team]];
        team = parents[team];
    }
    team
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn teams_hang_together_through_others() {
        assert_eq!(clusters(7, [(5, 6), (1, 3), (3, 4)]), [vec![1, 3, 4], vec![5, 6]]);
        assert!(clusters(3, []).is_empty());
    }
}

//! How far two markers agree, chance aside.

use serde::Serialize;

use stackmark_evidence::points::Points;

/// Agreement of two markers over the same items.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Agreement {
    /// Items that both decided.
    pub items: usize,
    /// Share of them with exactly the same points, 0..1.
    pub same_points: f64,
    /// Cohen's kappa over nothing, a part and all of the points; `None` where chance alone would agree on everything.
    pub kappa: Option<f64>,
}

/// Nothing, a part, or all of what an item is worth.
fn class(points: Points, of: Points) -> usize {
    match points {
        points if points <= Points::ZERO => 0,
        points if points >= of => 2,
        _ => 1,
    }
}

/// Of pairs of the first and the second marker's points, with what the item is worth; `None` without a pair.
///
/// Cohen, J.: A coefficient of agreement for nominal scales. Educational and Psychological Measurement 20 (1960).
pub fn agreement(pairs: &[(Points, Points, Points)]) -> Option<Agreement> {
    if pairs.is_empty() {
        return None;
    }
    let total = pairs.len() as f64;
    let (mut first, mut second, mut agreed, mut same) = ([0.0; 3], [0.0; 3], 0.0, 0.0);
    for (one, two, of) in pairs {
        let (a, b) = (class(*one, *of), class(*two, *of));
        first[a] += 1.0 / total;
        second[b] += 1.0 / total;
        agreed += f64::from(u8::from(a == b)) / total;
        same += f64::from(u8::from(one == two)) / total;
    }
    let chance: f64 = first.iter().zip(&second).map(|(a, b)| a * b).sum();
    let kappa = (chance < 1.0 - 1e-9).then(|| (agreed - chance) / (1.0 - chance));
    Some(Agreement { items: pairs.len(), same_points: same, kappa })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(counts: [[usize; 3]; 3]) -> Vec<(Points, Points, Points)> {
        let points = [0, 1, 2].map(Points::whole);
        let mut pairs = Vec::new();
        for (a, row) in counts.iter().enumerate() {
            for (b, count) in row.iter().enumerate() {
                pairs.extend(std::iter::repeat_n((points[a], points[b], points[2]), *count));
            }
        }
        pairs
    }

    #[test]
    fn kappa_is_that_of_the_textbook() {
        // 50 items, 35 alike, chance .5: (0.7 − 0.5) / (1 − 0.5).
        let told = agreement(&pairs([[20, 0, 5], [0, 0, 0], [10, 0, 15]])).unwrap();
        assert!((told.kappa.unwrap() - 0.4).abs() < 1e-9 && (told.same_points - 0.7).abs() < 1e-9, "{told:?}");
    }

    #[test]
    fn where_chance_alone_agrees_nothing_is_claimed() {
        assert_eq!(agreement(&[]), None);
        assert_eq!(agreement(&pairs([[0, 0, 0], [0, 0, 0], [0, 0, 4]])).unwrap().kappa, None);
    }
}

//! From where on a pair is worth a look: what two teams of this class have in common without having copied.

/// Below it nothing is suggested: independent works of one assignment have that much in common.
const LEAST: f64 = 0.25;
/// Above it everything is suggested: half of a work that is in another is one more question.
const MOST: f64 = 0.45;
/// A pair has to stand so many deviations above the middle of the class.
const DEVIATIONS: f64 = 6.0;
/// And at least so far above it: few pairs, or pairs that are all alike, have no deviation, and the middle is no sign.
const LEAST_ABOVE: f64 = 0.10;
/// The median deviation of a normal distribution, as part of its standard deviation.
const TO_STANDARD: f64 = 1.4826;

/// The suggested cut. `scores` are those of the pairs with anything in common, of `compared` pairs in all.
pub fn suggested(scores: &[f64], compared: u64) -> f64 {
    let mut all = scores.to_vec();
    all.resize(all.len().max(usize::try_from(compared).unwrap_or(all.len())), 0.0);
    let middle = median(&mut all);
    let mut distances: Vec<f64> = all.iter().map(|score| (score - middle).abs()).collect();
    let spread = median(&mut distances) * TO_STANDARD;
    (middle + (DEVIATIONS * spread).max(LEAST_ABOVE)).clamp(LEAST, MOST)
}

fn median(values: &mut [f64]) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let middle = values.len() / 2;
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// How many of the scores are in each of `bins` steps from 0 to 1, the pairs with nothing in common in the first.
pub fn distribution(scores: &[f64], compared: u64, bins: usize) -> Vec<u64> {
    let mut counts = vec![0_u64; bins.max(1)];
    let last = counts.len() - 1;
    for score in scores {
        counts[((score * bins as f64) as usize).min(last)] += 1;
    }
    counts[0] += compared.saturating_sub(scores.len() as u64);
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cut_follows_the_class_within_bounds() {
        assert!((suggested(&[], 0) - LEAST).abs() < 1e-9);
        let alike: Vec<f64> = (0..100).map(|n| 0.2 + f64::from(n % 10) * 0.02).collect();
        let cut = suggested(&alike, 100);
        assert!(cut > 0.4 && cut <= MOST, "{cut}");
        // Three teams with the load balancer of the same documentation, two of which copied.
        assert!(suggested(&[0.352, 0.352, 0.70], 3) > 0.40);
        let apart: Vec<f64> = (0..100).map(|n| f64::from(n % 5) * 0.01).collect();
        assert!((suggested(&apart, 1_000) - LEAST).abs() < 1e-9);
    }

    #[test]
    fn the_distribution_holds_every_pair() {
        assert_eq!(distribution(&[0.05, 0.95, 1.0], 10, 10), [8, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
    }
}

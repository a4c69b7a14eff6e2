//! Winnowing: of every stretch of a text, a few fingerprints that any copy of the stretch has as well.

use std::collections::VecDeque;

use crate::kind::Channel;
use crate::token::{Token, mixed};

/// What is looked at together, and how densely fingerprints are kept. A copy of `k + w - 1` tokens is always found.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Density {
    /// Tokens of one fingerprint.
    pub(crate) k: usize,
    /// Fingerprints of which one is kept.
    pub(crate) w: usize,
    /// A fingerprint of fewer different tokens says nothing: a list of numbers is like any other.
    pub(crate) different: usize,
}

impl Density {
    pub(crate) fn of(channel: Channel) -> Self {
        match channel {
            Channel::Code => Self { k: 23, w: 17, different: 5 },
            // A block is short, and its keys stay as they are: fewer of them say as much.
            Channel::Infrastructure => Self { k: 16, w: 10, different: 5 },
            Channel::Prose => Self { k: 6, w: 5, different: 4 },
        }
    }
}

/// Hashes of all runs of `k` tokens; one where the text is shorter.
pub(crate) fn grams(tokens: &[Token], k: usize) -> Vec<u64> {
    const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
    if tokens.len() < k || k == 0 {
        return Vec::new();
    }
    let leading = (1..k).fold(1_u64, |power, _| power.wrapping_mul(BASE));
    let mut rolling = 0_u64;
    let mut hashes = Vec::with_capacity(tokens.len() - k + 1);
    for (at, token) in tokens.iter().enumerate() {
        if at >= k {
            rolling = rolling.wrapping_sub(tokens[at - k].hash.wrapping_mul(leading));
        }
        rolling = rolling.wrapping_mul(BASE).wrapping_add(token.hash);
        if at + 1 >= k {
            hashes.push(mixed(rolling));
        }
    }
    hashes
}

/// Places of the kept ones among `grams`: the least of each window, the last where several are.
pub(crate) fn winnow(grams: &[u64], w: usize) -> Vec<usize> {
    let window = w.min(grams.len()).max(1);
    // Places whose hashes grow from front to back.
    let mut least: VecDeque<usize> = VecDeque::new();
    let mut kept: Vec<usize> = Vec::new();
    for at in 0..grams.len() {
        while least.back().is_some_and(|last| grams[*last] >= grams[at]) {
            least.pop_back();
        }
        least.push_back(at);
        if least.front().is_some_and(|first| first + window <= at) {
            least.pop_front();
        }
        if at + 1 >= window
            && let Some(first) = least.front()
            && kept.last() != Some(first)
        {
            kept.push(*first);
        }
    }
    kept
}

/// Whether the run of tokens says enough.
pub(crate) fn is_telling(run: &[Token], different: usize) -> bool {
    let mut seen: Vec<u64> = Vec::with_capacity(different);
    for token in run {
        if !seen.contains(&token.hash) {
            seen.push(token.hash);
            if seen.len() >= different {
                return true;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(words: &[u64]) -> Vec<Token> {
        words.iter().map(|hash| Token { hash: mixed(*hash), line: 1 }).collect()
    }

    #[test]
    fn a_run_has_the_same_hash_wherever_it_stands() {
        let one: Vec<u64> = (0..60).collect();
        let other: Vec<u64> = (500..520).chain(10..40).collect();
        let (one, other) = (grams(&tokens(&one), 7), grams(&tokens(&other), 7));
        assert_eq!(one[10..34], other[20..44]);
        assert!(grams(&tokens(&[1, 2]), 3).is_empty());
    }

    #[test]
    fn a_copy_of_k_and_w_less_one_is_always_found() {
        let (k, w) = (5, 4);
        for start in 0..40_u64 {
            let copied: Vec<u64> = (start..start + (k + w) as u64 - 1).collect();
            let one: Vec<u64> = (1000..1010).chain(copied.iter().copied()).chain(2000..2013).collect();
            let other: Vec<u64> = (3000..3003).chain(copied.iter().copied()).chain(4000..4030).collect();
            let kept = |words: &[u64]| {
                let grams = grams(&tokens(words), k);
                winnow(&grams, w).into_iter().map(|at| grams[at]).collect::<Vec<_>>()
            };
            let other = kept(&other);
            assert!(kept(&one).iter().any(|hash| other.contains(hash)), "{start}");
        }
    }

    #[test]
    fn windows_are_sparse_and_short_texts_have_one() {
        let grams: Vec<u64> = (0..1_000_u64).map(mixed).collect();
        let kept = winnow(&grams, 17).len();
        assert!((80..160).contains(&kept), "{kept}");
        assert_eq!(winnow(&grams[..3], 17).len(), 1);
        assert!(winnow(&[], 17).is_empty());
    }

    #[test]
    fn a_list_of_numbers_says_nothing() {
        assert!(!is_telling(&tokens(&[1, 2, 1, 2, 1, 2]), 3));
        assert!(is_telling(&tokens(&[1, 2, 3]), 3));
    }
}

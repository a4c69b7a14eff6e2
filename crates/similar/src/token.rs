//! Tokens: what is left of a text when names, literals and layout are gone.

/// One token: a hash of what it is, and its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) hash: u64,
    /// One-based.
    pub(crate) line: u32,
}

/// Any name that its author was free to choose.
pub(crate) const NAME: &str = "\u{0}name";
/// Any literal text.
pub(crate) const TEXT: &str = "\u{0}text";
/// Any number.
pub(crate) const NUMBER: &str = "\u{0}number";

impl Token {
    pub(crate) fn new(what: &str, line: u32) -> Self {
        Self { hash: hash(what), line }
    }
}

/// FNV-1a with a final mix: the same on every machine and in every version, since indices are kept for years.
pub(crate) fn hash(text: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    mixed(hash)
}

/// Spreads what differs in a few bits over all of them.
pub(crate) fn mixed(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

//! A team's text without its secrets, from before it was split.

use super::replaced;

/// Text whose secrets were taken out while it was whole. Nothing else makes one, so what is split, cut or quoted from it has
/// no half of a secret that was told by its other half: a key by its first line, a password by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted {
    text: String,
    secrets: u64,
}

impl Redacted {
    /// `text` without its secrets, on as many lines as before.
    pub fn of(text: &str) -> Self {
        let (text, secrets) = replaced(text, true);
        Self { text, secrets }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text.
    pub fn into_string(self) -> String {
        self.text
    }

    /// How many secrets it had.
    pub fn secrets(&self) -> u64 {
        self.secrets
    }
}

#[cfg(test)]
#[test]
fn a_key_of_several_lines_leaves_as_many_and_nothing_in_them() {
    let line = ["MIIEpAIBAAKCAQEAx7Zr1kQ7yVnT0xPqLmW3s", "HdJ5uGfE9aCoXiR2Nb8Zr1kQ7yV\n"].concat();
    let text = format!("-----BEGIN {0}-----\n{1}-----END {0}-----\n\nwhy\n", "RSA PRIVATE KEY", line.repeat(3));
    let clean = Redacted::of(&text);
    assert_eq!(clean.as_str(), "…[redacted private key]\n\n\n\n\n\nwhy\n");
    assert_eq!((clean.secrets(), Redacted::of(clean.as_str()).secrets()), (1, 0));
    // To split first is what let the body out: alone, a line of it is a run of Base64.
    let (subject, _) = text.split_once('\n').unwrap();
    assert_eq!(Redacted::of(subject).as_str(), subject);
}

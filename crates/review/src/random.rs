//! What nobody can guess.

/// 128 random bits in hexadecimal.
pub(crate) fn random() -> std::io::Result<String> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| std::io::Error::other(format!("no random bytes: {error}")))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_runs_have_one_token() {
        let (one, other) = (random().unwrap(), random().unwrap());
        assert!(one != other && one.len() == 32, "{one} {other}");
    }
}

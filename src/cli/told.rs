//! What every command says in the same way: numbers of things.

/// `1 team`, `2 teams`: the noun takes an s.
pub(super) fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_no_plural() {
        assert_eq!([0, 1, 2].map(|number| counted(number, "team")), ["0 teams", "1 team", "2 teams"]);
    }
}

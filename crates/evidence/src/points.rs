//! Points, exact to the hundredth.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Points in hundredths, so that items add up to their criterion without rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Hash)]
pub struct Points(i64);

impl Points {
    /// No points.
    pub const ZERO: Self = Self(0);

    /// From hundredths of a point.
    pub const fn from_hundredths(hundredths: i64) -> Self {
        Self(hundredths)
    }

    /// From whole points.
    pub const fn whole(points: i64) -> Self {
        Self(points * 100)
    }

    /// Hundredths of a point.
    pub const fn hundredths(self) -> i64 {
        self.0
    }

    /// Reads `12`, `12.5` or `-3.25`; more than two decimals, or anything else, is refused.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let fraction = fraction.trim_end_matches('0');
        if whole.is_empty() || whole.len() > 9 || fraction.len() > 2 || !all_digits(whole) || !all_digits(fraction) {
            return None;
        }
        let hundredths: i64 = format!("{whole}{fraction:0<2}").parse().ok()?;
        Some(Self(if negative { -hundredths } else { hundredths }))
    }

    /// This many points times a ratio of 0..1, rounded to the hundredth, half away from zero.
    pub fn times(self, ratio: f64) -> Self {
        // Within ±10^11 hundredths a float is exact, so rounding is the only loss.
        Self((self.0 as f64 * ratio.clamp(0.0, 1.0)).round() as i64)
    }

    /// As a number of points.
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 100.0
    }
}

impl std::fmt::Display for Points {
    /// `71`, `71.5` or `71.25`: no trailing zeros.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (sign, absolute) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let text = match (absolute / 100, absolute % 100) {
            (whole, 0) => format!("{sign}{whole}"),
            (whole, fraction) if fraction % 10 == 0 => format!("{sign}{whole}.{}", fraction / 10),
            (whole, fraction) => format!("{sign}{whole}.{fraction:02}"),
        };
        f.pad(&text)
    }
}

impl std::ops::Add for Points {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl std::ops::Sub for Points {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl std::iter::Sum for Points {
    fn sum<I: Iterator<Item = Self>>(points: I) -> Self {
        points.fold(Self::ZERO, std::ops::Add::add)
    }
}

impl Serialize for Points {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0 % 100 == 0 { serializer.serialize_i64(self.0 / 100) } else { serializer.serialize_f64(self.as_f64()) }
    }
}

impl<'de> Deserialize<'de> for Points {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let points = f64::deserialize(deserializer)?;
        Ok(Self((points * 100.0).round() as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::Points;

    #[test]
    fn parses_and_prints_two_decimals_at_most() {
        for (text, printed) in [("12", "12"), ("12.50", "12.5"), ("0.05", "0.05"), ("-3.25", "-3.25"), ("1.000", "1")] {
            assert_eq!(Points::parse(text).map(|points| points.to_string()).as_deref(), Some(printed), "{text}");
        }
        for text in ["1.005", "", ".5", "1e3", "nan", "1.2.3", "99999999999"] {
            assert_eq!(Points::parse(text), None, "{text}");
        }
    }

    #[test]
    fn rounds_half_away_from_zero_at_the_hundredth() {
        assert_eq!(Points::whole(1).times(1.0 / 3.0), Points::from_hundredths(33));
        assert_eq!(Points::from_hundredths(25).times(0.5), Points::from_hundredths(13));
        assert_eq!(Points::whole(6).times(2.0), Points::whole(6));
    }
}

//! Arithmetic of intervals: between which numbers a result lies, where its operands lie between these.

use std::ops::{Add, Mul, Neg, Sub};

use stackmark_language::filters;

/// The least and the most of a number; either may be infinite, neither is NaN.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Interval {
    pub(super) least: f64,
    pub(super) most: f64,
}

impl Interval {
    /// Any number.
    pub(super) const ANY: Self = Self::new(f64::NEG_INFINITY, f64::INFINITY);
    /// A share of something.
    pub(super) const SHARE: Self = Self::new(0.0, 1.0);
    /// How many there are of something.
    pub(super) const COUNT: Self = Self::new(0.0, f64::INFINITY);

    pub(super) const fn new(least: f64, most: f64) -> Self {
        Self { least, most }
    }

    pub(super) const fn exactly(number: f64) -> Self {
        Self::new(number, number)
    }

    /// The number, if there is but one.
    pub(super) fn number(self) -> Option<f64> {
        (self.least >= self.most).then_some(self.least)
    }

    /// One or the other.
    pub(super) fn or(self, other: Self) -> Self {
        Self::new(self.least.min(other.least), self.most.max(other.most))
    }

    pub(super) fn smaller(self, other: Self) -> Self {
        Self::new(self.least.min(other.least), self.most.min(other.most))
    }

    pub(super) fn larger(self, other: Self) -> Self {
        Self::new(self.least.max(other.least), self.most.max(other.most))
    }

    /// What is left where both hold.
    pub(super) fn within(self, other: Self) -> Self {
        Self::new(self.least.clamp(other.least, other.most), self.most.clamp(other.least, other.most))
    }

    /// The least and the most of these, all of which it may be.
    fn among(ends: [f64; 4]) -> Self {
        Self::new(ends.into_iter().fold(f64::INFINITY, f64::min), ends.into_iter().fold(f64::NEG_INFINITY, f64::max))
    }

    /// `None` where it may be divided by nothing.
    pub(super) fn over(self, divisor: Self) -> Option<Self> {
        let Self { least, most } = divisor;
        (least > 0.0 || most < 0.0).then(|| self * Self::new(1.0 / most, 1.0 / least))
    }

    /// `ratio(part, whole)`: it rises with the part and falls with the whole, but that a ratio of nothing is nothing.
    pub(super) fn ratio(part: Self, whole: Self) -> Self {
        let least = if whole.least <= 0.0 { 0.0 } else { share(part.least, whole.most) };
        let most = match whole {
            Self { most, .. } if most <= 0.0 => 0.0,
            Self { least, .. } if least <= 0.0 => f64::from(u8::from(part.most > 0.0)),
            Self { least, .. } => share(part.most, least),
        };
        Self::new(least, most)
    }

    /// `scale(x, x1, y1, x2, y2, …)`: it rises or falls from point to point. `None` where `scale` refuses the points.
    pub(super) fn scale(x: Self, points: &[(Self, Self)]) -> Option<Self> {
        let known: Option<Vec<(f64, f64)>> =
            points.iter().map(|(x, y)| Some((x.number()?, y.number()?))).collect::<Option<_>>();
        let Some(known) = known else {
            // Wherever the points are, it lies between their heights.
            return points.iter().map(|(_, y)| *y).reduce(Self::or);
        };
        let (first, last) = (known.first()?.0, known.last()?.0);
        let flat: Vec<f64> = known.iter().flat_map(|(x, y)| [*x, *y]).collect();
        let inside = known.iter().map(|point| point.0).filter(|at| x.least < *at && *at < x.most);
        // Outside of the points it is flat, however far.
        let ends = [x.least, x.most].map(|end| end.clamp(first.min(last), last.max(first)));
        let heights = ends.into_iter().chain(inside).map(|at| filters::scale(at, &flat).ok().map(Self::exactly));
        heights.reduce(|all, height| Some(all?.or(height?))).flatten()
    }
}

/// `ratio` of numbers that may be infinite.
fn share(part: f64, whole: f64) -> f64 {
    match (part.is_infinite(), whole.is_infinite()) {
        (true, _) => f64::from(u8::from(part > 0.0 && whole.is_finite())),
        (false, true) => 0.0,
        (false, false) => filters::ratio(part, whole),
    }
}

/// Nothing of however much is nothing: the numbers themselves are finite.
fn product(one: f64, other: f64) -> f64 {
    if one == 0.0 || other == 0.0 { 0.0 } else { one * other }
}

impl Add for Interval {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::new(self.least + other.least, self.most + other.most)
    }
}

impl Neg for Interval {
    type Output = Self;

    fn neg(self) -> Self {
        Self::new(-self.most, -self.least)
    }
}

impl Sub for Interval {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Interval {
    type Output = Self;

    fn mul(self, other: Self) -> Self {
        Self::among([
            product(self.least, other.least),
            product(self.least, other.most),
            product(self.most, other.least),
            product(self.most, other.most),
        ])
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn interval() -> impl Strategy<Value = (Interval, f64)> {
        (-8..8_i32, 0..6_i32, 0..7_i32, any::<[bool; 2]>()).prop_map(|(least, wide, at, [below, above])| {
            let most = least + wide;
            let number = f64::from((least + at).min(most));
            let (least, most) = (f64::from(least), f64::from(most));
            let ends = (if below { f64::NEG_INFINITY } else { least }, if above { f64::INFINITY } else { most });
            (Interval::new(ends.0, ends.1), number)
        })
    }

    fn holds(interval: Interval, number: f64) -> bool {
        interval.least <= number + 1e-9 && number <= interval.most + 1e-9
    }

    proptest! {
        /// Whatever numbers the operands are, the result lies between the ends.
        #[test]
        fn the_result_lies_between_the_ends((one, a) in interval(), (other, b) in interval()) {
            prop_assert!(holds(one + other, a + b));
            prop_assert!(holds(one - other, a - b));
            prop_assert!(holds(one * other, a * b), "{one:?} * {other:?}: {:?}", one * other);
            prop_assert!(holds(one.smaller(other), a.min(b)) && holds(one.larger(other), a.max(b)));
            prop_assert!(holds(one.or(other), a) && holds(one.or(other), b));
            let ratio = Interval::ratio(one, other);
            prop_assert!(holds(ratio, filters::ratio(a, b)), "ratio({one:?}, {other:?}): {ratio:?}");
            match one.over(other) {
                Some(divided) => prop_assert!(holds(divided, a / b), "{one:?} / {other:?}: {divided:?}"),
                None => prop_assert!(other.least <= 0.0 && other.most >= 0.0),
            }
        }

        #[test]
        fn a_scale_lies_between_the_heights_that_it_passes(
            (x, at) in interval(),
            steps in prop::collection::vec((1..4_i32, -2..3_i32, any::<bool>()), 2..5),
        ) {
            let (mut place, mut flat, mut points) = (-6, Vec::new(), Vec::new());
            for (step, height, is_known) in steps {
                place += step;
                let (place, height) = (f64::from(place), f64::from(height));
                flat.extend([place, height]);
                let width = if is_known { 0.0 } else { 1.0 };
                points.push((Interval::exactly(place), Interval::new(height - width, height)));
            }
            let scaled = Interval::scale(x, &points).expect("points with rising x");
            prop_assert!(holds(scaled, filters::scale(at, &flat).expect("points with rising x")));
        }
    }

    #[test]
    fn no_end_is_wider_than_it_has_to_be() {
        let (half, some) = (Interval::exactly(0.5), Interval::new(1.0, 3.0));
        assert_eq!(half - half * Interval::SHARE, Interval::new(0.0, 0.5));
        assert_eq!(Interval::exactly(6.0).over(Interval::new(2.0, 4.0)), Some(Interval::new(1.5, 3.0)));
        assert_eq!(Interval::exactly(6.0).over(Interval::COUNT), None);
        assert_eq!(Interval::ratio(Interval::exactly(1.0), Interval::new(2.0, 4.0)), Interval::new(0.25, 0.5));
        assert_eq!(Interval::ratio(Interval::exactly(0.0), Interval::ANY), Interval::exactly(0.0));
        assert_eq!(Interval::ratio(Interval::exactly(1.0), Interval::COUNT), Interval::SHARE);
        let rising = [(0.0, 0.0), (4.0, 1.0)].map(|(x, y)| (Interval::exactly(x), Interval::exactly(y)));
        assert_eq!(Interval::scale(some, &rising), Some(Interval::new(0.25, 0.75)));
        assert_eq!(Interval::scale(Interval::new(1.0, f64::INFINITY), &rising), Some(Interval::new(0.25, 1.0)));
        let peak = [(0.0, 0.0), (2.0, 1.0), (4.0, 0.0)].map(|(x, y)| (Interval::exactly(x), Interval::exactly(y)));
        assert_eq!(Interval::scale(some, &peak), Some(Interval::new(0.5, 1.0)), "a point between is looked at");
    }
}

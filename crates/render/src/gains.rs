//! Which items would earn the most: one order for every format.

use stackmark_evidence::points::Points;
use stackmark_judge::scorecard::{CriterionScore, ItemScore, Scorecard};

/// An item with the criterion that it stands in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placed<'a> {
    /// Where it stands.
    pub criterion: &'a CriterionScore,
    /// The item.
    pub item: &'a ItemScore,
}

impl Placed<'_> {
    /// Points that are surely lost, whatever becomes of what is open.
    pub fn lost(&self) -> Points {
        self.item.mark.lost()
    }
}

/// Every item, in the rubric's order.
pub fn items(card: &Scorecard) -> impl Iterator<Item = Placed<'_>> {
    card.criteria.iter().flat_map(|criterion| criterion.items.iter().map(move |item| Placed { criterion, item }))
}

/// Items with points surely lost, the most first; ties keep the rubric's order.
pub fn by_points_lost(card: &Scorecard) -> Vec<Placed<'_>> {
    let mut losing: Vec<_> = items(card).filter(|placed| placed.lost() > Points::ZERO).collect();
    losing.sort_by_key(|placed| std::cmp::Reverse(placed.lost()));
    losing
}

/// Items whose points are still open, in the rubric's order. One that a person has settled is open no more.
pub fn open(card: &Scorecard) -> Vec<Placed<'_>> {
    items(card).filter(|placed| placed.item.mark.open > 0).collect()
}

/// Items that a person decided, in the rubric's order.
pub fn settled(card: &Scorecard) -> Vec<Placed<'_>> {
    items(card).filter(|placed| placed.item.settled.is_some()).collect()
}

//! Places of what the page draws: the distribution, the groups of teams, the order of first appearances.

use serde::Serialize;

use crate::findings::{ChannelFindings, Findings, PairFinding};

/// Size of the picture of the distribution.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 160.0;
/// Radius of the circle that a group stands on.
const RADIUS: f64 = 130.0;
/// From the picture's edge to the middle of a group.
const MIDDLE: f64 = 220.0;
/// Larger groups are only listed.
const MOST_DRAWN: usize = 24;

/// A column of the distribution; coordinates are texts, so that no language writes them its own way.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bar {
    /// Its left edge.
    pub x: String,
    /// Its upper edge.
    pub y: String,
    /// How wide it is.
    pub width: String,
    /// How high it is.
    pub height: String,
    /// How many pairs.
    pub pairs: u64,
    /// From how much on, 0 to 1.
    pub from: f64,
    /// To how much.
    pub to: f64,
}

/// The distribution of a channel.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Distribution {
    /// Its columns, those with no pair with them.
    pub bars: Vec<Bar>,
    /// Where the suggested cut is.
    pub cut: String,
}

/// A team of a drawn group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Node {
    /// Its middle.
    pub x: String,
    /// Its middle.
    pub y: String,
    /// As shown.
    pub name: String,
}

/// A pair of a drawn group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Edge {
    /// Of the one team.
    pub x1: String,
    /// Of the one team.
    pub y1: String,
    /// Of the other.
    pub x2: String,
    /// Of the other.
    pub y2: String,
    /// Of the line, by how alike they are.
    pub width: String,
    /// Id of the pair.
    pub pair: String,
}

/// A group of teams.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Graph {
    /// Names of all its teams.
    pub names: Vec<String>,
    /// Those that are drawn.
    pub nodes: Vec<Node>,
    /// What holds them together.
    pub edges: Vec<Edge>,
}

/// When something first appeared on one side of a pair.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Moment {
    /// RFC 3339.
    pub at: String,
    /// Whose.
    pub team: String,
    /// Who committed it.
    pub author: String,
    /// The commit.
    pub commit: String,
    /// Where.
    pub place: String,
}

fn number(value: f64) -> String {
    format!("{value:.1}")
}

/// The columns of a channel. Heights grow with the root, so that one pair is seen beside ten thousand.
pub fn distribution(channel: &ChannelFindings) -> Distribution {
    let bins = channel.distribution.len().max(1) as f64;
    let most = channel.distribution.iter().copied().max().unwrap_or_default().max(1) as f64;
    let step = WIDTH / bins;
    let bars = channel.distribution.iter().enumerate().map(|(at, pairs)| {
        let height = (*pairs as f64 / most).sqrt() * HEIGHT;
        Bar {
            x: number(at as f64 * step),
            y: number(HEIGHT - height),
            width: number(step - 2.0),
            height: number(height),
            pairs: *pairs,
            from: at as f64 / bins,
            to: (at + 1) as f64 / bins,
        }
    });
    Distribution { bars: bars.collect(), cut: number(channel.cut * WIDTH) }
}

/// How alike a pair is, in what it is most alike.
pub fn strength(pair: &PairFinding) -> f64 {
    let parts = [pair.code, pair.infrastructure, pair.prose].into_iter().flatten();
    parts.map(|part| part.of_a.max(part.of_b)).fold(0.0, f64::max)
}

/// The groups, each on a circle.
pub fn graphs(findings: &Findings) -> Vec<Graph> {
    findings.clusters.iter().map(|names| graph(names, &findings.pairs)).collect()
}

fn graph(names: &[String], pairs: &[PairFinding]) -> Graph {
    if names.len() > MOST_DRAWN {
        return Graph { names: names.to_vec(), nodes: Vec::new(), edges: Vec::new() };
    }
    let places: Vec<(f64, f64)> = (0..names.len())
        .map(|at| {
            let angle = std::f64::consts::TAU * at as f64 / names.len() as f64;
            (MIDDLE + RADIUS * angle.cos(), MIDDLE + RADIUS * angle.sin())
        })
        .collect();
    let nodes = names.iter().zip(&places);
    let nodes = nodes.map(|(name, (x, y))| Node { x: number(*x), y: number(*y), name: name.clone() }).collect();
    let place = |name: &str| names.iter().position(|known| known == name).map(|at| places[at]);
    let edges = pairs.iter().filter(|pair| pair.above_cut).filter_map(|pair| {
        let ((x1, y1), (x2, y2)) = (place(&pair.a.name())?, place(&pair.b.name())?);
        let width = 1.0 + 5.0 * strength(pair);
        let [x1, y1, x2, y2, width] = [x1, y1, x2, y2, width].map(number);
        Some(Edge { x1, y1, x2, y2, width, pair: pair.id.clone() })
    });
    Graph { names: names.to_vec(), nodes, edges: edges.collect() }
}

/// When the regions of a pair first appeared, the earliest first.
pub fn timeline(pair: &PairFinding) -> Vec<Moment> {
    let mut moments: Vec<Moment> = Vec::new();
    for region in &pair.regions {
        for (team, side) in [(&pair.a, &region.a), (&pair.b, &region.b)] {
            if let Some(commit) = &side.appeared {
                moments.push(Moment {
                    at: commit.at.clone(),
                    team: team.name(),
                    author: commit.author.clone(),
                    commit: commit.commit.clone(),
                    place: format!("{}:{}–{}", side.path, side.first, side.last),
                });
            }
        }
    }
    // By the moment itself: offsets differ.
    moments.sort_by_cached_key(|moment| (utc(&moment.at), moment.team.clone(), moment.place.clone()));
    moments
}

/// Seconds that only serve to sort; 0 where the text is no moment.
fn utc(text: &str) -> i64 {
    let number = |range: std::ops::Range<usize>| text.get(range).and_then(|digits| digits.parse::<i64>().ok());
    let parse = || {
        let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
        let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
        // Howard Hinnant's days from civil.
        let year = if month <= 2 { year - 1 } else { year };
        let era = year.div_euclid(400);
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let of_era = year.rem_euclid(400);
        let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year;
        let sign = match text.get(19..20) {
            Some("-") => -1,
            _ => 1,
        };
        let offset = number(20..22).unwrap_or_default() * 60 + number(23..25).unwrap_or_default();
        Some(((days * 24 + hour) * 60 + minute - sign * offset) * 60 + second)
    };
    parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::Channel;

    #[test]
    fn moments_are_compared_across_offsets() {
        assert!(utc("2026-03-01T01:00:00+02:00") < utc("2026-02-28T23:30:00+00:00"));
        assert_eq!(utc("2026-03-01T01:00:00+02:00"), utc("2026-02-28T18:00:00-05:00"));
        assert_eq!(utc("yesterday"), 0);
    }

    #[test]
    fn columns_fill_the_picture() {
        let channel =
            ChannelFindings { channel: Channel::Code, compared: 101, cut: 0.5, distribution: vec![100, 0, 0, 1] };
        let drawn = distribution(&channel);
        assert_eq!((drawn.bars.len(), drawn.cut.as_str()), (4, "360.0"));
        assert_eq!((drawn.bars[0].height.as_str(), drawn.bars[3].height.as_str()), ("160.0", "16.0"));
    }
}

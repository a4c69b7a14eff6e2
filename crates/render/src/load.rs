//! A load's times and back ends as small pictures: an SVG for pages, signs for text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use super::escape;
use super::language::Language;
use stackmark_evidence::load::{Bin, Load};
use stackmark_judge::picture::LoadPicture;

const SIGNS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Signs of a full bar of text.
const BAR: u64 = 20;
/// Back ends of one path that are shown; the rest is one line with their number.
const SHOWN: usize = 20;
/// Width of a picture in its own units; it scales to where it stands.
const WIDTH: f64 = 400.0;
const HEIGHT: f64 = 120.0;
/// Height that is kept for the marks' words.
const WORDS: f64 = 28.0;
/// Characters of a back end's name that leave room for its count.
const NAME: usize = 44;
/// Height of one back end's bar.
const ROW: f64 = 20.0;

/// A load for the templates.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct LoadView<'a> {
    /// What was sent: its key in the evidence.
    pub(crate) key: &'a str,
    pub(crate) load: &'a Load,
    /// A sign for each bin, the fullest the tallest.
    pub(crate) signs: String,
    /// A line for each back end of each path.
    pub(crate) rows: Vec<SpreadRow>,
}

/// One back end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct SpreadRow {
    pub(crate) path: String,
    /// Its name, or nothing for the responses that tell none.
    pub(crate) back_end: Option<String>,
    pub(crate) count: u64,
    /// Twenty signs for the most of the path.
    pub(crate) bar: String,
}

impl<'a> LoadView<'a> {
    pub(crate) fn of(key: &'a str, load: &'a Load) -> Self {
        let mut rows = Vec::new();
        for (path, met) in &load.by_path {
            let most = met.spread.values().copied().chain([met.unlabelled]).max().unwrap_or_default().max(1);
            let bar = |count: u64| "█".repeat((count * BAR).div_ceil(most) as usize);
            let row = |back_end: Option<&String>, count: u64| SpreadRow {
                path: path.clone(),
                back_end: back_end.cloned(),
                count,
                bar: bar(count),
            };
            rows.extend(met.spread.iter().take(SHOWN).map(|(name, count)| row(Some(name), *count)));
            let rest: u64 = met.spread.values().skip(SHOWN).sum();
            if met.unlabelled + rest > 0 {
                rows.push(row(None, met.unlabelled + rest));
            }
        }
        Self { key, load, signs: signs(&load.bins), rows }
    }
}

fn signs(bins: &[Bin]) -> String {
    let most = bins.iter().map(|bin| bin.count).max().unwrap_or_default().max(1);
    let sign = |bin: &Bin| match bin.count {
        0 => '·',
        count => SIGNS[((count * (SIGNS.len() as u64 - 1)).div_ceil(most) as usize).min(SIGNS.len() - 1)],
    };
    bins.iter().map(sign).collect()
}

/// What a picture says to who cannot see it, in the reader's language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words<'a> {
    /// Its name, unique on the page: letters, digits and `-`.
    pub id: &'a str,
    /// A few words.
    pub title: &'a str,
    /// What it shows, in a sentence.
    pub description: &'a str,
    /// The reader's decimal sign.
    pub decimal: &'a str,
}

/// [`latency_svg`] with the words of a language.
///
/// # Errors
/// A word that the language does not have: a sentence.
pub(super) fn latency_figure(picture: &LoadPicture, id: &str, language: &Language) -> Result<String, String> {
    let decimal = language.label("number.decimal").unwrap_or(".");
    // The paths say to everyone what was asked for; the key is for who looks into the evidence.
    let paths: Vec<&str> = picture.spread.keys().map(String::as_str).collect();
    let values = BTreeMap::from([
        ("n", language.number(picture.answered as f64)),
        ("load", if paths.is_empty() { picture.load.clone() } else { paths.join(", ") }),
        ("p50", plain(picture.p50_ms, decimal)),
        ("p95", plain(picture.p95_ms, decimal)),
        ("p99", plain(picture.p99_ms, decimal)),
    ]);
    let title = language.say("pictures.times", None, &BTreeMap::new())?;
    let description = language.say("pictures.times_of", Some(picture.answered as f64), &values)?;
    Ok(latency_svg(picture, &Words { id, title: &title, description: &description, decimal }))
}

/// [`spread_svg`] with the words of a language.
///
/// # Errors
/// As [`latency_figure`].
pub(super) fn spread_figure(
    picture: &LoadPicture,
    path: &str,
    id: &str,
    language: &Language,
) -> Result<String, String> {
    let back_ends = picture.spread.get(path).map(|spread| &spread.back_ends);
    let counts: Vec<String> =
        back_ends.into_iter().flatten().take(SHOWN).map(|(name, count)| format!("{name} {count}")).collect();
    let values = BTreeMap::from([("path", path.to_owned()), ("counts", counts.join(", "))]);
    let title = language.say("pictures.back_ends", None, &BTreeMap::new())?;
    let description = language.say("pictures.back_ends_of", None, &values)?;
    let decimal = language.label("number.decimal").unwrap_or(".");
    Ok(spread_svg(picture, path, &Words { id, title: &title, description: &description, decimal }))
}

/// How many responses took how long, with marks at the median and the 95th and 99th percentiles.
///
/// Presentation attributes and `currentColor` only: it needs no style sheet, follows the page's colours, dark or light, and
/// a strict content security policy lets it be. Empty where there is nothing to draw.
pub fn latency_svg(picture: &LoadPicture, words: &Words<'_>) -> String {
    let (Some(first), Some(last)) = (picture.bins.first(), picture.bins.last()) else { return String::new() };
    let (low, high) = (first.above_ms.max(1e-4).log10(), last.to_ms.max(1e-3).log10());
    let across = |ms: f64| ((ms.max(1e-4).log10() - low) / (high - low).max(1e-9)).clamp(0.0, 1.0) * WIDTH;
    let most = picture.bins.iter().map(|bin| bin.count).max().unwrap_or_default().max(1) as f64;
    let floor = HEIGHT - WORDS / 2.0;
    let mut svg = opening(HEIGHT, words);
    let width = WIDTH / picture.bins.len() as f64;
    for (at, bin) in picture.bins.iter().enumerate().filter(|(_, bin)| bin.count > 0) {
        let height = (bin.count as f64 / most * (floor - WORDS)).max(1.0);
        let (x, y, wide) = (at as f64 * width, floor - height, (width - 1.0).max(1.0));
        let _ = write!(
            svg,
            r#"<rect x="{x:.1}" y="{y:.1}" width="{wide:.1}" height="{height:.1}" fill="currentColor" fill-opacity="0.45"/>"#
        );
    }
    for (row, (name, ms)) in
        [("p50", picture.p50_ms), ("p95", picture.p95_ms), ("p99", picture.p99_ms)].into_iter().enumerate()
    {
        let x = across(ms);
        let (anchor, beside) = if x > WIDTH / 2.0 { ("end", x - 3.0) } else { ("start", x + 3.0) };
        let y = 9.0 + row as f64 * 9.0;
        let _ = write!(
            svg,
            r#"<line x1="{x:.1}" y1="2" x2="{x:.1}" y2="{floor:.1}" stroke="currentColor" stroke-width="1" stroke-dasharray="3 2"/>"#
        );
        let _ = write!(
            svg,
            r#"<text x="{beside:.1}" y="{y:.1}" font-size="9" text-anchor="{anchor}" fill="currentColor">{name} {} ms</text>"#,
            plain(ms, words.decimal)
        );
    }
    for (x, anchor, ms) in [(0.0, "start", first.above_ms), (WIDTH, "end", last.to_ms)] {
        let y = HEIGHT - 3.0;
        let _ = write!(
            svg,
            r#"<text x="{x}" y="{y:.1}" font-size="9" text-anchor="{anchor}" fill="currentColor">{} ms</text>"#,
            plain(ms, words.decimal)
        );
    }
    svg.push_str("</svg>");
    svg
}

/// A bar for each back end of one path of the load. Empty where the load has no such path, or no answer names one.
pub fn spread_svg(picture: &LoadPicture, path: &str, words: &Words<'_>) -> String {
    let Some(spread) = picture.spread.get(path).filter(|spread| !spread.back_ends.is_empty()) else {
        return String::new();
    };
    let rows: Vec<(&str, u64)> =
        spread.back_ends.iter().take(SHOWN).map(|(name, count)| (name.as_str(), *count)).collect();
    let most = rows.iter().map(|(_, count)| *count).max().unwrap_or_default().max(1) as f64;
    let mut svg = opening(rows.len() as f64 * ROW, words);
    for (at, (name, count)) in rows.into_iter().enumerate() {
        let (y, long) = (at as f64 * ROW, count as f64 / most * WIDTH);
        let (bar, text) = (y + 2.0, y + 14.0);
        let _ = write!(
            svg,
            r#"<rect x="0" y="{bar:.1}" width="{long:.1}" height="16" fill="currentColor" fill-opacity="0.25"/>"#
        );
        let _ = write!(
            svg,
            r#"<text x="4" y="{text:.1}" font-size="11" fill="currentColor">{} · {count}</text>"#,
            escape::html(&short(name))
        );
    }
    svg.push_str("</svg>");
    svg
}

fn short(name: &str) -> String {
    let name = escape::clean(name);
    match name.char_indices().nth(NAME) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name,
    }
}

fn opening(height: f64, words: &Words<'_>) -> String {
    let (id, title, description) = (words.id, escape::html(words.title), escape::html(words.description));
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" aria-labelledby="{id}-title {id}-desc"><title id="{id}-title">{title}</title><desc id="{id}-desc">{description}</desc>"#,
        id = escape::html(id)
    )
}

/// Three significant digits, no trailing zeros.
fn plain(ms: f64, decimal: &str) -> String {
    let decimals = if ms >= 100.0 {
        0
    } else if ms >= 10.0 {
        1
    } else {
        2
    };
    let text = format!("{ms:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').replace('.', decimal) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stackmark_judge::picture::Spread;

    fn picture() -> LoadPicture {
        let bin = |above_ms, to_ms, count| Bin { above_ms, to_ms, count };
        let back_ends = BTreeMap::from([("i-0a1b2c3d".to_owned(), 60), ("<script>alert(1)</script>".to_owned(), 30)]);
        LoadPicture {
            load: "/ ×100".to_owned(),
            answered: 100,
            p50_ms: 15.84,
            p95_ms: 80.0,
            p99_ms: 158.3,
            bins: vec![bin(10.0, 20.0, 90), bin(20.0, 40.0, 0), bin(40.0, 80.0, 7), bin(80.0, 160.0, 3)],
            spread: BTreeMap::from([("/".to_owned(), Spread { back_ends, unlabelled: 10 })]),
        }
    }

    const WORDS: Words<'_> = Words { id: "load-1", title: "Times <b>", description: "100 responses", decimal: "." };

    #[test]
    fn the_times_are_drawn_with_their_marks_and_an_alternative_in_words() {
        let svg = latency_svg(&picture(), &WORDS);
        assert_eq!(svg.matches("<rect").count(), 3, "an empty bin is no bar");
        for words in
            ["p50 15.8 ms", "p95 80 ms", "p99 158 ms", ">10 ms<", ">160 ms<", "Times &lt;b&gt;", "role=\"img\""]
        {
            assert!(svg.contains(words), "{words}\n{svg}");
        }
        assert!(svg.contains(r#"aria-labelledby="load-1-title load-1-desc""#));
        assert!(!svg.contains("style"), "a strict policy refuses inline styles");
        assert_eq!(latency_svg(&LoadPicture { bins: Vec::new(), ..picture() }, &WORDS), "");
    }

    #[test]
    fn back_ends_are_bars_and_their_names_are_only_words() {
        let svg = spread_svg(&picture(), "/", &WORDS);
        assert_eq!(svg.matches("<rect").count(), 2);
        assert!(svg.contains(r#"width="200.0""#) && svg.contains("i-0a1b2c3d · 60"), "{svg}");
        assert!(!svg.contains("<script>"), "{svg}");
        assert_eq!(spread_svg(&picture(), "/other", &WORDS), "");
        assert_eq!(short("i-0123456789abcdef0"), "i-0123456789abcdef0");
        assert_eq!(short(&"é".repeat(60)), format!("{}…", "é".repeat(44)), "its count has to be seen");
    }

    #[test]
    fn text_shows_the_same_in_signs() {
        assert_eq!(signs(&picture().bins), "█·▂▂");
        assert_eq!(signs(&[]), "");
    }
}

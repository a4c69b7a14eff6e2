//! What the letters of a run look like.

use quick_xml::events::BytesStart;

use super::super::xml::value;
use super::styles::{is_near, is_on, is_pale_color, rgb};

/// Letters are drawn no narrower by anybody.
const NARROWEST: u32 = 10;

/// In half points; hardly anybody sets a whole text in thirteen points.
const LARGE: u32 = 26;
/// How far apart red, green and blue are in what is neither black nor grey.
const COLORED: u8 = 40;

#[derive(Default, Clone, Copy)]
pub(super) struct Run {
    pub(super) bold: bool,
    pub(super) hidden: bool,
    pub(super) white: bool,
    /// Nearly white, or hardly as wide as a line.
    pub(super) pale: bool,
    pub(super) shaded: bool,
    underlined: bool,
    /// In letters larger than a text's.
    large: bool,
    color: Option<[u8; 3]>,
    fill: Option<[u8; 3]>,
}

impl Run {
    /// A property of its letters.
    pub(super) fn look(&mut self, tag: &BytesStart<'_>) {
        let said = value(tag, "val").unwrap_or_default().to_lowercase();
        match tag.local_name().as_ref() {
            "b" => self.bold = is_on(tag),
            "vanish" => self.hidden |= is_on(tag),
            "color" => {
                self.white = said == "ffffff";
                self.pale = is_pale_color(tag);
                self.color = rgb(&said);
            }
            // In percent of a letter's own width.
            "w" => self.pale |= said.parse::<u32>().is_ok_and(|width| width < NARROWEST),
            // In half points: nobody reads letters of two points.
            "sz" => {
                let size = said.parse::<u32>().ok();
                self.hidden |= size.is_some_and(|size| size <= 4);
                self.large = size.is_some_and(|size| size >= LARGE);
            }
            "u" => self.underlined = said != "none",
            "shd" => {
                self.shaded |= is_filled(tag);
                self.fill = value(tag, "fill").and_then(|fill| rgb(&fill));
            }
            "highlight" => self.shaded |= is_on(tag),
            _ => {}
        }
    }

    /// Whether its letters stand out of a text: underlined, large or coloured.
    pub(super) fn stands_out(&self) -> bool {
        let is_colored = |[red, green, blue]: [u8; 3]| red.max(green).max(blue) - red.min(green).min(blue) >= COLORED;
        self.bold || self.underlined || self.large || self.color.is_some_and(is_colored)
    }

    /// Whether its letters have the colour of what is behind them: of its own shading, or the paragraph's.
    pub(super) fn is_drowned(&self, paragraph: Option<[u8; 3]>) -> bool {
        self.color.zip(self.fill.or(paragraph)).is_some_and(|(color, fill)| is_near(color, fill))
    }
}

/// Whether a shading is one that shows.
pub(super) fn is_filled(tag: &BytesStart<'_>) -> bool {
    value(tag, "fill").is_some_and(|fill| !matches!(fill.to_lowercase().as_str(), "auto" | "ffffff"))
}

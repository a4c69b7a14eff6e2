//! Letters of a page that a reader may not see: white on nothing dark, transparent, tiny, beside the page.

use pdf_extract::content::Content;
use pdf_extract::{Document, Object, ObjectId};

use super::super::unseen::is_pale;

/// Letters of fewer points cannot be read.
const SMALLEST: f64 = 1.5;
const LEAST_OPACITY: f64 = 0.05;
/// Nobody prints on such a page, in points.
const FAR: f64 = 20_000.0;
/// So far before its edge begins what no margin explains.
const BEFORE: f64 = -200.0;
/// White letters can be read on what is no lighter.
const DARK: f64 = 0.75;
const MOST_BOXES: usize = 2_000;
/// In a window of so few points no letter shows.
const NARROWEST_WINDOW: f64 = 2.0;
/// Drawings of a page that are looked into.
const MOST_DRAWINGS: usize = 200;
const DEEPEST: usize = 200;

/// Six numbers, as PDF writes a matrix.
type Matrix = [f64; 6];

const IDENTITY: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

/// `first`, and then `second`.
fn times(first: Matrix, second: Matrix) -> Matrix {
    let [a, b, c, d, e, f] = first;
    let [g, h, i, j, k, l] = second;
    [a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + l]
}

#[derive(Clone, Copy)]
struct State {
    matrix: Matrix,
    /// Of what is filled, letters among it: red, green and blue.
    color: [f64; 3],
    opacity: f64,
    size: f64,
    /// All that is drawn is cut to a window in which nothing shows.
    is_cut: bool,
}

/// How many of all letters of a page a reader may not see.
pub(super) fn share(document: &Document, page: ObjectId) -> Option<f64> {
    let content = document.get_and_decode_page_content(page).ok()?;
    let mut state = State { matrix: IDENTITY, color: [0.0; 3], opacity: 1.0, size: 1.0, is_cut: false };
    let mut saved: Vec<State> = Vec::new();
    let mut text = IDENTITY;
    // Left, bottom, right and top of what was drawn dark, and of what is being drawn.
    let mut dark: Vec<[f64; 4]> = Vec::new();
    let mut drawn: Vec<[f64; 4]> = Vec::new();
    let (mut unseen, mut all) = (0_u64, 0_u64);
    let mut drawings = 0;
    for operation in &content.operations {
        let operands = &operation.operands;
        let numbers: Vec<f64> = operands.iter().filter_map(|operand| operand.as_float().ok()).map(f64::from).collect();
        match (operation.operator.as_str(), numbers.as_slice()) {
            ("q", _) if saved.len() < DEEPEST => saved.push(state),
            ("Q", _) => state = saved.pop().unwrap_or(state),
            ("cm", &[a, b, c, d, e, f]) => state.matrix = times([a, b, c, d, e, f], state.matrix),
            ("BT", _) => text = IDENTITY,
            ("Tm", &[a, b, c, d, e, f]) => text = [a, b, c, d, e, f],
            ("Td" | "TD", &[x, y]) => text = times([1.0, 0.0, 0.0, 1.0, x, y], text),
            ("Tf", &[size]) => state.size = size.abs(),
            ("g", &[gray]) => state.color = [gray; 3],
            ("rg" | "sc" | "scn", &[red, green, blue]) => state.color = [red, green, blue],
            ("k" | "sc" | "scn", &[cyan, magenta, yellow, black]) => {
                state.color = [cyan, magenta, yellow].map(|ink| (1.0 - ink) * (1.0 - black));
            }
            ("cs" | "sc" | "scn", _) => state.color = [0.0; 3],
            ("gs", _) => {
                let name = operands.first().and_then(|name| name.as_name().ok());
                state.opacity = name.and_then(|name| opacity(document, page, name)).unwrap_or(state.opacity);
            }
            ("re", &[x, y, width, height]) if drawn.len() < MOST_BOXES => {
                let corner = |x: f64, y: f64| {
                    let at = times([1.0, 0.0, 0.0, 1.0, x, y], state.matrix);
                    (at[4], at[5])
                };
                let ((x, y), (right, top)) = (corner(x, y), corner(x + width, y + height));
                drawn.push([x.min(right), y.min(top), x.max(right), y.max(top)]);
            }
            ("f" | "F" | "f*" | "B" | "B*" | "b" | "b*", _) => {
                let is_dark = state.color.iter().sum::<f64>() / 3.0 < DARK && state.opacity > LEAST_OPACITY;
                let room = MOST_BOXES.saturating_sub(dark.len());
                dark.extend(drawn.drain(..).filter(|_| is_dark).take(room));
            }
            ("W" | "W*", _) => {
                let is_slit = |[left, bottom, right, top]: &[f64; 4]| {
                    right - left < NARROWEST_WINDOW || top - bottom < NARROWEST_WINDOW
                };
                state.is_cut |= !drawn.is_empty() && drawn.iter().all(is_slit);
            }
            ("n" | "s" | "S", _) => drawn.clear(),
            // A part with an opacity of its own is a drawing.
            ("Do", _) if drawings < MOST_DRAWINGS => {
                drawings += 1;
                let name = operands.first().and_then(|name| name.as_name().ok());
                let letters = name.and_then(|name| letters_of_drawing(document, page, name)).unwrap_or(0);
                all += letters;
                if state.opacity < LEAST_OPACITY || state.is_cut {
                    unseen += letters;
                }
            }
            ("Tj" | "TJ" | "'" | "\"", _) => {
                let letters = operands.iter().map(letters_in).sum::<u64>();
                all += letters;
                let at = times(text, state.matrix);
                let scale = (at[0] * at[3] - at[1] * at[2]).abs().sqrt();
                let (x, y) = (at[4], at[5]);
                let on_dark = || {
                    dark.iter().any(|[left, bottom, right, top]| {
                        (*left..=*right).contains(&x) && (*bottom..=*top).contains(&y)
                    })
                };
                let is_away = x < BEFORE || y < BEFORE || x > FAR || y > FAR;
                let is_faint = state.opacity < LEAST_OPACITY || (is_pale(state.color) && !on_dark());
                if state.is_cut || is_away || is_faint || state.size * scale < SMALLEST {
                    unseen += letters;
                }
            }
            _ => {}
        }
    }
    (all > 0).then(|| unseen as f64 / all as f64)
}

/// Bytes of a string, or of those of a list: of each font alike, as only their share counts.
fn letters_in(operand: &Object) -> u64 {
    match operand {
        Object::String(text, _) => text.len() as u64,
        Object::Array(parts) => parts.iter().map(|part| part.as_str().map_or(0, |text| text.len() as u64)).sum(),
        _ => 0,
    }
}

/// The letters of a drawing of the page.
fn letters_of_drawing(document: &Document, page: ObjectId, name: &[u8]) -> Option<u64> {
    let (own, inherited) = document.get_page_resources(page).ok()?;
    let others = inherited.iter().filter_map(|id| document.get_dictionary(*id).ok());
    let drawing = own.into_iter().chain(others).find_map(|resources| {
        let drawings = document.get_dict_in_dict(resources, b"XObject").ok()?;
        let (_, drawing) = document.dereference(drawings.get(name).ok()?).ok()?;
        drawing.as_stream().ok()
    })?;
    if !drawing.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|subtype| subtype == b"Form") {
        return None;
    }
    let bytes = drawing.decompressed_content().unwrap_or_else(|_| drawing.content.clone());
    let content = Content::decode(&bytes).ok()?;
    let shows = content.operations.iter().filter(|it| matches!(it.operator.as_str(), "Tj" | "TJ" | "'" | "\""));
    Some(shows.flat_map(|it| &it.operands).map(letters_in).sum())
}

/// The opacity of what is filled that a graphics state of the page sets.
fn opacity(document: &Document, page: ObjectId, name: &[u8]) -> Option<f64> {
    let (own, inherited) = document.get_page_resources(page).ok()?;
    let others = inherited.iter().filter_map(|id| document.get_dictionary(*id).ok());
    own.into_iter().chain(others).find_map(|resources| {
        let states = document.get_dict_in_dict(resources, b"ExtGState").ok()?;
        let state = document.get_dict_in_dict(states, name).ok()?;
        state.get(b"ca").and_then(Object::as_float).ok().map(f64::from)
    })
}

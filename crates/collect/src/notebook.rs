//! Jupyter notebooks as the lines that people wrote: the source of the cells, without what the cells printed.

use serde::Deserialize;
use serde_json::Value;

/// A notebook with pictures in its outputs is larger than any text; a larger one is not read.
pub const MAX_BYTES: u64 = 32 << 20;

/// Why a notebook does not count whose cells cannot be told.
pub const UNREADABLE: &str = "unreadable notebook";

/// Every version of the format says which one it is.
const FORMAT_KEY: &[u8] = b"\"nbformat\"";

/// Fields that are not named here are skipped without being kept: outputs hold megabytes of pictures.
#[derive(Deserialize)]
struct Notebook {
    nbformat: u64,
    #[serde(default)]
    cells: Vec<Cell>,
    /// Of the third version and before.
    #[serde(default)]
    worksheets: Vec<Worksheet>,
}

#[derive(Deserialize)]
struct Worksheet {
    #[serde(default)]
    cells: Vec<Cell>,
}

#[derive(Deserialize)]
struct Cell {
    #[serde(default)]
    source: Value,
    /// What a cell of code had for `source` in the third version and before.
    #[serde(default)]
    input: Value,
}

/// Whether a path is a notebook's.
pub fn is_notebook(path: &str) -> bool {
    let is_named_so = path.len() >= 6 && path.as_bytes()[path.len() - 6..].eq_ignore_ascii_case(b".ipynb");
    is_named_so && !path.contains(".ipynb_checkpoints/")
}

/// The source of all cells in their order, each ended by a line feed; `None` where the content is no notebook.
pub fn cells(content: &[u8]) -> Option<String> {
    let begins = content.iter().find(|byte| !byte.is_ascii_whitespace() && !b"\xef\xbb\xbf".contains(byte));
    if begins != Some(&b'{') || !content.windows(FORMAT_KEY.len()).any(|window| window == FORMAT_KEY) {
        return None;
    }
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    let notebook: Notebook = serde_json::from_slice(content).ok()?;
    let old = if notebook.nbformat < 4 { notebook.worksheets } else { Vec::new() };
    let mut text = String::new();
    for cell in notebook.cells.iter().chain(old.iter().flat_map(|sheet| &sheet.cells)) {
        push_lines(&mut text, &cell.source);
        push_lines(&mut text, &cell.input);
    }
    Some(text)
}

/// Text stands as a string, or as a list of its lines.
fn push_lines(text: &mut String, source: &Value) {
    let before = text.len();
    match source {
        Value::String(lines) => text.push_str(lines),
        Value::Array(lines) => text.extend(lines.iter().filter_map(Value::as_str)),
        _ => {}
    }
    if text.len() > before && !text.ends_with('\n') {
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_read_and_what_they_printed_is_not() {
        let notebook = r##"{"cells": [
            {"cell_type": "markdown", "source": ["# Latency\n", "of each shard"]},
            {"cell_type": "code", "source": "probe(1)\nprobe(2)", "outputs": [{"text": ["many words\n"]}]},
            {"cell_type": "code", "source": [], "outputs": []}],
            "metadata": {}, "nbformat": 4, "nbformat_minor": 5}"##;
        assert_eq!(cells(notebook.as_bytes()).as_deref(), Some("# Latency\nof each shard\nprobe(1)\nprobe(2)\n"));
    }

    #[test]
    fn notebooks_of_the_third_version_are_read() {
        let old = r##"{"nbformat": 3, "worksheets": [{"cells": [
            {"cell_type": "code", "input": ["x = 1\n", "x"], "outputs": []},
            {"cell_type": "markdown", "source": "Then:"}]}]}"##;
        assert_eq!(cells(old.as_bytes()).as_deref(), Some("x = 1\nx\nThen:\n"));
    }

    #[test]
    fn anything_else_is_no_notebook() {
        for content in
            [&b"{\"cells\": []}"[..], b"{}", b"x = 1\n", b"", b"{\"nbformat\": 4, \"cells\": [", b"\"nbformat\""]
        {
            assert_eq!(cells(content), None, "{}", String::from_utf8_lossy(content));
        }
        let deep = format!("{{\"nbformat\": 4, \"cells\": {}", "[".repeat(100_000));
        assert_eq!(cells(deep.as_bytes()), None);
    }

    #[test]
    fn notebooks_are_told_by_their_ending() {
        assert!(is_notebook("a/Analysis.IPYNB") && !is_notebook("a/.ipynb_checkpoints/b.ipynb"));
        assert!(!is_notebook("é.py") && !is_notebook("ipynb"));
    }
}

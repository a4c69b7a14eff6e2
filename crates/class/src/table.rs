//! A delimited table as another tool exported it: cells are read, and what nobody changes is written back byte for byte.
//!
//! Byte-order mark, encoding (UTF-8, UTF-16, Windows-1252), delimiter (`,` `;` tab), quotes and line ends are kept.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use encoding_rs::WINDOWS_1252;

/// The delimiters that spreadsheets and learning platforms write.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// Bytes of the longest export that is read.
const LONGEST: usize = 64 << 20;

/// How the bytes spell characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
    Windows1252,
}

/// A table with its exact text.
#[derive(Debug, Clone)]
pub struct Table {
    text: String,
    encoding: Encoding,
    bom: bool,
    delimiter: u8,
    rows: Vec<Row>,
    changes: BTreeMap<(usize, usize), String>,
}

#[derive(Debug, Clone)]
struct Row {
    /// Bytes of each cell in the text, quotes among them.
    cells: Vec<Range<usize>>,
    /// Bytes of the line end; empty at the end of a file without one.
    ending: Range<usize>,
}

/// The text of an export, with its encoding told by its byte-order mark, or by what decodes.
///
/// # Errors
/// It is too long, or not text; a lowercase fragment.
pub fn decode(bytes: &[u8]) -> Result<String, String> {
    decoded(bytes).map(|(text, _, _)| text)
}

fn decoded(bytes: &[u8]) -> Result<(String, Encoding, bool), String> {
    if bytes.len() > LONGEST {
        return Err(format!("{} bytes are more than a class's list, at most {LONGEST}", bytes.len()));
    }
    if let Some(rest) = bytes.strip_prefix(&[0xff, 0xfe]) {
        return utf16(rest, u16::from_le_bytes).map(|text| (text, Encoding::Utf16Le, true));
    }
    if let Some(rest) = bytes.strip_prefix(&[0xfe, 0xff]) {
        return utf16(rest, u16::from_be_bytes).map(|text| (text, Encoding::Utf16Be, true));
    }
    let (rest, bom) = match bytes.strip_prefix(&[0xef, 0xbb, 0xbf]) {
        Some(rest) => (rest, true),
        None => (bytes, false),
    };
    if rest.contains(&0) {
        return Err("this is no text file: export it as CSV".to_owned());
    }
    match std::str::from_utf8(rest) {
        Ok(text) => Ok((text.to_owned(), Encoding::Utf8, bom)),
        Err(_) if bom => Err("it says that it is UTF-8, and is not: export it again".to_owned()),
        // Each of the 256 bytes is a character there, so that it is written back the same.
        Err(_) => Ok((WINDOWS_1252.decode_without_bom_handling(rest).0.into_owned(), Encoding::Windows1252, false)),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, String> {
    let broken = || "it begins as UTF-16, and is not: export it again".to_owned();
    if bytes.len() % 2 == 1 {
        return Err(broken());
    }
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
    String::from_utf16(&units).map_err(|_| broken())
}

impl Table {
    /// Reads an export.
    ///
    /// # Errors
    /// It is no text, or has no row; a lowercase fragment.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let (text, encoding, bom) = decoded(bytes)?;
        let (delimiter, rows) = split(&text);
        if rows.is_empty() {
            return Err("the file is empty".to_owned());
        }
        Ok(Self { text, encoding, bom, delimiter, rows, changes: BTreeMap::new() })
    }

    /// How many rows there are, the header among them.
    pub fn height(&self) -> usize {
        self.rows.len()
    }

    /// How many cells a row has; 0 where there is no such row.
    pub fn width(&self, row: usize) -> usize {
        self.rows.get(row).map_or(0, |row| row.cells.len())
    }

    /// Whether the file begins with a byte-order mark.
    pub fn has_bom(&self) -> bool {
        self.bom
    }

    /// The text of a cell as it was read, without quotes and outer blanks; empty where there is none.
    pub fn cell(&self, row: usize, column: usize) -> String {
        let raw = self.raw(row, column);
        match raw.strip_prefix('"') {
            Some(rest) => rest.strip_suffix('"').unwrap_or(rest).replace("\"\"", "\"").trim().to_owned(),
            None => raw.trim().to_owned(),
        }
    }

    /// The texts of a row.
    pub fn cells(&self, row: usize) -> Vec<String> {
        (0..self.width(row)).map(|column| self.cell(row, column)).collect()
    }

    /// Whether a row has nothing in it.
    pub fn is_blank(&self, row: usize) -> bool {
        self.cells(row).iter().all(String::is_empty)
    }

    /// One-based line of the file on which a row begins.
    pub fn line(&self, row: usize) -> usize {
        let start = self.rows.get(row).and_then(|row| row.cells.first()).map_or(0, |cell| cell.start);
        self.text.as_bytes()[..start].iter().filter(|byte| **byte == b'\n').count() + 1
    }

    fn raw(&self, row: usize, column: usize) -> &str {
        let range = self.rows.get(row).and_then(|row| row.cells.get(column));
        range.map_or("", |range| &self.text[range.clone()])
    }

    /// Puts `value` into a cell, quoted if the old one was or if it has to be.
    pub fn set(&mut self, row: usize, column: usize, value: &str) {
        let special = value.contains(['"', '\n', '\r']) || value.contains(char::from(self.delimiter));
        let quoted = special || self.raw(row, column).starts_with('"');
        let cell = if quoted { format!("\"{}\"", value.replace('"', "\"\"")) } else { value.to_owned() };
        self.changes.insert((row, column), cell);
    }

    /// Rows with a changed cell.
    pub fn changed(&self) -> BTreeSet<usize> {
        self.changes.keys().map(|(row, _)| *row).collect()
    }

    /// The whole table.
    pub fn bytes(&self) -> Vec<u8> {
        let rows: BTreeSet<usize> = (0..self.rows.len()).collect();
        self.part(&rows, |_| true)
    }

    /// Some of its rows and columns, in the file's own order; each kept cell has its own bytes.
    pub fn part(&self, rows: &BTreeSet<usize>, keeps: impl Fn(usize) -> bool) -> Vec<u8> {
        let mut text = String::with_capacity(self.text.len());
        for (number, row) in self.rows.iter().enumerate().filter(|(number, _)| rows.contains(number)) {
            let changed = self.changes.range((number, 0)..=(number, usize::MAX)).map(|((_, column), _)| column + 1);
            let width = changed.max().unwrap_or(0).max(row.cells.len());
            let cells: Vec<&str> = (0..width)
                .filter(|column| keeps(*column))
                .map(|column| match self.changes.get(&(number, column)) {
                    Some(value) => value.as_str(),
                    None => self.raw(number, column),
                })
                .collect();
            text.push_str(&cells.join(&char::from(self.delimiter).to_string()));
            text.push_str(&self.text[row.ending.clone()]);
        }
        self.encoded(&text)
    }

    fn encoded(&self, text: &str) -> Vec<u8> {
        match self.encoding {
            Encoding::Utf8 if self.bom => [&[0xef, 0xbb, 0xbf][..], text.as_bytes()].concat(),
            Encoding::Utf8 => text.as_bytes().to_vec(),
            Encoding::Windows1252 => WINDOWS_1252.encode(text).0.into_owned(),
            Encoding::Utf16Le => {
                [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
            }
            Encoding::Utf16Be => {
                [0xfe, 0xff].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect()
            }
        }
    }
}

/// The delimiter that gives the first three rows one width, the widest; else the one with the most cells in the header.
fn split(text: &str) -> (u8, Vec<Row>) {
    let mut best: Option<((usize, usize), u8, Vec<Row>)> = None;
    for delimiter in DELIMITERS {
        let rows = scan(text, delimiter);
        let header = rows.first().map_or(0, |row| row.cells.len());
        let agree = rows.iter().take(3).all(|row| row.cells.len() == header);
        let score = (if agree && header > 1 { header } else { 0 }, header);
        if best.as_ref().is_none_or(|(known, _, _)| score > *known) {
            best = Some((score, delimiter, rows));
        }
    }
    best.map_or((b',', Vec::new()), |(_, delimiter, rows)| (delimiter, rows))
}

fn scan(text: &str, delimiter: u8) -> Vec<Row> {
    let bytes = text.as_bytes();
    let (mut rows, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let mut cells = Vec::new();
        loop {
            let start = at;
            if bytes.get(at) == Some(&b'"') {
                at = after_quotes(bytes, at + 1);
            }
            while at < bytes.len() && bytes[at] != delimiter && bytes[at] != b'\n' && bytes[at] != b'\r' {
                at += 1;
            }
            cells.push(start..at);
            if bytes.get(at) != Some(&delimiter) {
                break;
            }
            at += 1;
        }
        let end = at;
        if bytes.get(at) == Some(&b'\r') {
            at += 1;
        }
        if bytes.get(at) == Some(&b'\n') {
            at += 1;
        }
        rows.push(Row { cells, ending: end..at });
    }
    rows
}

/// Behind the quote that closes a cell; two in a row are one sign of it.
fn after_quotes(bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() {
        if bytes[at] == b'"' {
            if bytes.get(at + 1) != Some(&b'"') {
                return at + 1;
            }
            at += 1;
        }
        at += 1;
    }
    bytes.len()
}

/// A cell of a CSV file that Stackmark makes itself: quoted where it has to be, and no formula for a spreadsheet.
pub fn own_cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err();
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r', ';']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16le(text: &str) -> Vec<u8> {
        [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
    }

    #[test]
    fn what_nobody_changes_is_written_back_byte_for_byte() {
        let files: [&[u8]; 6] = [
            b"a,b\r\n\"x\"\"y\",\"line\nbreak\"\r\n",
            b"\xef\xbb\xbfa;b\n1,5;2\n",
            b"a\tb\n1\t2",
            b"nom,note\nN\xfa\xf1ez,\x80\x81\n",
            &utf16le("\"a\"\t\"é\"\r\n\"1\"\t\"\"\r\n"),
            b"a,b\n\n1,2,3\n1\n\"open",
        ];
        for file in files {
            assert_eq!(Table::read(file).unwrap().bytes(), file);
        }
    }

    #[test]
    fn only_the_changed_cell_is_another_and_it_is_quoted_as_the_old_one() {
        let mut table = Table::read(&utf16le("\"a\"\t\"b\"\r\n\"1\"\t\"\"\r\n")).unwrap();
        table.set(1, 1, "71.30");
        assert_eq!(table.bytes(), utf16le("\"a\"\t\"b\"\r\n\"1\"\t\"71.30\"\r\n"));
        let mut table = Table::read(b"a;b\nx;\n").unwrap();
        table.set(1, 1, "1;2");
        table.set(1, 3, "z");
        assert_eq!(table.bytes(), b"a;b\nx;\"1;2\";;z\n");
        assert_eq!(table.part(&[1].into(), |column| column == 1), b"\"1;2\"\n");
    }

    #[test]
    fn delimiters_and_cells_are_told_by_the_content() {
        let table = Table::read("Student;ID\n\"Rivers, Ada\";101\n\"Okafor, Ben\";102\n".as_bytes()).unwrap();
        assert_eq!((table.cells(1), table.line(2)), (vec!["Rivers, Ada".to_owned(), "101".to_owned()], 3));
        let table = Table::read(b"a,\"b\nc\"\n1, x \n").unwrap();
        assert_eq!((table.cell(0, 1), table.cell(1, 1), table.line(1)), ("b\nc".to_owned(), "x".to_owned(), 3));
        assert_eq!(table.cell(9, 9), "");
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for bytes in [&b""[..], b"PK\x03\x04\x00\x00", b"\xff\xfea"] {
            assert!(Table::read(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn own_cells_are_no_formulas() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("@x", "'@x"),
            ("-3.5", "-3.5"),
            ("+1 (HYPERLINK(\"x\"))", "\"'+1 (HYPERLINK(\"\"x\"\"))\""),
            ("a,b", "\"a,b\""),
            ("plain", "plain"),
        ] {
            assert_eq!(own_cell(text), cell);
        }
    }
}

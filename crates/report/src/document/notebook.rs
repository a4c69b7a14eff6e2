//! The prose and the code of Jupyter notebooks; what the code printed is nobody's writing.

use serde::Deserialize;
use serde_json::Value;

use super::markdown::markdown;
use super::{Content, Figure, Format, Listing, Place, keep};
use stackmark_evidence::{Cause, Unreadable};

#[derive(Deserialize)]
struct Notebook {
    cells: Vec<Cell>,
    #[serde(default)]
    metadata: Value,
}

#[derive(Deserialize)]
struct Cell {
    cell_type: String,
    #[serde(default)]
    source: Value,
    #[serde(default)]
    outputs: Vec<Value>,
}

/// Notebooks write text as a string, or as a list of its lines.
fn text_of(source: &Value) -> String {
    match source {
        Value::String(text) => text.clone(),
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
        _ => String::new(),
    }
}

pub(super) fn read(bytes: &[u8]) -> Result<Content, Unreadable> {
    let notebook: Notebook = serde_json::from_slice(bytes)
        .map_err(|error| Unreadable::new(Cause::Malformed, format!("not a readable notebook ({error})")))?;
    let language = ["/language_info/name", "/kernelspec/language"]
        .iter()
        .find_map(|path| notebook.metadata.pointer(path)?.as_str().map(ToOwned::to_owned));
    let mut content = Content {
        format: Format::Notebook,
        figures: Some(0),
        tables: Some(Vec::new()),
        listings: Some(Vec::new()),
        ..Content::default()
    };
    for (number, cell) in (1..).zip(notebook.cells) {
        let place = Place::Cell(number);
        let text = text_of(&cell.source);
        match cell.cell_type.as_str() {
            "markdown" => {
                let mut prose = markdown(&text);
                for figure in &mut prose.figure_list {
                    // A pasted image stands in the notebook itself.
                    figure.target = figure.target.take().filter(|target| !target.starts_with("attachment:"));
                }
                content.append(prose, |_| place.clone())?;
            }
            "code" if !text.trim().is_empty() => {
                if let Some(listings) = &mut content.listings {
                    keep(listings, Listing { language: language.clone(), text, place: place.clone() });
                }
            }
            _ => {}
        }
        let images = cell.outputs.iter().filter_map(|output| output.get("data")?.as_object());
        let images = images.filter(|data| data.keys().any(|kind| kind.starts_with("image/"))).count();
        content.figures = content.figures.map(|figures| figures + images as u64);
        for _ in 0..images {
            keep(&mut content.figure_list, Figure { caption: None, target: None, place: place.clone() });
        }
    }
    // Its code is the code's; who wrote a report wrote a sentence.
    if content.words == 0 {
        return Err(Unreadable::new(Cause::NotCollected, "a notebook of code, with no text in it"));
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::super::Line;
    use super::*;

    #[test]
    fn prose_and_code_are_read_and_output_is_not() {
        let notebook = r##"{"cells": [
            {"cell_type": "markdown", "source": ["# Benchmark\n", "The [script](run.sh) ran.\n"]},
            {"cell_type": "code", "source": "print('many')", "outputs": [
                {"output_type": "stream", "text": ["many words of output\n"]},
                {"output_type": "display_data", "data": {"image/png": "AAAA"}}]},
            {"cell_type": "markdown", "source": "| a | b |\n|---|---|\n| 1 | 2 |"}],
            "metadata": {"kernelspec": {"language": "python"}}}"##;
        let content = read(notebook.as_bytes()).unwrap();
        assert_eq!(content.headings, [Line::new("Benchmark", Place::Cell(1))]);
        assert_eq!((content.words, content.figures), (8, Some(1)));
        assert_eq!(content.links[0].target, "run.sh");
        assert_eq!(content.figure_list[0].place.to_string(), "cell 2");
        assert_eq!(content.tables.unwrap()[0].place, Place::Cell(3));
        let listings = content.listings.unwrap();
        assert_eq!((listings[0].text.as_str(), listings[0].language.as_deref()), ("print('many')", Some("python")));
        let code = br#"{"cells": [{"cell_type": "code", "source": "import boto3"}]}"#;
        assert_eq!(read(code).unwrap_err().cause, Cause::NotCollected, "it is opened, and no report");
        assert_eq!(read(b"{}").unwrap_err().cause, Cause::Malformed);
        assert_eq!(read("[".repeat(1_000_000).as_bytes()).unwrap_err().cause, Cause::Malformed);
    }
}

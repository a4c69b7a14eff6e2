//! Notebooks as the program that their cells are: code as it stands, prose as comments, outputs left out.

use std::fmt::Write as _;

use serde_json::Value;
use tokei::LanguageType;

/// What cells hold, in the language of the notebook's kernel; lines are counted from the first cell's first.
pub(super) struct Script {
    pub(super) language: LanguageType,
    pub(super) text: String,
}

impl Script {
    /// `None` for what is no notebook.
    pub(super) fn parse(json: &str) -> Option<Self> {
        let notebook: Value = serde_json::from_str(json).ok()?;
        let language = language(&notebook)?;
        let mut text = String::new();
        for cell in cells(&notebook)? {
            let source = source(cell);
            match cell.get("cell_type").and_then(Value::as_str) {
                Some("code") => code(&source, language, &mut text),
                Some("markdown") => comment(&source, language, &mut text),
                _ => {}
            }
        }
        Some(Self { language, text })
    }
}

/// Of version 4; version 3 had them in worksheets.
fn cells(notebook: &Value) -> Option<Vec<&Value>> {
    if let Some(cells) = notebook.get("cells").and_then(Value::as_array) {
        return Some(cells.iter().collect());
    }
    let sheets = notebook.get("worksheets")?.as_array()?;
    Some(sheets.iter().filter_map(|sheet| sheet.get("cells")?.as_array()).flatten().collect())
}

/// A text, or a list of lines that keep their ends.
fn source(cell: &Value) -> String {
    match cell.get("source").or_else(|| cell.get("input")) {
        Some(Value::String(source)) => source.clone(),
        Some(Value::Array(lines)) => lines.iter().filter_map(Value::as_str).collect(),
        _ => String::new(),
    }
}

/// Of the kernel; Python where the notebook does not say. `None` for one whose comments are not known here.
fn language(notebook: &Value) -> Option<LanguageType> {
    let named = [("language_info", "name"), ("kernelspec", "language")]
        .into_iter()
        .find_map(|(table, key)| notebook.get("metadata")?.get(table)?.get(key)?.as_str());
    match named.unwrap_or("python").to_ascii_lowercase().as_str() {
        "python" | "ipython" | "python3" => Some(LanguageType::Python),
        "bash" | "sh" | "shell" => Some(LanguageType::Bash),
        "r" => Some(LanguageType::R),
        "julia" => Some(LanguageType::Julia),
        "javascript" => Some(LanguageType::JavaScript),
        "typescript" => Some(LanguageType::TypeScript),
        _ => None,
    }
}

/// Cells of code. Commands and magics of IPython are the calls that IPython makes of them.
fn code(source: &str, language: LanguageType, text: &mut String) {
    if language != LanguageType::Python {
        text.push_str(source);
    } else if let Some((magic, body)) = source.strip_prefix("%%").and_then(|rest| rest.split_once('\n')) {
        let program = magic.split_whitespace().next().unwrap_or_default();
        if matches!(program, "bash" | "sh" | "script" | "!") {
            let body = body.replace('\\', "\\\\").replace("\"\"\"", "\\\"\\\"\\\"");
            let _ = write!(text, "get_ipython().system(\"\"\"\n{body}\"\"\")");
        } else {
            // `%%time` and its like run the cell as it is; the others hold no Python.
            let runs_it = matches!(program, "time" | "timeit" | "capture" | "prun");
            comment(magic, language, text);
            if runs_it {
                text.push_str(body);
            } else {
                comment(body, language, text);
            }
        }
    } else {
        for line in source.lines() {
            let bare = line.trim_start();
            let indent = &line[..line.len() - bare.len()];
            let command = bare.strip_prefix('!').map(str::to_owned);
            let command = command.or_else(|| bare.strip_prefix("%pip ").map(|rest| format!("pip {rest}")));
            match command {
                Some(command) => {
                    let command = command.replace('\\', "\\\\").replace('"', "\\\"");
                    let _ = write!(text, "{indent}get_ipython().system(\"{command}\")");
                }
                None if bare.starts_with('%') => {
                    let _ = write!(text, "{indent}pass  # {bare}");
                }
                None => text.push_str(line),
            }
            text.push('\n');
        }
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
}

fn comment(source: &str, language: LanguageType, text: &mut String) {
    let mark = match language {
        LanguageType::JavaScript | LanguageType::TypeScript => "//",
        _ => "#",
    };
    for line in source.lines() {
        text.push_str(mark);
        if !line.is_empty() {
            text.push(' ');
            text.push_str(line);
        }
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_a_program_and_outputs_are_nothing() {
        let notebook = r##"{"cells": [
            {"cell_type": "markdown", "source": ["Measure it.\n", "\n", "Twice."]},
            {"cell_type": "code", "outputs": [{"text": ["x = 1\n"]}], "source": ["!aws ec2 run-instances --count 2\n", "x = 2\n", "%matplotlib inline"]},
            {"cell_type": "code", "source": "%%bash\necho \"a\"\npip install flask\n"}
        ], "metadata": {"kernelspec": {"language": "python"}}}"##;
        let script = Script::parse(notebook).expect("a notebook");
        assert_eq!(script.language, LanguageType::Python);
        assert_eq!(
            script.text,
            "# Measure it.\n#\n# Twice.\nget_ipython().system(\"aws ec2 run-instances --count 2\")\nx = 2\n\
             pass  # %matplotlib inline\nget_ipython().system(\"\"\"\necho \"a\"\npip install flask\n\"\"\")\n"
        );
    }

    #[test]
    fn what_is_no_notebook_is_told_from_an_empty_one() {
        assert!(Script::parse("{\"cells\": [").is_none());
        assert!(Script::parse("{}").is_none());
        assert_eq!(Script::parse("{\"cells\": []}").expect("a notebook").text, "");
    }
}

//! A zip of feedback files as Moodle's assignment takes it: one folder a participant.

use std::io::{Cursor, Write as _};

use zip::write::{SimpleFileOptions, ZipWriter};

use crate::failure::Failure;
use crate::gradebook::layout::{self, Export};
use crate::gradebook::marks::scorecard;
use crate::store::{self, Results};
use crate::table::Table;

/// The zip, with how many people it is for.
#[derive(Debug, Clone, Default)]
pub struct Archive {
    /// The file.
    pub bytes: Vec<u8>,
    /// People with a folder in it.
    pub members: usize,
    /// Who has none, and why.
    pub notes: Vec<String>,
}

/// The reports of the teams for the worksheet's people; `rows` are its rows with the team of each.
///
/// # Errors
/// A stored file that cannot be read.
pub fn feedback(table: &Table, rows: &[(usize, String)], results: &Results) -> Result<Archive, Failure> {
    let mut files = Vec::new();
    let mut notes = Vec::new();
    for (row, team) in rows {
        let keys = layout::keys(table, Export::Moodle, *row);
        let identifier = table.cell(*row, 0);
        let Some(number) = layout::participant(&identifier) else { continue };
        if scorecard(results, team)?.is_none() {
            notes.push(format!("{}: team {team} has no report", keys.name));
            continue;
        }
        files.push((folder(&keys.name, number), store::read(&results.team(team, "report.html"))?));
    }
    let (bytes, members) = (archive(&files)?, files.len());
    Ok(Archive { bytes, members, notes })
}

/// The same files give the same bytes: no clock goes into it.
///
/// # Errors
/// The archive could not be written.
pub fn archive(files: &[(String, String)]) -> Result<Vec<u8>, Failure> {
    let options = SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (folder, page) in files {
        archive.start_file(format!("{folder}/report.html"), options).map_err(Failure::unexpected)?;
        archive.write_all(page.as_bytes())?;
    }
    Ok(archive.finish().map_err(Failure::unexpected)?.into_inner())
}

/// `Ada Rivers_4711_assignfeedback_file_`: Moodle cuts it at `_` and takes the second part for the participant.
pub fn folder(name: &str, participant: &str) -> String {
    let plain: String = stackmark_render::escape::clean(name)
        .chars()
        .map(|c| if "_/\\:*?\"<>|".contains(c) { ' ' } else { c })
        .collect();
    // What begins with one of these is left out without a word.
    let plain = plain.trim().trim_start_matches(['.', '~', ' ']).chars().take(80).collect::<String>();
    let name = if plain.is_empty() { "Participant" } else { plain.trim_end() };
    format!("{name}_{participant}_assignfeedback_file_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_cut_as_moodle_cuts_them() {
        for (name, start) in [("Ada Rivers", "Ada Rivers"), ("a_b/../c", "a b .. c"), ("~.x", "x"), ("", "Participant")]
        {
            let folder = folder(name, "4711");
            let parts: Vec<&str> = folder.splitn(5, '_').collect();
            assert_eq!(parts, [start, "4711", "assignfeedback", "file", ""], "{folder}");
        }
    }

    #[test]
    fn the_same_files_give_the_same_bytes() {
        let files = [("a_1_assignfeedback_file_".to_owned(), "<p>x</p>".to_owned())];
        assert_eq!(archive(&files).unwrap(), archive(&files).unwrap());
    }
}

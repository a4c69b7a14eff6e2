//! What the system says of a file or folder, in words: one way for the whole program.

use std::io::{Error, ErrorKind, Result};
use std::path::Path;

/// What the system says of a file or folder: its path, what is wrong, and what to do.
pub fn named(path: &Path, error: &Error) -> Error {
    let told = error.to_string();
    let what = match error.kind() {
        ErrorKind::NotFound => "there is no such file or folder; check the path",
        ErrorKind::PermissionDenied => "permission denied; change its owner or mode, or name another path",
        ErrorKind::IsADirectory => "this is a folder; name a file",
        ErrorKind::NotADirectory => "a part of this path is a file; check the path",
        ErrorKind::InvalidData if told.contains("UTF-8") => "this is no text in UTF-8; save the file as UTF-8",
        // A number says nothing to a reader.
        _ => told.rfind(" (os error ").map_or(told.as_str(), |end| &told[..end]),
    };
    Error::new(error.kind(), format!("{}: {what}", path.display()))
}

/// Whatever the system gives for a path.
pub trait AtPath<T> {
    /// The same, where an error names the path and what to do.
    ///
    /// # Errors
    /// As [`named`] tells it.
    fn at(self, path: &Path) -> Result<T>;
}

impl<T> AtPath<T> for Result<T> {
    fn at(self, path: &Path) -> Result<T> {
        self.map_err(|error| named(path, &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_its_path_and_no_number() {
        let full: Result<()> = Err(Error::from_raw_os_error(28));
        let full = full.at(Path::new("a.csv")).unwrap_err().to_string();
        assert!(full.starts_with("a.csv: ") && !full.contains("os error"), "{full}");
        let utf8 = Error::new(ErrorKind::InvalidData, "stream did not contain valid UTF-8");
        assert!(named(Path::new("a.toml"), &utf8).to_string().ends_with("save the file as UTF-8"));
    }
}

//! What the system says of a file or folder, in words: one way for the whole program.

use std::fmt;
use std::io::{Error, ErrorKind, Result};
use std::path::Path;

use crate::Lack;

/// As Unix numbers them: too many open files, in the system and in the process.
const NO_DESCRIPTOR: [i32; 2] = [23, 24];

/// What the machine has no more of, if that is the error; [`named`] keeps it.
pub fn lack_of(error: &Error) -> Option<Lack> {
    if let Some(named) = error.get_ref().and_then(|inner| inner.downcast_ref::<Named>()) {
        return named.lack;
    }
    match (error.kind(), error.raw_os_error()) {
        // Rust itself says so, of a file that is too long for what this process may take.
        (ErrorKind::OutOfMemory, None) => Some(Lack::Memory),
        (
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::ReadOnlyFilesystem | ErrorKind::OutOfMemory,
            _,
        ) => Some(Lack::Machine),
        (_, Some(code)) if cfg!(unix) && NO_DESCRIPTOR.contains(&code) => Some(Lack::Machine),
        _ => None,
    }
}

/// An error in our words.
#[derive(Debug)]
struct Named {
    told: String,
    lack: Option<Lack>,
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told)
    }
}

impl std::error::Error for Named {}

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
    Error::new(error.kind(), Named { told: format!("{}: {what}", path.display()), lack: lack_of(error) })
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

    #[test]
    fn a_lack_is_told_by_the_number_and_never_by_the_words() {
        let path = Path::new("No space left on device");
        for code in [23, 24, 28] {
            let error = Error::from_raw_os_error(code);
            assert_eq!(lack_of(&error), Some(Lack::Machine), "{error}");
            assert_eq!(lack_of(&named(path, &error)), Some(Lack::Machine), "{error}");
        }
        let without = Error::from(ErrorKind::OutOfMemory);
        assert_eq!((lack_of(&without), lack_of(&named(path, &without))), (Some(Lack::Memory), Some(Lack::Memory)));
        let other = Error::from_raw_os_error(2);
        for error in [named(path, &other), other, Error::other("No space left on device (os error 28)")] {
            assert_eq!(lack_of(&error), None, "{error}");
        }
    }
}

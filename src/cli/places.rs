//! Where the instructor's documents and the results are: on this machine, or in S3.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use stackmark_class::remote::Address;
use stackmark_class::store::Results;
use stackmark_class::{Failure, Remote};

/// The instructor's documents on this machine.
pub(super) struct Course {
    /// The roster's path.
    pub(super) roster: PathBuf,
    /// Folders of the library, the last one first.
    pub(super) library: Vec<PathBuf>,
    /// Keeps the folder in which they are.
    _pulled: Option<Arc<Remote>>,
}

impl Course {
    /// The documents as they are named; of a roster in S3, the files and the library beside it are read as well.
    pub(super) async fn of(roster: &Path, library: &[PathBuf]) -> Result<Self, Failure> {
        if Address::of(roster)?.is_none() {
            return Ok(Self { roster: roster.to_owned(), library: library.to_vec(), _pulled: None });
        }
        let text = roster.to_string_lossy();
        let (folder, name) = text.rsplit_once('/').unwrap_or_default();
        let Some(address) = Address::of(Path::new(folder))? else {
            return Err(Failure::usage(format!("--roster {text}: expected s3://bucket/roster.toml")));
        };
        let remote = Remote::open(address).await?;
        remote
            .pull(&[String::new()], |key| !key.contains('/') || LIBRARY.iter().any(|part| key.starts_with(part)))
            .await?;
        let mut folders = Vec::new();
        if LIBRARY.iter().any(|part| remote.folder().join(part).is_dir()) {
            folders.push(remote.folder().to_owned());
        }
        folders.extend_from_slice(library);
        Ok(Self { roster: remote.folder().join(name), library: folders, _pulled: Some(remote) })
    }
}

/// What a library's folder has.
const LIBRARY: [&str; 5] = ["checks/", "rubrics/", "schemes/", "sentences/", "templates/"];

/// Results at a folder, or at `s3://…`.
pub(super) async fn open(out: &Path) -> Result<(Results, Option<Arc<Remote>>), Failure> {
    match Address::of(out)? {
        Some(address) => {
            let remote = Remote::open(address).await?;
            Ok((remote.results(), Some(remote)))
        }
        None => Ok((Results::at(out), None)),
    }
}

//! Results in S3: `s3://bucket/prefix` has the same tree as a folder.
//!
//! A run works on a private folder of this machine. What is stored of its teams is pulled before it starts, and what it
//! writes is pushed after each team, the record last: a record never tells of a team whose files are not there. Each
//! object is written whole, with its SHA-256, and only if it still is what this process has read or written before: two
//! processes that grade the same team cannot overwrite each other.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::meta::region::RegionProviderChain;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::DisplayErrorContext;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode};
use sha2::{Digest as _, Sha256};
use stackmark_evidence::files::AtPath as _;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::failure::Failure;
use crate::store::{self, Results};

/// Objects that are read at the same time.
const AT_ONCE: usize = 16;
/// Tries of one write that meets another one under way.
const TRIES: u32 = 4;
const REGION: &str = "us-east-1";

/// `s3://bucket/prefix`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    bucket: String,
    /// Ends with `/`, or is empty.
    prefix: String,
}

impl Address {
    /// The address that a path is; `None` if it is a path of this machine.
    ///
    /// # Errors
    /// It begins with `s3://` and names no bucket, or has parts that cannot name a folder.
    pub fn of(path: &Path) -> Result<Option<Self>, Failure> {
        let text = path.to_string_lossy();
        let Some(rest) = text.strip_prefix("s3://") else { return Ok(None) };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_end_matches('/');
        if bucket.is_empty() || !(prefix.is_empty() || is_plain(prefix)) {
            return Err(Failure::usage(format!("{text}: expected s3://bucket/prefix")));
        }
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        Ok(Some(Self { bucket: bucket.to_owned(), prefix }))
    }

    fn key(&self, relative: &str) -> String {
        format!("{}{relative}", self.prefix)
    }

    fn url(&self, relative: &str) -> String {
        format!("s3://{}/{}{relative}", self.bucket, self.prefix)
    }
}

/// Whether each part of a path can name a file below a folder, and nothing outside of it.
fn is_plain(relative: &str) -> bool {
    relative.split('/').all(|part| !matches!(part, "" | "." | "..") && !part.contains(['\\', ':', '\0']))
}

/// What this process knows of an object.
#[derive(Debug, Clone)]
struct Known {
    etag: String,
    sha256: [u8; 32],
}

/// A tree in S3 with its private folder on this machine.
#[derive(Debug)]
pub struct Remote {
    client: Client,
    address: Address,
    folder: tempfile::TempDir,
    known: Mutex<BTreeMap<String, Known>>,
}

impl Remote {
    /// Opens a tree with the credentials of this process: environment, profile, web identity, container or instance role,
    /// as the AWS SDK looks for them. `AWS_ENDPOINT_URL_S3` names another service that speaks S3.
    ///
    /// # Errors
    /// The folder on this machine cannot be made. Nothing is asked of S3 yet.
    pub async fn open(address: Address) -> Result<Arc<Self>, Failure> {
        let config = aws_config::defaults(BehaviorVersion::latest())
            .region(RegionProviderChain::default_provider().or_else(REGION))
            .retry_config(RetryConfig::standard().with_max_attempts(6))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(5))
                    .operation_attempt_timeout(Duration::from_secs(60))
                    .build(),
            )
            .load()
            .await;
        // Other services seldom answer at bucket.host.
        let elsewhere = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"].iter().any(|name| std::env::var_os(name).is_some());
        let config = aws_sdk_s3::config::Builder::from(&config).force_path_style(elsewhere).build();
        let folder = tempfile::Builder::new().prefix("stackmark-").tempdir();
        let folder = folder.at(&std::env::temp_dir())?;
        Ok(Arc::new(Self { client: Client::from_conf(config), address, folder, known: Mutex::default() }))
    }

    /// The folder on this machine; it is removed with the last use of this value.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The results in that folder, under their name in S3.
    pub fn results(&self) -> Results {
        Results::at(self.folder()).named(self.address.url("").trim_end_matches('/'))
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        // It is only ever replaced whole.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Names of the folders directly below `folder/`, sorted.
    ///
    /// # Errors
    /// S3 refuses, or cannot be reached; the message names the address.
    pub async fn folders(&self, folder: &str) -> Result<Vec<String>, Failure> {
        let prefix = self.address.key(&format!("{folder}/"));
        let request = self.client.list_objects_v2().bucket(&self.address.bucket).prefix(&prefix).delimiter("/");
        let mut pages = request.into_paginator().send();
        let mut names = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| self.failed(folder, &DisplayErrorContext(&error)))?;
            let found = page.common_prefixes().iter().filter_map(|found| found.prefix());
            names.extend(found.filter_map(|found| Some(found.strip_prefix(&prefix)?.trim_end_matches('/').to_owned())));
        }
        names.sort();
        Ok(names)
    }

    /// Copies the objects whose keys begin with one of these and that are wanted into the folder on this machine.
    ///
    /// # Errors
    /// S3 refuses or cannot be reached, an object does not match its checksum, a key cannot name a file.
    pub async fn pull(self: &Arc<Self>, prefixes: &[String], wanted: fn(&str) -> bool) -> Result<(), Failure> {
        let slots = Arc::new(Semaphore::new(AT_ONCE));
        let mut listings = JoinSet::new();
        for prefix in prefixes {
            let (remote, slots, prefix) = (Arc::clone(self), Arc::clone(&slots), prefix.clone());
            listings.spawn(async move {
                let _slot = slots.acquire_owned().await;
                remote.list(&prefix).await
            });
        }
        let mut reads = JoinSet::new();
        while let Some(listed) = listings.join_next().await {
            for (relative, etag) in listed.map_err(Failure::unexpected)?? {
                let there = self.known().get(&relative).is_some_and(|known| known.etag == etag);
                if wanted(&relative) && !there {
                    let (remote, slots) = (Arc::clone(self), Arc::clone(&slots));
                    reads.spawn(async move {
                        let _slot = slots.acquire_owned().await;
                        remote.read_in(&relative).await
                    });
                }
            }
        }
        while let Some(read) = reads.join_next().await {
            read.map_err(Failure::unexpected)??;
        }
        Ok(())
    }

    /// Keys below the address that begin with `prefix`, without the address's own, each with its ETag.
    async fn list(&self, prefix: &str) -> Result<Vec<(String, String)>, Failure> {
        let request = self.client.list_objects_v2().bucket(&self.address.bucket).prefix(self.address.key(prefix));
        let mut pages = request.into_paginator().send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| self.failed(prefix, &DisplayErrorContext(&error)))?;
            for object in page.contents() {
                let relative = object.key().and_then(|key| key.strip_prefix(&self.address.prefix));
                // A key that ends with a slash is what consoles show as a folder.
                if let Some(relative) = relative.filter(|relative| !relative.ends_with('/')) {
                    keys.push((relative.to_owned(), object.e_tag().unwrap_or_default().to_owned()));
                }
            }
        }
        Ok(keys)
    }

    async fn read_in(&self, relative: &str) -> Result<(), Failure> {
        if !is_plain(relative) {
            return Err(self.failed(relative, &"its key cannot name a file; remove the object"));
        }
        let (etag, bytes) = self.get(relative).await?;
        let path = self.folder().join(relative);
        // The folder itself is private, mode 0700.
        let folder = path.parent().unwrap_or(Path::new("."));
        std::fs::create_dir_all(folder).at(folder)?;
        std::fs::write(&path, &bytes).at(&path)?;
        let sha256 = Sha256::digest(&bytes).into();
        self.known().insert(relative.to_owned(), Known { etag, sha256 });
        Ok(())
    }

    /// An object's ETag and content; the SDK holds it against the checksum that it was stored with.
    async fn get(&self, relative: &str) -> Result<(String, Vec<u8>), Failure> {
        let request = self.client.get_object().bucket(&self.address.bucket).key(self.address.key(relative));
        let reply = request.checksum_mode(ChecksumMode::Enabled).send().await;
        let reply = reply.map_err(|error| self.failed(relative, &DisplayErrorContext(&error)))?;
        let etag = reply.e_tag().unwrap_or_default().to_owned();
        let body = reply.body.collect().await.map_err(|error| self.failed(relative, &DisplayErrorContext(&error)))?;
        Ok((etag, body.to_vec()))
    }

    /// Pushes what is stored of a team, then the record of its run.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub async fn push_team(&self, results: &Results, team: &str) -> Result<(), Failure> {
        self.push(&results.team(team, "")).await?;
        self.remove_gone(&format!("teams/{team}/")).await?;
        self.push(&results.run()).await
    }

    /// Removes the objects below `prefix` whose files a run has taken away: read again, they would count again.
    async fn remove_gone(&self, prefix: &str) -> Result<(), Failure> {
        let is_gone = |relative: &str| relative.starts_with(prefix) && !self.folder().join(relative).exists();
        let gone: Vec<(String, String)> = self
            .known()
            .iter()
            .filter(|(relative, _)| is_gone(relative))
            .map(|(relative, known)| (relative.clone(), known.etag.clone()))
            .collect();
        for (relative, etag) in gone {
            let request = self.client.delete_object().bucket(&self.address.bucket).key(self.address.key(&relative));
            let reply = request.if_match(etag).send().await;
            reply.map_err(|error| self.failed(&relative, &DisplayErrorContext(&error)))?;
            self.known().remove(&relative);
        }
        Ok(())
    }

    /// Pushes a file of the folder on this machine, or all files below a folder of it; what S3 has already is left alone.
    ///
    /// # Errors
    /// S3 refuses or cannot be reached, or an object has been written by another process since this one read it.
    pub async fn push(&self, path: &Path) -> Result<(), Failure> {
        let mut files = Vec::new();
        list_files(path, &mut files)?;
        // What is kept of earlier evidence first, and what is derived from the evidence after it.
        let rank = |path: &PathBuf| match path.file_name().and_then(|name| name.to_str()) {
            Some("evidence.json") => 1,
            Some("scorecard.json") => 2,
            Some("run.json") => 3,
            _ => 0,
        };
        files.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.cmp(b)));
        for file in files {
            self.push_file(&file).await?;
        }
        Ok(())
    }

    async fn push_file(&self, path: &Path) -> Result<(), Failure> {
        let relative = path.strip_prefix(self.folder()).map_err(Failure::unexpected)?;
        let parts: Vec<_> = relative.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        let relative = parts.join("/");
        let bytes = store::read_bytes(path)?;
        let sha256: [u8; 32] = Sha256::digest(&bytes).into();
        let earlier = self.known().get(&relative).cloned();
        if earlier.as_ref().is_some_and(|known| known.sha256 == sha256) {
            return Ok(());
        }
        for attempt in 1.. {
            let request = self
                .client
                .put_object()
                .bucket(&self.address.bucket)
                .key(self.address.key(&relative))
                .content_type(content_type(&relative))
                .checksum_algorithm(ChecksumAlgorithm::Sha256)
                .checksum_sha256(aws_smithy_types::base64::encode(sha256))
                .body(ByteStream::from(bytes.clone()));
            let request = match &earlier {
                Some(known) => request.if_match(&known.etag),
                None => request.if_none_match("*"),
            };
            let error = match request.send().await {
                Ok(reply) => {
                    let etag = reply.e_tag().unwrap_or_default().to_owned();
                    self.known().insert(relative, Known { etag, sha256 });
                    return Ok(());
                }
                Err(error) => error,
            };
            let status = error.raw_response().map(|reply| reply.status().as_u16());
            let why = DisplayErrorContext(&error).to_string();
            drop(error);
            match status {
                // Another write of this object is under way.
                Some(409) if attempt < TRIES => tokio::time::sleep(Duration::from_millis(200)).await,
                // Whose reply was lost, and which the SDK then sent again, was written by this very process.
                Some(409 | 412) => match self.get(&relative).await {
                    Ok((etag, found)) if found == bytes => {
                        self.known().insert(relative, Known { etag, sha256 });
                        return Ok(());
                    }
                    _ => {
                        return Err(self.failed(
                            &relative,
                            &"another process has written it since this one read it, and nothing was overwritten; run the \
                              shard again when no other process grades the same teams",
                        ));
                    }
                },
                _ => return Err(self.failed(&relative, &why)),
            }
        }
        Ok(())
    }

    fn failed(&self, relative: &str, why: &dyn std::fmt::Display) -> Failure {
        Failure::unexpected(format!("{}: {why}", self.address.url(relative)))
    }
}

/// A file, or all files below a folder; nothing if there is neither.
fn list_files(path: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).at(path)? {
            list_files(&entry.at(path)?.path(), found)?;
        }
    } else if path.is_file() {
        found.push(path.to_owned());
    }
    Ok(())
}

/// So that a browser shows a report instead of saving it.
fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("json") => "application/json",
        Some("md") => "text/markdown; charset=utf-8",
        Some("csv") => "text/csv; charset=utf-8",
        Some("toml") => "application/toml",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Result<Option<(String, String)>, String> {
        let address = Address::of(Path::new(text)).map_err(|failure| failure.message)?;
        Ok(address.map(|address| (address.bucket, address.prefix)))
    }

    #[test]
    fn an_address_is_a_bucket_with_a_prefix() {
        let parts = |bucket: &str, prefix: &str| Ok(Some((bucket.to_owned(), prefix.to_owned())));
        assert_eq!(of("s3://class"), parts("class", ""));
        assert_eq!(of("s3://class/"), parts("class", ""));
        assert_eq!(of("s3://class/2026/a1/"), parts("class", "2026/a1/"));
        assert_eq!(of("results"), Ok(None));
        for wrong in ["s3://", "s3:///a1", "s3://class/../other", "s3://class/a//b"] {
            assert!(of(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_key_leads_nowhere_else() {
        assert!(is_plain("teams/a/evidence.json"));
        for wrong in ["", "/etc/passwd", "teams/../../x", "teams//x", "a\\..\\b", "c:x", "./a"] {
            assert!(!is_plain(wrong), "{wrong}");
        }
    }
}

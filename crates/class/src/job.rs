//! One team's job: what to collect, and where. A roster's entry and the command line become one here, and nowhere else.

use std::collections::BTreeMap;
use std::path::Path;

use stackmark_aws::AwsAccess;
use stackmark_collect::Disruption;
use stackmark_course::roster::TeamEntry;
use stackmark_evidence::{MembersFrom, Team, Unreadable};
use stackmark_history::repo::without_credentials;
use stackmark_history::{Mailmap, RepositorySource};
use stackmark_render::json::sha256_hex;

use crate::first_seen;
use crate::store::Results;

/// What to collect, and where.
#[derive(Debug, Clone)]
pub struct TeamJob {
    /// Whose work it is; without members, they are taken from the history.
    pub team: Team,
    /// Where the repository is.
    pub repository: RepositorySource,
    /// How to reach the account.
    pub aws: AwsAccess,
    /// Tags of this team's resources, instead of the rubric's; empty leaves the rubric's.
    pub tags: BTreeMap<String, String>,
    /// Where the stack answers, instead of the load balancer that AWS names.
    pub base_url: Option<String>,
    /// Read the deployed stack and send requests to it; without, both say that they were not asked for.
    pub live: bool,
    /// Whether an instance may be ended.
    pub disruption: Disruption,
    /// Why the repository is not read again: it ended the process that read it before.
    pub not_again: Option<Unreadable>,
}

impl TeamJob {
    /// A hash of what is graded, as the roster names it: the address, the branch, the commit and the folder.
    pub(crate) fn work_sha256(&self) -> String {
        let of = &self.repository;
        let named = (without_credentials(&of.location), &of.branch, &of.commit, &self.team.folder);
        // Options of text always serialize.
        sha256_hex(serde_json::to_string(&named).unwrap_or_default().as_bytes())
    }
}

/// What the command line says of a team: each of it comes before the roster's word.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// A working copy to read where it lies, instead of cloning the roster's repository.
    pub working_copy: Option<String>,
    /// The folder that is graded.
    pub folder: Option<String>,
    /// The starter code's last commit.
    pub base_commit: Option<String>,
    /// Path of the report.
    pub report: Option<String>,
    /// Profile of the AWS configuration.
    pub profile: Option<String>,
    /// Region of the stack.
    pub region: Option<String>,
    /// Another endpoint for every AWS service.
    pub endpoint_url: Option<String>,
    /// Where the stack answers.
    pub base_url: Option<String>,
    /// Tags of the stack's resources.
    pub tags: BTreeMap<String, String>,
}

impl TeamJob {
    /// The job of a roster's entry; relative paths start at `base`, the roster's folder.
    pub fn of_entry(entry: &TeamEntry, base: &Path, mailmap: &Mailmap, given: &Given) -> Self {
        let mut job = Self {
            team: Team {
                id: entry.id.clone(),
                name: entry.name.clone(),
                members: entry.members.clone(),
                members_from: MembersFrom::Roster,
                folder: entry.folder.clone().filter(|folder| !folder.is_empty()),
                nonce: entry.nonce.clone(),
                distinct: entry.distinct.clone(),
            },
            repository: RepositorySource {
                location: located(&entry.repository, base),
                branch: entry.branch.clone(),
                commit: entry.commit.clone(),
                base_commit: entry.base_commit.clone(),
                deadline: entry.deadline.map(jiff::Timestamp::as_second),
                report: entry.report.clone(),
                due: None,
                counts: entry.counts.clone(),
                ignore: entry.ignore.clone(),
                in_place: false,
                allow_private: false,
                mailmap: mailmap.clone(),
                seen: Vec::new(),
            },
            aws: AwsAccess {
                profile: entry.aws.profile.clone(),
                role: entry.aws.role.clone(),
                external_id: entry.aws.external_id.clone(),
                region: entry.aws.region.clone(),
                more_regions: entry.aws.more_regions.clone(),
                endpoint_url: entry.aws.endpoint_url.clone(),
                expected_account: entry.aws.account.clone(),
            },
            tags: entry.tags.clone(),
            base_url: entry.base_url.clone(),
            live: true,
            disruption: Disruption::NotAsked,
            not_again: None,
        };
        job.take(given);
        job
    }

    /// The job of a team that no roster knows: its members are the authors of the history.
    pub fn without_roster(id: String, mailmap: &Mailmap, given: &Given) -> Self {
        let team = Team { members_from: MembersFrom::History, ..Team::of_roster(id) };
        let mut job = Self {
            team,
            repository: RepositorySource { mailmap: mailmap.clone(), ..RepositorySource::default() },
            aws: AwsAccess::default(),
            tags: BTreeMap::new(),
            base_url: None,
            live: true,
            disruption: Disruption::NotAsked,
            not_again: None,
        };
        job.take(given);
        job
    }

    /// The same job, with what earlier collections saw of the team: it decides which commit is the graded one, and belongs to
    /// each job of a roster whose results may be known.
    #[must_use]
    pub fn seen_in(mut self, results: &Results) -> Self {
        self.repository.seen = first_seen::read(results, &self.team.id);
        self
    }

    fn take(&mut self, given: &Given) {
        let before = |own: &Option<String>, slot: &mut Option<String>| {
            if own.is_some() {
                slot.clone_from(own);
            }
        };
        if let Some(location) = &given.working_copy {
            self.repository.location.clone_from(location);
            self.repository.in_place = true;
        }
        before(&given.folder, &mut self.team.folder);
        before(&given.base_commit, &mut self.repository.base_commit);
        before(&given.report, &mut self.repository.report);
        before(&given.profile, &mut self.aws.profile);
        before(&given.endpoint_url, &mut self.aws.endpoint_url);
        before(&given.base_url, &mut self.base_url);
        if given.region.is_some() {
            self.aws.region.clone_from(&given.region);
            self.aws.more_regions.clear();
        }
        if !given.tags.is_empty() {
            self.tags.clone_from(&given.tags);
        }
    }
}

/// A relative path is relative to the roster; `scheme://…` and `user@host:path` stay as they are.
fn located(repository: &str, base: &Path) -> String {
    let scp_like = repository.split_once(':').is_some_and(|(host, _)| host.contains('@') && !host.contains('/'));
    if repository.contains("://") || scp_like {
        return repository.to_owned();
    }
    base.join(repository).to_string_lossy().into_owned()
}

//! What stands in place of readings that could not be taken.

use std::collections::BTreeMap;

use stackmark_evidence::aws::AwsEvidence;
use stackmark_evidence::code::CodeEvidence;
use stackmark_evidence::git::GitEvidence;
use stackmark_evidence::report::ReportEvidence;
use stackmark_evidence::{Reading, Unreadable};

/// What stands in place of everything that hangs on a repository, a commit or a folder.
pub(crate) enum Gap {
    Absent(String),
    Unreadable(Unreadable),
}

impl Gap {
    pub(crate) fn reading<T>(&self) -> Reading<T> {
        match self {
            Self::Absent(note) => Reading::absent(note.clone()),
            Self::Unreadable(failure) => Reading::Unreadable(failure.clone()),
        }
    }

    pub(crate) fn git(&self) -> GitEvidence {
        GitEvidence {
            source: self.reading(),
            head: self.reading(),
            commits: self.reading(),
            contribution: self.reading(),
            atomicity: self.reading(),
            messages: self.reading(),
            coordination: self.reading(),
            outside: self.reading(),
            hygiene: self.reading(),
            set_aside: BTreeMap::new(),
            signs: BTreeMap::new(),
        }
    }

    pub(crate) fn aws(&self) -> AwsEvidence {
        AwsEvidence::unread(&self.reading(), |_| true)
    }

    pub(crate) fn code(&self) -> CodeEvidence {
        CodeEvidence {
            files: self.reading(),
            documentation: self.reading(),
            readme: self.reading(),
            cloud_calls: self.reading(),
            left_out: self.reading(),
            declared: self.reading(),
            variables: self.reading(),
            credentials: self.reading(),
            calls: self.reading(),
            tree: self.reading(),
            user_data: self.reading(),
            services: self.reading(),
            short_texts: self.reading(),
            images: self.reading(),
            set_aside: self.reading(),
            starter: self.reading(),
            signs: BTreeMap::new(),
        }
    }

    pub(crate) fn report(&self) -> ReportEvidence {
        ReportEvidence {
            document: self.reading(),
            parts: self.reading(),
            members_named: self.reading(),
            contributions: self.reading(),
            claims: self.reading(),
            signs: BTreeMap::new(),
        }
    }
}

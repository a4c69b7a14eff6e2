//! A report that a README leads to, and that the repository does not hold.

use std::sync::LazyLock;

use regex::Regex;

use super::document::Content;
use stackmark_evidence::{Cause, Unreadable};

struct Patterns {
    /// Services in which people write documents together.
    writing: Regex,
    /// Services that keep files of whatever kind.
    keeping: Regex,
    report: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    Some(Patterns {
        writing: Regex::new(
            r"(?i)^https?://(?:docs\.google\.com/document|(?:www\.)?overleaf\.com/|(?:www\.)?notion\.so/|[\w-]+\.notion\.site/|hackmd\.io/|[\w-]+\.atlassian\.net/wiki|paper\.dropbox\.com/|[\w.-]+\.quip\.com/)",
        )
        .ok()?,
        keeping: Regex::new(
            r"(?i)^https?://(?:drive\.google\.com/|1drv\.ms/|onedrive\.live\.com/|[\w-]+\.sharepoint\.com/|(?:www\.)?dropbox\.com/|docs\.google\.com/|(?:www\.)?(?:github|gitlab)\.com/[^/]+/[^/]+/(?:-/)?(?:wikis?|releases)\b)|(?i)\.(?:pdf|docx|odt)$",
        )
        .ok()?,
        report: Regex::new(r"(?i)\b(?:reports?|rapports?|relazion[ei]|handover|compte[- ]rendu|write-?up)\b").ok()?,
    })
});

/// The link from a README to a report that is not in the repository.
pub(super) struct Elsewhere {
    pub(super) place: String,
    pub(super) target: String,
    /// For what is not in the README.
    pub(super) failure: Unreadable,
}

/// Where the README at `path` links to a report outside of the repository.
pub(super) fn of(readme: &Content, path: &str) -> Option<Elsewhere> {
    let patterns = PATTERNS.as_ref()?;
    let says_report = |text: &str| patterns.report.is_match(text);
    let link = readme.links.iter().find(|link| {
        let is_outside = link.target.starts_with("http");
        let beside = || readme.lines.iter().filter(|line| line.place == link.place).any(|line| says_report(&line.text));
        is_outside
            && (patterns.writing.is_match(&link.target)
                || patterns.keeping.is_match(&link.target) && (says_report(&link.target) || beside()))
    })?;
    let (place, target) = (link.place.to_string(), super::quote(&link.target));
    let detail = format!(
        "{path}, {place} leads to a document outside of the repository, which is not read: {target}; commit it as report.pdf"
    );
    Some(Elsewhere { place, target, failure: Unreadable::new(Cause::Refused, detail) })
}

#[cfg(test)]
mod tests {
    use super::super::document::markdown;
    use super::*;

    #[test]
    fn a_link_to_a_report_elsewhere_is_told_from_other_links() {
        let detail = |text: &str| of(&markdown(text), "README.md").map(|elsewhere| elsewhere.failure.detail);
        for text in [
            "Read it at https://docs.google.com/document/d/abc/edit\n",
            "[The text](https://www.overleaf.com/read/abc)\n",
            "Our report: https://drive.google.com/file/d/abc\n",
            "[Rapport](https://example.org/a/tp1.pdf)\n",
            "[Handover](https://github.com/example/lab/wiki)\n",
        ] {
            let told = detail(text).expect(text);
            assert!(told.starts_with("README.md, line 1 leads to a document outside"), "{told}");
        }
        for text in [
            "[Manual](https://docs.aws.amazon.com/ec2.pdf)\n",
            "The data: https://drive.google.com/file/d/abc\n",
            "The [report](report.pdf) of https://example.org\n",
        ] {
            assert_eq!(detail(text), None, "{text}");
        }
    }
}

//! The team's written report.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::closed::{ClaimKind, DocumentFormat, PartFound};
use super::{MembersFrom, Reading, Sign};

/// What was read of the report.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ReportEvidence {
    /// The document taken for the report.
    pub document: Reading<Document>,
    /// The parts of a handover document, by id; see [`PARTS`].
    pub parts: Reading<BTreeMap<String, Part>>,
    /// Which members the report names.
    pub members_named: Reading<MembersNamed>,
    /// What it says that each member did.
    #[serde(default)]
    pub contributions: Reading<WhoDidWhat>,
    /// What report and README say that can be set beside facts.
    #[serde(default)]
    pub claims: Reading<Vec<Claim>>,
    /// How the report came about, by the names of the readings: facts for a person to weigh.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub signs: BTreeMap<String, Vec<Sign>>,
}

/// The parts looked for, in the order of a handover document: id and English name.
pub const PARTS: [(&str, &str); 15] = [
    ("purpose", "purpose and status"),
    ("architecture", "architecture with its components"),
    ("prerequisites", "environment and prerequisites"),
    ("access", "how access is obtained"),
    ("deployment", "deployment procedure"),
    ("running", "instructions to run"),
    ("teardown", "tear-down"),
    ("configuration", "configuration"),
    ("monitoring", "monitoring"),
    ("issues", "known issues and limits"),
    ("map", "map of the repository"),
    ("done", "what was done"),
    ("results", "results or benchmark"),
    ("decisions", "decisions and their reasons"),
    ("contributions", "what each member did"),
];

/// The document taken for the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Document {
    /// Path in the repository; of several files, their folder.
    pub path: String,
    /// The files that it is made of, where it is not that one alone: a folder's pages, or `tp1.zip/tp1.pdf`.
    #[serde(default)]
    pub files: Vec<String>,
    /// What kind of file it is.
    pub format: DocumentFormat,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Pages, where the format has them.
    pub pages: Option<u64>,
    /// Words of text.
    pub words: u64,
    /// Figures, where the format tells.
    pub figures: Option<u64>,
    /// Figures with a caption or a path, where the format tells; the first hundred.
    #[serde(default)]
    pub figure_list: Vec<Figure>,
    /// Tables, where the format tells.
    #[serde(default)]
    pub tables: Option<u64>,
    /// Blocks of code, where the format tells.
    #[serde(default)]
    pub code_listings: Option<u64>,
    /// What it refers to, the first hundred.
    #[serde(default)]
    pub links: Vec<Link>,
    /// Headings in order; for PDF, lines that look like one.
    pub headings: Vec<String>,
    /// `en`, `fr` or `it`, by stop words.
    pub language: String,
    /// Why this document was chosen.
    pub chosen_because: String,
    /// Other candidates, and why not.
    pub others: Vec<String>,
    /// Why only a person can tell whether it is the report; `None` where nothing speaks against it.
    #[serde(default)]
    pub doubt: Option<String>,
}

/// A figure of the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Figure {
    /// What is said of it, at most 200 characters.
    pub caption: Option<String>,
    /// Path or address of the image, as the report writes it.
    pub path: Option<String>,
    /// Where: `line 12`, `page 3`.
    pub place: String,
}

/// An address or a file that the report refers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Link {
    /// As the report writes it, at most 200 characters.
    pub target: String,
    /// Where: `line 12`, `page 3`.
    pub place: String,
}

/// One part of the handover format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Part {
    /// English name.
    pub title: String,
    /// How it was found.
    pub found: PartFound,
    /// What was found, at most 200 characters.
    pub quote: Option<String>,
    /// Where: `line 12`, `page 3`, `paragraph 40`, or `line 12 of` another file of the same document.
    pub place: Option<String>,
    /// Why it is found, or weak, in words; empty in evidence from before contents were read.
    #[serde(default)]
    pub because: String,
    /// What belongs to such a part and is there: `status`, `components`, `figure`, `no-secret`, `alternative`, `reason`.
    #[serde(default)]
    pub holds: Vec<String>,
    /// What of it is surely not there.
    #[serde(default)]
    pub lacks: Vec<String>,
    /// How much was written: words below the heading, or around the sentence; a command, a path, a figure, a measurement
    /// and a row of a table count as ten words each. `None` in evidence from before this was counted.
    #[serde(default)]
    pub substance: Option<u64>,
}

/// What the report says that each member did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct WhoDidWhat {
    /// In the roster's order.
    pub members: Vec<MemberWork>,
    /// Names out of a history may be other names than those in the report.
    pub members_from: MembersFrom,
    /// One sentence says the same of all members: what each of them did only a person can tell.
    #[serde(default)]
    pub all_in_one: bool,
}

/// One member's work, in the report's words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct MemberWork {
    /// The member's id.
    pub member: String,
    /// The member's name.
    pub name: String,
    /// The sentence, at most 200 characters; `None` where there is none.
    pub quote: Option<String>,
    /// Where, as in [`Part::place`].
    pub place: Option<String>,
}

/// Something that a document says and that can be set beside a fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Claim {
    /// What is claimed.
    pub kind: ClaimKind,
    /// In its words: `m4.large`, `80`, `us-east-1`, `scripts/run.sh`; of tools, their usual name: `ChatGPT`.
    pub value: String,
    /// How many, of `instances`.
    pub count: Option<u64>,
    /// Of files: whether the graded tree has it; `None` where that cannot be told.
    pub exists: Option<bool>,
    /// The document: its path in the repository.
    pub path: String,
    /// Where, as in [`Part::place`].
    pub place: String,
    /// The words, at most 200 characters.
    pub quote: String,
}

/// Which members the report names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct MembersNamed {
    /// Names of the members found in it.
    pub named: Vec<String>,
    /// Names of the members not found in it.
    pub missing: Vec<String>,
    /// Those of them whose first name it has alone, and nobody else in the team is called so: it may mean them.
    #[serde(default)]
    pub by_first_name: Vec<String>,
}

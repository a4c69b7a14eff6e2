//! What the code says of the cloud: resources it declares, variables, calls, scripts, secrets. Parsed, never run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::closed::{CallLanguage, DeclaredTool, VariableKind, VariableTool};

/// A resource that the code makes, whatever the tool.
///
/// Keys of `arguments` are in snake_case at every depth (`MinSize`, `--min-size` and `min_size` are one), so that one
/// check fits all tools. A value that only a run would tell is the text `${…}` with the expression in it, also within a
/// longer text. Constants are put in where there is one possible value: a Terraform variable's default or its tfvars, a
/// local, a template parameter's default, a Python or shell name that is assigned once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Declared {
    /// In which it is declared.
    pub tool: DeclaredTool,
    /// In the tool's words: `aws_autoscaling_group`, `AWS::AutoScaling::AutoScalingGroup`,
    /// `autoscaling:CreateAutoScalingGroup`, `provider.aws`.
    pub resource_type: String,
    /// `ec2`, `elbv2`, `autoscaling`, …
    pub service: String,
    /// The same for every tool: `instance`, `auto_scaling_group`, `load_balancer`, …
    pub kind: String,
    /// The name it will carry in the cloud (an argument or the tag `Name`), else its label, else empty.
    pub name: String,
    /// Terraform's label or CloudFormation's logical id; `None` for calls.
    pub label: Option<String>,
    /// Path in the repository.
    pub path: String,
    /// One-based.
    pub line: u64,
    /// Arguments by name. Terraform's nested blocks are lists, but for `lifecycle`.
    pub arguments: BTreeMap<String, serde_json::Value>,
    /// Tags by key, those of the provider's `default_tags` included.
    pub tags: BTreeMap<String, String>,
    /// How many one run of the line makes; `None` where only a run would tell, as in a loop.
    pub count: Option<u64>,
    /// Why nothing reaches it: `with a count of 0`; `None` where something may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreachable: Option<String>,
}

/// A secret in a file of the graded commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Credential {
    /// `aws access key`, `aws secret key`, `aws session token`, `private key`, `password`, …
    pub kind: String,
    /// Path in the repository.
    pub path: String,
    /// One-based.
    pub line: u64,
    /// What it looks like with all but its type taken out.
    pub redacted: String,
    /// Its line, or the one above, says that it is invented, as `gitleaks:allow` does: whether it is, a person tells.
    #[serde(default, skip_serializing_if = "super::hygiene::is_not")]
    pub marked: bool,
}

/// A function or a command that a file calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FunctionCall {
    /// Of the file.
    pub language: CallLanguage,
    /// With its module, aliases undone: `os.system`, `time.sleep`, `print`, `aws ec2 run-instances`,
    /// `provisioner.local-exec`; a method of what is no plain name begins with a dot: `.paginate`.
    pub name: String,
    /// Path in the repository.
    pub path: String,
    /// Of the first such call in the file, one-based.
    pub line: u64,
    /// How often the file calls it.
    pub count: u64,
}

/// A variable, an output or a local value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Variable {
    /// Where it stands.
    pub tool: VariableTool,
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: VariableKind,
    /// It has a value without anybody giving one.
    pub has_default: bool,
    /// It says what it is for: a `description` that is not empty, or a comment directly above in shell and env files.
    pub has_description: bool,
    /// As written: `string`, `list(string)`, `AWS::EC2::KeyPair::KeyName`.
    #[serde(rename = "type")]
    pub kind_of_value: Option<String>,
    /// The value or default as written, cut at 200 characters; an output's expression.
    pub value: Option<String>,
    /// How often the code refers to it; `None` where that is not counted: all but Terraform's variables.
    #[serde(default)]
    pub uses: Option<u64>,
    /// Path in the repository.
    pub path: String,
    /// One-based.
    pub line: u64,
}

/// Every file at the graded commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FileTree {
    /// The files, sorted by path, at most 20,000.
    pub files: Vec<FileEntry>,
    /// How many there are.
    pub total: u64,
    /// Whether some are not listed.
    pub truncated: bool,
    /// What the archives among them hold, by their lists, at most 2,000 files in all.
    #[serde(default)]
    pub packed: Vec<PackedFile>,
    /// Paths of archives whose list cannot be read, or is longer: at most 2,000, and then how many more there are.
    #[serde(default)]
    pub closed: Vec<String>,
}

/// A file in an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct PackedFile {
    /// Path of the archive in the repository.
    pub archive: String,
    /// Path in the archive. Where one folder holds all of the archive, each file is listed with it, and once more without.
    pub path: String,
}

/// A text file of at most 1,024 bytes: an answer in a sentence, a script of one command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ShortText {
    /// Path in the repository.
    pub path: String,
    /// All of it but the blanks around, secrets taken out; empty where nothing stands in it.
    pub text: String,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct FileEntry {
    /// Path in the repository.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Nothing stands in it, or white space only.
    #[serde(default)]
    pub blank: bool,
}

/// A script that instances run when they start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct UserData {
    /// Where it is given: the resource's file. The script's own where nothing names it.
    pub path: String,
    /// One-based.
    pub line: u64,
    /// The file that holds the script, where it is one of its own.
    pub script: Option<String>,
    /// The script, secrets taken out, cut at 16,000 characters.
    pub text: String,
    /// Bytes of the whole script.
    pub bytes: u64,
    /// Words that package managers, `docker run`, `git clone` and service managers are given, sorted: `nginx`, `flask`,
    /// `python3-pip`, `requirements.txt`.
    pub installs: Vec<String>,
    /// What only a run would tell: an expression that gives the script, or another way by which software gets onto
    /// machines (`scp`, `paramiko`, CodeDeploy, …). The rest of the row then says as much as is known.
    #[serde(default)]
    pub open: Option<String>,
    /// Why nothing reaches it: `with a count of 0`; `None` where something may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreachable: Option<String>,
}

/// Something that the system starts at boot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Service {
    /// `systemd`, or another manager as the code names it: `supervisor`, `pm2`, `cron @reboot`, `docker restart policy`.
    pub manager: String,
    /// Name of the unit: `photogallery.service`.
    pub name: String,
    /// Path of the unit, or of the script that writes it.
    pub path: String,
    /// One-based, of the unit's first line.
    pub line: u64,
    /// What it starts; empty where the unit does not say.
    pub exec_start: String,
    /// The targets that want it: `multi-user.target`. Without one it is not started at boot.
    pub wanted_by: Vec<String>,
    /// The code enables it.
    pub enabled: bool,
    /// Why nothing reaches it: `with a count of 0`; `None` where something may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreachable: Option<String>,
}

/// How a container image is built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct ImageRecipe {
    /// Path of the Dockerfile.
    pub path: String,
    /// The image that the last stage begins with; empty where there is no `FROM`.
    pub from: String,
    /// Stages.
    pub stages: u64,
    /// What it copies or adds, as written.
    pub copies: Vec<String>,
    /// Commands that it runs while it is built.
    pub runs: Vec<String>,
    /// What it starts: `CMD` or `ENTRYPOINT`; empty where the base image's own is taken.
    pub starts: String,
    /// Ports.
    pub exposes: Vec<String>,
    /// The user that it runs as, where that is said.
    pub user: Option<String>,
}

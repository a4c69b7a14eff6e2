//! What the code says of the cloud: resources it declares, variables, calls, scripts, secrets. Parsed, never run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A resource that the code makes, whatever the tool.
///
/// Keys of `arguments` are in snake_case at every depth (`MinSize`, `--min-size` and `min_size` are one), so that one
/// check fits all tools. A value that only a run would tell is the text `${…}` with the expression in it, also within a
/// longer text. Constants are put in where there is one possible value: a Terraform variable's default or its tfvars, a
/// local, a template parameter's default, a Python or shell name that is assigned once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Declared {
    /// `terraform`, `cloudformation`, `boto3` or `cli`.
    pub tool: String,
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
}

/// A secret in a file of the graded commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// `aws access key`, `aws secret key`, `aws session token`, `private key`, `password`, …
    pub kind: String,
    /// Path in the repository.
    pub path: String,
    /// One-based.
    pub line: u64,
    /// What it looks like with all but its type taken out.
    pub redacted: String,
}

/// A function or a command that a file calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionCall {
    /// `python`, `shell`, `javascript`, `typescript`, `terraform` or `dockerfile`.
    pub language: String,
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// `terraform`, `cloudformation`, `env` (`.env` files) or `shell` (assignments outside of functions).
    pub tool: String,
    /// Its name.
    pub name: String,
    /// `variable`, `output`, `local`, or `value`: an assignment in a tfvars file.
    pub kind: String,
    /// It has a value without anybody giving one.
    pub has_default: bool,
    /// It says what it is for: a `description` that is not empty, or a comment directly above in shell and env files.
    pub has_description: bool,
    /// As written: `string`, `list(string)`, `AWS::EC2::KeyPair::KeyName`.
    #[serde(rename = "type")]
    pub kind_of_value: Option<String>,
    /// The value or default as written, cut at 200 characters; an output's expression.
    pub value: Option<String>,
    /// Path in the repository.
    pub path: String,
    /// One-based.
    pub line: u64,
}

/// Every file at the graded commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileTree {
    /// The files, sorted by path, at most 20,000.
    pub files: Vec<FileEntry>,
    /// How many there are.
    pub total: u64,
    /// Whether some are not listed.
    pub truncated: bool,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileEntry {
    /// Path in the repository.
    pub path: String,
    /// Bytes.
    pub size: u64,
}

/// A script that instances run when they start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
}

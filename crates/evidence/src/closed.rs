//! Closed sets of words: what the evidence's own fields may say. AWS's words stay text, for AWS adds to them.

/// An enum of words, each written as given, with `ALL`, `as_str`, `Display` and a comparison with text.
macro_rules! closed_set {
    ($(#[$about:meta])* $name:ident { $($(#[$holds:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        pub enum $name {
            $($(#[$holds])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// All of them, in the order in which they compare.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word, as evidence and checks have it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, word: &&str) -> bool {
                self.as_str() == *word
            }
        }
    };
}

closed_set! {
    /// How a repository was obtained.
    SourceKind {
        /// Cloned from an address.
        Clone = "clone",
        /// Unpacked from a bundle file.
        Bundle = "bundle",
        /// Opened where it lies.
        WorkingCopy = "working-copy",
    }
}

closed_set! {
    /// Why a commit is the graded one.
    ChosenBy {
        /// The roster names it.
        Pinned = "pinned",
        /// It is the last one before the deadline.
        Deadline = "deadline",
        /// It is the branch's newest.
        Tip = "tip",
    }
}

closed_set! {
    /// What a program that signs commits does.
    ProgramKind {
        /// Writes code: a coding agent or a model.
        Agent = "agent",
        /// Keeps a repository.
        Bot = "bot",
        /// Puts the course's starter code in.
        Starter = "starter",
    }
}

closed_set! {
    /// Whose a mailmap is.
    MailmapOf {
        /// The instructor's.
        Instructor = "instructor",
        /// The team's: the `.mailmap` at the graded commit.
        Repository = "repository",
    }
}

closed_set! {
    /// What shows that a member looked at another's work.
    ReviewSign {
        /// The committer of a pull request's commit.
        Committer = "committer",
        /// A merge of another's work.
        Merge = "merge",
        /// A trailer: `Reviewed-by` and its like.
        Trailer = "trailer",
    }
}

closed_set! {
    /// What is odd about dates of commits.
    OddDate {
        /// Written after they were committed.
        AuthorAfterCommitter = "author-after-committer",
        /// Committed before a commit that they build on.
        BeforeItsParent = "before-its-parent",
        /// Dated after they were collected.
        Future = "future",
        /// Dated before git existed.
        Before2005 = "before-2005",
        /// Committed more than a week after they were written.
        FarApart = "far-apart",
        /// Three or more written in the same second.
        SameAuthorDate = "same-author-date",
        /// Five or more committed in the same second, as a rebase does.
        SameCommitterDate = "same-committer-date",
    }
}

closed_set! {
    /// Why an identity is a member's.
    IdentifiedBy {
        /// An address of the roster.
        Address = "address",
        /// A login of the roster.
        Login = "login",
        /// A name or alias of the roster.
        Name = "name",
        /// The instructor's mailmap.
        Mailmap = "mailmap",
        /// The repository's own `.mailmap`.
        RepositoryMailmap = "repository-mailmap",
    }
}

closed_set! {
    /// What the roster says of a member and a commit may have.
    RosterField {
        /// One of the addresses.
        Address = "address",
        /// One of the other names.
        Alias = "alias",
        /// The login at the forge.
        Login = "login",
    }
}

closed_set! {
    /// How a table of AWS was found.
    FoundBy {
        /// Every row carries the tags.
        Tags = "tags",
        /// At least one row does not, and was found through a resource that it is tied to.
        Related = "related",
        /// No tags were asked for, or nothing carried them, or nothing of this kind did.
        Account = "account",
    }
}

closed_set! {
    /// Who listed a resource that has no table of its own.
    ListedBy {
        /// The tagging API, which knows no properties.
        Tagging = "tagging",
        /// Cloud Control.
        CloudControl = "cloudcontrol",
    }
}

closed_set! {
    /// Where the address of the service comes from.
    TargetFrom {
        /// It is the DNS name of a load balancer, as AWS gave it.
        LoadBalancer = "load-balancer",
        /// The roster names it.
        Roster = "roster",
    }
}

closed_set! {
    /// What kind of file a document was read from.
    #[derive(Default)]
    DocumentFormat {
        /// Plain text.
        #[default]
        Text = "text",
        /// Markdown.
        Markdown = "markdown",
        /// PDF.
        Pdf = "pdf",
        /// Word's.
        Docx = "docx",
        /// OpenDocument.
        Odt = "odt",
        /// LaTeX.
        Latex = "latex",
        /// A Jupyter notebook.
        Notebook = "notebook",
    }
}

closed_set! {
    /// How a part of the report was found.
    PartFound {
        /// A heading names it, and what stands below is about it.
        Heading = "heading",
        /// Sentences without a heading do what it asks.
        Text = "text",
        /// It may be meant: a person has to look.
        Weak = "weak",
        /// It is not there.
        Missing = "missing",
    }
}

closed_set! {
    /// What a document says that can be set beside a fact.
    ClaimKind {
        /// A number of instances of a type.
        Instances = "instances",
        /// A type of instances.
        InstanceType = "instance-type",
        /// A port.
        Port = "port",
        /// A region.
        Region = "region",
        /// A file that a command names.
        Command = "command",
        /// A link inside the repository.
        Link = "link",
        /// The file of an image.
        Figure = "figure",
        /// A tool of generative AI, where the document first names it.
        GenerativeAi = "generative-ai",
    }
}

closed_set! {
    /// What a call of a cloud API was written for.
    CallTool {
        /// The SDK for Python.
        Boto3 = "boto3",
        /// The command line.
        AwsCli = "aws-cli",
        /// Terraform, whatever language it is written in.
        Terraform = "terraform",
        /// CloudFormation.
        CloudFormation = "cloudformation",
        /// The CDK.
        Cdk = "cdk",
        /// The SDK for another language.
        Sdk = "sdk",
        /// Software that instances install.
        Software = "software",
    }
}

closed_set! {
    /// A tool in which resources are declared.
    DeclaredTool {
        /// Terraform.
        Terraform = "terraform",
        /// CloudFormation.
        CloudFormation = "cloudformation",
        /// The SDK for Python.
        Boto3 = "boto3",
        /// The command line.
        Cli = "cli",
        /// The CDK.
        Cdk = "cdk",
    }
}

closed_set! {
    /// The language of a file whose calls are read.
    CallLanguage {
        /// Python.
        Python = "python",
        /// Shells, and whatever holds lines of one.
        Shell = "shell",
        /// JavaScript.
        JavaScript = "javascript",
        /// TypeScript.
        TypeScript = "typescript",
        /// Terraform.
        Terraform = "terraform",
        /// Dockerfiles.
        Dockerfile = "dockerfile",
    }
}

closed_set! {
    /// Where a variable, an output or a local value stands.
    VariableTool {
        /// Terraform.
        Terraform = "terraform",
        /// A template of CloudFormation.
        CloudFormation = "cloudformation",
        /// The CDK.
        Cdk = "cdk",
        /// A `.env` file.
        Env = "env",
        /// A script, outside of functions.
        Shell = "shell",
    }
}

closed_set! {
    /// What a variable is.
    VariableKind {
        /// It is given from outside.
        Variable = "variable",
        /// It is told to the outside.
        Output = "output",
        /// It is known inside only.
        Local = "local",
        /// It is an assignment in a tfvars file.
        Value = "value",
    }
}

closed_set! {
    /// What the last 24 hours of the work end with.
    LastDayBefore {
        /// The deadline.
        Deadline = "deadline",
        /// The last commit, where there is no deadline.
        LastCommit = "last commit",
    }
}

closed_set! {
    /// Why a file was not searched for secrets.
    WhyNotSearched {
        /// Its object is missing or damaged.
        Unreadable = "object missing or damaged",
        /// It is larger than is read.
        TooLarge = "over 5 MB",
        /// Other files took all that is searched.
        PastLimit = "past the limit",
    }
}

/// Calls a macro with the names of all sets of this file.
macro_rules! with_all_sets {
    ($then:ident) => {
        $then!(
            SourceKind,
            ChosenBy,
            ProgramKind,
            MailmapOf,
            ReviewSign,
            OddDate,
            IdentifiedBy,
            RosterField,
            FoundBy,
            ListedBy,
            TargetFrom,
            DocumentFormat,
            PartFound,
            ClaimKind,
            CallTool,
            DeclaredTool,
            CallLanguage,
            VariableTool,
            VariableKind,
            LastDayBefore,
            WhyNotSearched
        )
    };
}
pub(crate) use with_all_sets;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_written_and_read_as_it_is_shown() {
        macro_rules! holds {
            ($($name:ident),+) => {$(
                for it in $name::ALL {
                    assert_eq!(serde_json::to_value(it).unwrap(), it.as_str());
                    assert_eq!(serde_json::from_value::<$name>(it.as_str().into()).unwrap(), *it);
                    assert_eq!(it.to_string(), it.as_str());
                    assert!(*it == it.as_str());
                }
            )+};
        }
        with_all_sets!(holds);
    }

    #[test]
    fn another_word_is_refused() {
        assert!(serde_json::from_value::<ChosenBy>("chance".into()).is_err());
    }
}

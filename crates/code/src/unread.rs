//! Tools and languages that make infrastructure and that nothing here reads. Their files are named, so that what was
//! not found is not taken for what is not there.

use tokei::LanguageType;

use super::source::{Source, file_name, is_format};

/// Imports of kits whose programs are read in Python, JavaScript and TypeScript only.
const KITS: [&str; 7] = [
    "software.amazon.awscdk",
    "Amazon.CDK",
    "aws-cdk-go",
    "com.hashicorp.cdktf",
    "cdktf-cdk-tf",
    "HashiCorp.Cdktf",
    "terraform-cdk-go",
];

/// Imports of kits that are read in no language.
const UNREAD_KITS: [&str; 15] = [
    "@aws-amplify/backend",
    "chalice",
    "libcloud",
    "zappa",
    "pulumi_aws",
    "@pulumi/",
    "pulumi-aws",
    "com.pulumi",
    "Pulumi.Aws",
    "troposphere",
    "sst/constructs",
    "@cdktf/provider",
    "cdktf_cdktf_provider_aws",
    "aws_solutions_constructs",
    "@aws-solutions-constructs/",
];

/// Files that declare infrastructure, by their names, in whatever language.
const UNREAD_FILES: [&str; 7] = [
    "serverless.ts",
    "serverless.js",
    "serverless.json",
    "sst.config.ts",
    "sst.config.js",
    "zappa_settings.json",
    "zappa_settings.toml",
];

/// How languages without a reader name AWS's SDK.
const SDKS: [&str; 7] = ["<aws/core/", "use Aws\\", "ex_aws", "ExAws", "library(paws", "amazonica", "cognitect.aws"];

/// Those that are words of a sentence as well: how a line begins that imports one.
const SDK_LINES: [&str; 3] = ["use Paws", "import Soto", "using AWS"];

/// Whether a file declares cloud resources in a way that is not read.
pub(super) fn is_foreign(source: &Source) -> bool {
    let text = source.text.as_str();
    if UNREAD_FILES.contains(&file_name(&source.path).to_ascii_lowercase().as_str()) {
        return true;
    }
    let imports = |words: &[&str]| {
        text.lines().map(str::trim_start).any(|line| {
            let import = ["import ", "from ", "using ", "require", "const ", "\"", "var ", "let "];
            import.iter().any(|start| line.starts_with(start)) && words.iter().any(|word| line.contains(word))
        })
    };
    match source.language {
        LanguageType::Yaml => is_foreign_yaml(&source.path, text),
        LanguageType::Hcl if file_name(&source.path) == "terragrunt.hcl" => {
            text.lines().any(|line| line.trim_start().starts_with("source"))
        }
        LanguageType::Hcl => has_module_from_elsewhere(text),
        LanguageType::PowerShell => has_cmdlets(text),
        LanguageType::Sh | LanguageType::Bash | LanguageType::Zsh | LanguageType::Makefile => {
            super::cloud::has_calls_by_a_name(text)
        }
        LanguageType::Json => file_name(&source.path).ends_with(".tf.json"),
        LanguageType::Python => {
            imports(&UNREAD_KITS) || makes_by_sdk(source) || super::cloud::has_python_calls_by_a_name(text)
        }
        LanguageType::JavaScript | LanguageType::Jsx | LanguageType::TypeScript | LanguageType::Tsx => {
            imports(&UNREAD_KITS) || makes_by_sdk(source)
        }
        LanguageType::Java
        | LanguageType::Kotlin
        | LanguageType::Scala
        | LanguageType::CSharp
        | LanguageType::Go
        | LanguageType::Rust
        | LanguageType::Ruby => imports(&KITS) || imports(&UNREAD_KITS) || makes_by_sdk(source),
        // Where sentences stand, or names of packages: they call nothing.
        language if language == LanguageType::Dockerfile || is_format(language) => false,
        _ => names_an_sdk(text) && seems_to_make(text),
    }
}

/// Whether a text in a language that nothing reads imports AWS's SDK.
fn names_an_sdk(text: &str) -> bool {
    SDKS.iter().any(|name| text.contains(name))
        || text.lines().map(str::trim_start).any(|line| SDK_LINES.iter().any(|start| line.starts_with(start)))
}

/// Whether a text in a language that nothing reads names a call that makes something.
fn seems_to_make(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["create", "runinstances", "run_instances", "run-instances"].iter().any(|name| text.contains(name))
}

/// Whether Terraform takes a module whose files are not here, and of which the table does not say what it makes.
fn has_module_from_elsewhere(text: &str) -> bool {
    let mut in_module = false;
    text.lines().any(|line| {
        // Blocks begin and end at the margin, as `terraform fmt` has it.
        in_module = (in_module && !line.starts_with('}')) || line.starts_with("module ");
        in_module && is_from_elsewhere(line)
    })
}

/// Whether a line is a module's source outside of the repository.
fn is_from_elsewhere(line: &str) -> bool {
    let value = line.trim_start().strip_prefix("source").map(str::trim_start);
    let value = value.and_then(|rest| rest.strip_prefix('=')).map(|rest| rest.trim().trim_matches('"'));
    let Some(from) = value else { return false };
    let of_registry = !from.starts_with(['.', '/', '$']) && from.split('/').count() >= 3;
    let of_address = ["git::", "git@", "s3::", "://"].iter().any(|mark| from.contains(mark));
    (of_registry || of_address) && super::cloud::terraform_module_operations(from).is_empty()
}

/// Commands of the AWS Tools for PowerShell that make something.
fn has_cmdlets(text: &str) -> bool {
    const MAKE: [&str; 11] = [
        "new-ec2", "new-elb", "new-as", "new-s3", "new-cfn", "new-lm", "new-ecs", "new-rds", "new-ddb", "new-eb",
        "new-iam",
    ];
    let lines = text.lines().map(|line| line.trim_start().to_ascii_lowercase());
    lines.filter(|line| !line.starts_with('#')).any(|line| MAKE.iter().any(|word| line.contains(word)))
}

/// Modules of Ansible by their short names; a variable of such a name has its value beside it.
const ANSIBLE_MODULES: [&str; 18] = [
    "ec2:",
    "ec2_instance:",
    "ec2_vpc_net:",
    "ec2_vpc_subnet:",
    "ec2_vpc_igw:",
    "ec2_security_group:",
    "ec2_group:",
    "ec2_launch_template:",
    "ec2_asg:",
    "autoscaling_group:",
    "elb_application_lb:",
    "elb_target_group:",
    "s3_bucket:",
    "rds_instance:",
    "ecs_cluster:",
    "ecs_service:",
    "lambda:",
    "cloudformation:",
];

/// How lines begin in which Ansible's collections, Copilot, eksctl and deploying actions of GitHub are used.
const FOREIGN_LINES: [&str; 12] = [
    "amazon.aws.",
    "community.aws.",
    "type: Load Balanced Web Service",
    "type: Backend Service",
    "type: Request-Driven Web Service",
    "type: Worker Service",
    "type: Scheduled Job",
    "type: Static Site",
    "apiVersion: eksctl.io/",
    "uses: aws-actions/amazon-ecs-deploy",
    "uses: aws-actions/aws-lambda-deploy",
    "uses: einaregilsson/beanstalk-deploy",
];

/// Playbooks of Ansible, the Serverless Framework, Copilot, Crossplane, Pulumi's YAML, pipelines that deploy.
fn is_foreign_yaml(path: &str, text: &str) -> bool {
    let name = file_name(path).to_ascii_lowercase();
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    let bare = || text.lines().map(|line| line.trim().trim_start_matches("- "));
    // Tasks have a name beside the module; tables of CloudFormation and Compose have none.
    let is_playbook = bare().any(|line| line == "tasks:" || line.starts_with("hosts:")) || path.contains("tasks/");
    matches!(stem, "serverless" | "pulumi")
        || bare().any(|line| FOREIGN_LINES.iter().any(|start| line.starts_with(start)))
        || (is_playbook && bare().any(|line| ANSIBLE_MODULES.contains(&line)))
        || text.contains("aws.upbound.io/")
        || text.contains("services.k8s.aws/")
}

/// A call of another language's SDK that makes something: its arguments are not read, as boto3's are.
fn makes_by_sdk(source: &Source) -> bool {
    let operations = match source.language {
        LanguageType::Python => Vec::new(),
        _ => super::cloud::sdk_operations(&source.text),
    };
    operations.iter().any(|operation| super::infra::makes(operation))
}

/// Whether a text uses the CDK in one of the languages in which it is read.
pub(super) fn uses_cdk(source: &Source) -> bool {
    source.text.contains("aws_cdk") || source.text.contains("aws-cdk-lib") || source.text.contains("@aws-cdk/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_foreign(language: LanguageType, path: &str, text: &str, expected: bool) {
        let source = Source { path: path.into(), language, text: text.into() };
        assert_eq!(is_foreign(&source), expected, "{path}: {text}");
    }

    #[test]
    fn tools_that_nothing_reads_are_known_by_their_imports() {
        assert_foreign(LanguageType::Java, "App.java", "import software.amazon.awscdk.services.ec2.Vpc;\n", true);
        assert_foreign(LanguageType::Go, "main.go", "import (\n\t\"github.com/aws/aws-cdk-go/awscdk/v2\"\n)\n", true);
        assert_foreign(LanguageType::Python, "__main__.py", "import pulumi_aws as aws\n", true);
        assert_foreign(LanguageType::TypeScript, "index.ts", "import * as aws from \"@pulumi/aws\";\n", true);
        assert_foreign(LanguageType::Yaml, "serverless.yml", "service: shop\n", true);
        assert_foreign(
            LanguageType::Yaml,
            "site.yml",
            "- hosts: all\n  tasks:\n    - amazon.aws.ec2_instance:\n",
            true,
        );
        let short = "- hosts: all\n  tasks:\n    - name: Start it\n      ec2_vpc_net:\n        state: present\n";
        assert_foreign(LanguageType::Yaml, "site.yml", short, true);
        assert_foreign(LanguageType::Yaml, "roles/lb/tasks/main.yml", "- name: a\n  elb_application_lb:\n", true);
        for line in [
            "type: Backend Service",
            "apiVersion: eksctl.io/v1alpha5",
            "  - uses: aws-actions/amazon-ecs-deploy-task-definition@v2",
        ] {
            assert_foreign(LanguageType::Yaml, "a.yml", &format!("name: web\n{line}\n"), true);
        }
        assert_foreign(LanguageType::TypeScript, "serverless.ts", "const it = {};\nmodule.exports = it;\n", true);
        assert_foreign(LanguageType::Json, "zappa_settings.json", "{\"dev\": {}}\n", true);
        assert_foreign(LanguageType::TypeScript, "sst.config.ts", "export default $config({});\n", true);
        assert_foreign(LanguageType::Python, "app.py", "from chalice import Chalice\n", true);
        assert_foreign(LanguageType::Php, "up.php", "<?php\nuse Aws\\Ec2\\Ec2Client;\n$ec2->runInstances([]);\n", true);
        assert_foreign(LanguageType::Elixir, "up.ex", "ExAws.EC2.run_instances(ami, 1, 1)\n", true);
        assert_foreign(LanguageType::Cpp, "up.cpp", "#include <aws/core/Aws.h>\nclient.CreateBucket(r);\n", true);
        assert_foreign(LanguageType::PowerShell, "up.ps1", "$i = New-EC2Instance -ImageId x\n", true);
        assert_foreign(LanguageType::PowerShell, "up.ps1", "aws ec2 run-instances\n# New-EC2Instance\n", false);
        let sdk = "import { EC2Client } from '@aws-sdk/client-ec2';\nawait c.send(new RunInstancesCommand({}));\n";
        assert_foreign(LanguageType::JavaScript, "up.js", sdk, true);
    }

    #[test]
    fn modules_from_elsewhere_are_told_from_those_that_are_known() {
        for from in ["terraform-aws-modules/eks/aws", "git::https://example.org/lb.git", "github.com/team/modules"] {
            let text = format!("module \"a\" {{\n  source  = \"{from}\"\n}}\n");
            assert_foreign(LanguageType::Hcl, "main.tf", &text, true);
        }
        let terragrunt = "terraform {\n  source = \"tfr:///terraform-aws-modules/alb/aws\"\n}\n";
        assert_foreign(LanguageType::Hcl, "lb/terragrunt.hcl", terragrunt, true);
        let object = "resource \"aws_s3_object\" \"a\" {\n  source = \"files/web/index.html\"\n}\n";
        assert_foreign(LanguageType::Hcl, "main.tf", object, false);
        for from in ["./modules/lb", "../lb", "terraform-aws-modules/alb/aws", "hashicorp/aws"] {
            let text = format!("module \"a\" {{\n  source = \"{from}\"\n}}\n");
            assert_foreign(LanguageType::Hcl, "main.tf", &text, false);
        }
    }

    #[test]
    fn what_is_read_is_not_foreign() {
        assert_foreign(LanguageType::Python, "up.py", "import boto3\nec2.run_instances(MinCount=1)\n", false);
        assert_foreign(LanguageType::TypeScript, "s.ts", "import * as ec2 from 'aws-cdk-lib/aws-ec2';\n", false);
        assert_foreign(LanguageType::Yaml, "compose.yaml", "services:\n  web:\n    image: nginx\n", false);
        assert_foreign(LanguageType::Yaml, "site.yml", "- hosts: all\n  vars:\n    ec2_instance: t2.micro\n", false);
        assert_foreign(LanguageType::Yaml, "vars.yml", "lambda:\n  memory: 128\n", false);
        let login = "steps:\n  - uses: aws-actions/configure-aws-credentials@v4\n";
        assert_foreign(LanguageType::Yaml, ".github/workflows/ci.yml", login, false);
        let asks = "<?php\nuse Aws\\S3\\S3Client;\n$s3->listBuckets();\n";
        assert_foreign(LanguageType::Php, "index.php", asks, false);
        assert_foreign(LanguageType::Cpp, "a.cpp", "#include <vector>\n", false);
        let page = "<p>Instances that we create, made by using AWS EC2.</p>\nusing AWS we create buckets\n";
        assert_foreign(LanguageType::Html, "index.html", page, false);
        assert_foreign(LanguageType::Dockerfile, "Dockerfile", "# Create it\nRUN pip install ex_aws\n", false);
        for comment in ["-- Tables that we create, using AWS RDS\n", "REM create it, using AWS and use Paws\n"] {
            assert_foreign(LanguageType::Batch, "up.bat", comment, false);
            assert_foreign(LanguageType::Sql, "up.sql", comment, false);
        }
        let asks = "import { S3Client } from '@aws-sdk/client-s3';\nawait c.send(new ListBucketsCommand({}));\n";
        assert_foreign(LanguageType::JavaScript, "list.js", asks, false);
    }
}

use super::*;

/// `line kind name`, with `+` where it is documented and `*` where that says more than the name.
#[track_caller]
fn assert_defines(language: LanguageType, text: &str, expected: &[&str]) {
    let source = Source { path: "f".into(), language, text: text.into() };
    let found: Vec<String> = of(&source)
        .iter()
        .map(|definition| {
            let sign = if definition.is_telling() {
                " *"
            } else if definition.is_documented() {
                " +"
            } else {
                ""
            };
            format!("{} {} {}{sign}", definition.line, definition.kind.as_str(), definition.name)
        })
        .collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn python_modules_functions_and_classes() {
    let text = "#!/usr/bin/env python3\n\"\"\"Deploys the whole stack in one go.\"\"\"\n\n# x = f(1)\ndef a(): pass\n\ndef create_vpc():\n    \"\"\"Create VPC.\"\"\"\n\nclass B:\n    # Keeps the address of the balancer.\n    @property\n    def c(self): pass\n";
    assert_defines(
        LanguageType::Python,
        text,
        &["1 file f *", "5 function a", "7 function create_vpc +", "10 class B", "13 function c *"],
    );
}

#[test]
fn shell_functions() {
    let text = "#!/bin/bash\n# -------\n# Builds the two clusters, then tests them.\nset -e\n\n# waits until every target answers\nwait_for() {\n  sleep 1\n}\nfunction b {\n  # prints what it did so far\n  echo\n}\n# aws ec2 run-instances --count 5\nc() { true; }\n";
    assert_defines(
        LanguageType::Sh,
        text,
        &["1 file f *", "7 function wait_for *", "10 function b *", "15 function c"],
    );
}

#[test]
fn javascript_and_typescript() {
    let text = "/**\n * Serves the photos of the bucket.\n */\nimport x from 'y';\n\n/** Lists keys and their sizes. */\nexport async function list(a) { return a; }\nexport const upload = async (file) => {\n  await f(file);\n};\nconst short = (a) => a;\n// const old = 1;\nclass Store {\n  // Opens the connection only once.\n  get() {}\n  put() {}\n}\n";
    for language in [LanguageType::JavaScript, LanguageType::TypeScript] {
        assert_defines(
            language,
            text,
            &[
                "1 file f *",
                "7 function list *",
                "8 function upload",
                "13 class Store",
                "15 function get *",
                "16 function put",
            ],
        );
    }
}

#[test]
fn terraform_blocks() {
    let text = "# One network for both zones of the region.\nresource \"aws_vpc\" \"main\" {\n  cidr_block = \"10.0.0.0/16\"\n}\nresource \"aws_security_group\" \"sg\" {\n  description = \"managed\"\n}\nvariable \"region\" {\n  description = \"Where everything is deployed, near the users\"\n}\nvariable \"bare\" {}\noutput \"url\" {\n  description = \"\"\n  value = 1\n}\ndata \"aws_ami\" \"a\" {}\n";
    assert_defines(
        LanguageType::Hcl,
        text,
        &[
            "1 file f *",
            "2 resource aws_vpc.main *",
            "5 resource aws_security_group.sg",
            "8 variable region *",
            "11 variable bare",
            "12 output url",
        ],
    );
}

#[test]
fn templates_and_dockerfiles() {
    let yaml = "Description: Two web servers behind a balancer\nParameters:\n  Key:\n    Type: AWS::EC2::KeyPair::KeyName\n    Description: the key that opens the servers\nResources:\n  # Only the balancer may reach the servers.\n  Group:\n    Type: AWS::EC2::SecurityGroup\n  Net:\n    Type: AWS::EC2::VPC\n";
    assert_defines(
        LanguageType::Yaml,
        yaml,
        &["1 file f *", "3 variable Key *", "8 resource Group *", "10 resource Net"],
    );
    assert_defines(LanguageType::Yaml, "services:\n  web:\n    image: nginx\n", &["1 file f"]);
    let docker =
        "# Builds the app, then keeps only what runs.\nFROM rust:1 AS build\nRUN make\n\nFROM debian\nCOPY . .\n";
    assert_defines(LanguageType::Dockerfile, docker, &["1 file f *", "2 stage rust:1 AS build *", "5 stage debian"]);
}

#[test]
fn rust_with_its_doc_comments() {
    let text = "//! Reads the history of a repository.\n\n/// What was found, by path.\n///\n/// ```\n/// let a = b;\n/// ```\n#[derive(Debug)]\npub struct Found {\n    /// a field\n    pub path: String,\n}\n\nimpl Found {\n    /// Opens it again from the start.\n    #[must_use]\n    pub fn open(&self) {}\n    fn close(&self) {}\n}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn it_works() {}\n    fn helper() {}\n}\n";
    assert_defines(
        LanguageType::Rust,
        text,
        &["1 file f *", "9 class Found *", "17 function open *", "18 function close"],
    );
}

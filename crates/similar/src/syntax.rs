//! Tokens of a program, from its syntax tree: kinds of nodes in the order of the text, without layout and comments.
//!
//! Names that an author chose become one token, and so do literals. What the provider of an API chose stays as it is,
//! since nobody can rename it: resource types and arguments of Terraform, keys of YAML, options and subcommands of a
//! shell, capitalised arguments of an AWS call. Two teams that describe different resources are then not alike.

use stackmark_code::syntax as grammar;
use tree_sitter::{Node, Tree};

use crate::kind::Kind;
use crate::lexer;
use crate::token::{NAME, NUMBER, TEXT, Token};

/// A literal of so many lines holds a text of its own: user data, a page, a policy.
const LONG_LITERAL: usize = 4;

/// Nodes that formatters add and take away, or that stand around every other node.
const WRAPPERS: &[&str] = &[
    "ERROR",
    "argument_list",
    "block_node",
    "body",
    "command_name",
    "concatenation",
    "config_file",
    "document",
    "expression",
    "expression_statement",
    "flow_node",
    "literal_value",
    "module",
    "parenthesized_expression",
    "program",
    "source_file",
    "stream",
    "template_expr",
    "variable_expr",
];
/// Literals in all grammars.
const LITERALS: &[&str] = &[
    "ansi_c_string",
    "block_scalar",
    "double_quote_scalar",
    "double_quoted_string",
    "heredoc_body",
    "heredoc_content",
    "heredoc_template",
    "plain_scalar",
    "quoted_template",
    "raw_string",
    "raw_string_literal",
    "single_quote_scalar",
    "single_quoted_string",
    "string",
    "string_lit",
    "string_literal",
    "template_string",
];
const NUMBERS: &[&str] = &["float", "float_literal", "integer", "integer_literal", "number", "numeric_lit"];
const NAMES: &[&str] = &[
    "field_identifier",
    "identifier",
    "property_identifier",
    "shorthand_property_identifier",
    "shorthand_property_identifier_pattern",
    "type_identifier",
    "variable_name",
];
/// Keys of YAML whose own keys are names that an author chose.
const NAMED_BELOW: &[&str] = &[
    "Conditions",
    "Mappings",
    "Outputs",
    "Parameters",
    "Resources",
    "configs",
    "jobs",
    "networks",
    "secrets",
    "services",
    "vars",
    "volumes",
];

/// The tokens of `text`; by the lexer where there is no grammar, or the tree gets too much work.
pub(crate) fn tokens(kind: Kind, text: &str) -> Vec<Token> {
    let tree = match kind {
        Kind::Python => grammar::python(text),
        Kind::Hcl => grammar::hcl(text),
        Kind::Shell => grammar::bash(text),
        Kind::JavaScript => grammar::tsx(text),
        Kind::TypeScript => grammar::typescript(text),
        Kind::Yaml => grammar::yaml(text),
        Kind::Dockerfile => grammar::dockerfile(text),
        Kind::Rust => grammar::rust(text),
        Kind::Plain | Kind::Prose => None,
    };
    let mut reader = Reader { kind, text, tokens: Vec::new(), keys: Vec::new() };
    match tree {
        Some(tree) => reader.read(&tree),
        None => lexer::append(text, 1, &mut reader.tokens),
    }
    reader.tokens
}

struct Reader<'t> {
    kind: Kind,
    text: &'t str,
    tokens: Vec<Token>,
    /// Of YAML: the pairs around a node by their depth, and whether their keys are an author's.
    keys: Vec<(usize, bool)>,
}

impl Reader<'_> {
    /// Without recursion: text can nest deeper than a stack.
    fn read(&mut self, tree: &Tree) {
        let mut cursor = tree.walk();
        let mut around: Vec<&str> = Vec::new();
        loop {
            let node = cursor.node();
            if self.take(node, cursor.field_name(), &around) && cursor.goto_first_child() {
                around.push(node.kind());
                continue;
            }
            while !cursor.goto_next_sibling() {
                if !cursor.goto_parent() {
                    return;
                }
                around.pop();
            }
        }
    }

    /// Appends what a node says; whether to go into it.
    fn take(&mut self, node: Node<'_>, field: Option<&str>, around: &[&str]) -> bool {
        let kind = node.kind();
        if !node.is_named() {
            if is_operator(kind) {
                self.push(node, kind);
            }
            return false;
        }
        if kind.contains("comment") || kind.ends_with("_start") || kind.ends_with("_end") || is_docstring(node) {
            return false;
        }
        // A pair has said its key already.
        if self.kind == Kind::Yaml && field == Some("key") {
            return false;
        }
        if WRAPPERS.contains(&kind) {
            return true;
        }
        let within = around.last().copied().unwrap_or_default();
        if NUMBERS.contains(&kind) {
            self.push(node, NUMBER);
            return false;
        }
        if NAMES.contains(&kind) {
            let own = self.name(node, field, within);
            self.push(node, own);
            return false;
        }
        match self.kind {
            Kind::Shell if matches!(kind, "simple_expansion" | "expansion") => {
                self.push(node, TEXT);
                return false;
            }
            // What runs within a text is more than a text.
            Kind::Shell if kind == "string" && self.source(node).contains("$(") => return true,
            Kind::Shell if kind == "word" => {
                self.word(node);
                return false;
            }
            Kind::Dockerfile if matches!(kind, "shell_command" | "image_name") => {
                let (source, line) = (self.source(node), line_of(node));
                self.words(source, line);
                return false;
            }
            Kind::Yaml if matches!(kind, "block_mapping_pair" | "flow_pair") => {
                self.pair(node, around.len());
                return true;
            }
            Kind::Hcl if kind == "string_lit" && within == "block" => {
                let label = self.label(node);
                self.push(node, label);
                return false;
            }
            _ => {}
        }
        if LITERALS.contains(&kind) {
            self.literal(node);
            return false;
        }
        self.push(node, kind);
        true
    }

    fn push(&mut self, node: Node<'_>, what: &str) {
        self.tokens.push(Token::new(what, line_of(node)));
    }

    /// The key of a YAML pair, at this depth.
    fn pair(&mut self, node: Node<'_>, depth: usize) {
        while self.keys.last().is_some_and(|(other, _)| *other >= depth) {
            self.keys.pop();
        }
        let is_own = self.keys.last().is_some_and(|(_, named_below)| *named_below);
        let key = node.child_by_field_name("key").map(|key| self.source(key).trim_matches(['"', '\'']).to_owned());
        let key = key.unwrap_or_default();
        self.keys.push((depth, NAMED_BELOW.contains(&key.as_str())));
        self.push(node, if is_own { NAME } else { &key });
    }

    fn word(&mut self, node: Node<'_>) {
        let word = shell_word(self.source(node));
        self.push(node, word);
    }

    fn words(&mut self, source: &str, line: u32) {
        for (at, text) in source.lines().enumerate() {
            let words = text.split_whitespace().filter(|word| *word != "\\");
            self.tokens.extend(words.map(|word| Token::new(shell_word(word), line + at as u32)));
        }
    }

    fn literal(&mut self, node: Node<'_>) {
        let source = self.source(node);
        if source.lines().count() < LONG_LITERAL {
            self.push(node, TEXT);
            return;
        }
        // `f"""…`: prefix and quotes are no part of the text.
        let inner = match source.find(['"', '\'']) {
            Some(at) if at <= 2 && source[..at].chars().all(|c| c.is_ascii_alphabetic()) => {
                source[at..].trim_matches(['"', '\''])
            }
            _ => source,
        };
        let before = source.find(inner).map_or(0, |at| source[..at].matches('\n').count() as u32);
        lexer::append(inner, line_of(node) + before, &mut self.tokens);
    }
}

impl<'t> Reader<'t> {
    /// A name: the author's own, or one that the API gave.
    fn name(&self, node: Node<'_>, field: Option<&str>, within: &str) -> &'t str {
        let own = self.source(node);
        let capitalised = own.starts_with(|c: char| c.is_ascii_uppercase());
        let given = match self.kind {
            Kind::Python => capitalised && within == "keyword_argument" && field == Some("name"),
            Kind::JavaScript | Kind::TypeScript => capitalised && within == "pair" && field == Some("key"),
            Kind::Hcl => {
                matches!(within, "attribute" | "function_call")
                    || (within == "block" && node.prev_named_sibling().is_none())
            }
            _ => false,
        };
        if given { own } else { NAME }
    }

    /// The label of a Terraform block: a resource's type, or a name.
    fn label(&self, node: Node<'_>) -> &'t str {
        let typed = node.prev_named_sibling().is_some_and(|before| {
            before.kind() == "identifier" && matches!(self.source(before), "resource" | "data" | "provider")
        });
        if typed { self.source(node) } else { NAME }
    }

    fn source(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }
}

/// One-based.
fn line_of(node: Node<'_>) -> u32 {
    node.start_position().row as u32 + 1
}

/// A text that stands alone says nothing to the machine.
fn is_docstring(node: Node<'_>) -> bool {
    node.kind() == "expression_statement"
        && node.named_child_count() == 1
        && node.named_child(0).is_some_and(|only| only.kind() == "string")
}

/// Signs that compute; brackets and separators come and go with the layout.
fn is_operator(kind: &str) -> bool {
    !kind.is_empty() && kind.bytes().all(|byte| b"+-*/%<>=!&|^~?".contains(&byte)) && kind != "="
}

/// A word of a shell: options, programs and subcommands stay, what the author chose does not.
fn shell_word(word: &str) -> &str {
    let given = word.starts_with('-') || word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    match (given, word.split_once('=')) {
        (true, Some((option, _))) => option,
        (true, None) => word,
        (false, _) => TEXT,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(kind: Kind, text: &str) -> Vec<u64> {
        tokens(kind, text).iter().map(|token| token.hash).collect()
    }

    #[test]
    fn names_comments_and_layout_do_not_matter() {
        let one = "def start(ec2):\n    \"\"\"Starts.\"\"\"\n    # one\n    return ec2.run_instances(ImageId=IMAGE, MinCount=1)\n";
        let other = "def launch(client):\n  return client.run_instances(\n    ImageId=ami,\n    MinCount=5,\n  )\n";
        assert_eq!(hashes(Kind::Python, one), hashes(Kind::Python, other));
        assert!(!hashes(Kind::Python, one).is_empty());
        assert_ne!(hashes(Kind::Python, other), hashes(Kind::Python, &other.replace("MinCount", "MaxCount")));
    }

    #[test]
    fn terraform_keeps_types_and_arguments() {
        let one = "resource \"aws_instance\" \"web\" {\n  ami = var.image\n  instance_type = \"t2.micro\"\n}\n";
        let renamed =
            "resource \"aws_instance\" \"node\" {\n  ami           = var.ami # x\n  instance_type = \"m4.large\"\n}\n";
        assert_eq!(hashes(Kind::Hcl, one), hashes(Kind::Hcl, renamed));
        assert_ne!(hashes(Kind::Hcl, one), hashes(Kind::Hcl, &one.replace("aws_instance", "aws_lb")));
        assert_ne!(hashes(Kind::Hcl, one), hashes(Kind::Hcl, &one.replace("ami =", "name =")));
    }

    #[test]
    fn yaml_keeps_keys_but_those_that_are_names() {
        let one = "Resources:\n  Web:\n    Type: AWS::EC2::Instance\n    Properties:\n      ImageId: ami-1\n";
        assert_eq!(hashes(Kind::Yaml, one), hashes(Kind::Yaml, &one.replace("Web", "Node").replace("ami-1", "ami-2")));
        assert_ne!(hashes(Kind::Yaml, one), hashes(Kind::Yaml, &one.replace("ImageId", "KeyName")));
    }

    #[test]
    fn shell_keeps_programs_and_options() {
        let one = "aws ec2 run-instances --image-id $AMI --count 5\n";
        assert_eq!(
            hashes(Kind::Shell, one),
            hashes(Kind::Shell, "aws ec2 run-instances \\\n  --image-id \"$IMG\" --count 9")
        );
        assert_ne!(hashes(Kind::Shell, one), hashes(Kind::Shell, &one.replace("--count", "--key-name")));
    }

    #[test]
    fn a_long_literal_is_read_as_a_text_of_its_own() {
        let program = |data: &str| format!("DATA = \"\"\"{data}\"\"\"\n");
        let (short, long) = (program("a b"), program("if a then\nb\nc\nwhile d\n"));
        assert!(tokens(Kind::Python, &long).len() > tokens(Kind::Python, &short).len() + 4);
        assert_eq!(tokens(Kind::Python, &long).last().map(|token| token.line), Some(4));
    }

    #[test]
    fn the_lists_are_sorted() {
        assert!(WRAPPERS.is_sorted() && LITERALS.is_sorted() && NAMES.is_sorted() && NAMED_BELOW.is_sorted());
    }
}

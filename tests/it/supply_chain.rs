//! What is in the program, against `deny.toml`: licences and sources, from Cargo itself.

use std::path::Path;
use std::process::Command;

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Packages of this platform's graph.
fn packages() -> Vec<serde_json::Value> {
    let version = output("rustc", &["-vV"]);
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let arguments = ["metadata", "--offline", "--locked", "--format-version", "1", "--filter-platform", host];
    let mut metadata: serde_json::Value = serde_json::from_str(&output(env!("CARGO"), &arguments)).unwrap();
    match metadata["packages"].take() {
        serde_json::Value::Array(packages) => packages,
        other => panic!("{other}"),
    }
}

fn deny() -> toml::Table {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("deny.toml")).unwrap().parse().unwrap()
}

fn strings(value: &toml::Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// Whether a licence expression can be met with these alone: SPDX, and the older `MIT/Apache-2.0`.
fn is_met(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut words = spaced.split_whitespace().peekable();
    let met = either(&mut words, allowed);
    assert_eq!(words.next(), None, "{expression}");
    met
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn either(words: &mut Words<'_>, allowed: &[String]) -> bool {
    let mut met = both(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        met |= both(words, allowed);
    }
    met
}

fn both(words: &mut Words<'_>, allowed: &[String]) -> bool {
    let mut met = one(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        met &= one(words, allowed);
    }
    met
}

fn one(words: &mut Words<'_>, allowed: &[String]) -> bool {
    match words.next().unwrap() {
        "(" => {
            let met = either(words, allowed);
            assert_eq!(words.next(), Some(")"));
            met
        }
        name => {
            let mut name = name.to_owned();
            if words.next_if_eq(&"WITH").is_some() {
                name = format!("{name} WITH {}", words.next().unwrap());
            }
            allowed.contains(&name)
        }
    }
}

#[test]
fn an_expression_is_met_as_spdx_says() {
    let allowed = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
    for met in ["MIT", "MIT/Apache-2.0", "GPL-2.0 OR MIT", "ISC AND (MIT OR GPL-3.0)", "Apache-2.0 WITH LLVM-exception"]
    {
        assert!(is_met(met, &allowed), "{met}");
    }
    for open in ["GPL-2.0", "MIT AND GPL-2.0", "(MIT OR ISC) AND MPL-2.0", "Apache-2.0", "ISC AND MIT AND X OR Y"] {
        assert!(!is_met(open, &allowed), "{open}");
    }
}

#[test]
fn every_licence_is_one_that_may_be_shipped() {
    let deny = deny();
    let allow = strings(&deny["licenses"]["allow"]);
    let exceptions = deny["licenses"]["exceptions"].as_array().unwrap();
    let mut wrong = Vec::new();
    for package in packages() {
        let (name, licence) = (package["name"].as_str().unwrap(), package["license"].as_str().unwrap_or("none"));
        let own = exceptions.iter().filter(|exception| exception["crate"].as_str() == Some(name));
        let mut allowed = allow.clone();
        allowed.extend(own.flat_map(|exception| strings(&exception["allow"])));
        if !is_met(licence, &allowed) {
            wrong.push(format!("{name}: {licence}"));
        }
    }
    assert!(wrong.is_empty(), "not allowed by deny.toml: {wrong:?}");
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/THIRD-PARTY.md")).unwrap();
    for exception in exceptions {
        let name = exception["crate"].as_str().unwrap();
        assert!(page.contains(&format!("`{name}`")), "{name} is not in THIRD-PARTY.md");
    }
}

#[test]
fn every_package_is_ours_or_of_the_registry() {
    let registry = "registry+https://github.com/rust-lang/crates.io-index";
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        match package["source"].as_str() {
            Some(source) => assert_eq!(source, registry, "{name}"),
            None => assert!(name == "stackmark" || name.starts_with("stackmark-"), "{name}"),
        }
    }
}

#[test]
fn banned_packages_are_not_there() {
    let deny = deny();
    let banned: Vec<&str> =
        deny["bans"]["deny"].as_array().unwrap().iter().map(|ban| ban["crate"].as_str().unwrap()).collect();
    assert!(!banned.is_empty());
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        assert!(!banned.contains(&name), "{name} is banned by deny.toml");
    }
}

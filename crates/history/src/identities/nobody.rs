//! Who signs and is nobody: programs, and machines whose owner never told git a name.

use super::names::normal_name;
use stackmark_evidence::git::Person;

/// Whether a program, not a person, signs so.
pub(crate) fn is_bot(person: &Person) -> bool {
    const NAMES: [&str; 10] = [
        "dependabot",
        "dependabot preview",
        "renovate",
        "renovate bot",
        "github actions",
        "github classroom",
        "gitlab bot",
        "copilot",
        "semantic release bot",
        "github",
    ];
    const ADDRESSES: [&str; 4] =
        ["noreply@github.com", "actions@github.com", "action@github.com", "noreply@anthropic.com"];
    let email = person.email.trim().to_lowercase();
    let name = person.name.trim().to_lowercase().replace(['-', '_'], " ");
    name.ends_with("[bot]")
        || email.contains("[bot]@")
        || NAMES.contains(&name.as_str())
        || ADDRESSES.contains(&email.as_str())
}

/// Whether an address was made up by a machine, or copied from a manual.
pub(super) fn is_of_a_machine(email: &str) -> bool {
    const HOSTS: [&str; 7] =
        [".local", ".internal", ".localdomain", ".lan", ".home", ".compute.amazonaws.com", ".cloudshell"];
    let (local, host) = email.split_once('@').unwrap_or((email, ""));
    is_nobodys_name(local)
        || host.is_empty()
        || !host.contains('.')
        || HOSTS.iter().any(|end| host.ends_with(end))
        || host.starts_with("ip-")
        || host == "example.com"
}

/// Whether machines, templates and installers sign so.
pub(super) fn is_nobodys_name(name: &str) -> bool {
    // As `normal_name` has them: words in the order of the alphabet.
    const NAMES: [&str; 43] = [
        "acer",
        "admin",
        "administrator",
        "asus",
        "azureuser",
        "centos",
        "cloudshell user",
        "codespace",
        "debian",
        "default",
        "dell",
        "desktop",
        "docker",
        "ec2 user",
        "etudiant",
        "fedora",
        "git",
        "gitpod",
        "guest",
        "hadoop",
        "hp",
        "jovyan",
        "laptop",
        "lenovo",
        "localhost",
        "macbook",
        "macbook pro",
        "name your",
        "none",
        "pc",
        "root",
        "runner",
        "ssm user",
        "student",
        "studente",
        "test",
        "ubuntu",
        "unknown",
        "user",
        "utente",
        "vagrant",
        "vscode",
        "you",
    ];
    NAMES.contains(&normal_name(name).as_str())
}

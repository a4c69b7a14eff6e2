//! What machines sign with whose owner never told git a name.

use stackmark_evidence::git::Person;

use super::names::{Signed, logins_of, normal_name};

/// What makes two identities one person's; nothing where a machine made all of it up.
pub(super) fn joining_keys(signed: &Signed) -> Vec<String> {
    let addresses = signed.addresses.iter().filter(|address| !is_of_a_machine(address));
    let logins = signed.addresses.iter().flat_map(|address| logins_of(address));
    let names = signed.names.iter().cloned().chain(logins);
    let names = names.map(|name| normal_name(&name)).filter(|name| !name.is_empty() && !is_nobodys_name(name));
    addresses.map(|address| format!("email {address}")).chain(names.map(|name| format!("name {name}"))).collect()
}

/// Whether a machine made the whole signature up: whose it is, it does not tell.
pub(crate) fn is_made_up(person: &Person) -> bool {
    joining_keys(&Signed::of(person)).is_empty()
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
    const NAMES: [&str; 45] = [
        "acer",
        "admin",
        "administrator",
        "asus",
        "azureuser",
        // An installer of servers for a game, which writes itself into the user's own configuration of git.
        "buildtools",
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
        "unconfigured",
        "unknown",
        "user",
        "utente",
        "vagrant",
        "vscode",
        "you",
    ];
    NAMES.contains(&normal_name(name).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_never_told_git_a_name_is_nobody() {
        for (name, email, is) in [
            ("BuildTools", "unconfigured@null.spigotmc.org", true),
            ("root", "root@ip-10-0-0-1.ec2.internal", true),
            ("Ubuntu", "ubuntu@ip-10-0-0-1", true),
            ("Ana García", "root@ip-10-0-0-1", false),
            ("BuildTools", "ana@uni.example", false),
        ] {
            let person = Person { name: name.to_owned(), email: email.to_owned() };
            assert_eq!(is_made_up(&person), is, "{name} <{email}>");
        }
    }
}

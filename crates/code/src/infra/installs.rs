//! What a script installs and starts: the words that it gives to package managers and their like.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::shell::{Variables, commands, without_prefixes};
use super::value::Budget;
use super::yaml::{Data, Yaml};
use crate::source::file_name;
use crate::syntax;

/// Longest list.
const MOST: usize = 300;

/// Sorted words. A script of cloud-init's own format is read as well.
pub(super) fn of(script: &str, budget: &Budget) -> Vec<String> {
    let mut words = BTreeSet::new();
    if script.trim_start().starts_with("#cloud-config") {
        of_cloud_config(script, budget, &mut words);
    } else {
        of_shell(script, budget, &mut words);
    }
    words.into_iter().take(MOST).collect()
}

fn of_shell(script: &str, budget: &Budget, words: &mut BTreeSet<String>) {
    let Some(tree) = syntax::bash(script) else { return };
    let mut variables = Variables::new(budget);
    variables.add(&tree, script);
    commands(&tree, script, &variables, |_, command, _| of_command(without_prefixes(&command), words));
}

fn of_command(command: &[String], found: &mut BTreeSet<String>) {
    let Some((program, arguments)) = command.split_first() else { return };
    let program = file_name(program);
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let plain = |words: &[&str]| -> Vec<String> {
        words.iter().filter(|word| !word.starts_with('-') && !word.is_empty()).map(|word| package(word)).collect()
    };
    let after = |names: &[&str]| words.iter().position(|word| names.contains(word)).map(|at| &words[at + 1..]);
    match program {
        "apt" | "apt-get" | "aptitude" | "yum" | "dnf" | "microdnf" | "snap" | "brew" | "amazon-linux-extras" => {
            if let Some(rest) = after(&["install", "reinstall", "localinstall", "groupinstall"]) {
                found.extend(plain(rest));
            }
        }
        "apk" => found.extend(after(&["add"]).map(plain).unwrap_or_default()),
        "npm" | "pnpm" | "yarn" | "gem" | "cargo" | "go" => {
            found.extend(after(&["install", "i", "add", "ci", "get"]).map(plain).unwrap_or_default());
        }
        // A Debian package by its file.
        "rpm" | "dpkg" if words.first().is_some_and(|first| first.starts_with("-i")) => {
            found.extend(plain(&words[1..]))
        }
        "pip" | "pip3" | "pipx" | "uv" => of_pip(&words, found),
        "python" | "python3" if words.starts_with(&["-m", "pip"]) => of_pip(&words[2..], found),
        "systemctl" | "service" | "rc-service" => {
            let verbs = ["start", "enable", "restart", "reload", "status", "stop", "disable", "daemon-reload"];
            let units = plain(&words);
            if ["start", "enable", "restart"].iter().any(|verb| words.contains(verb)) {
                found.extend(units.into_iter().filter(|unit| !verbs.contains(&unit.as_str())));
            }
        }
        "docker" | "podman" if words.first().is_some_and(|verb| matches!(*verb, "run" | "pull" | "compose")) => {
            found.insert(program.to_owned());
            found.extend(image(&words[1..]));
        }
        "docker-compose" => {
            found.insert(program.to_owned());
        }
        "git" if words.first() == Some(&"clone") => {
            let repository = words[1..].iter().find(|word| word.contains('/') && !word.starts_with('-'));
            let name = repository.map(|url| file_name(url.trim_end_matches('/')).trim_end_matches(".git").to_owned());
            found.extend(name);
        }
        // An installer that is fetched and run: `curl -fsSL https://get.docker.com | sh`.
        "curl" | "wget" => {
            let hosts = words.iter().filter_map(|word| word.split_once("://")).map(|(_, rest)| rest);
            found.extend(hosts.map(|rest| rest.split('/').next().unwrap_or(rest).to_owned()));
        }
        // What is started stays: `python3 app.py`, `gunicorn app:app`, `uvicorn main:app`, `node server.js`.
        "gunicorn" | "uvicorn" | "flask" | "node" | "java" | "uwsgi" | "nginx" | "httpd" | "python" | "python3" => {
            found.insert(program.to_owned());
            found.extend(plain(&words).into_iter().filter(|word| word.ends_with(".py") || word.ends_with(".js")));
        }
        _ => {}
    }
}

/// The image that a script starts, or what makes it (`docker compose`): only a run would tell what is in it. What is in one of
/// Docker's own (`nginx`) is known.
pub(super) fn container_of(script: &str, installs: &[String]) -> Option<String> {
    static STARTS: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let verbs = r"(?:\s+--?\S+)*\s+(?:run|pull|(compose|stack|build))\b";
        Regex::new(&format!(r"\b(?:docker|podman)(?:{verbs}|-(compose)(?:\s+--?\S+(?:\s+\S+)?)*\s+up\b)")).ok()
    });
    let started: Vec<Captures<'_>> = STARTS.as_ref()?.captures_iter(script).collect();
    let recipe = started.iter().find_map(|found| found.get(1).or_else(|| found.get(2)));
    if let Some(recipe) = recipe {
        return Some(format!("docker {}", recipe.as_str()));
    }
    let is_image = |word: &&String| word.contains('/') && !word.starts_with(['.', '/']) && !word.contains("://");
    installs.iter().find(is_image).filter(|_| !started.is_empty()).cloned()
}

/// Without a version: `flask==2.0`, `"boto3>=1.20"`, `nginx=1.18*`.
pub(super) fn package(word: &str) -> String {
    let word = word.trim_matches(['"', '\'']);
    let end = word.find(['=', '<', '>', '~', '!']).filter(|at| *at > 0).unwrap_or(word.len());
    word[..end].to_owned()
}

fn of_pip(words: &[&str], found: &mut BTreeSet<String>) {
    let Some(at) = words.iter().position(|word| *word == "install" || *word == "add") else { return };
    for word in &words[at + 1..] {
        if !word.starts_with('-') && !word.is_empty() {
            // `-r requirements.txt` stands there by the file's name.
            found.insert(package(file_name(word)));
        }
    }
}

/// The image of `docker run OPTIONS IMAGE`: the first word that is no option, nor the value of one.
fn image(words: &[&str]) -> Option<String> {
    let mut skip = false;
    for word in words {
        if std::mem::take(&mut skip) {
            continue;
        }
        if word.starts_with("--") && !word.contains('=') {
            skip = !matches!(*word, "--rm" | "--detach" | "--privileged" | "--init" | "--interactive" | "--tty");
        } else if word.starts_with('-') {
            skip = matches!(*word, "-p" | "-v" | "-e" | "-n" | "-w" | "-u" | "-h" | "-m");
        } else {
            return Some((*word).to_owned());
        }
    }
    None
}

fn of_cloud_config(script: &str, budget: &Budget, found: &mut BTreeSet<String>) {
    let Some(root) = Yaml::parse(script) else { return };
    let list = |name: &str| match root.get(name).map(|node| &node.data) {
        Some(Data::List(items)) => items.as_slice(),
        _ => &[],
    };
    for item in list("packages") {
        let name = match &item.data {
            Data::List(pair) => pair.first().and_then(Yaml::text),
            _ => item.text(),
        };
        found.extend(name.map(package));
    }
    for item in list("runcmd").iter().chain(list("bootcmd")) {
        match &item.data {
            Data::List(words) => {
                let words: Vec<String> = words.iter().filter_map(Yaml::text).map(str::to_owned).collect();
                of_command(without_prefixes(&words), found);
            }
            _ => item.text().into_iter().for_each(|line| of_shell(line, budget, found)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_installs(script: &str, expected: &[&str]) {
        assert_eq!(of(script, &Budget::new()), expected, "{script}");
    }

    #[test]
    fn words_of_package_managers_are_found() {
        assert_installs(
            "#!/bin/bash\nAPP=web\nsudo apt-get update -y && sudo DEBIAN_FRONTEND=noninteractive apt-get install -y python3-pip nginx=1.18\n\
             pip3 install 'flask==2.0' -r /home/ubuntu/requirements.txt\npython3 -m pip install gunicorn\n\
             git clone https://github.com/team/$APP.git\nsystemctl enable --now nginx\n# yum install httpd\n\
             nohup python3 app.py &\n",
            &["app.py", "flask", "gunicorn", "nginx", "python3", "python3-pip", "requirements.txt", "web"],
        );
        assert_installs(
            "yum install -y docker\nservice docker start\ncurl -fsSL https://get.docker.com | sh\ndocker run -d -p 80:80 --name web nginx:1\nsystemctl start redis\n",
            &["docker", "get.docker.com", "nginx:1", "redis"],
        );
    }

    #[test]
    fn what_is_in_an_image_is_not_known() {
        let container = |script: &str| container_of(script, &of(script, &Budget::new()));
        for (script, expected) in [
            ("docker run -d -p 80:80 ghcr.io/team/app\n", Some("ghcr.io/team/app")),
            ("sudo docker pull team/app:2 && docker run team/app:2\n", Some("team/app:2")),
            ("docker compose up -d\n", Some("docker compose")),
            ("docker-compose -f a.yml up\n", Some("docker compose")),
            ("docker build -t app . && docker run app\n", Some("docker build")),
            ("docker run -d nginx\n", None),
            ("apt-get install -y docker-compose\n", None),
            ("pip3 install flask\n", None),
        ] {
            assert_eq!(container(script).as_deref(), expected, "{script}");
        }
    }

    #[test]
    fn cloud_config_is_read() {
        assert_installs(
            "#cloud-config\npackages:\n  - httpd\n  - [php, 8.1]\nruncmd:\n  - systemctl start httpd\n  - [pip3, install, flask]\n",
            &["flask", "httpd", "php"],
        );
    }

    #[test]
    fn a_script_that_only_talks_installs_nothing() {
        assert_installs("echo apt-get install nginx\nsystemctl stop nginx\ndocker ps\n", &[]);
    }
}

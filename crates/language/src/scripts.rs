//! What a start script runs that it does not hold: files that it fetches or that were there before, and programs that find out
//! by themselves what to install. Only a run would tell what these do.

use std::collections::BTreeSet;

use minijinja::{Environment, Error, Value};

use super::value::sequence;

/// Characters of a line that are shown.
const SHOWN: usize = 100;
/// A word of base64 from here on may hold a script.
const PACKED: usize = 40;
/// Words before a command.
const BEFORE: [&str; 14] =
    ["sudo", "nohup", "exec", "time", "env", "nice", "command", "setsid", "if", "then", "do", "else", "!", "{"];
/// Options of these that have a word after them.
const WITH_WORD: [&str; 3] = ["-u", "-g", "-n"];
const SHELLS: [&str; 7] = ["bash", "sh", "zsh", "dash", "ksh", "source", "."];
const INTERPRETERS: [&str; 7] = ["python", "python3", "python2", "node", "ruby", "perl", "php"];
/// Programs that read elsewhere what they do.
const ELSEWHERE: [&str; 27] = [
    "docker-compose",
    "podman",
    "podman-compose",
    "nerdctl",
    "snap",
    "ansible-playbook",
    "ansible-pull",
    "cfn-init",
    "make",
    "puppet",
    "chef-client",
    "chef-solo",
    "salt-call",
    "terraform",
    "helm",
    "kubectl",
    "mvn",
    "gradle",
    "gradlew",
    "composer",
    "bundle",
    "yarn",
    "pnpm",
    "poetry",
    "pipenv",
    "iex",
    "eb",
];
/// Parts of the name of a file that sets an instance up, in whatever language.
const SETTING_UP: [&str; 6] = ["setup", "install", "bootstrap", "deploy", "init", "provision"];
/// Files that only set variables, and programs that serve what is named after them.
const SEEN: [&str; 16] = [
    "activate",
    ".bashrc",
    ".profile",
    ".bash_profile",
    "nvm.sh",
    "env",
    "gunicorn",
    "uvicorn",
    "flask",
    "celery",
    "java",
    "streamlit",
    "waitress-serve",
    "httpd",
    "nginx",
    "null",
];
/// What no list of a language's packages brings.
const NO_PACKAGES: [&str; 8] = ["venv", "nohup", "systemctl", "systemd", "screen", "tmux", "cron", "git"];
/// Folders of programs that packages bring.
const OF_PACKAGES: [&str; 6] = ["/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/lib/", "/etc/"];

/// Adds them to an environment.
pub(super) fn register(environment: &mut Environment<'_>) {
    environment.add_filter("running_unseen", |texts: Value, missing: Option<Value>| {
        let texts = sequence("running_unseen", &texts)?;
        let missing = missing.map(|missing| sequence("running_unseen", &missing)).transpose()?;
        let lists = missing.is_none_or(|missing| missing.iter().filter_map(Value::as_str).any(may_be_a_package));
        let lines = texts.iter().filter_map(Value::as_str).flat_map(|text| unseen(text, lists));
        Ok::<_, Error>(lines.collect::<Vec<String>>())
    });
    environment.add_filter("without_comments", |texts: Value| {
        let kept = |text: &Value| text.as_str().map_or_else(|| text.clone(), |text| Value::from(doing(text)));
        Ok::<_, Error>(sequence("without_comments", &texts)?.iter().map(kept).collect::<Vec<_>>())
    });
}

/// A script without its comments, and without what it only prints.
fn doing(text: &str) -> String {
    // cloud-init reads some of them.
    let is_read = |line: &str| ["#!", "#cloud-", "#include", "#part-"].iter().any(|mark| line.starts_with(mark));
    let is_comment = |line: &str| line.trim_start().starts_with('#') && !is_read(line);
    let prints = |line: &str| {
        let says = ["echo ", "printf ", "logger "].iter().any(|word| line.trim_start().starts_with(word));
        says && !line.contains(['>', '|', ';', '&', '`', '$'])
    };
    text.lines().filter(|line| !is_comment(line) && !prints(line)).collect::<Vec<_>>().join("\n")
}

/// Whether a file like `requirements.txt` may name it.
fn may_be_a_package(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) && !NO_PACKAGES.contains(&word)
}

/// What of a script is known.
struct Script<'t> {
    /// Names of the files that it writes.
    written: BTreeSet<&'t str>,
    /// Whether a list of packages may hold what is looked for.
    lists: bool,
}

impl Script<'_> {
    /// Whether a file that is run comes from elsewhere.
    fn is_foreign(&self, file: &str) -> bool {
        let of_package = OF_PACKAGES.iter().any(|folder| file.starts_with(folder));
        !self.written.contains(base(file)) && !SEEN.contains(&base(file)) && !of_package
    }

    /// `pip install -r requirements.txt`, and of a folder.
    fn installs_from_a_list(&self, arguments: &[&str]) -> bool {
        let listed = arguments.iter().position(|word| matches!(*word, "-r" | "--requirement"));
        let of_file = listed.is_some_and(|at| arguments.get(at + 1).is_some_and(|file| self.is_foreign(file)));
        self.lists && (of_file || arguments.iter().any(|word| matches!(*word, "-e" | "." | "./")))
    }
}

/// The lines of a script that run what it does not hold; `lists` as in [`Script`].
fn unseen(text: &str, lists: bool) -> Vec<String> {
    let lower = text.to_ascii_lowercase();
    let may_be_packed = ["base64", "b64", "!!binary"].iter().any(|mark| lower.contains(mark));
    let script = Script { written: written(text), lists };
    let text = text.replace("\\\n", " ");
    let lines = text.lines().filter(|line| runs_unseen(line, &script) || (may_be_packed && is_packed(line)));
    lines.map(|line| line.trim().chars().take(SHOWN).collect()).collect()
}

/// Names of the files that the script writes itself; what it downloads it does not know.
fn written(text: &str) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for line in text.lines().filter(|line| !["curl", "wget", "aws s3"].iter().any(|word| line.contains(word))) {
        let mut words = line.split_whitespace();
        while let Some(word) = words.next() {
            let file = match word.rsplit_once('>') {
                Some((_, "")) => words.next(),
                Some((_, file)) => Some(file),
                None if matches!(word, "tee" | "path:") => words.find(|word| !word.starts_with('-')),
                None => None,
            };
            names.extend(file.map(|file| base(unquoted(file))));
        }
    }
    names
}

fn unquoted(word: &str) -> &str {
    word.trim_matches(['"', '\''])
}

fn base(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn is_packed(line: &str) -> bool {
    let is_base64 = |word: &str| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte));
    line.split_whitespace().map(unquoted).any(|word| word.len() >= PACKED && is_base64(word))
}

fn runs_unseen(line: &str, script: &Script<'_>) -> bool {
    let line = line.trim();
    let lower = line.to_ascii_lowercase();
    // Handed on to cloud-init, or in another language.
    if ["#include", "#part-handler", "#ps1", "<powershell>", "<script>"].iter().any(|mark| lower.starts_with(mark)) {
        return true;
    }
    if line.starts_with('#') {
        return false;
    }
    if ["exec(", "eval(", "eval \"", "eval $", "eval `", "invoke-expression"].iter().any(|word| lower.contains(word)) {
        return true;
    }
    let line = line.strip_prefix("- ").unwrap_or(line).trim_start();
    // A command of cloud-init as a list of its words.
    let of_list = line.starts_with('[').then(|| line.replace(['[', ']', ','], " "));
    let line = of_list.as_deref().unwrap_or(line);
    commands(line).iter().any(|(piped, command)| is_unseen(command, *piped, script))
}

/// The commands of a line, and whether each reads what the one before gives.
fn commands(line: &str) -> Vec<(bool, String)> {
    let (mut found, mut piped, mut current) = (Vec::new(), false, String::new());
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        if matches!(character, '|' | '&' | ';' | '(' | ')' | '`') {
            let doubled = characters.next_if_eq(&character).is_some();
            found.push((piped, std::mem::take(&mut current)));
            piped = character == '|' && !doubled;
        } else {
            current.push(character);
        }
    }
    found.push((piped, current));
    found
}

fn is_unseen(command: &str, piped: bool, script: &Script<'_>) -> bool {
    let mut words = command.split_whitespace().map(unquoted).filter(|word| !word.is_empty());
    let program = loop {
        let Some(word) = words.next() else { return false };
        if let Some(started) = word.strip_prefix("ExecStart=") {
            break started;
        }
        if WITH_WORD.contains(&word) {
            words.next();
        } else if !(BEFORE.contains(&word) || word.starts_with('-') || is_assignment(word)) {
            break word;
        }
    };
    let arguments: Vec<&str> = words.collect();
    let first = arguments.iter().copied().find(|word| !word.starts_with('-'));
    let after = |option: &str| arguments.iter().position(|word| *word == option).map(|at| &arguments[at + 1..]);
    let name = base(program);
    if SHELLS.contains(&name) || matches!(name, "su" | "runuser") {
        if let Some(inner) = after("-c") {
            // `$(curl …)` was taken apart at its bracket.
            return inner.first().is_none_or(|word| word.starts_with('$'))
                || is_unseen(&inner.join(" "), false, script);
        }
        return match first {
            _ if matches!(name, "su" | "runuser") => false,
            None => piped,
            // A text of the script's own, and what a command or a file gives.
            Some(word) if word.starts_with("<<") => false,
            Some(word) => word.starts_with('<') || script.is_foreign(word),
        };
    }
    if ELSEWHERE.contains(&name) {
        return true;
    }
    if INTERPRETERS.contains(&name) {
        let of_pip = after("-m").filter(|module| matches!(module.first(), Some(&"pip" | &"pip3")));
        let sets_up = |file: &str| SETTING_UP.iter().any(|part| base(file).to_ascii_lowercase().contains(part));
        return match of_pip {
            Some(module) => script.installs_from_a_list(&module[1..]),
            None => first.is_some_and(|file| sets_up(file) && script.is_foreign(file)),
        };
    }
    match name {
        "pip" | "pip3" => script.installs_from_a_list(&arguments),
        "docker" => matches!(first, Some("run" | "compose" | "stack" | "load" | "start" | "exec")),
        "npm" | "npx" => match first {
            Some("install" | "i") => arguments.iter().filter(|word| !word.starts_with('-')).count() == 1,
            Some("start" | "run" | "ci" | "exec") => true,
            _ => name == "npx",
        },
        "apt" | "apt-get" | "yum" | "dnf" | "rpm" | "dpkg" | "zypper" => {
            arguments.iter().any(|word| word.ends_with(".deb") || word.ends_with(".rpm"))
        }
        _ => program.contains('/') && program.starts_with(['/', '.', '~', '$']) && script.is_foreign(program),
    }
}

fn is_assignment(word: &str) -> bool {
    let name = word.split_once('=').map(|(name, _)| name);
    name.is_some_and(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_a_run_would_tell_is_named() {
        for script in [
            "curl -s https://example.org/install.sh | bash",
            "wget -qO- https://example.org/a | sudo -E bash -",
            "bash <(curl -s https://example.org/install)",
            "bash -c \"$(curl -fsSL https://example.org/install.sh)\"",
            "curl -o /tmp/install https://example.org/install && chmod +x /tmp/install && /tmp/install",
            "git clone https://example.org/app /opt/app\nbash /opt/app/setup.sh",
            "git clone https://example.org/app && cd app && sudo ./run",
            "aws s3 sync s3://deploy/app /opt/app\ncd /opt/app && make run",
            "docker-compose -f /opt/app/compose.yml up -d",
            "sudo docker compose up -d",
            "podman run -d -p 80:5000 ghcr.io/x/y",
            "snap install my-app",
            "wget https://example.org/latest/install\nchmod +x ./install\n./install auto",
            "/opt/aws/bin/cfn-init -v --stack web --resource LT --region eu-west-1",
            "python3 - <<E\nimport urllib.request\nexec(urllib.request.urlopen('https://x/i.py').read())\nE",
            "pip3 install -r requirements.txt",
            "python3 -m pip install -r /opt/app/requirements.txt",
            "sudo -u ubuntu bash /home/ubuntu/start.sh",
            "su - ubuntu -c 'bash start.sh'",
            "#cloud-config\nruncmd:\n- [/opt/run.sh]",
            "#cloud-config\nruncmd:\n  - [\"bash\", \"/opt/run.sh\"]",
            "<powershell>\nStart-Service web\n</powershell>",
            "Invoke-WebRequest https://example.org/setup.ps1 | iex",
            "#include\nhttps://example.org/init",
            "Content-Transfer-Encoding: base64\n\nIyEvYmluL2Jhc2gKcGlwMyBpbnN0YWxsIGZsYXNrIGJvdG8zCg==",
        ] {
            assert_eq!(unseen(script, true).len(), 1, "{script}: {:?}", unseen(script, true));
        }
    }

    #[test]
    fn what_stands_in_the_script_is_seen() {
        for script in [
            "#!/bin/bash\npip3 install flask boto3\ngit clone https://example.org/app.git\nnohup python3 app.py > log 2>&1 &",
            "cat > /opt/run.sh <<'E'\npip install flask\nE\nbash /opt/run.sh",
            "echo 'flask' | sudo tee -a requirements.txt\npip install -r requirements.txt",
            "#cloud-config\nwrite_files:\n- path: /opt/run.sh\n  content: x\nruncmd:\n- [bash, /opt/run.sh]",
            "source venv/bin/activate\n. ~/.bashrc\nvenv/bin/gunicorn app:app",
            "/usr/bin/python3 app.py & /etc/init.d/nginx start",
            "apt-get install -y docker.io && systemctl enable --now docker",
            "# curl https://example.org/x | bash",
            "npm install express",
        ] {
            assert_eq!(unseen(script, true), Vec::<String>::new(), "{script}");
        }
    }

    #[test]
    fn a_list_of_packages_brings_packages_alone() {
        let script = "git clone x\npip3 install -r requirements.txt\npython3 app.py";
        assert_eq!(unseen(script, false), Vec::<String>::new());
        assert!(may_be_a_package("flask") && may_be_a_package("psycopg2-binary"));
        assert!(!["venv", "nohup", "app.py", "git clone", "&"].iter().any(|word| may_be_a_package(word)));
    }

    #[test]
    fn what_a_script_only_says_is_not_done() {
        assert_eq!(
            doing("echo flask nohup\n  printf 'flask'\necho flask > list\n# flask\nflask run"),
            "echo flask > list\nflask run"
        );
    }
}

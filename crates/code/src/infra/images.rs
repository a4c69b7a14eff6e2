//! Dockerfiles: what the image begins with, what is put into it, what it starts.

use tokei::LanguageType;

use crate::source::Source;
use crate::text::one_line;
use stackmark_collect::redact::redact;
use stackmark_evidence::infrastructure::ImageRecipe;

/// Longest instruction that is kept, in characters.
const LONGEST: usize = 200;
/// Most instructions of a kind.
const MOST: usize = 50;

/// All of them, by path.
pub(super) fn find(sources: &[Source]) -> Vec<ImageRecipe> {
    let dockerfiles = sources.iter().filter(|source| source.language == LanguageType::Dockerfile);
    let mut found: Vec<ImageRecipe> = dockerfiles.map(|source| read(&source.path, &source.text)).collect();
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

fn read(path: &str, text: &str) -> ImageRecipe {
    let mut image = ImageRecipe {
        path: path.to_owned(),
        from: String::new(),
        stages: 0,
        copies: Vec::new(),
        runs: Vec::new(),
        starts: String::new(),
        exposes: Vec::new(),
        user: None,
    };
    for instruction in instructions(text) {
        let Some((word, rest)) = instruction.split_once(char::is_whitespace) else { continue };
        let rest = one_line(&redact(rest.trim()).0, LONGEST);
        match word.to_ascii_uppercase().as_str() {
            "FROM" => {
                image.stages += 1;
                let base = rest.split_whitespace().find(|word| !word.starts_with("--"));
                image.from = base.unwrap_or_default().to_owned();
                // What an earlier stage starts is not in the image.
                image.starts.clear();
            }
            "COPY" | "ADD" if image.copies.len() < MOST => image.copies.push(rest),
            "RUN" if image.runs.len() < MOST => image.runs.push(rest),
            "CMD" | "ENTRYPOINT" => {
                if !image.starts.is_empty() {
                    image.starts.push(' ');
                }
                image.starts.push_str(&rest);
            }
            "EXPOSE" => image.exposes.extend(rest.split_whitespace().take(MOST).map(str::to_owned)),
            "USER" => image.user = Some(rest),
            _ => {}
        }
    }
    image
}

/// Logical lines: comments left out, lines that go on joined.
fn instructions(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut pending = String::new();
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with('#') {
            continue;
        }
        if let Some(start) = line.strip_suffix('\\') {
            pending.push_str(start);
            pending.push(' ');
            continue;
        }
        pending.push_str(line);
        if !pending.trim().is_empty() {
            found.push(std::mem::take(&mut pending));
        }
        pending.clear();
    }
    if !pending.trim().is_empty() {
        found.push(pending);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dockerfile_is_taken_apart() {
        let text = "# syntax=docker/dockerfile:1\nFROM node:22 AS build\nCOPY . .\nCMD [\"npm\", \"test\"]\nFROM --platform=linux/amd64 nginx:1.27\n\
                    run apt-get update && \\\n  apt-get install -y curl\ncopy --from=build /app/dist /usr/share/nginx/html\nEXPOSE 80 443/tcp\nUSER nginx\n";
        let image = read("web/Dockerfile", text);
        assert_eq!((image.from.as_str(), image.stages, image.starts.as_str()), ("nginx:1.27", 2, ""));
        assert_eq!(image.copies, [". .", "--from=build /app/dist /usr/share/nginx/html"]);
        assert_eq!(image.runs, ["apt-get update && apt-get install -y curl"]);
        assert_eq!((image.exposes.join(" "), image.user.as_deref()), ("80 443/tcp".to_owned(), Some("nginx")));
        assert_eq!(read("Dockerfile", "# nothing\n\n").stages, 0);
    }
}

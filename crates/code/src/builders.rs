//! Container images that are built in other ways than from a Dockerfile of the repository: what is in them, nothing here reads.

use std::sync::LazyLock;

use regex::Regex;
use tokei::LanguageType;

use super::source::Source;

/// Commands that build an image, and scripts that write a Dockerfile.
static COMMAND: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?x)
        \b(?:
            pack\s+build | nixpacks\s+build | buildah\s+(?:bud|build|from|commit) | docker\s+commit
            | ko\s+(?:build|publish|apply|resolve)
            | (?:mvnw?|gradlew?)\s.*(?:jib|build-image|bootBuildImage)
        )\b
        # Into that file, and no arrow; behind its name the word ends, or a text follows: `Dockerfile.log` is none.
        | (?:(?:^|[^=>-])>>?|\btee\s)\s*["']?[\w./${}-]*\bDockerfile(?:["'\s;&|)]|$|\.[\w.-]+["']?\s*<<)
        | \bopen\(\s*["'][^"']*Dockerfile["']\s*,\s*["']w
        "#,
    )
    .ok()
});

/// Whether a file builds an image so.
pub(super) fn is_other(source: &Source) -> bool {
    use LanguageType as L;
    let text = source.text.as_str();
    match source.language {
        L::Xml => text.contains("jib-maven-plugin") || text.contains("<goal>build-image"),
        L::Groovy | L::Kotlin => text.contains("com.google.cloud.tools.jib") || text.contains("bootBuildImage"),
        L::Sh | L::Bash | L::Zsh | L::Fish | L::PowerShell | L::Batch | L::Makefile | L::Yaml | L::Python => {
            let Some(pattern) = COMMAND.as_ref() else { return false };
            text.lines().any(|line| !line.trim_start().starts_with('#') && pattern.is_match(line))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_other(language: LanguageType, text: &str, expected: bool) {
        let source = Source { path: "a".into(), language, text: text.into() };
        assert_eq!(is_other(&source), expected, "{text}");
    }

    #[test]
    fn other_builders_are_known_by_their_commands_and_plugins() {
        assert_other(LanguageType::Xml, "<artifactId>jib-maven-plugin</artifactId>\n", true);
        assert_other(LanguageType::Groovy, "plugins { id 'com.google.cloud.tools.jib' version '3' }\n", true);
        for line in [
            "pack build shop --builder paketobuildpacks/builder-jammy-base",
            "  - ./mvnw -B spring-boot:build-image",
            "ko build ./cmd/shop",
            "docker commit web shop:1",
            "cat > Dockerfile <<'EOF'",
            "cat > Dockerfile.prod <<EOF",
            "sudo tee /srv/Dockerfile <<EOF",
            "(echo FROM nginx; echo COPY . /web) >\"$HOME/web/Dockerfile\"",
            "echo USER web >> Dockerfile; docker build .",
        ] {
            assert_other(LanguageType::Bash, line, true);
        }
        assert_other(LanguageType::Python, "with open('Dockerfile', 'w') as it:\n", true);
    }

    #[test]
    fn a_dockerfile_that_is_used_is_no_other_builder() {
        for line in [
            "docker build -f app/Dockerfile .",
            "# pack build shop",
            "cp Dockerfile app/",
            "npm pack",
            "unpack build.zip",
            "docker build . > Dockerfile.log",
            "docker build . 2>&1 | tee Dockerfile.log",
            "echo \"==> Dockerfile is built\"",
            "echo '-> Dockerfile'",
        ] {
            assert_other(LanguageType::Bash, line, false);
        }
        assert_other(LanguageType::Python, "open('Dockerfile').read()\n", false);
        assert_other(LanguageType::Xml, "<artifactId>spring-boot-maven-plugin</artifactId>\n", false);
    }
}

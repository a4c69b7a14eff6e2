//! Which tools of generative AI a document names: what it discloses, in its words, for whoever reads it beside the
//! course's policy. That a tool is named says neither that it was used nor for what; the quote does.

use stackmark_code::text::folded_words;
use stackmark_evidence::closed::ClaimKind;
use stackmark_evidence::report::Claim;

use super::claims::{LONGEST_LINE, keep};
use super::document::Content;
use super::quote;

/// What nobody and nothing else is called so, as folded words. Who signs commits stands in `programs.toml` of the history.
const TOOLS: [(&str, &[&str]); 7] = [
    ("ChatGPT", &["chatgpt", "chat gpt", "gpt 3", "gpt 4", "gpt 4o", "gpt 5", "openai"]),
    ("GitHub Copilot", &["github copilot", "copilot chat", "microsoft copilot"]),
    ("Claude", &["claude ai", "claude code", "claude 3", "claude 4", "claude opus", "claude sonnet", "anthropic"]),
    ("Gemini", &["google gemini", "gemini pro", "gemini flash", "gemini cli", "gemini code assist"]),
    ("Cursor", &["cursor ai", "cursor ide"]),
    ("Le Chat", &["mistral ai", "le chat de mistral"]),
    ("generative AI", &GENERAL),
];

/// The kind of tool, in the three languages.
const GENERAL: [&str; 15] = [
    "generative ai",
    "gen ai",
    "genai",
    "ai generated",
    "ai assistant",
    "ai assistants",
    "ai tools",
    "llm",
    "llms",
    "large language model",
    "ia generative",
    "intelligence artificielle",
    "ia generativa",
    "ai generativa",
    "intelligenza artificiale",
];

/// Names that people, other tools and stars have as well: they count in a line that names a tool in another way.
const COMMON: [(&str, &str); 3] = [("GitHub Copilot", "copilot"), ("Claude", "claude"), ("Gemini", "gemini")];

/// Adds the tools that the text of `content`, the file at `path`, names; each where it first stands.
pub(super) fn named(content: &Content, path: &str, claims: &mut Vec<Claim>) {
    for line in content.lines.iter().filter(|line| line.text.len() <= LONGEST_LINE) {
        let words = folded_words(&line.text);
        let mut tools: Vec<&str> = TOOLS
            .iter()
            .filter(|(_, names)| names.iter().any(|name| says(&words, name)))
            .map(|(tool, _)| *tool)
            .collect();
        if !tools.is_empty() {
            tools.extend(COMMON.iter().filter(|(_, name)| says(&words, name)).map(|(tool, _)| *tool));
        }
        for tool in tools {
            let claim = Claim {
                kind: ClaimKind::GenerativeAi,
                value: tool.to_owned(),
                count: None,
                exists: None,
                path: path.to_owned(),
                place: line.place.to_string(),
                quote: quote(&line.text),
            };
            keep(claims, claim);
        }
    }
}

/// Whether the words of `name` follow each other among `words`.
fn says(words: &[String], name: &str) -> bool {
    let name: Vec<&str> = name.split(' ').collect();
    words.windows(name.len()).any(|window| window.iter().zip(&name).all(|(word, wanted)| word == wanted))
}

#[cfg(test)]
mod tests {
    use super::super::document;
    use super::*;

    fn tools(text: &str) -> Vec<String> {
        let mut claims = Vec::new();
        named(&document::markdown(text), "report.md", &mut claims);
        claims.into_iter().map(|it| it.value).collect()
    }

    #[test]
    fn tools_are_named_in_three_languages() {
        for (text, expected) in [
            ("We asked ChatGPT for the user data.", vec!["ChatGPT"]),
            ("L’IA générative a servi à relire ce rapport.", vec!["generative AI"]),
            ("Il codice è stato scritto senza intelligenza artificiale.", vec!["generative AI"]),
            ("Of ChatGPT and Copilot, we took the second.", vec!["ChatGPT", "GitHub Copilot"]),
        ] {
            assert_eq!(tools(text), expected, "{text}");
        }
    }

    #[test]
    fn what_others_are_called_is_no_tool() {
        for text in [
            "Claude wrote the Terraform files.",
            "We deploy with AWS Copilot: `copilot svc deploy`.",
            "The cursor of the database stays open.",
            "Gemini is the name of our cluster.",
        ] {
            assert_eq!(tools(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_tool_is_quoted_where_it_first_stands() {
        let mut claims = Vec::new();
        let text = "# Report\n\nChatGPT proposed the names.\n\nChatGPT was wrong about the ports.\n";
        named(&document::markdown(text), "report.md", &mut claims);
        let [claim] = claims.as_slice() else { panic!("{claims:?}") };
        assert_eq!((claim.place.as_str(), claim.quote.as_str()), ("line 3", "ChatGPT proposed the names."));
    }
}

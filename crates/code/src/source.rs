//! A file of source, and what its name and its language tell.

use tokei::LanguageType;

/// One file's text.
pub(super) struct Source {
    pub(super) path: String,
    pub(super) language: LanguageType,
    /// Decoded, lines ended by `\n`.
    pub(super) text: String,
}

/// The last part of a path.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Formats of data, markup and style, which call nothing and define no functions.
pub(super) fn is_format(language: LanguageType) -> bool {
    use LanguageType as L;
    matches!(
        language,
        L::Json
            | L::Toml
            | L::Ini
            | L::Html
            | L::Xml
            | L::Svg
            | L::Css
            | L::PostCss
            | L::Sass
            | L::Less
            | L::Stylus
            | L::Sql
            | L::Graphql
            | L::Protobuf
            | L::MsBuild
            | L::NuGetConfig
            | L::VisualStudioProject
            | L::VisualStudioSolution
            | L::Gohtml
            | L::Handlebars
            | L::Jinja2
            | L::Mustache
            | L::Tera
            | L::Twig
            | L::PlantUml
            | L::D2
    )
}

/// Formats in which nobody writes comments.
pub(super) fn is_documented_in_comments(language: LanguageType) -> bool {
    use LanguageType as L;
    !matches!(language, L::Json | L::Html | L::Xml | L::Svg | L::Css | L::Jupyter)
}

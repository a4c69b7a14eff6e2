//! A file of source, and what its name and its language tell.

use tokei::LanguageType;

/// First line of what Git LFS leaves in place of a file.
const LFS_POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";
/// Pointers are three lines.
const LONGEST_POINTER: usize = 1_024;

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

/// Whether content is what Git LFS leaves in place of a file.
pub(super) fn is_lfs_pointer(bytes: &[u8]) -> bool {
    bytes.starts_with(LFS_POINTER) && bytes.len() <= LONGEST_POINTER
}

/// The size that a pointer names.
pub(super) fn size_in_pointer(pointer: &[u8]) -> Option<u64> {
    String::from_utf8_lossy(pointer).lines().find_map(|line| line.strip_prefix("size ")?.trim().parse().ok())
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

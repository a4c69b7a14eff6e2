//! The commands of LaTeX that are looked for.

use std::sync::LazyLock;

use regex::Regex;

pub(super) struct Patterns {
    pub(super) section: Regex,
    pub(super) include: Regex,
    pub(super) accent: Regex,
    pub(super) command: Regex,
    pub(super) image: Regex,
    pub(super) caption: Regex,
    pub(super) link: Regex,
    pub(super) begin: Regex,
    pub(super) argument: Regex,
    pub(super) item: Regex,
    pub(super) row_end: Regex,
    pub(super) rule: Regex,
    pub(super) bold: Regex,
}

pub(super) static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    Some(Patterns {
        section: Regex::new(r"\\(title|part|chapter|(?:sub){0,2}section|(?:sub)?paragraph)\*?\s*(?:\[[^\]]*\])?\s*\{((?:[^{}]|\{[^{}]*\})*)\}").ok()?,
        include: Regex::new(r"\\(?:input|include|subfile|subfileinclude)\s*\{([^{}]+)\}|\\input\s+([^\s{}\\]+)|\\(sub)?(?:import|inputfrom|includefrom)\*?\s*\{([^{}]*)\}\s*\{([^{}]+)\}").ok()?,
        accent: Regex::new(r#"\\(?:(['`^"~=.])|([cuvH])(?:\s|\{))\{?(\\?[A-Za-z])\}?"#).ok()?,
        command: Regex::new(r"\\(?:begin|end|usepackage|documentclass|label|ref|cite|includegraphics)\*?(?:\[[^\]]*\])?(?:\{[^{}]*\})?|\\[A-Za-z]+\*?(?:\[[^\]]*\])?|[{}$~]|\\\\").ok()?,
        image: Regex::new(r"\\include(?:graphics|svg|pdf|standalone)\*?(?:\[[^\]]*\])?\{([^{}]*)\}").ok()?,
        caption: Regex::new(r"\\caption\*?(?:\[[^\]]*\])?\{((?:[^{}]|\{[^{}]*\})*)\}").ok()?,
        link: Regex::new(r"\\(?:href|url|lstinputlisting|inputminted\{[^{}]*\})(?:\[[^\]]*\])?\{([^{}]*)\}").ok()?,
        begin: Regex::new(r"\\begin\{(lstlisting|verbatim|Verbatim|minted|tabular[x*]?|longtable|figure|table)\*?\}").ok()?,
        argument: Regex::new(r"\{[^{}]*\}").ok()?,
        item: Regex::new(r"\\item\b\s*(?:\[([^\]]*)\])?").ok()?,
        row_end: Regex::new(r"\\\\(?:\[[^\]]*\])?|\\tabularnewline\b").ok()?,
        bold: Regex::new(r"^\s*(?:\\(?:noindent|medskip|bigskip|smallskip|large|Large|par)\b\s*)*(?:\\textbf\{([^{}]+)\}|\{\s*\\(?:bf|bfseries)\s+([^{}]+)\})\s*:?\s*(?:\\\\)?\s*$").ok()?,
        rule: Regex::new(r"\\c(?:mid)?(?:line|rule)(?:\([^)]*\))?\s*\{[^{}]*\}").ok()?,
    })
});

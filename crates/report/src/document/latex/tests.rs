use super::*;

#[test]
fn sections_text_and_included_files_are_read() {
    let source = "\\documentclass{article}\n\\begin{document}\n\\section*{D\\'eploiement {\\it du} service}\n\
                  50\\% done % not \\section{this}\n\\input{parts/end}\n\\includegraphics[width=1cm]{a.png}\n\\end{document}\n";
    let included =
        |path: &str| (path == "parts/end").then(|| "\\subsection{Résultats}\n\\input{parts/end}\n".to_owned());
    let content = latex(source, &included).unwrap();
    let headings: Vec<String> = content.headings.iter().map(|h| format!("{} @ {}", h.text, h.place)).collect();
    assert_eq!(headings[0], "Déploiement du service @ line 3");
    assert_eq!(headings[1], "Résultats @ line 1 of parts/end");
    assert_eq!(headings.len(), 1 + MAX_DEPTH as usize, "a file that includes itself ends");
    assert_eq!(content.figures, Some(1));
    assert!(content.lines.iter().any(|line| line.text == "50% done"));
    assert!(is_main(source) && !is_main("\\section{A}"));
}

#[test]
fn headings_over_several_lines_and_of_own_commands_are_read() {
    let source = "\\newcommand{\\partie}[1]{%\n  \\section{#1}\n}\n\\section\n[short]\n{The two\nclusters}\nWords.\n\
                  \\partie{Results}\nMore.\n\\subsection{Never\n\nEnds.\n";
    let content = latex(source, &|_| None).unwrap();
    let headings: Vec<String> = content.headings.iter().map(|h| format!("{} @ {}", h.text, h.place)).collect();
    assert_eq!(headings, ["The two clusters @ line 4", "Results @ line 9"]);
    for text in ["Words.", "More.", "Ends."] {
        assert!(content.lines.iter().any(|line| line.text == text), "{text}: {:?}", content.lines);
    }
}

#[test]
fn what_may_not_be_set_is_counted_and_kept() {
    let words = "We deploy nine instances.\n".repeat(6);
    let unseen = |before: &str, after: &str| {
        let source = format!("\\begin{{document}}\nSee code.\n{before}\n{words}{after}\n\\end{{document}}\n");
        let content = latex(&source, &|_| None).unwrap();
        assert!(content.lines.iter().any(|line| line.text.contains("nine instances")), "{before}");
        content.unseen.words()
    };
    for (before, after) in [
        ("\\if0", "\\fi"),
        ("\\ifx\\a\\b", "\\fi"),
        ("\\color{white}", ""),
        ("\\newcommand{\\x}{", "}"),
        ("\\setbox0=\\vbox{", "}"),
    ] {
        assert!(unseen(before, after).is_some(), "{before}");
    }
    assert_eq!(unseen("", ""), None);
    assert_eq!(unseen("{\\color{blue}", "}"), None);
    let ended = latex(&format!("\\section{{A}}\nSee code.\\endinput\n{words}"), &|_| None).unwrap();
    assert!(ended.lines.iter().all(|line| !line.text.contains("nine")), "{:?}", ended.lines);
}

#[test]
fn what_the_environments_hold_is_told() {
    let source = "\\begin{figure}[h]\n\\includegraphics[width=1cm]{img/a b.png}\n\\caption{The \\textbf{cluster}}\n\\end{figure}\n\
                  \\begin{tabular}{|l|c|p{3cm}|}\na & b & c \\\\\n1 & 2 & 3 \\\\\n\\end{tabular}\n\
                  \\begin{minted}[frame=single]{bash}\nls -l % all\n\\section{no}\n\\end{minted}\n\
                  \\begin{comment}\n\\section{What you must do}\n\\end{comment}\n\
                  See \\href{https://example.org/a}{there}. Fran\\c{c}ais, na\\\"{\\i}f.\n";
    let content = latex(source, &|_| None).unwrap();
    let figure =
        Figure { caption: Some("The cluster".into()), target: Some("img/a b.png".into()), place: Place::Line(2) };
    assert_eq!(content.figure_list, [figure]);
    assert_eq!(content.tables.unwrap(), [Table { rows: 2, columns: 3, place: Place::Line(5) }]);
    let text = "ls -l % all\n\\section{no}\n".to_owned();
    assert_eq!(content.listings.unwrap(), [Listing { language: Some("bash".into()), text, place: Place::Line(9) }]);
    assert_eq!(content.links, [Link { target: "https://example.org/a".into(), place: Place::Line(16) }]);
    assert!(content.headings.is_empty(), "{:?}", content.headings);
    assert!(content.lines.iter().any(|line| line.text.contains("Français, naïf")), "{:?}", content.lines);
}

#[test]
fn lists_tables_and_figures_are_told_from_paragraphs() {
    let source = "\\documentclass{article}\n\\title{Report}\n\\section{Architecture}\n\\begin{figure}\n\\includegraphics{a.png}\n\\caption{The cluster}\n\\end{figure}\n\
                  \\subsection{Results}\n\\begin{tabular}{|l|c|} \\hline\nset & mean \\\\ \\cline{1-2}\nA \\& B &\n33 \\\\\n\\end{tabular}\n\
                  \\begin{itemize}\n\\item[Ada Quill] the client\n\\item the rest\n of it\n\\end{itemize}\n\\includegraphics{b.png}\n\
                  \\begin{verbatim}\nls -l\n\\end{verbatim}\n\\end{document}\nNever set.\n";
    let content = latex(source, &|_| None).unwrap();
    let shaped: Vec<String> = content
        .lines
        .iter()
        .filter(|line| line.shape != Shape::Text)
        .map(|line| format!("{:?} {} @ {}", line.shape, line.text, line.place))
        .collect();
    assert_eq!(
        shaped,
        [
            "Figure The cluster @ line 5",
            "Row | set | mean | @ line 10",
            "Row | A & B | 33 | @ line 12",
            "Item Ada Quill the client @ line 15",
            "Item the rest @ line 16",
            "Figure  @ line 19",
            "Code ls -l @ line 21",
        ]
    );
    let levels: Vec<Shape> = content.headings.iter().map(|heading| heading.shape).collect();
    assert_eq!(levels, [Shape::Heading(1), Shape::Heading(3), Shape::Heading(4)]);
    assert!(!content.lines.iter().any(|line| line.text.contains("Never")), "{:?}", content.lines);
}

#[test]
fn imported_chapters_are_read_from_their_folders() {
    let included = |path: &str| {
        let text = match path {
            "parts/all.tex" => "\\subimport{deep/}{end}\n\\input{side}\n",
            "parts/deep/end" => "Deep.\n",
            "parts/side" => "Side.\n",
            "plain" => "Plain.\n",
            _ => return None,
        };
        Some(text.to_owned())
    };
    let source = "\\import{parts/}{all.tex}\n\\input plain\n\\iffalse\n\\input{gone}\n\\fi\n";
    let content = latex(source, &included).unwrap();
    let said: Vec<&str> =
        content.lines.iter().map(|line| line.text.as_str()).filter(|text| text.ends_with('.')).collect();
    assert_eq!(said, ["Deep.", "Side.", "Plain."]);
    let failure = latex("\\subimport{parts}{gone}\n", &|_| None).unwrap_err();
    assert!(failure.detail.contains("parts/gone"), "{failure}");
}

#[test]
fn a_chapter_that_is_not_there_is_not_one_that_was_not_written() {
    let nothing = |_: &str| None;
    assert_eq!(latex("\\input{parts/results}\n", &nothing).unwrap_err().cause, Cause::Malformed);
    assert!(latex("\\input{plot.pgf}\nText.\n", &nothing).is_ok(), "a drawing is no chapter");
}

#[test]
fn what_includes_a_file_again_and_again_ends() {
    let source = "\\input{a}\n".repeat(100);
    let reads = std::cell::Cell::new(0);
    let included = |_: &str| {
        reads.set(reads.get() + 1);
        Some(source.clone())
    };
    assert!(latex(&source, &included).is_ok() && reads.get() <= MAX_INCLUDED, "{}", reads.get());
    assert!(latex(&"x".repeat(MAX_TEXT_BYTES + 1), &included).is_err());
}

#[test]
fn a_line_in_bold_is_a_heading() {
    let titles = |source: &str| {
        let content = latex(source, &|_| None).unwrap();
        content.headings.into_iter().map(|heading| heading.text).collect::<Vec<_>>()
    };
    assert_eq!(titles("\\noindent\\textbf{Deployment}\\\\\nWe run it.\n{\\bf Results:}\n"), ["Deployment", "Results:"]);
    for source in [
        "\\textbf{Flask} answers.\n",
        "\\textbf{Do not run this.}\n",
        "\\begin{tabular}{l}\n\\textbf{Type}\n\\end{tabular}\n",
    ] {
        assert_eq!(titles(source), [""; 0], "{source}");
    }
}

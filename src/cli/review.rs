//! `stackmark review`: what waits for a person, in the browser.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use stackmark_class::blind;
use stackmark_class::run::Run;
use stackmark_class::store::Results;
use stackmark_class::{Exit, Failure, Voice as _, documents};
use stackmark_language::expression::Engine;
use stackmark_review::server::Server;
use stackmark_review::{Desk, Opening};

use super::options::Shared;
use super::output::Output;
use super::{Signals, runtime};

/// Options of `stackmark review`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Results folder
    #[arg(short, long, alias = "results", value_name = "DIR", default_value = "results")]
    out: PathBuf,
    /// Marker's name in reports (default: git's user.name)
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Hide the names of teams and members (default: if `grade --blind` made pseudonyms)
    #[arg(long)]
    blind: bool,
    /// Show the names of teams and members, even if `--blind` made pseudonyms before
    #[arg(long, conflicts_with = "blind")]
    names: bool,
    /// Draw N decided items for a second marker, and show their agreement
    #[arg(long, value_name = "N")]
    spot: Option<usize>,
    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,
    /// Print the address without opening a browser
    #[arg(long)]
    no_open: bool,
    /// List open items without starting the server
    #[arg(long, conflicts_with = "skeleton")]
    list: bool,
    /// Print a block for each team's overrides.toml, to fill in by hand
    #[arg(long)]
    skeleton: bool,
}

/// Runs the command.
pub(super) fn run(args: Args, shared: &Shared, output: &Output) -> Result<Exit, Failure> {
    let results = Results::at(&args.out);
    if !results.run().exists() {
        let message = format!("{} holds no run: name a results folder with --out", args.out.display());
        return Err(Failure::usage(message));
    }
    let run = Run::read(&results.run())?;
    let mut library = documents::library(&shared.library)?;
    // The very rubric and checks of the run come first, so that a later binary cannot move a mark.
    library.add_folder(&results.course())?;
    let rubric = documents::rubric(&run.rubric.id, &mut library, &Engine::new(), output)?;
    let templates = documents::templates(&library)?;
    let course = library.documents_of(&rubric);
    let only_read = args.list || args.skeleton;
    let marker = match args.by.or_else(from_git).filter(|name| !name.trim().is_empty()) {
        Some(name) => name.trim().to_owned(),
        None if only_read => String::new(),
        None => return Err(Failure::usage("no marker's name: give --by NAME, as reports show it")),
    };
    let spot = args.spot.filter(|_| !only_read);
    let by_pseudonyms = !args.blind && !args.names && results.root().join(blind::MAP).is_file();
    let blind = args.blind || by_pseudonyms;
    if by_pseudonyms {
        output.note("names are hidden, as --blind made pseudonyms for these results before: --names shows them");
    } else if args.blind && args.skeleton {
        output.note("names are hidden: --names says which overrides.toml each block is for");
    }
    let desk = Desk::open(Opening { results, rubric, course, templates, marker, blind, spot })?;
    if only_read {
        let printed = if args.list { desk.list() } else { desk.skeleton() };
        // The list is for people; the skeleton is a file.
        let said = if args.list { output.list(&printed.text) } else { output.result(&printed.text) };
        said?;
        // A decision written by hand was judged on the way.
        desk.renew_class()?;
        for problem in &printed.problems {
            // An excerpt has a sign of its own.
            if problem.contains('\n') { output.note(problem) } else { output.error(problem) }
        }
        return Ok(if printed.problems.is_empty() { Exit::Graded } else { Exit::BadCourse });
    }
    runtime()?.block_on(async {
        // Before anybody can decide: the class's table is written once more at the end.
        let signals = Signals::listen();
        let server = Server::bind(desk, args.port).await?;
        let address = server.address();
        output.result(&format!("{address}\n"))?;
        let opened = if args.no_open { None } else { open(&address, &args.out) };
        if opened.is_none() && !args.no_open {
            output.note("no browser could be opened: open the address above yourself");
        }
        output.note("decisions are written at once; Ctrl-C ends the server");
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let serving = server.serve(async move {
            let _ = stopped.await;
        });
        tokio::pin!(serving);
        tokio::select! {
            served = &mut serving => served?,
            _ = signals.asked() => {
                let _ = stop.send(());
                (&mut serving).await?;
            }
        }
        drop(opened);
        Ok(Exit::Graded)
    })
}

fn from_git() -> Option<String> {
    git2::Config::open_default().ok()?.get_string("user.name").ok()
}

/// Opens the browser by a page in the results folder that only its owner can read: other users see a command's arguments,
/// and the address holds the token.
fn open(address: &str, folder: &Path) -> Option<tempfile::NamedTempFile> {
    let display = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    let program = match std::env::consts::OS {
        "macos" => "open",
        "windows" => "explorer",
        _ if display => "xdg-open",
        _ => return None,
    };
    let folder = std::path::absolute(folder).ok()?;
    let mut page = tempfile::Builder::new().prefix(".review-").suffix(".html").tempfile_in(folder).ok()?;
    let text =
        format!("<!DOCTYPE html><meta charset=\"utf-8\"><meta http-equiv=\"refresh\" content=\"0; url={address}\">\n");
    page.write_all(text.as_bytes()).ok()?;
    let mut command = Command::new(program);
    command.arg(page.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().ok()?;
    Some(page)
}

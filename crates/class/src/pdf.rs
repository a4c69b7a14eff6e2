//! Reports as PDF, through a program that is installed: WeasyPrint or Chromium.
//!
//! The same page gives the same bytes: the only date in the file is that of the evidence, or SOURCE_DATE_EPOCH.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use stackmark_evidence::files::AtPath as _;

use crate::at_once::STACK;
use crate::failure::Failure;
use crate::store::{self, Results};
use crate::stored::read_evidence;

/// The report's name in a team's folder.
pub(crate) const FILE: &str = "report.pdf";
/// How long a program may take for one report. A report of 60 members takes WeasyPrint some ten seconds.
const LIMIT: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(50);
/// No more programs run at once: each takes some hundred megabytes.
const MOST_AT_ONCE: usize = 4;
/// Programs that print pages, the preferred first.
const PROGRAMS: [(&str, Kind); 5] = [
    ("weasyprint", Kind::WeasyPrint),
    ("chromium", Kind::Chromium),
    ("chromium-browser", Kind::Chromium),
    ("google-chrome", Kind::Chromium),
    ("chrome", Kind::Chromium),
];
/// What stands before the date in a PDF; fourteen digits follow.
const DATES: [&[u8]; 2] = [b"/CreationDate (D:", b"/ModDate (D:"];
const DIGITS: usize = 14;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    WeasyPrint,
    Chromium,
}

/// A program that prints pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printer {
    program: PathBuf,
    kind: Kind,
}

impl Printer {
    /// The first known program in the folders of `path`, which has the form of `PATH`.
    ///
    /// # Errors
    /// None is there; the message says what to install.
    pub fn find(path: Option<&OsStr>) -> Result<Self, Failure> {
        let folders: Vec<PathBuf> = path.map(|path| std::env::split_paths(path).collect()).unwrap_or_default();
        let there = |name: &str| folders.iter().map(|folder| folder.join(name)).find(|program| program.is_file());
        PROGRAMS.iter().find_map(|(name, kind)| Some(Self { program: there(name)?, kind: *kind })).ok_or_else(|| {
            Failure::usage("no program on the PATH makes a PDF: install WeasyPrint (weasyprint) or Chromium (chromium)")
        })
    }

    /// The PDF of a page; `moment` is its date, in seconds since 1970.
    ///
    /// # Errors
    /// The program fails, takes longer than two minutes, or makes no PDF; the message has its last line.
    pub fn print(&self, page: &str, moment: i64) -> Result<Vec<u8>, Failure> {
        // The page stands alone in a private folder: it needs nothing else, and no path of this machine gets into the file.
        let folder = tempfile::tempdir().at(&std::env::temp_dir())?;
        let (source, target) = (folder.path().join("report.html"), folder.path().join("report.pdf"));
        let said = folder.path().join("said");
        std::fs::write(&source, page).at(&source)?;
        let mut child = self
            .command(folder.path(), &source, &target)
            .env("SOURCE_DATE_EPOCH", moment.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&said).at(&said)?)
            .spawn()
            .map_err(|error| Failure::unexpected(format!("{}: {error}", self.program.display())))?;
        let started = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break status;
            }
            if started.elapsed() > LIMIT {
                let _ = child.kill();
                let _ = child.wait();
                return Err(self.failed(&format!("no PDF after {} seconds", LIMIT.as_secs())));
            }
            std::thread::sleep(LOOK);
        };
        match std::fs::read(&target) {
            Ok(mut pdf) if status.success() && pdf.starts_with(b"%PDF-") => {
                set_dates(&mut pdf, moment);
                Ok(pdf)
            }
            _ => {
                let said = std::fs::read(&said).unwrap_or_default();
                let said = String::from_utf8_lossy(&said);
                let last = said.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("it says nothing");
                Err(self.failed(&format!("no PDF ({status}): {last}")))
            }
        }
    }

    fn command(&self, folder: &Path, source: &Path, target: &Path) -> Command {
        let mut command = Command::new(&self.program);
        match self.kind {
            Kind::WeasyPrint => command.arg("--quiet").arg(source).arg(target),
            Kind::Chromium => {
                command.args(["--headless", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer"]);
                if is_root() {
                    // Chromium refuses to start as root otherwise. The page has no script and may load nothing.
                    command.arg("--no-sandbox");
                }
                let mut profile = std::ffi::OsString::from("--user-data-dir=");
                profile.push(folder.join("profile"));
                let mut print = std::ffi::OsString::from("--print-to-pdf=");
                print.push(target);
                command.arg(profile).arg(print).arg(source)
            }
        };
        command
    }

    fn failed(&self, what: &str) -> Failure {
        Failure::unexpected(format!("{}: {what}", self.program.display()))
    }
}

/// Which stored reports are printed, and how.
#[derive(Debug, Clone, Copy)]
pub struct Print<'a> {
    /// Where they are.
    pub results: &'a Results,
    /// The language, if that is not the teams' own: `report.pdf`, `report.it.pdf`.
    pub language: Option<&'a str>,
    /// What prints them.
    pub printer: &'a Printer,
    /// SOURCE_DATE_EPOCH, if it is given.
    pub epoch: Option<&'a str>,
}

impl Print<'_> {
    /// Prints the report of each of `teams`, as many at once as there are processors, up to four. `begins` is told how many
    /// have begun, and of which team the last one is. What came of each is in the order of `teams`: its path; or that what is
    /// stored cannot be read, or that the program fails, which keeps none from the others.
    pub fn all(&self, teams: &[&str], begins: &(dyn Fn(usize, &str) + Sync)) -> Vec<Result<PathBuf, Failure>> {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        self.some_at_once(teams, processors.min(MOST_AT_ONCE), begins)
    }

    fn some_at_once(
        &self,
        teams: &[&str],
        at_once: usize,
        begins: &(dyn Fn(usize, &str) + Sync),
    ) -> Vec<Result<PathBuf, Failure>> {
        let left = Mutex::new(teams.iter().copied().enumerate());
        let next = || {
            let mut left = left.lock().unwrap_or_else(PoisonError::into_inner);
            let next = left.next();
            if let Some((at, team)) = next {
                begins(at + 1, team);
            }
            next
        };
        let printed = Mutex::new(BTreeMap::new());
        let work = || {
            while let Some((at, team)) = next() {
                let of_team = self.one(team);
                printed.lock().unwrap_or_else(PoisonError::into_inner).insert(at, of_team);
            }
        };
        std::thread::scope(|scope| {
            // Where the machine gives no thread, fewer print: this one does in any case.
            let more = 1..at_once.min(teams.len());
            let thread = || std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
            let _threads: Vec<_> = more.map_while(|_| thread().ok()).collect();
            work();
        });
        printed.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
    }

    fn one(&self, team: &str) -> Result<PathBuf, Failure> {
        let Self { results, language, printer, epoch } = *self;
        let ending = language.map(|code| format!(".{code}")).unwrap_or_default();
        // The very page that was written, so that both say the same.
        let page = store::read(&results.team(team, &format!("report{ending}.html")))?;
        let collected = read_evidence(results, team)?.evidence.collected_at;
        let pdf = printer.print(&page, moment(&collected, epoch)?)?;
        let path = results.team(team, &format!("report{ending}.pdf"));
        store::write_bytes(&path, &pdf)?;
        Ok(path)
    }
}

/// SOURCE_DATE_EPOCH where it is given, else when the evidence was collected.
fn moment(collected: &str, epoch: Option<&str>) -> Result<i64, Failure> {
    match epoch {
        Some(text) => text
            .parse()
            .map_err(|_| Failure::usage(format!("SOURCE_DATE_EPOCH is {text:?}, expected seconds since 1970"))),
        None => Ok(collected.parse::<jiff::Timestamp>().map_or(0, |moment| moment.as_second())),
    }
}

/// Chromium writes the present time into the file, whatever SOURCE_DATE_EPOCH says.
fn set_dates(pdf: &mut [u8], moment: i64) {
    let Ok(moment) = jiff::Timestamp::from_second(moment) else { return };
    let digits = moment.strftime("%Y%m%d%H%M%S").to_string();
    if digits.len() != DIGITS {
        return;
    }
    for name in DATES {
        let mut from = 0;
        while let Some(at) = pdf[from..].windows(name.len()).position(|piece| piece == name) {
            from += at + name.len();
            if let Some(date) = pdf.get_mut(from..from + DIGITS)
                && date.iter().all(u8::is_ascii_digit)
            {
                date.copy_from_slice(digits.as_bytes());
            }
        }
    }
}

#[cfg(unix)]
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_a_file_are_the_given_one() {
        let mut pdf =
            b"%PDF-1.4 /CreationDate (D:20261128222900+00'00') /ModDate (D:20261128222900+00'00') (D:x) /ModDate (D:"
                .to_vec();
        set_dates(&mut pdf, 1_700_000_000);
        let expected =
            b"%PDF-1.4 /CreationDate (D:20231114221320+00'00') /ModDate (D:20231114221320+00'00') (D:x) /ModDate (D:";
        assert_eq!(pdf, expected);
    }

    #[test]
    fn without_a_program_it_is_said_what_to_install() {
        let empty = tempfile::tempdir().unwrap();
        for path in [None, Some(empty.path().as_os_str())] {
            let failure = Printer::find(path).unwrap_err();
            assert_eq!(failure.exit, crate::Exit::Usage);
            assert!(failure.message.contains("weasyprint") && failure.message.contains("chromium"), "{failure:?}");
        }
    }

    #[cfg(unix)]
    fn fake(folder: &Path, name: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        let program = folder.join(name);
        std::fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn weasyprint_comes_first_and_what_it_says_is_told() {
        let folder = tempfile::tempdir().unwrap();
        fake(folder.path(), "chromium", "exit 0");
        fake(folder.path(), "weasyprint", r#"{ echo "%PDF-1.7 $SOURCE_DATE_EPOCH"; /bin/cat "$2"; } > "$3""#);
        let printer = Printer::find(Some(folder.path().as_os_str())).unwrap();
        assert_eq!(printer.print("<p>a page", 42).unwrap(), b"%PDF-1.7 42\n<p>a page");
        fake(folder.path(), "weasyprint", "echo 'a font is missing' >&2; exit 1");
        let message = printer.print("", 42).unwrap_err().message;
        assert!(message.contains("weasyprint: no PDF") && message.ends_with("a font is missing"), "{message}");
    }

    #[cfg(unix)]
    #[test]
    fn several_print_at_once_and_what_goes_wrong_with_one_stops_no_other() {
        use stackmark_evidence::{Evidence, Team, Tool};
        use stackmark_render::json;
        let folder = tempfile::tempdir().unwrap();
        let begun = folder.path().join("begun");
        std::fs::create_dir(&begun).unwrap();
        // A page is printed once another one has begun, too.
        let script = r#"if grep -q bad "$2"; then echo 'it is bad' >&2; exit 1; fi
            : > "BEGUN/$$"
            others() { [ "$(ls BEGUN | wc -l)" -ge 2 ]; }
            i=0; until others || [ $i -ge 200 ]; do i=$((i + 1)); sleep 0.05; done
            others || { echo 'it is alone' >&2; exit 1; }
            { echo "%PDF-1.7 $SOURCE_DATE_EPOCH"; cat "$2"; } > "$3""#;
        fake(folder.path(), "weasyprint", &script.replace("BEGUN", &begun.display().to_string()));
        let printer = Printer::find(Some(folder.path().as_os_str())).unwrap();
        let results = Results::at(folder.path().join("results"));
        for (team, page) in [("a", "<p>one"), ("b", "<p>bad"), ("c", "<p>three")] {
            let tool = Tool { name: "stackmark".to_owned(), version: "0".to_owned() };
            let evidence = Evidence::unread(tool, "2026-11-14T10:00:00Z".to_owned(), Team::of_roster(team));
            store::write(&results.team(team, "evidence.json"), &json::evidence(&evidence)).unwrap();
            store::write(&results.team(team, "report.html"), page).unwrap();
        }
        let told = Mutex::new(Vec::new());
        let begins = |at: usize, team: &str| told.lock().unwrap().push(format!("{at} {team}"));
        let print = Print { results: &results, language: None, printer: &printer, epoch: Some("42") };
        let printed = print.some_at_once(&["a", "b", "c"], 2, &begins);
        let [Ok(first), Err(bad), Ok(third)] = &printed[..] else { panic!("{printed:?}") };
        assert!(bad.message.ends_with("it is bad"), "{bad:?}");
        for (path, page) in [(first, "<p>one"), (third, "<p>three")] {
            assert_eq!(std::fs::read(path).unwrap(), printer.print(page, 42).unwrap(), "as if it were alone");
        }
        assert_eq!(told.into_inner().unwrap(), ["1 a", "2 b", "3 c"]);
        assert!(print.some_at_once(&[], 2, &|_, _| panic!("none begins")).is_empty());
    }
}

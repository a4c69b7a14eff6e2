//! `stackmark publish`: the reports to the teams. Nothing goes out without `--send`.

use std::path::PathBuf;

use super::output::Output;
use super::runtime;
use stackmark_class::gradebook::{layout, marks, matching};
use stackmark_class::inputs::refuse_unknown;
use stackmark_class::publish::forge::{Done, Forge, Place};
use stackmark_class::publish::{Delivery, Gathered, Handout, Published, gather, mail, moodle, sharing};
use stackmark_class::store::{self, Results};
use stackmark_class::table::Table;
use stackmark_class::{Exit, Failure, Voice as _, documents, team};
use stackmark_course::Roster;

/// Options of `stackmark publish`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Team ids (default: all teams of the roster)
    teams: Vec<String>,
    /// Method
    #[arg(long, value_name = "CHANNEL")]
    to: Channel,
    /// Roster
    #[arg(long, value_name = "FILE", default_value = "roster.toml")]
    roster: PathBuf,
    /// Results folder
    #[arg(long, value_name = "DIR", default_value = "results")]
    results: PathBuf,
    /// Send, or for mail write the files (default: print what would be sent, and where)
    #[arg(long)]
    send: bool,
    /// Also publish marks with open items, as intervals
    #[arg(long)]
    open: bool,
    /// For moodle: grading worksheet with the participants
    #[arg(long, value_name = "FILE")]
    worksheet: Option<PathBuf>,
    /// Output: a zip file for moodle, a folder for mail
    #[arg(short, long, value_name = "PATH")]
    out: Option<PathBuf>,
    /// For mail: the sender's address
    #[arg(long, value_name = "ADDRESS")]
    from: Option<String>,
    /// For comment: number of the issue or pull request, the same in each repository
    #[arg(long, value_name = "N")]
    issue: Option<u64>,
    /// For comment and status: the forge's REST API
    #[arg(long, value_name = "URL", default_value = "https://api.github.com")]
    api_url: String,
    /// For comment and status: also publish to public repositories
    #[arg(long)]
    allow_public: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Channel {
    /// A zip of feedback files for Moodle's assignment
    Moodle,
    /// A comment on an issue or pull request of the team's repository at GitHub; token in GITHUB_TOKEN
    Comment,
    /// A status of the graded commit at GitHub; token in GITHUB_TOKEN
    Status,
    /// One .eml file per member, to send with a mail program
    Mail,
}

/// What is published, and what was.
struct Round<'a> {
    args: &'a Args,
    results: Results,
    output: &'a Output,
    sent: usize,
    left: usize,
}

/// Runs the command.
pub(super) fn run(args: &Args, output: &Output) -> Result<Exit, Failure> {
    let (roster, _) = documents::roster(&args.roster, output)?;
    refuse_unknown(&args.teams, &roster)?;
    let results = Results::at(&args.results);
    let Gathered { handouts, refused } = gather(&roster, &results, &args.teams, args.open)?;
    let mut round = Round { args, results, output, sent: 0, left: refused.len() };
    for why in &refused {
        output.note(&format!("not published: {why}"));
    }
    match args.to {
        Channel::Moodle => round.moodle(&roster, &handouts)?,
        Channel::Mail => round.mail(&roster, &handouts)?,
        Channel::Comment | Channel::Status => round.forge(&roster, &handouts)?,
    }
    let would = if args.send { "" } else { "would be " };
    output.result(&format!("{} {would}published, {} not\n", round.sent, round.left))?;
    if !args.send {
        output.note("nothing went out: add --send");
    }
    Ok(if round.left == 0 { Exit::Graded } else { Exit::Unreadable })
}

impl Round<'_> {
    fn refuse(&mut self, why: &str) {
        self.left += 1;
        self.output.note(&format!("not published: {why}"));
    }

    /// Whether the same scorecard went there before, which is said.
    fn went(&self, published: &Published, to: &str, handout: &Handout<'_>) -> bool {
        let when = published.when(to, &handout.sha256);
        if let Some(when) = when {
            self.output.note(&format!("{}: the same went to {to} on {when}", handout.team.id));
        }
        when.is_some()
    }

    fn delivered(&mut self, published: &mut Published, to: String, handout: &Handout<'_>) -> Result<(), Failure> {
        let delivery = Delivery { to, scorecard_sha256: handout.sha256.clone(), at: team::now() };
        published.add(&self.results, &handout.team.id, delivery)
    }

    fn moodle(&mut self, roster: &Roster, handouts: &[Handout<'_>]) -> Result<(), Failure> {
        let args = self.args;
        let (Some(worksheet), Some(out)) = (&args.worksheet, &args.out) else {
            return Err(Failure::usage("for Moodle, give --worksheet FILE as it was exported, and --out FILE.zip"));
        };
        let name = worksheet.display();
        let bytes = store::read_bytes(worksheet).map_err(|error| Failure::usage(error.to_string()))?;
        let table = Table::read(&bytes).map_err(|what| Failure::course(format!("{name}: {what}")))?;
        if layout::recognise(&table) != Some(layout::Export::Moodle) {
            return Err(Failure::course(format!("{name}: this is not a grading worksheet of Moodle")));
        }
        let entries = marks::entries(roster, &self.results)?;
        let (mut files, mut found) = (Vec::new(), Vec::new());
        for (row, whose) in matching::match_rows(&table, layout::Export::Moodle, &entries) {
            let entry = match whose {
                matching::Match::Member { entry, .. } => entries.get(entry),
                matching::Match::Unclear { why, .. } => {
                    self.refuse(&format!("line {}: {why}", table.line(row)));
                    continue;
                }
                matching::Match::Nobody(_) => continue,
            };
            let Some(entry) = entry else { continue };
            let Some(handout) = handouts.iter().find(|handout| handout.team.id == entry.team) else { continue };
            if let Some(other) = &entry.also_in {
                self.refuse(&format!(
                    "{} of {}: also in {other}; keep the person in one team",
                    entry.name(),
                    entry.team
                ));
                continue;
            }
            let identifier = table.cell(row, 0);
            let Some(number) = layout::participant(&identifier) else { continue };
            found.push((entry.team.clone(), entry.member.clone()));
            let to = format!("moodle {number}");
            if self.went(&Published::read(&self.results, &entry.team)?, &to, handout) {
                continue;
            }
            self.output.note(&format!("{}: {}, participant {number}", entry.team, entry.name()));
            files.push((moodle::folder(entry.name(), number), handout.page.clone(), to, handout));
            self.sent += 1;
        }
        let of_handouts = |team: &str| handouts.iter().any(|handout| handout.team.id == team);
        for entry in entries.iter().filter(|entry| of_handouts(&entry.team) && entry.also_in.is_none()) {
            if !found.contains(&(entry.team.clone(), entry.member.clone())) {
                self.refuse(&format!("{} of {}: no row of the worksheet is theirs", entry.name(), entry.team));
            }
        }
        if self.args.send && !files.is_empty() {
            let pages: Vec<(String, String)> =
                files.iter().map(|(folder, page, _, _)| (folder.clone(), page.clone())).collect();
            store::write_bytes(out, &moodle::archive(&pages)?)?;
            self.output
                .note(&format!("feedback: {}; upload it in the assignment, under its feedback files", out.display()));
            for (_, _, to, handout) in files {
                let mut published = Published::read(&self.results, &handout.team.id)?;
                self.delivered(&mut published, to, handout)?;
            }
        }
        Ok(())
    }

    fn mail(&mut self, roster: &Roster, handouts: &[Handout<'_>]) -> Result<(), Failure> {
        let args = self.args;
        let (Some(out), Some(from)) = (&args.out, &args.from) else {
            return Err(Failure::usage("for mail, give --from ADDRESS and --out DIR"));
        };
        if !mail::is_address(from) {
            return Err(Failure::usage("--from: expected an address such as teacher@example.org"));
        }
        let date = jiff::Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S +0000").to_string();
        let entries = marks::entries(roster, &self.results)?;
        for handout in handouts {
            let mut published = Published::read(&self.results, &handout.team.id)?;
            let (letters, without) = mail::letters(handout, from, &date);
            let doubled: Vec<&marks::Entry> =
                entries.iter().filter(|entry| entry.team == handout.team.id && entry.also_in.is_some()).collect();
            for name in without {
                self.refuse(&format!("{name} of {}: the roster has no address that takes mail", handout.team.id));
            }
            for letter in letters {
                // Whoever is in two teams by the roster is in one of them, and nobody knows which.
                if let Some(entry) = doubled.iter().find(|entry| entry.member == letter.member) {
                    let (name, other) = (entry.name(), entry.also_in.as_deref().unwrap_or_default());
                    let id = &handout.team.id;
                    self.refuse(&format!("{name} of {id}: also in {other}; keep the person in one team"));
                    continue;
                }
                let to = format!("mail {}", letter.to);
                if self.went(&published, &to, handout) {
                    continue;
                }
                self.output.note(&format!("{}: {}", handout.team.id, out.join(&letter.file).display()));
                self.sent += 1;
                if self.args.send {
                    store::write(&out.join(&letter.file), &letter.text)?;
                    self.delivered(&mut published, to, handout)?;
                }
            }
        }
        Ok(())
    }

    fn forge(&mut self, roster: &Roster, handouts: &[Handout<'_>]) -> Result<(), Failure> {
        let issue = match (self.args.to, self.args.issue) {
            (Channel::Comment, None) => {
                return Err(Failure::usage(
                    "for a comment, give --issue N, an issue or pull request of each repository",
                ));
            }
            (_, issue) => issue.unwrap_or(0),
        };
        let mut going = Vec::new();
        for handout in handouts {
            let id = &handout.team.id;
            if let Some(other) = sharing(roster, handout.team) {
                self.refuse(&format!("{id}: {other} has the same repository and would read it; use mail"));
                continue;
            }
            let Some(place) = Place::of(&handout.team.repository) else {
                self.refuse(&format!("{id}: {} is no repository at a forge; use mail", handout.team.repository));
                continue;
            };
            if self.args.to == Channel::Status && handout.commit.is_none() {
                self.refuse(&format!("{id}: no commit was graded; use a comment or mail"));
                continue;
            }
            going.push((place, handout));
        }
        if !self.args.send {
            for (place, handout) in &going {
                let what = match (&handout.commit, self.args.to) {
                    (Some(commit), Channel::Status) => {
                        format!("status of {place}@{}", commit.get(..10).unwrap_or(commit))
                    }
                    _ => format!("comment on {place}#{issue}"),
                };
                self.output.note(&format!("{}: {what}, {}", handout.team.id, handout.card.mark));
            }
            self.sent = going.len();
            return Ok(());
        }
        let token = ["GITHUB_TOKEN", "STACKMARK_GIT_TOKEN"]
            .into_iter()
            .find_map(|name| std::env::var(name).ok().filter(|token| !token.is_empty()))
            .ok_or_else(|| Failure::usage("no token: put one into GITHUB_TOKEN"))?;
        runtime()?.block_on(async {
            let forge = Forge::open(&self.args.api_url, &token).await?;
            for (place, handout) in going {
                if let Err(failure) = self.deliver(&forge, &place, issue, handout).await {
                    self.refuse(&format!("{}: {}", handout.team.id, failure.message));
                }
            }
            Ok(())
        })
    }

    async fn deliver(
        &mut self,
        forge: &Forge,
        place: &Place,
        issue: u64,
        handout: &Handout<'_>,
    ) -> Result<(), Failure> {
        let id = &handout.team.id;
        if !self.args.allow_public && !forge.is_private(place).await? {
            self.refuse(&format!("{id}: anybody can read {place}; make it private, use mail, or give --allow-public"));
            return Ok(());
        }
        let (to, done) = match (&handout.commit, self.args.to) {
            (Some(commit), Channel::Status) => {
                (format!("status {place}@{commit}"), forge.status(place, commit, handout).await?)
            }
            _ => (format!("comment {place}#{issue}"), forge.comment(place, issue, handout).await?),
        };
        let how = match done {
            Done::Made => "new",
            Done::Renewed => "renewed",
            Done::Same => "the same is there already",
        };
        self.output.note(&format!("{id}: {to}, {how}"));
        if done != Done::Same {
            self.sent += 1;
            let mut published = Published::read(&self.results, id)?;
            self.delivered(&mut published, to, handout)?;
        }
        Ok(())
    }
}

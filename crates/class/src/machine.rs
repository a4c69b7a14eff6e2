//! What this machine gives to the process, against what a class needs: said before it starts, not when it breaks.

use stackmark_language::expression::Engine;
use stackmark_plan::{Plan, plan};

use crate::failure::Failure;
use crate::inputs::ClassRun;
use crate::job::{Given, TeamJob};
use crate::voice::Voice;

const MIB: u64 = 1 << 20;
/// Open files of the process itself: its results, its sockets for name lookups, the runtime's own.
const FILES: u64 = 64;
/// Of each team that is graded at once: pack files, temporary files, a document's pipes, connections to AWS.
const TEAM_FILES: u64 = 24;
/// More of them where AWS is read: a connection for each call that is under way.
const AWS_FILES: u64 = 18;
/// Memory of the process itself.
const MEMORY: u64 = 96 * MIB;
/// Of each team that is graded at once.
const TEAM_MEMORY: u64 = 128 * MIB;
/// More of it while a document is read, in a process of its own.
const DOCUMENT_MEMORY: u64 = 128 * MIB;
/// Address space that any command takes, beside the program itself.
const ROOM: u64 = 32 * MIB;
/// Of one file: a class's evidence and a clone's pack have more than a few.
const SMALLEST_FILE: u64 = 64 * MIB;
/// Of the first thread's stack; the others have one of their own size.
const SMALLEST_STACK: u64 = 1 << 20;
/// Open files that any command takes.
const FEWEST_FILES: u64 = 32;
/// Open files that are asked for if the limit may be raised: macOS allows no more, and nothing needs more elsewhere.
#[cfg(unix)]
const ENOUGH_FILES: u64 = 10_240;

/// What a process may have; `None` is not known, or without a limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Machine {
    /// Files and connections open at once.
    files: Option<u64>,
    /// Bytes of memory that nothing exceeds: a container's, or of the address space.
    memory: Option<u64>,
    /// Bytes of memory that are free now.
    free: Option<u64>,
}

/// What one team needs, of those that are graded at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Needs {
    files: u64,
    memory: u64,
}

impl Machine {
    /// This one; the limit of open files is raised as far as the system lets it be.
    pub(crate) fn here() -> Self {
        Self { files: open_files(), memory: memory_limit(), free: free_memory() }
    }

    /// Whether no process may have so many bytes here.
    pub(crate) fn has_less_than(&self, bytes: u64) -> bool {
        self.memory.is_some_and(|memory| memory < bytes)
    }
}

/// Whether the limits leave this process room to begin at all. With less, what fails first is chance: an allocation, a thread,
/// a certificate that cannot be read; and not all of that can be said any more.
///
/// # Errors
/// They do not; the message says which one to raise.
pub fn room_to_begin() -> Result<(), Failure> {
    enough(address_space(), open_files())?;
    let (files, stack) = file_and_stack();
    large_enough(files, stack)
}

/// Bytes of one file and of the first thread's stack that are allowed; `None` without a limit, or where that is not known.
#[cfg(target_os = "linux")]
fn file_and_stack() -> (Option<u64>, Option<u64>) {
    use rustix::process::{Resource, Signal, getrlimit};
    // Where the signal is ignored, a write that goes beyond the limit fails, and that is said.
    let ignored = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = ignored.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
    let is_told = ignored.is_some_and(|ignored| (ignored >> (Signal::XFSZ.as_raw() - 1)) & 1 == 1);
    (getrlimit(Resource::Fsize).current.filter(|_| !is_told), getrlimit(Resource::Stack).current)
}

#[cfg(not(target_os = "linux"))]
fn file_and_stack() -> (Option<u64>, Option<u64>) {
    (None, None)
}

/// A file that grows beyond its limit, and a full stack, end the process by a signal: nothing can be said any more then.
fn large_enough(file: Option<u64>, stack: Option<u64>) -> Result<(), Failure> {
    if let Some(file) = file.filter(|file| *file < SMALLEST_FILE) {
        return Err(Failure::usage(format!(
            "this process may write files of {} KiB, and evidence and clones need {} MiB at least: raise the limit (ulimit -f)",
            file / 1024,
            SMALLEST_FILE / MIB
        )));
    }
    match stack.filter(|stack| *stack < SMALLEST_STACK) {
        Some(stack) => Err(Failure::usage(format!(
            "this process may have a stack of {} KiB, and needs {} KiB at least: raise the limit (ulimit -s)",
            stack / 1024,
            SMALLEST_STACK / 1024
        ))),
        None => Ok(()),
    }
}

/// The same of the address space's limit, with what is taken of it, and of the limit of open files.
fn enough(address_space: Option<(u64, u64)>, files: Option<u64>) -> Result<(), Failure> {
    if let Some((limit, taken)) = address_space.filter(|(limit, taken)| limit.saturating_sub(*taken) < ROOM) {
        return Err(Failure::usage(format!(
            "this process may have {} MiB of address space, of which the program itself takes {}, and needs {} more: raise \
             the limit (ulimit -v {} or more)",
            limit / MIB,
            taken.div_ceil(MIB),
            ROOM / MIB,
            (taken + ROOM).div_ceil(1024)
        )));
    }
    match files.filter(|files| *files < FEWEST_FILES) {
        Some(files) => Err(Failure::usage(format!(
            "this process may have {files} open files, and needs {FEWEST_FILES} at least: raise the limit (ulimit -n)"
        ))),
        None => Ok(()),
    }
}

impl Needs {
    fn of(plan: &Plan) -> Self {
        let connections = plan.loads.iter().map(|load| load.concurrency()).max().unwrap_or(0);
        let documents = if plan.wants_family("report") { DOCUMENT_MEMORY } else { 0 };
        let aws = if plan.wants_family("aws") { AWS_FILES } else { 0 };
        Self { files: TEAM_FILES + aws + connections, memory: TEAM_MEMORY + documents }
    }

    /// How many teams fit at once; `None` if nothing bounds them.
    fn fitting(self, machine: &Machine) -> Option<u64> {
        let files = machine.files.map(|files| files.saturating_sub(FILES) / self.files);
        let memory = machine.memory.map(|memory| memory.saturating_sub(MEMORY) / self.memory);
        // What is free now may be more in a minute: it bounds how many, and refuses nobody.
        let free = machine.free.map(|free| (free.saturating_sub(MEMORY) / self.memory).max(1));
        [files, memory, free].into_iter().flatten().min()
    }
}

/// Teams at the same time that fit this machine, at most as many as were asked for; fewer are said.
///
/// # Errors
/// Not even one fits; the message says what it needs.
pub(crate) fn fitting(class: &ClassRun, machine: &Machine, voice: &dyn Voice) -> Result<usize, Failure> {
    let Some(first) = class.roster.teams.first() else { return Ok(class.jobs) };
    let job = TeamJob::of_entry(first, &class.base, &class.mailmap.0, &Given::default());
    // A template that fails is said of each team, when its turn comes.
    let Ok(plan) = plan(&class.rubric, &job.team, &job.tags, &Engine::new()) else { return Ok(class.jobs) };
    let wanted = class.jobs.min(class.roster.teams.len());
    let (jobs, said) = choose(Needs::of(&plan), wanted, machine)?;
    if let Some(said) = said {
        voice.note(&said);
    }
    Ok(if jobs < wanted { jobs } else { class.jobs })
}

fn choose(needs: Needs, wanted: usize, machine: &Machine) -> Result<(usize, Option<String>), Failure> {
    let fitting = needs.fitting(machine).and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
    if fitting >= wanted {
        return Ok((wanted, None));
    }
    let at_once = |teams: usize| {
        let teams = teams as u64;
        let (files, memory) = (FILES + teams * needs.files, (MEMORY + teams * needs.memory).div_ceil(MIB));
        format!("{files} open files and {memory} MiB of memory")
    };
    let given = [
        machine.files.map(|files| format!("{files} open files (`ulimit -n`)")),
        machine.memory.map(|memory| format!("{} MiB of memory", memory / MIB)),
        machine.free.map(|free| format!("{} MiB of it free", free / MIB)),
    ];
    let given = given.into_iter().flatten().collect::<Vec<_>>().join(", ");
    if fitting == 0 {
        return Err(Failure::usage(format!(
            "one team at a time needs {}, and this process may have {given}: raise the limits",
            at_once(1)
        )));
    }
    let said = format!(
        "grading {fitting} at a time instead of {wanted}, which would need {}: this process may have {given}",
        at_once(wanted)
    );
    Ok((fitting, Some(said)))
}

#[cfg(unix)]
fn open_files() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let soft = limit.current?;
    let most = limit.maximum.map_or(ENOUGH_FILES, |hard| hard.min(ENOUGH_FILES));
    if soft < most && setrlimit(Resource::Nofile, Rlimit { current: Some(most), maximum: limit.maximum }).is_ok() {
        return Some(most);
    }
    Some(soft)
}

#[cfg(not(unix))]
fn open_files() -> Option<u64> {
    None
}

/// The limit of the address space, and what is taken of it; `None` without a limit, or where that is not known.
#[cfg(target_os = "linux")]
fn address_space() -> Option<(u64, u64)> {
    use rustix::process::{Resource, getrlimit};
    getrlimit(Resource::As).current.zip(mapped())
}

#[cfg(not(target_os = "linux"))]
fn address_space() -> Option<(u64, u64)> {
    None
}

/// The least of the address space's limit and those of the control groups that the process is in.
#[cfg(target_os = "linux")]
fn memory_limit() -> Option<u64> {
    use rustix::process::{Resource, getrlimit};
    // The program itself is mapped as well, and takes no memory by that.
    let taken = mapped().unwrap_or(0).saturating_sub(MEMORY);
    let address_space = getrlimit(Resource::As).current.map(|limit| limit.saturating_sub(taken));
    let own = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let own = own.lines().find_map(|line| line.strip_prefix("0::/")).unwrap_or_default();
    let root = std::path::Path::new("/sys/fs/cgroup");
    let groups = root.join(own);
    // Each group is bounded by those above it as well.
    let groups = groups.ancestors().take_while(|folder| folder.starts_with(root));
    let groups =
        groups.filter_map(|folder| std::fs::read_to_string(folder.join("memory.max")).ok()?.trim().parse().ok());
    groups.chain(address_space).min()
}

/// Bytes of this process' address space that are taken.
#[cfg(target_os = "linux")]
fn mapped() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmSize:"))?;
    Some(line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()? * 1024)
}

#[cfg(not(target_os = "linux"))]
fn memory_limit() -> Option<u64> {
    None
}

/// Panics are told without a backtrace where memory is bounded, whatever `RUST_BACKTRACE` says.
///
/// The standard library holds a lock while it makes one, and takes the same lock where an allocation fails: a process
/// without memory for its backtrace would wait for itself, for ever.
pub fn panic_within_the_limits() {
    #[cfg(target_os = "linux")]
    if rustix::process::getrlimit(rustix::process::Resource::As).current.is_some() {
        std::panic::set_hook(Box::new(|info| {
            use std::io::Write;
            // Nobody is left to tell that it could not be written.
            let _ = writeln!(std::io::stderr(), "{info}");
        }));
    }
}

/// What Linux reckons that programs can have without swapping; not known elsewhere.
fn free_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    Some(line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEEDS: Needs = Needs { files: 124, memory: 256 * MIB };

    fn machine(files: Option<u64>, memory: Option<u64>, free: Option<u64>) -> Machine {
        Machine { files, memory: memory.map(|mib| mib * MIB), free: free.map(|mib| mib * MIB) }
    }

    #[test]
    fn what_is_not_known_bounds_nothing() {
        assert_eq!(choose(NEEDS, 64, &Machine::default()).unwrap(), (64, None));
    }

    #[test]
    fn a_small_machine_grades_fewer_at_once_and_says_so() {
        let (jobs, said) = choose(NEEDS, 4, &machine(Some(256), Some(1024), Some(4096))).unwrap();
        assert_eq!(jobs, 1);
        let said = said.unwrap();
        for words in
            ["1 at a time instead of 4", "560 open files and 1120 MiB", "256 open files (`ulimit -n`)", "1024 MiB"]
        {
            assert!(said.contains(words), "{words} is not in {said}");
        }
        assert_eq!(choose(NEEDS, 4, &machine(Some(10_240), Some(1024), None)).unwrap().0, 3);
        assert_eq!(choose(NEEDS, 4, &machine(Some(10_240), Some(2048), Some(4096))).unwrap(), (4, None));
    }

    #[test]
    fn what_cannot_be_is_refused_before_it_starts_and_a_busy_machine_is_not() {
        for small in [machine(Some(128), None, None), machine(None, Some(200), None)] {
            let refused = choose(NEEDS, 4, &small).unwrap_err().message;
            assert!(refused.contains("one team at a time needs 188 open files and 352 MiB"), "{refused}");
        }
        assert_eq!(choose(NEEDS, 4, &machine(None, None, Some(10))).unwrap().0, 1);
    }

    #[test]
    fn without_room_to_begin_the_limit_to_raise_is_named() {
        let words = |refused: Result<(), Failure>| refused.unwrap_err().message;
        let said = words(enough(Some((150 * MIB, 140 * MIB)), None));
        assert!(said.contains("150 MiB") && said.contains("takes 140") && said.contains("ulimit -v 176128 "), "{said}");
        assert!(words(enough(Some((100 * MIB, 140 * MIB)), Some(5))).contains("ulimit -v 176128 "));
        let said = words(enough(Some((1024 * MIB, 140 * MIB)), Some(20)));
        assert!(said.contains("20 open files") && said.contains("(ulimit -n)"), "{said}");
        for (space, files) in [(None, None), (Some((172 * MIB, 140 * MIB)), Some(FEWEST_FILES))] {
            assert!(enough(space, files).is_ok(), "{space:?} {files:?}");
        }
    }

    #[test]
    fn a_limit_that_would_end_the_program_by_a_signal_is_named() {
        let words = |refused: Result<(), Failure>| refused.unwrap_err().message;
        assert!(words(large_enough(Some(1 << 20), None)).contains("1024 KiB, and evidence and clones need 64 MiB"));
        let said = words(large_enough(None, Some(200 << 10)));
        assert!(said.contains("200 KiB") && said.contains("(ulimit -s)"), "{said}");
        assert!(large_enough(None, None).is_ok() && large_enough(Some(SMALLEST_FILE), Some(SMALLEST_STACK)).is_ok());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_machine_is_known() {
        let here = Machine::here();
        assert!(here.files.is_some() && here.free.is_some(), "{here:?}");
    }
}

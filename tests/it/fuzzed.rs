//! Every parser of hostile or human bytes that runs in this process, fed with what is nearly right: the files of
//! `tests/corpus`, cut, doubled, nested and mixed. None may panic, or take long for what it gets.
//!
//! `STACKMARK_FUZZ_SECONDS` says how long each target runs (1 s by default); a failing input is printed and goes into the
//! corpus. The counts are printed by `cargo test --test it fuzzed:: -- --nocapture`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use targets::TARGETS;

/// The same parsers as cargo-fuzz feeds.
#[path = "../../fuzz/src/targets.rs"]
mod targets;

/// Numbers that are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most.max(1) as u64) as usize
    }
}

/// What parsers trip over.
const PIECES: &[&[u8]] = &[
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\r",
    b"\"",
    b"'''",
    b"${",
    b"{{",
    b"[[",
    b"((((((((",
    b"<<EOF\n",
    b"<![CDATA[",
    b"&a *a",
    b"\\",
    b"\xf0\x9f\x92\xa3",
    b"\xe2\x80\xae",
    b"99999999999999999999",
    b"-0",
    b"1e999",
    b"\t",
    b": : :",
    b"```",
    b"\\begin{",
    b"#",
];
const LONGEST: usize = 64 << 10;

fn mutated(seeds: &[Vec<u8>], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = seeds[numbers.below(seeds.len())].clone();
    for _ in 0..=numbers.below(6) {
        let (a, b) = (numbers.below(bytes.len() + 1), numbers.below(bytes.len() + 1));
        let (from, to) = (a.min(b), a.max(b));
        match numbers.below(7) {
            0 => bytes.truncate(from),
            1 => drop(bytes.drain(from..to)),
            2 => {
                let piece = bytes[from..to].to_vec();
                drop(bytes.splice(to..to, piece));
            }
            3 => {
                let piece = PIECES[numbers.below(PIECES.len())].to_vec();
                drop(bytes.splice(from..from, piece));
            }
            4 => {
                let piece = PIECES[numbers.below(PIECES.len())].repeat(1 + numbers.below(400));
                drop(bytes.splice(from..from, piece));
            }
            5 if from < bytes.len() => bytes[from] ^= 1 << numbers.below(8),
            _ => {
                let other = &seeds[numbers.below(seeds.len())];
                let end = numbers.below(other.len() + 1);
                drop(bytes.splice(from..to, other[..end].iter().copied()));
            }
        }
        bytes.truncate(LONGEST);
    }
    bytes
}

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = match target {
        "check" => root.join("checks/aws"),
        "rubric" => root.join("rubrics"),
        _ => root.join("tests/corpus").join(target),
    };
    let mut paths: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let seeds: Vec<Vec<u8>> =
        paths.iter().filter(|path| path.is_file()).map(|path| std::fs::read(path).unwrap()).collect();
    assert!(!seeds.is_empty(), "{}", folder.display());
    seeds
}

#[test]
fn no_parser_panics_or_hangs_on_what_is_nearly_right() {
    let seconds = std::env::var("STACKMARK_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let (mut all, mut failed) = (0_u64, Vec::new());
    for (name, target) in TARGETS {
        let seeds = seeds(name);
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
        let (begun, mut tried, mut slowest) = (Instant::now(), 0_u64, Duration::ZERO);
        while begun.elapsed() < Duration::from_secs(seconds) {
            let input = mutated(&seeds, &mut numbers);
            let start = Instant::now();
            let panicked = catch_unwind(AssertUnwindSafe(|| target(&input))).is_err();
            let took = start.elapsed();
            if panicked || took > Duration::from_secs(20) {
                println!("{name}: {took:?}, input: {:?}", String::from_utf8_lossy(&input));
                failed.push(*name);
                break;
            }
            (tried, slowest) = (tried + 1, slowest.max(took));
        }
        println!("{name:>15}: {tried} inputs, the slowest {slowest:.1?}");
        all += tried;
    }
    println!("{all} inputs for {} parsers", TARGETS.len());
    assert_eq!(failed, [""; 0]);
}

#[test]
fn cargo_fuzz_has_a_target_for_each_parser_and_the_versions_of_the_workspace() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = |path: &str| std::fs::read_to_string(root.join(path)).unwrap();
    let fuzz: toml::Table = toml::from_str(&text("fuzz/Cargo.toml")).unwrap();
    let workspace: toml::Table = toml::from_str(&text("Cargo.toml")).unwrap();

    let fed = ["lib", "network", "targets"].map(|file| text(&format!("fuzz/src/{file}.rs"))).concat();
    let bins: Vec<&str> = fuzz["bin"].as_array().unwrap().iter().map(|bin| bin["name"].as_str().unwrap()).collect();
    for (name, _) in TARGETS {
        assert!(bins.contains(name), "fuzz/Cargo.toml has no target for {name}");
    }
    for bin in fuzz["bin"].as_array().unwrap() {
        let (name, path) = (bin["name"].as_str().unwrap(), bin["path"].as_str().unwrap());
        assert!(text(&format!("fuzz/{path}")).contains(&format!("feed(\"{name}\", bytes)")), "{path}");
        assert!(fed.contains(&format!("(\"{name}\", |bytes|")), "nothing is fed for {name}");
        seeds(name);
    }
    let files = std::fs::read_dir(root.join("fuzz/fuzz_targets")).unwrap().count();
    assert_eq!(files, bins.len(), "each file of fuzz_targets is a target");

    let version = |value: &toml::Value| {
        let version = value.as_str().or_else(|| value.get("version")?.as_str());
        version.map(str::to_owned)
    };
    for (name, wanted) in fuzz["dependencies"].as_table().unwrap() {
        if let Some(ours) = workspace["workspace"]["dependencies"].get(name).filter(|_| !name.starts_with("stackmark-"))
        {
            assert_eq!(version(wanted), version(ours), "{name}");
        }
    }
}

//! The load engine alone, for `benches/load.py`: `load URL REQUESTS CONCURRENCY` prints what it met as JSON.
//!
//! It may send to this machine, which `stackmark` itself does with `--allow-private` only.

#![allow(clippy::print_stdout, reason = "its result")]

use stackmark_collect::Settings;
use stackmark_collect::Silent;
use stackmark_language::load::{LoadLabel, LoadLimits, LoadRequest, LoadWork};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(url), Some(requests), Some(concurrency)) = (args.next(), args.next(), args.next()) else {
        return Err("usage: load URL REQUESTS CONCURRENCY [open|close]".into());
    };
    let (requests, concurrency) = (requests.parse()?, concurrency.parse()?);
    let mut load = LoadRequest {
        key: String::new(),
        work: LoadWork::Shared { paths: vec!["/".to_owned()], requests, concurrency },
        rate: None,
        reuse: args.next().as_deref() != Some("close"),
        timeout_ms: 10_000,
        label: LoadLabel::InstanceId,
    };
    load.key = load.key_of();
    let limits = LoadLimits { requests, concurrency, seconds: 600 };
    let settings = Settings { allow_private: true, ..Settings::default() };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let reading =
        runtime.block_on(stackmark_http::load::run(url.trim_end_matches('/'), &load, &limits, &settings, &Silent));
    println!("{}", serde_json::to_string_pretty(&reading)?);
    Ok(())
}

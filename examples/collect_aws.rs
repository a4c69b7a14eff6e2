//! Prints what the AWS collector reads, as JSON: `collect_aws ENDPOINT [KEY=VALUE …]`.

use std::io::Write;
use std::time::Duration;

use stackmark_aws::AwsAccess;
use stackmark_aws::collect;
use stackmark_collect::Limits;
use stackmark_collect::Silent;
use stackmark_evidence::paths::READING_PATHS;
use stackmark_evidence::request::ScopeRequest;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let access = AwsAccess { endpoint_url: arguments.next(), ..AwsAccess::default() };
    let tags = arguments.filter_map(|tag| tag.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned())));
    let scope = ScopeRequest { tags: tags.collect(), ..ScopeRequest::default() };
    let wanted = READING_PATHS.iter().map(|known| known.path.to_owned()).collect();
    // An emulator answers one call after the other, and takes its time for a large account.
    let limits = Limits { aws_time: Duration::from_secs(600), ..Limits::default() };
    let evidence = collect(&access, &scope, &wanted, &limits, &Silent).await;
    let mut stdout = std::io::stdout().lock();
    serde_json::to_writer_pretty(&mut stdout, &evidence)?;
    writeln!(stdout)
}

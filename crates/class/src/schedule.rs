//! One team's collecting, in stages: repository and AWS side by side, then HTTP against the load balancer that AWS named.

use std::collections::{BTreeMap, BTreeSet};

use stackmark_evidence::asked::AskedFor;
use stackmark_evidence::aws::AwsEvidence;
use stackmark_evidence::code::CodeEvidence;
use stackmark_evidence::git::GitEvidence;
use stackmark_evidence::http::HttpEvidence;
use stackmark_evidence::report::ReportEvidence;
use stackmark_evidence::{Cause, Evidence, Reading, Tool, Unreadable};
use stackmark_plan::Plan;

use stackmark_aws as aws;
use stackmark_collect::{Settings, SharedProgress, redact, threads};
use stackmark_history::RepositorySource;
use stackmark_http as http;

use crate::gap::Gap;
use crate::job::TeamJob;
use crate::measures;
use crate::recovery::{self, Ward};
use crate::repository::{FromRepository, unreadable_repository};
use crate::worker::{self, Answered, Job, OfTeam};

/// The readings of AWS that a plan takes: those of its checks, the load balancers where requests go to one, and how the
/// stack was found; none where it takes nothing from AWS.
pub fn aws_readings(plan: &Plan, base_url: Option<&str>) -> BTreeSet<String> {
    let mut wanted: BTreeSet<String> = plan.readings.iter().filter(|path| path.starts_with("aws.")).cloned().collect();
    if plan.wants_family("http") && base_url.is_none() {
        // What is behind several load balancers tells which of them is asked.
        let tables = ["load_balancers", "listeners", "rules", "target_health"];
        wanted.extend(tables.map(|table| format!("aws.{table}")));
    }
    if plan.recovery.is_some() {
        wanted.insert("aws.auto_scaling_groups".to_owned());
    }
    // Read once more after the load; asked for here as well, so that a policy allows it.
    if plan.wants("http.counted") && base_url.is_none() {
        wanted.insert("aws.metrics".to_owned());
    }
    if !wanted.is_empty() {
        wanted.insert("aws.scope".to_owned());
    }
    wanted
}

/// Collects one team's evidence; whatever fails becomes a reading that says so.
pub async fn collect_team(
    job: TeamJob,
    plan: &Plan,
    settings: &Settings,
    tool: Tool,
    collected_at: String,
    progress: SharedProgress,
) -> Evidence {
    let wants_repository = ["git", "code", "report"].iter().any(|family| plan.wants_family(family));
    let repository = async {
        if !wants_repository {
            return Answered::from(FromRepository {
                git: GitEvidence::default(),
                code: CodeEvidence::default(),
                report: ReportEvidence::default(),
                team: job.team.clone(),
            });
        }
        if let Some(failure) = &job.not_again {
            return Answered::from(unreadable_repository(job.team.clone(), failure));
        }
        let source = RepositorySource { allow_private: settings.allow_private, ..job.repository.clone() };
        let (wanted, limits) = (plan.readings.clone(), settings.limits.clone());
        let task = Job { source, limits, question: OfTeam { team: job.team.clone(), wanted, known: None } };
        let (shown, kept) = (progress.clone(), settings.measures.clone());
        let read = move || worker::read(&task, kept.as_deref(), shown);
        let read = match threads::or_none_left(|| tokio::task::spawn_blocking(read)) {
            Ok(reading) => reading.await.map_err(|error| error.to_string()),
            Err(lack) => Err(lack.to_string()),
        };
        match read {
            Ok(Ok(answered)) => answered,
            Ok(Err(failure)) => Answered::from(unreadable_repository(job.team.clone(), &failure)),
            Err(error) => {
                let failure = worker::broke_off(&job.repository.location, &error);
                Answered::from(unreadable_repository(job.team.clone(), &failure))
            }
        }
    };
    let not_asked =
        Gap::Unreadable(Unreadable::new(Cause::NotCollected, "not asked for: --live reads the deployed stack"));
    let cloud = async {
        // First: a course without AWS does not hear that its account was left unread.
        let wanted = aws_readings(plan, job.base_url.as_deref());
        if wanted.is_empty() {
            return AwsEvidence::default();
        }
        if !job.live {
            return not_asked.aws();
        }
        // Boxed, like the others: a stage of its own size on the stack would add up to more than a thread has.
        Box::pin(aws::collect(&job.aws, &plan.scope, &wanted, &settings.limits, progress.as_ref())).await
    };
    let (answered, mut aws): (Answered, AwsEvidence) = tokio::join!(repository, cloud);
    let Answered { read: repository, redactions: already, keep } = answered;
    let http = if !job.live {
        let recovery = plan.recovery.as_ref().map_or_else(Reading::default, |_| not_asked.reading());
        HttpEvidence { target: not_asked.reading(), recovery, ..HttpEvidence::default() }
    } else if plan.wants_family("http") {
        let asked: Vec<String> = plan
            .requests
            .iter()
            .map(|request| request.path.clone())
            .chain(plan.loads.iter().flat_map(|load| load.paths()))
            .collect();
        let asked: Vec<&str> = asked.iter().map(String::as_str).collect();
        let target = http::target_for(&aws, job.base_url.as_deref(), &asked, settings);
        let exchanges = Box::pin(http::probe(&target, &plan.requests, settings, progress.as_ref())).await;
        let account = aws.caller.value().map(|caller| caller.account.as_str()).or(job.aws.expected_account.as_deref());
        let (loads, limits) = (&plan.loads, &plan.load_limits);
        let loads = Box::pin(http::load::run_all(&target, loads, limits, account, settings, progress.as_ref())).await;
        let counted = if plan.wants("http.counted") {
            let (access, scope) = (&job.aws, &plan.scope);
            let counting = aws::counted(access, scope, &target, &loads, settings, progress.as_ref());
            let (counted, calls) = Box::pin(counting).await;
            for (action, count) in calls {
                *aws.calls.entry(action).or_default() += count;
            }
            counted
        } else {
            Reading::default()
        };
        // Last, for it changes what all else looks at.
        let recovery = match &plan.recovery {
            Some(request) => {
                let ward = Ward {
                    access: &job.aws,
                    scope: &plan.scope,
                    aws: &aws,
                    target: &target,
                    settings,
                    progress: progress.as_ref(),
                };
                let mut calls = BTreeMap::new();
                let seen = Box::pin(recovery::watch(ward, request, job.disruption, &mut calls)).await;
                for (action, count) in calls {
                    *aws.calls.entry(action).or_default() += count;
                }
                seen
            }
            None => Reading::default(),
        };
        HttpEvidence { target, exchanges, loads, counted, recovery }
    } else {
        HttpEvidence::default()
    };
    let FromRepository { git, code, report, team } = repository;
    let asked = AskedFor { work_sha256: Some(job.work_sha256()), ..plan.asked.clone() };
    let evidence = Evidence { asked, git, code, report, aws, http, ..Evidence::unread(tool, collected_at, team) };
    let (evidence, of_repository) = redacted(evidence, already);
    if let Some((path, hashes)) = keep {
        // Nothing is lost if it cannot be written: the next run measures again.
        let _ = measures::keep(&path, hashes, of_repository, &evidence);
    }
    evidence
}

/// Secrets are replaced in everything that will be stored, whichever collector brought it.
///
/// The keys of exchanges and loads are the rubric's own requests: judging finds an exchange by them, and they hold nothing of a
/// team's.
///
/// What an earlier run kept of the repository is clean `already`, of so many secrets. Also returned is how many the repository's
/// part had.
fn redacted(evidence: Evidence, already: Option<u64>) -> (Evidence, u64) {
    let mut json = match serde_json::to_value(&evidence) {
        Ok(json) => json,
        Err(error) => return (withheld(evidence, &error), 0),
    };
    // Read and put back whole, for the judge finds an exchange by these very keys.
    let asked = json.get_mut("asked").map(serde_json::Value::take);
    let tables = ["exchanges", "loads"];
    let taken = tables.map(|name| json["http"].get_mut(name).map(serde_json::Value::take));
    let of_repository = ["git", "code", "report", "team"].map(|name| {
        let mut part = json.get_mut(name).map(serde_json::Value::take);
        let count = part.as_mut().filter(|_| already.is_none()).map_or(0, redact::redact_json);
        (name, part, count)
    });
    let repository = already.unwrap_or_else(|| of_repository.iter().map(|(_, _, count)| count).sum());
    let mut count = repository + redact::redact_json(&mut json);
    for (name, part, _) in of_repository {
        json[name] = part.unwrap_or_default();
    }
    for (name, table) in tables.into_iter().zip(taken) {
        let Some(mut table) = table else { continue };
        for reading in table.as_object_mut().into_iter().flat_map(serde_json::Map::values_mut) {
            count += redact::redact_json(reading);
        }
        json["http"][name] = table;
    }
    if let Some(asked) = asked {
        json["asked"] = asked;
    }
    if count == 0 {
        return (evidence, 0);
    }
    match serde_json::from_value::<Evidence>(json) {
        Ok(clean) => (Evidence { redactions: count, ..clean }, repository),
        Err(error) => (withheld(evidence, &error), 0),
    }
}

/// Redacting only rewrites strings; should a type ever refuse one, storing nothing beats storing a secret.
fn withheld(evidence: Evidence, error: &serde_json::Error) -> Evidence {
    let failure = Unreadable::new(Cause::Refused, format!("redacting the evidence failed: {error}"));
    let gap = Gap::Unreadable(failure);
    Evidence {
        git: gap.git(),
        code: gap.code(),
        report: gap.report(),
        aws: gap.aws(),
        http: HttpEvidence { target: gap.reading(), ..HttpEvidence::default() },
        ..evidence
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stackmark_evidence::{Lack, Team};

    const SECRET: &str = "wJq9/x2LmN4pR7sT0vY3zA6bC8dE1fG5hK+jUoXi";

    fn evidence() -> Evidence {
        let tool = Tool { name: "stackmark".to_owned(), version: "0".to_owned() };
        Evidence::unread(tool, "2026-11-20T10:00:00Z".to_owned(), Team::of_roster("a"))
    }

    #[test]
    fn exchanges_are_found_by_the_rubrics_request_after_redacting() {
        // stackmark:invented
        let key = r#"POST /login body:{"password": "correct-horse-7"} timeout:5000ms ×1"#;
        let mut evidence = evidence();
        let echoed = format!("no route: aws_secret_access_key = {SECRET}");
        evidence.http.exchanges.insert(key.to_owned(), Reading::absent(echoed));
        let (clean, of_repository) = redacted(evidence, None);
        let Some(Reading::Absent { note }) = clean.http.exchanges.get(key) else { panic!("{:?}", clean.http) };
        assert!(!note.contains(SECRET), "{note}");
        assert_eq!((clean.redactions, of_repository), (1, 0));
    }

    /// A full TMPDIR was an unreachable repository, and its mark was kept by the runs that followed.
    #[test]
    fn a_full_disk_is_no_reading_of_a_team() {
        let read = |detail: &str, lack: Option<Lack>| {
            let failure = Unreadable::new(Cause::Unreachable, detail.to_owned()).lacking(lack);
            unreadable_repository(Team::of_roster("a"), &failure)
        };
        let full = read("t: could not write pack data: No space left on device", Some(Lack::Machine));
        let (lack, failure) = worker::lack_of(&full).expect("a lack");
        assert!(lack == Lack::Machine && failure.detail.contains("No space left"), "{failure}");
        // A folder of the roster's that is not there is the instructor's slip, whatever the others are called.
        let slip = "commit 1 has no folder \"tp1\"; did you mean No space left on device?";
        assert!(worker::lack_of(&read(slip, None)).is_none());
    }

    /// With few processes left, a thread that could not be started was the team's broken repository.
    #[test]
    fn what_broke_off_in_this_program_is_no_reading_of_a_team() {
        let read = unreadable_repository(Team::of_roster("a"), &worker::broke_off("https://x:y@h.example/a", &"panic"));
        let evidence = Evidence { git: read.git, code: read.code, report: read.report, ..evidence() };
        let lack = worker::own_lack(&evidence).expect("an error of the grader");
        assert!(lack.contains("h.example/a") && lack.contains("ulimit -u") && !lack.contains("x:y"), "{lack}");
    }

    #[test]
    fn nothing_is_stored_that_could_not_be_redacted() {
        let mut evidence = evidence();
        evidence.git.head = Reading::unreadable(Cause::Malformed, format!("aws_secret_access_key = {SECRET}"));
        let error = serde_json::from_str::<u8>("x").unwrap_err();
        let withheld = withheld(evidence, &error);
        assert!(!serde_json::to_string(&withheld).unwrap().contains(SECRET));
        assert_eq!(withheld.aws.instances.failure().map(|failure| failure.cause), Some(Cause::Refused));
    }
}

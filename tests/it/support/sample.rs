//! One team that holds every outcome: what all formats are tested on.
//!
//! LOG8415, assignment 1, four members. Names and texts of the team are hostile where a team can choose them.

use std::collections::BTreeMap;

use stackmark_evidence::aws::*;
use stackmark_evidence::bundle;
use stackmark_evidence::closed::*;
use stackmark_evidence::code::*;
use stackmark_evidence::git::*;
use stackmark_evidence::http::*;
use stackmark_evidence::load::Load;
use stackmark_evidence::points::Points;
use stackmark_evidence::report::{Document, ReportEvidence};
use stackmark_evidence::{Cause, Evidence, Member, MembersFrom, Reading, Sign, SignKind, Team, Tool, Unreadable};
use stackmark_judge::picture::LoadPicture;
use stackmark_judge::scorecard::*;

/// What a team might put into any name, tag, subject or page.
pub(crate) const HOSTILE: &str =
    "<script>alert(1)</script> ](javascript:alert(1)) | `rm -rf` \u{1b}[31mred\u{1b}[0m\n# heading\n\u{202e}txt.exe";

const BALANCER: &str =
    "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/log8415-alb/50dc6c495c0c9188";
const LISTENER: &str =
    "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/log8415-alb/50dc6c495c0c9188/f2f7";
const GROUPS: [&str; 2] = [
    "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/cluster1/73e2d6bc24d8a067",
    "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/cluster2/943f017f100becff",
];

fn tool() -> Tool {
    Tool { name: "stackmark".into(), version: "0.1.0".into() }
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn counts<T: Copy>(pairs: &[(&str, T)]) -> BTreeMap<String, T> {
    pairs.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

fn project() -> Tags {
    Tags::from([("project".into(), "log8415-a1".into()), ("team".into(), "team-04".into())])
}

/// What was read of the team.
pub(crate) fn evidence() -> Evidence {
    let member = |id: &str, name: &str, email: &str| Member {
        id: id.into(),
        name: name.into(),
        emails: vec![email.into()],
        aliases: vec![],
        login: None,
    };
    Evidence {
        schema: bundle::SCHEMA.into(),
        tool: tool(),
        collected_at: "2026-10-15T09:12:40Z".into(),
        team: Team {
            id: "team-04".into(),
            name: Some("Les Nuages".into()),
            members: vec![
                member("zoe", "Zoë Tremblay", "zoe@example.org"),
                member("karim", "Karim Haddad", "karim@example.org"),
                member("mallory", &format!("Mallory {HOSTILE}"), "mallory@example.org"),
                member("absent", "Anh Nguyen", "anh@example.org"),
            ],
            members_from: MembersFrom::Roster,
            folder: Some("TP1".into()),
            nonce: None,
            distinct: Vec::new(),
        },
        asked: Default::default(),
        git: git(),
        code: code(),
        report: ReportEvidence {
            document: Reading::observed(Document {
                doubt: None,
                path: "TP1/docs/tp1.pdf".into(),
                files: Vec::new(),
                tables: None,
                code_listings: None,
                links: Vec::new(),
                figure_list: Vec::new(),
                format: DocumentFormat::Pdf,
                sha256: "5".repeat(64),
                pages: Some(11),
                words: 2_480,
                figures: None,
                headings: strings(&["1 Deployment", "2 Cluster setup", "3 Benchmark"]),
                language: "en".into(),
                chosen_because: "the largest PDF whose text names the members".into(),
                others: strings(&["TP1/statement.pdf"]),
            }),
            ..Default::default()
        },
        aws: aws(),
        http: http(),
        redactions: 3,
        unwritten: Vec::new(),
        due: None,
        ledger: Default::default(),
    }
}

fn git() -> GitEvidence {
    let share = |id: &str, name: &str, share: f64, added: u64, days: &[(&str, u64)]| MemberShare {
        member: id.into(),
        name: name.into(),
        commits: days.iter().map(|(_, commits)| commits).sum(),
        co_authored: if id == "karim" { 2 } else { 0 },
        added,
        deleted: added / 4,
        surviving: Surviving { lines: added as f64 * 0.75, share, blamed: added - added / 8 },
        work: Work {
            lines: added as f64,
            share,
            moved: added / 10,
            reformatted: added / 20,
            held_before: if id == "karim" { 37 } else { 0 },
            taken_back: added / 30,
            replaced_by_others: added / 15,
        },
        share,
        by_trailers: Some(if id == "karim" { 0.1 } else { 0.0 }),
        set_aside_lines: Some(0),
        active_days: days.len() as u64,
        active_weeks: days.len().min(4) as u64,
        days: days.iter().map(|(date, commits)| Day { date: (*date).into(), commits: *commits }).collect(),
    };
    let remap = |name: &str, email: &str, member: &str, by: MailmapOf, commits: u64| Remap {
        from: Person { name: name.into(), email: email.into() },
        to: Person { name: format!("The real {member}"), email: format!("{member}@uni.example") },
        member: member.into(),
        by,
        commits,
        co_authored: commits / 4,
    };
    GitEvidence {
        source: Reading::observed(Source {
            location: "https://git.example.org/log8415/team-04.git".into(),
            kind: SourceKind::Clone,
            branches: strings(&["develop", "main"]),
        }),
        head: Reading::observed(Head {
            commit: "3f9c2ab1d04e5f60718293a4b5c6d7e8f9012345".into(),
            branch: Some("main".into()),
            committed_at: "2026-10-14T21:47:10-04:00".into(),
            latest_at: None,
            chosen_by: ChosenBy::Deadline,
            deadline: Some("2026-10-14T23:59:00-04:00".into()),
            due: None,
            commits_after_deadline: 2,
            notes: vec![],
            set_aside: vec![],
        }),
        commits: Reading::observed(vec![]),
        contribution: Reading::observed(Contribution {
            members: vec![
                share("zoe", "Zoë Tremblay", 0.4113, 611, &[("2026-09-22", 3), ("2026-10-01", 5), ("2026-10-13", 9)]),
                share("karim", "Karim Haddad", 0.3702, 548, &[("2026-09-24", 2), ("2026-10-07", 4), ("2026-10-14", 6)]),
                share("mallory", &format!("Mallory {HOSTILE}"), 0.2185, 322, &[("2026-10-14", 3)]),
                share("absent", "Anh Nguyen", 0.0, 0, &[]),
            ],
            unmapped: vec![UnmappedAuthor {
                person: Person { name: format!("Ubuntu {HOSTILE}"), email: "ubuntu@ip-10-0-0-12.ec2.internal".into() },
                commits: 4,
                co_authored: 1,
                work: 61.0,
                surviving: 48.0,
                likely_member: None,
            }],
            unmapped_share: 0.0396,
            programs: vec![ProgramShare {
                name: format!("Claude {HOSTILE}"),
                kind: ProgramKind::Agent,
                commits: 1,
                co_authored: 7,
                work: 12.0,
                surviving: 9.0,
            }],
            agent_share: Some(0.0071),
            starter_lines: 140,
            files: vec![],
            remapped: vec![
                remap("karim-laptop", "karim@laptop.example", "karim", MailmapOf::Repository, 5),
                remap(&format!("root {HOSTILE}"), "root@ip-10-0-0-13.ec2.internal", "zoe", MailmapOf::Instructor, 1),
            ],
            other_committers: vec![OtherCommitter { author: "absent".into(), committer: "mallory".into(), commits: 2 }],
            evenness: 0.6247,
            evenness_by_hand: Some(0.5931),
            evenness_with_set_aside: Some(0.6247),
            would_change_hands: 0.2815,
            excluded: vec![Excluded {
                reason: "vendored".into(),
                files: 812,
                bytes: 6_170_225,
                unknown_sizes: 0,
                examples: strings(&["TP1/.venv/lib/site-packages/boto3/session.py"]),
            }],
        }),
        atomicity: Reading::observed(Atomicity {
            commits: 30,
            score: 0.71,
            unweighed: Some(0.78),
            largest_share: 0.31,
            largest: None,
            median_files: 2.0,
            median_lines: 24.0,
            worst: vec![],
        }),
        messages: Reading::observed(Messages {
            commits: 32,
            not_judged: 0,
            score: 0.58,
            poor: 9,
            fair: 12,
            good: 11,
            worst: vec![],
        }),
        coordination: Reading::observed(coordination()),
        outside: Reading::observed(outside()),
        hygiene: Reading::observed(hygiene()),
        set_aside: BTreeMap::new(),
        signs: BTreeMap::from([(
            "coordination".to_owned(),
            vec![Sign {
                kind: SignKind::Burst,
                says: "3 of 49 commits, 6% of the work, follow the one before within a minute".into(),
                asks: false,
                examples: vec![],
            }],
        )]),
    }
}

fn coordination() -> Coordination {
    let member = |id: &str, days: Option<(&str, &str)>, late: Option<f64>, given: u64, received: u64| MemberActivity {
        member: id.into(),
        active_days: u64::from(days.is_some()) * 3,
        active_weeks: u64::from(days.is_some()) * 2,
        first_day: days.map(|(first, _)| first.into()),
        last_day: days.map(|(_, last)| last.into()),
        last_day_share: late,
        merges: given,
        reviews_given: given,
        reviews_received: received,
        took_over: received,
        handed_on: given,
        authored: Some(u64::from(days.is_some()) * 3),
        named: Some(0),
        set_aside: Some(0),
        set_aside_share: days.map(|_| 0.0),
        mentioned: Some(0),
        mention: None,
    };
    let handover = |from: &str, to: &str, times: u64, example: &str| Handover {
        from: from.into(),
        to: to.into(),
        times,
        files: 1,
        examples: strings(&[example]),
    };
    Coordination {
        commits: 32,
        merges: 5,
        updates: 2,
        merges_of_others: 3,
        merges_of_work: Some(3),
        reviewed: 3,
        reviews: vec![Review {
            reviewer: "zoe".into(),
            author: "mallory".into(),
            shown_by: ReviewSign::Merge,
            commits: 3,
            example: "3f9c2ab1d04e5f60718293a4b5c6d7e8f9012345".into(),
        }],
        co_authored: 2,
        co_authored_only_named: Some(0),
        co_authored_unknown: Some(1),
        unknown_authored: Some(1),
        members_active: 3,
        without_work: Some(vec!["absent".into()]),
        doubles: vec![],
        pace: Some(Pace {
            within_a_minute: 3,
            within_a_minute_share: 0.0612,
            gap_variation: Some(1.41),
            authors_of_one_committer: 2,
        }),
        members: 4,
        by_member: vec![
            member("zoe", Some(("2026-09-22", "2026-10-13")), Some(0.0), 3, 0),
            member("karim", Some(("2026-09-24", "2026-10-14")), Some(0.3125), 0, 0),
            member("mallory", Some(("2026-10-14", "2026-10-14")), Some(1.0), 0, 3),
            member("absent", None, None, 0, 0),
        ],
        branches: strings(&["develop", "main"]),
        pull_requests: 3,
        pull_requests_claimed: Some(1),
        active_days: 6,
        committed_days: Some(6),
        active_weeks: 4,
        span_days: 23,
        last_day_share: Some(0.3342),
        last_day_before: LastDayBefore::Deadline,
        last_day_ends: "2026-10-14T23:59:00-04:00".into(),
        shared_files_share: 0.4,
        shared_files: Some(4),
        handed_over: 4,
        handovers: vec![
            handover("zoe", "mallory", 3, "TP1/src/app.py"),
            handover("karim", "zoe", 1, &format!("TP1/{HOSTILE}.py")),
        ],
    }
}

fn outside() -> Outside {
    let author = |member: Option<&str>, name: &str, commits: u64| OutsideAuthor {
        member: member.map(str::to_owned),
        name: name.into(),
        commits,
        copied: 0,
        only_outside: member == Some("absent"),
    };
    let authors = || vec![author(Some("absent"), "Anh Nguyen", 6), author(None, &format!("root {HOSTILE}"), 1)];
    Outside {
        commits: 7,
        copied: 1,
        authors: authors(),
        branches: vec![OutsideBranch {
            name: format!("metrics {HOSTILE}"),
            tip: "9".repeat(40),
            committed_at: "2026-10-11T18:02:00-04:00".into(),
            commits: 7,
            copied: 1,
            authors: authors(),
        }],
    }
}

fn hygiene() -> Hygiene {
    let commit = "4a5b6c7d8e9f00112233445566778899aabbccdd";
    let secret = |path: &str, still_there: bool| Secret {
        marked: false,
        kind: "aws access key".into(),
        path: path.into(),
        line: 2,
        redacted: "AKIA…[redacted aws access key]".into(),
        commit: Some(commit.into()),
        committed_at: Some("2026-09-22T10:00:00-04:00".into()),
        still_there,
        places: if still_there { vec![Place { path: path.into(), line: 2 }] } else { vec![] },
    };
    let dated = DatedCommit {
        commit: commit.into(),
        authored_at: "2026-10-20T10:00:00-04:00".into(),
        committed_at: "2026-09-22T10:00:00-04:00".into(),
    };
    Hygiene {
        secrets: vec![secret("TP1/src/credentials.ini", true), secret(&format!("TP1/{HOSTILE}.env"), false)],
        junk: vec![Junk {
            kind: "private key file".into(),
            files: 0,
            examples: vec![],
            removed: 1,
            removed_examples: strings(&["TP1/labsuser.pem"]),
        }],
        large: vec![LargeFile {
            path: "TP1/video.mp4".into(),
            bytes: 48_234_496,
            reason: "binary".into(),
            commit: Some(commit.into()),
            still_there: false,
        }],
        large_files: 1,
        large_bytes: 48_234_496,
        dates: vec![OddDates { kind: OddDate::AuthorAfterCommitter, commits: 1, examples: vec![dated] }],
        not_searched: vec![NotSearched {
            reason: WhyNotSearched::TooLarge,
            files: 1,
            examples: strings(&["TP1/data/trace.csv"]),
        }],
        history_unread: None,
    }
}

fn code() -> CodeEvidence {
    let file = |path: &str, language: &str, code: u64| SourceFile {
        path: path.into(),
        language: language.into(),
        code,
        comments: code / 9,
        commented_out: 0,
        blanks: code / 7,
        calls_unlisted: false,
        definitions_unlisted: false,
    };
    CodeEvidence {
        files: Reading::observed(vec![
            file("TP1/src/app.py", "Python", 212),
            file("TP1/src/benchmark.py", "Python", 187),
            file("TP1/src/setup_aws.py", "Python", 431),
            file("TP1/run.sh", "Shell", 38),
        ]),
        documentation: Reading::observed(Documentation {
            files: 4,
            starter_files: 0,
            starter_lines: 0,
            code: 868,
            comments: 96,
            comment_ratio: 0.0996,
            definitions: 31,
            documented_definitions: 12,
            documented_ratio: Some(0.3871),
            telling_definitions: 9,
            kinds: Default::default(),
            languages: Default::default(),
            docstrings: Default::default(),
            bare_files: vec![],
            worst: vec![],
            table: vec![],
        }),
        readme: Reading::absent("no README in TP1 or at the root of commit 3f9c2ab1d0"),
        ..Default::default()
    }
}

fn aws() -> AwsEvidence {
    let instance = |number: u32, kind: &str, zone: &str, state: &str| Instance {
        instance_id: format!("i-0{number:016x}"),
        instance_type: kind.into(),
        image_id: "ami-0fc5d935ebf8bc3bc".into(),
        state: state.into(),
        availability_zone: zone.into(),
        vpc_id: Some("vpc-0a1b2c3d".into()),
        subnet_id: None,
        private_ip_address: Some(format!("172.31.16.{number}")),
        public_ip_address: Some(format!("203.0.113.{number}")),
        public_dns_name: None,
        key_name: None,
        security_group_ids: strings(&["sg-0d4e5f60"]),
        iam_instance_profile_arn: None,
        volume_ids: vec![],
        root_volume_id: None,
        launch_time: None,
        region: "us-east-1".into(),
        tags: project(),
    };
    let group = |at: usize, path: &str| TargetGroup {
        target_group_arn: GROUPS[at].into(),
        target_group_name: format!("cluster{}", at + 1),
        protocol: Some("HTTP".into()),
        port: Some(8000),
        vpc_id: Some("vpc-0a1b2c3d".into()),
        target_type: "instance".into(),
        health_check_protocol: Some("HTTP".into()),
        health_check_port: Some("traffic-port".into()),
        health_check_path: Some(path.into()),
        health_check_interval_seconds: Some(30),
        healthy_threshold_count: Some(5),
        load_balancer_arns: strings(&[BALANCER]),
        region: "us-east-1".into(),
        tags: project(),
    };
    let target = |at: usize, number: u32, state: &str| TargetHealth {
        target_group_arn: GROUPS[at].into(),
        target_id: format!("i-0{number:016x}"),
        port: Some(8000),
        state: state.into(),
        reason: (state != "healthy").then(|| "Target.ResponseCodeMismatch".into()),
        description: None,
    };
    let forward = |at: usize| Action {
        kind: "forward".into(),
        target_group_arns: strings(&[GROUPS[at]]),
        target_groups: vec![],
        status_code: None,
    };
    let rule = |priority: &str, path: &str, at: usize| Rule {
        rule_arn: format!("{LISTENER}/{priority}"),
        listener_arn: LISTENER.into(),
        priority: priority.into(),
        is_default: false,
        path_patterns: strings(&[path]),
        host_headers: vec![],
        request_methods: vec![],
        source_ips: vec![],
        http_headers: vec![],
        query_strings: vec![],
        has_other_conditions: false,
        actions: vec![forward(at)],
    };
    AwsEvidence {
        caller: Reading::observed(Caller {
            account: "123456789012".into(),
            arn: "arn:aws:sts::123456789012:assumed-role/StackmarkRead/grader".into(),
            region: "us-east-1".into(),
            regions: strings(&["us-east-1"]),
        }),
        scope: Reading::observed(Scope {
            tags: project(),
            meant: BTreeMap::new(),
            found_by: counts(&[
                ("instances", FoundBy::Tags),
                ("listeners", FoundBy::Related),
                ("security_groups", FoundBy::Account),
            ]),
            tagged: 8,
            taggable: 9,
            untagged: strings(&["sg-0d4e5f60"]),
        }),
        instances: Reading::observed(vec![
            instance(1, "t2.micro", "us-east-1a", "running"),
            instance(2, "t2.micro", "us-east-1b", "running"),
            instance(3, "t2.large", "us-east-1a", "running"),
            instance(4, "t2.large", "us-east-1b", "running"),
            Instance {
                instance_type: "t2.micro\"]; click n1 \"javascript:x".into(),
                ..instance(5, "", "us-east-1c", "stopped")
            },
        ]),
        security_groups: Reading::observed(vec![SecurityGroup {
            group_id: "sg-0d4e5f60".into(),
            group_name: format!("web {HOSTILE}"),
            description: "web".into(),
            vpc_id: Some("vpc-0a1b2c3d".into()),
            ingress: [Some(22), Some(80), None]
                .map(|port| Permission {
                    ip_protocol: if port.is_some() { "tcp".into() } else { "-1".into() },
                    from_port: port,
                    to_port: port,
                    cidr: Some(if port.is_some() { "0.0.0.0/0".into() } else { "172.31.0.0/16".into() }),
                    group_id: None,
                    prefix_list_id: None,
                })
                .into(),
            egress: vec![],
            ip_permissions: vec![],
            ip_permissions_egress: vec![],
            region: "us-east-1".into(),
            tags: Tags::new(),
        }]),
        vpcs: Reading::observed(vec![Vpc {
            vpc_id: "vpc-0a1b2c3d".into(),
            cidr_block: "172.31.0.0/16".into(),
            state: "available".into(),
            is_default: true,
            region: "us-east-1".into(),
            tags: Tags::new(),
        }]),
        load_balancers: Reading::observed(vec![LoadBalancer {
            load_balancer_arn: BALANCER.into(),
            load_balancer_name: "log8415-alb".into(),
            dns_name: "log8415-alb-1234567890.us-east-1.elb.amazonaws.com".into(),
            kind: "application".into(),
            scheme: "internet-facing".into(),
            state: "active".into(),
            vpc_id: Some("vpc-0a1b2c3d".into()),
            availability_zones: strings(&["us-east-1a", "us-east-1b"]),
            subnet_ids: vec![],
            security_group_ids: strings(&["sg-0d4e5f60"]),
            created_time: None,
            region: "us-east-1".into(),
            tags: project(),
        }]),
        listeners: Reading::observed(vec![Listener {
            listener_arn: LISTENER.into(),
            load_balancer_arn: BALANCER.into(),
            protocol: "HTTP".into(),
            port: 80,
            default_actions: vec![Action {
                kind: "fixed-response".into(),
                target_group_arns: vec![],
                target_groups: vec![],
                status_code: Some("404".into()),
            }],
        }]),
        rules: Reading::observed(vec![rule("1", "/cluster1*", 0), rule("2", "/cluster2", 1)]),
        target_groups: Reading::observed(vec![group(0, "/cluster1"), group(1, "/")]),
        target_health: Reading::observed(vec![
            target(0, 1, "healthy"),
            target(0, 2, "healthy"),
            target(1, 3, "unhealthy"),
            target(1, 4, "healthy"),
        ]),
        auto_scaling_groups: Reading::unreadable(
            Cause::Denied,
            "autoscaling:DescribeAutoScalingGroups: AccessDenied for assumed-role/StackmarkRead/grader",
        ),
        scaling_policies: Reading::unreadable(
            Cause::Denied,
            "autoscaling:DescribeAutoScalingGroups: AccessDenied for assumed-role/StackmarkRead/grader",
        ),
        calls: counts(&[
            ("ec2:DescribeInstances", 2),
            ("elasticloadbalancing:DescribeRules", 1),
            ("sts:GetCallerIdentity", 1),
        ]),
        ..Default::default()
    }
}

fn http() -> HttpEvidence {
    let exchange = |path: &str, sent: u64, statuses: &[(&str, u64)], ids: &[(&str, u64)]| {
        Reading::observed(Exchange {
            method: "GET".into(),
            path: path.into(),
            sent,
            answered: statuses.iter().map(|(_, count)| count).sum(),
            cut_short: None,
            followed: vec![],
            status: 200,
            location: None,
            headers: BTreeMap::new(),
            body: format!("{{\"instance\": \"{HOSTILE}\"}}"),
            body_kept: 64 << 10,
            body_bytes: 64,
            truncated: false,
            json: serde_json::Value::Null,
            statuses: counts(statuses),
            errors: if sent > 30 { counts(&[("timeout", 2)]) } else { BTreeMap::new() },
            bodies: BTreeMap::new(),
            bodies_uncounted: 0,
            instance_ids: counts(ids),
            instance_ids_uncounted: 0,
            slowest_ms: 812.4039,
            median_ms: 41.25,
            tries: 1,
            ..Exchange::default()
        })
    };
    let (first, second) = ("i-00000000000000001", "i-00000000000000002");
    HttpEvidence {
        target: Reading::observed(Target {
            url: "http://log8415-alb-1234567890.us-east-1.elb.amazonaws.com".into(),
            from: TargetFrom::LoadBalancer,
            load_balancer_arn: Some(BALANCER.into()),
            listener_arn: None,
            load_balancers: 1,
            note: None,
            resolved_to: None,
        }),
        exchanges: BTreeMap::from([
            (
                "GET /cluster1 timeout:5000ms ×20".into(),
                exchange("/cluster1", 20, &[("200", 20)], &[(first, 11), (second, 9)]),
            ),
            (
                "GET /cluster2 timeout:5000ms ×40".into(),
                exchange("/cluster2", 40, &[("200", 20), ("502", 18)], &[(first, 20)]),
            ),
            (
                "GET /health timeout:5000ms ×1".into(),
                Reading::unreadable(Cause::Timeout, "GET /health: no answer within 5000 ms"),
            ),
        ]),
        loads: BTreeMap::from([
            ("/cluster1 ×200 by 5 close timeout:10000ms".into(), Reading::observed(load())),
            (
                "/cluster2 ×1000 by 10 keep-alive timeout:10000ms".into(),
                Reading::unreadable(Cause::Unreachable, "load of http://lb/cluster2: connection refused (10 requests)"),
            ),
        ]),
        ..HttpEvidence::default()
    }
}

/// A load that was cut short; one of its back ends has a name that attacks.
fn load() -> Load {
    let mut json: serde_json::Value = serde_json::from_str(include_str!("../../checks/load.json")).unwrap();
    json["value"]["cut_short"] = "40 of 240 were not sent: 300 s had gone by".into();
    json["value"]["errors"] = serde_json::json!({ "timeout": 3 });
    json["value"]["by_path"]["/cluster1"]["spread"] = serde_json::json!({ "i-00000000000000001": 120, HOSTILE: 60 });
    json["value"]["by_path"]["/cluster1"]["unlabelled"] = 20.into();
    match serde_json::from_value(json).unwrap() {
        Reading::Observed { value } => value,
        other => panic!("{other:?}"),
    }
}

/// The item with the picture of [`load`].
fn pictured(item: ItemScore) -> ItemScore {
    let picture = LoadPicture::of("/cluster1 ×200 by 5 close timeout:10000ms", load());
    ItemScore { outcome: Outcome { pictures: vec![picture], ..item.outcome }, ..item }
}

struct Text {
    expected: &'static str,
    actual: String,
    why: &'static str,
    fix: &'static str,
}

fn item(id: &str, check: &str, of: i64, verdict: Verdict, ratio: f64, text: Text, pointers: &[&str]) -> ItemScore {
    let of = Points::whole(of);
    ItemScore {
        id: id.into(),
        check: check.into(),
        part: None,
        mark: if verdict.is_open() { Mark::open(of) } else { Mark::certain(of.times(ratio), of) },
        outcome: Outcome {
            pictures: vec![],
            verdict,
            ratio: if verdict.is_open() { 0.0 } else { ratio },
            at_least: None,
            at_most: None,
            expected: text.expected.into(),
            actual: text.actual,
            for_marker: None,
            why: text.why.into(),
            fix: text.fix.into(),
            next_step: false,
            expectations: vec![],
            evidence: strings(pointers),
            unreadable: vec![],
        },
        settled: None,
    }
}

fn text(expected: &'static str, actual: &str, why: &'static str, fix: &'static str) -> Text {
    Text { expected, actual: actual.to_owned(), why, fix }
}

fn in_part(part: &str, item: ItemScore) -> ItemScore {
    ItemScore { part: Some(part.to_owned()), ..item }
}

fn expecting(item: ItemScore, expectations: &[(Option<bool>, Option<&str>, f64)]) -> ItemScore {
    let expectations = expectations
        .iter()
        .map(|(met, says, share)| Expectation { met: *met, says: says.map(str::to_owned), share: *share })
        .collect();
    ItemScore { outcome: Outcome { expectations, ..item.outcome }, ..item }
}

fn criterion(id: &str, title: Option<&str>, items: Vec<ItemScore>) -> CriterionScore {
    CriterionScore {
        id: id.into(),
        title: title.map(str::to_owned),
        mark: items.iter().map(|item| item.mark).sum(),
        items,
    }
}

/// What was judged of it, in the given language; two items are open.
pub(crate) fn scorecard(language: &str) -> Scorecard {
    let criteria = criteria();
    let adjustments = vec![Adjustment {
        points: Points::whole(-2),
        reason: "handed in a day late, with notice".into(),
        by: "the instructor".into(),
        when: "2026-10-16".into(),
    }];
    let mut mark: Mark = criteria.iter().map(|criterion| criterion.mark).sum();
    for adjustment in &adjustments {
        mark.low = mark.low + adjustment.points;
        mark.high = mark.high + adjustment.points;
    }
    Scorecard {
        schema: SCHEMA.into(),
        tool: tool(),
        team: "team-04".into(),
        rubric: RubricStamp {
            id: "log8415-a1".into(),
            title: "LOG8415 assignment 1: clusters behind a load balancer".into(),
            language: language.into(),
            sha256: "a".repeat(64),
        },
        evidence_sha256: "b".repeat(64),
        overrides_sha256: Some("c".repeat(64)),
        mark,
        criteria,
        adjustments,
        unmatched_overrides: strings(&["concepts/path-rule"]),
        zero: None,
        other: None,
    }
}

fn criteria() -> Vec<CriterionScore> {
    use Verdict::*;
    let rules = text(
        "Two rules forward /cluster1 and /cluster2 to their target groups",
        "2 rules: /cluster1* and /cluster2",
        "Path rules let one load balancer serve two clusters.",
        "Keep the rules as they are.",
    );
    let health = text(
        "Every target group checks a path that its application serves",
        "cluster2 checks /, which its targets answer with 404",
        "A health check on a wrong path takes good instances out of service.",
        "Set the health check path of cluster2 to /cluster2.",
    );
    let types = text(
        "Instances are t2.micro and t2.large, in two Availability Zones or more",
        "3 t2.micro and 2 t2.large instances in 3 zones",
        "Two instance types make the benchmark comparable.",
        "Nothing to do.",
    );
    let scaling = text(
        "An Auto Scaling group keeps between 2 and 5 instances",
        "the Auto Scaling groups could not be read",
        "A fixed minimum keeps the service up when an instance dies.",
        "Set min_size and max_size on the Auto Scaling group.",
    );
    let answers = text(
        "Both clusters answer, and each answer names its instance",
        "/cluster1 answered 20 of 20 from 2 instances, /cluster2 answered 20 of 40 with status 200",
        "An answer that names its instance proves that the load is shared.",
        "Find out why /cluster2 answers 502: the unhealthy target does not listen on port 8000.",
    );
    let load = text(
        "1,000 requests finish with a 95th percentile below 500 ms",
        "38 of 40 requests were answered, the slowest after 812 ms",
        "A benchmark is part of the assignment.",
        "Mend the unhealthy target, then measure again.",
    );
    let weeks = text(
        "Work is spread over three weeks or more",
        "commits in 4 weeks",
        "Teams that start early integrate early.",
        "Nothing to do.",
    );
    let reviews = text(
        "Merge requests are reviewed by somebody else",
        "the forge was not asked; 11 merges are in the history",
        "A second pair of eyes finds what the first one missed.",
        "Nothing to do.",
    );
    let even = Text {
        expected: "The work is shared evenly among the 4 members",
        actual: format!("evenness is 0.62; Mallory {HOSTILE} has 22 %, Anh Nguyen has no commit"),
        why: "Everyone is graded for the whole.",
        fix: "Let Anh Nguyen commit under an address that the roster knows, or explain the absence to the instructor.",
    };
    let mapped = Text {
        expected: "Every commit is signed by a member",
        actual: format!("4 of 34 commits are signed by nobody's identity: Ubuntu {HOSTILE}"),
        why: "Work that nobody signs counts for nobody.",
        fix: "Set user.name and user.email on the instance from which you commit.",
    };
    let messages = text(
        "Commit messages say what changed",
        "9 of 32 messages are poor, such as \"update run.sh\" and \"fix\"",
        "The history is the first place where the next maintainer looks.",
        "Write subjects with a verb and what it acts on: \"Retry when the target group is not ready\".",
    );
    let secrets = text(
        "No secret stands in the repository",
        "1 AWS access key in TP1/src/credentials.ini, line 2",
        "A published key is used by strangers within minutes.",
        "Revoke the key, remove the file, and read credentials from the environment.",
    );
    let documented = text(
        "Functions and classes are documented",
        "12 of 31 definitions have a docstring or a comment above them",
        "Documentation tells what the code cannot: why.",
        "Document the longest functions first: deploy_cluster in TP1/src/setup_aws.py.",
    );
    let readme = text(
        "A README says what this is and how to run it",
        "no README in TP1 or at the root of commit 3f9c2ab1d0",
        "The README is the first page that a newcomer opens.",
        "Write a README.md with the purpose, the prerequisites and the command that deploys everything.",
    );
    let handover = text(
        "The report has the parts of a handover document",
        "Look for the deployment procedure, cluster setup, benchmark and instructions to run, in TP1/docs/tp1.pdf (11 pages)",
        "A handover document lets another team take over.",
        "Add the missing parts.",
    );
    let named = text(
        "The report names every member",
        "4 of 4 members are named",
        "Readers need to know whom to ask.",
        "Nothing to do.",
    );

    let unread_scaling = {
        let mut item =
            item("concepts/scaling", "aws/asg-size", 8, Undetermined, 0.0, scaling, &["/aws/auto_scaling_groups"]);
        item.outcome.unreadable = vec![UnreadableReading {
            pointer: "/aws/auto_scaling_groups".into(),
            failure: Unreadable::new(
                Cause::Denied,
                "autoscaling:DescribeAutoScalingGroups: AccessDenied for assumed-role/StackmarkRead/grader",
            ),
        }];
        item
    };
    let settled_even = {
        let mut item = item("contribution/evenness", "git/evenness", 8, Partial, 0.52, even, &["/git/contribution"]);
        item.settled = Some(Settled {
            points: Points::from_hundredths(650),
            measured: item.mark,
            reason: "one member worked on paper for a week; the team showed the notes | see mail".into(),
            by: "the instructor".into(),
            when: "2026-10-16".into(),
            appeal: None,
        });
        item.mark = Mark::certain(Points::from_hundredths(650), Points::whole(8));
        item
    };
    vec![
        criterion(
            "concepts",
            None,
            vec![
                in_part(
                    "Load balancing",
                    item("concepts/path-rules", "aws/path-rules", 12, Pass, 1.0, rules, &["/aws/rules"]),
                ),
                in_part(
                    "Load balancing",
                    expecting(
                        item(
                            "concepts/health-checks",
                            "aws/health-checks",
                            10,
                            Partial,
                            0.5,
                            health,
                            &["/aws/target_groups/value/1"],
                        ),
                        &[
                            (Some(true), None, 0.5),
                            (Some(false), Some("cluster2 checks /, which its targets answer with 404"), 0.25),
                            (Some(false), Some("1 of 2 targets of cluster2 is unhealthy"), 0.25),
                        ],
                    ),
                ),
                in_part(
                    "Machines",
                    item("concepts/instances", "aws/instance-types", 10, Pass, 1.0, types, &["/aws/instances"]),
                ),
                in_part("Machines", unread_scaling),
            ],
        ),
        criterion(
            "works",
            None,
            vec![
                item("works/answers", "http/answers", 12, Partial, 0.6667, answers, &["/http/exchanges"]),
                expecting(
                    pictured(item("works/load", "http/load", 8, Fail, 0.0, load, &["/http/exchanges"])),
                    &[(Some(false), Some("2 requests got no answer"), 0.0), (None, None, 1.0)],
                ),
            ],
        ),
        criterion(
            "coordination",
            None,
            vec![
                item("coordination/weeks", "git/active-weeks", 5, Pass, 1.0, weeks, &["/git/coordination"]),
                item("coordination/reviews", "git/reviews", 5, NotApplicable, 1.0, reviews, &[]),
            ],
        ),
        criterion(
            "contribution",
            None,
            vec![
                settled_even,
                item(
                    "contribution/mapped",
                    "git/mapped",
                    2,
                    Partial,
                    0.75,
                    mapped,
                    &["/git/contribution/value/unmapped"],
                ),
            ],
        ),
        criterion(
            "version-control",
            None,
            vec![
                item("version-control/messages", "git/messages", 3, Partial, 0.58, messages, &["/git/messages"]),
                item("version-control/secrets", "git/secrets", 2, Fail, 0.0, secrets, &["/git/hygiene"]),
            ],
        ),
        criterion(
            "documentation",
            Some("Documentation in the code"),
            vec![
                item(
                    "documentation/definitions",
                    "code/documented",
                    3,
                    Partial,
                    0.39,
                    documented,
                    &["/code/documentation"],
                ),
                item("documentation/readme", "code/readme", 2, Fail, 0.0, readme, &["/code/readme"]),
            ],
        ),
        criterion(
            "report",
            None,
            vec![
                item("report/parts", "report/parts", 7, Manual, 0.0, handover, &["/report/document"]),
                item("report/members", "report/members", 3, Pass, 1.0, named, &["/report/members_named"]),
            ],
        ),
    ]
}

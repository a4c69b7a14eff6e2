//! One binary for all integration tests: linked once, and run by name (`cargo test --test it http_probe::`).

#![allow(clippy::unwrap_used, reason = "a panic is a test's failure, in its helpers too")]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tables are for people, and a test that is passed over says so"
)]

mod support;

#[cfg(unix)]
mod action;
mod author;
mod aws_around;
mod aws_collect;
mod aws_inventory;
mod aws_long_tail;
mod aws_replay;
#[cfg(target_os = "linux")]
mod bombs;
mod borders;
mod check_command;
mod checks;
mod class_page;
mod code_and_report;
mod collect_team;
mod course_servers;
mod courses;
mod demo_class;
mod diff_runs;
mod end_to_end;
mod extends;
mod fault_matrix;
mod file_errors;
mod formats;
mod fuzzed;
mod git_attribution;
mod git_commits;
mod git_contribution;
mod git_damage;
mod git_history;
mod git_set_aside;
mod git_teamwork;
mod gradebook;
mod handover;
#[cfg(target_os = "linux")]
mod hostile_documents;
mod hostile_servers;
mod http_load;
mod http_probe;
mod identities;
mod kept_evidence;
mod languages;
mod late_work;
mod layers;
mod library;
mod lint;
mod load_check;
mod mark_properties;
mod member_marks;
#[cfg(target_os = "linux")]
mod nothing_lost;
mod old_evidence;
mod other_courses;
mod pdf;
mod policy;
mod price;
mod privacy;
mod publish;
mod readme;
mod real_proxy;
mod recovery;
mod render;
mod review;
mod review_browser;
mod roster_import;
mod rubric_code;
mod rubrics;
mod scenarios;
mod secrets_everywhere;
mod secrets_kinds;
mod shards;
#[cfg(unix)]
mod signals;
mod similar;
mod stored_results;
mod supply_chain;
mod unchanged;
mod wrong_input;

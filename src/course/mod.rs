//! Rubrics, checks, rosters and overrides: raw TOML → valid, all problems at once, with spans.

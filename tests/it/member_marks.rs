//! `[members]`: a factor moves one person's mark where a person approved it, and no page shows another one.

use std::path::Path;

use super::support::history::History;

fn run(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = assert_cmd::Command::cargo_bin("stackmark")
        .expect("the binary")
        .current_dir(folder)
        .env_clear()
        .env("HOME", folder)
        .args(arguments)
        .timeout(std::time::Duration::from_secs(120))
        .output()
        .expect("it runs");
    (output.status.code().expect("a code"), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn a_factor_counts_where_it_was_approved_and_within_bounds() {
    let history = History::new();
    for at in 0..4 {
        history.as_author("Ada Rivers", "ada@uni.example").write("a.py", format!("a = {at}\n")).commit("Change a");
        history.as_author("Bo Stone", "bo@uni.example").write("b.py", format!("b = {at}\n")).commit("Change b");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let rubric = "title = \"Own\"\ntotal = 10\nscope = \"account\"\n[members]\nlowest = 0.8\nhighest = 1.2\n[[criterion]]\n\
                  id = \"c\"\ntitle = \"C\"\npoints = 10\n[[criterion.item]]\ncheck = \"git/everyone-commits\"\npoints = 10\n";
    let roster = format!(
        "[[team]]\nid = \"t\"\nrepository = \"{}\"\n[[team.member]]\nname = \"Ada Rivers\"\nemails = [\"ada@uni.example\"]\n\
         [[team.member]]\nname = \"Bo Stone\"\nemails = [\"bo@uni.example\"]\n",
        history.path().display()
    );
    std::fs::write(folder.join("own.toml"), rubric).expect("written");
    std::fs::write(folder.join("roster.toml"), roster).expect("written");
    assert_eq!(run(folder, &["grade", "--rubric", "own.toml"]).0, 0);
    let results = folder.join("results");
    let read =
        |name: &str| std::fs::read_to_string(results.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let own = |id: &str| -> serde_json::Value {
        serde_json::from_str(&read(&format!("teams/t/members/{id}.json"))).expect("JSON")
    };
    assert_eq!(own("bo-stone")["factor"], 1.0);
    assert!(read("factors-suggested.csv").contains("t,Bo Stone,"));

    let factors =
        "Team,Student Name,Adj Factor (w/ Self),approved_by\nt,Bo Stone,0.5,Prof\nt,Ada Rivers,1.1,\nt,Cleo,1,Prof\n";
    std::fs::write(results.join("factors.csv"), factors).expect("written");
    let (code, errors) = run(folder, &["report"]);
    assert_eq!(code, 0, "{errors}");
    assert!(errors.contains("has no `approved_by`") && errors.contains("no member \"Cleo\""), "{errors}");
    let (ada, bo) = (own("ada-rivers"), own("bo-stone"));
    assert_eq!((&ada["mark"], &ada["factor"]), (&ada["of_team"], &1.0.into()));
    let points = |value: &serde_json::Value| value["high"].as_f64().expect("points");
    assert!((points(&bo["mark"]) - 0.8 * points(&bo["of_team"])).abs() < 0.01, "{bo}");
    let page = read("teams/t/members/bo-stone.md");
    assert!(page.contains("Bo Stone") && page.contains("approved by Prof") && !page.contains("Ada"), "{page}");
    for report in ["report.md", "report.html", "scorecard.json"] {
        assert!(!read(&format!("teams/t/{report}")).contains("approved by Prof"), "{report} shows one person's factor");
    }
    std::fs::write(results.join("factors.csv"), "team,member,factor,approved_by\nt,Bo Stone,much,Prof\n")
        .expect("written");
    let before = read("class.csv");
    for arguments in [&["report"][..], &["grade", "--rubric", "own.toml"]] {
        let (code, errors) = run(folder, arguments);
        assert!(
            code == 3 && errors.matches("factors.csv: line 2: `much` is no factor").count() == 1,
            "{code} {errors}"
        );
        assert_eq!(read("class.csv"), before, "no team is without a mark for it");
    }
}

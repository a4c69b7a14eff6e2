//! A marker with a keyboard and nothing else, in a real browser: thirty items of ten teams.
//!
//! Passed over, with a word, where the machine has no chromedriver, unless `STACKMARK_TEST_BROWSER=required`.

use std::collections::BTreeSet;
use std::net::TcpListener;

use crate::languages::english;
use crate::support::review::Class;
use crate::support::webdriver::{Browser, ENTER, ESCAPE};

/// What the program says on the page; what it shows of the evidence is in the words of teams and checks.
const SAID: &str = "[...document.querySelectorAll('#top, #banner, #side, #item > :not(.columns), .guidance, #form, .beside, \
                    dialog[open]')].map((it) => it.innerText).join(' ')";
/// A reason that nobody gave before.
const NEW: &str = "what is asked for is there";
const READY: &str = "document.body.dataset.state === 'ready'";

/// Keys of a decision by a reason that was given before.
fn again() -> String {
    format!("1{ENTER}")
}

/// Keys of a decision by a reason that is typed: full points, the reason, the next item.
fn anew() -> [String; 2] {
    ["f".to_owned(), format!("r{NEW}{ENTER}")]
}

/// Decides the item on the page: by a reason that was given before, or by typing one.
fn decide(browser: &Browser, left: usize) {
    if browser.value("document.querySelectorAll('#reasons .use').length > 0") == true {
        browser.press(&again());
    } else {
        for keys in anew() {
            browser.press(&keys);
        }
    }
    settled(browser, left);
}

fn settled(browser: &Browser, left: usize) {
    browser.until(READY);
    browser.until(&format!("document.getElementById('left').textContent.startsWith('{left} item')"));
}

#[test]
fn thirty_items_of_ten_teams_by_keyboard_alone() {
    let Some(browser) = Browser::start() else { return };
    let class = Class::new();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let mut desk = class.serve(&["--port", port.as_str()]);
    browser.goto(&desk.address);
    settled(&browser, 40);
    assert!(browser.text("where").starts_with("team-00 · works/client"), "{}", browser.text("where"));
    for left in (30..40).rev() {
        decide(&browser, left);
    }
    // One is undone, and decided again in another way.
    let next = browser.text("where");
    browser.press("u");
    settled(&browser, 31);
    assert_ne!(browser.text("where"), next);
    browser.press("h");
    browser.press(&format!("rhalf of it{ENTER}"));
    settled(&browser, 30);

    // Another editor changes a file that the page has shown.
    let shown = browser.text("where");
    let team = shown.split(' ').next().unwrap().to_owned();
    let text = format!("{}\n# a remark by hand\n", class.text(&format!("teams/{team}/overrides.toml")));
    std::fs::write(class.overrides(&team), &text).unwrap();
    browser.press("f");
    browser.press(&format!("rseen{ENTER}"));
    browser.until("document.getElementById('dialog').open");
    assert!(browser.text("dialog-body").contains("# a remark by hand"), "{}", browser.text("dialog-body"));
    assert_eq!(class.text(&format!("teams/{team}/overrides.toml")), text, "nothing is overwritten");
    browser.press(ENTER);
    browser.until("!document.getElementById('dialog').open");
    browser.until(READY);
    assert_eq!(browser.value("document.getElementById('reason').value"), "seen");
    browser.press(ENTER);
    settled(&browser, 29);
    for left in (20..29).rev() {
        decide(&browser, left);
    }

    // The server is killed in the middle. What was typed stays on the page, and an old tab is told that it is one.
    desk.kill();
    browser.press("f");
    browser.press(&format!("rnobody hears this{ENTER}"));
    browser.until("document.getElementById('banner').textContent.includes('does not answer')");
    let desk = class.serve(&["--port", port.as_str()]);
    browser.press(ENTER);
    browser.until("document.getElementById('banner').textContent.includes('an earlier run')");
    assert_eq!(browser.value("document.getElementById('reason').value"), "nobody hears this");
    browser.press(ESCAPE);
    browser.goto(&desk.address);
    settled(&browser, 20);
    for left in (10..20).rev() {
        decide(&browser, left);
    }

    let mut decided = 0;
    for number in 0..10 {
        let card = class.json(&format!("teams/team-{number:02}/scorecard.json"));
        let criteria = card["criteria"].as_array().unwrap();
        for item in criteria.iter().flat_map(|criterion| criterion["items"].as_array().unwrap()) {
            if let Some(points) = item["settled"]["points"].as_f64() {
                decided += 1;
                assert!((item["mark"]["low"].as_f64().unwrap() - points).abs() < 1e-9, "{item}");
                assert_ne!(item["settled"]["reason"], "nobody hears this");
            }
        }
    }
    assert_eq!(decided, 30);
    assert!(class.text(&format!("teams/{team}/overrides.toml")).contains("# a remark by hand"));
    class.agrees();
}

#[test]
fn the_page_fits_a_narrow_window_and_names_its_fields() {
    let Some(browser) = Browser::start() else { return };
    let class = Class::new();
    let desk = class.serve(&[]);
    browser.goto(&desk.address);
    settled(&browser, 40);
    for width in [1280, 500] {
        browser.resize(width, 900);
        assert_eq!(browser.value("document.documentElement.scrollWidth <= innerWidth"), true, "{width} px");
    }
    let unnamed =
        "[...document.querySelectorAll('input, textarea, select')].filter((it) => it.labels.length === 0).length";
    assert_eq!(browser.value(unnamed), 0);
    assert_eq!(browser.value("document.querySelectorAll('[style], [onclick], iframe, object').length"), 0);
    // With the shortcuts off, a letter said aloud decides nothing.
    browser.value("document.getElementById('keys-on').click()");
    browser.press("f");
    assert_eq!(browser.value("document.getElementById('points').value"), "");
}

#[test]
fn on_paper_are_the_queue_and_the_item_and_no_control() {
    let Some(browser) = Browser::start() else { return };
    let class = Class::new();
    let desk = class.serve(&[]);
    browser.goto(&desk.address);
    settled(&browser, 40);
    let seen = |what: &str| {
        browser.value(&format!("[...document.querySelectorAll('{what}')].filter((it) => it.checkVisibility()).length"))
    };
    let controls = "#top input, #top button, #filters, #form button, kbd";
    assert_ne!(seen(controls), 0);
    browser.on_paper();
    assert_eq!(seen(controls), 0);
    assert_eq!(seen("#list button"), 40);
    assert_eq!(seen("#question, #guidance, #points, #reason, #measured"), 5);
    // What scrolls on a screen is as high as its text.
    let whole = "['side', 'guidance', 'reason'].map((id) => document.getElementById(id)).every((it) => it.scrollHeight <= \
                 it.clientHeight + 1)";
    assert_eq!(browser.value(whole), true);
}

#[test]
fn the_page_of_a_french_course_is_in_french_whatever_is_done_on_it() {
    let Some(browser) = Browser::start() else { return };
    let class = Class::new();
    class.speak("fr");
    let desk = class.serve(&[]);
    browser.goto(&desk.address);
    browser.until(READY);
    let in_french = |part: &str| {
        let said = browser.value(SAID).as_str().unwrap().to_owned();
        assert!(said.contains(part), "{part} is not in {said}");
        assert_eq!(english(&said, &BTreeSet::new()), None, "{said}");
    };
    in_french("40 éléments attendent");
    browser.press(ENTER);
    in_french("Les points manquent");
    browser.press("9");
    browser.press(ESCAPE);
    browser.press(&format!("rtrop{ENTER}"));
    browser.until("document.getElementById('note').textContent.includes('[[adjustment]]')");
    in_french("ce qui va au-delà");
    browser.press(ESCAPE);
    browser.press("f");
    browser.press(&format!("rtout y est{ENTER}"));
    browser.until("document.getElementById('left').textContent.startsWith('39 ')");
    browser.until(READY);
    in_french("39 éléments attendent");
    browser.press("u");
    browser.until("document.getElementById('left').textContent.startsWith('40 ')");
    browser.until(READY);
    in_french("annulé");
    browser.press("u");
    browser.until("document.getElementById('note').textContent.includes('rien')");
    in_french("plus rien à annuler");
    browser.press("?");
    browser.until("document.getElementById('dialog').open");
    in_french("annuler la dernière décision");
}

/// Keys that are pressed for a text on an American keyboard; Shift is one of them.
fn strokes(text: &str) -> usize {
    let shifted = |sign: char| sign.is_uppercase() || "~!@#$%^&*()_+{}|:\"<>?".contains(sign);
    text.chars().map(|sign| 1 + usize::from(shifted(sign))).sum()
}

#[test]
fn the_times_in_the_manual_are_those_of_the_model() {
    let block = format!(
        "[[override]]\nitem = \"works/client\"\npoints = 1\nreason = \"{NEW}\"\nby = \"TA one\"\nwhen = \"2026-11-29\"\n"
    );
    let manual = include_str!("../../docs/review.md");
    for (what, keys, begun) in [
        ("in the page, an earlier reason", strokes(&again()), 2),
        ("in the page, full points and a new reason", anew().iter().map(|keys| strokes(keys)).sum::<usize>(), 3),
        ("the same decision typed into `overrides.toml`", strokes(&block), block.lines().count()),
    ] {
        // Card, Moran and Newell (1980): K of a typist of 40 words a minute, and M.
        let seconds = keys as f64 * 0.28 + begun as f64 * 1.35;
        let line = manual.lines().find(|line| line.starts_with(&format!("| {what}"))).expect("a line of the table");
        assert!(
            line.ends_with(&format!("| {keys} | {begun} | {seconds:.1} s |")),
            "{line}: {keys} {begun} {seconds:.1}"
        );
    }
}

//! Co-authors that a message names.

use stackmark_evidence::git::Person;

/// People named by `Co-authored-by: Name <address>` trailers, in order, each once.
pub(crate) fn co_authors_in(message: &str) -> Vec<Person> {
    const TRAILER: &str = "co-authored-by:";
    let mut people: Vec<Person> = Vec::new();
    for line in message.lines() {
        let line = line.trim();
        let Some(rest) = line.get(..TRAILER.len()).filter(|start| start.eq_ignore_ascii_case(TRAILER)) else {
            continue;
        };
        for person in people_in(line[rest.len()..].trim()) {
            if !people.contains(&person) {
                people.push(person);
            }
        }
    }
    people
}

/// `Name <address>`, and as many more as a line holds after a comma; all of it is a name where there is no `<`.
fn people_in(mut text: &str) -> Vec<Person> {
    let mut people = Vec::new();
    while let Some((name, rest)) = text.split_once('<') {
        let (email, after) = rest.split_once('>').unwrap_or((rest, ""));
        people.push(Person { name: name.trim().to_owned(), email: email.trim().to_owned() });
        text = after.trim_start_matches(|c: char| c.is_whitespace() || ",;&>".contains(c));
    }
    if people.is_empty() {
        people.push(Person { name: text.to_owned(), email: String::new() });
    }
    people.retain(|person| !person.name.is_empty() || !person.email.is_empty());
    people
}

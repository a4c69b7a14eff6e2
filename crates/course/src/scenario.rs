//! A check's `[[request]]` steps in order: their captured values, and the requests that they make.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use minijinja::Value;
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use super::check::{COMMON_NAMES, Check};
use super::expect::Spanned;
use super::problem::Problem;
use super::request::{MOST_REPEATS, RequestStep};
use stackmark_language::expression::{Engine, ExpressionError};
use stackmark_language::request::HttpRequest;
use stackmark_language::scenario::{Eventually, Need, Step};

impl Check {
    /// The requests of its steps, in order, with their templates filled in from the check's parameters.
    ///
    /// Steps before the first that changes something, captures a value, waits or goes to a URL are requests of their own,
    /// which other checks share. From that step on they are a scenario: its keys hold a digest of all of its steps, so that
    /// it is run once for all checks that have the same one, and never mixes with another.
    ///
    /// # Errors
    /// A template that fails, a path without its leading `/`, a repeat out of 1..=100; the message names the step.
    pub fn fill_requests(&self, engine: &Engine, context: &Value) -> Result<Vec<HttpRequest>, ExpressionError> {
        let mut known: BTreeMap<&str, &str> = BTreeMap::new();
        let mut filled = Vec::new();
        for step in &self.requests {
            let request = fill(step, engine, context, &known).map_err(|error| ExpressionError {
                message: format!("request \"{}\": {}", step.name.text, error.message),
                range: None,
            })?;
            known.extend(step.captures.keys().map(|name| (name.as_str(), step.name.text.as_str())));
            filled.push(request);
        }
        let first = self.requests.iter().position(RequestStep::binds).unwrap_or(filled.len());
        let count = filled.len() - first;
        let mut digest = Sha256::new();
        for request in &filled[first..] {
            digest.update(request.key.as_bytes());
            digest.update([0]);
        }
        let scenario = hexadecimal(&digest.finalize());
        for (number, request) in filled[first..].iter_mut().enumerate() {
            if count > 1 {
                request.key.push_str(&format!(" step {} of {count} in {scenario}", number + 1));
                request.step.get_or_insert_default();
            }
            if let Some(step) = request.step.as_deref_mut() {
                step.scenario.clone_from(&scenario);
                step.name.clone_from(&self.requests[first + number].name.text);
            }
        }
        Ok(filled)
    }

    /// Names of all values that its steps capture.
    pub(super) fn captured_names(&self) -> impl Iterator<Item = &str> {
        self.requests.iter().flat_map(|step| step.captures.keys().map(String::as_str))
    }

    /// Values that are used before they are captured, captured twice or never used; names that mean something else.
    pub(super) fn lint_captures(&self, engine: &Engine) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut error = |span: Range<usize>, message: String, fix: &str| {
            problems.push(Problem::error(&self.source, Some(span), message).fix(fix));
        };
        let roots = |template: &Spanned| engine.template_names(&template.text).unwrap_or_default().roots;
        let steps: Vec<&str> = self.requests.iter().map(|step| step.name.text.as_str()).collect();
        let all: BTreeSet<&str> = self.captured_names().collect();
        let (mut known, mut used) = (BTreeSet::<&str>::new(), BTreeSet::<&str>::new());
        for (number, step) in self.requests.iter().enumerate() {
            if steps[..number].contains(&step.name.text.as_str()) {
                let message = format!("two requests are named \"{}\"", step.name.text);
                error(step.name.span.clone(), message, "give each a name of its own");
            }
            let mut needs = false;
            for template in step.templates() {
                for root in roots(template) {
                    let Some(name) = all.get(root.as_str()).copied() else { continue };
                    needs = true;
                    used.insert(name);
                    if !known.contains(name) {
                        let message = format!("`{name}` is used before it is captured");
                        error(template.span.clone(), message, "put the step that captures it before this one");
                    }
                }
            }
            for template in step.fixed_templates() {
                if let Some(name) = roots(template).iter().find(|name| all.contains(name.as_str())) {
                    let message = format!("`{name}` comes too late to decide this");
                    error(template.span.clone(), message, "use a number or a parameter");
                }
            }
            if step.optional && !needs {
                let name = &step.name.text;
                let message = format!("request \"{name}\": `optional` has no effect: this step uses no captured value");
                error(step.name.span.clone(), message, "remove `optional`");
            }
            if step.is_url && !needs {
                let message = "`url` names no captured value".to_owned();
                error(step.path.span.clone(), message, "use `path`: requests go to the team's own address");
            }
            for (name, (_, span)) in &step.captures {
                let taken = self.params.contains_key(name)
                    || steps.contains(&name.as_str())
                    || COMMON_NAMES.contains(&name.as_str());
                if taken || !known.insert(name) {
                    let message = format!("the captured value `{name}` has a name that means something else");
                    error(span.clone(), message, "choose one that no parameter, request or other value has");
                }
            }
        }
        for (name, (_, span)) in self.requests.iter().flat_map(|step| &step.captures) {
            if !used.contains(name.as_str()) && !self.source.text.contains(&format!("captured.{name}")) {
                let message = format!("the captured value `{name}` is never used");
                let fix = "use it in a later step or as `<request>.captured`, or remove it";
                problems.push(Problem::error(&self.source, Some(span.clone()), message).fix(fix).warn());
            }
        }
        problems
    }
}

/// The first six bytes: enough to tell the scenarios of a rubric apart.
fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// One step; `known` has the captured values of the steps before it, each with its step's name.
fn fill(
    step: &RequestStep,
    engine: &Engine,
    context: &Value,
    known: &BTreeMap<&str, &str>,
) -> Result<HttpRequest, ExpressionError> {
    let wrong = |message: String| ExpressionError { message, range: None };
    let mut names = BTreeSet::new();
    for template in step.templates() {
        names.extend(engine.template_names(&template.text)?.roots);
    }
    let needs: Vec<Need> = known
        .iter()
        .filter(|(name, _)| names.contains(**name))
        .map(|(name, from)| Need { capture: (*name).to_owned(), step: (*from).to_owned() })
        .collect();
    // In the key, and in what is checked before anything is sent, a captured value is its name.
    let shown = with_names(context, &needs)?;
    let render = |template: &Spanned| engine.render(&template.text, &shown);
    // What is stored in the request: the text, or the template where there is something to come.
    let late = !needs.is_empty();
    let text = |template: &Spanned| if late { Ok(template.text.clone()) } else { render(template) };

    let path = render(&step.path)?;
    if !step.is_url && (!path.starts_with('/') || path.chars().any(|c| c.is_control() || c == ' ')) {
        return Err(wrong(format!("request path \"{path}\" does not start with `/`, or has blanks in it")));
    }
    let repeat_text = engine.render(&step.repeat.text, context)?;
    let repeat = repeat_text.trim().parse::<i64>().ok().filter(|count| (1..=MOST_REPEATS).contains(count));
    let repeat = repeat
        .and_then(|count| u32::try_from(count).ok())
        .ok_or_else(|| wrong(format!("repeat is {repeat_text}, expected a whole number from 1 to {MOST_REPEATS}")))?;
    let all = |make: &dyn Fn(&Spanned) -> Result<String, ExpressionError>| {
        let headers = step.headers.iter().map(|(name, value)| Ok((name.clone(), make(value)?)));
        let headers = headers.collect::<Result<BTreeMap<String, String>, ExpressionError>>()?;
        let body = step.body.as_ref().map(make).transpose()?;
        let upload = step.upload.as_ref();
        let upload = upload.map(|upload| upload.fill(engine, context, &seed(context), make)).transpose()?;
        Ok::<_, ExpressionError>((headers, body, upload))
    };
    let (headers, body, shown_upload) = all(&render)?;
    let mut request = HttpRequest {
        key: String::new(),
        method: step.method.to_owned(),
        path,
        headers,
        body,
        repeat,
        timeout_ms: step.timeout_ms,
        max_redirects: step.max_redirects,
        step: None,
    };
    request.key = request.key_of();
    let plain = !step.is_url && step.upload.is_none() && step.captures.is_empty() && step.eventually.is_none();
    if plain && !late {
        return Ok(request);
    }
    if let Some(upload) = &shown_upload {
        let digest = hexadecimal(&Sha256::digest(serde_json::to_vec(upload).unwrap_or_default()));
        let files: Vec<&str> = upload.files.iter().map(|file| file.filename.as_str()).collect();
        request.key.push_str(&format!(" multipart:{} {digest}", files.join(",")));
    }
    for (name, (capture, _)) in &step.captures {
        request.key.push_str(&format!(" capture {name}: {capture}"));
    }
    let eventually = step.eventually.as_ref().map(|retry| {
        let (that, within, every) = (&retry.that.text, retry.within_ms, retry.every_ms);
        request.key.push_str(&format!(" eventually {that} within:{within}ms every:{every}ms"));
        // The parameters decide with it; the team is the same for all.
        let names = engine.expression_names(that).unwrap_or_default().roots;
        for name in names.into_iter().filter(|name| !COMMON_NAMES.contains(&name.as_str())) {
            if let Some(value) = context.get_attr(&name).ok().filter(|value| !value.is_undefined()) {
                request.key.push_str(&format!(" {name}={value}"));
            }
        }
        Eventually { that: that.clone(), within_ms: within, every_ms: every }
    });
    let (headers, body, multipart) = all(&text)?;
    let path = text(&step.path)?;
    request.headers = headers;
    request.body = body;
    let url = if step.is_url { Some(path) } else { None };
    if url.is_none() {
        request.path = text(&step.path)?;
    }
    request.step = Some(Box::new(Step {
        name: step.name.text.clone(),
        scenario: String::new(),
        url,
        multipart,
        captures: step.captures.iter().map(|(name, (capture, _))| (name.clone(), capture.clone())).collect(),
        context: if late || eventually.is_some() { plain_data(context) } else { Map::new() },
        eventually,
        needs,
    }));
    Ok(request)
}

/// The context with the name of each captured value in its place.
fn with_names(context: &Value, needs: &[Need]) -> Result<Value, ExpressionError> {
    if needs.is_empty() {
        return Ok(context.clone());
    }
    let mut map = plain_data(context);
    for need in needs {
        map.insert(need.capture.clone(), Json::from(format!("{{{}}}", need.capture)));
    }
    Ok(stackmark_language::expression::value_of(map))
}

fn plain_data(context: &Value) -> Map<String, Json> {
    match serde_json::to_value(context) {
        Ok(Json::Object(map)) => map,
        _ => Map::new(),
    }
}

/// Tells one team's generated files from another's, and is the same at every run.
fn seed(context: &Value) -> String {
    let of_team = |name: &str| {
        let value = context.get_attr("team").and_then(|team| team.get_attr(name)).ok()?;
        value.as_str().map(str::to_owned)
    };
    format!("{}/{}", of_team("id").unwrap_or_default(), of_team("nonce").unwrap_or_default())
}

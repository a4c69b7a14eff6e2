//! Secrets here are made up, and put together when a test runs: no scanner takes this file for a leak.

use proptest::prelude::*;
use serde_json::json;

use super::*;

mod forms;

const KEY: &str = concat!("AKIA", "Q3EGRIPT7LM2ZW4X");
const SECRET: &str = concat!("b8Zr1kQ/7yVnT0xPq+Lm", "W3sHdJ5uGfE9aCoXiR2N");
const WORD: &str = "hunter2";
const PEM: &str = "RSA PRIVATE KEY";

fn kinds(text: &str) -> Vec<&'static str> {
    find_secrets(text).into_iter().map(|hit| hit.kind).collect()
}

#[track_caller]
fn assert_gone(text: &str, kind: &str, secret: &str) {
    assert_eq!(kinds(text), [kind], "in {text}");
    let (clean, count) = redact(text);
    assert_eq!(count, 1, "in {text}");
    assert!(!clean.contains(secret), "{secret} is left in {clean}");
    assert!(clean.contains(&format!("[redacted {kind}]")), "{clean}");
}

#[test]
fn half_of_a_secret_is_not_left_where_a_text_is_cut() {
    let token = ["ghp_", "Zr1kQ7yVnT0xPqLmW3sHdJ5uGfE9aCoXiR2N"].concat();
    let text = format!("an image of {token} and more");
    for most in 0..text.len() {
        let kept = beginning(&text, most);
        assert!(!kept.contains("ghp_Z") && kept.chars().count() <= most, "{most}: {kept}");
    }
    assert_eq!(beginning("écoute", 3), "éco");
}

#[test]
fn a_line_may_say_that_its_secret_is_invented_and_is_redacted_all_the_same() {
    let marked = |text: &str| find_secrets(text).into_iter().map(|hit| hit.marked).collect::<Vec<_>>();
    for mark in MARKS {
        assert_eq!(marked(&format!("a = '{KEY}'  # {mark}\n")), [true], "{mark}");
        assert_eq!(marked(&format!("# {mark}\na = '{KEY}'\n")), [true], "{mark} above");
        assert!(!redact(&format!("a = '{KEY}'  # {mark}\n")).0.contains(KEY));
    }
    let other = concat!("AKIA", "R5TYUIOP7LM2ZW4Q");
    assert_eq!(marked(&format!("# gitleaks:allow\na = '{KEY}'\nb = '{other}'\n")), [true, false]);
}

#[test]
fn access_keys_keep_only_their_type() {
    assert_eq!(redact(&format!("key = '{KEY}'\n")), ("key = 'AKIA…[redacted aws access key]'\n".into(), 1));
    assert_gone(concat!("id=ASIA", "Q3EGRIPT7LM2ZW4X"), "aws access key", "Q3EGRIPT");
}

#[test]
fn secret_keys_are_found_by_their_name() {
    for text in [
        format!("aws_secret_access_key = {SECRET}"),
        format!("AWS_SECRET_ACCESS_KEY=\"{SECRET}\""),
        format!("export AWS_SECRET_ACCESS_KEY='{SECRET}'"),
        format!("{{\"SecretAccessKey\": \"{SECRET}\"}}"),
        format!("os.environ['AWS_SECRET_ACCESS_KEY'] = '{SECRET}'"),
        format!("aws configure set aws_secret_access_key, {SECRET}"),
        format!("secret_key: {SECRET}"),
    ] {
        assert_gone(&text, "aws secret key", SECRET);
    }
}

#[test]
fn secret_keys_are_found_after_their_access_key() {
    for text in [
        format!("boto3.client('ec2', '{KEY}', '{SECRET}')"),
        format!("Access key ID,Secret access key\n{KEY},{SECRET}\n"),
        format!("{KEY}\n{SECRET}\n"),
    ] {
        assert_eq!(kinds(&text), ["aws access key", "aws secret key"], "in {text}");
        assert!(!redact(&text).0.contains(SECRET));
    }
}

#[test]
fn session_tokens_are_found_by_name_or_by_beginning() {
    let token = format!("IQoJb3JpZ2luX2VjE{}", "aB3dE/6gH+".repeat(12));
    assert_gone(&format!("aws_session_token={token}"), "aws session token", &token);
    assert_gone(&format!("t = '{token}'"), "aws session token", &token);
    assert_gone(&format!("\"SessionToken\": \"{}\"", "aB3dE/6gH+".repeat(12)), "aws session token", "aB3dE/6gH+");
}

#[test]
fn urls_signed_the_older_way_lose_their_signature() {
    let signature = concat!("vjbyPxybdZaNmGa%2B", "yT272YEAiv4%3D");
    for and in ["&", "\\u0026"] {
        let url = format!("https://b.s3.amazonaws.com/a.csv?Expires=1795169000{and}Signature={signature}{and}x=1");
        assert_gone(&url, "aws signature", signature);
    }
    assert_eq!(kinds("?Signature=none&Expires=1795169000"), [""; 0]);
}

#[test]
fn signed_urls_lose_their_signature_and_keep_their_path() {
    let url = format!(
        "https://b.s3.amazonaws.com/photo.jpg?X-Amz-Credential={KEY}%2F20240901%2Fus-east-1&X-Amz-Expires=900\
         &X-Amz-Signature={}\
         &X-Amz-Security-Token=IQoJb3JpZ2luX2VjE{}",
        "8f3a91d0c7be54e6a0211f7c8d9e3b45",
        "aB3dE%2F6gH".repeat(12)
    );
    let (clean, count) = redact(&url);
    assert_eq!(count, 3, "{clean}");
    assert!(clean.starts_with("https://b.s3.amazonaws.com/photo.jpg?X-Amz-Credential=AKIA…[redacted aws access key]"));
    assert!(clean.contains("&X-Amz-Expires=900&X-Amz-Signature=…[redacted aws signature]&"));
    assert!(!clean.contains("8f3a91d0") && !clean.contains("X2VjE"));
}

#[test]
fn private_keys_go_whole_even_when_cut_off_or_on_one_line() {
    let line = "MIIEpAIBAAKCAQEAx7Zr1kQ7yVnT0xPqLmW3sHdJ5uGfE9aCoXiR2Nb8Zr1kQ7yV\n";
    let whole = format!("a\n-----BEGIN {PEM}-----\n{}-----END {PEM}-----\nb", line.repeat(20));
    assert_eq!(redact(&whole), ("a\n…[redacted private key]\nb".into(), 1));
    let cut = format!("-----BEGIN OPENSSH {}-----\n{}", "PRIVATE KEY", line.repeat(3));
    assert_eq!(redact(&cut), ("…[redacted private key]\n".into(), 1), "the end is missing");
    let escaped = whole.replace('\n', "\\n");
    assert_gone(&escaped, "private key", "MIIEpAIB");
}

#[test]
fn tokens_of_forges_and_slack() {
    // stackmark:invented
    assert_gone("ghp_0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX", "github token", "0aB1cD");
    // stackmark:invented
    assert_gone("https://oauth2:github_pat_11ABCDEFG0abcdefghij_klmnop@github.com/a/b", "github token", "11ABCDEFG0");
    // stackmark:invented
    assert_gone("token: glpat-a1B2c3D4e5F6g7H8i9J0", "gitlab token", "a1B2c3");
    // stackmark:invented
    assert_gone("SLACK=xoxb-1234567890-abcdefGHIJ", "slack token", "1234567890");
}

#[test]
fn literal_passwords_are_found() {
    for text in [
        // stackmark:invented
        "password = \"hunter2\"",
        "DB_PASSWORD='hunter2'",
        "db.connect(user=\"root\", password=\"hunter2\")",
        "\"password\": \"hunter2\",",
        "self.password: str = 'hunter2'",
        "MYSQL_ROOT_PASSWORD=hunter2",
        "      MYSQL_ROOT_PASSWORD: hunter2",
        "      - POSTGRES_PASSWORD=hunter2\r\n",
        "password: hunter2",
        "mysql --password=hunter2 db",
        "postgres://app:hunter2@db:5432/app",
        "config['password'] = 'hunter2'",
    ] {
        assert_gone(text, "password", "hunter2");
    }
}

#[test]
fn what_only_looks_like_a_secret_stays() {
    let image = format!("data:image/png;base64,iVBORw0KGgo{}AAAA==", "AKIAaB3dE/6gH+secret".repeat(40));
    for text in [
        "AKIAIOSFODNN7EXAMPLE",
        "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "AKIAXXXXXXXXXXXXXXXX",
        "aws_secret_access_key = xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "aws_secret_key: 3f786850e387550fdab836ed7e6dc881de23001b",
        "commit 3f786850e387550fdab836ed7e6dc881de23001b",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "123e4567-e89b-12d3-a456-426614174000",
        "password = os.environ['DB_PASSWORD']",
        "password = os.getenv(\"DB_PASSWORD\")",
        "password = getpass()",
        "password: str",
        "password=args.password2",
        "password = \"<your-password>\"",
        "password = 'changeme'",
        "password = 'xxxx'",
        "password = '********'",
        "PASSWORD=${DB_PASSWORD}",
        "password: \"{{ vault_password }}\"",
        "password = ''",
        "label_password = \"Enter your password\"",
        "<input type=\"password\" name=\"password\" id=\"password\">",
        "PWD=\"/home/ubuntu\"",
        "if \"-----BEGIN RSA PRIVATE KEY-----\" in text:",
        "-----BEGIN RSA PRIVATE KEY-----\n<paste your key here>\n-----END RSA PRIVATE KEY-----",
        "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAx7Zr1kQ7yVnT0xPqLmW3sHd\n-----END PUBLIC KEY-----",
        "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/my-lb/50dc6c495c0c9188",
        image.as_str(),
    ] {
        assert_eq!(redact(text), (text.to_owned(), 0));
    }
}

#[test]
fn lines_are_counted_from_one() {
    let text = format!("# é\r\n\nkey = '{KEY}'\nx = 1\npassword = '{WORD}'\n");
    let lines: Vec<u64> = find_secrets(&text).iter().map(|hit| hit.line).collect();
    assert_eq!(lines, [3, 5]);
    assert!(find_secrets(&text).iter().all(|hit| !hit.redacted.contains("hunter2") && !hit.redacted.contains("Q3EG")));
}

#[test]
fn json_is_walked_with_its_keys_and_loses_no_entry() {
    let other = concat!("AKIA", "R5TYUIOP7LM2ZW4Q");
    let mut value = json!({
        "env": [{"aws_secret_access_key": SECRET}, {"Password": WORD}, 7, null],
        KEY: "first",
        other: {"note": format!("uses {KEY}")},
        "password": "${DB_PASSWORD}",
    });
    assert_eq!(redact_json(&mut value), 5);
    assert_eq!(
        value,
        json!({
            "env": [
                {"aws_secret_access_key": "…[redacted aws secret key]"},
                {"Password": "…[redacted password]"},
                7,
                null
            ],
            "AKIA…[redacted aws access key]": "first",
            "AKIA…[redacted aws access key] (2)": {"note": "uses AKIA…[redacted aws access key]"},
            "password": "${DB_PASSWORD}",
        })
    );
    assert_eq!(redact_json(&mut value), 0, "once is enough");
}

/// Text made of pieces that the patterns look for, so that they meet in ways nobody thought of.
fn suspicious_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just(KEY.to_owned()),
        Just(SECRET.to_owned()),
        Just("aws_secret_access_key".to_owned()),
        Just("password".to_owned()),
        Just("DB_PASSWORD".to_owned()),
        Just("hunter2".to_owned()),
        Just("X-Amz-Signature=".to_owned()),
        Just("session_token".to_owned()),
        Just("IQoJb3JpZ2lu".to_owned() + &"aB3dE/6gH+".repeat(9)),
        Just("-----BEGIN RSA PRIVATE KEY-----\n".to_owned()),
        Just("-----END RSA PRIVATE KEY-----".to_owned()),
        Just(concat!("ghp_", "0aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV1wX").to_owned()),
        Just("https://user:".to_owned()),
        Just("[redacted password]".to_owned()),
        "[=:\"' \n@,…\\\\]{1,3}",
        "[A-Za-z0-9/+]{1,50}",
        ".{0,4}",
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn redacting_twice_changes_nothing(text in suspicious_text()) {
        let (once, _) = redact(&text);
        prop_assert_eq!(redact(&once), (once.clone(), 0));
    }

    #[test]
    fn as_many_lines_as_before_but_for_keys(text in "[A-Za-z=\"' \n]{0,200}") {
        prop_assert_eq!(redact(&text).0.lines().count(), text.lines().count());
    }
}

#[test]
fn many_runs_of_base64_hide_none_behind_them() {
    // `token ghp_…` in Base64, put together here.
    let hidden = ["dG9rZW4gZ2hwXzBhQjFjRDJlRjNn", "SDRpSjVrTDZtTjdvUDhxUjlzVDB1VjF3WAo="].concat();
    let harmless = "VGhpcyBpcyBhIGhhcm1sZXNzIGxpbmUgb2YgdGV4dCwgbm8gbW9yZS4=\n";
    assert_eq!(kinds(&format!("x {hidden}")), ["github token"]);
    let text = format!("{}x {hidden}\n", harmless.repeat(2_000));
    assert_eq!(kinds(&text), ["github token"]);
    assert!(!redact(&text).0.contains(&hidden));
}

#[test]
fn a_value_is_judged_by_the_name_beside_it() {
    let password = format!("Tr0ub4{}", "dor3xyz");
    let mut row = json!([
        { "key": "DBPassword", "value": password },
        { "OptionName": "RDS_PASSWORD", "Value": password },
        { "key": "Endpoint", "value": "http://alb.example" },
    ]);
    assert_eq!(redact_json(&mut row), 2);
    assert!(!row.to_string().contains(&password) && row.to_string().contains("http://alb.example"), "{row}");
}

#[test]
fn keys_and_tokens_of_other_services_are_known_by_their_name() {
    let value = "t9sk-4fQz7Lp2vXw8";
    for name in ["DJANGO_SECRET_KEY", "STRIPE_API_KEY", "AuthToken", "client-secret"] {
        let mut json = serde_json::json!({ name: value, "rows": [{ "Name": name, "Value": value }] });
        assert_eq!(redact_json(&mut json), 2, "{json}");
        assert!(!json.to_string().contains("4fQz7"), "{json}");
    }
    let mut harmless = serde_json::json!({
        "next_page": value,
        "ApiKey": "arn:aws:apigateway:us-east-1::/apikeys/a1b2c3d4e5",
        "SECRET_KEY": "{{resolve:secretsmanager:app:SecretString:key}}",
        "api_key": "your-api-key-here",
        "ApiKeyRequired": "a1b2c3d4e5f6g7",
    });
    assert_eq!(redact_json(&mut harmless), 0, "{harmless}");
}

#[test]
fn what_stands_in_a_value_many_times_is_redacted_each_time_and_as_alone() {
    let (key, random) = (format!("id = {KEY}"), format!("secret_key: {SECRET}"));
    let texts = ["2026-10-14T18:22:03Z", &key, "Ada", &random, "Ada", &key, "2026-10-14T18:22:03Z", &random];
    let row = |text: &str| {
        let mut row = json!({ "by": text, "password": WORD, "note": WORD });
        row[text] = json!("Ada");
        row
    };
    let rows: Vec<serde_json::Value> = texts.iter().map(|text| row(text)).collect();
    let mut alone = rows.clone();
    let count: u64 = alone.iter_mut().map(redact_json).sum();
    let mut together = serde_json::Value::from(rows);
    assert_eq!(redact_json(&mut together), count);
    // Four rows with a secret as value and as key, and a password in each.
    assert_eq!(count, 4 * 2 + 8);
    assert_eq!(together, serde_json::Value::from(alone));
    let said = together.to_string();
    assert!(!said.contains("Q3EGRIPT") && !said.contains(SECRET), "{said}");
    assert_eq!(said.matches(WORD).count(), 8, "a word alone is no password: {said}");
}

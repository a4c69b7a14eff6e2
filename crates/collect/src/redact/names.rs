//! What a name says of the value beside it, for structured data.

use super::base64::base64;
use super::passwords::{is_password, is_written_password};
use super::values::{is_secret_key, varied};

const SECRET_KEY: &str = "aws secret key";
const SESSION_TOKEN: &str = "aws session token";
const PASSWORD: &str = "password";
const TOKEN: &str = "key or token";

/// The kind of secret that `value` is, going by the name it was given: for structured data, where the two stand apart.
pub(super) fn kind_by_name(name: &str, value: &str) -> Option<&'static str> {
    let lower = name.to_lowercase();
    let is_short_name = ["pass", "pwd", "pw"].iter().any(|short| {
        let before = lower.strip_suffix(short);
        // `compass` is none, `dbPass` is one.
        before.is_some_and(|before| before.is_empty() || before.ends_with(['_', '-', '.'])) || name.ends_with("Pass")
    });
    let name: String = lower.chars().filter(|c| c.is_alphanumeric()).collect();
    let forty = value.len() == 40 && value.chars().all(base64);
    if ["secretaccesskey", "secretkey", "awssecret"].iter().any(|end| name.ends_with(end)) && forty {
        return is_secret_key(value).then_some(SECRET_KEY);
    }
    if ["sessiontoken", "securitytoken"].iter().any(|end| name.ends_with(end)) {
        return (value.len() >= 40 && varied(value) && value.chars().all(|c| base64(c) || c == '%'))
            .then_some(SESSION_TOKEN);
    }
    if PASSWORD_NAMES.iter().any(|end| name.ends_with(end)) || is_short_name {
        return (value.len() <= 128 && is_written_password(value)).then_some(PASSWORD);
    }
    // Of other services: Django's key, an API's, a token.
    if TOKEN_NAMES.iter().any(|end| name.ends_with(end)) {
        let written_out = (12..=4096).contains(&value.len()) && !value.contains(char::is_whitespace);
        let reference = value.starts_with("arn:") || value.contains("{{") || value.contains("${");
        return (written_out && !reference && varied(value) && is_password(value)).then_some(TOKEN);
    }
    None
}

/// How the names of passwords end, in the languages of courses.
const PASSWORD_NAMES: [&str; 13] = [
    "password",
    "passwd",
    "passphrase",
    "passwort",
    "passcode",
    "motdepasse",
    "contraseña",
    "contrasena",
    "clavedeacceso",
    "kennwort",
    "wachtwoord",
    "parolachiave",
    "parolasegreta",
];

/// How the names end that people give to keys and tokens of services other than AWS.
const TOKEN_NAMES: [&str; 10] = [
    "apikey",
    "apisecret",
    "authtoken",
    "accesstoken",
    "refreshtoken",
    "bearertoken",
    "clientsecret",
    "appsecret",
    "secretkey",
    "secretkeybase",
];

//! What is offered to a remote that asks who we are. Nothing is asked of the user, and nothing is offered twice.

use git2::{Cred, CredentialType, Error};

/// Environment variable with a forge's access token. It is offered over `https` only, and with it no redirect to another
/// host is followed.
pub const TOKEN_VARIABLE: &str = "STACKMARK_GIT_TOKEN";

/// Keys that are tried after the agent's, below `~/.ssh`.
const KEY_FILES: [&str; 3] = ["id_ed25519", "id_ecdsa", "id_rsa"];

/// The token of the environment, where one is set.
pub(super) fn token() -> Option<String> {
    std::env::var(TOKEN_VARIABLE).ok().filter(|token| !token.is_empty())
}

/// One thing to offer.
enum Offer {
    Token(String),
    Helper,
    Agent,
    KeyFile(std::path::PathBuf),
}

/// Offers for one connection; each is made once, so that a remote that refuses them all ends the conversation.
pub(super) struct Offers {
    https: std::vec::IntoIter<Offer>,
    ssh: std::vec::IntoIter<Offer>,
    user_names_given: u32,
}

impl Offers {
    /// The token, then git's credential helper; the agent, then the default key files.
    pub(super) fn new(token: Option<String>) -> Self {
        let mut ssh = vec![Offer::Agent];
        if let Some(home) = std::env::home_dir() {
            let keys = KEY_FILES.iter().map(|name| home.join(".ssh").join(name));
            ssh.extend(keys.filter(|key| key.is_file()).map(Offer::KeyFile));
        }
        let https = token.map(Offer::Token).into_iter().chain([Offer::Helper]).collect::<Vec<_>>();
        Self { https: https.into_iter(), ssh: ssh.into_iter(), user_names_given: 0 }
    }

    /// The next thing to offer to `url`.
    ///
    /// # Errors
    /// When there is nothing left that fits, which ends the connection.
    pub(super) fn next(&mut self, url: &str, user: Option<&str>, allowed: CredentialType) -> Result<Cred, Error> {
        let user_or_git = user.unwrap_or("git");
        if allowed.contains(CredentialType::USERNAME) && self.user_names_given == 0 {
            self.user_names_given += 1;
            return Cred::username(user_or_git);
        }
        if allowed.contains(CredentialType::SSH_KEY) {
            for offer in self.ssh.by_ref() {
                let cred = match offer {
                    Offer::KeyFile(key) => Cred::ssh_key(user_or_git, None, &key, None),
                    _ => Cred::ssh_key_from_agent(user_or_git),
                };
                if cred.is_ok() {
                    return cred;
                }
            }
        }
        if allowed.contains(CredentialType::USER_PASS_PLAINTEXT) && url.starts_with("https://") {
            for offer in self.https.by_ref() {
                let cred = match offer {
                    Offer::Token(token) => Cred::userpass_plaintext(user.unwrap_or("x-access-token"), &token),
                    _ => git2::Config::open_default().and_then(|config| Cred::credential_helper(&config, url, user)),
                };
                if cred.is_ok() {
                    return cred;
                }
            }
        }
        Err(Error::new(git2::ErrorCode::Auth, git2::ErrorClass::Callback, "no credentials were accepted"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_remote_that_refuses_everything_ends_the_conversation() {
        // Without the credential helper, which is the user's own program.
        let https = vec![Offer::Token("secret".to_owned())].into_iter();
        let mut offers = Offers { https, ssh: vec![Offer::Agent].into_iter(), user_names_given: 0 };
        for ask in [CredentialType::USER_PASS_PLAINTEXT, CredentialType::SSH_KEY, CredentialType::USERNAME] {
            assert!(offers.next("https://forge.example/r", None, ask).is_ok(), "{ask:?} the first time");
            assert!(offers.next("https://forge.example/r", None, ask).is_err(), "{ask:?} the second time");
        }
    }

    #[test]
    fn a_token_is_never_offered_without_tls() {
        let mut offers = Offers::new(Some("secret".to_owned()));
        assert!(offers.next("http://forge.example/r", None, CredentialType::USER_PASS_PLAINTEXT).is_err());
    }
}

//! Every kind of secret that is known, planted in the forms in which teams leave it, and what only looks like one. Secrets
//! are put together when a test runs: no scanner takes this file for a leak. The counts are printed by
//! `cargo test --test it secrets_kinds:: -- --nocapture`.

use stackmark_collect::redact::{find_secrets, redact};

/// So many characters of an alphabet, mixed and always the same.
fn made(alphabet: &str, length: usize) -> String {
    let alphabet: Vec<char> = alphabet.chars().collect();
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        alphabet[(state % alphabet.len() as u64) as usize]
    };
    (0..length).map(|_| next()).collect()
}

const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HEX: &str = "0123456789abcdef";
const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn letters(length: usize) -> String {
    made(LETTERS, length)
}

fn hex(length: usize) -> String {
    made(HEX, length)
}

fn encoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let digits: Vec<char> = BASE64.chars().collect();
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let number =
            chunk.iter().fold(0_u32, |number, byte| (number << 8) | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = digits[((number >> (18 - 6 * place)) & 63) as usize];
            out.push(if place <= chunk.len() { digit } else { '=' });
        }
    }
    out
}

/// A name of the case, the text, and the part that must be gone.
fn planted() -> Vec<(&'static str, String, String)> {
    let word = format!("Tr0ub4{}", "dor3xyz");
    let mut cases: Vec<(&'static str, String, String)> = Vec::new();
    let mut bare = |name, secret: String| cases.push((name, format!("value {secret} end"), secret));
    bare("aws access key", format!("AKIA{}", made("ABCDEFGHJKLMNPQRSTUVWXYZ234567", 16)));
    bare("github", format!("ghp_{}", letters(36)));
    bare("github fine", format!("github_pat_{}", letters(40)));
    bare("gitlab", format!("glpat-{}", letters(20)));
    bare("slack bot", format!("xoxb-{}", letters(24)));
    bare("slack app", format!("xapp-1-{}", letters(30)));
    bare("stripe live", format!("sk_live_{}", letters(24)));
    bare("stripe restricted", format!("rk_test_{}", letters(24)));
    bare("stripe webhook", format!("whsec_{}", letters(32)));
    bare("shopify", format!("shpat_{}", hex(32)));
    bare("sendgrid", format!("SG.{}.{}", letters(22), letters(43)));
    bare("twilio", format!("SK{}", hex(32)));
    bare("mailgun", format!("key-{}", hex(32)));
    bare("mailchimp", format!("{}-us12", hex(32)));
    bare("telegram", format!("123456789:AA{}", letters(33)));
    bare("google api", format!("AIza{}", letters(35)));
    bare("google oauth", format!("GOCSPX-{}", letters(28)));
    bare("google token", format!("ya29.{}", letters(60)));
    bare("azure client", format!("abc8Q~{}", letters(34)));
    bare("openai project", format!("sk-proj-{}", letters(48)));
    bare("openai", format!("sk-{}", letters(48)));
    bare("anthropic", format!("sk-ant-api03-{}", letters(90)));
    bare("openrouter", format!("sk-or-v1-{}", hex(64)));
    bare("hugging face", format!("hf_{}", letters(34)));
    bare("groq", format!("gsk_{}", letters(52)));
    bare("replicate", format!("r8_{}", letters(37)));
    bare("json web token", format!("eyJ{}.eyJ{}.{}", letters(20), letters(40), letters(43)));
    bare("npm", format!("npm_{}", letters(36)));
    bare("pypi", format!("pypi-AgEIcHlwaS5vcmc{}", letters(80)));
    bare("rubygems", format!("rubygems_{}", hex(48)));
    bare("docker", format!("dckr_pat_{}", letters(27)));
    bare("vault", format!("hvs.{}", letters(90)));
    bare("terraform cloud", format!("{}.atlasv1.{}", letters(14), letters(67)));
    bare("pulumi", format!("pul-{}", hex(40)));
    bare("digitalocean", format!("dop_v1_{}", hex(64)));
    bare("databricks", format!("dapi{}", hex(32)));
    bare("grafana", format!("glsa_{}_{}", letters(32), hex(8)));
    bare("new relic", format!("NRAK-{}", made("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 27)));
    bare("sentry", format!("sntrys_{}", letters(60)));
    bare("supabase", format!("sbp_{}", hex(40)));
    bare("tailscale", format!("tskey-auth-{}-{}", letters(12), letters(32)));
    bare("atlassian", format!("ATATT3{}", letters(180)));
    bare("linear", format!("lin_api_{}", letters(40)));
    bare("figma", format!("figd_{}", letters(40)));
    bare("postman", format!("PMAK-{}-{}", hex(24), hex(34)));
    bare("airtable", format!("pat{}.{}", letters(14), hex(64)));
    bare("age", format!("AGE-SECRET-KEY-1{}", made("ABCDEFGHJKLMNPQRSTUVWXYZ234567", 58)));

    let aws = made(BASE64, 40);
    let pem = format!("-----BEGIN RSA {0}-----\n{1}\n-----END RSA {0}-----\n", "PRIVATE KEY", made(BASE64, 64));
    let long = letters(32);
    let mut within = |name, text: String, secret: &str| cases.push((name, text, secret.to_owned()));
    within("aws secret key", format!("aws_secret_access_key = {aws}"), &aws);
    let percent = aws.replace('/', "%2F").replace('+', "%2B");
    within("aws secret key, percent-encoded", format!("?aws_secret_access_key%3D{percent}&x=1"), &percent);
    within("terraform state", format!("  \"secret\": \"{aws}\","), &aws);
    within("azure storage", format!("AccountName=a;AccountKey={}==;", made(BASE64, 86)), &made(BASE64, 86));
    within(
        "azure signature",
        format!("https://a.blob.core.windows.net/c?sv=2022&sig={}%3D", letters(43)),
        &letters(43),
    );
    within("slack webhook", format!("https://hooks.slack.com/services/T0AB12/B0CD34/{}", letters(24)), &letters(24));
    within("discord webhook", format!("https://discord.com/api/webhooks/1234/{}", letters(68)), &letters(68));
    within("npm file", format!("//registry.npmjs.org/:_authToken={long}"), &long);
    within(
        "docker file",
        format!("\"auth\": \"{}\"", encoded(&format!("bob:{word}"))),
        &encoded(&format!("bob:{word}")),
    );
    within(
        "basic",
        format!("Authorization: Basic {}", encoded(&format!("bob:{word}"))),
        &encoded(&format!("bob:{word}")),
    );
    within("bearer", format!("-H 'Authorization: Bearer {long}'"), &long);
    within("pem", format!("x\n{pem}"), &made(BASE64, 64));
    within("pem on one line", format!("key = \"{}\"", pem.replace('\n', "\\n")), &made(BASE64, 64));
    within("pem in base64", format!("  tls.key: {}", encoded(&pem)), &encoded(&pem));
    within("putty", format!("Private-Lines: 2\n{0}\n{0}\nPrivate-MAC: x", made(BASE64, 64)), &made(BASE64, 64));
    within("jwk", format!("{{\"kty\": \"RSA\", \"n\": \"x\", \"d\": \"{}\"}}", letters(80)), &letters(80));
    within("github in base64", format!("data: {}", encoded(&format!("token ghp_{}\n", letters(36)))), "Z2hw");
    for (name, text) in [
        ("python", format!("password = \"{word}\"")),
        ("env", format!("DB_PASS={word}")),
        ("env pw", format!("MYSQL_ROOT_PW={word}")),
        ("env pwd", format!("export MYSQL_PWD={word}")),
        ("compose", format!("      POSTGRES_PASSWORD: {word}")),
        ("yaml pass", format!("db_pass: {word}")),
        ("literal pass", format!("db_pass = '{word}'")),
        ("german", format!("passwort = \"{word}\"")),
        ("french", format!("mot_de_passe = \"{word}\"")),
        ("url", format!("postgres://app:{word}@db:5432/app")),
        ("url without a user", format!("redis://:{word}@cache:6379")),
        ("query", format!("jdbc:mysql://db/app?user=app&password={word}&ssl=true")),
        ("query, percent-encoded", format!("next=%2Flogin%3Fuser%3Da%26password%3D{word}")),
        (".net", format!("Server=db;User Id=app;Password={word};")),
        ("pgpass", format!("db.internal:5432:app:app:{word}")),
        ("netrc", format!("machine h.example login bob password {word}")),
        ("mysql", format!("mysql -u root -p{word} app < dump.sql")),
        ("curl", format!("curl -u admin:{word} https://h.example/")),
        ("option", format!("docker login --password {word}")),
    ] {
        within(name, text, &word);
    }
    within("htpasswd", format!("bob:$apr1$abcdefgh${}", letters(22)), &letters(22));
    within("entropy beside a name", format!("SESSION_SECRET=\"{long}\""), &long);
    within("entropy in yaml", format!("  api_key: {long}"), &long);
    cases
}

#[test]
fn every_planted_kind_is_found_and_gone() {
    let cases = planted();
    let missed: Vec<&str> = cases
        .iter()
        .filter(|(_, text, secret)| find_secrets(text).is_empty() || redact(text).0.contains(secret.as_str()))
        .map(|(name, ..)| *name)
        .collect();
    println!("{} of {} planted secrets are found and gone", cases.len() - missed.len(), cases.len());
    assert_eq!(missed, [""; 0]);
    for (name, text, _) in &cases {
        let clean = redact(text).0;
        assert_eq!(redact(&clean), (clean.clone(), 0), "{name}");
    }
}

/// Lines of courses' repositories, of which each was taken for a secret by some scanner.
const HARMLESS: &[&str] = &[
    "token = get_token()",
    "token: ${{ secrets.GITHUB_TOKEN }}",
    "secret_name = \"prod/app/database-credentials\"",
    "SecretsManagerSecretArn: arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf",
    "kms_key_id = \"1234abcd-12ab-34cd-56ef-1234567890ab\"",
    "key_name = \"vockey\"",
    "access_key_id = var.access_key",
    "api_key = os.environ[\"API_KEY\"]",
    "const tokenType = 'BearerTokenAuthenticator2Factory3';",
    "next_token = response.get(\"NextToken\")",
    "public_key = \"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJb0n3Z1v5Y2Q4w8XcR7tLk9PqM6sDfGhJ2aBcDeFgHi\"",
    "integrity sha512-Zb6M5Ux3VdZ1Qw8eRtYuIoPaSdFgHjKlMnBvCxZaQwErTyUiOpLkJhGfDsAzXcVbNmQwErTyUiOpAsDfGhJkLg==",
    "commit 3f786850e387550fdab836ed7e6dc881de23001b",
    "checksum = \"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"",
    "token_url = \"https://auth.example.com/oauth2/token\"",
    "password_hash = bcrypt.hashpw(password, salt)",
    "def check_password(self, password: str) -> bool:",
    "compass = 'north12'",
    "bypass: true",
    "ami = \"ami-0c55b159cbfafe1f0\"",
    "pass: false",
    "if token == \"\":",
    "secret_key_base: <%= ENV[\"SECRET_KEY_BASE\"] %>",
    "CLIENT_SECRET=your-client-secret-goes-here1A",
    "password: changeme123",
    "user:group:1000:1000:x",
    "0.0.0.0:80:web:app:latest",
    "aws_secret_access_key = ****************************************",
    "eval_tokens = tokenizer(text, max_length=512)",
    "X-CSRF-Token: {{ csrf_token }}",
    "from botocore.credentials import RefreshableCredentials2, DeferredRefreshableCredentials3",
];

#[test]
fn what_only_looks_like_a_secret_is_none() {
    let alarms: Vec<&&str> = HARMLESS.iter().filter(|line| !find_secrets(line).is_empty()).collect();
    println!("{} false alarms on {} harmless lines", alarms.len(), HARMLESS.len());
    assert_eq!(alarms, [&""; 0]);
}

#[test]
fn a_large_text_takes_no_time() {
    let text = format!("{}\n", HARMLESS.join("\n")).repeat(2_000);
    let begun = std::time::Instant::now();
    assert_eq!(find_secrets(&text).len(), 0);
    let seconds = begun.elapsed().as_secs_f64();
    println!("{:.1} MB in {seconds:.2} s", text.len() as f64 / 1e6);
    assert!(seconds < 60.0, "{seconds}");
}

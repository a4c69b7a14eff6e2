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

/// The forms in which people write a secret down without a thought: none of them was found once.
#[test]
fn what_people_write_every_day_is_found_and_gone() {
    let (aws, digits, word) = (made(BASE64, 40), hex(64), format!("Tr0ub4{}", "dor3xyz"));
    let sign = format!("$ecret{}", "Tr0ub4dor");
    let words = ["correct", "horse", "battery", "staple"].join(" ");
    let strong = format!("hunter2{}", "Winter!");
    let forms: Vec<(String, &str)> = vec![
        (format!("aws configure set aws_secret_access_key {aws}"), &aws),
        (format!("| Secret access key | {aws} |"), &aws),
        (format!("**Secret Access Key**: `{aws}`"), &aws),
        (format!("**Secret Access Key:** {aws}"), &aws),
        (format!("<SecretAccessKey>{aws}</SecretAccessKey>"), &aws),
        (format!("API_KEY = \"{}\"", hex(32)), "API_KEY"),
        (format!("SECRET_KEY = \"{digits}\""), &digits),
        (format!("| API key | {digits} |"), &digits),
        (format!("curl -H \"X-Auth-Token: {digits}\" https://a.example"), &digits),
        (format!("private_key = \"0x{digits}\""), &digits),
        (format!("MasterUserPassword: {word}"), &word),
        (format!("spring.datasource.password={word}"), &word),
        (format!("PGPASSWORD={word} psql -h db"), &word),
        (format!("docker run -e MYSQL_ROOT_PASSWORD={word} mysql:8"), &word),
        (format!("aws rds create-db-instance --master-user-password {word}"), &word),
        (format!("--db-password '{word}' --port 1"), &word),
        (format!("password = \"{sign}\""), &sign),
        (format!("password = \"{words}\""), &words),
        (format!("secret = \"{strong}\""), &strong),
        (format!("CREATE USER app IDENTIFIED BY '{word}';"), &word),
        (format!("create role app with login password '{word}'"), &word),
        (format!("redis-cli -h cache -a {word}"), &word),
        (format!("docker login -u bob -p {word}"), &word),
        (format!("login bob {word}"), &word),
        (format!("db_login 'bob@uni.example' '{word}' # the lab's"), &word),
        (format!("rabbitmqctl add_user bob {word}"), &word),
        (format!("mc alias set lab http://minio:9000 bob {word}"), &word),
        (format!("ldapsearch -x -D cn=bob -w {word}"), &word),
        (format!("smbclient //h/share -U bob%{word}"), &word),
        (format!("curl -ubob:{word} http://h"), &word),
        (format!("alias db=\"mysql -u root -p{word} lab\""), &word),
        (format!("DB_MOT_DE_PASSE={word}"), &word),
        (format!("mot_de_passe: {word}"), &word),
        (format!("contraseña: {word}"), &word),
        (format!("clave = '{word}'"), &word),
        (format!("clave_acceso = '{word}'"), &word),
        (format!("mdp = \"{word}\""), &word),
        (format!("senha: \"{word}\""), &word),
        (format!("Kennwort = \"{word}\""), &word),
        (format!("wachtwoord: \"{word}\""), &word),
        (format!("sshpass -p '{word}' ssh a@b"), &word),
        (format!("mysql -u root -p'{word}' app"), &word),
        (format!("<password>{word}</password>"), &word),
        (format!("| Password | `{word}` |"), &word),
        (format!("**Password**: {word}"), &word),
    ];
    let missed: Vec<&str> = forms
        .iter()
        .filter(|(text, secret)| match *secret {
            "API_KEY" => redact(text).0.contains(&hex(32)),
            secret => redact(text).0.contains(secret),
        })
        .map(|(text, _)| text.as_str())
        .collect();
    println!("{} of {} everyday forms are found and gone", forms.len() - missed.len(), forms.len());
    assert_eq!(missed, [""; 0]);
    let slash = format!("ab+{}", made(BASE64, 37)).replace('+', "\\/");
    assert!(!redact(&format!("{{\"SecretAccessKey\": \"{slash}\"}}")).0.contains(&slash), "{slash}");
    let id = uuid();
    assert!(!redact(&format!("auth_token: \"{id}\"")).0.contains(&id), "{id}");
    for (text, _) in &forms {
        let clean = redact(text).0;
        assert_eq!(redact(&clean), (clean.clone(), 0), "{text}");
    }
}

const LOWER: &str = "abcdefghijklmnopqrstuvwxyz0123456789";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

fn uuid() -> String {
    let digits = hex(32);
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

/// A key of each kind of `services.toml`, or a line with one.
fn of_services() -> Vec<(&'static str, String)> {
    vec![
        ("bedrock key", format!("ABSKQmVkcm9ja0FQSUtleS{}=", letters(107))),
        ("bedrock key", format!("bedrock-api-key-{}", letters(120))),
        ("appsync key", format!("da2-{}", made(LOWER, 26))),
        ("aws sign-in token", format!("aoaAAAAAG{}", letters(100))),
        ("amazon mws token", format!("amzn.mws.{}", uuid())),
        ("circleci token", format!("CCIPAT_{}_{}", letters(22), hex(40))),
        ("sonar token", format!("squ_{}", hex(40))),
        ("artifactory token", format!("AKCp8{}", letters(68))),
        ("artifactory token", format!("cmVmdGtu{}", letters(56))),
        ("netlify token", format!("nfp_{}", letters(36))),
        ("vercel token", format!("vercel_blob_rw_{}_{}", letters(16), letters(30))),
        ("vercel token", format!("vcp_{}", letters(56))),
        ("render key", format!("rnd_{}", letters(28))),
        ("buildkite token", format!("bkua_{}", hex(40))),
        ("nuget key", format!("oy2{}", made(LOWER, 43))),
        ("clojars token", format!("CLOJARS_{}", made(LOWER, 60))),
        ("octopus key", format!("API-{}", made(UPPER, 26))),
        ("harness token", format!("pat.{}.{}.{}", letters(22), hex(24), letters(20))),
        ("sourcegraph token", format!("sgp_{}_{}", hex(16), hex(40))),
        ("prefect key", format!("pnu_{}", letters(36))),
        ("infracost key", format!("ico-{}", letters(32))),
        ("launchdarkly key", format!("sdk-{}", uuid())),
        ("openshift token", format!("sha256~{}", letters(43))),
        ("swarm token", format!("SWMTKN-1-{}-{}", made(LOWER, 50), made(LOWER, 25))),
        ("k3s token", format!("K10{}::server:{}", hex(64), hex(32))),
        ("1password token", format!("ops_eyJ{}", letters(300))),
        ("gitlab token", format!("GR1348941{}", letters(20))),
        ("ngrok token", format!("ngrok config add-authtoken 2{}_{}", letters(26), letters(21))),
        ("pinecone key", format!("pcsk_{}_{}", letters(6), letters(63))),
        ("neon key", format!("napi_{}", made(LOWER, 64))),
        ("neon password", format!("npg_{}", letters(16))),
        ("mongodb secret", format!("mdb_sa_sk_{}", letters(40))),
        ("dynatrace token", format!("dt0c01.{}.{}", made(UPPER, 24), made(UPPER, 64))),
        ("grafana token", format!("eyJrIjoi{}", letters(90))),
        ("posthog key", format!("phx_{}", letters(43))),
        ("maxmind key", format!("{}_{}_mmk", letters(6), letters(29))),
        ("cloudflare origin key", format!("v1.0-{}-{}", hex(24), hex(146))),
        ("contentful token", format!("CFPAT-{}", letters(43))),
        ("azure ai key", format!("{}JQQJ99BAACYeBjF{}", letters(52), letters(17))),
        ("azure devops token", format!("{}AZDO{}", letters(76), letters(4))),
        ("azure key", format!("{}AzSeB{}", letters(42), letters(5))),
        ("google api key", format!("AQ.Ab{}", letters(48))),
        ("langsmith key", format!("lsv2_pt_{}_{}", hex(32), hex(10))),
        ("langfuse key", format!("sk-lf-{}", uuid())),
        ("deepseek key", format!("sk-{}", hex(32))),
        ("elevenlabs key", format!("sk_{}", hex(48))),
        ("cerebras key", format!("csk-{}", made(LOWER, 48))),
        ("ai service key", format!("tvly-dev-{}", letters(32))),
        ("e2b key", format!("e2b_{}", hex(40))),
        ("firecrawl key", format!("fc-{}", hex(32))),
        ("brevo key", format!("xkeysib-{}-{}", hex(64), letters(16))),
        ("slack token", format!("xoxd-{}%2B{}", letters(20), letters(20))),
        ("slack token", format!("xoxe.xoxp-1-{}", letters(150))),
        ("resend key", format!("re_{}_{}", letters(8), letters(24))),
        ("mailersend token", format!("mlsn.{}", hex(64))),
        ("mandrill key", format!("md-{}", letters(22))),
        ("facebook token", format!("EAAC{}", letters(180))),
        ("twitter token", format!("{}{}%3D{}", "A".repeat(20), letters(30), letters(50))),
        ("pubnub key", format!("sec-c-{}", letters(48))),
        (
            "teams webhook",
            format!("https://acme.webhook.office.com/webhookb2/{0}@{0}/IncomingWebhook/{1}/{0}", uuid(), hex(32)),
        ),
        ("zapier webhook", format!("https://hooks.zapier.com/hooks/catch/123456/{}/", made(LOWER, 7))),
        ("braintree token", format!("access_token$production${}${}", made(LOWER, 16), hex(32))),
        ("easypost key", format!("EZAK{}", letters(54))),
        ("flutterwave key", format!("FLWSECK_TEST-{}-X", hex(32))),
        ("plaid token", format!("access-sandbox-{}", uuid())),
        ("shippo token", format!("shippo_live_{}", hex(40))),
        ("duffel token", format!("duffel_test_{}", letters(43))),
        ("lob key", format!("live_{}", hex(35))),
        ("hubspot token", format!("pat-na1-{}", uuid())),
        ("typeform token", format!("tfp_{}", letters(59))),
        ("readme token", format!("rdme_{}", made(LOWER, 70))),
        ("clickup token", format!("pk_1234567_{}", made(UPPER, 32))),
        ("asana token", format!("1/1201234567890123:{}", hex(32))),
        ("mapbox token", format!("sk.eyJ1{}.{}", letters(60), letters(22))),
        ("dropbox token", format!("sl.u.{}", letters(140))),
        ("adafruit key", format!("aio_Abcd12{}", letters(22))),
        ("adobe secret", format!("p8e-{}", letters(32))),
        ("yandex key", format!("AQVN{}", letters(36))),
        ("42 secret", format!("s-s4t2ud-{}", hex(64))),
        ("okta token", format!("Authorization: SSWS 00{}", letters(40))),
        ("stackhawk key", format!("hawk.{}.{}", letters(20), letters(20))),
        ("defined networking key", format!("dnkey-{}-{}", letters(26), letters(52))),
        ("frame.io token", format!("fio-u-{}", letters(64))),
    ]
}

#[test]
fn every_service_that_marks_its_keys_is_known() {
    let samples = of_services();
    let missed: Vec<&str> = samples
        .iter()
        .filter(|(kind, text)| find_secrets(&format!("value {text} end")).first().is_none_or(|hit| hit.kind != *kind))
        .map(|(kind, _)| *kind)
        .collect();
    println!("{} of {} keys of services are known by their kind", samples.len() - missed.len(), samples.len());
    assert_eq!(missed, [""; 0]);
    for (kind, text) in &samples {
        let clean = redact(text).0;
        assert_eq!(redact(&clean), (clean.clone(), 0), "{kind}");
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
    // Ids, sums and ARNs beside a name that tells of a key; references and placeholders in every form of a password.
    "commit_token: none, head 3f786850e387550fdab836ed7e6dc881de23001b",
    "GIT_SHA=3f786850e387550fdab836ed7e6dc881de23001b",
    "token_commit = \"3f786850e387550fdab836ed7e6dc881de23001b\"",
    "secret_version_id = \"2eaa7f3b-4a71-5e4e-88dd-74089a11c0de\"",
    "KmsKeyId: 2eaa7f3b-4a71-5e4e-88dd-74089a11c0de",
    "accessKeyId: 2eaa7f3b-4a71-5e4e-88dd-74089a11c0de",
    "client_token = \"2eaa7f3b-4a71-5e4e-88dd-74089a11c0de\"",
    "ClientRequestToken: \"2eaa7f3b-4a71-5e4e-88dd-74089a11c0de\"",
    "idempotency_token = \"81a65c2011bef2c328a72c5e5b775181\"",
    "trace_id: 81a65c2011bef2c328a72c5e5b775181",
    "ETag: \"81a65c2011bef2c328a72c5e5b775181\"",
    "secret_sha256 = \"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"",
    "image: nginx@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "secret_arn = \"arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf\"",
    "tokenizers = { version = \"0.15\", hash = \"sha256:81a65c2011bef2c328a72c5e5b775181\" }",
    "name = \"secrecy\"\nchecksum = \"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"",
    "token@^1.0.0:\n  resolved \"https://registry.npmjs.org/token/-/token-1.0.0.tgz#81a65c2011bef2c328a72c5e5b77518112345678\"",
    "password: ${PASSWORD}",
    "password: $PASSWORD",
    "password = \"$db_password\"",
    "password = \"<your-password>\"",
    "password: \"Enter your password here\"",
    "\"password\": \"Le mot de passe doit contenir 8 caractères\"",
    "\"wrong_password\": \"wrong username or password\"",
    "| Password | `<your-password>` |",
    "| Secret access key | from the console |",
    "**Secret access key**: see the course page on credentials",
    "aws configure set aws_secret_access_key $AWS_SECRET_ACCESS_KEY",
    "aws configure set aws_secret_access_key \"${{ secrets.AWS_SECRET_ACCESS_KEY }}\"",
    "PGPASSWORD=$PGPASSWORD psql -h db",
    "docker run -e MYSQL_PASSWORD=\"$MYSQL_PASSWORD\" mysql:8",
    "--master-user-password \"$DB_PASSWORD\"",
    "docker login -u bob -p \"$DOCKER_TOKEN\" registry.example.org",
    "docker login -u bob --password-stdin",
    "login to server1a2",
    "login via oauth2proxy",
    "login page v2beta3",
    "authenticate users k8s",
    "login \"$USER\" \"$PASS\"",
    "openssl req -passout pass:$PASS",
    "clave = \"id_1\"",
    "for clave, valor in datos.items():",
    "mdp = \"grid4x4\"",
    "senha = input(\"Senha: \")",
    "mot_de_passe: ${MOT_DE_PASSE}",
    "contraseña: la contraseña debe tener 8 caracteres",
    "El resultado de contraseña: correcto",
    "mkdir -p build; docker login ghcr.io",
    "sshpass -p \"$SSH_PASSWORD\" ssh a@b",
    "redis-cli -a \"$REDIS_PASSWORD\" ping",
    "CREATE USER app IDENTIFIED BY '${DB_PASSWORD}';",
    "the record identified by 'nameID' is skipped",
    "<password>${db.password}</password>",
    "<password>string</password>",
    "MasterUserPassword: !Ref DBPassword",
    "MasterUserPassword: '{{resolve:secretsmanager:db:SecretString:password}}'",
    "self.password = password1",
    "secret = \"prod/app/Database1\"",
    "secret_name: \"db-credentials-v2\"",
    "X-Auth-Token: {{ token }}",
    "const tokenKind = token | undefined;",
    "def create_user(password: str = None) -> User:",
    "resource \"aws_kms_key\" \"secret\" {}",
    "subnet_key = \"subnet-0a1b2c3d4e5f67890\"",
    "pat.example.org, sk-learn, fc-cache, rnd_seed = 42",
    "Bearer authentication uses RFC 6750 access tokens",
    "signing_key_fingerprint = \"81a65c2011bef2c328a72c5e5b775181\"",
    "\"tokenizer_config\": \"81a65c2011bef2c328a72c5e5b775181\"",
];

#[test]
fn what_only_looks_like_a_secret_is_none() {
    let alarms: Vec<&&str> = HARMLESS.iter().filter(|line| !find_secrets(line).is_empty()).collect();
    println!("{} false alarms on {} harmless lines", alarms.len(), HARMLESS.len());
    assert_eq!(alarms, [&""; 0]);
}

#[test]
fn a_large_text_takes_no_time() {
    let text = format!("{}\n", HARMLESS.join("\n")).repeat(700);
    let begun = std::time::Instant::now();
    assert_eq!(find_secrets(&text).len(), 0);
    let seconds = begun.elapsed().as_secs_f64();
    println!("{:.1} MB in {seconds:.2} s", text.len() as f64 / 1e6);
    assert!(seconds < 60.0, "{seconds}");
}

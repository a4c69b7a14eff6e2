use super::super::{find_secrets, redact};
use super::*;

/// Whether any secret of a file is a leak; what is no leak is redacted all the same.
fn leaks(path: &str, text: &str) -> bool {
    let found = find_secrets(text);
    assert!(!found.is_empty(), "{path}: {text}");
    assert_eq!(find_secrets(&redact(text).0), [], "{path}: {text}");
    found.iter().any(|hit| hit.is_leak_in(path))
}

#[test]
fn a_key_is_a_leak_wherever_it_is() {
    // Put together here: no scanner takes this file for a leak.
    let access = format!("AKIA{}", "Q3EXYZLM7NOPRSTU");
    let github = format!("ghp_{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
    let pem = format!("-----BEGIN RSA {0}-----\n{1}\n-----END RSA {0}-----\n", "PRIVATE KEY", "MIIEpAIB".repeat(8));
    for path in ["settings.py", "tests/test_login.py", ".env.example", "docker-compose.yml", "fixtures/key.pem"] {
        for text in [&format!("key = \"{access}\""), &format!("token: {github}"), &pem] {
            assert!(leaks(path, text), "{path}: {text}");
        }
    }
}

#[test]
fn a_password_is_a_leak_where_it_opens_something() {
    for (path, text) in [
        ("settings.py", "password = \"Tr0ub4dor3\""),
        ("settings.py", "DB_PASSWORD = \"postgres\""),
        (".env", "POSTGRES_PASSWORD=postgres"),
        (".env.local", "DB_PASSWORD=Tr0ub4dor3"),
        ("latest.py", "password = \"Tr0ub4dor3\""),
        ("contest/app.py", "password = \"Tr0ub4dor3\""),
        ("deploy/user_data.sh.tpl", "export DB_PASSWORD=Tr0ub4dor3"),
        ("template.yaml", "MasterUserPassword: 'Tr0ub4dor3'"),
        ("vpc.template", "\"MasterUserPassword\": \"Tr0ub4dor3\""),
        ("docker-compose.yml", "      POSTGRES_PASSWORD: Tr0ub4dor3"),
        ("docker-compose.prod.yml", "      POSTGRES_PASSWORD: postgres"),
        ("k8s/deployment.yaml", "    DB_PASSWORD: postgres"),
        ("infra/test.tfvars", "db_password = \"Tr0ub4dor3\""),
        ("environments/test/main.tf", "db_password = \"Tr0ub4dor3\""),
        ("pod-spec.yaml", "    DB_PASSWORD: Tr0ub4dor3"),
        ("app.py", "url = \"postgres://app:Tr0ub4dor3@localhost:5432/app\""),
        ("app.py", "url = \"postgres://postgres:postgres@db.internal:5432/app\""),
        ("mail.js", "auth: { user: \"me\", pass: \"correcthorse\" }"),
        ("mail.js", "smtp: {\n  pass: \"correcthorse\",\n}"),
        ("check.py", "pass = \"Tr0ub4dor3\""),
        ("check.py", "db_pass = \"correcthorse\""),
    ] {
        assert!(leaks(path, text), "{path}: {text}");
    }
}

#[test]
fn a_password_is_none_where_it_opens_nothing() {
    for (path, text) in [
        ("tests/test_login.py", "password = \"Tr0ub4dor3\""),
        ("app/tests.py", "password=\"Tr0ub4dor3\""),
        ("test_login.py", "login(\"bob\", password=\"Tr0ub4dor3\")"),
        ("login_test.go", "password := \"Tr0ub4dor3\""),
        ("src/login.spec.ts", "password: 'Tr0ub4dor3'"),
        ("src/__tests__/login.js", "password: 'Tr0ub4dor3'"),
        ("src/LoginTest.java", "String password = \"Tr0ub4dor3\";"),
        ("conftest.py", concat!("API_SECRET = \"aB3xK9mQ2vL7", "pR4tY8wZ1nC6\"")),
        ("app/fixtures/users.json", "{\"password\": \"Tr0ub4dor3\"}"),
        (".env.test", "DB_PASSWORD=Tr0ub4dor3"),
        (".env.example", "DB_PASSWORD=Tr0ub4dor3"),
        ("env.sample", "DB_PASSWORD=Tr0ub4dor3"),
        (".env.template", "DB_PASSWORD=Tr0ub4dor3"),
        ("config.dist.php", "'password' => 'Tr0ub4dor3'"),
        ("terraform.tfvars.example", "db_password = \"Tr0ub4dor3\""),
        ("examples/main.tf", "  password = \"Tr0ub4dor3\""),
        ("docker-compose.yml", "      POSTGRES_PASSWORD: postgres"),
        ("compose.yaml", "      - MYSQL_ROOT_PASSWORD=root1234"),
        ("docker-compose.yml", "      POSTGRES_USER: shop\n      POSTGRES_PASSWORD: shop\n"),
        ("docker-compose.yml", "      POSTGRES_PASSWORD: shop\n      POSTGRES_DB: shop\n"),
        ("docker-compose.dev.yml", "      POSTGRES_PASSWORD: Tr0ub4dor3"),
        (".github/workflows/ci.yml", "          POSTGRES_PASSWORD: postgres"),
        (".devcontainer/devcontainer.json", "\"MYSQL_ROOT_PASSWORD\": \"root\""),
        ("app.py", "url = \"postgres://postgres:postgres@localhost:5432/app\""),
        ("rubric.toml", "pass = \"met\""),
        ("grade.py", "colours = {\"pass\": \"green\", \"fail\": \"red\"}"),
        ("grade.js", "const icons = { pass: 'check-circle' };"),
        ("grade.py", "PASS = \"PASSED\""),
    ] {
        assert!(!leaks(path, text), "{path}: {text}");
    }
}

/// Around each of them, the whole of the line was looked through.
#[test]
fn a_line_may_hold_thousands_of_passwords() {
    let text = "{\"pass\":\"met\"},".repeat(20_000);
    let found = find_secrets(&text);
    assert_eq!(found.len(), 20_000);
    assert!(found.iter().all(|hit| hit.opens == Opens::Nothing));
}

#[test]
fn a_kind_alone_tells_keys_from_passwords() {
    assert!(!Opens::of_kind("password").is_leak_in("tests/main.tf"));
    assert!(Opens::of_kind("password").is_leak_in("main.tf"));
    assert!(Opens::of_kind("aws access key").is_leak_in("tests/main.tf"));
}

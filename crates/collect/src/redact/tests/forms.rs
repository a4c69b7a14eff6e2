//! A password in each form in which its name and its value stand apart.

use super::{kinds, redact};

/// Made up, and put together: a digit, capitals and small letters, as many have.
const WORD: &str = concat!("Trub4", "dor9xQ");

#[test]
fn a_password_is_found_where_its_name_stands_apart() {
    for form in [
        "Environment=DB_PASSWORD=@",
        "[Service]\nEnvironment=\"DB_PASSWORD=@\"",
        "ENV DB_PASSWORD @",
        "set -x DB_PASSWORD @",
        "DB_PASSWORD := @",
        "{\"name\": \"DB_PASSWORD\", \"value\": \"@\"}",
        "{\"name\":\"DB_PASSWORD\",\"value\":\"@\"}",
        "- {name: DB_PASSWORD, value: \"@\"}",
        "- name: DB_PASSWORD\n  value: @",
        "- name: DB_PASSWORD  value: @",
        "name  = \"DB_PASSWORD\"\n    value = \"@\"",
        "<add key=\"DbPassword\" value=\"@\"/>",
        "{\"ParameterKey\": \"DBPassword\", \"ParameterValue\": \"@\"}",
        "--parameters ParameterKey=DBPassword,ParameterValue=@",
        "secret_string = \"@\"",
        "client.create_secret(Name='db', SecretString='@')",
        "aws secretsmanager create-secret --name db --secret-string @",
        "aws ssm put-parameter --name /db/password --type SecureString --value @",
        "aws ssm put-parameter --name /db/key \\\n  --value @ --type SecureString",
        "kubectl create secret generic db --from-literal=password=@",
        "vault kv put secret/db password=@",
        "gh secret set DB_PASSWORD --body \"@\"",
        "psql \"host=db user=a password=@ dbname=x\"",
        "os.getenv(\"DB_PASSWORD\", \"@\")",
        "os.environ.setdefault(\"DB_PASSWORD\", \"@\")",
        "os.environ.get(\"DB_PASSWORD\") or \"@\"",
        "process.env.DB_PASS || '@'",
        "${DB_PASSWORD:-@}",
        "define('DB_PASSWORD', '@');",
        "password = f\"@\"",
        "password = rb'@'",
        "password = \"\"\"@\"\"\"",
        "const password = `@`",
        "password := \"@\"",
        "requests.get(url, auth=('admin', '@'))",
        "HTTPBasicAuth(\"bob\", \"@\")",
        "smtp.login(\"bob@x.example\", \"@\")",
        "mysqli_connect('db','root','@','app');",
        "new PDO($dsn, 'root', '@');",
        "ConvertTo-SecureString \"@\" -AsPlainText -Force",
        "<property name=\"hibernate.connection.password\">@</property>",
        "zip -P @ a.zip b",
        "Log in as admin (password: @).",
        "Deploy with user: admin, pass: @",
        "The password `@` opens it",
        "Le mot de passe est @",
        "Das Passwort lautet @",
        "пароль: @",
        "密码：@",
        "hasło: @",
        "şifre: @",
        "parola = '@'",
    ] {
        let text = form.replace("bob@x", "bob at x").replace('@', WORD);
        assert_eq!(kinds(&text), ["password"], "in {text}");
        let (clean, _) = redact(&text);
        assert!(!clean.contains(WORD), "{clean}");
        assert_eq!(redact(&clean), (clean.clone(), 0), "once is enough");
        assert_eq!(clean.lines().count(), text.lines().count());
    }
}

#[test]
fn what_stands_for_a_password_in_these_forms_stays() {
    for form in [
        "Environment=DB_PASSWORD=@",
        "ENV DB_PASSWORD @",
        "{\"name\": \"DB_PASSWORD\", \"value\": \"@\"}",
        "- name: DB_PASSWORD\n  value: @",
        "ParameterKey=DBPassword,ParameterValue=@",
        "secret_string = \"@\"",
        "--secret-string @",
        "os.getenv(\"DB_PASSWORD\", \"@\")",
        "password = f\"@\"",
        "auth=('u', '@')",
        "(password: @)",
        "user: admin, pass: @",
        "пароль: @",
    ] {
        for placeholder in
            ["changeme", "${DB_PASSWORD}", "$DB_PASSWORD", "<password>", "xxx", "your-password", "{{ pw }}"]
        {
            let text = form.replace('@', placeholder);
            assert_eq!(redact(&text), (text.clone(), 0));
        }
    }
    for text in [
        "os.getenv(\"DB_PASSWORD\")",
        "os.getenv(\"DB_PASSWORD\", default)",
        "- name: DB_PASSWORD\n  value: !Ref DbPassword",
        "- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef: {name: db1}",
        "{\"key\": \"endpoint\", \"value\": \"Trub4dorName\"}",
        // Names and words of which nobody can say that they are a password.
        "os.getenv(\"DB_PASSWORD\", \"postgres\")",
        "{\"ParameterKey\": \"DBPassword\", \"ParameterValue\": \"DbPasswordParam\"}",
        "--parameters ParameterKey=DBPassword,ParameterValue=DbPasswordParam",
        "create_secret(Name=\"db\", SecretString=\"my-secret-name\")",
        "{\"key\": \"password\", \"value\": \"hunter\"}",
        "{\"name\": \"password\", \"value\": \"Password\"}",
        "name=\"DB_PASSWORD\", value=\"from-ssm\"",
        "- key: pass\n  value: passing",
        "TEST_PASS or \"FAILED\"",
        "auth=(\"admin\", \"admin\")",
        "set -e PASSWORD missing",
        "login(user: string, password: Base64Str)",
        "login({user, pass: Password2FA})",
        "verify(user: User, password: OAuth2Token)",
        "secret_string = jsonencode({ password = var.password })",
        "def connect(host: str, password: str) -> None:",
        "connect(user=user1, password=password2)",
        "password = f\"{prefix}{count}\"",
        "SECRET_KEY = 'django-insecure-x4k!m2$v8p&q0r7s^t1u3w5y9z'",
    ] {
        assert_eq!(redact(text), (text.to_owned(), 0));
    }
}

#[test]
fn a_key_of_two_strings_goes_whole() {
    let text = format!(
        "boto3.client('s3', aws_secret_access_key=\"{}\"\n    \"{}\")",
        concat!("b8Zr1kQ/7yVn", "T0xPq+Lm"),
        concat!("W3sHdJ5uGfE9", "aCoXiR2N")
    );
    assert_eq!(kinds(&text), ["aws secret key"]);
    assert_eq!(redact(&text).0, "boto3.client('s3', aws_secret_access_key=\"…[redacted aws secret key]\")");
}

use super::*;

/// Lines that hold a call named `x` and are not reached.
fn dead(text: &str) -> Vec<(u64, String)> {
    let source = Source { path: "a.py".into(), language: LanguageType::Python, text: text.into() };
    let reach = Reach::of(&[source]);
    let lines = (1..).zip(text.lines()).filter(|(_, line)| line.contains("x("));
    lines.filter_map(|(line, _)| Some((line, reach.why_not("a.py", line)?))).collect()
}

#[test]
fn what_is_never_true_reaches_nothing() {
    for condition in
        ["False", "0", "None", "\"\"", "not True", "(False)", "1 == 2", "a and False", "'a' != 'a'", "not (1)", "OFF"]
    {
        let text = format!("OFF = False\nif {condition}:\n    x()\nelse:\n    y()\n");
        assert_eq!(dead(&text), [(3, NEVER_TRUE.to_owned())], "{condition}");
    }
    assert_eq!(dead("while 0:\n    x()\n").len(), 1);
    assert_eq!(dead("if True:\n    y()\nelse:\n    x()\n").len(), 1);
    assert_eq!(dead("def f():\n    return 1\n    x()\nf()\n"), [(3, BEHIND_THE_END.to_owned())]);
    assert_eq!(dead("import sys\nsys.exit()\nx()\n").len(), 1);
}

#[test]
fn what_depends_on_anything_may_be_reached() {
    for text in [
        "if __name__ == \"__main__\":\n    x()\n",
        "if args.create:\n    x()\n",
        "DRY = False\nDRY = args.dry\nif DRY:\n    x()\n",
        "def f(DRY):\n    if DRY:\n        x()\nDRY = False\nf(True)\n",
        "if False or a:\n    x()\n",
        "if a == 2:\n    x()\n",
        "def f():\n    if a:\n        return\n    x()\nf()\n",
        "try:\n    raise E\nexcept E:\n    x()\n",
        "while True:\n    x()\n",
        "if 0x0 or True:\n    x()\n",
        "if 0xA:\n    x()\n",
        "name = input()\nif f\"{name}\":\n    y()\nelse:\n    x()\n",
        "OFF = False\nRUN, OFF = True, True\nif OFF:\n    x()\n",
        "OFF = False\nfor name, OFF in steps:\n    if OFF:\n        x()\n",
        "OFF = False\nfrom settings import RUN as OFF\nif OFF:\n    x()\n",
    ] {
        assert_eq!(dead(text), [], "{text}");
    }
}

#[test]
fn what_nothing_calls_is_not_reached() {
    assert_eq!(dead("def make():\n    x()\n"), [(2, "in make, which nothing calls".to_owned())]);
    assert_eq!(dead("def make():\n    x()\nif False:\n    make()\n").len(), 1);
    assert_eq!(dead("import sys\ndef make():\n    x()\nsys.modules['boto3'] = None\n").len(), 1);
    for text in [
        "def make():\n    x()\nmake()\n",
        "def main():\n    x()\nif __name__ == \"__main__\":\n    main()\n",
        "@app.get('/')\ndef make():\n    x()\n",
        "class A(Stack):\n    def make(self):\n        x()\n",
        "def make():\n    x()\nsteps = [make]\n",
        "import fire\ndef make():\n    x()\nfire.Fire()\n",
        "import sys\ndef make():\n    x()\nglobals()[sys.argv[1]]()\n",
        "import sys\ndef make():\n    x()\ngetattr(sys.modules[__name__], sys.argv[1])()\n",
        "def make():\n    x()\nif False:\n    def make():\n        y()\nmake()\n",
    ] {
        assert_eq!(dead(text), [], "{text}");
    }
}

/// A name alone is no call, whatever the name is; only Lambda has one of its own.
#[test]
fn a_name_that_nothing_says_is_called_by_nothing() {
    let source =
        |path: &str, language: LanguageType, text: &str| Source { path: path.into(), language, text: text.into() };
    for (name, path, said, is_reached) in [
        ("setup", "README.md", "## Setup\n\nThe setup takes a minute.\n", false),
        ("setup", "README.md", "```sh\npython -c 'import a; a.setup()'\n```\n", true),
        ("setup", "README.md", "Run `setup` first.\n", true),
        ("setup_all", "README.md", "Call setup_all first.\n", true),
        ("main", "README.md", "It is on the main branch.\n", false),
        ("handler", "README.md", "Its handler is called.\n", false),
        ("handler", "serverless.yml", "functions:\n  a:\n    handler: a.handler\n", true),
        ("teardown", "up.sh", "python a.py teardown\n", true),
        ("lambda_handler", "README.md", "It deploys two clusters.\n", false),
        ("lambda_handler", "README.md", "It runs in AWS Lambda.\n", true),
    ] {
        let language = match path {
            "README.md" => LanguageType::Markdown,
            "serverless.yml" => LanguageType::Yaml,
            _ => LanguageType::Sh,
        };
        let code = format!("def {name}(event=None, context=None):\n    x()\n\n\ny = lambda: 1\n");
        let reach = Reach::of(&[source("a.py", LanguageType::Python, &code), source(path, language, said)]);
        assert_eq!(reach.why_not("a.py", 2).is_none(), is_reached, "{name}: {path}: {said}");
    }
}

#[test]
fn a_switch_is_one_where_something_in_the_repository_sets_it() {
    let source =
        |path: &str, language: LanguageType, text: &str| Source { path: path.into(), language, text: text.into() };
    let variables = [
        "if os.environ.get('NET'):\n    x()\n",
        "if os.getenv(\"NET\", \"\") == \"1\":\n    x()\n",
        "if 'NET' in os.environ:\n    x()\n",
        "NET = os.environ.get('NET')\nif NET:\n    x()\n",
        "if ready and int(os.environ.get('NET', '0')):\n    x()\n",
        "def make():\n    if not os.environ.get('NET'):\n        return\n    x()\nmake()\n",
    ];
    let words = ["if '--net' in sys.argv:\n    x()\n", "if len(sys.argv) > 1 and sys.argv[1] == 'net':\n    x()\n"];
    let counts = ["if len(sys.argv) > 2:\n    x()\n", "if len(sys.argv) >= 3:\n    x()\n"];
    let nothing = "Run `python a.py`.\n";
    for (texts, said) in [
        (&variables[..], "```sh\nNET=1 python a.py\n```\n"),
        (&words[..], "Run `python a.py --net`.\n"),
        (&counts[..], "Run `python a.py key region`.\n"),
    ] {
        for text in texts {
            for (readme, is_reached) in [(nothing, false), (said, true)] {
                let code = source("a.py", LanguageType::Python, text);
                let reach = Reach::of(&[code, source("README.md", LanguageType::Markdown, readme)]);
                let line = 1 + text.lines().position(|line| line.ends_with("x()")).unwrap() as u64;
                let why = reach.why_not("a.py", line);
                assert_eq!(why.is_none(), is_reached, "{text}: {readme}: {why:?}");
                assert!(is_reached || why.as_deref() == Some(WITHOUT_ITS_SWITCH), "{text}: {why:?}");
            }
        }
    }
    for text in [
        "if os.environ.get('AWS_SESSION_TOKEN'):\n    x()\n",
        "if os.environ.get('NET', 'yes'):\n    x()\n",
        "if os.environ.get('NET', '0') == '0':\n    x()\n",
        "if not os.environ.get('NET'):\n    x()\n",
        "if os.environ.get('NET'):\n    y()\nelse:\n    x()\n",
        "if os.environ.get('NET') or ready:\n    x()\n",
        "os.environ['NET'] = '1'\nif os.environ.get('NET'):\n    x()\n",
        "if not os.environ.get('NET'):\n    sys.exit('NET is missing')\nx()\n",
        "if not os.environ.get('NET'):\n    raise ValueError('missing NET')\nx()\n",
        "# NET turns the network on\nif os.environ.get('NET'):\n    x()\n",
        "from dotenv import load_dotenv\nif os.environ.get('NET'):\n    x()\n",
        "if len(sys.argv) < 2:\n    sys.exit(1)\nx()\n",
        "print('usage: a.py up|down')\nif sys.argv[1] == 'up':\n    x()\n",
    ] {
        assert_eq!(dead(text), [], "{text}");
    }
}

/// The parser's help names every switch, and so does a sentence; a command that calls the program with one sets it.
#[test]
fn a_switch_of_a_parser_is_set_by_a_command_and_not_by_a_mention() {
    let source =
        |path: &str, language: LanguageType, text: &str| Source { path: path.into(), language, text: text.into() };
    let parser = |more: &str, condition: &str| {
        format!(
            "p = argparse.ArgumentParser()\np.add_argument(\n    '-n', '--with-net',\n    action='store_true'{more},\n    \
             help='--with-net adds the network',\n)\nargs = p.parse_args()\n{condition}:\n    x()\n"
        )
    };
    let declared = [parser("", "if args.with_net"), parser(", dest='net'", "if ready and args.net")];
    use LanguageType as L;
    for (path, language, said, is_set) in [
        ("README.md", L::Markdown, "Run `python a.py`.\n", false),
        ("README.md", L::Markdown, "`--with-net` adds the network.\nRun `python a.py`.\n", false),
        ("README.md", L::Markdown, "Run `python a.py`; `--with-net` adds the network.\n", false),
        ("README.md", L::Markdown, "Run `python b.py --with-net`.\n", false),
        ("README.md", L::Markdown, "Run `python a.py --with-net`.\n", true),
        ("README.md", L::Markdown, "```sh\npython3 src/a.py -v \\\n  --with-net\n```\n", true),
        ("README.md", L::Markdown, "```sh\npython -m src.a -vn\n```\n", true),
        ("Makefile", L::Makefile, "net:\n\tpython a.py $(FLAGS)\n", true),
        ("task.yml", L::Yaml, "command:\n  - a.py\n  - --with-net\n", true),
        ("run.py", L::Python, "subprocess.run([python, 'a.py', '--with-net'])\n", true),
    ] {
        for text in &declared {
            let reach = Reach::of(&[source("a.py", L::Python, text), source(path, language, said)]);
            let line = text.lines().count() as u64;
            let why = reach.why_not("a.py", line);
            assert_eq!(why.as_deref(), (!is_set).then_some(WITHOUT_ITS_SWITCH), "{text}: {said}");
        }
    }
    for text in [
        parser(", default=True", "if args.with_net"),
        parser("", "if not args.with_net"),
        parser("", "if args.with_net or ready"),
        parser("", "if args.other"),
        parser("", "args.with_net = True\nif args.with_net"),
        parser("", "p.set_defaults(with_net=True)\nif args.with_net"),
        parser("", "if args.with_net").replace("parse_args()", "parse_args(['--all'])"),
        parser("", "def run(args):\n  print(args)\nrun(args)\nif args.with_net"),
        parser("", "if args.with_net").replace("store_true", "store_false"),
    ] {
        assert_eq!(dead(&text), [], "{text}");
    }
}

/// What the repository sets is looked up once: not for each switch.
#[test]
fn a_file_may_have_as_many_switches_as_lines() {
    let text: String = (0..20_000).map(|n| format!("if os.environ.get('N{n}'):\n    x()\n")).collect();
    assert_eq!(dead(&text).len(), 20_000);
    let text = format!("# {}\nif len(sys.argv) > 99:\n    x()\n", "a.py ".repeat(40_000));
    assert_eq!(dead(&text), [], "more words than anybody types");
}

#[test]
fn what_only_looks_like_a_call_of_aws_is_none() {
    let fake = "class Fake:\n    def __getattr__(self, name):\n        return lambda **k: {}\n\n\n";
    for (text, is_dead) in [
        (format!("{fake}elb = boto3.client('elbv2')\nelb = Fake()\nelb.x(Name='a')\n"), true),
        (format!("{fake}elb = Fake()\nelb = boto3.client('elbv2')\nelb.x(Name='a')\n"), false),
        (format!("{fake}if dry:\n    elb = Fake()\nelb.x(Name='a')\n"), false),
        ("elb = MagicMock()\nelb.x(Name='a')\n".to_owned(), true),
        (
            "class Own:\n    def __init__(self):\n        self.c = boto3.client('ec2')\n\n\nelb = Own()\nelb.x(Name='a')\n"
                .to_owned(),
            false,
        ),
        ("NONE = []\nfor n in NONE:\n    x()\n".to_owned(), true),
        ("NONE = []\n[x() for n in NONE]\n".to_owned(), true),
        ("names = []\nnames.append(1)\nfor n in names:\n    x()\n".to_owned(), false),
        ("names = []\nfill(names)\nfor n in names:\n    x()\n".to_owned(), false),
        ("names = []\nnames = ['a']\nfor n in names:\n    x()\n".to_owned(), false),
        ("try:\n    1 / 0\n    x()\nexcept ZeroDivisionError:\n    pass\n".to_owned(), true),
        ("part = done / 10\nx()\n".to_owned(), false),
        ("assert False\nx()\n".to_owned(), true),
        ("assert ready\nx()\n".to_owned(), false),
        ("if True:\n    raise SystemExit\nx()\n".to_owned(), true),
        ("if ready:\n    raise SystemExit\nx()\n".to_owned(), false),
    ] {
        assert_eq!(!dead(&text).is_empty(), is_dead, "{text}");
    }
    for (call, is_dead) in [
        ("create_rule(ListenerArn=a, Priority=1, Conditions=[], Actions=[b])", true),
        ("create_rule(ListenerArn=a, Priority=1, Conditions=[a], Actions=[b])", false),
        ("get_metric_data(MetricDataQueries=[], StartTime=0)", true),
        ("get_metric_data(MetricDataQueries=queries, StartTime=0)", false),
        ("create_security_group(Tags=[])", false),
    ] {
        let text = format!("c.{call}\n");
        let reach = Reach::of(&[Source { path: "a.py".into(), language: LanguageType::Python, text }]);
        assert_eq!(reach.why_not("a.py", 1).is_some(), is_dead, "{call}");
    }
}

#[test]
fn what_no_call_of_a_function_reaches_is_not_reached() {
    for (text, expected) in [
        ("def go(n):\n    if n != 1:\n        return\n    x()\ngo(2)\n", 1),
        ("def go(n):\n    if n == 'prod':\n        x()\ngo('dev')\n", 1),
        ("def go(n):\n    if n != 1:\n        return\n    x()\ngo(2)\ngo(1)\n", 0),
        ("def go(n):\n    if n != 1:\n        return\n    x()\ngo(count)\n", 0),
        ("def go(n):\n    if n != 1:\n        return\n    x()\ngo(2)\nsteps = [go]\n", 0),
        ("def go(n):\n    n = n - 1\n    if n != 1:\n        return\n    x()\ngo(2)\n", 0),
        ("def go(n, m=1):\n    if n != 1:\n        return\n    x()\ngo(2)\n", 0),
    ] {
        assert_eq!(dead(text).len(), expected, "{text}");
    }
    // Another file may call it otherwise.
    let source =
        |path: &str, text: &str| Source { path: path.into(), language: LanguageType::Python, text: text.into() };
    let text = "def go(n):\n    if n != 1:\n        return\n    x()\ngo(2)\n";
    let reach = Reach::of(&[source("a.py", text), source("b.py", "import a\na.go(1)\n")]);
    assert_eq!(reach.why_not("a.py", 4), None);
}

#[test]
fn what_is_around_speaks_for_what_is_within() {
    let text = "def make():\n    if False:\n        x()\n    x()\n\n\ndef other():\n    x()\nother()\n";
    let why = || "in make, which nothing calls".to_owned();
    assert_eq!(dead(text), [(3, why()), (4, why())]);
}

/// Each of these lines was compared with each of these ranges: minutes for one file.
#[test]
fn a_file_may_have_as_many_ranges_as_lines() {
    let text = format!("import sys\nsys.exit()\n{}", "x()\n".repeat(40_000));
    assert_eq!(dead(&text).len(), 40_000);
    assert_eq!(dead(&"if 0:\n    x()\n".repeat(20_000)).len(), 20_000);
}

#[test]
fn text_may_nest_deeper_than_the_stack() {
    let deep = format!("if {}0{}:\n    x()\n", "(".repeat(20_000), ")".repeat(20_000));
    assert_eq!(dead(&deep), []);
    assert_eq!(dead(&format!("if {}0:\n    x()\n", "not ".repeat(20_000))), []);
}

/// Lines with a call or a resource in them that are not reached.
fn unreached(language: LanguageType, text: &str) -> Vec<u64> {
    let source = Source { path: "a".into(), language, text: text.into() };
    let reach = Reach::of(&[source]);
    let is_call = |line: &str| ["run", "resource ", "Type: AWS"].iter().any(|sign| line.contains(sign));
    let lines = (1..).zip(text.lines()).filter(|(_, line)| is_call(line));
    lines.filter(|(line, _)| reach.why_not("a", *line).is_some()).map(|(line, _)| line).collect()
}

#[test]
fn each_language_shows_what_it_never_reaches() {
    use LanguageType as L;
    for (language, text, expected) in [
        // A name in a comment, in a docstring, in an import and in itself calls nothing.
        (L::Python, "def make():\n    run()\n# make()\n", &[2][..]),
        (L::Python, "\"\"\"Calls make().\"\"\"\ndef make():\n    run()\n", &[3]),
        (L::Python, "def make(n):\n    run()\n    make(n - 1)\n", &[2]),
        (L::Python, "def a():\n    run()\n    b()\ndef b():\n    run()\n    a()\n", &[2, 5]),
        (L::Python, "def a():\n    run()\n    b()\ndef b():\n    run()\na()\n", &[]),
        (L::Python, "from steps import make\ndef make():\n    run()\n", &[3]),
        (L::Python, "from steps import make as go\ndef make():\n    run()\ngo()\n", &[]),
        (L::Python, "def a():\n    def b():\n        run()\n    b()\na()\n", &[]),
        (L::Python, "def a():\n    def b():\n        run()\n    b()\n", &[3]),
        (L::Python, "STEPS = {'make': 'make'}\ndef make():\n    run()\n", &[]),
        (L::Python, "False and run()\nTrue or run()\na and run()\n", &[1, 2]),
        (L::Python, "for n in []:\n    run()\nfor n in range(0):\n    run()\nfor n in a:\n    run()\n", &[2, 4]),
        (L::Sh, "if false; then\n  run it\nelse\n  run it\nfi\n", &[2]),
        (L::Sh, "if true; then\n  run it\nelse\n  run it\nfi\n", &[4]),
        (L::Sh, "if [ 1 -eq 0 ]; then\n  run it\nfi\nif [[ \"a\" == \"b\" ]]; then\n  run it\nfi\n", &[2, 5]),
        (L::Sh, "if [ \"$1\" = up ]; then\n  run it\nfi\nif ! command -v aws; then\n  run it\nfi\n", &[]),
        (L::Sh, "while false; do\n  run it\ndone\nuntil true; do\n  run it\ndone\n", &[2, 5]),
        (L::Sh, "run it\nexit 0\nrun it\n", &[3]),
        (L::Sh, "if [ -z \"$1\" ]; then\n  exit 1\nfi\nrun it\n", &[]),
        (L::Sh, "test -f a || exit 1\nrun it\n", &[]),
        (L::Sh, "f() {\n  return 1\n  run it\n}\nf\n", &[3]),
        (L::Sh, "f() {\n  run it\n}\n# f\n", &[2]),
        (L::Sh, "f() {\n  run it\n  f\n}\n", &[2]),
        (L::Sh, "f() {\n  run it\n}\nf\n", &[]),
        (L::Sh, "f() {\n  run it\n}\n\"$@\"\n", &[]),
        (L::Sh, "f() {\n  run it\n}\ntrap f EXIT\n", &[]),
        (L::Sh, ": <<'EOF'\nrun it\nEOF\nrun it\n", &[2]),
        (L::Sh, "cat <<'EOF' > a.sh\nrun it\nEOF\n", &[]),
        (L::Sh, "false && run it\ntrue || run it\na && run it\n", &[1, 2]),
        (L::JavaScript, "if (false) {\n  run();\n} else {\n  run();\n}\n", &[2]),
        (L::JavaScript, "if (1 === 2) {\n  run();\n}\nif (!0) {\n  run();\n} else {\n  run();\n}\n", &[2, 7]),
        (L::JavaScript, "while (0) {\n  run();\n}\nif (a) {\n  run();\n}\n", &[2]),
        (L::JavaScript, "function f() {\n  return 1;\n  run();\n}\nf();\n", &[3]),
        (L::JavaScript, "process.exit(0);\nrun();\n", &[2]),
        (L::JavaScript, "function f() {\n  run();\n  f();\n}\n// f();\n", &[2]),
        (L::JavaScript, "const f = async () => {\n  run();\n};\n", &[2]),
        (L::JavaScript, "const f = async () => {\n  run();\n};\nmodule.exports = { f };\n", &[]),
        (L::TypeScript, "export const f = () => {\n  run();\n};\nexport function g() {\n  run();\n}\n", &[]),
        (L::TypeScript, "false && run();\na && run();\n", &[1]),
        (L::Hcl, "resource \"aws_lb\" \"a\" {\n  count = 0\n}\nresource \"aws_lb\" \"b\" {\n  count = 2\n}\n", &[1]),
        (L::Hcl, "resource \"aws_lb\" \"a\" {\n  for_each = {}\n}\n", &[1]),
        (L::Hcl, "resource \"aws_lb\" \"a\" {\n  count = var.on ? 1 : 0\n}\n", &[]),
        (
            L::Yaml,
            "Conditions:\n  Off: !Equals [a, b]\n  On: !Equals [!Ref Env, b]\nResources:\n  A:\n    Type: AWS::EC2::VPC\n    Condition: Off\n  B:\n    Type: AWS::EC2::VPC\n    Condition: On\n  C:\n    Type: AWS::EC2::VPC\n",
            &[6],
        ),
        (
            L::Yaml,
            "Conditions:\n  Off:\n    Fn::Not: [!Equals [a, a]]\nResources:\n  A:\n    Condition: Off\n    Type: AWS::EC2::VPC\n",
            &[7],
        ),
    ] {
        assert_eq!(unreached(language, text), expected, "{language}: {text}");
    }
}

#[test]
fn functions_are_followed_through_files_and_languages() {
    let source =
        |path: &str, language: LanguageType, text: &str| Source { path: path.into(), language, text: text.into() };
    let make = "def make():\n    x()\n";
    for (other, is_reached) in [
        (source("b.py", LanguageType::Python, "from a import make\nmake()\n"), true),
        (source("b.py", LanguageType::Python, "from a import make\n"), false),
        (source("b.py", LanguageType::Python, "import a\ndef all():\n    a.make()\n"), false),
        (source("up.sh", LanguageType::Sh, "python -c 'import a; a.make()'\n"), true),
        (source("up.sh", LanguageType::Sh, "# make\n"), false),
        (source("template.yml", LanguageType::Yaml, "Handler: a.make\n"), true),
        (source("README.md", LanguageType::Markdown, "Run `python -c 'import a; a.make()'`.\n"), true),
    ] {
        let path = other.path.clone();
        let reach = Reach::of(&[source("a.py", LanguageType::Python, make), other]);
        assert_eq!(reach.why_not("a.py", 2).is_none(), is_reached, "{path}");
    }
}

/// Who is within whom was looked up by climbing from each name.
#[test]
fn functions_may_call_each_other_in_a_long_row() {
    let row: String = (0..5_000).map(|n| format!("def f{n}():\n    f{}()\n", n + 1)).collect();
    assert_eq!(dead(&format!("{row}def f5000():\n    x()\nf0()\n")), []);
    assert_eq!(dead(&format!("{row}def f5000():\n    x()\n")).len(), 1);
}

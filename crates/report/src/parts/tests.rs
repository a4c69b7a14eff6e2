use super::super::document;
use super::*;
use stackmark_evidence::{Member, MembersFrom};

fn parts(text: &str) -> BTreeMap<String, Part> {
    parts_of(text, &[])
}

fn parts_of(text: &str, names: &[&str]) -> BTreeMap<String, Part> {
    let members = names.iter().map(|name| Member {
        id: (*name).into(),
        name: (*name).into(),
        emails: Vec::new(),
        aliases: Vec::new(),
        login: None,
    });
    let team = Team {
        id: "t".into(),
        name: None,
        members: members.collect(),
        members_from: MembersFrom::Roster,
        folder: None,
        nonce: None,
        distinct: Vec::new(),
    };
    find(&document::markdown(text), &team).parts
}

fn found(text: &str, id: &str) -> PartFound {
    parts(text)[id].found
}

#[test]
fn the_word_handover_is_no_part() {
    let parts = parts("# Handover\n\nHandover of the handover documentation, la passation, la consegna del lavoro.\n");
    assert!(parts.values().all(|part| part.found == "missing"), "{parts:?}");
}

#[test]
fn what_stands_below_a_heading_decides() {
    assert_eq!(found("## Deployment\n\n`terraform apply`\n", "deployment"), "heading");
    assert_eq!(found("## Déploiement\n\nLe script lance les neuf instances et attend.\n", "deployment"), "heading");
    assert_eq!(found("## Deployment\n\n### Step 1\n\nThe script launches nine instances.\n", "deployment"), "heading");
    for empty in ["", "TODO\n", "To be written.\n", "<!-- we launch the instances with `deploy.py` -->\n", "Done.\n"] {
        assert_eq!(found(&format!("## Deployment\n\n{empty}\n## Results\n\nx\n"), "deployment"), "missing", "{empty}");
    }
    let about_soup = "## Deployment\n\nThe soup is cooked for an hour and is then left to rest in the pot.\n";
    assert_eq!(found(about_soup, "deployment"), "weak");
}

#[test]
fn a_part_may_be_headed_as_people_talk() {
    for (id, text) in [
        ("running", "## Mise en route\n\nOn tape `python lancer.py` depuis la racine.\n"),
        ("teardown", "## Getting rid of it\n\n`python down.py` deletes all nine machines.\n"),
        ("issues", "## Ce qui cloche\n\nLa zone c refuse les m4, donc tout est lent.\n"),
        ("issues", "## Cosa manca\n\nIl listener non è HTTPS, e un bersaglio si ferma ogni tanto.\n"),
        ("results", "## What came of it\n\nThe mean was 38 ms.\n"),
        ("access", "## Come si entra\n\nLe chiavi si copiano dalla pagina del laboratorio.\n"),
        ("configuration", "## What can be changed\n\nThe region and the types, in `config.ini`.\n"),
        ("map", "## Where is what\n\n`infra/` is the network, `client/` the benchmark.\n"),
    ] {
        assert_eq!(found(text, id), "heading", "{text}");
    }
}

#[test]
fn few_words_below_a_heading_are_left_to_a_person() {
    for (id, text) in [
        ("prerequisites", "## Prerequisites\n\nPython 3.11, boto3.\n"),
        ("prerequisites", "## Prerequisites\n\nPython 3.11, boto3 1.34, AWS CLI 2, Docker 24.\n"),
        ("prerequisites", "## Prérequis\n\n- Python 3.11\n- boto3\n"),
        ("results", "## Results\n\nMean: 38 ms\n"),
        ("monitoring", "## Monitoraggio\n\nCloudWatch.\n"),
    ] {
        let parts = parts(text);
        let told = (parts[id].found.as_str(), parts[id].because.as_str());
        assert_eq!(told, ("weak", "a heading, with hardly a word below it"), "{text}");
    }
    for (id, text) in [
        ("prerequisites", "## Prerequisites\n\nNone yet.\n"),
        ("access", "## Access\n\nCredentials keys profile account role sso\n"),
        ("deployment", "## Deployment\n\nDeployment, results, architecture, issues, contributions, access\n"),
        ("prerequisites", "## Prerequisites\n\nTODO: Python, boto3, Docker\n"),
    ] {
        assert_eq!(found(text, id), "missing", "{text}");
    }
}

#[test]
fn a_heading_is_one_whatever_its_line_has_beside_it() {
    for heading in [
        "## <a name=\"dep\"></a>Deployment",
        "## Deployment <a id=\"x\"></a>",
        "## [Deployment](#toc)",
        "## <u>Deployment</u>",
        "## <ins>Deployment</ins>",
        "## <font color=\"blue\">Deployment</font>",
        "## D&eacute;ploiement",
        "[Deployment](#toc)\n---",
    ] {
        assert_eq!(found(&format!("{heading}\n\n`terraform apply`\n"), "deployment"), "heading", "{heading}");
    }
}

#[test]
fn a_line_that_looks_like_a_heading_and_names_a_part_is_one() {
    for heading in [
        "***Deployment***",
        "*Deployment*",
        "_Deployment_",
        "Deployment:",
        "##Deployment",
        "1. **Deployment**",
        "\u{2460}Deployment",
        "<details><summary>Deployment</summary>",
        "<summary><b>Deployment</b></summary>",
    ] {
        let text = format!("## Words\n\nShort.\n\n{heading}\n\nThe script launches nine instances.\n");
        assert_eq!(found(&text, "deployment"), "heading", "{heading}");
    }
    for (line, next) in [("*Deployment*", "![](a.png)"), ("*Sunday*", "Words."), ("Deployment.", "Words.")] {
        let sections = outline(&document::markdown(&format!("## Words\n\nShort.\n\n{line}\n\n{next}\n")));
        assert_eq!(sections.len(), 2, "{line}");
    }
}

#[test]
fn a_report_that_quotes_its_assignment_is_no_statement() {
    let report = format!(
        "# Lab\n\n## Deployment\n\nThe script launches nine instances.\n\n## Words\n\n{}\n\n",
        "The first cluster answered each request of the client in less time than the second one did.\n\n".repeat(8)
    );
    let statement = "In this assignment your team is asked to deploy a cluster. Your report must be handed in before the deadline, \
                     the due date is Monday, and it will be graded. You are asked to write a script. Late submissions lose \
                     points, and the learning objectives are on Moodle.\n";
    assert_eq!(found(&format!("{report}## Appendix: the assignment\n\n{statement}"), "deployment"), "heading");
    let whole = format!(
        "# Lab\n\n## Deployment\n\nThe script launches nine instances before the deadline.\n\nThe due date is Monday.\n\n\
         Late submissions lose points.\n\n{statement}"
    );
    assert_eq!(found(&whole, "deployment"), "weak");
}

#[test]
fn sentences_without_a_heading_need_more_than_a_word() {
    assert_eq!(found("Run `python up.py` to deploy the stack; it launches nine instances.\n", "deployment"), "text");
    assert_eq!(found("It is easy to deploy the thing, as everybody in the team knows.\n", "deployment"), "weak");
    assert_eq!(found("The deployment was a joy for all of us.\n", "deployment"), "missing");
    assert_eq!(found("Run `run.sh`. At the end it deletes what it made.\n", "teardown"), "text");
    assert_eq!(found("Alla fine lo script cancella tutto.\n", "teardown"), "text");
    assert_eq!(found("We will write later how to deploy the instances.\n", "deployment"), "missing");
}

#[test]
fn a_decision_has_an_alternative_and_a_reason() {
    let text = "## Choices\n\nWe chose boto3 instead of Terraform because one language is enough.\n";
    let parts = parts(text);
    assert_eq!(parts["decisions"].found, "heading");
    assert_eq!(parts["decisions"].holds, ["alternative", "reason"]);
    assert_eq!(found("## Choices\n\nWe chose boto3, and it was a good tool for us.\n", "decisions"), "weak");
    assert_eq!(found("Nous avons choisi Flask plutôt que Django, car une seule route suffit.\n", "decisions"), "text");
    assert_eq!(found("Abbiamo scelto Flask.\n", "decisions"), "weak");
}

#[test]
fn a_row_of_a_pdf_is_left_to_a_person() {
    let team = Team {
        id: "t".into(),
        name: None,
        members: Vec::new(),
        members_from: MembersFrom::Roster,
        folder: None,
        nonce: None,
        distinct: Vec::new(),
    };
    let read = |text: &str, format: Format| {
        let mut content = document::markdown(text);
        content.format = format;
        find(&content, &team).parts
    };
    let rows =
        "Question Answer\nRemoval\npython gone.py makes it all go\naway again.\nMonitoring: x\nAccess\nPrerequisites\n";
    let of_pdf = read(rows, Format::Pdf);
    assert_eq!(of_pdf["teardown"].found, PartFound::Weak);
    assert_eq!(of_pdf["access"].found, PartFound::Missing, "one of a list of names: {:?}", of_pdf["access"]);
    assert_eq!(read(rows, Format::Text)["teardown"].found, PartFound::Missing);
}

#[test]
fn one_name_against_another_is_a_decision() {
    for text in [
        "FastAPI a été préféré à Flask parce que les requêtes attendent souvent.\n",
        "FastAPI instead of Flask because requests often wait.\n",
        "FastAPI e non Flask, perché le richieste aspettano spesso.\n",
        "We wrote a client. `boto3` rather than Terraform, because all of us know Python.\n",
    ] {
        assert_eq!(found(text, "decisions"), "text", "{text}");
        assert_eq!(found(&format!("## Choices\n\n{text}"), "decisions"), "heading", "{text}");
    }
    for text in [
        "FastAPI instead of Flask.\n",
        "The answer came from the second group instead of the first because one target was slow.\n",
    ] {
        assert_ne!(found(text, "decisions"), "text", "{text}");
    }
}

#[test]
fn a_decision_names_what_was_chosen() {
    for text in [
        "## Decisions\n\nchose because instead of alternative\n",
        "## Decisions\n\nEach decision was made carefully, weighing trade-offs and alternatives, because quality matters.\n",
        "## Choix\n\nNous avons choisi la meilleure solution plutôt que les autres, car elle est meilleure.\n",
    ] {
        assert_eq!(found(text, "decisions"), "weak", "{text}");
    }
    let named = "## Decisions\n\nWe took two listener rules rather than two balancers because one name is enough.\n";
    assert_eq!(found(named, "decisions"), "heading");
}

#[test]
fn a_decision_that_is_still_to_be_taken_is_none() {
    for text in [
        "## Decisions\n\nThe alternatives will be compared because it is important to compare Flask rather than to guess.\n",
        "## Choix\n\nFlask sera comparé plutôt que deviné, car il est léger.\n",
    ] {
        assert_ne!(found(text, "decisions"), "heading", "{text}");
    }
    let taken = "## Decisions\n\nWe chose Flask rather than Django because requests will be few.\n";
    assert_eq!(found(taken, "decisions"), "heading");
}

#[test]
fn a_heading_that_denies_is_not_made_up_for_by_a_word_elsewhere() {
    let said = "## Start\n\nRun `python up.py` to deploy the stack; it launches nine instances.\n\n";
    assert_eq!(found(said, "deployment"), "text");
    let denied = format!("{said}## Deployment\n\nWe did not write any script for the deployment of the stack.\n");
    assert_eq!(found(&denied, "deployment"), "weak");
}

#[test]
fn what_every_report_ends_with_may_not_be_about_anything() {
    let text = "It was a pleasant course in which each of us learned how much there is still to be learned by all.\n";
    for heading in [
        "Conclusion",
        "7. Conclusion",
        "Bibliographie",
        "Conclusions and references",
        "Conclusion and final remarks",
        "Conclusion et perspectives",
        "Table des matières",
        "Glossario",
        "Riferimenti",
    ] {
        assert_eq!(found(&format!("## Words\n\nShort.\n\n## {heading}\n\n{text}"), "access"), "missing", "{heading}");
    }
    let journey = parts(&format!("## Words\n\nShort.\n\n## Conclusion of our journey\n\n{text}"));
    assert_eq!(open(&journey), PARTS.len(), "nobody knows which one it is: {journey:?}");
}

/// How many parts wait for a person.
fn open(parts: &BTreeMap<String, Part>) -> usize {
    parts.values().filter(|part| part.found == PartFound::Weak).count()
}

#[test]
fn an_honest_part_under_an_odd_heading_is_left_to_a_person() {
    for (id, text) in [
        (
            "teardown",
            "## When the lesson is over\n\nEverything that costs money has to go: first the instances, then the groups \
             behind the balancer, and the bucket last of all.\n",
        ),
        (
            "issues",
            "## What kept us awake\n\nOne of the two groups stays unhealthy for ten minutes after a reboot and nobody \
             found the cause, so that requests are slow until then.\n",
        ),
        (
            "monitoring",
            "## Garder un œil ouvert\n\nLa console montre l’usage du processeur de chaque machine et les requêtes par \
             minute, et un courriel part dès que cela monte.\n",
        ),
        (
            "access",
            "## Come si entra\n\nLe chiavi del laboratorio scadono dopo quattro ore: si copia il blocco dalla pagina del \
             corso nel file del profilo e si ricomincia da capo.\n",
        ),
    ] {
        let parts = parts(text);
        assert_ne!(parts[id].found, PartFound::Missing, "{id}: {parts:?}");
    }
}

#[test]
fn a_part_that_is_told_inside_another_section_is_left_to_a_person() {
    for (id, text) in [
        (
            "prerequisites",
            "## Setup\n\nOn a laptop with Python 3.11 and boto3 1.34, the AWS CLI comes first; then `up.py` launches the \
             instances.\n",
        ),
        (
            "issues",
            "## Conclusion\n\nDue to the restrictions of the learner lab we can only use one role, and HTTPS could not be set \
             up.\n",
        ),
        (
            "teardown",
            "## Deployment\n\nRun `python up.py`, which launches nine instances.\n\n`down.py` stops the machines again and \
             deletes the balancer.\n",
        ),
        (
            "access",
            "## Results\n\nThe latency was 38 ms on average. For another run, copy the access key and the session token of the \
             lab into the profile.\n",
        ),
        (
            "architecture",
            "## What we did\n\nFirst we built the network, then we wrote the script. Each request goes through the load \
             balancer, which forwards it to one of two target groups.\n",
        ),
        (
            "monitoring",
            "## Deployment\n\nThe script launches nine instances. CloudWatch draws their CPU, and an e-mail goes out when a \
             target is unhealthy.\n",
        ),
        (
            "configuration",
            "## How to run\n\nRun `python bench.py`. The region and the number of requests are in `bench.ini`; the default is \
             1000.\n",
        ),
        (
            "map",
            "## Deployment\n\nThe script launches nine instances.\n\n- `infra/`: the network\n- `client/`: the benchmark\n- \
             `bench/`: what was measured\n",
        ),
        (
            "done",
            "## Deployment\n\n`up.py` launches nine instances. We wrote it in the first week, we tested it in the second and \
             we moved it to one file in the third.\n",
        ),
        (
            "purpose",
            "## Results\n\nThe mean was 38 ms. All of it demonstrates how two clusters compare, so that a reader can find out \
             which of them to build.\n",
        ),
        (
            "running",
            "## Deployment\n\n`up.py` launches nine instances. From the top folder start the client, which executes the tests \
             and prints a table.\n",
        ),
        (
            "results",
            "## Architecture\n\nA load balancer and two target groups.\n\nThe larger machines had a median of 38 ms, the \
             smaller ones a p95 of 60 ms.\n",
        ),
        (
            "deployment",
            "## Results\n\nThe mean was 38 ms. For it nine machines were created by CloudFormation, and the script registered \
             them with their groups.\n",
        ),
        (
            "teardown",
            "## Déploiement\n\nLe script lance neuf instances. À la fin, `stop.py` éteint les machines et efface le \
             répartiteur.\n",
        ),
        (
            "issues",
            "## Conclusion\n\nÀ cause des restrictions du compte, on ne peut utiliser qu’une région, et les règles sont créées à \
             la main.\n",
        ),
        (
            "access",
            "## Risultati\n\nIl tempo medio è di 38 ms. Per rifare la prova si copia la chiave di accesso del laboratorio nel \
             profilo.\n",
        ),
        (
            "issues",
            "## Conclusioni\n\nPurtroppo il laboratorio non dà certificati, quindi niente HTTPS. Nella zona c non si trovano m4.\n",
        ),
        (
            "issues",
            "## Conclusioni\n\nA causa dei vincoli del laboratorio si può solo usare una zona, e una risposta ogni tanto \
             manca.\n",
        ),
    ] {
        let parts = parts(text);
        let told = (parts[id].found.as_str(), parts[id].because.as_str());
        assert_eq!(told, ("weak", "words for this, under no heading for it"), "{id}: {text}");
        assert!(!parts[id].quote.clone().unwrap_or_default().is_empty(), "{id}: {text}");
    }
}

#[test]
fn what_only_has_the_words_of_a_part_is_not_told_inside_another_section() {
    for (id, text) in [
        (
            "teardown",
            "## Deployment\n\nThe script launches nine machines. It deletes the old ones first. It deletes them by their name, \
             and a deleted one stays deleted.\n",
        ),
        (
            "teardown",
            "## Deployment\n\nThe script launches the instances, the load balancer and all resources with one command.\n",
        ),
        (
            "access",
            "## Results\n\nThe mean was 38 ms. We did not write down how the access key, the session token and the profile are \
             obtained.\n",
        ),
        (
            "access",
            "## Results\n\nThe mean was 38 ms. See the README for the access key, the session token and the profile.\n",
        ),
        ("access", "## Results\n\nThe mean was 38 ms.\n\n### Access keys, session tokens and profiles\n"),
        ("issues", "## Conclusion\n\nWe did not encounter any problem, error or limit, and no request failed.\n"),
        (
            "prerequisites",
            "## Results\n\nThe mean was 38 ms.\n\n```\npython3 -m venv .venv\npip install boto3 awscli terraform\n```\n",
        ),
        (
            "prerequisites",
            "## References\n\nThe documentation of Python, of boto3, of the AWS CLI and of Docker was read for this.\n",
        ),
        (
            "monitoring",
            "## Deployment\n\nThe script launches nine instances. CloudWatch, an alarm and a dashboard will be added.\n",
        ),
    ] {
        assert_eq!(found(text, id), "missing", "{id}: {text}");
    }
}

#[test]
fn what_begins_with_the_name_of_a_part_is_left_to_a_person() {
    for (id, text) in [
        (
            "access",
            "## Deployment\n\nThe script launches nine machines.\n\n**Access:** from the page of the lab, which shows keys.\n",
        ),
        (
            "monitoring",
            "## Deployment\n\nThe script launches nine machines.\n\n- Start: `up.py`\n- Monitoring: the page of CloudWatch\n",
        ),
        (
            "configuration",
            "## Résultats\n\nLa moyenne est de 38 ms.\n\n| Quoi | Où |\n|---|---|\n| Configuration | le fichier `banc.ini` |\n",
        ),
        ("issues", "## Conclusioni\n\nIl lavoro è finito.\n\n**Limitazioni.** Il listener non parla HTTPS.\n"),
        (
            "prerequisites",
            "## Deployment\n\nThe script launches nine machines.\n\nPrerequisites: Python 3.11, Docker 24\n",
        ),
        ("map", "## Results\n\nThe mean was 38 ms.\n\n| What | Where |\n|---|---|\n| Files | `infra/`, `client/` |\n"),
    ] {
        let parts = parts(text);
        let told = (parts[id].found.as_str(), parts[id].because.as_str());
        assert_eq!(told, ("weak", "no heading names it, and a name of it stands before this"), "{id}: {text}");
    }
    let row = "## Words\n\nShort.\n\n| Question | Answer |\n|---|---|\n| What was done | First one machine by hand, then two |\n";
    assert_eq!((found(row, "done"), found(row, "map")), (PartFound::Weak, PartFound::Missing));
    let done = "## Deployment\n\nThe script launches nine machines.\n\n- Monitoring: done\n- Access: see the README\n";
    for (id, text) in [
        ("monitoring", done),
        ("access", done),
        ("access", "## Results\n\nThe mean was 38 ms.\n\n**Access:** we did not write down where the keys are.\n"),
        ("monitoring", "## Results\n\nThe mean was 38 ms.\n\nCloudWatch.\n"),
    ] {
        assert_eq!(found(text, id), "missing", "{id}: {text}");
    }
}

#[test]
fn a_text_without_headings_that_tell_loses_no_part() {
    let essay = "# Lab 1\n\nFive large and four small machines sit behind one balancer, which looks at the path and hands the \
                 request on.\n\nTake the three lines from the page of the course and put them into the file in your home. \
                 Then type `python up.py` and go for a coffee. When you are done, type `python down.py`: it takes all of it \
                 away again. If you want another place, change the first line of that file.\n\nThe large ones needed 38 ms \
                 and the small ones 41 ms, which nobody had thought before.\n";
    let questions = "# Answers\n\n## Q1. What do we look at?\n\nA comparison of two kinds of machines.\n\n## Q2. How does one come \
                     inside?\n\nWith the lines of the lab, which go into the file.\n\n## Q3. And then?\n\n`python up.py`\n\n## \
                     Q4. And at the end?\n\n`python down.py`, and look once more after a minute.\n\n## Q5. Anything odd?\n\nOne \
                     zone had none of the large ones, so that all of them are in the other two.\n\n## Q6. So what?\n\nThe \
                     large ones answer in 38 ms and the small ones in 41 ms, so it hardly pays.\n";
    for (text, because) in [
        (essay, "a text without headings that may be about anything"),
        (questions, "a heading that may be about anything"),
    ] {
        let parts = parts(text);
        for id in ["access", "teardown", "configuration"] {
            assert_ne!(parts[id].found, "missing", "{id}: {parts:?}");
        }
        assert!(parts.values().any(|part| part.because == because), "{parts:?}");
    }
    let lone = essay.replace("# Lab 1", "# Deployment of nine machines");
    assert_ne!(found(&lone, "access"), "missing", "the only heading is a title");
    // A few words before the first heading that tells are a preface.
    let told = "## Deployment\n\nThe script launches nine machines and waits until each of them answers.\n";
    let preface = "# Lab\n\nA pleasant course, in which each of us learned how much there is still to be learned by all of us.\n\n";
    assert_eq!(found(&format!("{preface}{told}"), "access"), "missing");
}

#[test]
fn a_section_that_nobody_understands_loses_no_part() {
    let soup = "## Chapter 7\n\nThe soup of the day was cooked for an hour and then left to rest in the pot until all had come \
                home.\n\n";
    let alone = parts(&format!("# A report on soups\n\n{soup}"));
    assert_eq!(open(&alone), PARTS.len(), "unknown is not no: {alone:?}");
    assert_eq!(open(&parts("# A report on soups\n\nShort.\n")), 0);
}

#[test]
fn few_words_with_two_paths_may_be_a_map_whatever_heads_them() {
    let map = "`up.py` contains the infrastructure, `bench.py` the load generator, `app/` the Flask program.\n";
    for heading in ["Organisation of the code", "Repository layout", "Code structure", "Structure du code"] {
        assert_eq!(found(&format!("## {heading}\n\n{map}"), "map"), "heading", "{heading}");
    }
    let odd = format!("## Inside\n\n{map}");
    assert_eq!((found(&odd, "map"), found(&odd, "access")), (PartFound::Weak, PartFound::Missing));
}

#[test]
fn an_architecture_has_components_and_a_figure() {
    let prose = "## Architecture\n\nThe load balancer sends requests to two target groups.\n";
    let without = parts(prose);
    assert_eq!(
        (without["architecture"].found.as_str(), &without["architecture"].lacks[..]),
        ("heading", &["figure".to_owned()][..])
    );
    for figure in ["![overview](a.png)", "```\nclient --> balancer\n```"] {
        let with = parts(&format!("{prose}\n{figure}\n"));
        assert_eq!(with["architecture"].holds, ["components", "figure"], "{figure}");
    }
    for none in [
        "See figure 1 for the way of a request.",
        "```python\ndef f() -> None:\n    pass\n```",
        "```\nfn f() -> T {\n```",
    ] {
        let without = parts(&format!("{prose}\n{none}\n"));
        assert_eq!(without["architecture"].lacks, ["figure"], "{none}");
    }
}

#[test]
fn what_was_not_done_is_put_off_or_is_a_task_is_left_to_a_person() {
    for (text, id) in [
        ("## Deployment\n\nWe did not write any script for the deployment of the instances.\n", "deployment"),
        ("## Déploiement\n\nNous n'avons pas écrit de script qui lance les instances.\n", "deployment"),
        ("## Distribuzione\n\nNon abbiamo scritto lo script che crea le istanze.\n", "deployment"),
        ("## Tear-down\n\nThere is no script that deletes the resources.\n", "teardown"),
        ("## Deployment\n\nWe will describe how the script launches the instances.\n", "deployment"),
        (
            "## Benchmarking\n\n- Send 1000 requests to each cluster and measure the response time.\n- Compare the latency.\n",
            "results",
        ),
        ("## Results\n\nWe sent 1000 requests to each cluster and wrote down the response times.\n", "results"),
        ("## How to run\n\nRun the container with the environment variables as... with this command: ...\n", "running"),
        (
            "## Repository\n\nClone it from where it is kept: git clone https://github.com/team/terraform-deploy/tree/main/scripts.\n",
            "map",
        ),
        (
            "## Deployment\n\nThe code is at https://github.com/team/deploy-instances-terraform for all of you.\n",
            "deployment",
        ),
    ] {
        assert_eq!(found(text, id), "weak", "{text}");
    }
    for (text, id) in [
        ("## Known issues\n\nWe did not manage to make the listener speak HTTPS: it is slow.\n", "issues"),
        ("## Deployment\n\nDeploy the stack with `python up.py`, which launches nine instances.\n", "deployment"),
        ("## Results\n\nThe second cluster is slower: its latency is higher on average.\n", "results"),
        ("## Results\n\n- Cluster 1: 38 ms\n- Cluster 2: 41 ms\n", "results"),
    ] {
        assert_eq!(found(text, id), "heading", "{text}");
    }
}

#[test]
fn that_all_went_well_is_no_known_issue_and_is_left_to_a_person() {
    for text in [
        "## Problèmes\n\nNous n'avons pas de problème, tout marche bien.\n",
        "## Problèmes connus\n\nNous n'avons pas eu d'erreur, et il n'y a pas de difficulté avec les zones.\n",
        "## Known issues\n\nWe did not encounter any problem, error or limit, and no request failed.\n",
        "## Known issues\n\nNo known issues.\n",
        "## Problemi noti\n\nNon abbiamo avuto problemi, niente da segnalare in questo lavoro.\n",
        "## Conclusion\n\n**Known issues:** there is no known issue at all.\n",
        "## Known issues\n\nWe have not so far met with any error in the logs.\n",
        "## Conclusion\n\nThere is no known issue at all in this system of ours.\n",
        "## Problèmes\n\nIl n'y a pas de problème sur ma machine, et tout marche sans erreurs.\n",
    ] {
        assert_eq!(found(text, "issues"), "weak", "{text}");
    }
    for text in [
        "## Problèmes\n\nIl n'y a pas de HTTPS devant le répartiteur.\n",
        "## Known issues\n\nNo request failed. The listener does not speak HTTPS.\n",
        "## Known issues\n\nThere is no authentication, so any error message is public.\n",
        "## Problèmes\n\nSans HTTPS, sans erreurs de certificat, mais le trafic est en clair.\n",
        "## Problemi noti\n\nNiente controlli di salute sulla porta 8080.\n",
        "## Problemi noti\n\nSenza HTTPS e senza errori di certificato, ma il traffico è in chiaro.\n",
    ] {
        assert_eq!(found(text, "issues"), "heading", "{text}");
    }
}

#[test]
fn what_is_true_of_any_work_is_left_to_a_person() {
    for (text, id) in [
        ("## Results\n\nAWS publishes that an m4.large instance has a latency of 2 ms and 8 GiB.\n", "results"),
        (
            "## Deployment\n\nKubernetes is a system for deploying containers that was created by Google.\n",
            "deployment",
        ),
        ("## Distribuzione\n\nTerraform è uno strumento che crea le istanze e le risorse.\n", "deployment"),
        (
            "## Tear-down\n\nA clean teardown process ensures that no unnecessary costs are incurred over time.\n",
            "teardown",
        ),
    ] {
        assert_eq!(found(text, id), "weak", "{text}");
    }
    for (text, id) in [
        ("## Deployment\n\nTerraform is the tool with which we launch the nine instances.\n", "deployment"),
        ("## Deployment\n\nTerraform creates the instances and the load balancer.\n", "deployment"),
        ("## Deployment\n\nTerraform is used to launch the nine instances.\n", "deployment"),
        ("## Deployment\n\nTerraform is a tool that launches 9 machines behind a load balancer.\n", "deployment"),
        ("## Deployment\n\nDocker is the tool that packages the FastAPI application and starts it.\n", "deployment"),
        ("## Déploiement\n\nTerraform est un outil que le script appelle pour lancer les instances.\n", "deployment"),
        ("## Monitoring\n\nAmazon CloudWatch is used to collect the metrics of the load balancer.\n", "monitoring"),
        ("## Monitoring\n\nAWS provides the metrics of CloudWatch, which the script reads at the end.\n", "monitoring"),
        ("## Deployment\n\nAWS offers the load balancer, which sends requests to the instances.\n", "deployment"),
        ("## Results\n\nEC2 was an hour slower: the average latency was 182 ms.\n", "results"),
        ("## Tear-down\n\nThe second script deletes the instances.\n", "teardown"),
    ] {
        assert_eq!(found(text, id), "heading", "{text}");
    }
}

#[test]
fn an_unanswered_template_is_nothing() {
    for (text, id) in [
        (
            "## Deployment\n\nGive the commands that deploy your stack, and explain what the script creates.\n",
            "deployment",
        ),
        ("## Deployment\n\nWhich script launches the instances, and what does it create?\n", "deployment"),
        ("## Monitoring\n\nExplain which CloudWatch metrics and alarms you look at.\n", "monitoring"),
        ("## Known issues\n\nWhat does not work? What is slow, and what are the limits?\n", "issues"),
        ("## Nettoyage\n\nDonnez la commande qui supprime les instances et le répartiteur.\n", "teardown"),
        (
            "## Configurazione\n\nElencare i parametri, la regione e la porta, con i valori predefiniti.\n",
            "configuration",
        ),
    ] {
        assert_eq!(found(text, id), "weak", "{text}");
    }
    for (text, id) in [
        (
            "## Deployment\n\nWhich script launches the instances?\n\n`up.py` launches all nine instances.\n",
            "deployment",
        ),
        (
            "## Deployment\n\n- What launches the instances? The script, which then creates the balancer.\n",
            "deployment",
        ),
        (
            "## Tear-down\n\nList the instances with `aws ec2 describe-instances`, and delete the balancer.\n",
            "teardown",
        ),
        (
            "## Configuration\n\nList of the parameters in the file: region, type and port, with defaults.\n",
            "configuration",
        ),
        ("## Deployment\n\nDescribe the instances first, then launch the script.\n", "deployment"),
        ("## Configuration\n\nState the region and the instance types in the variables.\n", "configuration"),
        ("## Access\n\nGive the credentials of AWS Academy to the profile.\n", "access"),
    ] {
        assert_eq!(found(text, id), "heading", "{text}");
    }
}

#[test]
fn a_denial_is_nothing_in_each_language() {
    for (text, id) in [
        ("## Configuration\n\nNo parameter can be changed and no configuration file exists.\n", "configuration"),
        ("## Running\n\nThe code cannot be run, as the benchmark script is missing.\n", "running"),
        ("## Exécution\n\nLe programme ne peut pas être exécuté, faute de script.\n", "running"),
        (
            "## Prérequis\n\nNous ignorons quelle version de Python et quels paquets sont nécessaires.\n",
            "prerequisites",
        ),
        ("## Esecuzione\n\nIl programma non si può eseguire perché manca lo script.\n", "running"),
        ("## Requisiti\n\nNon sappiamo quale versione di Python e quali pacchetti servano.\n", "prerequisites"),
    ] {
        assert_eq!(found(text, id), "weak", "{text}");
    }
    let order =
        "## Nettoyage\n\nUn groupe ne peut pas être supprimé avant ses instances, que le script supprime d'abord.\n";
    assert_eq!(found(order, "teardown"), "heading");
}

#[test]
fn a_promise_is_nothing_in_each_language() {
    for (text, id) in [
        ("## Deployment\n\nWe plan to write a script that launches the instances.\n", "deployment"),
        ("## Tear-down\n\nThe script that deletes the instances remains to be written.\n", "teardown"),
        (
            "## Déploiement\n\nNous prévoyons d'écrire un script qui lance les instances et crée le répartiteur.\n",
            "deployment",
        ),
        ("## Nettoyage\n\nUn script supprimera les instances, il reste à écrire.\n", "teardown"),
        ("## Accès\n\nIl faudra indiquer ici où copier les clés du laboratoire.\n", "access"),
        ("## Pulizia\n\nLo script che elimina le istanze resta da scrivere.\n", "teardown"),
        ("## Distribuzione\n\nScriveremo uno script che avvia le istanze con un comando.\n", "deployment"),
    ] {
        assert_eq!(found(text, id), "weak", "{text}");
    }
    let waits = "## Déploiement\n\nLe script lance les instances, puis il faudra attendre deux minutes.\n";
    assert_eq!(found(waits, "deployment"), "heading");
}

#[test]
fn what_only_leads_elsewhere_is_left_to_a_person() {
    for (text, id) in [
        ("## Tear-down\n\nRefer to the README for how the resources are deleted.\n", "teardown"),
        ("## Deployment\n\n[How to deploy the instances on AWS with the script](docs/deploy.md)\n", "deployment"),
        ("## Déploiement\n\nVoir le README pour le lancement des instances.\n", "deployment"),
        ("## Distribuzione\n\nSi veda il README per la creazione delle istanze.\n", "deployment"),
        ("## Architecture\n\n![load balancer](images/target-group-and-instances.png)\n", "architecture"),
    ] {
        assert_eq!(found(text, id), "weak", "{text}");
    }
    for (text, id) in [
        ("## Deployment\n\nSee the README. The script launches nine instances.\n", "deployment"),
        (
            "## Deployment\n\nSee the README, or run `python up.py` to launch the nine instances and wait for them.\n",
            "deployment",
        ),
        (
            "## Architecture\n\n![overview](a.png)\n\nFigure 1: the load balancer and its target groups.\n",
            "architecture",
        ),
        ("## Architecture\n\n![the load balancer sends requests to two target groups](a.png)\n", "architecture"),
        ("## Results\n\nSee the table.\n\n| Cluster | ms |\n|---|---|\n| 1 | 38 |\n| 2 | 41 |\n", "results"),
    ] {
        assert_eq!(found(text, id), "heading", "{text}");
    }
    // What the section leads to stands further down.
    let below = "## Deployment\n\nSee the last section of this document.\n\n## Start\n\nRun `python up.py` to deploy the stack; it \
                 launches nine instances.\n";
    assert_eq!(found(below, "deployment"), "text");
}

#[test]
fn first_names_throughout_are_the_members_and_a_single_one_is_left_to_a_person() {
    let found = |told: &str| {
        let text = format!(
            "## Contributions\n\n- {told} wrote the script `up.py`.\n- Ben built the network and the alarms.\n"
        );
        parts_of(&text, &["Zoé Étoile", "Ben Rook"])["contributions"].found
    };
    assert_eq!(found("Zoé"), "heading");
    assert_eq!(found("Zoé Étoile"), "weak", "there may be another Ben");
}

#[test]
fn a_password_on_a_line_of_its_own_is_in_no_quote() {
    let secret = ["Kj7#pQ2v", "Lm9x"].concat();
    let text =
        format!("## Access\n\nThe keys of the lab account are these:\npassword: {secret}\nand nobody else has them.\n");
    let parts = parts(&text);
    assert_ne!(parts["access"].found, "missing");
    assert!(parts.values().all(|part| !part.quote.clone().unwrap_or_default().contains(&secret)), "{parts:?}");
}

#[test]
fn more_below_a_heading_is_more_substance() {
    let substance = |body: &str| parts(&format!("## Deployment\n\n{body}\n"))["deployment"].substance.unwrap();
    let one = substance("The script launches the instances.");
    assert_eq!(one, 5);
    assert_eq!(substance("The script launches the instances with `python up.py`."), 9 + 10);
    assert!(substance("The script launches the instances.\n\nIt waits for them.") > one);
    let long = "Run `python up.py` to deploy the stack; it launches nine instances and waits for each of them.";
    let alone = parts(&format!("{long}\n"))["deployment"].substance.unwrap();
    for more in [
        format!("## Deployment\n\nThe script launches instances.\n\n## More\n\n{long}\n"),
        format!("We deploy the instances.\n\n{long}\n"),
    ] {
        assert!(parts(&more)["deployment"].substance.unwrap() >= alone, "{more}");
    }
}

#[test]
fn another_language_is_left_to_a_person() {
    let german = "# Bericht\n\nWir vergleichen zwei Gruppen von Maschinen hinter einem Verteiler, wie die Aufgabe es verlangt.\n".repeat(8);
    assert!(parts(&german).values().all(|part| part.found == "weak"), "{:?}", parts(&german));
}

#[test]
fn a_secret_is_told_and_never_quoted() {
    let text = format!("## Credentials\n\nCopy the keys of the lab into your profile: AKIA{}\n", "Q3EGRIPT7LM2ZW4X");
    let parts = parts(&text);
    assert_eq!(
        (parts["access"].found.as_str(), &parts["access"].lacks[..]),
        ("heading", &["no-secret".to_owned()][..])
    );
    assert!(parts.values().all(|part| !part.quote.clone().unwrap_or_default().contains("Q3EG")), "{parts:?}");
}

#[test]
fn a_key_of_several_lines_is_quoted_in_none_of_them() {
    let line = ["MIIEpAIBAAKCAQEAx7Zr1kQ7yVnT0xPqLmW3s", "HdJ5uGfE9aCoXiR2Nb8Zr1kQ7yV"].concat();
    let key = format!("-----BEGIN {0}-----\n{line}\n{line}\n-----END {0}-----", "RSA PRIVATE KEY");
    let text = format!("## Access\n\nThe keys of the lab account are these:\n{key}\nand nobody else has them.\n");
    let parts = parts(&text);
    assert!(!format!("{parts:?}").contains("MIIEpAIB"), "{parts:?}");
}

#[test]
fn the_title_and_the_contents_are_no_parts() {
    let text = "# TP1: deployment and benchmark report\n\nWe launch nine instances.\n\n## Contents\n\n\
                1. [Deployment](#deployment)\n2. [Tear-down](#tear-down)\n";
    let parts = parts(text);
    assert!(["deployment", "teardown", "results"].iter().all(|id| parts[*id].found == "missing"), "{parts:?}");
}

#[test]
fn a_find_is_quoted_with_its_heading_and_place() {
    let parts = parts("Words.\n\n## Procédure de déploiement\n\nLe script lance les instances.\n");
    let part = &parts["deployment"];
    assert_eq!(part.quote.as_deref(), Some("Procédure de déploiement: Le script lance les instances."));
    assert_eq!(part.place.as_deref(), Some("line 3"));
    assert_eq!(part.because, "a heading, and below it how it is done");
}

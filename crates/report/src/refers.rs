//! Sentences that say nothing but where something is said: `See the code`, `voir le README`, `come sopra`, a lone link.
//!
//! What is in the other place is not read from here, so the sentence shows nothing of a part; one that says something
//! beside that does.

use std::sync::LazyLock;

use regex::Regex;

use super::outline::{Kind, Unit};
use super::signs::has_measure;
use super::words::{Role, Sign, scan};
use stackmark_code::text::folded_words;

/// Words beside those of the reference that name what is to be found there; with more of them it says something.
const TOPIC: usize = 5;
/// The same of a reference back, as `as above`: what follows it is more often said than named.
const TOPIC_OF_THE_SAME: usize = 2;
/// Words before `is described in`.
const SUBJECT: usize = 2;

/// How a reference begins.
const LEADS: [&[&str]; 36] = [
    &["see"],
    &["please", "see"],
    &["refer", "to"],
    &["please", "refer", "to"],
    &["consult"],
    &["look", "at", "the"],
    &["look", "in", "the"],
    &["cf"],
    &["ibid"],
    &["idem"],
    &["as", "above"],
    &["as", "below"],
    &["as", "before"],
    &["same", "as"],
    &["the", "same", "as"],
    &["voir"],
    &["voyez"],
    &["veuillez", "consulter"],
    &["consulter"],
    &["consultez"],
    &["se", "referer"],
    &["se", "reporter"],
    &["referez", "vous"],
    &["reportez", "vous"],
    &["comme", "ci"],
    &["comme", "plus", "haut"],
    &["meme", "chose", "que"],
    &["vedi"],
    &["vedere"],
    &["si", "veda"],
    &["si", "vedano"],
    &["si", "rimanda"],
    &["rimandiamo"],
    &["consultare"],
    &["fare", "riferimento"],
    &["come", "sopra"],
];

/// What a reference leads to.
const PLACES: &[&str] = &[
    "readme",
    "code",
    "codebase",
    "source",
    "sources",
    "repo",
    "repository",
    "file",
    "files",
    "folder",
    "directory",
    "document",
    "documentation",
    "docs",
    "doc",
    "wiki",
    "report",
    "section",
    "sections",
    "chapter",
    "appendix",
    "above",
    "below",
    "before",
    "comments",
    "script",
    "scripts",
    "notebook",
    "page",
    "link",
    "here",
    "slides",
    "video",
    "github",
    "gitlab",
    "instructions",
    "details",
    "depot",
    "fichier",
    "fichiers",
    "dossier",
    "repertoire",
    "rapport",
    "chapitre",
    "annexe",
    "dessus",
    "dessous",
    "haut",
    "bas",
    "commentaires",
    "lien",
    "ici",
    "partie",
    "consignes",
    "lisezmoi",
    "codice",
    "cartella",
    "documento",
    "documentazione",
    "relazione",
    "rapporto",
    "sezione",
    "capitolo",
    "appendice",
    "allegato",
    "sopra",
    "sotto",
    "commenti",
    "pagina",
    "qui",
    "dettagli",
    "istruzioni",
    "sorgente",
    "sorgenti",
    "leggimi",
    "parte",
];

/// What is in the report itself: a table that is shown is no other place.
const SHOWN: &[&str] = &[
    "figure",
    "figures",
    "fig",
    "table",
    "tables",
    "graph",
    "graphs",
    "chart",
    "diagram",
    "image",
    "picture",
    "screenshot",
    "tableau",
    "tableaux",
    "graphique",
    "graphiques",
    "schema",
    "diagramme",
    "capture",
    "figura",
    "figure",
    "tabella",
    "tabelle",
    "grafico",
    "grafici",
    "diagramma",
    "immagine",
];

/// `is described in`, by its participle.
const SAID: &[&str] = &[
    "described",
    "explained",
    "documented",
    "detailed",
    "available",
    "found",
    "decrit",
    "decrite",
    "decrits",
    "decrites",
    "explique",
    "expliquee",
    "expliques",
    "expliquees",
    "detaille",
    "detaillee",
    "documente",
    "documentee",
    "disponible",
    "descritto",
    "descritta",
    "descritti",
    "descritte",
    "spiegato",
    "spiegata",
    "spiegati",
    "spiegate",
    "documentato",
    "documentata",
    "disponibile",
];
const WITHIN: &[&str] = &[
    "in", "on", "at", "by", "dans", "sur", "en", "par", "nel", "nella", "nello", "nei", "nelle", "sul", "sulla", "dal",
];

/// `The README explains …`: a place that tells, and what it does.
const TELLERS: &[&str] =
    &["readme", "wiki", "code", "comments", "commentaires", "codice", "commenti", "lisezmoi", "leggimi"];
const TELLS: &[&str] = &[
    "describes",
    "describe",
    "explains",
    "explain",
    "documents",
    "decrit",
    "decrivent",
    "explique",
    "expliquent",
    "descrive",
    "descrivono",
    "spiega",
    "spiegano",
];

struct Patterns {
    link: Regex,
    path: Regex,
}

static PATTERNS: LazyLock<Option<Patterns>> = LazyLock::new(|| {
    Some(Patterns {
        link: Regex::new(r"!?\[([^\]]*)\]\([^)]*\)").ok()?,
        path: Regex::new(r"`[^`\s]+`|[\w.-]*/[\w./-]*|\b[\w-]+\.(?:py|sh|tf|md|ya?ml|json|txt|js|ts|ipynb|pdf|docx)\b")
            .ok()?,
    })
});

/// Whether a sentence only says where something is said; it is asked for every part, and told once.
pub(super) fn refers_elsewhere(unit: &Unit, id: &str) -> bool {
    let [others, map, access] = &unit.refers;
    let told = match id {
        "map" => map,
        "access" => access,
        _ => others,
    };
    *told.get_or_init(|| refers(unit, id))
}

/// As [`refers_elsewhere`]; of `id` only matters whether it is the map or the access.
fn refers(unit: &Unit, id: &str) -> bool {
    let Some(patterns) = PATTERNS.as_ref() else { return false };
    if !matches!(unit.kind, Kind::Prose | Kind::Item) || unit.is_row || has_measure(unit) {
        return false;
    }
    // A map is a list of places, and access is where something is.
    if !matches!(id, "map" | "access") && is_lone_link(&unit.text, patterns) {
        return true;
    }
    // What stands for a path is a place, whatever words it has.
    let text = patterns.link.replace_all(&unit.text, " $1 ");
    let has_path = id != "map" && (patterns.path.is_match(&text) || patterns.link.is_match(&unit.text));
    let words = folded_words(&patterns.path.replace_all(&text, " "));
    let is = |list: &[&str], word: &String| list.contains(&word.as_str());
    if words.iter().any(|word| is(SHOWN, word)) {
        return false;
    }
    let is_function: Vec<bool> = {
        let mut found = vec![false; words.len()];
        for hit in scan(&words).iter().filter(|hit| hit.role == Role::Sign(Sign::Function)) {
            found[hit.from..hit.to].fill(true);
        }
        found
    };
    let says = |from: usize, to: usize| {
        (from..to).filter(|at| !is_function[*at] && !is(PLACES, &words[*at]) && words[*at].len() > 1).count()
    };
    let leads = |from: usize| has_path || words[from..].iter().any(|word| is(PLACES, word));
    let end = words.len();
    let begins =
        |lead: &&&[&str]| words.len() >= lead.len() && lead.iter().zip(&words).all(|(lead, word)| lead == word);
    if let Some(lead) = LEADS.iter().filter(begins).max_by_key(|lead| lead.len()) {
        // `As above`, `come sopra` and `idem` lead back by themselves.
        let back =
            lead.last().is_some_and(|word| PLACES.contains(word) || matches!(*word, "idem" | "ibid" | "ci" | "as"));
        let most = if back { TOPIC_OF_THE_SAME } else { TOPIC };
        let is_whole = lead.last().is_some_and(|word| !matches!(*word, "ci" | "as")) && back;
        return (is_whole || leads(lead.len())) && says(lead.len(), end) <= most;
    }
    let teller = words.iter().position(|word| is(TELLERS, word)).filter(|at| says(0, *at) == 0);
    if teller.is_some_and(|at| words.get(at + 1).is_some_and(|word| is(TELLS, word)) && says(at + 2, end) <= TOPIC) {
        return true;
    }
    let said = words.windows(2).position(|pair| is(SAID, &pair[0]) && is(WITHIN, &pair[1]));
    said.is_some_and(|at| says(0, at) <= SUBJECT && leads(at + 2) && says(at + 2, end) <= SUBJECT)
}

/// `[How it is deployed](docs/deploy.md)` and nothing else.
fn is_lone_link(text: &str, patterns: &Patterns) -> bool {
    patterns.link.is_match(text) && !patterns.link.replace_all(text, " ").contains(char::is_alphanumeric)
}

/// A picture with hardly a word for it: what it shows, only a person sees.
pub(super) fn is_silent_picture(unit: &Unit) -> bool {
    const CAPTION: usize = 4;
    let Some(patterns) = PATTERNS.as_ref() else { return false };
    unit.kind == Kind::Figure && folded_words(&patterns.link.replace_all(&unit.text, " $1 ")).len() < CAPTION
}

#[cfg(test)]
mod tests {
    use super::super::outline::outline;
    use super::*;
    use crate::document::markdown;

    fn is_reference(text: &str) -> bool {
        let sections = outline(&markdown(&format!("## A heading\n\n{text}\n")));
        let units: Vec<&Unit> = sections.iter().flat_map(|section| &section.units).collect();
        assert!(!units.is_empty(), "{text}");
        units.iter().all(|unit| refers_elsewhere(unit, "deployment"))
    }

    #[test]
    fn a_sentence_that_only_leads_elsewhere_is_known() {
        for text in [
            "See the code of the repository.",
            "Please see the README for how the instances are deployed.",
            "Refer to the README for how the resources are deleted.",
            "See [the deployment guide](docs/deploy.md) for the details.",
            "See `infra/deploy.sh` for the deployment of the instances.",
            "The deployment of the stack is described in the README.",
            "The README explains how to deploy the instances.",
            "Same as above, for the other one.",
            "[How to deploy the instances on AWS with the script](docs/deploy.md)",
            "Voir le code dans le dépôt.",
            "Voir le README pour le déploiement des instances.",
            "Veuillez consulter la documentation du dépôt.",
            "Se référer à la section sur le déploiement.",
            "Le déploiement est décrit dans le fichier README.",
            "Comme ci-dessus, dans la section sur les instances.",
            "Le README explique comment lancer les instances.",
            "Vedi il codice nel repository.",
            "Si veda il README per la distribuzione delle istanze.",
            "Fare riferimento alla documentazione del repository.",
            "La distribuzione è descritta nel README.",
            "Come sopra, per le altre istanze.",
            "Il README spiega come avviare le istanze.",
        ] {
            assert!(is_reference(text), "{text}");
        }
    }

    #[test]
    fn what_is_told_for_one_part_is_not_told_for_another() {
        for order in [["deployment", "map", "access"], ["access", "map", "deployment"]] {
            let link = "[How to deploy the instances on AWS with the script](docs/deploy.md)";
            let sections = outline(&markdown(&format!("## A heading\n\n{link}\n")));
            let unit = &sections[1].units[0];
            for id in order {
                assert_eq!(refers_elsewhere(unit, id), id == "deployment", "{id} of {order:?}");
                assert_eq!(refers_elsewhere(unit, id), refers(unit, id), "{id} of {order:?}");
            }
        }
    }

    #[test]
    fn a_sentence_that_says_something_beside_it_is_none() {
        for text in [
            "Run `infra/deploy.sh`, which launches nine instances.",
            "See `infra/deploy.sh`: it launches nine instances, waits for them and registers all of them with the groups.",
            "The script `deploy.sh` launches the instances.",
            "The latency is given in the table below.",
            "See figure 1 for the way of a request.",
            "See the code for the first cluster, which answers in 38 ms.",
            "We see that the second cluster is slower.",
            "The code creates nine instances with boto3.",
            "As above, the stack is deleted with one command of the CDK.",
            "[deploy.sh](deploy.sh) launches the nine instances.",
            "Le script `deploy.sh` lance les instances.",
            "Voir la figure 2 pour le chemin d'une requête.",
            "Le code crée neuf instances derrière un répartiteur.",
            "Lo script `deploy.sh` avvia le istanze.",
            "Vedi la tabella dei tempi di risposta.",
            "Il codice crea nove istanze dietro un bilanciatore.",
        ] {
            assert!(!is_reference(text), "{text}");
        }
    }
}

//! Words of commit messages in English, French and Italian, accents off.

use std::collections::HashSet;
use std::sync::LazyLock;

fn set(words: &'static str) -> HashSet<&'static str> {
    words.split_whitespace().collect()
}

/// Words that carry no meaning of their own.
pub(super) static STOP: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set("about across afin apres after again all alla alle allo also anche and any are aux avant avec avoir been \
    before being between both but can car ces cette ceux che chez come comme con could cui dal dalla dans degli \
    dei del della delle dello des donc dove during each elle elles entre essere est etait etc etre faire fait \
    for fra from get gets gli had has have her here his how ils into its just les let leur leurs lors made mais \
    make makes making may might more most must nei nel nella nelle new non not nous now off old once only onto \
    ora other our out over own par pas per piu plus poi pour quando que questa queste questi questo qui sa same \
    sans ses set shall should some son sono sont stata stato such sul sulla sur than that the their them then \
    there these they this those too tous tout toute toutes tra tutti tutto una under une uno upon use used uses \
    using vers very via vous was were what when where which while who why will with within without would you \
    your")
});

/// Verbs and nouns that say that something changed, not what.
pub(super) static CHANGE: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set("add added adding addition adds adjust adjusted aggiornamento aggiornata aggiornati aggiornato aggiungi \
    aggiunta aggiunte aggiunti aggiunto ajout ajoute ajoutee ajouter ajoutes allow allows amelioration ameliorer \
    attempt better bug bugfix bugs build cambiata cambiato change changed changement changements changer changes \
    changing chore chose ci clean cleaned cleaning cleanup code codice codici commit commits correct corrected \
    correction corrections corretta corretto correzione correzioni corrige corriger cosa cose creata create \
    created creates creating creation creato creazione cree creer delete deleted deletes deleting deplace \
    deplacer dernier derniere dernieres derniers divers diverses doc docs done edit edited editing edits \
    eliminata eliminato enleve ensure erreur erreurs error errore errori errors essai fatta fatto feat feature \
    fichier fichiers file files final finale fini finish finished finito first fix fixed fixes fixing implement \
    implementata implementation implementato implementazione implemented implements improve improved improvement \
    improvements improves init initial issue issues jour last lavoro maj make minor misc mise modif modifica \
    modificata modification modifications modificato modifiche modifie modified modifier modifies modifs modify \
    more move moved moving nettoyage perf petit petite petites petits piccola piccole piccoli piccolo premier \
    premiere prima primo problem problema probleme problems prova refactor refactored refactoring refactors \
    refonte removal remove removed removes removing rename renamed renommer replace replaced retrait revert \
    rimossa rimosso rimozione rinominato risolta risolto sistemata sistemate sistemati sistemato small spostato \
    stuff style support supports suppression supprime supprimer temp termine test tests thing things tmp travail \
    truc trucs try trying tweak tweaks ultima ultime ultimi ultimo update updated updates updating vari varia \
    varie various version versione versions wip work working works")
});

/// Words that would fit any commit.
pub(super) static GENERIC: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set("aaa abc again all ancora asdf assignment backup bar baz bla blah checkpoint compito current day deux devoir \
    due encore enfin everything finally finalmente foo giorno hello hey homework hopefully idem jour lab \
    laboratorio labs latest lol maybe merge merged niente no nothing ok okay oops ouf part parte partie please \
    plz progetto progress project projet prove push pushing qwerty recent rien same save saving semaine settimana \
    snapshot stage stuff sync tbd test testing todo tout tp tre trois tutto un upload uploaded via week xxx yes")
});

/// Of the words of change, those that are no verbs.
pub(super) static NOT_VERBS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set("better bug bugs build chore ci code commit commits doc docs error errors feat feature file files final first \
    initial issue issues last minor misc more perf problem problems small stuff style temp test tests thing \
    things tmp various version")
});

/// Verbs that may begin a message, beside those of change.
pub(super) static VERBS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set("accept accepte accetta adapt affiche afficher aggiorna ajuste ajuster allow ameliore answer apply ask \
    assign attach avoid avvia balance base benchmark block bound break bring build bump calcola calcule call \
    cancella cap carica carry catch change charge check chiude choose clarify collect combine compare compile \
    completa complete compose compute configura configure connect construit convert copy corregge count cover \
    cree cure cut deal declare define definisce definit decrit deliver demarre deplace deploie deploy deprecate \
    describe descrive detect disable display document draw drive drop ecrit efface elimina enable end ensure \
    envoi envoie envoyer estrae exclude explain export expose extend extract fail feed fetch fill filter find \
    finish fit follow format forward gather generate gere gerer gestisce get give grade group guard handle hide \
    hold ignore import include increase inject install installe introduce invia join keep lance lancer launch \
    lay learn legge let lift limit limite link lint list listen lit load lock log look lower make map mark \
    marque mask match measure merge met mette mettre migrate misura model mostra mount name need note open \
    optimise optimize order pack paginate parse pass passe passer permet permette permettre pick pin place plan \
    play plot point poll prepare prevent print probe produce prove provide publish pull push put query queue \
    raise read rebuild reception recognise recognize record redo reduce reduit refuse register reject render \
    renomme repair repeat replay report request require reset resize restituisce restore resume retire retry \
    return reuse revert rework rimuove rinomina route run sample save scale schedule scope scrive search see \
    seed send separate serve set settle setup shorten show shut sign simplify skip sort specify spiega split \
    sposta spread stamp start stay stop store stream strip substitute support survive swap switch tag take teach \
    tear tell throttle time track treat trim trust try tune turn unify unpack usa usare use utilise utiliser \
    validate verify wait warn watch weigh widen wrap write wrote")
});

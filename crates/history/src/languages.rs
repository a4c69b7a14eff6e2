//! Is a message in a language that is judged: English, French or Italian?
//!
//! The lists of words and verbs are closed, and so is the answer: a message in another script is not judged, and one that
//! shows another language only where it would come out well. Nobody loses by writing in the language of the team.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::vocabulary::{CHANGE, GENERIC, STOP, VERBS};
use super::words::fold;

/// What the measure knows of a message's language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    /// Nothing speaks against one that is judged.
    Known,
    /// Parts of it are in another: what comes out poorly says nothing.
    Mixed,
    /// Another script.
    Unknown,
}

/// Letters beyond ASCII that English, French and Italian have.
const LETTERS: &str = "àâæçéèêëîïôœùûÿìò";

/// Frequent words of other languages in Latin letters, accents off, that none of the three has.
static OTHERS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    "aktualisiert adauga adiciona adicionado agrega agregar anade anadido anadir archivo archivos arquivo auf behoben \
     bij bir cuando dan dem den der dla dodaj dodano duzelt een ein eine einen eklendi el fehler fur funcion guncelle \
     guncellendi het hinzu hinzugefugt icin ikke ist korjaa lagg las legg lisaa los menambahkan naar nao nicht niet och \
     oraz pentru perbaikan poprawka popraw tambah tambien till toegevoegd uma und untuk usun voor von werkt wird \
     wurde yang zmiana zum zur"
        .split_whitespace()
        .collect()
});

/// Small words of the three languages that those written otherwise in Latin letters (pinyin, Arabizi) hardly have.
const SMALL: [&str; 16] =
    ["as", "at", "by", "du", "et", "if", "il", "in", "is", "it", "lo", "of", "on", "or", "to", "we"];

/// A message of fewer words is too short for their absence to say anything.
const MIN_WORDS: usize = 3;

/// Whether a message has several words and none that is in a list: romanised Chinese, Arabic in Latin letters, or another
/// language that no list tells. A type before the subject (`feat:`) is in no language.
pub(super) fn has_no_known_word(message: &str) -> bool {
    let typed = message.split_once(':').filter(|(before, _)| !before.trim().contains(char::is_whitespace));
    let message = typed.map_or(message, |(_, rest)| rest);
    let mut long = 0;
    for word in message.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()) {
        let lower = word.to_lowercase();
        let folded = fold(&lower);
        let plain: &str = &folded;
        let is_listed = [&*STOP, &*CHANGE, &*VERBS, &*GENERIC].iter().any(|list| list.contains(plain));
        if SMALL.contains(&plain) || (plain.len() > 2 && is_listed) {
            return false;
        }
        // English words end so, whether or not a list has them.
        if plain.len() > 6 && ["ing", "tion", "ment"].iter().any(|end| plain.ends_with(end)) {
            return false;
        }
        long += usize::from(plain.len() > 2);
    }
    long >= MIN_WORDS
}

/// Of a message.
pub(super) fn of(message: &str) -> Language {
    let (mut letters, mut beyond) = (0_usize, 0_usize);
    for c in message.chars().filter(|c| c.is_alphabetic()) {
        letters += 1;
        beyond += usize::from(!is_latin(c));
    }
    if beyond * 2 >= letters.max(1) {
        return Language::Unknown;
    }
    if beyond > 0 || is_foreign(message) { Language::Mixed } else { Language::Known }
}

/// The blocks of Latin letters, full-width forms with them.
fn is_latin(c: char) -> bool {
    matches!(c, '\0'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' | '\u{ff21}'..='\u{ff5a}')
}

/// Whether as many words show another language as show one of the three.
fn is_foreign(message: &str) -> bool {
    let (mut foreign, mut known) = (0_usize, 0_usize);
    for word in message.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty()) {
        let lower = word.to_lowercase();
        let folded = fold(&lower);
        let plain: &str = &folded;
        if lower.chars().any(|c| !c.is_ascii() && !LETTERS.contains(c)) || OTHERS.contains(plain) {
            foreign += 1;
        } else if plain.len() > 2 && (STOP.contains(plain) || CHANGE.contains(plain) || VERBS.contains(plain)) {
            known += 1;
        }
    }
    foreign > 0 && foreign >= known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_no_list_is_in_no_language_that_is_known() {
        for message in [
            "chuangjian anquanzu bing qidong shili",
            "feat: tianjia fuzai junhengqi he liangge mubiaozu",
            "9ess latency dyal kol cluster",
            "Chouf wach targets mezyanin",
        ] {
            assert!(has_no_known_word(message), "{message}");
        }
        for message in [
            "Launch instances in two zones",
            "Tear down the stack",
            "Lance les instances EC2",
            "Réduit la photo avant de la stocker",
            "Crea il gruppo di sicurezza",
            "update",
            "gallery photos",
            "",
        ] {
            assert!(!has_no_known_word(message), "{message}");
        }
    }

    #[test]
    fn other_scripts_are_unknown_and_other_languages_mixed() {
        for (message, language) in [
            ("Добавить проверку здоровья целевой группы", Language::Unknown),
            ("添加负载均衡器的健康检查", Language::Unknown),
            ("إضافة فحص الصحة لمجموعة الأهداف", Language::Unknown),
            ("Προσθήκη ελέγχου υγείας στην ομάδα στόχων", Language::Unknown),
            ("로드 밸런서에 상태 검사를 추가", Language::Unknown),
            ("feat(alb): 添加 health check 到 target group", Language::Mixed),
            ("Füge der Zielgruppe eine Zustandsprüfung hinzu", Language::Mixed),
            ("Agrega una comprobación de salud al grupo de destino", Language::Mixed),
            ("Dodaj kontrolę zdrowia do grupy docelowej", Language::Mixed),
            ("Add the health check of the target group", Language::Known),
            ("Cuire le gâteau aux pommes et servir tiède", Language::Known),
            ("Aggiunge il gruppo di sicurezza, però non ancora", Language::Known),
            ("Fix Müller's bug in the listener", Language::Known),
            ("update", Language::Known),
            ("", Language::Known),
        ] {
            assert_eq!(of(message), language, "{message}");
        }
    }
}

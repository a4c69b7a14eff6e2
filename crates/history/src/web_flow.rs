//! Whether a commit's signature names GitHub's own key.
//!
//! GitHub signs what it commits for whoever clicks (*web-flow*) with a key of its own. Only the ids that the OpenPGP
//! signature gives for its key are read here; whether the signature is right would take the key, and the forge says it
//! (*Verified*). What this shows is that nobody signed with a key of their own below GitHub's name; who puts a packet
//! together by hand can write any id into it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The keys that GitHub has signed with until, and since, January 2024. All 8,759 signed commits with GitHub as committer
/// among the newest 3,000 of each of 39 public repositories name one of them. A later key that is not here makes a person
/// look, and costs nothing.
const KEYS: [u64; 2] = [0x4AEE_18F8_3AFD_EB23, 0xB569_0EEE_BB95_2194];

/// A longer signature is read no further.
const MAX_BYTES: usize = 1 << 16;

const SIGNATURE: u8 = 2;
const ISSUER: u8 = 16;
const ISSUER_FINGERPRINT: u8 = 33;

/// Whether all the key ids of a `gpgsig` are GitHub's, and there is one. SSH's and S/MIME's signatures have none.
pub(super) fn signed(gpgsig: &[u8]) -> bool {
    let ids = unarmoured(gpgsig).and_then(|packet| issuers(&packet)).unwrap_or_default();
    !ids.is_empty() && ids.iter().all(|id| KEYS.contains(id))
}

/// The bytes of an OpenPGP signature in ASCII armour.
fn unarmoured(text: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(text.get(..text.len().min(MAX_BYTES))?).ok()?;
    let mut lines = text.lines().map(str::trim);
    lines.find(|line| *line == "-----BEGIN PGP SIGNATURE-----")?;
    // Headers such as `Version:` end with an empty line.
    lines.find(|line| line.is_empty())?;
    let data: String = lines.take_while(|line| !line.starts_with('=') && !line.starts_with("-----")).collect();
    STANDARD.decode(data).ok()
}

/// The ids of the key that the first packet, a signature, says to be made with.
fn issuers(packet: &[u8]) -> Option<Vec<u64>> {
    let (tag, body) = body(packet)?;
    if tag != SIGNATURE {
        return None;
    }
    match *body.first()? {
        3 => Some(vec![key_id(body.get(7..15)?)?]),
        4 => {
            let (hashed, rest) = sized(body.get(4..)?)?;
            let (unhashed, _) = sized(rest)?;
            let mut ids = issuers_among(hashed)?;
            ids.extend(issuers_among(unhashed)?);
            Some(ids)
        }
        _ => None,
    }
}

/// Tag and content of the first packet; `None` where its length is not said at once.
fn body(packet: &[u8]) -> Option<(u8, &[u8])> {
    let (first, rest) = packet.split_first()?;
    let (tag, (length, rest)) = match *first {
        0xC0.. => (first & 0x3F, new_length(rest, 223)?),
        0x80.. => {
            let size = match first & 3 {
                0 => 1,
                1 => 2,
                2 => 4,
                _ => return None,
            };
            ((first >> 2) & 0x0F, (number(rest.get(..size)?), rest.get(size..)?))
        }
        _ => return None,
    };
    Some((tag, rest.get(..length)?))
}

/// A length in one, two or five bytes, two of them where the first is at most `two`; and what follows it.
fn new_length(bytes: &[u8], two: u8) -> Option<(usize, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    match *first {
        short @ ..192 => Some((usize::from(short), rest)),
        255 => Some((number(rest.get(..4)?), rest.get(4..)?)),
        long if long <= two => {
            let (second, rest) = rest.split_first()?;
            Some((((usize::from(long) - 192) << 8) + usize::from(*second) + 192, rest))
        }
        _ => None,
    }
}

/// Bytes after their length in two bytes, and what follows them.
fn sized(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = number(bytes.get(..2)?);
    bytes.get(2..)?.split_at_checked(length)
}

/// The key ids among the subpackets of a signature.
fn issuers_among(mut subpackets: &[u8]) -> Option<Vec<u64>> {
    let mut ids = Vec::new();
    while !subpackets.is_empty() {
        let (length, rest) = new_length(subpackets, 254)?;
        let (subpacket, rest) = rest.split_at_checked(length)?;
        let (kind, data) = subpacket.split_first()?;
        match kind & 0x7F {
            ISSUER => ids.push(key_id(data)?),
            // After the version of the key; the id of one of version 4 is the end of its fingerprint.
            ISSUER_FINGERPRINT => ids.push(key_id(data.get(data.len().checked_sub(8)?..)?)?),
            _ => {}
        }
        subpackets = rest;
    }
    Some(ids)
}

fn key_id(bytes: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(bytes.try_into().ok()?))
}

fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |number, byte| (number << 8) | usize::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: u64 = 0x1122_3344_5566_7788;

    /// A subpacket with an issuer's id.
    fn issuer(id: u64) -> Vec<u8> {
        [&[9_u8, ISSUER][..], &id.to_be_bytes()].concat()
    }

    /// A subpacket with an issuer's fingerprint, marked as critical.
    fn fingerprint(id: u64) -> Vec<u8> {
        [&[22, ISSUER_FINGERPRINT | 0x80, 4][..], &[0xAB; 12], &id.to_be_bytes()].concat()
    }

    /// A signature of version 4 with these subpackets after a date: its content.
    fn content(hashed: &[u8], unhashed: &[u8]) -> Vec<u8> {
        let date = [5_u8, 2, 0x65, 0xA6, 0xF0, 0x00];
        let length = |bytes: usize| (bytes as u16).to_be_bytes();
        let (first, second) = (length(date.len() + hashed.len()), length(unhashed.len()));
        [&[4_u8, 0, 1, 8][..], &first, &date, hashed, &second, unhashed, &[0x12, 0x34, 0, 8, 0xFF]].concat()
    }

    fn packet(content: &[u8]) -> Vec<u8> {
        [&[0xC0 | SIGNATURE, content.len() as u8][..], content].concat()
    }

    fn armoured(packet: &[u8]) -> String {
        let data = STANDARD.encode(packet);
        format!("-----BEGIN PGP SIGNATURE-----\nVersion: x\n\n{data}\n=abcd\n-----END PGP SIGNATURE-----\n")
    }

    #[test]
    fn only_githubs_keys_are_githubs() {
        let [old, new] = KEYS;
        let of = |hashed: &[u8], unhashed: &[u8]| packet(&content(hashed, unhashed));
        let version_3 = |id: u64| packet(&[&[3_u8, 5, 0, 1, 2, 3, 4][..], &id.to_be_bytes(), &[1, 8, 0, 0]].concat());
        let old_format = |content: &[u8]| [&[0x88, content.len() as u8][..], content].concat();
        for (packet, is, what) in [
            (of(&issuer(old), &[]), true, "until 2024"),
            (of(&issuer(new), &[]), true, "since 2024"),
            (of(&[], &issuer(new)), true, "where gpg puts it"),
            (of(&fingerprint(new), &issuer(new)), true, "both ways"),
            (of(&fingerprint(new), &[]), true, "a fingerprint alone"),
            (version_3(old), true, "version 3"),
            (old_format(&content(&issuer(new), &[])), true, "an old packet"),
            (of(&issuer(OWN), &[]), false, "a key of one's own"),
            (of(&fingerprint(OWN), &[]), false, "its fingerprint"),
            (of(&issuer(OWN), &issuer(new)), false, "one of one's own, and GitHub's"),
            (of(&fingerprint(new), &issuer(OWN)), false, "GitHub's, and one of one's own"),
            (version_3(OWN), false, "version 3 with a key of one's own"),
            (of(&[], &[]), false, "no key"),
            ([&[0xC0 | 4, 15, 3, 5, 0, 1, 2, 3, 4][..], &new.to_be_bytes()].concat(), false, "no signature"),
            (Vec::new(), false, "nothing"),
        ] {
            assert_eq!(signed(armoured(&packet).as_bytes()), is, "{what}");
        }
    }

    #[test]
    fn lengths_have_one_two_or_five_bytes() {
        let is = |subpackets: &[u8]| {
            let content = content(subpackets, &[]);
            let (of_two, length) = (content.len() - 192, content.len());
            let two = [&[0xC2, 192 + (of_two >> 8) as u8, of_two as u8][..], &content].concat();
            let five = [&[0xC2, 255, 0, 0, (length >> 8) as u8, length as u8][..], &content].concat();
            [two, five].map(|packet| signed(armoured(&packet).as_bytes()))
        };
        let with_another = |length: [u8; 2]| [&issuer(KEYS[1])[..], &length, &[9; 199]].concat();
        assert_eq!(is(&with_another([192, 7])), [true; 2], "199 bytes");
        assert_eq!(is(&with_another([201, 20])), [false; 2], "more bytes than there are");
    }

    #[test]
    fn what_is_no_openpgp_vouches_for_nobody() {
        let whole = packet(&content(&issuer(KEYS[0]), &fingerprint(KEYS[0])));
        for end in 0..whole.len() {
            signed(armoured(&whole[..end]).as_bytes());
        }
        for text in [
            "",
            "made up",
            "-----BEGIN PGP SIGNATURE-----\n\nmade up\n-----END PGP SIGNATURE-----\n",
            "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----\n",
            "-----BEGIN SIGNED MESSAGE-----\nMIIB\n-----END SIGNED MESSAGE-----\n",
            "4AEE18F83AFDEB23 B5690EEEBB952194",
        ] {
            assert!(!signed(text.as_bytes()), "{text}");
        }
    }
}

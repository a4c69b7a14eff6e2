//! Base64, as far as a secret hides in it.

pub(super) fn base64(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=')
}

/// The bytes of a run of Base64; `None` where it is none.
pub(super) fn decode(run: &str) -> Option<Vec<u8>> {
    let digits = run.trim_end_matches('=');
    let mut bytes = Vec::with_capacity(digits.len() * 3 / 4);
    let (mut buffer, mut bits) = (0_u32, 0_u32);
    for digit in digits.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        buffer = ((buffer << 6) | u32::from(value)) & 0xff_ffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(((buffer >> bits) & 0xff) as u8);
        }
    }
    (digits.len() % 4 != 1).then_some(bytes)
}

#[cfg(test)]
#[test]
fn base64_is_decoded() {
    assert_eq!(decode("aHVudGVyMg==").as_deref(), Some(&b"hunter2"[..]));
    assert_eq!(decode("aHVudGVy").as_deref(), Some(&b"hunter"[..]));
    assert_eq!(decode("aHVudGVyM"), None);
}

//! Texts in replies: times, user data.

use std::io::Read;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use stackmark_collect::redact::redact;

/// Bytes of user data that are kept; EC2 itself takes 16 KiB, before unzipping.
const USER_DATA_BYTES: usize = 64 << 10;
/// Characters of base64 that may be a part of it: fewer are a word.
const SHORTEST_PART: usize = 16;

/// A time as RFC 3339, UTC.
pub(super) fn time(time: Option<DateTime>) -> Option<String> {
    time.and_then(|time| time.fmt(Format::DateTime).ok())
}

/// User data in clear.
#[derive(Debug)]
pub(super) struct Decoded {
    /// What can be kept of it.
    pub(super) text: String,
    /// Bytes before anything was cut off.
    pub(super) bytes: u64,
}

/// Decodes user data from base64, and from gzip where it is that, as cloud-init does; what does not decode stays as it
/// is.
///
/// Secrets are taken out of all texts before they are stored. Here only where the text is cut off, for half a secret
/// would not be recognised there.
pub(super) fn user_data(encoded: &str) -> Decoded {
    let packed = aws_smithy_types::base64::decode(encoded.trim()).unwrap_or_else(|_| encoded.as_bytes().to_vec());
    let unpacked = unzipped(packed);
    let bytes = unpacked.len() as u64;
    // A part of a message may hold a file that is in base64 itself.
    let mut text = parts_in_clear(&parts_in_clear(&String::from_utf8_lossy(&unpacked)));
    if text.len() > USER_DATA_BYTES {
        text = redact(&text).0;
        text.truncate(text.floor_char_boundary(USER_DATA_BYTES));
    }
    Decoded { text, bytes }
}

/// Bytes that gzip packed; others as they are.
fn unzipped(packed: Vec<u8>) -> Vec<u8> {
    if !packed.starts_with(&[0x1f, 0x8b]) {
        return packed;
    }
    let mut unpacked = Vec::new();
    // One byte more than is kept shows that there is more, and a bomb of zeros stops there.
    let reader = flate2::read::GzDecoder::new(packed.as_slice());
    let read = reader.take(USER_DATA_BYTES as u64 + 1).read_to_end(&mut unpacked);
    if read.is_ok() { unpacked } else { packed }
}

/// User data with its parts in clear: those of a MIME message, and files of cloud-config, in base64 and perhaps zipped.
fn parts_in_clear(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    if !["base64", "b64", "!!binary"].iter().any(|mark| lower.contains(mark)) {
        return text.to_owned();
    }
    let mut clear = String::with_capacity(text.len());
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        // The value of a key, or a line of its own with more to follow.
        let word = line.trim_end().rsplit(char::is_whitespace).next().unwrap_or_default();
        let begun = word.trim_matches(['"', '\'']);
        let mut block = begun.to_owned();
        let mut raw = line.to_owned();
        if is_base64(begun) {
            while let Some(next) = lines.next_if(|next| is_base64(next.trim())) {
                block.push_str(next.trim());
                raw.push_str(next);
            }
        }
        match in_clear(&block).filter(|_| clear.len() <= USER_DATA_BYTES) {
            Some(part) => {
                let key = line.trim_end().len() - word.len();
                clear.push_str(line.get(..key).unwrap_or_default());
                clear.push('\n');
                clear.push_str(&part);
                clear.push('\n');
            }
            None => clear.push_str(&raw),
        }
    }
    clear
}

fn is_base64(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
}

/// What a block of base64 holds, if it is text.
fn in_clear(block: &str) -> Option<String> {
    if block.len() < SHORTEST_PART || !is_base64(block) {
        return None;
    }
    let text = String::from_utf8(unzipped(aws_smithy_types::base64::decode(block).ok()?)).ok()?;
    let is_text = text.chars().all(|character| !character.is_control() || character.is_ascii_whitespace());
    is_text.then_some(text)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn user_data_is_decoded_and_unzipped() {
        assert_eq!(user_data("IyEvYmluL3NoCg==").text, "#!/bin/sh\n");
        let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        zip.write_all(b"#!/bin/sh\nyum install -y httpd\n").unwrap();
        let decoded = user_data(&aws_smithy_types::base64::encode(zip.finish().unwrap()));
        assert_eq!((decoded.text.as_str(), decoded.bytes), ("#!/bin/sh\nyum install -y httpd\n", 31));
        assert_eq!(user_data("no base64!").text, "no base64!");
    }

    #[test]
    fn parts_in_base64_are_in_clear() {
        let encode = |text: &str| aws_smithy_types::base64::encode(text);
        let script = "#!/bin/bash\npip3 install flask\nnohup python3 app.py &\n";
        let part = encode(script);
        let wrapped: String = part.as_bytes().chunks(20).map(|line| String::from_utf8_lossy(line) + "\n").collect();
        let mime = format!(
            "Content-Type: multipart/mixed; boundary=\"=x==\"\nMIME-Version: 1.0\n\n--=x==\nContent-Type: text/x-shellscript\n\
             Content-Transfer-Encoding: base64\n\n{wrapped}--=x==--\n"
        );
        let config = format!("#cloud-config\nwrite_files:\n- encoding: b64\n  content: {part}\n  path: /opt/run.sh\n");
        let binary = format!("#cloud-config\nwrite_files:\n- content: !!binary |\n    {part}\n  path: /opt/run.sh\n");
        let both = format!("--=x==\nContent-Transfer-Encoding: base64\n\n{}\n--=x==--\n", encode(&config));
        for text in [mime, config.clone(), binary, both] {
            let clear = user_data(&encode(&text)).text;
            assert!(clear.contains("nohup python3 app.py &\n") && !clear.contains(&part[..20]), "{clear}");
        }
        let clear = user_data(&encode(&config)).text;
        assert!(clear.contains("content: \n#!/bin/bash") && clear.contains("path: /opt/run.sh"), "{clear}");
        let picture = "- encoding: b64\n  content: iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ\n";
        assert_eq!(user_data(&encode(picture)).text, picture, "no text");
    }

    #[test]
    fn oversized_user_data_is_cut_off_without_halving_a_secret() {
        // stackmark:invented
        let key = "AKIAQ3EGRV5ZLXW7NB2D";
        let long = format!("{}{key}\n{}", "x\n".repeat((USER_DATA_BYTES - 8) / 2), "y".repeat(200));
        let decoded = user_data(&aws_smithy_types::base64::encode(&long));
        assert!(decoded.text.len() <= USER_DATA_BYTES);
        assert_eq!(decoded.bytes, long.len() as u64);
        assert!(!decoded.text.contains(&key[..8]), "{}", &decoded.text[decoded.text.len() - 10..]);
    }
}

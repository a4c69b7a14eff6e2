//! Texts in replies: times, user data.

use std::io::Read;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use stackmark_collect::redact::redact;

/// Bytes of user data that are kept; EC2 itself takes 16 KiB, before unzipping.
const USER_DATA_BYTES: usize = 64 << 10;

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
    let mut unpacked = Vec::new();
    if packed.starts_with(&[0x1f, 0x8b]) {
        // One byte more than is kept shows that there is more, and a bomb of zeros stops there.
        let reader = flate2::read::GzDecoder::new(packed.as_slice());
        if reader.take(USER_DATA_BYTES as u64 + 1).read_to_end(&mut unpacked).is_err() {
            unpacked.clone_from(&packed);
        }
    } else {
        unpacked = packed;
    }
    let bytes = unpacked.len() as u64;
    let mut text = String::from_utf8_lossy(&unpacked).into_owned();
    if text.len() > USER_DATA_BYTES {
        text = redact(&text).0;
        text.truncate(text.floor_char_boundary(USER_DATA_BYTES));
    }
    Decoded { text, bytes }
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

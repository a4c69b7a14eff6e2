//! Bodies of `multipart/form-data`, the same bytes at every run.

use bytes::Bytes;
use flate2::Crc;
use sha2::{Digest, Sha256};

use stackmark_evidence::http::SentFile;
use stackmark_language::scenario::{Content, FilePart, Multipart};

/// A body, the header that names its boundary, and what was put into it.
pub(super) struct Form {
    pub(super) content_type: String,
    pub(super) body: Bytes,
    pub(super) files: Vec<SentFile>,
}

/// Lays out fields and files one after the other (RFC 7578).
pub(super) fn form(multipart: &Multipart) -> Form {
    let contents: Vec<Vec<u8>> = multipart.files.iter().map(|file| content(&file.content)).collect();
    let mut digest = Sha256::new();
    multipart.fields.iter().for_each(|(_, value)| digest.update(value));
    contents.iter().for_each(|content| digest.update(content));
    // Made of the contents, which cannot hold their own digest.
    let boundary = format!("stackmark-{}", &hexadecimal(&digest.finalize())[..32]);
    let mut body = Vec::new();
    for (name, value) in &multipart.fields {
        let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n", quoted(name));
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(value.as_bytes());
        body.extend_from_slice(b"\r\n");
    }
    for (file, content) in multipart.files.iter().zip(&contents) {
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
            quoted(&file.name),
            quoted(&file.filename),
            file.content_type
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    let sent = |(file, content): (&FilePart, &Vec<u8>)| SentFile {
        name: file.name.clone(),
        filename: file.filename.clone(),
        bytes: content.len() as u64,
        sha256: hexadecimal(&Sha256::digest(content)),
    };
    Form {
        content_type: format!("multipart/form-data; boundary={boundary}"),
        files: multipart.files.iter().zip(&contents).map(sent).collect(),
        body: body.into(),
    }
}

/// As browsers write names.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

/// In hexadecimal.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn content(content: &Content) -> Vec<u8> {
    match content {
        Content::Text { text } => text.clone().into_bytes(),
        Content::Bytes { count, seed } => generated(seed, usize::try_from(*count).unwrap_or(0)),
        Content::Png { side, seed } => png(*side, seed),
    }
}

/// Bytes that look like noise: SHA-256 of the seed and a counter, again and again.
fn generated(seed: &str, count: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(count + 32);
    let mut number = 0_u64;
    while bytes.len() < count {
        let mut digest = Sha256::new();
        digest.update(seed.as_bytes());
        digest.update(number.to_be_bytes());
        bytes.extend_from_slice(&digest.finalize());
        number += 1;
    }
    bytes.truncate(count);
    bytes
}

/// A picture of noise in PNG, eight bits of red, green and blue a pixel, not compressed.
fn png(side: u32, seed: &str) -> Vec<u8> {
    let width = side as usize * 3;
    let pixels = generated(seed, width * side as usize);
    // Each line begins with the number of its filter: none.
    let lines: Vec<u8> =
        pixels.chunks(width.max(1)).flat_map(|line| std::iter::once(0).chain(line.iter().copied())).collect();
    let mut zlib = vec![0x78, 0x01];
    let blocks: Vec<&[u8]> = lines.chunks(usize::from(u16::MAX)).collect();
    for (number, block) in blocks.iter().enumerate() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        zlib.push(u8::from(number + 1 == blocks.len()));
        zlib.extend_from_slice(&length.to_le_bytes());
        zlib.extend_from_slice(&(!length).to_le_bytes());
        zlib.extend_from_slice(block);
    }
    zlib.extend_from_slice(&adler32(&lines).to_be_bytes());
    let mut head = Vec::new();
    head.extend_from_slice(&side.to_be_bytes());
    head.extend_from_slice(&side.to_be_bytes());
    head.extend_from_slice(&[8, 2, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in [(b"IHDR", head.as_slice()), (b"IDAT", zlib.as_slice()), (b"IEND", &[][..])] {
        png.extend_from_slice(&u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
        let mut crc = Crc::new();
        crc.update(kind);
        crc.update(data);
        png.extend_from_slice(kind);
        png.extend_from_slice(data);
        png.extend_from_slice(&crc.sum().to_be_bytes());
    }
    png
}

fn adler32(bytes: &[u8]) -> u32 {
    let (a, b) = bytes.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65521;
        (a, (b + a) % 65521)
    });
    (b << 16) | a
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn file(filename: &str, content: Content) -> FilePart {
        FilePart {
            name: "file".to_owned(),
            filename: filename.to_owned(),
            content_type: "text/plain".to_owned(),
            content,
        }
    }

    #[test]
    fn fields_and_files_are_laid_out_as_a_browser_does() {
        let multipart = Multipart {
            fields: vec![("title".to_owned(), "A day".to_owned())],
            files: vec![file("a\"b\r\n.txt", Content::Text { text: "hello".to_owned() })],
        };
        let form = form(&multipart);
        let boundary = form.content_type.strip_prefix("multipart/form-data; boundary=").unwrap();
        let expected = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nA day\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a%22b%0D%0A.txt\"\r\n\
             Content-Type: text/plain\r\n\r\nhello\r\n--{boundary}--\r\n"
        );
        assert_eq!(String::from_utf8_lossy(&form.body), expected);
        assert_eq!((form.files[0].bytes, &form.files[0].sha256[..8]), (5, "2cf24dba"));
    }

    #[test]
    fn generated_files_are_the_same_again_and_another_teams_are_not() {
        let of = |seed: &str| content(&Content::Bytes { count: 1000, seed: seed.to_owned() });
        assert_eq!(of("falcon").len(), 1000);
        assert_eq!(of("falcon"), of("falcon"));
        assert_ne!(of("falcon"), of("heron"));
    }

    #[test]
    fn a_picture_is_a_whole_png() {
        let picture = content(&Content::Png { side: 200, seed: "falcon".to_owned() });
        assert!(picture.starts_with(b"\x89PNG\r\n\x1a\n") && picture.ends_with(b"IEND\xae\x42\x60\x82"));
        let data = picture.windows(4).position(|window| window == b"IDAT").unwrap() + 4;
        let mut lines = Vec::new();
        flate2::read::ZlibDecoder::new(&picture[data..]).read_to_end(&mut lines).unwrap();
        assert_eq!(lines.len(), 200 * (200 * 3 + 1));
    }
}

//! What a PDF may hold that its parsers would follow without an end: streams that unpack to gigabytes, pages and drawings
//! that contain themselves, pixels that are read as drawing commands.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use pdf_extract::{Dictionary, Document, Object, ObjectId, Stream};

use super::malformed;
use stackmark_evidence::{Cause, Unreadable};

/// Bytes that one stream, and all of them, may unpack to; a page-sized screenshot is some ten megabytes.
pub(super) const MAX_STREAM_BYTES: u64 = 64 << 20;
const MAX_UNPACKED_BYTES: u64 = 1 << 30;
/// A page stands in a tree of a few levels.
const MAX_PAGE_DEPTH: usize = 64;

/// Unpacks every deflated stream to nowhere, before a parser unpacks it to memory.
pub(super) fn refuse_bombs(bytes: &[u8]) -> Result<(), Unreadable> {
    const KEYWORD: &[u8] = b"stream";
    let mut total = 0;
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(KEYWORD.len()).position(|window| window == KEYWORD) {
        at += found + KEYWORD.len();
        let start = at + bytes[at..].iter().take(2).take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        // The first byte of a deflated stream; `endstream` and everything else is passed over.
        if bytes.get(start).is_none_or(|byte| byte & 0x0f != 8) {
            continue;
        }
        let mut unpacked = flate2::read::ZlibDecoder::new(&bytes[start..]).take(MAX_STREAM_BYTES + 1);
        let mut block = [0; 64 << 10];
        let mut length = 0;
        while let Ok(read @ 1..) = unpacked.read(&mut block) {
            length += read as u64;
        }
        total += length;
        if length > MAX_STREAM_BYTES || total > MAX_UNPACKED_BYTES {
            let detail = format!("the PDF unpacks to more than {} MiB", MAX_STREAM_BYTES >> 20);
            return Err(Unreadable::new(Cause::Refused, detail));
        }
    }
    Ok(())
}

/// The extractor follows `Parent` without an end.
pub(super) fn refuse_circular_pages(document: &Document, pages: &BTreeMap<u32, ObjectId>) -> Result<(), Unreadable> {
    for id in pages.values() {
        let mut next = Some(*id);
        for depth in 0.. {
            let Some(id) = next else { break };
            if depth > MAX_PAGE_DEPTH {
                return Err(malformed("the PDF's pages contain themselves"));
            }
            let parent =
                document.get_dictionary(id).and_then(|page| page.get(b"Parent")).and_then(Object::as_reference);
            next = parent.ok();
        }
    }
    Ok(())
}

fn subtype(stream: &Stream) -> &[u8] {
    stream.dict.get(b"Subtype").and_then(Object::as_name).unwrap_or_default()
}

fn make_empty(stream: &mut Stream) {
    stream.dict.remove(b"Filter");
    stream.dict.remove(b"DecodeParms");
    stream.set_content(Vec::new());
}

/// Takes the pixels away, which the extractor would read as drawing commands, and counts the images large enough to show
/// something; masks are no images.
pub(super) fn empty_images(document: &mut Document) -> u64 {
    const SMALLEST: i64 = 100;
    let masks: BTreeSet<ObjectId> = document
        .objects
        .values()
        .filter_map(|object| object.as_stream().ok())
        .flat_map(|stream| {
            [b"SMask".as_slice(), b"Mask"].map(|key| stream.dict.get(key).and_then(Object::as_reference))
        })
        .flatten()
        .collect();
    let mut figures = 0;
    for (id, object) in &mut document.objects {
        let Ok(stream) = object.as_stream_mut() else { continue };
        if subtype(stream) != b"Image" {
            continue;
        }
        let side = |key: &[u8]| stream.dict.get(key).and_then(Object::as_i64).unwrap_or(0);
        if !masks.contains(id) && side(b"Width") >= SMALLEST && side(b"Height") >= SMALLEST {
            figures += 1;
        }
        make_empty(stream);
    }
    figures
}

/// Takes away drawings that contain themselves: the extractor would follow them until its stack is full.
pub(super) fn empty_circular_drawings(document: &mut Document) {
    let mut drawings = BTreeSet::new();
    for object in document.objects.values() {
        drawings_named_in(document, object, &mut drawings);
    }
    let mut contained: BTreeMap<ObjectId, BTreeSet<ObjectId>> = BTreeMap::new();
    let mut bad = BTreeSet::new();
    for &id in &drawings {
        let Some(stream) = document.get_object(id).and_then(Object::as_stream).ok() else { continue };
        let own =
            stream.dict.get(b"Resources").and_then(|object| document.dereference(object)).map(|(_, object)| object);
        match own {
            Ok(resources) => {
                let inner = contained.entry(id).or_default();
                drawings_named_in(document, resources, inner);
            }
            // Without resources of its own it sees those that it was found in, and so itself.
            Err(_) if draws_others(stream) => {
                bad.insert(id);
            }
            Err(_) => {}
        }
    }
    // What only contains drawings that end ends as well; what is left over goes round in circles.
    let mut ending: BTreeSet<ObjectId> = drawings.iter().copied().filter(|id| !contained.contains_key(id)).collect();
    loop {
        let more: Vec<ObjectId> = contained
            .iter()
            .filter(|(id, inner)| !ending.contains(*id) && inner.iter().all(|id| ending.contains(id)))
            .map(|(id, _)| *id)
            .collect();
        if more.is_empty() {
            break;
        }
        ending.extend(more);
    }
    bad.extend(drawings.into_iter().filter(|id| !ending.contains(id)));
    for id in bad {
        if let Ok(stream) = document.get_object_mut(id).and_then(Object::as_stream_mut) {
            make_empty(stream);
        }
    }
}

/// The streams that the `XObject` dictionaries in `object` name; what it only refers to is not entered.
fn drawings_named_in(document: &Document, object: &Object, drawings: &mut BTreeSet<ObjectId>) {
    let mut open = vec![object];
    while let Some(object) = open.pop() {
        let dictionary: &Dictionary = match object {
            Object::Dictionary(dictionary) => dictionary,
            Object::Stream(stream) => &stream.dict,
            Object::Array(items) => {
                open.extend(items);
                continue;
            }
            _ => continue,
        };
        for (key, value) in dictionary.iter() {
            open.push(value);
            if key != b"XObject" {
                continue;
            }
            if let Ok((_, Object::Dictionary(named))) = document.dereference(value) {
                drawings.extend(named.iter().filter_map(|(_, drawing)| last_reference(document, drawing)));
            }
        }
    }
}

/// A reference may lead to another.
fn last_reference(document: &Document, object: &Object) -> Option<ObjectId> {
    document.dereference(object).ok()?.0
}

fn draws_others(stream: &Stream) -> bool {
    let content = stream.decompressed_content().unwrap_or_else(|_| stream.content.clone());
    content.windows(2).any(|window| window == b"Do")
}

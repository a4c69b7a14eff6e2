"""Writes the PDF and DOCX files of the labelled set from the Markdown beside them.

`report.pdf.md` gives `report.pdf`, `report.docx.md` gives `report.docx`; standard library only, and the same bytes on
every machine. Known are headings, paragraphs, list items and tables: what the set needs.

    python3 tests/handover/make_documents.py
"""

import pathlib
import textwrap
import zipfile
from xml.sax.saxutils import escape

LINES_A_PAGE = 46
HEAD = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
)
TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'wordprocessingml.document.main+xml"/></Types>'
)
RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
    'relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/'
    'officeDocument" Target="word/document.xml"/></Relationships>'
)


def blocks(markdown):
    """Pairs of a kind (`heading`, `item`, `row`, `text`) and its text, paragraphs in one piece."""
    paragraph = []

    def flush():
        if paragraph:
            yield "text", " ".join(paragraph)
            paragraph.clear()

    for line in markdown.splitlines():
        line = line.strip()
        if line.startswith("#"):
            yield from flush()
            yield "heading", line.lstrip("# ")
        elif line.startswith("- "):
            yield from flush()
            yield "item", line[2:]
        elif line.startswith("|"):
            yield from flush()
            if not set(line) <= set("|-: "):
                yield "row", [cell.strip() for cell in line.strip("|").split("|")]
        elif ". . " in line or "....." in line:
            yield from flush()
            yield "text", line
        elif line:
            paragraph.append(line.replace("`", ""))
        else:
            yield from flush()
    yield from flush()


def pdf(markdown):
    """A PDF with one font for text and a larger, bold one for headings."""
    lines = []
    for kind, text in blocks(markdown):
        if kind == "heading":
            lines += [("", 0), (text, 14)]
        elif kind == "row":
            lines.append(("   ".join(text), 11))
        elif kind == "item":
            lines.append(("\u2022 " + text, 11))
        else:
            lines += [("", 0)] + [(line, 11) for line in textwrap.wrap(text, 88)]
    pages = [lines[at : at + LINES_A_PAGE] for at in range(0, len(lines), LINES_A_PAGE)]
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    for name in (b"Helvetica", b"Helvetica-Bold"):
        objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /" + name + b" /Encoding /WinAnsiEncoding >>")
    kids = []
    for page in pages:
        drawn = [b"BT 1 0 0 1 60 790 Tm 16 TL"]
        for text, size in page:
            shown = text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
            font = b"/F2 14 Tf " if size == 14 else b"/F1 11 Tf "
            drawn.append(b"T* " + (font + b"(" + shown + b") Tj" if text else b""))
        drawn.append(b"ET")
        stream = b"\n".join(drawn)
        objects.append(b"<< /Length %d >>\nstream\n" % len(stream) + stream + b"\nendstream")
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R" % len(objects)
            + b" /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>"
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [" + b" ".join(kids) + b"] /Count %d >>" % len(kids)
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % count + table + trailer


def docx(markdown, path):
    """A Word document with heading styles and tables, written to `path`."""

    def paragraph(text, style=""):
        style = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
        return f'<w:p>{style}<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'

    body, rows = [], []

    def table():
        if rows:
            cells = ["".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in row) for row in rows]
            body.append("<w:tbl>" + "".join(f"<w:tr>{row}</w:tr>" for row in cells) + "</w:tbl>")
            rows.clear()

    for kind, text in blocks(markdown):
        if kind == "row":
            rows.append(text)
            continue
        table()
        body.append(paragraph(text, {"heading": "Heading1", "item": "ListParagraph"}.get(kind, "")))
    table()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (
            ("[Content_Types].xml", TYPES),
            ("_rels/.rels", RELATIONS),
            ("word/document.xml", HEAD + "".join(body) + "</w:body></w:document>"),
        ):
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)


def main():
    """Writes every file whose source stands in a folder beside this one."""
    for source in sorted(pathlib.Path(__file__).parent.glob("*/*.md")):
        target = source.with_suffix("")
        text = source.read_text(encoding="utf-8")
        if target.suffix == ".pdf":
            target.write_bytes(pdf(text))
        elif target.suffix == ".docx":
            docx(text, target)


if __name__ == "__main__":
    main()

"""The documents of `documents.toml`, made from a few words each: files of megabytes that no repository should hold."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from pypdf import PdfReader, PdfWriter

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
BODY = f"<w:document {W}><w:body>"
WORDS = "The bridge over the river reopens in spring, the minister said on Monday, after two years of work. "

_PAGE_OBJECTS = (
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> /XObject << /X 6 0 R >> >> >>",
    "{content}",
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    "<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Length 0 >>\nstream\n\nendstream",
)

Spec = str | Mapping[str, Any]


def document(case: Mapping[str, Any]) -> bytes:
    """The bytes of one case."""
    if "pdf" in case:
        data = _pdf(case["pdf"])
    elif "docx" in case:
        data = _docx(case["docx"])
    else:
        data = expand(case["data"])
    return data[: case["cut"]] if "cut" in case else data


def expand(spec: Spec) -> bytes:
    """``lead``, ``times`` times ``of`` ("{n}" counts), ``tail``; "{words}" stands for a sentence, ``hex`` for bytes."""
    if isinstance(spec, str):
        return _encoded(spec)
    if "hex" in spec:
        return bytes.fromhex(spec["hex"]) + expand(spec.get("then", ""))
    of, times = spec.get("of", ""), spec.get("times", 1)
    many = _encoded("".join(of.replace("{n}", str(at)) for at in range(times)) if "{n}" in of else of * times)
    data = _encoded(spec.get("lead", "")) + many + _encoded(spec.get("tail", ""))
    return data.decode().encode(spec["encoding"]) if "encoding" in spec else data


def _encoded(text: str) -> bytes:
    text = text.replace("{words}", WORDS).replace("{body}", BODY)
    return text.encode("utf-8", "surrogatepass")


def _pdf(spec: Mapping[str, Any]) -> bytes:
    content = spec.get("content", f"BT /F1 11 Tf 14 TL 50 780 Td ({WORDS}) Tj T* ({WORDS}) Tj ET")
    stream = expand(content)
    for _ in range(spec.get("flate", 0)):
        stream = zlib.compress(stream, 9)
    head = f"<< /Length {spec.get('length', len(stream))} {spec.get('head', '')} >>\nstream\n".encode()
    objects = list(spec.get("objects", _PAGE_OBJECTS))
    for number, text in spec.get("replace", {}).items():
        objects[int(number) - 1 : int(number)] = [text]
    objects += spec.get("more", ())
    levels = range(2, spec.get("levels", 0) + 2)
    objects += [f"<< /Type /Pages /Kids [{level + 1} 0 R {level + 1} 0 R] /Count 1099511627776 >>" for level in levels]
    bodies = [
        head + stream + b"\nendstream" if isinstance(text, str) and text == "{content}" else expand(text)
        for text in objects
    ]
    data = pdf_file(bodies, spec.get("trailer", ""))
    return _locked(data) if spec.get("locked") else data


def pdf_file(objects: Sequence[bytes], trailer: str = "") -> bytes:
    """A PDF of these objects, numbered from 1, the first of which is its catalogue."""
    parts, offsets, at = [b"%PDF-1.5\n"], [], 9
    for number, body in enumerate(objects, 1):
        offsets.append(at)
        parts.append(b"%d 0 obj\n%b\nendobj\n" % (number, body))
        at += len(parts[-1])
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer\n<< /Size {len(objects) + 1} /Root 1 0 R"
    return b"".join(parts) + f"{end} {trailer} >>\nstartxref\n{at}\n%%EOF\n".encode()


def _locked(data: bytes) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(BytesIO(data)))
    writer.encrypt("a password", algorithm="RC4-128")
    locked = BytesIO()
    writer.write(locked)
    return locked.getvalue()


def _docx(spec: Mapping[str, Any]) -> bytes:
    """A zip with the parts of a Word document; ``parts`` adds and replaces by name, ``without`` leaves out."""
    parts: dict[str, Spec] = {
        "[Content_Types].xml": "<Types/>",
        "word/document.xml": f"{BODY}<w:p><w:r><w:t>{WORDS}</w:t></w:r></w:p></w:body></w:document>",
    }
    parts |= spec.get("parts", {})
    data = BytesIO()
    with ZipFile(data, "w", ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            if name not in spec.get("without", ()):
                archive.writestr(name, expand(part))
        for number in range(spec.get("files", 0)):
            archive.writestr(f"word/{number}.xml", "")
    found = data.getvalue()
    for old, new in spec.get("patch", ()):
        found = found.replace(bytes.fromhex(old), bytes.fromhex(new))
    return found

"""What pyHanko says about signed files: one process for all, because starting it costs a second.

Usage: judge.py ROOT.pem [INTERMEDIATE.pem ...] < paths, one a line, each with a tab and a password if it has one,
and after a second tab the time to judge at (ISO 8601) if it is not now; then all is as the program of pyHanko has it:
strict reading, and the document's own revocation data are used.
Prints a line of JSON for each file: {"file", "error"} when pyHanko cannot read it, otherwise
{"file", "signatures": [{"field", "valid", "trusted", "coverage", "changes", "docmdp_ok", "summary"}]}, in the
order of signing. Signatures that were there before are judged too; the caller picks its own by field.
"""

import datetime
import io
import json
import logging
import sys

from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko_certvalidator import ValidationContext

logging.disable(logging.CRITICAL)
root, *others = [load_cert_from_pemder(path) for path in sys.argv[1:]]


class Reader(PdfFileReader):
    """pyHanko's own, but it reads the table at the head of an object stream once, not once for each object in it:
    half a minute for a manual of 150 pages. What is judged, and how, is untouched."""

    def _get_object_from_stream(self, idnum, stmnum, idx):
        tables = self.__dict__.setdefault("_tables", {})
        if stmnum not in tables:
            tables[stmnum] = self._table(stmnum)
        data, offsets = tables[stmnum]
        if idnum not in offsets:
            return super()._get_object_from_stream(idnum, stmnum, idx)
        stream = io.BytesIO(data)
        stream.seek(offsets[idnum])
        try:
            return generic.read_object(stream, generic.Reference(idnum, 0, self))
        except PdfReadError:
            return super()._get_object_from_stream(idnum, stmnum, idx)

    def _table(self, stmnum):
        stream = generic.Reference(stmnum, 0, self).get_object()
        data, first = stream.data, int(stream["/First"])
        try:
            numbers = [int(number) for number in data[:first].split()][: 2 * int(stream["/N"])]
        except ValueError:
            numbers = []  # not a plain table: pyHanko reads it its way
        pairs = list(zip(numbers[::2], numbers[1::2]))
        # The first of a number counts, as it does for pyHanko.
        return data, {number: first + offset for number, offset in reversed(pairs)}


def validation_context(reader, moment):
    settings = {"trust_roots": [root], "other_certs": others, "allow_fetching": False}
    if not moment:
        return ValidationContext(**settings)
    settings |= {"moment": datetime.datetime.fromisoformat(moment), "revocation_mode": "soft-fail"}
    try:
        return DocumentSecurityStore.read_dss(reader).as_validation_context(settings)
    except NoDSSFoundError:
        return ValidationContext(**settings)


def judge(path, password, moment):
    with open(path, "rb") as file:
        # Not strict but where asked: hybrid files are read only then. What is signed is checked all the same.
        reader = Reader(file, strict=bool(moment))
        if reader.encrypted:
            reader.decrypt(password)
        answers = []
        for signature in reader.embedded_regular_signatures:
            answer = {"field": signature.field_name}
            try:
                context = validation_context(reader, moment)
                status = validate_pdf_signature(signature, context)
                level = status.modification_level
                answer |= {
                    "valid": bool(status.bottom_line),
                    "trusted": bool(status.trusted),
                    "coverage": status.coverage.name,
                    "changes": level.name if level is not None else "none",
                    "docmdp_ok": bool(status.docmdp_ok),
                    "summary": status.summary(),
                }
            except Exception as error:  # a judge that stumbles over one signature still judges the others
                answer |= {"valid": False, "summary": f"{type(error).__name__}: {error}"}
            answers.append(answer)
        return {"file": path, "signatures": answers}


for line in sys.stdin:
    path, password, moment = (line.rstrip("\n").split("\t") + ["", ""])[:3]
    try:
        result = judge(path, password, moment)
    except Exception as error:
        result = {"file": path, "error": f"{type(error).__name__}: {error}"}
    print(json.dumps(result), flush=True)

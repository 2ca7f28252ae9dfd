# extract_peers.py - the same work by others: WARC in, main text out, as JSON lines.
# SPDX-License-Identifier: Apache-2.0
#
#   extract_peers.py resiliparse|trafilatura|fastwarc FILE.warc.gz      (fastwarc: reading and HTTP only)
import json, sys
from fastwarc.warc import ArchiveIterator, WarcRecordType

def pages(path):
    for r in ArchiveIterator(open(path, "rb"), record_types=WarcRecordType.response, parse_http=True):
        yield r.headers.get("WARC-Record-ID"), r.reader.read()

def resiliparse(body):
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import bytes_to_str, detect_encoding
    return extract_plain_text(bytes_to_str(body, detect_encoding(body)), main_content=True)

def trafilatura(body):
    import trafilatura
    return trafilatura.extract(body) or ""

text = {"resiliparse": resiliparse, "trafilatura": trafilatura, "fastwarc": lambda body: ""}[sys.argv[1]]
for id, body in pages(sys.argv[2]):
    print(json.dumps({"id": id, "text": text(body)}, ensure_ascii=False))

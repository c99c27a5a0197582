"""Reads a web archive with warcio or FastWARC.

    read-archive.py records FILE   a line of JSON for each record (warcio): type, address, length and SHA-1 of its block
    read-archive.py warcio FILE    counts the records (warcio)
    read-archive.py iterate FILE   counts the records (FastWARC), which are decompressed and cut, but not parsed
    read-archive.py images FILE    counts the images of WAT records (FastWARC, json)
"""

import hashlib
import json
import sys

mode, path = sys.argv[1:3]


def print_records():
    from warcio.archiveiterator import ArchiveIterator

    with open(path, "rb") as file:
        for record in ArchiveIterator(file, no_record_parse=True):
            block = record.raw_stream.read()
            print(
                json.dumps(
                    {
                        "type": record.rec_type,
                        "target": record.rec_headers.get_header("WARC-Target-URI"),
                        "length": len(block),
                        "sha1": hashlib.sha1(block).hexdigest(),
                    }
                )
            )


def count_by_warcio():
    from warcio.archiveiterator import ArchiveIterator

    with open(path, "rb") as file:
        return sum(1 for _ in ArchiveIterator(file, no_record_parse=True))


def count_by_fastwarc(with_images):
    from fastwarc.warc import ArchiveIterator, WarcRecordType

    count = 0
    for record in ArchiveIterator(path, parse_http=False, fsspec_args=False):
        if not with_images:
            count += 1
            continue
        if record.record_type != WarcRecordType.metadata:
            continue
        payload = json.loads(record.reader.read())["Envelope"]["Payload-Metadata"]
        page = payload.get("HTTP-Response-Metadata", {}).get("HTML-Metadata", {})
        count += sum(link.get("path") == "IMG@/src" for link in page.get("Links", []))
    return count


if mode == "records":
    print_records()
elif mode == "warcio":
    print(count_by_warcio())
else:
    print(count_by_fastwarc(mode == "images"))

"""Reads a web archive with warcio or FastWARC.

    read-archive.py warcio FILE    counts the records (warcio)
    read-archive.py iterate FILE   counts the records (FastWARC), which are decompressed and cut, but not parsed
    read-archive.py images FILE    counts the images of WAT records (FastWARC, json)
"""

import json
import sys

mode, path = sys.argv[1:3]


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


if mode == "warcio":
    print(count_by_warcio())
else:
    print(count_by_fastwarc(mode == "images"))

"""py3langid's labels: `label-py3langid.py TEXTS LABELS`.

TEXTS holds strings in UTF-8, each ended by a NUL; LABELS gets a line for each.
"""

import sys

import py3langid

with open(sys.argv[1], encoding="utf-8", newline="") as file:
    texts = file.read().split("\0")[:-1]
with open(sys.argv[2], "w") as file:
    for text in texts:
        file.write(py3langid.classify(text)[0] + "\n")

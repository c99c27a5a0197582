"""py3langid's labels: `label-py3langid.py TEXTS LABELS`.

TEXTS holds strings in UTF-8, each ended by a NUL; LABELS gets a line for each.
"""

import sys

from py3langid.langid import MODEL_FILE, LanguageIdentifier

identifier = LanguageIdentifier.from_pickled_model(MODEL_FILE)
with open(sys.argv[1], encoding="utf-8", newline="") as file:
    texts = file.read().split("\0")[:-1]
with open(sys.argv[2], "w") as file:
    for text in texts:
        file.write(identifier.classify(text)[0] + "\n")

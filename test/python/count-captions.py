"""The obvious pipeline: `count-captions.py ENTRIES MODEL ROWS`, JSON lines to counts of entries, by fastText and pyahocorasick.

ENTRIES is a file of entries as they are to be found in a spaced text, in UTF-8, each ended by a NUL; MODEL is fastText's;
ROWS are JSON lines with `text`. Prints a line of JSON: rows, how many are English, how many of these match, all matches, and
the seconds that it took once model and automaton stood.
"""

import json
import sys
import time
from collections import Counter
from operator import itemgetter

import ahocorasick
import fasttext


def space(text):
    """A text as entries are looked for in it, by the rule of the published code."""
    text = f" {text.strip()} "
    for mark in ",.;:?!`":
        text = text.replace(mark, f" {mark} ")
    return text.replace("\t", " ").replace("\n", " ").replace("\r", " ")


with open(sys.argv[1], encoding="utf-8", newline="") as file:
    entries = file.read().split("\0")[:-1]
automaton = ahocorasick.Automaton()
for number, entry in enumerate(entries):
    automaton.add_word(entry, number)
automaton.make_automaton()
model = fasttext.load_model(sys.argv[2])

counts = Counter()
rows = english = matched = 0
start = time.perf_counter()
with open(sys.argv[3], encoding="utf-8") as lines:
    for line in lines:
        rows += 1
        text = json.loads(line)["text"]
        ((label, *_), *_) = model.predict(text.replace("\n", " "))
        if label != "__label__en":
            continue
        english += 1
        found = set(map(itemgetter(1), automaton.iter(space(text))))
        matched += bool(found)
        counts.update(found)
seconds = time.perf_counter() - start
print(json.dumps({"rows": rows, "english": english, "matched": matched, "matches": counts.total(), "seconds": seconds}))

"""Matching by pyahocorasick: `match-texts.py [--pairs] ENTRIES`, a file of entries as they are to be found in a spaced text.

With `--pairs` the value of an entry is the pair of its id and itself, as the published code has it; else the id alone,
which takes less memory and time.

Files hold strings in UTF-8, each ended by a NUL; ids are positions. Once the automaton stands, a line of JSON says so on
standard output; then each line of standard input is a command, answered by one line of JSON:

    load⇥FILE    take the texts of a file in place of those before
    time         match them all, once: {"seconds", "matches"}; spacing and taking out repeated ids are timed
    write⇥FILE   the same, writing for each text how many ids it has and the ids, ascending, each in 4 bytes
"""

import array
import ctypes
import gc
import json
import sys
import time
from operator import itemgetter

import ahocorasick

assert sys.byteorder == "little" and array.array("I").itemsize == 4


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read().split("\0")[:-1]


def say(**values):
    print(json.dumps(values), flush=True)


def resident():
    """Bytes that the process holds, None where the system does not tell, after giving back what is free."""
    gc.collect()
    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError, TypeError):
        pass
    try:
        with open("/proc/self/status") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmRSS:"))
    except OSError:
        return None


def space(text):
    """A text as entries are looked for in it, by the rule of the published code."""
    text = f" {text.strip()} "
    for mark in ",.;:?!`":
        text = text.replace(mark, f" {mark} ")
    return text.replace("\t", " ").replace("\n", " ").replace("\r", " ")


has_pairs = sys.argv[1] == "--pairs"
entries = read(sys.argv[-1])
before = resident()
start = time.perf_counter()
automaton = ahocorasick.Automaton(ahocorasick.STORE_ANY if has_pairs else ahocorasick.STORE_INTS)
for number, entry in enumerate(entries):
    if entry != "":
        automaton.add_word(entry, (number, entry) if has_pairs else number)
automaton.make_automaton()
seconds = time.perf_counter() - start
after = resident()
say(seconds=seconds, bytes=None if before is None else after - before)

# Collecting cycles would only cost time here.
gc.disable()
id_of = itemgetter(1)


def find_ids(text):
    return set(map(id_of, automaton.iter(space(text))))


def find_ids_of_pairs(text):
    ids = set()
    for _, (number, _) in automaton.iter(space(text)):
        ids.add(number)
    return ids


find = find_ids_of_pairs if has_pairs else find_ids


def match_all(texts):
    matches = 0
    for text in texts:
        matches += len(find(text))
    return matches


def write_all(texts, path):
    with open(path, "wb") as file:
        for text in texts:
            ids = sorted(find(text))
            file.write(array.array("I", [len(ids), *ids]).tobytes())


texts = []
for line in sys.stdin:
    command, _, path = line.rstrip("\n").partition("\t")
    if command == "load":
        texts = read(path)
        say(texts=len(texts))
    elif command == "write":
        write_all(texts, path)
        say()
    else:
        start = time.perf_counter()
        matches = match_all(texts)
        say(seconds=time.perf_counter() - start, matches=matches)

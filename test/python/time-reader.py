"""Times `worldmeta_reader.py`: `time-reader.py DIRECTORY GROUP TEXTS`.

TEXTS is a file of strings in UTF-8, each ended by a NUL; ids are positions. Once the list is
loaded, a line of JSON says so on standard output; then each line of standard input asks for a pass
over all texts: `match`, `decide`, or `keep` (of matches found beforehand). A line of JSON answers:
{"seconds", "kept"}.
"""

import gc
import json
import sys
import time

directory, group, path = sys.argv[1:]
sys.path.insert(0, directory)
from worldmeta_reader import Balancer  # noqa: E402

with open(path, encoding="utf-8", newline="") as file:
    texts = file.read().split("\0")[:-1]


def resident():
    """Bytes that the process holds, None where the system does not tell."""
    try:
        with open("/proc/self/status") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmRSS:"))
    except OSError:
        return None


before = resident()
start = time.perf_counter()
balancer = Balancer(directory)
balancer.match("", group)
seconds = time.perf_counter() - start
after = resident()
size = None if before is None else after - before
print(json.dumps({"seconds": seconds, "bytes": size}), flush=True)

known = [[balancer.match(text, group)] for text in texts]
# Collecting cycles would only cost time here.
gc.disable()


PASSES = {
    "match": lambda: [balancer.match(text, group) for text in texts],
    "decide": lambda: [balancer.decide(text, id=at, lang=group) for at, text in enumerate(texts)],
    "keep": lambda: [balancer.keep(at, ids, group) for at, ids in enumerate(known)],
}
for line in sys.stdin:
    start = time.perf_counter()
    found = PASSES[line.strip()]()
    seconds = time.perf_counter() - start
    decisions = [] if line.strip() == "match" else found
    kept = [decision.id for decision in decisions if decision.kept]
    print(json.dumps({"seconds": seconds, "kept": len(kept)}), flush=True)

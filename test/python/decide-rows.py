"""Decides rows by `worldmeta_reader.py`: `decide-rows.py READER`.

A line of standard input is a job, answered by a line when it is done:

    {"directory", "seed", "scheme", "input", "output"}

`input` has a row a line, as JSON: an object for `decide`, or for `keep` if it has "matches".
`output` gets an array for each: kept, text, matches, probability, reason, id, group, drawn.
"""

import importlib.util
import json
import sys
import time

spec = importlib.util.spec_from_file_location("worldmeta_reader", sys.argv[1])
reader = importlib.util.module_from_spec(spec)
sys.modules["worldmeta_reader"] = reader
spec.loader.exec_module(reader)

for line in sys.stdin:
    job = json.loads(line)
    balancer = reader.Balancer(job["directory"], seed=job["seed"], scheme=job.get("scheme"))
    rows = 0
    start = time.perf_counter()
    with open(job["input"], encoding="utf-8") as source, open(job["output"], "w") as target:
        for text in source:
            row = json.loads(text)
            names = (
                ("id", "matches", "group") if "matches" in row else ("texts", "id", "url", "lang")
            )
            answer = balancer.keep if "matches" in row else balancer.decide
            decision = answer(*map(row.get, names))
            target.write(json.dumps(decision) + "\n")
            rows += 1
    print(json.dumps({"rows": rows, "seconds": time.perf_counter() - start}), flush=True)

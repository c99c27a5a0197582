"""fastText's labels by fasttext-predict: `label-texts.py MODEL`.

Files hold strings in UTF-8, each ended by a NUL. Once the model is loaded, a line of JSON says so on standard output; then
each line of standard input is a command, answered by one line of JSON:

    load⇥FILE    take the texts of a file in place of those before
    time⇥WAY     label them all, once, and keep label and probability of each: {"seconds"}
    write⇥FILE   the same, writing a line of JSON of each text: [label, probability], null where there is no answer

Ways: `predict`, the package's function in Python; `direct`, what that calls for one text; `batch`, what it calls for many,
which keeps the labels alone.
"""

import gc
import json
import sys
import time

import fasttext


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read().split("\0")[:-1]


def say(**values):
    print(json.dumps(values), flush=True)


start = time.perf_counter()
model = fasttext.load_model(sys.argv[1])
say(seconds=time.perf_counter() - start)

# Collecting cycles would only cost time here.
gc.disable()


def by_predict(texts):
    return [(labels[0], probabilities[0]) for labels, probabilities in map(model.predict, texts)]


def directly(texts):
    predict = model.f.predict
    return [predict(text + "\n", 1, 0.0, "strict")[0] for text in texts]


def in_batch(texts):
    return model.f.multilinePredict([text + "\n" for text in texts], 1, 0.0, "strict")


WAYS = {"predict": by_predict, "direct": directly, "batch": in_batch}

texts = []
for line in sys.stdin:
    command, _, value = line.rstrip("\n").partition("\t")
    if command == "load":
        texts = read(value)
        say(texts=len(texts))
    elif command == "write":
        with open(value, "w") as file:
            for text in texts:
                labels, probabilities = model.predict(text)
                answer = [labels[0].removeprefix("__label__"), probabilities[0]] if labels else None
                file.write(json.dumps(answer) + "\n")
        say()
    else:
        start = time.perf_counter()
        answers = WAYS[value](texts)
        say(seconds=time.perf_counter() - start)
        del answers

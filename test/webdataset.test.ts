import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { openBalancer } from "../src/export/balancer.ts";
import { makeCaptionLists, readAllCaptions, textsByGroup } from "./caption-lists.ts";
import { exportCounted } from "./export-counted.ts";
import { lacksPackages, runPython } from "./python.ts";
import { makeFolder } from "./run-cli.ts";
import { lacksSharedData } from "./shared-data.ts";

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

/** Of so many captions of the real input one goes into the shards, which hold so many each. */
const EVERY = 50;
const SHARD = 500;

/** A sample of the shards. */
interface Sample {
  readonly key: string;
  readonly txt: string;
  readonly json: Readonly<Record<string, unknown>>;
}

/** Writes shards of WebDataset: `KEY.jpg`, `KEY.txt`, `KEY.json` for each sample. */
const WRITE_SHARDS = `
import io, json, sys, tarfile
folder, size = sys.argv[1], int(sys.argv[2])
samples = json.load(open(folder + "/samples.json"))
for first in range(0, len(samples), size):
    with tarfile.open(f"{folder}/{first // size:05d}.tar", "w") as tar:
        for sample in samples[first:first + size]:
            members = {"jpg": b"\\xff\\xd8" + sample["key"].encode(), "txt": sample["txt"].encode()}
            members["json"] = json.dumps(sample["json"]).encode()
            for name, content in members.items():
                info = tarfile.TarInfo(f"{sample['key']}.{name}")
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
print(-(-len(samples) // size))
`;

/** Runs pipelines over the shards; each gives its samples' keys and texts, in the order in which they come. */
const RUN_PIPELINES = `
import json, os, subprocess, sys
import webdataset as wds
folder, directory, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
sys.path.insert(0, directory)
from worldmeta_reader import Balancer
shards = sorted(f"{folder}/{name}" for name in os.listdir(folder) if name.endswith(".tar"))
balancer = Balancer(directory, seed=seed)
choose = balancer.webdataset_filter()

def keys(pipeline):
    return [[s["__key__"], s["txt"].decode() if isinstance(s["txt"], bytes) else s["txt"]] for s in pipeline]

def load(shards, **options):
    return wds.WebDataset(shards, shardshuffle=False, **options)

if len(sys.argv) > 4:  # one worker of several
    print(json.dumps(keys(load(shards, workersplitter=wds.split_by_worker, empty_check=False).map(choose))))
    sys.exit()
runs = {
    "in order": keys(load(shards).map(choose)),
    "backwards": keys(load(shards[::-1]).map(choose)),
    "shuffled": keys(wds.WebDataset(shards, shardshuffle=100, seed=1).shuffle(1000).map(choose)),
    "decoded": keys(load(shards).decode().map(choose)),
    "selected": keys(load(shards).select(choose)),
    "tuples": [[key, txt.decode()] for key, txt in load(shards).map(choose).to_tuple("__key__", "txt")],
    "several texts": keys(load(shards).map(balancer.webdataset_filter(texts_field="texts"))),
}
workers = []
for worker in range(3):
    env = {**os.environ, "WORKER": str(worker), "NUM_WORKERS": "3"}
    workers.append(json.loads(subprocess.check_output([sys.executable, "-c", open(folder + "/run.py").read(), *sys.argv[1:], "worker"], env=env)))
print(json.dumps({"runs": runs, "workers": workers}))
`;

/** Lists of real entries, exported, with all captions that they were counted on. */
async function prepare() {
  const rows = await readAllCaptions(folder);
  const texts = textsByGroup(rows);
  const lists = await makeCaptionLists(texts, folder);
  const directory = await exportCounted(lists, { texts, directory: join(folder, "export") });
  return { rows: rows.filter((row) => row.texts.length > 0), directory };
}

let prepared: ReturnType<typeof prepare> | undefined;

const lacksCaptions = lacksSharedData("captions");

describe.skipIf(lacksCaptions || lacksPackages("numpy", "webdataset"))("a pipeline of webdataset", () => {
  it("keeps just the samples that the balancer here keeps, in any order and by any worker", async () => {
    prepared ??= prepare();
    const { rows, directory } = await prepared;
    const samples = rows
      .filter((_, index) => index % EVERY === 0)
      .map((row, index): Sample => {
        const key = String(index).padStart(9, "0");
        // Images may have an id of the pool, or the key alone; numbers where the pool has numbers.
        const id = index % 3 === 0 ? {} : index % 3 === 1 ? { id: `${row.id ?? "row"}-${index}` } : { uid: 10 * index };
        const others = [row.texts[0]!, rows[index]?.texts[0] ?? "", "…", ""];
        return { key, txt: row.texts[0]!, json: { ...id, lang: row.lang, url: row.url, key, texts: others } };
      });
    writeFileSync(join(folder, "samples.json"), JSON.stringify(samples));
    writeFileSync(join(folder, "run.py"), RUN_PIPELINES);
    const shards = Number(runPython(WRITE_SHARDS, folder, String(SHARD)));

    const balancer = openBalancer(directory, { seed: 11 });
    const decide = (textsOf: (sample: Sample) => string | readonly string[]) =>
      samples.flatMap((sample) => {
        const { id, uid, lang } = sample.json as { id?: string; uid?: number; lang: string };
        const decision = balancer.decide({ id: id ?? uid ?? sample.key, texts: textsOf(sample), lang });
        return decision.kept ? [[sample.key, decision.text] as const] : [];
      });
    const expected = decide(({ txt }) => txt);
    const severalExpected = decide(({ json }) => json.texts as string[]);
    const output = runPython(RUN_PIPELINES, folder, directory, "11");
    const { runs, workers } = JSON.parse(output) as {
      runs: Record<string, (readonly [string, string])[]>;
      workers: (readonly [string, string])[][];
    };

    const sorted = (found: readonly (readonly [string, string | undefined])[]) =>
      [...found].sort(([a], [b]) => (a < b ? -1 : 1));
    for (const name of ["in order", "decoded", "selected", "tuples"]) expect(runs[name], name).toEqual(expected);
    for (const name of ["backwards", "shuffled"]) {
      expect(runs[name], name).not.toEqual(expected);
      expect(sorted(runs[name]!), name).toEqual(expected);
    }
    expect(runs["several texts"]).toEqual(severalExpected);
    expect(severalExpected).not.toEqual(expected);
    expect(Math.min(...workers.map((found) => found.length))).toBeGreaterThan(0);
    expect(sorted(workers.flat())).toEqual(expected);
    // The example of the docs, on these shards and without a library for images.
    const docs = readFileSync(fileURLToPath(new URL("../docs/curator.md", import.meta.url)), "utf8");
    const example = /```python\n(import webdataset\n[\s\S]*?)```/.exec(docs)?.[1] ?? "";
    const urls = `${folder}/{00000..${String(shards - 1).padStart(5, "0")}}.tar`;
    const program = `
import sys
sys.path.insert(0, sys.argv[1])
from worldmeta_reader import Balancer
balancer = Balancer(sys.argv[1], seed=11)
${example.replace("shards/{00000..00099}.tar", urls).replace('"pil"', "")}
print(len([txt for jpg, txt in samples]))`;
    expect(runPython(program, directory)).toBe(`${expected.length}\n`);
    console.log(
      `${samples.length} samples in ${shards} shards: ${expected.length} kept by every pipeline, ` +
        `by ${workers.length} workers ${workers.map((found) => found.length).join(", ")}`,
    );
    expect(shards).toBeGreaterThan(5);
  });
});

/** Filters a dataset as a stream, and wraps it for three epochs, without reading its images for that. */
const RUN_DATASET = `
import json, sys
import datasets
folder, directory, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
sys.path.insert(0, directory)
from worldmeta_reader import BalancedDataset, Balancer
datasets.disable_progress_bars()
datasets.disable_caching()
dataset = datasets.Dataset.from_list(json.load(open(folder + "/rows.json")))
balancer = Balancer(directory, seed=seed)
decide = lambda row: balancer.decide(row["text"], id=row["id"], lang=row["lang"])
found = {
    "stream": [row["id"] for row in dataset.to_iterable_dataset().filter(decide)],
    "filtered": dataset.filter(decide, num_proc=2)["id"][:],
}
balanced = BalancedDataset(dataset, balancer, dataset.select_columns(["id", "text", "lang"]))
epochs = []
for epoch in range(3):
    balanced.set_epoch(epoch)
    epochs.append([balanced[index]["id"] for index in range(len(balanced))])
print(json.dumps({**found, "epochs": epochs}))
`;

describe.skipIf(lacksCaptions || lacksPackages("numpy", "datasets"))("a dataset of Hugging Face", () => {
  it("keeps just the rows that the balancer here keeps, as a stream, filtered, and in each epoch", async () => {
    prepared ??= prepare();
    const { rows, directory } = await prepared;
    const some = rows
      .filter((_, index) => index % EVERY === 1)
      .map((row, index) => ({ id: String(index), text: row.texts[0] ?? "", lang: row.lang }));
    writeFileSync(join(folder, "rows.json"), JSON.stringify(some));
    const keptBy = (seed: number) => {
      const balancer = openBalancer(directory, { seed });
      return some.filter(({ text, ...row }) => balancer.decide({ ...row, texts: text }).kept).map(({ id }) => id);
    };
    const expected = [4, 5, 6].map(keptBy);
    const found = JSON.parse(runPython(RUN_DATASET, folder, directory, "4"));
    expect(found).toEqual({ stream: expected[0], filtered: expected[0], epochs: expected });
    expect(expected[0]).not.toEqual(expected[1]);
  });
});

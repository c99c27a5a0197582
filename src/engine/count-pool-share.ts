/** The task that reads one share of a pool's file and leaves how often entries of each list match its texts. */
import { readFile, rename, writeFile } from "node:fs/promises";
import { deserialize, serialize } from "node:v8";
import type { Draw } from "../balancing/draw.ts";
import type { BorrowedList } from "../matching/list-keeper.ts";
import { type Problem, Problems } from "../problems.ts";
import { type PoolFields, type PoolFormat, type PoolRow, type PoolShare, readPoolPieces } from "../sources/pool.ts";
import { openRepeats, type RepeatsOfFile, withoutRepeats } from "./found-repeats.ts";
import { createLabeller, type Label, type Labelling } from "./label.ts";
import {
  createMatchDraw,
  createSampler,
  hashCaption,
  type MatchDraw,
  nameOf,
  type Sampler,
  type Samples,
} from "./samples.ts";
import { listUserOf, OWN_UNITS, type TaskContext, WAITING_UNITS } from "./task.ts";

/** What one share is, as JSON. */
export interface CountPoolInput {
  readonly path: string;
  /** What to call the file in messages. */
  readonly name: string;
  readonly share: PoolShare;
  readonly fields: PoolFields;
  readonly format?: PoolFormat | undefined;
  readonly labelling: Labelling;
  /** Groups whose texts are only counted: they have met their list before. */
  readonly known: readonly string[];
  /** Where to find which texts are not counted, as repeats; all are if it is not given. */
  readonly repeats?: RepeatsOfFile | undefined;
  /** Captions to keep of each entry, and with their matches of all. */
  readonly samples: number;
  readonly draw: number;
  /** Bytes of lists that a thread holds at once. */
  readonly memory: number;
  /** The file to leave. */
  readonly output: string;
}

/** How often a label occurred, and what it means. */
export interface ShareLabel extends Label {
  readonly texts: number;
}

/** Matches of one list. */
export interface ShareCounts {
  readonly group: string;
  /** The list's name, a hash of its entries. */
  readonly list: string;
  readonly texts: number;
  readonly matched: number;
  readonly matches: number;
  /** Ids of entries with a match, ascending, and how many texts hold each. */
  readonly ids: Uint32Array;
  readonly counts: Uint32Array;
  readonly samples: Samples;
  /** Captions with a match, drawn from all of them. */
  readonly drawn: Draw;
}

/** What a share held; the file left holds it as v8 serializes it. */
export interface CountPoolOutput {
  readonly rows: number;
  /** Rows that the file gives no text for. */
  readonly noText: number;
  /** Texts that were counted, and those that were not, as repeats. */
  readonly texts: number;
  readonly repeated: number;
  readonly labels: readonly ShareLabel[];
  readonly counts: readonly ShareCounts[];
  readonly problems: readonly Problem[];
}

/** Where a share has left its output. */
export interface CountPoolFile {
  readonly output: string;
}

/** What a keeper tells of a list. */
export interface ListAbout {
  readonly name: string;
}

interface Tally {
  readonly counts: Uint32Array;
  readonly sampler: Sampler;
  readonly draw: MatchDraw;
  readonly list: string;
  texts: number;
  matched: number;
  matches: number;
}

/** Texts of one group that wait to be matched, each with what names its row: the rows themselves need not be kept. */
interface GroupTexts {
  texts: string[];
  names: string[];
}

/** A label's texts, and where they wait; nowhere if their group is only counted. */
interface LabelTexts {
  count: number;
  readonly waiting: GroupTexts | undefined;
}

/** Reads, matches and counts one share; leaves the file `output`. */
export async function countPoolShare(input: CountPoolInput, context: TaskContext): Promise<CountPoolFile> {
  const { path, name, fields, format, share } = input;
  const { onBytes } = context;
  const user = listUserOf<ListAbout>(context, input.memory);
  const labeller = await createLabeller(input.labelling, context);
  const tellRepeats = openRepeats(input.repeats);
  const problems = new Problems();
  const labels = new Map<Label, LabelTexts>();
  const tallies = new Map<string, Tally>();
  let rows = 0;
  let texts = 0;
  let noText = 0;
  let repeated = 0;

  // Texts wait for others of their group, so that where not all lists fit into memory each is fetched for many texts.
  const waiting = new Map<string, GroupTexts>();
  let units = 0;
  const matchWaiting = async () => {
    for (const [group, those] of waiting) {
      const list = those.texts.length === 0 ? undefined : await user.borrow(group);
      if (list !== undefined) {
        let tally = tallies.get(group);
        if (tally === undefined) {
          const { entries, about } = list;
          tally = {
            ...{ list: about.name, counts: new Uint32Array(entries), texts: 0, matched: 0, matches: 0 },
            sampler: createSampler(entries, input.samples),
            draw: createMatchDraw(input.draw),
          };
          tallies.set(group, tally);
        }
        count(list, those, tally);
      }
      those.texts = [];
      those.names = [];
    }
    units = 0;
  };
  const openLabel = (label: Label): LabelTexts => {
    const { group } = label;
    if (!input.known.includes(group) && !waiting.has(group)) waiting.set(group, { texts: [], names: [] });
    const opened = { count: 0, waiting: waiting.get(group) };
    labels.set(label, opened);
    return opened;
  };

  const options = { fields, format, share, problems, onBytes, names: new Map([[path, name]]) };
  for await (const { piece, rows: batch } of readPoolPieces(path, options)) {
    const counted: PoolRow[] = [];
    for (const whole of batch) {
      const repeats = tellRepeats(piece, whole);
      const row = repeats === undefined ? whole : withoutRepeats(whole, repeats);
      counted.push(row);
      rows++;
      if (whole.texts.length === 0) noText++;
      texts += row.texts.length;
      repeated += whole.texts.length - row.texts.length;
    }
    const found = labeller.labelRows(counted);
    for (const [at, row] of counted.entries()) {
      for (const [index, text] of row.texts.entries()) {
        const label = found[at]![index]!;
        const own = labels.get(label) ?? openLabel(label);
        own.count++;
        if (own.waiting === undefined) continue;
        const name = nameOf(row);
        own.waiting.texts.push(text);
        own.waiting.names.push(name);
        units += OWN_UNITS + text.length + name.length;
      }
    }
    if (units >= WAITING_UNITS) await matchWaiting();
  }
  await matchWaiting();

  const output: CountPoolOutput = {
    rows,
    noText,
    texts,
    repeated,
    labels: [...labels].map(([label, { count }]) => ({ ...label, texts: count })),
    counts: [...tallies].map(([group, tally]) => toCounts(group, tally)),
    problems: problems.list(),
  };
  // Whole or not there: whoever goes on from it trusts it.
  await writeFile(`${input.output}.part`, serialize(output));
  await rename(`${input.output}.part`, input.output);
  return { output: input.output };
}

function count(list: BorrowedList<ListAbout>, { texts, names }: GroupTexts, tally: Tally): void {
  const { counts, sampler, draw } = tally;
  tally.texts += texts.length;
  list.match(texts, (index, ids) => {
    if (ids.length === 0) return;
    tally.matched++;
    tally.matches += ids.length;
    for (let at = 0; at < ids.length; at++) counts[ids[at]!]!++;
    const caption = { name: names[index]!, text: texts[index]! };
    const hash = hashCaption(caption);
    sampler.offer(ids, hash, caption);
    draw.offer(hash, ids);
  });
}

function toCounts(group: string, { counts, sampler, draw, list, texts, matched, matches }: Tally): ShareCounts {
  const ids = Uint32Array.from(counts.keys()).filter((id) => counts[id]! > 0);
  const found = ids.map((id) => counts[id]!);
  return { group, list, texts, matched, matches, ids, counts: found, samples: sampler.take(), drawn: draw.draw() };
}

/** Reads what a share has left; undefined if there is nothing, or nothing that can be read. */
export async function readCountPoolOutput(path: string): Promise<CountPoolOutput | undefined> {
  try {
    return deserialize(await readFile(path)) as CountPoolOutput;
  } catch {
    return undefined;
  }
}

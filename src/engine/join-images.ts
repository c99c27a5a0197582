/**
 * Images that several rows have: the rows' texts are those of one row, the first, which keeps its id.
 *
 * `curate` sets such rows aside while it reads, with what their texts match, in partitions by image; a task puts those of a
 * partition together. Of an image the texts need not be in memory at once: they are counted, and then the one that is drawn
 * is looked for.
 */
import { createHash, type Hash } from "node:crypto";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { drawsOf, pickText } from "../balancing/balance.ts";
import type { PairHasher } from "../dedup/pair-hash.ts";
import { type HashRange, isInRange, partitionOf } from "../dedup/pair-list.ts";
import { createPartitionedFile, type PartitionWriter, readPartition } from "../dedup/partitioned-file.ts";
import {
  type CuratedPart,
  type CurationFigures,
  createPart,
  joinedPartName,
  type PartFormat,
  type PartWriter,
} from "../export/curated.ts";
import { type CurationSums, createCurationSums } from "./curation-sums.ts";
import { type Excluded, excludedOf } from "./excluded.ts";
import type { TaskContext } from "./task.ts";

/** A row of an image that other rows have too; as JSON in the files of rows that are set aside. */
export interface AsideRow {
  readonly id: string | undefined;
  readonly numericId: boolean;
  readonly url: string;
  readonly texts: readonly AsideText[];
}

/** One of its texts. */
export interface AsideText {
  readonly text: string;
  readonly lang: string;
  readonly group: string;
  /** True if its group has a list. */
  readonly isListed: boolean;
  /** The entries that it matches, ascending, and the probability that they give it; absent where there is none. */
  readonly matches?: readonly number[];
  readonly probability?: number;
}

/** Sets rows aside. */
export interface AsideWriter {
  add(row: AsideRow): void;
  /** The name of the file that was left. */
  end(): string;
}

/** Hash of the image, two words, and length of what follows. */
const HEAD_BYTES = 12;

/** Creates what sets rows of one piece aside. */
export function createAside(
  { folder, name, partitions }: { readonly folder: string; readonly name: string; readonly partitions: number },
  hasher: PairHasher,
): AsideWriter {
  const file: PartitionWriter = createPartitionedFile(join(folder, name), partitions);
  return {
    add(row) {
      hasher.setImage(row.url);
      const [low, high] = [hasher.image[0]!, hasher.image[1]!];
      const json = Buffer.from(JSON.stringify(row));
      const record = Buffer.allocUnsafe(HEAD_BYTES + json.length);
      record.writeUInt32LE(low, 0);
      record.writeUInt32LE(high, 4);
      record.writeUInt32LE(json.length, 8);
      json.copy(record, HEAD_BYTES);
      file.add(partitionOf(high, partitions), record);
    },
    end() {
      file.end();
      return name;
    },
  };
}

/** Reads the rows of a range, in the order in which they were set aside. */
function* readAside(
  paths: readonly string[],
  range: HashRange,
): Generator<{ readonly low: number; readonly high: number; readonly row: AsideRow }> {
  for (const path of paths) {
    for (const block of readPartition(path, range.partition)) {
      for (let at = 0; at < block.length; ) {
        const [low, high, length] = [0, 4, 8].map((word) => block.readUInt32LE(at + word)) as [number, number, number];
        const from = at + HEAD_BYTES;
        at = from + length;
        if (isInRange(high, range)) yield { low, high, row: JSON.parse(block.toString("utf8", from, at)) as AsideRow };
      }
    }
  }
}

/** What one partition is, as JSON. */
export interface JoinImagesInput {
  readonly partition: number;
  readonly partitions: number;
  /** Into how many parts it is cut, one after the other in memory; the result is the same. */
  readonly parts: number;
  /** Names of the files of rows that were set aside, in the order of the pool. */
  readonly asides: readonly string[];
  readonly seed: number;
  readonly exclude?: string | undefined;
  readonly output: PartFormat;
  readonly folder: string;
}

/** What became of the images of a partition; left as JSON beside its part. */
export interface JoinedPartition {
  readonly partition: number;
  readonly figures: CurationFigures;
  /** Absent where nothing stays. */
  readonly part?: CuratedPart | undefined;
}

/** Puts the rows of the images of one partition together and leaves a part and its figures, by the images' hashes. */
export async function joinImages(input: JoinImagesInput, context: TaskContext): Promise<JoinedPartition> {
  const { partition, partitions, parts, asides, seed, output, folder } = input;
  const excluded = await excludedOf(input.exclude, context);
  const paths = asides.map((name) => join(folder, name));
  const sums = createCurationSums();
  const part = createPart(folder, joinedPartName(partition, output), output);
  for (let at = 0; at < parts; at++) {
    const range = { partition, of: partitions, part: at, parts };
    const images = gatherImages(paths, range, sums);
    for (const [url, image] of images) {
      if (!decideImage(image, { seed, excluded, sums })) images.delete(url);
    }
    for (const drawn of findDrawn(paths, range, images)) addDrawn(drawn, part, sums);
  }
  const left: JoinedPartition = { partition, figures: sums.end([]), part: part.end(false) };
  const path = join(folder, joinedName(partition));
  writeFileSync(`${path}.part`, JSON.stringify(left));
  renameSync(`${path}.part`, path);
  return left;
}

/** Name of the file that says what became of a partition. */
export function joinedName(partition: number): string {
  return `joined-${partition}.json`;
}

/** An image that is put together. */
interface Image {
  readonly low: number;
  readonly high: number;
  /** Of its first row. */
  readonly id: string | undefined;
  readonly numericId: boolean;
  /** Of URL and texts, where the first row has no id. */
  readonly name: Hash | undefined;
  /** Group of the first text, and of the first that has a list. */
  readonly group: string;
  listed: string | undefined;
  /** Texts that match, and, when it is known which of them is drawn, those that are to come before it. */
  found: number;
  /** What stands for it, and the draw that says whether it stays; absent until it is drawn. */
  drawn?: { readonly id: string; readonly keep: number };
}

/** The images of a range by their URLs, with the number of their texts that match. */
function gatherImages(paths: readonly string[], range: HashRange, sums: CurationSums): Map<string, Image> {
  const images = new Map<string, Image>();
  for (const { low, high, row } of readAside(paths, range)) {
    let image = images.get(row.url);
    if (image === undefined) {
      const name = row.id === undefined ? createHash("sha256").update(row.url) : undefined;
      const { id, numericId } = row;
      image = { low, high, id, numericId, name, group: row.texts[0]!.group, listed: undefined, found: 0 };
      images.set(row.url, image);
    } else {
      sums.repeated++;
      sums.joined++;
    }
    for (const { text, group, isListed, matches } of row.texts) {
      image.name?.update(`\0${text}`);
      if (!isListed) continue;
      image.listed ??= group;
      sums.addText(group);
      if (matches === undefined) continue;
      sums.addMatch(group);
      image.found++;
    }
  }
  return images;
}

/** Draws for an image; false, and counted, if it is known that it does not stay. */
function decideImage(
  image: Image,
  {
    seed,
    excluded,
    sums,
  }: { readonly seed: number; readonly excluded: Excluded | undefined; readonly sums: CurationSums },
): boolean {
  const id = image.id ?? image.name!.digest("hex");
  if (excluded?.has(id.trim())) sums.excluded++;
  else if (image.listed === undefined) sums.addNoList(image.group);
  else if (image.found === 0) sums.addNoMatch(image.listed);
  else {
    const draws = drawsOf(id, seed);
    image.drawn = { id, keep: draws.keep };
    image.found = pickText(draws, image.found);
    return true;
  }
  return false;
}

/** A text that was drawn for its image. */
interface DrawnText {
  readonly image: Image;
  readonly row: AsideRow;
  readonly text: AsideText & Required<Pick<AsideText, "matches" | "probability">>;
}

/** The texts that were drawn, by the hashes of their images, whose order is that of ranges. */
function findDrawn(paths: readonly string[], range: HashRange, images: ReadonlyMap<string, Image>): DrawnText[] {
  const drawn: DrawnText[] = [];
  for (const { row } of readAside(paths, range)) {
    const image = images.get(row.url);
    if (image === undefined) continue;
    for (const text of row.texts) {
      if (isMatched(text) && image.found-- === 0) drawn.push({ image, row, text });
    }
  }
  const byHash = (a: Image, b: Image) => a.high - b.high || a.low - b.low;
  return drawn.sort((a, b) => byHash(a.image, b.image) || (a.row.url < b.row.url ? -1 : 1));
}

function isMatched(text: AsideText): text is DrawnText["text"] {
  return text.matches !== undefined;
}

/** Counts an image whose text was drawn, and writes it if it stays. */
function addDrawn({ image, row, text }: DrawnText, part: PartWriter, sums: CurationSums): void {
  const { id, keep } = image.drawn!;
  const { group, lang, matches, probability } = text;
  const isKept = keep < probability;
  sums.addDrawn(group, { probability, isKept });
  if (!isKept) return;
  part.add({
    ...{ id, numericId: image.numericId, url: row.url, text: text.text, lang },
    ...{ matches: Uint32Array.from(matches), probability },
  });
}

/** The task that reads one share of a pool's file and leaves the pairs that stay, a file for each piece. */
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { balanceRow, keepAny, nameRow } from "../balancing/balance.ts";
import { createPairHasher, type PairHasher } from "../dedup/pair-hash.ts";
import {
  type CuratedPart,
  type CurationFigures,
  createPart,
  type PartFormat,
  type PartWriter,
  partName,
} from "../export/curated.ts";
import type { BorrowedList } from "../matching/list-keeper.ts";
import { Problems } from "../problems.ts";
import { type PoolFields, type PoolFormat, type PoolRow, type PoolShare, readPoolPieces } from "../sources/pool.ts";
import { type CurationSums, createCurationSums } from "./curation-sums.ts";
import { type Excluded, excludedOf, isExcluded } from "./excluded.ts";
import { openRepeats, type RepeatsOfFile, withoutRepeats } from "./found-repeats.ts";
import { type AsideText, type AsideWriter, createAside } from "./join-images.ts";
import { createLabeller, type Label, type Labelling } from "./label.ts";
import { listUserOf, type TaskContext, unitsOf, WAITING_UNITS } from "./task.ts";

/** What one share is, as JSON. */
export interface CuratePoolInput {
  readonly path: string;
  /** What to call the file in messages. */
  readonly name: string;
  /** Its number in the pool, from 0. */
  readonly file: number;
  readonly share: PoolShare;
  readonly fields: PoolFields;
  readonly format?: PoolFormat | undefined;
  readonly labelling: Labelling;
  readonly seed: number;
  /** File of ids and URLs that are left out. */
  readonly exclude?: string | undefined;
  readonly output: PartFormat;
  /** Where to find which texts are dropped as repeats, and which rows share an image; none are if it is not given. */
  readonly repeats?: CuratedRepeats | undefined;
  /** Where parts and what became of their rows are left. */
  readonly folder: string;
  /** Bytes of lists that a thread holds at once. */
  readonly memory: number;
}

/** Where to find what is repeated, and into how many partitions rows that share an image are set aside. */
export interface CuratedRepeats extends RepeatsOfFile {
  readonly partitions: number;
}

/** What became of one piece of a file; left as JSON beside its part. */
export interface CuratedPiece {
  readonly file: number;
  readonly piece: number;
  readonly figures: CurationFigures;
  /** Absent where nothing stays. */
  readonly part?: CuratedPart | undefined;
  /** Name of the file of rows that share their image with others; absent where none does. */
  readonly aside?: string | undefined;
}

/** What a keeper tells of a list. */
export interface BalancedListAbout {
  /** Of each entry, by id, in memory that threads share. */
  readonly probabilities: Float32Array;
}

/** A row that waits for its texts to be matched. */
interface WaitingRow {
  readonly row: PoolRow;
  /** Of each of its texts. */
  readonly labels: readonly Label[];
  /** True if it shares its image with other rows. */
  readonly isJoined: boolean;
  /** Its texts that match; absent until one does. */
  found?: FoundText[];
}

/** A text that matches. */
interface FoundText {
  /** Which of its row's. */
  readonly index: number;
  /** Its entries, ascending. */
  readonly matches: Uint32Array;
}

/** The texts of one group that wait, each with its row and its place there. */
interface WaitingTexts {
  readonly texts: string[];
  readonly rows: WaitingRow[];
  readonly indices: number[];
}

/** A piece that is being read. */
interface OpenPiece {
  readonly piece: number;
  readonly part: PartWriter;
  readonly problems: Problems;
  readonly sums: CurationSums;
  /** Sets rows aside that share their image with others; made when there is one. */
  aside?: AsideWriter;
}

/** What decides of rows. */
interface Balance {
  readonly piece: OpenPiece;
  readonly lists: ReadonlyMap<string, BorrowedList<BalancedListAbout>>;
  readonly input: CuratePoolInput;
  readonly hasher: PairHasher;
}

/** Reads one share and balances its rows; leaves a part and its figures for each piece. */
export async function curatePoolShare(input: CuratePoolInput, context: TaskContext): Promise<CuratedPiece[]> {
  const { path, name, file, fields, format, share, folder, output } = input;
  const user = listUserOf<BalancedListAbout>(context, input.memory);
  const excluded = await excludedOf(input.exclude, context);
  const problems = new Problems();
  const labeller = await createLabeller(input.labelling, context);
  const hasher = await createPairHasher();
  const tellRepeats = openRepeats(input.repeats);
  const done: CuratedPiece[] = [];
  let open: OpenPiece | undefined;
  // Texts wait for others of their group, and rows for their texts; what stays is written in the order of the file.
  let waiting: WaitingRow[] = [];
  const byGroup = new Map<string, WaitingTexts>();
  let units = 0;
  const decideWaiting = async (piece: OpenPiece) => {
    const lists = new Map<string, BorrowedList<BalancedListAbout>>();
    for (const [group, { texts, rows, indices }] of byGroup) {
      const list = await user.borrow(group);
      if (list === undefined) continue;
      lists.set(group, list);
      list.match(texts, (at, ids) => {
        if (ids.length === 0) return;
        const row = rows[at]!;
        row.found ??= [];
        row.found.push({ index: indices[at]!, matches: ids.slice().sort() });
      });
    }
    for (const row of waiting) decide(row, { piece, lists, input, hasher });
    waiting = [];
    byGroup.clear();
    units = 0;
  };
  const close = async (piece: OpenPiece) => {
    await decideWaiting(piece);
    done.push(leavePiece(piece, input));
  };

  const options = { fields, format, share, problems, onBytes: context.onBytes, names: new Map([[path, name]]) };
  for await (const { piece, rows } of readPoolPieces(path, options)) {
    if (open?.piece !== piece) {
      if (open !== undefined) await close(open);
      open = openPiece(piece, createPart(folder, partName({ file, piece }, output), output));
    }
    open.problems.merge(problems.take());
    const { sums } = open;
    sums.rows += rows.length;
    const kept: { readonly row: PoolRow; readonly isJoined: boolean }[] = [];
    for (const whole of rows) {
      const repeats = tellRepeats(piece, whole);
      const row = repeats === undefined ? whole : withoutRepeats(whole, repeats);
      sums.repeatedTexts += whole.texts.length - row.texts.length;
      const isJoined = repeats?.isJoined ?? false;
      const gone = goneAs({ whole, row, isJoined }, excluded);
      if (gone !== undefined) {
        sums[gone]++;
        continue;
      }
      kept.push({ row, isJoined });
    }
    const found = labeller.labelRows(kept.map(({ row }) => row));
    for (const [at, { row, isJoined }] of kept.entries()) {
      const labels = found[at]!;
      const held: WaitingRow = { row, labels, isJoined };
      waiting.push(held);
      for (const [index, text] of row.texts.entries()) {
        const { group } = labels[index]!;
        let those = byGroup.get(group);
        if (those === undefined) {
          those = { texts: [], rows: [], indices: [] };
          byGroup.set(group, those);
        }
        those.texts.push(text);
        those.rows.push(held);
        those.indices.push(index);
      }
      units += unitsOf(row);
    }
    if (units >= WAITING_UNITS) await decideWaiting(open);
  }
  if (open !== undefined) await close(open);
  return done;
}

/** Why a row needs no match; undefined if it does. `row` is what is left of it when repeats are dropped. */
function goneAs(
  { whole, row, isJoined }: { readonly whole: PoolRow; readonly row: PoolRow; readonly isJoined: boolean },
  excluded: Excluded | undefined,
): "excluded" | "noText" | "repeated" | undefined {
  if (excluded !== undefined && isExcluded(whole, excluded)) return "excluded";
  if (whole.texts.length === 0) return "noText";
  if (row.texts.length === 0) return "repeated";
  // A row without id is named by what is left of it; an image of several rows gets its name when they are put together.
  const isNamedAnew = row !== whole && !isJoined;
  return isNamedAnew && excluded !== undefined && isExcluded(row, excluded) ? "excluded" : undefined;
}

function openPiece(piece: number, part: PartWriter): OpenPiece {
  return { piece, part, problems: new Problems(), sums: createCurationSums() };
}

/**
 * Counts what becomes of a row, and writes it if it stays; or sets it aside. Texts of a row may be in several languages: it
 * is counted under the group of the text that is drawn, or else of the first that has a list.
 */
function decide({ row, labels, isJoined, found = [] }: WaitingRow, balance: Balance): void {
  // Lists were asked one after the other; the draw counts texts as the row has them.
  found.sort((a, b) => a.index - b.index);
  if (isJoined) setAside({ row, labels, found }, balance);
  else decideAlone({ row, labels, found }, balance);
}

/** A row whose texts have been matched. */
type MatchedRow = Pick<WaitingRow, "row" | "labels"> & { readonly found: readonly FoundText[] };

function decideAlone({ row, labels, found }: MatchedRow, { piece, lists, input }: Balance): void {
  const { sums } = piece;
  const listed = labels.find(({ group }) => lists.has(group));
  if (listed === undefined) {
    sums.addNoList(labels[0]!.group);
    return;
  }
  for (const { group } of labels) if (lists.has(group)) sums.addText(group);
  if (found.length === 0) {
    sums.addNoMatch(listed.group);
    return;
  }
  const groupOf = ({ index }: FoundText) => labels[index]!.group;
  for (const text of found) sums.addMatch(groupOf(text));
  const id = row.id ?? nameRow(row);
  const { drawn, probability, isKept } = balanceRow({
    ...{ id, seed: input.seed, matches: found.map(({ matches }) => matches) },
    probabilitiesOf: (text) => lists.get(groupOf(found[text]!))!.about.probabilities,
  });
  const { index, matches } = found[drawn]!;
  const { group, label } = labels[index]!;
  sums.addDrawn(group, { probability, isKept });
  if (!isKept) return;
  piece.part.add({
    ...{ id, numericId: row.numericId === true, url: row.url, text: row.texts[index]!, lang: label },
    ...{ matches, probability },
  });
}

/** Leaves a row, with what its texts match, to be put together with the others of its image. */
function setAside({ row, labels, found }: MatchedRow, { piece, lists, input, hasher }: Balance): void {
  const { id, numericId = false, url = "" } = row;
  const { folder, file, repeats } = input;
  const { partitions } = repeats!;
  const matchesOf = new Map(found.map(({ index, matches }) => [index, matches]));
  const texts = row.texts.map((text, index): AsideText => {
    const { label: lang, group } = labels[index]!;
    const about = { text, lang, group, isListed: lists.has(group) };
    const matches = matchesOf.get(index);
    if (matches === undefined) return about;
    const { probabilities } = lists.get(group)!.about;
    const probability = keepAny(matches, (entry) => probabilities[entry]!);
    return { ...about, matches: Array.from(matches), probability };
  });
  piece.aside ??= createAside({ folder, name: `aside-${file}-${piece.piece}`, partitions }, hasher);
  piece.aside.add({ id, numericId, url, texts });
}

/** Ends a piece's part, and leaves beside it what became of its rows: whoever finds that need not read the piece again. */
function leavePiece({ piece, sums, problems, ...open }: OpenPiece, { file, folder }: CuratePoolInput): CuratedPiece {
  // A folder without any part could not be read as a table.
  const part = open.part.end(file === 0 && piece === 0);
  const aside = open.aside?.end();
  const figures = sums.end(problems.list());
  const left: CuratedPiece = { file, piece, figures, ...(part && { part }), ...(aside !== undefined && { aside }) };
  const path = join(folder, pieceName(left));
  writeFileSync(`${path}.part`, JSON.stringify(left));
  renameSync(`${path}.part`, path);
  return left;
}

/** Name of the file that says what became of a piece. */
function pieceName({ file, piece }: Pick<CuratedPiece, "file" | "piece">): string {
  return `piece-${file}-${piece}.json`;
}

/** The task that reads one share of a pool's file and leaves the pairs that stay, a file for each piece. */
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { balanceRow, nameRow } from "../balancing/balance.ts";
import {
  type CuratedGroup,
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
import { excludedOf, isExcluded } from "./excluded.ts";
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
  /** Where parts and what became of their rows are left. */
  readonly folder: string;
  /** Bytes of lists that a thread holds at once. */
  readonly memory: number;
}

/** What became of one piece of a file; left as JSON beside its part. */
export interface CuratedPiece {
  readonly file: number;
  readonly piece: number;
  readonly figures: CurationFigures;
  /** Absent where nothing stays. */
  readonly part?: CuratedPart | undefined;
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

type Sums = { -readonly [Name in keyof CuratedGroup]: CuratedGroup[Name] };

/** A piece that is being read. */
interface OpenPiece {
  readonly piece: number;
  readonly part: PartWriter;
  readonly problems: Problems;
  readonly noList: Map<string, number>;
  readonly groups: Map<string, Sums>;
  rows: number;
  excluded: number;
  noText: number;
  kept: number;
}

/** Reads one share and balances its rows; leaves a part and its figures for each piece. */
export async function curatePoolShare(input: CuratePoolInput, context: TaskContext): Promise<CuratedPiece[]> {
  const { path, name, file, fields, format, share, seed, folder, output } = input;
  const user = listUserOf<BalancedListAbout>(context, input.memory);
  const excluded = await excludedOf(input.exclude, context);
  const problems = new Problems();
  const labeller = await createLabeller(input.labelling, context);
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
    for (const row of waiting) decide(row, { piece, lists, seed });
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
    open.rows += rows.length;
    for (const row of rows) {
      if (excluded !== undefined && isExcluded(row, excluded)) {
        open.excluded++;
        continue;
      }
      if (row.texts.length === 0) {
        open.noText++;
        continue;
      }
      const labels = row.texts.map((text) => labeller.labelOf(text, row));
      const held: WaitingRow = { row, labels };
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

function openPiece(piece: number, part: PartWriter): OpenPiece {
  return {
    ...{ piece, part, problems: new Problems(), noList: new Map(), groups: new Map() },
    ...{ rows: 0, excluded: 0, noText: 0, kept: 0 },
  };
}

/**
 * Counts what becomes of a row, and writes it if it stays. Texts of a row may be in several languages: it is counted under
 * the group of the text that is drawn, or else of the first that has a list.
 */
function decide(
  { row, labels, found }: WaitingRow,
  {
    piece,
    lists,
    seed,
  }: {
    readonly piece: OpenPiece;
    readonly lists: ReadonlyMap<string, BorrowedList<BalancedListAbout>>;
    readonly seed: number;
  },
): void {
  const listed = labels.find(({ group }) => lists.has(group));
  if (listed === undefined) {
    const { group } = labels[0]!;
    piece.noList.set(group, (piece.noList.get(group) ?? 0) + 1);
    return;
  }
  for (const { group } of labels) if (lists.has(group)) sumsOf(piece, group).texts++;
  if (found === undefined) {
    const sums = sumsOf(piece, listed.group);
    sums.rows++;
    sums.noMatch++;
    return;
  }
  // Lists were asked one after the other; the draw counts texts as the row has them.
  found.sort((a, b) => a.index - b.index);
  const groupOf = ({ index }: FoundText) => labels[index]!.group;
  for (const text of found) sumsOf(piece, groupOf(text)).matched++;
  const id = row.id ?? nameRow(row);
  const { drawn, probability, isKept } = balanceRow({
    ...{ id, seed, matches: found.map(({ matches }) => matches) },
    probabilitiesOf: (text) => lists.get(groupOf(found[text]!))!.about.probabilities,
  });
  const { index, matches } = found[drawn]!;
  const { group, label } = labels[index]!;
  const sums = sumsOf(piece, group);
  sums.rows++;
  sums.expected += probability;
  sums.variance += probability * (1 - probability);
  if (!isKept) {
    sums.notDrawn++;
    return;
  }
  sums.kept++;
  piece.kept++;
  piece.part.add({
    ...{ id, numericId: row.numericId === true, url: row.url, text: row.texts[index]!, lang: label },
    ...{ matches, probability },
  });
}

function sumsOf({ groups }: OpenPiece, group: string): Sums {
  let sums = groups.get(group);
  if (sums === undefined) {
    sums = { group, rows: 0, noMatch: 0, notDrawn: 0, kept: 0, texts: 0, matched: 0, expected: 0, variance: 0 };
    groups.set(group, sums);
  }
  return sums;
}

/** Ends a piece's part, and leaves beside it what became of its rows: whoever finds that need not read the piece again. */
function leavePiece(open: OpenPiece, { file, folder }: CuratePoolInput): CuratedPiece {
  const { piece, rows, excluded, noText, kept, noList, groups, problems } = open;
  // A folder without any part could not be read as a table.
  const part = open.part.end(file === 0 && piece === 0);
  const figures: CurationFigures = {
    ...{ rows, excluded, noText, noList: Object.fromEntries(noList), kept },
    ...{ groups: [...groups.values()], problems: problems.list() },
  };
  const left: CuratedPiece = { file, piece, figures, ...(part && { part }) };
  const path = join(folder, pieceName(left));
  writeFileSync(`${path}.part`, JSON.stringify(left));
  renameSync(`${path}.part`, path);
  return left;
}

/** Name of the file that says what became of a piece. */
function pieceName({ file, piece }: Pick<CuratedPiece, "file" | "piece">): string {
  return `piece-${file}-${piece}.json`;
}

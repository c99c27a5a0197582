/** Files of lines, shared among threads: each cuts the whole file, keeps its own groups of rows, and parses only these. */

import { readLineGroups } from "./input.ts";
import type { RowsOptions } from "./pool-kind.ts";

/** A group ends with so many rows, or behind so many bytes. */
const GROUP_ROWS = 512;
const GROUP_BYTES = 4 << 20;

/** The bytes of a row. */
export interface RowBytes {
  readonly bytes: Uint8Array;
  /** Number of its first line, from 1. Near lines that were left out for their length it may be too small. */
  readonly line: number;
  /** True if the row ends where its quotes say; false if it is a line whose quotes are open at its end. */
  readonly whole: boolean;
}

/** Takes the next row. */
export type TakeRow = (bytes: Uint8Array, line: number, whole: boolean) => void;

/** Puts lines together to rows. */
export interface RowCutter {
  add(line: Uint8Array, number: number, take: TakeRow): void;
  /** Give what is left at the end of the file. */
  end(take: TakeRow): void;
}

/**
 * Reads a share's groups of rows, in the order of the file; without `cutter` every line is a row. Together the shares give
 * every row once, and what they count and tell adds up to what a single reader counts and tells.
 *
 * Groups go round the shares. Where they are cut depends on the rows alone, so that all shares agree.
 */
export async function* readOwnRows(
  file: { readonly path: string; readonly name: string },
  { share, problems, onBytes }: RowsOptions,
  cutter?: RowCutter,
): AsyncGenerator<readonly RowBytes[]> {
  let owner = 0;
  let rows = 0;
  let bytes = 0;
  let own: RowBytes[] = [];
  let ready: (readonly RowBytes[])[] = [];
  const endGroup = () => {
    if (own.length > 0) ready.push(own);
    owner = (owner + 1) % share.of;
    rows = 0;
    bytes = 0;
    own = [];
  };
  const take: TakeRow = (row, line, whole) => {
    if (owner === share.index) own.push({ bytes: row, line, whole });
    rows += 1;
    bytes += row.length;
    if (rows === GROUP_ROWS || bytes >= GROUP_BYTES) endGroup();
  };

  // Each share tells of every so many chunks and long lines, so that the shares add up.
  let chunks = 0;
  let longLines = 0;
  let unnumbered = 0;
  const options = {
    onBytes(count: number) {
      if (chunks++ % share.of === share.index) onBytes?.(count);
    },
    onLongLine(length: number) {
      if (longLines++ % share.of === share.index) problems.add("E501", `${file.name}: a line of ${length} bytes`);
      unnumbered += 1;
    },
  };
  let number = 0;
  for await (const lines of readLineGroups(file.path, options)) {
    for (const line of lines) {
      number += 1;
      if (cutter === undefined) take(line, number, true);
      else cutter.add(line, number, take);
    }
    number += unnumbered;
    unnumbered = 0;
    for (const group of ready) yield group;
    ready = [];
  }
  cutter?.end(take);
  endGroup();
  for (const group of ready) yield group;
}

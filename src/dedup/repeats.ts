/** What is repeated of a file, as the second pass takes it: streamed beside the rows. */
import type { RowPlace } from "./pair-list.ts";
import { wordsOf } from "./partitioned-file.ts";
import { readSection, type Section } from "./section-file.ts";

/**
 * A text of which something is to be told has two words: the piece; and the text's number in it, with `JOINED` where the
 * text stays, as the first of a row that shares its image with other rows. Without it the text is dropped.
 */
export const REPEAT_WORDS = 2;
export const JOINED = 0x80000000;

/** What is told of a row. */
export interface RowRepeats {
  /** Positions among the row's texts of those that are dropped, ascending. */
  readonly dropped: readonly number[];
  /** True if another row of its image has texts left, as this one has. */
  readonly isJoined: boolean;
}

/** Tells what is repeated of rows, asked in the order of the file; rows may be left out. */
export interface RepeatReader {
  /** Of a row of so many texts; undefined if nothing is. */
  take(place: RowPlace, texts: number): RowRepeats | undefined;
}

const BUFFER_BYTES = 1 << 15;

/** Reads sections that each tell of other texts of one file, each in its order; holds 32 KiB of each. */
export function createRepeatReader(sections: readonly Section[]): RepeatReader {
  let heads = sections.filter(({ from, to }) => from < to).map(createHead);
  // The least place that any of them tells of; those before it have nothing.
  let least: Head | undefined;
  /** Finds the next place to tell of, from one on. */
  const seek = (piece: number, text: number) => {
    for (const head of heads) while (head.isOpen() && isBefore(head, piece, text)) head.next();
    heads = heads.filter((head) => head.isOpen());
    least = heads.reduce<Head | undefined>(
      (first, head) => (first === undefined || isBefore(head, first.piece, first.text) ? head : first),
      undefined,
    );
  };
  seek(0, 0);
  return {
    take({ piece, text }, texts) {
      if (least === undefined || !isBefore(least, piece, text + texts)) return undefined;
      const dropped: number[] = [];
      let isJoined = false;
      seek(piece, text);
      while (least !== undefined && isBefore(least, piece, text + texts)) {
        if (least.isJoined) isJoined = true;
        else dropped.push(least.text - text);
        seek(piece, least.text + 1);
      }
      return dropped.length === 0 && !isJoined ? undefined : { dropped, isJoined };
    },
  };
}

/** The place in a section. */
interface Head {
  piece: number;
  text: number;
  isJoined: boolean;
  isOpen(): boolean;
  next(): void;
}

function isBefore(head: Head, piece: number, text: number): boolean {
  return head.piece < piece || (head.piece === piece && head.text < text);
}

function createHead(section: Section): Head {
  const blocks = readSection(section, BUFFER_BYTES);
  let words: Uint32Array = new Uint32Array(0);
  let at = 0;
  const head: Head = {
    ...{ piece: 0, text: 0, isJoined: false },
    isOpen: () => at < words.length,
    next() {
      at += REPEAT_WORDS;
      if (at >= words.length) {
        words = wordsOf(blocks.next().value ?? new Uint8Array(0));
        at = 0;
      }
      if (at >= words.length) return;
      head.piece = words[at]!;
      head.text = words[at + 1]! & ~JOINED;
      head.isJoined = (words[at + 1]! & JOINED) !== 0;
    },
  };
  head.next();
  return head;
}

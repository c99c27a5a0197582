/** The host of the kernels that read pages: the bytes of a page become its fields, its text stays where it is. */
import { isUtf8 } from "node:buffer";
import type { Machine, Place } from "../kernels/machine.ts";
import type { RawPage, ScannedText } from "./page.ts";
import type { Piece } from "./page-pieces.ts";

/** Pages of more bytes are left to the parser; the kernels take no longer ones. */
export const MAX_SCANNED = 1 << 27;

/** A page that the kernels have read. */
export interface ScannedPage {
  readonly page: Omit<RawPage, "site">;
  /** Number of bytes read, from the page's tag on, and of line feeds among them. */
  readonly bytes: number;
  readonly lines: number;
}

/** The content model of nearly all pages, and its bytes as two numbers. */
const USUAL_MODEL = "wikitext";
const USUAL_MODEL_WORDS = [0x696b6977, 0x74786574] as const;
/** Fields of at most so many bytes are mostly numbers. */
const MOST_DIGITS = 10;
/** Bytes of a text's start by which it is told how it begins. */
const START_BYTES = 64;

const NUMBER_SIGN = 0x23;
const AMPERSAND = 0x26;
const SPACE = 0x20;

/**
 * Creates the function that reads a piece which begins with a page's tag; it gives undefined if the piece is for the
 * parser: invalid UTF-8, another shape than exports have, anything that the parser would report.
 *
 * The text of the page is read from the machine's memory when it is asked for; that throws after the next piece was
 * read, and gives nonsense after the machine was used otherwise.
 */
export function createPageScan(machine: Machine): (piece: Piece) => ScannedPage | undefined {
  let bytes = new Uint8Array(0);
  let buffer = Buffer.from(bytes.buffer);
  let words = new DataView(bytes.buffer);
  let current = 0;
  const look = () => {
    const memory = machine.view();
    if (memory === bytes) return;
    bytes = memory;
    buffer = Buffer.from(memory.buffer, memory.byteOffset, memory.byteLength);
    words = new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
  };
  const readWord = (address: number) => words.getInt32(address, true);

  /** The field whose start and end stand at `at`, the start 0 if there is none. */
  function readField(at: number): string | undefined {
    const from = readWord(at);
    const to = readWord(at + 4);
    if (from === 0) return undefined;
    // Most fields are a few digits, which it takes longer to ask Node for.
    if (to - from <= MOST_DIGITS) {
      let text = "";
      for (let k = from; k < to && bytes[k]! < 0x80; k += 1) text += String.fromCharCode(bytes[k]!);
      if (text.length === to - from) return text;
    }
    return buffer.toString("utf8", from, to);
  }

  function readModel(at: number): string | undefined {
    const from = readWord(at);
    const isUsual =
      readWord(at + 4) - from === USUAL_MODEL.length &&
      readWord(from) === USUAL_MODEL_WORDS[0] &&
      readWord(from + 4) === USUAL_MODEL_WORDS[1];
    return isUsual ? USUAL_MODEL : readField(at);
  }

  return ({ parts, length }) => {
    current += 1;
    const { kernel } = machine;
    const address = kernel.prepare(length);
    if (address === 0) return undefined;
    look();
    let end = address;
    for (const part of parts) {
      bytes.set(part, end);
      end += part.length;
    }
    if (!isUtf8(bytes.subarray(address, end))) return undefined;
    const record = kernel.scanPage(length);
    if (record === 0) return undefined;
    const page: ScannedPage["page"] = {
      title: readField(record + 8),
      namespace: readField(record + 16),
      id: readField(record + 24),
      redirect: readField(record + 32),
      model: readModel(record + 40),
      text: readText(record + 48),
    };
    return { page, bytes: readWord(record), lines: readWord(record + 4) };
  };

  function readText(at: number): ScannedText | undefined {
    const from = readWord(at);
    if (from === 0) return undefined;
    const to = readWord(at + 4);
    const reference = readWord(at + 8);
    const serial = current;
    let place: Place | undefined;
    let text: string | undefined;
    const resolve = () => {
      if (current !== serial) throw new Error("the text of a page was asked for after the next page");
      if (place === undefined) {
        const end = reference === to ? to : machine.kernel.resolveReferences(reference, to);
        place = { address: from, length: end - from };
      }
      return place;
    };
    return {
      startsPlainly: startsPlainly(from, to),
      place: resolve,
      read() {
        text ??= decode(resolve());
        return text;
      },
    };
  }

  function decode({ address, length }: Place): string {
    look();
    return buffer.toString("utf8", address, address + length);
  }

  function startsPlainly(from: number, to: number): boolean {
    let at = from;
    while (at < to && bytes[at]! <= SPACE) at += 1;
    if (at === to) return false;
    const first = bytes[at]!;
    if (first < 0x80) return first !== NUMBER_SIGN && (first !== AMPERSAND || bytes[at + 1] !== NUMBER_SIGN);
    const start = buffer.toString("utf8", at, Math.min(to, at + START_BYTES)).trimStart();
    // A character, or a reference to one, may be cut off.
    return start !== "" && !/^(?:[#＃\uFFFD]|&(?:#|$))/u.test(start);
  }
}

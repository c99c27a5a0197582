/**
 * Probabilities become decisions: which of an image's texts stands for it, and whether the image stays.
 *
 * Of the texts that match an entry one is drawn uniformly; it stays with the probability that any of its entries keeps it,
 * each with its own and apart from the others: 1 − Π (1 − p), as Algorithm 1 of MetaCLIP keeps a text as soon as one of its
 * entries draws success. Both draws come from a hash of the seed and the id alone, so that they are the same whatever the
 * order, the sharding and the threads, and anyone can make them again, in SQL too: the first 13 hexadecimal digits of
 * SHA-256 of `SEED:ID` in UTF-8 say whether it stays, the next 13 which text it is, each as a fraction of 16^13.
 */
import { hash } from "node:crypto";

/** Hexadecimal digits of a draw: 52 bits, which a double holds exactly. */
const DIGITS = 13;
const OUTCOMES = 16 ** DIGITS;

/** What an id draws. */
export interface IdDraws {
  /** From 0 to below 1; a text stays if it is below its probability. */
  readonly keep: number;
  /** From 0 to below 1; says which of several texts is taken. */
  readonly pick: number;
}

/** The two draws of an id; `seed` is a whole number of at least 0. */
export function drawsOf(id: string, seed: number): IdDraws {
  const digits = hash("sha256", `${seed}:${id}`, "hex");
  const drawAt = (from: number) => Number(`0x${digits.slice(from, from + DIGITS)}`) / OUTCOMES;
  return { keep: drawAt(0), pick: drawAt(DIGITS) };
}

/** The name of a row that has no id: SHA-256 of its URL and its texts, with a NUL character before each text. */
export function nameRow({
  url,
  texts,
}: {
  readonly url: string | undefined;
  readonly texts: readonly string[];
}): string {
  return hash("sha256", [url ?? "", ...texts].join("\0"), "hex");
}

/**
 * The probability that a text is kept for any of the entries that it matches, in doubles, multiplied in the order given.
 *
 * @param ids entries, each once, ascending where the last bit is to be the same everywhere
 * @param probabilityOf an entry's own, in single precision
 */
export function keepAny(ids: Iterable<number>, probabilityOf: (id: number) => number): number {
  let drop = 1;
  for (const id of ids) drop *= 1 - probabilityOf(id);
  return 1 - drop;
}

/** A row's texts that match an entry. */
export interface MatchedRow {
  readonly id: string;
  readonly seed: number;
  /** The entries of each text, ascending: at least one text, and of each at least one entry. */
  readonly matches: readonly Uint32Array[];
  /** Of each entry of the list that a text met, by id; `text` is an index in `matches`. */
  probabilitiesOf(text: number): ArrayLike<number>;
}

/** What became of a row. */
export interface Decision {
  /** Index in `matches` of the text that was drawn. */
  readonly drawn: number;
  /** With which it is kept. */
  readonly probability: number;
  readonly isKept: boolean;
}

/** Which of so many texts that match an id draws, from 0. */
export function pickText({ pick }: IdDraws, texts: number): number {
  return Math.floor(pick * texts);
}

/** Draws one of a row's texts and decides whether it stays. */
export function balanceRow({ id, seed, matches, probabilitiesOf }: MatchedRow): Decision {
  const draws = drawsOf(id, seed);
  const drawn = pickText(draws, matches.length);
  const probabilities = probabilitiesOf(drawn);
  const probability = keepAny(matches[drawn]!, (entry) => probabilities[entry]!);
  return { drawn, probability, isKept: draws.keep < probability };
}

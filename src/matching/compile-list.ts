/** Entries → a list as the kernels match it. */
import { type ApostropheRule, NO_CLITICS } from "../../languages/boundary.ts";
import { normalize } from "../../languages/normalize.ts";
import { UserError } from "../errors.ts";
import type { KernelSource } from "../kernels/machine.ts";
import { ENTRIES, SIZE } from "../kernels/match-list.ts";
import { listClitics } from "../kernels/tables.ts";
import { formatNumber } from "../numbers.ts";
import type { ProfileName } from "../profile.ts";
import { createMatchMemory, type MatchMachine, startMatching } from "./match-machine.ts";

/** By what rule a list's entries match. */
export interface ListRule {
  readonly profile: ProfileName;
  /** Where apostrophes part words, by the language of the list; only for `corrected`. None if not given. */
  readonly apostrophes?: ApostropheRule | undefined;
}

/** A list ready for matching: it may be copied to any place of a memory that begins at a multiple of 64. */
export interface CompiledList {
  readonly bytes: Uint8Array;
  readonly entries: number;
}

/**
 * Compiles a list; ids are positions. Of entries that are equal, in `corrected` after normalizing, the last one's id stays.
 *
 * It takes about 80 bytes an atom while it works; a list takes about 12 bytes an entry when it is done. Throws
 * `UserError` if that is more than 2 GB, as it is for lists between five and eight million entries.
 */
export function compileList(entries: readonly string[], rule: ListRule, source?: KernelSource): CompiledList {
  const isReference = rule.profile === "reference";
  const { isQuote, ...clitics } = rule.apostrophes ?? NO_CLITICS;
  const texts = isReference ? entries : entries.map(normalize);
  let total = 0;
  let longest = 0;
  for (const text of texts) {
    const length = Buffer.byteLength(text);
    total += length;
    if (length > longest) longest = length;
  }
  const machine = takeBuilder(source);
  const list = machine.run((kernel) => {
    let address = kernel.prepareList(texts.length, total, longest, isReference, isQuote === true);
    if (address === 0) throw tooLarge(texts.length);
    const memory = machine.view();
    memory.set(listClitics(clitics), kernel.cliticsAddress());
    const ends = new Int32Array(memory.buffer, kernel.endsAddress(), texts.length);
    for (const [id, text] of texts.entries()) {
      address += memory.write(text, address);
      ends[id] = address;
    }
    const list = kernel.buildList();
    if (list === 0) throw tooLarge(texts.length);
    const built = machine.view();
    const size = built.readInt32LE(list + SIZE);
    return { bytes: new Uint8Array(built.subarray(list, list + size)), entries: built.readInt32LE(list + ENTRIES) };
  });
  if (source === undefined && machine.view().length <= KEPT_BYTES) builder = machine;
  return list;
}

function tooLarge(entries: number): UserError {
  return new UserError(
    `a list of ${formatNumber(entries)} entries takes more than 2 GB to compile; match a smaller one`,
  );
}

/** The machine that compiled the last list, if its memory stayed small: a memory is slow to make, and to be collected. */
let builder: MatchMachine | undefined;
const KEPT_BYTES = 1 << 26;

function takeBuilder(source: KernelSource | undefined): MatchMachine {
  const machine = source === undefined ? builder : undefined;
  builder = undefined;
  return machine ?? startMatching(createMatchMemory(source));
}

/** Long runs in pieces, for the cutters whose time grows with the square of a run's length. */
import { classAt, isBoundary } from "./boundary.ts";
import { CLASS } from "./boundary-classes.ts";
import type { CutRun } from "./words.ts";

/** Share of a piece that is searched, from its end, for a place at which cutting cannot change the words. */
const LOOK_BACK = 0.2;

/** End of the piece that begins at `start`: before a sign or digit where there is one near, else where a cut may lie. */
function pieceEnd(run: string, start: number, length: number): number {
  const end = start + length;
  if (end >= run.length) return run.length;
  let cut = 0;
  for (let at = end; at > end - length * LOOK_BACK; at--) {
    const value = classAt(run, at);
    if (value === CLASS.sign || value === CLASS.digit) return at;
    if (cut === 0 && isBoundary(run, at)) cut = at;
  }
  return cut || end;
}

/** A cutter that hands `cutRun` pieces of at most `length` UTF-16 units. */
export function cutInPieces(cutRun: CutRun, length: number): CutRun {
  return (run) => {
    if (run.length <= length) return cutRun(run);
    const pieces: string[] = [];
    for (let start = 0; start < run.length; ) {
      const end = pieceEnd(run, start, length);
      for (const piece of cutRun(run.slice(start, end))) pieces.push(piece);
      start = end;
    }
    return pieces;
  };
}

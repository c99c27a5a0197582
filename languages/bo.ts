/** Tibetan and Dzongkha: syllables, which the tsheg ends. The tsheg stands between words; it is none itself. */
import type { CutRun } from "./words.ts";

/** TIBETAN MARK INTERSYLLABIC TSHEG and its non-breaking form. */
export const TSHEG = "\u0F0B";

export const TIBETAN_ID = "tsheg-1";

export const cutTibetan: CutRun = (run) => run.split(/([\u0F0B\u0F0C]+)/).filter((piece) => piece !== "");

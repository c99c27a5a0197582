/** Tibetan and Dzongkha: syllables, which the tsheg ends. The tsheg stands between words; it is none itself. */
import type { CutRun } from "./words.ts";

/** TIBETAN MARK INTERSYLLABIC TSHEG, a separator of the boundary rule. */
export const TSHEG = "\u0F0B";

export const TIBETAN_ID = "tsheg-1";

/** What no tsheg parts: a syllable, apart from letters of other scripts that it touches. */
export const cutTibetan: CutRun = (run) => run.match(/[\u0F00-\u0FFF]+|[^\u0F00-\u0FFF]+/g) ?? [];

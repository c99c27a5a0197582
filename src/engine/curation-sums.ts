/** What becomes of rows, counted while they are decided. */
import type { CuratedGroup, CurationFigures } from "../export/curated.ts";
import type { Problem } from "../problems.ts";

type Sums = { -readonly [Name in keyof CuratedGroup]: CuratedGroup[Name] };

/** Figures of a piece that is being read, or of images that are being put together. */
export interface CurationSums {
  rows: number;
  excluded: number;
  noText: number;
  repeated: number;
  joined: number;
  repeatedTexts: number;
  /** Counts a row whose texts have no list, under the group of its first text. */
  addNoList(group: string): void;
  /** Counts a text that met the list of its group. */
  addText(group: string): void;
  /** Counts a text that matches. */
  addMatch(group: string): void;
  /** Counts a row of which no text matches, under the group of the first that has a list. */
  addNoMatch(group: string): void;
  /** Counts a row whose text was drawn, under the group of that. */
  addDrawn(group: string, drawn: { readonly probability: number; readonly isKept: boolean }): void;
  end(problems: readonly Problem[]): CurationFigures;
}

export function createCurationSums(): CurationSums {
  const noList = new Map<string, number>();
  const groups = new Map<string, Sums>();
  const sumsOf = (group: string): Sums => {
    let sums = groups.get(group);
    if (sums === undefined) {
      sums = { group, rows: 0, noMatch: 0, notDrawn: 0, kept: 0, texts: 0, matched: 0, expected: 0, variance: 0 };
      groups.set(group, sums);
    }
    return sums;
  };
  let kept = 0;
  const sums: CurationSums = {
    ...{ rows: 0, excluded: 0, noText: 0, repeated: 0, joined: 0, repeatedTexts: 0 },
    addNoList: (group) => void noList.set(group, (noList.get(group) ?? 0) + 1),
    addText: (group) => void sumsOf(group).texts++,
    addMatch: (group) => void sumsOf(group).matched++,
    addNoMatch(group) {
      const own = sumsOf(group);
      own.rows++;
      own.noMatch++;
    },
    addDrawn(group, { probability, isKept }) {
      const own = sumsOf(group);
      own.rows++;
      own.expected += probability;
      own.variance += probability * (1 - probability);
      if (isKept) own.kept++;
      else own.notDrawn++;
      if (isKept) kept++;
    },
    end(problems) {
      const { rows, excluded, noText, repeated, joined, repeatedTexts } = sums;
      return {
        ...{ rows, excluded, noText, repeated, joined, repeatedTexts, noList: Object.fromEntries(noList), kept },
        ...{ groups: [...groups.values()], problems },
      };
    },
  };
  return sums;
}

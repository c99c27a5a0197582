import { describe, expect, it } from "vitest";
import { createLabeller, type LabelledRow } from "../src/engine/label.ts";

const ENGLISH = "the cat sleeps on the old chair in the kitchen";
const GERMAN = "ein Mann sitzt auf einer Bank im Park und liest";
const RUSSIAN = "мужчина сидит на скамейке в парке и читает";

const ROWS: readonly LabelledRow[] = [
  { texts: [ENGLISH], lang: undefined },
  { texts: [GERMAN, RUSSIAN], lang: "fr" },
  { texts: [], lang: undefined },
  { texts: [RUSSIAN, ENGLISH, "12"], lang: undefined },
  { texts: [], lang: "fr" },
  { texts: [GERMAN], lang: undefined },
  { texts: [ENGLISH], lang: "xx-unknown" },
];

async function label(labelling: { readonly lang?: string; readonly identify: boolean }) {
  const labeller = await createLabeller({ scheme: "worldmeta", ...labelling }, { kept: new Map() });
  return labeller.labelRows(ROWS).map((labels) => labels.map((one) => one.label));
}

describe("labels of rows", () => {
  it("are those of the row where it has one, else what the text says", async () => {
    const own = [["en"], ["fr", "fr"], [], ["ru", "en", "und"], [], ["de"], ["xx-unknown"]];
    expect(await label({ identify: false })).toEqual(own);
  });

  it("are what the texts say if all are to be identified", async () => {
    const said = [["en"], ["de", "ru"], [], ["ru", "en", "und"], [], ["de"], ["en"]];
    expect(await label({ identify: true })).toEqual(said);
  });

  it("are the one given where the row has none", async () => {
    const given = [["it"], ["fr", "fr"], [], ["it", "it", "it"], [], ["it"], ["xx-unknown"]];
    expect(await label({ lang: "it", identify: false })).toEqual(given);
  });

  it("are the same object each time, which says what they mean", async () => {
    const labeller = await createLabeller({ scheme: "worldmeta", identify: false }, { kept: new Map() });
    const [first, again, unknown] = labeller.labelRows([ROWS[0]!, ROWS[0]!, ROWS[6]!]).flat();
    expect(first).toBe(again);
    expect(first).toEqual({ label: "en", group: "en", known: true });
    expect(unknown).toEqual({ label: "xx-unknown", group: "other", known: false });
  });
});

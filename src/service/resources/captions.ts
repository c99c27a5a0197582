/** What happens to single captions. */
import { Type } from "typebox";
import { getEdition, groupOfLabel } from "../../../languages/index.ts";
import { editionOfCaption, explainCaption } from "../../curation/explain-caption.ts";
import { loadPoolCounts, type PoolSelection } from "../../curation/pool-counts.ts";
import type { Database } from "../../store/database.ts";
import { define } from "../operation.ts";
import { LONGEST_TEXT, listOf, nullable, number, object, Profile, ProfileQuery, text, whole } from "../schemas.ts";
import { PoolsQuery, RULE, ruleOf } from "./thresholds.ts";

const tag = "captions";

const Language = object({ label: text("in the scheme `worldmeta`"), probability: number("from 0 to 1") });

export const CAPTION_OPERATIONS = [
  define({
    ...{ id: "explainCaption", method: "GET", url: "/api/caption", tag },
    summary: "What happens to a caption: segments, the entries it matches, how likely it is to be kept",
    query: object({
      text: Type.String({ minLength: 1, maxLength: LONGEST_TEXT }),
      edition: Type.Optional(text("edition of its language (default: as it is identified)")),
      ...{ ...ProfileQuery, pool: PoolsQuery, ...RULE },
    }),
    answer: object({
      text: Type.String(),
      normalized: text("the text as it is matched"),
      language: nullable(Language),
      edition: Type.String(),
      group: text("whose list it meets"),
      profile: Profile,
      list: text("name of the list"),
      segments: listOf(Type.String(), "the text as it is cut; they concatenate to it"),
      matches: listOf(
        object({
          id: whole("in the list"),
          entry: Type.String(),
          count: nullable(whole("captions of the pools that hold it")),
          probability: nullable(number("with which it keeps a caption")),
        }),
      ),
      pools: listOf(Type.String(), "whose counts were taken"),
      t: nullable(whole("threshold")),
      policy: nullable(text("how t was chosen")),
      keepProbability: nullable(number("with which the caption stays")),
    }),
    async run(context, { text, edition: code, profile = "corrected", pool = [], ...rule }) {
      const identified = code === undefined ? (await context.identifier()).identify(text) : undefined;
      const edition = identified === undefined ? getEdition(code!) : editionOfCaption(identified);
      const loadCounts = (db: Database, selection: PoolSelection) =>
        context.largeMemory.ofNow(JSON.stringify(selection), () => loadPoolCounts(db, selection));
      const question = { ...ruleOf(rule), edition, pools: pool, groups: [], profile, loadCounts };
      const explained = await explainCaption(context.db, text, question);
      const { matches, t, policy, keepProbability, segments, pools } = explained;
      return {
        ...{ ...explained, language: identified ?? null, segments: [...segments], pools: [...pools] },
        ...{ t: t ?? null, policy: policy ?? null, keepProbability: keepProbability ?? null },
        matches: matches.map(({ count, probability, ...match }) => {
          return { ...match, count: count ?? null, probability: probability ?? null };
        }),
      };
    },
  }),
  define({
    ...{ id: "identify", method: "GET", url: "/api/identify", tag },
    summary: "The language of a text",
    query: object({ text: Type.String({ minLength: 1, maxLength: LONGEST_TEXT }) }),
    answer: object({ ...Language.properties, group: nullable(text("whose list a caption of this language meets")) }),
    async run(context, { text }) {
      const identified = (await context.identifier()).identify(text);
      return { ...identified, group: groupOfLabel(identified.label, "worldmeta") ?? null };
    },
  }),
];

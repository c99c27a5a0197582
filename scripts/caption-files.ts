/** The captions of a folder of real input: which files, how each kind is read, and what they hold. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { groupOfLabel, OTHER } from "../languages/index.ts";
import { Problems } from "../src/problems.ts";
import { type PoolFields, type PoolFormat, readPool } from "../src/sources/pool.ts";

/** Where nobody says what language a caption is in. */
export const NO_LABEL = "und";

/** Files of captions that are read alike. */
export interface CaptionFiles {
  readonly paths: readonly string[];
  /** Of each path, its name in the folder. */
  readonly names: ReadonlyMap<string, string>;
  readonly fields: PoolFields;
  readonly format: PoolFormat;
  /** Label of all captions in them; rows have their own if there is none. */
  readonly lang?: string;
}

/** The files of captions; one that a reader of pools cannot take as it is is converted into `folder`. */
export function findCaptions(data: string, folder: string): CaptionFiles[] {
  const captions = join(data, "captions");
  const list = (name: string) =>
    readdirSync(join(captions, name))
      .sort()
      .map((file) => `${name}/${file}`);
  const files = (
    names: readonly string[],
    options: Pick<CaptionFiles, "fields" | "format" | "lang">,
    pathOf = (name: string) => join(captions, name),
  ): CaptionFiles => ({
    paths: names.map(pathOf),
    names: new Map(names.map((name) => [pathOf(name), name])),
    ...options,
  });
  const translated = list("multi30k");
  const languages = [...new Set(translated.map((name) => name.split(".")[1] ?? NO_LABEL))];
  const chinese = "flickr8k-cn/flickr8kzhc.caption.txt.gz";
  const stripped = stripNames(join(captions, chinese), join(folder, "flickr8k-zh.txt"));
  return [
    ...languages.map((lang) =>
      files(
        translated.filter((name) => name.split(".")[1] === lang),
        { fields: {}, format: "txt", lang },
      ),
    ),
    files(list("conceptual-captions"), { fields: { text: "1", url: "2" }, format: "tsv", lang: "en" }),
    files(list("iglue-wit"), {
      fields: { text: "caption_reference_description", lang: "language", id: "wit_ix", url: "image_url" },
      format: "jsonl",
    }),
    files([chinese], { fields: {}, format: "txt", lang: "zh" }, () => stripped),
    files(["web-alts/alts.tsv.gz"], { fields: { text: "5", lang: "3", url: "4" }, format: "tsv" }),
  ];
}

/** Writes the captions of Flickr8k without the image's name before each; the path. */
function stripNames(path: string, target: string): string {
  const lines = gunzipSync(readFileSync(path)).toString("utf8");
  writeFileSync(target, lines.replace(/^\S+ /gm, ""));
  return target;
}

/** The captions of each group, or label of none. */
export async function readCaptions(kinds: readonly CaptionFiles[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const byGroup = new Map<string, string[]>();
  for (const { paths, fields, format, lang } of kinds) {
    for (const path of paths) {
      for await (const rows of readPool(path, { fields, format, problems: new Problems() })) {
        for (const row of rows) {
          const label = row.lang ?? lang ?? NO_LABEL;
          const group = groupOfLabel(label, "edition") ?? OTHER;
          const texts = byGroup.get(group);
          if (texts === undefined) byGroup.set(group, [...row.texts]);
          else texts.push(...row.texts);
        }
      }
    }
  }
  return byGroup;
}

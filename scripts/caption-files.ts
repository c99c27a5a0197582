/** The captions of a folder of real input. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { PoolFields, PoolFormat } from "../src/sources/pool.ts";

/** Label of captions of which nobody says what language they are in. */
export const NO_LABEL = "und";

/** A file of captions. */
export interface CaptionFile {
  readonly path: string;
  readonly name: string;
  readonly fields: PoolFields;
  readonly format: PoolFormat;
  /** Label of all captions in it; its rows have their own if there is none. */
  readonly lang?: string;
}

/** The files of captions; one that a reader of pools cannot take as it is is converted into `folder`. */
export function findCaptions(data: string, folder: string): CaptionFile[] {
  const captions = join(data, "captions");
  const list = (name: string) => readdirSync(join(captions, name)).sort();
  const file = (name: string, options: Pick<CaptionFile, "fields" | "format" | "lang">): CaptionFile => ({
    ...{ path: join(captions, name), name },
    ...options,
  });
  const chinese = "flickr8k-cn/flickr8kzhc.caption.txt.gz";
  return [
    ...list("multi30k").map((name) =>
      file(`multi30k/${name}`, { fields: {}, format: "txt", lang: name.split(".")[1] ?? NO_LABEL }),
    ),
    ...list("conceptual-captions").map((name) =>
      file(`conceptual-captions/${name}`, { fields: { text: "1", url: "2" }, format: "tsv", lang: "en" }),
    ),
    ...list("iglue-wit").map((name) =>
      file(`iglue-wit/${name}`, {
        fields: { text: "caption_reference_description", lang: "language", id: "wit_ix", url: "image_url" },
        format: "jsonl",
      }),
    ),
    {
      ...file(chinese, { fields: {}, format: "txt", lang: "zh" }),
      path: stripNames(join(captions, chinese), join(folder, "flickr8k-zh.txt")),
    },
    file("web-alts/alts.tsv.gz", { fields: { text: "5", lang: "3", url: "4" }, format: "tsv" }),
  ];
}

/** Writes the captions of Flickr8k without the image's name before each; the path. */
function stripNames(path: string, target: string): string {
  const lines = gunzipSync(readFileSync(path)).toString("utf8");
  writeFileSync(target, lines.replace(/^\S+ /gm, ""));
  return target;
}

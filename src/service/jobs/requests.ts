/** What jobs are asked for, as JSON schemas. Paths are those of files below the folder of inputs. */
import { type Static, Type } from "typebox";
import { LABEL_SCHEMES } from "../../../languages/index.ts";
import { LIST_FORMATS } from "../../export/lists.ts";
import { POOL_FORMATS } from "../../sources/pool.ts";
import { object, oneOf, Profile } from "../schemas.ts";

const MOST_FILES = 10_000;

const files = (description: string) =>
  Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 4096 }), {
      maxItems: MOST_FILES,
      uniqueItems: true,
      description,
    }),
  );
const field = (description: string) => Type.Optional(Type.String({ minLength: 1, maxLength: 1000, description }));
const names = (description: string) =>
  Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 1000 }), { maxItems: 1000, uniqueItems: true, description }),
  );

export const BuildRequest = object({
  editions: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
    minItems: 1,
    maxItems: 400,
    uniqueItems: true,
    description: "codes",
  }),
  dumps: files("dumps; only with one edition"),
  texts: files("extracted text; only with one edition"),
  pageviews: files("hourly or pageview_complete files"),
  wordnets: files("OMW tab files"),
  vocabularies: files("word lists, one word a line: entries that hold one get the flag `vocabulary`"),
  profile: Type.Optional(Profile),
  force: Type.Optional(Type.Boolean({ description: "build also where the inputs are those of the last build" })),
});

export const CountRequest = object({
  pool: Type.String({
    minLength: 1,
    maxLength: 1000,
    description: "the pool that the files are added to; made if it is not there",
  }),
  files: Type.Array(Type.String({ minLength: 1, maxLength: 4096 }), {
    minItems: 1,
    maxItems: MOST_FILES,
    uniqueItems: true,
    description: "of captions",
  }),
  textField: field("field, or number of the column, of the text or texts"),
  idField: field("that of the id"),
  langField: field("that of the language's label"),
  urlField: field("that of the image's URL"),
  format: Type.Optional(oneOf(POOL_FORMATS, "of the files (default: told by content)")),
  scheme: Type.Optional(oneOf(LABEL_SCHEMES, "what the labels are")),
  lang: field("label of captions that have none"),
  identify: Type.Optional(Type.Boolean({ description: "tell the language of every caption by its text" })),
  keepRepeats: Type.Optional(Type.Boolean({ description: "keep texts that an earlier row has of the same image" })),
  profile: Type.Optional(Profile),
});

const EXPORT_FORMATS = [...LIST_FORMATS, "metaclip"] as const;

export const ExportRequest = object({
  format: oneOf(EXPORT_FORMATS, "of the files"),
  editions: names("editions to export (default: all); with groups, pools or metaclip their groups"),
  groups: names("groups to export, with the ids that matching uses"),
  pools: names("pools whose counts and probabilities go along (metaclip, default: the only one)"),
  profile: Type.Optional(Profile),
});

/** What a job is asked to do. */
export type JobRequest =
  | { readonly kind: "build"; readonly request: Static<typeof BuildRequest> }
  | { readonly kind: "count"; readonly request: Static<typeof CountRequest> }
  | { readonly kind: "export"; readonly request: Static<typeof ExportRequest> };

/** Editions and their builds. */
import { type Static, Type } from "typebox";
import { type Edition, getEdition, listEditions } from "../../../languages/index.ts";
import { queuesOf } from "../../curation/queues.ts";
import { SOURCES } from "../../entries/types.ts";
import type { ProfileName } from "../../profile.ts";
import { type Build, currentBuild, findBuild, listBuilds } from "../../store/builds.ts";
import type { Context } from "../context.ts";
import { define, notFound } from "../operation.ts";
import {
  anything,
  EditionParams,
  flag,
  listOf,
  named,
  nullable,
  object,
  oneOf,
  Problem,
  Profile,
  ProfileQuery,
  recordOf,
  text,
  time,
  whole,
} from "../schemas.ts";

const CurrentBuild = object({
  build: whole("number of the build"),
  profile: Profile,
  entries: whole("entries of the list"),
  finished: time("when it was built"),
});

const EDITION = {
  code: text("as commands name it"),
  database: text("name of Wikimedia's database"),
  domain: text("host name"),
  tag: text("BCP 47 language tag"),
  name: text("English name of the language"),
  autonym: text("its own name for itself"),
  script: text("ISO 15924 code of the main script"),
  direction: oneOf(["ltr", "rtl"], "of writing"),
  tokenizer: text("what cuts its text"),
  wordnets: listOf(Type.String(), "language codes of Open Multilingual WordNet"),
  group: text("set of editions that captions of one language label meet"),
  evidence: oneOf(["verified", "proxy", "default"], "how far its row is backed"),
  closed: flag("true if Wikimedia has closed it"),
  lists: listOf(CurrentBuild, "the lists in use"),
};

function aboutEdition(edition: Edition, builds: readonly Build[]) {
  const { code, database, domain, tag, name, autonym, script, direction, tokenizer, wordnets } = edition;
  const { lidGroup: group, evidence, closed } = edition;
  return {
    ...{ code, database, domain, tag, name, autonym, script, direction, tokenizer, wordnets },
    ...{ group, evidence, closed },
    lists: builds.map((build) => ({
      ...{ build: build.id, profile: build.profile, entries: sizesOf(build).total ?? 0, finished: build.finished },
    })),
  };
}

/** Entries by source, and in all, as the build has written them down. */
function sizesOf({ figures }: Build): Readonly<Record<string, number>> {
  const { entries = {} } = (figures ?? {}) as { readonly entries?: Readonly<Record<string, number>> };
  return Object.fromEntries([...SOURCES, "total"].map((name) => [name, entries[name] ?? 0]));
}

/** The list of an edition that is asked about: the build of a number, or the one in use. */
export function buildAskedFor(
  { db, memory }: Context,
  {
    code,
    build: id,
    profile = "corrected",
  }: { readonly code: string; readonly build?: number; readonly profile?: ProfileName },
): { readonly edition: Edition; readonly build: Build } {
  const edition = getEdition(code);
  const build =
    id === undefined
      ? memory.ofNow(`current ${profile} build of ${code}`, () => currentBuild(db, edition.code, profile))
      : findBuild(db, id);
  if (build !== undefined && build.edition === edition.code) return { edition, build };
  throw notFound(
    id === undefined ? `${code} has no ${profile} list yet` : `${code} has no build ${id}; builds are removed by prune`,
  );
}

const QueueSchema = object({
  name: text("of the flag, or of the reason why candidates were set aside"),
  kind: oneOf(["flag", "set-aside"], "`flag`: entries; `set-aside`: candidates that are none"),
  meaning: Type.String(),
  size: whole("how many"),
});

const BUILD = {
  id: whole("number"),
  edition: Type.String(),
  profile: Profile,
  current: flag("true if its list is in use"),
  fingerprint: text("of inputs, settings and versions: the same gives the same list"),
  started: time("when it began"),
  finished: time("when it was published"),
  version: text("of worldmeta"),
  sizes: recordOf(whole("entries"), "entries by the source that owns them, and `total`"),
  inputs: listOf(
    object({
      kind: oneOf(["dump", "text", "pageviews", "wordnet", "vocabulary"]),
      path: Type.String(),
      bytes: Type.Optional(whole("size")),
      sha256: Type.Optional(Type.String()),
      licence: Type.Optional(Type.String()),
      name: Type.Optional(text("what the source calls itself")),
      note: Type.Optional(Type.String()),
    }),
  ),
  problems: listOf(Problem, "faults of the data"),
};

const BuildSchema = named("Build", object(BUILD));

function aboutBuild(build: Build): Static<typeof BuildSchema> {
  const { id, edition, profile, current, fingerprint, started, finished, version, inputs, problems } = build;
  return {
    ...{ id, edition, profile, current, fingerprint, started, finished, version, sizes: sizesOf(build) },
    ...{ inputs: [...inputs], problems: [...problems] },
  };
}

const tag = "editions";

export const EDITION_OPERATIONS = [
  define({
    ...{ id: "listEditions", method: "GET", url: "/api/editions", tag },
    summary: "The Wikipedia editions",
    query: object({ built: Type.Optional(flag("only those that have a list, or only those that have none")) }),
    answer: object({ editions: listOf(object(EDITION)) }),
    run({ db }, { built }) {
      const builds = listBuilds(db).filter(({ current }) => current);
      const editions = listEditions().map((edition) => {
        return aboutEdition(
          edition,
          builds.filter((build) => build.edition === edition.code),
        );
      });
      return { editions: editions.filter(({ lists }) => built === undefined || built === lists.length > 0) };
    },
  }),
  define({
    ...{ id: "getEdition", method: "GET", url: "/api/editions/:code", tag },
    summary: "One edition: its list's sizes, queues and scripts",
    params: EditionParams,
    query: object(ProfileQuery),
    answer: object({
      ...EDITION,
      list: nullable(
        object({
          ...BUILD,
          queues: listOf(QueueSchema, "what deserves a second look, and what was set aside"),
          scripts: listOf(
            object({ script: text("ISO 15924 code"), entries: whole("entries that hold a letter of it") }),
            "most entries first",
          ),
        }),
      ),
    }),
    run({ db, memory, finder }, { code, profile = "corrected" }) {
      const edition = getEdition(code);
      const builds = listBuilds(db, { edition: edition.code });
      const current = builds.filter((build) => build.current);
      const build = current.find((one) => one.profile === profile);
      if (build === undefined) return { ...aboutEdition(edition, current), list: null };
      const { queues, scripts } = memory.ofBuilds(`queues of ${build.id}`, () => {
        return { queues: queuesOf(db, build.id, finder.flags(build.id)), scripts: finder.scripts(build.id) };
      });
      return { ...aboutEdition(edition, current), list: { ...aboutBuild(build), queues, scripts } };
    },
  }),
  define({
    ...{ id: "listBuilds", method: "GET", url: "/api/editions/:code/builds", tag },
    summary: "The builds of an edition that are kept, the newest first",
    params: EditionParams,
    query: object(ProfileQuery),
    answer: object({ builds: listOf(BuildSchema) }),
    run({ db }, { code, profile }) {
      const builds = listBuilds(db, { edition: getEdition(code).code, ...(profile !== undefined && { profile }) });
      return { builds: builds.map(aboutBuild) };
    },
  }),
  define({
    ...{ id: "getBuild", method: "GET", url: "/api/builds/:id(\\d+)", tag },
    summary: "One build, with its settings and figures",
    params: object({ id: whole("number of the build") }),
    answer: object({
      ...BUILD,
      settings: anything("the numbers of the recipe, and versions"),
      figures: anything("sizes along the way"),
    }),
    run({ db }, { id }) {
      const build = findBuild(db, id);
      if (build === undefined) throw notFound(`no build ${id}; builds are removed by prune`);
      return { ...aboutBuild(build), settings: build.settings, figures: build.figures };
    },
  }),
];

import { existsSync } from "node:fs";
import type { Command } from "commander";
import { getEdition } from "../../../languages/index.ts";
import { requireBuild } from "../../curation/current-build.ts";
import { UserError } from "../../errors.ts";
import { buildEditions } from "../../pipeline.ts";
import type { ProfileName } from "../../profile.ts";
import { type Build, type BuildInput, currentBuild } from "../../store/builds.ts";
import { closeDatabase, type Database } from "../../store/database.ts";
import { diffBuilds } from "../../store/diff.ts";
import { countBySource } from "../../store/entries.ts";
import { openExisting } from "../current-list.ts";
import { addDbOption, addExamples, addJsonOption, addWorkOptions, parseCount } from "../options.ts";
import { print, printJson, say } from "../output.ts";
import { createProgressBar } from "../progress-bar.ts";
import { formatTable } from "../table.ts";
import { formatDiff, toDiffJson } from "./diff.ts";

interface CompareOptions {
  readonly db: string;
  readonly threads: number;
  readonly memory: number;
  readonly limit: number;
  readonly json?: boolean;
}

export function addCompareCommand(program: Command): void {
  const command = program
    .command("compare <code>")
    .description("The reference list against the corrected list of the same inputs; builds the one that is missing.")
    .option("--limit <n>", "rows of the table for each kind of change", parseCount, 20)
    .action(compare);
  addDbOption(command);
  addWorkOptions(command);
  addJsonOption(command);
  addExamples(command, "worldmeta compare ltg", "worldmeta compare el --json");
}

async function compare(code: string, options: CompareOptions): Promise<void> {
  const edition = getEdition(code);
  const db = openExisting(options.db);
  try {
    const corrected = currentBuild(db, edition.code, "corrected") ?? requireBuild(db, edition, "reference");
    const other: ProfileName = corrected.profile === "corrected" ? "reference" : "corrected";
    const partner = await rebuild(db, corrected, { ...options, profile: other });
    const [ours, reference] = corrected.profile === "corrected" ? [corrected, partner] : [partner, corrected];
    const diff = diffBuilds(db, reference.id, ours.id);
    const sizes = { reference: countBySource(db, reference.id), corrected: countBySource(db, ours.id) };
    if (options.json) return await printJson({ sizes, ...toDiffJson(diff) });
    await print(
      formatTable(
        [{ title: "source" }, { title: "reference", align: "right" }, { title: "corrected", align: "right" }],
        Object.keys(sizes.reference).map((source) => [
          source,
          sizes.reference[source as keyof typeof sizes.reference],
          sizes.corrected[source as keyof typeof sizes.corrected],
        ]),
      ),
    );
    await print(`\n${formatDiff(diff, "reference → corrected", options.limit)}`);
  } finally {
    closeDatabase(db);
  }
}

function inputKey({ inputs }: Build): string {
  return JSON.stringify(inputs.map(({ kind, sha256 }) => [kind, sha256]));
}

/** The list of another profile from the inputs of a build, made now unless it is fresh. */
async function rebuild(
  db: Database,
  build: Build,
  options: CompareOptions & { readonly profile: ProfileName },
): Promise<Build> {
  const edition = getEdition(build.edition);
  const missing = build.inputs.find(({ path }) => !existsSync(path));
  if (missing !== undefined) {
    const partner = currentBuild(db, edition.code, options.profile);
    if (partner !== undefined && inputKey(partner) === inputKey(build)) return partner;
    throw new UserError(
      `an input of build ${build.id} cannot be read again (${missing.path}), and no ${options.profile} list was made of ` +
        `it; make one with: worldmeta build ${edition.code} --profile ${options.profile} …`,
    );
  }
  const pathsOf = (kind: BuildInput["kind"]) =>
    build.inputs.filter((input) => input.kind === kind).map(({ path }) => path);
  const bar = createProgressBar();
  const work = buildEditions({
    ...{ db: options.db, editions: [edition], profile: options.profile, threads: options.threads },
    ...{
      dumps: pathsOf("dump"),
      texts: pathsOf("text"),
      pageviews: pathsOf("pageviews"),
      wordnets: pathsOf("wordnet"),
      vocabularies: pathsOf("vocabulary"),
    },
    ...{ memory: options.memory, onProgress: bar.onProgress },
  });
  try {
    for await (const { fresh } of work) {
      bar.stop();
      if (!fresh) say(`built the ${options.profile} list of ${edition.code} from the inputs of build ${build.id}`);
    }
  } finally {
    bar.stop();
  }
  const partner = requireBuild(db, edition, options.profile);
  if (inputKey(partner) === inputKey(build)) return partner;
  throw new UserError(`the inputs of build ${build.id} have changed since; build ${edition.code} again`);
}

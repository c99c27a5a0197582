import { isUtf8 } from "node:buffer";
import type { Command } from "commander";
import { apostropheRuleOf } from "../../../languages/apostrophes.ts";
import { getEdition } from "../../../languages/index.ts";
import { UserError } from "../../errors.ts";
import { requireFiles } from "../../files.ts";
import { createMatcher } from "../../matching/matcher.ts";
import { Problems } from "../../problems.ts";
import type { ProfileName } from "../../profile.ts";
import { openInput } from "../../sources/input.ts";
import { type PoolRow, readPool } from "../../sources/pool.ts";
import { addExamples, addProfileOption } from "../options.ts";
import { print } from "../output.ts";
import { addPoolOptions, fieldsOf, type PoolOptions } from "../pool-options.ts";
import { sayProblems } from "../problem-lines.ts";
import { withFiles } from "../standard-input.ts";

interface MatchOptions extends PoolOptions {
  readonly metadata: string;
  readonly edition: string;
  readonly profile: ProfileName;
}

export function addMatchCommand(program: Command): void {
  const command = program
    .command("match [pool]")
    .description(
      'Match captions against a list of your own: for each row a JSON line {"id", "matches"}, the positions in the list of ' +
        "the entries that its text, or one of its texts, holds, ascending.",
    )
    .requiredOption("--metadata <file>", "the list: a JSON array of strings, or text with an entry a line")
    .requiredOption("--edition <code>", "edition whose language the list and the captions are in")
    .action(match);
  addPoolOptions(command);
  addProfileOption(command);
  addExamples(
    command,
    "worldmeta match --metadata metadata.json --edition en captions.jsonl",
    "echo 'a cat in Paris' | worldmeta match --metadata list.txt --edition en --profile reference",
  );
}

async function match(pool: string | undefined, options: MatchOptions): Promise<void> {
  const { metadata, profile } = options;
  const apostrophes = apostropheRuleOf(getEdition(options.edition));
  await withFiles([pool ?? "-", metadata], async ([path = "", list = ""], names) => {
    const matcher = createMatcher(await readList(list, metadata), { profile, apostrophes });
    const problems = new Problems();
    const { format } = options;
    for await (const rows of readPool(path, { fields: fieldsOf(options), format, problems, names })) {
      const matches = rows.map(() => new Set<number>());
      const owners = rows.flatMap(({ texts }, index) => texts.map(() => matches[index]!));
      matcher.matchAll(
        rows.flatMap(({ texts }) => texts),
        (index, ids) => {
          const own = owners[index]!;
          for (const id of ids) own.add(id);
        },
      );
      const lines = rows.map((row, index) => `{"id":${idOf(row)},"matches":[${sorted(matches[index]!).join(",")}]}\n`);
      await print(lines.join(""));
    }
    sayProblems(problems.list());
  });
}

/** The row's id in JSON, as its file has it; null where there is none. */
function idOf({ id, numericId }: PoolRow): string {
  return numericId && id !== undefined ? id : JSON.stringify(id ?? null);
}

function sorted(ids: ReadonlySet<number>): number[] {
  return [...ids].sort((a, b) => a - b);
}

/** The entries of a file, by their positions. */
async function readList(path: string, name: string): Promise<string[]> {
  await requireFiles([path]);
  const chunks: Uint8Array[] = [];
  for await (const chunk of openInput(path)) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (!isUtf8(bytes)) throw new UserError(`${name}: is no UTF-8 text; give a JSON array of strings or an entry a line`);
  const text = bytes.toString().replace(/^\uFEFF/, "");
  const list = /^\s*[[{]/.test(text) ? parseJson(text, name) : text.replace(/\r?\n$/, "").split(/\r?\n/);
  if (!Array.isArray(list)) throw new UserError(`${name}: is JSON, but no array; give a JSON array of strings`);
  const wrong = list.findIndex((entry) => typeof entry !== "string");
  if (wrong >= 0) throw new UserError(`${name}: item ${wrong} is no string; give a JSON array of strings`);
  if (!list.some((entry) => entry !== "")) throw new UserError(`${name}: holds no entry; is it the right file?`);
  return list as string[];
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`${name}: no JSON: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`);
  }
}

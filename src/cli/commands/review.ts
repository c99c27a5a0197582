import { userInfo } from "node:os";
import { Argument, type Command } from "commander";
import { type Edition, getEdition } from "../../../languages/index.ts";
import { decide } from "../../curation/decide.ts";
import { UsageError } from "../../errors.ts";
import { writeAtomically } from "../../files.ts";
import { readLines } from "../../sources/input.ts";
import { closeDatabase, openDatabase } from "../../store/database.ts";
import {
  exportReviews,
  importReviews,
  listReviews,
  type Review,
  undoReview,
  VERDICTS,
  type Verdict,
} from "../../store/reviews.ts";
import { openExisting } from "../current-list.ts";
import { addDbOption, addExamples, addJsonOption } from "../options.ts";
import { print, printJson, say } from "../output.ts";
import { withFiles } from "../standard-input.ts";
import { formatTable } from "../table.ts";

interface ReviewOptions {
  readonly db: string;
  readonly reason?: string;
  readonly reviewer?: string;
  readonly json?: boolean;
}

interface Request {
  readonly edition: Edition;
  readonly words: readonly string[];
  readonly options: ReviewOptions;
}

const ACTIONS: Readonly<Record<string, (request: Request) => Promise<void>>> = {
  add,
  list,
  undo,
  import: importFile,
  export: exportFile,
};

export function addReviewCommand(program: Command): void {
  const command = program
    .command("review <code>")
    .description("Allow or deny entries of an edition; every later build obeys.")
    .addArgument(new Argument("<action>", "what to do").choices(Object.keys(ACTIONS)))
    .argument("[words...]", "what the action is about")
    .option("--reason <text>", "with add: why")
    .option("--reviewer <name>", "who decides (default: the user's name)")
    .action((code: string, action: string, words: string[], options: ReviewOptions) =>
      ACTIONS[action]!({ edition: getEdition(code), words, options }),
    );
  addDbOption(command);
  addJsonOption(command);
  command.addHelpText(
    "after",
    `
Actions:
  add ENTRY allow|deny --reason R   decide about an entry
  list                              all decisions, those undone included
  undo ID                           take a decision back
  import FILE                       add decisions from JSON lines (- is standard input)
  export FILE                       write the decisions that hold as JSON lines`,
  );
  addExamples(
    command,
    "worldmeta review ltg add colspan deny --reason 'residue of a table'",
    "worldmeta review ltg add Rēzekne allow --reason 'a city in many captions'",
    "worldmeta review ltg list",
    "worldmeta review ltg undo 2",
    "worldmeta review ltg export reviews-ltg.jsonl",
  );
}

function reviewerOf({ reviewer }: ReviewOptions): string {
  return reviewer ?? userInfo().username;
}

/** The words of an action, of which there must be just as many as it takes. */
function take(words: readonly string[], ...names: readonly string[]): string[] {
  if (words.length !== names.length) {
    throw new UsageError(`give ${names.length === 0 ? "nothing more" : names.join(" ")}; see worldmeta review --help`);
  }
  return [...words];
}

async function add({ edition, words, options }: Request): Promise<void> {
  const [asked = "", verdict = ""] = take(words, "ENTRY", "allow|deny");
  if (!(VERDICTS as readonly string[]).includes(verdict)) {
    throw new UsageError(`a verdict is allow or deny, not "${verdict}"`);
  }
  const { reason } = options;
  if (reason === undefined || reason.trim() === "") throw new UsageError("say why with --reason");
  const db = openDatabase(options.db);
  try {
    const review = decide(db, edition, {
      ...{ text: asked, verdict: verdict as Verdict, reason, reviewer: reviewerOf(options) },
    });
    if (options.json) await printJson(review);
    else await print(formatReviews([review]));
    say(
      `the next build of ${edition.code} obeys; take it back with: worldmeta review ${edition.code} undo ${review.id}`,
    );
  } finally {
    closeDatabase(db);
  }
}

async function list({ edition, words, options }: Request): Promise<void> {
  take(words);
  const db = openDatabase(options.db, { readonly: true });
  try {
    const reviews = listReviews(db, edition.code);
    if (options.json) await printJson(reviews);
    else await print(reviews.length === 0 ? `no reviews of ${edition.code} yet\n` : formatReviews(reviews));
  } finally {
    closeDatabase(db);
  }
}

async function undo({ edition, words, options }: Request): Promise<void> {
  const id = Number(take(words, "ID")[0]);
  if (!Number.isSafeInteger(id)) throw new UsageError("an ID is a whole number; see worldmeta review CODE list");
  const db = openExisting(options.db);
  try {
    const review = undoReview(db, id, { edition: edition.code, by: reviewerOf(options) });
    if (options.json) await printJson(review);
    else await print(formatReviews([review]));
  } finally {
    closeDatabase(db);
  }
}

async function importFile({ edition, words, options }: Request): Promise<void> {
  const [file = ""] = take(words, "FILE");
  await withFiles([file], async ([path]) => {
    const lines: string[] = [];
    const decoder = new TextDecoder();
    for await (const line of readLines(path!)) lines.push(decoder.decode(line));
    const db = openDatabase(options.db);
    try {
      const { added, known } = importReviews(db, edition.code, { lines, file });
      say(`${edition.code}: ${added} decisions added, ${known} known before`);
    } finally {
      closeDatabase(db);
    }
  });
}

async function exportFile({ edition, words, options }: Request): Promise<void> {
  const [file = ""] = take(words, "FILE");
  const db = openDatabase(options.db, { readonly: true });
  try {
    const lines = [...exportReviews(db, edition.code)].map((line) => `${line}\n`);
    if (file === "-") await print(lines.join(""));
    else await writeAtomically(file, lines);
    say(`${edition.code}: ${lines.length} decisions`);
  } finally {
    closeDatabase(db);
  }
}

function formatReviews(reviews: readonly Review[]): string {
  return formatTable(
    [
      { title: "id", align: "right" },
      ...["entry", "verdict", "reason", "reviewer", "time", "undone"].map((title) => ({ title })),
    ],
    reviews.map(({ id, text, verdict, reason, reviewer, time, undoneTime, undoneBy }) => [
      ...[id, text, verdict, reason, reviewer, time],
      undoneTime === undefined ? "" : `${undoneTime} by ${undoneBy}`,
    ]),
  );
}

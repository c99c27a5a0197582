import { type Command, InvalidArgumentError, Option } from "commander";
import { serve } from "../../service/serve.ts";
import { addDbOption, addExamples, addWorkOptions, parseCount } from "../options.ts";
import { say } from "../output.ts";

interface ServeCommandOptions {
  readonly db: string;
  readonly host: string;
  readonly port: number;
  readonly inputs: string;
  readonly exports?: string;
  readonly readOnly?: boolean;
  readonly jobs: number;
  readonly timeLimit: number;
  readonly logLevel: string;
  readonly threads: number;
  readonly memory: number;
}

const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"];

function parsePort(value: string): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError("give a port from 0 (any that is free) to 65535.");
  return port;
}

export function addServeCommand(program: Command): void {
  const command = program
    .command("serve")
    .description(
      "Serve the database over HTTP: lists, counts, thresholds and reviews for programs and curators, and jobs that build, " +
        "count and export. Changes take the token of the environment variable WORLDMETA_TOKEN, or of DB.work/token.",
    )
    .option(
      "--host <address>",
      "address to listen at; others than this machine's own need the token for everything",
      "127.0.0.1",
    )
    .option("--port <n>", "port to listen at", parsePort, 8080)
    .option("--inputs <dir>", "folder of the dumps, wordnets, pageviews and captions that jobs may read", "dumps")
    .option("--exports <dir>", "folder for what jobs export (default: DB.exports)")
    .option("--read-only", "change nothing and run no jobs; several such services may share a database")
    .option("--jobs <n>", "jobs to run at a time", parseCount, 1)
    .option("--time-limit <seconds>", "how long an answer may take", parseCount, 10)
    .addOption(
      new Option("--log-level <level>", "what to log, as JSON lines on standard error")
        .choices(LOG_LEVELS)
        .default("info"),
    )
    .action(run);
  addDbOption(command);
  addWorkOptions(command);
  addExamples(
    command,
    "worldmeta serve",
    "worldmeta serve --port 9000 --inputs /data/wikimedia",
    "WORLDMETA_TOKEN=$(cat token) worldmeta serve --host 0.0.0.0",
    "curl 'http://127.0.0.1:8080/api/editions/ja/entries?q=東京&limit=5'",
    'curl -X POST -H "Authorization: Bearer $(cat db/worldmeta.sqlite.work/token)" -H \'Content-Type: application/json\' \\\n      -d \'{"editions":["ltg"],"dumps":["ltgwiki.xml.bz2"]}\' http://127.0.0.1:8080/api/jobs/build',
  );
}

async function run(options: ServeCommandOptions): Promise<void> {
  const { readOnly, ...given } = options;
  const token = process.env.WORLDMETA_TOKEN;
  const service = await serve({
    ...{ ...given, readonly: readOnly ?? false, onNote: say },
    token: token === "" ? undefined : token,
  });
  say(`serving ${options.db} at ${service.url} (documentation: ${service.url}/docs); Ctrl+C stops it`);
  if (service.tokenFile !== undefined) say(`changes take the token in ${service.tokenFile}`);
  await new Promise<void>((resolve, reject) => {
    let isStopping = false;
    const stop = () => {
      // Whoever asks twice does not want to wait.
      if (isStopping) process.exit(1);
      isStopping = true;
      say("stopping: requests that run may end, jobs can go on later");
      service.close().then(resolve, reject);
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.removeAllListeners(signal);
      process.on(signal, stop);
    }
  });
}

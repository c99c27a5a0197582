/** Programs that ours are compared with, as processes that answer each line with a line of JSON. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface LinePeer<Answer> {
  /** The next line that it prints. */
  answer(): Promise<Answer>;
  /** Sends a line; what it answers. */
  ask(request: string): Promise<Answer>;
  end(): Promise<void>;
}

/** Starts a program; if it fails, whoever waits for it is told with what it said last. */
export function startLinePeer<Answer>(
  name: string,
  [command, ...args]: readonly [string, ...string[]],
): LinePeer<Answer> {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said = (said + chunk).slice(-2000);
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      const last = said.trim().split("\n").at(-1);
      if (code === 0) resolve();
      else reject(new Error(`${name} ended with ${code}: ${last}`));
    });
  });
  // Whoever asks next is told; until then it is nobody's failure.
  ended.catch(() => {});
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) await ended;
    return JSON.parse(value ?? "{}") as Answer;
  };
  return {
    answer,
    ask(request) {
      child.stdin.write(`${request}\n`);
      return answer();
    },
    async end() {
      child.stdin.end();
      await ended;
    },
  };
}

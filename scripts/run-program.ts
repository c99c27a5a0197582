/** Programs that scripts run and measure. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** How often the memory of a program is looked at. */
const POLL_MILLISECONDS = 50;

/** The most memory that a process has held so far, in bytes. */
function readPeak(pid: number | undefined): number | undefined {
  try {
    const kilobytes = /^VmHWM:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}

/** Runs a program without its output; its seconds and its memory in bytes. Throws, with what it said last, if it fails. */
export async function runProgram(
  command: string,
  args: readonly string[],
): Promise<{ seconds: number; peak: number | undefined }> {
  const start = performance.now();
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
  let peak: number | undefined;
  let said = "";
  child.stderr.on("data", (chunk) => {
    said = (said + chunk).slice(-2000);
  });
  const timer = setInterval(() => {
    peak = readPeak(child.pid) ?? peak;
  }, POLL_MILLISECONDS);
  try {
    const status = await new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => resolve(code ?? signal));
    });
    if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}: ${said.trim()}`);
  } finally {
    clearInterval(timer);
  }
  return { seconds: (performance.now() - start) / 1000, peak };
}

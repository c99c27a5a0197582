/** Programs that scripts run and measure. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** How often the memory and the time of a program are looked at. */
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

/** Ticks a second in which Linux tells processes' time to programs (proc(5)); the same on all its usual machines. */
const TICKS = 100;

/** Seconds of all processors together that a process has taken so far. */
function readProcessorTime(pid: number | undefined): number | undefined {
  try {
    // The name in parentheses may hold spaces; fields 14 and 15 are the 12th and 13th after it.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
    const ticks = Number(fields[11]) + Number(fields[12]);
    return ticks > 0 ? ticks / TICKS : undefined;
  } catch {
    return undefined;
  }
}

/** What a program took. */
export interface ProgramRun {
  readonly seconds: number;
  /** The most memory that it held, in bytes; undefined where the system does not tell. */
  readonly peak: number | undefined;
  /** Seconds of all processors together; undefined where the system does not tell. */
  readonly processor: number | undefined;
}

/** Runs a program without its output. Throws, with what it said last, if it fails. */
export async function runProgram(command: string, args: readonly string[]): Promise<ProgramRun> {
  const start = performance.now();
  const child = spawn(command, args, { stdio: ["ignore", "ignore", "pipe"] });
  let peak: number | undefined;
  let processor: number | undefined;
  let said = "";
  child.stderr.on("data", (chunk) => {
    said = (said + chunk).slice(-2000);
  });
  const timer = setInterval(() => {
    peak = readPeak(child.pid) ?? peak;
    processor = readProcessorTime(child.pid) ?? processor;
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
  return { seconds: (performance.now() - start) / 1000, peak, processor };
}

/** Shows progress on standard error: a bar with rate and time left on a terminal, a plain line now and then elsewhere. */
import cliProgress from "cli-progress";
import type { OnProgress } from "../progress.ts";
import { formatBytes } from "./table.ts";

const LINE_EVERY_MS = 10_000;

export interface ProgressBar {
  readonly onProgress: OnProgress;
  /** Leave the bar; what is written after it begins on a line of its own. */
  stop(): void;
}

/** A bar on a terminal, plain lines every ten seconds elsewhere; one stage after the other. */
export function createProgressBar(stream: NodeJS.WriteStream = process.stderr): ProgressBar {
  let stage = "";
  let done = 0;
  let started = 0;
  let lastLine = 0;
  let bar: cliProgress.SingleBar | undefined;

  const finish = () => {
    bar?.stop();
    bar = undefined;
    stage = "";
  };
  const begin = (name: string, total: number) => {
    finish();
    stage = name;
    done = 0;
    started = Date.now();
    lastLine = started;
    if (!stream.isTTY) return;
    bar = new cliProgress.SingleBar({
      stream,
      clearOnComplete: true,
      hideCursor: true,
      format: `${name} {bar} {percentage}% · {rate}/s · {eta_formatted} left`,
    });
    bar.start(total, 0, { rate: "0 B" });
  };
  return {
    onProgress(event) {
      if (event.stage !== stage) begin(event.stage, event.total);
      done = Math.min(event.total, done + event.bytes);
      const now = Date.now();
      const seconds = Math.max(0.001, (now - started) / 1000);
      const rate = done / seconds;
      bar?.update(done, { rate: formatBytes(rate) });
      if (bar !== undefined || now - lastLine < LINE_EVERY_MS) return;
      lastLine = now;
      const left = rate > 0 ? Math.round((event.total - done) / rate) : 0;
      const share = event.total > 0 ? Math.round((100 * done) / event.total) : 100;
      stream.write(
        `${stage}: ${share} % of ${formatBytes(event.total)}, ${formatBytes(rate)}/s, about ${left} s left\n`,
      );
    },
    stop: finish,
  };
}

import { spawnSync } from "node:child_process";

/** The program of a browser; undefined if there is none. */
export const BROWSER = ["chromium", "chromium-browser", "google-chrome"].find(
  (name) => spawnSync(name, ["--version"]).status === 0,
);

/** True if there is no browser; says so once, so that a skipped test prints its reason. */
export function lacksBrowser(): boolean {
  if (BROWSER === undefined) console.warn("skipped: no Chromium here to open pages");
  return BROWSER === undefined;
}

/** Options with which the browser prints what a page has become, and what it complains of; nothing leaves the machine. */
export function browserOptions(profile: string): string[] {
  return [
    ...["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", `--user-data-dir=${profile}`],
    ...["--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
    ...["--enable-logging=stderr", "--log-level=0", "--dump-dom"],
  ];
}

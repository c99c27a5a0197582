/** Who may ask for what. */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { makeFolder } from "../files.ts";

/** Names under which only this machine is reached. */
const LOOPBACK = new Set(["localhost", "127.0.0.1", "::1", "[::1]"]);

/** True for an address that only programs on this machine reach. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.has(host) || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/**
 * True if a request names this machine as it is reached from within. A page of somebody else's can make a browser ask for
 * a name of theirs that leads here (DNS rebinding), but that name is then in the request.
 */
export function namesLoopback(host: string | undefined): boolean {
  return host !== undefined && isLoopback(host.toLowerCase().replace(/:\d+$/, ""));
}

/** True if the header of a request bears the token; compares in a time that tells nothing of it. */
export function bearsToken(authorization: string | undefined, token: string): boolean {
  const given = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
  if (given === undefined) return false;
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

/** The token that a file holds; a new one is made for a file that is not there, which only its owner may read. */
export function readToken(path: string): string {
  if (!existsSync(path)) {
    makeFolder(dirname(path));
    writeFileSync(path, `${randomBytes(24).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
  }
  return readFileSync(path, "utf8").trim();
}

/** Standard output and standard error. */
import { once } from "node:events";

/** Write to standard output, waiting while the reader is slower than we are. */
export async function print(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}

/** Write one JSON document to standard output. */
export async function printJson(value: unknown): Promise<void> {
  await print(`${JSON.stringify(value, null, 2)}\n`);
}

/** Say something to the person on standard error. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Folders that say of themselves what they hold: files that belong together, and `manifest.json` beside them. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { UserError } from "../errors.ts";
import { type NewFile, writeAllAtomically } from "../files.ts";

export const MANIFEST = "manifest.json";
/** Its name in a folder that as a whole is one table: programs that read such folders leave out names with an underscore. */
export const TABLE_MANIFEST = "_manifest.json";

/** A file in a manifest. */
export interface FolderFile {
  /** Below the folder, with `/`. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Of tables. */
  readonly rows?: number;
}

/** What every manifest has. */
export interface FolderManifest<File extends FolderFile = FolderFile> {
  /** What kind of folder it is, and which version of its kind. */
  readonly format: string;
  readonly lists: readonly unknown[];
  readonly files: readonly File[];
}

/** A file to write, with what the manifest says of it beside its size and hash. */
export type FolderPart<File extends FolderFile> = Omit<File, "bytes" | "sha256"> & {
  readonly chunks: Iterable<string | Uint8Array>;
};

/** What is written into a folder. */
export interface NewFolder<File extends FolderFile, Manifest extends FolderManifest<File>> {
  readonly format: Manifest["format"];
  /** In the order in which they are written: one's chunks are taken when those of all before it are. */
  readonly parts: readonly FolderPart<File>[];
  /** Asked when all parts are written. */
  readonly describe: (files: readonly File[]) => Manifest;
}

/**
 * Writes files and their manifest into a folder, all or none, and removes what an earlier folder of this format had
 * besides. Throws `UserError` if it is a file, or a folder that holds anything else.
 */
export async function writeFolder<File extends FolderFile, Manifest extends FolderManifest<File>>(
  directory: string,
  { format, parts, describe }: NewFolder<File, Manifest>,
): Promise<Manifest> {
  const stale = findStale(directory, { format, fresh: new Set([...parts.map(({ path }) => path), MANIFEST]) });
  const files: File[] = [];
  let manifest: Manifest | undefined;
  const written: NewFile[] = parts.map(({ path, chunks, ...rest }) => ({
    path: join(directory, path),
    chunks: measure(chunks, (measured) => files.push({ path, ...measured, ...rest } as unknown as File)),
  }));
  const last = function* () {
    manifest = describe(files);
    yield toLines(manifest);
  };
  await writeAllAtomically([...written, { path: join(directory, MANIFEST), chunks: last() }]);
  for (const path of stale) rmSync(join(directory, path));
  return manifest!;
}

/** A value as indented JSON. */
export function toLines(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Chunks as they are; their size and SHA-256 are told when all are taken. */
function* measure(
  chunks: Iterable<string | Uint8Array>,
  tell: (measured: Pick<FolderFile, "bytes" | "sha256">) => void,
): Generator<string | Uint8Array> {
  const hash = createHash("sha256");
  let bytes = 0;
  for (const chunk of chunks) {
    hash.update(chunk);
    bytes += typeof chunk === "string" ? Buffer.byteLength(chunk) : chunk.length;
    yield chunk;
  }
  tell({ bytes, sha256: hash.digest("hex") });
}

/**
 * Paths of the files below a folder, with `/`, sorted. What is temporary of a run is no file of the folder, nor is what
 * Python leaves beside a module that was imported.
 */
export function listFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((item) => !item.isDirectory() && !/^\..*\.tmp$|\.pyc$/.test(item.name))
    .map((item) => relative(directory, join(item.parentPath, item.name)).replaceAll(sep, "/"))
    .sort();
}

/** Files of an earlier folder of the format that the new one does not have. */
function findStale(
  directory: string,
  { format, fresh }: { readonly format: string; readonly fresh: ReadonlySet<string> },
): string[] {
  if (!existsSync(directory)) return [];
  if (!statSync(directory).isDirectory()) throw new UserError(`${directory} is a file; name a folder`);
  const present = listFiles(directory);
  const manifest = present.length > 0 ? readFolderManifest(directory) : undefined;
  const earlier = new Set(manifest?.format === format ? [MANIFEST, ...manifest.files.map(({ path }) => path)] : []);
  const foreign = present.find((path) => !earlier.has(path));
  if (foreign !== undefined)
    throw new UserError(`${join(directory, foreign)} is no file of an earlier run; name an empty folder`);
  return present.filter((path) => !fresh.has(path));
}

/** What the manifest of a folder is called. */
export function manifestNameOf(directory: string): string {
  return existsSync(join(directory, TABLE_MANIFEST)) ? TABLE_MANIFEST : MANIFEST;
}

/** The manifest of a folder, of any format, by either name; undefined if it has none that can be read. */
export function readFolderManifest(directory: string, name = manifestNameOf(directory)): FolderManifest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(join(directory, name), "utf8"));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof SyntaxError || code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
  const { format, lists, files } = (value ?? {}) as Partial<FolderManifest>;
  const isManifest =
    typeof format === "string" &&
    Array.isArray(lists) &&
    Array.isArray(files) &&
    files.every((file) => typeof file?.path === "string" && typeof file.sha256 === "string");
  return isManifest ? (value as FolderManifest) : undefined;
}

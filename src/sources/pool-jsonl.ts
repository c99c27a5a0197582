/** Pools as JSON lines: one object a line. */
import { UserError } from "../errors.ts";
import type { Problems } from "../problems.ts";
import { createLineScanner } from "./json-line.ts";
import { findFields, listNames, quote } from "./pool-fields.ts";
import {
  type ByteRange,
  decodeLine,
  emptyPool,
  makeRow,
  type OpenPool,
  type PoolFields,
  type PoolHead,
  type PoolKind,
  type PoolLayout,
  type RawRow,
} from "./pool-kind.ts";
import { readOwnRows } from "./pool-lines.ts";

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * One JSON object a line. A field is named by its key or by the path to it (`a.b`, `list.0.text`). A text may be an array
 * of strings; rows with `text` and rows with `texts` may stand in the same file. Fields are looked for in all of the first
 * lines, since a row may leave out what it has not.
 */
export const JSONL: PoolKind = {
  format: "jsonl",
  // A first line that is damaged is still JSON if it begins like an object's.
  matches: ({ firstLine = "" }) =>
    parseObject(firstLine) !== undefined || /^\s*\{\s*"(?:[^"\\]|\\.)*"\s*:/.test(firstLine),
  open,
};

function open(head: PoolHead, given: PoolFields): OpenPool {
  const rows = head.lines.map(parseObject).filter((row) => row !== undefined);
  if (rows.length === 0 && head.firstLine !== undefined) {
    throw new UserError(`${head.name}: none of its first lines is a JSON object; it begins ${quote(head.firstLine)}`);
  }
  if (rows.length === 0) return emptyPool(given);
  const names = [...new Set(rows.flatMap((row) => listPaths(row)))];
  const fields = findFields(head, given, {
    names,
    has: (name) => rows.some((row) => createGetter(name)(row) !== undefined),
    describe: `the first lines have ${listNames(names)}`,
  });
  const getters = {
    id: createGetter(fields.id ?? "id"),
    lang: createGetter(fields.lang ?? "lang"),
    url: createGetter(fields.url ?? "url"),
    text: createGetter(fields.text),
  };
  const others = given.text === undefined ? OTHER_NAMES[fields.text] : undefined;
  const getText = others === undefined ? getters.text : (row: JsonObject) => getters.text(row) ?? row[others];

  const scan = createFieldScanner(fields, others);
  return {
    fields,
    async *read(options) {
      const { problems } = options;
      let line = 0;
      const where = () => `${head.name}: line ${line}`;
      for await (const group of readOwnRows(head, options)) {
        const rows = [];
        for (const range of group.rows) {
          line = range.line;
          const raw = scan?.(range) ?? parse(range, problems, where);
          if (raw !== undefined) rows.push(makeRow(raw, problems, where));
        }
        yield { piece: group.piece, rows };
      }
    },
  };

  function parse(range: ByteRange, problems: Problems, where: () => string): RawRow | undefined {
    const json = decodeLine(range, problems, where);
    const row = parseObject(json);
    if (row === undefined) {
      if (/\S/.test(json)) problems.add("E501", where());
      return undefined;
    }
    const own = getters.id(row);
    return {
      id: exactNumber(own, json, fields.id ?? "id"),
      numericId: typeof own === "number",
      url: getters.url(row),
      lang: getters.lang(row),
      text: getText(row),
    };
  }
}

/**
 * What takes the fields of a plain line from its bytes, and gives nothing of others, which have to be parsed; undefined if a
 * field is named by a path.
 */
function createFieldScanner(
  { text, id = "id", lang = "lang", url = "url" }: PoolLayout["fields"] & { readonly text: string },
  other: string | undefined,
): ((range: ByteRange) => RawRow | undefined) | undefined {
  const names = [text, id, lang, url, ...(other === undefined ? [] : [other])];
  if (names.some((name) => name.includes("."))) return undefined;
  const keys = [...new Set(names)];
  const scanner = createLineScanner(keys);
  const [textAt, idAt, langAt, urlAt, otherAt] = names.map((name) => keys.indexOf(name));
  return ({ source, from, to }) => {
    const values = scanner.scan(source, from, to);
    if (values === false) return undefined;
    const own = values[idAt!];
    return {
      id: own,
      numericId: typeof own === "number",
      url: values[urlAt!],
      lang: values[langAt!],
      text: values[textAt!] ?? (otherAt === undefined ? undefined : values[otherAt]),
    };
  };
}

/** The two names of the house's own format: a row may have either. */
const OTHER_NAMES: Readonly<Record<string, string>> = { text: "texts", texts: "text" };

function parseObject(line: string): JsonObject | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** What a row has under a key of that name or, if it has none, under a path of keys with dots between. */
function createGetter(name: string): (row: JsonObject) => unknown {
  const path = name.split(".");
  const getNested = (row: JsonObject) => {
    let value: unknown = row;
    for (const key of path) {
      if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
      value = (value as JsonObject)[key];
    }
    return value;
  };
  if (path.length === 1) return (row) => (Object.hasOwn(row, name) ? row[name] : undefined);
  return (row) => (Object.hasOwn(row, name) ? row[name] : getNested(row));
}

/** Keys deep enough to find a text; deeper ones can be given but are not listed. */
const LISTED_DEPTH = 3;

/** The names of a row's fields, those of objects within it by their paths. */
function listPaths(row: JsonObject, prefix = "", depth = 1): string[] {
  return Object.entries(row).flatMap(([key, value]) => {
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject && depth < LISTED_DEPTH
      ? listPaths(value as JsonObject, `${prefix}${key}.`, depth + 1)
      : [prefix + key];
  });
}

/** A whole number that JavaScript cannot hold exactly, as ids of 64 bits may be, as it is written in the line. */
function exactNumber(value: unknown, json: string, name: string): unknown {
  if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
  const key = JSON.stringify(name.slice(name.lastIndexOf(".") + 1)).replace(/[$()*+.?[\\\]^{|}]/g, "\\$&");
  for (const [, digits] of json.matchAll(new RegExp(`${key}\\s*:\\s*(-?\\d+)(?![.\\deE])`, "g"))) {
    if (Number(digits) === value) return digits;
  }
  return value;
}

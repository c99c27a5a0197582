import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLineScanner } from "../src/sources/json-line.ts";

const KEYS = ["text", "id", "é"];
const scanner = createLineScanner(KEYS);

/** What the scanner takes of a line that stands between others. */
function scan(line: string | Uint8Array) {
  const bytes = Buffer.from(line);
  const source = Buffer.concat([Buffer.from('"}'), bytes, Buffer.from('{"text":"x"}')]);
  const values = scanner.scan(source, 2, 2 + bytes.length);
  return values === false ? values : [...values];
}

/** What a line holds, by `JSON.parse`; undefined if it is no object. */
function parse(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

/** The scanner may decline any line; what it takes must be what the line holds. */
function check(given: string): boolean {
  // Half a pair cannot be written.
  const line = Buffer.from(given).toString();
  const taken = scan(line);
  if (taken === false) return false;
  const row = parse(line);
  expect(row).toBeDefined();
  expect(taken).toEqual(KEYS.map((key) => (Object.hasOwn(row!, key) ? row![key] : undefined)));
  return true;
}

const keys = fc.oneof(fc.constantFrom(...KEYS, "t\\u0065xt", "tex", "texts", "__proto__", ""), fc.string());
const objects = fc.dictionary(keys, fc.jsonValue({ maxDepth: 3 }), { maxKeys: 6 });
const plain = fc.record(
  {
    text: fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.constant("en")),
    id: fc.oneof(fc.nat(), fc.nat(10 ** 15 - 1), fc.string(), fc.constant(null)),
    é: fc.string(),
    more: fc.jsonValue({ maxDepth: 4 }),
  },
  { requiredKeys: ["text"] },
);

describe("a scanner of JSON lines", () => {
  it("takes what JSON.parse finds", () => {
    let taken = 0;
    const seen = (line: string) => {
      if (check(line)) taken += 1;
    };
    fc.assert(fc.property(objects, (object) => seen(JSON.stringify(object))));
    expect(taken).toBeGreaterThan(10);
  });

  it("takes plain rows, however they are spaced", () => {
    fc.assert(
      fc.property(plain, fc.constantFrom("", " ", "\t"), (row, space) => {
        const line = JSON.stringify(row, null, space).replaceAll("\n", space === "" ? "" : " ");
        expect(check(`${space}${line}${space}`)).toBe(true);
      }),
    );
  });

  it("takes the last of values under one key, and keys of its own alone", () => {
    expect(scan('{"text":"a","id":1,"text":null,"more":{"id":2,"text":"b"}}')).toEqual([null, 1, undefined]);
    expect(scan('{"text":"a\\u0020\\"b\\\\","é":"\\ud83d"}')).toEqual(['a "b\\', undefined, "\ud83d"]);
    expect(scan("{}")).toEqual([undefined, undefined, undefined]);
  });

  it("declines what is not plain", () => {
    const lines = [
      "",
      "  ",
      "[]",
      "1",
      '{"t\\u0065xt":"a"}',
      '{"text":["a"]}',
      '{"text":{}}',
      '{"id":true}',
      '{"id":1.5}',
    ];
    const numbers = ['{"id":-1}', '{"id":1e3}', '{"id":9007199254740993}', '{"id":0123456789}', '{"id":01}'];
    for (const line of [...lines, ...numbers, `{"more":${"[".repeat(40)}${"]".repeat(40)}}`])
      expect(scan(line)).toBe(false);
    expect(scan(Buffer.from('{"text":"caf\xe9"}', "latin1"))).toBe(false);
    expect(scan(Buffer.from('{"text":"a","more":"caf\xe9"}', "latin1"))).toBe(false);
  });

  it("takes nothing of damaged lines that JSON.parse refuses", () => {
    const damaged = fc.tuple(
      fc.oneof(objects, plain),
      fc.nat(),
      fc.constantFrom("", '"', "\\", ",", "}", "0", "\n", "e"),
    );
    fc.assert(
      fc.property(damaged, ([row, at, mark]) => {
        const line = JSON.stringify(row);
        const place = at % (line.length + 1);
        check(line.slice(0, place) + mark + line.slice(place));
        check(line.slice(0, place) + mark + line.slice(place + 1));
        check(line.slice(0, place));
      }),
      { numRuns: 1000 },
    );
  });
});

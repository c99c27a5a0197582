import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { type TSchema, Type } from "typebox";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { bearsToken, isLoopback, namesLoopback, readToken } from "../src/service/access.ts";
import { createMemory } from "../src/service/memory.ts";
import { pathOf } from "../src/service/resources/paths.ts";
import { listOf, object, oneOf } from "../src/service/schemas.ts";
import { compileValidator } from "../src/service/validation.ts";
import { type Database, openDatabase } from "../src/store/database.ts";
import { makeFolder } from "./run-cli.ts";

let folder = "";
beforeEach(() => {
  folder = makeFolder();
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("the memory of a thread", () => {
  let writer: Database;
  let reader: Database;
  beforeEach(() => {
    const path = join(folder, "worldmeta.sqlite");
    writer = openDatabase(path);
    reader = openDatabase(path, { readonly: true });
  });
  afterEach(() => {
    reader.close();
    writer.close();
  });

  let made = 0;
  const change = () =>
    writer.prepare("INSERT INTO pool (name, created, settings) VALUES (?, 'now', '{}')").run(`pool ${++made}`);

  test("keeps what follows from builds, and what is so now until another connection changes the database", () => {
    const memory = createMemory(reader);
    let calls = 0;
    const next = () => ++calls;
    expect([memory.ofBuilds("a", next), memory.ofNow("a", next), memory.ofNow("b", next)]).toEqual([1, 2, 3]);
    expect([memory.ofBuilds("a", next), memory.ofNow("a", next), memory.ofNow("b", next)]).toEqual([1, 2, 3]);
    change();
    expect([memory.ofBuilds("a", next), memory.ofNow("b", next), memory.ofNow("a", next)]).toEqual([1, 4, 5]);
    expect([memory.ofBuilds("a", next), memory.ofNow("b", next), memory.ofNow("a", next)]).toEqual([1, 4, 5]);
  });

  test("makes again what changed while it was made, and what could not be made", () => {
    const memory = createMemory(reader);
    const count = reader.prepare<[], number>("SELECT count(*) FROM pool").pluck();
    const countThenChange = () => {
      const before = count.get();
      change();
      return before;
    };
    expect(memory.ofNow("pools", countThenChange)).toBe(0);
    expect(memory.ofNow("pools", () => count.get())).toBe(1);
    const fail = () => {
      throw new Error("not now");
    };
    for (const recall of [memory.ofNow, memory.ofBuilds]) {
      expect(() => recall("new", fail)).toThrow("not now");
      expect(recall("new", () => undefined)).toBeUndefined();
      expect(recall("new", fail)).toBeUndefined();
    }
  });

  test("holds so many answers of each kind, and drops the one asked for longest ago", () => {
    const step = fc.oneof(
      { weight: 20, arbitrary: fc.record({ kind: fc.constantFrom("ofBuilds", "ofNow"), key: fc.nat(6).map(String) }) },
      { weight: 1, arbitrary: fc.constant("change" as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 5 }), (steps, size) => {
        const memory = createMemory(reader, size);
        // The twin: keys with their answers, the latest last.
        const kept: Record<string, [key: string, value: number][]> = { ofBuilds: [], ofNow: [] };
        for (const [place, one] of steps.entries()) {
          if (one === "change") {
            change();
            kept.ofNow = [];
            continue;
          }
          const { kind, key } = one;
          const value = kept[kind]!.find(([name]) => name === key)?.[1] ?? place;
          kept[kind] = [...kept[kind]!.filter(([name]) => name !== key), [key, value] as [string, number]].slice(-size);
          expect(memory[kind as "ofBuilds" | "ofNow"](key, () => place)).toBe(value);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("what a request brings", () => {
  const schema = object({
    whole: Type.Optional(Type.Integer()),
    some: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    number: Type.Optional(Type.Number()),
    flag: Type.Optional(Type.Boolean()),
    text: Type.Optional(Type.String({ minLength: 1 })),
    numbers: Type.Optional(listOf(Type.Integer())),
    texts: Type.Optional(listOf(Type.String())),
    sort: Type.Optional(oneOf(["id", "count"])),
  });
  const check = (given: unknown, httpPart = "querystring", of: TSchema = schema): unknown => {
    const answer = compileValidator({ schema: of, httpPart, method: "GET", url: "/" })(given);
    const { value, error } = answer as { readonly value?: unknown; readonly error?: Error };
    if (error !== undefined) throw error;
    return value;
  };

  test.each([
    ["1", 1],
    ["-1", -1],
    ["0", 0],
    ["007", 7],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
  ])("%j is the whole number %d", (given, value) => {
    expect(check({ whole: given })).toEqual({ whole: value });
  });

  test.each(["1.5", "1.0", "abc", "1e3", "+1", "", " 1", "1 ", "0x10", "١", "12345678901234567", "9007199254740993"])(
    "%j is no whole number",
    (given) => {
      expect(() => check({ whole: given })).toThrow("whole in the query must be integer");
    },
  );

  test("whole numbers are those that come back as they are written", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(check({ whole: String(value) })).toEqual({ whole: value });
      }),
    );
  });

  test.each([
    ["1.5", 1.5],
    ["-.5", -0.5],
    ["3.", 3],
    ["1e3", 1000],
    ["+2E-2", 0.02],
  ])("%j is the number %d", (given, value) => {
    expect(check({ number: given })).toEqual({ number: value });
  });

  test.each(["abc", "", ".", "1,5", "NaN", "Infinity", "1e", "0x1", "1 2", "1e999"])("%j is no number", (given) => {
    expect(() => check({ number: given })).toThrow("number in the query must be number");
  });

  test("numbers are read as JavaScript writes them", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(check({ number: String(value) })).toEqual({ number: value === 0 ? 0 : value });
      }),
    );
  });

  test("true and false are themselves, and nothing else is", () => {
    expect(check({ flag: "true" })).toEqual({ flag: true });
    expect(check({ flag: "false" })).toEqual({ flag: false });
    for (const given of ["1", "0", "", "TRUE", "yes", ["true", "false"]]) {
      expect(() => check({ flag: given })).toThrow("flag in the query must be boolean");
    }
  });

  test("a list is given once or several times", () => {
    expect(check({ numbers: "1", texts: "1" })).toEqual({ numbers: [1], texts: ["1"] });
    expect(check({ numbers: ["1", "-2"], texts: ["true", "a"] })).toEqual({ numbers: [1, -2], texts: ["true", "a"] });
    expect(() => check({ numbers: ["1", "x"] })).toThrow("numbers/1 in the query must be integer");
    expect(() => check({ whole: ["1", "2"] })).toThrow("whole in the query must be integer");
    expect(() => check({ text: ["a", "b"] })).toThrow("text in the query must be string");
    expect(check({})).toEqual({});
  });

  test("what does not fit is said with the place and what would", () => {
    expect(() => check({ some: "0" })).toThrow("some in the query must be >= 1");
    expect(() => check({ some: "1001" })).toThrow("some in the query must be <= 1000");
    expect(() => check({ sort: "size" })).toThrow(/^sort in the query must .*: id, count$/);
    expect(() => check({ text: "" })).toThrow(/^text in the query must not have fewer than 1 characters$/);
    expect(() => check({}, "params", object({ code: Type.String() }))).toThrow(/^the path must have .*code/);
  });

  test("names that are not known are told, with those that are", () => {
    const known = "whole, some, number, flag, text, numbers, texts, sort";
    expect(() => check({ limt: "1", whole: "x" })).toThrow(`the query does not take limt; it takes ${known}`);
    expect(() => check({ a: "1", b: "2" })).toThrow("the query does not take a, b; it takes");
    expect(() => check({ a: "1" }, "params", object({}))).toThrow("the path does not take a; it takes nothing");
    const names = ["constructor", "toString", "__proto__", "hasOwnProperty"];
    for (const name of names) {
      expect(() => check(Object.fromEntries([[name, "1"]]))).toThrow(`does not take ${name}; it takes`);
    }
    const nested = object({ inner: object({ a: Type.String() }) });
    expect(() => check({ inner: { a: "", b: 1 } }, "body", nested)).toThrow("inner in the body does not take b");
  });

  test("a body stays as it is", () => {
    const body = { whole: 1, number: 0.5, flag: true, numbers: [1, 2], texts: ["1"] };
    expect(check(body, "body")).toBe(body);
    expect(() => check({ whole: "1" }, "body")).toThrow("whole in the body must be integer");
    expect(() => check({ number: "0.5" }, "body")).toThrow("number in the body must be number");
    expect(() => check({ flag: "true" }, "body")).toThrow("flag in the body must be boolean");
    expect(() => check({ numbers: 1 }, "body")).toThrow("numbers in the body must be array");
    for (const given of [null, undefined, "text", [], 5])
      expect(() => check(given, "body")).toThrow(/^the body must be/);
  });
});

describe("this machine", () => {
  test("is reached under its own names and addresses alone", () => {
    for (const host of ["localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]"]) expect(isLoopback(host)).toBe(true);
    const others = ["0.0.0.0", "::", "", "128.0.0.1", "10.0.0.1", "127.0.0", "127.0.0.1.", "1127.0.0.1", "127.0.0.1\n"];
    const names = ["127.0.0.1.evil.example", "evil.example", "localhost.evil.example", "notlocalhost", "127a0a0a1"];
    for (const host of [...others, ...names]) expect([host, isLoopback(host)]).toEqual([host, false]);
  });

  test("is named with any port or none", () => {
    const named = ["localhost", "127.0.0.1", "127.0.0.2", "[::1]"];
    for (const host of named) {
      for (const port of ["", ":80", ":65535"]) expect(namesLoopback(host + port)).toBe(true);
    }
    const others = [undefined, "", ":80", "evil.example", "evil.example:80", "127.0.0.1.evil.example:80", "[::2]:80"];
    const tricks = ["localhost:80:80", "evil.example:localhost", "localhost@evil.example", "localhost:80.evil.example"];
    for (const host of [...others, ...tricks]) expect([host, namesLoopback(host)]).toEqual([host, false]);
  });
});

describe("the token", () => {
  test("is borne by a header that has just it", () => {
    for (const header of ["Bearer secret", "bearer secret", "BEARER  secret"]) {
      expect(bearsToken(header, "secret")).toBe(true);
    }
    const others = [undefined, "", "secret", "Bearer", "Bearer ", "Bearersecret", "Basic secret", "Bearer Secret"];
    const near = [
      "Bearer secre",
      "Bearer secrets",
      "Bearer secret x",
      "Bearer x secret",
      " Bearer secret",
      "Bearer secret\n",
    ];
    for (const header of [...others, ...near]) expect([header, bearsToken(header, "secret")]).toEqual([header, false]);
    expect(bearsToken("Bearer ", "")).toBe(false);
  });

  test("no other is taken", () => {
    const token = fc.stringMatching(/^[\w-]{1,6}$/);
    fc.assert(
      fc.property(token, token, (given, wanted) => {
        expect(bearsToken(`Bearer ${given}`, wanted)).toBe(given === wanted);
      }),
    );
  });

  test("is made once, for its owner alone, and read again", () => {
    const path = join(folder, "new", "folder", "token");
    const token = readToken(path);
    expect(token).toMatch(/^[\w-]{32}$/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, "utf8")).toBe(`${token}\n`);
    expect(readToken(path)).toBe(token);
    expect(readToken(join(folder, "other"))).not.toBe(token);
    writeFileSync(path, "  of my own\r\n");
    expect(readToken(path)).toBe("of my own");
    expect(bearsToken(`Bearer ${token}`, token)).toBe(true);
  });
});

describe("the path of a further page", () => {
  test("has its parameters in their places and the rest behind them", () => {
    const input = { code: "en", q: "a b&c=d", flag: ["fold", "single"], limit: 10, view: undefined };
    expect(pathOf("/api/editions/:code/entries", input, { after: 7 })).toBe(
      "/api/editions/en/entries?q=a+b%26c%3Dd&flag=fold&flag=single&limit=10&after=7",
    );
    expect(pathOf("/api/pools/:name/counts", { name: "a/b? ü#%", min: 0, all: false }, {})).toBe(
      "/api/pools/a%2Fb%3F%20%C3%BC%23%25/counts?min=0&all=false",
    );
    expect(pathOf("/api/jobs", { before: 9, state: "done" }, { before: undefined })).toBe("/api/jobs?state=done");
    expect(pathOf("/api/:a/:b", { a: ":b", b: "$&" }, { b: "$1" })).toBe("/api/%3Ab/%241");
    expect(pathOf("/api/jobs", { ids: [] }, {})).toBe("/api/jobs");
  });

  test("leaves alone what it is given", () => {
    const input = { code: "en", limit: 1 };
    pathOf("/api/:code", input, { code: "de" });
    expect(input).toEqual({ code: "en", limit: 1 });
  });

  test("gives the input back to who parses it", () => {
    const text = fc.oneof(
      fc.string({ unit: "grapheme" }),
      fc.constantFrom("a/b", "ü", "?#&=+%", "日本", " ", "%2F", "😀"),
    );
    // No encoding keeps a client from taking these for steps along the path.
    const segment = text.filter((name) => !["", ".", ".."].includes(name));
    const values = fc.dictionary(
      fc.stringMatching(/^q[a-zA-Z]{0,5}$/),
      fc.oneof(text, fc.constant(undefined), fc.array(text, { minLength: 1, maxLength: 3 })),
    );
    fc.assert(
      fc.property(segment, segment, values, values, (pool, list, input, changes) => {
        const url = new URL(pathOf("/api/pools/:pool/lists/:list", { pool, list, ...input }, changes), "http://host");
        expect(url.pathname.split("/").map(decodeURIComponent)).toEqual(["", "api", "pools", pool, "lists", list]);
        expect(url.hash).toBe("");
        const wanted = Object.entries({ ...input, ...changes }).filter(([, value]) => value !== undefined);
        expect(new Set(url.searchParams.keys())).toEqual(new Set(wanted.map(([name]) => name)));
        for (const [name, value] of wanted) expect(url.searchParams.getAll(name)).toEqual([value].flat());
      }),
    );
  });
});

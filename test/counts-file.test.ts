import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { zipSync } from "fflate";
import { afterAll, describe, expect, it } from "vitest";
import { UserError } from "../src/errors.ts";
import { type NpyType, npyChunks, npzChunks } from "../src/export/npy.ts";
import { readCountsFile } from "../src/sources/counts-file.ts";
import { lacksNumpy, runPython } from "./python.ts";
import { makeFolder } from "./run-cli.ts";

const folder = makeFolder();
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function save(content: string | Uint8Array, name = `counts-${files++}`): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

/** What a file holds, as plain values. */
async function read(content: string | Uint8Array): Promise<unknown[]> {
  const groups = await readCountsFile(save(content));
  return groups.map(({ group, counts, entries }) => [group, [...counts], ...(entries === undefined ? [] : [entries])]);
}

async function complaintOf(content: string | Uint8Array): Promise<string> {
  const path = save(content);
  const error = await readCountsFile(path).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(UserError);
  const { message } = error as UserError;
  expect(message).not.toContain("\n");
  expect(message.startsWith(path)).toBe(true);
  return message.slice(path.length);
}

const npy = (values: ArrayLike<number>, type: NpyType) => Buffer.concat([...npyChunks(values, type)]);
const npz = (arrays: Readonly<Record<string, readonly number[]>>, type: NpyType = "int64") =>
  Buffer.concat([...npzChunks(Object.entries(arrays), type)]);

describe("readCountsFile", () => {
  it("reads each form of JSON", async () => {
    expect(await read("[0, 3, 9007199254740991]")).toEqual([[undefined, [0, 3, Number.MAX_SAFE_INTEGER]]]);
    expect(await read("[]")).toEqual([[undefined, []]]);
    expect(await read('{"la maison": 2, "__proto__": 1}')).toEqual([[undefined, [2, 1], ["la maison", "__proto__"]]]);
    expect(await read('\u{feff}{"en": [1], "zh_min_nan": []}')).toEqual([
      ["en", [1]],
      ["zh_min_nan", []],
    ]);
    expect(await read('{"en": {"the": 5}, "fr": [7]}')).toEqual([
      ["en", [5], ["the"]],
      ["fr", [7]],
    ]);
  });

  it("reads what npy and npz writers write, compressed or not", async () => {
    const counts = [0, 1, 70_000, 120_000_000];
    for (const type of ["int64", "uint64", "float64"] as const) {
      expect(await read(npy(counts, type))).toEqual([[undefined, counts]]);
      expect(await read(gzipSync(npy(counts, type)))).toEqual([[undefined, counts]]);
    }
    expect(await read(npz({ en: counts, other: [] }))).toEqual([
      ["en", counts],
      ["other", []],
    ]);
    expect(await read(zipSync({ "en.npy": [npy(counts, "float64"), { level: 0 }] }))).toEqual([["en", counts]]);
    expect(await read(gzipSync("[1, 2]"))).toEqual([[undefined, [1, 2]]]);
  });

  it("reads back whatever counts are written", async () => {
    const counts = fc.array(fc.maxSafeNat(), { maxLength: 50 });
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.stringMatching(/^[a-z_]{1,12}$/), counts, { minKeys: 1 }), async (groups) => {
        const expected = Object.entries(groups);
        expect(await read(JSON.stringify(groups))).toEqual(expected);
        expect(await read(npz(groups))).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });

  it("names what is wrong in one line", async () => {
    const one = new Uint8Array([1, 2]);
    expect(await complaintOf("[1, -2]")).toBe(
      ": the count at 1 is -2; counts are whole numbers from 0 to 9007199254740991",
    );
    expect(await complaintOf('{"a": 1.5}')).toContain(': the count of "a" is 1.5;');
    expect(await complaintOf('{"en": [null]}')).toContain(": group en: the count at 0 is null;");
    expect(await complaintOf('{"en": {"a": "7"}}')).toContain(': group en: the count of "a" is "7";');
    expect(await complaintOf("[[1, 2], [3, 4]]")).toContain(": the count at 0 is an array;");
    expect(await complaintOf("[9007199254740993]")).toContain(" is 9007199254740992;");
    expect(await complaintOf("[1e400]")).toContain(" is Infinity;");
    expect(await complaintOf('{"a": 1, "en": [1]}')).toContain(": an object of counts and of groups at once;");
    expect(await complaintOf("{}")).toContain(": an empty object;");
    expect(await complaintOf("7")).toContain(": JSON, but no array or object;");
    expect(await complaintOf("[1, 2")).toMatch(/^: neither JSON nor \.npy or \.npz \(/);
    expect(await complaintOf("")).toMatch(/^: neither JSON/);
    expect(await complaintOf(new Uint8Array([0xff, 0xfe, 1]))).toContain(": neither JSON in UTF-8 nor .npy or .npz;");
    expect(await complaintOf(npy([1, -1], "int64"))).toContain(": the count at 1 is -1;");
    expect(await complaintOf(npy([0.5], "float32"))).toContain(": the count at 0 is 0.5;");
    expect(await complaintOf(npy([Number.NaN], "float64"))).toContain(": the count at 0 is NaN;");
    expect(await complaintOf(npy([2 ** 53], "uint64"))).toContain(" is 9007199254740992;");
    expect(await complaintOf(npz({ en: [1], fr: [-1] }))).toContain(": fr.npy: the count at 0 is -1;");
    expect(await complaintOf(zipSync({ "README.txt": one }))).toContain(": README.txt is no .npy array;");
    expect(await complaintOf(zipSync({ "en.npy": one }))).toContain(": en.npy: no .npy array;");
    expect(await complaintOf(zipSync({}))).toContain(": an .npz without arrays;");
  });

  it("names a file that is not there, or a folder", async () => {
    await expect(readCountsFile(join(folder, "none"))).rejects.toThrow("no such file");
    await expect(readCountsFile(folder)).rejects.toThrow("is a folder");
  });

  it("never takes a truncated or damaged array for a whole one", async () => {
    const whole = npy([1, 2, 3], "int64");
    for (let length = 6; length < whole.length; length++)
      expect(await complaintOf(whole.subarray(0, length))).toContain("damaged .npy");
    expect(await complaintOf(Buffer.concat([whole, whole]))).toContain("more is there");
    const zipped = npz({ en: [1, 2, 3] });
    for (let length = 4; length < zipped.length; length++)
      expect(await complaintOf(zipped.subarray(0, length))).toMatch(/damaged \.npz|no \.npy array|damaged \.npy/);
  });
});

describe("npyChunks and npzChunks", () => {
  it("give the same bytes for the same numbers, whatever the time and its zone", () => {
    const before = npz({ en: [1, 2], fr: [3] });
    const zone = process.env.TZ;
    process.env.TZ = "Asia/Tokyo";
    try {
      expect(npz({ en: [1, 2], fr: [3] })).toEqual(before);
    } finally {
      if (zone === undefined) delete process.env.TZ;
      else process.env.TZ = zone;
    }
  });

  it("place numbers at a multiple of 64 bytes", () => {
    for (const length of [0, 1, 9, 100_000])
      expect(npy(new Float64Array(length), "float32").length % 64).toBe((4 * length) % 64);
  });
});

describe.skipIf(lacksNumpy())("NumPy", () => {
  it.each(["int64", "uint64", "float32", "float64"] as const)(
    "reads %s as written, also mapped into memory",
    (type) => {
      const values = Array.from({ length: 100_000 }, (_, at) => at * 7);
      const path = save(npy(values, type), `${type}.npy`);
      const program = `import numpy, sys
for array in (numpy.load(sys.argv[1]), numpy.load(sys.argv[1], mmap_mode="r")):
    print(array.dtype, array.shape, bool((array == numpy.arange(100000, dtype="int64") * 7).all()))`;
      expect(runPython(program, path)).toBe(`${type} (100000,) True\n`.repeat(2));
    },
  );

  it("reads an archive as written", () => {
    const path = save(npz({ en: [0, 2 ** 53 - 1], zh_min_nan: [], 日本: [5] }), "written.npz");
    const program = `import json, numpy, sys
with numpy.load(sys.argv[1]) as arrays:
    print(json.dumps({name: [str(arrays[name].dtype), arrays[name].tolist()] for name in arrays}))`;
    expect(JSON.parse(runPython(program, path))).toEqual({
      ...{ en: ["int64", [0, 2 ** 53 - 1]], zh_min_nan: ["int64", []], 日本: ["int64", [5]] },
    });
  });

  const TYPES = ["i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8"];

  it("writes arrays that are read: every type, both byte orders, every version of the format", async () => {
    const program = `import numpy, sys
for name in sys.argv[2:]:
    for order in "<>":
        for version in ((1, 0), (2, 0), (3, 0)):
            with open(f"{sys.argv[1]}/{name}{ord(order)}{version[0]}.npy", "wb") as file:
                numpy.lib.format.write_array(file, numpy.array([0, 1, 100, 127], dtype=order + name), version)`;
    runPython(program, folder, ...TYPES);
    for (const file of TYPES.flatMap((type) => [601, 602, 603, 621, 622, 623].map((kind) => `${type}${kind}.npy`))) {
      const [group] = await readCountsFile(join(folder, file));
      expect([file, ...(group?.counts ?? [])]).toEqual([file, 0, 1, 100, 127]);
    }
  });

  it("writes archives that are read, stored and deflated", async () => {
    runPython(
      `import numpy, sys
numpy.savez(sys.argv[1] + "/stored.npz", en=numpy.arange(1000), other=numpy.array([3], dtype="uint8"))
numpy.savez_compressed(sys.argv[1] + "/deflated.npz", en=numpy.arange(1000), other=numpy.array([3], dtype="uint8"))`,
      folder,
    );
    for (const file of ["stored.npz", "deflated.npz"]) {
      const groups = await readCountsFile(join(folder, file));
      expect(groups.map(({ group, counts }) => [group, counts.length, counts.at(-1)])).toEqual([
        ["en", 1000, 999],
        ["other", 1, 3],
      ]);
    }
  });

  it.each([
    ["numpy.array([{}, 1], dtype=object)", "an array of Python objects (pickled), which is never read"],
    ["numpy.zeros((2, 2))", "an array of 2 dimensions; counts have one: save array.ravel()"],
    ["numpy.array(5)", "an array of 0 dimensions"],
    ["numpy.array([True])", "an array of type |b1; save whole numbers"],
    ['numpy.array(["a"])', "an array of type <U1"],
    ["numpy.array([1j])", "an array of type <c16"],
    ['numpy.array([(1, 2)], dtype="i4,i4")', "an array of records"],
    ["numpy.array([65504, numpy.inf], dtype='f2')", "the count at 1 is Infinity"],
  ])("writes %s, which is refused", async (array, complaint) => {
    const path = join(folder, "refused.npy");
    runPython(`import numpy, sys; numpy.save(sys.argv[1], ${array})`, path);
    await expect(readCountsFile(path)).rejects.toThrow(complaint);
  });
});

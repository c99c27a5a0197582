import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/**
 * What may import what: each place only from those above it in this list, and from itself. Single files in src/ that
 * everything uses (errors, files, …) come first.
 */
const LAYERS = [
  "languages",
  "src/*",
  "src/kernels",
  "src/text",
  "src/sources",
  "src/dedup",
  "src/lid",
  "src/ngrams",
  "src/matching",
  "src/balancing",
  "src/entries",
  "src/store",
  "src/export",
  "src/curation",
  "src/report",
  "src/engine",
  "src/pipeline.ts",
  "src/service",
  "src/client",
  "scripts",
  "src/cli",
  "src/index.ts",
];

function layerOf(path: string): number {
  const exact = LAYERS.findIndex((layer) => path === layer || path.startsWith(`${layer}/`));
  return exact >= 0 || !/^src\/[^/]+$/.test(path) ? exact : LAYERS.indexOf("src/*");
}

function sourceFiles(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((item) => {
    const path = `${folder}/${item.name}`;
    if (item.isDirectory()) return sourceFiles(path);
    return item.name.endsWith(".ts") ? [path] : [];
  });
}

function importsOf(path: string): string[] {
  const source = readFileSync(join(ROOT, path), "utf8");
  const specifiers = [...source.matchAll(/(?:from|import|import\()\s*"(\.[^"]+)"/g)].map((match) => match[1] ?? "");
  return specifiers.map((specifier) => relative(ROOT, resolve(ROOT, dirname(path), specifier)));
}

describe("imports", () => {
  const files = ["languages", "src", "scripts"].flatMap(sourceFiles);

  it("finds the source files and a layer for each", () => {
    expect(files.length).toBeGreaterThan(40);
    expect(files.filter((file) => layerOf(file) < 0)).toEqual([]);
  });

  it("run one way", () => {
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter((target) => layerOf(target) < 0 || layerOf(target) > layerOf(file))
        .map((target) => `${file} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it("run in the order that docs/architecture.md shows", () => {
    const docs = readFileSync(join(ROOT, "docs/architecture.md"), "utf8");
    const places = [...docs.matchAll(/^\| `([^`]+)`/gm)].map(([, place = ""]) => place.replace(/\/$/, ""));
    const shown = new Set(places.map((place) => LAYERS[layerOf(place)]));
    expect([...shown]).toEqual(LAYERS.filter((layer) => layer !== "src/index.ts"));
  });

  it("do not leave the source folders for tests", () => {
    expect(files.filter((file) => importsOf(file).some((target) => target.startsWith("test/")))).toEqual([]);
  });
});

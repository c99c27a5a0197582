/** The extractors, by the name that `--extractor` takes; each is loaded when it is first asked for. */
import type { Extractor } from "./extractor.ts";

export const EXTRACTOR_NAMES = ["fast", "wtf"] as const;
export type ExtractorName = (typeof EXTRACTOR_NAMES)[number];
export const DEFAULT_EXTRACTOR: ExtractorName = "fast";

const EXTRACTORS: Readonly<Record<ExtractorName, () => Promise<Extractor>>> = {
  fast: async () => (await import("./fast.ts")).createFastExtractor(),
  wtf: async () => (await import("./wtf.ts")).createWtfExtractor(),
};

export function createExtractor(name: ExtractorName = DEFAULT_EXTRACTOR): Promise<Extractor> {
  return EXTRACTORS[name]();
}

/** The extractors, by the name that `--extractor` takes. */
import type { Extractor } from "./extractor.ts";
import { createFastExtractor } from "./fast.ts";
import { createWtfExtractor } from "./wtf.ts";

export const EXTRACTOR_NAMES = ["fast", "wtf"] as const;
export type ExtractorName = (typeof EXTRACTOR_NAMES)[number];
export const DEFAULT_EXTRACTOR: ExtractorName = "fast";

const EXTRACTORS: Readonly<Record<ExtractorName, () => Extractor>> = {
  fast: () => createFastExtractor(),
  wtf: createWtfExtractor,
};

export function createExtractor(name: ExtractorName = DEFAULT_EXTRACTOR): Extractor {
  return EXTRACTORS[name]();
}

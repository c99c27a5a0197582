/* The kernels' door: what the host may call (`machine.ts`). */
import {
  beginPairs,
  beginWords,
  clearCounts,
  closeCounts,
  countLine,
  countText,
  countWords,
  openCounts,
  setLanguage,
  stopReason,
} from "./counts.ts";
import { define, extract, prepare, reset, textAddress } from "./extract.ts";
import { resolveReferences, scanPage } from "./pages.ts";
import { writePairs } from "./pairs.ts";
import { recallWord, tokenCount } from "./waiting.ts";
import { writeWords } from "./word-order.ts";
import { wordCount } from "./word-table.ts";
import { lineEnd } from "./words.ts";

export {
  beginPairs,
  beginWords,
  clearCounts,
  closeCounts,
  countLine,
  countText,
  countWords,
  define,
  extract,
  lineEnd,
  openCounts,
  prepare,
  recallWord,
  reset,
  resolveReferences,
  scanPage,
  setLanguage,
  stopReason,
  textAddress,
  tokenCount,
  wordCount,
  writePairs,
  writeWords,
};

/** The library: what the command line is made of. */
export { apostropheRuleOf } from "../languages/apostrophes.ts";
export * from "../languages/index.ts";
export {
  balanceRow,
  type Decision,
  drawsOf,
  type IdDraws,
  keepAny,
  type MatchedRow,
  nameRow,
} from "./balancing/balance.ts";
export { type CuratedSize, type CuratedSizeInput, estimateCuratedSize } from "./balancing/curated-size.ts";
export { type Draw, type DrawnCaption, HASHES, mergeDraws, NO_DRAW } from "./balancing/draw.ts";
export {
  describeThreshold,
  type GroupThreshold,
  keepProbabilities,
  sayOutOfReach,
  solveGroups,
  solveReferenceThreshold,
  solveThreshold,
  type ThresholdPolicy,
} from "./balancing/threshold.ts";
export { type BuildImpact, type BuildImpactOptions, loadBuildImpact } from "./curation/build-impact.ts";
export { type CaptionQuestion, type ExplainedCaption, explainCaption } from "./curation/explain-caption.ts";
export { listsCounted, listsOfBuilds, listsOfGroups } from "./curation/lists-to-export.ts";
export { loadPoolCounts, type PoolSelection } from "./curation/pool-counts.ts";
export { type Queue, queuesOf } from "./curation/queues.ts";
export type { ThresholdRule } from "./curation/rule.ts";
export { compareThresholds, type SolvedPools, setPoolThresholds, solvePools } from "./curation/thresholds.ts";
export { countEdition } from "./engine/count-edition.ts";
export { type CountPoolOptions, countPool, type FileReport } from "./engine/count-pool.ts";
export { type CuratePoolOptions, type CurationReport, curatePool } from "./engine/curate-pool.ts";
export { type EntryJson, toEntryJson } from "./entries/entry-json.ts";
export { type FlagOptions, flagEntries } from "./entries/flags.ts";
export { createLanguageFinder, type LanguageFinder } from "./entries/other-language.ts";
export {
  canMatch,
  type SelectedEntry,
  type Selection,
  type SelectionInput,
  selectEntries,
} from "./entries/select.ts";
export * from "./entries/types.ts";
export { UsageError, UserError } from "./errors.ts";
export {
  type Balancer,
  type BalancerOptions,
  type CaptionRow,
  openBalancer,
  type RowDecision,
} from "./export/balancer.ts";
export {
  type CuratedGroup,
  type CuratedManifest,
  type CuratedPart,
  type CurationFigures,
  PART_FORMATS,
  type PartFormat,
} from "./export/curated.ts";
export { type ExportedList, exportLists, type ListsExport, type NewList } from "./export/lists.ts";
export { exportMetaclip, type Manifest, type MetaclipExport, type MetaclipList } from "./export/metaclip.ts";
export { npyChunks, npzChunks } from "./export/npy.ts";
export { type Verification, verifyFolder } from "./export/verify.ts";
export { nameList } from "./list-name.ts";
export { type CompiledList, compileList, type ListRule } from "./matching/compile-list.ts";
export { createMatcher, type Matcher, type OnMatches } from "./matching/matcher.ts";
export { matchesCorrected, matchesReference } from "./matching/rules.ts";
export { npmi, pmi } from "./ngrams/pmi.ts";
export { type BuildFigures, type BuildOptions, type BuildReport, buildEditions } from "./pipeline.ts";
export { PROBLEM_CODES, type Problem, Problems } from "./problems.ts";
export { type Profile, type ProfileName, profileOf } from "./profile.ts";
export { type ServeOptions, type Service, serve } from "./service/serve.ts";
export { type GroupCounts, readCountsFile } from "./sources/counts-file.ts";
export { isArticle, readDump } from "./sources/dump.ts";
export { inspectPool, type PoolReading, type PoolRow, readPool } from "./sources/pool.ts";
export { readTextFile } from "./sources/text-file.ts";
export { currentBuild, listBuilds } from "./store/builds.ts";
export { openDatabase } from "./store/database.ts";
export { diffBuilds } from "./store/diff.ts";
export { type EntryOfEdition, findEntry, readEntries, readGroupRows, searchEntries } from "./store/entries.ts";
export { createEntryFinder, type EntryFinder } from "./store/entry-finder.ts";
export { indexBuild, isIndexed, unindexedBuilds } from "./store/entry-index.ts";
export { type EntryPage, type EntryQuery, MATCH_KINDS, SCORES, type Score } from "./store/entry-query.ts";
export { addFileCounts, withdrawFile } from "./store/file-counts.ts";
export {
  findGroupList,
  type GroupList,
  listGroupLists,
  openGroupList,
  readGroupEntries,
} from "./store/group-lists.ts";
export { listsOfPool, readDrawn, readPoolCounts, readSamples } from "./store/pool-counts.ts";
export { createPool, findPool, listPools, poolLabels, type Repeats, removePool } from "./store/pools.ts";
export { listSetAside, type SetAsideSearch } from "./store/set-aside.ts";
export { findThreshold, saveThreshold } from "./store/thresholds.ts";

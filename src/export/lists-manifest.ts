/** What a folder of lists as tables says of itself. */
import type { ThresholdJson } from "../balancing/threshold.ts";
import type { Source } from "../entries/types.ts";
import type { ProfileName } from "../profile.ts";
import type { BuildInput } from "../store/builds.ts";
import type { FolderManifest } from "./folder.ts";
import type { ParquetColumn } from "./parquet.ts";

/** What marks a manifest of lists as tables as ours. */
export const LISTS_FORMAT = "worldmeta-lists-1";

/** What lists are of: an edition, with the ids that it has by itself, or a group, with those that matching uses. */
export type ListKind = "edition" | "group";

/** A list in the manifest. */
export interface ManifestList extends Partial<ThresholdJson> {
  readonly code: string;
  /** SHA-256 that names the list, as `nameList` gives it. */
  readonly list: string;
  readonly editions: readonly string[];
  readonly entries: number;
  /** How many entries each source owns. */
  readonly sources: Readonly<Record<Source, number>>;
}

/** A file that lists were made from. */
export interface ManifestInput extends Omit<BuildInput, "path"> {
  /** Without its folder. */
  readonly file: string;
  readonly editions: readonly string[];
}

/** `manifest.json` of a folder of tables. */
export interface ListsManifest extends FolderManifest {
  readonly format: typeof LISTS_FORMAT;
  readonly profile: ProfileName;
  readonly versions: Readonly<Record<string, string>>;
  readonly kind: ListKind;
  readonly pools: readonly string[];
  readonly lists: readonly ManifestList[];
  readonly inputs: readonly ManifestInput[];
}

/** A column of the tables, and what its values mean. */
export interface DescribedColumn extends ParquetColumn {
  readonly meaning: string;
}

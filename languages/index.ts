/** What is known about languages: the editions of Wikipedia and how to cut their text. */
export type * from "./define.ts";
export {
  type EditionNames,
  editionsOfGroup,
  findEdition,
  getEdition,
  listEditions,
  namesOf,
  tablePath,
  UnknownEditionError,
} from "./editions.ts";
export {
  groupOfLabel,
  groupsNamed,
  LABEL_SCHEMES,
  type LabelScheme,
  labelsOfGroup,
  OTHER,
  otherGroups,
  scriptsOfGroup,
} from "./lid-labels.ts";
export { readRows } from "./rows.ts";
export { loadTokenizer } from "./tokenizers.ts";

/* The door of matching: what its host may call (`src/matching/match-machine.ts`). A module of its own, since its memory is shared. */
import { buildList, cliticsAddress, endsAddress, prepareList } from "./match-builder.ts";
import {
  matchEndsAddress,
  matchesAddress,
  matchSingle,
  matchTexts,
  openRoom,
  roomBytes,
  singleAddress,
  textEndsAddress,
  textsAddress,
  useList,
} from "./match-texts.ts";

export {
  buildList,
  cliticsAddress,
  endsAddress,
  matchEndsAddress,
  matchesAddress,
  matchSingle,
  matchTexts,
  openRoom,
  prepareList,
  roomBytes,
  singleAddress,
  textEndsAddress,
  textsAddress,
  useList,
};

/* First pass: one way through the page, from byte to byte that may begin or end something; leaves the marks. */

import { closeBraces, closeTable, openBraces, scanSemicolon } from "./braces.ts";
import { BAR, CLOSE_BRACE, CLOSE_BRACKET, LESS, LINE_FEED, OPEN_BRACE, OPEN_BRACKET } from "./characters.ts";
import { STRUCTURE } from "./layout.ts";
import { beginLine, beginPage } from "./line-state.ts";
import { closeBracket, endLine, openBracket } from "./links.ts";
import { barOf, kindOf, LINK, setBar, topMark, VARIANT } from "./marks.ts";
import { findMember, get8 } from "./memory.ts";
import { clearTags, scanTag } from "./tags.ts";

export function scan(start: i32, end: i32): void {
  clearTags();
  beginPage(start, end);
  let at = start;
  while (true) {
    at = findMember(at, end, STRUCTURE);
    if (at >= end) return;
    switch (get8(at)) {
      case LINE_FEED: {
        const first = beginLine(at + 1, end);
        endLine(get8(first) === LINE_FEED);
        at = first;
        break;
      }
      case LESS:
        at = scanTag(at, end);
        break;
      case OPEN_BRACKET:
        at = openBracket(at, end);
        break;
      case CLOSE_BRACKET:
        at = closeBracket(at, end);
        break;
      case OPEN_BRACE:
        at = openBraces(at, end);
        break;
      case CLOSE_BRACE:
        at = closeBraces(at, end);
        break;
      case BAR:
        at = scanBar(at, end);
        break;
      default:
        scanSemicolon(at, end);
        at++;
    }
  }
}

/** A bar ends a table, a link's target, a converter's flags, or means nothing. */
function scanBar(at: i32, end: i32): i32 {
  if (get8(at + 1) === CLOSE_BRACE) {
    const after = closeTable(at, end);
    if (after !== 0) return after;
  }
  const mark = topMark();
  if (mark !== 0 && barOf(mark) === 0 && (kindOf(mark) === LINK || kindOf(mark) === VARIANT)) setBar(mark, at);
  return at + 1;
}

/* Second pass: through the page and its marks, writing the text. */
import { addressEnd, addressStart } from "./addresses.ts";
import {
  AMPERSAND,
  APOSTROPHE,
  ASTERISK,
  BAR,
  CLOSE_BRACKET,
  COLON,
  EQUALS,
  EXCLAMATION,
  GREATER,
  HYPHEN,
  isByteOrderMark,
  isWhite,
  LEAD,
  LESS,
  LINE_FEED,
  NEW_LINE,
  NUMBER_SIGN,
  OPEN_BRACE,
  PLAIN,
  SEMICOLON,
  SPACE,
  skipBlanks,
  skipWhite,
  textClass,
  UNDERSCORE,
  WHITE,
  wideSpace,
} from "./characters.ts";
import { readEntity } from "./entities.ts";
import { TEXT_STOPS } from "./layout.ts";
import { endsSite, isFile, protocolEnd } from "./links.ts";
import { magicWordEnd } from "./magic-words.ts";
import {
  BREAK,
  barOf,
  COMMENT,
  CUT,
  endOf,
  endOfMarks,
  firstMark,
  kindOf,
  LINK,
  LITERAL,
  LITERAL_LINES,
  nextMark,
  POEM,
  startOf,
  TABLE,
  TEMPLATE,
  VARIANT,
} from "./marks.ts";
import { findByte, findMemberOrSpaces, get8 } from "./memory.ts";
import { endOutputLine, finishHeading, joinLine, outputLine, writeRun, writeSpace } from "./output.ts";
import { beginQuotes, endQuotes, readQuotes } from "./quotes.ts";

/* What the current source line is. */
/** Nothing stands in it so far; a list marker would count. */
const START: i32 = 0;
/** Nothing stands in it so far, but white space or a tag. */
const INDENTED: i32 = 1;
const PARAGRAPH: i32 = 2;
const ITEM: i32 = 3;
/** A term, before the colon that begins its definition. */
const TERM: i32 = 4;
const HEADING: i32 = 5;

let pageEnd: i32 = 0;
let at: i32 = 0;
/** The next mark, and where it begins. */
let mark: i32 = 0;
let limit: i32 = 0;
let line: i32 = START;
/** Whether the line has held nothing but comments so far. */
let isBare: boolean = true;
/** Up to here line ends are white space: the end of a link. */
let flatEnd: i32 = 0;
/** Up to here each line is a line: the end of a poem. */
let poemEnd: i32 = 0;
/** Where the line of the text began that a heading, should it be none, goes on with. */
let joinTo: i32 = 0;

export function render(start: i32, end: i32): void {
  pageEnd = end;
  at = start;
  line = START;
  isBare = true;
  flatEnd = 0;
  poemEnd = 0;
  beginQuotes();
  moveTo(firstMark());
  while (true) {
    while (at < limit) {
      if (line <= INDENTED) beginSourceLine();
      else renderText();
    }
    if (at >= pageEnd) break;
    const current = mark;
    moveTo(nextMark(mark));
    renderMark(current);
    passMarks();
  }
  endSourceLine();
  endOutputLine();
}

function moveTo(next: i32): void {
  mark = next;
  limit = next < endOfMarks() ? startOf(next) : pageEnd;
}

/** Leaves marks behind that lie before the current place. */
function passMarks(): void {
  while (limit < at && mark < endOfMarks()) moveTo(nextMark(mark));
}

/* Lines */

/** Reads what is at the start of a source line, up to its first character of text. */
function beginSourceLine(): void {
  const c = get8(at);
  if (c === LINE_FEED) {
    if (at < flatEnd) at++;
    else endLineHere();
    return;
  }
  const wide = wideSpace(at);
  if (isWhite(c) || wide !== 0) {
    at += wide === 0 ? 1 : wide;
    line = INDENTED;
    return;
  }
  if (isByteOrderMark(at)) {
    at += 3;
    return;
  }
  isBare = false;
  if (at < flatEnd) {
    line = PARAGRAPH;
    return;
  }
  if (line === START && isMarker(c)) {
    endOutputLine();
    let last = c;
    while (at < limit && isMarker(get8(at))) {
      last = get8(at);
      at++;
    }
    line = last === SEMICOLON ? TERM : ITEM;
  } else if (c === EQUALS) {
    joinTo = outputLine();
    endOutputLine();
    if (joinTo === outputLine()) joinTo = 0;
    line = HEADING;
  } else if (line === START && c === HYPHEN && isRule()) {
    endOutputLine();
    while (at < limit && get8(at) === HYPHEN) at++;
    line = PARAGRAPH;
  } else if (c === BAR || (c === EXCLAMATION && isHeaderRow())) {
    // A row of a table that a template begins.
    endOutputLine();
    skipToLineEnd();
  } else line = PARAGRAPH;
}

function isMarker(c: i32): boolean {
  return c === ASTERISK || c === NUMBER_SIGN || c === COLON || c === SEMICOLON;
}

function isRule(): boolean {
  return get8(at + 1) === HYPHEN && get8(at + 2) === HYPHEN && get8(at + 3) === HYPHEN;
}

/** Whether a line that begins with ! has another sign of a table's row: !! or a bar of its own. */
function isHeaderRow(): boolean {
  const before = at;
  at++;
  let isRow = false;
  const markBefore = mark;
  while (!isRow) {
    while (at < limit && !isRow && get8(at) !== LINE_FEED) {
      const c = get8(at);
      if (c === BAR || (c === EXCLAMATION && get8(at + 1) === EXCLAMATION)) isRow = true;
      at++;
    }
    if (isRow || at < limit || at >= pageEnd) break;
    stepOverMark();
  }
  at = before;
  moveTo(markBefore);
  return isRow;
}

/** Goes to the end of the source line, past what marks span. */
function skipToLineEnd(): void {
  while (at < pageEnd) {
    at = findByte(at, limit, LINE_FEED);
    if (at < limit) return;
    if (at < pageEnd) stepOverMark();
  }
}

/** Goes to the end of the mark at the current place, if it has one. */
function stepOverMark(): void {
  const end = endOf(mark);
  moveTo(nextMark(mark));
  if (end > at) at = end;
  passMarks();
}

/** Reads the line feed at the current place. */
function endLineHere(): void {
  if (at < poemEnd || line <= INDENTED) {
    endSourceLine();
    endOutputLine();
  } else endSourceLine();
  at++;
  line = START;
  isBare = true;
}

/** A source line ends; the line of the text goes on only if it is a paragraph's. */
function endSourceLine(): void {
  endQuotes();
  if (line === HEADING && !finishHeading()) {
    if (joinTo !== 0) joinLine(joinTo);
    line = PARAGRAPH;
  }
  if (line === PARAGRAPH) writeSpace();
  else if (line > INDENTED) endOutputLine();
}

/* Text */

/** Writes text up to the next mark, or to the end of the line. */
function renderText(): void {
  // What is not yet written begins at `from`; it has no white space at its ends and no two spaces together.
  let from = at;
  while (at < limit) {
    const c = get8(at);
    const type = textClass(c);
    if (type === PLAIN) {
      at = findMemberOrSpaces(at + 1, limit, TEXT_STOPS);
      // A space at the end is no part of the run.
      if (get8(at - 1) === SPACE) at--;
    } else if (type === WHITE) {
      if (c === SPACE && at > from && at + 1 < limit && textClass(get8(at + 1)) === PLAIN) {
        at++;
      } else {
        writeRun(from, at);
        writeSpace();
        at++;
        from = at;
      }
    } else if (type === LEAD) {
      const wide = wideSpace(at);
      if (wide !== 0 || isByteOrderMark(at)) {
        writeRun(from, at);
        if (wide !== 0) writeSpace();
        at += wide === 0 ? 3 : wide;
        from = at;
      } else at++;
    } else if (type === NEW_LINE) {
      writeRun(from, at);
      if (at >= flatEnd) {
        endLineHere();
        return;
      }
      writeSpace();
      at++;
      from = at;
    } else {
      from = renderSign(c, from);
    }
  }
  writeRun(from, at);
}

/** Reads ' & _ or : at the current place; returns where what is not yet written begins. */
function renderSign(c: i32, from: i32): i32 {
  if (c === APOSTROPHE) {
    if (get8(at + 1) === APOSTROPHE && at + 1 < limit) {
      writeRun(from, at);
      at = readQuotes(at, limit);
      return at;
    }
  } else if (c === AMPERSAND) {
    writeRun(from, at);
    const start = at;
    const end = readEntity(at, limit);
    at = end === 0 ? at + 1 : end;
    return end === 0 ? start : end;
  } else if (c === UNDERSCORE) {
    const end = magicWordEnd(at, limit);
    if (end !== 0) {
      writeRun(from, at);
      at = end;
      return at;
    }
  } else {
    const start = addressStart(at, from);
    if (start !== 0) {
      const end = addressEnd(at, limit);
      if (end > at) {
        // As <https://example.org/>.
        const isAngled = start > from && get8(start - 1) === LESS && end < limit && get8(end) === GREATER;
        const first = isAngled ? start - 1 : start;
        const isSpaced = first > from && get8(first - 1) === SPACE;
        writeRun(from, isSpaced ? first - 1 : first);
        if (isSpaced) writeSpace();
        at = isAngled ? end + 1 : end;
        return at;
      }
    }
    if (line === TERM && at >= flatEnd) {
      writeRun(from, at);
      endOutputLine();
      line = ITEM;
      at++;
      return at;
    }
  }
  at++;
  return from;
}

/** Writes what stays as it is, but for character references. */
function renderLiteral(end: i32, hasLines: boolean): void {
  let from = at;
  while (at < end) {
    const c = get8(at);
    const wide = wideSpace(at);
    if (isWhite(c) || wide !== 0) {
      writeRun(from, at);
      if (hasLines && c === LINE_FEED) endOutputLine();
      else writeSpace();
      at += wide === 0 ? 1 : wide;
      from = at;
    } else if (isByteOrderMark(at)) {
      writeRun(from, at);
      at += 3;
      from = at;
    } else if (c === AMPERSAND) {
      writeRun(from, at);
      from = at;
      const stop = readEntity(at, end);
      at = stop === 0 ? at + 1 : stop;
      if (stop !== 0) from = at;
    } else at++;
  }
  writeRun(from, at);
}

/* Marks */

function renderMark(current: i32): void {
  const end = endOf(current);
  const kind = kindOf(current);
  if (kind === COMMENT) {
    at = end;
    if (isBare && line <= INDENTED) {
      const next = skipBlanks(at, pageEnd);
      if (get8(next) === LINE_FEED && next < pageEnd) {
        at = next + 1;
        line = START;
      }
    }
    return;
  }
  isBare = false;
  switch (kind) {
    case CUT:
      if (end > at) at = end;
      break;
    case POEM:
      poemEnd = barOf(current);
      breakLine();
      at = end;
      break;
    case BREAK:
      breakLine();
      at = end;
      break;
    case LITERAL:
    case LITERAL_LINES:
      if (end > at) beginInline();
      renderLiteral(end, kind === LITERAL_LINES);
      break;
    case TEMPLATE:
      if (end !== 0) at = end;
      else skipParagraph();
      break;
    case TABLE:
      endSourceLine();
      endOutputLine();
      line = START;
      if (end !== 0) at = end;
      else skipOpenTable();
      break;
    case VARIANT:
      if (end !== 0) at = barOf(current);
      break;
    case LINK:
      renderLink(current, end);
      break;
    default:
      if (end !== 0) renderSite(end);
  }
}

/** A tag ends the line of the text; in links and headings it is white space. */
function breakLine(): void {
  if (at < flatEnd || line === HEADING) writeSpace();
  else endOutputLine();
  if (line === START) line = INDENTED;
}

/** What follows is text and no markup of the line. */
function beginInline(): void {
  if (line <= INDENTED) line = PARAGRAPH;
}

function renderLink(current: i32, end: i32): void {
  const target = at + 2;
  if (end === 0) {
    // A link that does not end: its brackets go, of a file the rest of its line too.
    at = target;
    if (isFile(target, pageEnd)) {
      passMarks();
      skipToLineEnd();
    }
    return;
  }
  const bar = barOf(current);
  at = bar === 0 ? target : bar + 1;
  if (bar === 0) {
    const first = skipWhite(at, end);
    if (get8(first) === COLON) at = first + 1;
  }
  beginInline();
  if (end > flatEnd) flatEnd = end;
}

function renderSite(end: i32): void {
  const first = get8(end - 2) === CLOSE_BRACKET && get8(at + 1) === get8(at) ? skipWhite(at + 2, end) : at + 1;
  at = protocolEnd(first, end);
  while (at < end && !endsSite(at)) at++;
  at = skipWhite(at, end);
  if (get8(at) !== CLOSE_BRACKET) beginInline();
  if (end > flatEnd) flatEnd = end;
}

/** From a template that does not end goes to the end of its paragraph: an empty line or a heading follows. */
function skipParagraph(): void {
  while (true) {
    skipToLineEnd();
    if (at >= pageEnd) return;
    const next = skipBlanks(at + 1, pageEnd);
    if (next >= pageEnd || get8(next) === LINE_FEED || get8(next) === EQUALS) return;
    at = next;
    passMarks();
  }
}

/** From a table that does not end goes to the first line that does not look like one. */
function skipOpenTable(): void {
  let isAfterEmpty = false;
  while (true) {
    skipToLineEnd();
    if (at >= pageEnd) return;
    const next = skipBlanks(at + 1, pageEnd);
    const c = get8(next);
    if (c === EQUALS || (isAfterEmpty && c !== LINE_FEED && c !== BAR && c !== EXCLAMATION && c !== OPEN_BRACE)) {
      at++;
      isBare = true;
      return;
    }
    isAfterEmpty = c === LINE_FEED;
    at = next;
    passMarks();
  }
}

/** Bytes of an HTML page to text: which encoding it is in, by the rules of HTML (section 13.2.3). */
import { isUtf8 } from "node:buffer";

/** A page as text. */
export interface DecodedPage {
  readonly text: string;
  /** True if all bytes mean something in the encoding; those that do not are U+FFFD in the text. */
  readonly isExact: boolean;
}

/** What an encoding is called in HTML: any label, in any case. */
type Label = string;

/**
 * Decodes a page: by its byte order mark, else as the HTTP header says, else as its first `<meta>` or XML declaration that
 * names an encoding, wherever that stands; without any of these as UTF-8 if that is what it is, else as windows-1252.
 *
 * It differs from a browser where the label is wrong. A label by which some bytes mean nothing gives way to the next one by
 * which all do. And bytes that are UTF-8 are read so where they are labelled with an encoding of single bytes (often
 * ISO-8859-1, which servers send for whatever they do not know): a page in one of these hardly ever looks like UTF-8.
 *
 * @param label what the HTTP header says; undefined if it says nothing
 */
export function decodePage(bytes: Buffer, label: Label | undefined): DecodedPage {
  const mark = MARKS.find(([start]) => start.every((byte, i) => bytes[i] === byte));
  if (mark !== undefined) return decode(bytes.subarray(mark[0].length), mark[1]);
  let first: DecodedPage | undefined;
  for (const encoding of listEncodings(bytes, label)) {
    if (first === undefined && SINGLE_BYTES.test(encoding) && isUtf8(bytes)) return decode(bytes, "utf-8");
    const page = decode(bytes, encoding);
    if (page.isExact) return page;
    first ??= page;
  }
  return first ?? decode(bytes, isUtf8(bytes) ? "utf-8" : "windows-1252");
}

const SINGLE_BYTES = /^(?:windows-|iso-8859-|koi8-|macintosh|x-mac-|ibm866)/;

/** The encodings that a page is labelled with; those that it says itself are looked for only if they are asked for. */
function* listEncodings(bytes: Buffer, label: Label | undefined): Generator<string> {
  // UTF-16 can be read from any bytes; markup in it has zeros.
  const isWrong = /^\s*utf-16/i.test(label ?? "") && !bytes.subarray(0, BEGINNING_BYTES).includes(0);
  const header = isWrong ? undefined : encodingOf(label);
  if (header !== undefined) yield header;
  for (const own of findLabels(bytes)) {
    const encoding = encodingOf(own);
    if (encoding !== undefined && encoding !== header) yield encoding;
  }
}

const BEGINNING_BYTES = 256;

/** Byte order marks, and the encodings that they mean. */
const MARKS: readonly (readonly [start: readonly number[], encoding: string])[] = [
  [[0xef, 0xbb, 0xbf], "utf-8"],
  [[0xfe, 0xff], "utf-16be"],
  [[0xff, 0xfe], "utf-16le"],
];

/** What a page says itself: the encoding of its XML declaration, and that of the first `<meta>` that names one. */
function findLabels(bytes: Buffer): Label[] {
  const ascii = bytes.toString("latin1");
  // Half of UTF-16 is zeros where there is markup.
  if (ascii.startsWith("<\0")) return ["utf-16le"];
  if (ascii.startsWith("\0<")) return ["utf-16be"];
  const declared = /^<\?xml\s[^>]{0,200}?\sencoding\s*=\s*["']([^"'>]*)/.exec(ascii)?.[1];
  const meta = findMetaLabel(ascii);
  // In ASCII it cannot be UTF-16 that says so.
  return [meta, declared]
    .filter((label) => label !== undefined)
    .map((label) => label.replace(/^\s*utf-16.*/i, "utf-8"));
}

/** Longest `<meta>` that is looked at. */
const MAX_META = 4096;

function findMetaLabel(html: string): Label | undefined {
  const starts = /<!--|<meta[\s/]/gi;
  for (let found = starts.exec(html); found !== null; found = starts.exec(html)) {
    const isComment = found[0] === "<!--";
    const end = html.indexOf(isComment ? "-->" : ">", found.index + 2);
    if (end < 0) return undefined;
    starts.lastIndex = end;
    if (isComment || end - found.index > MAX_META) continue;
    const label = /[\s"';/]charset\s*=\s*["']?\s*([^\s"';>]+)/i.exec(html.slice(found.index, end + 1))?.[1];
    if (encodingOf(label) !== undefined) return label;
  }
  return undefined;
}

const ENCODINGS = new Map<Label, string | undefined>([["x-user-defined", "windows-1252"]]);

/** The encoding that a label means in HTML; undefined for one that means none, or none that can be read. */
function encodingOf(label: Label | undefined): string | undefined {
  if (label === undefined || label.length > 40) return undefined;
  const key = label.toLowerCase();
  if (!ENCODINGS.has(key)) {
    let encoding: string | undefined;
    try {
      ({ encoding } = new TextDecoder(key));
    } catch {
      encoding = undefined;
    }
    // Labels come from the web: there is no end to what they may be.
    if (encoding === undefined) return undefined;
    ENCODINGS.set(key, encoding);
  }
  return ENCODINGS.get(key);
}

function decode(bytes: Buffer, encoding: string): DecodedPage {
  if (encoding === "windows-1252") return { text: decodeWindows1252(bytes), isExact: true };
  if (encoding === "utf-8" && isUtf8(bytes)) return { text: bytes.toString("utf8"), isExact: true };
  const text = new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes);
  return { text, isExact: !text.includes("\uFFFD") || isExact(bytes, encoding) };
}

/** True if all bytes mean something: U+FFFD may stand in a page itself. */
function isExact(bytes: Buffer, encoding: string): boolean {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Bytes 80 to 9F of windows-1252; some versions of Node decode them as ISO-8859-1. */
const WINDOWS_1252 =
  "\u20AC\x81\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\x8D\u017D\x8F" +
  "\x90\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\x9D\u017E\u0178";

function decodeWindows1252(bytes: Buffer): string {
  return bytes
    .toString("latin1")
    .replace(/[\u0080-\u009F]/g, (character) => WINDOWS_1252[character.charCodeAt(0) - 0x80]!);
}

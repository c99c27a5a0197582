/** Texts of Parquet files. */

/** A text with bytes that are no UTF-8, which have become U+FFFD. */
export class DamagedText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** The text from `from` to `to`. */
export function decodeText(bytes: Buffer, from: number, to: number): string | DamagedText {
  const text = bytes.toString("utf8", from, to);
  // U+FFFD may stand in the file itself; only then are the bytes looked at again.
  return text.includes("\uFFFD") && !Buffer.from(text).equals(bytes.subarray(from, to)) ? new DamagedText(text) : text;
}

/** What JSON holds, or its text where it is none. */
export function decodeJson(bytes: Buffer, from: number, to: number): unknown {
  const text = decodeText(bytes, from, to);
  if (typeof text !== "string") return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

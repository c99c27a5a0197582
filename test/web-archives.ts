/** Web archives for tests. */
import { gzipSync } from "node:zlib";

export interface RecordParts {
  readonly type?: string;
  readonly target?: string;
  readonly contentType?: string;
  readonly block?: string | Uint8Array;
  /** Fields of the header that differ, or come on top. */
  readonly fields?: Readonly<Record<string, string>>;
  readonly version?: string;
}

const PAGE = "http://example.org/a/page.html";

/** A record, with the line ends behind it. */
export function record({
  type = "response",
  target = PAGE,
  block = "",
  version = "1.0",
  ...rest
}: RecordParts): Buffer {
  const bytes = Buffer.from(block);
  const contentType = rest.contentType ?? (type === "response" ? "application/http; msgtype=response" : undefined);
  const fields = {
    "WARC-Type": type,
    ...(target !== "" && { "WARC-Target-URI": target }),
    "WARC-Date": "2026-01-01T00:00:00Z",
    "WARC-Record-ID": "<urn:uuid:00000000-0000-0000-0000-000000000000>",
    ...(contentType !== undefined && { "Content-Type": contentType }),
    "Content-Length": String(bytes.length),
    ...rest.fields,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`WARC/${version}\r\n${lines.join("")}\r\n`), bytes, Buffer.from("\r\n\r\n")]);
}

/** A response of HTTP. */
export function response(body: string | Uint8Array, headers: Readonly<Record<string, string>> = {}): Buffer {
  const lines = Object.entries({ "Content-Type": "text/html", ...headers }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\n${lines.join("")}\r\n`, "latin1"), Buffer.from(body)]);
}

/** A record with a page. */
export function page(html: string | Uint8Array, headers: Readonly<Record<string, string>> = {}, target = PAGE): Buffer {
  return record({ target, block: response(html, headers) });
}

export const WARCINFO = record({
  type: "warcinfo",
  target: "",
  contentType: "application/warc-fields",
  block: "software: x\r\n",
});

export type Link = Readonly<Record<string, unknown>>;

/** The JSON of a WAT record. */
export function watJson(
  links: readonly Link[],
  { base, target = PAGE }: { base?: string; target?: string } = {},
): string {
  return JSON.stringify({
    Container: { Filename: "x.warc.gz", Compressed: true, Offset: "0" },
    Envelope: {
      Format: "WARC/1.0",
      "WARC-Header-Metadata": { "WARC-Target-URI": target, "WARC-Type": "response" },
      "Payload-Metadata": {
        "HTTP-Response-Metadata": {
          Headers: { "Content-Type": "text/html", Base: "none" },
          "HTML-Metadata": {
            Head: { ...(base !== undefined && { Base: base }), Title: 'A "title" with IMG@/src' },
            Links: links,
          },
        },
      },
    },
  });
}

/** A WAT record. */
export function wat(links: readonly Link[], options: { base?: string; target?: string } = {}): Buffer {
  const { target = PAGE } = options;
  return record({ type: "metadata", target, contentType: "application/json", block: watJson(links, options) });
}

/** A gzip member for each record. */
export function toMembers(records: readonly Uint8Array[], level = 6): Buffer {
  return Buffer.concat(records.map((each) => gzipSync(each, { level })));
}

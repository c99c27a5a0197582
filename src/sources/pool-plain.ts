/** Pools as plain text: one caption a line. */
import { UserError } from "../errors.ts";
import { quote } from "./pool-fields.ts";
import { decodeLine, makeRow, type OpenPool, type PoolFields, type PoolHead, type PoolKind } from "./pool-kind.ts";
import { readOwnRows } from "./pool-lines.ts";

/** One caption a line and nothing else; a blank line is a row without a text, so that rows keep the numbers of lines. */
export const PLAIN: PoolKind = { format: "txt", matches: () => true, open };

function open(head: PoolHead, given: PoolFields): OpenPool {
  const name = Object.values(given).find((field) => field !== undefined && field !== "1");
  if (name !== undefined && head.firstLine !== undefined) {
    throw new UserError(
      `${head.name}: has no field ${quote(name)}: it is plain text, a caption a line, which begins ${quote(head.firstLine)}`,
    );
  }
  return {
    fields: { text: "1", id: undefined, lang: undefined, url: undefined },
    async *read(options) {
      const { problems } = options;
      for await (const group of readOwnRows(head, options)) {
        const rows = group.rows.map((row) => {
          const where = () => `${head.name}: line ${row.line}`;
          return makeRow({ text: decodeLine(row, problems, where) }, problems, where);
        });
        yield { piece: group.piece, rows };
      }
    },
  };
}

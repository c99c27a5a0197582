/** Pages, and paths of further ones. */

/** The path of an operation with an input and some changes to it, in place of the page that it was asked for. */
export function pathOf(
  url: string,
  input: Readonly<Record<string, unknown>>,
  changes: Readonly<Record<string, unknown>>,
): string {
  const values: Record<string, unknown> = { ...input, ...changes };
  const path = url.replace(/:(\w+)(?:\([^)]*\))?/g, (_, name: string) => {
    const value = encodeURIComponent(String(values[name]));
    delete values[name];
    return value;
  });
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    for (const one of Array.isArray(value) ? value : [value]) if (one !== undefined) query.append(name, String(one));
  }
  return query.size === 0 ? path : `${path}?${query}`;
}

/** A page of rows, of which one more was read than it may hold; `last` is its last row if others follow. */
export function pageOf<T>(
  read: readonly T[],
  limit: number,
): { readonly rows: readonly T[]; readonly last: T | undefined } {
  const rows = read.slice(0, limit);
  return { rows, last: read.length > limit ? rows.at(-1) : undefined };
}

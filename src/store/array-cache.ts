/** A cache of arrays that holds no more than so many bytes: what was not asked for the longest time goes first. */

/** Arrays by name. */
export interface ArrayCache {
  /** The array of a name, made if it is not there. */
  get<T extends ArrayBufferView>(name: string, make: () => T): T;
}

/** A cache of at most `maxBytes`. */
export function createArrayCache(maxBytes: number): ArrayCache {
  // A map keeps the order in which names were put in.
  const arrays = new Map<string, ArrayBufferView>();
  let bytes = 0;
  return {
    get<T extends ArrayBufferView>(name: string, make: () => T): T {
      const found = arrays.get(name) as T | undefined;
      if (found !== undefined) {
        arrays.delete(name);
        arrays.set(name, found);
        return found;
      }
      const made = make();
      if (made.byteLength > maxBytes) return made;
      arrays.set(name, made);
      bytes += made.byteLength;
      for (const [oldest, array] of arrays) {
        if (bytes <= maxBytes) break;
        arrays.delete(oldest);
        bytes -= array.byteLength;
      }
      return made;
    },
  };
}

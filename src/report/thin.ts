/** Curves of millions of points, drawn with a few. */

/** How a curve is drawn, and how far from it a line between two of its points may lie. */
export interface Thinning<P> {
  /** Where a point is drawn, from left to right: no two points at the same place. */
  readonly x: (point: P) => number;
  /** Its height on each of the curves that share the points. */
  readonly ys: readonly ((point: P) => number)[];
  /** In the unit of `ys`. */
  readonly tolerance: number;
  /** True for a point that must stay. */
  readonly isKept?: (point: P) => boolean;
}

/** From a point, the slopes of the lines that pass every later point closely enough. */
interface Corridor {
  steepest: number;
  flattest: number;
}

/**
 * Leaves so many points of curves that straight lines between them pass all others no further than `tolerance` above or
 * below; the first and the last stay. Reads the points once and keeps none but those left.
 *
 * Each line reaches as far as it can; so, of a curve that only rises, from 0 to 1, at most 2 / tolerance + 2 points are left,
 * since two neighbouring lines together rise by more than the tolerance; of several, so many for each.
 */
export function thinPoints<P>(points: Iterable<P>, { x, ys, tolerance, isKept }: Thinning<P>): P[] {
  const kept: P[] = [];
  let from: P | undefined;
  let last: P | undefined;
  let corridors: Corridor[] = [];
  const start = (point: P) => {
    kept.push(point);
    from = point;
    corridors = ys.map(() => ({ steepest: Number.POSITIVE_INFINITY, flattest: Number.NEGATIVE_INFINITY }));
  };
  for (const point of points) {
    if (from === undefined) start(point);
    else {
      if (!fits(corridors, ys, { from, to: point, x })) start(last!);
      narrow(corridors, ys, { from, to: point, x, tolerance });
      if (isKept?.(point)) start(point);
    }
    last = point;
  }
  if (last !== undefined && last !== from) kept.push(last);
  return kept;
}

function fits<P>(
  corridors: readonly Corridor[],
  ys: Thinning<P>["ys"],
  { from, to, x }: { readonly from: P; readonly to: P; readonly x: Thinning<P>["x"] },
): boolean {
  const width = x(to) - x(from);
  return ys.every((y, curve) => {
    const slope = (y(to) - y(from)) / width;
    const { steepest, flattest } = corridors[curve]!;
    return slope <= steepest && slope >= flattest;
  });
}

function narrow<P>(
  corridors: readonly Corridor[],
  ys: Thinning<P>["ys"],
  {
    from,
    to,
    x,
    tolerance,
  }: { readonly from: P; readonly to: P; readonly x: Thinning<P>["x"]; readonly tolerance: number },
): void {
  const width = x(to) - x(from);
  for (const [curve, y] of ys.entries()) {
    const rise = y(to) - y(from);
    const corridor = corridors[curve]!;
    corridor.steepest = Math.min(corridor.steepest, (rise + tolerance) / width);
    corridor.flattest = Math.max(corridor.flattest, (rise - tolerance) / width);
  }
}

/*
 * The tree of labels: from the mean of a text's rows to its most probable label.
 *
 * fastText goes depth first, left before right, and leaves out what is less probable than the best leaf so far. Here the
 * most probable node comes first, which takes fewer of them, and products of shares are compared in place of sums of
 * logarithms. What rounding and the added 1e-5 can make of it stays below a thousandth; where another leaf is as near as
 * that to the best one, fastText's own way decides.
 */
import {
  CHILDREN,
  FRONTIER,
  HIDDEN,
  LABEL_COUNT,
  NODES,
  PATH_BYTES,
  PATH_END,
  PATHS,
  POWERS,
  ROW_BYTES,
  SHARES,
} from "./fasttext-layout.ts";
import { dotRows, get16, get32, getDouble, powerOfTwo, roundFloat, set32, setDouble } from "./memory.ts";

/** What fastText adds to a share before it takes the logarithm, and the logarithm of that, below which it does not look. */
const ADDED: f64 = 1e-5;
const LEAST_SCORE: f64 = -11.512925148010254;
const MARGIN: f64 = 1.001;
/** A node that waits, and the product of the shares on the way there. */
const ENTRY: i32 = 16;
const PRODUCT_FIELD: i32 = 8;

/** As `expOf` in `src/lid/fasttext-plain.ts`. */
const STEPS: i32 = 32;
const FARTHEST: f64 = 200;
const STEPS_PER_UNIT: f64 = 46.16624130844683;
const ROUNDER: f64 = 6755399441055744;
const A: f64 = 0.021660849396613134;
const B: f64 = 0.00023459809789509004;
const C: f64 = 0.0000016938359250920212;

let labels: i32 = 0;
let bestLabel: i32 = 0;
let bestScore: f64 = 0;

/** The label of the text whose mean lies at `HIDDEN`. */
export function findLabel(): i32 {
  labels = get32(LABEL_COUNT);
  if (!findClearly()) {
    bestScore = LEAST_SCORE;
    visit(2 * labels - 2, 0);
  }
  return bestLabel;
}

/** How probable the label is that was found last. */
export function probabilityOfLabel(): f64 {
  return expOf(bestScore);
}

/** False if another label is as probable as the best one, or nearly. */
function findClearly(): boolean {
  let best: f64 = 0;
  let node = 2 * labels - 2;
  let product: f64 = 1;
  let end = FRONTIER;
  // The greatest product of those that wait.
  let greatest: f64 = 0;
  while (true) {
    if (node < labels) {
      if (best > 0) return false;
      best = product;
      bestLabel = node;
    } else {
      const share = visitNode(node);
      const isRight = share > 0.5;
      const less = product * ((isRight ? 1 - share : share) + ADDED);
      end = putNode(end, childOf(node, !isRight), less);
      if (less > greatest) greatest = less;
      node = childOf(node, isRight);
      product *= (isRight ? share : 1 - share) + ADDED;
      if (product >= greatest) continue;
      end = putNode(end, node, product);
    }
    let first = FRONTIER;
    product = 0;
    greatest = 0;
    for (let k = FRONTIER; k < end; k += ENTRY) {
      const other = getDouble(k + PRODUCT_FIELD);
      if (other > product) {
        greatest = product;
        product = other;
        first = k;
      } else if (other > greatest) greatest = other;
    }
    if (product * MARGIN < best) break;
    node = get32(first);
    end -= ENTRY;
    putNode(first, get32(end), getDouble(end + PRODUCT_FIELD));
  }
  bestScore = scoreOf(bestLabel);
  return true;
}

function putNode(entry: i32, node: i32, product: f64): i32 {
  set32(entry, node);
  setDouble(entry + PRODUCT_FIELD, product);
  return entry + ENTRY;
}

function childOf(node: i32, isRight: boolean): i32 {
  return get16(CHILDREN + ((node - labels) << 2) + (isRight ? 2 : 0));
}

/** The share of an inner node's right child, which is also left among the shares. */
function visitNode(node: i32): f64 {
  const inner = node - labels;
  const share = roundFloat(1 / roundFloat(1 + expOf(-dotRows(NODES + inner * ROW_BYTES, HIDDEN))));
  setDouble(SHARES + (inner << 3), share);
  return share;
}

/** The sum of logarithms on the way to a label, all of whose nodes have been visited. */
function scoreOf(label: i32): f64 {
  let score: f64 = 0;
  let at = PATHS + label * PATH_BYTES;
  let step = get16(at);
  while (step !== PATH_END) {
    const share = getDouble(SHARES + ((step >> 1) << 3));
    score = roundFloat(score + logOf((step & 1) !== 0 ? share : roundFloat(1 - share)));
    at += 2;
    step = get16(at);
  }
  return score;
}

/** fastText's way, to the best leaf from a node on that has a score. */
function visit(node: i32, score: f64): void {
  if (score < bestScore) return;
  if (node < labels) {
    bestScore = score;
    bestLabel = node;
    return;
  }
  const share = visitNode(node);
  visit(childOf(node, false), roundFloat(score + logOf(roundFloat(1 - share))));
  visit(childOf(node, true), roundFloat(score + logOf(share)));
}

function logOf(share: f64): f64 {
  return roundFloat(Math.log(share + ADDED));
}

function expOf(x: f64): f64 {
  const steps = (x > FARTHEST ? FARTHEST : x < -FARTHEST ? -FARTHEST : x) * STEPS_PER_UNIT;
  const whole = steps + ROUNDER - ROUNDER;
  const rest = steps - whole;
  const number = whole as i32;
  const power = getDouble(POWERS + ((number & (STEPS - 1)) << 3)) * powerOfTwo(number >> 5);
  return roundFloat(((C * rest + B) * (rest * rest) + (A * rest + 1)) * power);
}

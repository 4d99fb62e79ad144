import { AppError } from '../../pipeline/errors.ts';

/**
 * An ensemble of trees as a table. Nodes of all trees in preorder: a node's left child is the next one.
 *
 * A sample goes left where its feature (float32) is at most the threshold (float32, the largest that the trained
 * double-precision one allows, so both send every float32 the same way).
 */
export interface Forest {
  /** what a leaf holds values of */
  readonly classes: readonly string[];
  readonly featureCount: number;
  /** first node of each tree */
  readonly roots: Uint32Array;
  /** feature a node looks at; -1: a leaf */
  readonly feature: Int16Array;
  readonly threshold: Float32Array;
  /** right child of a node; of a leaf its position among the leaves */
  readonly right: Uint32Array;
  /** shares of the classes in each leaf, 0..255, `[leaf][class]` */
  readonly leaves: Uint8Array;
}

/**
 * Shares of the classes: the mean over all trees of the leaf that the sample falls into.
 *
 * @param features float32 values in the order of training, none NaN
 * @returns 0..1 by class, adding up to 1
 */
export function forestShares(forest: Forest, features: Float32Array): Float64Array {
  const { classes, roots, feature, threshold, right, leaves } = forest;
  const count = classes.length;
  const sums = new Float64Array(count);
  for (const root of roots) {
    let node = root;
    for (let at = feature[node]!; at >= 0; at = feature[node]!)
      node = features[at]! <= threshold[node]! ? node + 1 : right[node]!;
    const leaf = right[node]! * count;
    let total = 0;
    for (let k = 0; k < count; k++) total += leaves[leaf + k]!;
    for (let k = 0; k < count; k++) sums[k]! += leaves[leaf + k]! / total;
  }
  return sums.map((sum) => sum / roots.length);
}

const magic = 'TWFOREST';
const decode = new TextDecoder();

const damaged = (why: string): AppError =>
  new AppError(
    'MODEL_MISMATCH',
    `The table of a season model is damaged: ${why}.`,
    'Restore the file of models/weights.',
  );

/**
 * A table from its bytes, `tianwatch-forest/1` (docs in models/training/season/README.md).
 *
 * @throws AppError MODEL_MISMATCH for other bytes, or nodes that point outside the table
 */
export function decodeForest(bytes: Uint8Array): Forest {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 40 || decode.decode(bytes.subarray(0, 8)) !== magic) throw damaged('it does not begin as one');
  const [headBytes, featureCount, trees, nodes, leafCount] = [8, 12, 16, 20, 24].map((at) =>
    view.getUint32(at, true),
  ) as [number, number, number, number, number];
  const head = 32 + headBytes;
  if (bytes.length < head) throw damaged('it is cut');
  const classes: readonly string[] = decode.decode(bytes.subarray(32, head)).trimEnd().split(' ');
  const wanted = head + 4 * trees + 10 * nodes + leafCount * classes.length;
  if (bytes.length !== wanted) throw damaged(`${bytes.length} bytes instead of ${wanted}`);
  // copies: the parts need not lie at multiples of their size
  const part = (from: number, length: number): ArrayBuffer =>
    Uint8Array.from(bytes.subarray(from, from + length)).buffer;
  let at = head;
  const next = (length: number): ArrayBuffer => part((at += length) - length, length);
  const forest: Forest = {
    classes,
    featureCount,
    roots: new Uint32Array(next(4 * trees)),
    threshold: new Float32Array(next(4 * nodes)),
    right: new Uint32Array(next(4 * nodes)),
    feature: new Int16Array(next(2 * nodes)),
    leaves: new Uint8Array(next(leafCount * classes.length)),
  };
  check(forest, leafCount);
  return forest;
}

function check({ roots, feature, right, featureCount }: Forest, leafCount: number): void {
  const nodes = feature.length;
  if (roots.length === 0 || roots.some((root) => root >= nodes)) throw damaged('a tree begins outside');
  for (let node = 0; node < nodes; node++) {
    const isLeaf = feature[node]! < 0;
    if (isLeaf ? right[node]! >= leafCount : right[node]! <= node + 1 || right[node]! >= nodes)
      throw damaged(`node ${node} points outside`);
    if (feature[node]! >= featureCount) throw damaged(`node ${node} looks at feature ${feature[node]}`);
  }
}

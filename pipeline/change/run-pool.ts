/** Changed pixels of one group of classes that hang together over edges. */
export interface Component {
  /** `[row, first col, col after the last]` of every run, by row, then column (px) */
  readonly runs: Int32Array;
  readonly pixels: number;
  /** sum of `change` values (probability × 250): an integer, whatever the order */
  readonly probabilitySum: number;
  /** pixels that a shift of an edge would explain, see `sliver.ts` */
  readonly edgePixels: number;
  /** position of the majority class before and after; ties to the first */
  readonly before: number;
  readonly into: number;
}

/**
 * Components in the making: a union-find over slots, each with its list of runs and its counts. Slots and runs of
 * closed components are used again, so memory follows what is open.
 */
export interface RunPool {
  /** slot of a new, empty component */
  open(): number;
  /** the slot that stands for this one after merging */
  find(slot: number): number;
  /** join two components; the slot that stands for both */
  merge(a: number, b: number): number;
  addRun(slot: number, row: number, from: number, to: number): void;
  addSums(slot: number, probability: number, edgePixels: number): void;
  countClass(slot: number, before: number, into: number, pixels: number): void;
  /** hand over the component of `slot` if its last run lies above `row`, once; else null; good until the next call */
  closeBefore(slot: number, row: number): Component | null;
  /** slots merged away may be used again: nobody holds them any more */
  freeMerged(): void;
}

function grown<T extends Int32Array | Uint32Array | Float64Array>(array: T, make: (length: number) => T): T {
  const larger = make(array.length * 2);
  larger.set(array);
  return larger;
}

const none = -1;
const int32 = (length: number) => new Int32Array(length);
const uint32 = (length: number) => new Uint32Array(length);
const float64 = (length: number) => new Float64Array(length);

/** @param classCount positions that `countClass` may be given */
export function openRunPool(classCount: number): RunPool {
  // one array a field: objects per component or run cost five times the time and memory
  let [runRow, runFrom, runTo, runNext] = [int32(1024), int32(1024), int32(1024), int32(1024)];
  let freeRun = none;
  let runsUsed = 0;
  let [parent, head, tail, runCount, lastRow, edges] = [
    int32(256),
    int32(256),
    int32(256),
    int32(256),
    int32(256),
    int32(256),
  ];
  let [pixels, sums] = [float64(256), float64(256)];
  const span = 2 * classCount;
  let counts = uint32(256 * span);
  let slotsUsed = 0;
  const freeSlots: number[] = [];
  const merged: number[] = [];

  function find(slot: number): number {
    let root = slot;
    while (parent[root] !== root) root = parent[root]!;
    for (let at = slot; at !== root;) {
      const next = parent[at]!;
      parent[at] = root;
      at = next;
    }
    return root;
  }

  function growSlots(): void {
    [parent, head, tail] = [grown(parent, int32), grown(head, int32), grown(tail, int32)];
    [runCount, lastRow, edges] = [grown(runCount, int32), grown(lastRow, int32), grown(edges, int32)];
    [pixels, sums, counts] = [grown(pixels, float64), grown(sums, float64), grown(counts, uint32)];
  }

  function open(): number {
    const slot = freeSlots.pop() ?? slotsUsed++;
    if (slot >= parent.length) growSlots();
    parent[slot] = slot;
    head[slot] = tail[slot] = none;
    runCount[slot] = edges[slot] = pixels[slot] = sums[slot] = 0;
    counts.fill(0, slot * span, (slot + 1) * span);
    return slot;
  }

  function takeRun(): number {
    if (freeRun !== none) {
      const run = freeRun;
      freeRun = runNext[run]!;
      return run;
    }
    if (runsUsed === runRow.length)
      [runRow, runFrom, runTo, runNext] = [
        grown(runRow, int32),
        grown(runFrom, int32),
        grown(runTo, int32),
        grown(runNext, int32),
      ];
    return runsUsed++;
  }

  function merge(a: number, b: number): number {
    let [into, from] = [find(a), find(b)];
    if (into === from) return into;
    if (runCount[into]! < runCount[from]!) [into, from] = [from, into];
    parent[from] = into;
    merged.push(from);
    if (head[from] !== none) {
      if (tail[into] === none) head[into] = head[from]!;
      else runNext[tail[into]!] = head[from]!;
      tail[into] = tail[from]!;
    }
    runCount[into]! += runCount[from]!;
    lastRow[into] = Math.max(lastRow[into]!, lastRow[from]!);
    edges[into]! += edges[from]!;
    pixels[into]! += pixels[from]!;
    sums[into]! += sums[from]!;
    for (let at = 0; at < span; at++) counts[into * span + at]! += counts[from * span + at]!;
    return into;
  }

  function majority(from: number): number {
    let best = 0;
    for (let at = 1; at < classCount; at++) if (counts[from + at]! > counts[from + best]!) best = at;
    return best;
  }

  /** Runs by row and column; the list is returned to the pool. */
  function takeRuns(slot: number): Int32Array {
    const runs = new Int32Array(runCount[slot]! * 3);
    let at = 0;
    let isSorted = true;
    for (let run = head[slot]!; run !== none; run = runNext[run]!, at += 3) {
      runs[at] = runRow[run]!;
      runs[at + 1] = runFrom[run]!;
      runs[at + 2] = runTo[run]!;
      if (at > 0 && (runs[at]! < runs[at - 3]! || (runs[at] === runs[at - 3] && runs[at + 1]! < runs[at - 2]!)))
        isSorted = false;
    }
    runNext[tail[slot]!] = freeRun;
    freeRun = head[slot]!;
    return isSorted ? runs : sortedRuns(runs);
  }

  return {
    open,
    find,
    merge,
    addRun(slot, row, from, to) {
      const run = takeRun();
      runRow[run] = row;
      runFrom[run] = from;
      runTo[run] = to;
      runNext[run] = none;
      if (tail[slot] === none) head[slot] = run;
      else runNext[tail[slot]!] = run;
      tail[slot] = run;
      runCount[slot]!++;
      lastRow[slot] = row;
      pixels[slot]! += to - from;
    },
    addSums(slot, probability, edgePixels) {
      sums[slot]! += probability;
      edges[slot]! += edgePixels;
    },
    countClass(slot, before, into, count) {
      counts[slot * span + before]! += count;
      counts[slot * span + classCount + into]! += count;
    },
    closeBefore(slot, row) {
      const root = find(slot);
      if (lastRow[root]! >= row || head[root] === none) return null;
      const before = majority(root * span);
      const into = majority(root * span + classCount);
      const runs = takeRuns(root);
      head[root] = tail[root] = none;
      merged.push(root);
      return { runs, pixels: pixels[root]!, probabilitySum: sums[root]!, edgePixels: edges[root]!, before, into };
    },
    freeMerged() {
      freeSlots.push(...merged.splice(0));
    },
  };
}

/** Merging appends lists: runs of several branches come one branch after the other. */
function sortedRuns(runs: Int32Array): Int32Array {
  const count = runs.length / 3;
  let firstRow = runs[0]!;
  let lastRow = firstRow;
  for (let at = 0; at < runs.length; at += 3) {
    firstRow = Math.min(firstRow, runs[at]!);
    lastRow = Math.max(lastRow, runs[at]!);
  }
  const starts = new Int32Array(lastRow - firstRow + 2);
  for (let at = 0; at < runs.length; at += 3) starts[runs[at]! - firstRow + 1]!++;
  for (let row = 1; row < starts.length; row++) starts[row]! += starts[row - 1]!;
  // column and index in one number: a native sort per row, no comparison function
  const keys = new Float64Array(count);
  const next = starts.slice();
  for (let run = 0; run < count; run++) keys[next[runs[run * 3]! - firstRow]!++] = runs[run * 3 + 1]! * count + run;
  for (let row = 0; row + 1 < starts.length; row++)
    if (starts[row + 1]! - starts[row]! > 1) keys.subarray(starts[row], starts[row + 1]).sort();
  const sorted = new Int32Array(runs.length);
  for (let at = 0; at < count; at++) {
    const run = (keys[at]! % count) * 3;
    sorted[at * 3] = runs[run]!;
    sorted[at * 3 + 1] = runs[run + 1]!;
    sorted[at * 3 + 2] = runs[run + 2]!;
  }
  return sorted;
}

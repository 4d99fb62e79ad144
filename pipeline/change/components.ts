import { changeScale, unobserved, type ClassMap, type LandClass } from '../types.ts';
import { openRunPool, type Component } from './run-pool.ts';

/** Rows of the three rasters, row-major, width of the grid. */
export interface PatchRows {
  readonly rowCount: number;
  /** probability of change × 250, 255 = not observed */
  readonly change: Uint8Array;
  /** class codes */
  readonly classBefore: Uint8Array;
  /** class codes */
  readonly changeInto: Uint8Array;
}

export interface ComponentOptions {
  /** px */
  readonly width: number;
  /** changed means `change` ≥ this, 1..250 */
  readonly threshold: number;
  /** see `classesOf` */
  readonly classes: readonly LandClass[];
  readonly onComponent: (component: Component) => void;
}

export interface ComponentFinder {
  /** Rows that follow those already given. */
  addRows(rows: PatchRows): void;
  /** The grid ends here. */
  finish(): void;
}

/** Classes a pixel can count as, by code: those of the map, and for codes it does not know its `unknown` (made if absent). */
export function classesOf(map: ClassMap): readonly LandClass[] {
  const classes = map.classes.toSorted((a, b) => a.code - b.code);
  if (classes.some(({ name }) => name === 'unknown')) return classes;
  return [...classes, { code: unobserved, name: 'unknown', zh: '未知', colour: '#808080', group: 'unknown' }];
}

/** Code → position in `classes` and code → number of its group. */
function codeTables(classes: readonly LandClass[]): { classOf: Uint8Array; groupOf: Uint8Array } {
  const groups = [...new Set(classes.map(({ group }) => group))];
  const unknown = classes.findIndex(({ name }) => name === 'unknown');
  const classOf = new Uint8Array(256).fill(unknown);
  classes.forEach(({ code }, index) => (classOf[code] = index));
  return { classOf, groupOf: classOf.map((index) => groups.indexOf(classes[index]!.group)) };
}

/** Runs of one row. */
interface RowRuns {
  count: number;
  from: Int32Array;
  to: Int32Array;
  group: Uint8Array;
  /** slot of the component in the pool */
  slot: Int32Array;
}

// neighbours of two groups touch, so a row may have as many runs as pixels
const rowRuns = (width: number): RowRuns => ({
  count: 0,
  from: new Int32Array(width),
  to: new Int32Array(width),
  group: new Uint8Array(width),
  slot: new Int32Array(width),
});

/** One row of the three rasters, where it lies in them. */
interface RowView {
  change: Uint8Array;
  before: Uint8Array;
  into: Uint8Array;
  at: number;
}

/** A row outside the grid: nothing was seen there. */
const unseenRow = (width: number): RowView => ({
  change: new Uint8Array(width).fill(unobserved),
  before: new Uint8Array(width),
  into: new Uint8Array(width),
  at: 0,
});

const copyOf = ({ change, before, into, at }: RowView, width: number): RowView => ({
  change: change.slice(at, at + width),
  before: before.slice(at, at + width),
  into: into.slice(at, at + width),
  at: 0,
});

/**
 * Connected components (4 neighbours) of changed pixels whose `changeInto` classes are of one group, row by row:
 * memory is three rows and the runs of components not yet closed. How the rows were cut into strips does not matter.
 * A component is handed over when the row after its last one has been seen; what it holds is good until the callback
 * returns.
 *
 * The loops are plain on purpose: no closure, object or typed array a run or a pixel (`test/bench/polygonise.ts`).
 *
 * @see Haralick & Shapiro 1992, Computer and Robot Vision I, run-length union-find
 */
export function openComponents(options: ComponentOptions): ComponentFinder {
  const { width, threshold, classes, onComponent } = options;
  const { classOf, groupOf } = codeTables(classes);
  const pool = openRunPool(classes.length);
  const outside = unseenRow(width);
  let upper = outside;
  let middle = outside;
  // runs of the middle row and of the one below it
  let previous = rowRuns(width);
  let current = rowRuns(width);
  let row = 0;

  function findRuns({ change, into, at }: RowView): void {
    let count = 0;
    for (let col = 0; col < width;) {
      while (col < width && change[at + col]! < threshold) col++;
      if (col === width) break;
      if (change[at + col]! > changeScale) {
        col++;
        continue;
      }
      const group = groupOf[into[at + col]!]!;
      const from = col++;
      while (col < width) {
        const next = change[at + col]!;
        if (next < threshold || next > changeScale || groupOf[into[at + col]!] !== group) break;
        col++;
      }
      current.from[count] = from;
      current.to[count] = col;
      current.group[count++] = group;
    }
    current.count = count;
  }

  function connect(): void {
    let above = 0;
    for (let run = 0; run < current.count; run++) {
      const from = current.from[run]!;
      const to = current.to[run]!;
      const group = current.group[run];
      while (above < previous.count && previous.to[above]! <= from) above++;
      let slot = -1;
      for (let other = above; other < previous.count && previous.from[other]! < to; other++)
        if (previous.group[other] === group)
          slot = slot < 0 ? pool.find(previous.slot[other]!) : pool.merge(slot, previous.slot[other]!);
      if (slot < 0) slot = pool.open();
      pool.addRun(slot, row, from, to);
      current.slot[run] = slot;
    }
  }

  /** Count what the runs of the middle row hold, now that all its neighbours are known. */
  function countPixels(lower: RowView): void {
    const { change, before, into, at } = middle;
    for (let run = 0; run < previous.count; run++) {
      const from = previous.from[run]!;
      const to = previous.to[run]!;
      const slot = pool.find(previous.slot[run]!);
      let sum = 0;
      let edges = 0;
      let alike = from;
      for (let col = from; col < to; col++) {
        const here = at + col;
        const was = before[here]!;
        const is = into[here]!;
        sum += change[here]!;
        if (was !== before[at + alike] || is !== into[at + alike]) {
          pool.countClass(slot, classOf[before[at + alike]!]!, classOf[into[at + alike]!]!, col - alike);
          alike = col;
        }
        if (
          col === 0 ||
          col === width - 1 ||
          change[here - 1] === unobserved ||
          change[here + 1] === unobserved ||
          upper.change[upper.at + col] === unobserved ||
          lower.change[lower.at + col] === unobserved ||
          (was !== is &&
            (before[here - 1] === is ||
              before[here + 1] === is ||
              upper.before[upper.at + col] === is ||
              lower.before[lower.at + col] === is))
        )
          edges++;
      }
      pool.countClass(slot, classOf[before[at + alike]!]!, classOf[into[at + alike]!]!, to - alike);
      pool.addSums(slot, sum, edges);
    }
  }

  function takeRow(lower: RowView): void {
    findRuns(lower);
    connect();
    countPixels(lower);
    for (let run = 0; run < previous.count; run++) {
      const closed = pool.closeBefore(previous.slot[run]!, row);
      if (closed !== null) onComponent(closed);
    }
    for (let run = 0; run < current.count; run++) current.slot[run] = pool.find(current.slot[run]!);
    pool.freeMerged();
    [previous, current] = [current, previous];
    [upper, middle] = [middle, lower];
    row++;
  }

  return {
    addRows({ rowCount, change, classBefore: before, changeInto: into }) {
      for (let at = 0; at < rowCount * width; at += width) takeRow({ change, before, into, at });
      // the caller may use its arrays again
      [upper, middle] = [copyOf(upper, width), copyOf(middle, width)];
    },
    finish() {
      takeRow(outside);
    },
  };
}

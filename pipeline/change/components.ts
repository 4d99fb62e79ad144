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
  /** of the class map, see `classesOf` */
  readonly classes: readonly LandClass[];
  readonly onComponent: (component: Component) => void;
}

export interface ComponentFinder {
  /** Rows that follow those already given. */
  addRows(rows: PatchRows): void;
  /** The grid ends here. */
  finish(): void;
}

/** Classes a pixel can count as: those of the map, and for codes it does not know its `unknown` (made if absent). */
export function classesOf(map: ClassMap): readonly LandClass[] {
  if (map.classes.some(({ name }) => name === 'unknown')) return map.classes;
  return [...map.classes, { code: unobserved, name: 'unknown', zh: '未知', colour: '#808080', group: 'unknown' }];
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

/**
 * Connected components (4 neighbours) of changed pixels whose `changeInto` classes are of one group, row by row:
 * memory is two rows and the runs of components not yet closed. How the rows were cut into strips does not matter.
 * A component is handed over when the row after its last one has been seen.
 *
 * @see Haralick & Shapiro 1992, Computer and Robot Vision I, run-length union-find
 */
export function openComponents(options: ComponentOptions): ComponentFinder {
  const { width, threshold, classes, onComponent } = options;
  const { classOf, groupOf } = codeTables(classes);
  const pool = openRunPool(classes.length);
  const upper = {
    change: new Uint8Array(width).fill(unobserved),
    before: new Uint8Array(width),
    into: new Uint8Array(width),
  };
  const isEdge = new Uint8Array(width);
  let previous = rowRuns(width);
  let current = rowRuns(width);
  let row = 0;

  function findRuns(change: Uint8Array, into: Uint8Array, at: number): void {
    let count = 0;
    for (let col = 0; col < width;) {
      const value = change[at + col]!;
      if (value < threshold || value > changeScale) {
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

  /** Pixels of the row above for which the row below is the first sign of an edge. */
  function lookDown(change: Uint8Array, before: Uint8Array, at: number): void {
    for (let run = 0; run < previous.count; run++) {
      let found = 0;
      for (let col = previous.from[run]!; col < previous.to[run]!; col++) {
        if (isEdge[col] === 1) continue;
        const into = upper.into[col]!;
        if (change[at + col] === unobserved || (before[at + col] === into && upper.before[col] !== into)) found++;
      }
      if (found > 0) pool.addEdgePixels(previous.slot[run]!, found);
    }
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

  function countPixels({ change, classBefore, changeInto }: PatchRows, at: number): void {
    isEdge.fill(0);
    for (let run = 0; run < current.count; run++) {
      const slot = (current.slot[run] = pool.find(current.slot[run]!));
      let sum = 0;
      let edges = 0;
      for (let col = current.from[run]!; col < current.to[run]!; col++) {
        const into = changeInto[at + col]!;
        const before = classBefore[at + col]!;
        sum += change[at + col]!;
        pool.countClass(slot, classOf[before]!, classOf[into]!);
        const mayShift = before !== into;
        if (
          upper.change[col] === unobserved ||
          (mayShift && upper.before[col] === into) ||
          col === 0 ||
          change[at + col - 1] === unobserved ||
          (mayShift && classBefore[at + col - 1] === into) ||
          col === width - 1 ||
          change[at + col + 1] === unobserved ||
          (mayShift && classBefore[at + col + 1] === into)
        ) {
          isEdge[col] = 1;
          edges++;
        }
      }
      pool.addProbability(slot, sum);
      if (edges > 0) pool.addEdgePixels(slot, edges);
    }
  }

  function closeRow(): void {
    for (let run = 0; run < previous.count; run++) {
      const closed = pool.closeBefore(previous.slot[run]!, row);
      if (closed !== null) onComponent(closed);
    }
    pool.freeMerged();
    [previous, current] = [current, previous];
    row++;
  }

  const outside = { change: new Uint8Array(width).fill(unobserved), before: new Uint8Array(width) };
  return {
    addRows(rows) {
      for (let at = 0; at < rows.rowCount * width; at += width) {
        findRuns(rows.change, rows.changeInto, at);
        lookDown(rows.change, rows.classBefore, at);
        connect();
        countPixels(rows, at);
        closeRow();
        upper.change.set(rows.change.subarray(at, at + width));
        upper.before.set(rows.classBefore.subarray(at, at + width));
        upper.into.set(rows.changeInto.subarray(at, at + width));
      }
    },
    finish() {
      lookDown(outside.change, outside.before, 0);
      current.count = 0;
      closeRow();
    },
  };
}

import type { GroundContext, GroundKind } from '../rule/project.ts';
import { groundKind, groundKinds } from '../rule/project.ts';
import { changedBit, classOf, isChangedCode, isSeen } from './ground-code.ts';

/** What one reading saw of one outline. */
export interface CellReading {
  readonly look: string;
  /** ISO date */
  readonly date: string;
  /** '' where nothing is said of change */
  readonly reference: string;
  readonly referenceDate: string | null;
  /** names of classes by code */
  readonly classes: Readonly<Record<string, string>>;
  /** ground codes, as many for every reading */
  readonly cells: Uint8Array;
}

/** What is known of the cells of an outline after some looks; arrays are one value a cell. */
export interface CellStates {
  /** position in `groundKinds` + 1; 0 = never seen */
  readonly kinds: Uint8Array;
  /** position of the latest look that saw it, −1 = none */
  readonly lastSeen: Int32Array;
  /** 1: works were seen there at some time */
  readonly worked: Uint8Array;
}

/** Readings in the order in which they are replayed: by date, look and reference, whatever order they came in. */
export function inOrder<T extends Pick<CellReading, 'date' | 'look' | 'reference'>>(
  readings: Iterable<T>,
): readonly T[] {
  const key = ({ date, look, reference }: T): string => `${date}\n${look}\n${reference}`;
  return [...readings].toSorted((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

/**
 * Replay what was seen, look by look: each cell is what the latest look that saw it says.
 *
 * A change once seen holds until a look that was compared with ground from before it says that nothing changed. A look
 * whose season or class says nothing of a cell leaves it as it was known.
 *
 * @param readings in order, see `inOrder`
 * @param contextOf what counts on the day of a reading
 * @param onLook is shown the states after each reading; they go on changing
 */
export function replayCells(
  readings: readonly CellReading[],
  cellCount: number,
  options: {
    readonly contextOf: (date: string) => GroundContext;
    readonly onLook?: (states: CellStates, position: number) => void;
  },
): CellStates {
  const states = {
    kinds: new Uint8Array(cellCount),
    lastSeen: new Int32Array(cellCount).fill(-1),
    worked: new Uint8Array(cellCount),
  };
  const changedOn = new Int32Array(cellCount).fill(-1);
  readings.forEach((reading, position) => {
    const table = kindTable(reading, options.contextOf(reading.date));
    const { cells, referenceDate } = reading;
    for (let i = 0; i < cellCount; i++) {
      const code = cells[i]!;
      if (!isSeen(code)) continue;
      states.lastSeen[i] = position;
      const since = changedOn[i]!;
      if (isChangedCode(code)) {
        if (since < 0) changedOn[i] = position;
      } else if (since >= 0 && isFromBefore(referenceDate, readings[since]!.referenceDate)) changedOn[i] = -1;
      const kind = table[classOf(code) + (changedOn[i]! >= 0 ? changedBit : 0)]!;
      if (kind === unclear && states.kinds[i] !== 0) continue;
      states.kinds[i] = kind;
      if (kind === underWay || kind === turned) states.worked[i] = 1;
    }
    options.onLook?.(states, position);
  });
  return states;
}

/** Whether a reference is as early as the one that a change was told against: a later one may hold the change already. */
export const isFromBefore = (reference: string | null, told: string | null): boolean =>
  reference !== null && told !== null && reference <= told;

const valueOf = (kind: GroundKind): number => groundKinds.indexOf(kind) + 1;
const [unclear, underWay, turned] = [valueOf('unclear'), valueOf('under-way'), valueOf('turned')];

/** Kind by class and change. */
function kindTable({ classes }: CellReading, context: GroundContext): Uint8Array {
  return Uint8Array.from({ length: 2 * changedBit }, (_, code) =>
    valueOf(groundKind(classes[classOf(code)] ?? 'unknown', code >= changedBit, context)),
  );
}

/** Number of cells of a kind; `null` = never seen. */
export function countKinds({ kinds }: Pick<CellStates, 'kinds'>): (kind: GroundKind | null) => number {
  const counts = new Float64Array(groundKinds.length + 1);
  for (let i = 0; i < kinds.length; i++) counts[kinds[i]!]!++;
  return (kind) => counts[kind === null ? 0 : valueOf(kind)]!;
}

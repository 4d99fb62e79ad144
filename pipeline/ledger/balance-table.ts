import { shareOutMu } from '../parcel/mu.ts';

/** What of a balance is printed (m²). */
interface Printed {
  readonly lastYearM2: number;
  readonly lawfulM2: number;
  readonly unlawfulSuspectM2: number;
  readonly gainM2: number;
  readonly unseenM2: number;
  readonly outByM2: Readonly<Record<'in-out' | 'occupation' | 'undetermined', number>>;
  readonly gainByM2: Readonly<Record<'in-out' | 'occupation' | 'undetermined', number>>;
}

interface Column {
  readonly zh: string;
  readonly en: string;
}

const common: readonly Column[] = [
  { zh: '年初', en: 'before' },
  { zh: '流出', en: 'out' },
  { zh: '合法', en: 'lawful' },
  { zh: '疑似不合理', en: 'suspect' },
  { zh: '流入', en: 'gain' },
  { zh: '现有', en: 'now' },
];
const unseenColumn: Column = { zh: '未观测', en: 'unseen' };

/** Columns of a balance in the order of `balanceRowsMu`. Water is made up for by water, whatever it was exchanged with. */
export const balanceColumns: Readonly<Record<'cropland' | 'water', readonly Column[]>> = {
  cropland: [
    ...common,
    { zh: '进出', en: 'in-out' },
    { zh: '占补', en: 'made up' },
    { zh: '待定', en: 'undetermined' },
    unseenColumn,
  ],
  water: [...common, { zh: '占补', en: 'made up' }, unseenColumn],
};

const hundredths = (mu: number): number => Math.round(100 * mu);

/**
 * Balances as rows of 亩 with two decimals, and their total as the last row: every column adds up to its last digit, out =
 * lawful + suspect, now = before − out + gain, and of cropland gain − out = in-out + made up + undetermined.
 */
export function balanceRowsMu(
  subject: 'cropland' | 'water',
  balances: readonly Printed[],
): readonly (readonly number[])[] {
  const shared = (valueOf: (balance: Printed) => number): readonly number[] => {
    const parts = shareOutMu(balances.map(valueOf)).map(hundredths);
    return [...parts, parts.reduce((sum, part) => sum + part, 0)];
  };
  const [last, lawful, suspect, gain, unseen] = [
    shared(({ lastYearM2 }) => lastYearM2),
    shared(({ lawfulM2 }) => lawfulM2),
    shared(({ unlawfulSuspectM2 }) => unlawfulSuspectM2),
    shared(({ gainM2 }) => gainM2),
    shared(({ unseenM2 }) => unseenM2),
  ];
  const by = (which: 'in-out' | 'occupation'): readonly number[] => {
    const [won, lost] = [shared(({ gainByM2 }) => gainByM2[which]), shared(({ outByM2 }) => outByM2[which])];
    return won.map((value, i) => value - lost[i]!);
  };
  const [inOut, madeUp] = [by('in-out'), by('occupation')];
  return last.map((before, i) => {
    const out = lawful[i]! + suspect[i]!;
    const net = gain[i]! - out;
    const made = subject === 'water' ? [net] : [inOut[i]!, madeUp[i]!, net - inOut[i]! - madeUp[i]!];
    const row = [before, out, lawful[i]!, suspect[i]!, gain[i]!, before + net, ...made, unseen[i]!];
    return row.map((value) => value / 100);
  });
}

/** One figure held against what is asked of it. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  /** 95 % */
  readonly interval: readonly [number, number] | null;
  /** what is asked for; null: reported alone */
  readonly least: number | null;
  readonly note: string;
}

export const barLine = ({ name, value, interval, least, note }: Bar): string => {
  const within = interval === null ? '' : ` [${interval[0].toFixed(3)}, ${interval[1].toFixed(3)}]`;
  const asked = least === null ? 'reported' : `${value >= least ? 'holds' : 'FALLS SHORT OF'} ${least}`;
  return `${name}: ${value.toFixed(4)}${within} ${asked}; ${note}`;
};

/** A value that changes along straight lines with the day. */
export type Curve = (day: number) => number;

/** @param points day, value, day, value … in ascending days; the ends hold on */
export function curve(points: readonly number[]): Curve {
  const count = points.length / 2;
  const days = Float64Array.from({ length: count }, (_, i) => points[2 * i]!);
  const values = Float64Array.from({ length: count }, (_, i) => points[2 * i + 1]!);
  return (day) => {
    if (!(day > days[0]!)) return values[0]!;
    for (let i = 1; i < count; i++) {
      if (day >= days[i]!) continue;
      const t = (day - days[i - 1]!) / (days[i]! - days[i - 1]!);
      return values[i - 1]! + (values[i]! - values[i - 1]!) * t;
    }
    return values[count - 1]!;
  };
}

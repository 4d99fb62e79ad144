import { InvalidArgumentError } from 'commander';

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

/** Parser of `10s`, `5m`, `1h`. @returns ms */
export function duration(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(s|m|h)$/.exec(text.trim()) ?? [];
  const ms = Number(digits) * (unitMs[unit ?? ''] ?? Number.NaN);
  if (ms > 0 && ms <= 7 * 86_400_000) return ms;
  throw new InvalidArgumentError(`${text} is no duration of up to a week: e.g. 10s, 5m, 1h.`);
}

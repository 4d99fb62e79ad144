import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { loadSeriesModel } from '../../models/series-shelf.ts';
import { loadCard } from '../../models/shelf.ts';
import { seriesEvidence } from '../../pipeline/change/series-evidence.ts';
import { seriesModelSchema } from '../../pipeline/change/series-model.ts';

interface Expected {
  readonly looks: readonly {
    readonly date: string;
    /** `[pixel][ground]` */
    readonly likelihood: readonly (readonly number[])[];
    readonly seen: readonly number[];
    readonly changed: readonly (number | null)[];
  }[];
}

const { model } = loadSeriesModel(loadCard('s2-change').card)!;

it('says what the training says of the same looks', () => {
  const url = new URL('series-memory.json', import.meta.url);
  const { looks } = JSON.parse(readFileSync(url, 'utf8')) as Expected;
  const given = looks.map(({ date, likelihood, seen }) => ({
    id: date,
    date,
    // `[ground][pixel]`
    likelihood: Uint8Array.from(likelihood[0]!.flatMap((_, ground) => likelihood.map((pixel) => pixel[ground]!))),
    seen: Uint8Array.from(seen),
  }));
  const said = [...seriesEvidence(given, { ...model, look: { ...model.look, caution: 1 } })];
  looks.forEach(({ changed }, look) =>
    changed.forEach((expected, pixel) => {
      const value = said[look]!.changed[pixel]!;
      if (expected === null) expect(value).toBe(255);
      else expect(Math.abs(value - expected * 250)).toBeLessThan(2);
    }),
  );
  expect(looks.flatMap(({ changed }) => changed).some((value) => value !== null && value > 0.3)).toBe(true);
});

it('refuses a memory whose layers do not fit each other', () => {
  const { memory } = model;
  const short = { ...memory!, trust: memory!.trust.slice(1) };
  expect(seriesModelSchema.safeParse(model).success).toBe(true);
  expect(seriesModelSchema.safeParse({ ...model, memory: short }).error?.message).toMatch(/wants 7 weights/);
  const bent = { ...memory!, state: memory!.input };
  expect(seriesModelSchema.safeParse({ ...model, memory: bent }).error?.message).toMatch(/wants 144 × 48/);
});

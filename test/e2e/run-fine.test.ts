import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { simulate } from '../../scripts/simulate/simulate.ts';
import { tianwatch, type Outcome } from '../support/run-command.ts';

const isLong = process.env['TIANWATCH_LONG'] === '1';
const folder = mkdtempSync(join(tmpdir(), 'tianwatch-fine-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Feature {
  readonly properties: {
    readonly category: string;
    readonly classAfter: string;
    readonly reasons: readonly { readonly code: string }[];
  };
}
const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, 'result', name), 'utf8'));

describe.runIf(isLong)('a run of two scenes at 2 m', () => {
  let ended: Outcome;
  beforeAll(async () => {
    await simulate({ seed: 21, size: 512, gsd: '2', looks: 2 }, join(folder, 'made'));
    const scenes = join(folder, 'made/scenes');
    const [before, after] = readdirSync(scenes)
      .filter((name) => name.endsWith('.tif'))
      .toSorted()
      .map((name) => join(scenes, name));
    const args = ['run', '--before', before!, '--after', after!, '--out', join(folder, 'result')];
    ended = await tianwatch(args, { data: join(folder, 'data') });
  }, 180_000);

  it('takes the network of a few metres by itself', () => {
    expect(ended.exit).toBe(0);
    expect(read('summary.json')).toMatchObject({ model: expect.stringMatching(/^gf-change@/), gsdM: 2 });
  });

  it('names ground that only a few metres show, and leaves every finding for review', () => {
    const { features } = read('patches.geojson') as { features: Feature[] };
    expect(features.length).toBeGreaterThan(10);
    const categories = new Set(features.map(({ properties }) => properties.category));
    expect([...categories].filter((name) => name !== 'review' && name !== 'none')).toEqual([]);
    const reviewed = features.filter(({ properties }) =>
      properties.reasons.some(({ code }) => code === 'experimental'),
    );
    expect(reviewed.length).toBeGreaterThan(5);
    const fine = ['road', 'pond', 'greenhouse', 'orchard', 'building', 'construction', 'photovoltaic'];
    expect(features.some(({ properties }) => fine.includes(properties.classAfter))).toBe(true);
  });
});

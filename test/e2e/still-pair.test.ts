import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { simulate } from '../../scripts/simulate/simulate.ts';
import { holdData } from '../support/data-holder.ts';
import { tianwatch } from '../support/run-command.ts';
import { readFeatures } from '../support/run-output.ts';

const folder = mkdtempSync(join(tmpdir(), 'tianwatch-still-'));
const at = (...names: readonly string[]): string => join(folder, ...names);
const data = at('data');
let holder: { close(): Promise<void> };

beforeAll(async () => {
  const dates = ['2026-05-12', '2026-06-15'];
  await simulate({ seed: 1, size: 320, gsd: '10', looks: 2, dates, changes: 'none' }, at('landscape'));
  holder = await holdData(data);
});
afterAll(async () => {
  await holder.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a pair over the wheat harvest and the flooding of the paddies, where nothing changed', () => {
  it(
    'raises no suspicion of non-farm or non-grain: what turned is for review, and says why',
    {
      timeout: 120_000,
    },
    async () => {
      const survey = at('landscape', 'survey', 'DLTB.shp');
      const imported = await tianwatch(['baseline', 'import', survey, '--kind', 'land-survey', '--yes'], { data });
      expect(imported.exit, imported.stderr).toBe(0);
      const [before, after] = readdirSync(at('landscape', 'scenes'))
        .filter((name) => name.endsWith('.tif'))
        .sort()
        .map((name) => at('landscape', 'scenes', name));
      const runWith = async (model: string) => {
        const scenes = ['run', '--before', before!, '--after', after!, '--baseline', 'current'];
        const done = await tianwatch([...scenes, '--model', model, '--out', at(model)], { data });
        expect(done.exit, done.stderr).toBe(0);
        const suspected = readFeatures(at(model))
          .map(({ properties }) => properties)
          .filter(({ state }) => state === 'suspected');
        expect(suspected.filter(({ category }) => category === 'non-farm' || category === 'non-grain')).toEqual([]);
        return suspected.filter(({ category }) => category === 'review');
      };
      // the network has learnt these seasons and may be silent; without it the rules have something to hold back
      await runWith('auto');
      const review = await runWith('none');
      expect(review.length).toBeGreaterThan(0);
      for (const { reasons } of review) expect(reasons.length).toBeGreaterThan(0);
    },
  );
});

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadCard } from '../../models/shelf.ts';
import { tryNetwork, trySeries } from '../../models/trial.ts';
import { simulatedBands } from '../../scripts/simulate/endmember.ts';
import { simulatedPair } from '../support/simulated-pair.ts';
import { writeMadeScene } from '../support/scene-geotiff.ts';

const isLong = process.env['TIANWATCH_LONG'] === '1';
const hasTorch = isLong && spawnSync('/usr/bin/python3', ['-c', 'import torch, onnx, scipy, rasterio']).status === 0;
if (!isLong) process.stderr.write('skipped: retraining with labels takes minutes (TIANWATCH_LONG=1)\n');
else if (!hasTorch) process.stderr.write('skipped: python3-torch is absent\n');

const sidePx = 256;
const folder = mkdtempSync(join(tmpdir(), 'tianwatch-finetune-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.skipIf(!hasTorch)(
  'a network learns from labels of a landscape, and comes out as a card that runs',
  { timeout: 1_800_000 },
  async () => {
    const { before, after, kindAt } = simulatedPair(7, sidePx);
    const size = { width: sidePx, height: sidePx };
    const digital = (data: Float32Array): Uint16Array => Uint16Array.from(data, (value) => Math.round(value * 10_000));
    const write = (name: string, data: Float32Array, acquired: string): Promise<string> =>
      writeMadeScene(join(folder, name), { data: digital(data), ...size, names: [...simulatedBands], acquired });
    const scenes = [
      await write('before.tif', before.data, '2025-08-10T02:30:00Z'),
      await write('after.tif', after.data, '2026-08-10T02:30:00Z'),
    ];
    const said = Uint8Array.from({ length: sidePx ** 2 }, (_, pixel) =>
      kindAt(pixel) !== null ? 2 : pixel % 7 === 0 ? 1 : 0,
    );
    const labels = join(folder, 'labels.tif');
    await writeMadeScene(labels, { data: said, ...size, names: ['label'], dtype: 'uint8', acquired: '2026-08-10' });

    const given = ['--stage', 'finetune', '--before', scenes[0]!, '--after', scenes[1]!, '--labels', labels];
    const { status, stderr } = spawnSync(process.execPath, ['models/training/train.mjs', ...given], {
      env: { ...process.env, TIANWATCH_TRAINING: folder, FINETUNE_ITERATIONS: '30', PYTHON: '/usr/bin/python3' },
      encoding: 'utf8',
    });
    expect(status, stderr).toBe(0);
    const made = join(folder, 's2-change-finetuned');
    const report = JSON.parse(readFileSync(join(made, 'finetune.json'), 'utf8')) as {
      readonly changedPixels: number;
      readonly before: { readonly learntF1: number };
      readonly after: { readonly learntF1: number; readonly flaggedElsewhere: number };
    };
    expect(report.changedPixels).toBeGreaterThan(100);
    expect(report.after.learntF1).toBeGreaterThan(report.before.learntF1);
    expect(report.after.flaggedElsewhere).toBeLessThan(0.05);
    const loaded = loadCard(join(made, 's2-change-finetuned.json'));
    expect(loaded.card.status).toBe('experimental');
    await expect(tryNetwork(loaded)).resolves.toBeDefined();
    await expect(trySeries(loaded)).resolves.toMatch(/encoder once a date/);
  },
);

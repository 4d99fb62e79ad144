import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plainCard, writeCard } from '../support/model-card.ts';
import { convolutionNetwork } from '../support/onnx-file.ts';

let folder = '';
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'tianwatch-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function tianwatch(...given: string[]): Promise<{ exit: number; stdout: string; stderr: string }> {
  const program = resolve(import.meta.dirname, '../../scripts/tianwatch.mjs');
  return new Promise((done) => {
    const child = execFile(process.execPath, [program, ...given], { cwd: folder }, (_error, stdout, stderr) =>
      done({ exit: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}

test('model list tells what ships', async () => {
  const { exit, stdout } = await tianwatch('model', 'list', '--json');
  expect(exit).toBe(0);
  expect(JSON.parse(stdout)).toContainEqual(
    expect.objectContaining({ id: 's2-change', kind: 'change', status: 'stable', gsdM: [8, 30] }),
  );
});

test('model verify exits 0 for a card that fits its network, and 1 with both sides named for one that does not', async () => {
  const rows = [
    [1, 0, 0, 0],
    [0, 0, 0, 1],
    [0, 0, 1, 0],
  ];
  const whole = await tianwatch('model', 'verify', writeCard(folder, plainCard(), convolutionNetwork(rows)));
  expect(whole).toMatchObject({ exit: 0, stderr: '' });
  expect(whole.stdout).toMatch(/ok {3}network: image \(4 bands\) → scores; the same twice/);
  const short = rows.map((row) => row.slice(0, 3));
  const misfit = await tianwatch(
    'model',
    'verify',
    writeCard(folder, plainCard({ id: 'three' }), convolutionNetwork(short)),
  );
  expect(misfit.exit).toBe(1);
  expect(misfit.stdout).toMatch(/FAIL network: .* 3 channels, the card gives 4 bands/);
});

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { decodeForest, forestShares } from '../../scripts/season/forest.ts';
import { decodeKernel, kernelClass, kernelValues } from '../../scripts/season/kernel.ts';
import { seeded } from '../../scripts/season/figure.ts';
import { fitTables, python } from '../../scripts/season/fit.ts';

const hasPython = ((): boolean => {
  try {
    execFileSync(python(), ['-c', 'import sklearn'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();
if (!hasPython) process.stderr.write('skipped: season tables against scikit-learn (no python3-sklearn)\n');

/** One tree over two features: x0 <= 0.5 ? (x1 <= -1 ? a : b) : c. */
function tinyForest(): Uint8Array {
  const [nodes, leaves] = [5, 3];
  const head = new TextEncoder().encode('a b c   ');
  const bytes = new Uint8Array(32 + head.length + 4 + 10 * nodes + 3 * leaves);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode('TWFOREST'));
  [head.length, 2, 1, nodes, leaves].forEach((value, i) => view.setUint32(8 + 4 * i, value, true));
  bytes.set(head, 32);
  let at = 32 + head.length + 4;
  for (const threshold of [0.5, -1, 0, 0, 0]) view.setFloat32((at += 4) - 4, threshold, true);
  for (const right of [4, 3, 0, 1, 2]) view.setUint32((at += 4) - 4, right, true);
  for (const feature of [0, 1, -1, -1, -1]) view.setInt16((at += 2) - 2, feature, true);
  bytes.set([255, 0, 0, 51, 204, 0, 0, 0, 255], at);
  return bytes;
}

describe('a forest', () => {
  const forest = decodeForest(tinyForest());
  const told = (...features: number[]): number[] => [...forestShares(forest, Float32Array.from(features))];

  it('goes left up to the threshold and adds its leaves up to one', () => {
    expect(told(0.5, -1)).toEqual([1, 0, 0]);
    expect(told(0.5, -0.99)).toEqual([0.2, 0.8, 0]);
    expect(told(0.500001, -5)).toEqual([0, 0, 1]);
  });

  it('refuses bytes that are cut, foreign, or point outside', () => {
    const bytes = tinyForest();
    expect(() => decodeForest(bytes.subarray(0, bytes.length - 1))).toThrow(/bytes instead of/);
    expect(() => decodeForest(new Uint8Array(64))).toThrow(/does not begin/);
    const bad = tinyForest();
    new DataView(bad.buffer).setUint32(40 + 4 + 20, 9, true);
    expect(() => decodeForest(bad)).toThrow(/node 0 points outside/);
  });
});

describe.skipIf(!hasPython)('tables that were fitted in Python', () => {
  const work = mkdtempSync(join(tmpdir(), 'season-table-'));
  afterAll(() => rmSync(work, { recursive: true }));
  const random = seeded(7);
  const rows = Array.from({ length: 120 }, () => Float32Array.from({ length: 5 }, () => random() * 2 - 1));
  const labels = rows.map(([a = 0, b = 0]) => (a * a + b * b < 0.5 ? 'inner' : a > 0 ? 'right' : 'left'));
  const all = rows.map((_, i) => i);

  it('give the numbers of Python, row by row', async () => {
    const common = { dataset: 'made', rows: all, labels };
    const tables = await fitTables(work, { made: rows }, [
      { ...common, name: 'forest', kind: 'forest', settings: { trees: 8, leaf: 2, check: true } },
      { ...common, name: 'kernel', kind: 'kernel', settings: { gamma: 2, ridge: 0.1, landmarks: 70, check: true } },
    ]);
    const numbers = (file: string): Float64Array =>
      new Float64Array(Uint8Array.from(readFileSync(join(work, file))).buffer);
    const forest = decodeForest(tables.get('forest')!);
    expect(forest.classes).toEqual(['inner', 'left', 'right']);
    const [check, sklearn] = [numbers('forest.table.check'), numbers('forest.table.sklearn')];
    rows.forEach((row, i) =>
      forestShares(forest, row).forEach((share, k) => {
        expect(share).toBeCloseTo(check[3 * i + k]!, 12);
        // leaves are kept to 1 of 255
        expect(Math.abs(share - sklearn[3 * i + k]!)).toBeLessThan(0.004);
      }),
    );
    const machine = decodeKernel(tables.get('kernel')!);
    const values = numbers('kernel.table.check');
    rows.forEach((row, i) =>
      kernelValues(machine, row).forEach((value, k) => expect(value).toBeCloseTo(values[3 * i + k]!, 5)),
    );
    const right = rows.filter((row, i) => kernelClass(machine, row) === labels[i]).length;
    expect(right).toBeGreaterThan(112);
  }, 120_000);
});

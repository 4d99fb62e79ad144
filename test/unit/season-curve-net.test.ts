import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadSeasonModel } from '../../models/season-shelf.ts';
import { clockChannels, pairShares } from '../../pipeline/season/curve-net.ts';
import { decodeCurveNet } from '../../pipeline/season/curve-net-table.ts';
import { seeded } from '../../scripts/season/figure.ts';
import { python } from '../../scripts/season/fit.ts';

const weights = join(import.meta.dirname, '../../models/weights/season-planting.net');
const training = join(import.meta.dirname, '../../models/training/season');
const folder = mkdtempSync(join(tmpdir(), 'curve-net-'));
afterAll(() => rmSync(folder, { recursive: true }));

const hasTorch = ((): boolean => {
  try {
    execFileSync(python(), ['-c', 'import torch'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();
if (!hasTorch) process.stderr.write('skipped: the network of a year against PyTorch (no torch)\n');

/** One curve of three steps, one channel of one tap that hears the curve alone; `a|x` wins as its mean grows. */
function tinyNet(): Uint8Array {
  const head = new TextEncoder().encode('a|x b|y ');
  const scale = [2, 4];
  const convolution = [1, ...Array.from({ length: clockChannels }, () => 0), 0];
  // the mean of the steps, not the largest; then two answers
  const numbers = [...scale, ...convolution, 1, 0, 0, 1, -1, 0, 0.5];
  const bytes = new Uint8Array(32 + head.length + 4 * numbers.length);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode('TWCURVES'));
  [head.length, 1, 3, 1, 1, 1].forEach((value, i) => view.setUint32(8 + 4 * i, value, true));
  bytes.set(head, 32);
  numbers.forEach((value, i) => view.setFloat32(32 + head.length + 4 * i, value, true));
  return bytes;
}

describe('a network of curves', () => {
  it('gives what its numbers say, negative steps and those beyond the clip included', () => {
    const net = decodeCurveNet(tinyNet());
    // (6−2)/4 = 1, (2−2)/4 = 0, (−2−2)/4 = −1 → 0 when rectified; mean 1/3
    const [a, b] = pairShares(net, Float32Array.of(6, 2, -2));
    expect(a! / b!).toBeCloseTo(Math.exp(1 / 3 - (-1 / 3 + 0.5)), 5);
    const [far] = pairShares(net, Float32Array.of(1e6, 2, 2));
    expect(far).toBeCloseTo(pairShares(net, Float32Array.of(22, 2, 2))[0]!, 6);
  });

  it('is refused where bytes are missing, added or of another kind', () => {
    const bytes = tinyNet();
    const other = Uint8Array.from(bytes);
    other[0] = 0;
    for (const wrong of [bytes.subarray(0, -4), Uint8Array.from([...bytes, 0]), other, bytes.subarray(0, 20)])
      expect(() => decodeCurveNet(wrong)).toThrow(/is damaged/);
  });

  it.skipIf(!hasTorch)('answers as the network that was trained, in PyTorch', () => {
    const { net } = loadSeasonModel();
    const random = seeded(3);
    const rows = Array.from({ length: 20 }, () =>
      Float32Array.from({ length: net.channels * net.steps }, (_, i) => {
        const channel = Math.floor(i / net.steps);
        return net.mean[channel]! + net.deviation[channel]! * 4 * (random() - 0.5);
      }),
    );
    const script = `
import sys, struct, json, numpy as np, torch
sys.path.insert(0, ${JSON.stringify(training)})
from net import read_net
net, mean, deviation, hours = read_net(${JSON.stringify(weights)})
rows = np.array(json.load(sys.stdin), np.float32).reshape(20, len(mean), -1)
x = np.clip((rows - mean[:, None]) / deviation[:, None], -5, 5)
x = np.concatenate([x, np.broadcast_to(hours.T, (20, 5, hours.shape[0]))], 1).astype(np.float32)
with torch.no_grad():
    print(json.dumps(torch.softmax(net(torch.from_numpy(x)), 1).tolist()))`;
    const input = JSON.stringify(rows.map((row) => [...row]));
    const told = JSON.parse(execFileSync(python(), ['-c', script], { input, encoding: 'utf8' })) as number[][];
    rows.forEach((row, i) => {
      pairShares(net, row).forEach((share, k) => expect(share).toBeCloseTo(told[i]![k]!, 4));
    });
    expect(readFileSync(weights).length).toBeGreaterThan(1000);
  });
});

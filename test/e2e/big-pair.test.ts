import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { runBigPair } from './big-pair.ts';

/** The full size takes an hour: TIANWATCH_LONG=1. */
const isLong = process.env['TIANWATCH_LONG'] === '1';
const sidePx = isLong ? 30_000 : 900;
const mostBytes = 1.5e9;

const folder = mkdtempSync(join(tmpdir(), 'tianwatch-big-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a big pair', () => {
  it(`of ${sidePx}² px is done within 1.5 GB of memory`, { timeout: isLong ? 3 * 3_600_000 : 300_000 }, async () => {
    const { exit, stderr, seconds, peakBytes } = await runBigPair(folder, sidePx, isLong);
    expect(exit, stderr).toBe(0);
    const figures = `${sidePx}² px: peak ${(peakBytes / 1e9).toFixed(2)} GB, ${seconds.toFixed(0)} s`;
    process.stdout.write(`${figures}\n`);
    expect(peakBytes, figures).toBeGreaterThan(1e8);
    expect(peakBytes, figures).toBeLessThanOrEqual(mostBytes);
  });
});

import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePair } from '../../scripts/made-pair.ts';
import { repeatedGeotiff } from '../support/repeated-geotiff.ts';
import { tianwatch } from '../support/run-command.ts';
import type { Outcome } from '../support/run-command.ts';
import { readManifest, readOutputRaster, readSummary } from '../support/run-output.ts';

const folder = mkdtempSync(join(tmpdir(), 'tianwatch-partial-'));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const blockPx = 256;
const sidePx = 1700;
const bands = ['blue', 'green', 'red', 'nir'];

/** Blocks of a made landscape; block 2 of the after scene is what a bad disk left of it. */
function write(name: string, isAfter: boolean): void {
  const pair = makePair(blockPx, 2, false);
  const interleaved = (dn: Uint16Array): Uint16Array =>
    Uint16Array.from({ length: blockPx * blockPx * 4 }, (_, i) => dn[(i % 4) * blockPx * blockPx + (i >> 2)]!);
  const blocks = [
    interleaved(pair.before),
    interleaved(pair.after),
    Uint16Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 4096),
  ];
  const isBroken = (col: number, row: number): boolean => isAfter && col === 6 && row === 6;
  const blockAt = (col: number, row: number): number => (isBroken(col, row) ? 2 : isAfter && col === 1 ? 1 : 0);
  writeFileSync(
    at(name),
    repeatedGeotiff({ sidePx, bands, blockPx, blocks, blockAt, acquired: isAfter ? '2026-08-12' : '2025-08-15' }),
  );
}

describe('tianwatch run over a file with one block that cannot be decoded', { timeout: 180_000 }, () => {
  let ended: Outcome;
  beforeAll(async () => {
    write('before.tif', false);
    write('after.tif', true);
    const args = [
      'run',
      '--before',
      at('before.tif'),
      '--after',
      at('after.tif'),
      '--model',
      'none',
      '--out',
      at('out'),
    ];
    ended = await tianwatch(args, { data: at('data') });
  }, 180_000);

  it('does all the rest, ends with 3 and says what is missing', () => {
    expect(ended.exit, ended.stderr).toBe(3);
    expect(ended.stderr).toMatch(/partial/);
    expect(ended.stderr).not.toMatch(/^\s+at /m);
    expect(readdirSync(at('out'))).toHaveLength(9);
  });

  it('counts the hole as failed ground and names the block', () => {
    const [manifest, summary] = [readManifest(at('out')), readSummary(at('out'))];
    expect([manifest.state, summary.state]).toEqual(['partial', 'partial']);
    expect(manifest.chunks.total).toBe(4);
    expect(manifest.chunks.failed).toEqual([
      { chunk: 3, why: expect.stringMatching(/after\.tif.*tile 48 \(column 6, row 6\)/) },
    ]);
    const { reasonsM2, gridM2, observedM2 } = summary.coverage;
    expect(reasonsM2.failed).toBeGreaterThan(0);
    expect(observedM2 + reasonsM2.failed).toBeCloseTo(gridM2, -1);
    expect(readFileSync(at('out/report.html'), 'utf8')).toContain('Some chunks failed');
  });

  it('leaves 255 there and nowhere else: unknown is not unchanged', async () => {
    const { width, samples } = await readOutputRaster(at('out/change.tif'));
    const holes = Array.from(samples).flatMap((value, i) => (value === 255 ? [i] : []));
    const cols = holes.map((i) => i % width);
    const first = Math.min(...new Set(cols));
    expect(first).toBeGreaterThan(sidePx / 2);
    expect(holes).toHaveLength((sidePx - first) ** 2);
  });
});

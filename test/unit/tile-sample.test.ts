import { describe, expect, it } from 'vitest';
import { sampleWindows } from '../../pipeline/tile/sample.ts';

describe('sampleWindows', () => {
  it('covers a small grid whole, once', () => {
    const windows = sampleWindows({ width: 600, height: 300 }, 64);
    expect(windows.reduce((sum, { width, height }) => sum + width * height, 0)).toBe(600 * 300);
  });

  it('spreads over a large grid without exceeding the number of blocks', () => {
    const windows = sampleWindows({ width: 30_000, height: 30_000 }, 64);
    expect(windows).toHaveLength(64);
    const cols = windows.map(({ col }) => col);
    expect(Math.min(...cols)).toBeLessThan(30_000 / 8);
    expect(Math.max(...cols)).toBeGreaterThan((30_000 * 7) / 8 - 256);
  });

  it('takes its share along a strip', () => {
    const windows = sampleWindows({ width: 100_000, height: 200 }, 64);
    expect(windows).toHaveLength(64);
    expect(new Set(windows.map(({ col }) => col)).size).toBe(64);
  });
});

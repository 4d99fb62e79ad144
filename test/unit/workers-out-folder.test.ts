import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openStaging, publishFolder } from '../../workers/compute/out-folder.ts';
import { openFileSink } from '../../workers/images/file-sink.ts';

const folder = mkdtempSync(join(tmpdir(), 'tianwatch-out-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('publishFolder', () => {
  it('leaves behind what a killed attempt had not finished', async () => {
    const out = join(folder, 'out');
    const staging = await openStaging(out, 'a'.repeat(16));
    writeFileSync(join(staging, 'patches.geojson'), '{}');
    const killed = await openFileSink(join(staging, 'patches.geojson'));
    await killed.write(new Uint8Array(9));
    expect(readdirSync(staging)).toHaveLength(2);
    await publishFolder(staging, out);
    expect(readdirSync(out)).toEqual(['patches.geojson']);
    expect(readdirSync(folder)).toEqual(['out']);
  });
});

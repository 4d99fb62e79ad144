import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { checkOutFolder, requireApart } from '../../workers/compute/out-folder.ts';

let out = '';
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'out-'));
  const manifest = { format: 'tianwatch-run/1', outputs: [{ file: 'change.tif' }] };
  writeFileSync(join(out, 'run.json'), JSON.stringify(manifest));
  writeFileSync(join(out, 'change.tif'), '');
});
afterEach(() => rmSync(out, { recursive: true, force: true }));

it('an earlier result may be replaced, with what GDAL and QGIS left beside its rasters', async () => {
  writeFileSync(join(out, 'change.tif.aux.xml'), '');
  await expect(checkOutFolder(out, false)).resolves.toBeUndefined();
});

it('an earlier result in which somebody keeps notes is replaced by force alone', async () => {
  writeFileSync(join(out, '核查记录.xlsx'), '');
  await expect(checkOutFolder(out, false)).rejects.toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringContaining('核查记录.xlsx'),
  });
  await expect(checkOutFolder(out, true)).resolves.toBeUndefined();
});

it('a folder whose run.json is no manifest is not ours', async () => {
  writeFileSync(join(out, 'run.json'), '{"format":"other"}');
  await expect(checkOutFolder(out, false)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
});

it('a folder that holds an input, also through a link, is refused by whatever force', () => {
  const [input, link] = [join(out, 'change.tif'), `${out}-link`];
  symlinkSync(out, link);
  expect(() => requireApart(out, [input])).toThrow('which the run needs');
  expect(() => requireApart(link, [input])).toThrow('which the run needs');
  expect(() => requireApart(join(out, 'sub'), [input])).not.toThrow();
  expect(() => requireApart(`${out}-other`, [input, 'none'])).not.toThrow();
  rmSync(link);
});

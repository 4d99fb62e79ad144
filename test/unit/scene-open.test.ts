import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openScene } from '../../workers/images/open-scene.ts';
import { splitPaths } from '../../workers/images/source.ts';
import { tinyGeotiff, type TinyGeotiff } from '../support/tiny-geotiff.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scene-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const s2 = { width: 20, height: 20, bands: 4, descriptions: ['B02', 'B03', 'B04', 'B08'] };
function image(name: string, spec: Partial<TinyGeotiff> = {}): string {
  const path = join(folder, name);
  writeFileSync(path, tinyGeotiff({ ...s2, ...spec }));
  return path;
}
const swir = { width: 10, height: 10, bands: 2, pixelSize: 20, descriptions: ['B8A', 'B12'] };
const whole = { col: 0, row: 0, width: 20, height: 20 };
/** Files that this process holds open. */
const openFiles = () => readdirSync('/proc/self/fd').length;

const idOf = async (request: Parameters<typeof openScene>[0]) => {
  const opened = await openScene(request);
  await opened.close();
  return opened.scene.id;
};

const radiometry = async (value: number) => {
  const { scene, close } = await openScene({
    files: [image('f.tif', { dtype: 'float32', descriptions: ['B', 'G', 'R', 'NIR'], value: () => value })],
  });
  await close();
  return scene.radiometry;
};

describe('openScene', () => {
  it('makes one scene of several files, with their hashes', async () => {
    const files = [image('a_20200501_10m.tif'), image('a_20200501_20m.tif', swir)];
    const { scene, files: opened, problems, close } = await openScene({ files });
    expect(scene.bands.map(({ name, file }) => `${name} ${file}`)).toEqual([
      'blue 0',
      'green 0',
      'red 0',
      'nir 0',
      'nir08 1',
      'swir22 1',
    ]);
    expect(scene).toMatchObject({ acquired: '2020-05-01', sensor: 'sentinel-2', radiometry: 'reflectance' });
    expect(scene.grid).toMatchObject({ width: 20, height: 20, affine: [10, 0, 300_000, 0, -10, 3_400_000] });
    expect(scene.files[0]?.sha256).toBe(createHash('sha256').update(tinyGeotiff(s2)).digest('hex'));
    expect(scene.files[1]?.bytes).toBe(tinyGeotiff({ ...s2, ...swir }).length);
    expect(problems.every(({ message }) => files.some((file) => message.startsWith(`${file}: `)))).toBe(true);
    expect((await opened[1]?.readWindow({ ...whole, width: 2, height: 1 }, [1]))?.data).toEqual(Uint16Array.of(41, 42));
    await close();
  });

  it('keeps its id when the files move, and changes it with a byte or a flag', async () => {
    const first = image('a.tif');
    mkdirSync(join(folder, 'archive'));
    const id = await idOf({ files: [first] });
    expect(await idOf({ files: [image('archive/other.tif')] })).toBe(id);
    expect(await idOf({ files: [first], scale: '0.0002' })).not.toBe(id);
    expect(await idOf({ files: [image('b.tif', { value: () => 5 })] })).not.toBe(id);
  });

  it('refuses a file whose mask lies beside it: what the mask hides is not seen', async () => {
    const path = image('a.tif');
    writeFileSync(`${path}.msk`, tinyGeotiff({ ...s2, bands: 1 }));
    await expect(openScene({ files: [path] })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      message: expect.stringContaining('.msk'),
    });
  });

  it('says what an .aux.xml holds that the file lacks, and is silent about all else', async () => {
    const path = image('a.tif');
    const codes = async (aux: string) => {
      writeFileSync(`${path}.aux.xml`, aux);
      const { problems, close } = await openScene({ files: [path] });
      await close();
      return problems.filter(({ code }) => code === 'ASIDE_UNREAD').map(({ message }) => message);
    };
    const band = (inner: string) => `<PAMDataset><PAMRasterBand band="1">${inner}</PAMRasterBand></PAMDataset>`;
    const [said] = await codes(band('<NoDataValue>0</NoDataValue>'));
    expect(said).toContain('nodata');
    expect(await codes(band('<Description>B02</Description>'))).toEqual([]);
    expect(await codes(band('<Metadata><MDI key="STATISTICS_MEAN">5</MDI></Metadata>'))).toEqual([]);
  });

  it('does not mask by a fourth band that it was told is near infrared', async () => {
    const rgbn = image('a.tif', {
      descriptions: [],
      dtype: 'uint8',
      photometric: 2,
      value: (band, col) => (band === 3 && col === 0 ? 0 : 9),
    });
    const seen = async (bands: string) => {
      const { scene, files, close } = await openScene({ files: [rgbn], bands });
      const mask = await files[0]?.readMask(whole);
      await close();
      return { alpha: scene.files[0]?.alphaIndex, masked: mask?.filter((value) => value === 0).length };
    };
    expect(await seen('R,G,B,NIR')).toEqual({ alpha: null, masked: 0 });
    expect(await seen('R,G,B')).toEqual({ alpha: 3, masked: 20 });
  });

  it('tells reflectance from other floats by their values', async () => {
    expect(await radiometry(0.3)).toBe('reflectance');
    expect(await radiometry(1800)).toBe('dn');
  });

  it('leaves no file open when one of several is refused', async () => {
    const files = [image('a_20200501.tif'), image('b_20200502.tif', swir)];
    await openScene({ files: files.slice(0, 1) }).then(({ close }) => close());
    const before = openFiles();
    await expect(openScene({ files })).rejects.toThrow(/differ in date/);
    await expect(openScene({ files: [files[0] ?? '', join(folder, 'none.tif')] })).rejects.toThrow(
      /none\.tif does not exist/,
    );
    await expect(openScene({ files: [image('c.tif', { descriptions: [] })] })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
      details: { problem: 'BANDS_UNKNOWN' },
    });
    expect(openFiles()).toBe(before);
  });

  it('splits a list at commas unless the whole is a path that is there', () => {
    const comma = image('a,b.tif');
    expect(splitPaths('x.tif, y.tif,')).toEqual(['x.tif', 'y.tif']);
    expect(splitPaths(comma)).toEqual([comma]);
  });
});

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { madeBands, makePair } from '../../scripts/made-pair.ts';
import { holdData } from '../support/data-holder.ts';
import { plainCard, writeCard } from '../support/model-card.ts';
import { convolutionNetwork } from '../support/onnx-file.ts';
import { tianwatch } from '../support/run-command.ts';
import { madeAffine, writeMadeScene } from '../support/scene-geotiff.ts';
import { tinyGeotiff } from '../support/tiny-geotiff.ts';

const folder = mkdtempSync(join(tmpdir(), 'tianwatch-refused-'));
const at = (name: string): string => join(folder, name);
const data = at('data');
const sidePx = 130;
const size = { width: sidePx, height: sidePx };
const four = madeBands.slice(0, 4);
const plane = sidePx * sidePx;
let holder: { close(): Promise<void> };
let dn = { before: new Uint16Array(), after: new Uint16Array() };

beforeAll(async () => {
  const made = makePair(sidePx, 4, false);
  dn = { before: made.before.slice(0, 4 * plane), after: made.after.slice(0, 4 * plane) };
  const write = (name: string, spec: Partial<Parameters<typeof writeMadeScene>[1]> = {}) =>
    writeMadeScene(at(name), { ...size, data: dn.after, names: four, acquired: '2026-08-12', ...spec });
  await write('before.tif', { data: dn.before, acquired: '2025-08-15' });
  await write('after.tif');
  await write('far.tif', { affine: [10, 0, madeAffine[2] + 90_000, 0, -10, madeAffine[5]] });
  await write('nowhere.tif', { epsg: null });
  await write('empty.tif', { data: new Uint16Array(4 * plane) });
  await write('nan.tif', { data: new Float32Array(4 * plane).fill(Number.NaN), dtype: 'float32', nodata: null });
  await write('one.tif', { data: dn.after.slice(0, plane), names: ['nir'] });
  await write('truncated.tif');
  truncateSync(at('truncated.tif'), 20_000);
  writeFileSync(at('page.tif'), '<!DOCTYPE html><html><body>404 Not Found</body></html>');
  writeFileSync(at('zero.tif'), '');
  writeFileSync(
    at('huge.tif'),
    tinyGeotiff({ width: 8, height: 8, bands: 4, claimPx: 1_000_000, descriptions: ['B02', 'B03', 'B04', 'B08'] }),
  );
  writeFileSync(at('aoi.json'), '{ "type": "FeatureCollection", "features": [');
  writeFileSync(
    at('elsewhere.json'),
    JSON.stringify({
      type: 'Polygon',
      coordinates: [
        [
          [0, 0],
          [1, 0],
          [1, 1],
          [0, 0],
        ],
      ],
    }),
  );
  writeFileSync(at('point.json'), JSON.stringify({ type: 'Point', coordinates: [121, 30] }));
  mkdirSync(at('folder.tif'));
  mkdirSync(at('foreign'));
  writeFileSync(at('foreign/notes.txt'), 'mine');
  const swir = plainCard({ id: 'swir', input: { ...plainCard().input, bands: [{ name: 'swir16' }] } });
  writeCard(folder, swir, convolutionNetwork([[1], [2], [3]]));
  holder = await holdData(data);
});
afterAll(async () => {
  await holder.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Case {
  readonly name: string;
  readonly exit: number;
  /** what the line must say: what, where, which value, what to do */
  readonly says: readonly RegExp[];
  readonly after?: string;
  readonly flags?: readonly string[];
  readonly out?: string;
}

const allCases: readonly Case[] = [
  {
    name: 'a truncated file',
    after: 'truncated.tif',
    exit: 1,
    says: [/truncated\.tif/, /ends at 20000|20000 bytes/, /again/i],
  },
  { name: 'a web page called .tif', after: 'page.tif', exit: 1, says: [/page\.tif/, /HTML/, /Give a GeoTIFF/] },
  { name: 'an empty file', after: 'zero.tif', exit: 1, says: [/zero\.tif/, /empty/] },
  {
    name: 'a kilobyte that claims a million lines',
    after: 'huge.tif',
    exit: 1,
    says: [/huge\.tif/, /1000000 × 1000000/],
  },
  { name: 'a missing file', after: 'gone.tif', exit: 1, says: [/gone\.tif does not exist/, /path/] },
  { name: 'a folder as a file', after: 'folder.tif', exit: 1, says: [/folder\.tif is a folder/] },
  {
    name: 'scenes of different places',
    after: 'far.tif',
    exit: 1,
    says: [/do not overlap/, /lon \d+\.\d+ to/, /Give two scenes/],
  },
  {
    name: 'a file without a coordinate system',
    after: 'nowhere.tif',
    exit: 1,
    says: [/nowhere\.tif/, /CRS|coordinate/i],
  },
  { name: 'too few bands', after: 'one.tif', exit: 1, says: [/share 1 optical band/, /after: nir/, /--bands/] },
  {
    name: 'a wrong number of band names',
    flags: ['--bands-after', 'R,G,B'],
    exit: 2,
    says: [/3 bands/, /after\.tif has 4/],
  },
  { name: 'a scene of nodata', after: 'empty.tif', exit: 1, says: [/nothing to process|nodata/] },
  { name: 'a scene of NaN', after: 'nan.tif', exit: 1, says: [/nothing to process|NaN|scale/] },
  { name: 'an unknown model', flags: ['--model', 's2-last'], exit: 1, says: [/s2-last/, /There is no model card/] },
  {
    name: 'a card for other bands',
    flags: ['--model', at('swir.json')],
    exit: 1,
    says: [/needs the band swir16/, /the scene has blue, green, red, nir/],
  },
  { name: 'a broken area of interest', flags: ['--aoi', at('aoi.json')], exit: 1, says: [/aoi\.json/, /JSON/] },
  {
    name: 'an area of interest without area',
    flags: ['--aoi', at('point.json')],
    exit: 1,
    says: [/point\.json/, /no GeoJSON polygons/],
  },
  {
    name: 'an area of interest elsewhere',
    flags: ['--aoi', at('elsewhere.json')],
    exit: 1,
    says: [/elsewhere\.json|area of interest|nothing to process/],
  },
  { name: 'a bad grid', flags: ['--grid', '32651'], exit: 2, says: [/--grid 32651/, /--help|e\.g\./] },
  { name: 'a grid of an unknown system', flags: ['--grid', '999999:10'], exit: 1, says: [/999999/] },
  { name: 'a grid of a micrometre', flags: ['--grid', '32651:0.000001'], exit: 2, says: [/pixels/, /larger step/] },
  { name: 'no thread at all', flags: ['--threads', '0'], exit: 2, says: [/--threads 0/] },
  { name: 'a foreign folder', out: 'foreign', exit: 2, says: [/notes\.txt/, /--force/] },
  { name: 'a folder below a file', out: 'page.tif/out', exit: 2, says: [/page\.tif/, /another folder/] },
  {
    name: 'a folder where nobody may write',
    out: '/proc/tianwatch',
    exit: 1,
    says: [/\/proc/, /cannot be written|may write/],
  },
];

/** Each is a process of its own: every third in the short form, all with TIANWATCH_LONG=1. */
const isLong = process.env['TIANWATCH_LONG'] === '1';
const cases = allCases.filter((_, position) => isLong || position % 3 === 1 || position === allCases.length - 1);

describe('tianwatch run refuses', () => {
  it.concurrent.for(cases)(
    '$name',
    { timeout: 120_000 },
    async ({ name, exit, says, after = 'after.tif', flags = [], out }, { expect: within }) => {
      const target = out === undefined ? at(`out ${name}`) : out.startsWith('/') ? out : at(out);
      const args = [
        'run',
        '--before',
        at('before.tif'),
        '--after',
        at(after),
        '--model',
        'none',
        ...flags,
        '--out',
        target,
      ];
      const ended = await tianwatch(args, { data });
      // stage lines (0:01 …) and remarks apart, one line says it all
      const lines = ended.stderr.split('\n').filter((line) => line !== '' && !/^\d+:\d\d |^提示/.test(line));
      within(lines, ended.stderr).toHaveLength(1);
      for (const pattern of says) within(lines[0]).toMatch(pattern);
      within(ended.stderr).not.toMatch(/^\s+at |\.ts:\d+/m);
      within(ended.exit, ended.stderr).toBe(exit);
      within(ended.stdout).toBe('');
      if (out === undefined) within(existsSync(target)).toBe(false);
      within(readdirSync(folder).filter((entry) => entry.startsWith(`.out ${name}.`))).toEqual([]);
    },
  );

  it('and leaves what was in a foreign folder', () => {
    expect(readdirSync(at('foreign'))).toEqual(['notes.txt']);
    expect(readFileSync(at('foreign/notes.txt'), 'utf8')).toBe('mine');
  });
});

describe('a full disk', () => {
  const mount = mkdtempSync(join(tmpdir(), 'tianwatch-full-'));
  const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=160k', 'tmpfs', mount]).status === 0;
  if (!isMounted) process.stdout.write('skipped: a small tmpfs may not be mounted here\n');
  afterAll(() => {
    if (isMounted) spawnSync('umount', [mount]);
    rmSync(mount, { recursive: true, force: true });
  });

  it.runIf(isMounted)(
    'under --out is one line, exit 1, and nothing that looks like a result',
    { timeout: 120_000 },
    async () => {
      const out = join(mount, 'out');
      const args = ['run', '--before', at('before.tif'), '--after', at('after.tif'), '--model', 'none', '--out', out];
      const ended = await tianwatch(args, { data });
      expect(ended.stderr).toMatch(/^EXHAUSTED: The disk is full.*Free space/m);
      expect(ended.exit).toBe(1);
      expect(existsSync(out)).toBe(false);
    },
  );
});

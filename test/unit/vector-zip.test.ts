import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import iconv from 'iconv-lite';
import { describe, expect, it } from 'vitest';
import { crc32 } from '../../pipeline/vector/zip-entry.ts';
import { ownFolder, parcels, readVector, square, writeShapefile } from '../support/vector-file.ts';

const folder = ownFolder();
let archives = 0;

interface Member {
  readonly name: string | Uint8Array;
  readonly bytes: Uint8Array;
  readonly flags?: number;
  /** what the archive says, where that is not so */
  readonly claimedBytes?: number;
}

/** A .zip as any program may write it. */
function zip(members: readonly Member[]): string {
  const [locals, heads]: [Buffer[], Buffer[]] = [[], []];
  let at = 0;
  for (const { name, bytes, flags = 0, claimedBytes = bytes.length } of members) {
    const packed = deflateRawSync(bytes);
    const raw = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(crc32(bytes, 0), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(claimedBytes, 18);
    common.writeUInt16LE(raw.length, 22);
    const [localMark, headMark] = [Buffer.from('PK\u0003\u0004'), Buffer.from('PK\u0001\u0002\u0014\0')];
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(at, 10);
    locals.push(localMark, common, raw, packed);
    heads.push(headMark, common, rest, raw);
    at += 30 + raw.length + packed.length;
  }
  const directory = Buffer.concat(heads);
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  const path = join(folder, `${++archives}.zip`);
  writeFileSync(path, Buffer.concat([...locals, directory, end]));
  return path;
}

const geojson = Buffer.from(
  JSON.stringify({
    type: 'FeatureCollection',
    features: [
      { type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [square(120, 30, 0.01)] } },
    ],
  }),
);
const unpackedFolders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('tianwatch-zip-')).length;

async function shapefile(stem: string, prefix = ''): Promise<Member[]> {
  await writeShapefile(join(folder, `${stem}.shp`), parcels, { encoding: 'gbk', hasCpg: false });
  return ['shp', 'shx', 'dbf', 'prj'].map((extension) => ({
    name: `${prefix}${stem}.${extension}`,
    bytes: readFileSync(join(folder, `${stem}.${extension}`)),
  }));
}

describe('a .zip', () => {
  it('gives the shapefile in it, in a folder and beside other files, and leaves nothing behind', async () => {
    const before = unpackedFolders();
    const members = [
      { name: '说明.txt', bytes: Buffer.from('x'), flags: 0x800 },
      ...(await shapefile('DLTB', 'survey/2025/')),
    ];
    const { features, epsg } = await readVector(zip(members));
    expect([features.map(({ properties }) => properties), epsg]).toEqual([
      parcels.map(({ properties }) => properties),
      4549,
    ]);
    expect(unpackedFolders()).toBe(before);
  });

  it('with several layers asks for one by name, and gives it', async () => {
    const path = zip([...(await shapefile('DLTB')), { name: 'zones.geojson', bytes: geojson }]);
    await expect(readVector(path)).rejects.toThrow('it holds 2 layers: DLTB, zones.');
    expect((await readVector(path, { layer: 'zones' })).features).toHaveLength(1);
    expect((await readVector(path, { layer: 'DLTB' })).features).toHaveLength(2);
    await expect(readVector(path, { layer: 'x' })).rejects.toThrow('no layer "x"');
  });

  it('may have names in GBK, as Windows in Chinese writes them', async () => {
    const { features } = await readVector(
      zip([{ name: iconv.encode('秀洲区/地类图斑.geojson', 'gbk'), bytes: geojson }]),
    );
    expect(features).toHaveLength(1);
  });

  it('is refused where an entry points outside of it, naming the entry', async () => {
    for (const name of ['../../evil.geojson', '/etc/evil.geojson', 'C:\\evil.geojson', 'a/../../evil.geojson'])
      await expect(readVector(zip([{ name, bytes: geojson }]))).rejects.toThrow(
        /路径越界 its entry ".*evil.geojson" points outside/,
      );
  });

  it('is refused where it unpacks out of all proportion, as it says itself or in truth', async () => {
    const bomb = Buffer.alloc(32 << 20, 0x20);
    await expect(readVector(zip([{ name: 'a.geojson', bytes: bomb }]))).rejects.toThrow(
      /压缩炸弹 its entry "a.geojson" unpacks \d+ bytes to 33554432/,
    );
    await expect(readVector(zip([{ name: 'a.geojson', bytes: bomb, claimedBytes: 1000 }]))).rejects.toThrow(
      /archive is damaged: too many bytes/,
    );
    const many = Array.from({ length: 2001 }, (_, i) => ({ name: `${i}.txt`, bytes: Buffer.from('x') }));
    await expect(readVector(zip(many))).rejects.toThrow(/2001 entries/);
  });

  it('is refused where it is encrypted, damaged, cut off, or holds no layer', async () => {
    await expect(readVector(zip([{ name: 'a.geojson', bytes: geojson, flags: 1 }]))).rejects.toThrow(
      /"a.geojson" is encrypted/,
    );
    await expect(readVector(zip([{ name: 'a.txt', bytes: geojson }]))).rejects.toThrow(/no layer of polygons/);
    await expect(
      readVector(
        zip([
          { name: 'a.geojson', bytes: geojson },
          { name: 'a.geojson', bytes: geojson },
        ]),
      ),
    ).rejects.toThrow(/there twice/);
    const bytes = readFileSync(zip([{ name: 'a.geojson', bytes: geojson }]));
    const cut = join(folder, 'cut.zip');
    writeFileSync(cut, bytes.subarray(0, bytes.length - 30));
    await expect(readVector(cut)).rejects.toThrow(/archive is damaged/);
    bytes[60]! ^= 0xff;
    writeFileSync(cut, bytes);
    await expect(readVector(cut)).rejects.toThrow(/damaged/);
  });
});

const hasZip = spawnSync('zip', ['-v']).status === 0;
if (!hasZip) process.stderr.write('skipped: zip is absent\n');

describe.runIf(hasZip)('a .zip written by zip', () => {
  it('is read', async () => {
    await shapefile('real');
    execFileSync('zip', ['-q', 'real.zip', 'real.shp', 'real.shx', 'real.dbf', 'real.prj'], { cwd: folder });
    expect((await readVector(join(folder, 'real.zip'))).features).toHaveLength(2);
  });
});

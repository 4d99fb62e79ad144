import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import { labelsOf, type StoredVerdict } from '../../pipeline/report/label-export.ts';
import { openLabelPolygons } from '../../scripts/evaluate/label-polygon.ts';
import { squareDeg } from '../support/made-tracks.ts';

/** A square so many metres further east, as the registry parses it. */
const groundAt = (eastM: number): StoredVerdict['ground'] =>
  squareDeg(eastM, 0).map((polygon) => polygon.map((ring) => ring.map(([x, y]) => [x, y])));

const verdict = (id: string, given: Partial<StoredVerdict> = {}): StoredVerdict => ({
  id,
  track: id,
  axis: 'land-class',
  says: 'confirmed',
  date: '2026-09-01',
  givenBy: '王工',
  ground: groundAt(0),
  classBefore: 'crops',
  classAfter: 'built',
  dateBefore: '2025-08-12',
  category: 'non-farm',
  dateAfter: '2026-08-12',
  ...given,
});

it('what a person confirmed, permitted or refuted becomes a label; what says nothing of the pair is counted and left out', () => {
  const { labels, leftOut } = labelsOf([
    verdict('a'),
    verdict('b', { says: 'lawful' }),
    verdict('c', { says: 'refuted' }),
    verdict('d', { says: 'restored' }),
    verdict('e', { axis: 'planting' }),
    verdict('f', { ground: null }),
  ]);
  expect(
    labels.features.map(({ properties: { patch, verdict: said, classAfter } }) => [patch, said, classAfter]),
  ).toEqual([
    ['a', 'confirmed', 'built'],
    ['b', 'confirmed', 'built'],
    ['c', 'refuted', null],
  ]);
  expect(leftOut).toEqual({ 'no outline': 1, planting: 1, restored: 1, superseded: 0 });
});

it('of several verdicts on one track the latest counts, in whatever order they come', () => {
  const both = [verdict('v1', { track: 't' }), verdict('v2', { track: 't', says: 'refuted', date: '2026-10-01' })];
  for (const given of [both, both.toReversed()]) {
    const { labels, leftOut } = labelsOf(given);
    expect(labels.features.map(({ properties }) => properties.verdict)).toEqual(['refuted']);
    expect(leftOut.superseded).toBe(1);
  }
});

it('evaluation reads the export: confirmed ground is changed into its class, refuted ground unchanged, the rest open', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tianwatch-'));
  const path = join(folder, 'labels.geojson');
  const given = [verdict('a'), verdict('b', { says: 'refuted', ground: groundAt(300) })];
  await writeFile(path, JSON.stringify(labelsOf(given).labels));
  const [[west, south] = [0, 0]] = squareDeg(0, 0)[0]![0]!;
  const stepDeg = 0.0001;
  const labels = await openLabelPolygons(path, {
    grid: {
      crs: crsFromEpsg(4326),
      affine: [stepDeg, 0, west, 0, -stepDeg, south + 8 * stepDeg],
      width: 45,
      height: 8,
    },
    classes: [
      { code: 3, name: 'crops', zh: '耕地', colour: '#00ff00', group: 'farm' },
      { code: 4, name: 'built', zh: '建筑', colour: '#ff0000', group: 'artificial' },
    ],
    outside: null,
    dates: { before: '2025-08-12', after: '2026-08-12' },
  });
  const codes = await labels.read({ col: 0, row: 4, width: 45, height: 1 });
  await labels.close();
  await rm(folder, { recursive: true, force: true });
  // 100 m is 10.4 px of this grid, 300 m 31.3: changed into the class at position 1, nobody said, unchanged
  expect([codes[4], codes[20], codes[36]]).toEqual([4, 0, 1]);
  expect(labels.notes.join(' ')).not.toMatch(/other dates/);
});

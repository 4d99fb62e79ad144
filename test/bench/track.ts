import { planeAreaM2 } from '../../pipeline/geo/frame.ts';
import { minimumAreaSchema } from '../../pipeline/change/minimum-area.ts';
import type { FramePolygon, ParcelLayer } from '../../pipeline/parcel/layer.ts';
import { openLand } from '../../pipeline/parcel/land.ts';
import { ledgersBy, type LedgerPiece } from '../../pipeline/parcel/ledger.ts';
import { openParcelIndex } from '../../pipeline/parcel/parcel-index.ts';
import { piecesOf } from '../../pipeline/parcel/pieces.ts';
import { judge } from '../../pipeline/rule/judge.ts';
import { maskOfPolygons } from '../../pipeline/tile/aoi.ts';
import { advance, noTracks } from '../../pipeline/track/advance.ts';
import { minimumM2By, type TrackRules } from '../../pipeline/track/confirmation.ts';
import type { LookReport, Sighting } from '../../pipeline/track/sighting.ts';
import { seasonGuard } from '../../pipeline/season/guard.ts';
import { loadConfirmation, loadRegion, loadRules, loadSeasonRules } from '../../workers/rule/load-rules.ts';
import { layerOfPolygons, madeMosaic, seededChance } from '../support/made-parcels.ts';
import minimumArea from '../../config/rules/minimum-area.json' with { type: 'json' };
import { cpuSeconds } from './landscape.ts';
import { madePatch, mosaic } from './overlay.ts';

const trackCount = 10_000;
const dates = ['2025-07-20', '2025-07-25', '2025-07-30', '2025-08-04', '2025-08-09'] as const;
const gsdM = 10;
// one cell of 10 m a pixel of the mosaic's box
const seenCols = 4200;
const seenRows = 2650;

export interface TrackFigures {
  readonly tracks: number;
  readonly parcels: number;
  readonly sightings: number;
  /** tracks that the timed look confirmed, saw unchanged, began */
  readonly confirmed: number;
  readonly gone: number;
  readonly begun: number;
  readonly pieces: number;
  readonly indexSeconds: number;
  readonly matchSeconds: number;
  readonly ruleSeconds: number;
  readonly ledgerSeconds: number;
  readonly seconds: number;
  /** bar of the sum */
  readonly barSeconds: number;
  readonly maxRssMB: number;
}

/** Cells of a tenth of the looks' ground lie under clouds of 600 m. */
function madeSeen(chance: () => number): Uint8Array {
  const seen = new Uint8Array(seenCols * seenRows).fill(1);
  for (let cloud = 0; cloud < 300; cloud++) {
    const [col, row] = [Math.floor(chance() * (seenCols - 60)), Math.floor(chance() * (seenRows - 60))];
    for (let y = row; y < row + 60; y++) seen.fill(0, y * seenCols + col, y * seenCols + col + 60);
  }
  return seen;
}

/** Share of an outline's cells that are 1. */
function fractionOf(seen: Uint8Array, polygons: readonly FramePolygon[]): number {
  const placed = polygons.map((rings) =>
    rings.map((ring) => {
      const points = Array.from(
        { length: ring.length / 2 },
        (_, i) => [(ring[2 * i]! - mosaic.x) / gsdM, (ring[2 * i + 1]! - mosaic.y) / gsdM] as const,
      );
      return [...points, points[0]!];
    }),
  );
  const points = placed.flatMap((rings) => rings[0] ?? []);
  const [cols, rows] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [col, row] = [Math.floor(Math.min(...cols)), Math.floor(Math.min(...rows))];
  const [width, height] = [Math.ceil(Math.max(...cols)) - col, Math.ceil(Math.max(...rows)) - row];
  const mask = maskOfPolygons({ col, row, width, height }, placed);
  let [sum, count] = [0, 0];
  for (let at = 0; at < mask.length; at++) {
    if (mask[at] === 0) continue;
    count++;
    sum += seen[(row + Math.floor(at / width)) * seenCols + col + (at % width)] ?? 0;
  }
  return count === 0 ? 0 : sum / count;
}

const moved = (polygon: FramePolygon, dx: number, dy: number): FramePolygon =>
  polygon.map((ring) => ring.map((value, i) => value + (i % 2 === 0 ? dx : dy)));

/** Looks at the same patches, each displaced by up to a pixel; a few are gone, a few new; clouds. */
function madeLooks(): readonly LookReport[] {
  const chance = seededChance(21);
  const at = (i: number) => [mosaic.x + 412 * (i % 100) + 100, mosaic.y + 256 * Math.floor(i / 100) + 60] as const;
  const patches = Array.from({ length: trackCount }, (_, i) => madePatch(chance, at(i)));
  const kinds = [
    ['built', 'non-farm'],
    ['pond', 'non-grain'],
    ['trees', 'non-grain'],
  ] as const;
  return dates.map((date, look) => {
    const isLast = look === dates.length - 1;
    const seen = look === 1 ? new Uint8Array(seenCols * seenRows).fill(1) : madeSeen(chance);
    const sightings: Sighting[] = [];
    const add = (polygon: FramePolygon, i: number) => {
      const polygons = [moved(polygon, 8 * (chance() - 0.5), 8 * (chance() - 0.5))];
      if (fractionOf(seen, polygons) < 0.5) return;
      const [classAfter, category] = kinds[i % kinds.length]!;
      const areaM2 = Math.abs(planeAreaM2(polygons[0]!));
      const id = `${date} ${i}`;
      sightings.push({ id, polygons, areaM2, classBefore: 'crops', classAfter, category, probability: 0.8 });
    };
    if (look > 0) patches.forEach((polygon, i) => (isLast && i % 33 === 0 ? undefined : add(polygon, i)));
    if (isLast) {
      for (let i = 0; i < 500; i++) {
        const [x, y] = at(i * 20);
        add(madePatch(chance, [x + 200, y + 130]), trackCount + i);
      }
    }
    return {
      look: { id: date, date, sensor: 'S2', gsdM, kind: 'satellite' },
      sightings,
      observedFraction: (polygons) => fractionOf(seen, polygons),
    };
  });
}

function trackRules(): TrackRules {
  const [season, region] = [loadSeasonRules(), loadRegion()];
  return {
    confirmation: loadConfirmation(),
    minimumM2: minimumM2By(minimumAreaSchema.parse(minimumArea), []),
    seasonGuard: ({ classBefore, classAfter: classSeen }, { date }) =>
      seasonGuard({ classBefore, classSeen, date, county: null }, season, region) === null ? 'count' : 'wait',
  };
}

/** Every `step`th parcel of the survey, as a layer of its own. */
const someOf = (survey: readonly FramePolygon[], step: number): ParcelLayer =>
  layerOfPolygons(survey.filter((_, i) => i % step === 0));

/**
 * One new look on 10,000 open tracks over 100,000 parcels: matching and states, then rules and a ledger by town for
 * every track, one thread, seconds of processor time. The indexes are made within it; the earlier looks are not.
 */
export function benchTrack(): TrackFigures {
  const looks = madeLooks();
  const rules = { track: trackRules(), judge: loadRules() };
  const parcels = madeMosaic(mosaic);
  const codes = ['0101', '0103', '0201', '1104', '0702'];
  const survey = layerOfPolygons(parcels, (i) => ({
    code: codes[i % 9 < 5 ? 0 : (i % 9) - 4]!,
    town: `3304111${String(Math.floor(i / 1400)).padStart(2, '0')}`,
    county: '330411',
  }));
  const [permanentFarmland, permits] = [someOf(parcels, 3), someOf(parcels, 50)];
  const before = looks.slice(0, -1).reduce((state, look) => advance(state, look, rules.track), noTracks);
  const newest = looks.at(-1)!;

  let start = process.cpuUsage();
  const land = openLand({ survey, permanentFarmland, permits, zones: [], projects: null, subProjects: null });
  const [index, ...covers] = [survey, permits, permanentFarmland].map(openParcelIndex);
  const indexSeconds = cpuSeconds(start);

  start = process.cpuUsage();
  const after = advance(before, newest, rules.track);
  const matchSeconds = cpuSeconds(start);

  start = process.cpuUsage();
  const tracks = [...after.tracks.values()];
  let confirmed = 0;
  for (const track of tracks) {
    if (track.history.at(-1)?.look === newest.look.id && track.state === 'confirmed') confirmed++;
    const under = land.under(track.polygons[0]!, { from: null, to: newest.look.date });
    const fractionUnder = (areaM2: number) => Math.min(1, areaM2 / track.areaM2);
    for (const { feature } of under.parcels)
      judge(
        {
          classBefore: track.classBefore,
          classSeen: track.classAfter,
          landCode: survey.columns['code']?.[feature] ?? null,
          dateBefore: dates[0],
          dateAfter: newest.look.date,
          county: '330411',
          permanentFarmlandFraction: fractionUnder(under.permanentFarmlandM2),
          grainZoneFraction: 0,
          permitFraction: fractionUnder(under.permitM2),
          areaM2: track.areaM2,
        },
        rules.judge,
      );
  }
  const ruleSeconds = cpuSeconds(start);

  start = process.cpuUsage();
  const pieces: (LedgerPiece & { readonly town: string })[] = [];
  for (const { polygons } of tracks)
    for (const { parcel, mask, areaM2 } of piecesOf(
      polygons,
      index!,
      covers.map((cover) => ({ index: cover })),
    ).pieces)
      pieces.push({
        areaM2,
        wasCropland: parcel === null ? null : survey.columns['code']![parcel]!.startsWith('01'),
        isCropland: false,
        isPermitted: (mask & 1) > 0,
        isPermanentFarmland: (mask & 2) > 0,
        town: parcel === null ? '' : survey.columns['town']![parcel]!,
      });
  const ledgers = ledgersBy(pieces, ({ town }) => town);
  const ledgerSeconds = cpuSeconds(start);

  const total = [...ledgers.values()].reduce((sum, { groundM2 }) => sum + groundM2, 0);
  const wanted = tracks.reduce((sum, { areaM2 }) => sum + areaM2, 0);
  if (Math.abs(total - wanted) > 0.01) throw new Error(`the ledger has ${total} m² of ${wanted}`);
  const readings = tracks.map(({ observations }) => observations.at(-1)!.reading);
  return {
    tracks: before.tracks.size,
    parcels: survey.featureCount,
    sightings: newest.sightings.length,
    confirmed,
    gone: readings.filter((reading) => reading === 'unchanged').length,
    begun: after.tracks.size - before.tracks.size,
    pieces: pieces.length,
    indexSeconds,
    matchSeconds,
    ruleSeconds,
    ledgerSeconds,
    seconds: indexSeconds + matchSeconds + ruleSeconds + ledgerSeconds,
    barSeconds: 20,
    maxRssMB: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

import type { Home } from '../home.ts';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../pipeline/errors.ts';
import { crsFromEpsg } from '../../pipeline/geo/crs.ts';
import { balancesBy, bestShares } from '../../pipeline/ledger/balance.ts';
import { flowPieces } from '../../pipeline/ledger/flow.ts';
import { lastDayOf } from '../../pipeline/ledger/month.ts';
import type { Candidate, PotentialRow } from '../../pipeline/ledger/potential.ts';
import { findPotential, potentialByTown } from '../../pipeline/ledger/potential.ts';
import { shareScale } from '../../pipeline/ledger/survey-seen.ts';
import type { ParcelLayer } from '../../pipeline/parcel/layer.ts';
import { openParcelIndex } from '../../pipeline/parcel/parcel-index.ts';
import { tableText } from '../../pipeline/rule/csv-table.ts';
import { writeFileAtomic } from '../images/file-sink.ts';
import type { ImageStore } from '../images/store.ts';
import { ledgerFactsOf } from '../registry/door.ts';
import {
  loadLandCodes,
  loadLedgerRules,
  loadPotentialRules,
  loadRegion,
  loadRules,
  loadTowns,
} from '../rule/load-rules.ts';
import { openGeojsonWriter } from '../vector/geojson-writer.ts';
import type { VectorColumn } from '../vector/vector-writer.ts';
import { flowReadings } from './balance-sheet.ts';
import { lonLatOutline } from './lon-lat-outline.ts';
import { loadLedgerLayers } from './ledger-layers.ts';

/** `by`: what the candidate rests on; recoveredM2: seen to be cropland already; seenFraction: best look. */
export const potentialColumns: readonly VectorColumn[] = [
  { name: 'id', type: 'text' },
  { name: 'kind', type: 'text' },
  { name: 'kindZh', type: 'text' },
  { name: 'by', type: 'text' },
  { name: 'code', type: 'text' },
  { name: 'codeZh', type: 'text' },
  { name: 'planting', type: 'text' },
  { name: 'town', type: 'text' },
  { name: 'townName', type: 'text' },
  { name: 'village', type: 'text' },
  { name: 'areaM2', type: 'real' },
  { name: 'areaMu', type: 'real' },
  { name: 'recoveredM2', type: 'real' },
  { name: 'seenFraction', type: 'real' },
];

export const potentialCsvColumns = [
  'town',
  'townName',
  'county',
  'kind',
  'kindZh',
  'parcels',
  'areaM2',
  'areaMu',
  'recoveredM2',
] as const;

export interface PotentialSummary {
  readonly survey: string;
  readonly kinds: readonly {
    readonly kind: string;
    readonly zh: string;
    readonly parcels: number;
    readonly areaM2: number;
    readonly areaMu: number;
    readonly recoveredM2: number;
  }[];
  readonly towns: number;
}

const two = (value: number): number => Math.round(100 * value) / 100;

/** What looks of the year saw of parcels: m² that are cropland now and were not, and the best share seen. */
async function seenOf(home: Home, images: ImageStore, month: string) {
  const rules = loadRules();
  const ledgerRules = loadLedgerRules(rules);
  const layers = await loadLedgerLayers(home, images, lastDayOf(month));
  const { survey } = layers;
  if (survey === null)
    throw new AppError(
      'NOT_FOUND',
      `There is no land survey up to ${month}.`,
      'Import one: tianwatch baseline import <file> --kind land-survey.',
    );
  const facts = await ledgerFactsOf(home, month);
  const { readings } = flowReadings(facts, { id: survey.ref.id, layer: survey.layer }, survey.layer.centre);
  const own = readings.filter(({ date }) => date >= survey.ref.asOf);
  const land = { survey: openParcelIndex(survey.layer), permits: null, permanentFarmland: null, projects: null };
  const pieces = flowPieces(own, land, ledgerRules.seenFraction.value);
  const shares = own.flatMap(({ seenShares }) => (seenShares === null ? [] : [seenShares]));
  const seenShares = bestShares(shares, survey.layer.featureCount);
  const gains = balancesBy({ pieces, survey: survey.layer, seenShares }, (parcel) => String(parcel), {
    rules,
    ledgerRules,
  });
  return { survey, seenShares, recoveredM2: (parcel: number) => gains.get(String(parcel))?.cropland.gainM2 ?? 0 };
}

/**
 * Layers of parcels that may be consolidated, and their area by town.
 *
 * @param out an empty or new folder
 * @throws AppError NOT_FOUND without a land survey, CONFLICT for a folder that is not empty
 */
export async function surveyPotential(
  home: Home,
  images: ImageStore,
  { month, out }: { readonly month: string; readonly out: string },
): Promise<PotentialSummary> {
  await mkdir(out, { recursive: true });
  if ((await readdir(out)).length > 0)
    throw new AppError('CONFLICT', `${out} is not empty.`, 'Give a new folder, or empty this one.');
  const rules = loadPotentialRules();
  const { survey, seenShares, recoveredM2 } = await seenOf(home, images, month);
  const candidates = findPotential(survey.layer, rules);
  const rows = potentialByTown(candidates, rules);
  const towns = loadTowns(loadRegion());
  const zhOf = new Map(rules.kinds.map(({ kind, zh }) => [kind, zh]));
  for (const { kind } of rules.kinds)
    await writeKind(
      survey.layer,
      candidates.filter((candidate) => candidate.kind === kind),
      {
        path: join(out, `${kind}.geojson`),
        properties: (candidate) => ({
          kind,
          kindZh: zhOf.get(kind) ?? kind,
          townName: towns.get(candidate.town)?.name ?? null,
          recoveredM2: two(recoveredM2(candidate.parcel)),
          seenFraction: seenShares[candidate.parcel]! / shareScale,
        }),
      },
    );
  const recovered = (isMeant: (candidate: Candidate) => boolean): number =>
    candidates.filter(isMeant).reduce((sum, { parcel }) => sum + recoveredM2(parcel), 0);
  const line = ({ town, kind, parcels, areaM2, areaMu }: PotentialRow): readonly string[] => [
    town,
    towns.get(town)?.name ?? town,
    town.slice(0, 6),
    kind,
    zhOf.get(kind) ?? kind,
    String(parcels),
    areaM2.toFixed(2),
    areaMu.toFixed(2),
    recovered((candidate) => candidate.town === town && candidate.kind === kind).toFixed(2),
  ];
  await writeFileAtomic(join(out, 'potential.csv'), Buffer.from(tableText([potentialCsvColumns, ...rows.map(line)])));
  return {
    survey: survey.ref.asOf,
    towns: new Set(rows.map(({ town }) => town)).size,
    kinds: rules.kinds.map(({ kind, zh }) => {
      const own = rows.filter((row) => row.kind === kind);
      return {
        kind,
        zh,
        parcels: own.reduce((sum, { parcels }) => sum + parcels, 0),
        areaM2: own.reduce((sum, { areaM2 }) => sum + areaM2, 0),
        areaMu: own.reduce((sum, { areaMu }) => sum + Math.round(100 * areaMu), 0) / 100,
        recoveredM2: recovered((candidate) => candidate.kind === kind),
      };
    }),
  };
}

async function writeKind(
  survey: ParcelLayer,
  candidates: readonly Candidate[],
  {
    path,
    properties,
  }: {
    readonly path: string;
    readonly properties: (candidate: Candidate) => Readonly<Record<string, string | number | null>>;
  },
): Promise<void> {
  const codes = loadLandCodes();
  const cell = (name: string, parcel: number): string => survey.columns[name]?.[parcel] ?? '';
  const writer = await openGeojsonWriter(path, { crs: crsFromEpsg(4326), columns: potentialColumns });
  try {
    for (const candidate of candidates) {
      const { parcel, areaM2, town, by } = candidate;
      await writer.add({
        polygons: lonLatOutline(survey, parcel),
        properties: {
          id: cell('id', parcel),
          by,
          code: cell('code', parcel),
          codeZh: codes.get(cell('code', parcel))?.name ?? null,
          planting: cell('planting', parcel) || null,
          town,
          village: cell('village', parcel) || null,
          areaM2: two(areaM2),
          areaMu: two((areaM2 * 3) / 2000),
          ...properties(candidate),
        },
      });
    }
    await writer.finish();
  } finally {
    await writer.discard();
  }
}

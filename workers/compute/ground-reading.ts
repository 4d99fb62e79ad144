import { createHash } from 'node:crypto';
import { encodeRuns } from '../../pipeline/ledger/cell-runs.ts';
import type { ObservationFact } from '../../pipeline/ledger/facts.ts';
import type { GroundRows } from '../../pipeline/ledger/ground-cells.ts';
import { areasByCode, observedAreas, openGroundCells } from '../../pipeline/ledger/ground-cells.ts';
import { codeOfReason, seenCode } from '../../pipeline/ledger/ground-code.ts';
import { layPlaces, parcelDensity, partDensity } from '../../pipeline/ledger/places.ts';
import { seenSharesOf, townObservations } from '../../pipeline/ledger/survey-seen.ts';
import { type FramePolygon, type ParcelLayer, polygonsOf } from '../../pipeline/parcel/layer.ts';
import type { EqualAreaFrame } from '../../pipeline/geo/frame.ts';
import type { Grid } from '../../pipeline/types.ts';
import { unobserved } from '../../pipeline/types.ts';
import { encodeShape } from '../../pipeline/ledger/shape-bytes.ts';
import { meansChange, type TallyRows } from './ground-tally.ts';

/** What readings saw of the projects and the survey, by plane of the rows that stream by. */
export interface GroundPlanes {
  /** ground codes, a plane a reading; see `pipeline/ledger/ground-code.ts` */
  addRows(rows: GroundRows): void;
  observations(plane: number): readonly ObservationFact[];
}

/** What both looks of a pair saw of the projects and the survey. */
export interface GroundReading {
  addRows(rows: TallyRows): void;
  /** of the later look, and of the earlier one by itself */
  finish(): Readonly<Record<'after' | 'before', readonly ObservationFact[]>>;
}

export interface ReadGround {
  readonly grid: Grid;
  readonly frame: EqualAreaFrame;
  /** sub-projects cut by town, see `splitByTown`; null = none take part */
  readonly parts: ParcelLayer | null;
  readonly survey: ParcelLayer | null;
  /** sha256 of the survey's layer */
  readonly surveyId: string;
}

const planeNames = ['after', 'before'] as const;

/** sha256 of an outline, as its frame has it. */
export const outlineDigest = (polygons: readonly FramePolygon[]): string =>
  createHash('sha256').update(encodeShape(polygons)).digest('hex');

/** @param planes how many readings the rows hold */
export function openGroundPlanes({ grid, frame, parts, survey, surveyId }: ReadGround, planes: number): GroundPlanes {
  const partCells = openGroundCells(placesOf(parts, partDensity), { grid, frame, planes });
  const surveyCells = openGroundCells(placesOf(survey, parcelDensity), { grid, frame, planes });

  function ofParts(plane: number): ObservationFact[] {
    return Array.from({ length: parts?.featureCount ?? 0 }, (_, feature): ObservationFact => {
      const cells = partCells.cells(feature, plane);
      const areaM2 = parts!.areaM2[feature]!;
      return {
        subject: 'sub-project',
        subjectId: parts!.columns['id']?.[feature] ?? '',
        town: parts!.columns['town']?.[feature] ?? '',
        areaM2,
        ...observedAreas(areasByCode(cells, areaM2)),
        outline: outlineDigest(polygonsOf(parts!, feature)),
        cells: encodeRuns(cells),
      };
    });
  }

  function ofSurvey(plane: number): readonly ObservationFact[] {
    if (survey === null) return [];
    const cellsOf = (parcel: number): Uint8Array => surveyCells.cells(parcel, plane);
    const towns = townObservations(survey, cellsOf, surveyId);
    const sum = (of: (town: ObservationFact) => number): number => towns.reduce((total, town) => total + of(town), 0);
    return [
      ...towns,
      {
        subject: 'survey',
        subjectId: surveyId,
        town: '',
        areaM2: sum(({ areaM2 }) => areaM2),
        seenM2: sum(({ seenM2 }) => seenM2),
        unseenM2: {
          cloud: sum(({ unseenM2 }) => unseenM2.cloud),
          shadow: sum(({ unseenM2 }) => unseenM2.shadow),
          outside: sum(({ unseenM2 }) => unseenM2.outside),
          nodata: sum(({ unseenM2 }) => unseenM2.nodata),
          failed: sum(({ unseenM2 }) => unseenM2.failed),
        },
        outline: surveyId,
        cells: encodeRuns(seenSharesOf(survey, cellsOf)),
      },
    ];
  }

  return {
    addRows(rows) {
      partCells.addRows(rows);
      surveyCells.addRows(rows);
    },
    observations: (plane) => [...ofParts(plane), ...ofSurvey(plane)],
  };
}

/** The same of a pair of dates, out of its own planes. */
export function openGroundReading(ground: ReadGround): GroundReading {
  const reading = openGroundPlanes(ground, planeNames.length);
  return {
    addRows: (rows) => reading.addRows({ row: rows.row, rowCount: rows.rowCount, planes: groundPlanes(rows) }),
    finish: () => ({
      after: reading.observations(planeNames.indexOf('after')),
      before: reading.observations(planeNames.indexOf('before')),
    }),
  };
}

function* placesOf(layer: ParcelLayer | null, density: typeof partDensity) {
  for (let feature = 0; feature < (layer?.featureCount ?? 0); feature++)
    yield layPlaces(polygonsOf(layer!, feature), layer!.areaM2[feature]!, density);
}

/** Ground codes of the later look against the earlier one, and of the earlier one by itself. */
function groundPlanes(rows: TallyRows): readonly Uint8Array[] {
  const { classBefore, reason } = rows;
  const before = classBefore.map((code, i) =>
    code === unobserved ? codeOfReason[reason[i]!]! : seenCode(code, false),
  );
  return [laterCodes(rows), before];
}

/** Ground codes of the later look against what it is compared with. */
export function laterCodes({ category, classAfter, changeInto, reason }: Omit<TallyRows, 'classBefore'>): Uint8Array {
  return category.map((value, i) => {
    if (value === unobserved) return codeOfReason[reason[i]!]!;
    const isChanged = meansChange.has(value);
    return seenCode((isChanged ? changeInto : classAfter)[i]!, isChanged);
  });
}

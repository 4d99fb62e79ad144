import { createHash } from 'node:crypto';
import type { GroundDeg } from '../../pipeline/alert/case.ts';
import type { FramePolygon } from '../../pipeline/parcel/layer.ts';
import { polygonsOf, type ParcelLayer } from '../../pipeline/parcel/layer.ts';
import { openParcelIndex } from '../../pipeline/parcel/parcel-index.ts';
import { overlayAll } from '../../pipeline/parcel/overlay.ts';
import { coordinatesOf } from '../../pipeline/report/series-tracks.ts';
import type { RuleSet } from '../../pipeline/rule/rule-set.ts';
import { judgeFindingGround } from '../../pipeline/season/finding-ground.ts';
import type { PlantingFinding } from '../../pipeline/season/finding.ts';
import type { TendingGroup, TendingYear } from '../../pipeline/season/tending-group.ts';
import type { TimedLand } from '../compute/patch-land.ts';
import type { SeriesRecord } from '../database/record-series.ts';
import type { RecordedTrack } from '../database/track-rows.ts';
import type { PlantingRow } from './planting-file.ts';

export interface PlantingRecorder {
  add(row: PlantingRow): void;
  /** what was told so far, as the database takes it */
  finish(): SeriesRecord;
}

interface World {
  /** the survey among its layers, in the order of features that the rows have */
  readonly land: TimedLand;
  readonly rules: RuleSet;
  /** version of `config/rules/season.json` */
  readonly seasonVersion: number;
  /** name of the series */
  readonly source: string;
  /** as-of date of the survey */
  readonly surveyAsOf: string;
}

/** The planting of a series is a source of its own: it says all of its findings at once. */
export const plantingSourceOf = (series: string): string => `planting ${series}`;

/** One parcel and crop year of one series is one track, whatever is said of it. */
const trackIdOf = (source: string, parcel: string, year: number): string =>
  createHash('sha256')
    .update(JSON.stringify([source, parcel, year]))
    .digest('hex')
    .slice(0, 32);

/** The finding as a history: said when the year was over, ended where a later year showed a crop. */
function historyOf({ foundOn, restoredOn, isCertain }: PlantingFinding, areaM2: number): RecordedTrack['history'] {
  const step = (date: string, event: string, state: RecordedTrack['state']) => ({ date, event, state, areaM2 });
  return [
    step(foundOn, 'appeared', 'probable'),
    ...(isCertain ? [step(foundOn, 'confirmed', 'confirmed')] : []),
    ...(restoredOn === null ? [] : [step(restoredOn > foundOn ? restoredOn : foundOn, 'reversed', 'reversed')]),
  ];
}

function trackOf(row: PlantingRow, finding: PlantingFinding, world: World): RecordedTrack {
  const { land, rules, source, seasonVersion, surveyAsOf } = world;
  const survey = land.layers.survey!;
  const { feature, parcel, county, judgement, abandonment, pixels } = row;
  const { year, status, grainProbability, looks, model } = judgement;
  const cell = (name: string): string => survey.columns[name]?.[feature] ?? '';
  const polygons = polygonsOf(survey, feature);
  const areaM2 = survey.areaM2[feature]!;
  const period = { from: `${year - 1}${finding.foundOn.slice(4)}`, to: finding.foundOn };
  const ground = judgeFindingGround({ category: finding.rule.category, areaM2, period }, { polygons, land, rules });
  const history = historyOf(finding, areaM2);
  return {
    id: trackIdOf(source, parcel, year),
    axis: 'planting',
    state: history.at(-1)!.state,
    mergedInto: null,
    category: finding.rule.category,
    firstSeen: finding.foundOn,
    lastSeen: finding.foundOn,
    areaM2,
    history,
    severity: ground.severity,
    isLawful: ground.isLawful,
    rule: finding.rule.id,
    ruleVersion: seasonVersion,
    ground: degreesOf(polygons, land),
    confirmedOn: finding.isCertain ? finding.foundOn : null,
    looksToConfirm: finding.isCertain ? looks : null,
    formerIds: [],
    parents: [],
    policies: ground.policies,
    observations: [],
    county: county || null,
    town: cell('town') || null,
    village: cell('village') || null,
    surveyAsOf,
    facts: {
      cropYear: year,
      parcels: [{ id: parcel, code: cell('code'), shareFraction: 1 }],
      projects: ground.projects,
      permits: ground.permits,
      planting: { status, confidence: finding.confidence, grainProbability, looks, pixels, model },
      abandonment: { state: abandonment.state, seasons: abandonment.seasons },
      reasons: finding.evidence,
    },
  };
}

const degreesOf = (polygons: readonly FramePolygon[], { frame }: TimedLand): GroundDeg =>
  polygons.map((rings) => coordinatesOf(rings, frame));

/** Cropland of each project by what is said of it. */
function openTending({ land, source }: World) {
  const { survey, projects } = land.layers;
  const index = projects && openParcelIndex(projects);
  const idOf = (layer: ParcelLayer, feature: number): string => layer.columns['id']?.[feature] ?? '';
  let held: { feature: number; parts: readonly (readonly [string, number])[] } = { feature: -1, parts: [] };
  const years = new Map<string, { project: string; year: number; groups: Map<string, TendingGroup> }>();
  const partsOf = (feature: number): typeof held.parts => {
    if (held.feature === feature) return held.parts;
    const on = index === null ? [] : overlayAll(index, polygonsOf(survey!, feature));
    held = { feature, parts: on.map(({ feature: project, areaM2 }) => [idOf(projects!, project), areaM2] as const) };
    return held.parts;
  };
  return {
    add({ feature, judgement, abandonment }: PlantingRow): void {
      for (const [project, areaM2] of partsOf(feature)) {
        const key = JSON.stringify([project, judgement.year]);
        const year = years.get(key) ?? { project, year: judgement.year, groups: new Map() };
        years.set(key, year);
        const name = `${abandonment.state} ${judgement.status}`;
        const known = year.groups.get(name);
        year.groups.set(name, {
          abandonment: abandonment.state,
          planting: judgement.status,
          parcels: 1 + (known?.parcels ?? 0),
          areaM2: areaM2 + (known?.areaM2 ?? 0),
        });
      }
    },
    finish: (): readonly TendingYear[] =>
      [...years]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([, { project, year, groups }]) => ({
          source,
          project,
          year,
          groups: [...groups].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group),
        })),
  };
}

/** Collect what the rows of a series say: findings as tracks of the planting axis, and the tending of projects. */
export function openPlantingRecorder(world: World): PlantingRecorder {
  const { source } = world;
  const tracks: RecordedTrack[] = [];
  const whyGone: Record<string, string> = {};
  const tending = openTending(world);
  return {
    add(row) {
      const { parcel, judgement, finding } = row;
      tending.add(row);
      if (finding !== null) tracks.push(trackOf(row, finding, world));
      else
        whyGone[trackIdOf(source, parcel, judgement.year)] = `judged again, ${judgement.year} is ${judgement.status}`;
    },
    finish: () => ({ source, runId: null, tracks, gone: 'others', whyGone, tending: tending.finish() }),
  };
}

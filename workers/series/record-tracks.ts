import type { Home } from '../home.ts';
import type { ChangePatch } from '../../pipeline/change/patches.ts';
import { equalAreaFrame, planeAreaM2, type EqualAreaFrame } from '../../pipeline/geo/frame.ts';
import type { FramePolygon } from '../../pipeline/parcel/layer.ts';
import type { LandClass } from '../../pipeline/types.ts';
import { coordinatesOf } from '../../pipeline/report/series-tracks.ts';
import { verdictLook } from '../../pipeline/track/verdict-look.ts';
import type { Track } from '../../pipeline/track/track.ts';
import type { RuleSet } from '../../pipeline/rule/rule-set.ts';
import { type JudgedPatch, openPatchJudge } from '../compute/patch-judge.ts';
import { openTimedLand, type TimedLand } from '../compute/patch-land.ts';
import { rulesFor } from '../compute/run-rules.ts';
import type { RecordedSeries } from '../database/record-series.ts';
import type { RecordedTrack } from '../database/track-rows.ts';
import { composeImages } from '../compose.ts';
import { recordSeriesAt } from '../registry/alert-door.ts';
import { frameCentreOf } from './detect-look.ts';
import type { SeriesResult } from './run-series.ts';
import { classesOf, type SeriesPlan } from './series-plan.ts';
import { type SeriesRequest, sourceOf } from './series-request.ts';

/** What judging needs of a series. */
export interface TrackGround extends Pick<SeriesPlan, 'grid' | 'layers' | 'evidence'> {
  readonly classes: readonly LandClass[];
  /** ISO days of the looks, ascending */
  readonly days: readonly string[];
}

/** The rules know classes by name. */
const classOf = ({ classes }: TrackGround, name: string): LandClass =>
  classes.find((known) => known.name === name) ?? { code: 0, name, zh: name, colour: '', group: '' };

/** Outline of one frame in another; both keep areas. */
const inFrame = (polygon: FramePolygon, from: EqualAreaFrame, to: EqualAreaFrame): FramePolygon =>
  polygon.map((ring) => {
    const out = new Float64Array(ring.length);
    for (let i = 0; i < ring.length; i += 2) {
      const [x, y] = to.toFrame(...from.toLonLat(ring[i]!, ring[i + 1]!));
      out[i] = x;
      out[i + 1] = y;
    }
    return out;
  });

interface JudgeWorld {
  readonly plan: TrackGround;
  readonly land: TimedLand | null;
  readonly rules: RuleSet;
  /** of the grid: that of the tracks */
  readonly frame: EqualAreaFrame;
  /** outline in the frame of the land by the rings of its patch */
  readonly shapes: WeakMap<object, FramePolygon>;
  /** by the day on which the change first showed */
  readonly judges: Map<string, (patch: ChangePatch) => JudgedPatch>;
}

function openWorld(plan: TrackGround, land: TimedLand | null): JudgeWorld {
  return {
    plan,
    land,
    rules: rulesFor(plan.grid),
    frame: equalAreaFrame(frameCentreOf(plan.grid)),
    shapes: new WeakMap(),
    judges: new Map(),
  };
}

/** The day of the last look before this one; null: there is none. */
const lookBefore = ({ plan }: JudgeWorld, day: string): string | null =>
  plan.days.findLast((other) => other < day) ?? null;

function judgeOf(world: JudgeWorld, dateAfter: string): (patch: ChangePatch) => JudgedPatch {
  const { plan, land, rules, shapes, judges } = world;
  const dateBefore = lookBefore(world, dateAfter);
  const judge =
    judges.get(dateAfter) ??
    openPatchJudge({
      land: land && {
        ...land,
        shapeOf: (rings) => shapes.get(rings) ?? [],
        under: (polygon) => land.underIn(polygon, { from: dateBefore, to: dateAfter }),
      },
      rules,
      dateBefore,
      dateAfter,
      isExperimental: false,
      isSeasonWeighed: plan.evidence === 'looks',
      leastProbability: {},
    });
  judges.set(dateAfter, judge);
  return judge;
}

/**
 * What the rules say of a track as it is now. The change came between the look before it first showed and that one:
 * what was in force then counts.
 */
function judged(track: Track, world: JudgeWorld): RecordedTrack {
  const { plan, land, frame, shapes } = world;
  const dateAfter = track.since.slice(0, 10);
  const dateBefore = lookBefore(world, dateAfter);
  // of several pieces the largest stands for all
  const main = track.polygons.toSorted((a, b) => planeAreaM2(b) - planeAreaM2(a))[0] ?? [];
  const rings: ChangePatch['rings'] = [];
  shapes.set(rings, land === null ? main : inFrame(main, frame, land.frame));
  const probability = track.observations.findLast((seen) => seen.areaM2 > 0)?.probability ?? 0;
  const patch: ChangePatch = {
    id: track.id,
    classBefore: classOf(plan, track.classBefore),
    classAfter: classOf(plan, track.classAfter),
    probability,
    areaM2: main.length === 0 ? track.areaM2 : planeAreaM2(main),
    pixels: Math.max(1, Math.round(track.areaM2 / track.gsdM ** 2)),
    state: track.state === 'watched' ? 'watch' : 'suspected',
    minAreaM2: 0,
    bboxPx: [0, 0, 0, 0],
    rings,
  };
  const { properties } = judgeOf(world, dateAfter)(patch);
  const { county, town, village, severity, isLawful, rule, ruleVersion, policies } = properties;
  const { permits, unpermittedM2, reasons, flags, parcels, projects } = properties;
  return {
    id: track.id,
    axis: 'land-class',
    state: track.state,
    mergedInto: track.mergedInto,
    category: track.category,
    firstSeen: track.firstSeen.slice(0, 10),
    lastSeen: track.lastSeen.slice(0, 10),
    areaM2: track.areaM2,
    // the alert hears a person by the verdict itself, not by what the track made of it
    history: track.history
      .filter(({ look, event }) => event === 'appeared' || !look.startsWith(verdictLook))
      .map(({ date, event, state, areaM2 }) => ({ date: date.slice(0, 10), event, state, areaM2 })),
    severity,
    isLawful,
    rule,
    ruleVersion,
    ground: track.polygons.map((rings) => coordinatesOf(rings, frame)),
    confirmedOn: track.confirmedOn?.slice(0, 10) ?? null,
    looksToConfirm: track.looksToConfirm,
    formerIds: track.formerIds,
    parents: track.parents,
    policies: policies.map(({ id, version, isPossible }) => ({ id, version, isPossible })),
    observations: track.observations,
    county,
    town,
    village,
    surveyAsOf: plan.layers.find(({ kind }) => kind === 'land-survey')?.asOf ?? null,
    facts: {
      classBefore: track.classBefore,
      classAfter: track.classAfter,
      dateBefore,
      probability,
      permits,
      unpermittedM2,
      reasons,
      flags,
      parcels,
      projects,
    },
  };
}

/** Tracks as the database takes them, in their order. @param land layers below them; null: none take part */
export function judgedTracks(
  ground: TrackGround,
  tracks: readonly Track[],
  land: TimedLand | null,
): readonly RecordedTrack[] {
  const world = openWorld(ground, land);
  return tracks.map((track) => judged(track, world));
}

/** Record what a series shows, judged by the rules, and bring the alerts to it. Without a look nothing is recorded. */
export async function recordTracks(
  { plan, looks, tracks }: SeriesResult,
  request: SeriesRequest,
  home: Home,
): Promise<RecordedSeries> {
  if (plan === null) return { tracks: 0, alerts: 0 };
  const land = await openTimedLand(plan.layers, await composeImages(home), plan.grid);
  const days = looks.flatMap(({ opened }) => opened.acquired?.slice(0, 10) ?? []).toSorted();
  return recordSeriesAt(home, {
    source: sourceOf(request),
    runId: null,
    tracks: judgedTracks({ ...plan, classes: classesOf(plan), days }, tracks, land),
    gone: 'others',
  });
}

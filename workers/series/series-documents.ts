import type { LookProblem } from '../../pipeline/scene/look-sieve.ts';
import { lookProblems } from '../../pipeline/scene/look-sieve.ts';
import { gsdOf } from '../../pipeline/geo/area.ts';
import { notice } from '../../pipeline/report/formats.ts';
import { trackStates } from '../../pipeline/report/series-formats.ts';
import type { SeriesManifest, SeriesSummary } from '../../pipeline/report/series-formats.ts';
import type { LookRow } from '../../pipeline/report/series-tables.ts';
import { categories } from '../../pipeline/rule/reason.ts';
import { verdictLook } from '../../pipeline/track/verdict-look.ts';
import { codeVersion } from '../compute/code-version.ts';
import type { RunPlan } from '../compute/run-plan.ts';
import { pixelsVersion } from '../pixels-version.ts';
import type { SeriesResult } from './run-series.ts';
import type { SeenLook } from './see-looks.ts';
import { shownName } from '../images/source.ts';

const dayOf = (acquired: string | null): string | null => acquired?.slice(0, 10) ?? null;
const modelName = (model: RunPlan['model']): string => (model === null ? 'none' : `${model.id}@${model.version}`);

/** How a look that is not on the grid of the series was judged. */
const howCompared = (earlier: string, { grid, model, before, after }: RunPlan): string => {
  const isStretched = [before, after].some(({ scene }) => scene.radiometry === 'dn');
  const stretched = isStretched ? ', values not known to be reflectance stretched to its own' : '';
  return `compared with ${earlier} in pixels of ${gsdOf(grid).mean.toFixed(2)} m by ${modelName(model)}${stretched}`;
};

/** The plan by which the looks of the grid are judged, where a network does so. */
const networkPair = (looks: readonly SeenLook[]): RunPlan | undefined =>
  looks.find(({ pair, comparedWith }) => comparedWith === null && pair.model !== null)?.pair;

/** Every scene and file that was found, looks and others; a look at clouds alone saw nothing of the grid. */
export function lookRows({ looks, leftOut }: SeriesResult): readonly LookRow[] {
  const gridM2 = looks[0]?.found.gridM2 ?? null;
  return [
    ...looks.map(({ opened, found, failed, comparedWith, pair }): LookRow => {
      const { acquired, name, id, sensor, scene, cloudFraction } = opened;
      const { observedM2, gridM2 } = found;
      const detail = failed.map(({ chunk, why }) => `chunk ${chunk}: ${why}`).join(' ');
      return {
        date: dayOf(acquired),
        scene: name,
        look: id,
        sensor,
        gsdM: scene.gsdM,
        observedM2,
        unobservedM2: Math.max(0, gridM2 - observedM2),
        cloudFraction,
        why: failed.length === 0 ? null : { problem: 'FAILED', detail },
        how: comparedWith && howCompared(comparedWith.name, pair),
      };
    }),
    ...leftOut.map(({ acquired, name, sensor, gsdM, cloudFraction, why }): LookRow => {
      const isBlind = why.problem === 'NOTHING_SEEN' && gridM2 !== null;
      const nothing = { look: null, observedM2: isBlind ? 0 : null, unobservedM2: isBlind ? gridM2 : null };
      return { date: dayOf(acquired), scene: name, sensor, gsdM, cloudFraction, why, how: null, ...nothing };
    }),
  ];
}

const lostLook = ({ looks, leftOut }: SeriesResult): boolean =>
  looks.some(({ failed }) => failed.length > 0) || leftOut.some(({ why }) => lookProblems[why.problem].isLoss);

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length === 0 ? null : (sorted[half]! + sorted[sorted.length - 1 - half]!) / 2;
}

export function summaryOf(result: SeriesResult): SeriesSummary {
  const { plan, looks, leftOut, tracks, warnings } = result;
  const problems = Object.keys(lookProblems) as LookProblem[];
  const days = tracks.flatMap(({ daysToConfirm }) => (daysToConfirm === null ? [] : [daysToConfirm]));
  const share = ({ found }: SeenLook): number => (found.gridM2 === 0 ? 0 : found.observedM2 / found.gridM2);
  const blind = leftOut.filter(({ why }) => why.problem === 'NOTHING_SEEN').length;
  const alive = tracks.filter(({ mergedInto }) => mergedInto === null);
  const alone = {
    code: 'ONE_LOOK',
    message: 'One look alone is nothing to compare: it is kept, and the next scene costs its own part only.',
    todo: 'Give the same command when another scene has come.',
  };
  return {
    format: 'tianwatch-series-summary/1',
    state: looks.length === 0 ? 'no-input' : lostLook(result) ? 'partial' : 'done',
    notice,
    from: dayOf(looks[0]?.opened.acquired ?? null),
    to: dayOf(looks.at(-1)?.opened.acquired ?? null),
    reference: plan?.reference.name ?? null,
    model: modelName(networkPair(looks)?.model ?? null),
    evidence: plan?.evidence ?? null,
    gsdM: plan && Math.round(plan.gsdM * 1000) / 1000,
    gridM2: looks[0]?.found.gridM2 ?? 0,
    looks: {
      found: looks.length + leftOut.length,
      used: looks.length,
      leftOut: problems.flatMap((problem) => {
        const count = leftOut.filter(({ why }) => why.problem === problem).length;
        return count === 0 ? [] : [{ problem, looks: count }];
      }),
      meanObservedFraction: looks.reduce((sum, look) => sum + share(look), 0) / Math.max(1, looks.length + blind),
    },
    tracks: trackStates.flatMap((state) =>
      categories.flatMap((category) => {
        const own = alive.filter((track) => track.state === state && track.category === category);
        const areaM2 = own.reduce((sum, track) => sum + track.areaM2, 0);
        return own.length === 0
          ? []
          : [{ state, category, tracks: own.length, areaM2: Math.round(areaM2 * 100) / 100 }];
      }),
    ),
    daysToConfirm: { median: median(days), longest: days.length === 0 ? null : Math.max(...days) },
    warnings: [...warnings, ...(looks.length === 1 ? [alone] : [])],
  };
}

export function manifestOf(result: SeriesResult, summary: SeriesSummary): Omit<SeriesManifest, 'outputs' | 'timing'> {
  const { id, plan, looks, tracks, verdicts, config } = result;
  const aoi = plan?.areaOfInterest ?? null;
  const network = networkPair(looks);
  return {
    format: 'tianwatch-series/1',
    id,
    state: summary.state,
    code: { name: 'tianwatch', version: codeVersion(), pixelsVersion: pixelsVersion() },
    inputs: [
      ...looks.flatMap(({ opened }) =>
        opened.scene.files.map(({ uri, bytes, sha256, etag }) => ({
          role: 'look' as const,
          scene: opened.name,
          file: shownName(uri),
          bytes,
          sha256,
          ...(etag !== undefined && { etag }),
          acquired: opened.acquired,
          sensor: opened.sensor,
        })),
      ),
      ...(aoi === null ? [] : [{ role: 'aoi' as const, scene: '', ...aoi.file, acquired: null, sensor: null }]),
    ],
    layers: (plan?.layers ?? []).map(({ key: _key, ...layer }) => layer),
    model:
      network?.model == null
        ? null
        : {
            id: network.model.id,
            version: network.model.version,
            cardSha256: network.model.cardSha256,
            weightsSha256: network.model.weightsSha256,
            thresholdFraction: network.threshold,
          },
    config: [...config],
    grid: plan && {
      epsg: plan.grid.crs.epsg,
      crs: plan.grid.crs.definition,
      affine: [...plan.grid.affine],
      width: plan.grid.width,
      height: plan.grid.height,
      gsdM: Math.round(plan.gsdM * 1000) / 1000,
    },
    looks: looks.map(({ opened, pair, shiftPx, failed, comparedWith }) => ({
      scene: opened.name,
      id: opened.id,
      acquired: opened.acquired ?? '',
      bands: [...pair.evidenceBands],
      shiftPx: shiftPx ? { ...shiftPx } : null,
      model: modelName(pair.model),
      ...(comparedWith && { comparedWith: comparedWith.name, gsdM: gsdOf(pair.grid).mean }),
      failed: failed.map((one) => ({ ...one })),
    })),
    chunks: plan?.chunks.length ?? 0,
    verdicts: verdicts.map((look) => look.slice(verdictLook.length)),
    tracks: tracks.length,
    warnings: summary.warnings,
  };
}

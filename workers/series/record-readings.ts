import type { Home } from '../home.ts';
import { createHash } from 'node:crypto';
import type { ReadLook } from '../../pipeline/ledger/facts.ts';
import { recordReadingsAt } from '../registry/alert-door.ts';
import { groundDigest } from './look-ground.ts';
import type { SeriesResult } from './run-series.ts';
import type { SeenLook } from './see-looks.ts';
import { type SeriesRequest, sourceOf } from './series-request.ts';

const sha256 = (parts: readonly string[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

/** A look is named by its files, as a run names it: whoever reads them, it is one look. */
const lookIdOf = ({ opened }: SeenLook): string => sha256(opened.scene.files.map((file) => file.sha256));

/**
 * What a series read out of its looks, told against the ground before the series where all looks decide together, else
 * against the reference. Its name stands for what it is told against: of each look what it said last counts, so that the
 * ledger follows from the scenes and not from the steps in which they came.
 *
 * @param source name of the series; it keeps it when scenes are added
 * @returns by date; none where neither projects nor a survey take part
 */
export function seriesReadings({ plan, looks }: SeriesResult, source: string): readonly ReadLook[] {
  if (plan === null) return [];
  const days = looks.flatMap(({ opened }) => opened.acquired?.slice(0, 10) ?? []).toSorted();
  const referenceDate = (plan.evidence === 'looks' ? days[0] : plan.reference.acquired?.slice(0, 10)) ?? null;
  const layers = plan.layers.map(({ kind, zone, asOf, id }) => ({ kind, zone, asOf, id }));
  const classes = Object.fromEntries(plan.classMap.classes.map(({ code, name }) => [code, name]));
  return looks.flatMap((look): ReadLook[] => {
    const { opened, pair, found } = look;
    const date = opened.acquired?.slice(0, 10);
    if (found.ground === null || date === undefined) return [];
    const id = lookIdOf(look);
    const reference = referenceDate === null ? '' : source;
    const facts = { model: pair.model?.id ?? 'none', evidence: plan.evidence, layers };
    const shaped = JSON.stringify([id, reference, referenceDate, classes, facts, pair.pixelsVersion]);
    return [
      {
        look: {
          id,
          date,
          sensor: opened.sensor,
          gsdM: opened.scene.gsdM,
          kind: opened.sensor === 'uav' ? 'uav' : 'satellite',
        },
        reading: {
          id: sha256([shaped, groundDigest(found.ground)]),
          look: id,
          reference,
          referenceDate,
          classes,
          facts,
        },
        observations: found.ground.observations,
        sightings: found.ground.sightings,
      },
    ];
  });
}

/** Record what a series read out of its looks. @returns how many readings were new */
export function recordSeriesReadings(result: SeriesResult, request: SeriesRequest, home: Home): Promise<number> {
  const source = sourceOf(request);
  return recordReadingsAt(home, seriesReadings(result, source), source);
}

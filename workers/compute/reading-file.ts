import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { FrameCentre } from '../../pipeline/geo/frame.ts';
import type { ObservationFact, ReadLook, SightingFact } from '../../pipeline/ledger/facts.ts';
import { decodeShape, encodeShape } from '../../pipeline/ledger/shape-bytes.ts';
import type { FramePolygon } from '../../pipeline/parcel/layer.ts';
import type { PatchProperties } from '../../pipeline/report/formats.ts';
import type { SeenScene } from '../database/scene-rows.ts';
import type { RunPlan } from './run-plan.ts';
import { loadPlan } from './run-plan.ts';

/** What both looks saw of projects and survey, in the run's own folder. */
export const observationsFile = 'observations.json';
/** Suspected patches with their outlines, one a line. */
export const sightingsFile = 'sightings.jsonl';

type StoredObservation = Omit<ObservationFact, 'cells'> & { readonly cells: string | null };
type StoredSighting = Omit<SightingFact, 'polygons'> & { readonly shape: string };
type BothLooks<T> = Readonly<Record<'after' | 'before', readonly T[]>>;

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

export function observationsText(observations: BothLooks<ObservationFact>): string {
  const stored = (each: readonly ObservationFact[]): StoredObservation[] =>
    each.map((observation) => ({ ...observation, cells: observation.cells === null ? null : text(observation.cells) }));
  return JSON.stringify({ after: stored(observations.after), before: stored(observations.before) });
}

/** @returns null: nothing changed in its meaning */
export function sightingLine(properties: PatchProperties, shape: FramePolygon, centre: FrameCentre): string | null {
  const { id, category, classBefore, classAfter, areaM2, probability } = properties;
  if (category === 'none') return null;
  const sighting: StoredSighting = {
    id,
    category,
    classBefore,
    classAfter,
    areaM2,
    probability,
    centre,
    shape: text(encodeShape([shape])),
  };
  return `${JSON.stringify(sighting)}\n`;
}

/**
 * What a run read out of its two looks; a scene without a date is no look and gives nothing.
 *
 * @param folder of the run
 * @param scenes before and after, as `seenScenes` gives them
 */
export async function readLooks(folder: string, scenes: readonly SeenScene[]): Promise<readonly ReadLook[]> {
  const plan = loadPlan(folder);
  const [before, after] = scenes;
  if (!before || !after) return [];
  const stored = JSON.parse(await readFile(join(folder, observationsFile), 'utf8')) as BothLooks<StoredObservation>;
  const withCells = (each: readonly StoredObservation[]): ObservationFact[] =>
    each.map((observation) => ({
      ...observation,
      cells: observation.cells === null ? null : new Uint8Array(Buffer.from(observation.cells, 'base64')),
    }));
  const sightings: SightingFact[] = [];
  for await (const line of createInterface({ input: createReadStream(join(folder, sightingsFile)) })) {
    const { shape, ...sighting } = JSON.parse(line) as StoredSighting;
    sightings.push({ ...sighting, polygons: decodeShape(new Uint8Array(Buffer.from(shape, 'base64'))) });
  }
  const dateOf = ({ acquired }: SeenScene): string | null => acquired?.slice(0, 10) ?? null;
  const reference = dateOf(before) === null ? null : before;
  return [
    ...readLook(plan, before, { reference: null, observations: withCells(stored.before), sightings: [] }),
    ...readLook(plan, after, { reference, observations: withCells(stored.after), sightings }),
  ];
}

function readLook(
  plan: RunPlan,
  scene: SeenScene,
  told: Pick<ReadLook, 'observations' | 'sightings'> & { readonly reference: SeenScene | null },
): readonly ReadLook[] {
  const date = scene.acquired?.slice(0, 10);
  if (date === undefined) return [];
  const { id, sensor, gsdM } = scene;
  const reference = told.reference?.id ?? '';
  const shaped = JSON.stringify([id, reference, plan.id, plan.pixelsVersion]);
  const { classMap, model, layers } = plan;
  return [
    {
      look: { id, date, sensor, gsdM, kind: 'satellite' },
      reading: {
        id: createHash('sha256').update(shaped).digest('hex'),
        look: id,
        reference,
        referenceDate: told.reference?.acquired?.slice(0, 10) ?? null,
        classes: Object.fromEntries(classMap.classes.map(({ code, name }) => [code, name])),
        facts: {
          model: model?.id ?? 'none',
          layers: layers.map(({ kind, zone, asOf, id: layer }) => ({ kind, zone, asOf, id: layer })),
        },
      },
      observations: told.observations,
      sightings: told.reference === null ? [] : told.sightings,
    },
  ];
}

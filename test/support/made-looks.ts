import { readFileSync } from 'node:fs';
import { minimumAreaSchema } from '../../pipeline/change/minimum-area.ts';
import { boxOf, type FramePolygon } from '../../pipeline/parcel/layer.ts';
import { minimumM2By, type TrackRules } from '../../pipeline/track/confirmation.ts';
import type { Look } from '../../pipeline/track/look.ts';
import type { LookReport, Sighting } from '../../pipeline/track/sighting.ts';
import { loadConfirmation } from '../../workers/rule/load-rules.ts';

const text = readFileSync(new URL('../../config/rules/minimum-area.json', import.meta.url), 'utf8');

const confirmation = loadConfirmation();

/** The rules as shipped, every season counting. */
export const shippedTrackRules: TrackRules = {
  confirmation,
  minimumM2: minimumM2By(minimumAreaSchema.parse(JSON.parse(text)), [], confirmation.edgePx),
  seasonGuard: () => 'count',
};

/** A rectangle [minX, minY, maxX, maxY] (m). */
export type Box = readonly [number, number, number, number];

export const boxPolygon = ([minX, minY, maxX, maxY]: Box): FramePolygon => [
  Float64Array.of(minX, minY, maxX, minY, maxX, maxY, minX, maxY),
];

export const boxM2 = ([minX, minY, maxX, maxY]: Box): number => (maxX - minX) * (maxY - minY);

export interface MadeLook {
  readonly date: string;
  readonly seen?: readonly (Box | (Partial<Sighting> & { readonly box: Box }))[];
  /** ground under cloud; they do not overlap */
  readonly clouds?: readonly Box[];
  readonly look?: Partial<Look>;
}

/** A look that saw boxes as changed and all other ground that is not under its clouds as before. */
export function madeLook({ date, seen = [], clouds = [], look: given }: MadeLook): LookReport {
  const look: Look = { id: `look ${date}`, date, sensor: 'S2', gsdM: 10, kind: 'satellite', ...given };
  return {
    look,
    sightings: seen.map((item, i) => {
      const { box, ...more } = 'box' in item ? item : { box: item };
      return {
        id: `${look.id} ${i}`,
        polygons: [boxPolygon(box)],
        areaM2: boxM2(box),
        classBefore: 'crops',
        classAfter: 'built',
        category: 'non-farm',
        probability: 0.9,
        ...more,
      };
    }),
    observedFraction(polygons) {
      let [all, lost] = [0, 0];
      for (const box of polygons.map((polygon) => boxOf([polygon]))) {
        all += boxM2(box);
        for (const cloud of clouds) lost += commonM2(box, cloud);
      }
      return 1 - lost / all;
    },
  };
}

const commonM2 = (a: Box, b: Box): number =>
  Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0])) * Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));

import { readFileSync } from 'node:fs';
import { minimumAreaSchema } from '../../pipeline/change/minimum-area.ts';
import type { FramePolygon } from '../../pipeline/parcel/layer.ts';
import { dissolvedOverlap } from '../../pipeline/parcel/overlay.ts';
import { openParcelIndex } from '../../pipeline/parcel/parcel-index.ts';
import { minimumM2By, type TrackRules } from '../../pipeline/track/confirmation.ts';
import type { Look } from '../../pipeline/track/look.ts';
import type { LookReport, Sighting } from '../../pipeline/track/sighting.ts';
import { loadConfirmation } from '../../workers/rule/load-rules.ts';
import { layerOfPolygons } from './made-parcels.ts';

const text = readFileSync(new URL('../../config/rules/minimum-area.json', import.meta.url), 'utf8');

/** The rules as shipped, every season counting. */
export const shippedTrackRules: TrackRules = {
  confirmation: loadConfirmation(),
  minimumM2: minimumM2By(minimumAreaSchema.parse(JSON.parse(text)), []),
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
  /** ground under cloud */
  readonly clouds?: readonly Box[];
  readonly look?: Partial<Look>;
}

/** A look that saw boxes as changed and all other ground that is not under its clouds as before. */
export function madeLook({ date, seen = [], clouds = [], look: given }: MadeLook): LookReport {
  const look: Look = { id: `look ${date}`, date, sensor: 'S2', gsdM: 10, kind: 'satellite', ...given };
  const hidden = openParcelIndex(layerOfPolygons(clouds.map(boxPolygon)));
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
      for (const polygon of polygons) {
        all += dissolvedOverlap(openParcelIndex(layerOfPolygons([polygon])), polygon);
        lost += dissolvedOverlap(hidden, polygon);
      }
      return 1 - lost / all;
    },
  };
}

import { z } from 'zod';

export const baselineKinds = ['land-survey', 'permanent-farmland', 'permit', 'zone'] as const;
export const projectKinds = ['project', 'sub-project'] as const;
export const layerKinds = [...baselineKinds, ...projectKinds] as const;
export type BaselineKind = (typeof baselineKinds)[number];
export type LayerKind = (typeof layerKinds)[number];

export const zoneNames = ['grain', 'red-line', 'town-boundary', 'high-standard'] as const;
export type ZoneName = (typeof zoneNames)[number];

export const isoDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/);

/** One version of an imported layer. */
export const layerRefSchema = z.strictObject({
  kind: z.enum(layerKinds).describe('what it is'),
  zone: z.enum(zoneNames).nullable().describe('which zone; null unless the kind is zone'),
  id: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('sha256 of the layer object'),
  asOf: isoDate.describe('date that it describes (ISO-8601)'),
  key: z.string().describe('key of the layer object in the image store'),
  file: z.string().describe('name of the imported file'),
  features: z.number().int().min(0).describe('number of features'),
});
export type LayerRef = z.infer<typeof layerRefSchema>;

/** `land-survey`, `zone grain`: how people and messages name a kind. */
export function layerName({ kind, zone }: Pick<LayerRef, 'kind' | 'zone'>): string {
  return zone === null ? kind : `${kind} ${zone}`;
}

/** Which layers a run uses: the newest, none, or those whose ids begin so. */
export const layerChoiceSchema = z.union([z.literal(['current', 'none']), z.array(z.string()).readonly()]);
export type LayerChoice = z.infer<typeof layerChoiceSchema>;

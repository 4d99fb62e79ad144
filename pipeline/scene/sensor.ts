import { z } from 'zod';
import { bandNames, type Dtype } from '../types.ts';
import { dateOfYearDay, metadataKey, parseDate } from './acquired.ts';

const bandName = z.enum(bandNames);
const pattern = z.string().refine((text) => {
  try {
    return new RegExp(text, 'i') instanceof RegExp;
  } catch {
    return false;
  }
}, 'is not a regular expression');

const sensorSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9-]+$/)
    .describe('what `sensor` says in every document'),
  name: z.string(),
  zh: z.string(),
  aliases: z
    .array(z.string())
    .describe('other spellings, lower case, letters and digits alone; a longer text may follow, but no digit'),
  products: z.array(pattern).describe('names of original products; groups: date (yyyymmdd), year and dayOfYear, band'),
  bandSet: z.string().describe('key of bandSets: what a band number means'),
  orders: z
    .array(z.array(bandName.nullable()))
    .describe(
      'orders of bands that the product specification fixes, one a band count; null = a band without a name here',
    ),
  scaling: z.array(
    z.strictObject({
      dtypes: z.array(z.string()),
      scale: z.number().positive(),
      offset: z.number(),
      when: pattern.optional().describe('only where the file name or a band description matches'),
      unit: z.string(),
    }),
  ),
  nodata: z.number().nullable().describe('value that the product specification reserves for no data'),
  offsetSince: z.iso
    .date()
    .optional()
    .describe('products of later scenes may carry an additive offset that files do not always state'),
  source: z.string(),
});
export type Sensor = z.infer<typeof sensorSchema>;

/** The shape of `config/sensors.json`. */
export const sensorTableSchema = z
  .strictObject({
    bandSets: z.record(z.string(), z.record(z.string().regex(/^\d{1,2}A?$/), bandName)),
    sensors: z.array(sensorSchema),
  })
  .refine(
    (table) => table.sensors.every((sensor) => sensor.bandSet in table.bandSets),
    'a sensor names a bandSet that is not there',
  );
export type SensorTable = z.infer<typeof sensorTableSchema>;

const squeeze = (text: string) => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');

/** The sensor that a text names, e.g. `Sentinel-2 MSI L1C`, `LANDSAT_8`, `高分一号`; the longest spelling wins. */
export function findSensor(table: SensorTable, text: string): Sensor | null {
  const wanted = squeeze(text);
  let found: { sensor: Sensor; length: number } | null = null;
  for (const sensor of table.sensors) {
    for (const alias of [squeeze(sensor.id), ...sensor.aliases]) {
      const isLongerNumber = /[a-z\d]$/.test(alias) && /^\d/.test(wanted.slice(alias.length));
      const isNamed =
        wanted.startsWith(alias) && !isLongerNumber && (alias.length > 2 || wanted.length === alias.length);
      if (isNamed && alias.length > (found?.length ?? 0)) found = { sensor, length: alias.length };
    }
  }
  return found?.sensor ?? null;
}

/** What the name of an original product says. */
export interface ProductName {
  readonly sensor: Sensor;
  readonly date: string | null;
  /** band number as written, e.g. `B04`, `SR_B4`, `SCL` */
  readonly band: string | null;
}

/** Reads the name of an original product (Sentinel-2 tile, Landsat scene, GF L1A …); null for any other name. */
export function readProductName(table: SensorTable, name: string): ProductName | null {
  for (const sensor of table.sensors) {
    for (const product of sensor.products) {
      const groups = new RegExp(product, 'i').exec(name);
      if (!groups) continue;
      const { date, year, dayOfYear, band } = groups.groups ?? {};
      const day =
        date !== undefined
          ? parseDate(date)
          : year !== undefined
            ? dateOfYearDay(Number(year), Number(dayOfYear))
            : null;
      return { sensor, date: day, band: band ?? null };
    }
  }
  return null;
}

const sensorKeys = [
  'SPACECRAFTID',
  'SPACECRAFTNAME',
  'SPACECRAFT',
  'DATATAKE1SPACECRAFTNAME',
  'SATELLITEID',
  'SATELLITENAME',
  'SATELLITE',
  'PLATFORM',
  'MISSIONID',
  'MISSION',
  'SENSORID',
  'SENSORNAME',
  'SENSOR',
  'INSTRUMENT',
];

/** Texts in metadata items that name a sensor (`SENSOR`, `SPACECRAFT_ID`, `PLATFORM` …), the most telling first. */
export function sensorTexts(metadata: Readonly<Record<string, string>>): string[] {
  const byKey = new Map(Object.entries(metadata).map(([key, value]) => [metadataKey(key), value]));
  return sensorKeys.flatMap((key) => byKey.get(key) ?? []).filter((text) => text.trim() !== '');
}

/** Words of a file name that name exactly one sensor (`landsat7_img.tif`); two different ones name none. */
export function sensorInWords(table: SensorTable, name: string): Sensor | null {
  const found = new Set(
    name.split(/[\s_.()]+/).flatMap((word) => {
      const isWhole = (sensor: Sensor) => [squeeze(sensor.id), ...sensor.aliases].includes(squeeze(word));
      return squeeze(word).length >= 3 ? table.sensors.filter(isWhole) : [];
    }),
  );
  return found.size === 1 ? ([...found][0] ?? null) : null;
}

export interface Scaling {
  readonly scale: number;
  readonly offset: number;
}

/** What the sensor's product specification says of values of this type; `texts` are the file name and the band's description. */
export function sensorScaling(sensor: Sensor, dtype: Dtype, texts: readonly string[]): Scaling | null {
  const rule = sensor.scaling.find(({ dtypes, when }) => {
    if (!dtypes.includes(dtype)) return false;
    return when === undefined || texts.some((text) => new RegExp(when, 'i').test(text));
  });
  return rule ? { scale: rule.scale, offset: rule.offset } : null;
}

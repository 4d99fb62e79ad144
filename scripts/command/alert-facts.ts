import { z } from 'zod';
import type { AlertDetail } from '../../workers/registry/alert-record.ts';

const maybe = z.string().nullish();
/** What a track says of itself, as far as a terminal prints it. */
const factsSchema = z.looseObject({
  townName: maybe,
  villageName: maybe,
  codeBeforeZh: maybe,
  classBeforeZh: maybe,
  classAfterZh: maybe,
  dateBefore: maybe,
  dateAfter: maybe,
  cropYear: z.number().nullish(),
  parcels: z.array(z.looseObject({ id: z.string(), code: z.string(), shareFraction: z.number() })).nullish(),
  reasons: z.array(z.looseObject({ zh: z.string(), en: z.string(), date: maybe })).nullish(),
});

/** Parcels that a terminal names. */
const namedParcels = 3;

/** Where an alert is, what was and is there, on whose parcels, and why it is suspected. */
export function factLines({ facts, ground, alert }: AlertDetail, nameOf: (code: string | null) => string): string[] {
  const parsed = factsSchema.safeParse(facts);
  const { townName, villageName, cropYear, parcels, reasons, ...change } = parsed.success
    ? parsed.data
    : factsSchema.parse({});
  const names = [townName || nameOf(alert.village ?? alert.town ?? alert.county), villageName ?? ''].join(' ').trim();
  const points = (ground ?? []).flat(2);
  const at = (axis: 0 | 1): string => {
    const values = points.map((point) => point[axis]);
    return ((Math.min(...values) + Math.max(...values)) / 2).toFixed(6);
  };
  const where = points.length === 0 ? '范围不详 outline unknown' : `${at(0)}, ${at(1)}`;
  const before = change.codeBeforeZh || change.classBeforeZh;
  const days = [change.dateBefore, change.dateAfter].map((date) => date?.slice(0, 10) ?? '?').join(' - ');
  const more = (parcels?.length ?? 0) - namedParcels;
  return [
    `  位置 place ${where}  ${names}`.trimEnd(),
    ...(before && change.classAfterZh ? [`  变化 change ${before} → ${change.classAfterZh}  ${days}`] : []),
    ...(cropYear ? [`  作物年 crop year ${cropYear}`] : []),
    ...(parcels ?? [])
      .slice(0, namedParcels)
      .map(({ id, code, shareFraction }) => `  地块 parcel ${id} ${code} ${(100 * shareFraction).toFixed(0)} %`),
    ...(more > 0 ? [`  地块 parcels: 另 ${more} and ${more} more (--json)`] : []),
    ...(reasons ?? []).map(({ zh, en, date }) => `  依据 because ${zh} ${en}${date ? ` ${date}` : ''}`),
  ];
}

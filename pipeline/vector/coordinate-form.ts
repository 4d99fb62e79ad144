/** What a coordinate pair looks like by its size alone. */
export interface CoordinateForm {
  /**
   * `degrees` longitude and latitude · `plain` easting of six digits · `zone` easting with the zone number before it ·
   * `far` 8 to 16 million m, Web Mercator of China or a 6° zone 13-15 · `other` none of these
   */
  readonly kind: 'degrees' | 'plain' | 'zone' | 'far' | 'other';
  /** zone number of `zone` and `far`, else 0 */
  readonly zone: number;
  /** northing or latitude came first */
  readonly isSwapped: boolean;
}

const form = (kind: CoordinateForm['kind'], isSwapped: boolean, zone = 0): CoordinateForm => ({
  kind,
  zone,
  isSwapped,
});
const other = form('other', false);

const isEasting = (v: number): boolean => v >= 50_000 && v < 1_000_000;
/** 15° to 54° N, in metres from the equator. */
const isNorthing = (v: number): boolean => v >= 1_600_000 && v < 6_050_000;
const isZoned = (v: number): boolean => v >= 16_000_000 && v < 46_000_000;
/** Web Mercator northings of 15° to 54° N reach 7.2 million. */
const isFar = (v: number): boolean => v >= 8_000_000 && v < 16_000_000;
const isFarNorthing = (v: number): boolean => v >= 1_600_000 && v < 7_250_000;
const isLonOfChina = (v: number): boolean => v >= 73 && v <= 136;
const isLatOfChina = (v: number): boolean => v >= 3 && v <= 54;

/** The form of `[x, y]` as it stands in the file. The swapped ones are those of China; elsewhere axes are taken as given. */
export function coordinateForm(x: number, y: number): CoordinateForm {
  if (Math.abs(x) <= 90 && Math.abs(y) <= 180 && (Math.abs(y) > 90 || (isLatOfChina(x) && isLonOfChina(y))))
    return form('degrees', true);
  if (Math.abs(x) <= 180 && Math.abs(y) <= 90) return form('degrees', false);
  if (isNorthing(y) && isZoned(x)) return form('zone', false, Math.floor(x / 1e6));
  if (isNorthing(x) && isZoned(y)) return form('zone', true, Math.floor(y / 1e6));
  if (isNorthing(y) && isEasting(x)) return form('plain', false);
  if (isNorthing(x) && isEasting(y)) return form('plain', true);
  if (isFarNorthing(y) && isFar(x)) return form('far', false, Math.floor(x / 1e6));
  if (isFarNorthing(x) && isFar(y)) return form('far', true, Math.floor(y / 1e6));
  return other;
}

export const sameForm = (a: CoordinateForm, b: CoordinateForm): boolean =>
  a.kind === b.kind && a.isSwapped === b.isSwapped && (a.kind === 'far' || a.zone === b.zone);

/** A form in words. */
export function formText({ kind, zone, isSwapped }: CoordinateForm): string {
  const words = {
    degrees: 'degrees',
    plain: 'six-digit eastings',
    zone: `eastings of zone ${zone}`,
    far: 'eastings of 8 to 16 million m',
    other: 'coordinates of no known form',
  }[kind];
  return isSwapped ? `${words} in the second place` : words;
}

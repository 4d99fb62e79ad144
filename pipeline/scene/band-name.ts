import { bandNames, type BandName } from '../types.ts';

/** Words that name a band in files and on the command line, besides its own name. Spaces, `_`, `-` and `.` do not count. */
const words: Readonly<Record<BandName, { readonly zh: string; readonly nm: number | null; readonly also: string }>> = {
  coastal: { zh: '海岸蓝', nm: 443, also: 'coastalaerosol coastalblue aerosol ultrablue 海岸 海岸波段' },
  blue: { zh: '蓝', nm: 490, also: 'b 蓝光 蓝波段 蓝光波段' },
  green: { zh: '绿', nm: 560, also: 'g 绿光 绿波段 绿光波段' },
  red: { zh: '红', nm: 665, also: 'r 红光 红波段 红光波段' },
  rededge071: { zh: '红边1', nm: 705, also: 'rededge re rededge1 re1 红边 红边一 红边波段' },
  rededge075: { zh: '红边2', nm: 740, also: 'rededge2 re2 红边二' },
  rededge078: { zh: '红边3', nm: 783, also: 'rededge3 re3 红边三' },
  nir: { zh: '近红外', nm: 833, also: 'n nir1 nearinfrared nearinfrared1 nearir 近红外光 近红外波段 近红' },
  nir08: { zh: '窄近红外', nm: 865, also: 'nirnarrow narrownir nirn nira' },
  nir09: { zh: '水汽', nm: 945, also: 'watervapour watervapor' },
  cirrus: { zh: '卷云', nm: 1375, also: '' },
  swir16: { zh: '短波红外1', nm: 1610, also: 'swir1 shortwaveinfrared1 短波红外一' },
  swir22: { zh: '短波红外2', nm: 2190, also: 'swir2 shortwaveinfrared2 短波红外二' },
  lwir11: { zh: '热红外1', nm: 10_900, also: 'tirs1 thermalinfrared1' },
  lwir12: { zh: '热红外2', nm: 12_000, also: 'tirs2 thermalinfrared2' },
  pan: { zh: '全色', nm: null, also: 'p panchromatic 全色波段' },
  scl: { zh: '场景分类', nm: null, also: 'sceneclassification sceneclassificationlayer sceneclassificationmap' },
  cloudmask: { zh: '云掩膜', nm: null, also: 'cloudsmask clm 云掩模' },
};

/** Half-open ranges of the centre wavelength (nm); what lies between them (yellow, the O₂ band at 762 nm) has no name here. */
const rangesNm: readonly (readonly [BandName, number, number])[] = [
  ['coastal', 400, 450],
  ['blue', 450, 515],
  ['green', 515, 590],
  ['red', 620, 690],
  ['rededge071', 690, 722],
  ['rededge075', 722, 758],
  ['rededge078', 768, 800],
  ['nir', 800, 855],
  ['nir08', 855, 900],
  ['nir09', 930, 960],
  ['cirrus', 1360, 1390],
  ['swir16', 1550, 1700],
  ['swir22', 2080, 2350],
  ['lwir11', 10_300, 11_300],
  ['lwir12', 11_500, 12_500],
];

const squeeze = (text: string) => text.toLowerCase().replaceAll(/[\s_.-]+/g, '');
const nameOfWord = new Map(
  bandNames.flatMap((name) =>
    [name, words[name].zh, ...words[name].also.split(' ')].filter(Boolean).map((word) => [squeeze(word), name]),
  ),
);

export function zhOfBand(name: BandName): string {
  return words[name].zh;
}

/**
 * The band that a word or description names: `Blue`, `近红外`, `red edge 1`, `Band 1 (Blue)`, `B2 - blue`, `波段1 蓝`; null when it names none.
 *
 * Numbered names (`B4`) are not words: what they mean depends on the sensor.
 */
export function nameOfText(text: string): BandName | null {
  const whole = nameOfWord.get(squeeze(text));
  if (whole) return whole;
  const inner = /^(?:band|b|波段)?[\s_#]*\d{1,2}a?[\s_]*(?:[(（[]([^()（）[\]]+)[)）\]]|[:：,\-–\s]\s*(.+))$/i.exec(
    text.trim(),
  );
  const named = inner?.[1] ?? inner?.[2];
  return (named === undefined ? undefined : nameOfWord.get(squeeze(named))) ?? null;
}

/** A numbered band name, e.g. `B04`, `B8A`, `SR_B4`, `Band 4`. */
export interface BandNumber {
  /** without leading zeros: `4`, `8A` */
  readonly number: string;
  /** `B04`, not `B4`: the style of Sentinel-2 products */
  readonly isPadded: boolean;
  /** spelt `Band 4` or `波段4`, which many programs write for the mere position */
  readonly isWord: boolean;
}

export function numberOfText(text: string): BandNumber | null {
  const match = /^(?:sr_|st_|toa_|oli_|etm_|tm_)?(band|波段|b)[\s_#-]*(\d{1,2})(a?)$/i.exec(text.trim());
  if (!match) return null;
  const [, word = '', digits = '', a = ''] = match;
  return {
    number: `${Number(digits)}${a.toUpperCase()}`,
    isPadded: digits.startsWith('0'),
    isWord: word.length > 1 || word === '波段',
  };
}

/**
 * Names for bands of known centre wavelength (nm): in each range the band nearest to the nominal centre wins, the
 * others stay null, so hyperspectral files give one band a name.
 */
export function namesOfWavelengths(wavelengthsNm: readonly (number | null)[]): (BandName | null)[] {
  const names: (BandName | null)[] = wavelengthsNm.map(() => null);
  for (const [name, low, high] of rangesNm) {
    let best = -1;
    const offCentre = (index: number) => Math.abs((wavelengthsNm[index] ?? Infinity) - (words[name].nm ?? 0));
    wavelengthsNm.forEach((nm, index) => {
      if (nm !== null && nm >= low && nm < high && (best < 0 || offCentre(index) < offCentre(best))) best = index;
    });
    if (best >= 0) names[best] = name;
  }
  return names;
}

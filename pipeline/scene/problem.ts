/** What can be wrong with a scene without stopping it; `INPUT_INVALID` alone means that the file cannot be used. */
export const problemTable = {
  INPUT_INVALID: { zh: '文件无法使用', en: 'the file cannot be used' },
  BANDS_UNKNOWN: { zh: '波段未知', en: 'no band is known by name' },
  BAND_IGNORED: { zh: '部分波段未用', en: 'a band is not known and is left out' },
  BAND_TWICE: { zh: '波段重复', en: 'two files hold the same band; the finer one is used' },
  CRS_UNKNOWN: { zh: '无坐标系', en: 'no usable coordinate reference system' },
  DATE_UNKNOWN: { zh: '日期未知', en: 'the date of acquisition is not known' },
  SENSOR_UNKNOWN: { zh: '传感器未知', en: 'the sensor is not in the sensor table' },
  SCALE_UNKNOWN: { zh: '定标未知', en: 'the values are not known to be reflectance' },
  OFFSET_UNKNOWN: { zh: '偏移未知', en: 'an additive offset is possible and not stated' },
  NODATA_UNDECLARED: { zh: '未声明无效值', en: 'no nodata value, alpha or mask' },
  MASK_BESIDE: { zh: '掩膜在文件之外', en: 'a mask file lies beside it; a run refuses it' },
  ASIDE_UNREAD: { zh: '附属文件未读', en: 'a file beside it says more, which is not read' },
  ALL_NODATA: { zh: '全部为无效值', en: 'no valid pixel' },
  NAN_PRESENT: { zh: '含 NaN', en: 'values that are not a number' },
  NOT_TILED: { zh: '未分块', en: 'strips: windows are slow to read' },
  NO_OVERVIEWS: { zh: '无金字塔', en: 'no overviews: previews are slow' },
} as const;

export type ProblemCode = keyof typeof problemTable;

/** What is wrong (with the value), and what to do about it. */
export interface Problem {
  readonly code: ProblemCode;
  readonly message: string;
  readonly todo: string;
}

export function problem(code: ProblemCode, message: string, todo: string): Problem {
  return { code, message, todo };
}

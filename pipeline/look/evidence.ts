import type { Polygon } from '../geo/polygon.ts';
import type { Reason } from '../rule/reason.ts';
import type { Camera } from './camera.ts';
import type { LookRules } from './look-rules.ts';
import { type View, viewOf } from './view.ts';

/** A picture that is to prove what a verdict says. */
export interface Picture {
  /** null: it does not tell where it was taken */
  readonly camera: Camera | null;
  /** ISO-8601; null: it does not tell when */
  readonly takenAt: string | null;
}

/** What the picture is held against; ISO dates, null = unknown. */
export interface Place {
  readonly ground: readonly Polygon[];
  /** the earlier of the dates that the change was seen between */
  readonly since: string | null;
  /** day of the verdict */
  readonly verdictDate: string;
}

export interface JudgedPicture {
  readonly view: View | null;
  /** empty: it is taken */
  readonly problems: readonly Reason[];
}

const round = (value: number): number => Math.round(value);
const dayBefore = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) - days * 86_400_000).toISOString().slice(0, 10);

function dateProblems({ takenAt }: Picture, { since, verdictDate }: Place, { daysBefore }: LookRules): Reason[] {
  const day = takenAt?.slice(0, 10) ?? null;
  if (day === null)
    return [{ code: 'PHOTO_NO_DATE', zh: '照片没有拍摄时间', en: 'the picture does not tell when it was taken' }];
  const first = since === null ? null : dayBefore(since.slice(0, 10), daysBefore);
  if (first !== null && day < first)
    return [
      {
        code: 'PHOTO_TOO_OLD',
        zh: `照片拍摄于 ${day}，早于前时相 ${first}`,
        en: `taken on ${day}, before the earlier date ${first}`,
      },
    ];
  if (day <= verdictDate) return [];
  return [
    {
      code: 'PHOTO_LATER_THAN_VERDICT',
      zh: `照片拍摄于 ${day}，晚于核查日期 ${verdictDate}`,
      en: `taken on ${day}, after the day of the verdict ${verdictDate}`,
    },
  ];
}

function viewProblems(camera: Camera, { distanceM, seenFraction, bearingToDeg }: View): Reason[] {
  const { bearingDeg, viewDeg, nearM, farM, positionErrorM } = camera;
  if (distanceM > farM + positionErrorM)
    return [
      {
        code: 'PHOTO_TOO_FAR',
        zh: `拍摄点距图斑 ${round(distanceM)} m，超过 ${round(farM)} m`,
        en: `taken ${round(distanceM)} m from the patch, farther than ${round(farM)} m`,
      },
    ];
  if (bearingDeg === null && distanceM > positionErrorM)
    return [
      {
        code: 'PHOTO_NO_BEARING',
        zh: `照片没有拍摄方向，且拍摄点在图斑外 ${round(distanceM)} m`,
        en: `the picture does not tell where it looks, and was taken ${round(distanceM)} m outside the patch`,
      },
    ];
  // who stands in it has it around him, wherever he looks
  if (seenFraction > 0 || (nearM === 0 && distanceM <= positionErrorM)) return [];
  const [looks, lies] = [round(bearingDeg ?? 0), round(bearingToDeg)];
  return [
    {
      code: 'PHOTO_LOOKS_ELSEWHERE',
      zh: `拍摄方向 ${looks}°（视角 ${round(viewDeg)}°）不对准图斑，图斑在 ${lies}°、${round(distanceM)} m`,
      en: `it looks towards ${looks}° (${round(viewDeg)}° across); the patch lies at ${lies}°, ${round(distanceM)} m away`,
    },
  ];
}

/** Whether a picture can be a look at a place: taken near it, towards it, and at a time that fits. */
export function judgePicture(picture: Picture, place: Place, rules: LookRules): JudgedPicture {
  const { camera } = picture;
  const dates = dateProblems(picture, place, rules);
  if (camera === null)
    return {
      view: null,
      problems: [
        {
          code: 'PHOTO_NO_POSITION',
          zh: '照片没有位置信息（EXIF GPS）',
          en: 'the picture does not tell where it was taken (EXIF GPS)',
        },
        ...dates,
      ],
    };
  const view = viewOf(camera, place.ground);
  return { view, problems: [...viewProblems(camera, view), ...dates] };
}

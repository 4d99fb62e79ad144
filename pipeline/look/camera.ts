import { z } from 'zod';
import type { PhotoFacts } from './exif.ts';
import type { LookRules } from './look-rules.ts';

/** Where a camera stood and what it saw. */
export interface Camera {
  readonly lonDeg: number;
  readonly latDeg: number;
  readonly positionErrorM: number;
  /** clockwise from true north; null: not known */
  readonly bearingDeg: number | null;
  readonly bearingErrorDeg: number;
  /** angle across (degrees) */
  readonly viewDeg: number;
  /** ground nearer or farther than this is not in the picture, or not well enough (m) */
  readonly nearM: number;
  readonly farM: number;
}

const deg = (limit: number) => z.number().min(-limit).max(limit);

/** `<still>.camera.json`: how a tower camera stood when it took a still. */
export const cameraSchema = z.strictObject({
  format: z.literal('tianwatch-camera/1').describe('name and version of this format'),
  camera: z.string().describe('name of the camera'),
  lonDeg: deg(180).describe('longitude (WGS 84 or CGCS2000, degrees)'),
  latDeg: deg(90).describe('latitude (degrees)'),
  heightM: z.number().positive().describe('of the lens above the ground (m)'),
  bearingDeg: z.number().min(0).max(360).describe('of the middle of the picture, clockwise from true north (degrees)'),
  tiltDeg: z.number().min(-30).max(90).describe('of the middle of the picture below the horizon (degrees)'),
  viewDeg: z.number().gt(0).lt(180).describe('angle across (degrees)'),
  viewUpDeg: z.number().gt(0).lt(180).describe('angle from bottom to top (degrees)'),
  takenAt: z
    .string()
    .regex(/^\d{4}-\d{2}-\d{2}(T|$)/)
    .describe('ISO-8601 local time of the still'),
});
export type CameraSidecar = z.infer<typeof cameraSchema>;

const radians = Math.PI / 180;
/** Angle across of a picture whose full-frame focal length is known (degrees); upright ones show the shorter side across. */
export function viewDegOf(focal35Mm: number, isUpright: boolean): number {
  return (2 * Math.atan((isUpright ? 24 : 36) / (2 * focal35Mm))) / radians;
}

/** The camera of a photo; null where it does not tell its place. */
export function cameraOfPhoto(photo: PhotoFacts, { photo: limits, declinationDeg }: LookRules): Camera | null {
  const { lonDeg, latDeg, bearingDeg, bearingFrom, focal35Mm, isUpright } = photo;
  if (lonDeg === null || latDeg === null) return null;
  const turned =
    bearingDeg === null ? null : (bearingDeg + (bearingFrom === 'magnetic' ? declinationDeg : 0) + 360) % 360;
  return {
    lonDeg,
    latDeg,
    positionErrorM: photo.positionErrorM ?? limits.positionErrorM,
    bearingDeg: turned,
    bearingErrorDeg: limits.bearingErrorDeg,
    viewDeg: focal35Mm === null ? limits.defaultViewDeg : viewDegOf(focal35Mm, isUpright),
    nearM: 0,
    farM: limits.farthestM,
  };
}

/** The camera of a tower: what lies between the lowest and the highest line of sight, on flat ground. */
export function cameraOfTower(sidecar: CameraSidecar, { tower: limits }: LookRules): Camera {
  const { lonDeg, latDeg, heightM, bearingDeg, tiltDeg, viewDeg, viewUpDeg } = sidecar;
  const reachOf = (downDeg: number): number =>
    downDeg <= 0 ? Infinity : downDeg >= 90 ? 0 : heightM / Math.tan(downDeg * radians);
  return {
    lonDeg,
    latDeg,
    positionErrorM: limits.positionErrorM,
    bearingDeg,
    bearingErrorDeg: limits.bearingErrorDeg,
    viewDeg,
    nearM: reachOf(tiltDeg + viewUpDeg / 2),
    farM: Math.min(limits.farthestM, reachOf(tiltDeg - viewUpDeg / 2)),
  };
}

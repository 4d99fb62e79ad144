import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cameraOfPhoto, cameraOfTower, viewDegOf, type CameraSidecar } from '../../pipeline/look/camera.ts';
import { judgePicture } from '../../pipeline/look/evidence.ts';
import { readExif } from '../../pipeline/look/exif.ts';
import { viewOf } from '../../pipeline/look/view.ts';
import { loadLookRules } from '../../workers/rule/load-rules.ts';
import { type MadePhoto, madePhoto } from '../support/made-photo.ts';
import { squareDeg } from '../support/made-tracks.ts';

const rules = loadLookRules();
/** A square of 100 m whose lower left corner is the origin of `at`. */
const ground = squareDeg(0, 0);
const at = (eastM: number, northM: number) => {
  const [lonDeg, latDeg] = squareDeg(eastM, northM)[0]![0]![0]!;
  return { lonDeg, latDeg };
};
const taken = '2026:08:20 10:21:05';
const place = { ground, since: '2026-05-01', verdictDate: '2026-08-21' };

function codesOf(photo: MadePhoto, where = place): readonly string[] {
  const exif = readExif(madePhoto(photo))!;
  const picture = { camera: cameraOfPhoto(exif, rules), takenAt: exif.takenAt };
  return judgePicture(picture, where, rules).problems.map(({ code }) => code);
}

describe('EXIF', () => {
  it('tells place, bearing, time and angle', () => {
    const exif = readExif(madePhoto({ ...at(0, 0), bearingDeg: 271.5, taken, focal35Mm: 26, sizePx: [4000, 3000] }));
    expect(exif).toMatchObject({
      bearingDeg: 271.5,
      bearingFrom: 'true',
      focal35Mm: 26,
      isUpright: false,
      camera: 'Made',
    });
    expect(exif?.takenAt).toBe('2026-08-20T10:21:05');
    expect(exif?.lonDeg).toBeCloseTo(at(0, 0).lonDeg, 7);
    expect(exif?.latDeg).toBeCloseTo(at(0, 0).latDeg, 7);
    expect(readExif(madePhoto({ lonDeg: -58.4, latDeg: -34.6 }))).toMatchObject({ bearingDeg: null, takenAt: null });
  });

  it('knows upright pictures, turned or drawn so', () => {
    expect(readExif(madePhoto({ sizePx: [4000, 3000], orientation: 6 }))?.isUpright).toBe(true);
    expect(readExif(madePhoto({ sizePx: [3000, 4000] }))?.isUpright).toBe(true);
    expect(viewDegOf(26, false)).toBeCloseTo(69.4, 1);
    expect(viewDegOf(26, true)).toBeCloseTo(49.6, 1);
  });

  it('is null of other files, and a place without a fix is none', () => {
    expect(readExif(new TextEncoder().encode('no picture'))).toBeNull();
    expect(readExif(Buffer.from([0xff, 0xd8, 0xff, 0xd9]))).toBeNull();
    expect(readExif(madePhoto({ lonDeg: 0, latDeg: 0 }))).toMatchObject({ lonDeg: null, latDeg: null });
  });

  it('of damaged bytes never throws', () => {
    const whole = madePhoto({ ...at(0, 0), bearingDeg: 10, taken, focal35Mm: 26 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 8 }),
        fc.nat(whole.length),
        (edits, end) => {
          const bytes = Buffer.from(whole);
          for (const [position, value] of edits) bytes[position] = value;
          readExif(bytes.subarray(0, end));
        },
      ),
      // the first example: a segment whose length ends before what it holds begins
      { numRuns: 200, examples: [[[[4, 0]], 12]] },
    );
  });
});

describe('a photo', () => {
  const south = at(50, -80);

  it('counts when it was taken near the patch, towards it, at a time that fits', () => {
    expect(codesOf({ ...south, bearingDeg: 0, taken, focal35Mm: 26 })).toEqual([]);
    expect(codesOf({ ...at(50, 50), taken })).toEqual([]);
  });

  it('is refused with what is wrong', () => {
    expect(codesOf({ ...south, bearingDeg: 180, taken })).toEqual(['PHOTO_LOOKS_ELSEWHERE']);
    expect(codesOf({ ...south, taken })).toEqual(['PHOTO_NO_BEARING']);
    expect(codesOf({ ...at(50, -900), bearingDeg: 0, taken })).toEqual(['PHOTO_TOO_FAR']);
    expect(codesOf({ bearingDeg: 0, taken })).toEqual(['PHOTO_NO_POSITION']);
    expect(codesOf({ ...south, bearingDeg: 0 })).toEqual(['PHOTO_NO_DATE']);
    expect(codesOf({ ...south, bearingDeg: 0, taken: '2026:04:30 10:00:00' })).toEqual(['PHOTO_TOO_OLD']);
    expect(codesOf({ ...south, bearingDeg: 0, taken: '2026:08:22 10:00:00' })).toEqual(['PHOTO_LATER_THAN_VERDICT']);
  });

  it('of magnetic north is turned to true north', () => {
    const camera = cameraOfPhoto(readExif(madePhoto({ ...south, bearingDeg: 2, bearingRef: 'M' }))!, rules);
    expect(camera?.bearingDeg).toBeCloseTo(356, 6);
  });

  it('sees what a half-plane and a distance say, whichever way it stands', () => {
    const angle = fc.double({ min: 0, max: 360, noNaN: true });
    const away = fc.double({ min: 90, max: 450, noNaN: true });
    fc.assert(
      fc.property(angle, away, angle, (side, distance, bearingDeg) => {
        const turn = (side * Math.PI) / 180;
        const stand = at(50 + distance * Math.sin(turn), 50 + distance * Math.cos(turn));
        const camera = {
          ...stand,
          positionErrorM: 0,
          bearingDeg,
          bearingErrorDeg: 0,
          viewDeg: 60,
          nearM: 0,
          farM: 600,
        };
        const view = viewOf(camera, ground);
        const off = Math.abs(((view.bearingToDeg - bearingDeg + 540) % 360) - 180);
        expect(Math.abs(((view.bearingToDeg - side + 180 + 720) % 360) - 0) % 360).toSatisfy(
          (d: number) => d < 1 || d > 359,
        );
        const halfWidth = (Math.atan2(71, distance) * 180) / Math.PI;
        if (off < 30 - halfWidth) expect(view.seenFraction).toBeGreaterThan(0.999);
        if (off > 30 + halfWidth + 1) expect(view.seenFraction).toBeLessThan(1e-6);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a tower camera', () => {
  const sidecar: CameraSidecar = {
    format: 'tianwatch-camera/1',
    camera: '新塍 3 号',
    ...at(50, -1000),
    heightM: 40,
    bearingDeg: 0,
    tiltDeg: 3,
    viewDeg: 20,
    viewUpDeg: 4,
    takenAt: '2026-08-20T10:00:00',
  };
  const codes = (given: Partial<CameraSidecar>) =>
    judgePicture(
      { camera: cameraOfTower({ ...sidecar, ...given }, rules), takenAt: sidecar.takenAt },
      place,
      rules,
    ).problems.map(({ code }) => code);

  it('sees the ground between its lowest and highest line of sight', () => {
    expect(cameraOfTower(sidecar, rules)).toMatchObject({
      farM: expect.closeTo(2291.6, 0),
      nearM: expect.closeTo(457.2, 0),
    });
    expect(codes({})).toEqual([]);
    expect(codes({ bearingDeg: 90 })).toEqual(['PHOTO_LOOKS_ELSEWHERE']);
    expect(codes({ tiltDeg: 40 })).toEqual(['PHOTO_TOO_FAR']);
    expect(codes({ ...at(50, -200) })).toEqual(['PHOTO_LOOKS_ELSEWHERE']);
  });
});

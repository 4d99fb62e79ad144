import { curve } from './curve.ts';
import { dateOf, dayNumber, yearDay } from './day.ts';
import { randomOf, type Random } from './random.ts';

/** One pass of the satellite: when, how the light fell, what the air was like, how well it was registered. */
export interface Look {
  readonly index: number;
  readonly date: string;
  readonly day: number;
  /** displacement of the image against its coordinates (px) */
  readonly shiftPx: { readonly col: number; readonly row: number };
  /** 0 = clean air, 1 = the ground shows through a grey veil */
  readonly haze: number;
  /** share of the sky, 0..1 */
  readonly cloudFraction: number;
  readonly sunZenithDeg: number;
  /** clockwise from north */
  readonly sunAzimuthDeg: number;
  /** of the illumination and the calibration, one a band */
  readonly gain: readonly number[];
  readonly cloudBaseM: number;
}

/** Shares of looks by month that are nearly clear, and that are overcast: practice of the lower Yangtze plain, unverified. */
const clearShare = [0.34, 0.28, 0.26, 0.27, 0.26, 0.12, 0.22, 0.3, 0.27, 0.36, 0.36, 0.4] as const;
const overcastShare = [0.42, 0.48, 0.48, 0.44, 0.44, 0.66, 0.45, 0.34, 0.4, 0.36, 0.4, 0.38] as const;

const latitude = (30.7 * Math.PI) / 180;
/** Most looks have clean air. */
const veil = curve([0, 0.05, 0.7, 0.3, 1, 0.7]);
/** Passes at about 10:30 local time. */
const hourAngle = (-22.5 * Math.PI) / 180;

function sunAt(dayOfYear: number): { readonly sunZenithDeg: number; readonly sunAzimuthDeg: number } {
  const declination = ((-23.44 * Math.PI) / 180) * Math.cos((2 * Math.PI * (dayOfYear + 10)) / 365);
  const cosine =
    Math.sin(latitude) * Math.sin(declination) + Math.cos(latitude) * Math.cos(declination) * Math.cos(hourAngle);
  const azimuth = Math.atan2(
    Math.sin(hourAngle),
    Math.cos(hourAngle) * Math.sin(latitude) - Math.tan(declination) * Math.cos(latitude),
  );
  return { sunZenithDeg: (Math.acos(cosine) * 180) / Math.PI, sunAzimuthDeg: (azimuth * 180) / Math.PI + 180 };
}

function cloudsOf(month: number, random: Random): number {
  const draw = random.next();
  const clear = clearShare[month]!;
  if (draw < clear) return random.range(0, 0.12);
  return draw < 1 - overcastShare[month]! ? random.range(0.12, 0.85) : 1;
}

export interface LooksWanted {
  readonly seed: number;
  /** number of looks, where no dates are given */
  readonly looks: number;
  /** ISO-8601, ascending; null = two Augusts, or two years evenly */
  readonly dates: readonly string[] | null;
  /** clear: no cloud at all; season: the sky of a pair or of the month */
  readonly sky?: 'season' | 'clear';
}

/** Dates of the looks: given, or a pair of Augusts a year apart, or from January 2025 to December 2026. */
function datesOf({ seed, looks, dates }: LooksWanted): readonly string[] {
  if (dates !== null) return dates;
  const random = randomOf(seed, 70);
  if (looks === 2)
    return [dateOf(dayNumber('2025-08-06') + random.whole(20)), dateOf(dayNumber('2026-08-03') + random.whole(20))];
  const [first, last] = [dayNumber('2025-01-03'), dayNumber('2026-12-29')];
  const step = (last - first) / (looks - 1);
  return Array.from({ length: looks }, (_, i) =>
    dateOf(Math.round(first + i * step + (i === 0 ? 0 : random.range(-0.3, 0.3) * step))),
  );
}

/** A pair has little cloud, so that it is worth comparing; a series has the sky of the season. */
export function planLooks(wanted: LooksWanted): Look[] {
  const dates = datesOf(wanted);
  return dates.map((date, index) => {
    const random = randomOf(wanted.seed, 71, index);
    const day = dayNumber(date);
    const { day: ofYear } = yearDay(day);
    const month = Number(date.slice(5, 7)) - 1;
    const level = 1 + 0.04 * random.bell();
    const isPair = dates.length === 2;
    const [lowest, highest] = index === 0 ? [0.005, 0.03] : [0.03, 0.11];
    return {
      index,
      date,
      day,
      shiftPx:
        index === 0 ? { col: 0, row: 0 } : { col: round(random.range(-0.7, 0.7)), row: round(random.range(-0.7, 0.7)) },
      haze: round(veil(random.next())),
      // drawn in either case, so that all else stays as under the season's sky
      cloudFraction: ((drawn) => (wanted.sky === 'clear' ? 0 : drawn))(
        round(isPair ? random.range(lowest, highest) : cloudsOf(month, random)),
      ),
      ...sunAt(ofYear),
      gain: Array.from({ length: 6 }, () => round(level * (1 + 0.015 * random.bell()))),
      cloudBaseM: Math.round(random.range(450, 1100)),
    };
  });
}

const round = (value: number): number => Math.round(value * 1e4) / 1e4;

const pad = (value: number) => String(value).padStart(2, '0');

function isDay(year: number, month: number, day: number): boolean {
  if (year < 1970 || year > 2100 || month < 1 || month > 12 || day < 1) return false;
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/**
 * A date as ISO-8601, or null when the text is none: `2020-05-01`, `20200501`, `2015:12:31 10:00:00`, `2020年5月1日`,
 * `2020-05-01T02:10:00Z`.
 *
 * A time with a zone gives a UTC date-time; a time without one gives the date alone, since its zone would be a guess.
 * Years 1970 to 2100.
 */
export function parseDate(text: string): string | null {
  const plain = text
    .trim()
    .replace(
      /^(\d{4})年(\d{1,2})月(\d{1,2})日/,
      (_, y: string, m: string, d: string) => `${y}-${m.padStart(2, '0')}-${d.padStart(2, '0')}`,
    );
  const match =
    /^(\d{4})([-:/.]?)(\d{2})\2(\d{2})(?:[T ](\d{2}):?(\d{2})(?::?(\d{2})(?:\.\d+)?)?\s*(Z|UTC|[+-]\d{2}:?\d{2})?)?$/i.exec(
      plain,
    );
  if (!match) return null;
  const [year, month, day] = [Number(match[1]), Number(match[3]), Number(match[4])];
  if (!isDay(year, month, day)) return null;
  const date = `${match[1]}-${match[3]}-${match[4]}`;
  if (match[5] === undefined) return date;
  const [hour, minute, second] = [Number(match[5]), Number(match[6]), Number(match[7] ?? 0)];
  if (hour > 23 || minute > 59 || second > 60) return null;
  if (match[8] === undefined) return date;
  const zone = /^([+-])(\d{2}):?(\d{2})$/.exec(match[8]);
  const aheadMin = zone ? (zone[1] === '-' ? -1 : 1) * (Number(zone[2]) * 60 + Number(zone[3])) : 0;
  return `${new Date(Date.UTC(year, month - 1, day, hour, minute - aheadMin, second)).toISOString().slice(0, 19)}Z`;
}

/** Day of the year (1..366) as ISO-8601 date, or null. */
export function dateOfYearDay(year: number, dayOfYear: number): string | null {
  const date = new Date(Date.UTC(year, 0, dayOfYear));
  if (dayOfYear < 1 || date.getUTCFullYear() !== year || !isDay(year, 1, 1)) return null;
  return `${year}-${pad(date.getUTCMonth() + 1)}-${pad(date.getUTCDate())}`;
}

/** Every different valid `yyyymmdd` and `yyyy-mm-dd` in a file name, in order. */
export function datesInName(name: string): string[] {
  const dates = [...name.matchAll(/(?<!\d)(\d{4})(-?)(\d{2})\2(\d{2})(?!\d)/g)].flatMap(
    (match) => parseDate(`${match[1]}-${match[3]}-${match[4]}`) ?? [],
  );
  return [...new Set(dates)];
}

const dateKeys = new Set(
  [
    'ACQUISITIONDATE ACQUISITIONDATETIME ACQUISITIONTIME DATEACQUIRED ACQUIRED SENSINGDATE SENSINGTIME SENSINGSTART',
    'DATATAKE1DATATAKESENSINGSTART DATATAKESENSINGSTART PRODUCTSTARTTIME IMAGINGDATE IMAGINGTIME CAPTUREDATE',
    'DATETIMEORIGINAL EXIFDATETIMEORIGINAL CENTERTIME STARTTIME SENSINGTIMESTART',
  ]
    .join(' ')
    .split(' '),
);

/** `DOMAIN:Acquisition_Date` → `ACQUISITIONDATE` */
export function metadataKey(key: string): string {
  return (key.split(':').at(-1) ?? key).toUpperCase().replaceAll(/[^A-Z0-9]/g, '');
}

/** The date in metadata items such as `ACQUISITION_DATE`, `DATE_ACQUIRED`, `SENSING_TIME`; items that hold no date are passed over. */
export function dateInMetadata(metadata: Readonly<Record<string, string>>): string | null {
  const found = Object.entries(metadata).filter(([key]) => dateKeys.has(metadataKey(key)));
  return found.map(([, value]) => parseDate(value)).find((date) => date !== null) ?? null;
}

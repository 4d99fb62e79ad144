import { assert, date, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dateInMetadata, dateOfYearDay, datesInName, parseDate } from '../../pipeline/scene/acquired.ts';

describe('dates', () => {
  it.each([
    ['2020-05-01', '2020-05-01'],
    ['20200501', '2020-05-01'],
    ['2020/05/01', '2020-05-01'],
    ['2020年5月1日', '2020-05-01'],
    ['2015:12:31 10:00:00', '2015-12-31'],
    ['2020-05-01T02:10:00.123Z', '2020-05-01T02:10:00Z'],
    ['20200501T021000Z', '2020-05-01T02:10:00Z'],
    ['2020-05-01T02:10:00+08:00', '2020-04-30T18:10:00Z'],
  ])('reads %s', (text, iso) => {
    expect(parseDate(text)).toBe(iso);
  });

  it.each([
    '2020-02-30',
    '2019-02-29',
    '20201301',
    '1969-12-31',
    '2101-01-01',
    '2020-5-1',
    '2020-0501',
    'May 2020',
    '',
    '2020-05-01T25:00:00Z',
  ])('takes %j for no date', (text) => {
    expect(parseDate(text)).toBeNull();
  });

  it('reads back every calendar day of 1970 to 2100', () => {
    const days = date({
      min: new Date('1970-01-01T00:00:00Z'),
      max: new Date('2100-12-31T00:00:00Z'),
      noInvalidDate: true,
    });
    assert(
      property(days, (day) => {
        const iso = day.toISOString().slice(0, 10);
        expect(parseDate(iso)).toBe(iso);
        expect(datesInName(`S_${iso.replaceAll('-', '')}_x.tif`)).toEqual([iso]);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  it('finds dates in file names and passes over numbers that are none', () => {
    expect(datesInName('Boadella_2020-01-13.tif')).toEqual(['2020-01-13']);
    expect(datesInName('m_4709963_se_14_1_20120731.tif')).toEqual(['2012-07-31']);
    expect(datesInName('a_20209999_0004805223_2021-10.tif')).toEqual([]);
    expect(datesInName('change_20160101_20180101_20160101.tif')).toEqual(['2016-01-01', '2018-01-01']);
  });

  it('reads the date item of metadata whatever its spelling and domain, and passes over one that holds none', () => {
    expect(dateInMetadata({ NOTE: '2001-01-01', 'IMAGERY:AcquisitionDateTime': '2021-10-15 02:00:00' })).toBe(
      '2021-10-15',
    );
    expect(dateInMetadata({ ACQUISITION_DATE: 'unknown', DATE_ACQUIRED: '2003-02-06' })).toBe('2003-02-06');
    expect(dateInMetadata({ NOTE: '2001-01-01' })).toBeNull();
  });

  it('reads a day of the year', () => {
    expect(dateOfYearDay(2015, 123)).toBe('2015-05-03');
    expect(dateOfYearDay(2015, 366)).toBeNull();
    expect(dateOfYearDay(2016, 366)).toBe('2016-12-31');
  });
});

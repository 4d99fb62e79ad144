import { maskedPairs, stablePairs, type Place } from './place.ts';

/** Pairs of dates of the series in which nothing was built, by the folder's name; hazy and cloudy dates left out. */
export const stableSeries: Readonly<Record<string, (data: string) => Place[]>> = {
  belgium_s2_12month: (data) => stablePairs('belgium_s2_12month', () => true, data),
  boadella_series: (data) => {
    const cloudy = ['2020-01-13', '2020-01-18', '2020-01-23', '2021-06-26'];
    return stablePairs('boadella_series', (file) => !cloudy.some((date) => file.includes(date)), data);
  },
};

/** The same places with blue, green, red and near infrared alone, as satellites without short-wave infrared see them. */
export const fourBands = (place: Place): Place => ({
  ...place,
  before: place.before.filter((file) => file.endsWith('_10m.tif')),
  after: place.after.filter((file) => file.endsWith('_10m.tif')),
});

/** One image twice. */
export const stillPairs = (data: string): Place[] =>
  maskedPairs(data).map((place) => ({ ...place, after: place.before, mask: null, truthOf: () => 1 }));

import { describe, expect, it } from 'vitest';
import { ofPaths } from '../../scripts/score/shape.ts';
import { scoreTracks, type ScoredTrack, type TrueEvent } from '../../scripts/score/track-score.ts';
import { trackScoreText } from '../../scripts/score/track-text.ts';

const box = (x: number, y: number, side: number) =>
  ofPaths([
    [
      [x, y],
      [x + side, y],
      [x + side, y + side],
      [x, y + side],
    ].map(([u, v]) => ({ x: u! * 1000, y: v! * 1000 })),
  ]);
const event = (id: string, x: number, more: Partial<TrueEvent> = {}): TrueEvent => ({
  id,
  kind: 'pond',
  category: 'non-grain',
  classBefore: 'crops',
  areaM2: 10_000,
  minAreaM2: 2000,
  sizeClass: 'medium',
  startDate: '2025-06-01',
  isOlder: false,
  clearDates: ['2025-06-05', '2025-06-20', '2025-07-20', '2025-08-01'],
  shape: box(x, 0, 100),
  ...more,
});
const track = (id: string, x: number, more: Partial<ScoredTrack> = {}): ScoredTrack => ({
  id,
  state: 'confirmed',
  category: 'non-grain',
  classBefore: 'crops',
  classAfter: 'water',
  confirmedOn: '2025-07-20',
  looksToConfirm: 2,
  isMerged: false,
  areaM2: 10_000,
  periods: [],
  shape: box(x, 0, 100),
  ...more,
});

describe('tracks of a series against its truth', () => {
  it('counts what was confirmed, what was missed, and how many clear looks it took', () => {
    const score = scoreTracks([event('a', 0), event('b', 500)], [track('1', 10)], 10);
    expect(score.wanted).toEqual({ wanted: 2, found: 1 });
    expect([score.recall, score.precision]).toEqual([0.5, 1]);
    expect([score.medianDelayLooks, score.medianLooksToConfirm]).toEqual([3, 2]);
    expect(score.missed.map(({ id }) => id)).toEqual(['b']);
  });

  it('wants neither what was there before, nor what is too small or was hardly seen, nor what is no loss of cropland', () => {
    const others = [
      event('older', 500, { isOlder: true }),
      event('small', 1000, { areaM2: 1000 }),
      event('hidden', 1500, { clearDates: ['2025-06-05', '2025-06-20'] }),
      event('woods', 2000, { classBefore: 'trees' }),
      event('review', 2500, { category: 'review' }),
    ];
    const score = scoreTracks([event('a', 0), ...others], [track('1', 0), track('2', 500), track('3', 2500)], 10);
    expect([score.recall, score.precision, score.wanted.wanted]).toEqual([1, 1, 1]);
  });

  it('takes only confirmed tracks of non-farm and non-grain that are no part of another for alerts', () => {
    const quiet = [
      track('1', 0, { confirmedOn: null, state: 'probable' }),
      track('2', 0, { isMerged: true }),
      track('3', 0, { category: 'review' }),
    ];
    expect(scoreTracks([event('a', 0)], quiet, 10)).toMatchObject({ recall: 0, precision: null });
  });

  it('tells of each missed change in which state the tracks are that show it', () => {
    const events = [event('a', 0), event('b', 500), event('c', 1000), event('d', 1500), event('e', 2000)];
    const tracks = [
      track('1', 0, { confirmedOn: null, state: 'probable' }),
      track('2', 50, { confirmedOn: null, state: 'watched', shape: box(80, 0, 20) }),
      track('3', 500, { category: 'review' }),
      track('4', 1000, { confirmedOn: null, state: 'expired', shape: box(1000, 0, 40) }),
      track('5', 1500, { shape: box(1500, 0, 10) }),
      track('6', 2000, { confirmedOn: null, state: 'probable', isMerged: true }),
    ];
    const score = scoreTracks(events, tracks, 10);
    expect(score.missed.map(({ shown }) => shown)).toEqual(['probable', 'otherwise', 'expired', 'nothing', 'nothing']);
    expect(trackScoreText(score)).toMatch(/seen as: probable 1, otherwise 1, expired 1, nothing 2/);
  });

  it('finds a change from the day on which alerts cover enough of it', () => {
    const parts = [
      track('1', 0, { shape: box(0, 0, 40), areaM2: 1600, confirmedOn: '2025-06-20' }),
      track('2', 50, { shape: box(50, 0, 50), areaM2: 2500, confirmedOn: '2025-08-01' }),
    ];
    expect(scoreTracks([event('a', 0)], parts, 10).medianDelayLooks).toBe(4);
  });

  it('names wrong alerts by what the fields did that day, and alerts that lie on one another', () => {
    const wrong = [
      track('1', 5000, { periods: ['flooded'] }),
      track('2', 6000, { classAfter: 'bare', periods: ['harvest'] }),
      track('3', 7000, { classAfter: 'bare', periods: ['winter-bare'] }),
      track('4', 7010, { classAfter: 'built' }),
    ];
    const score = scoreTracks([event('a', 0)], wrong, 10);
    expect(score.wrongBy).toEqual({ flooding: 1, harvest: 1, 'winter bare': 1, built: 1 });
    expect(score.duplicates).toEqual([['3', '4']]);
    expect(trackScoreText(score)).toMatch(/precision: 0\.0 % \(0 \/ 4\)/);
  });
});

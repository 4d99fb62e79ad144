import { assert as check, integer, property, uniqueArray } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { slotOf } from '../../pipeline/arrival/firing.ts';
import { latestSlot, missedSlot, monthDayIn } from '../../pipeline/arrival/schedule.ts';
import { nextSlot } from '../../workers/queue/timer.ts';
import { timingOf } from '../../workers/watch/serve-schedules.ts';

const at = (text: string): number => Date.parse(text);
const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString().slice(0, 19));
const daily = { pattern: '0 3 * * *', zone: 'Asia/Shanghai', season: null };
const always = timingOf(daily);

describe('slots of a pattern', () => {
  it('are told in its time zone, also over a change of the clocks', () => {
    expect(iso(nextSlot(daily, at('2026-07-01T00:00:00Z')))).toBe('2026-07-01T19:00:00');
    const berlin = { pattern: '30 2 * * *', zone: 'Europe/Berlin' };
    const first = nextSlot(berlin, at('2026-03-28T00:00:00Z'));
    expect(iso(first)).toBe('2026-03-28T01:30:00');
    // 02:30 is not on the clock of the 29th
    expect(nextSlot(berlin, first)).toBeGreaterThan(first);
  });

  it('are refused in words where pattern or zone cannot be understood', () => {
    for (const wrong of [
      { ...daily, pattern: '61 * * * *' },
      { ...daily, zone: 'Asia/Jiaxing' },
    ])
      expect(() => nextSlot(wrong, 0)).toThrow(/is no pattern of times/);
  });

  it('have a latest one before any moment, whatever their spacing', () => {
    check(
      property(
        uniqueArray(integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 40 }),
        integer({ min: -10, max: 5100 }),
        integer({ min: -10, max: 5100 }),
        (slots, sinceMs, nowMs) => {
          const sorted = slots.toSorted((a, b) => a - b);
          const next = (afterMs: number): number => sorted.find((slot) => slot > afterMs) ?? Infinity;
          const expected = sorted.findLast((slot) => slot > sinceMs && slot <= nowMs) ?? null;
          expect(latestSlot(next, sinceMs, nowMs)).toBe(expected);
        },
      ),
    );
  });

  it('of every second are found after a year in a moment', () => {
    const timing = timingOf({ ...daily, pattern: '* * * * * *' });
    expect(missedSlot(timing, at('2025-01-01T00:00:00Z'), at('2026-01-01T00:00:00.500Z'))).toBe(
      at('2026-01-01T00:00:00Z'),
    );
  });
});

describe('what was missed', () => {
  it('is one slot, the latest, however many there were', () => {
    expect(iso(missedSlot(always, at('2026-07-01T19:00:00Z'), at('2026-07-06T12:00:00Z')))).toBe('2026-07-05T19:00:00');
  });

  it('is nothing when the last slot was served', () => {
    expect(missedSlot(always, at('2026-07-05T19:00:00Z'), at('2026-07-06T12:00:00Z'))).toBeNull();
  });

  it('is the last one of a season that is over, and nothing of a time outside it', () => {
    const summer = timingOf({ ...daily, season: { name: 's', from: '06-01', to: '08-31' } });
    expect(iso(missedSlot(summer, at('2026-08-20T19:00:00Z'), at('2026-10-10T00:00:00Z')))).toBe('2026-08-30T19:00:00');
    expect(missedSlot(summer, at('2026-09-10T00:00:00Z'), at('2026-10-10T00:00:00Z'))).toBeNull();
    const winter = timingOf({ ...daily, season: { name: 'w', from: '11-01', to: '02-28' } });
    expect(iso(missedSlot(winter, at('2026-01-01T00:00:00Z'), at('2026-02-01T00:00:00Z')))).toBe('2026-01-31T19:00:00');
  });

  it('is counted by the days of the zone', () => {
    expect(monthDayIn('Asia/Shanghai', at('2026-07-31T19:00:00Z'))).toBe('08-01');
    expect(monthDayIn('UTC', at('2026-07-31T19:00:00Z'))).toBe('07-31');
  });
});

describe('a stroke', () => {
  const slotMs = at('2026-07-01T19:00:00Z');
  const fresh = { slotMs, isAgain: false, addedMs: at('2026-06-01T00:00:00Z'), last: null };
  const served = (changes: Partial<Parameters<typeof slotOf>[0]>, nowMs: number) =>
    slotOf({ ...fresh, ...changes }, always, nowMs);

  it('in time serves its slot', () => {
    expect(served({}, slotMs + 900)).toEqual({ slotMs, cause: 'due' });
  });

  it('that comes late serves the latest that was missed, and the next late one nothing', () => {
    const now = at('2026-07-06T12:00:00Z');
    const latest = at('2026-07-05T19:00:00Z');
    expect(served({}, now)).toEqual({ slotMs: latest, cause: 'caught-up' });
    expect(served({ last: { slotMs: latest, hasEnded: true } }, now)).toBeNull();
    expect(served({ slotMs: latest, last: { slotMs: latest, hasEnded: true } }, now)).toBeNull();
  });

  it('of a slot that was served, or from before the schedule, serves nothing', () => {
    expect(served({ last: { slotMs, hasEnded: true } }, slotMs + 900)).toBeNull();
    expect(served({ addedMs: slotMs + 1 }, slotMs + 900)).toBeNull();
  });

  it('that is given out again goes on with what broke off', () => {
    const last = { slotMs, hasEnded: false };
    expect(served({ isAgain: true, last }, slotMs + 900)).toEqual({ slotMs, cause: 'due' });
    expect(served({ isAgain: false, last }, slotMs + 900)).toBeNull();
  });
});

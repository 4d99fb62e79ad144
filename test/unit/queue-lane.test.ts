import { array, assert as check, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { turnOfRun, turnsOfLane } from '../../workers/queue/lane.ts';

const job = (runId: string, index: number, turn: number) => ({ id: `${runId}.${index}`, runId, turn });

describe('the turns of a lane', () => {
  it('go round its runs, one chunk a turn, each run in its own order', () => {
    const waiting = [job('a', 0, 7), job('b', 0, 7), job('a', 1, 8), job('b', 1, 8), job('a', 2, 9)];
    expect(turnsOfLane(waiting, 7, 1).map(({ id, turn }) => `${id} at ${turn}`)).toEqual([
      'b.0 at 8',
      'a.1 at 9',
      'b.1 at 10',
      'a.2 at 11',
    ]);
    expect(turnsOfLane(waiting, 7, 8).every(({ turn }) => turn === 7)).toBe(true);
  });

  it('never hold more than a turn may, lose nothing, and once they are so stay so', () => {
    const runs = array(integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });
    check(
      property(runs, integer({ min: 1, max: 50 }), integer({ min: 1, max: 8 }), (sizes, now, atATurn) => {
        const waiting = sizes.flatMap((size, run) =>
          Array.from({ length: size }, (_, at) => job(`${run}`, at, now + at)),
        );
        const changed = new Map(turnsOfLane(waiting, now, atATurn).map((one) => [one.id, one.turn]));
        const after = waiting.map((one) => ({ ...one, turn: changed.get(one.id) ?? one.turn }));
        for (let turn = now; turn < now + waiting.length; turn += 1)
          expect(after.filter((one) => one.turn === turn).length).toBeLessThanOrEqual(atATurn);
        expect(Math.max(...after.map(({ turn }) => turn))).toBe(now + Math.floor((waiting.length - 1) / atATurn));
        const taken = after.toSorted((a, b) => a.turn - b.turn);
        expect(turnsOfLane(taken, now, atATurn)).toEqual([]);
      }),
    );
  });
});

describe('the turn of a run', () => {
  it('is that of the queue for the first of its lane, and behind the others of it else', () => {
    expect(turnOfRun([], 7, 1)).toBe(7);
    expect(turnOfRun([7], 7, 1)).toBe(8);
    expect(turnOfRun([7, 8, 9], 8, 1)).toBe(10);
    expect(turnOfRun([2], 7, 1)).toBe(7);
    expect(
      turnOfRun(
        Array.from({ length: 7 }, () => 3),
        3,
        8,
      ),
    ).toBe(3);
    expect(
      turnOfRun(
        Array.from({ length: 8 }, () => 3),
        3,
        8,
      ),
    ).toBe(4);
  });
});

import { describe, expect, it } from 'vitest';
import { nextStep, supersededBy } from '../../pipeline/arrival/memory.ts';
import { type ArrivedScene, type PairRule, planPairs } from '../../pipeline/arrival/pair.ts';
import { missingParts, partWords } from '../../pipeline/arrival/parts.ts';
import { isUnready, notReadyLine } from '../../pipeline/arrival/reason.ts';
import { type FileHistories, lookAgain, settlingOf } from '../../pipeline/arrival/settle.ts';

describe('files that arrive', () => {
  const file = (version: string) => ({ path: '/in/a.tif', bytes: 1, version });

  it('are settled when two looks far enough apart show the same, and growing when they show another', () => {
    let known: FileHistories = new Map();
    const lookAt = (version: string, ms: number) => {
      known = lookAgain(known, [file(version)], ms);
      return settlingOf(known.get('/in/a.tif')!, ms, 10);
    };
    expect([lookAt('1', 0), lookAt('1', 9), lookAt('2', 12), lookAt('2', 21), lookAt('2', 22)]).toEqual([
      'SETTLING',
      'SETTLING',
      'GROWING',
      'GROWING',
      'settled',
    ]);
  });

  it('are not settled by one look, however long ago the clock says that was', () => {
    const known = lookAgain(new Map(), [file('1')], 0);
    expect(settlingOf(known.get('/in/a.tif')!, 1e9, 10)).toBe('SETTLING');
  });

  it('are forgotten when they are gone, so that one that comes back settles anew', () => {
    const gone = lookAgain(lookAgain(new Map(), [file('1')], 0), [], 5);
    expect(gone.size).toBe(0);
  });

  it('wait for the parts that every scene has', () => {
    expect(partWords('/in/nantes_20160101_B04_20m.tif')).toEqual(['B04', '20m']);
    expect(missingParts(['/in/a_10M.tif'], ['10m', '20m'])).toEqual(['20m']);
    expect(missingParts(['/in/a.tif'], [])).toEqual([]);
  });
});

describe('pairs', () => {
  const scene = (name: string, acquired: string, cloudFraction: number | null = 0): ArrivedScene => ({
    name,
    id: name,
    acquired,
    sensor: null,
    cloudFraction,
  });
  const place = ({ name }: ArrivedScene): string => name.slice(0, 1);
  const pairsOf = (scenes: readonly ArrivedScene[], rule: PairRule = 'previous') => {
    const { pairs, notReady } = planPairs(scenes, {
      rule,
      cloudFraction: 0.5,
      isSameGround: (a, b) => place(a) === place(b),
      areComparable: (a, b) => a.acquired!.slice(5) === b.acquired!.slice(5),
    });
    return {
      pairs: pairs.map(({ before, after }) => `${before.name} ${after.name}`),
      left: notReady.map(({ name, reason }) => `${name} ${reason}`),
    };
  };
  const scenes = [
    scene('a3', '2026-08-01'),
    scene('b1', '2024-01-01'),
    scene('a1', '2024-08-01'),
    scene('a2', '2025-01-01'),
    scene('a0', '2023-01-01', 0.9),
  ];

  it('join each scene with the latest earlier one of its ground that is clear enough', () => {
    expect(pairsOf(scenes)).toEqual({
      pairs: ['a1 a2', 'a2 a3'],
      left: ['a0 CLOUDY', 'b1 NO_EARLIER', 'a1 NO_EARLIER'],
    });
  });

  it('do not depend on the order in which scenes come', () => {
    expect(pairsOf(scenes.toReversed()).pairs).toEqual(pairsOf(scenes).pairs);
  });

  it('join it with the first, or with the latest of its season, where that is asked', () => {
    expect(pairsOf(scenes, 'first').pairs).toEqual(['a1 a2', 'a1 a3']);
    expect(pairsOf(scenes, 'same-season').pairs).toEqual(['a1 a3']);
  });

  it('never join two scenes of one day', () => {
    expect(pairsOf([scene('a1', '2026-01-01T01:00:00Z'), scene('a2', '2026-01-01T02:00:00Z')]).pairs).toEqual([]);
  });
});

describe('what is remembered of a pair', () => {
  const files = [{ path: 'a', version: '1' }];
  const known = { state: 'begun', files, outcome: null, runState: 'done' } as const;
  const now = new Map([['a', '1']]);

  it('is run when nothing is, and not again when its run has ended', () => {
    expect(nextStep(null, now)).toBe('run');
    expect(nextStep({ ...known, state: 'ended', outcome: 'done' }, now)).toBe('done');
    expect(nextStep({ ...known, state: 'ended', outcome: 'INPUT_INVALID' }, now)).toBe('done');
  });

  it('is run again after a failure that may pass, and when it was superseded and is wanted again', () => {
    expect(nextStep({ ...known, state: 'ended', outcome: 'EXHAUSTED' }, now)).toBe('run');
    expect(nextStep({ ...known, state: 'superseded', outcome: 'done' }, now)).toBe('run');
  });

  it('adopts a run that ended unseen, unless its files are others now or it has not ended', () => {
    expect(nextStep(known, now)).toBe('adopt');
    expect(nextStep(known, new Map([['a', '2']]))).toBe('run');
    expect(nextStep({ ...known, runState: 'interrupted' }, now)).toBe('run');
    expect(nextStep({ ...known, runState: null }, now)).toBe('run');
  });

  it('is superseded by another pair of its later scene or of a newer version of it, and by nothing else', () => {
    const pair = (id: string, after: string, name: string) => ({ id, after: { id: after, name } });
    const all = [pair('1', 'x', 'scene'), pair('2', 'y', 'other'), pair('3', 'z', 'scene_N0400')];
    expect(supersededBy(all, [pair('3', 'z', 'scene_N0400')], new Map([['scene', 'scene_N0400']]))).toEqual([all[0]]);
    expect(supersededBy(all, [pair('4', 'y', 'other')], new Map())).toEqual([all[1]]);
    expect(supersededBy(all, [], new Map())).toEqual([]);
  });
});

describe('reasons', () => {
  it('are told in Chinese first, and a first scene is nothing to be mended', () => {
    const line = notReadyLine({ name: 'a', reason: 'PART_MISSING', detail: '20m' });
    expect(line).toBe('  等待 waits  a：还缺同一影像的其他文件 / other files of the scene are missing (20m)');
    expect(isUnready({ name: 'a', reason: 'NO_EARLIER', detail: '' })).toBe(false);
    expect(isUnready({ name: 'a', reason: 'NOT_WHOLE', detail: '' })).toBe(true);
  });
});

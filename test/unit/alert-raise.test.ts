import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AlertTrack, Verdict } from '../../pipeline/alert/alert.ts';
import { casesOf, coversOf, heirsByGround } from '../../pipeline/alert/case.ts';
import { raiseAlert } from '../../pipeline/alert/raise.ts';
import { mergeTasks, type PlacedAlert } from '../../pipeline/alert/task.ts';
import { loadAlertRules } from '../../workers/rule/load-rules.ts';
import { madeTrack, squareDeg } from '../support/made-tracks.ts';

const rules = loadAlertRules();
const idOf = (axis: string, track: string): string => `${axis}/${track}`;
const raise = (tracks: readonly AlertTrack[], verdicts: readonly Verdict[] = []) =>
  raiseAlert({ tracks, verdicts }, rules, idOf);

type Step = readonly [date: string, event: string, state: AlertTrack['state'], areaM2?: number];
const track = (id: string, steps: readonly Step[], given: Parameters<typeof madeTrack>[1] = {}): AlertTrack =>
  madeTrack(id, {
    firstSeen: steps[0]![0],
    lastSeen: steps.at(-1)![0],
    state: steps.at(-1)![2],
    history: steps.map(([date, event, state, areaM2 = 800]) => ({ date, event, state, areaM2 })),
    ...given,
  });
const verdict = (date: string, says: Verdict['says'], evidence: readonly string[] = []): Verdict => ({
  id: `v-${date}-${says}`,
  date,
  says,
  evidence,
});
const story = (alert: ReturnType<typeof raise>) => alert?.history.map(({ date, event }) => `${date} ${event}`);

const built: readonly Step[] = [
  ['2026-03-01', 'appeared', 'probable'],
  ['2026-03-21', 'confirmed', 'confirmed'],
];
const recovered: readonly Step[] = [...built, ['2026-06-20', 'reversed', 'reversed']];

describe('an alert', () => {
  it('is open from the first look that is more than watching on, and due by its severity', () => {
    const steps: readonly Step[] = [
      ['2026-02-01', 'appeared', 'watched', 90],
      ['2026-03-01', 'grew', 'probable'],
    ];
    expect(raise([track('t', steps, { severity: 'severe' })])).toMatchObject({
      id: 'land-class/t',
      state: 'open',
      certainty: 'probable',
      askedOn: '2026-03-01',
      dueDate: '2026-03-16',
    });
    expect(raise([track('t', steps.slice(0, 1))])).toBeNull();
  });

  it('is raised for suspected losses alone', () => {
    for (const category of ['review', 'other', 'recovered'])
      expect(raise([track('t', built, { category })])).toBeNull();
  });

  it('is certain when a person found the change, lawful or not, before looks agree', () => {
    const seen = track('t', built.slice(0, 1));
    for (const says of ['confirmed', 'lawful'] as const)
      expect(raise([seen], [verdict('2026-03-10', says)])).toMatchObject({ state: says, certainty: 'confirmed' });
    expect(raise([seen], [verdict('2026-03-10', 'refuted')])).toMatchObject({
      state: 'refuted',
      certainty: 'probable',
    });
  });

  it('becomes certain when looks agree, and is withdrawn when they never do', () => {
    expect(raise([track('t', built)])).toMatchObject({ state: 'open', certainty: 'confirmed' });
    expect(raise([track('t', [built[0]!, ['2026-04-20', 'expired', 'expired']])])).toMatchObject({
      state: 'withdrawn',
      dueDate: null,
    });
  });

  it('asks for closing evidence when confirmed ground recovers, closes on it, and reopens on relapse', () => {
    expect(raise([track('t', recovered)])).toMatchObject({ state: 'recovering', dueDate: '2026-07-20' });
    const closing = verdict('2026-07-01', 'restored', ['photo/a']);
    expect(raise([track('t', recovered)], [closing])).toMatchObject({ state: 'closed', evidence: ['photo/a'] });
    const again = raise([track('t', [...recovered, ['2026-09-10', 'relapsed', 'confirmed']])], [closing]);
    expect(again).toMatchObject({ state: 'open', askedOn: '2026-09-10' });
    expect(story(again)?.slice(-2)).toEqual(['2026-07-01 closed', '2026-09-10 reopened']);
  });

  it('goes by what people found, until the change grows beyond it', () => {
    const refuted = verdict('2026-04-02', 'refuted');
    expect(raise([track('t', built)], [refuted])).toMatchObject({ state: 'refuted', dueDate: null });
    const grown = track('t', [...built, ['2026-05-09', 'grew', 'confirmed', 3000]]);
    expect(raise([grown], [refuted])).toMatchObject({ state: 'open', askedOn: '2026-05-09' });
    expect(raise([grown], [verdict('2026-04-02', 'confirmed')])).toMatchObject({ state: 'confirmed' });
  });

  it('is kept as a lawful record where a permit covers it, and opens when none does any more', () => {
    expect(raise([track('t', built, { isLawful: true })])).toMatchObject({ state: 'lawful', dueDate: null });
    const steps: readonly Step[] = [...built, ['2026-05-09', 'grew', 'confirmed', 3000]];
    expect(raise([track('t', steps, { isLawful: true })])).toMatchObject({ state: 'lawful' });
    expect(raise([track('t', steps)])).toMatchObject({ state: 'open' });
  });

  it('stays refuted when another pair of dates shows the same again, and says so', () => {
    const other = track('u', [['2026-09-01', 'appeared', 'probable']]);
    const alert = raise([track('t', built), other], [verdict('2026-04-02', 'refuted')]);
    expect(alert).toMatchObject({ state: 'refuted', track: 't' });
    expect(story(alert)?.at(-1)).toBe('2026-09-01 seen-again');
  });

  it('of a day that no file tells has no due date', () => {
    expect(raise([track('t', [['', 'appeared', 'probable']])])).toMatchObject({ state: 'open', dueDate: null });
  });
});

describe('cases', () => {
  const placed = (id: string, source: string, eastM: number, given = {}) => ({
    ...madeTrack(id, { ground: squareDeg(eastM, 0), ...given }),
    source,
    cropYear: null,
  });
  const idsOf = (cases: ReturnType<typeof casesOf>) =>
    cases.map(({ tracks, verdicts }) => [...tracks.map(({ id }) => id).toSorted(), ...verdicts.map(({ id }) => id)]);

  it('join tracks of different sources that share half of the smaller, and none of one source', () => {
    const tracks = [placed('a', 's', 0), placed('b', 'p', 40), placed('c', 's', 90), placed('d', 'q', 175)];
    expect(idsOf(casesOf(tracks, [], rules))).toEqual([['a', 'b'], ['c'], ['d']]);
  });

  it('give gains and verdicts to each loss on their ground, and what merged to what it is part of', () => {
    const tracks = [
      placed('a', 's', 0),
      placed('b', 's', 120),
      placed('m', 's', 900, { mergedInto: 'a' }),
      placed('r', 'p', 0, { category: 'recovered', ground: squareDeg(0, 0, 230) }),
      placed('x', 'p', 5000, { category: 'recovered' }),
    ];
    const seen = {
      ...verdict('2026-09-01', 'confirmed'),
      axis: 'land-class' as const,
      track: 'b',
      ground: null,
      cropYear: null,
    };
    const lost = { ...seen, id: 'w', track: 'no longer there', ground: squareDeg(10, 10) };
    expect(idsOf(casesOf(tracks, [seen, lost], rules))).toEqual([['a', 'm', 'r', 'w'], ['b', 'r', seen.id], ['x']]);
  });

  it('tell what took the place of what is gone', () => {
    const now = [placed('b', 's', 20), placed('c', 's', 400)];
    expect([...heirsByGround([placed('a', 's', 0), placed('z', 's', 800)], now, 0.5)]).toEqual([['a', 'b']]);
  });

  it('keep crop years of one parcel apart, with the verdicts on each, and planting apart from changed ground', () => {
    const of = (id: string, cropYear: number, source: string) => ({
      ...placed(id, source, 0, { axis: 'planting', category: 'non-grain' }),
      cropYear,
    });
    const tracks = [of('a25', 2025, 's'), of('a26', 2026, 's'), of('b26', 2026, 't'), placed('pond', 'p', 0)];
    const seen = {
      ...verdict('2026-01-10', 'refuted'),
      axis: 'planting' as const,
      track: 'gone',
      ground: squareDeg(0, 0),
    };
    expect(idsOf(casesOf(tracks, [{ ...seen, cropYear: 2025 }], rules))).toEqual([
      ['a25', seen.id],
      ['a26', 'b26'],
      ['pond'],
    ]);
    const later = tracks.map((one) => ({
      ...one,
      ...(one.axis === 'planting' && { firstSeen: `${one.cropYear}-11-30` }),
    }));
    const on = coversOf(later, rules);
    expect([...on.keys()].toSorted()).toEqual(['a26', 'b26']);
    expect(on.get('a26')![0]!.fraction).toBeCloseTo(1, 6);
  });

  it('come out the same in every order', () => {
    const tracks = [0, 30, 60, 300, 330, 700].map((eastM, i) => placed(`t${i}`, `s${i % 3}`, eastM));
    const onTrack = { axis: 'land-class' as const, track: 't4', ground: null, cropYear: null };
    const verdicts = [{ ...verdict('2026-09-02', 'refuted'), ...onTrack }];
    const told = (all: typeof tracks) =>
      casesOf(all, verdicts, rules)
        .map((from) => raiseAlert(from, rules, idOf))
        .toSorted((a, b) => (a!.id < b!.id ? -1 : 1));
    const expected = told(tracks);
    fc.assert(
      fc.property(fc.shuffledSubarray(tracks, { minLength: tracks.length }), (shuffled) => {
        expect(told(shuffled)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });
});

describe('errands', () => {
  const alertArbitrary = fc.record({
    state: fc.constantFrom('open', 'confirmed', 'recovering', 'withdrawn', 'lawful', 'closed') as fc.Arbitrary<
      PlacedAlert['state']
    >,
    village: fc.constantFrom('330411104201', '330411104202', null),
    town: fc.constantFrom('330411104', null),
    county: fc.constant('330411'),
    askedOn: fc.constantFrom('2026-01-01', '2026-03-31', '2026-04-01', '2026-12-31'),
  });
  const taskId = (place: string, quarter: string): string => `${place} ${quarter}`;

  it('hold each alert that asks for somebody exactly once, one errand a village and quarter, in any order', () => {
    fc.assert(
      fc.property(fc.array(alertArbitrary, { maxLength: 40 }), fc.infiniteStream(fc.nat()), (rows, keys) => {
        const alerts = rows.map((row, i) => ({
          ...row,
          id: `a${i}`,
          dueDate: row.state === 'open' ? '2026-05-01' : null,
        }));
        const tasks = mergeTasks(alerts, taskId);
        const asking = alerts.filter(({ state }) => state !== 'withdrawn' && state !== 'lawful');
        expect(tasks.flatMap((task) => task.alerts).toSorted()).toEqual(asking.map(({ id }) => id).toSorted());
        expect(new Set(tasks.map(({ id }) => id)).size).toBe(tasks.length);
        for (const { alerts: members, place, quarter, state } of tasks) {
          const own = asking.filter(({ id }) => members.includes(id));
          expect(new Set(own.map(({ village, town, county }) => village ?? town ?? county))).toEqual(new Set([place]));
          for (const { askedOn } of own)
            expect(quarter).toBe(`${askedOn.slice(0, 4)}-Q${Math.ceil(+askedOn.slice(5, 7) / 3)}`);
          expect(state).toBe(own.some((alert) => ['open', 'recovering'].includes(alert.state)) ? 'open' : 'done');
        }
        const order = alerts.map((alert) => ({ alert, key: keys.next().value! })).toSorted((a, b) => a.key - b.key);
        expect(
          mergeTasks(
            order.map(({ alert }) => alert),
            taskId,
          ),
        ).toEqual(tasks);
      }),
      { numRuns: 60 },
    );
  });
});

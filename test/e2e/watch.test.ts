import { homeAt } from '../../workers/home.ts';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunRequest } from '../../pipeline/request.ts';
import { seededRandom } from '../../scripts/made-pair.ts';
import { listRuns, submitAndFollow } from '../../workers/submit.ts';
import { openArrivals } from '../../workers/watch/arrivals.ts';
import { recallPairs, rememberPairs } from '../../workers/watch/memory.ts';
import { openSession } from '../../workers/watch/session.ts';
import { type WatchReport, watchScenes } from '../../workers/watch/watch.ts';
import type { WatchRequest } from '../../workers/watch/watch-request.ts';
import type { KnownPair, WatchedPair } from '../../workers/watch/watched-pair.ts';
import { holdData } from '../support/data-holder.ts';
import { createDummyWork } from '../support/dummy-work.ts';
import { madeAffine, writeMadeScene } from '../support/scene-geotiff.ts';
import { watchRequest } from '../support/watch-request.ts';

const folder = mkdtempSync(join(tmpdir(), 'tianwatch-watch-'));
const [data, source, inbox, out] = ['data', 'source', 'inbox', 'out'].map((name) => join(folder, name)) as [
  string,
  string,
  string,
  string,
];
const sites = ['east', 'north', 'south', 'west'];
const dates = ['2025-08-15', '2026-08-12'];
const createWork = (parts: Parameters<typeof createDummyWork>[1]) => createDummyWork({ chunks: 1, stepMs: 0 }, parts);
let holder: { close(): Promise<void> };

const fileOf = (site: string, date: string, part: string): string => `${site}_${date.replaceAll('-', '')}_${part}.tif`;

/** Two files of one date, with pixels that follow from the seed. */
async function makeScene(into: string, site: string, date: string, seed: number): Promise<void> {
  const random = seededRandom(seed);
  for (const [part, names, side] of [
    ['10m', ['blue', 'green', 'red', 'nir'], 32],
    ['20m', ['swir16', 'swir22'], 16],
  ] as const) {
    const data10k = Uint16Array.from({ length: names.length * side * side }, () => 500 + Math.floor(3000 * random()));
    const [a, b, , d, e, f] = madeAffine;
    const stepM = 320 / side;
    await writeMadeScene(join(into, fileOf(site, date, part)), {
      data: data10k,
      width: side,
      height: side,
      names,
      affine: [(a / 10) * stepM, b, 330_000 + 5_000 * sites.indexOf(site), d, (e / 10) * stepM, f],
      acquired: date,
    });
  }
}

beforeAll(async () => {
  for (const path of [source, inbox, join(source, 'again')]) mkdirSync(path, { recursive: true });
  for (const [number, site] of sites.entries())
    for (const [at, date] of dates.entries()) await makeScene(source, site, date, 10 * number + at + 1);
  await makeScene(join(source, 'again'), 'west', dates[1]!, 77);
  await makeScene(join(source, 'again'), 'south', dates[1]!, 78);
  holder = await holdData(data, createWork);
});
afterAll(async () => {
  await holder.close();
  rmSync(folder, { recursive: true, force: true });
});

const request: WatchRequest = { ...watchRequest(inbox, out), parts: ['10m', '20m'], settleMs: 4 };

/** A whole file in one step, as a copy of the same folder gives it. */
function arrive(from: string, to = basename(from)): void {
  copyFileSync(from, join(folder, 'draft'));
  renameSync(join(folder, 'draft'), join(inbox, to));
}

interface Seen {
  readonly reports: WatchReport[];
  readonly ended: WatchedPair[];
}

/** Watches until `deliver` has nothing more and nothing is ready; `deliver` is called after each look. */
async function watchWhile(
  deliver: (look: number, report: WatchReport) => boolean,
  onRequest: (asked: RunRequest) => void | Promise<void> = () => undefined,
  asked: WatchRequest = request,
): Promise<Seen> {
  const seen: Seen = { reports: [], ended: [] };
  const stop = new AbortController();
  let [look, quiet] = [0, 0];
  const session = openSession({ home: homeAt(data), threads: 1, createWork, signal: stop.signal });
  await watchScenes(asked, 5, {
    arrivals: await openArrivals(asked, homeAt(data)),
    signal: stop.signal,
    now: () => new Date(),
    ...session,
    runs: 2,
    run: async (wanted, start) => {
      await onRequest(wanted);
      return session.run(wanted, start);
    },
    onLook: (report) => {
      seen.reports.push(report);
      const isOver = !deliver(look++, report);
      const isSettling = report.notReady.some(({ reason }) => reason === 'SETTLING' || reason === 'GROWING');
      quiet = isOver && report.ready.length === 0 && !isSettling ? quiet + 1 : 0;
      if (quiet >= 2) stop.abort();
    },
    onRun: (pair, status) => status !== null && seen.ended.push(pair),
  }).catch((error: unknown) => {
    if (!stop.signal.aborted) throw error;
  });
  return seen;
}

function begunOf({ runState: _state, runError: _error, runRequest: _request, ...pair }: KnownPair): WatchedPair {
  return { ...pair, state: 'begun', outcome: null };
}

const pairOf = ({ before, after }: WatchedPair): string => `${before.name} ${after.name}`;
const expectedPairs = sites.map((site) => dates.map((date) => `${site}_${date.replaceAll('-', '')}`).join(' '));

describe('tianwatch watch', { timeout: 240_000 }, () => {
  const late = fileOf('east', dates[1]!, '20m');
  const bytes = (): Buffer => readFileSync(join(source, late));

  it('runs each pair once, however its files come: in any order, twice, half-written, and with wrong ones among them', async () => {
    const random = seededRandom(5);
    const whole = sites.flatMap((site) =>
      dates.flatMap((date) => ['10m', '20m'].map((part) => fileOf(site, date, part))),
    );
    const events = [
      ...whole.filter((name) => name !== late).map((name) => () => arrive(join(source, name))),
      ...['10m', '20m'].map((part) => () => {
        mkdirSync(join(inbox, 'copy'), { recursive: true });
        arrive(join(source, fileOf('north', dates[0]!, part)), join('copy', fileOf('north', dates[0]!, part)));
      }),
      () => writeFileSync(join(inbox, 'readme.txt'), 'no image'),
      () => writeFileSync(join(inbox, 'broken_10m.tif'), 'II*\0 no image either'),
      () => writeFileSync(join(inbox, late), bytes().subarray(0, bytes().length >> 1)),
    ]
      .map((event) => [random(), event] as const)
      .toSorted(([a], [b]) => a - b)
      .map(([, event]) => event);
    const first = await watchWhile((look) => {
      events[look]?.();
      return look < events.length;
    });
    expect(first.ended.map(pairOf).toSorted()).toEqual(expectedPairs.filter((pair) => !pair.startsWith('east')));
    const waiting = Object.fromEntries(
      first.reports.at(-1)!.notReady.map(({ name, reason, detail }) => [name, `${reason} ${detail}`]),
    );
    expect(waiting['east_20260812']).toMatch(/^NOT_WHOLE .*east_20260812_20m\.tif/);
    expect(waiting['broken']).toBe('PART_MISSING 20m');
    expect(waiting['readme.txt']).toBe('NO_IMAGE ');
    expect(Object.values(waiting).filter((reason) => reason.startsWith('DUPLICATE'))).toHaveLength(1);

    // the half that was missing comes; the watch was ended and begun again meanwhile
    const second = await watchWhile((look) => {
      if (look === 1) appendFileSync(join(inbox, late), bytes().subarray(bytes().length >> 1));
      return look < 1;
    });
    expect(second.ended.map(pairOf)).toEqual([expectedPairs[0]]);
    const runs = await listRuns(homeAt(data));
    expect(runs.map(({ state, round }) => `${state} ${round}`)).toEqual(sites.map(() => 'done 1'));
  });

  it('repeats nothing and forgets nothing when it is begun again, also under another name', async () => {
    for (const part of ['10m', '20m'])
      renameSync(
        join(inbox, fileOf('south', dates[0]!, part)),
        join(inbox, `moved_${fileOf('south', dates[0]!, part)}`),
      );
    const { ended, reports } = await watchWhile(() => false);
    expect(ended).toEqual([]);
    expect(reports.at(-1)!.known.map(({ state, outcome }) => `${state} ${outcome}`)).toEqual(
      sites.map(() => 'ended done'),
    );
  });

  it('runs again what was reprocessed, and says that the earlier result is superseded', async () => {
    for (const part of ['10m', '20m']) arrive(join(source, 'again', fileOf('west', dates[1]!, part)));
    const { ended, reports } = await watchWhile(() => false);
    expect(ended.map(pairOf)).toEqual([expectedPairs[3]]);
    expect(
      reports
        .at(-1)!
        .known.filter(({ state }) => state === 'superseded')
        .map(pairOf),
    ).toEqual([expectedPairs[3]]);
    expect(await listRuns(homeAt(data))).toHaveLength(5);
  });

  it('does not count a run whose file was replaced while it was read', async () => {
    const replaced = fileOf('south', dates[1]!, '10m');
    const others = readFileSync(join(source, 'again', replaced));
    let count = 0;
    arrive(join(source, 'again', fileOf('south', dates[1]!, '20m')));
    const { ended } = await watchWhile(
      () => false,
      () => {
        if (count++ === 0) writeFileSync(join(inbox, replaced), others);
      },
    );
    expect(count).toBe(2);
    expect(ended.map(({ after }) => after.name)).toEqual(['south_20260812']);
    const known = await recallPairs(homeAt(data), out);
    expect(
      known
        .filter(({ after }) => after.name === 'south_20260812')
        .map(({ state }) => state)
        .toSorted(),
    ).toEqual(['ended', 'superseded', 'superseded']);
  });

  it('does no pair twice when two watch at once, and one of them is late', async () => {
    const twice = { ...request, out: join(folder, 'twice') };
    const runsOf = async () =>
      (await listRuns(homeAt(data))).filter(({ request: { out: into } }) => into.startsWith(twice.out));
    const isDone = async (wanted: RunRequest) =>
      (await runsOf()).some(({ request: { out: into }, state }) => into === wanted.out && state === 'done');
    let late = 0;
    const [quick, slow] = await Promise.all([
      watchWhile(() => false, undefined, twice),
      watchWhile(
        () => false,
        async (wanted) => {
          late += 1;
          await expect.poll(() => isDone(wanted)).toBe(true);
        },
        twice,
      ),
    ]);
    expect((await runsOf()).map(({ state, round }) => `${state} ${round}`)).toEqual(sites.map(() => 'done 1'));
    expect(late).toBeGreaterThan(0);
    for (const { reports } of [quick, slow])
      expect(reports.at(-1)!.known.map(({ state }) => state)).toEqual(sites.map(() => 'ended'));
  });

  it('takes over a run that ended while nobody looked, instead of doing it again', async () => {
    const pair = (await recallPairs(homeAt(data), out)).find(({ state }) => state === 'ended')!;
    // as a kill leaves it: begun, and its run has ended since
    await rememberPairs(homeAt(data), [begunOf(pair)]);
    const asked = (await listRuns(homeAt(data))).find(({ runId }) => runId === pair.runId);
    await submitAndFollow(asked!.request, { home: homeAt(data), threads: 1, createWork });
    const { ended } = await watchWhile(() => false);
    expect(ended).toEqual([]);
    expect((await recallPairs(homeAt(data), out)).find(({ id }) => id === pair.id)).toMatchObject({
      state: 'ended',
      outcome: 'done',
    });
  });

  it('goes on with a pair as it was begun, though a copy of its scene has come under a name before it', async () => {
    const pair = (await recallPairs(homeAt(data), out)).find(({ state }) => state === 'ended')!;
    await rememberPairs(homeAt(data), [begunOf(pair)]);
    const runs = await listRuns(homeAt(data));
    for (const { path } of pair.files) copyFileSync(path, join(inbox, `0_${basename(path)}`));
    const asked: RunRequest[] = [];
    const { ended } = await watchWhile(
      () => false,
      (wanted) => void asked.push(wanted),
    );
    expect(asked).toEqual([runs.find(({ runId }) => runId === pair.runId)!.request]);
    expect(ended).toMatchObject([
      { id: pair.id, runId: pair.runId, out: pair.out, files: pair.files, outcome: 'done' },
    ]);
    expect(await listRuns(homeAt(data))).toHaveLength(runs.length);
  });
});

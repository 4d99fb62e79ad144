import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { composeSeriesRuns } from '../../workers/compose.ts';
import { type Home, homeOf } from '../../workers/home.ts';
import { runPlanting } from '../../workers/season/run-planting.ts';
import { holdSeries } from '../../workers/series/hold-series.ts';
import type { SeriesRuns } from '../../workers/series/series-runs.ts';
import { seriesRunIdOf } from '../../workers/series/series-status.ts';
import { madeSeriesRequest as request } from '../support/series-request.ts';
import { absentServices, type Services, startServices } from '../support/services.ts';

const absent = absentServices(['postgres']);
if (absent) process.stdout.write(`${absent}: series of a shared home\n`);
const script = new URL('../support/take-series.ts', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'tianwatch-series-runs-'));
let services: Services | null = null;
beforeAll(async () => {
  if (!absent) services = await startServices(['postgres']);
});
afterAll(async () => {
  await services?.close();
  rmSync(folder, { recursive: true, force: true });
});

const cases = [
  { name: 'embedded', isHere: true, env: () => ({}) },
  { name: 'shared', isHere: absent === null, env: () => services?.env ?? {} },
];
describe.each(cases)('the series of a home ($name)', ({ name, isHere, env }) => {
  if (!isHere) return it.skip('is absent');
  let home: Home;
  let runs: SeriesRuns;
  const environment = () => ({ ...env(), TIANWATCH_DATA: join(folder, name) });
  beforeAll(async () => {
    home = homeOf(environment());
    runs = await composeSeriesRuns(home);
  });
  afterAll(() => runs.close());

  const stateOf = async (asked: ReturnType<typeof request>) =>
    (await runs.list()).find(({ runId }) => runId === seriesRunIdOf(asked));
  const children: ReturnType<typeof spawn>[] = [];
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
  });
  async function elsewhere(scenes: string, out: string) {
    const child = spawn(process.execPath, ['--import', 'tsx', script, scenes, out], {
      env: { ...process.env, ...environment() },
    });
    children.push(child);
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    return { child, said: String(said) };
  }

  it('keeps scenes and folder to one series at a time, and lets others be', async () => {
    const hold = await runs.take(request('/a', '/out'));
    expect(await runs.take(request('/a', '/out'))).toBeNull();
    expect(await runs.take(request('/a', '/other'))).toBeNull();
    expect(await runs.take(request('/b', '/out'))).toBeNull();
    const other = await runs.take(request('/b', '/other'));
    expect(other).not.toBeNull();
    await hold?.end({ state: 'done', summary: { tracks: 2 } });
    await other?.end({ state: 'partial' });
    expect(await stateOf(request('/a', '/out'))).toMatchObject({ state: 'done', summary: { tracks: 2 } });
    const again = await runs.take(request('/a', '/other'));
    expect(again).toMatchObject({ stateBefore: null });
    await again?.end({ state: 'done' });
  });

  it('tells how far it is, that it was interrupted when its process was killed, and is cancelled then', async () => {
    const asked = request('/killed', '/killed-out');
    const { child, said } = await elsewhere('/killed', '/killed-out');
    expect(said).toBe('taken\n');
    await expect.poll(() => stateOf(asked)).toMatchObject({ state: 'running', parts: { done: 3, total: 9 } });
    expect(await runs.take(asked)).toBeNull();
    child.kill('SIGKILL');
    await once(child, 'close');
    await expect.poll(() => stateOf(asked)).toMatchObject({ state: 'interrupted', stage: 'infer' });
    expect(await runs.cancel(seriesRunIdOf(asked))).toMatchObject({ state: 'cancelled' });
    const hold = await runs.take(asked);
    expect(hold).toMatchObject({ stateBefore: 'cancelled' });
    expect(await stateOf(asked)).toMatchObject({ state: 'running', stage: 'open' });
    await hold?.end({ state: 'done' });
  });

  it('ends one that somebody cancels, and the same command that waited for it', async () => {
    const asked = request('/long', '/long-out');
    const idle = { home, signal: new AbortController().signal, onWait: () => undefined };
    const work = ({ signal }: { readonly signal: AbortSignal }) =>
      new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error('gave up'))));
    const first = holdSeries(asked, idle, work).catch((error: unknown) => error);
    await expect.poll(() => stateOf(asked)).toMatchObject({ state: 'running' });
    const waiting = new Promise<unknown>((resolve, reject) => {
      const second = holdSeries(asked, { ...idle, onWait: resolve }, work);
      second.catch(() => undefined);
      void second.then(reject, (error: unknown) => (secondError = error));
    });
    let secondError: unknown;
    expect(await waiting).toMatchObject({ runId: seriesRunIdOf(asked), state: 'running' });
    expect(await runs.cancel(seriesRunIdOf(asked))).toMatchObject({ state: 'cancelled' });
    expect(await first).toMatchObject({ code: 'CANCELLED', message: expect.stringContaining('was cancelled') });
    await expect.poll(() => secondError, { timeout: 5000 }).toMatchObject({ code: 'CANCELLED' });
    await expect.poll(() => stateOf(asked)).toMatchObject({ state: 'cancelled' });
    await expect(runs.cancel(seriesRunIdOf(asked))).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('lets the planting of the same scenes wait, and says for whom', async () => {
    const series = await runs.take(request('/fields', '/fields-out'));
    const stop = new AbortController();
    let end: unknown;
    const waitsFor = await new Promise<unknown>((resolve) => {
      const asked = { ...request('/fields', '/planting.csv'), only: 'planting' } as const;
      runPlanting(asked, { home, today: '2026-11-27', signal: stop.signal, onWait: resolve }).catch(
        (error: unknown) => (end = error),
      );
    });
    expect(waitsFor).toMatchObject({ state: 'running', request: { out: '/fields-out' } });
    expect(await stateOf({ ...request('/fields', '/planting.csv'), only: 'planting' })).toBeUndefined();
    stop.abort();
    await expect.poll(() => end).toMatchObject({ code: 'CANCELLED', message: 'Interrupted.' });
    await series?.end({ state: 'done' });
  });

  it('says of one that Ctrl-C ended that it was interrupted, and why one failed', async () => {
    const stop = new AbortController();
    const options = { home, signal: stop.signal, onWait: () => undefined };
    const stopped = holdSeries(request('/s', '/s-out'), options, async () => {
      stop.abort();
      throw new Error('given up');
    });
    await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED', message: 'Interrupted.' });
    expect(await stateOf(request('/s', '/s-out'))).toMatchObject({ state: 'interrupted' });
    const go = { ...options, signal: new AbortController().signal };
    const failed = holdSeries(request('/f', '/f-out'), go, () => Promise.reject(new Error('a bug')));
    await expect(failed).rejects.toMatchObject({ code: 'BUG' });
    expect(await stateOf(request('/f', '/f-out'))).toMatchObject({ state: 'failed', error: { code: 'BUG' } });
  });
});

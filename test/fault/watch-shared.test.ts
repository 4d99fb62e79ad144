import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crsFromEpsg, projector } from '../../pipeline/geo/crs.ts';
import { homeOf } from '../../workers/home.ts';
import { runStatusSchema } from '../../workers/run-status.ts';
import { listRuns } from '../../workers/submit.ts';
import { addSchedule, removeSchedule } from '../../workers/watch/schedule-door.ts';
import { arrivalDates, writeArrivals } from '../support/made-arrivals.ts';
import { tianwatch } from '../support/run-command.ts';
import { readManifest } from '../support/run-output.ts';
import { absentServices, type Services, setEnv, startServices } from '../support/services.ts';
import { startStacApi, type StacApi } from '../support/stac-api.ts';
import { watchRequest } from '../support/watch-request.ts';
import { startWatch, type WatchProcess } from '../support/watch-process.ts';
import { startWorker, type WorkerProcess } from '../support/worker-process.ts';

const absent = absentServices(['redis', 'postgres', 's3']);
if (absent) process.stdout.write(`${absent}: a watch over a STAC API for workers of a shared home\n`);

const folder = mkdtempSync(join(tmpdir(), 'tianwatch-watch-stac-'));
const at = (name: string): string => join(folder, name);
const [before, after] = arrivalDates;

describe.skipIf(absent)('a watch over a STAC API whose runs are done by workers', { timeout: 240_000 }, () => {
  let [services, api]: [Services?, StacApi?] = [];
  let env: Record<string, string>;
  let restore = (): void => undefined;
  let files: Readonly<Record<string, string>>;
  let workers: readonly WorkerProcess[] = [];
  const watches: WatchProcess[] = [];
  beforeAll(async () => {
    files = await writeArrivals(at('source'), ['east', 'west']);
    const toLonLat = projector(crsFromEpsg(32651), crsFromEpsg(4326));
    const ring = [
      [329_000, 3_401_000],
      [337_000, 3_401_000],
      [337_000, 3_398_000],
      [329_000, 3_398_000],
      [329_000, 3_401_000],
    ].map(([x, y]) => toLonLat(x!, y!));
    writeFileSync(at('aoi.geojson'), JSON.stringify({ type: 'Polygon', coordinates: [ring] }));
    api = await startStacApi();
    services = await startServices(['redis', 'postgres', 's3']);
    restore = setEnv(services.env);
    env = { ...services.env, TIANWATCH_HOSTS: '127.0.0.1', TIANWATCH_LOCK_MS: '2000' };
    workers = ['host-a', 'host-b'].map((host) =>
      startWorker({ ...env, TIANWATCH_DATA: at(host) }, ['--concurrency', '1']),
    );
  }, 60_000);
  afterAll(async () => {
    for (const one of watches) await one.end('SIGKILL');
    for (const worker of workers) worker.signal('SIGKILL');
    restore();
    await services?.close();
    await api?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const serve = (name: string): string => {
    api!.files[`/${name}.tif`] = readFileSync(files[name]!);
    return `/${name}.tif`;
  };
  const assetsOf = (scene: string) => ({ fine: serve(`${scene}_10m`), coarse: serve(`${scene}_20m`) });
  const watch = (): WatchProcess => {
    const timing = ['--settle', '0.3s', '--every', '0.3s', '--threads', '1'];
    const what = ['--aoi', at('aoi.geojson'), '--from', '2025-01-01', '--model', 'none'];
    const args = [`${api!.url}/api/collections/s2`, '--out', at('out'), ...what, ...timing];
    const begun = startWatch(args, { ...env, TIANWATCH_DATA: at(`watch-${watches.length}`) });
    watches.push(begun);
    return begun;
  };

  it('runs each pair once: assets come late, are pages, come twice and anew, it is killed, and two watch at once', async () => {
    const late = serve('east_20260812_20m');
    delete api!.files[late];
    api!.items.push(
      { id: 'east-1', date: before, assets: assetsOf('east_20250815') },
      { id: 'west-1', date: before, assets: assetsOf('west_20250815') },
      { id: 'east-2', date: after, assets: { fine: serve('east_20260812_10m'), coarse: late } },
      { id: 'west-2', date: after, assets: assetsOf('west_20260812') },
      { id: 'west-2-again', date: after, assets: assetsOf('west_20260812') },
    );
    api!.pages.add('/west_20260812_20m.tif');
    const first = watch();
    await first.until(() => first.waiting()['west-2']?.startsWith('NOT_WHOLE') === true);
    expect(first.waiting()).toMatchObject({
      'east-2': expect.stringMatching(/^NOT_WHOLE .*does not exist \(404\)/),
      'west-2': expect.stringMatching(/^NOT_WHOLE .*is a web page \(HTML\)/),
    });
    const begun = workers.map((worker) => worker.logged('stage-begun'));
    const done = workers.map((worker) => worker.logged('run-done'));
    serve('east_20260812_20m');
    await Promise.any(begun);
    expect(await first.end('SIGKILL')).toBeNull();
    // nobody is there to see it, and to bring its result
    await Promise.any(done);

    api!.pages.clear();
    const two = [watch(), watch()];
    for (const one of two) await one.until(() => one.known('ended').length === 2);
    const again = { fine: serve('again/east_20260812_10m'), coarse: serve('again/east_20260812_20m') };
    api!.items[2] = { id: 'east-2', date: after, assets: again, version: '2' };
    for (const one of two)
      await one.until(() => one.known('superseded').length === 1 && one.known('ended').length === 2);
    expect(two[0]?.waiting()['west-2-again']).toBe('DUPLICATE west-2');
    expect(await Promise.all(two.map((one) => one.end('SIGTERM')))).toEqual([0, 0]);
    const { stdout } = await tianwatch(['status', '--json'], { data: at('watch-1'), env });
    const runs = runStatusSchema.array().parse(JSON.parse(stdout));
    expect(runs.map(({ state, round }) => `${state} ${round}`)).toEqual(['done 1', 'done 1', 'done 1']);
    for (const { request } of runs) {
      const inputs = readManifest(request.out).inputs.filter(({ role }) => role !== 'aoi');
      expect(inputs.map(({ item }) => item?.sha256)).toEqual(inputs.map(() => expect.stringMatching(/^[0-9a-f]{64}$/)));
    }
  });

  it('is served by schedule too: by any of the hosts, each slot once, each pair once', async () => {
    const home = homeOf({ ...env, TIANWATCH_DATA: at('watch-1') });
    const settings = { model: 'none', grid: 'before', aoi: at('aoi.geojson') };
    const where = `${api!.url}/api/collections/s2`;
    const request = { ...watchRequest(where, at('scheduled')), settings, from: '2025-01-01', settleMs: 300 };
    await addSchedule(home, { area: '嘉兴', pattern: '* * * * * *', zone: 'Asia/Shanghai', season: null, request });
    const served = () =>
      workers
        .flatMap((worker) => worker.text().split('\n'))
        .filter((line) => line.includes('"schedule":"嘉兴"') && !line.includes('"outcome":null'))
        .map((line) => JSON.parse(line) as { readonly slot: string; readonly outcome: string });
    await expect.poll(() => served().length, { timeout: 60_000 }).toBeGreaterThanOrEqual(3);
    await removeSchedule(home, '嘉兴');
    // a slot that comes while the one before is served joins its runs
    expect(served().filter(({ outcome }) => !/^done, runs: [012]$/.test(outcome))).toEqual([]);
    expect(new Set(served().map(({ slot }) => slot)).size).toBe(served().length);
    const runs = (await listRuns(home)).filter(({ request: { out } }) => out.startsWith(at('scheduled')));
    expect(runs.map(({ state, round }) => `${state} ${round}`)).toEqual(['done 1', 'done 1']);
    for (const { request: asked } of runs) expect(readManifest(asked.out).inputs.length).toBeGreaterThan(2);
  });
});

import { homeAt } from '../../workers/home.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunRequest } from '../../pipeline/request.ts';
import type { WorkParts } from '../../workers/compose.ts';
import { createFarmWork } from '../../workers/compute/farm-work.ts';
import { firstBrokenEvent } from '../../workers/database/event.ts';
import { migrate } from '../../workers/database/migrate.ts';
import { openEmbedded } from '../../workers/database/open-embedded.ts';
import type { PglitePool } from '../../workers/database/pglite.ts';
import { openRuns } from '../../workers/database/runs.ts';
import { type JobTree, openRunJob } from '../../workers/flow.ts';
import { openFolderStore } from '../../workers/images/folder-store.ts';
import { silentLog } from '../../workers/log.ts';
import { createProcessor } from '../../workers/processor.ts';
import type { Queue } from '../../workers/queue/port.ts';
import { openRegistry } from '../../workers/registry/registry.ts';
import { createServices } from '../../workers/services.ts';
import type { Work } from '../../workers/work.ts';
import { createDummyWork, dummyRequest } from '../support/dummy-work.ts';
import { writeMadeScenes } from '../support/made-scenes.ts';
import { differences, readTree } from './kill.ts';

/** Children first, as a queue has it. */
const inOrder = (tree: JobTree): readonly JobTree[] => [...tree.children.flatMap(inOrder), tree];

describe('a job that is delivered twice at once', () => {
  let folder = '';
  let pool: PglitePool;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tianwatch-twice-'));
    pool = await openEmbedded(folder, migrate);
  });
  afterAll(async () => {
    await pool.end();
    await rm(folder, { recursive: true, force: true });
  });

  /** Do a whole run, each job `times` at once. */
  async function doRun(name: string, times: number, request: RunRequest, createWork: (parts: WorkParts) => Work) {
    const home = homeAt(join(folder, name));
    const images = await openFolderStore(home.images);
    const registry = openRegistry({ pool, images, now: () => new Date() });
    const work = createWork({ home, images, log: silentLog, threads: 3, registry });
    const runs = openRuns(pool, () => new Date());
    const submitted: JobTree[] = [];
    const queue = { submit: (tree: JobTree) => Promise.resolve(void submitted.push(tree)) } satisfies Partial<Queue>;
    const services = createServices({
      home,
      runs,
      queue: queue as Queue,
      images,
      work,
      log: silentLog,
      publish: () => undefined,
    });
    const processor = createProcessor({ services, runs, log: silentLog, changed: () => undefined });
    const { round } = await runs.begin(name, { request, fingerprint: 'f' });
    const failures: string[] = [];
    const deliver = async ({ id, name: job, payload }: JobTree) => {
      const taken = { id, name: job, payload, isLastAttempt: true };
      const both = Array.from({ length: times }, async () => {
        await processor.process(taken, new AbortController().signal).catch(async (error: unknown) => {
          failures.push(`${id} ${await processor.judge(taken, error)} ${String(error)}`);
        });
      });
      await Promise.all(both);
    };
    await deliver(openRunJob({ runId: name, round }));
    const [tree, ...others] = submitted;
    if (tree === undefined) throw new Error('nothing was submitted');
    // the queue takes the same ids once
    for (const other of others) expect(other).toEqual(tree);
    for (const job of inOrder(tree)) {
      if (times > 1 && job.name === 'write-report') {
        // a process that was killed when the result was in its place and not yet recorded
        const run = await services.loadRun(job.name, { runId: name, round, signal: new AbortController().signal });
        await services.recordStage(run, 'report');
        await work.report(run, []);
        // and a copy of an earlier stage that has lost its lock and goes on
        for (const late of inOrder(tree).slice(-3, -2)) await deliver(late);
      }
      await deliver(job);
    }
    await work.close();
    return { status: await runs.get(name), failures, files: await readTree(request.out) };
  }

  async function expectOnce(kind: string, requestTo: (out: string) => RunRequest, create: (parts: WorkParts) => Work) {
    // both name the folder they are written to
    const request = requestTo(join(folder, kind));
    const once = await doRun(`${kind}-once`, 1, request, create);
    expect(once.failures).toEqual([]);
    expect(once.status).toMatchObject({ state: 'done', chunks: { skipped: 0, failed: 0 } });
    await rm(request.out, { recursive: true });
    const name = `${kind}-thrice`;
    const { status, failures, files } = await doRun(name, 3, request, create);
    expect(status.state, failures.join('\n')).toBe('done');
    const { computed = 0, skipped = 0, total } = status.chunks ?? {};
    expect(computed + skipped).toBe(total);
    // a copy that comes when the run has ended, or is further, is told so
    for (const failure of failures)
      expect(failure).toMatch(/write-report fail .*has ended|detect-change fail .*left detect-change behind/);
    expect(differences(once.files, files).filter((line) => !line.includes(`${kind}-once`))).toEqual([]);
    const { rows } = await pool.query<{ kind: string; count: string }>(
      'SELECT kind, count(*) AS count FROM tianwatch.event WHERE subject_id = $1 GROUP BY kind ORDER BY kind',
      [name],
    );
    const counts = new Map(rows.map((row) => [row.kind, Number(row.count)]));
    expect([counts.get('run-begun'), counts.get('run-done')]).toEqual([1, 1]);
    expect(await firstBrokenEvent(pool)).toBeNull();
  }

  it('is done once: same bytes, each chunk counted once, one ending, an unbroken history', () =>
    expectOnce(
      'dummy',
      (out) => dummyRequest('pair', out),
      (parts) => createDummyWork({ chunks: 6, stepMs: 5 }, parts),
    ));

  it('is done once with real scenes too, alerts included', { timeout: 180_000 }, async () => {
    const { before, after } = await writeMadeScenes(folder, 300);
    const requestTo = (out: string): RunRequest => ({
      ...dummyRequest('pair', out),
      before: { files: [before] },
      after: { files: [after] },
    });
    await expectOnce('real', requestTo, (parts) => createFarmWork(parts));
    const { rows } = await pool.query<{ source: string; count: string }>(
      'SELECT track, count(*) AS count FROM tianwatch.alert GROUP BY track HAVING count(*) > 1',
    );
    expect(rows).toEqual([]);
  });
});

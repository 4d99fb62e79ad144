import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tianwatch } from '../support/run-command.ts';
import { makePair } from '../../scripts/made-pair.ts';
import { writeMadeScene } from '../support/scene-geotiff.ts';
import { type Services, absentServices, startServices } from '../support/services.ts';
import { type WorkerProcess, startWorker } from '../support/worker-process.ts';

const absent = absentServices(['redis', 'postgres']);
if (absent) process.stdout.write(`${absent}: runs of several workers\n`);

const folder = mkdtempSync(join(tmpdir(), 'tianwatch-shared-'));
const at = (name: string): string => join(folder, name);
const sidePx = 200;

/** sha256 of each file of a result; of the manifest without its clock times. */
function contentOf(out: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readdirSync(out)
      .toSorted()
      .map((name) => {
        const bytes = readFileSync(join(out, name));
        const { timing: _timing, ...manifest } = name === 'run.json' ? JSON.parse(bytes.toString()) : {};
        const content = name === 'run.json' ? JSON.stringify(manifest) : bytes;
        return [name, createHash('sha256').update(content).digest('hex')];
      }),
  );
}

describe.skipIf(absent !== null)('a run that several workers do', { timeout: 300_000 }, () => {
  let services: Services;
  let env: Record<string, string>;
  const workers: WorkerProcess[] = [];
  const runArgs = (out: string): string[] => [
    'run',
    '--model=none',
    `--before=${at('before.tif')}`,
    `--after=${at('after.tif')}`,
    `--out=${at(out)}`,
  ];
  const startTwo = (): readonly WorkerProcess[] =>
    ['host-a', 'host-b'].map((name) => {
      const worker = startWorker({ ...env, TIANWATCH_DATA: at(name) }, ['--concurrency', '1']);
      workers.push(worker);
      return worker;
    });

  beforeAll(async () => {
    const pair = makePair(sidePx, 8);
    const size = { width: sidePx, height: sidePx };
    await writeMadeScene(at('before.tif'), { ...size, data: pair.before, acquired: '2025-08-15' });
    await writeMadeScene(at('after.tif'), { ...size, data: pair.after, acquired: '2026-08-12' });
    services = await startServices(['redis', 'postgres']);
    env = { ...services.env, TIANWATCH_IMAGES: at('images'), TIANWATCH_LOCK_MS: '2000' };
    const embedded = await tianwatch(runArgs('embedded'), { data: at('data') });
    expect(embedded.exit, embedded.stderr).toBe(0);
  }, 120_000);
  afterAll(async () => {
    for (const worker of workers) worker.signal('SIGKILL');
    await services.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('gives the bytes that one process gives, and its workers leave when they are asked to', async () => {
    const two = startTwo();
    const run = await tianwatch(runArgs('shared'), { data: at('asker'), env });
    expect(run.exit, run.stderr + two.map((worker) => worker.text()).join('\n')).toBe(0);
    expect(contentOf(at('shared'))).toEqual(contentOf(at('embedded')));
    for (const worker of two) worker.signal('SIGTERM');
    expect(await Promise.all(two.map((worker) => worker.ended()))).toEqual([0, 0]);
  });

  it('gives the same bytes when a worker is killed in its middle, and waits for nobody', async () => {
    rmSync(at('images'), { recursive: true });
    const asked = await tianwatch([...runArgs('killed'), '--detach', '--json'], { data: at('asker'), env });
    const { runId } = JSON.parse(asked.stdout) as { runId: string };
    expect(asked.exit, asked.stderr).toBe(0);
    const two = startTwo();
    const begun = two.map((worker) => worker.logged('stage-begun').then(() => worker));
    const opener = await Promise.any(begun);
    opener.signal('SIGKILL');
    expect(await opener.ended()).toBeNull();
    await Promise.any(two.filter((worker) => worker !== opener).map((worker) => worker.logged('run-done')));
    await Promise.allSettled(begun);
    const fetched = await tianwatch(['fetch', runId, '--out', at('killed')], { data: at('asker'), env });
    expect(fetched.exit, fetched.stderr).toBe(0);
    expect(contentOf(at('killed'))).toEqual(contentOf(at('embedded')));
    const cancelled = await tianwatch(['cancel', runId], { data: at('asker'), env });
    expect(cancelled.stderr).toMatch(/already ended as done/);
  });
});

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { runStatusSchema } from '../../workers/run-status.ts';
import { openS3Client } from '../../workers/images/s3-client.ts';
import { writeArrivals } from '../support/made-arrivals.ts';
import { tianwatch } from '../support/run-command.ts';
import { startS3 } from '../support/s3-server.ts';
import { absentServices, type Services } from '../support/services.ts';
import { startWatch, type WatchProcess } from '../support/watch-process.ts';

const absent = absentServices(['s3']);
if (absent) process.stdout.write(`${absent}: a watch over a bucket\n`);

const folder = mkdtempSync(join(tmpdir(), 'tianwatch-watch-s3-'));
const at = (name: string): string => join(folder, name);

describe.skipIf(absent)('a watch over a prefix of S3', { timeout: 180_000 }, () => {
  let [s3, client]: [Services?, S3Client?] = [];
  let files: Readonly<Record<string, string>>;
  const alive: WatchProcess[] = [];
  beforeAll(async () => {
    files = await writeArrivals(at('source'), ['east', 'west']);
    s3 = await startS3();
    client = openS3Client();
  });
  afterEach(async () => {
    await Promise.all(alive.splice(0).map((one) => one.end('SIGKILL')));
  });
  afterAll(async () => {
    client?.destroy();
    await s3?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const bytesOf = (name: string): Buffer => readFileSync(files[name]!);
  const put = async (key: string, Body: Buffer): Promise<void> =>
    void (await client!.send(new PutObjectCommand({ Bucket: 'tianwatch', Key: `inbox/${key}`, Body })));
  const watch = (): WatchProcess => {
    const timing = ['--settle', '0.3s', '--every', '0.3s', '--threads', '1'];
    const args = ['s3://tianwatch/inbox', '--out', at('out'), '--parts', '10m,20m', '--model', 'none', ...timing];
    const begun = startWatch(args, { TIANWATCH_DATA: at('data') });
    alive.push(begun);
    return begun;
  };

  it('runs each pair once: parts come late, twice and half-written, it is killed, the next is ended, and two watch at once', async () => {
    for (const name of ['east_20250815_10m', 'east_20250815_20m', 'west_20250815_10m', 'west_20250815_20m'])
      await put(`${name}.tif`, bytesOf(name));
    for (const part of ['10m', '20m']) await put(`copy/west_20250815_${part}.tif`, bytesOf(`west_20250815_${part}`));
    await put('east_20260812_10m.tif', bytesOf('east_20260812_10m'));
    await put('west_20260812_10m.tif', bytesOf('west_20260812_10m'));
    await put('west_20260812_20m.tif', bytesOf('west_20260812_20m').subarray(0, 2000));
    const first = watch();
    await first.until(() => first.waiting()['west_20260812']?.startsWith('NOT_WHOLE') === true);
    expect(first.waiting()).toMatchObject({
      west_20250815: 'DUPLICATE copy/west_20250815',
      east_20260812: 'PART_MISSING 20m',
    });
    await put('east_20260812_20m.tif', bytesOf('east_20260812_20m'));
    await first.until(() => first.ended().length === 1);
    await put('west_20260812_20m.tif', bytesOf('west_20260812_20m'));
    await first.until(() => first.begun().length === 2);
    expect(await first.end('SIGKILL')).toBeNull();
    // goes on with the run of the first, and lets go of it
    const second = watch();
    await second.until(() => second.begun().length === 1);
    expect(await second.end('SIGTERM')).toBe(0);

    const two = [watch(), watch()];
    for (const one of two) await one.until(() => one.known('ended').length === 2);
    for (const part of ['10m', '20m']) await put(`east_20260812_${part}.tif`, bytesOf(`again/east_20260812_${part}`));
    for (const one of two)
      await one.until(() => one.known('superseded').length === 1 && one.known('ended').length === 2);
    expect(await Promise.all(two.map((one) => one.end('SIGTERM')))).toEqual([0, 0]);
    const { stdout } = await tianwatch(['status', '--json'], { data: at('data') });
    const runs = runStatusSchema.array().parse(JSON.parse(stdout));
    expect(runs.map(({ state, round }) => `${state} ${round}`)).toEqual(['done 1', 'done 1', 'done 1']);
  });
});

import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { absentServices, startServices, type ServiceName, type Services } from '../support/services.ts';

const names: readonly ServiceName[] = ['redis', 'postgres', 's3'];
const absent = absentServices(names);
if (absent) process.stdout.write(`${absent}: servers of tests\n`);

const answers = (url: string): Promise<boolean> =>
  new Promise((resolve) => {
    const { port, hostname } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

describe.skipIf(absent)('servers of tests', () => {
  let services: Services;
  beforeAll(async () => void (services = await startServices(names)));
  afterAll(() => services.close());

  test('listen on the loopback where their variables say', async () => {
    for (const name of ['TIANWATCH_QUEUE', 'TIANWATCH_DATABASE', 'TIANWATCH_S3_ENDPOINT']) {
      const url = services.env[name] ?? '';
      expect([name, new URL(url).hostname, await answers(url)]).toEqual([name, '127.0.0.1', true]);
    }
    expect(services.env['TIANWATCH_IMAGES']).toBe('s3://tianwatch/images');
  });

  test('one that was killed comes back on its port, and the others never noticed', async () => {
    const queue = services.env['TIANWATCH_QUEUE'] ?? '';
    services.signal('redis', 'SIGKILL');
    await expect.poll(() => answers(queue)).toBe(false);
    expect(await answers(services.env['TIANWATCH_DATABASE'] ?? '')).toBe(true);
    await services.start('redis');
    expect(await answers(queue)).toBe(true);
  });
});

import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { type Server, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Services, absentServices, startServices } from '../support/services.ts';
import { lockMs, openSharedProcesses } from '../support/shared-processes.ts';

const run = promisify(execFile);
const mark = `tw${process.pid % 10_000}`;
const canMakeHosts = spawnSync('ip', ['netns', 'add', mark]).status === 0;
if (canMakeHosts) spawnSync('ip', ['netns', 'delete', mark]);
const absent = absentServices(['redis', 'postgres', 's3']);
const isSkipped = absent !== null || !canMakeHosts;
if (isSkipped) process.stdout.write(`${absent ?? 'skipped: no right to make network namespaces'}: two hosts\n`);

/** A host of its own: a network namespace with one wire to this one. */
interface Host {
  readonly within: readonly string[];
  readonly address: string;
  cut(): Promise<void>;
  mend(): Promise<void>;
  remove(): Promise<void>;
}

async function makeHost(number: number): Promise<Host> {
  const name = `${mark}-${number}`;
  const wire = `${mark}v${number}`;
  const [here, there] = [`10.231.${number}.1`, `10.231.${number}.2`];
  await run('ip', ['netns', 'add', name]);
  await run('ip', ['link', 'add', wire, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name]);
  await run('ip', ['addr', 'add', `${here}/24`, 'dev', wire]);
  await run('ip', ['link', 'set', wire, 'up']);
  for (const args of [
    ['addr', 'add', `${there}/24`, 'dev', 'eth0'],
    ['link', 'set', 'eth0', 'up'],
    ['link', 'set', 'lo', 'up'],
  ])
    await run('ip', ['-n', name, ...args]);
  return {
    within: ['ip', 'netns', 'exec', name],
    address: here,
    cut: async () => void (await run('ip', ['link', 'set', wire, 'down'])),
    mend: async () => void (await run('ip', ['link', 'set', wire, 'up'])),
    remove: async () => void (await run('ip', ['netns', 'delete', name])),
  };
}

/** The servers listen on loopback alone; a host reaches them through its end of the wire. */
function forward(address: string, port: number): Promise<Server> {
  const server = createServer((from) => {
    const to = connect(port, '127.0.0.1');
    from.pipe(to).pipe(from);
    from.on('error', () => to.destroy());
    to.on('error', () => from.destroy());
  });
  return new Promise((resolve) => {
    server.listen(port, address, () => resolve(server));
  });
}

describe.skipIf(isSkipped)('a run of two hosts', { timeout: 180_000 }, () => {
  let folder = '';
  let services: Services;
  let processes: ReturnType<typeof openSharedProcesses>;
  const hosts: Host[] = [];
  const forwards: Server[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tianwatch-hosts-'));
    services = await startServices(['redis', 'postgres', 's3']);
    processes = openSharedProcesses(folder, services.env);
    for (const number of [1, 2]) hosts.push(await makeHost(number));
    const ports = Object.values(services.env).flatMap((value) => /127\.0\.0\.1:(\d+)/.exec(value)?.[1] ?? []);
    for (const { address } of hosts) for (const port of ports) forwards.push(await forward(address, Number(port)));
  }, 60_000);
  beforeEach(() => services.start('s3'));
  afterEach(() => processes.killAll());
  afterAll(async () => {
    for (const server of forwards) server.close();
    for (const host of hosts) await host.remove();
    await services?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const workerOn = ({ address, within }: Host) =>
    processes.worker(
      Object.fromEntries(
        Object.entries(services.env).map(([name, value]) => [name, value.replace('127.0.0.1', address)]),
      ),
      within,
    );

  it('is whole when one of them is cut off in the middle and comes back', async () => {
    const [first, second] = hosts as [Host, Host];
    const [a, b] = [workerOn(first), workerOn(second)];
    await Promise.all([a.until('ready'), b.until('ready')]);
    const asked = processes.ask();
    await a.until('chunk', 3);
    await first.cut();
    await pause(3 * lockMs);
    await first.mend();
    await processes.expectWhole(asked);
    // and it works on: the next run is shared again
    const before = a.lines.length;
    const next = processes.ask();
    await processes.expectWhole(next);
    expect(a.lines.length).toBeGreaterThan(before);
  });

  it('is whole when one of them dies', async () => {
    const [first, second] = hosts as [Host, Host];
    const [a, b] = [workerOn(first), workerOn(second)];
    await Promise.all([a.until('ready'), b.until('ready')]);
    const asked = processes.ask();
    await a.until('chunk', 3);
    await first.cut();
    a.signal('SIGKILL');
    await processes.expectWhole(asked);
    await first.mend();
    expect(b.lines.some((line) => line.includes('report'))).toBe(true);
  });
});

import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

export interface RedisProcess {
  readonly port: number;
  signal(signal: NodeJS.Signals): void;
  close(): Promise<void>;
}

/** A port on loopback that was free a moment ago. */
export function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/**
 * A redis-server of one test, by lines of its configuration.
 *
 * @param folder absolute; it exists, and one server has it
 * @param kind a sentinel is told by it
 */
export async function startRedis(
  folder: string,
  lines: (port: number) => readonly string[],
  kind: 'server' | 'sentinel' = 'server',
): Promise<RedisProcess> {
  const port = await freePort();
  const file = join(folder, `${port}.conf`);
  const own = ['bind 127.0.0.1', `dir ${folder}`, ...(kind === 'server' ? ['save ""'] : [])];
  writeFileSync(file, `${[...own, ...lines(port)].join('\n')}\n`);
  const sentinel = kind === 'sentinel' ? ['--sentinel'] : [];
  const server: ChildProcess = spawn('redis-server', [file, ...sentinel], { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    server.stdout?.on('data', (text: Buffer) => /Ready to accept|Sentinel ID is/.test(text.toString()) && resolve());
    server.once('exit', (code) => reject(new Error(`redis-server ended with ${code}`)));
    server.once('error', reject);
  });
  return {
    port,
    signal: (signal) => void server.kill(signal),
    async close() {
      server.kill();
      await ended;
    },
  };
}

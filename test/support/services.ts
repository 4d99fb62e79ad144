import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const script = new URL('../../scripts/services.sh', import.meta.url).pathname;

export type ServiceName = 'redis' | 'postgres' | 's3';

const servers = '/usr/lib/postgresql';
const isPresent: Readonly<Record<ServiceName, () => boolean>> = {
  redis: () => (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, 'redis-server'))),
  postgres: () =>
    existsSync(servers) && readdirSync(servers).some((name) => existsSync(join(servers, name, 'bin/initdb'))),
  s3: () => existsSync(new URL('../../node_modules/s3rver', import.meta.url)),
};

/** The one line that says why tests on these services are skipped, or null where all are here. */
export function absentServices(names: readonly ServiceName[]): string | null {
  const absent = names.filter((name) => !isPresent[name]());
  return absent.length > 0 ? `skipped: ${absent.join(' and ')} not installed on this machine` : null;
}

/** Servers of one test file, on ports of their own. */
export interface Services {
  /** what to export: TIANWATCH_QUEUE, TIANWATCH_DATABASE, TIANWATCH_IMAGES, TIANWATCH_S3_ENDPOINT, AWS_* */
  readonly env: Readonly<Record<string, string>>;
  /** begin again after `stop` or `signal`, on the same port with the same data */
  start(name: ServiceName): Promise<void>;
  stop(name: ServiceName): Promise<void>;
  /** SIGKILL, SIGSTOP, SIGCONT … to the server's own process; nothing else hears it */
  signal(name: ServiceName, signal: NodeJS.Signals): void;
  /** stop all and remove their data */
  close(): Promise<void>;
}

/** Sets variables of this process, which other test files share. @returns call it to have them as they were */
export function setEnv(env: Readonly<Record<string, string>>): () => void {
  const before = Object.keys(env).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, env);
  return () => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  };
}

/** Starts them in about a second; `close` belongs into `afterAll`. */
export async function startServices(names: readonly ServiceName[]): Promise<Services> {
  const folder = mkdtempSync(join(tmpdir(), 'services-'));
  const close = async () => {
    await run(script, ['stop', folder]);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const { stdout } = await run(script, ['start', folder, ...names]);
    return {
      env: Object.fromEntries([...stdout.matchAll(/\b([A-Z0-9_]+)=(\S+)/g)].map(([, name, value]) => [name, value])),
      start: async (name) => void (await run(script, ['start', folder, name])),
      stop: async (name) => void (await run(script, ['stop', folder, name])),
      signal: (name, signal) => void process.kill(Number(readFileSync(join(folder, name, 'pid'), 'utf8')), signal),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

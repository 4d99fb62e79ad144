import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { AppError } from '../../pipeline/errors.ts';
import type { WorkerRole } from '../../workers/worker.ts';
import { wholeNumber } from './whole-number.ts';

interface Flags {
  readonly role: string;
  readonly concurrency: number;
  readonly port?: number;
  readonly host: string;
}

async function rolesOf(text: string): Promise<readonly WorkerRole[]> {
  const { workerRoles } = await import('../../workers/worker.ts');
  const given = text.split(',').map((role) => role.trim());
  const unknown = given.find((role) => !workerRoles.some((known) => known === role));
  if (unknown !== undefined)
    throw new AppError(
      'CONFIG_INVALID',
      `--role ${unknown} is none of ${workerRoles.join(', ')}.`,
      'Give e.g. --role infer.',
    );
  return workerRoles.filter((role) => given.includes(role));
}

/** `tianwatch worker`: one of many processes, on as many machines as one likes, that do the runs of a shared home. */
export function addWorker(program: Command): void {
  program
    .command('worker')
    .description(
      '作业进程：从共享队列领取任务（需 TIANWATCH_DATABASE）/ take jobs of a shared home until SIGTERM: jobs under way are ended or put back',
    )
    .option('--role <roles>', '角色，逗号分隔 / io, infer, cpu, notify or all, comma-separated', 'all')
    .option('--concurrency <n>', '同时计算的分块数 / chunks at once', wholeNumber(1, 256), availableParallelism())
    .option(
      '--port <n>',
      '指标与健康检查端口 / tell /metrics, /healthz, /readyz and the board there',
      wholeNumber(0, 65_535),
    )
    .option('--host <address>', '监听地址 / address to listen at', '127.0.0.1')
    .action(async ({ role, concurrency, port, host }: Flags) => {
      const roles = await rolesOf(role);
      const { createFarmWork } = await import('../../workers/compute/farm-work.ts');
      const { currentHome } = await import('../../workers/home.ts');
      const { adminToken } = await import('../../workers/operation/admin-token.ts');
      const { stopSignal } = await import('../../workers/stop-signal.ts');
      const { work } = await import('../../workers/worker.ts');
      const tell = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
      await work({
        home: currentHome(),
        roles,
        concurrency,
        createWork: createFarmWork,
        signal: stopSignal(),
        ...(port !== undefined && { tellAt: { host, port, adminToken: adminToken() } }),
        onReady: (what) =>
          tell({ at: new Date().toISOString(), state: 'ready', pid: process.pid, ...what, concurrency }),
        schedules: {
          onFiring: ({ area, slotMs, cause }, outcome) =>
            tell({
              at: new Date().toISOString(),
              schedule: area,
              slot: new Date(slotMs).toISOString(),
              cause,
              outcome,
            }),
          onNotReady: (notReady) => tell({ at: new Date().toISOString(), state: 'not-ready', notReady }),
        },
        onTrouble: (trouble) => tell({ at: new Date().toISOString(), state: 'trouble', trouble }),
      });
      tell({ at: new Date().toISOString(), state: 'ended', pid: process.pid });
    });
}

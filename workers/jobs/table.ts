import { AppError } from '../../pipeline/errors.ts';
import type { Job } from '../define.ts';
import { type JobName, jobNames, roleOf } from '../flow.ts';
import { detectChange } from './detect-change.ts';
import { inferChunk } from './infer-chunk.ts';
import { openRun } from './open-run.ts';
import { raiseAlerts } from './raise-alerts.ts';
import { stitch } from './stitch.ts';
import { writeReport } from './write-report.ts';

export const jobTable: readonly Job[] = [openRun, inferChunk, stitch, detectChange, raiseAlerts, writeReport];

/**
 * The jobs by name, once it is sure that each name is wired exactly once and to the role it is submitted to.
 *
 * @throws AppError BUG naming the first that is not
 */
export function wireJobs(table: readonly Job[] = jobTable): ReadonlyMap<string, Job> {
  for (const name of jobNames) {
    const found = table.filter((job) => job.name === name);
    if (found.length !== 1 || found[0]?.role !== roleOf[name]) {
      const message = `Job ${name} is wired ${found.length} times, with role ${found.map(({ role }) => role).join(' ') || 'none'}.`;
      throw new AppError('BUG', message, `List it once in workers/jobs/table.ts with role ${roleOf[name]}.`);
    }
  }
  return new Map<JobName, Job>(table.map((job) => [job.name, job]));
}

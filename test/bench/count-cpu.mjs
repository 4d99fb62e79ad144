// Loaded into a measured process: at its end it writes the processor time of all its threads (s) where BENCH_CPU_FILE says.
import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

const path = process.env['BENCH_CPU_FILE'];
if (isMainThread && path)
  process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    writeFileSync(path, String((user + system) / 1e6));
  });

import type { Command } from 'commander';
import { addAlert } from './command/alert.ts';
import { addBackup } from './command/backup.ts';
import { addBaseline } from './command/baseline.ts';
import { addCancel } from './command/cancel.ts';
import { addDemo } from './command/demo.ts';
import { addEvaluate } from './command/evaluate.ts';
import { addFetch } from './command/fetch.ts';
import { addLedger } from './command/ledger.ts';
import { addLabels } from './command/labels.ts';
import { addModel } from './command/model.ts';
import { addNotify } from './command/notify.ts';
import { addPlanting } from './command/planting.ts';
import { addPotential } from './command/potential.ts';
import { addProject } from './command/project.ts';
import { addReport } from './command/report.ts';
import { addRestore } from './command/restore.ts';
import { addRun } from './command/run.ts';
import { addSchedule } from './command/schedule.ts';
import { addSceneInspect } from './command/scene-inspect.ts';
import { addSeries } from './command/series.ts';
import { addSimulate } from './command/simulate.ts';
import { addStatus } from './command/status.ts';
import { addSweep } from './command/sweep.ts';
import { addTask } from './command/task.ts';
import { addWorker } from './command/worker.ts';
import { addVerdictCommand } from './command/verdict.ts';
import { addWatch } from './command/watch.ts';

/** Each command is one file in `command/`; what is heavy in it is imported when it runs, so that help stays quick. */
export const commands: readonly ((program: Command) => void)[] = [
  addRun,
  addSeries,
  addWatch,
  addSchedule,
  addPlanting,
  addSceneInspect,
  addModel,
  addBaseline,
  addProject,
  addReport,
  addLedger,
  addAlert,
  addTask,
  addNotify,
  addVerdictCommand,
  addPotential,
  addStatus,
  addCancel,
  addFetch,
  addWorker,
  addBackup,
  addRestore,
  addSweep,
  addEvaluate,
  addLabels,
  addSimulate,
  addDemo,
];

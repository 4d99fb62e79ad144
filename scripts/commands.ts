import type { Command } from 'commander';
import { addModel } from './command/model.ts';
import { addSceneInspect } from './command/scene-inspect.ts';

/** Each command is one file in `command/`; what is heavy in it is imported when it runs, so that help stays quick. */
export const commands: readonly ((program: Command) => void)[] = [addSceneInspect, addModel];

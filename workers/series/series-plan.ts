import type { LeftOut, LookCandidate } from '../../pipeline/scene/look-sieve.ts';
import type { Chunk, ClassMap, Grid, LandClass, Scene } from '../../pipeline/types.ts';
import type { Warning } from '../../pipeline/report/formats.ts';
import type { Pixels } from '../compute/measure-pair.ts';
import type { ConfigFile, RunPlan } from '../compute/run-plan.ts';

/** A scene that was opened, with what a sample of it says. */
export interface OpenedLook extends LookCandidate {
  readonly scene: Scene;
  /** fraction of a sample that was seen: no nodata, cloud or shadow */
  readonly seenFraction: number;
  /** fraction of the valid pixels of the sample under cloud or shadow; null where no mask applies */
  readonly cloudFraction: number | null;
}

/** A scene of the folder that is no look, and why. */
export interface LeftOutLook {
  readonly name: string;
  readonly acquired: string | null;
  readonly sensor: string | null;
  readonly gsdM: number | null;
  readonly cloudFraction: number | null;
  readonly why: LeftOut;
}

/** One look as it takes part: the pair that judges it. */
export interface PlannedLook {
  readonly opened: OpenedLook;
  /** how the look lies against the grid (px), undefined = exactly on it or unknown */
  readonly shiftPx: Pixels | undefined;
  /** the reference before, this look after */
  readonly pair: RunPlan;
}

/** A look that is compared in its own pixels with an earlier one, the one before in its pair. */
export interface PlannedFineLook extends PlannedLook {
  readonly comparedWith: OpenedLook;
}

/** All that is decided before a chunk of a series is computed. */
export interface SeriesPlan {
  readonly reference: OpenedLook;
  /** by date, then content; the reference among them */
  readonly looks: readonly PlannedLook[];
  /** by date, then content: each on a grid of its own, with a network of its own */
  readonly fineLooks: readonly PlannedFineLook[];
  readonly grid: Grid;
  readonly gsdM: number;
  readonly chunks: readonly Chunk[];
  /** what decides: each look's pair with the reference, or all looks together */
  readonly evidence: 'pairs' | 'looks';
  readonly classMap: ClassMap;
  readonly areaOfInterest: RunPlan['areaOfInterest'];
  readonly layers: RunPlan['layers'];
  readonly config: readonly ConfigFile[];
  readonly warnings: readonly Warning[];
}

/** Classes that the looks of a series tell of, each once: those of its own network first. */
export function classesOf({ classMap, fineLooks }: Pick<SeriesPlan, 'classMap' | 'fineLooks'>): readonly LandClass[] {
  const all = [classMap, ...fineLooks.map(({ pair }) => pair.classMap)].flatMap(({ classes }) => classes);
  return all.filter(({ name }, at) => all.findIndex((other) => other.name === name) === at);
}

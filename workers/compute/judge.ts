import { runPair } from '../../models/runner.ts';
import type { Model, PairPlan } from '../../models/runner.ts';
import type { TileJudgement } from '../../pipeline/change/chunk.ts';
import { coverByRule } from '../../pipeline/pair/cover-rule.ts';
import { irmadProbability } from '../../pipeline/pair/irmad.ts';
import type { PairStatistics } from '../../pipeline/pair/statistics.ts';
import { vectorProbability } from '../../pipeline/pair/vectors.ts';
import type { Raster } from '../../pipeline/types.ts';

export interface JudgeOptions {
  readonly statistics: PairStatistics;
  readonly evidenceBands: number;
  /** bands before the mask bands */
  readonly opticalBands: { readonly before: number; readonly after: number };
  readonly network: { readonly model: Model; readonly pair: PairPlan } | null;
}

const prefix = (raster: Raster, bands: number): Raster => ({
  ...raster,
  bands,
  data: raster.data.subarray(0, bands * raster.width * raster.height),
});

/** All evidence on a window: IR-MAD and change vectors always, the network where there is one, else cover by rule. */
export async function judge(before: Raster, after: Raster, options: JudgeOptions): Promise<TileJudgement> {
  const { statistics, evidenceBands, opticalBands, network } = options;
  const [first, second] = [prefix(before, evidenceBands), prefix(after, evidenceBands)];
  const irmad = irmadProbability(first, second, statistics);
  const vectors = vectorProbability(first, second, statistics);
  if (network === null) {
    const classesBefore = coverByRule(first, statistics, 'before');
    const classesAfter = coverByRule(second, statistics, 'after');
    return { classesBefore, classesAfter, into: classesAfter, network: null, irmad, vectors };
  }
  const seen = await runPair(
    network.model,
    network.pair,
    prefix(before, opticalBands.before),
    prefix(after, opticalBands.after),
  );
  return {
    classesBefore: seen.classesBefore,
    classesAfter: seen.classesAfter,
    into: seen.into,
    network: seen.change,
    irmad,
    vectors,
  };
}

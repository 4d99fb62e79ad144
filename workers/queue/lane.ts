/** A chunk that waits, of a run that shares its lane with others. */
export interface LaneJob {
  readonly id: string;
  readonly runId: string;
  readonly turn: number;
}

/**
 * Turns of a lane: its runs go round, a chunk each, so that together they are no faster than one run of another lane.
 *
 * @param waiting in the order in which they would be taken
 * @param now turn that the queue is at
 * @param atATurn chunks that the lane may do in a turn
 * @returns those whose turn becomes another, in their new order
 */
export function turnsOfLane(waiting: readonly LaneJob[], now: number, atATurn: number): readonly LaneJob[] {
  const runs = new Map<string, LaneJob[]>();
  for (const job of waiting) runs.set(job.runId, [...(runs.get(job.runId) ?? []), job]);
  const longest = Math.max(0, ...[...runs.values()].map(({ length }) => length));
  const inOrder = Array.from({ length: longest }, (_, rank) => [...runs.values()].flatMap((jobs) => jobs[rank] ?? []));
  return inOrder.flat().flatMap((job, position) => {
    const turn = now + Math.floor(position / atATurn);
    return turn === job.turn ? [] : [{ ...job, turn }];
  });
}

/**
 * Turn of a run that comes, for its stages other than chunks: behind those of its lane that have not ended, so that a lane that
 * asks for many is no faster than one that asks for one.
 *
 * @param own turns of the runs of its lane that have not ended; none without a lane
 * @param now turn that the queue is at
 * @param atATurn runs that the lane may begin in a turn
 */
export function turnOfRun(own: readonly number[], now: number, atATurn: number): number {
  const last = Math.max(now, ...own);
  return own.filter((turn) => turn === last).length < atATurn ? last : last + 1;
}

import { fitsCard, type LoadedCard } from '../../models/card.ts';
import { gsdOf } from '../../pipeline/geo/area.ts';
import type { LeftOut } from '../../pipeline/scene/look-sieve.ts';
import { overlapWindow } from '../../pipeline/tile/grid.ts';
import { sharedGround } from '../../pipeline/tile/shared-ground.ts';
import { kindOfScene } from '../../pipeline/track/look.ts';
import type { Scene } from '../../pipeline/types.ts';
import { chooseCard, gridOf } from '../compute/choose-card.ts';
import { cutGrid, type Lattice } from '../compute/draft.ts';
import { shiftOf } from '../compute/shift.ts';
import { choosePair, type MeasurePair, type PairBase, planPair } from './plan-pair.ts';
import { firstClear } from './reference.ts';
import type { OpenedLook, PlannedFineLook } from './series-plan.ts';

/** Share of a fine look that has to lie in the earlier one that it is compared with. */
const sharedFraction = 0.5;
const chunkPx = 512;

export interface FineOptions {
  /** what the pairs of the series share */
  readonly base: PairBase;
  readonly lattice: Lattice;
  readonly measure: MeasurePair;
}

const namesOf = ({ scene }: OpenedLook) => scene.bands.map(({ name }) => name);
const dayOf = ({ acquired }: OpenedLook): string => acquired?.slice(0, 10) ?? '';

type SeriesNetwork = Pick<PairBase, 'card' | 'gsdM'>;

/** Whether the network of the series finds its bands in a look. */
export const fitsGrid = (look: OpenedLook, { card, gsdM }: SeriesNetwork): boolean =>
  card === null || fitsCard(card.card, { bands: namesOf(look), gsdM });

/**
 * Whether a look is compared in its own pixels with an earlier one, not on the grid of the series: a mosaic of a drone,
 * and what is finer and lacks a band that the network of the series needs.
 */
export function isFineLook(look: OpenedLook, base: SeriesNetwork): boolean {
  const { sensor, scene } = look;
  const { card, gsdM } = base;
  // a network with pixels of its own takes what is finer into the grid
  if (card === null || card.card.input.ownGsdM !== undefined || 2 * scene.gsdM > gsdM) return false;
  return kindOfScene({ sensor, gsdM: scene.gsdM }) === 'uav' || !fitsGrid(look, base);
}

/** The first clear one, else the clearest, of the earlier looks in pixels that the network takes that hold half of a look. */
function earlierOf(look: OpenedLook, all: readonly OpenedLook[], { card }: LoadedCard): OpenedLook | undefined {
  const { gsdM, ownGsdM = gsdM[0] } = card.input;
  return firstClear(
    all.filter(
      (other) =>
        dayOf(other) < dayOf(look) &&
        other.seenFraction > 0 &&
        other.scene.gsdM <= gsdM[1] &&
        fitsCard(card, { bands: namesOf(other), gsdM: ownGsdM }) &&
        sharedGround(look.scene.grid, other.scene.grid).ofFirst >= sharedFraction,
    ),
  );
}

/**
 * Plan a fine look: which earlier one it is compared with, in which pixels, by which network.
 *
 * @param all every look of the series, seen or not, in any order
 * @returns why not, where it cannot be judged
 * @throws AppError what measuring a pair throws
 */
export async function planFineLook(
  opened: OpenedLook,
  all: readonly OpenedLook[],
  { base, lattice, measure }: FineOptions,
): Promise<PlannedFineLook | LeftOut> {
  const { scene, name } = opened;
  overlapWindow(base.grid, scene.grid);
  // colours of a mosaic are seldom reflectance: they are stretched to those that the network learnt from
  const stretched: Scene = { ...scene, radiometry: 'reflectance' };
  const { card, warnings } = chooseCard({ model: 'auto', grid: 'before' }, [stretched], scene.gsdM);
  if (card === null) return { problem: 'NOT_COMPARABLE', detail: warnings.map(({ message }) => message).join(' ') };
  const earlier = earlierOf(opened, all, card);
  if (earlier === undefined) return { problem: 'NO_EARLIER', detail: whatIsWanted(opened, base, card) };
  const { grid } = gridOf(scene.grid, card, 'before');
  const own: PairBase = {
    ...base,
    card,
    grid,
    gsdM: gsdOf(grid).mean,
    chunks: cutGrid(grid, card, true, { chunkPx, ...lattice }),
    mayDoWithout: false,
  };
  const choice = choosePair(own, earlier.scene, scene, name);
  const measured = await measure({ before: earlier.scene, after: scene, grid, bands: choice.bands });
  if (measured.statistics === null)
    return { problem: 'NOT_COMPARABLE', detail: `It shares no seen pixel with ${earlier.name}.` };
  const pair = planPair(own, choice, measured);
  return { opened, shiftPx: shiftOf(pair), pair, comparedWith: earlier };
}

function whatIsWanted({ scene }: OpenedLook, { card, gsdM }: PairBase, { card: own }: LoadedCard): string {
  const [, coarsestM] = own.input.gsdM;
  const names = scene.bands.map(({ name }) => name).join(', ');
  return (
    `With ${names} in pixels of ${scene.gsdM.toFixed(2)} m it is no look on the ${gsdM.toFixed(0)} m grid of ${card?.card.id ?? 'the series'}; ` +
    `${own.id} compares it with an earlier scene in pixels of at most ${coarsestM} m. ` +
    `Add one of this ground from before the change (a mosaic, or a satellite's scene, with blue, green and red); ` +
    'it then counts with the next call, and is itself what later ones are compared with.'
  );
}

import { fitScene } from '../../models/card.ts';
import type { LoadedCard } from '../../models/card.ts';
import { listCards, loadCard, readWeights } from '../../models/shelf.ts';
import { asAppError } from '../../pipeline/errors.ts';
import { gsdOf } from '../../pipeline/geo/area.ts';
import type { Warning } from '../../pipeline/report/formats.ts';
import { gridAt } from '../../pipeline/tile/grid.ts';
import type { Grid, Scene } from '../../pipeline/types.ts';
import { shownName } from '../images/source.ts';

/** Whether a run's grid follows a scene, and so may take the network's own pixel size. */
const followsScene = (option: string): boolean => option === 'before' || option === 'after';

/** The grid in the pixel size the network was made at, where none was asked for by size. */
export function gridOf(
  grid: Grid,
  card: LoadedCard | null,
  option: string,
): { readonly grid: Grid; readonly warnings: readonly Warning[] } {
  const ownGsdM = card?.card.input.ownGsdM;
  if (card === null || ownGsdM === undefined || !followsScene(option)) return { grid, warnings: [] };
  const gsdM = gsdOf(grid).mean;
  const own = gridAt(grid, gsdM, ownGsdM);
  if (own === grid) return { grid, warnings: [] };
  const message = `Pixels of ${gsdM.toFixed(2)} m are resampled to ${ownGsdM} m, for which the network ${card.card.id} was made.${gsdM > ownGsdM ? ' Nothing finer than the scene itself is seen.' : ''}`;
  const todo = 'Give --grid <epsg>:<metres> to keep another size.';
  return { grid: own, warnings: [{ code: 'RESAMPLED', message, todo }] };
}

/** Pixels finer than a network takes become its own, where it has any: ground is not lost by averaging. */
const takenAt = ({ gsdM: [finest], ownGsdM }: LoadedCard['card']['input'], gsdM: number): number =>
  ownGsdM !== undefined && gsdM < finest ? ownGsdM : gsdM;

/**
 * The card that was asked for; `auto` takes the first shipped one that fits, or none with a warning.
 *
 * Experimental ones come last, and only where the values are reflectance: what a network learnt from simulation alone
 * says of uncalibrated numbers is worth less than the relative methods.
 */
export function chooseCard(
  request: { readonly model: string; readonly grid?: string | null },
  scenes: readonly Scene[],
  gsdM: number,
): { card: LoadedCard | null; warnings: Warning[] } {
  if (request.model === 'none') return { card: null, warnings: [] };
  const fit = (name: string): LoadedCard => {
    const loaded = loadCard(name);
    for (const scene of scenes)
      fitScene(loaded.card, {
        bands: scene.bands.map((band) => band.name),
        gsdM: followsScene(request.grid ?? '') ? takenAt(loaded.card.input, gsdM) : gsdM,
        name: scene.files.map(({ uri }) => shownName(uri)).join(','),
      });
    readWeights(loaded);
    return loaded;
  };
  if (request.model !== 'auto') return { card: fit(request.model), warnings: [] };
  const why: string[] = [];
  const isExperimental = (name: string): boolean => loadCard(name).card.status === 'experimental';
  const uncalibrated = scenes.some(({ radiometry }) => radiometry === 'dn');
  for (const name of listCards().toSorted((a, b) => Number(isExperimental(a)) - Number(isExperimental(b)))) {
    try {
      const card = fit(name);
      if (!uncalibrated || !isExperimental(name)) return { card, warnings: [] };
      why.push(`${name} is experimental, and these values are not known to be reflectance (--scale says so).`);
    } catch (error) {
      const reason = asAppError(error);
      if (reason.code !== 'MODEL_MISMATCH') throw error;
      why.push(reason.message);
    }
  }
  const message =
    `No shipped network fits these scenes, IR-MAD and change vectors judge alone. ${why.join(' ')}`.trim();
  return {
    card: null,
    warnings: [
      { code: 'NO_NETWORK', message, todo: 'Give a fitting card with --model, or a grid in its range with --grid.' },
    ],
  };
}

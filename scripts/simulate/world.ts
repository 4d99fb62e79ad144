import { drawChanges, noSites, openSites, planChanges, type Change } from './change.ts';
import { indexRows } from './fill.ts';
import { drawLandscape } from './landscape.ts';
import { planLooks, type Look } from './look.ts';
import type { PlotStore } from './plot-store.ts';
import { planProgramme, wholePolders, type Programme } from './programme.ts';
import type { Painting } from './painting.ts';
import { simulatedSensors, type SimulatedSensor } from './sensor.ts';

export interface WorldWanted {
  readonly seed: number;
  /** px */
  readonly size: number;
  readonly gsd: '10' | '2';
  readonly looks: number;
  readonly dates?: readonly string[] | null;
  /** none: seasons pass over ground that stays as surveyed */
  readonly changes?: 'all' | 'none';
  /** whole: all projects, counties and towns of the programme, however small the scene; share: as many as it has room for */
  readonly programme?: 'share' | 'whole';
  /** clear: no cloud in any look */
  readonly sky?: 'season' | 'clear';
  /** dates of a drone's mosaics beside scenes of 10 m, ISO-8601, ascending: the land is then drawn as fine ones show it */
  readonly mosaics?: readonly string[];
}

/** Everything that is decided before the first pixel. */
export interface World extends Painting {
  readonly sizePx: number;
  readonly sensor: SimulatedSensor;
  readonly looks: readonly Look[];
  readonly mosaics: readonly Look[];
  readonly changes: readonly Change[];
  readonly programme: Programme;
}

/** The land, the programme's works, what else happens, and the looks, from nothing but the seed. */
export function makeWorld(wanted: WorldWanted): World {
  const { seed, size, gsd, looks, dates = null, changes: which = 'all', sky = 'season', mosaics = [] } = wanted;
  const isWhole = wanted.programme === 'whole';
  const sensor = simulatedSensors[gsd];
  const sideM = size * sensor.gsdM;
  const sketch = drawLandscape({
    seed,
    sideM,
    isFine: sensor.gsdM < 5 || mosaics.length > 0,
    ...(isWhole && { polders: wholePolders }),
  });
  const planned = planLooks({ seed, looks, dates, sky });
  const span = { sideM, firstDay: planned[0]!.day, lastDay: planned.at(-1)!.day, isSeries: planned.length > 2 };
  const sites = which === 'none' ? noSites : openSites(sketch, sideM);
  const programme = planProgramme(sketch, sites, { ...span, isWhole });
  const changes = [...programme.works, ...planChanges(sketch, sites, span)];
  const drawn = drawChanges(sketch, changes);
  const [land, changed] = [outlinesOf(sketch.plots), outlinesOf(drawn.plots)];
  const bandM = Math.max(sideM / 64, 16 * sensor.gsdM);
  return {
    sketch,
    changes,
    drawn,
    land,
    landRows: indexRows(land, { sideM, bandM }),
    changed,
    changedRows: indexRows(changed, { sideM, bandM }),
    sideM,
    sizePx: size,
    sensor,
    looks: planned,
    mosaics: flownOn(mosaics, seed),
    programme,
  };
}

/** Flights: below the clouds and the haze. */
const flownOn = (dates: readonly string[], seed: number): readonly Look[] =>
  planLooks({ seed: seed ^ 0x5a5a, looks: dates.length, dates, sky: 'clear' }).map((look) => ({ ...look, haze: 0 }));

const outlinesOf = (plots: PlotStore) => ({ points: plots.points(), starts: plots.starts(), count: plots.count() });

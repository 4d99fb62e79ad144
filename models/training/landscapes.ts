// Stage `landscapes`: simulated Jiangnan scenes of training seeds with their truth, as raw arrays for landscape.py.
// Out: work/landscapes/<seed>.json with -dn.u16 [look,6,H,W] (reflectance × 10,000), -class.u8 [look,H,W] (cover-6; at 2 m positions in recipe.classes), -cloud.u8
// [look,H,W] (0 clear) and -owner.i32 [H,W] (number of a change + 1, 0 = none). Existing seeds are kept.
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { classCodeOn, drawChanges, openSites, phaseOn, planChanges } from '../../scripts/simulate/change.ts';
import { indexRows } from '../../scripts/simulate/fill.ts';
import { fineClasses } from '../../scripts/simulate/fine-cover.ts';
import { openFineTruth } from '../../scripts/simulate/fine-truth.ts';
import { drawLandscape } from '../../scripts/simulate/landscape.ts';
import { planLooks } from '../../scripts/simulate/look.ts';
import { planProgramme } from '../../scripts/simulate/programme.ts';
import { openLook } from '../../scripts/simulate/render.ts';
import { hashFraction } from '../../scripts/simulate/random.ts';
import { refuseSeed } from '../../scripts/simulate/seed-use.ts';
import { openSky } from '../../scripts/simulate/sky.ts';
import { openTruth } from '../../scripts/simulate/truth.ts';
import { simulatedSensors } from '../../scripts/simulate/sensor.ts';
import type { World } from '../../scripts/simulate/world.ts';
import { recipe, work } from './run-name.mjs';

interface Wanted {
  /** 2: every look on the grid of the truth, classes as painted */
  readonly gsd?: '10' | '2';
  readonly sizePx: number;
  readonly seeds: readonly number[];
  /** of them: as `simulate` makes them */
  readonly heldOutSeeds: readonly number[];
  /** how often the changes of such a landscape are drawn into one that is learnt from */
  readonly density: number;
  /** [earliest, latest] date of each look; a day between them is drawn by seed */
  readonly looks: readonly (readonly [string, string])[];
  readonly mostCloud: number;
}

const wanted = recipe.landscapes as Wanted;
const folder = join(work, 'landscapes');
const sensor = simulatedSensors[wanted.gsd ?? '10'];
const isFine = sensor.gsdM < 5;
const indexOf = Uint8Array.from(fineClasses, (name) => Math.max(0, recipe.classes.indexOf(name)));
const stripRows = 64;

function datesOf(seed: number): string[] {
  return wanted.looks.map(([from, to], k) => {
    const [first, last] = [Date.parse(from), Date.parse(to)];
    const days = Math.floor((hashFraction(seed, k, 11) * (last - first + 86_400_000)) / 86_400_000);
    return new Date(first + days * 86_400_000).toISOString().slice(0, 10);
  });
}

/** As `makeWorld`, with more change; every other look lies exactly on the grid of the truth, the sky is as clear as one would choose. */
function busyWorld(seed: number, dates: readonly string[], density: number): World {
  const bandM = 16 * sensor.gsdM;
  const sideM = wanted.sizePx * sensor.gsdM;
  const sketch = drawLandscape({ seed, sideM, isFine });
  const looks = planLooks({ seed, looks: dates.length, dates }).map((look) => ({
    ...look,
    cloudFraction: wanted.mostCloud * hashFraction(seed, look.index, 12),
    shiftPx: isFine || look.index % 2 === 0 ? { col: 0, row: 0 } : look.shiftPx,
  }));
  const span = { sideM, firstDay: looks[0]!.day, lastDay: looks.at(-1)!.day };
  const sites = openSites(sketch, sideM);
  const programme = planProgramme(sketch, sites, span);
  const changes = [...programme.works];
  for (let k = 0; k < density; k++) changes.push(...planChanges(sketch, sites, span));
  const drawn = drawChanges(sketch, changes);
  const [land, changed] = [sketch.plots, drawn.plots].map((plots) => ({ points: plots.points(), starts: plots.starts(), count: plots.count() })) as [World['land'], World['land']];
  const [landRows, changedRows] = [indexRows(land, { sideM, bandM }), indexRows(changed, { sideM, bandM })];
  return { sketch, changes, drawn, land, landRows, changed, changedRows, sideM, sizePx: wanted.sizePx, sensor, looks, programme };
}

function planes(world: World, seed: number) {
  const { sizePx, sensor, looks, sideM, changes } = world;
  const pixels = sizePx * sizePx;
  const dn = new Uint16Array(looks.length * sensor.bands * pixels);
  const cloud = new Uint8Array(looks.length * pixels);
  const classes = new Uint8Array(looks.length * pixels);
  const owner = new Int32Array(pixels);
  for (const [k, look] of looks.entries()) {
    const sky = openSky(look, { seed, sideM });
    const renderer = openLook(world, look, { sensor, sky, sizePx });
    const next = looks[Math.min(k + 1, looks.length - 1)]!;
    const shape = { gsdM: sensor.gsdM, subPx: sensor.subPx, sizePx };
    const truth = openTruth(world, { ...shape, days: [look.day, next.day] });
    const fineTruth = openFineTruth(world, { ...shape, days: [look.day] });
    for (let fromRow = 0; fromRow < sizePx; fromRow += stripRows) {
      const count = Math.min(stripRows, sizePx - fromRow);
      const rows = renderer.rows(fromRow, count);
      for (let band = 0; band < sensor.bands; band++)
        dn.set(
          rows.subarray(band * count * sizePx, (band + 1) * count * sizePx),
          (k * sensor.bands + band) * pixels + fromRow * sizePx,
        );
      const told = truth({ fromRow, count });
      const seen = isFine ? fineTruth({ fromRow, count })[0]!.map((code) => indexOf[code]!) : told.classes[0]!;
      classes.set(seen, k * pixels + fromRow * sizePx);
      for (let i = 0; i < count * sizePx; i++) {
        const row = fromRow + Math.floor(i / sizePx);
        const [x, y] = [((i % sizePx) + 0.5) * sensor.gsdM, sideM - (row + 0.5) * sensor.gsdM];
        cloud[k * pixels + fromRow * sizePx + i] = sky.code(x, y);
        if (told.owner[i] !== 0) owner[fromRow * sizePx + i] = told.owner[i]!;
      }
    }
  }
  const state = changes.map((change) =>
    looks.map(({ day }) => ({ phase: phaseOn(change, day).replace('back', 'before'), code: classCodeOn(change, day) })),
  );
  return { dn, cloud, classes, owner, state };
}

mkdirSync(folder, { recursive: true });
for (const seed of wanted.seeds) {
  refuseSeed(seed, 'training');
  if (existsSync(join(folder, `${seed}.json`))) continue;
  const dates = datesOf(seed);
  const world = busyWorld(seed, dates, wanted.heldOutSeeds.includes(seed) ? 1 : wanted.density);
  const { dn, cloud, classes, owner, state } = planes(world, seed);
  for (const [part, data] of Object.entries({ 'dn.u16': dn, 'cloud.u8': cloud, 'class.u8': classes, 'owner.i32': owner }))
    writeFileSync(join(folder, `${seed}-${part}`), data);
  const facts = { seed, sizePx: wanted.sizePx, bands: world.sensor.bands, dates, shifts: world.looks.map(({ shiftPx }) => [shiftPx.row, shiftPx.col]), kinds: world.changes.map(({ kind }) => kind.id), state };
  writeFileSync(join(folder, `${seed}.json.part`), JSON.stringify(facts));
  renameSync(join(folder, `${seed}.json.part`), join(folder, `${seed}.json`));
  process.stdout.write(`${seed}: ${dates.join(' ')}, ${world.changes.length} changes\n`);
}

import { basename, relative } from 'node:path';
import { missingParts } from '../../pipeline/arrival/parts.ts';
import { type PairRule, type ReadyPair, cloudy, planPairs } from '../../pipeline/arrival/pair.ts';
import type { NotReady } from '../../pipeline/arrival/reason.ts';
import { type FileHistories, type SeenFile, lookAgain, settlingOf } from '../../pipeline/arrival/settle.ts';
import { areComparable, fieldDay } from '../../pipeline/rule/calendar.ts';
import type { SceneFlags } from '../../pipeline/scene/hint.ts';
import { type LookProblem, sieveLooks } from '../../pipeline/scene/look-sieve.ts';
import { type SceneGroup, groupScenes } from '../../pipeline/scene/scene-group.ts';
import { loadRegion } from '../rule/load-rules.ts';
import { isCompanion } from '../series/list-scenes.ts';
import type { Arrivals } from './arrivals.ts';
import type { InspectedScene, Inspection } from './inspect-scene.ts';

export interface LookOptions {
  readonly arrivals: Arrivals;
  readonly settleMs: number;
  /** parts that every scene has, as in file names */
  readonly parts: readonly string[];
  readonly rule: PairRule;
  readonly flags: SceneFlags;
  /** 0..1 */
  readonly cloudFraction: number;
  /** first day wanted, ISO-8601; null = no limit */
  readonly from: string | null;
  /** of a scene's files as they are now; the same files are inspected once */
  readonly isSameGround: (a: InspectedScene, b: InspectedScene) => boolean;
  readonly inspect: (files: readonly SeenFile[], images: readonly string[]) => Promise<Inspection>;
}

/** What one look shows. */
export interface ArrivalLook {
  readonly histories: FileHistories;
  readonly pairs: readonly ReadyPair<InspectedScene>[];
  readonly notReady: readonly NotReady[];
  /** versions of all files that were there */
  readonly versions: ReadonlyMap<string, string>;
}

const isTiff = ({ path, item }: SeenFile): boolean => item !== undefined || /\.tiff?$/i.test(path);

/** Files that are one scene: a STAC Item by itself, GeoTIFFs by their names. */
function groupsOf(files: readonly SeenFile[]): readonly SceneGroup[] {
  const items = files.filter(({ item }) => item !== undefined);
  const images = files.filter(({ item }) => item === undefined).map(({ path }) => path);
  return [...items.map(({ path, item = path }) => ({ name: item, files: [path] })), ...groupScenes(images)];
}

/** Look once: which files are settled and whole, which scenes they are, which pairs those make. */
export async function lookForScenes(
  past: FileHistories,
  { now, options }: { readonly now: Date; readonly options: LookOptions },
): Promise<ArrivalLook> {
  const { arrivals, settleMs, parts, inspect } = options;
  const files = await arrivals.list();
  const histories = lookAgain(past, files, now.getTime());
  const named = (path: string): string => relative(arrivals.root, path) || basename(path);
  const images = files.filter(isTiff);
  const paths = images.map(({ path }) => path);
  const notReady: NotReady[] = files
    .filter((file) => !isTiff(file) && !isCompanion(file.path, paths))
    .map(({ path }) => ({ name: named(path), reason: 'NO_IMAGE', detail: '' }));
  const scenes: InspectedScene[] = [];
  for (const group of groupsOf(images)) {
    const own = files.filter(({ path }) => group.files.some((file) => path === file || path.startsWith(`${file}.`)));
    const name = own[0]?.item ?? named(group.name);
    const said = own[0]?.cloudFraction ?? null;
    const unsettled = own.flatMap(({ path }) => {
      const state = settlingOf(histories.get(path)!, now.getTime(), settleMs);
      return state === 'settled' ? [] : [{ path, state }];
    });
    // a catalogue lists what a scene has
    const missing = own[0]?.item === undefined ? missingParts(group.files, parts) : [];
    if (unsettled.length > 0) {
      const reason = unsettled.some(({ state }) => state === 'GROWING') ? 'GROWING' : 'SETTLING';
      notReady.push({
        name,
        reason,
        detail: own[0]?.item === undefined ? unsettled.map(({ path }) => basename(path)).join(', ') : '',
      });
    } else if (missing.length > 0) notReady.push({ name, reason: 'PART_MISSING', detail: missing.join(', ') });
    else if (said !== null && said > options.cloudFraction) notReady.push(cloudy(name, said, options.cloudFraction));
    else {
      const inspection = await inspect(own, group.files);
      if (inspection.say === 'whole') scenes.push({ ...inspection.scene, name, files: group.files });
      else notReady.push({ name, reason: inspection.reason, detail: inspection.detail });
    }
  }
  const { pairs, notReady: unpaired } = pairsOf(scenes, now, options);
  return {
    histories,
    pairs,
    notReady: [...notReady, ...unpaired].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    versions: new Map(files.map(({ path, version }) => [path, version])),
  };
}

type SieveProblem = Extract<LookProblem, 'NO_DATE' | 'FUTURE' | 'OUT_OF_PERIOD' | 'DUPLICATE' | 'OTHER_VERSION'>;

function pairsOf(
  scenes: readonly InspectedScene[],
  now: Date,
  { rule, cloudFraction, from, isSameGround }: LookOptions,
) {
  const leftOut = sieveLooks(scenes, { from, to: null, today: now.toISOString().slice(0, 10), isSameGround });
  const region = rule === 'same-season' ? loadRegion() : null;
  const { pairs, notReady } = planPairs(
    scenes.filter((scene) => !leftOut.has(scene)),
    {
      rule,
      cloudFraction,
      isSameGround,
      areComparable: (a, b) => {
        const [before, after] = [fieldDay(a.acquired, null, region), fieldDay(b.acquired, null, region)];
        return before !== null && after !== null && areComparable(before, after);
      },
    },
  );
  const sieved = [...leftOut].map(([{ name }, { problem, detail }]): NotReady => {
    // the sieve knows no other
    return { name, reason: problem as SieveProblem, detail };
  });
  return { pairs, notReady: [...sieved, ...notReady] };
}

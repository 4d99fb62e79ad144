import { changeKind } from './change-kind.ts';
import { dated, type Change, type ChangePlan, type Sites } from './change.ts';
import { areaOfM2, centreOf, cut, longAxis, noSeams, quarterTurn, type Piece } from './piece.ts';
import { fieldsLevelled } from './field-works.ts';
import { randomOf, type Random } from './random.ts';
import type { Sketch } from './sketch.ts';
import { openTerritory, type Territory } from './territory.ts';
import { carveAcross } from './carve.ts';

/** The five works of the land consolidation programme. */
export const works = ['contiguous', 'high-standard', 'reclaimed', 'added', 'redeveloped'] as const;
export type Work = (typeof works)[number];

/** What really became of a sub-project. */
export type Fate = 'as-planned' | 'not-started' | 'deviates';

export interface SubProject {
  readonly work: Work;
  readonly block: number;
  readonly piece: Piece;
  readonly town: string;
  readonly fate: Fate;
  /** position in `Programme.works`, null where nothing is to be seen of it */
  readonly change: number | null;
}

export interface Project {
  readonly id: string;
  readonly name: string;
  /** one part, two where the project lies in two towns */
  readonly parts: readonly { readonly piece: Piece; readonly polder: number; readonly town: string }[];
  readonly subProjects: readonly SubProject[];
  /** position in `Programme.works` of works over the boundary, null = none */
  readonly overBoundary: number | null;
  readonly startDay: number;
  readonly endDay: number;
}

export interface Programme {
  readonly territory: Territory;
  readonly projects: readonly Project[];
  /** what the projects did to the ground */
  readonly works: readonly Change[];
}

/** Whole programme; a small scene has a share of it. */
const allProjects = 65;
const crossTown = 10;
const areaPerProjectM2 = 1.2e7;
/** Polders that the whole programme needs to find two neighbours of one county in different towns ten times. */
export const wholePolders = 480;

/** With `isWhole` all projects, wherever there is a polder. */
type ProgrammePlan = ChangePlan & { readonly isWhole: boolean };

interface Draft {
  readonly sketch: Sketch;
  readonly sites: Sites;
  readonly plan: ProgrammePlan;
  readonly territory: Territory;
  readonly works: Change[];
}

/** Projects on paddy polders, some over a town boundary, and what came of them. */
export function planProgramme(sketch: Sketch, sites: Sites, plan: ProgrammePlan): Programme {
  const territory = openTerritory(sketch, plan.sideM, plan.isWhole);
  const draft: Draft = { sketch, sites, plan, territory, works: [] };
  const room = Math.max(4, Math.round(plan.sideM ** 2 / areaPerProjectM2));
  const wanted = plan.isWhole ? allProjects : Math.min(allProjects, room);
  const across = Math.max(1, Math.round((wanted * crossTown) / allProjects));
  const free = openPolders(draft);
  const projects: Project[] = [];
  for (let i = 0; i < wanted; i++) {
    const random = randomOf(sketch.seed, 90, i);
    const polders = i < across ? free.pair() : free.one();
    if (polders === null) break;
    projects.push(makeProject(draft, { number: i + 1, polders, random }));
  }
  return { territory, projects, works: draft.works };
}

/** Two towns of one county, which is whose the project is. */
const isCrossTown = (one: string, other: string): boolean => one !== other && one.slice(0, 6) === other.slice(0, 6);

/** Polders in random order, each given once: single ones, or two neighbours in different towns of one county. */
function openPolders({ sketch, territory, plan }: Draft) {
  const random = randomOf(sketch.seed, 91);
  const centres = sketch.polders.map(({ piece }) => centreOf(piece));
  const hasBlocks = new Set(sketch.blocks.flatMap(({ polder, use }) => (use === 'village' ? [] : [polder])));
  const left = sketch.polders.flatMap(({ use }, i) => {
    const { x, y } = centres[i]!;
    const margin = plan.isWhole ? 0.02 : 0.08;
    const isInside = Math.min(x, y) > plan.sideM * margin && Math.max(x, y) < plan.sideM * (1 - margin);
    return isInside && use !== 'town' && use !== 'lake' && (plan.isWhole ? hasBlocks.has(i) : use !== 'industry')
      ? [{ polder: i, key: random.next() }]
      : [];
  });
  const byKey = left.sort((a, b) => a.key - b.key).map(({ polder }) => polder);
  const order = plan.isWhole ? townByTown(byKey, territory) : byKey;
  const used = new Set<number>();
  const take = (polders: readonly number[]): readonly number[] => {
    for (const polder of polders) used.add(polder);
    return polders;
  };
  return {
    one(): readonly number[] | null {
      const polder = order.find((i) => !used.has(i));
      return polder === undefined ? null : take([polder]);
    },
    pair(): readonly number[] | null {
      for (const first of order) {
        if (used.has(first)) continue;
        const { x, y } = centres[first]!;
        const reachM = 2.2 * Math.sqrt(areaOfM2(sketch.polders[first]!.piece));
        const second = order.find(
          (i) =>
            !used.has(i) &&
            isCrossTown(territory.townOfPolder(i), territory.townOfPolder(first)) &&
            Math.hypot(centres[i]!.x - x, centres[i]!.y - y) < reachM,
        );
        if (second !== undefined) return take([first, second]);
      }
      return this.one();
    },
  };
}

/** The first polder of each town, then the second of each …: every town has its turn. */
function townByTown(polders: readonly number[], territory: Territory): readonly number[] {
  const turns = new Map<string, number>();
  return polders
    .map((polder, i) => {
      const town = territory.townOfPolder(polder);
      const turn = turns.get(town) ?? 0;
      turns.set(town, turn + 1);
      return { polder, turn, i };
    })
    .sort((a, b) => a.turn - b.turn || a.i - b.i)
    .map(({ polder }) => polder);
}

interface Wanted {
  readonly number: number;
  readonly polders: readonly number[];
  readonly random: Random;
}

const fates: readonly [Fate, ...Fate[]] = ['as-planned', 'as-planned', 'as-planned', 'not-started', 'deviates'];

function makeProject(draft: Draft, { number, polders, random }: Wanted): Project {
  const { sketch, territory, plan } = draft;
  const project = number - 1;
  // a small scene would else be all works
  const mostSubs = Math.min(5, Math.max(1, Math.round(plan.sideM / 1500)));
  const parts = polders.map((polder) => ({
    piece: boundaryOf(sketch.polders[polder]!.piece, random),
    polder,
    town: territory.townOfPolder(polder),
  }));
  const subProjects = parts.flatMap(({ piece, polder, town }) =>
    blocksWithin(sketch, piece, polder)
      .slice(0, mostSubs)
      .map((block) => makeSubProject(draft, { block, town, project, random })),
  );
  const overBoundary = random.chance(0.3) ? overBoundaryWorks(draft, parts[0]!, project, random) : null;
  const spanDays = plan.lastDay - plan.firstDay;
  return {
    id: `JX${String(number).padStart(3, '0')}`,
    name: `${territory.townName(parts[0]!.town)}全域土地综合整治项目（模拟）${number}`,
    parts,
    subProjects,
    overBoundary,
    startDay: plan.firstDay + Math.round(spanDays * random.range(-0.1, 0.2)),
    endDay: plan.lastDay + Math.round(random.range(30, 400)),
  };
}

/** Most of a polder: a straight boundary cuts through some of its blocks. */
function boundaryOf(piece: Piece, random: Random): Piece {
  const axis = longAxis(piece);
  const { x, y } = centreOf(piece);
  const reachM = Math.sqrt(areaOfM2(piece)) * random.range(0.12, 0.3);
  const across = quarterTurn(axis);
  const [within] = cut(piece, { x: x + axis.dx * reachM, y: y + axis.dy * reachM, ...across }, noSeams);
  return within ?? piece;
}

const isWithin = (inner: Piece, outer: Piece): boolean => {
  return outer.corners.every((a, i) => {
    const b = outer.corners[(i + 1) % outer.corners.length]!;
    return inner.corners.every(({ x, y }) => (b.x - a.x) * (y - a.y) - (b.y - a.y) * (x - a.x) > -0.5);
  });
};

function blocksWithin(sketch: Sketch, boundary: Piece, polder: number): number[] {
  return sketch.blocks.flatMap((block, i) =>
    block.polder === polder && block.use !== 'village' && isWithin(block.piece, boundary) ? [i] : [],
  );
}

interface SubWanted {
  readonly block: number;
  readonly town: string;
  readonly project: number;
  readonly random: Random;
}

/** Ponds and orchards become added cropland, works are reclaimed or redeveloped, fields are made better. */
function makeSubProject(draft: Draft, { block, town, project, random }: SubWanted): SubProject {
  const { sketch, sites, plan, works: done } = draft;
  const { use, piece } = sketch.blocks[block]!;
  const work: Work =
    use === 'pond' || use === 'orchard' || use === 'nursery'
      ? 'added'
      : use === 'factory'
        ? random.chance(0.6)
          ? 'reclaimed'
          : 'redeveloped'
        : random.chance(0.5)
          ? 'contiguous'
          : 'high-standard';
  const fate = random.pick(fates);
  const planned =
    use === 'pond'
      ? 'pond-filled'
      : use === 'orchard'
        ? 'orchard-cleared'
        : work === 'redeveloped'
          ? 'works-rebuilt'
          : 'works-cleared';
  const seen = fate === 'deviates' ? (use === 'pond' ? 'pond-built' : use === 'crop' ? 'hardstand' : null) : planned;
  const sub = { work, block, piece, town, fate };
  if (fate === 'not-started') return { ...sub, change: null };
  if (seen === null) return { ...sub, fate: 'not-started', change: null };
  const isVisible = fate === 'deviates' || use === 'pond' || use === 'orchard' || use === 'factory';
  const isLevelled = plan.isWhole && fate === 'as-planned' && use === 'crop';
  if (!isVisible && !isLevelled) return { ...sub, change: null };
  const kind = isLevelled ? fieldsLevelled : changeKind(seen);
  const site = sites.takeOne(kind, random, block);
  if (site === null) return { ...sub, fate: 'not-started', change: null };
  const piecesOfBlock = fate === 'as-planned' ? { block, piece } : site;
  const change = {
    ...dated(kind, piecesOfBlock, { random, ...plan }),
    isLawful: fate === 'as-planned',
    project,
    endDay: null,
  };
  return { ...sub, change: done.push(change) - 1 };
}

/** Soil moved on a block that the boundary cuts, on both sides of it. */
function overBoundaryWorks(
  { sketch, sites, plan, works: done }: Draft,
  part: { readonly piece: Piece; readonly polder: number },
  project: number,
  random: Random,
): number | null {
  const kind = changeKind('soil-moved');
  const block = sketch.blocks.findIndex(
    ({ polder, piece, use }) =>
      polder === part.polder &&
      use === 'crop' &&
      !isWithin(piece, part.piece) &&
      carveAcross(piece, part.piece) !== null,
  );
  const site = block < 0 ? null : sites.takeOne(kind, random, block);
  if (site === null) return null;
  const piece = carveAcross(sketch.blocks[site.block]!.piece, part.piece) ?? site.piece;
  const change = {
    ...dated(kind, { block: site.block, piece }, { random, ...plan }),
    isLawful: false,
    project,
    endDay: null,
  };
  return done.push(change) - 1;
}

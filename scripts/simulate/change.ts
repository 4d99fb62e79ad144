import { carvePatch, carveStrip } from './carve.ts';
import { kindsAt } from './change-kind.ts';
import type { ChangeKind } from './change-type.ts';
import { coverClasses, type CoverClass, type CoverName } from './cover.ts';
import { fieldParts } from './field-works.ts';
import { areaOfM2, centreOf, type Piece } from './piece.ts';
import { openPlotStore, type PlotStore } from './plot-store.ts';
import { randomOf, type Random } from './random.ts';
import type { Part, Sketch } from './sketch.ts';
import { factoryParts, greenhouseParts, houseParts, pondParts, siteParts } from './works.ts';

/** Something that happened, with its dates as day numbers. */
export interface Change {
  readonly kind: ChangeKind;
  readonly piece: Piece;
  readonly block: number;
  /** first sign */
  readonly startDay: number;
  /** works end */
  readonly doneDay: number;
  /** the ground is given back to its former use, null = never */
  readonly endDay: number | null;
  /** given back and then taken again for as long as before; absent = never */
  readonly againDay?: number;
  readonly isLawful: boolean;
  /** position in the programme's projects, null = none */
  readonly project: number | null;
}

export type Phase = 'before' | 'site' | 'final' | 'back';
export const phases: readonly Phase[] = ['before', 'site', 'final', 'back'];

export function phaseOn({ startDay, doneDay, endDay, againDay = Infinity }: Change, day: number): Phase {
  if (day < startDay) return 'before';
  if (day >= againDay) return day < againDay + doneDay - startDay ? 'site' : 'final';
  if (endDay !== null && day >= endDay) return 'back';
  return day < doneDay ? 'site' : 'final';
}

/** A stretch of days on which the ground is the same. */
export interface Stretch {
  /** null = since ever */
  readonly fromDay: number | null;
  readonly phase: Phase;
  readonly class: CoverClass;
}

/** What the ground of a change is on any day: each stretch lasts until the next begins. */
export function stretchesOf(change: Change): readonly Stretch[] {
  const { startDay, doneDay, endDay, againDay } = change;
  const again = againDay === undefined ? [] : [againDay, againDay + doneDay - startDay];
  const days = [startDay, doneDay, ...(endDay === null ? [] : [endDay]), ...again];
  const first: Stretch = { fromDay: null, phase: 'before', class: classOn(change, -Infinity) };
  return [first, ...days.map((day) => ({ fromDay: day, phase: phaseOn(change, day), class: classOn(change, day) }))];
}

export function classOn(change: Change, day: number): CoverClass {
  const phase = phaseOn(change, day);
  if (phase === 'site') return 'bare';
  return phase === 'final' ? change.kind.classAfter : change.kind.classBefore;
}

/** Class code on a day, as in class rasters. */
export const classCodeOn = (change: Change, day: number): number => coverClasses.indexOf(classOn(change, day));

/** Whether the ground is another one on the second day. */
export function isChanged(change: Change, firstDay: number, lastDay: number): boolean {
  const [first, last] = [phaseOn(change, firstDay), phaseOn(change, lastDay)];
  const here = (phase: Phase): string => (phase === 'back' ? 'before' : phase);
  return here(first) !== here(last) && classOn(change, firstDay) !== classOn(change, lastDay);
}

export interface Site {
  readonly block: number;
  readonly piece: Piece;
}

/** Picks places in blocks within the scene, each once. */
export interface Sites {
  take(kind: ChangeKind, random: Random): Site | null;
  /** in a given block, null where it is taken or of another use */
  takeOne(kind: ChangeKind, random: Random, block: number): Site | null;
}

/** Where nothing may happen. */
export const noSites: Sites = { take: () => null, takeOne: () => null };

export function openSites(sketch: Sketch, sideM: number): Sites {
  const mostM2 = Math.max(1200, sideM ** 2 / 600);
  const used = new Set<number>();
  const free = new Map<string, number[]>();
  const random = randomOf(sketch.seed, 60);
  const marginM = Math.min(120, sideM * 0.06);
  sketch.blocks.forEach(({ use, piece }, i) => {
    const { x, y } = centreOf(piece);
    const [u, v] = sketch.warp(x, y);
    if (Math.min(u, v) < marginM || Math.max(u, v) > sideM - marginM || areaOfM2(piece) < 1500) return;
    const blocks = free.get(use);
    if (blocks) blocks.push(i);
    else free.set(use, [i]);
  });
  for (const [use, blocks] of free) free.set(use, shuffled(blocks, random));
  const claim = (block: number, kind: ChangeKind, draw: Random): Site => {
    used.add(block);
    return { block, piece: pieceFor(sketch, kind, { block, mostM2, random: draw }) };
  };
  return {
    take(kind, draw) {
      const blocks = free.get(kind.host) ?? [];
      while (blocks.length > 0 && used.has(blocks.at(-1)!)) blocks.pop();
      const block = blocks.pop();
      return block === undefined ? null : claim(block, kind, draw);
    },
    takeOne(kind, draw, block) {
      return used.has(block) || sketch.blocks[block]!.use !== kind.host ? null : claim(block, kind, draw);
    },
  };
}

function shuffled(items: readonly number[], random: Random): number[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    const j = random.whole(i + 1);
    [out[i], out[j]] = [out[j]!, out[i]!];
  }
  return out;
}

function pieceFor(
  sketch: Sketch,
  kind: ChangeKind,
  { block, mostM2, random }: { readonly block: number; readonly mostM2: number; readonly random: Random },
): Piece {
  const { piece, from, to } = sketch.blocks[block]!;
  const [least, most] = kind.areaM2;
  const size = least * (most / least) ** random.next();
  if (kind.shape === 'strip') return carveStrip(piece, size, random);
  if (kind.shape === 'parcel') return sketch.parcels[from + random.whole(to - from)]!.piece;
  return carvePatch(piece, Math.min(size, mostM2, areaOfM2(piece) * 0.9), random);
}

export interface ChangePlan {
  readonly sideM: number;
  /** first and last day of the looks */
  readonly firstDay: number;
  readonly lastDay: number;
  /** more looks than a pair: ground that was given back may be taken again */
  readonly isSeries?: boolean;
}

/** Changes a square kilometre: about 1.5 % of the ground within the time of the looks. */
const perKm2 = 3.2;

export function planChanges(sketch: Sketch, sites: Sites, { sideM, isSeries = false, ...span }: ChangePlan): Change[] {
  const random = randomOf(sketch.seed, 61);
  const kinds = kindsAt(sketch.isFine);
  const wanted = Math.max(kinds.length + 2, Math.round((perKm2 * sideM * sideM) / 1e6));
  const total = kinds.reduce((sum, { weight }) => sum + weight, 0);
  const counts = kinds.map(({ weight }) => Math.max(1, Math.round((wanted * weight) / total)));
  const rounds = Array.from({ length: Math.max(...counts) }, (_, round) =>
    kinds.filter((_, i) => counts[i]! > round),
  ).flat();
  return rounds.flatMap((kind) => {
    const site = sites.take(kind, random);
    if (site === null) return [];
    const change = dated(kind, site, { random, ...span });
    return [isSeries ? relapsed(change, randomOf(sketch.seed, 63, site.block)) : change];
  });
}

/**
 * One field in ten that changed is given back and then taken again, of what a pair shows as given back the half; drawn
 * apart, so that all else stays as in a pair.
 */
function relapsed(change: Change, random: Random): Change {
  if (change.kind.host !== 'crop' || !random.chance(change.endDay === null ? 0.1 : 0.5)) return change;
  const endDay = change.endDay ?? change.doneDay + Math.round(random.range(60, 200));
  return { ...change, endDay, againDay: endDay + Math.round(random.range(40, 150)) };
}

/** Most begin between the looks; a few were there before or come after; one in twenty is given back. */
export function dated(
  kind: ChangeKind,
  site: { readonly block: number; readonly piece: Piece },
  { random, firstDay, lastDay }: { readonly random: Random; readonly firstDay: number; readonly lastDay: number },
): Change {
  const worksDays = Math.round(random.range(...kind.worksDays));
  const spanDays = lastDay - firstDay;
  const draw = random.next();
  const startDay = Math.round(
    draw < 0.05
      ? firstDay - worksDays - random.range(5, 200)
      : draw < 0.09
        ? lastDay + random.range(5, 100)
        : firstDay + random.range(0.04, 0.97) * spanDays,
  );
  const doneDay = startDay + worksDays;
  const isBack = kind.host === 'crop' && random.chance(0.05);
  const endDay = isBack ? doneDay + Math.round(random.range(60, 240)) : null;
  return { kind, ...site, startDay, doneDay, endDay, isLawful: random.chance(kind.lawful), project: null };
}

/** Outlines of changes in time: each plot belongs to one change and one of its phases. */
export interface ChangePlots {
  readonly plots: PlotStore;
  /** position in `phases` */
  readonly phaseOf: readonly number[];
}

export function drawChanges(sketch: Sketch, changes: readonly Change[]): ChangePlots {
  const plots = openPlotStore(sketch.warp);
  const phaseOf: number[] = [];
  const add = (piece: Piece, cover: CoverName, change: number, phase: Phase): void => {
    plots.add(piece, cover, change);
    phaseOf.push(phases.indexOf(phase));
  };
  changes.forEach(({ kind, piece }, i) => {
    const random = randomOf(sketch.seed, 62, i);
    const isWorks = sketch.isFine && kind.isWorks === true;
    add(piece, isWorks ? 'site-ground' : kind.site, i, 'site');
    for (const [part, cover] of isWorks ? siteParts(piece, randomOf(sketch.seed, 63, i)) : [])
      add(part, cover, i, 'site');
    const { ground, parts } = finalParts(kind, piece, random, sketch.isFine);
    add(piece, ground, i, 'final');
    for (const [part, cover] of parts) add(part, cover, i, 'final');
    if (kind.host === 'crop') add(piece, 'paddy', i, 'back');
  });
  return { plots, phaseOf };
}

function finalParts(
  kind: ChangeKind,
  piece: Piece,
  random: Random,
  isFine: boolean,
): { readonly ground: CoverName; readonly parts: readonly Part[] } {
  switch (kind.final) {
    case 'factory':
      return { ground: 'hardstand', parts: factoryParts(piece, random) };
    case 'house':
      return {
        ground: 'yard',
        parts: areaOfM2(piece) > 250 ? factoryParts(piece, random) : houseParts(piece, random),
      };
    case 'pond':
      return { ground: 'verge', parts: pondParts(piece, Math.min(isFine ? 4 : 2, Math.sqrt(areaOfM2(piece)) * 0.06)) };
    case 'greenhouse':
      return {
        ground: 'greenhouse',
        parts: greenhouseParts(piece, random, isFine).filter(([, cover]) => cover !== 'upland'),
      };
    case 'fields':
      return { ground: 'paddy', parts: fieldParts(piece) };
    default:
      return { ground: kind.final, parts: [] };
  }
}

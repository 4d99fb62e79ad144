import { covers, type CoverName } from './cover.ts';

/** Classes at a few metres, by code of the class map `fine-13`; a hole stands for "unknown". */
export const fineClasses = [
  'water',
  'trees',
  'grass-shrub',
  'crops',
  'built',
  'bare',
  'unknown',
  'road',
  'pond',
  'greenhouse',
  'orchard',
  'building',
  'construction',
  'photovoltaic',
] as const;
export type FineClass = (typeof fineClasses)[number];

/** How a cover is drawn within its plot. */
export type Pattern =
  | 'even'
  | 'field'
  | 'trees'
  | 'panels'
  | 'tunnels'
  | 'roof'
  | 'paved'
  | 'canopy'
  | 'heap'
  | 'water';

interface FineCover {
  readonly class: FineClass;
  readonly pattern: Pattern;
  /** least and greatest height above the ground (m) */
  readonly heightM?: readonly [number, number];
  /** rows: least and greatest distance between them (m) */
  readonly rowM?: readonly [number, number];
  /** rows: share of that distance that the crowns or panels take */
  readonly fill?: readonly [number, number];
  /** rows: distance of trees along a row, as share of that between rows */
  readonly along?: number;
  /** rows: how far a tree stands beside its place, as share of the distances */
  readonly astray?: number;
}

const roof = { class: 'building', pattern: 'roof', heightM: [4, 9] } as const;
const paved = { class: 'built', pattern: 'paved' } as const;

/** Every cover at a few metres: its class, its height, and the pattern that a 10 m pixel hides. */
export const fineCovers: Readonly<Record<CoverName, FineCover>> = {
  paddy: { class: 'crops', pattern: 'field', rowM: [4, 9] },
  upland: { class: 'crops', pattern: 'field', rowM: [2.4, 6] },
  mulberry: { class: 'orchard', pattern: 'trees', rowM: [2.2, 3.2], fill: [0.5, 0.8], along: 0.5, astray: 0.06 },
  orchard: { class: 'orchard', pattern: 'trees', rowM: [3.8, 6], fill: [0.55, 0.85], along: 0.8, astray: 0.06 },
  nursery: { class: 'orchard', pattern: 'trees', rowM: [2.4, 4], fill: [0.55, 0.85], along: 0.85, astray: 0.08 },
  woods: { class: 'trees', pattern: 'canopy', heightM: [5, 12] },
  verge: { class: 'grass-shrub', pattern: 'canopy' },
  turf: { class: 'grass-shrub', pattern: 'even' },
  river: { class: 'water', pattern: 'water' },
  canal: { class: 'water', pattern: 'water' },
  pond: { class: 'pond', pattern: 'water' },
  lake: { class: 'water', pattern: 'water' },
  'roof-dark': { ...roof, heightM: [6, 14] },
  'roof-red': { ...roof, heightM: [6, 12] },
  'roof-blue': roof,
  'roof-metal': { ...roof, heightM: [5, 18] },
  'roof-white': roof,
  yard: paved,
  hardstand: paved,
  asphalt: { class: 'road', pattern: 'paved' },
  lane: { class: 'road', pattern: 'even' },
  garden: { class: 'grass-shrub', pattern: 'canopy' },
  greenhouse: { class: 'greenhouse', pattern: 'tunnels', rowM: [6.5, 9.5], fill: [0.78, 0.9], heightM: [1.6, 2.6] },
  earthwork: { class: 'bare', pattern: 'heap' },
  idle: { class: 'bare', pattern: 'heap' },
  shade: { class: 'built', pattern: 'even' },
  'young-orchard': { class: 'orchard', pattern: 'trees', rowM: [3.6, 5.5], fill: [0.4, 0.6], along: 0.8, astray: 0.05 },
  'young-nursery': {
    class: 'orchard',
    pattern: 'trees',
    rowM: [2.4, 3.6],
    fill: [0.45, 0.7],
    along: 0.9,
    astray: 0.06,
  },
  'young-woods': { class: 'trees', pattern: 'trees', rowM: [3, 4.5], fill: [0.75, 1.1], along: 1, astray: 0.45 },
  photovoltaic: { class: 'photovoltaic', pattern: 'panels', rowM: [5, 9], fill: [0.45, 0.65], heightM: [1.5, 3] },
  'site-ground': { class: 'construction', pattern: 'heap' },
  'site-stack': { class: 'construction', pattern: 'paved', heightM: [1, 4] },
  'site-net': { class: 'construction', pattern: 'heap' },
  'site-frame': { class: 'construction', pattern: 'roof', heightM: [3, 16] },
};

/** Code of `fineClasses` by position in `covers`. */
export const fineCodes: Uint8Array = Uint8Array.from(covers, ({ name }) => fineClasses.indexOf(fineCovers[name].class));

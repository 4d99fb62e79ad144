/** The class a person would give the ground, as in the class map `cover-6`. */
export const coverClasses = ['water', 'trees', 'grass-shrub', 'crops', 'built', 'bare'] as const;
export type CoverClass = (typeof coverClasses)[number];

interface CoverRow {
  readonly name: string;
  readonly class: CoverClass;
  /** standard deviation of brightness between plots (fraction) */
  readonly vary: number;
  /** standard deviation of brightness within a plot from pixel to pixel at 10 m (fraction) */
  readonly texture: number;
}

/**
 * What a plot may carry. `vary` and `texture` follow the Sentinel-2 city pairs (README.md, "Variance"), whose
 * classes are wider than these: about half of what was measured for a whole class is given to one cover of it.
 */
export const covers = [
  { name: 'paddy', class: 'crops', vary: 0.09, texture: 0.035 },
  { name: 'upland', class: 'crops', vary: 0.13, texture: 0.06 },
  { name: 'mulberry', class: 'trees', vary: 0.09, texture: 0.06 },
  { name: 'orchard', class: 'trees', vary: 0.11, texture: 0.08 },
  { name: 'nursery', class: 'trees', vary: 0.13, texture: 0.1 },
  { name: 'woods', class: 'trees', vary: 0.12, texture: 0.12 },
  { name: 'verge', class: 'grass-shrub', vary: 0.13, texture: 0.1 },
  { name: 'turf', class: 'grass-shrub', vary: 0.07, texture: 0.03 },
  { name: 'river', class: 'water', vary: 0.08, texture: 0.03 },
  { name: 'canal', class: 'water', vary: 0.14, texture: 0.05 },
  { name: 'pond', class: 'water', vary: 0.16, texture: 0.04 },
  { name: 'lake', class: 'water', vary: 0.06, texture: 0.03 },
  { name: 'roof-dark', class: 'built', vary: 0.2, texture: 0.1 },
  { name: 'roof-red', class: 'built', vary: 0.18, texture: 0.1 },
  { name: 'roof-blue', class: 'built', vary: 0.12, texture: 0.05 },
  { name: 'roof-metal', class: 'built', vary: 0.2, texture: 0.06 },
  { name: 'roof-white', class: 'built', vary: 0.12, texture: 0.05 },
  { name: 'yard', class: 'built', vary: 0.15, texture: 0.1 },
  { name: 'hardstand', class: 'built', vary: 0.12, texture: 0.05 },
  { name: 'asphalt', class: 'built', vary: 0.12, texture: 0.06 },
  { name: 'lane', class: 'built', vary: 0.12, texture: 0.06 },
  { name: 'garden', class: 'grass-shrub', vary: 0.16, texture: 0.14 },
  { name: 'greenhouse', class: 'built', vary: 0.14, texture: 0.07 },
  { name: 'earthwork', class: 'bare', vary: 0.12, texture: 0.09 },
  { name: 'idle', class: 'bare', vary: 0.15, texture: 0.12 },
  { name: 'shade', class: 'built', vary: 0.1, texture: 0.05 },
  { name: 'young-orchard', class: 'trees', vary: 0.1, texture: 0.08 },
  { name: 'young-nursery', class: 'trees', vary: 0.1, texture: 0.08 },
  { name: 'young-woods', class: 'trees', vary: 0.12, texture: 0.09 },
  { name: 'photovoltaic', class: 'built', vary: 0.08, texture: 0.03 },
  { name: 'site-ground', class: 'bare', vary: 0.14, texture: 0.09 },
  { name: 'site-stack', class: 'bare', vary: 0.25, texture: 0.1 },
  { name: 'site-net', class: 'bare', vary: 0.1, texture: 0.05 },
  { name: 'site-frame', class: 'bare', vary: 0.18, texture: 0.1 },
] as const satisfies readonly CoverRow[];

export type CoverName = (typeof covers)[number]['name'];

const numbers = new Map<string, number>(covers.map(({ name }, i) => [name, i]));

/** Position in `covers`. */
export const coverNumber = (name: CoverName): number => numbers.get(name)!;

/** Position in `coverClasses` of a cover number: the code in class rasters. */
export const coverClassCode: Uint8Array = Uint8Array.from(covers, (row) => coverClasses.indexOf(row.class));

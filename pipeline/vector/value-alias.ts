/** What a zone is for, in the words files use. */
const zoneWords = [
  ['grain', /grain|粮食|粮功|LSGNQ/i],
  ['red-line', /red.?line|红线|STBHHX/i],
  ['high-standard', /high.?standard|高标准|高标|GBZNT/i],
  ['town-boundary', /boundary|town|边界|开发边界|城镇|CZKFBJ/i],
] as const;

/** Sub-projects by the five works of the programme. */
const workWords = [
  ['contiguous', /contiguous|集中连片|连片|百千万/i],
  ['high-standard', /high.?standard|高标准|高标/i],
  ['reclaimed', /reclaim|复垦|垦复|恢复/i],
  ['added', /added|新增耕地|垦造|补充耕地|开垦/i],
  ['redeveloped', /redevelop|低效|工业|盘活|再开发/i],
] as const;

const first = <T>(words: readonly (readonly [T, RegExp])[], text: string): T | null =>
  words.find(([, pattern]) => pattern.test(text))?.[0] ?? null;

export type Zone = (typeof zoneWords)[number][0];
export type Work = (typeof workWords)[number][0];

/** Kind of a zone by its type or name in a file; null of words that tell none. */
export const zoneOf = (text: string): Zone | null => first(zoneWords, text);

/** Work of a sub-project by its type in a file; null of words that tell none. */
export const workOf = (text: string): Work | null => first(workWords, text);

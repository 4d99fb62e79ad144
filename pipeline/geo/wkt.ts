/** A node of well-known text: `KEYWORD[value, …, CHILD[…]]`. */
export interface WktNode {
  readonly keyword: string;
  /** quoted strings and bare words of this level, in order, quotes removed */
  readonly values: readonly string[];
  readonly children: readonly WktNode[];
  /** the node as it was written */
  readonly text: string;
}

/** Parse WKT 1, ESRI WKT or WKT 2 into its tree; null where brackets or quotes do not close. */
export function parseWkt(text: string): WktNode | null {
  const tokens = [...text.matchAll(/"((?:[^"]|"")*)"|([[\](),])|([^\s[\](),"]+)/g)];
  let at = 0;
  const readNode = (): WktNode | null => {
    const start = tokens[at]?.index ?? 0;
    const keyword = tokens[at]?.[3];
    const open = tokens[at + 1]?.[2];
    if (keyword === undefined || (open !== '[' && open !== '(')) return null;
    at += 2;
    const values: string[] = [];
    const children: WktNode[] = [];
    while (at < tokens.length) {
      const [, quoted, mark, word] = tokens[at] ?? [];
      const next = tokens[at + 1]?.[2];
      if (mark === ']' || mark === ')') {
        const end = (tokens[at++]?.index ?? 0) + 1;
        return { keyword: keyword.toUpperCase(), values, children, text: text.slice(start, end) };
      }
      if (word !== undefined && (next === '[' || next === '(')) {
        const child = readNode();
        if (child === null) return null;
        children.push(child);
        continue;
      }
      if (quoted !== undefined || word !== undefined) values.push(quoted ?? word ?? '');
      at++;
    }
    return null;
  };
  const root = readNode();
  return root !== null && at === tokens.length ? root : null;
}

const isHorizontal = ({ keyword }: WktNode) => /^(PROJ|GEOG|GEOD|BOUND)/.test(keyword);

/** The horizontal system, that of a compound one (height is not ours to use); null for local and geocentric ones. */
export function horizontalWkt(root: WktNode): WktNode | null {
  if (root.keyword === 'COMPD_CS' || root.keyword === 'COMPOUNDCRS') return root.children.find(isHorizontal) ?? null;
  return isHorizontal(root) ? root : null;
}

/** EPSG code that the system gives itself, not that of a part; null without one. */
export function wktEpsg(node: WktNode): number | null {
  const authority = node.children.find(({ keyword }) => keyword === 'AUTHORITY' || keyword === 'ID');
  if (authority?.values[0]?.toUpperCase() !== 'EPSG') return null;
  const code = Number(authority.values[1]);
  return Number.isInteger(code) ? code : null;
}

/** Name of the datum or of the ensemble, however deep; '' without one. */
export function wktDatumName(node: WktNode): string {
  if (['DATUM', 'ENSEMBLE', 'GEODETICDATUM', 'TRF'].includes(node.keyword)) return node.values[0] ?? '';
  for (const child of node.children) {
    const name = wktDatumName(child);
    if (name !== '') return name;
  }
  return '';
}

/** Names of towns by codes of 9 or more digits, of counties by 6; '' where none is known. */
export async function openPlaceNames(): Promise<(code: string | null) => string> {
  const { loadRegion, loadTowns } = await import('../../workers/rule/load-rules.ts');
  const region = loadRegion();
  const towns = loadTowns(region);
  const counties = new Map(region.counties.map(({ code, zh }) => [code, zh]));
  return (code) => {
    if (code === null) return '';
    return towns.get(code.slice(0, 9))?.name ?? counties.get(code.slice(0, 6)) ?? '';
  };
}

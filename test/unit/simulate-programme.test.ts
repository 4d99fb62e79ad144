import { describe, expect, it } from 'vitest';
import { loadRegion, loadTowns } from '../../workers/rule/load-rules.ts';
import { works } from '../../scripts/simulate/programme.ts';
import { centreOf } from '../../scripts/simulate/piece.ts';
import { makeWorld } from '../../scripts/simulate/world.ts';

describe('the whole programme in a small scene', () => {
  const world = makeWorld({ seed: 1, size: 512, gsd: '10', looks: 2, programme: 'whole' });
  const { projects, territory } = world.programme;
  const townsOf = ({ parts }: (typeof projects)[number]) => new Set(parts.map(({ town }) => town));

  it('has 65 projects of all five works in seven counties, ten of them in two towns of one county', () => {
    expect(projects).toHaveLength(65);
    const crossTown = projects.filter((project) => townsOf(project).size === 2);
    expect(crossTown).toHaveLength(10);
    for (const project of crossTown)
      expect(new Set([...townsOf(project)].map((town) => town.slice(0, 6))).size).toBe(1);
    expect(new Set(projects.flatMap((project) => [...townsOf(project)].map((town) => town.slice(0, 6)))).size).toBe(7);
    expect(new Set(projects.flatMap(({ subProjects }) => subProjects.map(({ work }) => work)))).toEqual(new Set(works));
  });

  it('has land of all 72 towns, and each project on parcels of its own towns', () => {
    const towns = loadTowns(loadRegion());
    expect(new Set(world.sketch.polders.map((_, polder) => territory.townOfPolder(polder))).size).toBe(towns.size);
    for (const { piece, polder } of world.sketch.parcels) {
      if (polder < 0) continue;
      expect(territory.villageOf(centreOf(piece), polder).town).toBe(territory.townOfPolder(polder));
    }
  });

  it('levels fields that projects make contiguous or high-standard: crops, moved soil, crops', () => {
    const levelled = world.changes.filter(({ kind }) => kind.id === 'fields-levelled');
    expect(levelled.length).toBeGreaterThan(20);
    expect(
      levelled.every(({ isLawful, project, kind }) => isLawful && project !== null && kind.site === 'earthwork'),
    ).toBe(true);
  });

  it('leaves scenes without that wish as they were', () => {
    const plain = makeWorld({ seed: 1, size: 512, gsd: '10', looks: 2 });
    expect(plain.programme.projects).toHaveLength(4);
    expect(plain.changes.some(({ kind }) => kind.id === 'fields-levelled')).toBe(false);
  });
});

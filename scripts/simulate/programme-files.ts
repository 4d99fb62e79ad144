import { carvePatch } from './carve.ts';
import { dateOf } from './day.ts';
import type { GeoFeature } from './geojson-file.ts';
import type { Ground } from './ground.ts';
import { areaOfM2, type Piece } from './piece.ts';
import type { Fate, Project, SubProject } from './programme.ts';
import { hashFraction, randomOf } from './random.ts';
import { changeId, permitId } from './truth-file.ts';
import type { World } from './world.ts';

const two = (value: number): number => Math.round(value * 100) / 100;

/** Approvals of lawful changes; one in four covers only a part of what was done, one in ten was never used. */
export function* permitFeatures(world: World, ground: Ground): Generator<GeoFeature> {
  const { changes, sketch, looks } = world;
  const row = (number: number, piece: Piece, fromDay: number, use: string): GeoFeature => {
    const ring = ground.outline(piece);
    return {
      polygons: [ring],
      properties: {
        id: permitId(number),
        number: `模拟批〔${dateOf(fromDay).slice(0, 4)}〕${number + 1}号`,
        use,
        validFrom: dateOf(fromDay),
        validTo: dateOf(fromDay + 730),
        areaM2: two(ground.areaM2(ring)),
        BZ: '模拟数据',
      },
    };
  };
  for (const [number, { kind, piece, isLawful, project, startDay }] of changes.entries()) {
    if (!isLawful || project !== null) continue;
    const isPart = hashFraction(sketch.seed, number, 601) < 0.25;
    const random = randomOf(sketch.seed, 602, number);
    const covered = isPart ? carvePatch(piece, areaOfM2(piece) * 0.7, random) : piece;
    yield row(number, covered, startDay - 20 - random.whole(200), kind.zh);
  }
  const used = new Set(changes.map(({ block }) => block));
  const idle = sketch.blocks.flatMap(({ use }, i) => (use === 'crop' && !used.has(i) ? [i] : []));
  const count = Math.min(idle.length, Math.max(1, Math.ceil(changes.length / 25)));
  for (let i = 0; i < count; i++) {
    const random = randomOf(sketch.seed, 603, i);
    const block = idle[Math.floor((i * idle.length) / count)]!;
    yield row(
      changes.length + i,
      carvePatch(sketch.blocks[block]!.piece, 4000, random),
      looks[0]!.day - random.whole(300),
      '未动工',
    );
  }
}

/** Boundaries of the projects; a project in two towns has two parts. */
export function* projectFeatures(world: World, ground: Ground): Generator<GeoFeature> {
  for (const { id, name, parts, startDay, endDay } of world.programme.projects) {
    const polygons = parts.map(({ piece }) => ground.outline(piece));
    const towns = [...new Set(parts.map(({ town }) => town))];
    yield {
      polygons,
      properties: {
        id,
        name,
        county: towns[0]!.slice(0, 6),
        towns: towns.join(','),
        crossTown: towns.length > 1,
        stage: '实施',
        startDate: dateOf(startDay),
        endDate: dateOf(endDay),
        areaM2: two(polygons.reduce((sum, ring) => sum + ground.areaM2(ring), 0)),
        BZ: '模拟数据',
      },
    };
  }
}

const plannedCode = {
  contiguous: '0101',
  'high-standard': '0101',
  reclaimed: '0103',
  added: '0101',
  redeveloped: '0601',
} as const;

/** What each project promised to do, and where; what came of it stands in the truth alone. */
export function* subProjectFeatures(world: World, ground: Ground, withTruth: boolean): Generator<GeoFeature> {
  for (const project of world.programme.projects)
    for (const [k, sub] of project.subProjects.entries()) {
      const ring = ground.outline(sub.piece);
      yield {
        polygons: [ring],
        properties: {
          id: subId(project, k),
          project: project.id,
          work: sub.work,
          plannedCode: plannedCode[sub.work],
          town: sub.town,
          plannedM2: two(ground.areaM2(ring)),
          BZ: '模拟数据',
          ...(withTruth ? { fate: sub.fate, change: sub.change === null ? null : changeId(sub.change) } : {}),
        },
      };
    }
}

const subId = ({ id }: Project, k: number): string => `${id}-${String(k + 1).padStart(2, '0')}`;

/** How far the county says a sub-project is after `share` of its time; what was not begun is overstated. */
function reportedShare(fate: Fate, share: number, own: number): number {
  const done = Math.min(1, Math.max(0, share * (0.8 + 0.4 * own)));
  if (fate === 'not-started') return own < 0.4 ? 0.5 * done : 0;
  return done;
}

const monthsOf = ({ looks }: World): string[] => {
  const [from, to] = [looks[0]!.date, looks.at(-1)!.date];
  const out: string[] = [];
  for (let [year, month] = [Number(from.slice(0, 4)), Number(from.slice(5, 7))]; ; month++) {
    if (month > 12) [year, month] = [year + 1, 1];
    const text = `${year}-${String(month).padStart(2, '0')}`;
    if (text > to.slice(0, 7)) return out;
    out.push(text);
  }
};

/** The counties' monthly reports, UTF-8 with BOM, as a table with one row a month and sub-project. */
export function reportTable(world: World, ground: Ground): string {
  const { programme, looks, sketch } = world;
  const months = monthsOf(world);
  const rows = programme.projects.flatMap((project) =>
    project.subProjects.flatMap((sub: SubProject, k) => {
      const plannedM2 = ground.areaM2(ground.outline(sub.piece));
      const own = hashFraction(sketch.seed, Number(project.id.slice(2)), k, 605);
      return months.map((month, i) => {
        const reportedM2 = plannedM2 * reportedShare(sub.fate, (i + 1) / months.length, own);
        const cells = [
          month,
          project.id,
          subId(project, k),
          project.name,
          sub.town.slice(0, 6),
          sub.town,
          sub.work,
          two(plannedM2),
          two(reportedM2),
        ];
        return cells.join(',');
      });
    }),
  );
  const head = 'month,project,subProject,name,county,town,work,plannedM2,reportedM2';
  return `\uFEFF${[head, ...rows].join('\r\n')}\r\n# 模拟数据 simulated, ${looks[0]!.date} - ${looks.at(-1)!.date}\r\n`;
}

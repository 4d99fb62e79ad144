import type { NewVersion, StoredProject, StoredSubProject } from '../registry/record.ts';
import { type NewEvent, appendEvents } from './event.ts';
import { jsonb, queriesOn } from './queries.ts';
import type { Sql } from './sql.ts';
import type { ProjectRow, SubProjectRow } from './tables.ts';

export const projectOf = (row: ProjectRow): StoredProject => ({
  id: row.id,
  name: row.name,
  county: row.county,
  towns: row.towns as string[],
  stage: row.stage,
  startDate: row.start_date,
  endDate: row.end_date,
  areaM2: row.area_m2,
  digest: row.digest,
});

export const subProjectOf = (row: SubProjectRow): StoredSubProject => ({
  id: row.id,
  project: row.project,
  work: row.work as StoredSubProject['work'],
  plannedCode: row.planned_code,
  town: row.town,
  plannedM2: row.planned_m2,
  areaM2: row.area_m2,
  digest: row.digest,
});

/** What is new or different becomes a row and an event; the same project given again is nothing. */
export async function recordProjects(sql: Sql, version: NewVersion, at: string): Promise<void> {
  const { projects, subProjects, asOf, actor } = version;
  const database = queriesOn(sql);
  const changed_at = new Date(at);
  const known = new Map((await selectProjects(sql)).map((row) => [row.id, projectOf(row)]));
  const fresh = projects.filter(({ id, digest }) => known.get(id)?.digest !== digest);
  for (const project of fresh) {
    const row = {
      id: project.id,
      name: project.name,
      county: project.county,
      towns: jsonb(project.towns),
      stage: project.stage,
      start_date: project.startDate,
      end_date: project.endDate,
      area_m2: project.areaM2,
      as_of: asOf,
      digest: project.digest,
      changed_at,
    };
    const { id: _, ...changes } = row;
    await database
      .insertInto('project')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doUpdateSet(changes))
      .execute();
  }
  const knownSubs = new Map((await selectSubProjects(sql)).map((row) => [row.id, subProjectOf(row)]));
  const freshSubs = subProjects.filter(({ id, digest }) => knownSubs.get(id)?.digest !== digest);
  for (const sub of freshSubs) {
    const { id, project, work, town, digest } = sub;
    const changes = {
      project,
      work,
      planned_code: sub.plannedCode,
      town,
      planned_m2: sub.plannedM2,
      area_m2: sub.areaM2,
      as_of: asOf,
      digest,
      changed_at,
    };
    await database
      .insertInto('sub_project')
      .values({ id, ...changes })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(changes))
      .execute();
  }
  const told = <T extends { id: string }>(
    subject: 'project' | 'sub-project',
    after: T,
    before: T | null,
  ): NewEvent => ({
    subject,
    subjectId: after.id,
    kind: before ? `${subject}-changed` : `${subject}-added`,
    body: { ...actor, asOf, before, after },
    at,
  });
  await appendEvents(sql, [
    ...fresh.map((project) => told('project', project, known.get(project.id) ?? null)),
    ...freshSubs.map((sub) => told('sub-project', sub, knownSubs.get(sub.id) ?? null)),
  ]);
}

export function selectProjects(sql: Sql): Promise<ProjectRow[]> {
  return queriesOn(sql).selectFrom('project').selectAll().orderBy('id').execute();
}

export function selectSubProjects(sql: Sql): Promise<SubProjectRow[]> {
  return queriesOn(sql).selectFrom('sub_project').selectAll().orderBy('id').execute();
}

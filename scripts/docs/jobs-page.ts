import { type JobName, type JobTree, openRunJob, roleOf, runTree } from '../../workers/flow.ts';
import { jobTable } from '../../workers/jobs/table.ts';

const meanings: Readonly<Record<JobName, string>> = {
  'open-run': 'reads headers, refuses misfits, fits the pair statistics, stores the plan, submits all that follows',
  'infer-chunk': 'one chunk: both dates read, masked and judged; its rasters go into the image store',
  stitch: 'chunk rasters become the four GeoTIFFs; a chunk that failed for good becomes unknown ground',
  'detect-change': 'changed pixels become patches, across chunk borders',
  'raise-alerts':
    'records what was detected, brings alerts and errands to it, and writes what is to be told to the outbox',
  'write-report': 'summary, report and manifest; publishes the folder and ends the run',
};

/** Every job that jobs wait for, once: chunks are alike. */
function nodesOf(tree: JobTree): JobTree[] {
  return [tree, ...tree.children.slice(0, 1).flatMap(nodesOf)];
}

/** What goes through the queue, from the tables that submit and take it. */
export function jobsPage(): string {
  const run = { runId: '<run>', round: 1 };
  const nodes = [openRunJob(run), ...nodesOf(runTree(run, 1))];
  const rows = jobTable.map(({ name, role }) => {
    const node = nodes.find((candidate) => candidate.name === name);
    const waitsFor = node?.children.map((child) => child.name).join(', ') || (name === 'infer-chunk' ? 'open-run' : '');
    const failure = node?.onFailure === 'parent-goes-on' ? 'its ground becomes unknown' : 'ends the run as failed';
    const cells = [
      `\`${name}\``,
      role,
      `\`${node?.id ?? ''}\``,
      Object.keys(node?.payload ?? {}).join(', '),
      waitsFor,
      failure,
      meanings[name],
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const roles = [...new Set(Object.values(roleOf))].join(', ');
  return [
    '# Jobs 任务',
    `Payloads name work, never pixels. Ids are computed from what the work is, so that a job submitted twice is one job. Roles: ${roles}
(\`workers/README.md\` says which threads they are).`,
    [
      '| job | role | id | payload | waits for | fails for good | what |',
      '|---|---|---|---|---|---|---|',
      ...rows,
    ].join('\n'),
  ].join('\n\n');
}

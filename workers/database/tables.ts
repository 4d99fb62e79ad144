import type { ColumnType } from 'kysely';

/** Rows of the tables as the drivers give them; `migrations/` makes them. */
export interface BaselineRow {
  kind: string;
  /** '' unless the kind is zone */
  zone: string;
  as_of: string;
  number: number;
  layer: string;
  object_key: string;
  file: string;
  features: number;
  area_m2: number;
  facts: unknown;
  state: 'current' | 'superseded';
  imported_by: string;
  imported_at: Date;
}

export interface ProjectRow {
  id: string;
  name: string;
  county: string;
  towns: unknown;
  stage: string;
  start_date: string | null;
  end_date: string | null;
  area_m2: number;
  as_of: string;
  digest: string;
  changed_at: Date;
}

export interface SubProjectRow {
  id: string;
  project: string;
  work: string;
  planned_code: string;
  town: string;
  planned_m2: number;
  area_m2: number;
  as_of: string;
  digest: string;
  changed_at: Date;
}

export interface SceneRow {
  id: string;
  files: unknown;
  acquired: string | null;
  sensor: string | null;
  gsd_m: number;
  first_run: string;
  recorded_at: Date;
}

export interface TendingRow {
  source: string;
  project: string;
  year: number;
  groups: unknown;
  recorded_at: Date;
}

export interface TrackRow {
  id: string;
  run_id: string | null;
  category: string;
  severity: string;
  state: string;
  is_lawful: boolean;
  area_m2: number;
  county: string | null;
  town: string | null;
  village: string | null;
  first_seen: string;
  last_seen: string;
  rule: string;
  rule_version: number;
  facts: unknown;
  /** sorts what was said of one track: last_seen, date of the survey, version of the rule, run */
  look: string;
  recorded_at: Date;
  source: string;
  axis: string;
  confirmed_on: string | null;
  looks_to_confirm: number | null;
  merged_into: string | null;
  history: unknown;
  observations: unknown;
  policies: unknown;
  ground: unknown;
  west: number | null;
  south: number | null;
  east: number | null;
  north: number | null;
  gone: string | null;
}

export interface TrackLineageRow {
  parent: string;
  child: string;
}

export interface AlertRow {
  id: string;
  track: string;
  axis: string;
  tracks: unknown;
  kind: string;
  severity: string;
  state: string;
  certainty: string;
  area_m2: number;
  rule: string;
  rule_version: number;
  policies: unknown;
  evidence: unknown;
  county: string | null;
  town: string | null;
  village: string | null;
  asked_on: string;
  due_date: string | null;
  task: string | null;
  assignee: string | null;
  history: unknown;
  opened_at: Date;
}

export interface EvidenceRow {
  key: string;
  kind: string;
  file: string;
  bytes: number;
  facts: unknown;
  recorded_by: string;
  recorded_at: Date;
}

export interface VerdictRow {
  id: string;
  track: string;
  axis: string;
  says: string;
  date: string;
  ground: unknown;
  west: number | null;
  south: number | null;
  east: number | null;
  north: number | null;
  evidence: unknown;
  facts: unknown;
  given_by: string;
  why: string;
  recorded_at: Date;
}

export interface TaskRow {
  id: string;
  place: string;
  quarter: string;
  state: string;
  due_date: string;
  alerts: unknown;
  opened_at: Date;
}

export interface OutboxRow {
  key: string;
  alert: string;
  kind: string;
  body: unknown;
  created_at: Date;
  sent_at: Date | null;
  attempts: ColumnType<number, number | undefined>;
  next_try_at: ColumnType<Date | null, Date | null | undefined>;
  last_error: ColumnType<string | null, string | null | undefined>;
}

export interface UserRow {
  name: string;
  role: string;
  territory: string | null;
  created_at: Date;
}

export interface LookRow {
  id: string;
  date: string;
  sensor: string | null;
  gsd_m: number;
  kind: string;
  facts: unknown;
  recorded_at: Date;
}

export interface ReadingRow {
  id: string;
  look: string;
  /** '' where nothing is said of change */
  reference: string;
  reference_date: string | null;
  classes: unknown;
  facts: unknown;
  recorded_by: string;
  recorded_at: Date;
}

export interface ObservationRow {
  reading: string;
  subject: string;
  subject_id: string;
  town: string;
  area_m2: number;
  seen_m2: number;
  cloud_m2: number;
  shadow_m2: number;
  outside_m2: number;
  nodata_m2: number;
  failed_m2: number;
  outline: string;
  cells: Uint8Array | null;
}

export interface SightingRow {
  reading: string;
  id: string;
  category: string;
  class_before: string;
  class_after: string;
  area_m2: number;
  probability: number;
  lon_deg: number;
  lat_deg: number;
  shape: Uint8Array;
}

export interface ReportRow {
  id: string;
  file: string;
  facts: unknown;
  imported_by: string;
  imported_at: Date;
}

export interface ReportLineRow {
  report: string;
  line: number;
  month: string | null;
  county: string | null;
  project: string;
  sub_project: string | null;
  town: string | null;
  work: string | null;
  planned_m2: number | null;
  reported_m2: number | null;
  refused: string | null;
  cells: unknown;
}

export interface ReportVersionRow {
  month: string;
  county: string;
  number: number;
  report: string;
  digest: string;
  rows: number;
  reported_m2: number;
  state: 'current' | 'superseded';
  recorded_at: Date;
}

export interface RunTableRow {
  id: string;
  state: string;
  request: unknown;
  error: unknown;
  changed_at: Date;
}

export interface WatchedPairRow {
  id: string;
  folder: string;
  out: string;
  before: unknown;
  after: unknown;
  files: unknown;
  state: string;
  run_id: string;
  outcome: string | null;
  changed_at: Date;
}

export interface ScheduleRow {
  area: string;
  pattern: string;
  zone: string;
  season: unknown;
  request: unknown;
  added_by: string;
  added_at: Date;
}

export interface ScheduleFiringRow {
  area: string;
  slot: Date;
  cause: string;
  state: string;
  outcome: string | null;
  begun_at: Date;
  ended_at: Date | null;
}

export interface Tables {
  schedule: ScheduleRow;
  schedule_firing: ScheduleFiringRow;
  run: RunTableRow;
  watched_pair: WatchedPairRow;
  report: ReportRow;
  report_row: ReportLineRow;
  report_version: ReportVersionRow;
  look: LookRow;
  reading: ReadingRow;
  observation: ObservationRow;
  sighting: SightingRow;
  baseline: BaselineRow;
  project: ProjectRow;
  sub_project: SubProjectRow;
  scene: SceneRow;
  track: TrackRow;
  tending: TendingRow;
  track_lineage: TrackLineageRow;
  alert: AlertRow;
  evidence: EvidenceRow;
  verdict: VerdictRow;
  task: TaskRow;
  outbox: OutboxRow;
  app_user: UserRow;
}
